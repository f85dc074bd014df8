"""One direction of a socket in a test: what goes in comes out whole and in order, at once or some time later."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from ..views.clock import Clock, Timer

T = TypeVar("T")


class Lane(Generic[T]):
    """`deliver(item)` is called in `put` when nothing delays it, else by the event loop; then `failed` hears what it raises."""

    def __init__(self, clock: Clock, deliver: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
        self._clock = clock
        self._deliver = deliver
        self._failed = failed
        self._waiting: deque[tuple[float, T, int]] = deque()     # when it is due, and its bytes
        self._timer: Timer | None = None                         # for the first one
        self.bytes = 0                                           # on their way

    def put(self, item: T, seconds: float, size: int = 0) -> None:
        """It comes out after so many seconds, and after all that is on its way already."""
        if not self._waiting and seconds <= 0:
            self._deliver(item)
            return
        now = self._clock.now()
        due = max(now + seconds, self._waiting[-1][0] if self._waiting else now)
        self._waiting.append((due, item, size))
        self.bytes += size
        if self._timer is None:
            self._wait()

    def hurry(self) -> None:
        """All that is on its way comes out now."""
        self._stop()
        while self._waiting:
            self._next()
        self._stop()

    def clear(self) -> int:
        """What is on its way is lost; how many these were."""
        lost = len(self._waiting)
        self._waiting.clear()
        self.bytes = 0
        self._stop()
        return lost

    def _wait(self) -> None:
        self._timer = self._clock.timer(self._waiting[0][0] - self._clock.now(), self._ring)

    def _ring(self) -> None:
        self._timer = None
        try:
            self._next()
        except Exception as error:
            self._failed(error)
        if self._waiting and self._timer is None:
            self._wait()

    def _next(self) -> None:
        _, item, size = self._waiting.popleft()
        self.bytes -= size
        self._deliver(item)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.close()
            self._timer = None
