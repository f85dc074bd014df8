"""The files of a project, watched by looking at them.

Polling, and not the kernel's notices: it needs no package, sees what an editor in another container writes, and costs the
supervisor alone, which serves nobody: 6 ms for 2,000 files. It looks less often when a look takes long, so that it never takes more
than a twentieth of a processor.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path

logger = logging.getLogger("lona_sync.live_reload")

#: Whose change needs another process; and whose change pages can show by themselves. Not data: programs write that while they run.
CODE = frozenset([".py"])
STYLES = frozenset([".css"])
PAGES = frozenset(
    ".html .htm .jinja .jinja2 .j2 .js .mjs .svg .png .jpg .jpeg .gif .webp .avif .ico .woff .woff2 .mp4 .webm".split()
)
_WATCHED = CODE | STYLES | PAGES
#: Folders that hold other people's code, or what was made of ours. Those whose name begins with a dot are left out, too.
_LEFT_OUT = frozenset(["__pycache__", "node_modules", "site-packages"])
#: Entries looked at in all; a script in somebody's home would have them all looked at.
LIMIT = 50_000
#: Seconds between two looks, at least.
PAUSE = 0.3
_SHARE = 20

State = tuple[int, int, int]


class Project:
    """`folders` are watched with all below them, `files` as they are."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = {Path(os.path.realpath(folder)) for folder in folders}
        self._files: set[Path] = set()
        self._warned = False
        self._took = 0.0
        self._seen = self._look()

    def _has(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._folders)

    @property
    def pause(self) -> float:
        """Seconds to wait before the next look."""
        return max(PAUSE, _SHARE * self._took)

    def add(self, folders: Iterable[str], files: Iterable[str]) -> None:
        """Watch these, too. What is in them now is not a change."""
        more_folders = {path for folder in folders if not self._has(path := Path(os.path.realpath(folder)))}
        more_files = {path for file in files if not self._has(path := Path(os.path.realpath(file)))}
        self._seen = {**_look(more_folders, more_files)[0], **self._seen}
        self._folders |= more_folders
        self._files |= more_files

    def changed(self) -> set[str]:
        """The endings of the files that have changed, come or gone since the last look. It may wait for a disk."""
        now = self._look()
        found = {
            path for path in now.keys() | self._seen.keys() if now.get(path) != self._seen.get(path)
        }
        self._seen = now
        return {os.path.splitext(path)[1].lower() for path in found}

    def _look(self) -> dict[str, State]:
        began = time.monotonic()
        found, complete = _look(self._folders, self._files)
        if not complete:
            self._warn()
        self._took = time.monotonic() - began
        return found

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            logger.warning(
                "%s hold more than %d files: changes of the others are not noticed. Put the program into a folder of its own.",
                ", ".join(map(str, self._folders)), LIMIT,
            )


def _look(folders: Iterable[Path], files: Iterable[Path]) -> tuple[dict[str, State], bool]:
    """The state of each watched file; whether that is all."""
    found: dict[str, State] = {}
    left = LIMIT
    pending = [os.fspath(folder) for folder in folders]
    while pending and left > 0:
        entries = _entries(pending.pop())
        left -= len(entries)
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _LEFT_OUT:
                        pending.append(entry.path)
                elif os.path.splitext(entry.name)[1].lower() in _WATCHED:
                    found[entry.path] = _state(entry.stat())
            except OSError:
                continue                             # it has just gone
    for file in files:
        try:
            found[os.fspath(file)] = _state(os.stat(file))
        except OSError:
            continue
    return found, left > 0


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What may be of interest in it. Nothing of a folder that holds a Python of its own."""
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
    except OSError:
        return []                                        # it has just gone, or is not ours to read
    return [] if any(entry.name == "pyvenv.cfg" for entry in entries) else entries


def _state(status: os.stat_result) -> State:
    return status.st_mtime_ns, status.st_size, status.st_ino
