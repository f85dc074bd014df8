"""How a connection is taken from the server that has accepted it, whatever server that is.

A server shuts a connection down when its request has been answered, and reads from it before that (pywsgi 16 KiB, gunicorn the
next request), eating what belongs to the WebSocket. As long as the request's handler does not return, it does neither. But then
each open page costs the server's greenlet, with all that it holds of the request (16 KiB), and gunicorn counts it
(`--worker-connections`).

So the WebSocket gets the connection under a new number, and *under the old one* the server finds a connection that has ended, with
which it does what it likes. The other way, to leave the server by an exception that it takes for a lost connection (gunicorn:
ENOTCONN), has to be found anew for each of them, and pywsgi has none.
"""

from __future__ import annotations

import os
import socket as sockets
from typing import Any

import gevent
from gevent import monkey, socket

#: The class that Python came with, also in a patched process. One of gevent's has two watchers, which a WebSocket does not need.
BareSocket: Any = monkey.get_original("socket", "socket")
_dead: int | None = None                    # a connection that has ended; one is enough, since nobody can do anything to it


def part(sock: socket.socket) -> sockets.socket:
    """The same connection, as a new object under a new number, which never waits; `sock` is one that has ended."""
    taken: sockets.socket = BareSocket(sock.family, sock.type, sock.proto, fileno=os.dup(sock.fileno()))
    taken.setblocking(False)
    unwatch(sock.fileno())
    os.dup2(_dead_end(), sock.fileno(), inheritable=False)
    return taken


def unwatch(number: int) -> None:
    """Take a descriptor out of the event loop's set: the kernel keeps it there as long as anybody has that connection open."""
    loop = gevent.get_hub().loop
    watched = loop.fileno() if loop.backend == "epoll" else None
    if watched is None:
        return
    # A copy: Python's object closes what it is made of.
    epoll: Any = monkey.get_original("select", "epoll")      # in a patched process `select` has none
    with epoll.fromfd(os.dup(watched)) as events:
        try:
            events.unregister(number)
        except FileNotFoundError:                   # never waited for
            return


def _dead_end() -> int:
    global _dead
    if _dead is None:
        dead, other = sockets.socketpair()
        with other:
            other.shutdown(sockets.SHUT_RDWR)
        _dead = dead.detach()                   # a number that ends with the process; of an object Python would complain
    return _dead
