"""Socket.IO over one WebSocket, as its client for browsers speaks: protocol 5 in Engine.IO's 4."""

from __future__ import annotations

import json
from typing import Any

from .base import Tab, masked

OPEN, PING, PONG, MESSAGE = b"0", b"2", b"3", b"4"
CONNECT, EVENT = b"0", b"2"


class SocketIOTab(Tab):
    """Connected to the first name space; `event` is what messages are for."""

    def connect_to(self, path: str, query: str = "") -> None:
        """Open the socket and the name space."""
        self.upgrade(f"{path}?{query}EIO=4&transport=websocket")
        if not (message := self.wait_for_message()).startswith(OPEN):
            self.wrong(f"not open: {message!r}")
        self.send((MESSAGE + CONNECT).decode())
        if not (message := self.wait_for_message()).startswith(MESSAGE + CONNECT):
            self.wrong(f"not connected: {message!r}")

    def hear(self, payload: bytes) -> None:
        if payload.startswith(MESSAGE + EVENT):
            name, *arguments = json.loads(payload[2:])
            self.event(name, arguments)
        elif payload != PING:
            self.wrong(f"expected an event, not {payload!r}")

    def reply(self, payload: bytes) -> bytes | None:
        return masked(PONG) if payload == PING else None

    def event(self, name: str, arguments: list[Any]) -> None:
        """Something was emitted to this page."""
        raise NotImplementedError

    def emit(self, name: str, *arguments: object) -> bytes:
        """The bytes of an event of this page."""
        return masked(MESSAGE + EVENT + json.dumps([name, *arguments], separators=(",", ":")).encode())
