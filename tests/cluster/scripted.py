"""A page of a browser that lives by itself: it comes back when its socket was lost, and goes on, as the client in JavaScript does.

It follows docs/protocol.md as `client/connection.js` and `client/window.js` do: events are numbered and kept until they are
acknowledged, also while there is no socket; a lost socket is opened again after a while that doubles, half of it by chance; the
view is resumed with the last frame that was applied. Each frame is applied to a model of the DOM, strictly. Hundreds of them fit
into a process.

Its like for tests of one process, in virtual time, is `lona_sync.testing.Page`; for tests that go step by step, `windows.View`.
"""

from __future__ import annotations

import json
import random
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gevent
from gevent import socket
from gevent.event import Event
from gevent.lock import BoundedSemaphore

from lona_sync.testing import ModelDOM, ModelElement
from lona_sync.wire import protocol
from lona_sync.wire.protocol import CloseCode, Down
from tests.server.raw_client import CLOSE, PING, PONG, TEXT, RawClient, close_frame, connect, frame

SOCKET = "/_lona_sync/socket"
WINDOW = 1
ACKNOWLEDGE = 1.0                    # seconds that frames wait for an event to do that
SHORTEST, LONGEST = 0.1, 10.0        # seconds, at most, until the next try
KEPT = 1000                          # events, while they are not acknowledged
GOODBYE = 1001


@dataclass(frozen=True, slots=True)
class Return:
    """A lost page is back: when its new socket was open, and when it had all that it had missed, and was rid of all it had kept."""
    opened: float
    caught_up: float


class ScriptedPage:
    """One tab, of the user of `cookie`, that shows `url`. `shown` is set while there is a view that can be used.

    `resumes` counts the times that its view went on, `restarts` those that another one began in its place. `error`: why it has
    given up, which none should.
    """

    def __init__(self, port: int, url: str, cookie: str, chance: random.Random) -> None:
        self.url = url
        self.dom = ModelDOM()
        self.frame = 0               # the last one applied
        self.pending: deque[protocol.Event] = deque()
        self.shown = Event()
        self.returns: list[Return] = []
        self.resumes = self.restarts = self.snapshots = 0
        self.error: Exception | None = None
        self._port = port
        self._cookie = cookie
        self._chance = chance
        self._raw: RawClient | None = None
        self._sending = BoundedSemaphore()
        self._online = Event()
        self._leaving = False
        self._options: dict[str, float] = {"window": 65_536, "ping": 20}
        self._view = self._secret = ""
        self._client = 0
        self._number = 0             # of the last event
        self._nodes: dict[str, int] = {}
        self._unacknowledged = 0     # bytes
        self._due: float | None = None         # when frames are acknowledged, if no event does it before
        self._opened = 0.0
        self._back: float | None = None        # when the socket was open again, until all is caught up
        self._owed = 0               # the last event that was made before that and not acknowledged; 0: none
        self._resumed = self._news = False     # on this socket: whether the view goes on, and has shown something
        self._greenlet = gevent.spawn(self._live)

    def __repr__(self) -> str:
        state = "connected" if self._raw is not None else "lost"
        return f"<{self.url} {state}, resumed {self.resumes} times, begun anew {self.restarts} times, {self.error!r}>"

    @property
    def is_connected(self) -> bool:
        """There is a socket, as far as the page knows. Only then is the server told when it is closed."""
        return self._raw is not None

    # What the user does.

    def click(self, selector: str, x: int = 1) -> bool:
        """False: nothing is shown that could be clicked on, or too much waits already."""
        if not self.shown.is_set():
            return False
        node = self._node(selector)
        return self._issue("click", node, [x, 1, 10, 10, 0, node])

    def type(self, selector: str, text: str) -> bool:
        """Replace the value of a text field. False: as of `click`."""
        if not self.shown.is_set():
            return False
        element = self.dom.get(self._node(selector))
        assert isinstance(element, ModelElement)
        if not self._issue("change", element.id, text):
            return False
        element.value = text
        self.dom.user_changed(element, self._number)
        return True

    def fire(self, name: str, data: object = None) -> bool:
        """A custom event of the page. False: as of `click`."""
        return self.shown.is_set() and self._issue(name, 0, data)

    def go_online(self) -> None:
        """The browser has learned that there is a network again: it does not wait for its next try."""
        self._online.set()

    def vanish(self) -> None:
        """The machine is switched off: the socket ends without a goodbye, and nobody comes back."""
        self._greenlet.kill()

    def close(self) -> None:
        """The tab is closed: its view ends at once, if there is a socket to say so. Waits until the server has heard it."""
        self._leaving = True
        if self._raw is None:
            self._greenlet.kill()
        else:
            self._transmit(close_frame(GOODBYE))
        self._greenlet.join()

    # Inside.

    def _live(self) -> None:
        wait = SHORTEST
        while not self._leaving:
            self._opened = time.monotonic()
            try:
                self._connect()
                self._read()
            except OSError:          # ConnectionError and TimeoutError among them: lost
                if time.monotonic() - self._opened > wait:
                    wait = SHORTEST
            except Exception as error:
                self.error = error
                raise
            finally:
                self._lose()
            if not self._leaving:
                self._online.clear()
                self._online.wait((1 + self._chance.random()) / 2 * wait)       # not all of them at once
                wait = min(2 * wait, LONGEST)

    def _connect(self) -> None:
        raw = RawClient(connect(("127.0.0.1", self._port)))
        try:
            self._opened = time.monotonic()
            answer = raw.request(path=SOCKET, Cookie=self._cookie)
        except BaseException:
            raw.sock.close()
            raise
        if answer.status != 101:
            raw.sock.close()
            raise ConnectionError(f"the server has answered {answer}")
        self._raw = raw
        self._resumed = self._news = False
        self._say(protocol.Hello(protocol.VERSION))
        if self._view:
            self._back, self._owed = self._opened, self._number if self.pending else 0
            self._say(protocol.Resume(WINDOW, self._view, self._secret, self.frame))
        else:
            self._open()

    def _open(self) -> None:
        self._view = ""
        self.shown.clear()
        self._say(protocol.Open(WINDOW, self.url, None, self.dom.kept or None))

    def _lose(self) -> None:
        if self._raw is not None:
            self._raw.sock.close()
            self._raw = None
        self._acknowledged()

    def _read(self) -> None:
        """Until the connection ends."""
        raw = self._raw
        assert raw is not None
        heard, asked = time.monotonic(), False
        while True:
            now = time.monotonic()
            if self._due is not None and now >= self._due:
                self._acknowledge()
            if now >= heard + self._options["ping"]:
                if asked:
                    raise ConnectionError("no sign of life")
                self._say(protocol.Ping())
                heard, asked = now, True
            if not raw.readable(min(heard + self._options["ping"], self._due or float("inf")) - now):
                continue
            opcode, payload = raw.receive()
            heard, asked = time.monotonic(), False
            if opcode == TEXT:
                self._take(json.loads(payload), len(payload))
            elif opcode == PING:
                self._transmit(frame(PONG, payload))
            elif opcode == CLOSE:
                code = int.from_bytes(payload[:2], "big") if payload else 1005
                if not self._leaving and (code >= CloseCode.BAD_MESSAGE or code in (1002, 1003, 1007, 1009)):
                    raise RuntimeError(f"the server has closed the connection for good, with {code}")
                return

    def _take(self, message: list[Any], size: int) -> None:
        kind = message[0]
        if kind == Down.WELCOME:
            self._options = message[2]
            return
        if kind == Down.PONG:
            return
        self._unacknowledged += size
        if kind == Down.STARTED:
            self._started(*message[2:])
        elif kind == Down.SNAPSHOT:
            _, _, self.frame, event, title, first, tags, stream, *kept = message
            self._accepted(event)
            self.dom.apply_snapshot(first, tags, stream, title, *kept)
            self.snapshots += 1
            self.shown.set()
            self._applied()
        elif kind == Down.FRAME:
            _, _, self.frame, event, patches = message
            self._accepted(event)
            self.dom.apply_patches(patches, self._client)
            self._applied()
        elif kind in (Down.ACK, Down.STALE):
            self._accepted(message[2])
        elif kind == Down.RESEND:
            self._accepted(message[2])
            self._send_pending()
        elif kind == Down.GONE:
            self.restarts += 1
            self._open()
        else:
            raise RuntimeError(f"the server has answered {message}")
        if self._unacknowledged * 2 >= self._options["window"]:
            self._acknowledge()
        self._look_whether_caught_up()

    def _started(self, view: str, secret: str, client: int, event: int) -> None:
        self._resumed = True
        resumes = view == self._view
        self._view, self._secret, self._client = view, secret, client
        if resumes:
            self.resumes += 1
            self._accepted(event)
            self._send_pending()
            return
        self.frame, self._number = 0, event
        self.pending.clear()
        self._nodes.clear()
        self.dom = ModelDOM()
        self._back = None

    def _applied(self) -> None:
        self._news = True
        if self._due is None:
            self._due = time.monotonic() + ACKNOWLEDGE

    def _accepted(self, event: int) -> None:
        while self.pending and self.pending[0].number <= event:
            self.pending.popleft()
        self.dom.acknowledge(event)

    def _look_whether_caught_up(self) -> None:
        """It is when what it had kept is accepted, since what the view had shown came before that; without any, when that comes."""
        if self._back is None or not self._resumed:
            return
        if not self._news if not self._owed else self.pending and self.pending[0].number <= self._owed:
            return
        self.returns.append(Return(self._back, time.monotonic()))
        self._back = None

    def _acknowledge(self) -> None:
        self._say(protocol.Ack(WINDOW, self.frame))
        self._acknowledged()

    def _acknowledged(self) -> None:
        self._unacknowledged, self._due = 0, None

    def _node(self, selector: str) -> int:
        if selector not in self._nodes:
            self._nodes[selector] = self.dom.find(selector).id
        return self._nodes[selector]

    def _issue(self, name: str, node: int, data: object) -> bool:
        if len(self.pending) >= KEPT:
            return False
        self._number += 1
        event = protocol.Event(WINDOW, self._number, self.frame, name, node, data)
        self.pending.append(event)
        self._send_event(event)
        return True

    def _send_event(self, event: protocol.Event) -> None:
        self._say(event)
        if event.frame == self.frame:
            self._acknowledged()

    def _send_pending(self) -> None:
        for event in list(self.pending):
            self._send_event(event)

    def _say(self, message: protocol.ClientMessage) -> None:
        self._transmit(frame(TEXT, protocol.encode(message).encode()))

    def _transmit(self, data: bytes) -> None:
        raw = self._raw
        if raw is None:
            return
        try:
            with self._sending:      # a user and an acknowledgement at one time, when the socket takes only half a frame
                raw.send(data)
        except OSError:
            # Lost, perhaps in the middle of a frame. What has come may still be read, and then the end: the reader comes to both.
            with suppress(OSError):
                raw.sock.shutdown(socket.SHUT_WR)
