"""Click → patch at a fixed rate: 1,000 clicks a second, from 100 tabs in turn, and how long each waits for its answer.

Clicks are made at their times, whoever is late, and the clock of each starts at the moment when it was due. It stops when the
answer was read. The floor echoes the same bytes. Both run all the time, in windows of 30 s in turn; the first one, to warm up, is
shorter.

Whoever clicks must be on time himself: how late clicks were sent is a row of its own, and where that is more than a fifth of the
latency, its remark says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from statistics import median

from benchmarks.bench import Bench
from benchmarks.load import Load, Loader, percentile
from benchmarks.results import Result, compare
from benchmarks.sites import FLOOR, OURS, Site

RATE = 1000                         # clicks a second
CLIENTS = 100
WINDOW, WARM_UP = 30.0, 3.0         # seconds
#: By how many of a hundred clicks: what ours may be of the floor's.
TARGETS = {50: None, 99: 1.5}
#: What lateness may be of a latency.
LATE = 0.2


def measure(bench: Bench) -> Iterator[Result]:
    loads = take_turns(bench, (OURS, FLOOR))
    name = f"{RATE:,} clicks/s, {CLIENTS} clients"
    for percent, at_most in TARGETS.items():
        ours, floor = ([load.percentile(percent) * 1e6 for load in loads[site]] for site in (OURS, FLOOR))
        yield compare(
            f"{name}, p{percent}", "µs", ours, floor, versus=FLOOR.name, at_most=at_most, remark=remark(loads.values(), percent),
        )
    ours, floor = ([percentile(load.late, 99) * 1e6 for load in loads[site]] for site in (OURS, FLOOR))
    yield compare("   sent later than due, p99", "µs", ours, floor)
    ours, floor = ([load.cpu * 1e6 for load in loads[site]] for site in (OURS, FLOOR))
    yield compare("   CPU of one", "µs", ours, floor)


def take_turns(bench: Bench, sites: Sequence[Site]) -> dict[Site, list[Load]]:
    """The windows of each."""
    loads: dict[Site, list[Load]] = {site: [] for site in sites}
    with ExitStack() as stack:
        loaders = {}
        for site in sites:
            program, tabs = stack.enter_context(site.open(bench.count(CLIENTS)))
            loaders[site] = stack.enter_context(closing(Loader(program, tabs)))
        for number in range(bench.rounds):
            for site, loader in loaders.items():
                loads[site].append(loader.paced(RATE, bench.seconds(WINDOW if number else WARM_UP)))
    return loads


def remark(sites: Iterable[Sequence[Load]], percent: float) -> str:
    """Whether it was the load that was measured: of the windows in the middle."""
    late, whole = max(
        ((median(percentile(load.late, percent) for load in loads[1:]), median(load.percentile(percent) for load in loads[1:]))
         for loads in sites),
        key=lambda both: both[0] / both[1],
    )
    return f"clicks were sent {late * 1e6:.0f} of these µs late" if late > whole * LATE else ""
