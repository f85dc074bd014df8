"""A tab of Lona, as its first client speaks: `lona/protocol.py` and `lona/client/`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

from .base import Tab, masked
from .table import COLUMNS, LABELS, ROWS, PeerTableTab

VIEW, ACK, DATA, VIEW_START, VIEW_STOP = 101, 103, 203, 204, 205
NODE, TEXT, SEVERAL, TREE, UPDATE = 401, 402, 403, 502, 503


class LonaTab(Tab):
    """Its page has a button that says '+1', and a text with the count. The socket only, as of ours: the page is not fetched."""

    site = "lona"
    view: str

    def enter(self, path: str) -> None:
        self.connect_to(path)
        self.see(self.view_at(path))
        self.button = self.buttons.get("+1", "")

    def connect_to(self, path: str) -> None:
        self.upgrade(path, f"Cookie: sessionid={secrets.token_hex(14)}\r\n")

    def view_at(self, path: str) -> bytes:
        """Start a view; the message with its tree."""
        url = f"http://127.0.0.1:{self.port}{path}"
        self.send("lona:" + json.dumps([1, None, VIEW, [url, None]], separators=(",", ":")))
        while (message := self.wait_for_message()).endswith(b",%d,null]" % VIEW_START):
            continue
        return message

    def see(self, shown: bytes) -> None:
        """The tree of the view, and its buttons by what is on them."""
        _, self.view, method, payload = self.read(shown)
        if method != DATA or payload[1][0] != TREE:
            self.wrong(f"no tree of nodes: {shown[:200]!r}")
        self.tree = list(self.nodes(payload[1][1]))
        self.buttons = {node[8][0][2]: node[1] for node in self.tree if node[0] == NODE and node[3] == "button"}

    def click(self) -> bytes:
        self.clicks += 1
        event = (
            b'lona:[1,"%b",102,[%d,301,{"alt_key":false,"shift_key":false,"meta_key":false,"ctrl_key":false,'
            b'"node_width":30,"node_height":20,"x":10,"y":10},["%b","BUTTON","",""],["%b","BUTTON","",""]]]'
        )
        view, button = self.view.encode(), self.button.encode()
        return masked(event % (view, self.clicks, button, button))

    def hear(self, payload: bytes) -> None:
        message = self.read(payload)
        if message[2] == DATA:
            kind, patches = message[3][1]
            if kind != UPDATE:
                self.wrong(f"expected patches, not {message}")
            self.changed(patches)
        elif message[2] not in (ACK, VIEW_STOP):
            self.wrong(f"expected an acknowledgement or patches, not {message}")

    def changed(self, patches: list[Any]) -> None:
        """A patch of the nodes of the text's paragraph: its only one is another."""
        [[_, _, _, [[_, _, text]]]] = patches
        self.shown = int(text)

    def read(self, payload: bytes) -> list[Any]:
        prefix, _, message = payload.partition(b":")
        if prefix != b"lona":
            self.wrong(f"no message: {payload!r}")
        return json.loads(message)       # type: ignore[no-any-return]  # a list, or what follows raises

    def nodes(self, node: list[Any]) -> Iterator[list[Any]]:
        yield node
        if node[0] != TEXT:
            for child in node[3 if node[0] == SEVERAL else 8]:
                yield from self.nodes(child)


class LonaTableTab(PeerTableTab, LonaTab):
    """The same with a table."""

    def prepare(self) -> None:
        self.connect_to("/table")

    def show(self, path: str) -> bytes:
        return self.view_at(path)

    def check(self, shown: bytes) -> None:
        self.see(shown)
        self.look([node[2] for node in self.tree if node[0] == TEXT][len(LABELS):])

    def aim(self, label: str) -> None:
        super().aim(label)
        self.button = self.buttons[label]

    def changed(self, patches: list[Any]) -> None:
        match self.label, patches:
            case "cell", [[_, 605, 702, [[402, _, text]]]]:
                self.answer(self.is_next(text), patches)
            case "out", [[_, 605, 706, _]]:
                self.answer(True, patches)
            case "in", [[_, 605, 705, _, row]]:
                self.answer(len(row[8]) == COLUMNS, patches)
            case "sort", [[_, 605, 704], [_, 605, 702, rows]]:
                self.answer(len(rows) == ROWS, patches)
            case _:
                self.answer(False, patches)
