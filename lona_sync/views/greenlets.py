"""What runs of one view: its tasks, and guests that work for it at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import greenlet

from ..errors import StopReason
from .clock import Clock, time_limit
from .tasks import Task


class Greenlets:
    """A set. `ended(each)` is called when one of them has ended, or has gone on to work for somebody else."""

    __slots__ = ("_clock", "_ended", "_running")

    def __init__(self, ended: Callable[[greenlet.greenlet], object], clock: Clock) -> None:
        self._clock = clock
        self._ended = ended
        self._running: set[greenlet.greenlet] = set()

    def __contains__(self, each: greenlet.greenlet) -> bool:
        return each in self._running

    def __iter__(self) -> Iterator[greenlet.greenlet]:
        return iter(set(self._running))

    def __len__(self) -> int:
        return len(self._running)

    def start(self, task: Task[Any]) -> None:              # Any: whatever it returns
        """Begin `task`, soon. It leaves by itself at its end, also when it is killed before it began."""
        self._running.add(task)
        task.rawlink(self.leave)
        task.start()

    def enter(self, guest: greenlet.greenlet) -> None:
        """A channel's drainer works for the view now, and is to be stopped with it."""
        self._running.add(guest)

    def leave(self, each: greenlet.greenlet) -> None:
        self._running.discard(each)
        self._ended(each)

    def kill(self, reason: StopReason) -> None:
        """Throw a copy of `reason` into each, soon; what has not begun never will. Never waits."""
        for each in self._running:
            if isinstance(each, Task):
                each.kill(reason.copy(), block=False)
            else:
                gevent.get_hub().loop.run_callback(self._throw, each, reason)

    def join(self, timeout: float) -> int:
        """Wait until none is left; what still runs after `timeout` seconds is forgotten. How many these were."""
        with time_limit(self._clock, timeout) as limit:
            try:
                gevent.joinall([each for each in self._running if isinstance(each, gevent.Greenlet)])
            except gevent.Timeout as passed:
                if passed is not limit:
                    raise
        abandoned = len(self._running)
        self._running.clear()
        return abandoned

    def _throw(self, guest: greenlet.greenlet, reason: StopReason) -> None:
        if guest in self._running:                    # else it has gone on to work for another view
            guest.throw(reason.copy())
