"""Messages that real threads send, until the hub's thread takes them over.

gevent's queues lose wake-ups between threads, so this is a plain deque, and one call of the loop's only thread-safe
method when it ceases to be empty. The lock is held for a few instructions and never while anything waits. It is a
real, re-entrant one: a `__del__` that the garbage collector runs in the middle may send, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from gevent import monkey

from .message import UNKNOWN, Message, add_missed

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
        self._messages: deque[Message] = deque()
        self._lost: dict[str, int] = {}
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

    def take(self, limit: int) -> tuple[list[Message], dict[str, int]]:
        """Up to `limit` messages, and what was lost after them, by topic. Nothing of both: it was empty, and wakes
        again.
        """
        with self._lock:
            messages = [self._messages.popleft() for _ in range(min(limit, len(self._messages)))]
            lost: dict[str, int] = {}
            if not self._messages:
                lost, self._lost = self._lost, lost
            if not messages and not lost:
                self._woken = False
            return messages, lost

    def _lose(self, topic: str, count: int) -> None:
        if topic in self._lost or len(self._lost) < LOST_TOPICS:
            self._lost[topic] = add_missed(self._lost.get(topic, 0), count)
        else:
            self._lost = {"*": UNKNOWN}
