"""`HTML()`: whatever should be shown, as one node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, overload

from .children import Child, flatten
from .node import Node
from .tags import Div

AnyNode = TypeVar("AnyNode", bound=Node)


@overload
def HTML(node: AnyNode, /) -> AnyNode: ...
@overload
def HTML(
    *nodes: Child, use_high_level_nodes: bool = True, node_classes: Mapping[str, type[Node]] | None = None
) -> Node: ...
def HTML(
    *nodes: Child, use_high_level_nodes: bool = True, node_classes: Mapping[str, type[Node]] | None = None
) -> Node:
    """One node: that node itself; anything else, also a text alone: a `Div` around it.

    A string with `<` or `>` is markup, as for `parse_html` (which refuses scripts), so never pass what a user has typed:
    give that to a node, `P(text)`. A string that begins with `\\` is the text behind it, whatever it contains.
    """
    children = flatten([
        _read(node, use_high_level_nodes, node_classes) if isinstance(node, str) else node for node in nodes
    ])
    if len(children) == 1 and isinstance(children[0], Node):
        return children[0]
    return Div(children)


def _read(string: str, use_high_level_nodes: bool, node_classes: Mapping[str, type[Node]] | None) -> Child:
    if string.startswith("\\"):
        return string[1:]
    if "<" in string or ">" in string:
        from .parsing import parse_html  # who writes no markup need not read any

        return parse_html(string, use_high_level_nodes, node_classes)
    return string
