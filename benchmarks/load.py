"""What loads a server: tabs that click, from one thread over epoll.

*Closed*: each tab clicks as soon as it sees the answer. So a server is always busy, and what it needs for one click is its
processor's time by the number of clicks. *Paced*: clicks are made at their times, whoever is late; the clock of each starts at the
moment when it was due, so what waits for its turn is in the latency ("coordinated omission" is what leaves it out).

Every answer is read and has to be right: the page counts its clicks. A latency ends when the answer was read from the socket; what
it says is looked at afterwards. `busy` says how much of the time this process was at work; above `LIMIT` it is itself what is
measured. Paced, it spins before each click, and `late` tells how well that worked. Its garbage collector sleeps meanwhile.
"""

from __future__ import annotations

import gc
import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.processes import Program
from benchmarks.tabs.base import Tab, Wrong

LIMIT = 0.9
_PATIENCE = 30.0
_ROOM = 1 << 16                     # bytes read at once; above 128 KiB each read would map and clear new memory


@dataclass(slots=True)
class Load:
    """What came of it, in seconds; `cpu` is the server's for one click, `late` how much later than due each was sent."""

    clicks: int
    seconds: float
    cpu: float
    busy: float
    latencies: list[float] = field(repr=False)
    late: list[float] = field(repr=False)

    @property
    def rate(self) -> float:
        return self.clicks / self.seconds

    def percentile(self, percent: float) -> float:
        return percentile(self.latencies, percent)


def percentile(values: Sequence[float], percent: float) -> float:
    """So many of a hundred are below it, or as much."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


class Loader:
    """Clicks in `tabs` of one program, which nobody else uses meanwhile."""

    def __init__(self, program: Program, tabs: Sequence[Tab]) -> None:
        self._program = program
        self._tabs = {tab.sock.fileno(): tab for tab in tabs}
        self._epoll = select.epoll()
        self._due: dict[int, deque[float]] = {number: deque() for number in self._tabs}
        self._latencies: list[float] = []
        self._late: list[float] = []
        for number, tab in self._tabs.items():
            tab.sock.setblocking(False)
            self._epoll.register(number, select.EPOLLIN)

    def close(self) -> None:
        self._epoll.close()

    def closed(self, seconds: float) -> Load:
        """Each tab clicks again when its click has been answered, for so many seconds."""
        end = time.perf_counter() + seconds
        return self._closed(lambda tab, now: now < end)

    def counted(self, count: int) -> Load:
        """Each tab clicks again when its click has been answered, so many times."""
        last = {tab: tab.clicks + count for tab in self._tabs.values()}
        return self._closed(lambda tab, now: tab.clicks < last[tab])

    def _closed(self, once_more: Callable[[Tab, float], bool]) -> Load:
        def go_on(number: int, tab: Tab, now: float) -> None:
            if once_more(tab, now):
                self._click(number, tab, now)

        def run() -> None:
            for number, tab in self._tabs.items():
                self._click(number, tab, time.perf_counter())
            while any(self._due.values()):
                self._hear(go_on, _PATIENCE)

        return self._measure(run)

    def paced(self, rate: float, seconds: float) -> Load:
        """`rate` clicks a second, one tab after another, whoever is late."""
        def run() -> None:
            tabs = list(self._tabs.items())
            start = time.perf_counter()
            for place in range(int(rate * seconds)):
                due = start + place / rate
                while (left := due - time.perf_counter()) > 0:
                    # epoll rounds up to milliseconds; the last one is spun, or each click would be late.
                    self._hear(None, max(0.0, left - 0.001))
                number, tab = tabs[place % len(tabs)]
                self._click(number, tab, due)
            while any(self._due.values()):
                self._hear(None, _PATIENCE)

        return self._measure(run)

    def _measure(self, run: Callable[[], None]) -> Load:
        self._latencies, self._late = [], []
        gc.collect()
        gc.disable()
        try:
            before = self._program.cpu(), time.process_time(), time.perf_counter()
            run()
            self._acknowledge()
            after = self._program.cpu(), time.process_time(), time.perf_counter()
        finally:
            gc.enable()
        self._program.check()
        cpu, own, seconds = (late - early for late, early in zip(after, before, strict=True))
        clicks = len(self._latencies)
        return Load(clicks, seconds, cpu / clicks, own / seconds, self._latencies, self._late)

    def _acknowledge(self) -> None:
        """What browsers do within a second when nothing else goes to the server."""
        for tab in self._tabs.values():
            if (acknowledgement := tab.acknowledgement()) is not None:
                tab.sock.send(acknowledgement)

    def _click(self, number: int, tab: Tab, due: float) -> None:
        data = tab.click()
        self._late.append(time.perf_counter() - due)
        if tab.sock.send(data) != len(data):
            tab.wrong("it reads nothing")
        self._due[number].append(due)

    def _hear(self, answered: Callable[[int, Tab, float], None] | None, patience: float) -> None:
        """Read what has come, or wait so long for it."""
        ready = self._epoll.poll(patience)
        if not ready and patience == _PATIENCE:
            raise Wrong(f"no answer to {sum(map(len, self._due.values()))} clicks after {patience} s")
        for number, _ in ready:
            tab = self._tabs[number]
            data, arrived, before = tab.sock.recv(_ROOM), time.perf_counter(), tab.shown
            if not data:
                tab.wrong("the connection has ended")
            for payload in tab.feed(data):
                tab.hear(payload)
                if (reply := tab.reply(payload)) is not None:
                    tab.sock.send(reply)
            new = tab.shown - before
            if not new:
                continue
            due = self._due[number]
            if not 0 < new <= len(due):
                tab.wrong(f"its page shows {tab.shown} clicks, and {tab.clicks} were made")
            for _ in range(new):
                self._latencies.append(arrived - due.popleft())
            if answered is not None:
                answered(number, tab, time.perf_counter())
