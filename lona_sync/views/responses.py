"""What `handle_request` and the event handlers may return besides nothing, a string or a node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..html.node import Node
from ..html.rendering import render


class AbstractResponse:
    """Base of all responses."""

    __slots__ = ()


class Response(AbstractResponse):
    """Bytes or text for non-interactive views. Exactly one of `body` and `text`, else ValueError."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self, body: bytes | None = None, status: int = 200, content_type: str = "text/plain; charset=utf-8",
        headers: Mapping[str, str] | None = None, *, text: str | None = None,
    ) -> None:
        if body is not None and text is not None:
            raise ValueError("a Response takes body= or text=, not both")
        self.body = body if body is not None else (text or "").encode(errors="replace")         # lone surrogates: '?'
        self.status = status
        self.content_type = content_type
        self.headers = dict(headers or {})


class HtmlResponse(Response):
    """HTML, from a string (taken as it is: escape what is not yours) or a node. Fine in interactive views, too."""

    __slots__ = ("html",)

    def __init__(self, html: str | Node, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(None, status, "text/html; charset=utf-8", headers)
        self.html = html

    def render(self) -> bytes:
        return (self.html if isinstance(self.html, str) else render(self.html)).encode(errors="replace")


class TemplateResponse(HtmlResponse):
    """The template `name`, filled in with `context`. Fine in interactive views, too: in the window, not as a page of its own."""

    __slots__ = ("context", "name")

    def __init__(
        self, name: str, context: Mapping[str, Any] | None = None, status: int = 200,       # Any: whatever a template can print
        content_type: str = "text/html; charset=utf-8", headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("", status, headers)
        self.name = name
        self.context = dict(context or {})
        self.content_type = content_type


class TemplateStringResponse(HtmlResponse):
    """The template `string`, filled in with `context`, in a sandbox. What visitors type belongs into `context`, never into it."""

    __slots__ = ("context", "string")

    def __init__(
        self, string: str, context: Mapping[str, Any] | None = None, status: int = 200,     # Any: as above
        content_type: str = "text/html; charset=utf-8", headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("", status, headers)
        self.string = string
        self.context = dict(context or {})
        self.content_type = content_type


class JsonResponse(Response):
    """`data` as JSON, for non-interactive views. Raises TypeError here for what JSON cannot hold."""

    __slots__ = ()

    def __init__(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:  # Any: what json takes
        super().__init__(json.dumps(data).encode(), status, "application/json", headers)


class RedirectResponse(AbstractResponse):
    """Start the view of `url` in the same window; the page stays. `url` may be relative to the view's own.

    A `url` on another host is loaded as a page. Never pass on one that a visitor gave you without looking at it.
    """

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        self.url = url


class HttpRedirectResponse(AbstractResponse):
    """Let the browser load `url` as a page of its own; it may be on another host."""

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        self.url = url
