"""WebSocket frames (RFC 6455) without a socket: bytes in, messages and control frames out.

The sizes are checked as soon as a header stands in the buffer, before its payload is waited for, so a peer cannot make
the server hold more than one message of the permitted size.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from ...errors import ProtocolError

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

#: What `decode_close` returns for a close frame without a code; it is never sent.
NO_CODE = 1005

#: Fragments of one message. Far more than any browser sends; each costs time even when it is empty.
MAX_FRAGMENTS = 16_384

_FINAL = 0x80
_RESERVED = 0x70
_MASKED = 0x80
_WHOLE_TEXT = _FINAL | TEXT


class Control(NamedTuple):
    """A ping, pong or close frame."""
    opcode: int
    payload: bytes


class FrameReader:
    """Cuts a stream of a client's bytes into text messages and control frames.

    Every violation raises `ProtocolError` with the close code that answers it; the reader is of no use after that.
    """

    __slots__ = ("_at", "_buffer", "_fragments", "_message", "_message_bytes")

    def __init__(self, message_bytes: int) -> None:
        self._message_bytes = message_bytes
        self._buffer: bytes | bytearray = b""
        self._at = 0                                # what lies before was consumed
        self._message: bytearray | None = None      # the fragments so far of an unfinished message
        self._fragments = 0

    def feed(self, data: bytes) -> None:
        """Append what has arrived. Its cost does not depend on what waits already."""
        buffer = self._buffer
        if self._at == len(buffer):
            self._buffer = data                     # as nearly always: what comes is whole
        elif isinstance(buffer, bytearray):
            del buffer[:self._at]
            buffer += data
        else:
            self._buffer = bytearray(buffer[self._at:]) + data
        self._at = 0

    def take_rest(self) -> bytes:
        """What was fed and not consumed. To be asked only after a whole message: the fragments of one are not in it."""
        assert self._message is None
        rest = bytes(self._buffer[self._at:])
        self._buffer, self._at = b"", 0
        return rest

    def next(self) -> str | Control | None:
        """The next whole text message or control frame; None when more bytes are needed."""
        while True:
            buffer, at = self._buffer, self._at
            available = len(buffer) - at
            if available < 2:
                if not available:
                    self._buffer, self._at = b"", 0     # not to be held until the peer says something else
                return None
            first, length = buffer[at], buffer[at + 1]
            if first == _WHOLE_TEXT and _MASKED <= length < _MASKED + 126 and self._message is None:
                # What nearly all messages of a browser are; all that is checked below is as it should be.
                end = at + 6 + length - _MASKED
                if length - _MASKED <= self._message_bytes:
                    if len(buffer) < end:
                        return None
                    self._at = end
                    return _decode(unmask(buffer[at + 6:end], buffer[at + 2:at + 6]))
            opcode = first & 0x0F
            if not length & _MASKED:
                raise ProtocolError(1002, "a frame of a client must be masked")
            length &= 0x7F
            self._check_kind(first, opcode, length)

            start = at + 6                          # two bytes, and four of the mask
            if length >= 126:
                start += 2 if length == 126 else 8
                if available < start - at - 4:
                    return None
                length = int.from_bytes(buffer[at + 2:start - 4], "big")
            if opcode < CLOSE:
                self._check_size(length)
            end = start + length
            if len(buffer) < end:
                return None
            self._at = end
            payload = unmask(buffer[start:end], buffer[start - 4:start])

            if opcode >= CLOSE:
                return Control(opcode, payload)
            if first & _FINAL and self._message is None:
                return _decode(payload)
            if self._append(payload, final=bool(first & _FINAL)):
                message, self._message = self._message, None
                return _decode(message or b"")

    def _check_kind(self, first: int, opcode: int, length: int) -> None:
        if first & _RESERVED:
            raise ProtocolError(1002, "reserved bits must be 0: no extension was negotiated")
        if opcode >= CLOSE:
            if opcode > PONG:
                raise ProtocolError(1002, f"unknown opcode {opcode}")
            if not first & _FINAL or length > 125:
                raise ProtocolError(1002, "a control frame must be whole and at most 125 bytes long")
        elif opcode > BINARY:
            raise ProtocolError(1002, f"unknown opcode {opcode}")
        elif (opcode == CONTINUATION) != (self._message is not None):
            raise ProtocolError(1002, "a continuation without a beginning, or a new message inside of another one")
        elif opcode == BINARY:
            raise ProtocolError(1003, "messages must be text, not binary")

    def _check_size(self, length: int) -> None:
        before = 0 if self._message is None else len(self._message)
        if before + length > self._message_bytes:
            raise ProtocolError(1009, f"a message must not be longer than {self._message_bytes} bytes")

    def _append(self, payload: bytes, *, final: bool) -> bool:
        """Add a fragment; returns whether the message is complete."""
        if self._message is None:
            self._message, self._fragments = bytearray(), 0
        self._message += payload
        self._fragments += 1
        if self._fragments > MAX_FRAGMENTS:
            raise ProtocolError(1009, f"a message must not have more than {MAX_FRAGMENTS} fragments")
        return final


class OwnFrameReader:
    """Cuts what `encode_frame` has made into frames again: whole, unmasked, and, coming from a process of ours, of any size."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> tuple[int, bytes] | None:
        """Opcode and payload of the next frame; None when more bytes are needed."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        start, length = 2, buffer[1]
        if length >= 126:
            start = 4 if length == 126 else 10
            if len(buffer) < start:
                return None
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return None
        frame = buffer[0] & 0x0F, bytes(buffer[start:start + length])
        del buffer[:start + length]
        return frame


def unmask(payload: bytes | bytearray, mask: bytes | bytearray) -> bytes:
    """`payload` XOR the repeated `mask`, as two big integers: a loop over the bytes takes twenty times as long."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(length, "little")


def encode_frame(opcode: int, payload: bytes) -> bytes:
    """One whole, unmasked frame: what a server sends."""
    length = len(payload)
    if length < 126:
        return bytes((_FINAL | opcode, length)) + payload
    if length < 65_536:
        return struct.pack("!BBH", _FINAL | opcode, 126, length) + payload
    return struct.pack("!BBQ", _FINAL | opcode, 127, length) + payload


def encode_masked(opcode: int, payload: bytes) -> bytes:
    """What a client sends. The mask is 0: it hides payloads from proxies that misunderstand them, and here is none."""
    frame = encode_frame(opcode, payload)
    start = len(frame) - len(payload)
    return frame[:1] + bytes((frame[1] | _MASKED,)) + frame[2:start] + bytes(4) + payload


def encode_close(code: int, reason: str = "") -> bytes:
    """A close frame. A reason longer than the 123 bytes that fit is cut between two characters."""
    text = reason.encode("utf-8", "replace")[:123].decode("utf-8", "ignore").encode()
    return encode_frame(CLOSE, struct.pack("!H", code) + text)


def decode_close(payload: bytes) -> int:
    """The code in the payload of a close frame, `NO_CODE` when it is empty."""
    if not payload:
        return NO_CODE
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not may_be_sent(code):
        raise ProtocolError(1002, f"close frame with the invalid code {code}")
    _decode(payload[2:])
    return code


def may_be_sent(code: int) -> bool:
    """Whether `code` may stand in a close frame: registered (1012 to 1014 came after the RFC) or private."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _decode(payload: bytes | bytearray) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise ProtocolError(1007, "text must be UTF-8") from None
