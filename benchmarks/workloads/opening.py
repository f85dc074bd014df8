"""Opening: 5,000 pages with a view that blocks, 50 at a time, until the last one shows its page.

Beside as many sockets of gevent-websocket, whose handshake is all that they need; ours say which page they want, and the view
starts, shows its tree, and waits for a click. In it is that browsers acknowledge the page, and no HTTP request for that. The
processor's time of the server, and the clock's; each round has processes of its own, which have opened fifty before. *Linear*: the
last thousand beside the first one. Peers open 500, as their browsers' scripts do; what scripts load before that is not in it, but
nicegui's page is, since the elements come in it, and with them the key for the socket.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.bench import Bench
from benchmarks.load import LIMIT
from benchmarks.results import Result, compare, fresh
from benchmarks.sites import LIBRARY, OURS, PEERS, TOGETHER, Site, acknowledge
from benchmarks.tabs.base import Tab

PART = 1000
PARTS = 5
PEER_TABS = 500
PEER_ROUNDS = 3
AT_MOST = 1.5


@dataclass(frozen=True, slots=True)
class Opened:
    """Seconds: of the clock, and of the server's processor for each part."""

    count: int
    seconds: float
    parts: Sequence[float]
    busy: float

    @property
    def each(self) -> float:
        """Microseconds of the server's processor for one."""
        return sum(self.parts) / self.count * 1e6


def measure(bench: Bench) -> Iterator[Result]:
    rounds = _take_turns((OURS, LIBRARY), bench.count(PART), PARTS, bench.rounds)
    ours = rounds[OURS]
    yield from _rows(f"opening {PART * PARTS:,} views", ours, rounds[LIBRARY], LIBRARY, AT_MOST)
    yield compare(
        "   the last thousand / the first one, CPU", "s",
        [opened.parts[-1] for opened in ours], [opened.parts[0] for opened in ours], at_most=1.2,
    )
    if bench.peers:
        rounds = _take_turns((OURS, *PEERS), bench.count(PEER_TABS), 1, min(bench.rounds, PEER_ROUNDS))
        for peer in PEERS:
            yield from _rows(f"opening {PEER_TABS} views", rounds[OURS], rounds[peer], peer, None)


def _take_turns(sites: Sequence[Site], part: int, parts: int, rounds: int) -> dict[Site, list[Opened]]:
    found: dict[Site, list[Opened]] = {site: [] for site in sites}
    for _ in range(rounds - 1):
        for site in sites:
            found[site].append(_open(site, part, parts))
    return {site: fresh(opened) for site, opened in found.items()}


def _open(site: Site, part: int, parts: int) -> Opened:
    with site.start() as program:
        before = site.open_tabs(program, TOGETHER)
        tabs: list[Tab] = []
        cpu = [program.cpu()]
        own, began = time.process_time(), time.perf_counter()
        for _ in range(parts):
            more = site.open_tabs(program, part)
            acknowledge(more)
            tabs += more
            cpu.append(program.cpu())
        seconds, own = time.perf_counter() - began, time.process_time() - own
        program.check()
        for tab in before + tabs:
            tab.close()
    return Opened(part * parts, seconds, [late - early for early, late in pairwise(cpu)], own / seconds)


def _rows(name: str, ours: Sequence[Opened], others: Sequence[Opened], other: Site, at_most: float | None) -> Iterator[Result]:
    busy = max(opened.busy for opened in (*ours, *others))
    remark = f"whoever opens was the limit ({busy:.0%} busy)" if busy > LIMIT else ""
    yield compare(
        f"{name}, CPU of one", "µs", [opened.each for opened in ours], [opened.each for opened in others],
        versus=other.name, at_most=at_most,
    )
    yield compare(
        f"{name}, by the clock", "s", [opened.seconds for opened in ours], [opened.seconds for opened in others],
        versus=other.name, at_most=at_most, remark=remark,
    )
