"""Which process has the daemon view that a visit joins."""

from __future__ import annotations

import hashlib

from ...siblings import Siblings
from ...views.joining import is_shared
from ...views.request import AnonymousUser, Request
from ...views.users import owner_key
from ..routing.routes import Route


class Daemons:
    """Names views, and remembers daemons where all processes of the application on this machine look. Nothing here waits.

    Two that begin at the same time, in one process or in two, are two views: the first one that says that it is a daemon is joined,
    the other one stays with its own window. What a procedure did before it said so is done, so none of them can be taken back.
    """

    def __init__(self, siblings: Siblings) -> None:
        self._siblings = siblings
        self._keys: dict[str, str] = {}             # of those views that hold a claim

    def view_id(self) -> str:
        return self._siblings.view_id()

    def claim(self, request: Request, view_id: str, *, shared: bool) -> bool:
        """As `joining.Claims`."""
        key = _key(request, shared=shared)
        if key is None:
            return True
        if not self._siblings.claim(key, view_id):
            return False
        self._keys[view_id] = key
        return True

    def disclaim(self, view_id: str) -> None:
        """As `joining.Claims`."""
        key = self._keys.pop(view_id, None)
        if key is not None:
            self._siblings.disclaim(key, view_id)

    def elsewhere(self, request: Request) -> str | None:
        """The id of the daemon view of another process that this visit joins, if that lets it. Its process may have died since."""
        if not self._siblings.enlisted:
            return None
        route = request.route
        own = self._holder(_key(request, shared=False))
        if own is not None or not isinstance(route, Route) or not is_shared(route.view_class):
            return own
        return self._holder(_key(request, shared=True))

    def _holder(self, key: str | None) -> str | None:
        return None if key is None else self._siblings.holder(key)

    def owner_of(self, view_id: str) -> str | None:
        """The other process that has, or had, this view; None: it is none of another process."""
        return self._siblings.owner_of(view_id)


def _key(request: Request, *, shared: bool) -> str | None:
    """What visits that join each other have in common, in the words of every process; None: nobody joins this one."""
    route, user = request.route, request.opened_by
    everybody = isinstance(user, AnonymousUser) and not user.guest and not user.has_own_key
    identity = "all" if shared else "everybody" if everybody else owner_key(user)
    if not identity or not isinstance(route, Route):
        return None
    view, parts = route.view_class, request.match_texts
    names = repr((identity, route.pattern, view.__module__, view.__qualname__, parts))       # a fifth of what JSON takes
    return hashlib.sha256(names.encode(errors="surrogatepass")).hexdigest()[:32]
