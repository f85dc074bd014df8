"""The browser's side, served from memory: what is not in the table does not exist, so no path leads out of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from werkzeug.wrappers import Request, Response

CLIENT = Path(__file__).parent.parent / "client"


class ClientFiles:
    """Every `*.js` of the client under a path that holds a digest of them all: it never changes, so browsers keep it for ever.

    One digest for all, since the modules import each other by relative paths.
    """

    def __init__(self, folder: Path = CLIENT) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.js"))}
        digest = hashlib.sha256()
        for name, content in self._files.items():
            digest.update(name.encode() + b"\0" + content + b"\0")
        self.version = digest.hexdigest()[:16]

    def respond(self, version: str, name: str, request: Request) -> Response | None:
        """The file `name`; None: there is none. An old `version` gets today's file, which it must not keep."""
        content = self._files.get(name)
        if content is None:
            return None
        response = Response(content, content_type="text/javascript; charset=utf-8")
        response.headers["X-Content-Type-Options"] = "nosniff"
        if version == self.version:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        response.set_etag(hashlib.sha256(content).hexdigest()[:16])
        return response.make_conditional(request)
