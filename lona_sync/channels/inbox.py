"""Messages that come from real threads, the user's and a broker's, until the hub's thread takes them over.

gevent's queues lose wake-ups between threads, so this is a plain deque, and one call of the loop's only thread-safe
method when it ceases to be empty. The lock is held for a few instructions and never while anything waits. It is a
real, re-entrant one: a `__del__` that the garbage collector runs in the middle may send, too.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from gevent import monkey

from .message import UNKNOWN, Message

#: What threads may send before the hub's thread comes to it: a second of the fastest sender, about 50 MB.
INBOX_SIZE = 100_000
#: Topics for which lost messages are counted one by one. Beyond it, everybody is told that something was lost.
LOST_TOPICS = 1000

_RLock = monkey.get_original("_thread", "RLock")


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages were lost on the way here; nobody knows how many, nor to which topics."""

    reason: str


class Inbox:
    """Bounded; when it is full, new messages are lost, and told as missed to those whom they would have reached.

    `wake()` is called in the sending thread when the first message comes in.
    """

    def __init__(self, wake: Callable[[], None], size: int = INBOX_SIZE) -> None:
        self.dropped = 0
        self._wake = wake
        self._size = size
        self._lock = _RLock()
        self._messages: deque[Message | Gap] = deque()
        self._lost: dict[str, int] = defaultdict(int)
        self._woken = False

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: Message) -> None:
        """From any thread; never waits."""
        with self._lock:
            # Once something was lost, all is until it is told; otherwise a message could overtake the news of the gap
            # before it.
            if self._lost or len(self._messages) >= self._size:
                self.dropped += 1
                message.mark_dropped()
                self._lose(message.topic, 1)
            else:
                self._messages.append(message)
            asleep, self._woken = not self._woken, True
        if asleep:
            self._wake()

    def lose(self, topic: str, count: int) -> None:
        """Tell those whom `topic` reaches, after what is queued here, that `count` messages were lost (-1: unknown)."""
        with self._lock:
            self._lose(topic, count)
            asleep, self._woken = not self._woken, True
        if asleep:
            self._wake()

    def put_gap(self, gap: Gap) -> None:
        """Tell everybody of `gap` after what is queued here."""
        with self._lock:
            if self._lost or len(self._messages) >= self._size:
                self._lose("*", UNKNOWN)
            else:
                self._messages.append(gap)
            asleep, self._woken = not self._woken, True
        if asleep:
            self._wake()

    def take(self, limit: int) -> tuple[list[Message | Gap], dict[str, int]]:
        """Up to `limit` messages and gaps, and what was lost after them, by topic. Nothing of both: it was empty, and wakes
        again.
        """
        with self._lock:
            messages = [self._messages.popleft() for _ in range(min(limit, len(self._messages)))]
            lost: dict[str, int] = defaultdict(int)
            if not self._messages:
                lost, self._lost = self._lost, lost
            if not messages and not lost and not self._messages:         # a `__del__` may have put one just now
                self._woken = False
            return messages, dict(lost)

    def _lose(self, topic: str, count: int) -> None:
        # No call stands between reading a number and writing it back: what a `__del__` loses there must not be forgotten.
        if len(self._lost) >= LOST_TOPICS and topic not in self._lost:
            self._lost = defaultdict(int, {"*": UNKNOWN})
        elif count < 0:
            self._lost[topic] = UNKNOWN
        elif self._lost[topic] != UNKNOWN:
            self._lost[topic] += count
