"""From an HTTP request to a WebSocket, under each server that can do it.

| server | where the socket comes from |
|---|---|
| `lona-sync run`, `app.run()` | `lona_sync.socket` in the environ (`serving`) |
| `gunicorn -k gevent` | `gunicorn.socket` in the environ |
| `gunicorn -k gevent_pywsgi` | `gunicorn.sock` in the environ |
| `gunicorn -k geventwebsocket.gunicorn.workers.GeventWebSocketWorker` | `wsgi.websocket`: shaken hands already |

In the first three the handshake is an ordinary WSGI response with the status 101. When it was sent, the connection is taken from
the server (`parting`), which finds one that has ended, and its greenlet ends as well. TLS cannot be taken away: there the response
does not end while the WebSocket lives, and the socket is shut down and empty when it does, since the server looks for the next
request on it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from gevent import socket
from gevent.ssl import SSLSocket

from .parting import part
from .websocket import WebSocket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("lona_sync.server.http")

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NO_SOCKET = "This server gives its application no WebSocket. Run it by `lona-sync run` or by `gunicorn -k gevent`."


class Refusal(NamedTuple):
    """Why a request does not become a WebSocket. `code` is for a server that has shaken hands before we are asked."""
    status: str
    text: str
    code: int = 1002
    headers: tuple[tuple[str, str], ...] = ()


def upgrade(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    *,
    check: Callable[[WSGIEnvironment], Refusal | None],
    make: Callable[[socket.socket, bytes], WebSocket],
    serve: Callable[[WebSocket], None],
    headers: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes]:
    """Answer a request that wants a WebSocket; a WSGI response.

    `check` may refuse a request whose handshake is right. `make` gets the socket, which is its to close, and what the server has
    read behind the request. `serve` runs in the greenlet of the request, may wait, and lets somebody listen. Its exception
    closes with 1011, and then goes on to the server, which logs it. `headers` go with the handshake, unless gevent-websocket
    has made it.
    """
    shaken = environ.get("wsgi.websocket")
    if shaken is not None:
        return _take_over(environ, shaken, check, make, serve)
    sock = environ.get("lona_sync.socket") or environ.get("gunicorn.socket") or environ.get("gunicorn.sock")
    refusal = _broken_handshake(environ) or check(environ)
    if refusal is not None or not isinstance(sock, socket.socket):      # a blocking worker's socket is none of gevent's
        if refusal is None:
            logger.error(_NO_SOCKET)                # browsers hide what the answer says
            refusal = Refusal("501 Not Implemented", _NO_SOCKET)
        body = refusal.text.encode() + b"\n"
        start_response(refusal.status, [
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *refusal.headers,
        ])
        return [body]
    write = start_response("101 Switching Protocols", [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", _accept(environ["HTTP_SEC_WEBSOCKET_KEY"])),
        *headers,
    ])
    return _switch(environ, sock, write, make, serve)


def _switch(
    environ: WSGIEnvironment,
    sock: socket.socket,
    write: Callable[[bytes], object],
    make: Callable[[socket.socket, bytes], WebSocket],
    serve: Callable[[WebSocket], None],
) -> Iterator[bytes]:
    """The body of the 101 response."""
    write(b"")          # sends the head; an empty first item of the body would not do it in every server
    yield b""
    sock.settimeout(0.0)
    _begin_apart(sock, _read_ahead(environ["wsgi.input"]), make, serve)


def _take_over(
    environ: WSGIEnvironment,
    shaken: Any,        # Any: gevent-websocket has no types
    check: Callable[[WSGIEnvironment], Refusal | None],
    make: Callable[[socket.socket, bytes], WebSocket],
    serve: Callable[[WebSocket], None],
) -> Iterable[bytes]:
    """Go on with our own class on the socket of gevent-websocket's handler, which has answered the request."""
    handler = shaken.stream.handler
    sock: socket.socket = handler.socket
    shaken.closed = True                                # its own goodbye would follow ours
    shaken.stream = shaken.raw_read = shaken.raw_write = None
    sock.settimeout(0.0)
    refusal = check(environ)

    def serve_or_refuse(websocket: WebSocket) -> None:
        if refusal is None:
            serve(websocket)
        else:
            websocket.close(refusal.code, refusal.text)

    _begin_apart(sock, _read_ahead(handler.rfile), make, serve_or_refuse)
    # The handler forgets its client by address, which all clients of a unix socket share: it would miss the second one.
    handler.server.clients.setdefault(handler.client_address, None)
    return []


def _begin_apart(
    sock: socket.socket, ahead: bytes, make: Callable[[socket.socket, bytes], WebSocket], serve: Callable[[WebSocket], None],
) -> None:
    """Begin, without the server if that can be; else wait for the end."""
    if not isinstance(sock, SSLSocket):
        begin(make(part(sock), ahead), serve)
        return
    websocket = make(sock, ahead)
    try:
        begin(websocket, serve)
        websocket.wait()
    finally:
        websocket.abort()
    _drain(sock)


def begin(websocket: WebSocket, serve: Callable[[WebSocket], None]) -> None:
    """Let somebody listen, and start. May wait as long as `serve` does, or who listens."""
    try:
        serve(websocket)
        websocket.start()
    except Exception:
        websocket.close(1011)
        websocket.start()
        raise
    except BaseException:               # this greenlet is being killed, which must not wait
        websocket.close(1012)
        websocket.abort()
        websocket.start()               # reads nothing, and tells the end
        raise


def _broken_handshake(environ: WSGIEnvironment) -> Refusal | None:
    """What is wrong with the handshake of RFC 6455."""
    if environ["REQUEST_METHOD"] != "GET":
        return Refusal("405 Method Not Allowed", "A WebSocket is opened by GET.", headers=(("Allow", "GET"),))
    if not _names(environ, "HTTP_UPGRADE", "websocket") or not _names(environ, "HTTP_CONNECTION", "upgrade"):
        return Refusal("426 Upgrade Required", "Only WebSockets are served here.", headers=(("Upgrade", "websocket"),))
    if environ.get("SERVER_PROTOCOL") in ("HTTP/0.9", "HTTP/1.0"):
        return Refusal("400 Bad Request", "A WebSocket needs HTTP/1.1.")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        version = ("Sec-WebSocket-Version", "13")
        return Refusal("426 Upgrade Required", "Only version 13 is spoken here.", headers=(version,))
    if environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ:
        return Refusal("400 Bad Request", "A handshake has no body.")       # it would be taken for frames
    if not _is_key(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")):
        return Refusal("400 Bad Request", "Sec-WebSocket-Key must be 16 bytes in base64.")
    return None


def _names(environ: WSGIEnvironment, header: str, token: str) -> bool:
    return token in (part.strip() for part in environ.get(header, "").lower().split(","))


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key.strip().encode("latin-1"), validate=True)) == 16
    except binascii.Error:
        return False


def _accept(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key.strip() + _GUID).encode()).digest()).decode()


def _read_ahead(source: Any) -> bytes:      # Any: whatever a server has for `wsgi.input`
    """What the server has read behind the request: frames of a client that did not wait for our answer.

    The socket does not block any more, so a buffered reader that has nothing gives nothing.
    """
    unreader = getattr(getattr(source, "reader", None), "unreader", None)
    if unreader is not None:                # gunicorn's; it reads from the socket when its buffer is empty
        held: bytes = unreader.buf.getvalue()
        if held:
            unreader.read()
        return held
    reader = getattr(source, "rfile", source)
    try:
        return reader.read1(-1) or b""
    except ssl.SSLWantReadError:
        return b""


def _drain(sock: socket.socket) -> None:
    """Throw away what the kernel still holds for a socket that was shut down: it would pass for the next request."""
    try:
        while sock.recv(65_536):
            pass
    except OSError:
        return
