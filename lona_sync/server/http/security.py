"""What every answer says to the browser about how far the page is to be trusted, and which hosts we are."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response

from ...settings import Settings
from .networks import is_near
from .origin import forwarded_host
from .sending import Ready

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_HEADERS = {
    "Cache-Control": "no-store",                                   # a page tells what its user alone may see
    "X-Content-Type-Options": "nosniff",                           # what says that it is a text is no script
    "X-Frame-Options": "SAMEORIGIN",                               # no click on what another site has put over it
    "Referrer-Policy": "same-origin",                              # addresses of ours are nobody else's business
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",      # who has opened us cannot look into us
}
_POLICY = "content-security-policy"
_DOCUMENTS = ("text/html", "application/xhtml+xml", "image/svg+xml")
_NONCE = "{nonce}"
_ADDRESSES = ("location", "content-location")                      # werkzeug changes them on their way
_HEADER_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Security:
    """The headers and hosts that the settings ask for. Raises ValueError for those that no server could send."""

    def __init__(self, settings: Settings) -> None:
        own = {name.title(): value for name, value in settings.SECURITY_HEADERS.items()}
        headers = {name: value for name, value in {**_HEADERS, **own}.items() if value}
        self._headers = [(name.lower(), name, value) for name, value in headers.items()]
        self._policy = settings.CONTENT_SECURITY_POLICY
        self._has_nonce = _NONCE in self._policy
        self._hosts = [host.lower() for host in settings.ALLOWED_HOSTS]
        self._proxies = settings.TRUSTED_PROXIES
        self._debug = settings.DEBUG
        for name, value in {**headers, "Content-Security-Policy": self._policy}.items():
            check_header(name, value)

    def nonce(self) -> str:
        """A new one for a page; '': the policy asks for none."""
        return secrets.token_urlsafe(16) if self._has_nonce else ""

    def add_headers(self, response: Response, nonce: str = "") -> Response:
        """`response`, with those headers that it does not say itself. `nonce`: the one that stands in the page."""
        for name, value in self.missing(response.headers, nonce):
            response.headers.add(name, value)
        return response

    def missing(self, headers: Iterable[tuple[str, str]], nonce: str = "") -> list[tuple[str, str]]:
        """Those that an answer with these headers does not say itself. `nonce`: as for `add_headers`."""
        said = {name.lower(): value for name, value in headers}    # asked for one by one, each would cost an exception
        missing = [(name, value) for small, name, value in self._headers if small not in said]
        if self._policy and _POLICY not in said and said.get("content-type", "").partition(";")[0].strip().lower() in _DOCUMENTS:
            policy = self._policy
            value = policy.replace(_NONCE, nonce or self.nonce()) if self._has_nonce else policy
            missing.append(("Content-Security-Policy", value))
        return missing

    def is_our_host(self, environ: WSGIEnvironment) -> bool:
        """Whether the host asked for is among `ALLOWED_HOSTS`; if these are none, in debug mode, one that nobody else can have."""
        if not self._hosts and not self._debug:
            return True
        host = forwarded_host(environ, self._proxies).lower()
        return host_is_trusted(host, self._hosts) if self._hosts else is_near(host)


def check_headers(response: Response | Ready, environ: WSGIEnvironment) -> None:
    """`check_header` for all of them. A redirect to no address fails, too."""
    headers: Iterable[tuple[str, str]] = response.headers
    if isinstance(response, Response) and any(name.lower() in _ADDRESSES for name, _ in headers):
        headers = response.get_wsgi_headers(environ)
    for name, value in headers:
        check_header(name, value)


def check_header(name: str, value: str) -> None:
    """Raise ValueError for what a server could not send, or would send as two headers."""
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise ValueError(f"a header must be of Latin-1 without control characters, not {name!r}: {value!r}")
