"""A file as an HTTP answer: conditional, in ranges, and without holding anybody up.

A disk answers neither by an event nor at once, and gevent cannot wait for it. Small files come from the kernel's cache in a few
microseconds, so they are read on the spot; of large ones each block is read in a thread, while the hub goes on.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import gevent
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_BLOCK = 256 * 1024
_SMALL = 256 * 1024


class FileBody:
    """The content of an open file, which it closes. An iterator of blocks; werkzeug seeks in it for a range."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._read = self._file.read if size <= _SMALL else self._read_in_thread

    def __iter__(self) -> FileBody:
        return self

    def __next__(self) -> bytes:
        block = self._read(_BLOCK)
        if not block:
            raise StopIteration
        return block

    def _read_in_thread(self, size: int) -> bytes:
        return gevent.get_hub().threadpool.apply(self._file.read, (size,))

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


def file_response(path: Path, environ: WSGIEnvironment, *, content_type: str, etag: str) -> Response:
    """The file, or the part of it that was asked for, or 304 when the browser has it, or 416 for a part that there is not.

    Raises OSError when it cannot be read.
    """
    file = open(path, "rb")                                            # noqa: SIM115  # closed by its body
    try:
        status = os.fstat(file.fileno())
        response = Response(FileBody(file, status.st_size), content_type=content_type, direct_passthrough=True)
        response.call_on_close(file.close)
        response.last_modified = status.st_mtime                       # type: ignore[assignment]  # the stubs know no floats
        response.set_etag(etag)
        response.content_length = status.st_size
        response.headers["X-Content-Type-Options"] = "nosniff"
        try:
            response = response.make_conditional(environ, accept_ranges=True, complete_length=status.st_size)
        except RequestedRangeNotSatisfiable:
            response = Response(status=416, headers={"Content-Range": f"bytes */{status.st_size}"})
    except BaseException:
        file.close()
        raise
    if environ["REQUEST_METHOD"] == "HEAD" or response.status_code in (304, 416):
        file.close()                                                   # nobody will read it, and some servers do not close it then
    return response
