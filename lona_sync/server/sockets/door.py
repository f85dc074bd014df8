"""The door through which WebSockets come in, and the list of those that are open."""

from __future__ import annotations

import logging
import resource
import socket as sockets
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import gevent
from gevent import socket
from gevent.event import Event

from ...errors import ForbiddenError, NotFoundError
from ...settings import Settings
from ...siblings import Siblings, Trouble
from ...views.accounts import Accounts
from ...views.clock import Clock, RealClock, Timer
from ...views.envelope import Envelope
from ...views.hooks import GO_ON
from ...views.visitor import Visitor
from ...wire import protocol
from ...wire.protocol import CloseCode
from ..entry import Doorway, Elsewhere, Entry
from ..http.origin import origin_allowed, peer_is_trusted
from ..middlewares import Middlewares
from ..people.session_store import StoreUnavailable
from ..people.visitors import Visitors
from .allowance import Allowance
from .connection import Connection, current_connection, ignore
from .frames import TEXT, encode_masked
from .handover import UNSENT_BYTES, Handover, is_restart, view_is_gone
from .presence import Presence
from .readers import Readers
from .receipts import Receipts
from .relay import Relay
from .remote import Errand
from .rounds import Rounds
from .upgrade import Refusal, begin, upgrade
from .websocket import WebSocket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("lona_sync.server.handover")

#: Codes by which a browser leaves for good; 1005: it gave none. A browser that drops a socket to open another says 4000.
_LEFT = frozenset({1000, 1001, 1005})
#: Codes of ours after which a browser does not come back.
_REFUSED = frozenset({1002, 1003, 1007, 1009})
_TOO_MANY = "Too many connections of this user are open."
_FULL = "Too many connections are open."
#: Script errors of all browsers that are logged: a liar may come again and again, and each has two thousand characters.
LOGGED_EACH_SECOND, LOGGED_AT_ONCE = 10.0, 1000


class Socket:
    """A WSGI application that answers with a WebSocket. No greenlet belongs to one: see `websocket`.

    `everybody`: gets those that are open. `hear(connection, text)`: is told raw messages of scripts, and does not wait.
    """

    def __init__(
        self, *, settings: Settings, entry: Entry, visitors: Visitors, presence: Presence, middlewares: Middlewares,
        siblings: Siblings, clock: Clock, counters: Counter[str], everybody: set[Connection],
        hear: Callable[[Connection, str], None] = ignore,
    ) -> None:
        self._settings = settings
        self._entry = entry
        self._last_doorway = Doorway(entry)
        self._visitors = visitors
        self.presence = presence
        self._middlewares = middlewares
        self._clock = clock
        self._receipts = Receipts(delay=settings.ACK_DELAY, clock=clock)
        self._under_way = Rounds(seconds=settings.SEND_TIMEOUT, clock=clock)
        self._silent = Rounds(seconds=settings.PING_INTERVAL, clock=RealClock())
        self._counters = counters
        self._everybody = everybody
        self._hear = hear
        self._open: dict[Connection, float] = {}            # and since when
        # More than may have a view: the pages that are too many are to be told so, over a connection.
        self._accounts = Accounts[Connection](settings, times=2)
        self._door_closed = False
        self._stopping = False
        self._told = False                                  # that there are too few descriptors
        self._readers = Readers()
        self._sockets = 0                                   # that are not over, those that are being greeted or refused included
        self._none = Event()                                # there is no such socket
        self._none.set()
        self._handover = Handover(
            siblings=siblings, settings=settings, admit=self.admit, find=entry.find,
            room=self._has_room, serve=self._adopt, ending=lambda: entry.ending, counters=counters,
        )
        self._complaints = Allowance(rate=LOGGED_EACH_SECOND, burst=LOGGED_AT_ONCE, clock=clock)
        self._look: Timer | None = None                      # runs while any is open
        # Whatever it answers: a setting that cannot be understood fails here, not with each visitor.
        peer_is_trusted({}, settings.TRUSTED_PROXIES)
        self._origin_allowed({"HTTP_ORIGIN": "https://example.org", "wsgi.url_scheme": "https"})

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        """Those that are open at this moment."""
        return iter(list(self._open))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            visitor = self._visitors.of(environ, interactive=True)
            headers = self._visitors.headers(visitor)
        except StoreUnavailable as error:
            self._counters["sessions.unavailable"] += 1
            logger.error("a WebSocket was refused: %s", error)
            start_response("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "5")])
            return []
        return upgrade(
            environ, start_response, check=lambda environ: self._check(environ, visitor), make=self._make,
            serve=lambda websocket: self._greet(websocket, visitor), headers=headers,
        )

    def admit(self, envelope: Envelope, base: str) -> Visitor | None:
        """Who has opened the WebSocket that comes from another process; None: he is not let in. May wait."""
        visitor = self._visitors.arrived(envelope, base)
        return visitor if self._middlewares.handle_connection(visitor) is GO_ON else None

    def close_door(self) -> None:
        """Let no browser in any more, but those that come back to a view of this process by way of another one."""
        self._door_closed = True

    def close_all(self) -> None:
        """Tell every browser that the server restarts, and let none in any more. Never waits."""
        self._door_closed = self._stopping = True
        for connection in list(self._open):
            connection.let_go()

    def let_old_ones_come_anew(self) -> None:
        """Send those away for a moment whose cookie was not signed anew for half of its lifetime, or more. Never waits.

        A page may be open for months, with one WebSocket. It comes back at once, and its handshake brings a fresh cookie; else it
        would be nobody's when the line breaks one day. Not all that have begun together come back together.
        """
        lifetime = self._settings.SESSION_LIFETIME
        for connection, since in list(self._open.items()):
            age = self._clock.now() - since
            if connection.visitor.session.key and age > lifetime * (0.5 + (id(connection) >> 4) % 20 / 80):
                connection.close(CloseCode.TIMEOUT, "for a fresh cookie")
        self._look = None
        self._look_later()

    def _look_later(self) -> None:
        if self._look is None and self._open:
            self._look = self._clock.idle_timer(self._settings.SESSION_LIFETIME / 20, self.let_old_ones_come_anew)

    def wait(self, timeout: float) -> None:
        """Until all connections have ended, of which no server knows. At most `timeout` seconds."""
        self._none.wait(timeout)

    def _check(self, environ: WSGIEnvironment, visitor: Visitor) -> Refusal | None:
        if self._door_closed:
            return Refusal("503 Service Unavailable", "The server restarts.", CloseCode.RESTART, (("Retry-After", "1"),))
        if not self._origin_allowed(environ):
            self._counters["connections.foreign"] += 1
            return Refusal("403 Forbidden", "This origin may not connect.", CloseCode.FOREIGN_ORIGIN)
        if self._is_crowded(visitor):
            return Refusal("429 Too Many Requests", _TOO_MANY, CloseCode.TIMEOUT, (("Retry-After", "5"),))
        if not self._has_room():
            self._counters["connections.refused.full"] += 1
            self._tell_why()
            return Refusal("503 Service Unavailable", _FULL, CloseCode.TIMEOUT, (("Retry-After", "5"),))
        return None

    def _tell_why(self) -> None:
        most = _descriptors()
        if most < self._settings.MAX_CONNECTIONS and not self._told:
            self._told = True
            logger.warning(
                "a WebSocket was refused: this process takes %d, three quarters of the files that it may open, and not "
                "MAX_CONNECTIONS (%d). Raise `ulimit -n` (systemd: LimitNOFILE=).", most, self._settings.MAX_CONNECTIONS,
            )

    def _is_crowded(self, visitor: Visitor) -> bool:
        """Whether he has as many connections as he may; counted."""
        full = self._accounts.is_full(visitor.owner)
        self._counters["connections.refused.user"] += full
        return full

    def _origin_allowed(self, environ: WSGIEnvironment) -> bool:
        settings = self._settings
        return origin_allowed(environ, allowed_origins=settings.ALLOWED_ORIGINS, trusted_proxies=settings.TRUSTED_PROXIES)

    def _has_room(self) -> bool:
        return not self._stopping and self._sockets < min(self._settings.MAX_CONNECTIONS, _descriptors())

    def _make(self, sock: sockets.socket | socket.socket, leftover: bytes, unsent: bytes = b"") -> WebSocket:
        settings = self._settings
        websocket = WebSocket(
            sock, leftover=leftover, unsent=unsent, message_bytes=settings.MESSAGE_BYTES, send_timeout=settings.SEND_TIMEOUT,
            silent=self._silent, ping_timeout=settings.PING_TIMEOUT, read_budget=settings.READ_BUDGET, readers=self._readers,
        )
        self._sockets += 1
        self._none.clear()
        websocket.listen(_Stranger(self))
        return websocket

    def _gone(self) -> None:
        self._sockets -= 1
        if not self._sockets:
            self._none.set()

    def _greet(self, websocket: WebSocket, visitor: Visitor) -> None:
        """Let the middlewares see him first. What one raises keeps him out; when that was no answer, he comes back later."""
        try:
            said = self._middlewares.handle_connection(visitor)
        except (ForbiddenError, NotFoundError):
            said = None
        except Exception:
            logger.exception("error in a middleware")
            websocket.close(CloseCode.INTERNAL)
            return
        if said is GO_ON and self._is_crowded(visitor):      # by those that a middleware has kept waiting, too
            websocket.close(CloseCode.TIMEOUT, _TOO_MANY)
            return
        if said is GO_ON:
            self._serve(websocket, visitor)
            return
        self._counters["connections.refused.middleware"] += 1
        if isinstance(said, str):
            websocket.send(protocol.message(0, said))
        websocket.close(CloseCode.NOT_ADMITTED, "a middleware has refused it")

    def _serve(self, websocket: WebSocket, visitor: Visitor, moved: bool = False) -> None:
        connection = Connection(
            websocket, visitor=visitor, entry=self._doorway(visitor.base), presence=self.presence, settings=self._settings,
            clock=self._clock, receipts=self._receipts, under_way=self._under_way, counters=self._counters, greeted=moved,
            hear=self._hear, among=self._everybody, complaints=self._complaints,
        )
        websocket.on_drained = connection.drained
        self._open[connection] = self._clock.now()
        self._look_later()
        self._accounts.enter(visitor.owner, connection)
        self._counters["connections.opened"] += 1
        if self._stopping:                           # since its handshake, or since it set out from another process
            connection.close(CloseCode.RESTART, "the server restarts")
        if self._visitors.has_ended(visitor):        # the same: nobody could have found the connection
            connection.dismiss()
        self._counters["connections.adopted"] += moved
        websocket.listen(_Guest(self, websocket, connection, moved))

    def _doorway(self, base: str) -> Doorway:
        """Nearly all connections of an application come in below the same base."""
        if self._last_doorway.base != base:
            self._last_doorway = Doorway(self._entry, base)
        return self._last_doorway

    def _left(self, websocket: WebSocket, connection: Connection, moved: bool) -> None:
        self._counters["connections.adopted"] -= moved
        self._open.pop(connection, None)
        self._accounts.strike_off(connection)
        # One that another process goes on with has no windows here, and is not lost.
        connection.ended(clean=websocket.released or websocket.close_code in (_LEFT if websocket.clean else _REFUSED))
        connection.parted(answered=websocket.answered)
        self._gone()

    # Views of other processes.

    def _run_errand(self, errand: Errand, websocket: WebSocket, connection: Connection) -> None:
        """Give the whole connection to the process that has the view, or, if it has to stay, let one window of it go there."""
        if connection.is_bare and websocket.can_be_released and websocket.unsent <= UNSENT_BYTES:
            self._give(errand, websocket, connection)
            return

        def bring(elsewhere: Elsewhere, sock: socket.socket, unread: bytes) -> None:
            self._handover.give(elsewhere, connection.visitor, sock, lambda: (unread, b""))

        relay = Relay(
            errand, connection, bring=bring, unsent=lambda: websocket.unsent, settings=self._settings, counters=self._counters,
        )
        connection.show_remote(errand.message.window, relay)
        relay.start()

    def _give(self, errand: Errand, websocket: WebSocket, connection: Connection) -> None:
        def take() -> tuple[bytes, bytes] | None:
            if websocket.closed:
                return None
            unread, unsent = websocket.release()
            return encode_masked(TEXT, protocol.encode(errand.message).encode()) + unread, unsent

        try:
            self._handover.give(errand.elsewhere, connection.visitor, websocket.socket, take)
        except Trouble as error:
            if view_is_gone(error):
                connection.not_there(errand.message, restarted=is_restart(error))
            else:
                connection.try_later(errand.message)
            return

    def _adopt(
        self, sock: sockets.socket, unread: bytes, unsent: bytes, visitor: Visitor,
    ) -> None:
        gevent.spawn(begin, self._make(sock, unread, unsent), lambda websocket: self._serve(websocket, visitor, moved=True))


def _descriptors() -> int:
    """How many a process may have for WebSockets: without the rest it could not even answer that it is full."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if most == resource.RLIM_INFINITY else most * 3 // 4


class _Stranger:
    """Listens for a connection that is not let in yet, or never will be."""

    __slots__ = ("_door",)

    def __init__(self, door: Socket) -> None:
        self._door = door

    def heard(self, message: str) -> None:
        """It is dropped: only one that is closed again comes to be read."""

    def ended(self) -> None:
        self._door._gone()


class _Guest:
    """Listens for a connection that was let in. `moved`: from another process."""

    __slots__ = ("_connection", "_door", "_moved", "_websocket")

    def __init__(self, door: Socket, websocket: WebSocket, connection: Connection, moved: bool) -> None:
        self._door = door
        self._websocket = websocket
        self._connection = connection
        self._moved = moved

    def heard(self, message: str) -> None:
        current_connection.set(self._connection)
        errand = self._connection.received(message)
        if errand is not None:
            self._door._run_errand(errand, self._websocket, self._connection)

    def ended(self) -> None:
        current_connection.set(self._connection)
        self._door._left(self._websocket, self._connection, self._moved)
