"""Session cookies: a random key, signed, and what belongs to it.

Where the data is, `SESSION_STORE` says: in the cookie itself, which a browser can read and not change, or in a store, of which the
cookie has only the key. A visitor who has nothing put into his session costs nothing on the server in either case.

The cookie is the one thing by which a browser is known, so it is kept from scripts (HttpOnly), from other sites (SameSite=Lax),
and, once it was set over TLS, from the network (Secure). There it has the prefix `__Host-`, too, if the application is mounted at
'/': browsers accept such a cookie from this host and over TLS alone, so no neighbour (another host of the domain, or somebody in
the network who answers for it by plain HTTP) can put one of his own in its place.
"""

from __future__ import annotations

import base64
import functools
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from itsdangerous import BadSignature, TimestampSigner
from werkzeug.http import dump_cookie
from werkzeug.sansio.http import parse_cookie

from ...settings import Settings
from ...views.session import new_key
from ...views.users import AnonymousUser
from .session_store import Replacing, SessionStore

#: Characters of data, as JSON, for which a cookie has room: browsers take 4,096 bytes with its name and signature.
COOKIE_ROOM = 2800
#: Cookies, of some hundred bytes each, at most 4,096, whose signature is not looked at again.
_REMEMBERED = 1000
_DATA = "~"                              # between the key and the data


class Known(NamedTuple):
    """What a cookie says. `signed`: POSIX time."""
    key: str
    data: dict[str, Any]                 # Any: JSON
    signed: float


class Sessions:
    """Reads and writes session cookies. `key()` is asked when the first one is needed: after the workers have forked."""

    def __init__(self, settings: Settings, key: Callable[[], str], store: SessionStore | None = None) -> None:
        self.store = store
        self._settings = settings
        self._key = key
        self._signer: TimestampSigner | None = None
        # A browser sends the same one each time. What is no signature of ours raises, so nothing is kept of what others make up.
        self._unsigned = functools.lru_cache(maxsize=_REMEMBERED)(self._unsign)

    def read(self, cookie_header: str, *, secure: bool, base: str) -> Known | None:
        """What the `Cookie` header says; None when there is no cookie, or one that we did not sign, or an old one.

        `secure`: it came over TLS; `base`: where the application is mounted. May wait for the store, and raise `StoreUnavailable`.
        """
        if not cookie_header:
            return None
        # Not werkzeug's function for headers: it raises when any cookie, ours or not, holds bytes that are not UTF-8.
        text = cookie_header.encode("latin-1", "replace").decode(errors="replace")
        value = parse_cookie(text).get(self.cookie_name(secure=secure, base=base))
        if not value:
            return None
        try:
            payload, signed = self._unsigned(value)
        except (BadSignature, UnicodeError):
            return None
        if not 0 <= int(time.time()) - signed <= int(self._settings.SESSION_LIFETIME):
            return None
        key, mark, packed = payload.partition(_DATA)
        data = self.store.load(key) if self.store is not None else _unpack(packed) if mark else {}
        return Known(key, data or {}, signed)

    def cookie(self, key: str, data: dict[str, Any], *, secure: bool, base: str) -> str:
        """The `Set-Cookie` header that names this session. Never waits."""
        payload = key if self.store is not None or not data else key + _DATA + _pack(data)
        return dump_cookie(
            self.cookie_name(secure=secure, base=base), self._sign().sign(payload).decode(),
            max_age=int(self._settings.SESSION_LIFETIME), path=base or "/", secure=secure, httponly=True, samesite="Lax",
        )

    def new(self, *, secure: bool, path: str) -> tuple[AnonymousUser, str]:
        """A new user and the `Set-Cookie` header that names him. `path`: where the application is mounted."""
        key = new_key()
        return AnonymousUser(key), self.cookie(key, {}, secure=secure, base=path)

    def keep(self, key: str, data: dict[str, Any]) -> None:
        """Put it into the store, if there is one, for a session's lifetime from now on. May wait; raises `StoreUnavailable`."""
        if self.store is None:
            return
        if data:
            self.store.save(key, data, self._settings.SESSION_LIFETIME)
        else:
            self.store.delete(key)

    def renew(self, key: str, data: dict[str, Any]) -> bool:
        """`keep`, if it is there; False: the store has it no more, since it has ended. May wait; raises `StoreUnavailable`."""
        store, seconds = self.store, self._settings.SESSION_LIFETIME
        if store is None:
            return True
        if isinstance(store, Replacing):
            return store.replace(key, data, seconds)
        if store.load(key) is None:
            return False
        store.save(key, data, seconds)
        return True

    def forget(self, key: str) -> None:
        """Take it out of the store, if there is one."""
        if self.store is not None:
            self.store.delete(key)

    def check_size(self, data: dict[str, Any]) -> None:
        """Raises ValueError for more data than a session may have."""
        limit = self._settings.SESSION_SIZE if self.store is not None else min(COOKIE_ROOM, self._settings.SESSION_SIZE)
        size = len(json.dumps(data))
        if size > limit:
            raise ValueError(
                f"the session would have {size:,} characters as JSON, and may have {limit:,}. Keep the name or number of what is "
                "larger; or set SESSION_STORE, so that the data need not fit into a cookie, and SESSION_SIZE."
            )

    def is_old(self, known: Known) -> bool:
        """Whether it is time to sign it anew, so that it does not expire while it is used: after a tenth of its lifetime."""
        return time.time() - known.signed > self._settings.SESSION_LIFETIME / 10

    def cookie_name(self, *, secure: bool, base: str) -> str:
        name = self._settings.SESSION_COOKIE
        return f"__Host-{name}" if secure and not base else name

    def _unsign(self, value: str) -> tuple[str, float]:
        """What was signed, and when, in POSIX seconds. Raises BadSignature, or UnicodeError, for what we have not signed."""
        payload, signed = self._sign().unsign(value, return_timestamp=True)
        return payload.decode(), signed.timestamp()

    def _sign(self) -> TimestampSigner:
        if self._signer is None:
            self._signer = TimestampSigner(self._key(), salt="lona_sync.session")
        return self._signer


def _pack(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")


def _unpack(packed: str) -> dict[str, Any]:
    """Of what we have signed ourselves, so nothing is wrong with it; unless another version has."""
    try:
        data = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
