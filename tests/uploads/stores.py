"""Stores for tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from lona_sync.uploads import Claim, Folder, Incoming, Limits, Quota, Shelf, Store, UploadedFile, Writer

LIMITS = Limits(file_bytes=1000, open=5, at_once=2, idle=900.0, stall=60.0)
FREE = 10**9


class Time:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def store_in(path: Path, *, session: int = 2000, total: int = 3000, free: int = FREE, reserve: int = 0, **limits: Any) -> Store:
    """`limits`: fields of `Limits`, and `clock`."""
    clock = limits.pop("clock", Time())
    return Store(
        Folder(path / "files", "test"),
        lambda _: Quota(session_bytes=session, total_bytes=total, reserve=reserve, free=lambda: free),
        LIMITS._replace(**limits), Counter(), clock=clock,
    )


def send(incoming: Incoming, data: bytes) -> UploadedFile | None:
    """Bring these bytes, which follow those that are there, and end the lease; the file when that was all."""
    shelf = incoming.shelf
    lease = shelf.begin(incoming, incoming.offset)
    with Writer(lease.path, lease.offset, lambda offset: shelf.advance(incoming, lease.number, offset)) as writer:
        writer.write(data)
        writer.flush()
    shelf.end(incoming, lease.number)
    return shelf.complete(incoming)


def upload(shelf: Shelf, name: str, data: bytes, content_type: str = "") -> UploadedFile:
    file = send(shelf.declare(Claim(name, len(data), content_type)), data) if data else None
    file = file or shelf.complete(shelf.declare(Claim(name, 0, content_type)))
    assert file is not None
    return file
