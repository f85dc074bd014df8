"""The static files that classes declare: found once, served by their address, named in every page."""

from __future__ import annotations

import inspect
import logging
import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from ..html.node import Node
from ..static_files import Script, StaticFile, StyleSheet

logger = logging.getLogger("lona_sync.server.static")


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A style sheet or script as a page names it. `module`: it is an ES module."""
    name: str
    url: str
    module: bool = False


class StaticFiles:
    """What the node classes that exist now, and `views`, declare. A declaration that cannot work is logged and left out.

    Files are served by what was declared alone: an address is looked up and never made into a path.
    """

    def __init__(self, views: Iterable[type], prefix: str) -> None:
        name = prefix.strip("/")
        self._prefix = f"/{name}/" if name else "/"                    # never '//': that would be the address of another host
        found = [file for kind in (*_subclasses(Node), *views) for file in _declared(kind)]
        self._files: dict[str, tuple[StaticFile, Path]] = {}           # by address
        by_name: dict[str, tuple[StaticFile, Path]] = {}
        for file, path in sorted(found, key=lambda item: item[0].sort_order):
            if by_name.get(file.name) == (file, path):
                continue                                               # several classes say the same
            if file.name in by_name or file.address in self._files:
                logger.error("static file %r is left out: its name or address %r is taken already", file.name, file.address)
            elif file.enabled_by_default:
                by_name[file.name] = self._files[file.address] = file, path

    @property
    def prefix(self) -> str:
        """What the paths of all addresses begin with, '/static/'."""
        return self._prefix

    def stylesheets(self, base: str) -> list[LinkedFile]:
        """Those that pages link. `base`: where the application is mounted."""
        return [self._linked(file, base) for file, _ in self._files.values() if file.link and isinstance(file, StyleSheet)]

    def scripts(self, base: str) -> list[LinkedFile]:
        """Those that pages load, likewise."""
        return [self._linked(file, base) for file, _ in self._files.values() if file.link and isinstance(file, Script)]

    def _linked(self, file: StaticFile, base: str) -> LinkedFile:
        url = quote(f"{base}{self._prefix}{file.address}")
        return LinkedFile(file.name, url, isinstance(file, Script) and file.module)

    def url(self, path: str, base: str) -> str | None:
        """The address of the file at `path` below the prefix; None: there is none."""
        found = self._files.get(path.lstrip("/"))
        return None if found is None else quote(f"{base}{self._prefix}{found[0].address}")

    def respond(self, address: str, request: Request) -> Response | None:
        """The file at this address; None: there is none."""
        found = self._files.get(address)
        if found is None:
            return None
        kind = mimetypes.guess_type(found[1].name)[0] or "application/octet-stream"
        try:
            response = send_file(found[1], request.environ, mimetype=kind, conditional=True, max_age=None)
        except OSError:
            logger.exception("static file %r cannot be read", found[0].name)
            return None
        if request.method == "HEAD" or response.status_code == 304:
            response.close()                                           # nobody would read it, and nobody would close it
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"                 # asked for again each time; the ETag answers that
        return response


def _subclasses(kind: type[Node]) -> Iterator[type[Node]]:
    """All that exist, in the order in which they were made."""
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _declared(kind: type) -> Iterator[tuple[StaticFile, Path]]:
    for file in vars(kind).get("STATIC_FILES", ()):
        if not isinstance(file, StaticFile):
            logger.error("%s: STATIC_FILES holds StaticFile, StyleSheet and Script, not %r", kind.__qualname__, file)
            continue
        try:
            folder = Path(inspect.getfile(kind)).resolve().parent
        except (OSError, TypeError):
            logger.error("static file %r is left out: %r has no file that its path could be relative to", file.name, kind)
            continue
        path = (folder / file.path).resolve()
        if not path.is_relative_to(folder):
            logger.error("static file %r is left out: %s is outside of %s", file.name, file.path, folder)
        elif not path.is_file():
            logger.error("static file %r is left out: there is no file %s", file.name, path)
        else:
            yield file, path
