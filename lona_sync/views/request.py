"""What a view was asked for."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from werkzeug.datastructures import FileStorage, Headers, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request as HTTPRequest

from ..uploads import UploadedFile
from .envelope import NONE, Envelope
from .files import ViewFiles
from .server import Server
from .session import Session
from .users import AnonymousUser, User
from .visitor import Visitor, check_user

__all__ = ["AnonymousUser", "Request", "User", "parse_url"]


class HasFiles(Protocol):
    """A running view."""

    @property
    def files(self) -> ViewFiles: ...


class Heedful(Protocol):
    """Who wants to know when a request's user is another one."""

    def user_changed(self, request: Request) -> None: ...


@dataclass(eq=False, slots=True)
class Request:
    """One visit of one URL: made when a view starts, and the view's as long as it lives.

    `GET` and `POST` give the first value of a name by `[]` and all by `getlist`. `route` is None when nothing matched.
    `user` is the view's to change, to whom it has found him to be; hashable. `opened_by` stays who came with the visit: he comes
    back to the view when his socket was lost, joins it when it is a daemon, and gets what it keeps. `connection`: where from.
    `url` and `GET` change with the address of the page (`View.push_url`, "back"); the rest is of the visit.
    `match_info`: the named parts of the path, as strings or what their converters make; `match_texts`: as they stand there.
    `base`: where the application is mounted, as '/prefix'; `url` and routes are below it.
    `interactive`: what the view, or the page that it makes, is for: a window, or the answer to a request over plain HTTP.
    `exception`: in a view of the setting `ERROR_404_VIEW` and its kind what it stands for.
    `restored`: what the view that was here before had as `state_to_keep`, when it ended with its server; else None.
    """
    url: SplitResult
    GET: MultiDict[str, str]
    POST: MultiDict[str, str]
    user: Any                                                 # Any: the application's own class, or ours
    interactive: bool
    route: object | None = None
    match_info: Mapping[str, Any] = field(default_factory=dict)    # Any: what a route's converters make
    match_texts: tuple[str, ...] = field(default=(), repr=False)
    restored: dict[str, Any] | None = None                    # Any: JSON
    base: str = ""
    page: object | None = field(default=None, repr=False)     # what the page of this visit is made of, for its templates
    envelope: Envelope = field(default=NONE, repr=False)
    was_posted: bool = field(default=False, repr=False)
    frontend: bool = False
    is_aside: bool = field(default=False, repr=False)
    exception: Exception | None = field(default=None, repr=False)         # what an error view stands for
    connection: Visitor = field(default=None, repr=False)     # type: ignore[assignment]  # made of `user` when it is left out
    opened_by: Any = field(init=False, repr=False)
    make_token: Callable[[], str] | None = field(default=None, repr=False)
    original: HTTPRequest | None = field(default=None, repr=False)        # of plain HTTP
    #: Hears of another user: who keeps views by theirs.
    heed: Heedful | None = field(init=False, repr=False, default=None)
    _id: str = field(init=False, default="", repr=False)
    _nonce: str = field(init=False, default="", repr=False)
    _uploads: MultiDict[str, UploadedFile] | None = field(init=False, default=None, repr=False)
    #: What `Bucket(request)` asks for its place. None: no view runs for it yet.
    runs_in: HasFiles | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.connection is None:
            self.connection = Visitor(self.user, interactive=self.interactive, envelope=self.envelope, base=self.base)
        self.opened_by = self.connection.owner if self.user is self.connection.user else self.user
        if not self.match_texts:
            self.match_texts = tuple(str(value) for value in self.match_info.values())

    @property
    def id(self) -> str:
        """A name that no other visit has."""
        if not self._id:
            self._id = secrets.token_urlsafe(16)
        return self._id

    @property
    def has_window(self) -> bool:
        """Whether a browser shows the view while it runs. Else it is run to its end, and what it returns is used."""
        return self.interactive and not self.is_aside

    def of(self, visitor: Visitor) -> Request:
        """The same visit, of somebody else."""
        request = copy.copy(self)
        request.heed = None
        request.connection, request.envelope, request.base = visitor, visitor.envelope, visitor.base
        request.user, request.opened_by = visitor.user, visitor.owner
        request.original = None
        return request

    def for_error(self, exception: Exception) -> Request:
        """The same visit, for a view that stands in for one that has failed. It is run beside it, to its end."""
        request = copy.copy(self)
        request.is_aside = True
        request.exception = exception
        return request

    def for_frontend(self, page: object) -> Request:
        """The same visit, for the view that makes the page around the one that was asked for."""
        request = copy.copy(self)
        request.interactive = False
        request.frontend = True
        request.page = page
        return request

    @property
    def path(self) -> str:
        """The path as people read it; `url.path` is the quoted one."""
        return unquote(self.url.path)

    @property
    def method(self) -> str:
        """Of plain HTTP the one that was used. Of a view in a browser's window POST when a form was posted to it, else GET."""
        if not self.interactive and self.original is not None:
            return self.original.method
        return "POST" if self.was_posted or self.POST else "GET"

    @property
    def session(self) -> Session:
        """What is kept of this browser, from visit to visit."""
        return self.connection.session

    @property
    def server(self) -> Server:
        """See `Server`. Raises RuntimeError for a request that was made outside of an application."""
        return self.connection.server

    @property
    def http_request(self) -> HTTPRequest:
        """werkzeug's request: headers, cookies, languages, authorization, and of plain HTTP the body.

        Of a view that came over a WebSocket it is one by GET, with the headers of the handshake: what the browser sent when it
        connected, also for views that it has opened since. Behind `TRUSTED_PROXIES` address, scheme and host are the browser's.
        """
        if self.original is None:
            self.original = HTTPRequest(self.envelope.environ(self.url, self.base))
        return self.original

    @property
    def headers(self) -> Headers:
        """The headers, by names in any case; see `http_request` for whose they are."""
        return self.http_request.headers

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies. What a visitor sends he may have made up, unless it is signed."""
        return self.http_request.cookies

    @property
    def remote_addr(self) -> str:
        """The address of the browser; behind `TRUSTED_PROXIES` the one that they tell. '': unknown."""
        return self.envelope.address

    @property
    def host(self) -> str:
        """The host that the browser asked for, with its port. A visitor can make it up: see `ALLOWED_HOSTS`."""
        return self.envelope.host

    @property
    def is_secure(self) -> bool:
        """Whether the browser speaks HTTPS."""
        return self.envelope.scheme == "https"

    @property
    def files(self) -> MultiDict[str, FileStorage]:
        """The files of a form that was posted over plain HTTP, in `FORM_BYTES` with the rest. Never use their names as paths."""
        return MultiDict() if self.interactive else self.http_request.files

    @property
    def uploads(self) -> MultiDict[str, UploadedFile]:
        """The same as files with safe names, which go with the view; `Form.fill(request.POST, request.uploads)` takes them.

        In an interactive view they are those of a form that was posted to its address by a browser without JavaScript; ask for
        them before the first `show`, since with the answer to the request the others are gone.
        """
        if self._uploads is None:
            self._uploads = MultiDict()
            files = self.files
            if self.interactive and self.was_posted and not self.connection.interactive:
                files = self.connection.http_request.files
            for field, posted in files.items(multi=True):
                if posted.filename and self.runs_in is not None and not posted.stream.closed:
                    file = self.runs_in.files.keep(posted.save, posted.filename, posted.content_type or "")
                    self._uploads.add(field, file)
        return self._uploads

    @property
    def data(self) -> bytes:
        """The body of plain HTTP, when it is no form. Waits for it. Raises 413 for more than `FORM_BYTES`."""
        return b"" if self.interactive else self.http_request.get_data()

    @property
    def json(self) -> Any:                                    # Any: JSON
        """The body of plain HTTP as JSON. Waits for it. Raises what answers 415 for another type, and 400 for what is no JSON."""
        if self.interactive:
            return None
        try:
            return self.http_request.get_json()
        except RecursionError:
            raise BadRequest("This is nested too deeply.") from None

    @property
    def csrf_token(self) -> str:
        """For a hidden field of that name: only browsers need it that are older than 2020. '' in a view over a WebSocket."""
        return "" if self.make_token is None else self.make_token()

    @property
    def nonce(self) -> str:
        """For `<script nonce="…">` in what a view that is not interactive answers, if `CONTENT_SECURITY_POLICY` asks for one."""
        if not self._nonce:
            self._nonce = secrets.token_urlsafe(16)
        return self._nonce

    @property
    def asked_nonce(self) -> str:
        """The same; '': nobody has asked for it."""
        return self._nonce


#: Where a request has its user: the slot itself.
_USER: Any = Request.__dict__["user"]


def _set_user(request: Request, user: Any) -> None:
    check_user(user)
    _USER.__set__(request, user)
    heed: Heedful | None = getattr(request, "heed", None)         # it has none yet while it is made
    if heed is not None:
        heed.user_changed(request)


# Not by `__setattr__`, which would be called for each of thirty attributes of each request.
Request.user = property(_USER.__get__, _set_user)                 # type: ignore[misc]


#: Of a URL without a query, and of a visit with nothing posted. One for all of them, until a view asks for its own.
NO_FIELDS: MultiDict[str, str] = ImmutableMultiDict()


def _fields(slot: Any) -> property:
    """The fields in this slot of a request. They are the view's to change: who asks gets no others than his own."""
    def get(request: Request) -> MultiDict[str, str]:
        if slot.__get__(request) is NO_FIELDS:
            slot.__set__(request, MultiDict())
        fields: MultiDict[str, str] = slot.__get__(request)
        return fields

    return property(get, slot.__set__)


Request.GET = _fields(Request.__dict__["GET"])                    # type: ignore[assignment,misc]
Request.POST = _fields(Request.__dict__["POST"])                  # type: ignore[assignment,misc]


def inside(url: str, base: str) -> str | None:
    """What an application that is mounted at `base`, as '/prefix', calls this URL; None: it is one of others."""
    if not base:
        return url
    path, mark, query = url.partition("?")
    parts = path.split("/")
    depth = base.count("/") + 1
    if unquote("/".join(parts[:depth])) != base:
        return None
    return "/" + "/".join(parts[depth:]) + mark + query


def parse_url(url: str) -> tuple[SplitResult, MultiDict[str, str]]:
    """`url` taken apart, and its query. Raises ValueError for what no browser would send: another host, a bad port."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        raise ValueError(f"a view's URL is a path that begins with '/', not {url[:80]!r}")
    if not parts.query:
        return parts, NO_FIELDS
    return parts, MultiDict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000))
