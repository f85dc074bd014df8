"""`node.lock`: for user code that wants several steps seen as one, across calls that wait."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import greenlet
from gevent.lock import RLock


class ViewLock:
    """Re-entrant. `guard` refuses real threads; `released` is called when nobody holds it any more.

    `wait(acquire, undo)` calls `acquire`, which waits, with the view's turn given away: who holds the lock may be waiting for that
    turn. `undo` is called when it got the lock and cannot have the turn.
    """

    __slots__ = ("_depth", "_guard", "_holder", "_lock", "_released", "_wait")

    def __init__(
        self, *, guard: Callable[[], None], wait: Callable[[Callable[[], object], Callable[[object], None]], object],
        released: Callable[[], None],
    ) -> None:
        self._guard = guard
        self._wait = wait
        self._released = released
        self._lock = RLock()
        self._holder: greenlet.greenlet | None = None
        self._depth = 0

    def held_elsewhere(self) -> bool:
        """True while another greenlet than the running one holds it."""
        return self._holder is not None and self._holder is not greenlet.getcurrent()

    def __enter__(self) -> ViewLock:
        self._guard()
        if not self._lock.acquire(blocking=False):
            self._wait(self._lock.acquire, lambda got: self._lock.release())
        self._holder = greenlet.getcurrent()
        self._depth += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._holder = None
        self._lock.release()
        if self._holder is None:
            self._released()
