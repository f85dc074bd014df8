"""The views that an application names in its settings: for the page around others, and for errors."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator
from typing import TypeVar, overload

from ...settings import Settings
from ...views.view import View
from ..routing.view_checks import refuse_coroutines

logger = logging.getLogger("lona_sync.server.routing")

V = TypeVar("V", bound=type[View])

#: What `handle_request` takes.
_REQUEST = ("self, request",)
_ERROR = ("self, request, exception", "self, request")


class NamedView:
    """Decorates the view that a setting names, with or without parentheses. The class stays as it is."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._name = name

    @overload
    def __call__(self, view: V) -> V: ...
    @overload
    def __call__(self) -> NamedView: ...
    def __call__(self, view: V | None = None) -> V | NamedView:
        if view is None:
            return self
        setattr(self._settings, self._name, view)
        return view


class CustomViews:
    """Loads them. One that cannot work is told in the log, at the start, and the framework's own page is shown in its place.

    `load`: imports what an import string names.
    """

    def __init__(self, settings: Settings, load: Callable[[str], object]) -> None:
        self._load = load
        #: Makes the page of every route that names none itself.
        self.frontend = self._view(settings, "FRONTEND_VIEW", _REQUEST)
        #: By the status that they are for.
        self.errors = {
            status: view for status in (403, 404, 500)
            if (view := self._view(settings, f"ERROR_{status}_VIEW", _ERROR)) is not None
        }

    def __iter__(self) -> Iterator[type[View]]:
        if self.frontend is not None:
            yield self.frontend
        yield from self.errors.values()

    def _view(self, settings: Settings, name: str, arguments: tuple[str, ...]) -> type[View] | None:
        view = getattr(settings, name)
        if view == "":
            return None
        try:
            if isinstance(view, str):
                view = self._load(view)
            if not (isinstance(view, type) and issubclass(view, View)):
                raise TypeError(f"it must be a subclass of View, or where to import one from, not {view!r}")
            refuse_coroutines(view)
            _check_arguments(view, arguments)
        except Exception as error:
            logger.error("%s cannot be used: %s", name, error, exc_info=not isinstance(error, TypeError))
            return None
        return view


def _check_arguments(view: type[View], possible: tuple[str, ...]) -> None:
    """Raise TypeError unless `handle_request` takes the arguments that one of `possible` names."""
    signature = inspect.signature(view.handle_request)
    for arguments in possible:
        try:
            signature.bind(*arguments.split(", "))
        except TypeError:
            continue
        return
    raise TypeError(f"{view.__qualname__}.handle_request must take ({possible[0]})")
