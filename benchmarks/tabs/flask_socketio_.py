"""A tab of Flask-SocketIO: what the script of `programs/flask_socketio_.py` does."""

from __future__ import annotations

import re
from typing import Any

from .socketio import SocketIOTab
from .table import COLUMNS, ROWS, PeerTableTab


class FlaskSocketIOTab(SocketIOTab):
    """The number of clicks comes from the server. The socket only, as of ours: the page is not fetched."""

    site = "Flask-SocketIO"

    def enter(self, path: str) -> None:
        self.connect_to("/socket.io/")

    def click(self) -> bytes:
        self.clicks += 1
        return self.emit("click")

    def event(self, name: str, arguments: list[Any]) -> None:
        if name != "count":
            self.wrong(f"expected a count, not {name} {arguments}")
        [self.shown] = arguments


class FlaskSocketIOTableTab(PeerTableTab, FlaskSocketIOTab):
    """The same with a table, which comes in the page."""

    def prepare(self) -> None:
        self._http = self.connect()

    def show(self, path: str) -> bytes:
        return self.page(path, over=self._http)

    def check(self, shown: bytes) -> None:
        self.look(re.findall("<td>([^<]*)</td>", shown.decode()))
        self.connect_to("/socket.io/")

    def click(self) -> bytes:
        self.clicks += 1
        return self.emit(self.label)

    def event(self, name: str, arguments: list[Any]) -> None:
        match [name, *arguments]:
            case [self.label, 100, 4, text]:
                self.answer(self.is_next(text), arguments)
            case [self.label, int()]:
                self.answer(True, arguments)
            case [self.label, int(), [*cells], int()]:
                self.answer(len(cells) == COLUMNS, arguments)
            case [self.label, [*numbers]]:
                self.answer(len(numbers) == ROWS, arguments)
            case _:
                self.answer(False, [name, *arguments])
