"""The body of a request, piece by piece, from whoever serves us; who stops in the middle of it is not waited for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import gevent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Bytes that are asked for at one time.
PIECE = 64 * 1024


class Stopped(Exception):
    """The body has not come to its end. `slow`: since it was waited for too long; else the connection has ended."""

    def __init__(self, *, slow: bool) -> None:
        super().__init__("too slow" if slow else "the connection has ended")
        self.slow = slow


def length_of(environ: WSGIEnvironment) -> int | None:
    """How long the body is; None: it does not say so, or is in chunks."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def body(environ: WSGIEnvironment, length: int, timeout: float) -> Iterator[bytes]:
    """The `length` bytes of it. Raises `Stopped` when `timeout` seconds do not bring the next 64 KiB."""
    stream = environ["wsgi.input"]
    while length:
        limit = gevent.Timeout(timeout)
        try:
            with limit:
                data = stream.read(min(PIECE, length))
        except gevent.Timeout as raised:
            if raised is not limit:
                raise
            raise Stopped(slow=True) from None
        except Exception as error:               # each server has errors of its own: gunicorn's, pywsgi's, OSError, ValueError
            raise Stopped(slow=False) from error
        if not data:
            raise Stopped(slow=False)
        length -= len(data)
        yield data
