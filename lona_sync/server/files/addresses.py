"""All addresses of files: uploads, buckets, downloads. What is common to them: who may come, and how a refusal looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from ...settings import Settings
from ...views.downloads import DOWNLOADS
from ...views.visitor import Visitor
from ..http.origin import is_foreign
from .answers import saved_file, stream
from .buckets import Buckets
from .desk import Desk, Refusal
from .uploads import Uploads

_SAFE = frozenset(["GET", "HEAD"])


class Downloads:
    """Answers what begins with `DOWNLOADS`: `…/<view>/<id>/<name>`. The name is there for those who look at the address."""

    prefix = DOWNLOADS

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def respond(self, request: Request, visitor: Visitor) -> Response:
        """Raises `Refusal`."""
        if request.method not in _SAFE:
            return Response(status=405, headers={"Allow": "GET, HEAD"})
        view, _, rest = request.path.removeprefix(DOWNLOADS).partition("/")
        number = rest.partition("/")[0]
        url = request.full_path.rstrip("?")
        answer, end = self._desk.load(view, visitor, download=number, url=url, look=request.method == "HEAD")
        name, kind, inline = answer["name"], answer["type"], answer["inline"]
        if "path" in answer:
            return saved_file(Path(answer["path"]), request.environ, name=name, content_type=kind, inline=inline)
        return stream(end, name=name, content_type=kind, inline=inline)


class Files:
    """`render(context)`: the page that lists a bucket."""

    def __init__(
        self, *, desk: Desk, render: Callable[[dict[str, Any]], str], settings: Settings, counters: Counter[str],
    ) -> None:
        self._parts = (
            Uploads(desk=desk, settings=settings, counters=counters),
            Buckets(desk=desk, render=render, settings=settings, counters=counters),
            Downloads(desk),
        )
        self._prefixes = tuple(part.prefix for part in self._parts)
        self._settings = settings
        self._counters = counters

    def own(self, path: str) -> bool:
        """Whether it is an address of files."""
        return path.startswith(self._prefixes)

    def respond(self, request: Request, visitor: Visitor) -> Response:
        """To a request of one of their addresses. Waits for the body. Raises HTTPException for a part that a file does not have."""
        part = next(part for part in self._parts if request.path.startswith(part.prefix))
        try:
            # The address is nobody's to guess, so no token is asked for besides.
            if request.method not in _SAFE and is_foreign(
                request.environ, allowed_origins=self._settings.ALLOWED_ORIGINS, trusted_proxies=self._settings.TRUSTED_PROXIES,
            ):
                self._counters["files.foreign"] += 1
                raise Refusal(403, "Pages of others may not do this.")
            return part.respond(request, visitor)
        except Refusal as refusal:
            return _refused(refusal)


def _refused(refusal: Refusal) -> Response:
    text = refusal.text or ("This is not here any more." if refusal.status == 404 else "This cannot be done.")
    response = Response(text + "\n", refusal.status, content_type="text/plain; charset=utf-8")
    if refusal.offset is not None:
        response.headers["Upload-Offset"] = str(refusal.offset)
    if refusal.status in (429, 503, 507):
        response.headers["Retry-After"] = "5"
    return response
