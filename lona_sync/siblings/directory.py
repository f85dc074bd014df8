"""The folder in which the processes of one application on one machine find each other.

    /tmp/lona_sync-1000/            of this user: 0700
        3f9c0a61be77/               of this application
            pK3xQ0aZ                the socket of a process; its name is the process's tag
            .pK3xQ0aZ               the same one while it is being made
            daemon-5e0d…            a link whose "target" is the id of a daemon view; its name says whose and which

It has to be local: over a shared file system it would show processes of other machines, whose sockets nobody here answers, and
which would be taken for dead. So it is not the project's instance folder. Who else can write in it can pretend to be a process of
the application, and take its browsers over; so its owner and its mode are checked when a process joins, and a link in its place is
refused.

What cleans up folders for temporary files (systemd-tmpfiles) leaves alone what is below a folder that somebody has locked.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

with suppress(ImportError):                         # Windows, where no process looks for others (`control.can_listen`)
    import fcntl

#: What a process is called: random, and short, since it stands in each view's id and in the path of a socket.
TAG = re.compile(r"[A-Za-z0-9_-]{8}")

#: Bytes of the path of a unix socket (Linux has room for 107 and a zero).
PATH_BYTES = 107

_CLAIM = "daemon-"
#: Seconds after which a socket that is still being made will never be.
_UNFINISHED = 60.0
#: Claims that are looked at in a row: half a millisecond.
_AT_A_TIME = 50


class Unusable(Exception):
    """The folder cannot be made, or somebody else can write in it; the text says which, and what to do."""


def directory_of(script_path: Path, base: str = "") -> Directory:
    """The folder of the application whose module is `script_path`, below `base`; '': below the system's for temporary files."""
    return Directory(_parent(base) / hashlib.sha256(os.fsencode(script_path)).hexdigest()[:12])


def directories(base: str = "") -> list[Path]:
    """The folders of all applications of this user, of which processes run or have run."""
    parent = _parent(base)
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def _parent(base: str) -> Path:
    return Path(base) if base else Path(tempfile.gettempdir(), f"lona_sync-{os.geteuid() if hasattr(os, 'geteuid') else 'user'}")


class Directory:
    """Sockets and claims by name. Nothing here waits for anybody."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._claims = str(path / _CLAIM)            # a text: looking one up is on the way of each view that begins
        self._lock: int | None = None

    def make(self) -> None:
        """Make what is missing, and check it. Raises `Unusable`."""
        # The longest name in it that is bound.
        if len(os.fsencode(self.path)) + len("/.12345678") > PATH_BYTES:
            raise Unusable(f"{self.path} is too long for a socket's path: set RUNTIME_DIRECTORY to a shorter one")
        try:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            _check(self.path.parent, 0o022)          # others may see it: systemd makes such ones
            self.path.mkdir(mode=0o700, exist_ok=True)
            _check(self.path, 0o077)
            self._remove_leftovers()
            self._hold()
        except OSError as error:
            raise Unusable(f"{self.path} cannot be used ({error}): set RUNTIME_DIRECTORY to a local folder of your own") from None

    def leave(self) -> None:
        """This process has no interest in the folder any more."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def socket_path(self, tag: str) -> str:
        return str(self.path / tag)

    def unfinished_path(self, tag: str) -> str:
        """Where a socket is bound. It gets its name when it listens: before that it refuses connections, as a dead one's does."""
        return str(self.path / f".{tag}")

    def finish(self, tag: str) -> None:
        """The socket listens."""
        os.rename(self.unfinished_path(tag), self.socket_path(tag))

    def has(self, tag: str) -> bool:
        """Whether its socket is in its place."""
        return os.path.lexists(self.socket_path(tag))

    def remove(self, tag: str) -> bool:
        """Its process has ended, or is about to. Whether its socket was there, and nobody else has removed it."""
        _unlink(self.unfinished_path(tag))
        return _unlink(self.socket_path(tag))

    def tags(self) -> list[str]:
        """Those who are there, living or not. [] when there is no folder."""
        return sorted(name for name in self._names() if TAG.fullmatch(name))

    # Claims: of all who claim one key, one gets it, whichever process it is in.

    def claim(self, key: str, owner: str) -> bool:
        """Make `owner` the holder of `key`; False when somebody is already. One system call, so that two never both succeed."""
        try:
            os.symlink(owner, self._claims + key)
        except FileExistsError:
            return False
        return True

    def holder(self, key: str) -> str | None:
        """Who has claimed `key`. One system call, however many claims there are."""
        try:
            return os.readlink(self._claims + key)
        except OSError:                             # nobody; or something that is no claim stands in its place
            return None

    def disclaim(self, key: str, owner: str) -> None:
        """`owner` holds `key` no longer. Nothing when somebody else does."""
        if self.holder(key) != owner:
            return
        # Not unlinked in its place: between the look and the deed somebody else may have done both and claimed it anew.
        aside = self.path / f".{secrets.token_urlsafe(12)}"
        try:
            os.rename(self._claims + key, aside)
            taken = os.readlink(aside)
        except FileNotFoundError:                   # or the folder has vanished
            return
        if taken != owner:
            self.claim(key, taken)
        _unlink(str(aside))

    def disclaim_dead(self) -> Iterator[None]:
        """Give up what is claimed by processes whose socket is not there any more.

        Looks at every claim there is, so it does a few at a time: whoever iterates may let others run in between.
        """
        dead: dict[str, bool] = {}
        for count, name in enumerate(self._names(), 1):
            if name.startswith(_CLAIM):
                key = name.removeprefix(_CLAIM)
                owner = self.holder(key)
                if owner is not None:
                    tag = owner.partition(".")[0]
                    if tag not in dead:
                        dead[tag] = not self.has(tag)           # a process claims when it listens, not before
                    if dead[tag]:
                        self.disclaim(key, owner)
            if count % _AT_A_TIME == 0:
                yield

    def _names(self) -> list[str]:
        try:
            return os.listdir(self.path)
        except FileNotFoundError:
            return []

    def _remove_leftovers(self) -> None:
        """What processes had in hand when they died."""
        for name in os.listdir(self.path):
            path = str(self.path / name)
            if name.startswith(".") and _age(path) > _UNFINISHED:
                _unlink(path)

    def _hold(self) -> None:
        self.leave()
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.ENOLCK, errno.ENOTSUP):
                raise                                # those: a cleaner is at work; a file system without locks


def _check(path: Path, forbidden: int) -> None:
    """Raises `Unusable` unless it is a folder of this user, without these bits of a mode."""
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise Unusable(f"{path} must be a folder, and no link to one: remove it, or set RUNTIME_DIRECTORY to another folder")
    if found.st_uid != os.geteuid() or found.st_mode & forbidden:
        raise Unusable(
            f"{path} belongs to user {found.st_uid} with mode {stat.S_IMODE(found.st_mode):o}, and must belong to user "
            f"{os.geteuid()}, with mode {0o777 & ~forbidden:o} at most: correct that, or set RUNTIME_DIRECTORY to another folder"
        )


def _unlink(path: str) -> bool:
    """Whether it was there."""
    try:
        os.unlink(path)
    except FileNotFoundError:                       # somebody else has found that it is stale, too
        return False
    return True


def _age(path: str) -> float:
    try:
        return time.time() - os.lstat(path).st_mtime
    except FileNotFoundError:
        return 0.0
