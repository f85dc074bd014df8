"""A body of `multipart/form-data`, read piece by piece: files go to the disk as they come, texts into a small dict.

Only the boundary is looked for; nobody unpacks, converts or believes anything. What has no end of headers, of parts or of texts is
refused as soon as that is known.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from ...uploads import Writer

#: Bytes of one part's headers, and of what the search for a boundary keeps. Pieces of 64 KiB have to fit.
_BUFFER = 256 * 1024
#: Parts of one body.
MOST_PARTS = 1000
#: Bytes of all texts.
_TEXTS = 1024 * 1024
#: Bytes of a boundary.
_BOUNDARY = 200


class Sent(NamedTuple):
    """A file of the form: under which name, where it lies, and what the browser says of it."""
    field: str
    part: str
    name: str
    content_type: str
    size: int


class TooMany(Exception):
    """More files than are allowed."""


def boundary_of(content_type: str) -> bytes | None:
    """None: it is no multipart body."""
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    return boundary if kind == "multipart/form-data" and 0 < len(boundary) <= _BOUNDARY else None


def read(
    body: Iterable[bytes], boundary: bytes, folder: Path, *, max_files: int | None, wrote: Callable[[int], None],
    wanted: Callable[[str], bool] = lambda field: True,
) -> tuple[MultiDict[str, str], list[Sent]]:
    """The texts and the files; each file lies in `folder` under its `part`. `wrote(bytes)` hears how much is on the disk in all.

    Files whose field is not `wanted`, and those without a name and content, which browsers send for empty inputs, are left out.

    Raises `BadRequest` for what is no such body, `RequestEntityTooLarge` for too many parts or too long texts, `TooMany` files, and
    what `body`, the disk and `wrote` raise. Files of a body that ends too early are the caller's to remove.
    """
    decoder = MultipartDecoder(boundary, _BUFFER, max_parts=MOST_PARTS)
    texts: MultiDict[str, str] = MultiDict()
    sent: list[Sent] = []
    room = _TEXTS
    before = 0                                        # bytes of the files that are complete
    field: Field | None = None
    file: File | None = None
    text = bytearray()
    writer: Writer | None = None
    part = ""
    try:
        for event in _events(decoder, body):
            if isinstance(event, Field):
                field, file = event, None
            elif isinstance(event, File):
                field, file = None, event
                part = secrets.token_urlsafe(18)
                if wanted(event.name):
                    if max_files is not None and len(sent) >= max_files and event.filename:
                        raise TooMany
                    path = folder / part
                    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
                    writer = Writer(path, 0, lambda offset, before=before: wrote(before + offset))   # type: ignore[misc]
            elif isinstance(event, Data) and field is not None:
                text += event.data
                if len(text) > room:
                    raise RequestEntityTooLarge
                if not event.more_data:
                    room -= len(text)
                    texts.add(field.name, text.decode(errors="replace"))
                    text.clear()
            elif isinstance(event, Data) and writer is not None and file is not None:
                writer.write(event.data)
                if not event.more_data:
                    writer.flush()
                    writer.close()
                    if file.filename or writer.offset:
                        kind = file.headers.get("Content-Type", "")
                        sent.append(Sent(file.name, part, file.filename, kind, writer.offset))
                        before += writer.offset
                    else:
                        (folder / part).unlink()
                    writer = None
    finally:
        if writer is not None:
            writer.close()
    return texts, sent


def _events(decoder: MultipartDecoder, body: Iterable[bytes]) -> Iterator[object]:
    try:
        for data in body:
            decoder.receive_data(data)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
                if isinstance(event, Epilogue):
                    break
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
            yield event
        if isinstance(event, NeedData):
            raise BadRequest("the body ends too early")
    except (ValueError, KeyError, UnicodeError) as error:      # what the decoder says of nonsense
        raise BadRequest(str(error)) from None
