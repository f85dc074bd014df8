"""The server's tree and the browser's, compared."""

from __future__ import annotations

import json
from typing import Any

from lona_sync.html.node import Node
from lona_sync.html.raw import RawHTML
from lona_sync.html.tags import Div, Li, P, Ul
from lona_sync.html.text import Text
from lona_sync.testing.dom import ModelDOM, structure_of
from lona_sync.wire.document import Document
from lona_sync.wire.log import Cursor
from tests.wire.documents import make_document


def document_of(root: Node) -> Document:
    """A document that shows `root`; nobody else is there to be kept out."""
    document = make_document()
    document.show(root)
    return document


def window_of(document: Document) -> ModelDOM:
    """A window that has just been sent the whole tree."""
    dom = ModelDOM()
    title, first, tags, stream = json.loads(b"[" + document.snapshot().body + b"]")
    dom.apply_snapshot(first, tags, stream, title)
    return dom


def patches_since(document: Document, cursor: Cursor) -> list[Any]:
    """The patches of what has changed since `cursor`."""
    document.close_frame()
    patches = document.since(cursor, 1 << 20)
    assert patches is not None
    return json.loads(b"[" + patches + b"]")


def test_a_snapshot_shows_what_the_server_has():
    root = Div(
        P("a ", Node("b", tag_name="b"), " c", _class="x y", _style={"color": "red", "top": "0"}),
        Node(tag_name="input", type="checkbox", value="v", checked=True, disabled=True),
        P("click", handle_click=print),
        RawHTML("raw <b>HTML</b>"),
        Node(Node(tag_name="foreignObject", nodes=[Div()]), tag_name="svg"),
        Node(tag_name="any", namespace="urn:x"),
    )

    dom = window_of(document_of(root))

    assert dom.to_structure() == structure_of(root)


def test_patches_lead_to_what_the_server_has():
    first, second = Li("one", _class="a"), Li("two", _style={"color": "red"})
    root = Div(Ul(first, second), P())
    document = document_of(root)
    dom = window_of(document)
    cursor = document.log.add_cursor(document.log.last)

    first.class_list.add("b")
    first.class_list.remove("a")
    second.style["color"] = "blue"
    second.set_text("zwei")
    root.nodes[1].append(Div("new", first))
    root.nodes[0].insert(0, Text("before"))
    second.attributes["title"] = "t"
    second.handle_click = print
    dom.apply_patches(patches_since(document, cursor))

    assert dom.to_structure() == structure_of(root)
    assert dom.text() == "beforezweinewone"


def test_no_tree_is_an_empty_structure():
    assert structure_of(None) == ModelDOM().to_structure()


def test_ten_thousand_levels_are_compared():
    deep = Div()
    for _ in range(10_000):
        deep = Div(deep)

    dom = window_of(document_of(deep))

    assert dom.to_structure() == structure_of(deep)
