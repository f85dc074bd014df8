"""`lona-sync run --live-reload`: a process that watches the project, and starts the program anew in another one.

It keeps the listening socket, which the processes inherit one after the other, and answers at it by itself while the program does
not start. See `server/process/live_reload.py` for what pages do, `server/process/supervised.py` for the other end of what is
said here.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from gevent import socket
from gevent.queue import Queue

from ..server.http.networks import is_own_browser
from ..server.http.serving import Server, listen
from ..server.process.live_reload import LiveReload, Numbers
from ..server.process.supervised import ENVIRONMENT
from ..settings import Settings
from ..siblings import Talk
from ..siblings.talk import Away
from .project import CODE, STYLES, Project

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("lona_sync.live_reload")

#: Seconds that a process has to end; views are given less (`app.run`).
_PATIENCE = 6.0
#: Seconds after a change in which no other one may come: editors write several files.
_CALM = 0.1
#: Characters of an error that are shown.
_LONGEST = 50_000


class Supervisor:
    """Runs `command` again and again. `host`, `port`: where to show an error before the program has said where it listens."""

    def __init__(self, command: Sequence[str], folders: Iterable[Path], *, host: str, port: int) -> None:
        self._command = command
        self._project = Project(folders)
        self._host = host
        self._port = port
        self._networks: tuple[str, ...] = Settings.LIVE_RELOAD_NETWORKS
        self._listener: socket.socket | None = None
        self._numbers = Numbers(run=0)
        #: What has happened: ('changed', endings), ('said', process, message), ('ended', process, status), ('told', signal).
        self._events: Queue[tuple[Any, ...]] = Queue(maxsize=100)          # Any: see above; who has more to say waits
        self._process: _Process | None = None
        self._stand_in: _StandIn | None = None
        self._has_served = False

    def run(self) -> int:
        """Until a signal ends it, or the program ends by itself; the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM):
            gevent.signal_handler(number, self._events.put, ("told", number))
        gevent.spawn(self._watch)
        self._start()
        try:
            while True:
                what, *about = self._events.get()
                status = getattr(self, f"_{what}")(*about)
                if status is not None:
                    return int(status)
        finally:
            self._end_stand_in()
            self._end_process()

    # What happens. Each returns an exit status, or None to go on.

    def _told(self, number: int) -> int:
        if self._process is not None and number == signal.SIGINT:
            self._process.wait(_PATIENCE)                # the terminal has told it, too
        return 0 if number == signal.SIGTERM else 128 + number

    def _changed(self, endings: set[str]) -> None:
        if endings & CODE or self._process is None:
            page = self._numbers.page + (not endings <= CODE)
            self._numbers = self._numbers._replace(page=page, styles=self._numbers.styles + bool(endings & STYLES))
            logger.info("a file has changed: starting again")
            self._end_process()
            self._start()
            return
        if endings <= STYLES:
            self._numbers = self._numbers._replace(styles=self._numbers.styles + 1)
        else:
            self._numbers = self._numbers._replace(page=self._numbers.page + 1)
        self._process.tell(self._numbers)

    def _said(self, process: _Process, message: dict[str, Any]) -> None:         # Any: JSON
        if process is not self._process:
            return                                       # its last words
        if "failed" in message:
            process.error, process.for_good = str(message["failed"]), bool(message.get("for_good"))
            return
        self._has_served = True
        self._host, self._port, self._networks = message["host"], message["port"], tuple(message["networks"])
        self._project.add(message["folders"], message["files"])
        if process.descriptors:
            if self._listener is not None:
                self._listener.close()
            self._listener = socket.socket(fileno=process.descriptors.pop())

    def _ended(self, process: _Process, status: int) -> int | None:
        if process is not self._process:
            return None                                  # we have ended it
        self._process = None
        process.close()
        if status == 0 or (process.for_good and not self._has_served):
            return status
        error = process.error or f"The program has ended with status {status}. What it wrote stands in the terminal."
        self._stand_in = _StandIn(
            error, listener=self._listener or listen(self._host, self._port), numbers=self._numbers, networks=self._networks,
        )
        self._listener = self._stand_in.listener
        logger.error("the program does not start; pages show why, until a file changes")
        return None

    def _watch(self) -> None:
        while True:
            gevent.sleep(self._project.pause)
            endings = self._project.changed()
            while endings:
                gevent.sleep(_CALM)
                more = self._project.changed()
                if not more:
                    self._events.put(("changed", endings))
                    break
                endings |= more

    # The process.

    def _start(self) -> None:
        self._end_stand_in()
        self._numbers = self._numbers._replace(run=self._numbers.run + 1)
        self._process = _Process(
            self._command, self._events, listener=self._listener,
            told={"numbers": self._numbers._asdict(), "host": self._host, "port": self._port},
        )

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _end_stand_in(self) -> None:
        stand_in, self._stand_in = self._stand_in, None
        if stand_in is not None:
            self._listener = stand_in.end()


class _Process:
    """One run of the program. `events` hears what it says, and when it has ended."""

    def __init__(
        self, command: Sequence[str], events: Queue[tuple[Any, ...]], *, listener: socket.socket | None, told: dict[str, Any],
    ) -> None:
        self.error = ""
        self.for_good = False
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), *([listener.fileno()] if listener is not None else [])]
        told = {**told, "link": descriptors[0], "listener": descriptors[1] if listener is not None else None}
        with theirs:
            self._process = subprocess.Popen(
                # Without the files that Python keeps of modules: it takes them for current when two versions of one size are saved
                # within a second.
                command, pass_fds=descriptors, env={**os.environ, ENVIRONMENT: json.dumps(told), "PYTHONDONTWRITEBYTECODE": "1"},
            )
        self._talk = Talk(ours)
        self._events = events
        self._listening = gevent.spawn(self._listen)
        gevent.spawn(self._wait)

    @property
    def descriptors(self) -> list[int]:
        """Those that it has sent and nobody has taken."""
        return self._talk.descriptors

    def tell(self, numbers: Numbers) -> None:
        try:
            self._talk.send({"numbers": numbers._asdict()})
        except Away as error:
            logger.debug("the program hears nothing any more: %s", error)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended by then."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> None:
        """End it, in good order if it can. Waits."""
        if self._process.poll() is None:
            self._process.terminate()
            if not self.wait(_PATIENCE):
                logger.warning("the program did not end within %s s and is killed", _PATIENCE)
                self._process.kill()
                self._process.wait()
        self.close()

    def close(self) -> None:
        self._talk.close()

    def _listen(self) -> None:
        try:
            while True:
                self._events.put(("said", self, self._talk.receive()))
        except Away as error:
            logger.debug("the program says nothing any more: %s", error)

    def _wait(self) -> None:
        status = self._process.wait()
        self._listening.join(1.0)                        # what it has said comes first
        self._events.put(("ended", self, status))


class _StandIn:
    """Answers in the place of the program."""

    def __init__(self, error: str, *, listener: socket.socket, numbers: Numbers, networks: Sequence[str]) -> None:
        self.listener = listener
        error = error[-_LONGEST:]
        self._reload = LiveReload(_page_of(error, networks), numbers=numbers, networks=networks, error=error)
        # A copy: the server closes what it is given, and others are to listen there after it.
        self._server = Server(self._reload, "localhost", 0, listener=listener.dup())
        self._server.start()

    def end(self) -> socket.socket:
        """Answer no longer; the socket, at which others go on."""
        self._reload.end()
        self._server.stop(0.2)
        return self.listener


def _page_of(error: str, networks: Sequence[str]) -> Any:        # Any: a WSGI application
    """An application that says why there is no other one; of what went wrong only to those who may know."""
    head = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'>"
    page = (
        f"{head}<title>The program does not start</title><link rel=icon href='data:,'><body style='{_BODY}'>"
        f"<h1 style='{_HEAD}'>The program does not start</h1><pre style='{_TEXT}'>{escape(error)}</pre>"
        f"<p style='{_FOOT}'>This page comes back when the file is saved again.</p>\n"
    )

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        told = page if is_own_browser(environ, networks, "LIVE_RELOAD_NETWORKS") else f"{head}<p>The program does not start.\n"
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), ("Retry-After", "1")]
        start_response("503 Service Unavailable", headers)
        return [told.encode()]

    return answer


# As in client/live_reload.js, which shows the same above a page that is open.
_BODY = "margin: 0; padding: clamp(1rem, 4vw, 3rem); background: #1b1b1b; color: #eee; font: 15px/1.5 ui-monospace, monospace"
_HEAD = "margin: 0 0 1rem; color: #ff8a8a; font: 600 1.3rem/1.3 system-ui, sans-serif"
_TEXT = "margin: 0; white-space: pre-wrap; overflow-wrap: anywhere"
_FOOT = "margin: 1rem 0 0; color: #aaa; font: 14px/1.4 system-ui, sans-serif"
