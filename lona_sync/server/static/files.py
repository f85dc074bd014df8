"""Static files: found by their address, named with a fingerprint, served so that browsers keep them."""

from __future__ import annotations

import logging
import math
import mimetypes
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote

from werkzeug.exceptions import MethodNotAllowed
from werkzeug.http import quote_etag
from werkzeug.wrappers import Response

from ...static_files import Script, StaticFile, StyleSheet
from ..http.sending import File, from_memory, make_conditional, state_of
from .contents import Contents
from .declared_files import DeclaredFiles
from .fingerprints import Fingerprints, split_fingerprint, with_fingerprint

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

logger = logging.getLogger("lona_sync.server.static")

CORE = Path(__file__).parents[2] / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"
_MOST_CURRENT = 10_000
# Where the system has no table, or one that says otherwise: a script of another type does not run.
_TYPES = {
    "avif": "image/avif", "css": "text/css", "ico": "image/x-icon", "js": "text/javascript", "json": "application/json",
    "map": "application/json", "mjs": "text/javascript", "svg": "image/svg+xml", "wasm": "application/wasm",
    "webmanifest": "application/manifest+json", "webp": "image/webp", "woff": "font/woff", "woff2": "font/woff2",
}


class LinkedFile(NamedTuple):
    """A style sheet or script, for the template that names it. `url`: below the prefix; `module`: it is an ES module."""
    name: str
    url: str
    module: bool = False


class Finder(Protocol):
    """The files of folders, by name: `Folders`."""

    def find(self, name: str) -> Path | None: ...
    def own(self, name: str) -> object: ...
    def names(self) -> Iterator[str]: ...


class StaticFiles:
    """The files of `folders`, then those that classes declare. `serve`: False: all but answering requests.

    `fresh`: seconds for which pages take a file's name for granted, since to ask the disk each time would take longer than the page
    does. What is served is looked at each time.
    """

    def __init__(
        self, folders: Finder, declared: DeclaredFiles, prefix: str, *, serve: bool = True, fresh: float = 1.0,
    ) -> None:
        self._folders = folders
        self._declared = declared
        self._serve = serve
        name = prefix.strip("/")
        self._prefix = f"/{name}/" if name else "/"                    # never '//': that would be the address of another host
        self._fingerprints = Fingerprints()
        self._contents = Contents()
        self._fresh = fresh
        self._found: dict[str, tuple[float, object, Path]] = {}        # by address: when it was found out, for `own`, and where
        self._current: dict[str, tuple[float, object]] = {}            # by address with a fingerprint: when no file was called so
        self._urls: dict[str, tuple[float, str | None]] = {}           # by address: when it was found out, and the name

    @property
    def prefix(self) -> str:
        """What the paths of all addresses begin with, '/static/'."""
        return self._prefix

    def stylesheets(self) -> list[LinkedFile]:
        """Those that pages link."""
        return [_linked(file) for file in self._declared if file.link and isinstance(file, StyleSheet)]

    def scripts(self) -> list[LinkedFile]:
        """Those that pages load."""
        return [_linked(file) for file in self._declared if file.link and isinstance(file, Script)]

    def find(self, address: str) -> Path | None:
        """The file at this address below the prefix; None: there is none.

        Where one was is believed for `fresh` seconds, unless the application declares something of its own.
        """
        now, own = time.monotonic(), self._folders.own(address)
        asked, former, path = self._found.get(address, (-math.inf, None, None))
        if now - asked >= self._fresh or former != own:
            path = self._folders.find(address) or self._declared.find(address)
            if path is None:                                           # nothing is kept of names that somebody makes up
                self._found.pop(address, None)
            else:
                self._found[address] = now, own, path
        return path

    def _look(self, address: str) -> Path | None:
        """As `find`, and it is still there: whoever may write into a folder could put a link to elsewhere in its place."""
        path = self.find(address)
        if path is not None and os.path.realpath(path) != str(path):
            self._found.pop(address, None)
            path = self.find(address)
        return path

    def _parted(self, address: str) -> tuple[str, str]:
        """The name of what is asked for, and the fingerprint in the address; '': it has none, as when a file is called like one.

        That none is called like one is believed for `fresh` seconds of an address that has the fingerprint of the file.
        """
        parted = split_fingerprint(address)
        if parted is None:
            return address, ""
        asked, own = self._current.get(address, (-math.inf, None))
        if time.monotonic() - asked >= self._fresh or own != self._folders.own(address):
            self._current.pop(address, None)
            if self.find(address) is not None:
                return address, ""
        return parted

    def _keep_current(self, address: str) -> None:
        """`_parted` has just looked, and the fingerprint is that of the file. So nothing is kept of what somebody makes up."""
        if len(self._current) >= _MOST_CURRENT:
            self._current.clear()                                      # those of former contents, nearly all
        self._current[address] = time.monotonic(), self._folders.own(address)

    def names(self) -> Iterator[str]:
        """The addresses of all files, each once."""
        yield from dict.fromkeys((*self._folders.names(), *(file.address for file in self._declared)))

    def name_with_fingerprint(self, address: str) -> str | None:
        """What pages call the file at this address; None: there is none. Waits, in a thread, when a large one is new."""
        path = self.find(address)
        if path is None:
            return None
        file = self._declared.get(address)
        if isinstance(file, Script) and file.module:
            return address                                             # others import it by this name; under two it would run twice
        try:
            return with_fingerprint(address, self._fingerprints.of(path))
        except OSError:
            logger.exception("static file %r cannot be read", address)
            return address

    def url(self, address: str, base: str) -> str | None:
        """The URL of the file at this address. `base`: where the application is mounted."""
        address = address.lstrip("/")
        now = time.monotonic()
        asked, name = self._urls.get(address, (-math.inf, None))
        if now - asked >= self._fresh:
            name = self.name_with_fingerprint(address)
            if name is not None:                                       # nothing is kept of names that somebody makes up
                self._urls[address] = now, name
        return None if name is None else quote(f"{base}{self._prefix}{name}")

    def respond(self, address: str, environ: WSGIEnvironment) -> WSGIApplication | None:
        """The file at this address, with a fingerprint or without; None: there is none. Raises 405 but for GET and HEAD."""
        name, fingerprint = self._parted(address)
        path = self.find(name)
        if path is None:
            return None
        if not self._serve:
            logger.warning("%r was asked for, and STATIC_FILES_SERVE is False: the proxy should serve it", address)
            return None
        if environ["REQUEST_METHOD"].upper() not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        try:
            content = self._contents.of(path)
            if content is not None:
                if fingerprint == content.fingerprint and address not in self._current:
                    self._keep_current(address)
                headers = [*content.headers, _kept_by_browsers(fingerprint, content.fingerprint)]
                return from_memory(content.body, quote_etag(content.fingerprint), headers, environ)
            path = self._look(name)
            if path is None:
                return None
            file = File(path)
        except OSError:
            self._found.clear()                                        # it may have gone a moment ago
            logger.exception("static file %r cannot be read", address)
            return None
        try:
            current = self._fingerprints.of_opened(path, file.state)
            response = Response(file, content_type=content_type_of(path.name), direct_passthrough=True)
            response.headers["Content-Length"] = str(file.size)
            response.headers["Last-Modified"] = file.last_modified
            response.headers["Accept-Ranges"] = "bytes"
            response.headers["X-Content-Type-Options"] = "nosniff"
            if current is not None:
                response.headers["ETag"] = quote_etag(current)
                if self._fresh and _is_there(path, file):
                    self._contents.keep(path, file, current, response.headers)
            response.headers.add(*_kept_by_browsers(fingerprint, current))
            make_conditional(response, file.size, environ)
        except BaseException:
            file.close()
            raise
        return response


def _is_there(path: Path, file: File) -> bool:
    """Whether it is what stands at `path`, and not what a link led to for a moment."""
    return os.path.realpath(path) == str(path) and state_of(os.lstat(path)) == file.state


def _kept_by_browsers(asked: str, current: str | None) -> tuple[str, str]:
    """The header that says how long. `asked`: the fingerprint in the address; `current`: None: it is unknown."""
    # A page from before a deploy asks for the former file: it gets today's, and must not keep that by the former name.
    return "Cache-Control", _FOR_EVER if asked == current else _ASK_EACH_TIME


def content_type_of(name: str) -> str:
    """By the ending of the file's name."""
    kind = _TYPES.get(name.rpartition(".")[2].lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("application/json", "application/manifest+json", "image/svg+xml")
    return f"{kind}; charset=utf-8" if is_text else kind


def _linked(file: StaticFile) -> LinkedFile:
    return LinkedFile(file.name, file.address, isinstance(file, Script) and file.module)
