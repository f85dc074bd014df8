"""Idle: the memory of a view that waits in `await_click`, with its socket, and whether ten thousand of them still answer.

What a process holds (RSS) when so many tabs more than twenty are open and have settled, minus what it held with twenty, by
their number: with a button and a text, and with forty-five nodes more (the difference is what a node costs), beside a socket of
each floor that waits for its next frame. Each round has processes of its own, since none gives its memory back. Peers have a
button and a text, and 500 tabs.

Ten thousand pages of fifty nodes: the whole process, under `lona-sync run` and as gunicorn's worker; and the first one opened and
the last one answer a click.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import gevent

from benchmarks.bench import Bench
from benchmarks.load import Loader
from benchmarks.processes import Program, resident_of
from benchmarks.results import Result, compare, fresh
from benchmarks.sites import FLOOR, GUNICORN, LIBRARY, OURS, PEERS, Site, acknowledge
from benchmarks.tabs.base import Tab

TABS = 1000
PEER_TABS = 500
PEER_ROUNDS = 3
MANY = 10_000
#: So many are open when memory is first looked at: what is loaded or made for the first ones is no tab's.
BEFORE = 20
#: Nodes that `/fifty` has more than `/`.
NODES = 45
#: What a view may cost of a bare socket.
AT_MOST = 0.8
#: How often a process is looked at in the second in which it has to be idle.
LOOKS = 4
MIB = 1 << 20


def measure(bench: Bench) -> Iterator[Result]:
    tabs = bench.count(TABS)
    places = ((OURS, "/"), (OURS, "/fifty"), (LIBRARY, "/"), (FLOOR, "/"))
    two, fifty, library, floor = ([] for _ in places)
    for _ in range(bench.rounds - 1):
        for (site, path), found in zip(places, (two, fifty, library, floor), strict=True):
            found.append(memory(bench, site, path, tabs))
    two, fifty, library, floor = map(fresh, (two, fifty, library, floor))
    name = f"idle blocked view, {TABS:,} tabs"
    yield compare(f"{name}, button and text", "bytes", two, library, versus=LIBRARY.name, at_most=AT_MOST)
    yield compare(f"{name}, button and text", "bytes", two, floor, versus=FLOOR.name)
    yield compare(f"{name}, fifty nodes", "bytes", fifty, library, versus=LIBRARY.name)
    nodes = sorted((more - less) / NODES for more, less in zip(fifty[1:], two[1:], strict=True))
    yield Result("   a node", "bytes", nodes[len(nodes) // 2], at_most=350)
    if bench.peers:
        yield from _peers(bench)
    for site in (OURS, GUNICORN):
        yield _many(bench, site, bench.count(MANY))


def memory(bench: Bench, site: Site, path: str, count: int) -> float:
    """Bytes of one of so many tabs."""
    with site.start() as program:
        tabs = site.open_tabs(program, BEFORE, path)
        acknowledge(tabs)
        before = settled(program, bench.seconds(1.0))
        more = opened(site, program, count, path)
        after = settled(program, bench.seconds(1.0))
        _answer(program, (more[0], more[-1]))
        for tab in tabs + more:
            tab.close()
    return (after - before) / count


def opened(site: Site, program: Program, count: int, path: str) -> list[Tab]:
    """So many tabs whose browsers have said that they have applied what they were sent."""
    tabs: list[Tab] = []
    while len(tabs) < count:
        more = site.open_tabs(program, min(TABS, count - len(tabs)), path)
        acknowledge(more)
        tabs += more
    return tabs


def settled(program: Program, seconds: float) -> float:
    """What it holds when it has been idle for so long."""
    deadline, before, quiet = time.monotonic() + 15.0, 0.0, 0
    while quiet < LOOKS and time.monotonic() < deadline:
        gevent.sleep(seconds / LOOKS)
        used = program.cpu()
        quiet = quiet + 1 if used - before < 0.02 else 0
        before = used
    return program.resident()


def _peers(bench: Bench) -> Iterator[Result]:
    sites = (OURS, *PEERS)
    found: dict[Site, list[float]] = {site: [] for site in sites}
    for _ in range(min(bench.rounds, PEER_ROUNDS) - 1):
        for site in sites:
            found[site].append(memory(bench, site, "/", bench.count(PEER_TABS)))
    for peer in PEERS:
        yield compare(
            f"idle blocked view, {PEER_TABS} tabs, button and text", "bytes", fresh(found[OURS]), fresh(found[peer]),
            versus=peer.name,
        )


def _many(bench: Bench, site: Site, count: int) -> Result:
    with site.start() as program:
        tabs = opened(site, program, count, "/fifty")
        settled(program, bench.seconds(1.0))
        size = max(map(resident_of, program.pids)) / MIB
        began = time.perf_counter()
        _answer(program, (tabs[0], tabs[-1]))
        took = time.perf_counter() - began
        for tab in tabs:
            tab.close()
    return Result(
        f"{count:,} pages of fifty nodes, {site.name}", "MiB", size, at_most=450,
        remark=f"the first and the last one answer within {took * 1000:.0f} ms",
    )


def _answer(program: Program, tabs: Sequence[Tab]) -> None:
    """`Wrong` when one of these does not count its click."""
    with closing(Loader(program, tabs)) as loader:
        loader.closed(0)
