"""What does a tree cost by itself, without a view? Beside other libraries, and beside the least that objects in Python can cost.

1. A table of 1,000 rows with ten cells, each with a text of its own, built and rendered as a string. In the clock: both, and making
   the texts; not: freeing what was built. The HTML of all is compared first; lona's has ids and line breaks, too. *Bare objects*
   are a class with two slots and a recursive function that joins strings: no attributes, no parents, no changes.
2. Bytes of a cell with its text, in a row of 10,000, by tracemalloc. The texts are one and the same string, which is not counted.

Each library has a process of its own on the processor of the servers, and all are asked in turn. Times are CPU times of that
process: nothing in it waits. Its garbage collector is on, as in an application, and has run before each round.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.bench import Bench
from benchmarks.environments import python_with
from benchmarks.results import Result, compare
from benchmarks.stopwatch import Stopwatch
from benchmarks.tabs.base import Wrong

ROWS = 1000
CELLS = 10_000
BARE = "slots"
_MARKUP = ("htpy==26.5.1", "dominate==2.9.1", "lxml==6.1.3")
#: What each peer needs.
PEERS = {"htpy": _MARKUP, "dominate": _MARKUP, "lxml": _MARKUP, "lona": ("lona==1.16.2", "aiohttp==3.14.5")}
NAMES = {BARE: "bare objects", "lxml": "lxml.builder"}
#: Ours by theirs; lona is to be forty times slower.
TARGETS = {"htpy": 0.35, "lona": 1 / 40}


def measure(bench: Bench) -> Iterator[Result]:
    others = [BARE, *(PEERS if bench.peers else ())]
    with ExitStack() as stack:
        libraries = {
            name: stack.enter_context(Stopwatch(
                python_with(PEERS[name]) if name in PEERS else sys.executable, "benchmarks/programs/trees.py", name,
            ))
            for name in ("ours", *others)
        }
        ours = libraries["ours"]
        for name in others:
            if name != "lona" and libraries[name].ask("html", 3) != ours.ask("html", 3):
                raise Wrong(f"{name} makes another table")

        times: dict[str, list[tuple[float, float]]] = {name: [] for name in libraries}
        for _ in range(bench.rounds):
            for name, library in libraries.items():
                built, rendered = library.ask("table", bench.count(ROWS))
                times[name].append((built * 1e3, rendered * 1e3))
        sums = {name: [built + rendered for built, rendered in rounds] for name, rounds in times.items()}
        for name in others:
            remark = " + ".join(f"{sorted(part)[len(part) // 2]:.3g}" for part in zip(*times[name][1:], strict=True))
            yield compare(
                f"table of {bench.count(ROWS):,}×10: build + render", "ms", sums["ours"], sums[name], versus=NAMES.get(name, name),
                at_most=TARGETS.get(name), remark=f"theirs: {remark}",
            )
        built, rendered = zip(*times["ours"], strict=True)
        yield compare("   building it, ours", "ms", list(built), list(rendered), versus="rendering it, ours")

        cells = bench.count(CELLS)
        measured = {name: float(library.ask("memory", cells)) for name, library in libraries.items() if name != "lxml"}
        for name in others:
            if name in measured:
                both = [[measured[each]] * 2 for each in ("ours", name)]
                yield compare("a cell with its text", "bytes", *both, versus=NAMES.get(name, name))
