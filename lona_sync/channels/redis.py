"""Channels between processes, over a stream of a Redis 7 or Valkey server.

    publish → outbox → writer → XADD ⇢ one stream ⇢ XREAD → reader → hub

Writer and reader are a greenlet or thread each, with a connection each; they begin when they are needed, and again after a
fork. See `docs/channels.md` for what is promised, and why it is made so.
"""

from __future__ import annotations

import atexit
import logging
import os
import time
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import gevent
from gevent import monkey

from .broker import Receiver
from .carrier import Carrier, Loop, carrier
from .cursor import Bounds
from .message import Message
from .outbox import OUTBOX_BYTES, OUTBOX_MESSAGES, Outbox
from .reader import COUNTERS, Reader
from .session import Address, Health
from .snapshot import MESSAGE_BYTES
from .writer import Writer

#: Seconds that a process which ends waits for what is not yet sent.
FLUSH_SECONDS = 5.0
#: How many entries a stream keeps for readers that were away, and for how many seconds: see `docs/channels.md`.
STREAM_LENGTH = 100_000
STREAM_SECONDS = 300.0

_logger = logging.getLogger("lona_sync.channels")
_RLock = monkey.get_original("_thread", "RLock")
_get_ident: Callable[[], int] = monkey.get_original("_thread", "get_ident")


@dataclass(frozen=True, slots=True)
class _Work:
    """What runs in one process."""

    carrier: Carrier
    writer: Writer
    reader: Reader
    loops: tuple[Loop, Loop]


class RedisBroker:
    """See `Broker`. `url`: `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS) or `unix:///path`, with the
    parameter `prefix` (default: lona_sync) to keep several applications on one server apart.

    ValueError for a URL that cannot be one, or an outbox too small for a message. It connects when it is started; with
    `trim` False, which leaves it to others to bound the stream, not before there is something to publish or to hear.
    """

    def __init__(
        self,
        url: str,
        *,
        stream_length: int = STREAM_LENGTH,
        stream_seconds: float = STREAM_SECONDS,
        outbox_messages: int = OUTBOX_MESSAGES,
        outbox_bytes: int = OUTBOX_BYTES,
        message_bytes: int = MESSAGE_BYTES,
        flush_seconds: float = FLUSH_SECONDS,
        trim: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if outbox_bytes < 2 * message_bytes:             # one message must not push everything else out
            raise ValueError(f"an outbox of {outbox_bytes} bytes is too small for messages of {message_bytes}; allow twice as much")
        self._address = Address(url)
        self._stream = f"{self._address.prefix}:channels".encode()
        self._bounds = Bounds(stream_length, stream_seconds)
        self._outbox_messages = outbox_messages
        self._outbox_bytes = outbox_bytes
        self._message_bytes = message_bytes
        self._trim = trim
        self.flush_seconds = flush_seconds
        self._clock = clock
        self._receiver: Receiver | None = None           # None: not started yet, or stopped
        self._work: _Work | None = None                  # in this process
        self._thread = 0                                 # where greenlets live, if it is greenlets
        self._home: gevent.hub.Hub | None = None         # whose; None: it is real threads
        self._lock = _RLock()
        self._renew()

    def _renew(self) -> None:
        """What belongs to one process."""
        self._since: float | None = None                 # when somebody began to listen; None: nobody does
        self._outbox = Outbox(self._wake_writer, max_messages=self._outbox_messages, max_bytes=self._outbox_bytes)
        self._health = Health(self._address.safe)
        self._is_told = False                            # what could not be sent has been named
        self._stopping = 0                               # how many wait in `stop`

    @property
    def url(self) -> str:
        return self._address.safe

    def start(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._is_told = False
        self._settle()
        self._begin()

    def publish(self, message: Message) -> None:
        self._outbox.put(message)
        if self._work is None:
            self._begin()

    def listen(self) -> None:
        self._since = time.monotonic()
        self._begin()
        if self._work is not None:
            self._work.reader.listen(self._since)

    def unlisten(self) -> None:
        self._since = None
        if self._work is not None:
            self._work.reader.unlisten()

    def flush(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (unsent := self._unsent()) and self._work is not None and time.monotonic() < deadline:
            self._work.carrier.pause(0.01)
        return unsent

    def stop(self, timeout: float) -> int:
        self._receiver = None
        work = self._work
        self._outbox.drop_droppable()
        if work is not None:
            self._at_home(work.reader.stop)
        # Also when another call is at it: this may be the end of the process, which must not overtake him.
        self._stopping += 1
        try:
            unsent = self.flush(timeout)
        finally:
            self._stopping -= 1
        if unsent and self._stopping:
            return unsent                                # somebody else waits longer, and may have better luck
        if unsent and not self._is_told:
            self._is_told = True
            self._name_unsent(unsent, work, timeout)
        if work is not None:
            self._at_home(work.writer.stop)
            if self._is_at_home:
                for loop in work.loops:
                    loop.join(1.0)
            self._work = None
        return unsent

    def retire(self) -> None:
        self._receiver = None
        if self._work is not None:
            self._work.reader.retire()
            self._work.writer.retire()

    def forked(self) -> None:
        # The parent's greenlets are alive in this process, too, and share its connections: they must not touch them.
        if self._work is not None:
            self._work.reader.abandon()
            self._work.writer.abandon()
        self._work = None
        self._lock = _RLock()
        self._renew()
        self._settle()

    def stats(self) -> Mapping[str, int]:
        work = self._work
        return {
            "sent": work.writer.sent if work else 0,
            "unsent": self._unsent(),
            "unsent_bytes": self._outbox.bytes,
            "unsent_dropped": self._outbox.dropped,
            "unsent_expired": self._outbox.expired,
            "unsent_given_up": self._outbox.given_up,
            "connects": self._health.connects,
            "failures": self._health.failures,
            "origins": work.reader.origins if work else 0,
            **{name: work.reader.counters[name] if work else 0 for name in COUNTERS},
        }

    def _name_unsent(self, unsent: int, work: _Work | None, timeout: float) -> None:
        topics, others = self._outbox.unsent()
        counts = Counter(topics)
        counts.update(work.writer.topics if work is not None else ())
        _logger.error(
            "%d messages were not sent to other processes by %s within %g seconds; topics: %s",
            unsent, self.url, timeout, ", ".join(f"{topic!r} ({count})" for topic, count in counts.most_common(20))
            + (f" and others ({others})" if others else ""),
        )

    def _unsent(self) -> int:
        # In this order: the writer takes from the one into the other.
        return len(self._outbox) + (self._work.writer.in_flight if self._work is not None else 0)

    def _wake_writer(self) -> None:
        if self._work is not None:
            self._work.writer.wake()

    def _settle(self) -> None:
        """Greenlets are to live in this thread: others' event loops may never run."""
        self._thread = _get_ident()
        self._home = gevent.get_hub() if monkey.is_module_patched("socket") else None

    @property
    def _is_at_home(self) -> bool:
        return self._home is None or _get_ident() == self._thread

    def _at_home(self, function: Callable[[], None]) -> None:
        """Call it where the greenlets live, now or soon; anywhere, if it is threads."""
        if self._home is None or _get_ident() == self._thread:
            function()
        elif self._home.loop is not None:                # None: the thread has ended, and its greenlets with it
            self._home.loop.run_callback_threadsafe(function)

    def _begin(self) -> None:
        """Start the loops, if it is time to."""
        if not self._is_at_home:
            self._at_home(self._begin)
            return
        with self._lock:
            if self._work is not None or self._receiver is None:
                return
            ways, origin = carrier(), os.urandom(8).hex()
            reader = Reader(
                address=self._address, stream=self._stream, receiver=self._receiver, origin=origin, bounds=self._bounds,
                max_bytes=self._message_bytes, clock=self._clock, carrier=ways, bell=ways.bell(), health=self._health,
            )
            if self._since is not None:
                reader.listen(self._since)
            writer = Writer(
                address=self._address, stream=self._stream, outbox=self._outbox, origin=origin,
                bounds=self._bounds if self._trim else None, clock=self._clock, bell=ways.bell(), health=self._health,
            )
            loops = ways.spawn(writer.run, "channels: writer"), ways.spawn(reader.run, "channels: reader")
            self._work = _Work(ways, writer, reader, loops)
            writer.wake()                                # what was put meanwhile rang for nobody
        _running.add(self)

    def __repr__(self) -> str:
        return f"<RedisBroker {self.url}>"


_running: weakref.WeakSet[RedisBroker] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    for broker in list(_running):
        try:
            broker.stop(broker.flush_seconds)
        except Exception:                                # the others have something to send, too
            _logger.exception("%r could not be stopped", broker)


def _forked() -> None:
    """Also of those whose hub or link is gone while they send what is left."""
    for broker in list(_running):
        broker.forked()
    _running.clear()


os.register_at_fork(after_in_child=_forked)
