"""A browser at the end of a real socket that reads as fast as it is told to, and acknowledges as docs/protocol.md says."""

from __future__ import annotations

import json
from typing import Any

from gevent import socket

from lona_sync.testing.dom import ModelDOM
from lona_sync.wire.protocol import VERSION, Down
from tests.server.raw_client import PATIENCE, RawClient

_KERNEL_BYTES = 4096             # that the kernel keeps for us: what it takes by itself would not be slow
_ACKNOWLEDGE = 0.1               # seconds without news
_WINDOW = 1


class SlowClient(RawClient):
    """`chunk`: bytes that one `step` takes off the line; None: as much as there is. What it shows is in `dom`."""

    def __init__(self, address: tuple[str, int], chunk: int | None = 1024) -> None:
        sock = socket.socket()
        if chunk is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(PATIENCE)
        sock.connect(address)
        super().__init__(sock)
        self._chunk = chunk or 1 << 20
        self.dom = ModelDOM()
        self.bytes = 0                       # read, ever
        self.unacknowledged = 0
        self.largest = 0                     # message
        self.snapshots = 0
        self.frame = 0
        self.started: list[Any] = []
        self._window = 65_536

    def open(self, url: str = "/") -> None:
        self.request()
        self.send_text(f"[0,{VERSION}]")
        self.send_text(json.dumps([1, _WINDOW, url, None]))

    def resume(self, former: SlowClient) -> None:
        """Go on where `former` was."""
        self.dom, self.frame = former.dom, former.frame
        self.request()
        self.send_text(f"[0,{VERSION}]")
        self.send_text(json.dumps([2, _WINDOW, *former.started[2:4], former.frame]))

    def step(self) -> None:
        """Take one chunk, and apply the message that it ends, if it does. Without news, acknowledge what came."""
        if self.unacknowledged:
            try:
                socket.wait_read(self.sock.fileno(), timeout=_ACKNOWLEDGE)
            except TimeoutError:
                self.acknowledge()
        data = self.sock.recv(self._chunk)
        if not data:
            raise ConnectionError("the server has closed the connection")
        self.bytes += len(data)
        self._buffer += data
        while (size := self._size()) is not None and len(self._buffer) >= size:
            opcode, payload = self.receive()
            if opcode == 1:
                self._apply(json.loads(payload), len(payload))

    def acknowledge(self) -> None:
        self.unacknowledged = 0
        self.send_text(f"[5,{_WINDOW},{self.frame}]")

    def _size(self) -> int | None:
        """Of the frame that the buffer begins with, in bytes; None: not to be known yet."""
        if len(self._buffer) < 10:
            length = self._buffer[1] & 0x7F if len(self._buffer) >= 2 else 127
            return 2 + length if length < 126 else None
        length = self._buffer[1] & 0x7F
        if length < 126:
            return 2 + length
        width = 2 if length == 126 else 8
        return 2 + width + int.from_bytes(self._buffer[2:2 + width], "big")

    def _apply(self, message: list[Any], size: int) -> None:
        self.largest = max(self.largest, size)
        if message[0] == Down.WELCOME:
            self._window = message[2]["window"]
        elif message[0] == Down.STARTED:
            self.started = message
        elif message[0] == Down.SNAPSHOT:
            _, _, self.frame, _, title, first, tags, stream = message
            self.dom.apply_snapshot(first, tags, stream, title)
            self.snapshots += 1
        elif message[0] == Down.FRAME:
            _, _, self.frame, _, patches = message
            self.dom.apply_patches(patches)
        if message[0] in (Down.SNAPSHOT, Down.FRAME):
            self.unacknowledged += size
            if self.unacknowledged * 2 >= self._window:
                self.acknowledge()
