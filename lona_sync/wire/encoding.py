"""Trees and mutations as the JSON text of the wire. Trees are walked without recursion: their depth is the user's choice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from ..html.children import walk
from ..html.mutations import (
    DeleteData,
    DropItem,
    Insert,
    InsertData,
    Move,
    Mutation,
    PutItem,
    Remove,
    SetAttribute,
    SetClass,
    SetData,
    SetStyle,
    SetText,
    TreeNode,
    next_number,
)
from ..html.node import Node
from ..html.stream import Stream
from ..html.text import Text
from .log import Key
from .protocol import DataOperation, Verb

EMPTY_TREE = "0,[],[]"
_SURROGATE = re.compile("[\ud800-\udfff]")


def encode_string(text: str) -> str:
    """`text` as a JSON string that UTF-8 can hold.

    A lone surrogate (a file name of unknown encoding has them) is escaped: as a raw character it would end the
    connection with 1007.
    """
    quoted: str = encode_basestring(text)
    return quoted if quoted.isascii() else _without_surrogates(quoted)


def encode_tree(root: TreeNode) -> str:
    """`first,tags,stream` of docs/protocol.md 4.1. Every node of the tree must have its number already."""
    # What is done for each node is written out here: a table has ten thousand of them, and each call costs as much as all else.
    tags: dict[str, str] = {}                                # with the numbers that stand for them
    items: list[str] = []
    write = items.append
    expected = root.number
    above: list[Iterator[TreeNode]] = []
    nodes: Iterator[TreeNode] = iter((root,))
    while True:
        for node in nodes:
            number = node.number
            given = number == expected
            expected = number + 1
            if isinstance(node, Text):
                text = encode_basestring(node._data)
                write(text if given else f"[{number},{text}]")
                continue
            assert isinstance(node, Node)
            name = node._tag_name
            tag = tags.get(name)
            if tag is None:
                tag = tags[name] = str(len(tags) + 1)
            attributes = node.wire_attributes()
            if not given or node.namespace_own or node.widget or isinstance(node, Stream):
                tag += "," + _encode_attributes(attributes, _encode_more(node, given))
            elif attributes:
                tag += "," + _encode_attributes(attributes, [])
            alone = node.text_alone
            if alone is not None:
                expected += 1
                write(f"-{tag},{encode_basestring(alone)}")
                continue
            write(tag)
            children = node.children
            if children:
                above.append(nodes)
                nodes = iter(children)
                break
            write("0")
        else:
            if not above:
                break
            write("0")
            nodes = above.pop()
    return _without_surrogates(f"{root.number},[{','.join(map(encode_string, tags))}],[{','.join(items)}]")


def _without_surrogates(quoted: str) -> str:
    """JSON as `encode_string` makes it: lone surrogates are escaped."""
    if not quoted.isascii():
        try:
            quoted.encode()
        except UnicodeEncodeError:
            return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    return quoted


def encode_item(item: TreeNode, number: int) -> str:
    """`encode_tree` for an item of a stream, which gets this number.

    Its nodes have their numbers for this moment only: who made them may use them once more, and the browser knows these.
    """
    nodes = list(walk(item))
    former = [node.number for node in nodes]
    item.number = number
    for node in nodes[1:]:
        node.number = next_number()
    text = encode_tree(item)
    for node, before in zip(nodes, former, strict=True):
        node.number = before
    return text


def encode_mutation(mutation: Mutation) -> tuple[Key | None, str]:
    """The patch, and the key under which a later one replaces it; None: it is never replaced.

    In a key stands before the name what no attribute's name has in it: `:color` may be one.

    An `Insert` is encoded with the subtree as it is now, which is why the caller must not wait until it is sent.
    """
    number = mutation.node.number
    match mutation:
        case SetText():
            return (number, "#"), encode_text(number, mutation.text)
        case SetAttribute(name=name):
            client = f",{mutation.client}" if mutation.client else ""
            value = _encode_value(mutation.value)
            return (number, name), f"[{Verb.SET},{number},{encode_string(name)},{value}{client}]"
        case SetClass(name=name):
            on = "true" if mutation.on else "false"
            return (number, "." + name), f"[{Verb.CLASS},{number},{encode_string(name)},{on}]"
        case SetStyle(name=name):
            style = "null" if mutation.value is None else encode_string(mutation.value)
            return (number, ";" + name), f"[{Verb.STYLE},{number},{encode_string(name)},{style}]"
        case Insert():
            return None, f"[{Verb.INSERT},{mutation.parent.number},{_number(mutation.before)},{encode_tree(mutation.node)}]"
        case Remove():
            return None, f"[{Verb.REMOVE},{number}]"
        case SetData(path=path):
            key = (number, f"={path[0]}") if mutation.is_scalar else None
            return key, _encode_data(number, DataOperation.SET, path, mutation.value)
        case InsertData(path=path):
            return None, _encode_data(number, DataOperation.INSERT, path, mutation.value)
        case DeleteData(path=path):
            return None, _encode_data(number, DataOperation.DELETE, path, None)
        case PutItem(item=item, place=place):
            return None, encode_put(mutation.node, place, encode_item(item, mutation.number))
        case DropItem():
            return None, f"[{Verb.DROP},{number},{mutation.number}]"
        case Move():
            return None, f"[{Verb.MOVE},{number},{mutation.parent.number},{_number(mutation.before)}]"


def encode_text(number: int, text: str) -> str:
    return f"[{Verb.TEXT},{number},{encode_string(text)}]"


def encode_put(stream: TreeNode, place: int, item: str) -> str:
    return f"[{Verb.PUT},{stream.number},{place},{item}]"


def encode_call(node: TreeNode | None, call: int, method: str, args: Sequence[Any]) -> str:
    return f"[{Verb.CALL},{call},{_number(node)},{encode_string(method)},{encode_json(args)}]"


def encode_json(value: object) -> str:
    """JSON that UTF-8 can hold."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _encode_data(number: int, operation: int, path: Sequence[str | int], value: object) -> str:
    tail = "" if operation == DataOperation.DELETE else f",{encode_json(value)}"
    return f"[{Verb.DATA},{number},{operation},{encode_json(path)}{tail}]"


def encode_keep(token: str) -> str:
    return f"[{Verb.KEEP},{encode_string(token)}]"


def encode_title(title: str) -> str:
    return f"[{Verb.TITLE},{encode_string(title)}]"


def encode_url(place: tuple[int, str, int], client: int = 0) -> str:
    """`place`: number, URL, and how: see `Document.go`. `client`: whoever is there already."""
    number, url, how = place
    return f"[{Verb.URL},{number},{encode_string(url)},{how}{f',{client}' if client else ''}]"


def _number(node: TreeNode | None) -> int:
    return node.number if node is not None else 0


def _encode_value(value: str | bool) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    return encode_string(value)


def _encode_more(node: Node, given: bool) -> list[str]:
    """What is no attribute of the element; docs/protocol.md 4.1."""
    more: list[str] = []
    if not given:
        more.append(f'"@id":{node.number}')
    if node.namespace_own:
        more.append(f'"@ns":{encode_string(node.namespace_own)}')
    if node.widget:
        more.append(f'"@widget":[{encode_string(node.widget)},{encode_json(node.widget_data.to_python())}]')
    if isinstance(node, Stream):
        items = ",".join([f"[{place},{item}]" for place, item in node.tail.values()])      # text since the document took the stream
        gone = encode_json(list(node.gone))
        more.append(f'"@items":[{node.limit},{node.total},{node.cleared},{node.floor},{gone},[{items}]]')
    return more


def _encode_attributes(attributes: Mapping[str, str | bool], more: list[str]) -> str:
    return "{" + ",".join([f"{encode_string(name)}:{_encode_value(value)}" for name, value in attributes.items()] + more) + "}"
