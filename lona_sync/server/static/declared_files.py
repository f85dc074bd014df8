"""The static files that classes of nodes and views declare in `STATIC_FILES`."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from ...html.node import Node
from ...static_files import StaticFile

logger = logging.getLogger("lona_sync.server.static")


class DeclaredFiles:
    """What the node classes that exist now, and `views`, declare. A declaration that cannot work is logged and left out.

    `enabled` and `disabled`: names of those that are to be used, or not, whatever they say themselves; `disabled` wins.
    """

    def __init__(self, views: Iterable[type], enabled: Container[str] = (), disabled: Container[str] = ()) -> None:
        found = [file for kind in (*_subclasses(Node), *views) for file in _declared(kind)]
        self._by_address: dict[str, tuple[StaticFile, Path]] = {}
        by_name: dict[str, tuple[StaticFile, Path]] = {}
        for file, path in sorted(found, key=lambda item: item[0].sort_order):
            if by_name.get(file.name) == (file, path):
                continue                                               # several classes say the same
            if file.name in by_name or file.address in self._by_address:
                logger.error("static file %r is left out: its name or address %r is taken already", file.name, file.address)
            elif file.name not in disabled and (file.enabled_by_default or file.name in enabled):
                by_name[file.name] = self._by_address[file.address] = file, path

    def __iter__(self) -> Iterator[StaticFile]:
        """In the order in which pages name them."""
        return (file for file, _ in self._by_address.values())

    def find(self, address: str) -> Path | None:
        """The file at this address, which is looked up and never made into a path; None: there is none."""
        found = self._by_address.get(address)
        return None if found is None else found[1]

    def get(self, address: str) -> StaticFile | None:
        """What was declared with this address."""
        found = self._by_address.get(address)
        return None if found is None else found[0]


def _subclasses(kind: type[Node]) -> Iterator[type[Node]]:
    """All that exist, in the order in which they were made."""
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _declared(kind: type) -> Iterator[tuple[StaticFile, Path]]:
    owner = next((each for each in kind.__mro__ if "STATIC_FILES" in vars(each)), None)      # it may be a mixin, and no node
    if owner is None:
        return
    for file in vars(owner)["STATIC_FILES"]:
        if not isinstance(file, StaticFile):
            logger.error("%s: STATIC_FILES holds StaticFile, StyleSheet and Script, not %r", owner.__qualname__, file)
            continue
        try:
            folder = Path(inspect.getfile(owner)).resolve().parent
        except (OSError, TypeError):
            logger.error("static file %r is left out: %r has no file that its path could be relative to", file.name, owner)
            continue
        path = (folder / file.path).resolve()
        limit = _package_of(folder)
        if not path.is_relative_to(limit):
            logger.error("static file %r is left out: %s is outside of %s", file.name, file.path, limit)
        elif not path.is_file():
            logger.error("static file %r is left out: there is no file %s", file.name, path)
        else:
            yield file, path


def _package_of(folder: Path) -> Path:
    """The outermost package around the modules in `folder`; `folder` itself, where there is none."""
    while (folder / "__init__.py").is_file() and (folder.parent / "__init__.py").is_file():
        folder = folder.parent
    return folder
