"""One channel message, as `send` returns it and as each handler gets it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from . import snapshot

Expiry: TypeAlias = timedelta | datetime | float | int | None

UNKNOWN = -1                  # as a number of missed messages

# Without the searches for blanks before and behind, of which there are none; `json.loads` takes three times as long.
_decode = json.JSONDecoder().raw_decode


class Message:
    """What a handler is called with: a copy of its own, with `data` of its own, to do with what it likes.

    `topic` is the sender's, `timestamp` when it was sent, `expiry` when it becomes worthless (both POSIX seconds; None:
    never). `local`: for this process only. `droppable`: may be given up when a queue is full, there is no way to the other
    processes, or this one ends. `id` is unique among all messages of all processes. `missed` is how many messages were
    lost for this subscription just before this one (-1: some, nobody knows how many).
    """

    __slots__ = (
        "_clock", "_data", "_dropped", "_encoded", "_original",
        "droppable", "expiry", "id", "local", "missed", "timestamp", "topic",
    )

    def __init__(
        self,
        topic: str,
        data: object = None,
        *,
        timestamp: float,
        expiry: float | None = None,
        local: bool = False,
        droppable: bool = False,
        id: str = "",
        encoded: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`encoded` is the JSON text to read the data from; without it `data` is shared by all copies as it is."""
        self.topic = topic
        self.timestamp = timestamp
        self.expiry = expiry
        self.local = local
        self.droppable = droppable
        self.id = id
        self.missed = 0
        self._data = data
        self._encoded = encoded
        self._clock = clock
        self._dropped = False
        self._original: Message | None = None

    @property
    def data(self) -> Any:                     # Any: whatever the sender sent; only the handler knows what that is
        """What was sent, as it was then; decoded at the first access."""
        if self._encoded is not None and self._data is None:
            self._data, _ = _decode(self._encoded)
        return self._data

    def encoded(self) -> str:
        """The data as JSON text, for a broker. Not for a `local` message, whose data may be any object."""
        return snapshot.encode(self._data) if self._encoded is None else self._encoded

    def is_expired(self) -> bool:
        """True from `expiry` on."""
        return self.expiry is not None and self._clock() >= self.expiry

    def is_dropped(self) -> bool:
        """True once some subscription of this process got no copy: expired before its turn, or its queue was full."""
        return self._dropped if self._original is None else self._original.is_dropped()

    def mark_dropped(self) -> None:
        """For the subscription that drops it; all copies show it."""
        if self._original is None:
            self._dropped = True
        else:
            self._original.mark_dropped()

    def copy(self, missed: int) -> Message:
        """The same message for one subscriber, who missed so many before it."""
        copy = Message.__new__(Message)        # not __init__: this runs once for each subscriber of each message
        copy.topic = self.topic
        copy.timestamp = self.timestamp
        copy.expiry = self.expiry
        copy.local = self.local
        copy.droppable = self.droppable
        copy.id = self.id
        copy.missed = missed
        copy._data = None if self._encoded is not None else self._data
        copy._encoded = self._encoded
        copy._clock = self._clock
        copy._original = self
        return copy

    def __repr__(self) -> str:
        return f"<Message {self.id} {self.topic!r} {self.data!r:.80}>"


def expiry_time(expiry: Expiry, now: float) -> float | None:
    """The POSIX time that `expiry` means: a time to live, a date (a naive one is local time), or that time itself."""
    if expiry is None:
        return None
    if isinstance(expiry, timedelta):
        return now + expiry.total_seconds()
    if isinstance(expiry, datetime):
        return expiry.timestamp()
    if isinstance(expiry, bool) or not isinstance(expiry, (int, float)):
        raise TypeError(
            f"expiry must be a timedelta, a datetime or a POSIX time, not {type(expiry).__name__}: {expiry!r}. "
            "Pass timedelta(seconds=5) for a time to live."
        )
    # 1e9 was in 2001. A smaller number was meant as seconds from now, and would drop every message as expired.
    if not (math.isfinite(expiry) and expiry >= 1e9):
        raise ValueError(
            f"a number as expiry is a POSIX time like time.time(), which {expiry!r} cannot be; "
            "pass timedelta(seconds=5) for a time to live"
        )
    return float(expiry)


def add_missed(first: int, second: int) -> int:
    """The sum of two numbers of missed messages, each of which may be unknown."""
    return UNKNOWN if first < 0 or second < 0 else first + second
