"""A lock for greenlets and for real threads alike.

`gevent.lock.RLock` says that it is one, and is not (gevent 26.9): when several threads want it at once, `acquire` now and then ends
in an `IndexError` from inside of it. Here a native lock guards a few lines that never wait, and who has to wait does so as his
thread does: in a thread with a hub its other greenlets run on, in one without the thread sleeps. Whoever leaves hands the lock to
the one who waits longest, so that nobody starves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

import gevent
import greenlet
from gevent import monkey
from gevent.hub import Waiter

_RLock = monkey.get_original("_thread", "RLock")
_allocate_lock = monkey.get_original("_thread", "allocate_lock")
_get_hub_if_exists: Callable[[], Any] = gevent._hub_local.get_hub_if_exists          # Any: gevent names no type


class SharedLock:
    """Re-entrant; by `with` only. It belongs to the greenlet that entered, or to the thread when it runs no others."""

    __slots__ = ("_depth", "_holder", "_mutex", "_waiting")

    def __init__(self) -> None:
        self._mutex = _RLock()                          # held for a few lines; re-entrant for a finalizer that runs in them
        self._holder: greenlet.greenlet | None = None
        self._depth = 0
        self._waiting: deque[_Place] = deque()

    def __enter__(self) -> SharedLock:
        me = greenlet.getcurrent()
        if self._holder is not me:                      # nobody else makes it so, or not so
            with self._mutex:
                place = None if self._holder is None else _Place(me)
                if place is None:
                    self._holder = me
                else:
                    self._waiting.append(place)
            if place is not None:
                self._wait(place)
        self._depth += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._depth -= 1
        if not self._depth:
            self._hand_on()

    def _wait(self, place: _Place) -> None:
        try:
            place.wait()
        except BaseException:                           # killed while waiting; it may have got the lock in the same moment
            with self._mutex:
                got = self._holder is place.greenlet
                if not got:
                    self._waiting.remove(place)
            if got:
                self._hand_on()
            raise
        finally:
            place.close()

    def _hand_on(self) -> None:
        with self._mutex:
            if not self._waiting:
                self._holder = None
                return
            following = self._waiting.popleft()
            self._holder = following.greenlet
            following.wake()                            # in here: else it might be killed, and its watcher closed, before that


class _Place:
    """Where one greenlet or thread waits."""

    __slots__ = ("_native", "_waiter", "_watcher", "greenlet")

    def __init__(self, me: greenlet.greenlet) -> None:
        self.greenlet = me
        hub = _get_hub_if_exists()
        self._watcher = None if hub is None else hub.loop.async_()
        if self._watcher is not None:
            self._waiter: Waiter[None] = Waiter(hub)
            self._watcher.start(self._waiter.switch, None)
        else:
            self._native = _allocate_lock()
            self._native.acquire()

    def wait(self) -> None:
        if self._watcher is not None:
            self._waiter.get()
        else:
            self._native.acquire()

    def wake(self) -> None:
        """In any thread."""
        if self._watcher is not None:
            self._watcher.send()
        else:
            self._native.release()

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
