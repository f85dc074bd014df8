"""One exchange with another process over a unix socket: lines of JSON, and, where a kind needs them, bytes and descriptors.

Each end trusts the other one as itself, once the kernel has told that it runs for the same user; what it sends is limited and
checked all the same, since it may be of another version.
"""

from __future__ import annotations

import array
import json
import os
import socket as sockets
import struct
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import gevent
from gevent import socket

#: Bytes of one line.
LINE_BYTES = 1024 * 1024
#: Descriptors of one exchange.
DESCRIPTORS = 4

_READ_BYTES = 64 * 1024
_CREDENTIALS = struct.Struct("3i")                  # pid, uid, gid
_INT = array.array("i").itemsize


class Trouble(Exception):
    """The other process did not do what it was asked for."""


class Gone(Trouble):
    """There is no such process any more, so nothing that it had.

    `left_socket`: its socket is still in its place, and nobody listens there. A name that no process ever had leaves none.
    """

    def __init__(self, text: str, *, left_socket: bool = False) -> None:
        super().__init__(text)
        self.left_socket = left_socket


class Silent(Trouble):
    """It is there, and does not answer in time."""


class Refused(Trouble):
    """It said no; `reason` is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Away(Trouble):
    """It ended the exchange, or sent what makes no sense. Whether it lives on is unknown."""


class Talk:
    """Either end. Each method may wait, until a `gevent.Timeout` of the caller's ends it. To be closed."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._buffer = bytearray()
        #: Those that came and have not been taken out; `close` closes them.
        self.descriptors: list[int] = []

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []

    def peer(self) -> tuple[int, int]:
        """The process and the user at the other end, as the kernel knows them."""
        pid, user, _ = _CREDENTIALS.unpack(self._socket.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, _CREDENTIALS.size))
        return pid, user

    def send(self, message: Mapping[str, object], payload: bytes = b"", descriptors: Sequence[int] = ()) -> None:
        """One line, and what belongs to it. Raises `Away` when nobody is there to take it."""
        data = json.dumps(message, separators=(",", ":")).encode() + b"\n" + payload
        try:
            if descriptors:
                rights = array.array("i", descriptors)
                sent = self._socket.sendmsg([data], [(sockets.SOL_SOCKET, sockets.SCM_RIGHTS, rights)])
                data = data[sent:]
            self._socket.sendall(data)
        except OSError as error:
            raise Away(str(error)) from None

    def receive(self) -> dict[str, Any]:
        """The next line: an object. Raises `Away` at the end, and for what is none."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > LINE_BYTES:
                raise Away(f"a line is longer than {LINE_BYTES} bytes")
            self._fill()
        line = bytes(self._buffer[:end])
        del self._buffer[:end + 1]
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            raise Away(f"not JSON: {line[:80]!r}") from None
        if not isinstance(message, dict):
            raise Away(f"not an object: {line[:80]!r}")
        return message

    def take(self, count: int) -> bytes:
        """The next `count` bytes. The caller has checked that it wants so many."""
        while len(self._buffer) < count:
            self._fill()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _fill(self) -> None:
        try:
            data, ancillary, flags, _ = self._socket.recvmsg(
                _READ_BYTES, sockets.CMSG_SPACE(DESCRIPTORS * _INT), sockets.MSG_CMSG_CLOEXEC,
            )
        except OSError as error:
            raise Away(str(error)) from None
        for level, kind, rights in ancillary:
            if level == sockets.SOL_SOCKET and kind == sockets.SCM_RIGHTS:
                self.descriptors += array.array("i", rights[:len(rights) - len(rights) % _INT])
        if flags & sockets.MSG_CTRUNC or len(self.descriptors) > DESCRIPTORS:
            raise Away("more descriptors than there is room for")       # or this process may open no more files
        if not data:
            raise Away("it ended the exchange")
        self._buffer += data


def call(path: str, timeout: float) -> Talk:
    """An exchange with the process that listens at `path`. Raises `Gone`, `Silent` after `timeout` seconds, or `Away`."""
    talk = None
    try:
        sock = socket.socket(socket.AF_UNIX)
        talk = Talk(sock)
        deadline = time.monotonic() + timeout
        sock.setblocking(False)
        # Not gevent's `connect`: with EAGAIN (too many wait already) it waits for a socket that is writable all the time.
        while True:
            try:
                sock.connect(path)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Silent("too many wait for it already") from None
                gevent.sleep(0.02)
        sock.setblocking(True)
        if talk.peer()[1] != os.geteuid():
            raise Gone("another user's process has taken its place")
        return talk
    except BaseException as error:
        if talk is not None:
            talk.close()
        if isinstance(error, OSError):
            raise _trouble_of(error, path) from None
        raise


def _trouble_of(error: OSError, path: str) -> Trouble:
    if isinstance(error, ConnectionRefusedError):
        return Gone("it has ended", left_socket=True)
    # Without the folder nobody finds anybody, whoever lives.
    if isinstance(error, FileNotFoundError) and os.path.isdir(os.path.dirname(path)):
        return Gone("it has ended")
    return Away(str(error))                          # the folder; or this process may open no more files
