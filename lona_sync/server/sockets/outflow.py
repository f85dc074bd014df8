"""What one browser is sent, and when: all windows of a connection share its socket, and so what is under way on it.

Nothing is queued here. A window is a cursor in its view's log; `flush` sends what lies behind the cursor at once, in the
greenlet that made the change, as long as fewer than `WINDOW` bytes are unacknowledged and the transport has taken all
that came before. Otherwise the cursor waits for the next acknowledgement, or for the transport to drain.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Protocol

from ...settings import Settings
from ...views.client import Client
from ...views.clock import Clock
from ...views.runtime import ViewRuntime
from ...wire import protocol
from ...wire.protocol import CloseCode
from .receipts import Receipts
from .rounds import Rounds
from .stalled import StallWatch
from .traffic import excerpt, traffic


class Transport(Protocol):
    """What carries messages: a WebSocket, or a test. Neither method waits."""

    @property
    def unsent(self) -> int:
        """Bytes that it has taken and not sent yet. When this falls to 0 it calls `Connection.drained`."""

    @property
    def backlog(self) -> int | None:
        """Bytes that the peer's machine has not taken yet, those that wait in our kernel included. None: nobody knows."""

    def send(self, message: bytes) -> None:
        """One text message. A no-op when the transport has ended."""

    def close(self, code: int, reason: str = "") -> None:
        """End it; the peer is told why."""


class Host(Protocol):
    """What the outflow needs of its connection."""

    @property
    def name(self) -> str:
        """For the log."""

    def close(self, code: int, reason: str = "") -> None:
        """End the connection, and with it the outflow."""


class Outflow:
    """Sends to one browser. `windows`: what each shows; they are the connection's, which changes them.
    `under_way`: those to whom something is.

    None of its methods waits.
    """

    __slots__ = (
        "_counters", "_host", "_over", "_receipts", "_settings", "_too_big", "_transport", "_watch", "_windows",
        "in_flight", "written",
    )

    def __init__(
        self, *, host: Host, transport: Transport, windows: dict[int, tuple[ViewRuntime, Client]], settings: Settings,
        clock: Clock, receipts: Receipts, under_way: Rounds, counters: Counter[str],
    ) -> None:
        self._host = host
        self._transport = transport
        self._windows = windows
        self._settings = settings
        self._receipts = receipts
        self._counters = counters
        self._over = False
        self._too_big: Client | None = None                # waits until nothing is under way, and the others behind it
        self._watch = StallWatch(host=self, rounds=under_way, clock=clock)
        #: Bytes sent and not acknowledged, all windows together.
        self.in_flight = 0
        #: Bytes that the transport was given, ever.
        self.written = 0

    def send(self, message: bytes) -> None:
        """One message, at once, whatever is under way."""
        if self._over:
            return
        if self._transport.unsent > self._settings.MESSAGE_BYTES:
            # Asks without reading the answers: each costs us memory and him nothing.
            self._counters["connections.deaf"] += 1
            self._host.close(CloseCode.TIMEOUT, "the answers were not read")
            return
        self._send(message)

    def _send(self, message: bytes) -> None:
        self._counters["bytes.out"] += len(message)
        self.written += len(message)
        if traffic.isEnabledFor(logging.DEBUG):
            traffic.debug("sent %s", excerpt(message.decode(errors="replace")), extra={"connection": self._host.name})
        self._transport.send(message)

    def flush_all(self) -> None:
        """As `flush`, for each window."""
        for runtime, client in list(self._windows.values()):
            self.flush(runtime, client)

    def flush(self, runtime: ViewRuntime, client: Client) -> None:
        """Send what this window has not got yet, as far as there is room."""
        document, cursor = runtime.document, client.cursor
        log = document.log
        while cursor.sent < log.last and not self._over and not self._transport.unsent:
            if self._too_big is not None and self._too_big is not client:
                return                                     # many small ones would keep the large one out for ever
            room = self._settings.WINDOW - self.in_flight
            if room <= 0 or (self.in_flight and client.too_big > room):
                return                                     # it did not fit last time, and still does not
            patches = document.since(cursor, room)
            if patches is not None:
                number = log.last
                message = protocol.frame(client.window, number, client.accepted, patches)
            elif document.locked:
                if self._too_big is client:
                    self._too_big = None
                    self.flush_all()                       # the others need not wait until it is unlocked
                return
            else:
                snapshot = document.snapshot()
                number = snapshot.number
                message = protocol.snapshot(client.window, number, client.accepted, snapshot.body)
                self._counters["snapshots"] += 1
            size = len(message)
            if self.in_flight and size > room:
                client.too_big = size
                self._too_big = client
                return                                     # larger than the room: it goes alone, when nothing is under way
            client.too_big = 0
            self._too_big = None
            cursor.sent = number
            client.told = client.accepted
            client.in_flight.append((number, size))
            self.in_flight += size
            self._counters["frames"] += 1
            self._send(message)
            if not self._watch.watches and not self._over:
                self._watch.start()

    def acknowledged(self, runtime: ViewRuntime, client: Client, frame: int) -> None:
        """The browser has applied the window's frames up to this one, which leaves room for others."""
        log, cursor, in_flight = runtime.document.log, client.cursor, client.in_flight
        log.acknowledge(cursor, frame)
        while in_flight and in_flight[0][0] <= frame:
            self.in_flight -= in_flight.pop(0)[1]
            self._watch.moved = True
        if cursor.sent < log.last or len(self._windows) > 1:
            self.flush_all()

    def forget(self, client: Client) -> None:
        """Its window shows something else: nothing of it is under way any more."""
        self.in_flight -= sum(size for _, size in client.in_flight)
        client.in_flight.clear()
        client.too_big = 0
        if self._too_big is client:
            self._too_big = None

    def acknowledge_soon(self) -> None:
        """Tell the browser within `ACK_DELAY` which events were taken, if no frame does."""
        self._receipts.owe(self)

    def acknowledge_events(self) -> None:
        """Tell the browser now which events were taken, as far as it does not know."""
        for _, client in self._windows.values():
            if client.told < client.accepted:
                client.told = client.accepted
                self.send(protocol.ack(client.window, client.accepted))

    def close(self) -> None:
        """The connection is over: nothing is sent any more."""
        self._over = True
        self._windows = {}
        self._receipts.forget(self)
        self._watch.close()

    # For the watch.

    @property
    def backlog(self) -> int | None:
        return self._transport.backlog

    def stalled(self) -> None:
        """The browser has read nothing for `SEND_TIMEOUT`. It may come back."""
        self._counters["connections.stalled"] += 1
        self._host.close(CloseCode.TIMEOUT, "nothing was read")
