"""A WSGI application that echoes, for every server that can open a WebSocket."""

from __future__ import annotations

from functools import partial

from lona_sync.server.http.origin import origin_allowed
from lona_sync.server.sockets.upgrade import Refusal, upgrade
from lona_sync.server.sockets.websocket import WebSocket

_OPTIONS = {
    "message_bytes": 100_000, "send_timeout": 30.0, "ping_interval": 30.0, "ping_timeout": 30.0, "read_budget": 64,
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
    """Echo; a few words do something else."""
    while (message := websocket.receive()) is not None:
        if message == "fail":
            raise RuntimeError("the application failed")
        if message == "leave":
            return
        if message == "close":
            websocket.close(4001, "as you wish")
        elif message == "path":
            websocket.send(environ["PATH_INFO"])
        else:
            websocket.send(message)
