"""Small, and never recursive. The bounds are generous; what is meant is that nothing grows unseen."""

from __future__ import annotations

import tracemalloc

import pytest

from lona_sync.html import Button, Div, Node, Td, Text, render
from lona_sync.html.children import walk

DEPTH = 10_000


def bytes_of_one(make, count=500):
    kept = [None] * count
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for index in range(count):
            kept[index] = make()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / count


def asked_for_its_text():
    cell = Td("text")
    assert len(cell.children) == 1
    return cell


@pytest.mark.parametrize(("make", "limit"), [
    (Td, 200), (lambda: Text("text"), 100), (lambda: Td("text"), 200), (asked_for_its_text, 400), (lambda: Button("text"), 250),
], ids=["node", "text", "cell", "cell with its text as a node", "button"])
def test_a_node_is_small(make, limit):
    assert bytes_of_one(make) <= limit


def deep(text="leaf"):
    root = node = Div()
    for _ in range(DEPTH - 1):
        node.append(Div())
        node = node[0]
    node.append(text)
    return root


def test_a_deep_tree_can_be_rendered_searched_and_compared():
    root = deep()

    assert render(root) == "<div>" * DEPTH + "leaf" + "</div>" * DEPTH
    assert root.get_text() == "leaf" and len(list(walk(root))) == DEPTH + 1
    assert root == deep() and root != deep("other") and root.nodes == deep().nodes


def test_a_deep_tree_can_be_changed_at_both_ends():
    root = deep()
    leaf = list(walk(root))[-2]

    leaf.append(Div())
    outer = Div(root)

    assert isinstance(leaf, Node) and leaf.root is outer and leaf.namespace == ""
    with pytest.raises(RuntimeError, match="loop detected"):
        leaf.append(outer)
