"""`HTML()`: whatever should be shown, as one node."""

from __future__ import annotations

from .children import Child, flatten
from .mutations import TreeNode
from .tags import Div


def HTML(*nodes: Child) -> TreeNode:
    """One argument: that node; several: a `Div` around them. A string is text; one `\\` at its start is dropped."""
    children = flatten([node[1:] if isinstance(node, str) and node.startswith("\\") else node for node in nodes])
    return children[0] if len(children) == 1 else Div(children)
