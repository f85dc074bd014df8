"""A tab of Flask-SocketIO: what the script of `programs/flask_socketio_.py` does."""

from __future__ import annotations

from typing import Any

from .socketio import SocketIOTab


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
