"""All shelves of this process, and how much may be on its way to them."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path

import gevent

from ..settings import Settings
from .claims import TEXTS, Gone, Limits, Refused
from .folder import Folder
from .quota import NoRoom, Quota
from .shelf import Batch, Incoming, Shelf

#: Uploads of all that are not complete, in this process. Each is a file, if an empty one, so it takes room before a byte has come.
MOST_OPEN = 100_000


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
        self._shelves: set[Shelf] = set()           # until they are removed, whoever else holds them
        self._looked = -math.inf                    # when it was looked for what nobody sends any more

    @classmethod
    def make(cls, settings: Settings, base: Path, tag: str, counters: Counter[str]) -> Store:
        """The store of the process `tag`. `base`: the folder of all processes."""
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

    def batches_of(self, session: Hashable) -> list[Batch]:
        """Those that are on their way for this session."""
        return [each for each in self._of_session.get(session, {}).values() if isinstance(each, Batch)]

    def _free(self) -> int:
        return self._folder.free()

    # What its shelves ask (`shelf.Keeper`).

    def admit(self, session: Hashable, size: int) -> None:
        """Count what is to come. Raises `Refused`."""
        if size > self.limits.file_bytes:
            raise self.refuse("size")
        self.expire()
        if len(self._of_session.get(session, ())) >= self.limits.open:
            raise self.refuse("open")
        if self.open >= MOST_OPEN:
            raise self.refuse("server")
        try:
            self.quota.declare(session, size)
        except NoRoom as error:
            raise self.refuse(error.whose) from None

    def refuse(self, reason: str, text: str = "") -> Refused:
        """The exception, counted."""
        self.counters[f"uploads.refused.{reason}"] += 1
        return Refused(reason, text or TEXTS[reason])

    def check_at_once(self, session: Hashable, besides: Incoming | None = None) -> None:
        """Raises `Refused` when this session has as many at work as it may."""
        late = self.clock() - self.limits.stall
        at_work = [
            each for each in self._of_session.get(session, {}).values()
            if each is not besides and each.touched > late and (isinstance(each, Batch) or each.lease)
        ]
        if len(at_work) >= self.limits.at_once:
            raise self.refuse("busy")

    def enter(self, upload: Incoming | Batch) -> None:
        if isinstance(upload, Batch):
            self._batches[upload.id] = upload
        else:
            self._incoming[upload.id] = upload
        self._of_session.setdefault(upload.shelf.session, {})[upload.id] = upload

    def drop(self, upload: Incoming | Batch) -> bool:
        """Whether it was there."""
        self._incoming.pop(upload.id, None)
        self._batches.pop(upload.id, None)
        own = self._of_session.get(upload.shelf.session, {})
        was_there = own.pop(upload.id, None) is not None
        if not own:
            self._of_session.pop(upload.shelf.session, None)
        return was_there

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
        for upload in [each for each in self._of_session.get(shelf.session, {}).values() if each.shelf is shelf]:
            if isinstance(upload, Batch):
                shelf.abort(upload)
            else:
                shelf.cancel(upload)
