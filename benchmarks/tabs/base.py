"""What a tab of any site is: a WebSocket over a bare socket, with as little around it as may be."""

from __future__ import annotations

import base64
import os
import struct
from abc import ABC, abstractmethod
from typing import ClassVar, NoReturn

from gevent import socket

#: Seconds that anything may take.
PATIENCE = 60.0


class Wrong(Exception):
    """A server has answered something else than it should. Whatever was measured means nothing."""


class Tab(ABC):
    """One open page. It may wait (of gevent) until `open` has returned, and never after that: `load` reads and writes then.

    `clicks`: how many were sent. `shown`: how many its page says that were counted.
    """

    #: As the table names it.
    site: ClassVar[str]

    def __init__(self, port: int) -> None:
        self.port = port
        self.clicks = 0
        self.shown = 0
        self.bytes_read = 0
        self._buffer = b""
        self.sock = self.connect()

    @classmethod
    def open(cls, port: int, path: str = "/") -> Tab:
        """A page that shows its view."""
        tab = cls(port)
        tab.enter(path)
        return tab

    def close(self) -> None:
        self.sock.close()

    @abstractmethod
    def enter(self, path: str) -> None:
        """Shake hands, and wait until the page is there; `Wrong` when it is not what it should be."""

    @abstractmethod
    def click(self) -> bytes:
        """The bytes of the next click on the page's button, whole frames; it is counted in `clicks`."""

    @abstractmethod
    def hear(self, payload: bytes) -> None:
        """A message of the server: sets `shown` when it shows a new count, and raises `Wrong` for what cannot be."""

    def reply(self, payload: bytes) -> bytes | None:
        """Whole frames that have to be answered to a message at once, of a protocol that pings in messages."""
        return None

    def acknowledgement(self) -> bytes | None:
        """Whole frames by which its browser tells, once a second, what has been applied, of a protocol that wants to know."""
        return None

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads of the messages that end in `data`."""
        if self._buffer:
            data = self._buffer + data
        payloads, at, available = [], 0, len(data)
        self.bytes_read += available
        while available - at >= 2:
            first, length, start = data[at], data[at + 1], at + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                if available < start:
                    break
                length = int.from_bytes(data[at + 2:start], "big")
            if available < start + length:
                break
            payload = data[start:start + length]
            at = start + length
            if first & 0xF in (0x1, 0x2) and first & 0x80:
                payloads.append(payload)
            elif first & 0xF not in (0x9, 0xA):
                self.wrong(f"a frame that begins with {first:#x}: {payload[:200]!r}")
        self._buffer = data[at:]
        self.bytes_read -= len(self._buffer)
        return payloads

    # For subclasses, until the page is there.

    def connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def upgrade(self, path: str, headers: str = "", then: bytes = b"") -> None:
        """Make the connection a WebSocket; `headers`: whole lines. `then`: what is sent behind the request at once."""
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
        ).encode() + then)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._receive()
        head, _, self._buffer = answer.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            self.wrong(f"no WebSocket: {head!r}")
        self._ready = self.feed(b"")

    def page(self, path: str, over: socket.socket | None = None) -> bytes:
        """A page of HTTP, over a connection of its own; its bytes count as read."""
        with over or self.connect() as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: sock.recv(1 << 18), b""))
        self.bytes_read += len(answer)
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0] or f"content-length: {len(body)}".encode() not in head.lower():
            self.wrong(f"no page at {path!r}: {answer[:1000]!r}")
        return body

    def wait_for_message(self) -> bytes:
        """The next message, when it has come."""
        while not self._ready:
            self._ready = self.feed(self._receive())
        return self._ready.pop(0)

    def send(self, text: str) -> None:
        self.sock.sendall(masked(text.encode()))

    def wrong(self, what: str) -> NoReturn:
        raise Wrong(f"{self.site}: {what}")

    def _receive(self) -> bytes:
        data = self.sock.recv(1 << 18)
        if not data:
            self.wrong("the connection has ended")
        return data


def masked(payload: bytes) -> bytes:
    """A whole text frame of a client. The mask is not 0, since a server might have a short way for that."""
    mask = b"\x1f\x2e\x3d\x4c"
    length = len(payload)
    key = int.from_bytes((mask * (length // 4 + 1))[:length], "little")
    body = (int.from_bytes(payload, "little") ^ key).to_bytes(length, "little")
    if length < 126:
        return bytes((0x81, 0x80 | length)) + mask + body
    if length < 65_536:
        return struct.pack("!BBH", 0x81, 0x80 | 126, length) + mask + body
    return struct.pack("!BBQ", 0x81, 0x80 | 127, length) + mask + body
