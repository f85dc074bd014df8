"""What one view lets browsers load: files, bytes, and what it makes on the way.

Each offer has an address that nobody can guess, is good for the session that has the view alone, and ends with the view. What is
made on the way, by an iterator, is made in a greenlet of the view's, which writes it into a socket; whichever process has the
browser reads the other end of it. So it is made as fast as the browser takes it, and ends with the view, or with the connection.
"""

from __future__ import annotations

import logging
import mimetypes
import os
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gevent import socket

from ..uploads import Gone, UploadedFile, safe_name
from .clock import Clock
from .files import ViewFiles, new_id
from .screen import Screen

logger = logging.getLogger("lona_sync.views")

#: Where browsers load them from, below the place where the application is mounted.
DOWNLOADS = "/_lona_sync/downloads/"

#: Offers of one view; the one that has not been used for longest gives way.
_MOST = 1000
#: What is made on the way, at one time, for one view.
_STREAMS = 16

_HEAD = struct.Struct("!I")                      # the length of the next piece; 0: that was all
PIECE = 256 * 1024

#: What a view may offer. Of an iterator the next piece is taken when the browser has taken the last one.
Source = str | os.PathLike[str] | bytes | UploadedFile | Iterable[bytes] | Callable[[], Iterable[bytes]]


@dataclass(slots=True, eq=False, repr=False)
class Offer:
    """Something that a browser may load. Exactly one of `path` and `make` is there; `make()` once only when `once` is True."""
    id: str
    name: str
    content_type: str
    inline: bool
    path: Path | None
    make: Callable[[], Iterable[bytes]] | None
    once: bool
    until: float | None                          # by the view's clock
    held: object = None                          # what must not go as long as this does


class Downloads:
    """The offers of one view. `timeout`: seconds that a page has to load what it is told to."""

    __slots__ = ("_clock", "_files", "_offers", "_screen", "_spawn", "_streams", "_timeout")

    def __init__(
        self, *, files: ViewFiles, screen: Screen, clock: Clock, spawn: Callable[..., object], timeout: float,
    ) -> None:
        self._files = files
        self._screen = screen
        self._clock = clock
        self._spawn = spawn
        self._timeout = timeout
        self._offers: OrderedDict[str, Offer] = OrderedDict()
        self._streams = 0

    def send(self, source: Source, name: str, content_type: str) -> None:
        """See `View.download`."""
        self._screen.check_browser("download() needs")
        self._screen.tell("download", self._offer(source, name=name, content_type=content_type, seconds=self._timeout))

    def url(self, source: Source, name: str, content_type: str, inline: bool) -> str:
        """See `View.download_url`."""
        self._screen.check()
        return self._offer(source, name=name, content_type=content_type, inline=inline)

    def _offer(
        self, source: Source, *, name: str = "", content_type: str = "", inline: bool = False, seconds: float | None = None,
    ) -> str:
        """The address at which `source` can be loaded; `seconds`: so long only. Bytes go to the disk, which may be waited for.

        Raises `FileNotFoundError` for a path at which there is no file, TypeError for what cannot be offered.
        """
        path, make, once, held = self._read(source)
        name = safe_name(name or (held.name if isinstance(held, UploadedFile) else path.name if path is not None else ""))
        offer = Offer(
            new_id(), name, content_type or mimetypes.guess_type(name)[0] or "application/octet-stream", inline, path, make, once,
            None if seconds is None else self._clock.now() + seconds, held,
        )
        self._drop_old()
        self._offers[offer.id] = offer
        return f"{self._files.base}{DOWNLOADS}{self._files.view}/{offer.id}/{quote(name, safe='')}"

    def find(self, number: str) -> Offer:
        """Raises `Gone`."""
        self._drop_old(room=0)
        offer = self._offers.get(number)
        if offer is None:
            raise Gone
        self._offers.move_to_end(number)
        return offer

    def stream(self, offer: Offer) -> socket.socket:
        """The end of a socket from which `pieces` reads what is made. Raises `Gone` when it was made already, or too many are."""
        assert offer.make is not None
        if self._streams >= _STREAMS:
            raise Gone
        if offer.once:
            del self._offers[offer.id]
        ours, theirs = socket.socketpair()
        self._streams += 1
        try:
            self._spawn(self._feed, ours, offer)
        except BaseException:
            self._streams -= 1
            ours.close()
            theirs.close()
            raise
        return theirs

    def _feed(self, sock: socket.socket, offer: Offer) -> None:
        """Runs in a greenlet of the view's."""
        assert offer.make is not None
        try:
            with sock:
                for piece in offer.make():
                    if isinstance(piece, str):
                        piece = piece.encode(errors="replace")
                    view = memoryview(piece)
                    for start in range(0, len(view), PIECE):
                        part = view[start:start + PIECE]
                        sock.sendall(_HEAD.pack(len(part)))
                        sock.sendall(part)
                sock.sendall(_HEAD.pack(0))
        except OSError:
            self._files.count("downloads.broken")            # the browser has gone
        except Exception:
            self._files.count("downloads.failed")
            logger.exception("the download of %r has failed; its browser has a part of it", offer.name)
        finally:
            self._streams -= 1

    def _drop_old(self, room: int = 1) -> None:
        now = self._clock.now()
        for number in [number for number, offer in self._offers.items() if offer.until is not None and offer.until < now]:
            del self._offers[number]
        while len(self._offers) + room > _MOST:
            self._offers.popitem(last=False)

    def _read(self, source: Source) -> tuple[Path | None, Callable[[], Iterable[bytes]] | None, bool, object]:
        if isinstance(source, UploadedFile):
            return self._existing(source.path), None, False, source
        if isinstance(source, (str, os.PathLike)):
            return self._existing(Path(source)), None, False, None
        if isinstance(source, (bytes, bytearray, memoryview)):
            data = bytes(source)
            file = self._files.keep(lambda path: path.write_bytes(data))
            return file.path, None, False, file
        if callable(source):
            return None, source, False, None
        if isinstance(source, Iterable):
            iterator: Iterator[bytes] = iter(source)
            return None, lambda: iterator, True, None
        raise TypeError(
            f"a download is a path, bytes, an iterator of bytes or a function that makes one, not {type(source).__name__}: "
            f"{source!r:.80}"
        )

    def _existing(self, path: Path) -> Path:
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {str(path)!r} to be downloaded")
        return path.resolve()


def pieces(sock: socket.socket) -> Iterator[bytes]:
    """What comes out of `Downloads.stream`. Raises OSError when it ends too early. Closes the socket."""
    with sock:
        while True:
            (length,) = _HEAD.unpack(_receive(sock, _HEAD.size))
            if not length:
                return
            yield _receive(sock, min(length, PIECE))


def _receive(sock: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        data = sock.recv(count - len(found))
        if not data:
            raise OSError("whoever makes the download has ended it")
        found += data
    return bytes(found)
