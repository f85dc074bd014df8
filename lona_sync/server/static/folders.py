"""Files below declared folders, by name: no name leads out of them, by whatever trick."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

logger = logging.getLogger("lona_sync.server.folders")

# A part of a name. Hidden files are not meant for anybody else: `.env`, `.git`. The one exception is RFC 8615's.
_PART = re.compile(r"(?!\.(?!well-known\Z))[^\\\0-\x1f\x7f]{1,255}")


@dataclass(frozen=True, slots=True)
class Own:
    """What an application has without declaring a folder. The folders have no link in their path."""
    folders: list[Path] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)


class Folders:
    """The files below `folders`, named as 'css/print.css'; of two with one name the first folder's counts.

    `own`: folders and single files of the application's own, which count before all others. More may come later.

    A symbolic link counts when what it leads to lies in the same folder; the folder itself may be one.
    """

    def __init__(self, folders: Iterable[str | os.PathLike[str]], own: Own | None = None) -> None:
        self._own = own or Own()
        self._declared = [Path(os.path.realpath(folder)) for folder in folders]
        for folder in self._declared:
            if not folder.is_dir():
                logger.warning("there is no folder %s, in which templates or static files are to be searched", folder)

    @property
    def paths(self) -> list[str]:
        """Where they are, in the order in which they are searched."""
        return [str(folder) for folder in self._folders()]

    def find(self, name: str) -> Path | None:
        """The file with this name, without any link in its path; None: there is none. Asks the file system."""
        parts = name.split("/")
        if not all(_PART.fullmatch(part) for part in parts):           # also '', so no '//' and no leading or trailing slash
            return None
        single = self._own.files.get(name)
        if single is not None:
            return single if _is_file(single) else None
        for folder in self._folders():
            path = folder.joinpath(*parts)
            try:
                real = Path(os.path.realpath(path))
                found = _is_file(real)
            except (OSError, ValueError):                              # a name too long, or in no encoding
                continue
            if found and real.is_relative_to(folder):
                return real
            if found:
                logger.warning("%s is not used: it leads out of %s. Declare the folder that it leads to, too.", path, folder)
        return None

    def own(self, name: str) -> object:
        """Another one when the application has declared since what may be found by this name. Asks nobody."""
        return self._own.files.get(name), len(self._own.folders)

    def _folders(self) -> list[Path]:
        return [*self._own.folders, *self._declared]

    def names(self) -> Iterator[str]:
        """The names of all files, each once."""
        seen = set()
        for name in (*self._own.files, *(name for folder in self._folders() for name in _names_in(folder))):
            if name not in seen and self.find(name) is not None:
                seen.add(name)
                yield name


def _names_in(folder: Path) -> Iterator[str]:
    for place, _, files in os.walk(folder, followlinks=False):
        for file in sorted(files):
            yield (Path(place) / file).relative_to(folder).as_posix()


def _is_file(path: Path) -> bool:
    """Whether it is a regular file: neither a folder, nor a device or pipe, which could wait for ever."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return False
