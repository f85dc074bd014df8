"""The folder in which the files of this process lie, and what is left of processes that have died.

    /tmp/lona_sync-1000/3f9c0a61be77/       of this user and this application; see `siblings/directory.py`
        files/                              0700; or UPLOAD_DIRECTORY, where there is more room
            pK3xQ0aZ/                       of one process, which keeps it locked as long as it lives
                dVbq…/                      of one bucket; its name is nobody's business

All processes of the machine know the folder, so each of them may write into that of another one, when that one has said where: an
upload that arrives at the wrong worker is written where it belongs.

A lock tells the living from the dead, since the system takes it away with the process, however that ended. Numbers of processes
are given out anew; a lock is not.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import stat
import time
import weakref
from contextlib import suppress
from pathlib import Path

with suppress(ImportError):                         # Windows, where nothing is locked, and leftovers stay
    import fcntl

logger = logging.getLogger("lona_sync.uploads")

#: Seconds after which a folder that is still being made will never be.
_UNFINISHED = 60.0


class Unusable(Exception):
    """The folder cannot be made, or somebody else may write in it; the text says which, and what to do."""


class Folder:
    """Of one process: `base / tag`. It is made when it is first needed. Nothing here waits but for the disk."""

    def __init__(self, base: Path, tag: str) -> None:
        self.path = base / tag
        self._lock: int | None = None
        self._process = os.getpid()

    @property
    def made(self) -> bool:
        return self._lock is not None

    def new(self) -> Path:
        """A new, empty folder in it, with a name that nobody can guess. Raises `Unusable`."""
        try:
            self._make()
            path = self.path / secrets.token_urlsafe(18)
            path.mkdir(mode=0o700)
        except OSError as error:
            raise Unusable(f"{self.path} cannot be used ({error}): set UPLOAD_DIRECTORY to a local folder of your own") from None
        return path

    def free(self) -> int:
        """Bytes that the disk has left."""
        found = shutil.disk_usage(self.path)
        return found.free

    def clear_away(self) -> None:
        """Remove what dead processes have left. An error in the log is all that comes of one."""
        try:
            remove_leftovers(self.path.parent)
        except OSError:
            logger.exception("what dead processes have left in %s cannot be removed", self.path.parent)

    def leave(self) -> None:
        """The process ends: all of it is removed."""
        if self._lock is not None and self._process == os.getpid():
            shutil.rmtree(self.path, ignore_errors=True)
            self.forget()

    def forget(self) -> None:
        """In a forked child: it is the parent's, who shall not seem to live on in its children."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _make(self) -> None:
        base = self.path.parent
        for path in (base.parent.parent, base.parent, base):       # `parents=True` would give the others another mode
            path.mkdir(mode=0o700, exist_ok=True)
        _check(base)
        if self._lock is not None and self.path.is_dir():
            return
        self.forget()                               # it had vanished
        remove_leftovers(base)
        fresh = base / f".{self.path.name}"         # nobody finds it before it is locked
        fresh.mkdir(mode=0o700, exist_ok=True)
        self._lock = os.open(fresh, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        _try_lock(self._lock)
        os.rename(fresh, self.path)
        _made.add(self)


def remove_leftovers(base: Path) -> int:
    """Remove what processes have left that do not live any more. How many there were. Raises OSError."""
    count = 0
    for entry in list(os.scandir(base)):
        if not entry.is_dir(follow_symlinks=False):
            continue
        if entry.name.startswith(".") and time.time() - entry.stat(follow_symlinks=False).st_mtime < _UNFINISHED:
            continue
        try:
            handle = os.open(entry.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:                   # another one that starts has been faster
            continue
        try:
            if _try_lock(handle):
                shutil.rmtree(entry.path, ignore_errors=True)
                count += 1
        finally:
            os.close(handle)
    return count


def _try_lock(handle: int) -> bool:
    """Whether nobody else had it locked. A file system without locks says no: then nothing is removed."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (OSError, NameError):
        return False
    return True


def _check(path: Path) -> None:
    """Raises `Unusable` unless it is a folder of this user's alone, and no link to one."""
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise Unusable(f"{path} must be a folder, and no link to one: remove it, or set UPLOAD_DIRECTORY to another folder")
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
        raise Unusable(
            f"{path} belongs to user {found.st_uid} with mode {stat.S_IMODE(found.st_mode):o}, and must belong to user "
            f"{os.geteuid()} with mode 700: correct that, or set UPLOAD_DIRECTORY to another folder"
        )


_made: weakref.WeakSet[Folder] = weakref.WeakSet()


def _forget_all() -> None:
    for folder in list(_made):
        folder.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
