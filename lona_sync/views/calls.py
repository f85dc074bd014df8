"""What real threads ask of a view: calls that run in its turn, in the hub's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import gevent

from .turn import Turn


class Host(Protocol):
    """What the calls need of the runtime that they are made to."""

    @property
    def stopped(self) -> bool: ...

    def show_changes(self) -> None: ...

    def crash(self, error: Exception) -> None: ...


class Calls:
    """At most `limit` wait. Made in the hub's thread; `put` may be called in any."""

    __slots__ = ("_due", "_host", "_hub", "_limit", "_turn", "_waiting")

    def __init__(self, *, host: Host, turn: Turn, limit: int) -> None:
        self._host = host
        self._turn = turn
        self._limit = limit
        self._hub = gevent.get_hub()
        self._waiting: list[tuple[Callable[..., object], tuple[Any, ...]]] = []      # Any: what the function takes
        self._due = False                              # somebody has been told to run them, and has not begun yet

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, function: Callable[..., object], args: tuple[Any, ...]) -> bool:
        """Have `function(*args)` called soon; False when the limit is reached. Never waits; one wake-up for many calls."""
        if len(self._waiting) >= self._limit:
            return False
        # In this order. Whoever looks at the queue first may find it not empty, be interrupted while the hub empties it, and
        # then append what nobody looks for any more.
        self._waiting.append((function, args))
        if not self._due:
            self._due = True
            self._hub.loop.run_callback_threadsafe(self._take)
        return True

    def clear(self) -> None:
        """What has not begun never will: the view has stopped, or another one stands in, which makes calls of its own.

        Nor will `_run`, if it waits for its turn: that is cleared, too.
        """
        self._waiting.clear()
        self._due = False

    def _take(self) -> None:
        if self._host.stopped:
            self._waiting.clear()
        else:
            self._turn.later(self._run)

    def _run(self) -> None:
        """What was queued at its start, in the view's turn; calls that wait give it away, so several of these may be at work."""
        self._due = False
        try:
            for _ in range(len(self._waiting)):
                if not self._waiting:                  # taken by another one while a call waited
                    break
                function, args = self._waiting.pop(0)
                function(*args)
            self._host.show_changes()
        except Exception as error:
            self._host.crash(error)
        finally:
            if self._waiting and not self._due:        # came meanwhile, or a call ended this greenlet
                self._due = True
                self._take()
