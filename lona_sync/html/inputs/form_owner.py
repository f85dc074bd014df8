"""Which form an input belongs to: the one that its attribute `form` names, else the nearest one around it, as HTML has it."""

from __future__ import annotations

from collections.abc import Iterator

from ..children import walk
from ..node import Node


def form_owner(node: Node) -> Node | None:
    """None: it belongs to no form, also when `form` names none."""
    name = node.attributes.get("form")
    if name is not None:
        named = next((each for each in walk(node.root) if isinstance(each, Node) and _is_called(each, str(name))), None)
        return named if named is not None and named.tag_name == "form" else None
    above = node.parent
    while isinstance(above, Node) and above.tag_name != "form":
        above = above.parent
    return above if isinstance(above, Node) else None


def candidates(form: Node) -> Iterator[Node]:
    """The nodes among which are all that belong to `form`, in document order."""
    # Only one with an id can be named from elsewhere; it is worth looking through the whole page for those alone.
    return (node for node in walk(form.root if form.id_list else form) if isinstance(node, Node))


def _is_called(node: Node, name: str) -> bool:
    return node.has_id(name) and len(node.id_list) == 1       # for a browser "a b" is one id, whose name is "a b"
