"""Where requests come from: one HTTP request, or one WebSocket with all its views."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlsplit

from werkzeug.wrappers import Request as HTTPRequest

from .envelope import NONE, Envelope
from .server import Server
from .session import Session
from .users import AnonymousUser, is_guest

_HANDSHAKE = urlsplit("/_lona_sync/socket")


class Socket(Protocol):
    """The WebSocket that somebody has come by: a `connection.Connection`."""

    def user_changed(self) -> None:
        """He is somebody else now."""

    def tell(self, window: int, text: str) -> bool:
        """Send a text to the scripts of the page. Never waits."""


class Visitor:
    """What middlewares get as `data.connection` and views as `request.connection`.

    `user` is who comes: an `AnonymousUser`, or who has logged in. A middleware's `handle_connection` may set another one, hashable;
    views that start from then on are his. `address`: see `AnonymousUser`. `base`: where the application is mounted, as '/prefix'.
    `interactive`: it came over a WebSocket, and lasts.
    """

    __slots__ = (
        "_guest", "_http_request", "_server", "_user", "address", "base", "envelope", "interactive", "session", "socket",
    )

    def __init__(
        self, user: Any, *, session: Session | None = None, envelope: Envelope = NONE, address: str = "", base: str = "",
        interactive: bool = False, server: Server | None = None,
    ) -> None:
        #: Once there is one, and as long as it lasts.
        self.socket: Socket | None = None
        self.user = user
        self.session = Session() if session is None else session
        self.address = address
        self.base = base
        self.interactive = interactive
        #: What came around the HTTP request behind it.
        self.envelope = envelope
        self._http_request: HTTPRequest | None = None
        self._server = server
        self._guest: AnonymousUser | None = None

    @property
    def user(self) -> Any:                               # Any: the application's own class, or ours
        return self._user

    @user.setter
    def user(self, user: Any) -> None:
        check_user(user)
        self._user = user
        if self.socket is not None:
            self.socket.user_changed()

    @property
    def owner(self) -> Any:
        """Whom the views belong to that he opens: his `user`; where that is an object for all who have not logged in, as Django's
        `AnonymousUser` (`is_authenticated` is False), or None, which is equal for all of them, the browser instead.
        """
        if isinstance(self._user, AnonymousUser) or getattr(self._user, "is_authenticated", self._user is not None):
            return self._user
        if self.session.key:
            return AnonymousUser(self.session.key, address=self.address)
        if self._guest is None:
            self._guest = AnonymousUser.make_guest(self.address)
        return self._guest

    @property
    def http_request(self) -> HTTPRequest:
        """The request as werkzeug knows it: headers, cookies, address. Of a WebSocket it is the handshake, which is a GET."""
        if self._http_request is None:
            self._http_request = HTTPRequest(self.envelope.environ(_HANDSHAKE, self.base))
        return self._http_request

    @http_request.setter
    def http_request(self, request: HTTPRequest) -> None:
        self._http_request = request

    @property
    def server(self) -> Server:
        if self._server is None:
            raise RuntimeError("there is no server: this request was made outside of an application")
        return self._server

    @property
    def is_guest(self) -> bool:
        """Whether nothing is known by which he could be recognised."""
        return is_guest(self.owner)

    def send_str(self, string: str) -> None:
        """Send a text to the page's scripts, which get it by `add_message_handler`. Never waits.

        Raises RuntimeError without a WebSocket. Nothing happens when it has been lost.
        """
        if self.socket is None:
            raise RuntimeError("this came by plain HTTP: there is no WebSocket to send anything over")
        self.socket.tell(0, string)

    def __repr__(self) -> str:
        return f"<Visitor {self.user!r}>"


def check_user(user: Any) -> None:
    """Raises TypeError for what cannot be looked up."""
    try:
        hash(user)
    except TypeError:
        raise TypeError(
            f"views are found by their users, so a user has to be hashable, unlike this {type(user).__name__}: {user!r:.200}. "
            "A dataclass is hashable when it is made with frozen=True."
        ) from None
