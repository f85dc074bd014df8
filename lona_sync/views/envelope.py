"""What came around a visit: the headers, and from where. It goes along when a connection moves to another process."""

from __future__ import annotations

import functools
import io
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import SplitResult, unquote

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Bytes of headers that are kept for a visit. What a browser sends has one or two KiB, with large cookies eight.
HEADER_BYTES = 32 * 1024

#: Nobody else's, and not to be remembered.
_SECRET = frozenset(("COOKIE", "AUTHORIZATION", "PROXY_AUTHORIZATION"))
#: Longer ones are few, and nobody else's. They would fill the memory if somebody sent many.
_SHARED_BYTES = 512

#: About one connection or one body, so nobody else's.
_LEFT_OUT = frozenset((
    "CONNECTION", "UPGRADE", "KEEP_ALIVE", "TRANSFER_ENCODING", "TE", "SEC_WEBSOCKET_KEY", "SEC_WEBSOCKET_VERSION",
    "SEC_WEBSOCKET_EXTENSIONS",
))


class Envelope(NamedTuple):
    """`headers`: as a WSGI environ has them, without 'HTTP_'. `address`: of the browser, '' when unknown. `scheme`: 'http' or
    'https', and `host`: with a port if it is not the usual one, as the browser knows them; behind proxies what a trusted one says.
    """
    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    scheme: str = "http"
    host: str = ""

    @property
    def cookies(self) -> str:
        """The `Cookie` header, as WSGI has it; '': there is none."""
        return next((value for name, value in self.headers if name == "COOKIE"), "")

    def as_json(self) -> list[Any]:              # Any: JSON
        """For another process; `from_json` reads it."""
        return [[list(header) for header in self.headers], self.address, self.scheme, self.host]

    @classmethod
    def from_json(cls, value: object) -> Envelope:
        """What `as_json` has made. Raises ValueError for anything else."""
        match value:
            case [list(pairs), str(address), str(scheme), str(host)]:
                headers = tuple((pair[0], pair[1]) for pair in pairs if _is_header(pair))
                if len(headers) == len(pairs) and sum(map(_size, headers)) <= HEADER_BYTES:
                    return cls(headers, address, scheme, host)
        raise ValueError("this is no envelope")

    def environ(self, url: SplitResult, base: str) -> WSGIEnvironment:
        """The environ of a request by GET that would have come with it. `url`: below `base`."""
        host, _, port = self.host.rpartition(":") if self.host.rpartition(":")[2].isdigit() else (self.host, "", "")
        return {
            **{f"HTTP_{name}": value for name, value in self.headers},
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": _latin(base),
            "PATH_INFO": _latin(unquote(url.path)),
            "QUERY_STRING": _latin(url.query),
            "SERVER_NAME": host or "localhost",
            "SERVER_PORT": port or ("443" if self.scheme == "https" else "80"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.address,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scheme,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **({"HTTP_HOST": self.host} if self.host else {}),
        }


NONE = Envelope()


def headers_of(environ: WSGIEnvironment) -> tuple[tuple[str, str], ...]:
    """Those that say something of the visit; at most `HEADER_BYTES` of them, the later ones are left out."""
    found = []
    room = HEADER_BYTES
    for key, value in environ.items():
        if key[:5] != "HTTP_" or not isinstance(value, str):
            continue
        name = sys.intern(key[5:])               # the same few names for each connection
        size = len(name) + len(value)
        if size <= room and name not in _LEFT_OUT:
            room -= size
            found.append(_shared(name, value) if size <= _SHARED_BYTES and name not in _SECRET else (name, value))
    return tuple(found)


@functools.lru_cache(maxsize=1000)
def _shared(name: str, value: str) -> tuple[str, str]:
    """The same object each time: most headers of a browser are those of many others, and are kept as long as their page is open."""
    return name, value


def _size(header: tuple[str, str]) -> int:
    return len(header[0]) + len(header[1])


def _is_header(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)


def _latin(text: str) -> str:
    """`text` as WSGI has it in an environ."""
    return text.encode(errors="surrogatepass").decode("latin-1")
