"""Who may, by the address that he comes from."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def peer_in(environ: WSGIEnvironment, entries: Iterable[str], setting: str) -> bool:
    """Whether the other end of this connection is in one of `entries`: addresses, networks, and 'unix' for our unix socket.

    Raises ValueError, which names `setting`, for an entry that is none of these.
    """
    return _is_in(environ.get("REMOTE_ADDR", ""), tuple(entries), setting)


@functools.lru_cache(maxsize=1000)
def _is_in(text: str, entries: tuple[str, ...], setting: str) -> bool:
    """Remembered: behind a proxy it is the same one with each request, and an address takes as long to read as a header."""
    unix, networks = _parse(entries, setting)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:                                  # a unix socket has a path, or no address at all
        return unix
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped                   # how a socket that listens on "::" sees 127.0.0.1
    return any(address in network for network in networks)


#: Who names one of these came through a proxy, whose address says nothing about who asks.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


def is_own_browser(environ: WSGIEnvironment, networks: Iterable[str], setting: str) -> bool:
    """Whether it comes from one of these networks, through no proxy, and not for a page of somebody else in a browser there.

    Raises as `peer_in`.
    """
    return peer_in(environ, networks, setting) and not any(name in environ for name in _FORWARDED) and not _is_of_a_page(environ)


def _is_of_a_page(environ: WSGIEnvironment) -> bool:
    """Whether a browser may have sent it for a page of somebody else: it runs on this machine, and so its address says nothing.

    A page of evil.example, whose name leads to 127.0.0.1 from its second request on, may read what it is answered, and sends no
    `Origin`. But its browser names the host that it believes to ask. No name without a dot is anybody's to register. A page of our
    own names itself as the origin of what it loads as a module.
    """
    host = environ.get("HTTP_HOST", "").rpartition("@")[2].lower()
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
        return True
    return not is_near(host)


def is_near(host: str) -> bool:
    """Whether nobody can have registered this host (lower case, perhaps with a port): an address, or a name of this network."""
    if host.startswith("["):
        name = host.partition("]")[0][1:]
    else:
        name = host.partition(":")[0].removesuffix(".")
    return "." not in name or name.endswith(".localhost") or is_address(name)


def is_address(text: str) -> bool:
    """Whether this is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@functools.lru_cache(maxsize=16)
def _parse(entries: tuple[str, ...], setting: str) -> tuple[bool, tuple[_Network, ...]]:
    """Whether unix sockets are in it, and which networks."""
    try:
        networks = tuple(ipaddress.ip_network(entry, strict=False) for entry in entries if entry != "unix")
    except ValueError as error:
        raise ValueError(f"{setting} holds addresses ('127.0.0.1'), networks ('10.0.0.0/8') and 'unix': {error}") from None
    return "unix" in entries, networks
