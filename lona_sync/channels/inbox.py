"""Messages that come from real threads, the user's and a broker's, until the hub's thread takes them over.

gevent's queues lose wake-ups between threads, so this is a plain deque, and one call of the loop's only thread-safe
method when it ceases to be empty. The lock is held for a few instructions and never while anything waits. It is a
real, re-entrant one: a `__del__` that the garbage collector runs in the middle may send, too.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from gevent import monkey

from .losses import Gap, Loss
from .message import UNKNOWN, Message

#: What threads may send before the hub's thread comes to it: a second of the fastest sender, about 50 MB.
INBOX_SIZE = 100_000
#: Topics for which lost messages are counted one by one. Beyond it, everybody is told that something was lost.
LOST_TOPICS = 1000

_RLock = monkey.get_original("_thread", "RLock")


class Inbox:
    """Bounded; when it is full, new messages are lost, and told as missed to those whom they would have reached.

    `wake()` is called in the sending thread when the first message comes in.
    """

    def __init__(self, wake: Callable[[], None], size: int = INBOX_SIZE) -> None:
        self.dropped = 0
        self._wake = wake
        self._size = size
        self._lock = _RLock()
        self._items: deque[Message | Loss | Gap] = deque()
        self._lost: dict[str, int] = defaultdict(int)
        self._woken = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Message | Loss | Gap) -> None:
        """From any thread; never waits. News of a loss keep their place between the messages before and after it."""
        with self._lock:
            # Once something was lost, all is until it is told; otherwise a message could overtake the news of the gap
            # before it.
            if not self._lost and len(self._items) < self._size:
                self._items.append(item)
            elif isinstance(item, Message):
                self.dropped += 1
                item.mark_dropped()
                self._lose(item.topic, 1)
            elif isinstance(item, Loss):
                self._lose(item.topic, item.count)
            else:
                self._lose("*", UNKNOWN)
            asleep, self._woken = not self._woken, True
        if asleep:
            self._wake()

    def take(self, limit: int) -> tuple[list[Message | Loss | Gap], dict[str, int]]:
        """Up to `limit` items, and what was lost after them, by topic. Nothing of both: it was empty, and wakes again."""
        with self._lock:
            items = [self._items.popleft() for _ in range(min(limit, len(self._items)))]
            lost: dict[str, int] = defaultdict(int)
            if not self._items:
                lost, self._lost = self._lost, lost
            if not items and not lost and not self._items:            # a `__del__` may have put one just now
                self._woken = False
            return items, dict(lost)

    def _lose(self, topic: str, count: int) -> None:
        # No call stands between reading a number and writing it back: what a `__del__` loses there must not be forgotten.
        if len(self._lost) >= LOST_TOPICS and topic not in self._lost:
            self._lost = defaultdict(int, {"*": UNKNOWN})
        elif count < 0:
            self._lost[topic] = UNKNOWN
        elif self._lost[topic] != UNKNOWN:
            self._lost[topic] += count
