"""A browser without a screen that clicks '+1' whatever becomes of the server, and does with it what lona_sync's own client does."""

from __future__ import annotations

import json
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import gevent

from lona_sync.wire.protocol import VERSION, Down, Up, Verb
from tests.cluster.processes import wait_until
from tests.server.raw_client import CLOSE, HANDSHAKE, PING, PONG, TEXT, RawClient, connect, frame

SHORTEST, LONGEST = 0.1, 10.0            # seconds between two tries, as in client/connection.js
RESTARTS = 1012
MOVED = 2


class Clicker:
    """One page with one window, in a greenlet of its own from the beginning on.

    `made` counts its clicks, `text` is what its view shows; when all clicks were taken, none is `pending`. `gaps` are the seconds
    from each goodbye of a view to the sight of the next one. `dropped` counts clicks that a crash has left behind.
    """

    def __init__(self, port: int, url: str = "/", cookie: str = "") -> None:
        self.made = 0
        self.text = ""
        self.title = ""
        self.gaps: list[float] = []
        self.codes: list[int | None] = []                # with which connections have ended
        self.goodbyes: list[int] = []                    # how views have gone
        self.dropped = 0
        self._port = port
        self._url = url
        self._cookie = cookie
        self._client: RawClient | None = None
        self._wait = SHORTEST
        self._view: str | None = None
        self._secret = ""
        self._kept: str | None = None
        self._shown = False
        self._frame = self._button = self._number = 0
        self._pending: deque[int] = deque()              # their numbers in this view; 0: not sent to it yet
        self._gone_at: float | None = None
        self._running = gevent.spawn(self._run)

    @property
    def pending(self) -> int:
        return len(self._pending)

    @property
    def shown(self) -> bool:
        """Whether a view is there."""
        return self._shown

    def click(self) -> None:
        """Whether the server is there or not. Never waits long."""
        self.made += 1
        self._pending.append(0)
        if self._shown:
            self._send_new()

    def settle(self, text: Callable[[Clicker], str] | None = None) -> None:
        """Wait until all clicks were taken, and, if it is given, until the view shows this."""
        wait_until(
            lambda: self._shown and not self._pending and (text is None or self.text == text(self)),
            explain=lambda: f"{self.pending} clicks of {self.made} wait, {self.dropped} were dropped, it shows {self.text!r}; "
                            f"codes {self.codes}, goodbyes {self.goodbyes}",
        )

    def lose(self) -> None:
        """The connection ends without a goodbye."""
        if self._client is not None:
            self._client.sock.close()

    def close(self) -> None:
        self._running.kill()
        self.lose()

    def _run(self) -> None:
        while True:
            try:
                self._connect()
                while self._take(*self._client.receive()):             # type: ignore[union-attr]     # `_connect` has made it
                    pass
            except OSError:
                self.codes.append(None)
            self.lose()
            self._client = None
            if self._view is None and self._gone_at is None:
                self._gone_at = time.monotonic()
            gevent.sleep((1 + random.random()) / 2 * self._wait)
            self._wait = min(2 * self._wait, LONGEST)

    def _connect(self) -> None:
        self._client = RawClient(connect(("127.0.0.1", self._port)))
        headers = {**HANDSHAKE, **({"Cookie": self._cookie} if self._cookie else {})}
        lines = ["GET /_lona_sync/socket HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._client.send("\r\n".join(lines).encode())
        answer = self._client.answer()
        if answer.status != 101:
            raise ConnectionError(str(answer))
        self._client.sock.settimeout(None)
        self._say(Up.HELLO, VERSION)
        if self._view is None:
            self._open()
        else:
            self._say(Up.RESUME, 1, self._view, self._secret, self._frame)

    def _open(self) -> None:
        self._say(Up.OPEN, 1, self._url, None, *([self._kept] if self._kept else []))

    def _say(self, *message: Any) -> None:
        if self._client is not None:
            try:
                self._client.send(frame(TEXT, json.dumps(message).encode()))
            except OSError:                              # whoever reads notices
                return

    def _take(self, opcode: int, payload: bytes) -> bool:
        """False: it is over."""
        if opcode == CLOSE:
            assert self._client is not None
            self._client.send(frame(CLOSE, payload[:2]))
            self.codes.append(int.from_bytes(payload[:2], "big"))
            return False
        if opcode == PING:
            assert self._client is not None
            self._client.send(frame(PONG, payload))
        elif opcode == TEXT:
            kind, *fields = json.loads(payload)
            if kind == Down.WELCOME:
                self._wait = SHORTEST
            elif kind in self._handlers:
                self._handlers[kind](self, *fields[1:])
        return True

    def _started(self, view: str, secret: str, _: int, event: int) -> None:
        resumed = view == self._view
        self._view, self._secret = view, secret
        if resumed:
            self._resend(event)
            return
        self._shown = False
        self._frame = self._number = 0
        self._pending = deque([0] * len(self._pending))

    def _snapshot(self, number: int, event: int, title: str, first: int, _: Any, stream: list[Any], kept: str = "") -> None:
        self._frame, self._kept, self.title = number, kept, title
        nodes = [item for item in stream if item != 0 and not isinstance(item, dict)]
        self._button = first + nodes.index("+1") - 1
        self.text = next(item for item in nodes if isinstance(item, str) and item != "+1")
        self._accepted(event)
        self._shown = True
        if self._gone_at is not None:
            self.gaps.append(time.monotonic() - self._gone_at)
            self._gone_at = None
        self._say(Up.ACK, 1, number)
        self._send_new()

    def _changed(self, number: int, event: int, patches: list[list[Any]]) -> None:
        self._frame = number
        self._accepted(event)
        for verb, *fields in patches:
            if verb == Verb.TEXT:
                self.text = fields[1]
            elif verb == Verb.KEEP:
                self._kept = fields[0]
        self._say(Up.ACK, 1, number)

    def _gone(self, how: int = 0) -> None:
        self.goodbyes.append(how)
        if how != MOVED:
            self.dropped += len(self._pending)
            self._pending.clear()
        self._view = None
        self._shown = False
        self._gone_at = time.monotonic()
        self._open()

    def _refused(self, reason: str) -> None:
        gevent.spawn_later(random.random(), self._open_again)

    def _open_again(self) -> None:
        if self._view is None and not self._shown:
            self._open()

    def _send_new(self) -> None:
        for place, number in enumerate(self._pending):
            if not number:
                self._number += 1
                self._pending[place] = self._number
                self._send_click(self._number)

    def _send_click(self, number: int) -> None:
        self._say(Up.EVENT, 1, number, self._frame, 1, self._button, [1, 1, 10, 10, 0, self._button])

    def _resend(self, event: int) -> None:
        self._accepted(event)
        for number in [number for number in self._pending if number]:
            self._send_click(number)

    def _accepted(self, event: int) -> None:
        while self._pending and 0 < self._pending[0] <= event:
            self._pending.popleft()

    _handlers: dict[int, Callable[..., None]] = {        # noqa: RUF012   # never changed
        Down.STARTED: _started, Down.SNAPSHOT: _snapshot, Down.FRAME: _changed, Down.GONE: _gone, Down.REFUSED: _refused,
        Down.ACK: _accepted, Down.RESEND: _resend,
    }
