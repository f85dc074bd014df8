"""Trees and mutations as the JSON text of the wire. Trees are walked without recursion: their depth is the user's choice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring, encode_basestring_ascii

from ..html.mutations import Insert, Move, Mutation, Remove, SetAttribute, SetClass, SetStyle, SetText, TreeNode
from ..html.node import Node
from ..html.text import Text
from .log import Key
from .protocol import Verb

EMPTY_TREE = "0,[],[]"


def encode_string(text: str) -> str:
    """`text` as a JSON string that UTF-8 can hold.

    A lone surrogate (a file name of unknown encoding has them) is escaped: as a raw character it would end the
    connection with 1007.
    """
    quoted: str = encode_basestring(text)
    if quoted.isascii():
        return quoted
    try:
        quoted.encode()
    except UnicodeEncodeError:
        escaped: str = encode_basestring_ascii(text)
        return escaped
    return quoted


def encode_tree(root: TreeNode) -> str:
    """`first,tags,stream` of docs/protocol.md 4.1. Every node of the tree must have its number already."""
    tags: dict[str, int] = {}
    items: list[str] = []
    expected = root.number
    above: list[Iterator[TreeNode]] = [iter((root,))]
    while above:
        for node in above[-1]:
            given = node.number == expected
            expected = node.number + 1
            if isinstance(node, Text):
                text = encode_string(node.data)
                items.append(text if given else f"[{node.number},{text}]")
                continue
            assert isinstance(node, Node)
            tag = tags.get(node.tag_name)
            if tag is None:
                tag = tags[node.tag_name] = len(tags) + 1
            items.append(str(tag))
            attributes = node.wire_attributes()
            if attributes or not given or node.namespace_own:
                items.append(_encode_attributes(attributes, 0 if given else node.number, node.namespace_own))
            if node.children:
                above.append(iter(node.children))
                break
            items.append("0")
        else:
            above.pop()
            if above:
                items.append("0")
    return f"{root.number},{json.dumps(list(tags), separators=(',', ':'))},[{','.join(items)}]"


def encode_mutation(mutation: Mutation) -> tuple[Key | None, str]:
    """The patch, and the key under which a later one replaces it; None: it is never replaced.

    An `Insert` is encoded with the subtree as it is now, which is why the caller must not wait until it is sent.
    """
    number = mutation.node.number
    match mutation:
        case SetText():
            return (number, "#"), f"[{Verb.TEXT},{number},{encode_string(mutation.text)}]"
        case SetAttribute(name=name):
            client = f",{mutation.client}" if mutation.client else ""
            value = _encode_value(mutation.value)
            return (number, name), f"[{Verb.SET},{number},{encode_string(name)},{value}{client}]"
        case SetClass(name=name):
            on = "true" if mutation.on else "false"
            return (number, "." + name), f"[{Verb.CLASS},{number},{encode_string(name)},{on}]"
        case SetStyle(name=name):
            style = "null" if mutation.value is None else encode_string(mutation.value)
            return (number, ":" + name), f"[{Verb.STYLE},{number},{encode_string(name)},{style}]"
        case Insert():
            return None, f"[{Verb.INSERT},{mutation.parent.number},{_number(mutation.before)},{encode_tree(mutation.node)}]"
        case Remove():
            return None, f"[{Verb.REMOVE},{number}]"
        case Move():
            return None, f"[{Verb.MOVE},{number},{mutation.parent.number},{_number(mutation.before)}]"


def encode_title(title: str) -> str:
    return f"[{Verb.TITLE},{encode_string(title)}]"


def _number(node: TreeNode | None) -> int:
    return node.number if node is not None else 0


def _encode_value(value: str | bool) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    return encode_string(value)


def _encode_attributes(attributes: Mapping[str, str | bool], number: int, namespace: str | None) -> str:
    items = [f"{encode_string(name)}:{_encode_value(value)}" for name, value in attributes.items()]
    if number:
        items.append(f'"@id":{number}')
    if namespace:
        items.append(f'"@ns":{encode_string(namespace)}')
    return "{" + ",".join(items) + "}"
