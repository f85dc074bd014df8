"""Tabs that listen to what a server publishes, read from one thread over epoll, and what that costs the server.

`GET /publish?count=N` has the program send the next N numbers to all of them. *One by one*: the next number is asked for when every
tab shows the last one, so there is never anything to merge. *Burst*: so many at once, without a pause.

Every message is read: numbers never go back, one by one none is left out, and each tab ends on the last one.
"""

from __future__ import annotations

import http.client
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.processes import Program
from benchmarks.sites import acknowledge
from benchmarks.tabs.base import Tab, Wrong

_PATIENCE = 60.0
_ROOM = 1 << 16                     # bytes read at once; above 128 KiB each read would map and clear new memory


@dataclass(frozen=True, slots=True)
class Heard:
    """A state is a number in a tab, also one that was merged with a later one; `frames` came. `cpu` and `seconds` are of all."""

    states: int
    frames: int
    seconds: float
    cpu: float
    busy: float

    @property
    def rate(self) -> float:
        """States a second, by the clock."""
        return self.states / self.seconds

    @property
    def capacity(self) -> float:
        """States for a second of the server's processor."""
        return self.states / self.cpu


class Listeners:
    """`tabs` of one program, which show 0 at the start and which nobody else uses."""

    def __init__(self, program: Program, tabs: Sequence[Tab]) -> None:
        self._program = program
        self._tabs = {tab.sock.fileno(): tab for tab in tabs}
        self._epoll = select.epoll()
        self._publisher = http.client.HTTPConnection("127.0.0.1", program.port, timeout=_PATIENCE)
        self._last = 0                      # the number that was published last
        self._frames = 0
        for number, tab in self._tabs.items():
            tab.sock.setblocking(False)
            self._epoll.register(number, select.EPOLLIN)

    def close(self) -> None:
        self._epoll.close()
        self._publisher.close()

    def one_by_one(self, count: int) -> Heard:
        heard = self._measure(count, lambda: [self._publish(1) for _ in range(count)])
        if heard.frames != heard.states:
            site = next(iter(self._tabs.values())).site
            raise Wrong(f"{site}: {heard.states} states in {heard.frames} frames, and none can be merged")
        return heard

    def bursts(self, size: int, count: int) -> Heard:
        return self._measure(size * count, lambda: [self._publish(size) for _ in range(count)])

    def _measure(self, count: int, run: Callable[[], object]) -> Heard:
        self._frames = 0
        self._publisher.close()             # its server may have, while others were measured; the next request opens one
        before = self._program.cpu(), time.process_time(), time.perf_counter()
        run()
        acknowledge(self._tabs.values())
        after = self._program.cpu(), time.process_time(), time.perf_counter()
        self._program.check()
        cpu, own, seconds = (late - early for late, early in zip(after, before, strict=True))
        return Heard(count * len(self._tabs), self._frames, seconds, cpu, own / seconds)

    def _publish(self, count: int) -> None:
        """Until every tab shows the last number."""
        self._last += count
        self._publisher.request("GET", f"/publish?count={count}")
        left = len(self._tabs)
        while left:
            ready = self._epoll.poll(_PATIENCE)
            if not ready:
                raise Wrong(f"{left} tabs do not show {self._last} after {_PATIENCE} s")
            for number, _ in ready:
                left -= self._hear(self._tabs[number])
        response = self._publisher.getresponse()
        body = response.read()
        if response.status != 200:
            raise Wrong(f"GET /publish is answered by {response.status}: {body[:200]!r}")

    def _hear(self, tab: Tab) -> bool:
        """Read what has come; True when the tab shows the last number now."""
        data = tab.sock.recv(_ROOM)
        if not data:
            tab.wrong("the connection has ended")
        before = tab.shown
        for payload in tab.feed(data):
            shown = tab.shown
            tab.hear(payload)
            if (reply := tab.reply(payload)) is not None:
                tab.sock.send(reply)
            self._frames += tab.shown != shown
            if not shown <= tab.shown <= self._last:
                tab.wrong(f"it shows {tab.shown} after {shown}, and {self._last} is the last one")
        return before != tab.shown == self._last
