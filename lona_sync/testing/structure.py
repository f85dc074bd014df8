"""A tree of the server as the comparable value that `ModelDOM.to_structure` gives."""

from __future__ import annotations

import json

from ..html.mutations import TreeNode
from ..html.node import Node
from ..html.stream import Stream
from ..html.text import Text
from .elements import HTML, MATHML, SVG, StructureItem, structure_item, text_item


def structure_of(root: TreeNode | None) -> list[StructureItem]:
    """The tree as a flat list in document order. Its nodes have their numbers when a view shows it."""
    items: list[StructureItem] = []
    todo: list[tuple[int, TreeNode, str]] = [(0, root, HTML)] if root is not None else []
    while todo:
        depth, node, namespace = todo.pop()
        if isinstance(node, Text):
            items.append(text_item(depth, node.number, node.data))
            continue
        assert isinstance(node, Node), f"a tree holds nodes and texts, not {node!r}"
        own = {"svg": SVG, "math": MATHML}.get(node.tag_name, namespace)
        namespace = node.namespace_own or own
        carried = dict(node.wire_attributes())
        if node.widget:
            carried["@widget"] = json.dumps([node.widget, node.widget_data.to_python()], sort_keys=True)
        if isinstance(node, Stream):
            carried["@items"] = str(node.limit)
        items.append(structure_item(depth, node.number, node.tag_name, namespace, carried))
        below = HTML if node.tag_name == "foreignObject" else namespace
        todo.extend((depth + 1, child, below) for child in reversed(node.children))
    return items
