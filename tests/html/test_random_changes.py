"""Whatever is done to a tree, somebody who knows only the mutations has the same tree."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html import Div, Node, Text
from tests.html.owners import Copy

PLACE = st.integers(0, 30)
STEP = st.tuples(st.sampled_from(["append", "insert", "extend", "remove", "nodes", "text", "item"]), PLACE, PLACE, PLACE)


def make_step(nodes, name, first, second, index):
    """Do one thing to two of the nodes; what a tree refuses is refused before anything changed."""
    target, node = nodes[first % len(nodes)], nodes[second % len(nodes)]
    try:
        if name == "append":
            target.append(node)
        elif name == "insert":
            target.insert(index - 15, node)
        elif name == "extend":
            target.extend([node, "new", nodes[index % len(nodes)]])
        elif name == "remove":
            node.remove()
        elif name == "nodes":
            target.nodes = [*target.nodes[1:3], node, Text("x")]
        elif name == "text":
            target.set_text(index)
        elif len(target):
            target[index % len(target)] = node
    except RuntimeError as error:
        assert "loop detected" in str(error) or "as a whole" in str(error) or "no parent" in str(error)


@given(st.lists(STEP, max_size=40))
def test_a_copy_fed_with_mutations_stays_the_same_tree(steps):
    root = Div([Div(n, [Div(), Div()]) for n in range(3)])
    nodes = [node for node in (root, *root, *(below for child in root for below in child)) if isinstance(node, Node)]
    nodes += [Div("free"), Div(Div("free below"))]
    copy = Copy(root)

    for step in steps:
        make_step(nodes, *step)

    copy.check(root)
