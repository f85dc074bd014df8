"""What is sent over HTTP besides pages: what views have returned, files, and what answers an exception."""

from __future__ import annotations

import functools
import io
import mimetypes
import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import gevent
from gevent import socket
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date, parse_range_header
from werkzeug.wrappers import Response

from ...html.node import Node
from ...html.rendering import render
from ...views import responses
from ...views.pour import encoded, stream_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Bytes of a file that are read at once. What is larger is read in a thread: a disk may take its time.
PIECE = 256 * 1024

#: Which file it is, and which content it has: device and number, its size, and when it, and what is said of it, was changed.
State = tuple[int, int, int, int, int]

#: The headers that ask for less than the whole.
_CONDITIONS = frozenset((
    "HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE",
))

#: Those of them that count before `If-None-Match`, or beside it.
_AHEAD = frozenset(("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE"))

#: Of any other method, 304 is no answer.
_SAFE = frozenset(("GET", "HEAD"))

#: Headers that say something of a body that is there.
_OF_BODY = frozenset(("Content-Type", "Content-Length", "Content-Encoding", "Last-Modified"))

#: What werkzeug makes something else of when it sends it.
_FIXED = frozenset(("location", "content-location"))

_HTML = "text/html; charset=utf-8"

#: Types of what is compressed as a whole. Sent as a coding of another type it would be unpacked on its way.
_CODED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


class Whole(Response):
    """An answer whose body is there. werkzeug makes its headers anew when it sends it; of most nothing would be another then."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = self.headers.to_wsgi_list()
        body = self.response
        if (
            self.status_code == 200 and environ["REQUEST_METHOD"] != "HEAD" and not self._on_close
            and isinstance(body, list) and all(type(piece) is bytes for piece in body)
            and _FIXED.isdisjoint([name.lower() for name, _ in headers])
        ):
            start_response(self.status, headers)
            pieces: list[bytes] = body
            return pieces
        return super().__call__(environ, start_response)


class Ready:
    """An answer of which all is there. `headers`: with the length, if it has a body; they are sent once."""

    __slots__ = ("_body", "_status", "headers")

    def __init__(self, headers: list[tuple[str, str]], body: bytes, status: str = "200 OK") -> None:
        self.headers = headers
        self._body = body
        self._status = status

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response(self._status, self.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self._body]


def as_ready(answer: object) -> Ready | None:
    """What a view has returned, if it is its text and no more, as nearly always; None: see `as_response`, which takes longer."""
    if answer is None or isinstance(answer, (str, Node)):
        text = "" if answer is None else answer if isinstance(answer, str) else render(answer)
        body, content_type = text.encode(errors="replace"), _HTML
    elif isinstance(answer, responses.Response) and answer.status == 200 and not answer.headers and answer.stream is None:
        body, content_type = answer.render() if isinstance(answer, responses.HtmlResponse) else answer.body, answer.content_type
    else:
        return None
    if type(body) is not bytes or type(content_type) is not str:       # the view has put something else there since it was made
        return None
    return Ready([("Content-Type", content_type), ("Content-Length", str(len(body)))], body)


def as_response(answer: object, environ: WSGIEnvironment) -> Response:
    """What a view, or a function, has returned; if a view pours it, see `in_pieces`. Raises RuntimeError for what is no answer."""
    if isinstance(answer, Response):
        return answer
    stream = stream_of(answer)
    if stream is not None:
        pieces, charset = stream
        return in_pieces(answer, (encoded(piece, charset) for piece in pieces), environ)
    if isinstance(answer, (responses.RedirectResponse, responses.HttpRedirectResponse)):
        response = Response(status=302, headers={"Location": answer.url})
    elif isinstance(answer, responses.FileResponse):
        response = file_response(answer, environ)
    else:
        if answer is None or isinstance(answer, (str, Node)):
            answer = responses.HtmlResponse("" if answer is None else answer)
        if not isinstance(answer, responses.Response):
            raise responses.no_answer(answer)
        body = answer.render() if isinstance(answer, responses.HtmlResponse) else answer.body
        response = Whole(body, answer.status, content_type=answer.content_type)
    response.headers.update(answer.headers)
    return response


def in_pieces(answer: object, pieces: Iterator[bytes], environ: WSGIEnvironment) -> Response:
    """An answer whose body is `pieces`."""
    if isinstance(answer, Response):
        response = answer
        response.response = pieces
    elif isinstance(answer, responses.Response):
        response = Response(pieces, answer.status, content_type=answer.content_type)
        response.headers.update(answer.headers)
    else:
        response = Response(pieces, content_type=_HTML)
    if response.mimetype == "text/event-stream":
        response.headers.setdefault("X-Accel-Buffering", "no")     # else nginx collects events until they are worth a packet
    return response


def file_response(answer: responses.FileResponse, environ: WSGIEnvironment) -> Response:
    """A file, or a part of it, or that it has not changed. Raises HTTPException for a part that it does not have, and OSError."""
    file = File(answer.path)
    try:
        kind, coding = mimetypes.guess_type(answer.path.name)
        kind = _CODED.get(coding, "application/octet-stream") if coding else kind or "application/octet-stream"
        response = Response(file, answer.status, mimetype=kind, content_type=answer.content_type or None, direct_passthrough=True)
        response.content_length = file.size
        response.headers["Last-Modified"] = file.last_modified
        response.set_etag(file.etag)
        if answer.download_name:
            response.headers.set("Content-Disposition", "attachment", **_file_name(answer.download_name))
        if answer.status == 200:
            make_conditional(response, file.size, environ)
    except BaseException:
        file.close()
        raise
    return response


def make_conditional(response: Response, size: int, environ: WSGIEnvironment) -> None:
    """Make it the answer to what was asked for: 304, or a part of its `size` bytes. Raises HTTPException for one it has not."""
    response.headers["Accept-Ranges"] = "bytes"
    if not is_conditional(environ):
        return
    ranges = parse_range_header(environ.get("HTTP_RANGE"))
    # Several parts at once, and what is no range, may be answered by the whole. werkzeug would refuse them.
    one = ranges is not None and ranges.units == "bytes" and len(ranges.ranges) == 1
    response.make_conditional(environ, accept_ranges=one, complete_length=size)
    response.headers["Accept-Ranges"] = "bytes"                    # werkzeug says "none" when it was not to look


def is_conditional(environ: WSGIEnvironment) -> bool:
    """Whether less than the whole is asked for, as things are."""
    return not _CONDITIONS.isdisjoint(environ)


def from_memory(body: bytes, etag: str, headers: list[tuple[str, str]], environ: WSGIEnvironment) -> Ready | Response:
    """What was asked for: all of `body`, 304, or a part. `headers`: of all of it. Raises HTTPException for a part it has not."""
    if not is_conditional(environ):
        return Ready(headers, body)
    if environ.get("HTTP_IF_NONE_MATCH") == etag and _AHEAD.isdisjoint(environ) and environ["REQUEST_METHOD"] in _SAFE:
        # As browsers ask.
        return Ready([header for header in headers if header[0] not in _OF_BODY], b"", "304 NOT MODIFIED")
    response = Response(body, headers=headers)
    make_conditional(response, len(body), environ)
    return response


def _file_name(name: str) -> dict[str, str]:
    """For old clients in ASCII, for all others as it is."""
    if name.isascii():
        return {"filename": name}
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return {"filename": plain or "download", "filename*": f"UTF-8''{quote(name, safe='')}"}


def busy(status: int) -> Response:
    """There is no room; 429: for this visitor, 503: for anybody."""
    return Response("busy, try again\n", status, {"Retry-After": "5"})


def exception_response(error: HTTPException, environ: WSGIEnvironment) -> Response:
    """What answers it: the code and its name, as text; or the response that it was made with."""
    if isinstance(error.response, Response):
        return error.response
    headers = [(name, value) for name, value in error.get_headers(environ) if name != "Content-Type"]
    return Response(f"{error.code} {error.name}\n", error.code, headers, content_type="text/plain; charset=utf-8")


def state_of(status: os.stat_result) -> State:
    """Another one for another file, and after each change. One that was moved is another one, too."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class File(io.RawIOBase):
    """A regular file that is read without holding up others. Raises OSError."""

    def __init__(self, path: os.PathLike[str], *, follow_links: bool = True) -> None:
        # Not to wait for whoever might write into a pipe.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow_links else os.O_NOFOLLOW)
        self._descriptor = -1
        self._descriptor = os.open(path, flags)
        self._place = 0
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise FileNotFoundError(f"{os.fspath(path)!r} is no file")
        self.size = status.st_size
        self.modified = status.st_mtime
        #: Another file, or another content, has another one.
        self.state = state_of(status)
        self.etag = f"{status.st_mtime_ns:x}-{status.st_size:x}"

    @property
    def last_modified(self) -> str:
        """For the header of this name."""
        return _date(int(self.modified))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self.size}[whence]
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Some of it, at most `PIECE` bytes; b"" at its end. May wait for the disk."""
        size = min(PIECE, self.size - self._place) if size < 0 else min(size, PIECE, self.size - self._place)
        if size <= 0:
            return b""
        # A small one is in the memory of the system, or read in one step; a thread costs more than that.
        read: Callable[[int, int, int], bytes] = os.pread
        data = read(self._descriptor, size, self._place) if self.size <= PIECE else gevent.get_hub().threadpool.apply(
            read, (self._descriptor, size, self._place),
        )
        self._place += len(data)
        return data

    def __iter__(self) -> File:
        return self

    def __next__(self) -> bytes:
        data = self.read()
        if not data:
            raise StopIteration
        return data

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        super().close()


@functools.lru_cache(maxsize=1000)
def _date(seconds: int) -> str:
    """As HTTP writes it. Of a file the same each time."""
    return http_date(seconds)


def socket_of(environ: WSGIEnvironment) -> socket.socket | None:
    """The client's connection; None: it speaks TLS, or the server does not show it."""
    sock = environ.get("lona_sync.socket") or environ.get("gunicorn.socket") or environ.get("gunicorn.sock")
    return sock if type(sock) is socket.socket else None


def has_left(environ: WSGIEnvironment) -> bool:
    """Whether the client has closed its connection, as far as one can see. Never waits."""
    sock = socket_of(environ)
    if sock is None:
        return False
    timeout = sock.gettimeout()
    sock.settimeout(0.0)                              # with any other one, gevent waits whatever the flags say
    try:
        return sock.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        sock.settimeout(timeout)
