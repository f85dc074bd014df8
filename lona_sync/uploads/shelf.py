"""A shelf: the folder of a bucket, or of the file inputs of one view; what is on it, and what is on its way to it.

What is on its way is *incoming*: it has an id that nobody guesses, and an offset up to which it has come. It may be interrupted at
any time and go on from there, over another connection, and through another process: whoever writes asks for a *lease*, writes into
the file at the offset, and says how far he has come. A later lease ends the one before, whose connection may be dead without
anybody having noticed; both write the same bytes to the same place. So each piece may come twice.

Nothing here reads from a network. Files are made, renamed and removed in the hub's thread; bytes are written elsewhere
(`writing.py`).
"""

from __future__ import annotations

import math
import os
import re
import secrets
import shutil
import stat
from collections import Counter
from collections.abc import Callable, Hashable, MutableMapping, Sequence
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

import gevent

from .claims import LONGEST_CLAIM, Claim, Elsewhere, Gone, Lease, Part, Refused
from .file import UploadedFile
from .folder import Unusable
from .names import free_name, key, safe_name
from .quota import NoRoom, Quota
from .writing import apart

_PART = re.compile(r"[A-Za-z0-9_-]{8,40}")

#: Files of a bucket that says no limit: an empty one counts for no byte, and yet takes room, and time to look at.
MOST_FILES = 10_000


class Keeper(Protocol):
    """What a shelf needs of the store that it is in."""

    quota: Quota
    counters: Counter[str]
    clock: Callable[[], float]

    def admit(self, session: Hashable, size: int) -> None:
        """Count what is to come. Raises `Refused`."""

    def refuse(self, reason: str) -> Refused:
        """The exception, counted."""

    def check_at_once(self, session: Hashable, besides: Incoming | None = None) -> None:
        """Raises `Refused` when this session has as many at work as it may."""

    def enter(self, upload: Incoming | Batch) -> None: ...

    def drop(self, upload: Incoming | Batch) -> bool:
        """Whether it was there."""

    def batch(self, shelf: Shelf, number: str) -> Batch:
        """Raises `Gone`."""

    def forget(self, shelf: Shelf) -> None: ...


class Incoming:
    """A file on its way to `shelf`."""

    __slots__ = ("claim", "id", "lease", "moved", "offset", "path", "shelf", "touched")

    def __init__(self, shelf: Shelf, claim: Claim, path: Path, moved: Callable[[], None], now: float) -> None:
        self.id = secrets.token_urlsafe(18)
        self.shelf = shelf
        self.claim = claim
        self.path = path
        self.moved = moved                          # called when it has come farther
        self.offset = 0
        self.lease = 0                              # 0: nobody writes
        self.touched = now


class Batch:
    """Files that come together in one request, of whose sizes only the sum is known: at most `size` bytes."""

    __slots__ = ("come", "folder", "id", "shelf", "size", "touched")

    def __init__(self, shelf: Shelf, size: int, folder: Path, now: float) -> None:
        self.id = secrets.token_urlsafe(18)
        self.shelf = shelf
        self.size = size
        self.folder = folder
        self.come = 0
        self.touched = now


class Shelf:
    """A folder with files. `path` is where those lie that are complete, and nothing else."""

    def __init__(
        self, store: Keeper, folder: Path, session: Hashable, max_files: int | None, max_bytes: int | None, keeps: bool,
    ) -> None:
        self._store = store
        self._folder = folder
        self.session = session
        self.max_files = MOST_FILES if max_files is None and keeps else max_files
        self.max_bytes = max_bytes
        self.path = folder / "files"
        self.parts = folder / "parts"
        self.path.mkdir(mode=0o700)
        self.parts.mkdir(mode=0o700)
        self._keeps = keeps
        self._files: MutableMapping[str, UploadedFile] = {} if keeps else WeakValueDictionary()
        self.removed = False
        self.touched = -math.inf                    # when something has come

    # What is there.

    @property
    def files(self) -> list[UploadedFile]:
        """In the order in which they came. What the program has put into `path`, or taken away, by itself is known from here on."""
        self._look()
        return list(self._files.values())

    @property
    def size(self) -> int:
        """Bytes of these."""
        return sum(file.size for file in self.files)

    def get(self, name: str) -> UploadedFile | None:
        """The file that is called exactly so. A name is looked up, and never made into a path."""
        self._look()
        found = self._files.get(key(name))
        return found if found is not None and found.name == name else None

    def delete(self, name: str) -> bool:
        """Whether there was one that is called exactly so."""
        file = self.get(name)
        if file is None:
            return False
        del self._files[key(name)]
        file.delete()
        return True

    def put(self, name: str, write: Callable[[Path], object], content_type: str = "") -> UploadedFile:
        """A file of the program's own: `write(path)` makes it, in another thread. It counts for nobody. Waits."""
        path = self.parts / secrets.token_urlsafe(18)
        apart(write, path)
        return self._place(path, Claim(name, path.stat().st_size, content_type), counted=False)

    def remove(self) -> None:
        """All of it, from the disk as well; that is done in another thread, and not waited for."""
        if self.removed:
            return
        self.removed = True
        self._store.forget(self)
        for file in list(self._files.values()):
            if file.path.parent == self.path:       # else it was saved elsewhere
                file.delete()
        gevent.get_hub().threadpool.spawn(shutil.rmtree, self._folder, True)

    # One file that may be interrupted.

    def declare(self, claim: Claim, moved: Callable[[], None] = lambda: None) -> Incoming:
        """Make room for a file that is to come. Raises `Refused` or `Unusable`, and then nothing is counted."""
        if self.max_files is not None and len(self.files) >= self.max_files:
            raise self._store.refuse("files")
        if self.max_bytes is not None and self.size + claim.size > self.max_bytes:
            raise self._store.refuse("size")
        self._store.admit(self.session, claim.size)
        path = self.parts / secrets.token_urlsafe(18)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        except OSError as error:
            raise self._unusable(claim.size, error) from None
        incoming = Incoming(self, claim, path, moved, self._store.clock())
        self._store.enter(incoming)
        self._store.counters["uploads.started"] += 1
        return incoming

    def begin(self, incoming: Incoming, offset: int) -> Lease:
        """Somebody has bytes from `offset` on.

        Raises `Elsewhere` unless it has come exactly so far, `Refused` for too many at once.
        """
        if offset != incoming.offset:
            raise Elsewhere(incoming.offset)
        self._store.check_at_once(self.session, besides=incoming)
        incoming.lease = secrets.randbits(48) or 1
        incoming.touched = self._store.clock()
        return Lease(incoming.lease, str(incoming.path), offset, incoming.claim.size)

    def advance(self, incoming: Incoming, lease: int, offset: int) -> None:
        """So far it is on the disk. Raises `Gone` when the lease is another one's now, `Refused` when there is no more room."""
        if incoming.lease != lease or not incoming.offset <= offset <= incoming.claim.size:
            raise Gone
        try:
            self._store.quota.grow(offset - incoming.offset)
        except NoRoom as error:
            raise self._store.refuse(error.whose) from None
        self._store.counters["uploads.bytes"] += offset - incoming.offset
        incoming.touched = self.touched = self._store.clock()
        incoming.offset = offset
        incoming.moved()

    def end(self, incoming: Incoming, lease: int) -> None:
        """Whoever had the lease writes no more."""
        if incoming.lease == lease:
            incoming.lease = 0

    def complete(self, incoming: Incoming) -> UploadedFile | None:
        """The file, once all of it has come; None: it has not. Raises `Gone` when somebody has taken it from the disk."""
        if incoming.offset < incoming.claim.size or not self._store.drop(incoming):
            return None
        try:
            file = self._place(incoming.path, incoming.claim)
        except OSError:
            self._store.quota.shrink(incoming.offset)
            self._store.quota.retract(self.session, incoming.claim.size)
            raise Gone from None
        self._store.counters["uploads.completed"] += 1
        return file

    def cancel(self, incoming: Incoming) -> bool:
        """Nobody wants it any more. Whether it was still on its way."""
        if not self._store.drop(incoming):
            return False
        incoming.lease = 0
        incoming.path.unlink(missing_ok=True)
        self._store.quota.shrink(incoming.offset)
        self._store.quota.retract(self.session, incoming.claim.size)
        return True

    # Several in one request.

    def begin_batch(self, size: int) -> Batch:
        """`size`: bytes of the whole request, so more than the files have. Raises `Refused` or `Unusable`."""
        if self.max_files is not None and len(self.files) >= self.max_files:
            raise self._store.refuse("files")
        self._store.check_at_once(self.session)
        self._store.admit(self.session, size)
        folder = self.parts / secrets.token_urlsafe(18)
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise self._unusable(size, error) from None
        batch = Batch(self, size, folder, self._store.clock())
        self._store.enter(batch)
        self._store.counters["uploads.started"] += 1
        return batch

    def batch(self, number: str) -> Batch:
        """The one with this id. Raises `Gone`."""
        return self._store.batch(self, number)

    def room(self) -> tuple[int | None, int | None]:
        """How many files, and bytes of them, may still come; None: nothing but the session limits it."""
        files = None if self.max_files is None else max(0, self.max_files - len(self.files))
        return files, None if self.max_bytes is None else max(0, self.max_bytes - self.size)

    def advance_batch(self, batch: Batch, come: int) -> None:
        """So many bytes of it are on the disk. Raises `Gone` or `Refused`."""
        if not batch.come <= come <= batch.size:
            raise Gone
        try:
            self._store.quota.grow(come - batch.come)
        except NoRoom as error:
            raise self._store.refuse(error.whose) from None
        self._store.counters["uploads.bytes"] += come - batch.come
        batch.come = come

    def commit(self, batch: Batch, parts: Sequence[Part]) -> list[UploadedFile]:
        """All of its files are there. Raises `Refused` when that makes too many, or too much: then none of them is."""
        sizes = [_size(batch.folder, part.part) for part in parts]
        files, room = self.room()
        if files is not None and len(parts) > files:
            self.abort(batch)
            raise self._store.refuse("files")
        if room is not None and sum(sizes) > room:
            self.abort(batch)
            raise self._store.refuse("size")
        if sum(sizes) > batch.come or not self._store.drop(batch):
            raise Gone
        self._store.quota.shrink(batch.come - sum(sizes))
        self._store.quota.retract(self.session, batch.size - sum(sizes))
        placed = [
            self._place(batch.folder / part.part, Claim(part.name, size, part.content_type))
            for part, size in zip(parts, sizes, strict=True)
        ]
        self._store.counters["uploads.completed"] += len(placed)
        shutil.rmtree(batch.folder, ignore_errors=True)
        return placed

    def abort(self, batch: Batch) -> None:
        """Nothing of it is wanted."""
        if self._store.drop(batch):
            shutil.rmtree(batch.folder, ignore_errors=True)
            self._store.quota.shrink(batch.come)
            self._store.quota.retract(self.session, batch.size)

    def _unusable(self, size: int, error: OSError) -> Unusable:
        """The exception; what was admitted does not come."""
        self._store.quota.retract(self.session, size)
        why = "is the disk full, or does something remove old files there?"
        return Unusable(f"nothing can be written in {self.parts} ({error}): {why}")

    def _look(self) -> None:
        if not self._keeps or self.removed:
            return
        for name, file in list(self._files.items()):
            if file.path.parent != self.path or not file.exists:
                file.let_go()                       # first: else a new one of this name would be taken for it, and removed
                del self._files[name]
        for entry in os.scandir(self.path):
            if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".") and _is_text(entry.name):
                size = entry.stat(follow_symlinks=False).st_size
                known = self._files.get(key(entry.name))
                if known is not None:
                    known.size = size
                    continue
                self._files[key(entry.name)] = UploadedFile(
                    Path(entry.path), name=entry.name, client_name=entry.name, size=size, content_type="", gone=_nothing,
                )

    def _place(self, path: Path, claim: Claim, *, counted: bool = True) -> UploadedFile:
        name = free_name(safe_name(claim.name), self._files)
        target = self.path / name
        while target.exists():                      # a file that is moved away, or was never ours
            name = free_name(name, {*self._files, key(name)})
            target = self.path / name
        os.rename(path, target)
        store, session, size = self._store, self.session, claim.size

        def gone() -> None:
            if counted:
                store.quota.shrink(size)
                store.quota.retract(session, size)

        file = UploadedFile(
            target, name=name, client_name=claim.name[:LONGEST_CLAIM], size=size, content_type=claim.content_type[:LONGEST_CLAIM],
            gone=gone,
        )
        self._files[key(name)] = file
        return file


def _size(folder: Path, part: str) -> int:
    """Of a file that another process has put there. Raises `Gone` for what is none."""
    if not _PART.fullmatch(part):
        raise Gone
    try:
        found = os.lstat(folder / part)
    except FileNotFoundError:
        raise Gone from None
    if not stat.S_ISREG(found.st_mode):
        raise Gone
    return found.st_size


def _is_text(name: str) -> bool:
    """Whether it can be written in UTF-8, so in an address; file systems take any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _nothing() -> None:
    """It counts for nobody."""
