"""What a view was asked for."""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from werkzeug.datastructures import MultiDict


@dataclass(frozen=True, slots=True)
class AnonymousUser:
    """Whoever has this session cookie. Equal and hashable by `session_key`, which is a secret: never show it.

    `guest`: somebody without a cookie, made for one connection and equal to nobody. `address`: where the request came from, IPv6 as
    its /64 network; '': unknown.
    """
    session_key: str
    guest: bool = False
    address: str = field(default="", compare=False)

    @classmethod
    def make_guest(cls, address: str = "") -> AnonymousUser:
        return cls(secrets.token_urlsafe(16), guest=True, address=address)

    @property
    def has_own_key(self) -> bool:
        """False: guests, who have another key each time, and without `SESSIONS` everybody, who all have the same one."""
        return not self.guest and self.session_key != ""

    def __repr__(self) -> str:
        return "<AnonymousUser>"


@dataclass(eq=False, slots=True)
class Request:
    """One visit of one URL: made when a view starts, and the view's as long as it lives.

    `GET` and `POST` give the first value of a name by `[]` and all by `getlist`. `route` is None when nothing matched.
    `user` is the view's to change, to whom it has found him to be. `opened_by` stays who came with the visit: he comes back to the
    view when his socket was lost, joins it when it is a daemon, and gets what it keeps.
    `match_info`: the named parts of the path, as strings or what their converters make; `match_texts`: as they stand there.
    `base`: where the application is mounted, as '/prefix'; `url` and routes are below it.
    `restored`: what the view that was here before had as `state_to_keep`, when it ended with its server; else None.
    """
    url: SplitResult
    GET: MultiDict[str, str]
    POST: MultiDict[str, str]
    user: Hashable
    interactive: bool
    route: object | None = None
    match_info: Mapping[str, Any] = field(default_factory=dict)    # Any: what a route's converters make
    match_texts: tuple[str, ...] = field(default=(), repr=False)
    restored: dict[str, Any] | None = None                    # Any: JSON
    base: str = ""
    page: object | None = field(default=None, repr=False)     # what the page of this visit is made of, for its templates
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    opened_by: Hashable = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.opened_by = self.user
        if not self.match_texts:
            self.match_texts = tuple(str(value) for value in self.match_info.values())

    @property
    def path(self) -> str:
        """The path as people read it; `url.path` is the quoted one."""
        return unquote(self.url.path)

    @property
    def method(self) -> str:
        """POST when a form was posted, else GET."""
        return "POST" if self.POST else "GET"


def parse_url(url: str) -> tuple[SplitResult, MultiDict[str, str]]:
    """`url` taken apart, and its query. Raises ValueError for what no browser would send: another host, a bad port."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        raise ValueError(f"a view's URL is a path that begins with '/', not {url[:80]!r}")
    return parts, MultiDict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000))
