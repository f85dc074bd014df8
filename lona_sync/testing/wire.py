"""One socket of a page in a test: a `Transport` for the server's connection, a line for the page, and no I/O between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import gevent

from ..server.sockets.connection import Connection
from ..views.clock import Timer
from ..wire import protocol
from .clock import VirtualClock
from .lane import Lane

HELD_SECONDS = 1.0               # that an event waits for another one to overtake it

_FRAME = re.compile(rb"\[[23],\d+,(\d+),")       # SNAPSHOT and FRAME: window, number


class End(Protocol):
    """What a wire needs of the page at its end. Nothing of it waits."""

    def take(self, message: bytes) -> None:
        """A message has arrived."""

    def shut(self, code: int) -> bool:
        """The server has closed the socket. Whether all that came before has been read."""

    def cut(self, *, comes_back: bool) -> None:
        """The socket is gone, and nobody has said why."""

    def come_back(self) -> None:
        """Open a new socket now, if there is none."""

    def failed(self, error: Exception) -> None:
        """The server has raised this where nobody could catch it."""


class Faults(Protocol):
    """What a wire asks of its network; see `network.Network`."""

    clock: VirtualClock
    latency: float
    bytes_per_second: float | None

    @property
    def happened(self) -> Any: ...           # Any: a Counter of names

    @property
    def silence(self) -> float: ...

    def pass_by(self, wire: Wire, point: str, number: int) -> None: ...

    def mischief(self, wire: Wire, message: Message | None) -> tuple[float, Literal["duplicate", "reorder"] | None]: ...

    def mischief_after(self, wire: Wire) -> None: ...

    def ended(self, wire: Wire) -> None: ...


@dataclass(frozen=True, slots=True)
class Message:
    """One of the page's. `event`: its number, 0 when it is no event."""
    text: str
    event: int

    @property
    def is_event(self) -> bool:
        return self.event > 0


class Wire:
    """The server's end is `connection`, which is made for it and set before anything is sent."""

    connection: Connection

    def __init__(self, faults: Faults, page: End) -> None:
        self.page = page
        self._faults = faults
        self._over = False                           # nothing passes any more
        self._upward: Lane[Message] = Lane(faults.clock, self._arrive, page.failed)
        self._downward: Lane[bytes] = Lane(faults.clock, self._reach, page.failed)
        self._newest = 0                             # the last event that was sent for the first time
        self._held: Message | None = None            # an event that is to be overtaken
        self._held_timer: Timer | None = None
        self._full = False                           # the server was told that not all is sent
        self._free_at = 0.0                          # when a slow line has sent all it has

    # The page's end.

    def transmit(self, message: protocol.ClientMessage) -> None:
        """Send it to the server."""
        if self._over:
            return
        sent = Message(protocol.encode(message), message.number if isinstance(message, protocol.Event) else 0)
        if sent.is_event:
            self._faults.pass_by(self, "before_event", sent.event)
        pause, trick = (0.0, None) if self._over else self._faults.mischief(self, sent)
        if self._over:
            self._faults.happened["lost"] += 1
            return
        again, self._newest = sent.event <= self._newest, max(self._newest, sent.event)
        if trick == "reorder" and self._held is None and not again:
            self._faults.happened["reorder"] += 1
            self._held = sent
            self._held_timer = self._faults.clock.timer(HELD_SECONDS, self._release)
            return
        self._upward.put(sent, self._faults.latency + pause)
        if trick == "duplicate":
            self._faults.happened["duplicate"] += 1
            self._upward.put(sent, self._faults.latency)
        if sent.is_event:
            self._release()

    def has_read(self, frame: int) -> None:
        """The page has applied this frame."""
        if not self._over:
            self._faults.pass_by(self, "after_frame", frame)
        if not self._over:
            self._faults.mischief_after(self)

    def end(self, *, clean: bool) -> None:
        """The page ends it, with or without a goodbye, and the server learns it at once."""
        if not self._over:
            self._end()
            self.connection.ended(clean=clean)

    # The server's end (`connection.Transport`).

    @property
    def unsent(self) -> int:
        unsent = self._downward.bytes if self._faults.bytes_per_second is not None else 0
        self._full = self._full or unsent > 0
        return unsent

    @property
    def backlog(self) -> int:
        return self._downward.bytes

    def send(self, message: bytes) -> None:
        found = _FRAME.match(message)
        if found and not self._over:
            self._faults.pass_by(self, "before_frame", int(found[1]))
        pause = 0.0 if self._over else self._faults.mischief(self, None)[0]
        if self._over:
            self._faults.happened["lost"] += 1
            return
        self._downward.put(message, self._faults.latency + pause + self._transfer(len(message)), len(message))

    def close(self, code: int, reason: str = "") -> None:
        if not self._over:
            self._downward.put(b"%d" % code, self._faults.latency)       # no message: those are arrays

    # What befalls it. The server learns it later: it may be in the middle of sending something.

    def drop(self) -> None:
        """It is gone, and the server learns it."""
        if not self._over:
            self._end()
            self.page.cut(comes_back=True)
            gevent.get_hub().loop.run_callback(self._tell, False)

    def leave(self) -> None:
        """The page has said goodbye."""
        if not self._over:
            self._end()
            self.page.cut(comes_back=False)
            gevent.get_hub().loop.run_callback(self._tell, True)

    def vanish(self) -> None:
        """It is gone, and the server learns it when nobody has answered its ping."""
        if not self._over:
            self._end()
            self.page.cut(comes_back=True)
            self._faults.clock.idle_timer(self._faults.silence, self._tell, False)

    def abandon(self) -> None:
        """The page uses another one from now on. The server learns it as if this one had vanished."""
        if not self._over:
            self._end()
            self._faults.clock.idle_timer(self._faults.silence, self._tell, False)

    def hurry(self) -> None:
        """All that is on its way arrives now."""
        self._release()
        self._upward.hurry()
        self._downward.hurry()

    # Inside.

    def _tell(self, clean: bool) -> None:
        try:
            self.connection.ended(clean=clean)
        except Exception as error:
            self.page.failed(error)

    def _end(self) -> None:
        self._over = True
        if self._held_timer is not None:
            self._held_timer.close()
        self._faults.happened["lost"] += self._upward.clear() + self._downward.clear() + (self._held is not None)
        self._held = None
        self._faults.ended(self)

    def _release(self) -> None:
        held, self._held = self._held, None
        if self._held_timer is not None:
            self._held_timer.close()
            self._held_timer = None
        if held is not None:
            self._upward.put(held, self._faults.latency)

    def _transfer(self, size: int) -> float:
        """Seconds until a slow line has sent so many bytes more."""
        speed = self._faults.bytes_per_second
        if speed is None:
            return 0.0
        now = self._faults.clock.now()
        self._free_at = max(now, self._free_at) + size / speed
        return self._free_at - now

    def _arrive(self, message: Message) -> None:
        self.connection.received(message.text)
        if message.is_event and not self._over:
            self._faults.pass_by(self, "after_event", message.event)
        if not self._over:
            self._faults.mischief_after(self)

    def _reach(self, message: bytes) -> None:
        if message[:1] != b"[":
            self._end()
            answered = self.page.shut(int(message))
            gevent.get_hub().loop.run_callback(lambda: self.connection.parted(answered=answered))
            return
        self.page.take(message)
        if self._full and not self._downward.bytes:
            self._full = False
            self.connection.drained()
