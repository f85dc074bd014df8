"""The door through which WebSockets come in, and the list of those that are open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gevent import socket

from ..settings import Settings
from ..views.clock import Clock
from ..views.request import AnonymousUser
from ..wire.protocol import CloseCode
from .connection import Connection
from .connection import Entry as Opener
from .entry import Entry, Mounted
from .origin import origin_allowed, peer_is_trusted
from .sessions import Sessions
from .upgrade import Refusal, upgrade
from .websocket import WebSocket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Codes by which a browser leaves for good; 1005: it gave none. A browser that drops a socket to open another says 4000.
_LEFT = frozenset({1000, 1001, 1005})
#: Codes of ours after which a browser does not come back.
_REFUSED = frozenset({1002, 1003, 1007, 1009})


class Socket:
    """A WSGI application that answers with a WebSocket. One greenlet of the server reads each."""

    def __init__(self, *, settings: Settings, entry: Entry, sessions: Sessions, clock: Clock, counters: Counter[str]) -> None:
        self._settings = settings
        self._entry = entry
        self._sessions = sessions
        self._clock = clock
        self._counters = counters
        self._open: set[Connection] = set()
        self._stopping = False
        # Whatever it answers: a setting that cannot be understood fails here, not with each visitor.
        peer_is_trusted({}, settings.TRUSTED_PROXIES)
        self._origin_allowed({"HTTP_ORIGIN": "https://example.org", "wsgi.url_scheme": "https"})

    def __len__(self) -> int:
        return len(self._open)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        user = self._sessions.visitor(environ)
        base = environ.get("SCRIPT_NAME", "").encode("latin-1").decode(errors="replace").rstrip("/")
        entry = Mounted(self._entry, base) if base else self._entry
        return upgrade(
            environ, start_response, check=self._check, make=self._make,
            serve=lambda websocket: self._serve(websocket, user, entry),
        )

    def close_all(self) -> None:
        """Tell every browser that the server restarts, and let none in any more. Never waits."""
        self._stopping = True
        for connection in list(self._open):
            connection.close(CloseCode.RESTART, "the server restarts")

    def _check(self, environ: WSGIEnvironment) -> Refusal | None:
        if self._stopping:
            return Refusal("503 Service Unavailable", "The server restarts.", CloseCode.RESTART, (("Retry-After", "1"),))
        if not self._origin_allowed(environ):
            self._counters["connections.foreign"] += 1
            return Refusal("403 Forbidden", "This origin may not connect.", CloseCode.FOREIGN_ORIGIN)
        return None

    def _origin_allowed(self, environ: WSGIEnvironment) -> bool:
        settings = self._settings
        return origin_allowed(environ, allowed_origins=settings.ALLOWED_ORIGINS, trusted_proxies=settings.TRUSTED_PROXIES)

    def _make(self, sock: socket.socket, leftover: bytes) -> WebSocket:
        settings = self._settings
        return WebSocket(
            sock, leftover=leftover, message_bytes=settings.MESSAGE_BYTES, send_timeout=settings.SEND_TIMEOUT,
            ping_interval=settings.PING_INTERVAL, ping_timeout=settings.PING_TIMEOUT, read_budget=settings.READ_BUDGET,
        )

    def _serve(self, websocket: WebSocket, user: AnonymousUser, entry: Opener) -> None:
        connection = Connection(
            websocket, user=user, entry=entry, settings=self._settings, clock=self._clock, counters=self._counters,
        )
        websocket.on_drained = connection.drained
        self._open.add(connection)
        self._counters["connections.opened"] += 1
        try:
            while (message := websocket.receive()) is not None:
                connection.received(message)
        finally:
            self._open.discard(connection)
            connection.ended(clean=websocket.close_code in (_LEFT if websocket.clean else _REFUSED))
