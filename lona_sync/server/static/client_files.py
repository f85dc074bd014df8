"""The browser's side, served from memory: what is not in the table does not exist, so no path leads out of it."""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path

from werkzeug.wrappers import Request, Response

LATEST = "latest"                # in the place of a version
CLIENT = Path(__file__).parents[2] / "client"
_IMPORT = re.compile(r"^import .* from '\./([\w.]+)';$", re.MULTILINE)


class ClientFiles:
    """Every `*.js` of the client under a path that holds a digest of them all: it never changes, so browsers keep it for ever.

    One digest for all, since the modules import each other by relative paths.
    """

    def __init__(self, folder: Path = CLIENT) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.js"))}
        # `mtime`: the time of compression would make two workers' answers differ.
        self._compressed = {name: gzip.compress(content, mtime=0) for name, content in self._files.items()}
        digest = hashlib.sha256()
        for name, content in self._files.items():
            digest.update(name.encode() + b"\0" + content + b"\0")
        self.version = digest.hexdigest()[:16]

    @functools.cached_property
    def names(self) -> list[str]:
        """The modules that every page loads, so not those that `import()` gets when they are needed.

        A page that names them spares the browser the round trips of finding one import after the other.
        """
        found = {"lona.js": None}
        pending = ["lona.js"]
        while pending:
            for name in _IMPORT.findall(self._files.get(pending.pop(), b"").decode()):
                if name in self._files and name not in found:
                    found[name] = None
                    pending.append(name)
        return sorted(found)

    def respond(self, version: str, name: str, request: Request) -> Response | None:
        """The file `name`; None: there is none. An old `version` gets today's file, which it must not keep.

        'latest' leads to today's version. It must not be another name for it: a browser would take the same module for another one.
        """
        content = self._files.get(name)
        if content is None:
            return None
        if version == LATEST:
            response = Response(status=302, headers={"Location": f"../{self.version}/{name}", "Cache-Control": "no-cache"})
            response.autocorrect_location_header = False
            return response
        compressed = request.accept_encodings["gzip"] > 0
        response = Response(self._compressed[name] if compressed else content, content_type="text/javascript; charset=utf-8")
        if compressed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if version == self.version:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        response.set_etag(hashlib.sha256(content).hexdigest()[:16] + ("-gzip" if compressed else ""))
        return response.make_conditional(request)
