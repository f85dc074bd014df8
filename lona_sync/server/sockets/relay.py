"""A window whose view is in another process, on a connection that cannot go there as a whole.

A connection that shows other windows as well has to stay where these are, and one whose TLS ends in this process has to stay for
good. The window's messages then go through this process: one end of a pair of sockets is handed over in the browser's place
(`handover`), so that the owner of the view need not know; at the other end stands a `Relay`, which carries messages to and fro.

    browser ──── Connection (window 1: a view here; window 2: a Relay) ──── pair of sockets ──── Connection of the owner (window 2)

The owner sends no more than `WINDOW` bytes that the browser has not acknowledged, and this process takes the next message only
when the browser has taken the last one. In the other direction `MESSAGE_BYTES` may wait; beyond that the connection ends with 4001,
and the browser comes back. So it does when the pair of sockets ends: nothing is lost, and whoever is asked then knows what is left.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

import gevent
from gevent import socket
from gevent.event import Event

from ...settings import Settings
from ...siblings import Trouble
from ...wire import protocol
from ...wire.protocol import ClientMessage, CloseCode, Down, Open
from ..entry import Elsewhere
from .connection import Connection
from .frames import CLOSE, NO_CODE, PING, PONG, TEXT, OwnFrameReader, decode_close, encode_masked
from .handover import is_restart, shut_down, view_is_gone
from .remote import Errand

logger = logging.getLogger("lona_sync.server.handover")

_READ_BYTES = 64 * 1024
#: Seconds before a process that is there, and did not take a window, is asked again.
_PAUSE = 0.5
#: The first bytes of messages after which the window shows nothing; those for the connection, not for a window; all others pass.
_LAST = (b"[%d," % Down.GONE, b"[%d," % Down.REFUSED)
_NOT_FOR_WINDOWS = (b"[%d," % Down.WELCOME, b"[%d]" % Down.PONG)

#: Brings a socket to the process that has the view, with what that is to read first; `Handover.give` with the rest filled in.
Bring = Callable[[Elsewhere, socket.socket, bytes], None]


class Relay:
    """One window of `connection`. `start` brings the errand there; until it has arrived, messages wait."""

    def __init__(
        self, errand: Errand, connection: Connection, *, bring: Bring, unsent: Callable[[], int], settings: Settings,
        counters: Counter[str],
    ) -> None:
        self.view = errand.elsewhere.view
        self.accepted = 0
        self._errand = errand
        self._window = errand.message.window
        self._connection = connection
        self._bring = bring
        self._browser_unsent = unsent
        self._outbox_bytes = settings.MESSAGE_BYTES
        self._send_timeout = settings.SEND_TIMEOUT
        self._counters = counters
        self._ours, self._theirs = socket.socketpair()
        self._outbox = bytearray()
        self._more = Event()                        # something is in the outbox, or the end has come
        self._room = Event()                        # the browser has taken all
        self._ended = False
        self._goodbye = False                       # and the other end is to know that the window has left

    def start(self) -> None:
        """Never waits."""
        gevent.spawn(self._run)

    # What the connection tells (`remote.Remote`).

    def forward(self, message: ClientMessage) -> None:
        self._put(encode_masked(TEXT, protocol.encode(message).encode()))

    def drained(self) -> None:
        self._room.set()

    def end(self, *, clean: bool) -> None:
        if self._ended:
            return
        self._ended = True
        self._goodbye = clean
        self._more.set()
        self._room.set()
        if not clean:
            shut_down(self._ours)                   # it may be in the middle of sending

    # Greenlets.

    def _run(self) -> None:
        self._counters["relays"] += 1
        try:
            if self._introduce():
                gevent.spawn(self._read)
                self._write()
        except Exception:
            logger.exception("a window of another process's view failed")
            self._connection.close(CloseCode.INTERNAL)
        finally:
            self._ours.close()                      # which also ends `_read`
            self._theirs.close()

    def _introduce(self) -> bool:
        """Bring the errand to the view's process, however often it takes; False: in vain."""
        message = self._errand.message
        while not self._ended:
            try:
                self._bring(self._errand.elsewhere, self._theirs, encode_masked(TEXT, protocol.encode(message).encode()))
            except Trouble as error:
                if self._ended:
                    break                           # the window shows something else by now
                if view_is_gone(error):
                    self._step_aside()
                    self._connection.not_there(message, restarted=is_restart(error))
                    return False
                if isinstance(message, Open):
                    self._step_aside()
                    self._connection.try_later(message)
                    return False
                # It lives. The browser's other windows need not suffer from it, and this one cannot but wait.
                logger.info("the process of a view does not take a window (%s); trying again", error)
                gevent.sleep(_PAUSE)
            else:
                self._theirs.close()
                return True
        return False

    def _step_aside(self) -> None:
        self.end(clean=True)
        self._connection.remote_ended(self._window, self)

    def _put(self, frame: bytes) -> None:
        if self._ended:
            return
        self._outbox += frame
        self._more.set()
        if len(self._outbox) > self._outbox_bytes:
            self._counters["relays.deaf"] += 1
            self._connection.close(CloseCode.BUSY, "the view's process does not answer")

    def _write(self) -> None:
        """Until the end."""
        try:
            while True:
                while self._outbox:
                    data, self._outbox = self._outbox, bytearray()
                    self._send(data)
                if self._ended:
                    break
                self._more.clear()
                self._more.wait()
            if self._goodbye:
                self._send(encode_masked(CLOSE, CloseCode.GOODBYE.to_bytes(2, "big")))
        except OSError:
            self._over(NO_CODE)

    def _send(self, data: bytes | bytearray) -> None:
        with gevent.Timeout(self._send_timeout, TimeoutError("the view's process reads nothing")):
            self._ours.sendall(data)

    def _read(self) -> None:
        """Until either end closes."""
        frames = OwnFrameReader()
        while True:
            while (frame := frames.next()) is not None:
                opcode, payload = frame
                if opcode == TEXT:
                    self._pass(payload)
                elif opcode == PING:
                    self._put(encode_masked(PONG, payload))
                elif opcode == CLOSE:
                    self._over(decode_close(payload))
                    return
            try:
                data = self._ours.recv(_READ_BYTES)
            except OSError:
                data = b""
            if not data:
                self._over(NO_CODE)
                return
            frames.feed(data)

    def _pass(self, message: bytes) -> None:
        while self._browser_unsent() and not self._ended:
            self._room.clear()
            self._room.wait()
        if message.startswith(_NOT_FOR_WINDOWS):
            return
        accepted = protocol.accepted_in(message)
        if accepted is not None:
            self.accepted = accepted
        self._connection.relay(self._window, self, message)
        if message.startswith(_LAST):
            self._connection.remote_ended(self._window, self)

    def _over(self, code: int) -> None:
        """The other end has closed. What it had is still somewhere, or is not: the browser asks."""
        if not self._ended:
            self._counters["relays.lost"] += 1
            self._connection.close(CloseCode.BUSY if code == NO_CODE else code, "the view's process has ended the connection")
