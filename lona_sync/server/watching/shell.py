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
from collections.abc import Callable, Mapping
from typing import Any

import gevent
from gevent import socket

from ...settings import Settings
from ...siblings import Talk
from ...siblings.talk import Away
from .shell_session import Command, Session

logger = logging.getLogger("lona_sync.shell")

KIND = "shell"
#: At one time. Each is a person.
SESSIONS = 10


class Shell:
    """`namespace()`: what a session finds at its beginning; each has its own. `commands`: what follows a `%`, by name."""

    def __init__(
        self, *, settings: Settings, namespace: Callable[[], dict[str, Any]], commands: Mapping[str, Command],
        banner: Callable[[], str], counters: Counter[str],
    ) -> None:                                           # Any: whatever there is
        self._settings = settings
        self._namespace = namespace
        self._commands = commands
        self._banner = banner
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
                Session(talk, self._namespace(), self._commands, banner=self._banner()).run()
        except Away:
            pass                                         # it has gone, which is its way to end
        except Exception:
            logger.exception("a shell failed")
        finally:
            self._open -= 1
            logger.info("the shell of process %d is closed", process)
