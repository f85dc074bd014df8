"""The time of a test's views: a day passes at once.

    client.clock.advance(hours=24)

Before the first `advance` (or `stop`) it goes with real time, so a test that does not touch it sees nothing of it. From then on it
stands still between two calls. While it is advanced, what is due happens in the order of its time; each at its own `now()`, and
before the next one everything comes to rest. So a loop of `self.sleep(1)` takes 86,400 turns in a day, and two views that sleep for
different times alternate as they would.

Time is kept in whole nanoseconds: three sleeps of 0.1 s are over when 0.3 s have passed, which in floats they are not.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.hub import Waiter

from ..views.clock import RealClock, Timer

MAX_ALARMS = 1_000_000           # in one `advance`: a loop of sleep(0.1) takes fewer in a day, and a quarter of a minute for it
REST_SECONDS = 10.0              # of real time; nothing that comes to rest at all computes for so long

_NANOSECOND = 1_000_000_000
_NEVER = 1e12                    # seconds; timeout=math.inf


class VirtualClock:
    """What all views that one `Client` opens live by; several clients share one by `Client(app, clock=first.clock)`.

    On it are `View.sleep`, every `timeout=` of the view's methods, and the settings that concern a view or its connection:
    `RESUME_TIMEOUT`, `STOP_TIMEOUT`, `SEND_TIMEOUT`, `ACK_DELAY`. Not on it: views that answer plain HTTP requests, since who waits
    for the answer cannot advance; the expiry of channel messages, which is a time that other processes know, too; and what you
    get elsewhere (`time.sleep`, `gevent.sleep`, `gevent.Timeout`, `time.time`, `run_blocking`).
    """

    def __init__(self) -> None:
        self._real = RealClock()
        self._began = time.monotonic_ns()
        self._stopped: int | None = None             # the time in nanoseconds since then; None: it goes with real time
        self._advancing = False
        self._number = itertools.count()             # of two alarms at one time, the one that was set first comes first
        self._running: set[_Alarm] = set()           # while it goes with real time
        self._heap: list[tuple[int, int, _Alarm]] = []        # while it does not; some may have been closed
        self._closed = 0                             # how many have

    def __repr__(self) -> str:
        return f"<VirtualClock {self.now():.9g} s, {'goes' if self._stopped is None else 'stands still'}>"

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        return self._stopped is not None

    def now(self) -> float:
        """Seconds since it was made."""
        return self._time() / _NANOSECOND

    def stop(self) -> None:
        """Let it stand still from now on, until it is advanced."""
        if self._stopped is None:
            self._stopped = self._time()
            for alarm in sorted(self._running, key=lambda each: (each.due, each.number)):
                alarm.stop()
                self._add(alarm)
            self._running = set()

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0) -> None:
        """Let so much time pass, and wait until all that is due by then has happened and come to rest.

        At rest is what waits for time, a browser, a network or a real thread. Raises RuntimeError when something never does, and
        when another greenlet is at it. For the test, not for its views.
        """
        span = _nanoseconds(seconds + 60 * minutes + 3600 * hours + 86_400 * days)
        if self._advancing:
            raise RuntimeError("this clock is being advanced already, by another greenlet")
        self._advancing = True
        try:
            self.stop()
            assert self._stopped is not None
            end = self._stopped + span
            rest()
            for _ in range(MAX_ALARMS):
                alarm = self._next(end)
                if alarm is None:
                    self._stopped = end
                    return
                self._stopped = max(self._stopped, alarm.due)
                gevent.get_hub().loop.run_callback(alarm.ring)       # not here: what it does belongs into the event loop
                rest()
            raise RuntimeError(
                f"{MAX_ALARMS} timers have ended, and it is {self.now():.9g} s only. Does a view sleep for next to no time? "
                "If it is meant to, advance() in smaller steps."
            )
        finally:
            self._advancing = False

    # What views ask (`views.clock.Clock`).

    def timer(self, seconds: float, call: Callable[..., object], *args: Any) -> Timer:
        alarm = self._alarm(seconds, call, args)
        if self._stopped is None:
            self._running.add(alarm)
            alarm.start(self._real.timer(seconds, alarm.ring))
        else:
            self._add(alarm)
        return alarm

    def idle_timer(self, seconds: float, call: Callable[..., object], *args: Any) -> Timer:
        if self._stopped is not None:
            return self.timer(seconds, call, *args)
        alarm = self._alarm(seconds, call, args)
        self._running.add(alarm)
        alarm.start(self._real.idle_timer(seconds, alarm.ring))
        return alarm

    def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            gevent.sleep(0)
            return
        waiter: Waiter[None] = Waiter()
        timer = self.timer(seconds, waiter.switch, None)
        try:
            waiter.get()
        finally:
            timer.close()

    # Inside.

    def over(self, alarm: _Alarm) -> None:
        """The alarm has rung or was closed."""
        if self._stopped is None:
            self._running.discard(alarm)
        elif alarm.in_heap:
            self._closed += 1
            # A day of await_click(timeout=3600), a click each second, would keep them all for an hour.
            if self._closed > 100 and self._closed * 2 > len(self._heap):
                self._heap = [entry for entry in self._heap if not entry[2].is_over]
                heapq.heapify(self._heap)
                self._closed = 0

    def _time(self) -> int:
        return time.monotonic_ns() - self._began if self._stopped is None else self._stopped

    def _alarm(self, seconds: float, call: Callable[..., object], args: tuple[Any, ...]) -> _Alarm:
        due = self._time() + _nanoseconds(min(max(0.0, seconds), _NEVER))
        return _Alarm(self, due, next(self._number), call, args)

    def _add(self, alarm: _Alarm) -> None:
        assert self._stopped is not None
        if alarm.due <= self._stopped:
            gevent.get_hub().loop.run_callback(alarm.ring)           # nobody advances a clock by nothing
        else:
            heapq.heappush(self._heap, (alarm.due, alarm.number, alarm))
            alarm.in_heap = True

    def _next(self, end: int) -> _Alarm | None:
        while self._heap and self._heap[0][0] <= end:
            _, _, alarm = heapq.heappop(self._heap)
            alarm.in_heap = False
            if not alarm.is_over:
                return alarm
            self._closed -= 1
        return None


class _Alarm:
    """One timer. `ring` calls what was asked for, once."""

    __slots__ = ("_args", "_call", "_clock", "_real", "due", "in_heap", "is_over", "number")

    def __init__(self, clock: VirtualClock, due: int, number: int, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._clock = clock
        self._call = call
        self._args = args
        self._real: Timer | None = None
        self.due = due
        self.number = number
        self.is_over = False
        self.in_heap = False

    def start(self, real: Timer) -> None:
        """It goes with real time, by this timer."""
        self._real = real

    def stop(self) -> None:
        """It does not any more."""
        if self._real is not None:
            self._real.close()
            self._real = None

    def ring(self) -> None:
        if not self.is_over:
            call, args = self._call, self._args
            self.close()
            call(*args)

    def close(self) -> None:
        if not self.is_over:
            self.is_over = True
            self._call, self._args = _nothing, ()            # it may stay in the heap, and whose it was may not
            self.stop()
            self._clock.over(self)


def _nothing() -> None:
    """What a timer calls that is over."""


def _nanoseconds(seconds: float) -> int:
    if not 0 <= seconds < math.inf:
        raise ValueError(f"time passes by a finite number of seconds, 0 or more, not by {seconds!r}")
    return round(seconds * _NANOSECOND)


def rest() -> None:
    """Wait until nothing in this process is ready to run: all waits for time, a browser, a network or a real thread."""
    busy = gevent.Timeout(REST_SECONDS)
    try:
        with busy:
            gevent.idle()
    except gevent.Timeout as passed:
        if passed is not busy:
            raise
        raise RuntimeError(f"something still runs after {REST_SECONDS} s of real time: a view that never waits?") from None
