"""The pages around interactive views, each made by a template or by a view of the application's."""

from __future__ import annotations

import logging
from typing import Protocol

from werkzeug.exceptions import HTTPException

from ...errors import ForbiddenError, NotFoundError, StopReason, UserAbort
from ...views.request import Request
from ...views.responses import HtmlResponse
from ...views.runtime import ViewRuntime
from ...views.view import View
from .pages import Pages
from .template_names import Page

logger = logging.getLogger("lona_sync.server.http")


class Starter(Protocol):
    """Who runs views: the registry."""

    def start(self, view_class: type[View], request: Request) -> ViewRuntime: ...


class Frontends:
    """Answers with the page of a route. `default`: the view that makes it where the route names none; None: the template does."""

    def __init__(self, *, pages: Pages, registry: Starter, default: type[View] | None) -> None:
        self._pages = pages
        self._registry = registry
        self._default = default

    def answer(self, view_class: type[View] | None, request: Request, page: Page) -> object:
        """What a view that is not interactive returns. `view_class`: the one that the route names. Waits for it.

        When such a view fails, the template makes the page: without it there would be nothing at all to see. Raises what the view
        raises as an answer, as `ForbiddenError`, and `registry.Full` when no view may be started.
        """
        view_class = view_class or self._default
        if view_class is not None:
            runtime = self._registry.start(view_class, request.for_frontend(page))
            try:
                answer = runtime.plain.await_answer()
                if not runtime.plain.is_in_pieces:
                    return answer
                logger.error("the frontend view %s has returned a page in pieces", view_class.__qualname__)
            except (ForbiddenError, NotFoundError, HTTPException):
                raise
            except (Exception, StopReason):
                logger.error("the frontend view %s has failed; the page is made by the template", view_class.__qualname__)
            finally:
                runtime.stop(UserAbort())
        return HtmlResponse(self._pages.frontend(page, request))
