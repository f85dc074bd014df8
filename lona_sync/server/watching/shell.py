"""The door for `lona-sync shell`: an interpreter inside of this process, for whoever runs it, if `SHELL` allows it.

It runs any code, so it is closed by default; and it is never at an address. Who knocks comes by the socket of the siblings: the
kernel tells that he is the user of this process, who could attach a debugger to it as well. He hands over one end of a pair of
sockets, on which all the rest goes (`shell_session`), since an exchange with a sibling is short.
"""

from __future__ import annotations

import logging
import os
import socket as sockets
import stat
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

import gevent
from gevent import socket

from ...settings import Settings
from ...siblings import Talk
from ...siblings.talk import Away

logger = logging.getLogger("lona_sync.shell")

KIND = "shell"
#: At one time. Each is a person.
SESSIONS = 10


class Session(Protocol):
    """One conversation: `shell_session.Session`."""

    def run(self) -> None:
        """Waits until it is over. Raises `siblings.Away` when the terminal has gone."""


class Shell:
    """`session(talk)` begins one with whoever is at the other end."""

    def __init__(self, *, settings: Settings, session: Callable[[Talk], Session], counters: Counter[str]) -> None:
        self._settings = settings
        self._session = session
        self._counters = counters
        self._open = 0

    def answer(self, request: dict[str, Any], talk: Talk) -> dict[str, Any] | None:        # Any: JSON
        """Who knocks is told whether he may come in; then he sends his end. Waits for it."""
        refusal = "off" if not self._settings.SHELL else "full" if self._open >= SESSIONS else ""
        if refusal:
            self._counters["shell.refused"] += 1
            logger.warning("process %d was refused a shell: %s", talk.peer()[0], refusal)
            return {"error": refusal}
        talk.send({"ready": os.getpid()})
        talk.receive()
        if len(talk.descriptors) != 1 or not stat.S_ISSOCK(os.fstat(talk.descriptors[0]).st_mode):
            raise Away("expected one socket")
        sock = socket.socket(sockets.AF_UNIX, fileno=talk.descriptors.pop())
        gevent.spawn(self._run, Talk(sock), talk.peer()[0])
        return None

    def _run(self, talk: Talk, process: int) -> None:
        logger.warning("a shell of process %d is open", process)
        self._counters["shell.opened"] += 1
        self._open += 1
        try:
            with talk:
                self._session(talk).run()
        except Away:
            pass                                         # it has gone, which is its way to end
        except Exception:
            logger.exception("a shell failed")
        finally:
            self._open -= 1
            logger.info("the shell of process %d is closed", process)
