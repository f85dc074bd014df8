"""What a view's procedure and its handlers return, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from werkzeug.wrappers import Response as HTTPResponse

from ..html.node import Node
from ..wire.document import Document
from .audience import Audience
from .client import Redirect
from .first_sign import FirstSign
from .request import Request
from .responses import (
    AbstractResponse,
    HttpRedirectResponse,
    RedirectResponse,
    TemplateResponse,
    TemplateStringResponse,
    no_answer,
    response_of,
)
from .screen import Screen
from .templates import Renderer


class Host(Protocol):
    """What the outcomes need of the runtime in which they came about."""
    request: Request

    def check(self) -> None: ...

    def mark(self) -> None: ...

    def leaves_page(self) -> None:
        """What runs has sent the windows to another page."""


class Outcomes:
    """Shows them, or sends the windows where they say."""

    __slots__ = ("_clients", "_document", "_host", "_renderer", "_screen", "_sign")

    def __init__(
        self, *, host: Host, screen: Screen, document: Document, clients: Audience, renderer: Renderer, sign: FirstSign,
    ) -> None:
        self._host = host
        self._screen = screen
        self._document = document
        self._clients = clients
        self._renderer = renderer
        self._sign = sign

    def execute(self, answer: object) -> None:
        """In the windows of the view. Raises RuntimeError for what no window can show."""
        if isinstance(answer, dict):
            answer = response_of(answer)
        answer = self.filled_in(answer)
        if answer is None:
            return
        if isinstance(answer, (Node, str)):
            self._screen.show(answer, None)
        elif isinstance(answer, AbstractResponse) and answer.for_window is not None:
            self._screen.show(answer.for_window, None)
        elif isinstance(answer, (RedirectResponse, HttpRedirectResponse)):
            self._redirect(answer.url, leave_page=isinstance(answer, HttpRedirectResponse))
        elif isinstance(answer, (AbstractResponse, HTTPResponse)):
            raise RuntimeError(
                "JSON, binary and file responses and headers are only available in non-interactive mode: declare the route with "
                "interactive=False, or offer a file by download()"
            )
        else:
            raise no_answer(answer)

    def filled_in(self, answer: object) -> object:
        """`answer`, with the HTML of its template if it is one."""
        if isinstance(answer, TemplateResponse):
            answer.html = self.template(answer.name, answer.context)
        elif isinstance(answer, TemplateStringResponse):
            answer.html = self.template_string(answer.string, answer.context)
        return answer

    def template(self, name: str, context: Mapping[str, Any]) -> str:         # Any: whatever a template can print
        """The template with this name, filled in."""
        self._host.check()
        return self._renderer.template(name, context, self._host.request)

    def template_string(self, text: str, context: Mapping[str, Any]) -> str:
        """The template `text`, filled in."""
        self._host.check()
        return self._renderer.template_string(text, context, self._host.request)

    def _redirect(self, url: str, *, leave_page: bool) -> None:
        for client in self._clients:
            # It has followed when it has applied a later frame: what it says before that was on its way.
            client.redirect = Redirect(url, leave_page, self._document.log.last + 1)
            if client.link is not None:
                client.link.redirect(client)
        if leave_page:
            self._host.leaves_page()
        if self._document.log.last:                               # not a first frame, which would show an empty page
            self._host.mark()
        self._sign.give()
