"""The page that stands where a view has failed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol, cast

import gevent

from ..errors import StopReason, UserAbort
from ..html.node import Node
from ..html.raw import as_tree
from .clock import Clock, time_limit
from .pages import ErrorPages
from .plain import PlainAnswer
from .request import Request
from .responses import AbstractResponse, HttpRedirectResponse, RedirectResponse
from .screen import Screen
from .view import View

logger = logging.getLogger("lona_sync.views")


class Running(Protocol):
    """A view that runs to its end beside the one that has failed: `ViewRuntime`."""

    @property
    def plain(self) -> PlainAnswer: ...

    def stop(self, reason: StopReason) -> None: ...


class Host(Protocol):
    """The runtime of the view that has failed."""

    @property
    def leaving(self) -> bool: ...

    def answer(self, response: AbstractResponse) -> None: ...


class LastPage:
    """Shows what `pages` has for an error. `start`: starts the application's own view for it, which has `patience` seconds."""

    __slots__ = ("_clock", "_host", "_pages", "_patience", "_screen", "_start")

    def __init__(
        self, *, host: Host, screen: Screen, pages: ErrorPages, start: Callable[[type[View], Request], Running], clock: Clock,
        patience: float,
    ) -> None:
        self._host = host
        self._screen = screen
        self._pages = pages
        self._start = start
        self._clock = clock
        self._patience = patience

    def present(self, error: Exception, request: Request) -> None:
        """Show the page of `error`, or begin to: the application's own comes when it is there. Never waits."""
        view_class = self._pages.view_for(error)
        if view_class is None or request.exception is not None:
            self._screen.show_last(self._pages.tree(error, request))
        else:
            gevent.spawn(self._present, view_class, error, request)

    def _present(self, view_class: type[View], error: Exception, request: Request) -> None:
        page: Node | str | None = None
        try:
            answer = self._ask(view_class, request.for_error(error))
            if isinstance(answer, (RedirectResponse, HttpRedirectResponse)):
                self._host.answer(answer)
                return
            page = answer.for_window if isinstance(answer, AbstractResponse) else cast("Node | str | None", answer)
        except (Exception, gevent.Timeout, StopReason):
            logger.exception("%r: its error view %s has failed", self._host, view_class.__name__)
        if self._host.leaving:
            return
        if page is not None:
            try:
                self._screen.show_last(as_tree(page))
                return
            except Exception:
                logger.exception("%r: what its error view %s returned cannot be shown", self._host, view_class.__name__)
        self._screen.show_last(self._pages.tree(error, request))

    def _ask(self, view_class: type[View], request: Request) -> object:
        runtime = self._start(view_class, request)
        try:
            with time_limit(self._clock, self._patience):
                return runtime.plain.await_answer()
        finally:
            runtime.stop(UserAbort())
