"""Bytes onto the disk, without holding anything else up.

A write goes into the system's memory as a rule, 256 KiB in a tenth of a millisecond; but when that is full of what the disk has not
taken yet, it waits for the disk, for seconds on a bad one. So it is done by a thread of gevent's pool, in pieces that are large
enough to make the way there cheap (benchmarks/studies/uploads.py has the figures).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import gevent

T = TypeVar("T")

#: Bytes that are written at one time.
PIECE = 256 * 1024


def apart(function: Callable[..., T], *arguments: object) -> T:
    """Run it in another thread, and wait: the rest of the process goes on. What it raises is raised here, and printed nowhere."""
    result, error = gevent.get_hub().threadpool.apply(_tried, (function, arguments))
    if error is not None:
        raise error
    return cast(T, result)


def _tried(function: Callable[..., T], arguments: tuple[object, ...]) -> tuple[T | None, BaseException | None]:
    try:
        return function(*arguments), None
    except BaseException as error:                       # the pool would print it besides
        return None, error


class Writer:
    """Writes what it is given into the file at `path`, which exists, from `offset` on. `wrote(offset)` hears how far that is.

    What `wrote` raises ends it. `flush` at the end; as a context it is closed, whatever has happened.

    When the file is not at `path` any more, it is complete, and its program may have looked at what is in it: nobody who has begun
    to write before changes that. FileNotFoundError then.
    """

    def __init__(self, path: str | Path, offset: int, wrote: Callable[[int], None]) -> None:
        self._path = path
        self._file: _Descriptor | None = _Descriptor(os.open(path, os.O_WRONLY | os.O_NOFOLLOW))
        self.offset = offset
        self._wrote = wrote
        self._buffer = bytearray()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Waits while the disk is asked to take a piece. Raises OSError."""
        self._buffer += data
        if len(self._buffer) >= PIECE:
            self.flush()

    def flush(self) -> None:
        """Write what has come so far."""
        assert self._file is not None
        if self._buffer:
            data, self._buffer = self._buffer, bytearray()
            apart(_write, self._path, self._file, data, self.offset)
            self.offset += len(data)
            self._wrote(self.offset)

    def close(self) -> None:
        self._file = None


class _Descriptor:
    """Is closed when nobody has it any more. A greenlet that is ended while a thread writes must not close it: the next file that
    somebody opens has the same number, and the thread would write into that."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.close(self.number)


def _write(path: str | Path, file: _Descriptor, data: bytearray, offset: int) -> None:
    if not os.path.samestat(os.lstat(path), os.fstat(file.number)):
        raise FileNotFoundError(f"another file is at {os.fspath(path)!r} now")
    view = memoryview(data)
    while view:
        written = os.pwrite(file.number, view, offset)
        view, offset = view[written:], offset + written
