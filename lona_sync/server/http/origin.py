"""Where a request comes from: the page that opens a WebSocket, and the proxies between the browser and us.

Browsers let any page open a WebSocket to any host, and send that host's cookies along. The `Origin` header, which a
page cannot forge, tells our own pages from others.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ...views.envelope import Envelope, headers_of
from .networks import peer_in

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LONGEST = 100                   # characters of an address that somebody says
_PORTS = {"http": 80, "https": 443}
_HOST = r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._~%!$&'()*+;=-]+)(?::(?P<port>[0-9]{1,5}))?"
_HOST_PATTERN = re.compile(_HOST)
_ORIGIN_PATTERN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://" + _HOST)


class Origin(NamedTuple):
    """Scheme, host and port, in the one form in which they can be compared. `port`: None when it is unknown."""
    scheme: str
    host: str
    port: int | None


def origin_allowed(
    environ: WSGIEnvironment, *, allowed_origins: Iterable[str], trusted_proxies: Iterable[str],
) -> bool:
    """Whether the page that sent this request may open a WebSocket.

    It may when it came from the host that the request names, or from one of `allowed_origins`. Clients that are no
    browsers send no `Origin`, and may. Raises ValueError when a setting is not understood.
    """
    sent = environ.get("HTTP_ORIGIN")
    if sent is None:
        return True
    origin = _parse_origin(sent)
    if origin is None:                                  # "null" (a sandboxed frame, a file) and nonsense
        return False
    secure = is_secure(environ, trusted_proxies)
    hosts = [environ.get("HTTP_HOST"), _forwarded(environ, "HTTP_X_FORWARDED_HOST", trusted_proxies)]
    return any(host is not None and _is_own(origin, host, secure) for host in hosts) or origin_listed(environ, allowed_origins)


def origin_listed(environ: WSGIEnvironment, allowed_origins: Iterable[str]) -> bool:
    """Whether the page that sent this request is of one of `allowed_origins`, and says so."""
    origin = _parse_origin(environ.get("HTTP_ORIGIN", ""))
    return origin is not None and any(origin == _parse_allowed(allowed) for allowed in allowed_origins)


def is_foreign(environ: WSGIEnvironment, *, allowed_origins: Iterable[str], trusted_proxies: Iterable[str]) -> bool:
    """Whether a page of somebody else has made the browser send this. Clients that are no browsers say nothing of it: then no.

    `Sec-Fetch-Site` is what browsers say where there is no `Origin`. Raises ValueError when a setting is not understood.
    """
    if not origin_allowed(environ, allowed_origins=allowed_origins, trusted_proxies=trusted_proxies):
        return True
    return environ.get("HTTP_ORIGIN") is None and environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin")


def is_secure(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> bool:
    """Whether the browser speaks HTTPS: to us, or to the trusted proxy in front of us."""
    return _scheme(environ, trusted_proxies) == "https"


def _scheme(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> str:
    forwarded = _forwarded(environ, "HTTP_X_FORWARDED_PROTO", trusted_proxies)
    said = (forwarded or str(environ["wsgi.url_scheme"])).lower()
    return "https" if said in ("https", "wss") else "http"              # wss: Traefik, of a WebSocket


def peer_is_trusted(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> bool:
    """Whether the other end of this connection is one of the proxies whose `X-Forwarded-*` headers are believed.

    `trusted_proxies` are addresses and networks, and 'unix' for whoever uses our unix socket.
    """
    return peer_in(environ, trusted_proxies, "TRUSTED_PROXIES")


def peer_address(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> str:
    """Whom the request came from, for limits: as `client_address`, and of IPv6 the /64 network.

    Whoever has one address there has them all.
    """
    return network_of(client_address(environ, trusted_proxies))


def network_of(address: str) -> str:
    """What counts as one address for limits: of IPv6 the /64 network."""
    return str(ipaddress.ip_network((address, 64), strict=False)) if ":" in address else address


def client_address(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> str:
    """The address that the request came from, before it came to proxies that are believed. '': unknown."""
    hops = [environ.get("REMOTE_ADDR", "")]
    if peer_is_trusted(environ, trusted_proxies):
        hops = [*environ.get("HTTP_X_FORWARDED_FOR", "").split(","), *hops]
    address = hops.pop()
    while hops and hops[-1].strip() and peer_is_trusted({"REMOTE_ADDR": address}, trusted_proxies):
        address = hops.pop().strip()                    # each proxy adds whom it heard; who is not believed may say anything
        if len(address) > _LONGEST:                     # 'fe80::1%…': the name of an interface may have any length
            return ""
    return _normal_address(address)


@functools.lru_cache(maxsize=1000)
def _normal_address(text: str) -> str:
    """`text` in the one form in which it can be compared; '': it is no address."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return str(parsed if isinstance(parsed, ipaddress.IPv4Address) else parsed.ipv4_mapped or parsed)


def envelope_of(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> Envelope:
    """What the views of this request, or of this connection, are to know of it."""
    return Envelope(
        headers_of(environ), client_address(environ, trusted_proxies), _scheme(environ, trusted_proxies),
        forwarded_host(environ, trusted_proxies),
    )


def forwarded_host(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> str:
    """The host that the browser asked for, with its port; a trusted proxy may have asked us by another name."""
    return _forwarded(environ, "HTTP_X_FORWARDED_HOST", trusted_proxies) or str(environ.get("HTTP_HOST", ""))


def as_sent(environ: WSGIEnvironment, trusted_proxies: Iterable[str]) -> WSGIEnvironment:
    """A copy that says what the browser has sent, where a trusted proxy in between has said so: its address, scheme and host."""
    host = forwarded_host(environ, trusted_proxies)
    return {
        **environ,
        "REMOTE_ADDR": client_address(environ, trusted_proxies) or environ.get("REMOTE_ADDR", ""),
        "wsgi.url_scheme": _scheme(environ, trusted_proxies),
        **({"HTTP_HOST": host} if host else {}),
    }


def _forwarded(environ: WSGIEnvironment, name: str, trusted_proxies: Iterable[str]) -> str | None:
    """What the proxy next to us says in the header `name`; None when there is none, or none that is believed.

    It is the last item: what stands before it came from the client's side.
    """
    value = environ.get(name)
    if value is None or not peer_is_trusted(environ, trusted_proxies):
        return None
    return str(value).rpartition(",")[2].strip()


def _is_own(origin: Origin, host: str, secure: bool) -> bool:
    """Whether a page of `origin` is one of those that this server serves as `host`."""
    match = _HOST_PATTERN.fullmatch(host.lower())
    if match is None or origin.scheme not in _PORTS:
        return False
    # Without a port in `Host` it is the usual one. Over plain HTTP we cannot know whose: a proxy that speaks HTTPS may
    # stand in front of us without our knowledge. So the page may say either; over HTTPS a page of plain HTTP is foreign.
    port = int(match["port"] or _PORTS["https" if secure else origin.scheme])
    return origin.host == _normal_host(match["host"]) and origin.port == port


@functools.lru_cache(maxsize=128)
def _parse_allowed(text: str) -> Origin:
    origin = _parse_origin(text)
    if origin is None:
        raise ValueError(f"ALLOWED_ORIGINS holds origins like 'https://example.org', without a path; not {text!r}")
    return origin


def _parse_origin(text: str) -> Origin | None:
    match = _ORIGIN_PATTERN.fullmatch(text.lower())
    host = match and _normal_host(match["host"])
    if not match or not host:
        return None
    port = int(match["port"]) if match["port"] else _PORTS.get(match["scheme"])
    return Origin(match["scheme"], host, port) if port is None or port < 65_536 else None


def _normal_host(host: str) -> str | None:
    """`host` in the one form in which it can be compared; an IPv6 address has several. None: no such address."""
    if not host.startswith("["):
        return host
    try:
        return str(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return None
