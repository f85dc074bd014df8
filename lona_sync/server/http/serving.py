"""The HTTP server behind `app.run()`: gevent's pywsgi, made fit to hold WebSockets and to face impatient browsers."""

from __future__ import annotations

import errno
import functools
import logging
import re
import signal
import socket as sockets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from types import TracebackType
from typing import TYPE_CHECKING, Any

import gevent
from gevent import monkey, pywsgi, socket
from gevent.event import AsyncResult
from gevent.pool import Pool

from ...pause import pause

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

logger = logging.getLogger("lona_sync.server.http")

#: Seconds from the start of waiting for a request to the end of its head, so also how long an idle connection is kept.
HEAD_TIMEOUT = 30.0
#: Seconds in which a part of a request's body, 64 KiB at most, has to come; and in which the rest has to that nobody reads.
BODY_TIMEOUT = 30.0
_BACKLOG = 1024
_getaddrinfo: Callable[..., list[Any]] = monkey.get_original("socket", "getaddrinfo")           # Any: as the module's
#: Of one request, and bytes of one of them.
_MOST_HEADERS, _LONGEST_HEADER = 100, 65_536
#: Bytes of a body that are sent together with its head.
_TOGETHER = 64 * 1024
_LINE = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+:[^\x00\r\n]*\r?\n")
_REASONS = {
    errno.EADDRINUSE: "something else listens there already; stop it or choose another port",
    errno.EACCES: "it needs privileges; choose a port from 1024 on",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
}


class CannotListen(Exception):
    """The server's address cannot be used; the text is one line for the user."""


class Server:
    """Serves one application at one address. `port` 0 takes a free one; `port` then tells which.

    `listener`: a socket that listens there already.
    """

    def __init__(self, application: WSGIApplication, host: str, port: int, *, listener: socket.socket | None = None) -> None:
        self.host = host
        self.port = port
        self._application = application
        self.listener = listener
        self._server: pywsgi.WSGIServer | None = None
        self._told_to_end: AsyncResult[signal.Signals] = AsyncResult()

    def start(self) -> None:
        """Listen and accept; returns at once. Raises `CannotListen`."""
        if self.listener is None:
            self.listener = listen(self.host, self.port)
        self.port = self.listener.getsockname()[1]
        self._server = pywsgi.WSGIServer(
            self.listener,
            self._application,
            spawn=Pool(),
            handler_class=Handler,
            log=pywsgi.LoggingLogAdapter(logger, logging.DEBUG),
            error_log=logger,
            environ={"SERVER_NAME": self.host},         # else the server asks the DNS for a name, which can take long
        )
        self._server.start()

    def wait_for_signal(self) -> signal.Signals:
        """Wait until SIGINT or SIGTERM asks the process to end; which of them. A second one ends it the hard way."""
        signals = (signal.SIGINT, signal.SIGTERM)
        handlers = [gevent.signal_handler(number, self._told_to_end.set, number) for number in signals]
        number = self._told_to_end.get()
        assert number is not None
        for handler in handlers:
            handler.cancel()
        return number

    def stop_accepting(self) -> None:
        """Close the listening socket. Requests and WebSockets that are open go on."""
        if self._server is not None:
            self._server.close()

    def stop(self, timeout: float = 1.0) -> None:
        """Stop accepting, wait for what still runs, at most `timeout` seconds, then cut it off."""
        if self._server is not None:
            self._server.stop(timeout)


class Body(pywsgi.Input):
    """The body of a request. Who stops in the middle of it is not waited for: `give_up` is called, and OSError raised."""

    def __init__(self, body: pywsgi.Input, give_up: Callable[[], None]) -> None:
        super().__init__(body.rfile, body.content_length, socket=body.socket, chunked_input=body.chunked_input)
        self._give_up = give_up

    def read(self, length: int | None = None) -> bytes:
        with self._patience():
            data: bytes = super().read(length)
            return data

    def readline(self, size: int | None = None) -> bytes:
        with self._patience():
            line: bytes = super().readline(size)
            return line

    def _discard(self) -> None:
        """Read what the application has not, so that a client that sends first and reads then gets its answer."""
        if self._chunked_input_error:
            self._give_up()                             # where the next request begins is unknown, also when nobody minded
        elif self.chunked_input or self.position < (self.content_length or 0):
            self.send_100_continue_enabled = False
            with self._patience():
                while super().read(16_384):
                    pause()                         # who sends fast enough would never let others run

    @contextmanager
    def _patience(self) -> Iterator[None]:
        timeout = gevent.Timeout.start_new(BODY_TIMEOUT)
        try:
            yield
        except gevent.Timeout as raised:
            if raised is not timeout:
                raise
            self._chunked_input_error = True                # pywsgi's: where the next request begins is unknown
            self._give_up()
            raise TimeoutError("the body of the request did not come") from None
        finally:
            timeout.close()


class Handler(pywsgi.WSGIHandler):
    """One connection. Puts its socket into the environ, for `upgrade`; does not wait for ever for a request's head."""

    #: A browser that has left is no error, however the kernel puts it.
    ignored_socket_errors = (
        *pywsgi.WSGIHandler.ignored_socket_errors,
        errno.ECONNABORTED, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTUNREACH,
    )

    # pywsgi's, of which its types say that they are strings, or nothing.
    status: Any                                             # bytes
    response_headers: Any                                   # pairs of bytes
    provided_date: Any
    _sendall: Callable[[bytes], None]
    _write: Callable[[bytes], None]

    def handle_one_request(self) -> Any:                    # Any: as pywsgi's
        self._head_timeout = gevent.Timeout.start_new(HEAD_TIMEOUT)
        try:
            return super().handle_one_request()
        except gevent.Timeout as timeout:
            if timeout is not self._head_timeout:
                raise
            return None                                     # without an answer: nobody asked anything yet
        finally:
            self._head_timeout.close()

    def MessageClass(self, file: Any, *args: Any) -> Any:   # pywsgi's name for what reads the headers; Any: it wants a mail's
        headers = Headers(_lines(file))
        if len(headers.get_all("host")) > 1:
            raise ValueError("two hosts")
        codings = headers.get_all("transfer-encoding")
        lengths = headers.get_all("content-length")
        # What '+3', '1_0' or both headers mean is read in many ways: behind a proxy the rest would be the next visitor's request.
        # So would chunks be behind one of HTTP/1.0, which knows none.
        unclear = len(codings) + len(lengths) > 1 or (codings and self.request_version != "HTTP/1.1")
        if unclear or any(coding.lower() != "chunked" for coding in codings) \
                or not all(length.isascii() and length.isdigit() for length in lengths):
            raise ValueError(f"no clear end of the body: {codings + lengths!r}")
        return headers

    def get_environ(self) -> WSGIEnvironment:
        self._head_timeout.close()                          # the head is complete
        environ: WSGIEnvironment = super().get_environ()
        assert self.wsgi_input is not None
        # Also where pywsgi gives the bare stream, for "Connection: upgrade": a form read from that has no end.
        environ["wsgi.input"] = self.wsgi_input = Body(self.wsgi_input, self._end_connection)
        environ["lona_sync.socket"] = self.socket
        return environ

    def finalize_headers(self) -> None:
        if self.provided_date is None:
            self.provided_date = _date(int(time.time()))
            self.response_headers.append((b"Date", self.provided_date))
        super().finalize_headers()

    def _write_with_headers(self, data: bytes) -> None:
        """Head and body in one piece, if that is not large: a `send` costs as much as all that pywsgi does besides."""
        self.finalize_headers()
        lines = [b"%b: %b\r\n" % header for header in self.response_headers]
        head = b"".join([b"HTTP/1.1 ", self.status, b"\r\n", *lines, b"\r\n"])
        apart = not data or self.response_use_chunked or len(data) > _TOGETHER         # where there is none, pywsgi may give a str
        piece = head if apart else head + data
        self.headers_sent = True
        self._sendall(piece)
        if apart:
            self._write(data)

    def _send_error_response_if_possible(self, error_code: int) -> None:
        if self.headers_sent:                               # or some of them: the rest of the answer is missing, or a part of it
            self.close_connection = True
        else:
            super()._send_error_response_if_possible(error_code)            # type: ignore[misc]     # its types leave it out

    def _end_connection(self) -> None:
        self.close_connection = True

    def log_request(self) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            super().log_request()

    def log_error(self, msg: str, *args: object) -> None:
        """A request that is none. Whoever scans the net for holes sends thousands, so it is no error of ours."""
        logger.info(msg, *args)

    def _log_error(self, t: type[BaseException], v: BaseException, tb: TracebackType | None) -> None:
        if not issubclass(t, gevent.GreenletExit):
            logger.error("%s failed", ascii(f"{self.command} {self.path}")[1:-1], exc_info=(t, v, tb))


@functools.lru_cache(maxsize=2)
def _date(seconds: int) -> bytes:
    """As HTTP writes it; of one second it is asked for again and again."""
    return formatdate(seconds, usegmt=True).encode()


class Headers:
    """Those of one request, as pywsgi asks for them. Names in any case; `headers`: as lines.

    Not Python's own: it reads them as those of a mail, which takes a tenth of the time in which a WebSocket opens. And a proxy
    reads them otherwise, so that the rest is another request: in a mail what is no header ends them, a carriage return alone
    begins another one, and a line may go on in the next one.
    """

    __slots__ = ("_values", "headers")

    #: Nothing is wrong with them.
    status = ""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.headers = [line.decode("latin-1") for line in lines]
        self._values: dict[str, list[str]] = {}
        for header in self.headers:
            name, _, value = header.partition(":")
            self._values.setdefault(name.lower(), []).append(value.strip(" \t\r\n"))

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first one of this name."""
        values = self._values.get(name.lower())
        return default if values is None else values[0]

    getheader = get

    def get_all(self, name: str) -> list[str]:
        """All of this name, in their order."""
        return self._values.get(name.lower(), [])

    @property
    def typeheader(self) -> str | None:
        return self.get("content-type")

    def __delitem__(self, name: str) -> None:
        """pywsgi does not want a length beside chunks. A request that has both was refused before."""
        del self._values[name.lower()]


def _lines(file: Any) -> Iterator[bytes]:                   # Any: pywsgi's
    """The lines of a request's head, up to the empty one. Raises ValueError for what is none, for too many, for no end."""
    for _ in range(_MOST_HEADERS + 1):
        line: bytes = file.readline(_LONGEST_HEADER + 1)
        if line in (b"\r\n", b"\n"):
            return
        if not _LINE.fullmatch(line):
            raise ValueError(f"no header: {line[:80]!r}")
        yield line
    raise ValueError(f"more than {_MOST_HEADERS} headers")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, which hands TCP_NODELAY on to the connections that it accepts. Raises `CannotListen`."""
    if not 0 <= port <= 65_535:                 # `getaddrinfo` makes 4464 of 70000
        raise CannotListen(f"cannot listen on {host!r}, port {port}: a port is a number from 0 to 65535")
    try:
        # Not by gevent's resolver, which starts a thread: nothing runs yet that could have to wait for a name of this machine.
        # As bytes, since Python loads its tables of all languages for a str.
        name = host.encode("ascii" if host.isascii() else "idna") or None
        found = _getaddrinfo(name, port, type=sockets.SOCK_STREAM, flags=sockets.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise CannotListen(f"cannot listen on {host!r}, port {port}: {_reason(error)}") from None
    # "localhost" has an address of IPv6, too, which containers often cannot use, and which old clients do not try.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != sockets.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        listener.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen(f"cannot listen on {host!r}, port {port}: {_reason(error)}") from None
    return listener


def _reason(error: Exception) -> str:
    if isinstance(error, sockets.gaierror | UnicodeError):
        return "there is no such host"
    return _REASONS.get(getattr(error, "errno", 0), str(error))
