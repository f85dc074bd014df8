"""A server's WebSocket and a raw client on two real sockets, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gevent
from gevent import socket
from gevent.event import Event

from lona_sync.server.sockets.readers import Readers
from lona_sync.server.sockets.rounds import Rounds
from lona_sync.server.sockets.websocket import WebSocket
from lona_sync.views.clock import RealClock
from tests.server.raw_client import PATIENCE, RawClient

#: No limit is in the way unless a test sets it.
OPTIONS = {
    "message_bytes": 1_000_000, "send_timeout": 60.0, "ping_interval": 60.0, "ping_timeout": 60.0, "read_budget": 64,
    "readers": Readers(),
}


def made(options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a WebSocket: what a door makes of the interval."""
    others = {name: value for name, value in options.items() if name != "ping_interval"}
    return {**others, "silent": Rounds(seconds=options["ping_interval"], clock=RealClock())}


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets, the first with the smallest buffer for sending, the second with one for receiving."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ours = socket.socket()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        ours.connect(listener.getsockname())
        theirs, _ = listener.accept()
    theirs.settimeout(PATIENCE)
    return ours, theirs


@contextmanager
def pair(
    sockets: tuple[socket.socket, socket.socket] | None = None, **options: Any,
) -> Iterator[tuple[WebSocket, RawClient]]:
    """The two ends; both are closed afterwards."""
    ours, theirs = sockets or tcp_pair()
    websocket = WebSocket(ours, **made({**OPTIONS, **options}))
    with RawClient(theirs) as client:
        try:
            yield websocket, client
        finally:
            websocket.abort()
            ours.close()


class Received:
    """What a WebSocket receives, from now until the connection is over."""

    def __init__(self, websocket: WebSocket) -> None:
        self.messages: list[str] = []
        self.over = Event()
        websocket.listen(self)
        websocket.start()

    def heard(self, message: str) -> None:
        self.messages.append(message)

    def ended(self) -> None:
        self.over.set()

    def wait(self) -> list[str]:
        """All messages, once the connection is over."""
        with gevent.Timeout(PATIENCE):
            self.over.wait()
        return self.messages


def wait_until(condition: Callable[[], object]) -> None:
    """Let others run until `condition` holds."""
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.001)


def fill(websocket: WebSocket) -> int:
    """Send so much that bytes remain unsent until the peer reads; returns how many messages of 1,000 bytes that took."""
    count = 0
    while websocket.unsent < 200_000:       # more than the buffers of both sockets take later
        websocket.send("x" * 1000)
        count += 1
    return count
