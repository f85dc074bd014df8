"""Where the files of this process lie: shelves, what is on them, and what is on its way to them.

A *shelf* is a folder: of a bucket, or of the file inputs of one view. What is on its way is *incoming*: it has an id that nobody
guesses, and an offset up to which it has come. It may be interrupted at any time and go on from there, over another connection, and
through another process: whoever writes asks for a *lease*, writes into the file at the offset, and says how far he has come. A
later lease ends the one before, whose connection may be dead without anybody having noticed; both write the same bytes to the same
place. So each piece may come twice.

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
import time
from collections import Counter
from collections.abc import Callable, Hashable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import gevent

from ..settings import Settings
from .file import UploadedFile
from .folder import Folder
from .names import free_name, key, safe_name
from .quota import NoRoom, Quota

_PART = re.compile(r"[A-Za-z0-9_-]{8,40}")

#: Characters of what a browser says that a file is called, or is.
LONGEST_CLAIM = 1000


class Refused(Exception):
    """It cannot be taken. `reason`: a word of `_TEXTS`; `text` is a sentence for the user."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class Gone(Exception):
    """There is no such upload any more: it is complete, or was cancelled, or waited too long, or its view has ended."""


class Elsewhere(Exception):
    """The upload has come to another offset than the one that was named."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload has come to {offset}")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Limits:
    """`file_bytes`: of one file. Of one session: `open` uploads that are not complete, `at_once` that bring bytes at the moment.

    `idle`: seconds without a byte after which an upload is given up. `stall`: after which a connection is taken for dead.
    """
    file_bytes: int
    open: int
    at_once: int
    idle: float
    stall: float


@dataclass(frozen=True, slots=True)
class Claim:
    """What a browser says of a file. `modified`: when, in milliseconds; with name and size it tells whether it is the same one."""
    name: str
    size: int
    content_type: str = ""
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write into `path` from `offset` on, up to `size`, until somebody else gets it."""
    number: int
    path: str
    offset: int
    size: int


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


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a batch: what it is called in the batch's folder, and what its browser says of it."""
    part: str
    name: str
    content_type: str


class Store:
    """All shelves of this process."""

    def __init__(
        self, folder: Folder, quota: Callable[[Callable[[], int]], Quota], limits: Limits, counters: Counter[str], *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self.quota = quota(self._free)
        self.limits = limits
        self.counters = counters
        self.clock = clock
        self._incoming: dict[str, Incoming] = {}
        self._batches: dict[str, Batch] = {}
        self._of_session: dict[Hashable, dict[str, Incoming | Batch]] = {}
        self._looked = -math.inf                    # when it was looked for what nobody sends any more
        self._shelves: set[Shelf] = set()

    @classmethod
    def make(cls, settings: Settings, directory: Path, tag: str, counters: Counter[str]) -> Store:
        """The store of the process `tag`. `directory`: of the application's processes."""
        base = Path(settings.UPLOAD_DIRECTORY) if settings.UPLOAD_DIRECTORY else directory / "files"

        def quota(free: Callable[[], int]) -> Quota:
            return Quota(
                session_bytes=settings.UPLOAD_BYTES_PER_SESSION, total_bytes=settings.UPLOAD_BYTES,
                reserve=settings.UPLOAD_DISK_RESERVE, free=free,
            )

        limits = Limits(
            file_bytes=settings.UPLOAD_FILE_BYTES, open=settings.UPLOADS_OPEN, at_once=settings.UPLOADS_AT_ONCE,
            idle=settings.UPLOAD_RESUME_TIMEOUT, stall=2 * settings.UPLOAD_TIMEOUT,
        )
        return cls(Folder(base, tag), quota, limits, counters)

    @property
    def open(self) -> int:
        """Uploads that are not complete."""
        return len(self._incoming) + len(self._batches)

    def shelf(
        self, session: Hashable, *, max_files: int | None = None, max_bytes: int | None = None, keeps: bool = True,
    ) -> Shelf:
        """A new, empty one. `keeps`: it keeps its files until they are deleted; else only for as long as somebody else holds them.

        Raises `folder.Unusable`.
        """
        shelf = Shelf(self, self._folder.new(), session, max_files, max_bytes, keeps)
        self._shelves.add(shelf)
        return shelf

    def clear_away(self) -> None:
        """Remove what dead processes have left: in another thread, and not waited for."""
        if self._folder.path.parent.is_dir():
            gevent.get_hub().threadpool.spawn(self._folder.clear_away)

    def leave(self) -> None:
        """The process ends."""
        self._folder.leave()

    def find(self, upload: str) -> Incoming:
        """Raises `Gone`."""
        found = self._incoming.get(upload)
        if found is None:
            raise Gone
        return found

    def batch(self, shelf: Shelf, number: str) -> Batch:
        """Raises `Gone`."""
        found = self._batches.get(number)
        if found is None or found.shelf is not shelf:
            raise Gone
        found.touched = self.clock()
        return found

    def _free(self) -> int:
        return self._folder.free()

    # What its shelves ask.

    def admit(self, session: Hashable, size: int) -> None:
        """Count what is to come. Raises `Refused`."""
        if size > self.limits.file_bytes:
            raise self.refuse("size")
        self.expire()
        if len(self._of_session.get(session, ())) >= self.limits.open:
            raise self.refuse("open")
        try:
            self.quota.declare(session, size)
        except NoRoom as error:
            raise self.refuse(error.whose) from None

    def refuse(self, reason: str, text: str = "") -> Refused:
        """The exception, counted."""
        self.counters[f"uploads.refused.{reason}"] += 1
        return Refused(reason, text or _TEXTS[reason])

    def check_at_once(self, session: Hashable, besides: Incoming | None = None) -> None:
        """Raises `Refused` when this session has as many at work as it may."""
        late = self.clock() - self.limits.stall
        at_work = [
            each for each in self._of_session.get(session, {}).values()
            if each is not besides and each.touched > late and (isinstance(each, Batch) or each.lease)
        ]
        if len(at_work) >= self.limits.at_once:
            raise self.refuse("busy")

    def enter(self, incoming: Incoming) -> None:
        self._incoming[incoming.id] = incoming
        self._of_session.setdefault(incoming.shelf.session, {})[incoming.id] = incoming

    def enter_batch(self, batch: Batch) -> None:
        self._batches[batch.id] = batch
        self._of_session.setdefault(batch.shelf.session, {})[batch.id] = batch

    def drop(self, incoming: Incoming) -> bool:
        """Whether it was there."""
        self._strike_off(incoming)
        return self._incoming.pop(incoming.id, None) is not None

    def drop_batch(self, batch: Batch) -> bool:
        """Whether it was there."""
        self._strike_off(batch)
        return self._batches.pop(batch.id, None) is not None

    def _strike_off(self, upload: Incoming | Batch) -> None:
        own = self._of_session.get(upload.shelf.session, {})
        own.pop(upload.id, None)
        if not own:
            self._of_session.pop(upload.shelf.session, None)

    def expire(self) -> None:
        """Give up what nobody has sent anything of for too long. Looks at most once a second."""
        if self.clock() - self._looked < 1:
            return
        self._looked = self.clock()
        late = self.clock() - self.limits.idle
        # Of many files that were chosen together one is sent after the other: the last one may wait for an hour.
        for incoming in [each for each in self._incoming.values() if max(each.touched, each.shelf.touched) < late]:
            self.counters["uploads.expired"] += 1
            incoming.shelf.cancel(incoming)
        for batch in [each for each in self._batches.values() if each.touched < late]:
            self.counters["uploads.expired"] += 1
            batch.shelf.abort(batch)

    def forget(self, shelf: Shelf) -> None:
        self._shelves.discard(shelf)
        for incoming in [each for each in self._incoming.values() if each.shelf is shelf]:
            shelf.cancel(incoming)
        for batch in [each for each in self._batches.values() if each.shelf is shelf]:
            shelf.abort(batch)


_TEXTS = {
    "size": "This file is too large.",
    "files": "These are too many files.",
    "type": "Files of this kind are not taken.",
    "session": "You have uploaded as much as you may at one time.",
    "server": "There is no room for it at the moment. Try again later.",
    "disk": "There is no room for it at the moment. Try again later.",
    "open": "Too many uploads are not finished yet.",
    "busy": "Too many uploads at the same time.",
}


class Shelf:
    """A folder with files. `path` is where those lie that are complete, and nothing else."""

    def __init__(
        self, store: Store, folder: Path, session: Hashable, max_files: int | None, max_bytes: int | None, keeps: bool,
    ) -> None:
        self._store = store
        self._folder = folder
        self.session = session
        self.max_files = max_files
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
        gevent.get_hub().threadpool.apply(write, (path,))
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
        """Make room for a file that is to come. Raises `Refused`, and then nothing is counted."""
        if self.max_files is not None and len(self.files) >= self.max_files:
            raise self._store.refuse("files")
        if self.max_bytes is not None and self.size + claim.size > self.max_bytes:
            raise self._store.refuse("size")
        self._store.admit(self.session, claim.size)
        path = self.parts / secrets.token_urlsafe(18)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
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
        """The file, once all of it has come; None: it has not."""
        if incoming.offset < incoming.claim.size or not self._store.drop(incoming):
            return None
        self._store.counters["uploads.completed"] += 1
        return self._place(incoming.path, incoming.claim)

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
        """`size`: bytes of the whole request, so more than the files have. Raises `Refused`."""
        if self.max_files is not None and len(self.files) >= self.max_files:
            raise self._store.refuse("files")
        self._store.check_at_once(self.session)
        self._store.admit(self.session, size)
        folder = self.parts / secrets.token_urlsafe(18)
        folder.mkdir(mode=0o700)
        batch = Batch(self, size, folder, self._store.clock())
        self._store.enter_batch(batch)
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
        if sum(sizes) > batch.come or not self._store.drop_batch(batch):
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
        if self._store.drop_batch(batch):
            shutil.rmtree(batch.folder, ignore_errors=True)
            self._store.quota.shrink(batch.come)
            self._store.quota.retract(self.session, batch.size)

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
