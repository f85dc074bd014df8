"""A line to a server that can be cut, for hundreds of connections of this process.

`tests/browser/proxy.py` is for a few connections of other programs, whose tests have no event loop for it.
"""

from __future__ import annotations

import random
import struct
from contextlib import suppress
from typing import Literal

import gevent
from gevent import socket

#: How a connection may end. 'ended': both sides learn it at once. 'reset': they do, and what they have not read is lost, too.
#: 'silent': the browser learns it, and the server, to which nothing comes and from which nothing is taken, does not, before the
#: next cut.
Way = Literal["ended", "reset", "silent"]
WAYS: tuple[Way, ...] = ("ended", "reset", "silent")

_CHUNK, _LITTLE = 65_536, 4096           # bytes
_RESET = struct.pack("ii", 1, 0)         # SO_LINGER: an end without a goodbye of TCP


class Line:
    """Forwards connections to a port of this machine. `cut` ends all of them, and lets nobody in until `mend`.

    What was on its way is lost, in either direction; nobody can know how much. `ways` counts how connections were cut. `speed`:
    bytes a second to each browser; None: as fast as it goes.
    """

    def __init__(self, target: int, chance: random.Random, speed: int | None = None) -> None:
        self._speed = speed
        self._target = target
        self._chance = chance
        # Not `create_server`, which gevent leaves as it is: it would accept for the whole thread.
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(4096)
        self.port: int = self._listener.getsockname()[1]
        self.is_cut = False
        self.ways: dict[Way, int] = dict.fromkeys(WAYS, 0)
        self._connections: set[_Connection] = set()
        self._silent: list[_Connection] = []
        self._accepting = gevent.spawn(self._accept)

    def cut(self) -> None:
        self.is_cut = True
        self._end_silent()
        for connection in list(self._connections):
            way = self._chance.choice(WAYS)
            self.ways[way] += 1
            connection.cut(way)
            if way == "silent":
                self._silent.append(connection)
        self._connections.clear()

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        """All of it ends, and what was silent, too."""
        self._accepting.kill()
        self._listener.close()
        self._end_silent()
        for connection in self._connections:
            connection.cut("ended")

    def _end_silent(self) -> None:
        for connection in self._silent:
            connection.cut("ended")
        self._silent.clear()

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            if self.is_cut:
                near.close()
            else:
                gevent.spawn(self._carry, near)

    def _carry(self, near: socket.socket) -> None:
        far = socket.socket()
        if self._speed is not None:
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LITTLE)      # what the kernel took by itself would not be slow
        try:
            far.connect(("127.0.0.1", self._target))
        except OSError:
            near.close()
            far.close()
            return
        connection = _Connection(near, far, self._speed)
        if self.is_cut:                      # meanwhile
            connection.cut("ended")
            return
        self._connections.add(connection)
        connection.carry()
        self._connections.discard(connection)


class _Connection:
    """A pair of sockets. `near` is the browser's."""

    def __init__(self, near: socket.socket, far: socket.socket, speed: int | None) -> None:
        self._near = near
        self._far = far
        self._speed = speed
        self._pumps: list[gevent.Greenlet[..., None]] = []
        for sock in (near, far):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def carry(self) -> None:
        """Until both directions have ended."""
        self._pumps = [
            gevent.spawn(self._pump, self._near, self._far, None), gevent.spawn(self._pump, self._far, self._near, self._speed),
        ]
        gevent.joinall(self._pumps)
        if self._near.fileno() == -1:        # cut: who did that has closed what is to be closed
            return
        self._near.close()
        self._far.close()

    def cut(self, way: Way) -> None:
        gevent.killall(self._pumps, block=False)
        for sock in (self._near, self._far) if way != "silent" else (self._near,):
            if way == "reset":
                with suppress(OSError):      # the peer has ended it already
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            sock.close()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, speed: int | None) -> None:
        with suppress(OSError):              # a peer that ends its connection by a reset, or does not read to the end
            while data := source.recv(_LITTLE if speed else _CHUNK):
                sink.sendall(data)
                if speed:
                    gevent.sleep(len(data) / speed)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
