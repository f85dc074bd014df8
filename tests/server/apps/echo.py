"""A WSGI application that echoes, for every server that can open a WebSocket."""

from __future__ import annotations

from functools import partial

from lona_sync.server.http.origin import origin_allowed
from lona_sync.server.sockets.readers import Readers
from lona_sync.server.sockets.rounds import Rounds
from lona_sync.server.sockets.upgrade import Refusal, upgrade
from lona_sync.server.sockets.websocket import WebSocket
from lona_sync.views.clock import RealClock

_OPTIONS = {
    "message_bytes": 100_000, "send_timeout": 30.0, "ping_timeout": 30.0, "read_budget": 64,
    "readers": Readers(), "silent": Rounds(seconds=30.0, clock=RealClock()),
}


def app(environ, start_response):
    if environ["PATH_INFO"] == "/plain":
        start_response("200 OK", [("Content-Length", "5")])
        return [b"plain"]
    return upgrade(environ, start_response, check=check, make=make, serve=partial(serve, environ))


def check(environ):
    if origin_allowed(environ, allowed_origins=(), trusted_proxies=()):
        return None
    return Refusal("403 Forbidden", "This origin may not connect.", 4502)


def make(sock, leftover):
    return WebSocket(sock, leftover=leftover, **_OPTIONS)


def serve(environ, websocket):
    if environ["PATH_INFO"] == "/fail":
        raise RuntimeError("the application failed")
    websocket.listen(Echo(environ["PATH_INFO"], websocket))


class Echo:
    """Echoes; a few words do something else."""

    def __init__(self, path, websocket):
        self.path = path
        self.websocket = websocket

    def heard(self, message):
        if message == "fail":
            raise RuntimeError("the application failed")
        if message == "close":
            self.websocket.close(4001, "as you wish")
        elif message == "path":
            self.websocket.send(self.path)
        else:
            self.websocket.send(message)

    def ended(self):
        pass
