"""`Label`, and how one node names another: by an id that it gets when it has none."""

from __future__ import annotations

from typing import Any

from ..children import Child
from ..node import Node


class Label(Node):
    """The words for an input: a click on them goes to the input, and a screen reader reads them.

    `Label("Name", TextInput())` holds its input. `Label("Name", label_for=node)` stands elsewhere; `node` gets an id, if it
    has none.
    """

    __slots__ = ()
    TAG_NAME = "label"

    def __init__(self, *nodes: Child, label_for: Node | None = None, **kwargs: Any) -> None:     # Any: as for Node
        super().__init__(*nodes, **kwargs)
        if label_for is not None:
            self.attributes["for"] = id_of(label_for)


def id_of(node: Node) -> str:
    """The first of the node's ids. One without gets an id that no other node of this process has."""
    if not isinstance(node, Node):
        raise TypeError(f"expected a node to refer to, not {type(node).__name__}: {node!r}")
    if not node.id_list:
        node.id_list.add(f"lona-{node.id}")
    return next(iter(node.id_list))
