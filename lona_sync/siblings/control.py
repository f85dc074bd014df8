"""The socket at which this process answers its siblings, and `lona-sync`'s commands."""

from __future__ import annotations

import logging
import os
import socket as sockets
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer

from .directory import Directory
from .talk import Talk, Trouble

logger = logging.getLogger("lona_sync.siblings")

#: Exchanges at one time; who comes then waits.
EXCHANGES = 100
#: Those who wait to be accepted; beyond it they try again for as long as they have time.
BACKLOG = 128
#: Seconds that one exchange may take, all in all.
EXCHANGE_SECONDS = 10.0

#: Answers one kind of request: gets it, and the exchange for those that need more than one line each way. What it returns is sent;
#: None: it has said what there is to say. It may wait. Any: JSON.
Answer = Callable[[dict[str, Any], Talk], dict[str, Any] | None]


class Control:
    """Listens in `directory` under the name `tag`. Every request is a line with its `kind`; there is one in each connection."""

    def __init__(self, directory: Directory, tag: str, counters: Counter[str]) -> None:
        self._directory = directory
        self._tag = tag
        self._counters = counters
        self._answers: dict[str, Answer] = {}
        self._server: StreamServer | None = None

    @property
    def listening(self) -> bool:
        return self._server is not None

    def on(self, kind: str, answer: Answer) -> None:
        """From now on `answer` answers this kind."""
        self._answers[kind] = answer

    def start(self) -> None:
        """Listen; anew, when what it listened at has vanished. What is under way there goes on. Raises OSError."""
        self._directory.remove(self._tag)
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(self._directory.unfinished_path(self._tag))
            listener.listen(BACKLOG)
            self._directory.finish(self._tag)
        except OSError:
            listener.close()
            raise
        if self._server is not None:
            self._server.close()
        self._server = StreamServer(listener, self._exchange, spawn=Pool(EXCHANGES))
        self._server.start()
        _listening.add(self)

    def stop(self) -> None:
        """Listen no longer; what is under way goes on."""
        if self._server is not None:
            try:
                self._directory.remove(self._tag)
            finally:
                self.forget()

    def forget(self) -> None:
        """In a forked child: the socket is the parent's. While anybody keeps it open, a dead parent looks like a silent one."""
        if self._server is not None:
            self._server.close()
            self._server = None
            _listening.discard(self)

    def _exchange(self, sock: socket.socket, _: object) -> None:
        kind = ""
        limit = gevent.Timeout(EXCHANGE_SECONDS)
        try:
            with limit, Talk(sock) as talk:
                if talk.peer()[1] != os.geteuid():
                    self._refuse("another user's process")
                    return
                request = talk.receive()
                kind = str(request.get("kind"))
                answer = self._answers.get(kind)
                if answer is None:
                    self._refuse(f"kind {kind[:40]!r} is unknown here")
                    talk.send({"error": "kind"})
                    return
                said = answer(request, talk)
                if said is not None:
                    talk.send(said)
        except Trouble as error:
            self._refuse(str(error))
        except gevent.Timeout as raised:
            if raised is not limit:
                raise
            self._refuse(f"it took longer than {EXCHANGE_SECONDS} s")
        except Exception:
            self._counters["siblings.failed"] += 1
            logger.exception("could not answer a request of the kind %r", kind[:40])

    def _refuse(self, why: str) -> None:
        self._counters["siblings.refused"] += 1
        logger.info("ended an exchange with another process: %s", why)


_listening: weakref.WeakSet[Control] = weakref.WeakSet()


def _forget_all() -> None:
    for control in list(_listening):
        control.forget()


os.register_at_fork(after_in_child=_forget_all)


def can_listen() -> bool:
    """Whether this system tells who is at the other end of a unix socket. Linux does."""
    return hasattr(sockets, "SO_PEERCRED") and hasattr(os, "geteuid")
