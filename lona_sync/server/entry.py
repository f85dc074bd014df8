"""From a URL to a running view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote

from werkzeug.datastructures import MultiDict

from ..errors import NotFoundError
from ..views.clock import Clock
from ..views.joining import admits
from ..views.registry import Registry
from ..views.request import NO_FIELDS, Request, inside, parse_url
from ..views.runtime import ViewRuntime
from ..views.users import is_guest
from ..views.view import View
from ..views.visitor import Visitor
from .routing.routes import Route, Router


class PageLoad(NamedTuple):
    """The URL is no interactive view: the browser has to load it as a page."""
    url: str


class Elsewhere(NamedTuple):
    """The view runs, or ran, in another process on this machine: `owner` is its tag."""
    view: str
    owner: str


class Neighbours(Protocol):
    """Who knows which views the other processes have. Neither method waits; what they name may have ended."""

    def elsewhere(self, request: Request) -> str | None:
        """The id of the daemon view of another process that this visit joins."""

    def owner_of(self, view_id: str) -> str | None:
        """The other process that has this view."""


#: Reads what a window has kept for a view: `unseal(token, request, lives)`; None: it is worth nothing. `lives(id)`: that view runs.
Unseal = Callable[[str, Request, Callable[[str], bool]], "dict[str, Any] | None"]             # Any: JSON


class NotFoundView(View):
    """Stands at every address that has no route."""

    def handle_request(self, request: Request) -> object:
        raise NotFoundError(request.path)


class Entry:
    """Opens views for windows. It knows the routes and the running views, nothing of sockets.

    `clock`: what its views live by; None: the registry's.
    """

    def __init__(
        self, router: Router, registry: Registry, neighbours: Neighbours, unseal: Unseal, clock: Clock | None = None,
    ) -> None:
        self._router = router
        self._registry = registry
        self._neighbours = neighbours
        self._unseal = unseal
        self._clock = clock

    def on_clock(self, clock: Clock) -> Entry:
        """The same, for views that live by this clock."""
        return Entry(self._router, self._registry, self._neighbours, self._unseal, clock)

    def open(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, kept: str | None = None, base: str = "",
    ) -> ViewRuntime | PageLoad | Elsewhere:
        """A new view for `url`, or the visitor's daemon view there. `url`: path and query, below `base`, where we are mounted.

        `kept`: what the window keeps of a view of this URL that has gone. A view that it joins knows better.

        Raises ValueError for a URL that is none, `registry.Full` when no more views, or none of this user, may start. Never waits.
        """
        request = self._request(url, post, visitor, base)
        if isinstance(request, PageLoad):
            return request
        daemon = self._registry.find_daemon(request)
        if daemon is not None:
            return daemon
        view = self._neighbours.elsewhere(request)
        owner = None if view is None else self._neighbours.owner_of(view)
        if view is not None and owner is not None:
            return Elsewhere(view, owner)
        return self._start(request, kept)

    def open_here(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, kept: str | None = None, base: str = "",
    ) -> ViewRuntime | PageLoad:
        """As `open`, when the view that was said to be elsewhere is not."""
        request = self._request(url, post, visitor, base)
        if isinstance(request, PageLoad):
            return request
        return self._registry.find_daemon(request) or self._start(request, kept)

    def _start(self, request: Request, kept: str | None) -> ViewRuntime:
        if kept is not None:
            request.restored = self._unseal(kept, request, self._registry.lives)
        view = request.route.view_class if isinstance(request.route, Route) else NotFoundView
        return self._registry.start(view, request, self._clock)

    def _request(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, base: str,
    ) -> Request | PageLoad:
        if url.startswith("//"):
            url = "/" + url.lstrip("/")                  # as plain HTTP reads it; a URL's own rules would see a host
        parts, query = parse_url(url)
        found = self._router.resolve(unquote(parts.path))
        if found.route is not None and not found.route.is_page:
            return PageLoad(url)
        return Request(
            url=parts, GET=query, POST=MultiDict(post) if post else NO_FIELDS, user=visitor.user, interactive=True,
            route=found.route, match_info=found.match_info, match_texts=found.texts, base=base,
            envelope=visitor.envelope, connection=visitor, was_posted=post is not None,
        )

    def find(self, view_id: str, visitor: Visitor) -> ViewRuntime | None:
        """The running view with this id, if this visitor opened it, or it lets him in, as he is now.

        Guests have no cookie to be known by: its secret must do.
        """
        runtime = self._registry.find(view_id)
        if runtime is not None and runtime.leaving:
            return None
        # Not `request.user`: a view may say there who has logged in, and its browser still comes with the same cookie.
        if runtime is None or (visitor.is_guest and is_guest(runtime.request.opened_by)):
            return runtime
        return runtime if admits(runtime, runtime.request.of(visitor)) else None

    @property
    def ending(self) -> bool:
        """Whether this process is to end."""
        return self._registry.ending

    def elsewhere(self, view_id: str) -> Elsewhere | None:
        """Where the view is if another process has it."""
        owner = self._neighbours.owner_of(view_id)
        return None if owner is None else Elsewhere(view_id, owner)


class Doorway:
    """An `Entry` as one connection uses it.

    Below `base`, as '/prefix': browsers name it, routes and views do not. What lies beside is a page of others.
    """

    def __init__(self, entry: Entry, base: str = "") -> None:
        self._entry = entry
        self.base = base

    def open(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, kept: str | None = None,
    ) -> ViewRuntime | PageLoad | Elsewhere:
        """As `Entry.open`."""
        below = inside(url, self.base)
        opened = None if below is None else self._entry.open(below, post, visitor, kept, self.base)
        return _page(url) if opened is None or isinstance(opened, PageLoad) else opened

    def open_here(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, kept: str | None = None,
    ) -> ViewRuntime | PageLoad:
        """As `Entry.open_here`."""
        below = inside(url, self.base)
        opened = None if below is None else self._entry.open_here(below, post, visitor, kept, self.base)
        return _page(url) if opened is None or isinstance(opened, PageLoad) else opened

    def find(self, view_id: str, visitor: Visitor) -> ViewRuntime | None:
        """As `Entry.find`."""
        return self._entry.find(view_id, visitor)

    @property
    def ending(self) -> bool:
        """As `Entry.ending`."""
        return self._entry.ending

    def elsewhere(self, view_id: str) -> Elsewhere | None:
        """As `Entry.elsewhere`."""
        return self._entry.elsewhere(view_id)


def _page(url: str) -> PageLoad:
    """The page at `url` of this host: browsers would take '//plain', and '/' with a backslash, for the address of another one."""
    return PageLoad("/." + url if url.startswith(("//", "/\\")) else url)
