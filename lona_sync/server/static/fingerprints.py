"""Names of static files that say what is in them: `style.0a1b2c3d4e5f6789.css` never changes, so browsers keep it for ever.

The fingerprint is made of the content alone, so that all workers and machines agree, and a deploy that changes nothing in a file
costs no browser anything.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import OrderedDict
from pathlib import Path

import gevent

from ..http.sending import State, state_of

_NAME = re.compile(r"(?P<stem>.*[^/])\.(?P<fingerprint>[0-9a-f]{16})(?P<suffix>\.[^./]*)?")
_KEPT = 10_000                            # fingerprints, some 200 bytes each
_LARGE = 256 * 1024                       # bytes that are read and hashed in less than a millisecond

class Fingerprints:
    """Remembers each file's fingerprint until the file changes."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, tuple[State, str]] = OrderedDict()

    def of(self, path: Path) -> str:
        """Sixteen hexadecimal digits. Waits, in a thread, for a large file. Raises OSError when there is none."""
        status = os.stat(path)
        state = state_of(status)
        known = self._known.get(path)
        if known is not None and known[0] == state:
            return known[1]
        if status.st_size > _LARGE:
            fingerprint = gevent.get_hub().threadpool.apply(_digest, (path,))
        else:
            fingerprint = _digest(path)
        self._known[path] = state, fingerprint
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return fingerprint


    def of_opened(self, path: Path, state: State) -> str | None:
        """The same, of a file that was opened there and has this state; None: another one has taken its place, or none.

        Most files are known by their state, so that nothing is asked of the disk.
        """
        if not self._is_known(path, state):
            try:
                self.of(path)
                self.of(path)                     # what was read the first time may be another one than what was looked at
            except FileNotFoundError:
                return None
        return self._known[path][1] if self._is_known(path, state) else None

    def _is_known(self, path: Path, state: State) -> bool:
        known = self._known.get(path)
        return known is not None and known[0] == state


def with_fingerprint(name: str, fingerprint: str) -> str:
    """'css/a.min.css' → 'css/a.min.0a1b2c3d4e5f6789.css'"""
    folder, slash, file = name.rpartition("/")
    stem, dot, suffix = file.rpartition(".")
    file = f"{stem}.{fingerprint}.{suffix}" if dot else f"{file}.{fingerprint}"
    return folder + slash + file


def split_fingerprint(name: str) -> tuple[str, str] | None:
    """The name without its fingerprint, and that; None: it has none."""
    found = _NAME.fullmatch(name)
    return None if found is None else (found["stem"] + (found["suffix"] or ""), found["fingerprint"])


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1024 * 1024):
            digest.update(block)
    return digest.hexdigest()[:16]
