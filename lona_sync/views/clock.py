"""The time that views live in: what it is, what is to happen later, and sleep.

Whatever a view or its browser waits for by the clock asks it here, so that a test can put another one in its place, in which a
day passes at once (`testing/clock.py`). What measures work (the bursts of a turn and of channels) does not belong here, nor do
the limits of a socket.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import gevent
import greenlet

from ..pause import MOMENT


class Timer(Protocol):
    """What is to happen later."""

    def close(self) -> None:
        """It will not happen; or it has, and nothing changes. Any number of times."""


class Clock(Protocol):
    """Made for one thread, that of the hub. Seconds below 0 count as 0."""

    def now(self) -> float:
        """Seconds since whenever; never goes back."""

    def timer(self, seconds: float, call: Callable[..., object], *args: Any) -> Timer:     # Any: what `call` takes
        """Call `call(*args)` after so many seconds, as a callback of the event loop. Never waits."""

    def idle_timer(self, seconds: float, call: Callable[..., object], *args: Any) -> Timer:
        """The same, for what nobody waits for: a process with nothing else to come ends before that."""

    def sleep(self, seconds: float) -> None:
        """Wait, at least until all others who are ready have run."""


class RealClock:
    """The one of the event loop."""

    __slots__ = ()
    now = staticmethod(time.monotonic)               # itself, not a method that calls it: every wait of a view comes through here

    def sleep(self, seconds: float) -> None:
        gevent.sleep(seconds if seconds > MOMENT else MOMENT)

    def timer(self, seconds: float, call: Callable[..., object], *args: Any) -> Timer:
        timer = gevent.get_hub().loop.timer(max(0.0, seconds))
        # The loop's own idea of now is from before the running greenlet has computed for a second.
        timer.start(call, *args, update=True)
        return timer

    def idle_timer(self, seconds: float, call: Callable[..., object], *args: Any) -> Timer:
        timer = gevent.get_hub().loop.timer(max(0.0, seconds), ref=False)
        timer.start(call, *args, update=True)
        return timer


@contextmanager
def time_limit(clock: Clock, seconds: float | None) -> Iterator[gevent.Timeout]:
    """Raise a `gevent.Timeout` in the running greenlet when the block takes longer; it is the one that the block gets. None: never.

    gevent's own would know one clock only.
    """
    passed = gevent.Timeout()
    if seconds is None:
        yield passed
        return
    timer = clock.timer(seconds, greenlet.getcurrent().throw, passed)
    try:
        yield passed
    finally:
        timer.close()
