"""Files of views and buckets, and what is made on the way, as answers.

What visitors have uploaded is never shown as a page of ours: it is saved (`Content-Disposition`), its type is not guessed by the
browser (`nosniff`), and if some browser shows it all the same, it is in a sandbox without scripts and without our cookies.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from gevent import socket
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...uploads import safe_name
from ...views.downloads import pieces
from ..http.sending import File, make_conditional

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}
_PASSIVE = re.compile(r"(image/(?!svg)|audio/|video/|application/pdf|text/plain)", re.IGNORECASE)


def saved_file(path: Path, environ: WSGIEnvironment, *, name: str, content_type: str, inline: bool = False) -> Response:
    """The file, or the part of it that is asked for, or 304. Raises `NotFound` when it is gone, or no file, or a link to one, and
    416 for a part that it does not have.
    """
    try:
        file = File(path, follow_links=False)
    except OSError:
        raise NotFound from None
    try:
        response = Response(file, content_type=content_type, direct_passthrough=True)
        response.headers.update(_headers(name, content_type, inline))
        response.content_length = file.size
        response.last_modified = datetime.fromtimestamp(file.modified, timezone.utc)
        response.set_etag(file.etag)
        make_conditional(response, file.size, environ)
    except BaseException:
        file.close()
        raise
    return response


def stream(end: socket.socket | None, *, name: str, content_type: str, inline: bool = False) -> Response:
    """What comes out of `end`; None: nothing, as for HEAD. How long it is nobody knows, and there are no ranges of it."""
    response = Response([] if end is None else pieces(end), content_type=content_type, direct_passthrough=True)
    response.headers.update(_headers(name, content_type, inline))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Accept-Ranges"] = "none"
    response.headers["X-Accel-Buffering"] = "no"     # nginx would take all of it at once, from a view that makes it
    if end is not None:
        response.call_on_close(end.close)
    return response


def _headers(name: str, content_type: str, inline: bool) -> dict[str, str]:
    # Browsers show no PDF in a sandbox, and what has no scripts by its nature needs none.
    passive = inline and _PASSIVE.match(content_type) is not None
    policy = _POLICY if passive else f"{_POLICY}; sandbox"
    return {**_HEADERS, "Content-Security-Policy": policy, "Content-Disposition": disposition(name, inline)}


def disposition(name: str, inline: bool = False) -> str:
    """The header that says what a file is called. Browsers get it as it is, if it is safe, old ones as ASCII."""
    name = safe_name(name)                           # the program may call its files what it likes, with line breaks, too
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
