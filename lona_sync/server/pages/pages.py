"""The HTML pages: the one that carries the client, those without it, and whatever else templates are filled in for."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from ...html.node import Node
from ...settings import Settings
from ...views.request import Request
from .template_names import Lona, Page
from .templating import Templates

logger = logging.getLogger("lona_sync.server.templating")
_WHOLE = re.compile(r"\s*<(!doctype|html)\b", re.IGNORECASE)

#: Makes what a template finds as `Lona`; `trusted`: it is a file.
Names = Callable[[Page, bool], Lona]

#: For templates that are for no page in particular.
NO_PAGE = Page()


class Pages:
    """Fills in the templates of one application, each for the page that it is a part of."""

    def __init__(self, *, settings: Settings, templates: Templates, names: Names) -> None:
        self._settings = settings
        self._templates = templates
        self._names = names

    def frontend(self, page: Page, request: Request | None = None) -> str:
        """The page of an interactive route."""
        title = self._settings.TITLE if page.title is None else page.title
        return self.fill_in(self._settings.FRONTEND_TEMPLATE, {"title": title, "request": request}, page)

    def plain(self, title: str, body: Node | Markup, request: Request) -> str:
        """A page without the client. `body`: a node, or markup; if that is a whole page, it is this one. Never raises."""
        if isinstance(body, Markup) and _WHOLE.match(body):
            return str(body)
        try:
            return self.fill_in("lona/page.html", {"title": title, "body": body, "request": request}, _page_of(request))
        except Exception:                                              # a header of the application's, for example
            logger.exception("the page %r cannot be put together, so it has no look", title)
            return Markup("<!doctype html>\n<title>{}</title>\n{}").format(title, body)

    # What a view asks for (`views.templates.Renderer`).

    def template(self, name: str, context: Mapping[str, Any], request: Request) -> Markup:
        """The template with this name."""
        return Markup(self.fill_in(name, context, _page_of(request)))

    def template_string(self, text: str, context: Mapping[str, Any], request: Request) -> Markup:
        """The template `text`, in the sandbox."""
        return Markup(self.fill_in_string(text, context, _page_of(request)))

    # The same without a visit.

    def fill_in_string(self, text: str, context: Mapping[str, Any], page: Page = NO_PAGE) -> str:
        """The template `text`, in the sandbox."""
        return self._templates.render_string(text, {"_variables": context, **context, "Lona": self._names(page, False)})

    def fill_in(self, name: str, context: Mapping[str, Any], page: Page = NO_PAGE) -> str:
        """The template with this name."""
        return self._templates.render(name, {"_variables": context, **context, "Lona": self._names(page, True)})


def _page_of(request: Request) -> Page:
    if isinstance(request.page, Page):
        return request.page
    return Page(base=request.base, nonce="" if request.interactive else request.nonce)
