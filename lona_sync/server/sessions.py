"""Who a visitor is: a random key in a signed cookie, nothing on the server."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, TimestampSigner
from werkzeug.http import dump_cookie
from werkzeug.sansio.http import parse_cookie

from ..settings import Settings
from ..views.request import AnonymousUser
from .origin import peer_address

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Sessions:
    """Reads and makes session cookies. `key()` is asked when the first one is needed: after the workers have forked."""

    def __init__(self, settings: Settings, key: Callable[[], str]) -> None:
        self._settings = settings
        self._key = key
        self._signer: TimestampSigner | None = None

    def visitor(self, environ: WSGIEnvironment) -> AnonymousUser:
        """Who sent the request: the user whom the cookie names, or a guest. With the address."""
        address = peer_address(environ, self._settings.TRUSTED_PROXIES)
        user = self.user(environ.get("HTTP_COOKIE", ""))
        return AnonymousUser.make_guest(address) if user is None else replace(user, address=address)

    def user(self, cookie_header: str) -> AnonymousUser | None:
        """The user whom the `Cookie` header names; None when there is none, or one that we did not sign, or an old one."""
        if not self._settings.SESSIONS:
            return AnonymousUser("")
        # Not werkzeug's function for headers: it raises when any cookie, ours or not, holds bytes that are not UTF-8.
        text = cookie_header.encode("latin-1", "replace").decode(errors="replace")
        value = parse_cookie(text).get(self._settings.SESSION_COOKIE)
        if not value:
            return None
        try:
            return AnonymousUser(self._sign().unsign(value, max_age=int(self._settings.SESSION_LIFETIME)).decode())
        except (BadSignature, UnicodeError):
            return None

    def new(self, *, secure: bool, path: str) -> tuple[AnonymousUser, str]:
        """A new user and the `Set-Cookie` header that names him.

        `secure`: the page came over TLS; `path`: where the application is mounted.
        """
        key = secrets.token_urlsafe(24)
        header = dump_cookie(
            self._settings.SESSION_COOKIE, self._sign().sign(key).decode(), max_age=int(self._settings.SESSION_LIFETIME),
            path=path or "/", secure=secure, httponly=True, samesite="Lax",
        )
        return AnonymousUser(key), header

    def _sign(self) -> TimestampSigner:
        if self._signer is None:
            self._signer = TimestampSigner(self._key(), salt="lona_sync.session")
        return self._signer
