"""What `handle_request` and the event handlers may return besides nothing, a string or a node."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..html.node import Node
from ..html.rendering import render

_HTML = "text/html"
# Browsers skip blanks and control characters in front of a URL, and tabs and line breaks also inside of it.
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_SCRIPT = re.compile("[\x00-\x20]*(?:javascript|vbscript|data):", re.IGNORECASE)
_FORMS = ("text", "body", "redirect", "http_redirect", "template", "template_string", "file", "json")


class AbstractResponse:
    """Base of all responses."""

    __slots__ = ()

    @property
    def for_window(self) -> str | Node | None:
        """What a window of an interactive view shows of it, a node or HTML; None: it is for plain HTTP only."""
        return None


class Response(AbstractResponse):
    """What a view that is not interactive answers: `body`, or `text`, which is encoded by `charset`.

    `body`: bytes, a str, or an iterable of these: it is sent piece by piece, as they come. It is iterated in the view's own
    greenlet, so it may `sleep` and `await_message`; it waits for a slow reader, and ends with a reader who leaves.
    `content_type`: HTML by default, so escape what is not yours, or say 'text/plain'.

    In an interactive view it may have nothing but `text`, which is shown as HTML. Raises ValueError for `body` and `text` at once.
    """

    __slots__ = ("body", "charset", "content_type", "headers", "is_only_text", "status", "stream")

    def __init__(
        self, body: bytes | str | Iterable[bytes | str] | None = None, status: int = 200, content_type: str = "",
        headers: Mapping[str, str] | None = None, text: str | None = None, charset: str = "utf-8",
    ) -> None:
        if body is not None and text is not None:
            raise ValueError("a Response takes body= or text=, not both")
        if type(status) is not int or not 100 <= status <= 599:
            raise ValueError(f"status must be a number from 100 to 599, not {status!r}")
        self.is_only_text = text is not None and status == 200 and not content_type and not headers and charset == "utf-8"
        self.status = status
        self.charset = charset
        self.content_type = _with_charset(content_type or _HTML, charset)
        if content_type and isinstance(body, (bytes, bytearray, memoryview)):
            self.content_type = content_type                     # how they are encoded, their author knows
        self.headers = dict(headers or {})
        self.stream: Iterator[bytes | str] | None = None
        self.body = b""
        if body is None or isinstance(body, str):
            self.body = (body or text or "").encode(charset, errors="replace")                  # lone surrogates: '?'
        elif isinstance(body, (bytes, bytearray, memoryview)):
            self.body = bytes(body)
        elif isinstance(body, Iterable) and not isinstance(body, (Node, Mapping)):
            self.stream = iter(body)
        else:
            raise TypeError(f"a response's body is bytes, a str, or an iterable of these, not {type(body).__name__}: {body!r:.200}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status} {self.content_type}>"

    @property
    def for_window(self) -> str | Node | None:
        return self.body.decode() if self.is_only_text else None


class HtmlResponse(Response):
    """HTML, from a string (taken as it is: escape what is not yours) or a node. Without more, interactive views return it, too."""

    __slots__ = ("html", "is_plain")

    def __init__(
        self, html: str | Node, status: int = 200, content_type: str = "", headers: Mapping[str, str] | None = None,
    ) -> None:
        if not isinstance(html, (str, Node)):
            raise TypeError(f"HtmlResponse() takes a node or a string, not {type(html).__name__}: {html!r:.200}. Use HTML(a, b).")
        super().__init__(None, status, content_type, headers)
        self.html = html
        self.is_plain = status == 200 and not content_type and not headers

    @property
    def for_window(self) -> str | Node | None:
        return self.html if self.is_plain else None

    def render(self) -> bytes:
        """Its body."""
        return (self.html if isinstance(self.html, str) else render(self.html)).encode(errors="replace")


class TemplateResponse(HtmlResponse):
    """The template `name`, filled in with `context`. Fine in interactive views, too: in the window, not as a page of its own."""

    __slots__ = ("context", "name")

    def __init__(
        self, name: str, context: Mapping[str, Any] | None = None, status: int = 200,       # Any: whatever a template can print
        content_type: str = "", headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("", status, content_type, headers)
        self.name = name
        self.context = dict(context or {})


class TemplateStringResponse(HtmlResponse):
    """The template `string`, filled in with `context`, in a sandbox. What visitors type belongs into `context`, never into it."""

    __slots__ = ("context", "string")

    def __init__(
        self, string: str, context: Mapping[str, Any] | None = None, status: int = 200,     # Any: as above
        content_type: str = "", headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("", status, content_type, headers)
        self.string = string
        self.context = dict(context or {})


class JsonResponse(Response):
    """`data` as JSON, for views that are not interactive. Raises TypeError or ValueError here for what JSON cannot hold."""

    __slots__ = ()

    def __init__(
        self, data: Any, status: int = 200, content_type: str = "application/json",         # Any: what json takes
        headers: Mapping[str, str] | None = None,
    ) -> None:
        try:
            body = json.dumps(data, allow_nan=False).encode()
        except TypeError as error:
            raise TypeError(
                f"JsonResponse takes what JSON can say: dicts, lists, strings, numbers, True, False, None. {error}: convert a date "
                "by isoformat(), anything else by str()."
            ) from None
        super().__init__(body, status, content_type, headers)


def no_answer(answer: object) -> RuntimeError:
    """The error about what no view may return."""
    hint = ". Several nodes are returned as one: HTML(a, b)" if isinstance(answer, (list, tuple)) else ""
    return RuntimeError(f"expected string, Node or response object. Got {answer!r:.200}{hint}")


class FileResponse(AbstractResponse):
    """A file, for views that are not interactive. Browsers may ask for a part of it, and whether it has changed.

    `content_type`: '' is guessed by its name. `download_name`: the browser saves it under this name instead of showing it; use it
    for whatever visitors have uploaded, since HTML and SVG of theirs would run scripts in your site's name.
    Never make `path` of what a visitor sent. Raises FileNotFoundError when there is no such file.
    """

    __slots__ = ("content_type", "download_name", "headers", "path", "status")

    def __init__(
        self, path: str | os.PathLike[str], status: int = 200, headers: Mapping[str, str] | None = None, *, content_type: str = "",
        download_name: str = "",
    ) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"there is no file {str(self.path)!r}")
        self.status = status
        self.headers = dict(headers or {})
        self.content_type = content_type
        self.download_name = download_name

    def __repr__(self) -> str:
        return f"<FileResponse {self.status} {str(self.path)!r}>"


class _Redirect(AbstractResponse):
    __slots__ = ("headers", "url")

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        if not isinstance(url, str):
            raise TypeError(f"a redirect leads to a URL, not {type(url).__name__}: {url!r}")
        if _CONTROL.search(url) or _SCRIPT.match(url):
            raise ValueError(f"a redirect leads to no script, and its URL has no line breaks: {url!r:.200}")
        self.url = url
        self.headers = dict(headers or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"


class RedirectResponse(_Redirect):
    """Start the view of `url` in the same window; the page stays. `url` may be relative to the view's own.

    A `url` on another host is loaded as a page. Never pass on one that a visitor gave you: see `local_url`. `headers` are for views
    that are not interactive. Raises ValueError for a URL that would run a script.
    """

    __slots__ = ()


class HttpRedirectResponse(_Redirect):
    """Let the browser load `url` as a page of its own; it may be on another host. The rest as for `RedirectResponse`."""

    __slots__ = ()


def local_url(url: str | None, default: str = "/") -> str:
    """`url` if it leads to a place on this site, else `default`. For `?next=…` and whatever else a visitor says where to go.

        return RedirectResponse(local_url(request.GET.get('next')))
    """
    # A browser takes '\\' for '/', skips blanks in front, and line breaks and tabs anywhere.
    if not url or not url.startswith("/") or url.startswith(("//", "/\\")) or _CONTROL.search(url):
        return default
    return url


def response_of(answer: Mapping[str, Any]) -> AbstractResponse:
    """The response that the old form of a dict stands for; warns. Raises RuntimeError when it says none, or more than one."""
    kinds = [kind for kind in _FORMS if kind in answer]
    if len(kinds) != 1:
        raise RuntimeError(f"a response as a dict has one of the keys {', '.join(_FORMS)}. Got {answer!r:.200}")
    kind = kinds[0]
    warnings.warn(f"return a response object instead of a dict with {kind!r}", DeprecationWarning, stacklevel=2)
    value = answer[kind]
    given = {name: answer[name] for name in ("status", "content_type", "headers") if name in answer}
    context = answer.get("context", {key: item for key, item in answer.items() if key not in given and key != kind})
    headers = given.get("headers")
    if kind in ("redirect", "http_redirect"):
        return (RedirectResponse if kind == "redirect" else HttpRedirectResponse)(value, headers)
    if kind == "template":
        return TemplateResponse(value, context, **given)
    if kind == "template_string":
        return TemplateStringResponse(value, context, **given)
    if kind == "file":
        return FileResponse(value, given.get("status", 200), headers, content_type=given.get("content_type", ""))
    if kind == "json":
        return JsonResponse(value, **given)
    charset = {"charset": answer["charset"]} if "charset" in answer else {}
    return Response(**{kind: value}, **given, **charset)


def _with_charset(content_type: str, charset: str) -> str:
    is_text = content_type.startswith("text/") and "charset=" not in content_type.lower()
    return f"{content_type}; charset={charset}" if is_text else content_type
