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
from .session import Address, Command, Health, Keeper, Session

#: One batch: more makes others wait without being faster.
BATCH_MESSAGES = 500
BATCH_BYTES = 1024 * 1024


class Writer:
    """`run` is for a loop of its own; the rest may be called from any thread and never waits."""

    def __init__(
        self, *, address: Address, stream: bytes, outbox: Outbox, origin: str, bounds: Bounds,
        clock: Callable[[], float], bell: Bell, health: Health,
    ) -> None:
        self.sent = 0
        self._stream = stream
        self._outbox = outbox
        self._origin = origin
        self._bounds = bounds
        self._clock = clock
        self._number = 0                             # of our last entry
        self._batch: list[Command] = []
        self._taking = False                         # the next batch is on its way from the outbox
        self._keeper = Keeper("writer", address, self._serve, bell, health)

    @property
    def in_flight(self) -> int:
        """Entries that were taken out of the outbox and are not yet known to have arrived."""
        return 1 if self._taking else len(self._batch)

    def run(self) -> None:
        self._keeper.run()

    def stop(self) -> None:
        self._keeper.stop()

    def abandon(self) -> None:
        """In a child process."""
        self._keeper.abandon()

    def wake(self) -> None:
        """There is something to do."""
        self._keeper.bell.ring()

    def _serve(self, session: Session) -> None:
        trim_at = offset = 0.0
        while not self._keeper.stopping:
            now = time.monotonic()
            if now >= trim_at:                           # first of all: it may make the room that the rest needs
                self._trim(session)
                offset = session.offset(self._clock)     # clocks drift, and are set
                trim_at = now + self._bounds.seconds / 4
            if not self._batch:
                self._taking = True
                self._batch = self._next_batch(offset)
                self._taking = False
            if self._batch:
                self._write(session)
            else:
                self._keeper.works()
                self._keeper.bell.wait(trim_at - now)

    def _next_batch(self, offset: float) -> list[Command]:
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
        return batch

    def _xadd(self, fields: list[bytes]) -> Command:
        return ["XADD", self._stream, "MAXLEN", "~", self._bounds.length, "*", *fields]

    def _write(self, session: Session) -> None:
        answers = session.transaction(self._batch)
        for answer in answers:
            if isinstance(answer, ResponseError):        # not for want of memory: the key is no stream, say
                raise answer
        self.sent += len(self._batch)
        self._batch = []
        self._keeper.works()

    def _trim(self, session: Session) -> None:
        oldest = int((session.time() - self._bounds.seconds) * 1000)
        session.call("XTRIM", self._stream, "MINID", "~", oldest)
