"""Takes what waits in the outbox to Redis, in order, and again until it has arrived.

A batch is one MULTI/EXEC: all of it or nothing, so a server without memory cannot take the second half and leave the first.
Numbers are given when a batch is made, and a batch whose fate is unknown is sent again as it was; who has read it already
knows the numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from redis.exceptions import ResponseError

from .carrier import Bell
from .cursor import Bounds
from .entry import loss_fields, message_fields
from .outbox import Outbox
from .session import Address, Health, Keeper, Session, pack_parts

#: One batch: more makes others wait without being faster.
BATCH_MESSAGES = 500
BATCH_BYTES = 1024 * 1024
#: Between two looks at the clock of Redis.
OFFSET_SECONDS = 10.0


class Writer:
    """`run` is for a loop of its own; the rest may be called from any thread and never waits."""

    def __init__(
        self, *, address: Address, stream: bytes, outbox: Outbox, origin: str, bounds: Bounds | None,
        clock: Callable[[], float], bell: Bell, health: Health,
    ) -> None:
        """`bounds` None: leave it to others to bound the stream."""
        self.sent = 0
        self._stream = stream
        self._outbox = outbox
        self._origin = origin
        self._bounds = bounds
        self._clock = clock
        self._number = 0                             # of our last entry
        head = [b"XADD", stream, *((b"MAXLEN", b"~", b"%d" % bounds.length) if bounds is not None else ()), b"*"]
        self._head = pack_parts(head)                # of each command
        self._head_parts = len(head)
        self._batch: list[bytes] = []                # commands
        self._topics: list[str] = []                 # of the batch
        self._taking = False                         # the next batch is on its way from the outbox
        self._keeper = Keeper("writer", address, self._serve, bell, health, self._is_needed)

    @property
    def in_flight(self) -> int:
        """Entries that were taken out of the outbox and are not yet known to have arrived."""
        return 1 if self._taking else len(self._batch)

    @property
    def topics(self) -> list[str]:
        """The topics of what is in flight, each as often as there are messages to it."""
        return list(self._topics)

    def run(self) -> None:
        self._keeper.run()

    def stop(self) -> None:
        self._keeper.stop()

    def retire(self) -> None:
        """End when all is sent."""
        self._keeper.retire()

    def abandon(self) -> None:
        """In a child process."""
        self._keeper.abandon()

    def wake(self) -> None:
        """There is something to do."""
        self._keeper.bell.ring()

    def _serve(self, session: Session) -> None:
        trim_at = offset_at = offset = 0.0
        while not self._keeper.stopping:
            now = time.monotonic()
            if self._bounds is not None and now >= trim_at:      # first of all: it may make the room that the rest needs
                self._trim(session, self._bounds)
                trim_at = now + self._bounds.seconds / 4
            if now >= offset_at:                                 # clocks drift, and are set
                offset = session.offset(self._clock)
                offset_at = now + OFFSET_SECONDS
            if not self._batch:
                self._taking = True
                self._batch = self._next_batch(offset)
                self._taking = False
            if self._batch:
                self._write(session)
            else:
                self._keeper.works()
                if self._keeper.retired:
                    return
                self._keeper.bell.wait(max(0.0, trim_at - time.monotonic()) if self._bounds is not None else None)

    def _is_needed(self) -> bool:
        # Who only listens bounds the stream all the same: those who fill it may be other programs, which do not.
        return bool(self._batch) or len(self._outbox) > 0 or (self._bounds is not None and not self._keeper.retired)

    def _next_batch(self, offset: float) -> list[bytes]:
        lost, parcels = self._outbox.take(BATCH_MESSAGES, BATCH_BYTES)
        origin, number = self._origin, self._number
        batch = [
            self._xadd(loss_fields(topic, count, origin=origin, number=number))
            for number, (topic, count) in enumerate(lost.items(), number + 1)
        ]
        batch += [
            self._xadd(message_fields(parcel.message, parcel.encoded, origin=origin, number=number, offset=offset))
            for number, parcel in enumerate(parcels, number + len(batch) + 1)
        ]
        self._number += len(batch)
        self._topics = [parcel.message.topic for parcel in parcels]
        return batch

    def _xadd(self, fields: list[bytes]) -> bytes:
        return b"*%d\r\n%b%b" % (self._head_parts + len(fields), self._head, pack_parts(fields))

    def _write(self, session: Session) -> None:
        answers = session.transaction(self._batch)
        for answer in answers:
            if isinstance(answer, ResponseError):        # not for want of memory: the key is no stream, say
                raise answer
        self.sent += len(self._batch)
        self._batch = []
        self._topics = []
        self._keeper.works()

    def _trim(self, session: Session, bounds: Bounds) -> None:
        oldest = int((session.time() - bounds.seconds) * 1000)
        while session.call("XTRIM", self._stream, "MINID", "~", oldest) and not self._keeper.stopping:
            pass                                         # it takes away some thousands at a time
