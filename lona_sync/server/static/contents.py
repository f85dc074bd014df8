"""Small static files, as they were read last: of one that has not changed since, the disk is asked for nothing else.

It is asked for the state of whatever its path leads to now. A link that has taken the place of the file, or of a folder above it,
leads to another file, so another state: what is kept is never what somebody has put there since it was read.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..http.sending import File, State, state_of

#: Bytes of one file that is kept, and of all of them together, in each process.
SMALL, ROOM = 64 * 1024, 4 * 1024 * 1024
#: Seconds since its last change after which each later change has another time, whatever clock the file system has.
_SETTLED = 2.0


class Content(NamedTuple):
    """Of one file. `fingerprint`: of `body`; `headers`: of each answer that is all of it."""
    state: State
    body: bytes
    fingerprint: str
    headers: tuple[tuple[str, str], ...]


class Contents:
    """By path; what was asked for longest ago goes first."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, Content] = OrderedDict()
        self._size = 0

    def of(self, path: Path) -> Content | None:
        """What stands in the file now; None: it is not known. Raises OSError when there is no file."""
        known = self._known.get(path)
        if known is None:
            return None
        if known.state != state_of(os.stat(path)):
            self._forget(path)
            return None
        self._known.move_to_end(path)
        return known

    def keep(self, path: Path, file: File, fingerprint: str, headers: Iterable[tuple[str, str]]) -> None:
        """Read this file, which was opened there, and keep it if it is small, and has not been changed just now."""
        if file.size > SMALL or time.time() - file.modified < _SETTLED:
            return
        body = file.read()
        file.seek(0)
        if len(body) != file.size:                                # it is written at this moment
            return
        self._forget(path)
        self._known[path] = Content(file.state, body, fingerprint, tuple(headers))
        self._size += len(body)
        while self._size > ROOM:
            self._forget(next(iter(self._known)))

    def _forget(self, path: Path) -> None:
        content = self._known.pop(path, None)
        if content is not None:
            self._size -= len(content.body)
