"""A table of 1,000×10: its first show, and what changes in it, from buttons below it.

*First show*: from the message (of peers: the request) that asks for the page until all of its table has come to a tab whose
connection is there already. The server builds the tree, or the string, in that time. Beside it the floor: a server that makes the
same table as a string of HTML, each cell escaped, and sends it as one message. `CPU` is the server's. What has come is checked
afterwards.

*Changes*: one tab clicks a button, and again when it has the answer: a cell's text changes; the row in the middle goes out; a new
one comes in; the rows are sorted, from the first to the last and back. What is compared: how long half of the clicks take at most,
beside a click of the same program's counter, whose tree is tiny; and bytes of one answer, with the head of its frame.

nicegui has two tables: one with an element for each cell, and its own, whose rows are data. Flask-SocketIO has none on the server:
a template, and a script that is told what changes.

Nothing is compressed. With a browser nicegui would compress its page, and nicegui and lona their sockets: fewer bytes, and more
of the processor's time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.load import Load, Loader
from benchmarks.processes import Program
from benchmarks.results import Result, compare
from benchmarks.sites import FLASK_SOCKETIO, FLOOR, LONA, NICEGUI, OURS, Site
from benchmarks.tabs.flask_socketio_ import FlaskSocketIOTableTab
from benchmarks.tabs.lona_ import LonaTableTab
from benchmarks.tabs.nicegui_ import NiceGUIRowsTab, NiceGUITableTab
from benchmarks.tabs.table import MarkupTab, OurTableTab, TableTab

TABLE = replace(OURS, tab=OurTableTab)
MARKUP = replace(FLOOR, name="a string of HTML", tab=MarkupTab, command=("benchmarks/programs/markup.py", "{port}"))
TABLES = (
    replace(FLASK_SOCKETIO, tab=FlaskSocketIOTableTab), replace(NICEGUI, tab=NiceGUITableTab),
    replace(NICEGUI, name=NiceGUIRowsTab.site, tab=NiceGUIRowsTab), replace(LONA, tab=LonaTableTab),
)
SHOWS = 5                           # first shows a round; of peers, one
CLICKS = 200                        # a round
SORTS = 5
#: By what is on the button.
CHANGES = {"cell": "one cell changes", "out": "a row goes out", "in": "a row comes in", "sort": "sorted"}


def measure(bench: Bench) -> Iterator[Result]:
    peers = TABLES if bench.peers else ()
    with ExitStack() as stack:
        programs = {site: stack.enter_context(site.start()) for site in (TABLE, MARKUP, *peers)}
        yield from first_show(bench, programs)
        yield from changes(bench, programs[TABLE], {site: programs[site] for site in peers})


def first_show(bench: Bench, programs: dict[Site, Program]) -> Iterator[Result]:
    shows: dict[Site, list[tuple[float, float, float]]] = {site: [] for site in programs}
    for _ in range(bench.rounds):
        for site, program in programs.items():
            count = bench.count(SHOWS) if site in (TABLE, MARKUP) else 1
            shows[site].append(_median([_show(site, program) for _ in range(count)]))
    walls, cpus, sizes = ({site: list(values[place]) for site, values in _columns(shows).items()} for place in range(3))
    for site in list(programs)[1:]:
        floor = site is MARKUP
        limit = 4 if floor else None
        yield compare("table of 1,000×10, first show", "ms", walls[TABLE], walls[site], versus=site.name, at_most=limit)
        yield compare("   CPU", "ms", cpus[TABLE], cpus[site], versus=site.name, at_most=limit)
        yield compare("   bytes", "bytes", sizes[TABLE], sizes[site], versus=site.name, at_most=0.8 if floor else None)


def _show(site: Site, program: Program) -> tuple[float, float, float]:
    """Milliseconds, of them of the server's processor, and bytes."""
    tab = site.tab(program.port)
    assert isinstance(tab, TableTab)
    try:
        tab.prepare()
        read, cpu, started = tab.bytes_read, program.cpu(), time.perf_counter()
        shown = tab.show("/table")
        wall = time.perf_counter() - started
        used = program.cpu() - cpu
        tab.check(shown)
        return wall * 1e3, used * 1e3, float(tab.bytes_read - read)
    finally:
        tab.close()


def changes(bench: Bench, ours: Program, peers: dict[Site, Program]) -> Iterator[Result]:
    with ExitStack() as stack:
        counter = Clicks(ours, OURS, "/", stack)
        table = Clicks(ours, TABLE, "/table", stack)
        others = {site: Clicks(program, site, "/table", stack) for site, program in peers.items()}
        everybody: list[Clicks] = [counter, table, *others.values()]
        rounds: dict[str, list[list[tuple[Load, float]]]] = {label: [] for label in CHANGES}
        for _ in range(bench.rounds):
            for label in CHANGES:                              # one after the other: the rows that went out come in again
                count = bench.count(SORTS if label == "sort" else CLICKS)
                rounds[label].append([clicks.round(label, count) for clicks in everybody])
        for label, text in CHANGES.items():
            columns = list(zip(*rounds[label], strict=True))
            times = [[load.percentile(50) * 1e6 for load, _ in column] for column in columns]
            sizes = [[size for _, size in column] for column in columns]
            small = label in ("cell", "out")
            yield compare(
                f"table of 1,000×10, {text}", "µs", times[1], times[0], versus="a counter's click", at_most=1.15 if small else None,
            )
            yield Result("   bytes", "bytes", sorted(sizes[1])[len(sizes[1]) // 2], at_most=60 if small else None)
            for place, site in enumerate(others, 2):
                yield compare(f"table of 1,000×10, {text}", "µs", times[1], times[place], versus=site.name)
                yield compare("   bytes", "bytes", sizes[1], sizes[place], versus=site.name)


class Clicks:
    """One tab, and who clicks in it."""

    def __init__(self, program: Program, site: Site, path: str, stack: ExitStack) -> None:
        [self.tab] = site.open_tabs(program, 1, path)
        stack.callback(self.tab.close)
        self._loader = Loader(program, [self.tab])
        stack.callback(self._loader.close)

    def round(self, label: str, count: int) -> tuple[Load, float]:
        """And the bytes of one answer."""
        if isinstance(self.tab, TableTab):
            self.tab.aim(label)
        read = self.tab.bytes_read
        load = self._loader.counted(count)
        return load, (self.tab.bytes_read - read) / count


def _median(values: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    wall, cpu, size = (sorted(column)[len(values) // 2] for column in zip(*values, strict=True))
    return wall, cpu, size


def _columns(rounds: dict[Site, list[tuple[float, float, float]]]) -> dict[Site, list[tuple[float, ...]]]:
    return {site: list(zip(*values, strict=True)) for site, values in rounds.items()}
