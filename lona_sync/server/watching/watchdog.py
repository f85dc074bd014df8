"""A real thread that notices when one greenlet keeps all others from running, and says whose and at which line.

Whoever computes for 300 ms, or calls code that gevent has not patched, stops the whole process for so long, and nothing in the
process that waits for its turn can tell. So a thread looks, and two watchers of the event loop tell it what to look at: one notes
when a turn of the loop begins, one when all that was ready has run. They cost 0.4 µs a turn and none while the loop is idle; the
thread wakes up twice in `limit` seconds. (Pinging the loop from the thread would wake an idle process for nothing, and would
measure no better than its interval. `greenlet.settrace` costs at each switch, and there can be one tracer only.)

What is not a block:
* A turn in which thousands of greenlets ran for a little each. It is counted, since nobody was heard meanwhile, but nobody is
  blamed: the thread looks several times, and more often than not the same call must run.
* A process that was stopped (SIGSTOP, a debugger, a machine that is overcommitted). Then this thread did not run either, and the
  process used no CPU: that time does not count. So of code that sleeps and holds the interpreter meanwhile nothing is noticed.

The thread only looks. What it has found is logged by a greenlet, when there are such again; but of a block that lasts for long the
thread says so itself, since it may never end.
"""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import gevent
from gevent import monkey

from .suspect import Suspect

logger = logging.getLogger("lona_sync.server.watchdog")

#: A block so many times longer than the limit is reported before it ends.
LONG = 10
#: Seconds in which one function is named once; it comes with the number of times that it was not.
LOG_SECONDS = 60.0
#: Functions that are remembered for that.
MAX_SUSPECTS = 100
#: Seconds in the past that `lag` is about, at least; at most it is twice as long.
LAG_SECONDS = 10.0
#: Turns that were too long and that the thread has not looked at yet. It does so within `limit` seconds.
_MAX_TURNS = 1000
_MAX_ABSENCES = 16

# The real ones: the patched ones tell and make greenlets.
_get_ident: Callable[[], int] = monkey.get_original("_thread", "get_ident")
_start_thread: Callable[..., int] = monkey.get_original("_thread", "start_new_thread")
_allocate_lock: Callable[[], Any] = monkey.get_original("_thread", "allocate_lock")      # Any: `_thread.LockType`


class Pulse:
    """What the loop tells: when the turn that runs began (0: it is idle), and those that were too long."""

    __slots__ = ("busy", "clock", "limit", "longest", "since", "too_long")

    def __init__(self, limit: float, clock: Callable[[], float]) -> None:
        self.limit = limit
        self.clock = clock
        self.since = 0.0
        self.busy = 0.0                                    # seconds, ever
        self.longest = (0.0, 0.0)                          # since somebody has looked: when it began, and how long it was
        self.too_long: deque[tuple[float, float]] = deque(maxlen=_MAX_TURNS)     # when each began, and how long it was

    def begin(self) -> None:
        self.since = self.clock()

    def end(self) -> None:
        if self.since:
            took = self.clock() - self.since
            self.busy += took
            if took > self.longest[1]:
                self.longest = self.since, took
            if took > self.limit:
                self.too_long.append((self.since, took))     # before it is over: who sees the loop idle has seen this, too
            self.since = 0.0


@dataclass(slots=True, eq=False, repr=False)
class _Seen:
    """A call that ran when somebody looked: the outermost frame, what it was at last, and how often it was seen."""
    call: object
    suspect: Suspect
    times: int = 1


@dataclass(slots=True, eq=False, repr=False)
class _Repeats:
    logged: float = 0.0
    times: int = 0                   # since then
    seconds: float = 0.0


@dataclass(eq=False, repr=False)
class Watch:
    """What the thread knows; all of it in one place, that needs no thread. `look()`: what runs in the hub's thread now.

    `counters` gets "hub.blocked". Times are of `clock`; `cpu` is the seconds of CPU that the process has used.
    """
    limit: float
    pulse: Pulse
    look: Callable[[], tuple[object, Suspect] | None]
    report: Callable[[str], object]                        # a block that is over
    report_now: Callable[[str], object]                    # one that lasts
    counters: Counter[str]
    clock: Callable[[], float] = time.monotonic
    cpu: Callable[[], float] = time.process_time
    lag_max: float = 0.0
    _lags: tuple[float, float] = (0.0, 0.0)                # of this period, and of the one before
    _lags_since: float = 0.0
    _turn: float = 0.0                                     # that was looked at last
    _seen: list[_Seen] = field(default_factory=list)       # in that; the latest is the last
    _told: float = 0.0                                     # the turn that was reported while it lasted
    _absences: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_MAX_ABSENCES))
    _suspects: dict[str, _Repeats] = field(default_factory=dict)
    _woke: float = 0.0
    _asked: float = 0.0
    _cpu: float = 0.0

    @property
    def holds(self) -> int:
        """How many stacks, and so objects of the user's, it holds: none while the loop is idle."""
        return len(self._seen)

    @property
    def lag(self) -> float:
        """Seconds of the longest turn in the last ten to twenty seconds: so long may whoever came have waited."""
        return max(self._lags)

    def tick(self) -> float:
        """Look once; in how many seconds to look again."""
        now, cpu = self.clock(), self.cpu()
        self._note_absence(now, cpu)
        since = self.pulse.since
        longest, self.pulse.longest = self.pulse.longest, (0.0, 0.0)
        self._lagged(now, self._without_absences(*longest))
        while self.pulse.too_long:
            self._over(*self.pulse.too_long.popleft())
        if since != self._turn:
            self._turn = since
            self._seen.clear()                             # they hold frames, and so the user's objects
        # At least a little: what is left to the limit may be less than the clock can tell.
        pause = max(self._look_at(since, now), self.limit / 20) if since else self.limit / 2
        self._woke, self._asked, self._cpu = now, pause, cpu
        return pause

    def _note_absence(self, now: float, cpu: float) -> None:
        """Find out whether the process was stopped, or did not get its share of the machine, since the last look."""
        late = now - self._woke - self._asked - (cpu - self._cpu)
        if self._woke and late > self.limit / 4:
            self._absences.append((now - late, now))

    def _look_at(self, since: float, now: float) -> float:
        age = self._without_absences(since, now - since)
        if age < self.limit / 2:
            return self.limit / 2 - age                    # so the first look is then, and the second one at the limit
        found = self.look()
        if found is not None and self.pulse.since == since:              # else it has ended in this moment
            self._note(*found)
        if age < self.limit:
            return self.limit - age
        if age >= LONG * self.limit and self._told != since:
            self._told = since
            self.report_now(f"the hub has been blocked for {age:.1f} s, and still is, by {self._culprit(since)[1]}")
        return self.limit / 2

    def _note(self, call: object, suspect: Suspect) -> None:
        for seen in self._seen:
            if seen.call is call:
                seen.suspect = suspect
                seen.times += 1
                return
        self._seen.append(_Seen(call, suspect))
        del self._seen[:-MAX_SUSPECTS]

    def _over(self, since: float, took: float) -> None:
        """A turn that was too long has ended."""
        seconds = self._without_absences(since, took)
        if seconds < self.limit:
            return
        self.counters["hub.blocked"] += 1
        suspect, name = self._culprit(since)
        repeats = self._suspects.get(suspect)
        if repeats is None:
            if len(self._suspects) >= MAX_SUSPECTS:
                del self._suspects[next(iter(self._suspects))]
            repeats = self._suspects[suspect] = _Repeats()
        now = self.clock()
        if repeats.logged and now - repeats.logged < LOG_SECONDS and self._told != since:
            repeats.times += 1
            repeats.seconds += seconds
            return
        more = f"; {repeats.times} times more since it was named last, {repeats.seconds:.2f} s in all" if repeats.times else ""
        repeats.logged, repeats.times, repeats.seconds = now, 0, 0.0
        self.report(f"the hub was blocked for {seconds:.2f} s by {name}{more}")

    def _culprit(self, turn: float) -> tuple[str, str]:
        """The function that is to blame, and words for it."""
        if not self._seen or turn != self._turn:
            return "", "code that was over, or held the interpreter, before anybody could look"
        most = max(self._seen, key=lambda seen: seen.times)
        suspect = most.suspect
        if most.times * 2 <= sum(seen.times for seen in self._seen):
            return "*", f"many greenlets that ran for a little each; one of them was at {suspect.place}"
        return suspect.function, f"{suspect.view}: {suspect.place}" if suspect.view else suspect.place

    def _without_absences(self, since: float, took: float) -> float:
        """Seconds of a turn in which the process really ran."""
        return took - sum(max(0.0, min(since + took, end) - max(since, begin)) for begin, end in self._absences)

    def _lagged(self, now: float, longest: float) -> None:
        if now - self._lags_since >= LAG_SECONDS:
            self._lags = (0.0, self._lags[0] if now - self._lags_since < 2 * LAG_SECONDS else 0.0)
            self._lags_since = now
        self._lags = (max(self._lags[0], longest), self._lags[1])
        self.lag_max = max(self.lag_max, longest)


class Watchdog:
    """Watches the hub of the thread that starts it. `suspect(frame)` says what a stack is about; it is called in the thread."""

    def __init__(self, *, limit: float, counters: Counter[str], suspect: Callable[[FrameType], Suspect]) -> None:
        self._suspect = suspect
        self._pulse = Pulse(limit, time.monotonic)
        self._watch = Watch(
            limit, self._pulse, look=self._look, report=self._report, report_now=logger.error, counters=counters,
        )
        self._hub: gevent.hub.Hub | None = None
        self._thread = 0                                   # the hub's
        self._watchers: list[Any] = []                     # Any: watchers of libev
        self._end = _allocate_lock()
        self._ended = _allocate_lock()

    @property
    def lag(self) -> float:
        """See `Watch.lag`."""
        return self._watch.lag

    @property
    def lag_max(self) -> float:
        """Seconds of the longest turn since the start."""
        return self._watch.lag_max

    @property
    def busy(self) -> float:
        """Seconds in which the hub was not idle since the start."""
        return self._pulse.busy

    def start(self) -> None:
        """Begin to watch. Never waits."""
        self._hub = gevent.get_hub()
        self._thread = _get_ident()
        loop: Any = self._hub.loop                         # Any: the stubs do not know priorities
        begin, end = loop.check(ref=False), loop.prepare(ref=False)
        begin.priority, end.priority = loop.MAXPRI, loop.MINPRI      # around all others
        begin.start(self._pulse.begin)
        end.start(self._pulse.end)
        self._pulse.begin()                                # who calls this is in the middle of a turn
        # A callback of the loop, though, is past the place where that turn would end. So the loop shall come round once.
        once = loop.timer(0.0, ref=False)
        once.start(once.stop)
        self._watchers = [begin, end, once]
        self._end.acquire()
        self._ended.acquire()
        _start_thread(self._run, ())

    def stop(self) -> None:
        """End it. Waits for no more than one look of the thread."""
        if self._watchers:
            for watcher in self._watchers:
                watcher.close()
            self._watchers = []
            self._end.release()
            self._ended.acquire(True, 1.0)                 # it may be logging; a thread that is left over ends by itself

    def _run(self) -> None:
        """The thread."""
        try:
            pause = self._watch.tick()
            while not self._end.acquire(True, pause):
                pause = self._watch.tick()
        finally:
            self._ended.release()

    def _look(self) -> tuple[object, Suspect] | None:
        # Python makes an object of each frame when somebody asks for it. If that made it look for garbage, in this thread, a
        # finalizer could let the hub's thread run on, and return from that frame: the object would be one of memory that is used
        # for something else by then (CPython 3.11 crashes).
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            return self._look_undisturbed()
        finally:
            if was_enabled:
                gc.enable()

    def _look_undisturbed(self) -> tuple[object, Suspect] | None:
        frame = sys._current_frames().get(self._thread)
        if frame is None:
            return None
        outermost = frame
        while outermost.f_back is not None:
            outermost = outermost.f_back
        return outermost, self._suspect(frame)

    def _report(self, text: str) -> None:
        loop = self._hub.loop if self._hub is not None else None
        if loop is not None:                               # None: the process is about to end
            loop.run_callback_threadsafe(gevent.spawn, logger.warning, "%s", text)
