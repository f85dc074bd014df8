"""From a URL to a running view."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from werkzeug.datastructures import MultiDict

from ..errors import NotFoundError
from ..views.clock import Clock
from ..views.registry import Registry
from ..views.request import AnonymousUser, Request, parse_url
from ..views.runtime import ViewRuntime
from ..views.view import View
from .routing import Router


@dataclass(frozen=True, slots=True)
class PageLoad:
    """The URL is no interactive view: the browser has to load it as a page."""
    url: str


class NotFoundView(View):
    """Stands at every address that has no route."""

    def handle_request(self, request: Request) -> object:
        raise NotFoundError(request.path)


class Entry:
    """Opens views for windows. It knows the routes and the running views, nothing of sockets.

    `clock`: what its views live by; None: the registry's.
    """

    def __init__(self, router: Router, registry: Registry, clock: Clock | None = None) -> None:
        self._router = router
        self._registry = registry
        self._clock = clock

    def on_clock(self, clock: Clock) -> Entry:
        """The same, for views that live by this clock."""
        return Entry(self._router, self._registry, clock)

    def open(self, url: str, post: Mapping[str, Any] | None, user: Hashable) -> ViewRuntime | PageLoad:
        """A new view for `url`, or the user's daemon view there. `url`: path and query, below where the application is mounted.

        Raises ValueError for a URL that is none, `registry.Full` when no more views, or none of this user, may start. Never waits.
        """
        if url.startswith("//"):
            url = "/" + url.lstrip("/")                  # as plain HTTP reads it; a URL's own rules would see a host
        parts, query = parse_url(url)
        found = self._router.resolve(unquote(parts.path))
        if found is not None and not found[0].interactive:
            return PageLoad(url)
        route, match_info = found or (None, {})
        request = Request(
            url=parts, GET=query, POST=MultiDict(post or {}), user=user, interactive=True, route=route, match_info=match_info,
        )
        daemon = self._registry.find_daemon(request)
        if daemon is not None:
            return daemon
        return self._registry.start(route.view if route else NotFoundView, request, self._clock)

    def find(self, view_id: str, user: Hashable) -> ViewRuntime | None:
        """The running view with this id, if it is this user's. Guests have no cookie to be known by: the view's secret must do."""
        runtime = self._registry.find(view_id)
        if runtime is None or runtime.request.user == user or (_is_guest(user) and _is_guest(runtime.request.user)):
            return runtime
        return None


class Mounted:
    """An `Entry` below `base`, as '/prefix': browsers name it, routes and views do not. What lies beside is a page of others."""

    def __init__(self, entry: Entry, base: str) -> None:
        self._entry = entry
        self._base = base

    def open(self, url: str, post: Mapping[str, Any] | None, user: Hashable) -> ViewRuntime | PageLoad:
        """As `Entry.open`."""
        path, mark, query = url.partition("?")
        parts = path.split("/")
        depth = self._base.count("/") + 1
        if unquote("/".join(parts[:depth])) != self._base:
            return PageLoad(url)
        opened = self._entry.open("/" + "/".join(parts[depth:]) + mark + query, post, user)
        return PageLoad(url) if isinstance(opened, PageLoad) else opened

    def find(self, view_id: str, user: Hashable) -> ViewRuntime | None:
        """As `Entry.find`."""
        return self._entry.find(view_id, user)


def _is_guest(user: Hashable) -> bool:
    return isinstance(user, AnonymousUser) and user.guest
