"""Messages that wait to be published to the other processes: put by anybody, taken by one writer.

The network may be slow or gone, and senders never wait for it, so the outbox is bounded, and the question is what gives
way when it is full: first what is droppable, then what is too old to be of use, then the oldest. The newest stay: the
newest price matters, and only a message that comes after a loss can carry the news of it.

Two lanes, one of them for droppable messages, are what makes this cheap: what gives way next is the head of one of
them. To take them out in order again, each message has a number.

All losses lie before all that waits: only the oldest is lost, when there is nothing droppable left. So a count by topic
is all that is needed to tell them, with the next take, and no loss waits for a message that may never come.

The lock is held for a few instructions, and nothing foreign but the clock of the messages is called under it. Only a
sweep, the search for expired messages, takes longer: 10 to 30 ms for 100 000. One that leaves n messages is followed by n
puts without one, so a put pays for two looks at a message at most, its own and one at another. The lock is a real,
re-entrant one: a `__del__` that the garbage collector runs in the middle of `put` may send, too. That can happen at any
call and at the end of each round of a loop, so none stands between reading a value and writing it back.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from gevent import monkey

from .inbox import LOST_TOPICS
from .message import UNKNOWN, Message

#: What waits while there is no way to the others: 20 s of 5000 messages a second, with about 40 MB if they are small.
OUTBOX_MESSAGES = 100_000
#: The limit that large messages reach first: those with more than 270 bytes of text.
OUTBOX_BYTES = 64 * 1024 * 1024
#: What a waiting message takes in memory besides its texts (measured with Python 3.11).
OVERHEAD = 400

_RLock = monkey.get_original("_thread", "RLock")


@dataclass(slots=True)                      # not frozen: that takes twice as long to make
class Parcel:
    """A message on its way to the others; `encoded` is its data as JSON text."""

    message: Message
    encoded: str
    number: int                 # for the outbox, which has two lanes to take from; not without holes, and not strictly rising
    size: int                   # in bytes, as the outbox counts them


class Outbox:
    """Bounded by `max_messages`, and by `max_bytes` of topics, encoded data and `OVERHEAD`; a larger message is lost.

    `wake()` is called in the putting thread when the first message comes in.

    `bytes` is the size of what waits. Of what was put and not taken, `given_up` counts the droppable messages, `expired`
    those that had become worthless; nobody is told of either. `dropped` counts the others: their topics are told.
    """

    def __init__(
        self, wake: Callable[[], None], *, max_messages: int = OUTBOX_MESSAGES, max_bytes: int = OUTBOX_BYTES
    ) -> None:
        self.bytes = 0
        self.dropped = 0
        self.expired = 0
        self.given_up = 0
        self._wake = wake
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._lock = _RLock()
        self._numbers = itertools.count(1)                # `next` is atomic between threads
        self._lasting: deque[Parcel] = deque()
        self._droppable: deque[Parcel] = deque()
        self._lost: dict[str, int] = defaultdict(int)     # before all that waits
        self._next_sweep = 0                              # the number of the first message that may cause one
        self._woken = False

    def __len__(self) -> int:
        with self._lock:                                  # not in the middle of a sweep
            return len(self._lasting) + len(self._droppable)

    def put(self, message: Message) -> None:
        """From any thread or greenlet; never waits, never fails. `message.local` is False.

        When the outbox is full, this is what gives way until it is not: the droppable messages, oldest first, `message`
        being the last; then all expired ones, if a sweep is due; then the oldest.
        """
        # Numbered before the lock is taken: two threads may come in the other order, but they sent at the same time.
        # Whatever was put before this message was put stands before it in its lane, and has a lower number.
        encoded = message.encoded()
        parcel = Parcel(message, encoded, next(self._numbers), len(message.topic) + len(encoded) + OVERHEAD)
        with self._lock:
            self.bytes += parcel.size
            (self._droppable if message.droppable else self._lasting).append(parcel)
            self._make_room(parcel.number)
            asleep, self._woken = not self._woken, True
        if asleep:
            self._wake()

    def take(self, max_messages: int, max_bytes: int) -> tuple[dict[str, int], list[Parcel]]:
        """What was lost, by topic, and then the oldest messages, in order. Nothing of both: it is empty, and wakes again.

        The losses are all of those since the last take: they lie after what was taken then, and before what is taken
        now. A topic may be a pattern that was sent to; {"*": -1}: too many topics, so everybody has lost something.

        As many messages as there are within the limits, both 1 or more, but one at least; without those that have
        expired. What was taken counts no more here. For one thread or greenlet at a time.
        """
        while True:
            lost, parcels = self._take(max_messages, max_bytes)
            fresh = [parcel for parcel in parcels if not parcel.message.is_expired()]
            expired = len(parcels) - len(fresh)
            if expired:
                with self._lock:
                    self.expired += expired
            if fresh or lost or not parcels:
                return lost, fresh

    def drop_droppable(self) -> None:
        """Give up all droppable messages, since the process is about to end."""
        waiting: deque[Parcel] = deque()
        with self._lock:
            waiting, self._droppable = self._droppable, waiting
            count, size = len(waiting), sum(parcel.size for parcel in waiting)
            self.bytes -= size
            self.given_up += count

    def unsent(self, limit: int = 20) -> tuple[dict[str, int], int]:
        """How many messages wait, by topic, for the `limit` topics with the most; and how many to all other topics."""
        with self._lock:
            parcels = [*self._lasting, *self._droppable]
        topics = dict(Counter(parcel.message.topic for parcel in parcels).most_common(limit))
        return topics, len(parcels) - sum(topics.values())

    def _make_room(self, number: int) -> None:
        """Let messages give way while there are too many, after message `number` came in."""
        # The lanes are asked as well: a put that interrupts this one may have emptied them.
        while self._is_over() and (self._droppable or self._lasting):
            if self._droppable:
                self.bytes -= self._droppable[0].size
                self._droppable.popleft()
                self.given_up += 1
            elif number >= self._next_sweep:
                self._next_sweep = number + 1 + self._sweep()
            else:
                self.bytes -= self._lasting[0].size
                message = self._lasting.popleft().message
                if message.is_expired():
                    self.expired += 1
                else:
                    self.dropped += 1
                    self._lose(message.topic)

    def _is_over(self) -> bool:
        return len(self._lasting) + len(self._droppable) > self._max_messages or self.bytes > self._max_bytes

    def _sweep(self) -> int:
        """Remove what has expired, while nothing droppable waits; the number of messages that are left."""
        # The lane is put aside meanwhile: a deque that a `__del__` appends to must not be iterated over.
        aside: deque[Parcel] = deque()
        aside, self._lasting, self.bytes = self._lasting, aside, 0
        kept = [parcel for parcel in aside if not parcel.message.is_expired()]
        expired, size = len(aside) - len(kept), sum(parcel.size for parcel in kept)
        kept.reverse()
        self._lasting.extendleft(kept)
        self.bytes += size
        self.expired += expired
        return len(kept)

    def _lose(self, topic: str) -> None:
        if len(self._lost) >= LOST_TOPICS and topic not in self._lost:
            self._lost = defaultdict(int, {"*": UNKNOWN})
        elif self._lost[topic] != UNKNOWN:
            self._lost[topic] += 1

    def _take(self, max_messages: int, max_bytes: int) -> tuple[dict[str, int], list[Parcel]]:
        """Like `take`, with those that have expired."""
        parcels: list[Parcel] = []
        lost: dict[str, int] = defaultdict(int)
        with self._lock:
            while len(parcels) < max_messages and (self._lasting or self._droppable):
                lane = self._droppable
                if not lane or (self._lasting and self._lasting[0].number < lane[0].number):
                    lane = self._lasting
                size = lane[0].size
                max_bytes -= size
                if parcels and max_bytes < 0:
                    break
                self.bytes -= size
                parcels.append(lane.popleft())
            lost, self._lost = self._lost, lost
            if not parcels and not lost:
                self._woken = False
        return dict(lost), parcels
