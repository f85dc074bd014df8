"""Tabs that show a table of 1,000×10, and click below it. What the page is stands in `programs/ours.py`."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from lona_sync.wire.protocol import VERSION

from .base import Tab, masked
from .floor import EchoTab
from .ours import OurTab

ROWS, COLUMNS = 1000, 10
LABELS = ("cell", "out", "in", "sort")


class TableTab(Tab):
    """A click of its is one on the button that it aims at; `hear` looks whether the answer is what that button does."""

    def enter(self, path: str) -> None:
        self.prepare()
        self.check(self.show(path))
        self.aim("cell")

    @abstractmethod
    def prepare(self) -> None:
        """All that can be done before the page is asked for."""

    @abstractmethod
    def show(self, path: str) -> bytes:
        """Ask for the page, and wait until the table has come; what it has come in."""

    @abstractmethod
    def check(self, shown: bytes) -> None:
        """`Wrong` when that is not the table."""

    @abstractmethod
    def aim(self, label: str) -> None:
        """At one of LABELS."""


class PeerTableTab(TableTab):
    """Of a peer: tells `look` which texts it has, and `answer` whether an answer is right."""

    label = ""
    clicked = 0                         # the cell's text

    def aim(self, label: str) -> None:
        self.label = label

    def look(self, texts: Sequence[str]) -> None:
        if list(texts) != [f"{row}.{column}" for row in range(ROWS) for column in range(COLUMNS)]:
            self.wrong(f"no table of {len(texts)} cells: {str(texts)[:200]}")

    def is_next(self, text: str) -> bool:
        """Whether the cell shows this after one more click."""
        self.clicked += 1
        return text == str(self.clicked)

    def answer(self, right: bool, message: object) -> None:
        if not right:
            self.wrong(f"no answer to a click on {self.label!r}: {str(message)[:200]}")
        self.shown += 1


class MarkupTab(TableTab, EchoTab):
    """Of the floor, which has a string of HTML and no buttons."""

    site = "a string of HTML"

    def prepare(self) -> None:
        self.upgrade("/")

    def show(self, path: str) -> bytes:
        self.send("table")
        return self.wait_for_message()

    def check(self, shown: bytes) -> None:
        if shown.count(b"<tr>") != ROWS or shown.count(b"<td>") != ROWS * COLUMNS or b"<td>999.9</td>" not in shown:
            self.wrong(f"no table: {shown[:200]!r}")

    def aim(self, label: str) -> None:
        self.wrong("there are no buttons")


class OurTableTab(TableTab, OurTab):
    """docs/protocol.md."""

    def prepare(self) -> None:
        self.upgrade("/_lona_sync/socket", then=masked(json.dumps([0, VERSION]).encode()))
        if json.loads(self.wait_for_message())[0] != 0:
            self.wrong("no welcome")

    def show(self, path: str) -> bytes:
        self.send(json.dumps([1, 1, path, None]))
        while (message := self.wait_for_message()).startswith(b"[1,"):
            continue
        return message

    def check(self, shown: bytes) -> None:
        message = json.loads(shown)
        if message[0] != 2:
            self.wrong(f"no page: {shown[:200]!r}")
        self.frame = message[2]
        nodes = list(texts_and_tags(*message[5:8]))
        self._ids = {value: number - 1 for number, value in nodes if value in LABELS}          # of the button, not of its text
        texts = [value for _, value in nodes if isinstance(value, str)]
        if texts != [f"{row}.{column}" for row in range(ROWS) for column in range(COLUMNS)] + list(LABELS):
            self.wrong(f"no table: {shown[:200]!r}")

    def aim(self, label: str) -> None:
        self._label = label
        self.button = self._ids[label]
        self._cells = self.__dict__.get("_cells", 0)

    def changed(self, patches: list[Any]) -> None:
        match self._label, patches:
            case "cell", [[0, _, text]] if text == str(self._cells + 1):
                self._cells += 1
            case "out", [[5, _]]:
                pass
            case "in", [[4, _, _, first, tags, stream]] if len(list(texts_and_tags(first, tags, stream))) == 1 + 2 * COLUMNS:
                pass
            case "sort", [*moves] if len(moves) > ROWS // 2 and all(verb == 6 for verb, *_ in moves):
                pass
            case _:
                self.wrong(f"no answer to a click on {self._label!r}: {str(patches)[:200]}")
        self.shown += 1


def texts_and_tags(first: int, tags: list[str], stream: list[Any]) -> Any:
    """The id of each node of a stream, and its text, or the number of its tag."""
    number = first
    for item in stream:
        if item == 0 or isinstance(item, dict):
            continue
        yield number, item
        number += 1
