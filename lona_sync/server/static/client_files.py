"""The browser's side, served from memory: what is not in the table does not exist, so no path leads out of it."""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header, quote_etag
from werkzeug.wrappers import Response

from ..http.sending import from_memory

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

LATEST = "latest"                # in the place of a version
CLIENT = Path(__file__).parents[2] / "client"
_IMPORT = re.compile(r"^import .* from '\./([\w.]+)';$", re.MULTILINE)


class ClientFiles:
    """Every `*.js` of the client under a path that holds a digest of them all: it never changes, so browsers keep it for ever.

    One digest for all, since the modules import each other by relative paths.
    """

    def __init__(self, folder: Path = CLIENT) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.js"))}
        self._bodies: dict[tuple[str, bool], tuple[bytes, str]] = {}     # with its ETag each; those that somebody has asked for
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

    def respond(self, version: str, name: str, environ: WSGIEnvironment) -> WSGIApplication | None:
        """The file `name`; None: there is none. An old `version` gets today's file, which it must not keep.

        'latest' leads to today's version. It must not be another name for it: a browser would take the same module for another one.
        """
        if name not in self._files:
            return None
        if version == LATEST:
            response = Response(status=302, headers={"Location": f"../{self.version}/{name}", "Cache-Control": "no-cache"})
            response.autocorrect_location_header = False
            return response
        compressed = _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        body, etag = self._bodies.get((name, compressed)) or self._make_body(name, compressed)
        return from_memory(body, etag, [
            ("Content-Type", "text/javascript; charset=utf-8"),
            ("Content-Length", str(len(body))),
            *([("Content-Encoding", "gzip")] if compressed else []),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            ("ETag", etag),
            ("Cache-Control", "public, max-age=31536000, immutable" if version == self.version else "no-cache"),
        ], environ)

    def _make_body(self, name: str, compressed: bool) -> tuple[bytes, str]:
        content = self._files[name]
        etag = quote_etag(hashlib.sha256(content).hexdigest()[:16] + ("-gzip" if compressed else ""))
        # `mtime`: the time of compression would make two workers' answers differ.
        made = self._bodies[name, compressed] = gzip.compress(content, mtime=0) if compressed else content, etag
        return made


@functools.lru_cache(maxsize=20)                 # few browsers say something else, and they say it for each file
def _takes_gzip(accept_encoding: str) -> bool:
    return parse_accept_header(accept_encoding)["gzip"] > 0
