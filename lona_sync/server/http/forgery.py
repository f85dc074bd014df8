"""Whether a request that changes something was made by a page of ours: others may make browsers send one, cookies included.

Browsers say from where a request comes, in headers that no page can forge:

1. `Sec-Fetch-Site` (every browser since 2023, over HTTPS and on this machine): 'same-origin', and 'none', when the user has typed
   the address himself, are fine. Another page of the same site, or another site, has to be among `ALLOWED_ORIGINS`.
2. `Origin` (over plain HTTP, and in older ones): the host that was asked for, or one of `ALLOWED_ORIGINS`.
3. Neither: no browser of today. Without a cookie there is nothing to abuse, so programs may come. With one, a browser of old has to
   send the token of its session, as the field `csrf_token` or the header `X-CSRF-Token`.

A page that is ours may say `Referrer-Policy: no-referrer`; its `Origin` is 'null' then, which is refused as any other stranger's.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable, Mapping

from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Request as HTTPRequest

from ...settings import Settings
from .origin import origin_allowed, origin_listed

#: Methods that change nothing.
SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
FIELD, HEADER = "csrf_token", "X-CSRF-Token"


class ForgeryGuard:
    """`key()` is asked when the first token is needed: after the workers have forked."""

    def __init__(self, settings: Settings, key: Callable[[], str], counters: Counter[str]) -> None:
        self._settings = settings
        self._key = key
        self._counters = counters

    def check(self, request: HTTPRequest, session_key: str, fields: Callable[[], Mapping[str, str]]) -> None:
        """Raise Forbidden when the request may be forged. `session_key`: of its cookie. `fields()`: the form; asked for a token."""
        if request.method in SAFE or self._is_ours(request, session_key, fields):
            return
        self._counters["requests.forged"] += 1
        raise Forbidden("This form was sent by a page of another site, or by a browser that does not say by which.")

    def token(self, session_key: str) -> str:
        """For the field `csrf_token`, as long as the session lasts. Never the same twice: compression would betray it."""
        salt = secrets.token_urlsafe(12)
        return f"{salt}.{self._sign(salt, session_key)}"

    def _is_ours(self, request: HTTPRequest, session_key: str, fields: Callable[[], Mapping[str, str]]) -> bool:
        settings, environ = self._settings, request.environ
        site = environ.get("HTTP_SEC_FETCH_SITE")
        if site is not None:
            return site in ("same-origin", "none") or origin_listed(environ, settings.ALLOWED_ORIGINS)
        if "HTTP_ORIGIN" in environ:
            return origin_allowed(environ, allowed_origins=settings.ALLOWED_ORIGINS, trusted_proxies=settings.TRUSTED_PROXIES)
        if not environ.get("HTTP_COOKIE"):
            return True
        if not session_key:
            return False                             # a cookie of somebody else's, as of an application beside this one
        salt, _, signature = (request.headers.get(HEADER) or fields().get(FIELD) or "").partition(".")
        return hmac.compare_digest(signature.encode(), self._sign(salt, session_key).encode())

    def _sign(self, salt: str, session_key: str) -> str:
        text = f"lona_sync.csrf\n{salt}\n{session_key}"
        return hmac.new(self._key().encode(), text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
