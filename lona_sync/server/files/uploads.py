"""Files for file inputs, over HTTP, so that they may be interrupted and go on: docs/files.md has all of it.

    POST   /_lona_sync/files/<view>/<input>    JSON [[name, size, type, modified], …] → {"files": [[id, offset], …], "chunk": bytes}
    HEAD   /_lona_sync/files/<view>/<id>       → Upload-Offset, Upload-Length
    PATCH  /_lona_sync/files/<view>/<id>       Upload-Offset, and bytes from there on → 204, Upload-Offset, Upload-Complete
    DELETE /_lona_sync/files/<view>/<id>       it does not come

Whoever has lost the connection asks how far it is and goes on from there. A PATCH for another offset is answered 409 with the right
one, so each part counts once, however often it is sent. 404: it is over.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from werkzeug.wrappers import Request, Response

from ...settings import Settings
from ...uploads import Writer
from ...uploads.claims import LONGEST_CLAIM
from ...views.files import FILES
from ...views.visitor import Visitor
from ..http.bodies import Stopped, body, length_of
from .desk import MOST_FILES, Desk, Refusal

#: Bytes of a list of files.
_LIST = 512 * 1024
#: Bytes, and seconds, after which another process is told how far it is: at a millisecond each, else most of the cost of an upload.
#: One's own hears of every piece.
_TOLD_BYTES = 8 * 1024 * 1024
_TOLD_SECONDS = 0.5

_MOST_NUMBER = 2**53


class Uploads:
    """Answers what begins with `FILES`."""

    prefix = FILES

    def __init__(self, *, desk: Desk, settings: Settings, counters: Counter[str]) -> None:
        self._desk = desk
        self._settings = settings
        self._counters = counters

    def respond(self, request: Request, visitor: Visitor) -> Response:
        """Raises `Refusal`. Waits for the body."""
        view, slash, rest = request.path.removeprefix(FILES).partition("/")
        answers = {"POST": self._declare, "HEAD": self._state, "PATCH": self._take, "DELETE": self._cancel}
        answer = answers.get(request.method)
        if not slash or "/" in rest:
            raise Refusal(404)
        if answer is None:
            return Response(status=405, headers={"Allow": ", ".join(answers)})
        return answer(request, visitor, view, rest)

    def _declare(self, request: Request, visitor: Visitor, view: str, secret: str) -> Response:
        # Not text/plain: with this type a page of somebody else cannot have a browser send it without asking first.
        if request.mimetype != "application/json":
            raise Refusal(415, "The list of files is JSON.")
        length = self._length(request, _LIST)
        try:
            data = b"".join(body(request.environ, length, self._settings.UPLOAD_TIMEOUT))
            files = json.loads(data)
        except Stopped as stopped:
            raise self._ended(stopped) from None
        except (ValueError, RecursionError):
            raise Refusal(400, "This is no list of files.") from None
        if not isinstance(files, list) or len(files) > MOST_FILES or not all(map(_is_file, files)):
            raise Refusal(400, "This is no list of files.")
        answer = self._desk.ask("declare", view, visitor, input=secret, files=files)
        return _json(answer)

    def _state(self, request: Request, visitor: Visitor, view: str, upload: str) -> Response:
        answer = self._desk.ask("state", view, visitor, upload=upload)
        return Response(headers={
            "Upload-Offset": str(answer["offset"]), "Upload-Length": str(answer["size"]), "Cache-Control": "no-store",
        })

    def _take(self, request: Request, visitor: Visitor, view: str, upload: str) -> Response:
        """The bytes of the body, as far as they come."""
        text = request.headers.get("Upload-Offset", "")
        if not text.isascii() or not text.isdecimal() or len(text) > 16:
            raise Refusal(400, "Upload-Offset is a number of bytes.")
        offset = int(text)
        length = self._length(request, _MOST_NUMBER)
        lease = self._desk.ask("begin", view, visitor, upload=upload, offset=offset)
        fields: dict[str, Any] = {"upload": upload, "lease": lease["lease"]}         # Any: JSON
        told, when = offset, time.monotonic()
        is_local = self._desk.is_local(view)

        def wrote(offset: int) -> None:
            nonlocal told, when
            if is_local or offset - told >= _TOLD_BYTES or time.monotonic() - when >= _TOLD_SECONDS:
                self._desk.ask("advance", view, visitor, offset=offset, **fields)
                told, when = offset, time.monotonic()

        trouble: Refusal | None = None
        try:
            if offset + length > lease["size"]:
                raise Refusal(413, "This is more than was announced.")
            with Writer(lease["path"], offset, wrote) as writer:
                try:
                    for piece in body(request.environ, length, self._settings.UPLOAD_TIMEOUT):
                        writer.write(piece)
                except Stopped as stopped:
                    trouble = self._ended(stopped)
                writer.flush()                                # also of a body that was cut: it goes on from here
                if writer.offset > told:
                    self._desk.ask("advance", view, visitor, offset=writer.offset, **fields)
        except FileNotFoundError:
            raise Refusal(404) from None
        except OSError:
            trouble = Refusal(507, "There is no room for it at the moment. Try again later.")
        except Refusal as refusal:
            trouble = refusal
        if trouble is not None and trouble.status == 404:
            raise trouble
        answer = self._desk.ask("end", view, visitor, **fields)
        if trouble is not None:
            raise trouble
        headers = {"Upload-Offset": str(answer["offset"])}
        if answer["complete"]:
            headers["Upload-Complete"] = "?1"
        return Response(status=204, headers=headers)

    def _cancel(self, request: Request, visitor: Visitor, view: str, upload: str) -> Response:
        self._desk.ask("cancel", view, visitor, upload=upload)
        return Response(status=204)

    def _length(self, request: Request, limit: int) -> int:
        length = length_of(request.environ)
        if length is None:
            raise Refusal(411, "How long it is has to be said.")
        if length > limit:
            raise Refusal(413)
        return length

    def _ended(self, stopped: Stopped) -> Refusal:
        self._counters["uploads.slow" if stopped.slow else "uploads.cut"] += 1
        return Refusal(408 if stopped.slow else 400, "It did not come to its end.")


def _is_file(item: object) -> bool:
    match item:
        case [str(name), int(size), str(kind), int(modified)]:
            return (
                len(name) <= LONGEST_CLAIM and len(kind) <= LONGEST_CLAIM and 0 <= size <= _MOST_NUMBER
                and -_MOST_NUMBER <= modified <= _MOST_NUMBER and not isinstance(size, bool)
            )
    return False


def _json(data: object) -> Response:
    return Response(json.dumps(data), content_type="application/json", headers={"Cache-Control": "no-store"})
