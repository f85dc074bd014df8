"""Click → patch: a tab clicks, a view that blocks in `await_click` wakes, changes a text, shows it, and the tab reads it.

*Closed loop*, with 1, 10, 100 and 1,000 tabs, each of which clicks again at once: the processor's time of the server for one click.
The floors echo the same bytes; peers do the same as we do, as their documentation shows it. All programs run at the same time and
are loaded in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench
from benchmarks.load import LIMIT, Load, Loader
from benchmarks.results import Result, compare
from benchmarks.sites import FLOOR, LIBRARY, OURS, PEERS, Site

CLIENTS = (1, 10, 100, 1000)
#: Tabs with which peers are compared.
USUAL = 100
WINDOW = 2.0                        # seconds


def measure(bench: Bench) -> Iterator[Result]:
    for clients in map(bench.count, CLIENTS):
        peers = PEERS if bench.peers and clients in (USUAL, bench.count(USUAL)) else ()
        loads = take_turns(bench, clients, (OURS, FLOOR, LIBRARY, *peers))
        ours = [load.cpu * 1e6 for load in loads[OURS]]
        for other in (FLOOR, LIBRARY, *peers):
            yield compare(
                f"click → patch, {clients} clients, CPU of one", "µs", ours, [load.cpu * 1e6 for load in loads[other]],
                versus=other.name, remark=remark(loads[OURS] + loads[other]), at_most=_target(clients, other),
            )


def take_turns(bench: Bench, clients: int, sites: Sequence[Site]) -> dict[Site, list[Load]]:
    """The rounds of each."""
    loads: dict[Site, list[Load]] = {site: [] for site in sites}
    with ExitStack() as stack:
        loaders = {}
        for site in sites:
            program, tabs = stack.enter_context(site.open(clients))
            loaders[site] = Loader(program, tabs)
        for _ in range(bench.rounds):
            for site, loader in loaders.items():
                loads[site].append(loader.closed(bench.seconds(WINDOW)))
    return loads


def remark(loads: Sequence[Load]) -> str:
    """Whether it was the load that was measured."""
    busy = max(load.busy for load in loads)
    return f"the load was the limit ({busy:.0%} busy)" if busy > LIMIT else ""


def _target(clients: int, other: Site) -> float | None:
    if clients != USUAL or other is LIBRARY:
        return None
    return 1.0 if other is FLOOR else 0.2
