"""Where a view is: the address that its windows show, which it may change without being started anew."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from ..wire.document import Document
from ..wire.protocol import MAX_URL
from .request import Request, inside, parse_url

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

#: A browser takes `\` for `/`, and leaves out what cannot be seen: '/\example.org' is another host's.
_FORBIDDEN = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029]")

#: In front of a path: without a host in it urljoin() finds no way to '../x'.
_ANYWHERE = "http://host"


class Place:
    """Changes `request.url` and `request.GET` along with what the windows show. `hears`: the view has an `on_url_change`."""

    __slots__ = ("_document", "_hears", "_request")

    def __init__(self, *, request: Request, document: Document, hears: bool) -> None:
        self._request = request
        self._document = document
        self._hears = hears

    def go(self, url: str, *, replace: bool) -> None:
        """Be at `url` from the next frame on. See `View.push_url`."""
        if not isinstance(url, str):
            raise TypeError(f"a URL is a str, not {type(url).__name__}: {url!r}")
        parts = urlsplit(url)
        if parts.scheme or parts.netloc or url.startswith("//") or _FORBIDDEN.search(url):
            raise ValueError(
                f"a view can only go to addresses of its application, as '/path?query' or '?query', not {url!r:.200}. "
                "To leave it, return HttpRedirectResponse(url)."
            )
        address = quote(urljoin(_ANYWHERE + self._request.url.geturl(), url).removeprefix(_ANYWHERE), safe=string.punctuation)
        if len(address) > MAX_URL:
            raise ValueError(f"a URL has at most {MAX_URL:,} characters, not {len(address):,}: {address[:80]!r}…")
        self._enter(address, *parse_url(address), replace=replace, client=0)

    def read(self, data: object) -> str | None:
        """What a browser says where it was taken back to, below where we are mounted; None: no browser of ours says that."""
        if type(data) is not str or len(data) > MAX_URL or _FORBIDDEN.search(data):
            return None
        address = inside(data, self._request.base)
        try:
            return None if address is None or not parse_url(address) else address
        except ValueError:
            return None

    def follow(self, address: str, client: int) -> SplitResult:
        """The window of this client is there already; where it is."""
        self._enter(address, *parse_url(address), replace=True, client=client)
        return self._request.url

    def _enter(self, address: str, url: SplitResult, query: MultiDict[str, str], *, replace: bool, client: int) -> None:
        self._document.go(quote(self._request.base) + address, replace=replace, hears=self._hears, client=client)
        self._request.url, self._request.GET = url, query
