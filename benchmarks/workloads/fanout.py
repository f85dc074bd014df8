"""Channel → views over sockets: a message to 100 and to 1,000 views that each change a text, until the last tab has read it.

Each view subscribes a handler that sets the text; the program sends the numbers from within itself, asked by `GET /publish`.
A *state* is one number in one tab. *One by one*: the next number is asked for when every tab shows the last one, so nothing can be
merged; that as many frames came as states is checked. *Bursts*: 100 numbers at once, of which what a tab has not been sent yet may
be merged; numbers never go back, and each tab ends on the last one.

The floor is a loop over gevent's sockets that `send`s bytes as ours are to each. In the clock of both: the request that asks
for it (ours needs a millisecond for it: with 100 views, a quarter of what is told for a frame), and the acknowledgements that
browsers send once a second. States for a second of the server's processor are what it can do, also where whoever reads is the
limit; by the clock, the last tab's reading is in it, too. Peers are compared with 100 views.

Whoever reads waits in epoll on the same machine, so many a `send` has to wake it, which remote browsers do not cost. A reader that
looks every 2 ms instead was tried: ours 31.5 → 26.4 µs a frame, but the floor 5.9 → 7.0, so that the ratio would have been 0.26 and
not 0.19. It was not taken: what helps us at both ends needs a better reason than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing

from benchmarks.bench import Bench
from benchmarks.listening import Heard, Listeners
from benchmarks.load import LIMIT
from benchmarks.results import Result, compare
from benchmarks.sites import NEWS_FLOOR, OURS, PEERS, Site

VIEWS = (100, 1000)
#: Views with which peers are compared.
USUAL = 100
#: Numbers one by one, a round.
SINGLES = {100: 100, 1000: 30}
#: Numbers of a burst, and bursts of a round.
BURST, BURSTS = 100, 2


def measure(bench: Bench) -> Iterator[Result]:
    for views in VIEWS:
        peers = PEERS if bench.peers and views == USUAL else ()
        singles, bursts = take_turns(bench, views, (OURS, NEWS_FLOOR, *peers))
        for other in (NEWS_FLOOR, *peers):
            yield from _rows(f"channel to {views:,} views, one by one", singles[OURS], singles[other], other, 0.8)
        for other in (NEWS_FLOOR, *peers):
            yield from _rows(f"channel to {views:,} views, bursts of {BURST}", bursts[OURS], bursts[other], other, None)
        if views == max(VIEWS):
            best = sorted(heard.capacity for heard in bursts[OURS][1:])
            yield Result(
                f"channel to {views:,} views, bursts of {BURST}", "states/s", best[len(best) // 2], at_least=250_000,
                remark="of its processor",
            )


def take_turns(bench: Bench, views: int, sites: Sequence[Site]) -> tuple[dict[Site, list[Heard]], dict[Site, list[Heard]]]:
    """The rounds of each, one by one and in bursts."""
    singles: dict[Site, list[Heard]] = {site: [] for site in sites}
    bursts: dict[Site, list[Heard]] = {site: [] for site in sites}
    with ExitStack() as stack:
        listeners = {}
        for site in sites:
            program, tabs = stack.enter_context(site.open(bench.count(views), "/news"))
            listeners[site] = stack.enter_context(closing(Listeners(program, tabs)))
        for _ in range(bench.rounds):
            for site, each in listeners.items():
                singles[site].append(each.one_by_one(bench.count(SINGLES[views])))
            for site, each in listeners.items():
                bursts[site].append(each.bursts(BURST, bench.count(BURSTS)))
    return singles, bursts


def _rows(name: str, ours: Sequence[Heard], others: Sequence[Heard], other: Site, at_least: float | None) -> Iterator[Result]:
    yield compare(
        f"{name}, of the processor", "states/s", [heard.capacity for heard in ours], [heard.capacity for heard in others],
        versus=other.name, at_least=at_least if other is NEWS_FLOOR else None,
    )
    yield compare(
        f"{name}, by the clock", "states/s", [heard.rate for heard in ours], [heard.rate for heard in others],
        versus=other.name, remark=_remark([*ours, *others]),
    )
    yield compare(
        f"{name}, CPU of a frame", "µs", [_frame(heard) for heard in ours], [_frame(heard) for heard in others], versus=other.name,
    )


def _frame(heard: Heard) -> float:
    return heard.cpu / heard.frames * 1e6


def _remark(heard: Sequence[Heard]) -> str:
    busy = max(each.busy for each in heard)
    return f"whoever reads was the limit ({busy:.0%} busy)" if busy > LIMIT else ""
