"""Buckets over HTTP.

    GET  <prefix><view>/<bucket>/             the list of files, as a page
    GET  <prefix><view>/<bucket>/<file>       one of them, to be saved
    POST <prefix><view>/<bucket>/add          multipart/form-data: any number of files
    POST <prefix><view>/<bucket>/delete       the field `name`

`?redirect=/path` leads on afterwards, within this site alone.
"""

from __future__ import annotations

import mimetypes
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from ...settings import Settings
from ...views.visitor import Visitor
from ..http import multipart
from ..http.bodies import Stopped, body, length_of
from .answers import saved_file
from .desk import Desk, Refusal

#: Bytes of the form that names a file to be deleted.
_FORM = 64 * 1024
#: What a multipart body has besides its files: boundaries, headers, texts.
_BESIDES = 2 * 1024 * 1024
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Within this site: not '//host', which is another one, nor '/\host', which browsers take for the same.
_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")


class Buckets:
    """Answers what begins with `BUCKETS_URL_PREFIX`. `render(names)`: the page of the list."""

    def __init__(
        self, *, desk: Desk, render: Callable[[dict[str, Any]], str], settings: Settings, counters: Counter[str],
    ) -> None:
        self._desk = desk
        self._render = render
        self._settings = settings
        self._counters = counters
        self.prefix = f"/{settings.BUCKETS_URL_PREFIX.strip('/')}/"

    def respond(self, request: Request, visitor: Visitor) -> Response:
        """Raises `Refusal`. Waits for the body."""
        view, _, rest = request.path.removeprefix(self.prefix).partition("/")
        bucket, _, name = rest.partition("/")
        if not bucket or "/" in name:
            raise Refusal(404)
        if request.method in ("GET", "HEAD"):
            return self._load(request, visitor, view, bucket, name) if name else self._list(request, visitor, view, bucket)
        if request.method != "POST":
            return Response(status=405, headers={"Allow": "GET, HEAD, POST"})
        if name not in ("add", "delete"):
            raise Refusal(400, "Files are posted to …/add, and names of files to …/delete.")
        target = request.args.get("redirect")
        if target is not None and not _PATH.fullmatch(target):
            raise Refusal(400, "This leads away from here.")
        if name == "add":
            self._add(request, visitor, view, bucket)
        else:
            self._delete(request, visitor, view, bucket)
        if target is not None:
            return Response(status=302, headers={"Location": target})
        return Response("ok\n")

    def _list(self, request: Request, visitor: Visitor, view: str, bucket: str) -> Response:
        answer = self._desk.ask("list", view, visitor, bucket=bucket)
        address = f"{request.root_path.rstrip('/')}{self.prefix}{view}/{bucket}/"
        text = self._render({**answer, "address": address})
        return Response(text, content_type="text/html; charset=utf-8", headers=_PAGE)

    def _load(self, request: Request, visitor: Visitor, view: str, bucket: str, name: str) -> Response:
        answer = self._desk.ask("list", view, visitor, bucket=bucket)
        if not any(each == name for each, _ in answer["files"]):
            raise Refusal(404)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return saved_file(Path(answer["folder"]) / name, request.environ, name=name, content_type=kind)

    def _add(self, request: Request, visitor: Visitor, view: str, bucket: str) -> None:
        boundary = multipart.boundary_of(request.headers.get("Content-Type", ""))
        if boundary is None:
            raise Refusal(400, "Files come as multipart/form-data.")
        length = length_of(request.environ)
        if length is None:
            raise Refusal(411, "How long it is has to be said.")
        try:
            begun = self._desk.ask("add", view, visitor, bucket=bucket, length=length)
        except Refusal as refusal:
            raise self._refusal(refusal) from None
        if begun["room"] is not None and length > begun["room"] + _BESIDES:
            self._give_up(view, visitor, bucket, begun["batch"])
            raise Refusal(400, "This is too large.")
        fields = {"bucket": bucket, "batch": begun["batch"]}

        def wrote(come: int) -> None:
            if begun["room"] is not None and come > begun["room"]:
                raise Refusal(400, "This is too large.")
            self._desk.ask("come", view, visitor, come=come, **fields)

        try:
            pieces = body(request.environ, length, self._settings.UPLOAD_TIMEOUT)
            _, files = multipart.read(pieces, boundary, Path(begun["folder"]), max_files=begun["files"], wrote=wrote)
            parts = [[file.part, file.name, file.content_type] for file in files]
            self._desk.ask("commit", view, visitor, parts=parts, **fields)
        except BaseException as error:
            self._give_up(view, visitor, bucket, begun["batch"])
            raise self._refusal(error) from error

    def _refusal(self, error: BaseException) -> BaseException:
        """What the browser is told of it."""
        if isinstance(error, Refusal):
            # As in Lona: whatever exceeds a limit of the bucket is a bad request.
            return Refusal(400, error.text) if error.status == 413 else error
        if isinstance(error, Stopped):
            self._counters["uploads.slow" if error.slow else "uploads.cut"] += 1
            return Refusal(408 if error.slow else 400, "It did not come to its end.")
        if isinstance(error, multipart.TooMany):
            return Refusal(400, "These are too many files.")
        if isinstance(error, RequestEntityTooLarge):
            return Refusal(413, "This is too large.")
        if isinstance(error, HTTPException):
            return Refusal(400, "This is no form with files.")
        if isinstance(error, OSError):
            return Refusal(507, "There is no room for it at the moment. Try again later.")
        return error

    def _give_up(self, view: str, visitor: Visitor, bucket: str, batch: str) -> None:
        try:
            self._desk.ask("abort", view, visitor, bucket=bucket, batch=batch)
        except Refusal:
            return                                   # it is gone already, or its process does it by itself

    def _delete(self, request: Request, visitor: Visitor, view: str, bucket: str) -> None:
        length = length_of(request.environ)
        if length is None or length > _FORM:
            raise Refusal(411 if length is None else 413)
        try:
            name = self._form(request, length).get("name")
        except Stopped as stopped:
            raise self._refusal(stopped) from None
        if not name:
            raise Refusal(400, "Which file is said by the field 'name'.")
        self._desk.ask("delete", view, visitor, bucket=bucket, name=name)

    def _form(self, request: Request, length: int) -> MultiDict[str, str]:
        """The texts of a small form. Both kinds: scripts send `FormData`, and that is multipart."""
        data = b"".join(body(request.environ, length, self._settings.UPLOAD_TIMEOUT))
        boundary = multipart.boundary_of(request.headers.get("Content-Type", ""))
        if boundary is None:
            try:
                return MultiDict(parse_qsl(data.decode(errors="replace"), max_num_fields=100))
            except ValueError:
                raise Refusal(413) from None
        try:
            texts, _ = multipart.read([data], boundary, Path(), max_files=0, wrote=lambda come: None, wanted=lambda field: False)
        except (BadRequest, RequestEntityTooLarge, multipart.TooMany):
            raise Refusal(400, "This is no form.") from None
        return texts
