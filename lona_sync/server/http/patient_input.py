"""The body of a request under a server that waits for ever for a client that stops in the middle of it."""

from __future__ import annotations

import socket as sockets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gevent import socket

from .serving import BODY_TIMEOUT


class PatientInput:
    """Reads `source`, a server's `wsgi.input`. Each read raises TimeoutError after `BODY_TIMEOUT` seconds.

    werkzeug reads 64 KiB at a time, so that is what has to come within them.
    """

    def __init__(self, source: Any, sock: socket.socket | None) -> None:       # Any: whatever a server has there
        self._source = source
        self._socket = sock

    def read(self, size: int = -1) -> bytes:
        with self._patience():
            data: bytes = self._source.read(size)
            return data

    def readline(self, size: int = -1) -> bytes:
        with self._patience():
            line: bytes = self._source.readline(size)
            return line

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    @contextmanager
    def _patience(self) -> Iterator[None]:
        timeout = gevent.Timeout.start_new(BODY_TIMEOUT)
        try:
            yield
        except gevent.Timeout as raised:
            if raised is not timeout:
                raise
            self._give_up()
            raise TimeoutError("the body of the request did not come") from None
        finally:
            timeout.close()

    def _give_up(self) -> None:
        """Read no more: servers look for the rest of a body that nobody has read, and would wait for it in turn."""
        if self._socket is not None:
            with suppress(OSError):                  # it has ended meanwhile
                self._socket.shutdown(sockets.SHUT_RD)
