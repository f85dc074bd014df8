"""`Label`, and how nodes are made to name another one."""

from __future__ import annotations

from typing import Any

from ..children import Child
from ..node import Node


class Label(Node):
    """The words for an input: a click on them goes to the input, and a screen reader reads them.

    `Label("Name", TextInput())` holds its input. `Label("Name", label_for=node)` stands elsewhere; `node` gets an id, if it
    has none; when it gets another one, the label follows.
    """

    __slots__ = ("__weakref__",)
    TAG_NAME = "label"

    def __init__(self, *nodes: Child, label_for: Node | None = None, **kwargs: Any) -> None:     # Any: as for Node
        super().__init__(*nodes, **kwargs)
        if label_for is not None:
            refer(self, "for", label_for)


def refer(referrer: Node, name: str, node: Node) -> None:
    """Have the attribute `name` of `referrer` be the id of `node`, also when that changes."""
    if not isinstance(node, Node):
        raise TypeError(f"expected a node to refer to, not {type(node).__name__}: {node!r}")
    referrer.attributes[name] = node.id_list.refer(referrer, name)
