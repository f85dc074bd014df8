"""What does a tree cost, beside those of other libraries? `python -m benchmarks.html [--quick] [--json PATH] [--only N]`

The peers, all from PyPI: lona (the same model: a tree on the server that sends patches), dominate and htpy (they build HTML text),
and lxml.builder (in C). Before a library is measured, its HTML is compared with ours.

1. A table of 1000 rows with 10 cells, each with a text of its own, built and rendered as a string. In the clock: both, and making
   the texts; not: freeing what was built. lona's HTML has ids and line breaks, too. The next row tells how ours divides.
2. Bytes of a cell with its text, in a row of 10,000: as it was made; as it is when a view shows it. By tracemalloc, which does not
   see what lxml has. The texts are one and the same string, which is not counted.
3. One text of a tree of 10,000 nodes is changed; beside the same in a tree of 100, and beside lona. In the clock: `set_text`, and
   what `show()` makes of it until the patch is there as bytes to be sent.
4. A list of 1000 items is sorted by their texts: all of them shuffled, and with one in a wrong place. Beside lona, where the nodes
   are set anew: `nodes = sorted(nodes, …)`. In the clock: sorting, and the bytes to be sent. Then how many bytes, and how many
   moves; the floor is all items but those of a longest ascending subsequence: less cannot do.
5. 10,000 rows of a cell each are appended, one by one. In the clock: making them, and the bytes to be sent. Then how many bytes
   and frames.

Times are CPU times of this process: nothing in it waits. The garbage collector is on, as in an application; it has run before each
round. How rounds become figures stands in `results.py`. About five minutes, most of them lona's; `--quick` does a little of
everything, and its figures mean nothing.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import dominate.tags
import htpy
import lona.html
import lona.html.document
import lxml.etree
from lxml.builder import E

import lona_sync.html
from benchmarks.results import Result, compare, head, row
from lona_sync.html import Node
from lona_sync.html.increasing import longest_increasing
from lona_sync.wire.document import Document
from lona_sync.wire.protocol import Verb
from lona_sync.wire.room import Room

COLUMNS = 10
SMALL = 100                          # nodes of the small tree
SEED = 1


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int = 7
    table_rows: int = 1000
    cells: int = 10_000              # in the row whose bytes are counted
    nodes: int = 10_000              # of the large tree
    patches: int = 500               # a round
    items: int = 1000                # to be sorted
    rows: int = 10_000               # to be appended


QUICK = Size(rounds=2, table_rows=50, cells=500, nodes=1000, patches=20, items=50, rows=200)


class NoLock(nullcontext[Any]):                              # Any: nobody looks at what it holds
    def held_elsewhere(self) -> bool:
        return False


class NoAnswers:
    """No browser is called."""

    def ask(self, begin: Callable[[], int], timeout: float | None) -> Any:
        raise NotImplementedError

    def lost(self, call: int, reason: str) -> None:
        raise NotImplementedError


class Ours:
    """A tree that a view shows to one browser."""

    html = lona_sync.html

    def __init__(self, root: Node) -> None:
        self.document = Document(
            guard=lambda: None, make_lock=NoLock, answers=NoAnswers(), log_bytes=8 * 1024 * 1024, log_frames=4096,
            room=Room(max_nodes=1_000_000, max_characters=1_000_000_000, counters=Counter()),
        )
        self.document.show(root)
        self.cursor = self.document.log.add_cursor(0)
        self.cursor.sent = self.document.snapshot().number
        self.frames = 0

    def show(self) -> bytes:
        """The patches that `View.show()` sends."""
        self.document.close_frame()
        self.frames += self.document.log.last - self.cursor.sent
        batch = self.document.since(self.cursor, 8 * 1024 * 1024)
        assert batch is not None, "too much for the log, which is not what is measured here"
        self.cursor.sent = batch.number
        self.document.log.acknowledge(self.cursor, batch.number)
        return batch.patches

    @staticmethod
    def sort(parent: Any, key: Callable[[Any], str]) -> None:        # Any: here and below, for lona has no types
        parent.nodes.sort(key=key)


class Lonas:
    """The same of lona's; what its runtime does with the patches."""

    html = lona.html

    def __init__(self, root: Any) -> None:
        self.document = lona.html.document.Document()
        self.root = root
        self.document.apply(html=root)

    def show(self) -> bytes:
        _, _, patches = self.document.apply(html=self.root)
        data = [patch.data for patch in patches]
        return json.dumps(data, separators=(",", ":"), default=lambda enum: enum.value).encode()

    @staticmethod
    def sort(parent: Any, key: Callable[[Any], str]) -> None:
        parent.nodes = sorted(parent.nodes, key=key)


Shown = Ours | Lonas


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    kept = work()                    # freed after the clock was read
    passed = time.process_time() - started
    del kept
    return passed


def rounds(count: int, works: Sequence[Callable[[], float]]) -> list[list[float]]:
    """What each of `works` measures, in turn, with one round to warm up."""
    measured: list[list[float]] = [[] for _ in works]
    for _ in range(count + 1):
        for work, values in zip(works, measured, strict=True):
            values.append(work())
    return measured


def table(library: Any, rows: int) -> Any:
    return library.Table([library.Tr([library.Td(f"{row}.{column}") for column in range(COLUMNS)]) for row in range(rows)])


def lona_table(rows: int) -> str:
    return str(table(lona.html, rows))


def htpy_table(rows: int) -> str:
    return str(htpy.table[[htpy.tr[[htpy.td[f"{row}.{column}"] for column in range(COLUMNS)]] for row in range(rows)]])


def dominate_table(rows: int) -> str:
    tags = dominate.tags
    tree = tags.table([tags.tr([tags.td(f"{row}.{column}") for column in range(COLUMNS)]) for row in range(rows)])
    text: str = tree.render(pretty=False)
    return text


def lxml_table(rows: int) -> str:
    tree = E.table(*[E.tr(*[E.td(f"{row}.{column}") for column in range(COLUMNS)]) for row in range(rows)])
    return lxml.etree.tostring(tree, encoding="unicode")


def build_and_render(size: Size) -> Iterator[Result]:
    peers = {"htpy": htpy_table, "dominate": dominate_table, "lxml.builder": lxml_table, "lona": lona_table}
    for name in ("htpy", "dominate", "lxml.builder"):
        assert peers[name](3) == str(table(lona_sync.html, 3)), f"{name} makes something else"

    tree = table(lona_sync.html, size.table_rows)
    ours, built, rendered, *theirs = rounds(size.rounds, [
        lambda: seconds(lambda: str(table(lona_sync.html, size.table_rows))) * 1e3,
        lambda: seconds(lambda: table(lona_sync.html, size.table_rows)) * 1e3,
        lambda: seconds(lambda: str(tree)) * 1e3,
        *[lambda make=make: seconds(partial(make, size.table_rows)) * 1e3 for make in peers.values()],  # type: ignore[misc]
    ])
    targets = {"htpy": 0.35, "lona": 0.025}
    for name, times in zip(peers, theirs, strict=True):
        text = f"1. a table of {size.table_rows}×{COLUMNS} built and rendered / {name}"
        yield compare(text, "ms", ours, times, at_most=targets.get(name))
    yield compare("   building it / rendering it, both ours", "ms", built, rendered)


def memory(size: Size) -> Iterator[Result]:
    def measure(make: Callable[[], Any], show: Callable[[Any], object] = lambda root: None) -> float:
        """Bytes for each cell."""
        tracemalloc.start()
        root = make()
        kept = show(root)
        gc.collect()
        traced, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del kept
        return traced / size.cells

    def cells(library: Any) -> Any:
        return library.Tr([library.Td("text") for _ in range(size.cells)])

    peers: dict[str, Callable[[], Any]] = {
        "htpy": lambda: htpy.tr[[htpy.td["text"] for _ in range(size.cells)]],
        "dominate": lambda: dominate.tags.tr([dominate.tags.td("text") for _ in range(size.cells)]),
        "lona": lambda: cells(lona.html),
    }
    ours = measure(lambda: cells(lona_sync.html))
    for name, make in peers.items():
        yield compare(f"2. a cell with its text, as made / {name}", "bytes", [ours] * 2, [measure(make)] * 2)
    ours, theirs = measure(lambda: cells(lona_sync.html), Ours), measure(peers["lona"], Lonas)
    yield compare("   a cell with its text, as shown / lona", "bytes", [ours] * 2, [theirs] * 2)


def patches(size: Size) -> Iterator[Result]:
    def changes(kind: type[Shown], nodes: int) -> Callable[[], float]:
        """Microseconds for each change of a text in the middle."""
        items = [kind.html.Li("text") for _ in range(nodes // 2)]
        shown, item = kind(kind.html.Ul(items)), items[nodes // 4]

        def change() -> None:
            for number in range(size.patches):
                item.set_text(str(number))
                shown.show()

        return lambda: seconds(change) / size.patches * 1e6

    large, small, theirs = rounds(3 * size.rounds, [
        changes(Ours, size.nodes), changes(Ours, SMALL), changes(Lonas, size.nodes),
    ])
    yield compare(f"3. a text in a tree of {size.nodes:,} nodes / of {SMALL}", "µs", large, small)
    yield compare(f"   a text in a tree of {size.nodes:,} nodes / lona", "µs", large, theirs)


def sorting(size: Size) -> Iterator[Result]:
    order = list(range(size.items))
    shuffled = random.Random(SEED).sample(order, size.items)
    one = [*order[1:], order[0]]

    def sort(kind: type[Shown], order: list[int], sent: list[bytes]) -> float:
        """Milliseconds; `sent` gets what is sent."""
        parent = kind.html.Ul([kind.html.Li(f"{number:06}") for number in order])
        shown = kind(parent)

        def work() -> None:
            kind.sort(parent, key=lambda item: str(item.get_text()))
            sent.append(shown.show())

        return seconds(work) * 1e3

    for name, order in (("shuffled", shuffled), ("one in a wrong place", one)):
        ours: list[bytes] = []
        theirs: list[bytes] = []
        times = rounds(size.rounds, [partial(sort, Ours, order, ours), partial(sort, Lonas, order, theirs)])
        yield compare(f"4. {size.items} items sorted, {name} / lona", "ms", *times)
        lengths = [[float(len(each)) for each in sent] for sent in (ours, theirs)]
        yield compare("   what is sent / lona", "bytes", *lengths)
        moves = [float(sum(verb == Verb.MOVE for verb, *_ in json.loads(b"[" + each + b"]"))) for each in ours]
        least = float(len(order) - len(longest_increasing(order)))
        yield compare("   moves / the least that can do", "moves", moves, [least] * len(moves))


def appending(size: Size) -> Iterator[Result]:
    frames: list[int] = []
    sent: dict[type[Shown], list[float]] = {Ours: [], Lonas: []}

    def append(kind: type[Shown]) -> float:
        """Milliseconds."""
        html, body = kind.html, kind.html.TBody()
        shown = kind(html.Table(body))

        def work() -> None:
            for number in range(size.rows):
                body.append(html.Tr(html.Td(str(number))))
            sent[kind].append(float(len(shown.show())))

        passed = seconds(work) * 1e3
        if isinstance(shown, Ours):
            frames.append(shown.frames)
        return passed

    times = rounds(size.rounds, [partial(append, Ours), partial(append, Lonas)])
    yield compare(f"5. {size.rows:,} rows appended / lona", "ms", *times)
    yield compare("   what is sent / lona", "bytes", sent[Ours], sent[Lonas])
    yield compare("   frames / one", "frames", list(map(float, frames)), [1.0] * len(frames))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.html", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a little of everything, to see whether it works")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there, too")
    parser.add_argument("--only", type=int, choices=(1, 2, 3, 4, 5), help="one part")
    arguments = parser.parse_args()

    size = QUICK if arguments.quick else Size()
    results = []
    print(head(), flush=True)
    for number, part in enumerate((build_and_render, memory, patches, sorting, appending), 1):
        if arguments.only in (None, number):
            for result in part(size):
                results.append(result)
                print(row(result), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
