"""What stands in the place of a view that was refused, not found, or has failed."""

from __future__ import annotations

import inspect
import logging
import traceback
from collections.abc import Callable, Mapping

from markupsafe import Markup

from ..errors import ForbiddenError, NotFoundError
from ..html import H1, Div, P, Pre
from ..html.node import Node
from ..html.raw import RawHTML
from ..settings import Settings
from .request import Request
from .templates import Renderer
from .view import View

logger = logging.getLogger("lona_sync.views")

#: More than the traceback about an error, for whoever develops: `explain(error, request)`; None: there is no more.
Explain = Callable[[Exception, Request], "Node | None"]
_TEXTS = {
    403: ("Forbidden", "You may not see this page."), 404: ("Not Found", "There is no page at this address."),
    500: ("Internal Error", "This page has failed. The error was noted."),
}


def status_of(error: Exception) -> int:
    """The HTTP status that goes with an error."""
    return 404 if isinstance(error, NotFoundError) else 403 if isinstance(error, ForbiddenError) else 500


def is_expected(error: Exception) -> bool:
    """Whether a view has raised it as an answer; else it is a failure."""
    return status_of(error) != 500


class ErrorPages:
    """The error pages of one application: views of its own, else templates, else, when these fail, two lines of text.

    `views`: the application's own, by status; each is a View whose `handle_request` takes the request and the exception.
    A traceback is shown in debug mode only: it tells source code.
    """

    def __init__(
        self, *, settings: Settings, renderer: Renderer, views: Mapping[int, type[View]] | None = None,
        explain: Explain | None = None,
    ) -> None:
        self._settings = settings
        self._renderer = renderer
        self._views = {status: _adapted(view) for status, view in (views or {}).items()}
        self._explain = explain

    def view_for(self, error: Exception) -> type[View] | None:
        """The application's own view for this error, which finds it as `request.exception`; None: there is none."""
        return self._views.get(status_of(error))

    def html(self, error: Exception, request: Request) -> Markup:
        """The page without such a view, as markup. Never raises."""
        status = status_of(error)
        name = getattr(self._settings, f"ERROR_{status}_TEMPLATE")
        explanation = self._explanation(error, request) if status == 500 and self._settings.DEBUG else None
        try:
            return self._renderer.template(
                name, {"request": request, "exception": error, "explanation": "" if explanation is None else explanation}, request,
            )
        except Exception:
            logger.exception("the template %r cannot be used for the page of an error", name)
            return Markup(Div(*_lines(status), explanation or "", _class="lona-sync-error", data_status=str(status)))

    def tree(self, error: Exception, request: Request) -> Node:
        """The same for a window."""
        from ..html.parsing import parse_html  # only where something has gone wrong

        html = self.html(error, request)
        try:
            root = parse_html(html.strip())
        except ValueError:                                        # what only HTML of one's own may have, as scripts
            root = []
        return root if isinstance(root, Node) else RawHTML(html)

    def _explanation(self, error: Exception, request: Request) -> Node:
        found = None
        if self._explain is not None:
            try:
                found = self._explain(error, request)
            except Exception:
                logger.exception("the interactive traceback cannot be shown")
        return found or Pre("".join(traceback.format_exception(error)))


def _lines(status: int) -> tuple[Node, Node]:
    title, text = _TEXTS[status]
    return H1(f"{status} {title}"), P(text)


def _adapted(view: type[View]) -> type[View]:
    """`view` as one that is started with a request alone. A class of its own, so that its hooks and methods are the view's."""
    takes_exception = len(inspect.signature(view.handle_request).parameters) > 2

    class ErrorView(view):                                        # type: ignore[misc, valid-type]  # of any view
        def handle_request(self, request: Request) -> object:
            if takes_exception:
                return super().handle_request(request, request.exception)
            return super().handle_request(request)

    ErrorView.__name__ = view.__name__
    ErrorView.__qualname__ = view.__qualname__
    ErrorView.__module__ = view.__module__
    return ErrorView
