"""Streams of items and widget data, as a browser keeps them; docs/protocol.md, sections 4.3 and 4.4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..html.mutations import AT_END, AT_START
from ..wire.protocol import DataOperation
from .elements import ModelElement, ModelNode, walk

# Any: JSON.


def restore(stream: ModelElement, old: ModelElement | None, spec: Sequence[Any], items: list[tuple[int, ModelNode]]) -> None:
    """Show what a snapshot brings (`items`, each with its place) and what the stream has shown before (`old`)."""
    limit, total, cleared, floor, gone, _ = spec
    before = old.children if old is not None else []
    stream.children = [node for node in before if node.id >= floor and node.id not in gone]
    missed = total - max(old.seen, cleared) if old is not None else 0
    known = {node.id for node in before}
    places = {node.id: place for place, node in enumerate(stream.children)}
    front: list[ModelNode] = []
    for place, item in items:
        missed -= old is not None and item.id not in known
        if item.id in places:
            stream.children[places[item.id]] = item
        else:
            (stream.children if place == AT_END else front).append(item)
    stream.children = [*reversed(front), *stream.children]
    stream.limit, stream.seen, stream.floor = limit, total, floor
    for node in stream.children:
        node.parent = stream
    if old is not None and "data-lona-missed" in old.attributes and old.floor == floor:
        stream.attributes["data-lona-missed"] = old.attributes["data-lona-missed"]
    count_missed(stream, missed)
    trim(stream, newest_first=bool(items) and items[-1][0] == AT_START)


def count_missed(stream: ModelElement, count: int) -> None:
    if count > 0:
        stream.attributes["data-lona-missed"] = str(int(str(stream.attributes.get("data-lona-missed", 0))) + count)


def trim(stream: ModelElement, *, newest_first: bool) -> list[ModelNode]:
    """Take out what is too much, at the far end. All nodes that are gone."""
    gone: list[ModelNode] = []
    while len(stream.children) > stream.limit:
        gone.extend(node for _, node in walk(stream.children.pop(-1 if newest_first else 0)))
    return gone


def change_data(data: Any, operation: int, path: Sequence[Any], value: Any) -> Any:
    """The data after a DATA patch. Raises `LookupError` or `TypeError` for a path that leads nowhere."""
    if not path:
        return value
    place = data
    for key in path[:-1]:
        place = place[key]
    key = path[-1]
    if operation == DataOperation.INSERT:
        if not isinstance(place, list) or not 0 <= int(key) <= len(place):
            raise LookupError(f"nothing can be inserted at {path!r}")
        place.insert(int(key), value)
    elif operation == DataOperation.SET:
        if isinstance(place, list):
            place[key]                             # a list does not grow by this
        place[key] = value
    else:
        del place[key]
    return data
