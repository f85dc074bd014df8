"""An answer that is sent piece by piece: from the view, which makes it in its own greenlet, to the server, which sends it.

One piece waits at a time, so a slow reader slows the view down and costs no memory.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any

from gevent.event import Event
from werkzeug.wrappers import Response as HTTPResponse

from .responses import Response

#: Seconds after which a server that waits for the next piece looks whether anybody still wants it.
PATIENCE = 1.0


class Pour:
    """`outside(what, wait)` runs `wait()`, which waits for `what`, in the name of the view."""

    def __init__(self, outside: Callable[[object, Callable[[], object]], object]) -> None:
        self._outside = outside
        self._piece: bytes | None = None
        self._complete = False                    # the view has made the last one
        self._over = False                        # it makes no more
        self.answer: object = None                # what is poured; None: nothing
        self._news = Event()
        self._room = Event()

    # In the view.

    def run(self, answer: object, pieces: Iterator[Any], charset: str) -> None:
        """Pour `pieces`, bytes and strings. Waits for whoever takes them. Raises TypeError for what is neither."""
        try:
            for piece in pieces:
                self._put(answer, encoded(piece, charset))
            self._complete = True
            self.answer = answer
        finally:
            close: Callable[[], object] | None = getattr(pieces, "close", None)
            if close is not None:
                close()

    def _put(self, answer: object, piece: bytes) -> None:
        if not piece:                             # to HTTP, it would be the end
            return
        self.answer = answer
        self._piece = piece
        self._room.clear()
        self._news.set()
        self._outside("whoever reads its answer", self._room.wait)

    def end(self) -> None:
        """The view's procedure has ended. Never waits."""
        self._over = True
        self._news.set()

    # In the server.

    def await_answer(self) -> None:
        """Wait until the first piece is there, or there will be none."""
        self._news.wait()

    def pieces(self, is_gone: Callable[[], bool]) -> Iterator[bytes]:
        """What is poured, to its end. `is_gone`: nobody is there any more.

        Raises ConnectionResetError when there is no right end to it; servers then cut the connection, so that the reader sees it.
        """
        while True:
            piece, self._piece = self._piece, None
            if piece is not None:
                if not self._over:
                    self._news.clear()            # before the view goes on: it may have the next one at once
                yield piece
                self._room.set()
            elif self._over:
                if not self._complete:
                    raise ConnectionResetError(errno.ECONNRESET, "the view has ended in the middle of its answer")
                return
            elif not self._news.wait(PATIENCE) and is_gone():
                raise ConnectionResetError(errno.ECONNRESET, "the reader has left")


def stream_of(answer: object) -> tuple[Iterator[Any], str] | None:
    """The pieces of an answer that has some, and how its strings are encoded; None: it is whole already."""
    if isinstance(answer, GeneratorType):
        return answer, "utf-8"
    if isinstance(answer, Response) and answer.stream is not None:
        return answer.stream, answer.charset
    if isinstance(answer, HTTPResponse) and answer.is_streamed and not answer.direct_passthrough:
        return iter(answer.response), "utf-8"
    return None


def encoded(piece: object, charset: str) -> bytes:
    """A piece as it is sent. Raises TypeError for what is none."""
    if isinstance(piece, str):
        return piece.encode(charset, errors="replace")
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    raise TypeError(f"a piece of an answer is bytes or a str, not {type(piece).__name__}: {piece!r:.200}")
