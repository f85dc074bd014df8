"""A tab of NiceGUI, as its client speaks: `nicegui/static/nicegui.js`."""

from __future__ import annotations

import ast
import json
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from .socketio import SocketIOTab
from .table import COLUMNS, ROWS, PeerTableTab

#: Seconds after which its client acknowledges what has come.
ACKNOWLEDGE = 3.0
_ESCAPES = (("&#36;", "$"), ("&#96;", "`"), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&"))


class NiceGUITab(SocketIOTab):
    """Its page has a button that says '+1', and a label with the count.

    The page comes over HTTP, with all elements in it and with the key of its socket: opening it needs both. Nothing is compressed.
    """

    site = "nicegui"
    event_of_click: dict[str, Any]

    def enter(self, path: str) -> None:
        self.see(self.page(path))
        if "+1" in self.buttons:
            self.event_of_click = self.event_of(self.buttons["+1"])

    def see(self, shown: bytes) -> None:
        """The elements of a page, and its buttons by what is on them; and connect."""
        page = shown.decode()
        elements = page.partition("parseElements(String.raw`")[2].partition("`)")[0]
        for escape, text in _ESCAPES:
            elements = elements.replace(escape, text)
        self.elements: dict[str, Any] = json.loads(elements)
        query = ast.literal_eval(page.partition("query: ")[2].partition("\n")[0].rstrip(","))
        self._client: str = query["client_id"]
        self._next, self._acknowledged, self._acknowledge_at = int(query["next_message_id"]), -1, 0.0
        ids = {"document_id": uuid.uuid4(), "tab_id": uuid.uuid4(), "old_tab_id": "null", "implicit_handshake": "true"}
        self.connect_to("/_nicegui_ws/socket.io/", urlencode({**query, **ids}) + "&")
        self._acknowledge_at = time.monotonic() + ACKNOWLEDGE
        self.buttons = {element["props"]["label"]: key for key, element in self.elements.items() if element["tag"] == "q-btn"}

    def click(self) -> bytes:
        self.clicks += 1
        return self.emit("event", self.event_of_click)

    def event_of(self, element: str, kind: str = "click") -> dict[str, Any]:
        """What is emitted when it happens to an element."""
        [listener] = [event["listener_id"] for event in self.elements[element]["events"] if event["type"] == kind]
        return {"id": int(element), "client_id": self._client, "listener_id": listener, "args": []}

    def reply(self, payload: bytes) -> bytes | None:
        if (now := time.monotonic()) < self._acknowledge_at or self._acknowledged >= self._next:
            return super().reply(payload)
        self._acknowledge_at, self._acknowledged = now + ACKNOWLEDGE, self._next
        acknowledgement = self.emit("ack", {"client_id": self._client, "next_message_id": self._next})
        return (super().reply(payload) or b"") + acknowledgement

    def event(self, name: str, arguments: list[Any]) -> None:
        [message] = arguments
        if (number := message.pop("_id")) != self._next:
            self.wrong(f"expected message {self._next}, not {number}: {name} {message}")
        self._next = number + 1
        if name == "update":
            self.changed(message)
        elif name != "load_js_components":
            self.wrong(f"expected an update, not {name} {message}")

    def changed(self, elements: dict[str, Any]) -> None:
        """Elements as they are now."""
        [element] = elements.values()
        self.shown = int(element["text"])


class NiceGUITableTab(PeerTableTab, NiceGUITab):
    """The same with a table."""

    def prepare(self) -> None:
        self._http = self.connect()

    def show(self, path: str) -> bytes:
        return self.page(path, over=self._http)

    def check(self, shown: bytes) -> None:
        self.see(shown)
        self.look([element["text"] for element in self.elements.values() if element["tag"] == "td"])

    def aim(self, label: str) -> None:
        super().aim(label)
        self.event_of_click = self.event_of(self.buttons[label])

    def changed(self, elements: dict[str, Any]) -> None:
        gone = [element for element in elements.values() if element is None]
        there = {element["tag"]: element for element in elements.values() if element is not None}
        rows = len(there.get("table", {}).get("children", ()))
        match self.label:
            case "cell":
                self.answer(len(elements) == 1 and self.is_next(there["td"]["text"]), elements)
            case "out":
                self.answer(len(gone) == 1 + COLUMNS and ROWS - 300 < rows < ROWS, elements)
            case "in":
                self.answer(len(elements) == 2 + COLUMNS and ROWS - 300 < rows <= ROWS, elements)
            case "sort":
                self.answer(len(elements) == 1 and rows == ROWS, elements)


class NiceGUIRowsTab(NiceGUITableTab):
    """The same with `ui.table`."""

    site = "nicegui's ui.table"

    def show(self, path: str) -> bytes:
        return super().show("/rows")

    def check(self, shown: bytes) -> None:
        self.see(shown)
        [self.table] = [element for element in self.elements.values() if element["tag"] == "nicegui-table"]
        self.look([row[str(column)] for row in self.table["props"]["rows"] for column in range(COLUMNS)])

    def changed(self, elements: dict[str, Any]) -> None:
        [table] = elements.values()
        before, rows = self.table["props"]["rows"], table["props"]["rows"]
        match self.label:
            case "cell":
                [changed] = [row for row, old in zip(rows, before, strict=True) if row != old]
                self.answer(self.is_next(changed["4"]), changed)
            case "out":
                self.answer(len(rows) == len(before) - 1, rows)
            case "in":
                self.answer(len(rows) == len(before) + 1, rows)
            case "sort":
                self.answer(rows != before and sorted(rows, key=str) == sorted(before, key=str), rows)
        self.table = table
