"""Daemon views by who joins them: the user who has opened one, and, if its class lets them, others."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Protocol

from .request import Request
from .runtime import ViewRuntime
from .users import same_owner
from .view import View

logger = logging.getLogger("lona_sync.views")


class Claims(Protocol):
    """Who knows of the views of other processes. None of these waits."""

    def view_id(self) -> str:
        """A name that no other view has, in whichever process."""

    def claim(self, request: Request, view_id: str, *, shared: bool) -> bool:
        """Whether this view is the one that visits like `request` join; False when another process has such a view already.

        `shared`: of all users, not of this one alone.
        """

    def disclaim(self, view_id: str) -> None:
        """It is so no longer."""


class Joinable:
    """At most one for each user, route and address, and, of classes with `may_join`, one for all users."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._views: dict[Hashable, ViewRuntime] = {}
        self._keys: dict[str, Hashable] = {}                   # by the view's id

    def find(self, request: Request) -> ViewRuntime | None:
        """The one that this visit joins. The query does not count. Never waits."""
        found = self._views.get(_key(request, shared=False))
        if found is None:
            found = self._views.get(_key(request, shared=True))
        return found if found is not None and admits(found, request) else None

    def offer(self, runtime: ViewRuntime) -> None:
        """It may be joined from now on, unless another one is joined already: the first one wins. Any number of times."""
        if runtime.id in self._keys:
            return
        for shared in (True, False) if is_shared(type(runtime.view)) else (False,):
            key = _key(runtime.request, shared=shared)
            if key not in self._views and self._claims.claim(runtime.request, runtime.id, shared=shared):
                self._views[key] = runtime
                self._keys[runtime.id] = key
                return

    def withdraw(self, runtime: ViewRuntime) -> None:
        """It may not any more. Any number of times."""
        key = self._keys.pop(runtime.id, None)
        if key is not None:
            del self._views[key]
            self._claims.disclaim(runtime.id)


def is_shared(view_class: type[View]) -> bool:
    """Whether others than who has opened such a view may join it, if it lets them."""
    return view_class.may_join is not View.may_join


def admits(runtime: ViewRuntime, request: Request) -> bool:
    """Whether who comes with this request may be in this view. Asks the view, if he has not opened it. Never waits."""
    if same_owner(runtime.request.opened_by) == same_owner(request.opened_by):
        return True
    if not is_shared(type(runtime.view)):
        return False
    try:
        return bool(runtime.view.may_join(request))
    except Exception:
        logger.exception("%r: error in may_join; nobody is let in", runtime)
        return False


def _key(request: Request, *, shared: bool) -> Hashable:
    return None if shared else same_owner(request.opened_by), id(request.route), request.match_texts
