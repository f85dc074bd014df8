"""`HTML()`: whatever should be shown, as one node."""

from __future__ import annotations

from typing import TypeVar, overload

from .children import Child, flatten
from .node import Node
from .tags import Div

AnyNode = TypeVar("AnyNode", bound=Node)


@overload
def HTML(node: AnyNode, /) -> AnyNode: ...
@overload
def HTML(*nodes: Child) -> Node: ...
def HTML(*nodes: Child) -> Node:
    """One node: that node itself; anything else, also a text alone: a `Div` around it.

    A string is text, whatever it contains; one `\\` at its start is dropped.
    """
    children = flatten([node[1:] if isinstance(node, str) and node.startswith("\\") else node for node in nodes])
    if len(children) == 1 and isinstance(children[0], Node):
        return children[0]
    return Div(children)
