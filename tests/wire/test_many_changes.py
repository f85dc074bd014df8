"""Thousands of changes at once: one frame, as few patches as can do, and bytes in proportion."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable

import pytest

from lona_sync.html import Li, Node, Table, TBody, Td, Tr, Ul
from lona_sync.wire.protocol import Verb
from tests.wire.documents import Browser, make_document

ROWS = 10_000
ITEMS = 1000


def rows(count: int) -> list[Node]:
    return [Tr(Td(f"row {number}")) for number in range(count)]


def append_each(body: Node, count: int) -> None:
    for row in rows(count):
        body.append(row)


def sent_by(change: Callable[[Node], object], body: Node, root: Node) -> tuple[int, bytes]:
    """How many frames `change` makes of the shown tree, and their patches; the browser's tree is then the server's."""
    document = make_document(log_bytes=8 * 1024 * 1024)
    document.show(root)
    document.close_frame()
    browser = Browser(document)
    browser.catch_up()
    former = document.log.last
    change(body)
    document.close_frame()
    patches = document.since(browser.cursor, 8 * 1024 * 1024)
    assert patches is not None
    browser.catch_up(8 * 1024 * 1024)
    assert browser.snapshots == 1 and browser.shows_the_tree()
    return document.log.last - former, patches


def verbs(patches: bytes) -> Counter[int]:
    return Counter(verb for verb, *_ in json.loads(b"[" + patches + b"]"))


def fewest_moves(numbers: list[int]) -> int:
    """All but the longest ascending subsequence, found the slow way."""
    lengths: list[int] = []
    for index, number in enumerate(numbers):
        lengths.append(1 + max((lengths[before] for before in range(index) if numbers[before] < number), default=0))
    return len(numbers) - max(lengths, default=0)


@pytest.mark.parametrize("add", [
    append_each,
    lambda body, count: body.extend(rows(count)),
    lambda body, count: setattr(body, "nodes", rows(count)),
    lambda body, count: body.insert(0, rows(count)),
], ids=["append", "extend", "nodes", "insert"])
def test_rows_added_by_the_ten_thousand_are_one_frame_with_a_patch_for_each(add: Callable[[Node, int], object]) -> None:
    body = TBody()

    frames, patches = sent_by(lambda body: add(body, ROWS), body, Table(body))

    assert frames == 1
    assert verbs(patches) == {Verb.INSERT: ROWS}


def test_what_is_sent_for_many_rows_grows_as_they_do() -> None:
    few, many = TBody(), TBody()

    _, small = sent_by(lambda body: append_each(body, ROWS // 10), few, Table(few))
    _, large = sent_by(lambda body: append_each(body, ROWS), many, Table(many))

    assert len(large) < 11 * len(small)
    assert len(large) / ROWS < 60 + len('"row 9999"')


def test_changes_of_one_text_are_one_patch() -> None:
    item = Li("0")

    def change(_: Node) -> None:
        for number in range(ROWS):
            item.set_text(number)

    frames, patches = sent_by(change, item, Ul(item))

    assert frames == 1
    assert verbs(patches) == {Verb.TEXT: 1}


ORDERS = {
    "sorted": list(range(ITEMS)),
    "backwards": list(range(ITEMS))[::-1],
    "the last one first": [ITEMS - 1, *range(ITEMS - 1)],
    "two halves": [*range(ITEMS // 2, ITEMS), *range(ITEMS // 2)],
    **{f"shuffled {seed}": random.Random(seed).sample(range(ITEMS), ITEMS) for seed in range(3)},
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_sorting_a_thousand_rows_moves_only_those_that_must_move(order: list[int]) -> None:
    items = Ul([Li(f"{number:04}") for number in order])

    def sort(items: Node) -> None:
        items.nodes.sort(key=lambda item: item.get_text())
        items.append("so that there is a frame")

    _, patches = sent_by(sort, items, items)

    moves = fewest_moves(order)
    assert verbs(patches) == Counter({Verb.MOVE: moves, Verb.INSERT: 1}) - Counter()
