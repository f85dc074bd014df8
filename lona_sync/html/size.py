"""How large a tree is: its nodes, and the characters of what its user has put into them.

Characters are counted of texts, of raw HTML, of attributes, classes, ids and style (name and value), and of widget data (strings,
keys, and 1 for each value). Not counted: tags, events, and the items of a stream, which have limits of their own. It is what can be
known of a change from the change: what a node had before is looked up, never added up again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from .attributes import BOOLEAN_ATTRIBUTES, wire_value
from .mutations import (
    AttributeValue,
    DeleteData,
    InsertData,
    Mutation,
    SetAttribute,
    SetClass,
    SetData,
    SetStyle,
    TreeNode,
)
from .node import Node
from .overlay import ABSENT
from .raw import RawHTML
from .text import Text

Path = tuple[str | int, ...]


def measure(roots: Iterable[TreeNode], without: Container[int] = ()) -> tuple[int, int]:
    """Nodes and characters of these trees; without those whose `id()` is in `without`, and all below them."""
    nodes = characters = 0
    pending = list(roots)
    while pending:
        node = pending.pop()
        if without and id(node) in without:
            continue
        nodes += 1
        characters += size_of(node)
        if isinstance(node, Node):
            children = node._children
            if type(children) is str:                    # a text that is no node yet, and is none for being counted
                nodes += 1
                characters += len(children)
            elif children:
                pending.extend(children)                 # type: ignore[arg-type]    # mypy: still a str
    return nodes, characters


def size_of(node: TreeNode) -> int:
    """The characters of this node alone."""
    # Into the parts, not through their properties: this is asked for each node that is shown, and for each that leaves.
    if not isinstance(node, Node):
        assert isinstance(node, Text)
        return len(node._data)
    if node._attributes is None and node._class_list is None and node._style is None and node._id_list is None \
            and node._widget is None and not isinstance(node, RawHTML):
        return 0                                         # as most nodes
    size = 0
    if node._class_list is not None:
        for word in node._class_list._words:
            size += len(word) + 1
    if node._attributes is not None:
        for name, value in node._attributes._values.items():
            if type(value) is str and name not in BOOLEAN_ATTRIBUTES:
                size += len(name) + len(value)
            else:
                size += _attribute(name, wire_value(name, value))
    if node._style is not None:
        for name, value in node._style._values.items():
            size += len(name) + (len(value) if type(value) is str else len(str(value)))
    if node._id_list is not None:
        for word in node._id_list._words:
            size += len(word) + 1
    if node._widget is not None:
        size += _data(node._widget.content)
    return size + len(node.inner_html) if isinstance(node, RawHTML) else size


def growth(mutation: Mutation) -> int:
    """By how many characters a change of one element will let it grow; below 0: it shrinks. Of others (SetText, Insert, …) 0."""
    match mutation:
        case SetAttribute(node=Node() as node, name=name, value=value):
            return _growth_of_attribute(node, name, value)
        case SetClass(name=name, on=on):
            return len(name) + 1 if on else -len(name) - 1
        case SetStyle(node=Node() as node, name=name, value=value):
            former = len(name) + len(str(node.style[name])) if name in node.style else 0
            return -former if value is None else len(name) + len(value) - former
        case SetData(node=Node() as node, path=path, value=value):
            return _data(value) - _data(_at(node, path)) + (_key(path) if _at(node, path) is ABSENT else 0)
        case InsertData(value=value):
            return _data(value)
        case DeleteData(node=Node() as node, path=path):
            return -_data(_at(node, path)) - _key(path)
    return 0


def _growth_of_attribute(node: Node, name: str, value: AttributeValue) -> int:
    if name == "@on":
        return 0
    if name == "@html":
        assert isinstance(node, RawHTML)
        return len(str(value)) - len(node.inner_html)
    if name == "id":
        return _words(value or "") - _words(str(node.id_list))
    return _attribute(name, value) - _attribute(name, node.attributes.wire(name))


def _words(text: str | bool) -> int:
    return len(text) + 1 if isinstance(text, str) and text else 0


def _attribute(name: str, value: AttributeValue) -> int:
    if value is False:
        return 0
    return len(name) + len(value) if isinstance(value, str) else len(name)


def _at(node: Node, path: Path) -> Any:                  # Any here and below: JSON
    """What is at this place of the widget data; `ABSENT` when nothing is."""
    assert node._widget is not None
    found: Any = node._widget.content
    for key in path:
        if isinstance(found, dict) and key not in found:
            return ABSENT
        found = found[key]
    return found


def _key(path: Path) -> int:
    """Of the last step: the key of a dict; a place in a list costs nothing."""
    return len(path[-1]) if path and isinstance(path[-1], str) else 0


def _data(value: Any) -> int:
    """Each value counts 1, and a string its characters besides."""
    if value is ABSENT:
        return 0
    if isinstance(value, str):
        return 1 + len(value)
    if isinstance(value, list):
        return 1 + sum(map(_data, value))
    if isinstance(value, dict):
        return 1 + sum(len(key) + _data(item) for key, item in value.items())
    return 1
