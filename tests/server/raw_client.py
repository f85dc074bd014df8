"""A WebSocket client made by hand, so that it can also do what no client should."""

from __future__ import annotations

import random
import struct
from typing import NamedTuple

from gevent import socket

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

#: Seconds after which a test that waits for the server has failed.
PATIENCE = 10.0

HANDSHAKE = {
    "Host": "example.org",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
#: What the key above has to be answered with: the example of RFC 6455.
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#: The same ones in each run: frames stand in the names of tests, which several processes have to agree on.
MASKS = random.Random(1)


class Answer(NamedTuple):
    """The answer to a request, without its body."""
    status: int
    headers: dict[str, str]


def connect(address: tuple[str, int] | str) -> socket.socket:
    """A connected socket; `address` is a host and port, or the path of a unix socket."""
    if isinstance(address, str):
        sock = socket.socket(socket.AF_UNIX)
    else:
        sock = socket.socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.settimeout(PATIENCE)
    try:
        sock.connect(address)
    except BaseException:         # a greenlet that is killed meanwhile, too
        sock.close()
        raise
    return sock


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """The bytes of one frame, right or wrong."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        header = struct.pack("!BB", first, bit | len(payload))
    elif len(payload) < 65_536:
        header = struct.pack("!BBH", first, bit | 126, len(payload))
    else:
        header = struct.pack("!BBQ", first, bit | 127, len(payload))
    if not masked:
        return header + payload
    mask = MASKS.randbytes(4)
    key = (mask * (len(payload) // 4 + 1))[:len(payload)]
    return header + mask + bytes(a ^ b for a, b in zip(payload, key, strict=True))


def close_frame(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


class RawClient:
    """The client's end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = b""

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def request(
        self, method: str = "GET", version: str = "1.1", then: bytes = b"", path: str = "/", **headers: str | None,
    ) -> Answer:
        """Send a handshake and return its answer. `headers` replace those of a right one; None leaves one out."""
        chosen = dict(HANDSHAKE)
        for name, value in headers.items():
            chosen.pop(name.replace("_", "-"), None)
            if value is not None:
                chosen[name.replace("_", "-")] = value
        lines = [f"{method} {path} HTTP/{version}", *(f"{name}: {value}" for name, value in chosen.items()), "", ""]
        self.sock.sendall("\r\n".join(lines).encode() + then)
        return self.answer()

    def answer(self) -> Answer:
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        return Answer(int(status.split()[1]), {name.lower(): value for name, _, value in pairs})

    def body(self, answer: Answer) -> str:
        return self._take(int(answer.headers["content-length"])).decode()

    def chunk(self) -> bytes:
        """The next part of a body that comes in chunks; b"" is the last one."""
        size = b""
        while not size.endswith(b"\r\n"):
            size += self._take(1)
        return self._take(int(size, 16) + 2)[:-2]

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def send_text(self, text: str) -> None:
        self.send(frame(TEXT, text.encode()))

    def readable(self, seconds: float) -> bool:
        """Wait until something of the next frame is there, or the end is, for at most so long."""
        if self._buffer:
            return True
        try:
            socket.wait_read(self.sock.fileno(), timeout=max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. ConnectionError when the server has closed, or reset, the connection."""
        first, length = self._take(2)
        assert first & 0xF0 == 0x80, "a server's frames are final and have no reserved bits"
        assert not length & 0x80, "a server's frames are not masked"
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        elif length == 127:
            length = int.from_bytes(self._take(8), "big")
        return first & 0x0F, self._take(length)

    def receive_text(self) -> str:
        opcode, payload = self.receive()
        assert opcode == TEXT
        return payload.decode()

    def receive_close(self) -> int | None:
        """The code of the close frame that comes next; None when it has none."""
        opcode, payload = self.receive()
        assert opcode == CLOSE, (opcode, payload)
        return int.from_bytes(payload[:2], "big") if payload else None

    def see_off(self) -> int | None:
        """Read until the server closes, and answer as browsers do, which have got all that came before; the code, if it has one."""
        while True:
            opcode, payload = self.receive()
            if opcode == CLOSE:
                self.send(frame(CLOSE, payload[:2]))
                return int.from_bytes(payload[:2], "big") if payload else None

    def at_end(self) -> bool:
        """Whether the server ends the connection next, without a reset."""
        return not self._buffer and self.sock.recv(1) == b""

    def _take(self, count: int) -> bytes:
        parts, missing = [], count
        while missing:
            if not self._buffer:
                self._fill()
            part, self._buffer = self._buffer[:missing], self._buffer[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _fill(self) -> None:
        data = self.sock.recv(65_536)
        if not data:
            raise ConnectionError("the server has closed the connection")
        self._buffer += data
