"""Who comes with a request, and what he gets to be known by next time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent
from werkzeug.wrappers import Response

from ...settings import Settings
from ...views.envelope import Envelope
from ...views.server import Server
from ...views.session import USER, Session, new_key
from ...views.users import AnonymousUser, User, identity_of
from ...views.visitor import Visitor
from ..http.origin import envelope_of, network_of
from ..http.sending import Ready
from .dismissal import Dismissal
from .revocations import Revocations
from .session_store import StoreUnavailable
from .sessions import Known, Sessions
from .tickets import SESSION, Ticket, Tickets

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger("lona_sync.server")

#: Seconds that the page that has logged out has to go where its view has sent it, before it is ended like the others.
LEAVING = 3.0

#: The application's own: a user by what `login` has written down; None: there is no such user, or he may not come in any more.
LoadUser = Callable[[Any], Any]


class Visitors:
    """Knows everybody by his cookie. `load_user()` is the application's function for that, or None.

    What asks the session store may wait, and raise `StoreUnavailable`.
    """

    def __init__(
        self, *, settings: Settings, sessions: Sessions, tickets: Tickets, revocations: Revocations, dismissal: Dismissal,
        server: Server, load_user: Callable[[], LoadUser | None],
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._tickets = tickets
        self._revocations = revocations
        self._dismissal = dismissal
        self._server = server
        self._load_user = load_user
        self._last_keeper = _Keeper(sessions, tickets, dismissal, "")

    def of(self, environ: WSGIEnvironment, *, interactive: bool = False) -> Visitor:
        """Who sent the request: whom his session names, or a guest. `interactive`: it opens a WebSocket. May wait."""
        return self._visitor(envelope_of(environ, self._settings.TRUSTED_PROXIES), base_of(environ), interactive)

    def arrived(self, envelope: Envelope, base: str) -> Visitor:
        """Who has opened the WebSocket that came from another process. May wait."""
        return self._visitor(envelope, base, True)

    def _visitor(self, envelope: Envelope, base: str, interactive: bool) -> Visitor:
        address = network_of(envelope.address)
        if not self._settings.SESSIONS:
            session, user = Session(), AnonymousUser("", address=address)
        else:
            known = self._known(envelope, base) if self._settings.SESSIONS_REUSE else None
            if known is not None and self._is_void(known):
                known = None
            keeper = self._keeper(base)
            if known is None:
                session, user = Session(keeper=keeper, live=interactive, base=base), AnonymousUser.make_guest(address)
            else:
                session = Session(known.key, known.data, keeper, live=interactive, base=base)
                session.is_old = self._sessions.is_old(known)
                user = self._user(session, address)
        return Visitor(
            user, session=session, envelope=envelope, address=address, base=base, interactive=interactive, server=self._server,
        )

    def _keeper(self, base: str) -> _Keeper:
        """The one for sessions below `base`, which is the same for nearly all."""
        if self._last_keeper.base != base:
            self._last_keeper = _Keeper(self._sessions, self._tickets, self._dismissal, base)
        return self._last_keeper

    def _known(self, envelope: Envelope, base: str) -> Known | None:
        """What his cookie says, whether it is void or not. May wait."""
        return self._sessions.read(envelope.cookies, secure=envelope.scheme == "https", base=base)

    def host(self, visitor: Visitor) -> None:
        """He gets a page that opens a WebSocket, and needs a cookie to be known by there. Before any view starts for him."""
        session = visitor.session
        if self._settings.SESSIONS and self._settings.SESSIONS_REUSE and not session.key:
            session.key = new_key()
            session.changed = True
            if visitor.is_guest:                        # else a middleware knows better
                visitor.user = AnonymousUser(session.key, address=visitor.address)
        session.live = True                             # what a view does there comes after the answer

    def answer(self, visitor: Visitor, response: Response | Ready) -> None:
        """Put what he is known by into the answer, if that has changed, or is old. May wait."""
        for name, value in self.headers(visitor):
            if isinstance(response, Ready):
                response.headers += [(name, value), ("Vary", "Cookie")]
            else:
                response.headers.add(name, value)
                response.vary.add("Cookie")

    def headers(self, visitor: Visitor) -> list[tuple[str, str]]:
        """The same, for an answer that is no response of werkzeug's."""
        session = visitor.session
        if not session.key or not (session.changed or session.is_old):
            return []
        if self._dismissal.is_void(session.former or session.key, session.since):
            return []                                   # it has ended while this was answered, and is not to come back by that
        if session.is_same_login and not self._sessions.renew(session.former or session.key, session.data):
            return []                                   # on another machine
        if session.former or not session.is_same_login:
            self._sessions.keep(session.key, session.data)
        if session.former:
            self._sessions.forget(session.former)
            self._dismissal.void(session.former, had_user=session.had_user)
        if session.ends_views:
            self._dismissal.end(session.former)
        session.changed = session.is_old = session.ends_views = False
        session.former, session.had_user = "", False
        return [("Set-Cookie", self._cookie(visitor.envelope, visitor.base, session.key, session.data))]

    def redeem(self, environ: WSGIEnvironment, name: str) -> tuple[str, str] | None:
        """Where the browser goes with this ticket, and the cookie that it gets; None: the ticket is not good here. Waits."""
        envelope, base = envelope_of(environ, self._settings.TRUSTED_PROXIES), base_of(environ)
        known = self._known(envelope, base)
        ticket = None if known is None else self._tickets.redeem(name, known.key)
        if known is None or ticket is None:
            return None
        key = new_key()
        self._sessions.keep(key, ticket.data)
        self._sessions.forget(known.key)
        had_user = Session(known.key, known.data).user_id is not None
        if had_user or not ticket.data:                   # a store has forgotten who logged out
            self._dismissal.void(known.key, had_user=had_user)
            self._dismissal.end(known.key)                # his pages are not this user's any more
        return base + ticket.path, self._cookie(envelope, base, key, ticket.data)

    def _user(self, session: Session, address: str) -> Any:
        if session.user_id is None:
            return AnonymousUser(session.key, address=address)
        load = self._load_user()
        if load is None:
            return User(session.user_id)
        try:
            user = load(session.user_id)
        except Exception as error:
            logger.exception("load_user has failed")
            raise StoreUnavailable(f"load_user has failed: {error}") from error
        return AnonymousUser(session.key, address=address) if user is None else user

    def has_ended(self, visitor: Visitor) -> bool:
        """Whether this process has heard since he has come that he is not who he was any more. Never waits."""
        session = visitor.session
        return self._dismissal.is_void(session.key) or (
            session.user_id is not None and self._revocations.is_known(identity_of(session.user_id), session.since)
        )

    def _is_void(self, known: Known) -> bool:
        session = Session(known.key, known.data)
        if self._dismissal.is_void(known.key):
            return True
        return session.user_id is not None and self._revocations.is_void(identity_of(session.user_id), session.since)

    def _cookie(self, envelope: Envelope, base: str, key: str, data: dict[str, Any]) -> str:
        return self._sessions.cookie(key, data, secure=envelope.scheme == "https", base=base)


class _Keeper:
    """See `session.Keeper`."""

    __slots__ = ("_dismissal", "_sessions", "_tickets", "base")

    def __init__(self, sessions: Sessions, tickets: Tickets, dismissal: Dismissal, base: str) -> None:
        self._sessions = sessions
        self._tickets = tickets
        self._dismissal = dismissal
        self.base = base

    def check(self, data: dict[str, Any], *, live: bool) -> None:
        if live and self._sessions.store is None:
            raise RuntimeError(
                "over a WebSocket no cookie can be set, and SESSION_STORE says that sessions are kept in cookies. Set it to "
                "memory: or to a Redis server; or put it into the session with login(), or in a view that is not interactive."
            )
        self._sessions.check_size(data)

    def save(self, key: str, data: dict[str, Any]) -> None:
        if not key:
            raise RuntimeError("this browser has taken no cookie, so it has no session that anything could be put into")
        # When he has logged out, elsewhere perhaps, the store has it no more: what a view still has of it is not to bring it back.
        if self._dismissal.is_void(key) or (USER in data and not self._sessions.renew(key, data)):
            raise RuntimeError("this session has ended, so nothing can be put into it")
        if USER not in data:
            self._sessions.keep(key, data)

    def hand_over(self, key: str, data: dict[str, Any], path: str) -> str:
        return f"{self.base}{SESSION}{self._tickets.issue(Ticket(key, data, path))}"

    def revoke(self, key: str, *, had_user: bool) -> None:
        self._dismissal.void(key, had_user=had_user)
        self._sessions.forget(key)
        gevent.spawn_later(LEAVING, self._dismissal.end, key)


def base_of(environ: WSGIEnvironment) -> str:
    """Where the application is mounted: '', or '/prefix'."""
    name: str = environ.get("SCRIPT_NAME", "")
    return name.encode("latin-1").decode(errors="replace").rstrip("/")


