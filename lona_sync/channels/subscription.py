"""One handler's place at one topic: a bounded queue, what happens when it is full, and the counters that tell.

A subscription is *listed* from its first queued message until a burst leaves its queue empty: it stands in the ready
list, or its burst waits for the owner's turn, or its handler runs. Whoever runs the burst, and whenever: at its end
the burst itself lists the subscription again if messages are left. So it is listed at most once, its handler never
runs twice at once, and no wake-up is lost.

In the handler's place may stand a `Taker`, who is not called with messages but takes them when he likes. Then nothing is
ever listed: he is woken, and everything else (queue, policy, counters, end) is the same.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, TypeAlias

from greenlet import GreenletExit

from ..errors import SlowSubscriber
from .message import Message, add_missed
from .owner import Owner


class Taker:
    """Takes the messages of its subscription itself, by `Subscription.take`. Subclass it (`Mailbox`)."""

    __slots__ = ()

    def wake(self) -> None:
        """A message has come, or the subscription has ended. Called in the hub's thread; runs no code of others, never waits."""
        raise NotImplementedError


Handler: TypeAlias = Callable[[Message], object] | Taker
Overflow = Literal["drop_oldest", "drop_newest", "stop"]

#: Messages that wait for one handler. A blocked view's ticker of 100 a second fills it in 100 s, with about 2 MB.
QUEUE_SIZE = 10_000
#: A burst ends after so many messages or seconds, so that its view is shown and others get their turn.
BURST_MESSAGES = 100
BURST_SECONDS = 0.02

_POLICIES = ("drop_oldest", "drop_newest", "stop")

_logger = logging.getLogger("lona_sync.channels")


@dataclass(slots=True)
class Counters:
    """Over all subscriptions of a hub since it was made, also those that have ended."""

    delivered: int = 0
    dropped: int = 0
    expired: int = 0
    given_up: int = 0
    errors: int = 0


class Home(Protocol):
    """What a subscription needs of its hub."""

    totals: Counters

    def ready(self, job: Callable[[], object]) -> None:
        """Call `job()` soon, in a greenlet that may block. Never waits."""

    def leave(self, subscription: Subscription) -> None:
        """`subscription` gets no more messages."""

    def monotonic(self) -> float: ...


class Subscription:
    """What `Channel.subscribe` returns; also a context manager, which unsubscribes at its end.

    `delivered`: messages given to the handler, or taken. `dropped`: lost since the queue was full; the next message's `missed`
    tells it. `expired`: dropped since they were too old when their turn came. `given_up`: sent as `droppable`, and dropped since
    the queue was full; not told as missed. `errors`: of the delivered, those whose handler raised. `queued`: waiting now. What
    an end of the subscription finds in the queue is forgotten, and not counted.

    `put`, `miss`, `serve`, `enlist` and `forked` are for the hub, `take` and `oldest` for a `Taker`.
    """

    __slots__ = (
        "__weakref__", "_active", "_home", "_listed", "_logged_drops", "_missed_after", "_missed_before", "_on_end",
        "_owner", "_queue", "_taker", "delivered", "dropped", "errors", "expired", "given_up", "handler", "overflow",
        "queue_size", "topic",
    )

    def __init__(
        self,
        topic: str,
        handler: Handler,
        home: Home,
        owner: Owner | None = None,
        *,
        queue_size: int = QUEUE_SIZE,
        overflow: Overflow = "drop_oldest",
        on_end: Callable[[Subscription], object] | None = None,
    ) -> None:
        """`on_end(subscription)` is called once, when it is unsubscribed; it must not wait."""
        taker = handler if isinstance(handler, Taker) else None
        if taker is None and not callable(handler):
            raise TypeError(f"a handler is called with the message, and {handler!r} is not callable")
        if type(queue_size) is not int or queue_size < 1:
            raise ValueError(f"queue_size must be a number of messages, 1 or more, not {queue_size!r}")
        if overflow not in _POLICIES:
            raise ValueError(f"overflow must be one of {', '.join(_POLICIES)}, not {overflow!r}")
        self.topic = topic
        self.handler = handler
        self.queue_size = queue_size
        self.overflow = overflow
        self.delivered = 0
        self.dropped = 0
        self.expired = 0
        self.given_up = 0
        self.errors = 0
        self._taker = taker
        self._home = home
        self._owner = owner
        self._on_end = on_end
        self._queue: deque[Message] = deque()
        self._missed_before = 0          # lost before the first message of the queue
        self._missed_after = 0           # lost after the last one
        self._listed = False
        self._active = True
        self._logged_drops = 0

    @property
    def active(self) -> bool:
        """False once it is unsubscribed."""
        return self._active

    @property
    def owned(self) -> bool:
        """True if it belongs to a running view."""
        return self._owner is not None

    @property
    def queued(self) -> int:
        """How many messages wait."""
        return len(self._queue)

    @property
    def oldest(self) -> float:
        """When the first message of the queue was sent (POSIX seconds). Only while messages wait."""
        return self._queue[0].timestamp

    def unsubscribe(self) -> None:
        """No handler starts after this returned; what is queued is forgotten. Never waits, and may be called again.

        A handler that is running goes on to its end; a taker is woken. Raises `WrongThreadError` in a real thread.
        """
        if not self._active:
            return
        self._home.leave(self)
        self._active = False
        self._queue.clear()
        if self._on_end is not None:
            self._on_end(self)
        if self._taker is not None:
            self._taker.wake()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.unsubscribe()

    def __repr__(self) -> str:
        return f"<Subscription {self.topic!r} → {name_of(self.handler)}>"

    def put(self, message: Message) -> None:
        """Queue it, by the policy if the queue is full. Runs no code of others; never waits."""
        if not self._active:                       # the hub was at its list already when another one's end ended this one
            return
        if len(self._queue) >= self.queue_size and not self._make_room(message):
            return
        if self._missed_after:
            message = message.copy(self._missed_after)
            self._missed_after = 0
        self._queue.append(message)
        if not self._listed:
            self.enlist()

    def miss(self, count: int) -> None:
        """`count` messages were lost on the way (-1: nobody knows how many): the next one to come tells it."""
        self._missed_after = add_missed(self._missed_after, count)

    def take(self) -> Message | None:
        """The next message that has not expired; None when there is none. Only for a taker; never waits."""
        self._log_drops()
        while self._queue:
            message = self._take()
            if message is not None:
                self.delivered += 1
                self._home.totals.delivered += 1
                return message
        return None

    def serve(self) -> None:
        """One burst, by the owner if there is one. For the drain greenlet; waits as long as a handler does."""
        if not self._active:
            return
        if self._owner is None:
            self._burst()
        else:
            self._owner.run(self._burst)

    def enlist(self) -> None:
        """Have what waits handled: put it on the ready list if it is not listed, or wake the taker."""
        if not self._queue:
            return
        if self._taker is not None:
            self._taker.wake()
        elif not self._listed:
            self._listed = True
            self._home.ready(self.serve)

    def forked(self, keep: bool) -> None:
        """In a child process, which has an empty ready list. What is queued is the parent's to handle unless `keep`.

        What belongs to a view stayed with the view in the parent.
        """
        self._listed = False
        if not keep:
            self._queue.clear()
        if self._owner is not None:
            self._active = False
            self._queue.clear()
            if self._on_end is not None:
                self._on_end(self)

    def _make_room(self, message: Message) -> bool:
        """False if `message` is the one that gives way."""
        if message.droppable:
            self._give_up(message)
            return False
        if self.overflow == "drop_oldest":
            oldest = self._queue.popleft()
            self._missed_before = add_missed(self._missed_before, oldest.missed)
            if oldest.droppable:
                self._give_up(oldest)
            else:
                self._drop(oldest)
                self._missed_before = add_missed(self._missed_before, 1)
            return True
        self._drop(message)
        if self.overflow == "drop_newest":
            self._missed_after = add_missed(self._missed_after, 1)
            return False
        self.unsubscribe()
        error = SlowSubscriber(
            f"{self.queue_size} messages wait for {name_of(self.handler)} on channel {self.topic!r}, more than allowed"
        )
        # Told by the drain greenlet: the sender may be a callback of the event loop, where nothing may wait.
        self._home.ready(partial(self._fail, error))
        return False

    def _drop(self, message: Message) -> None:
        message.mark_dropped()
        self.dropped += 1
        self._home.totals.dropped += 1

    def _give_up(self, message: Message) -> None:
        message.mark_dropped()
        self.given_up += 1
        self._home.totals.given_up += 1

    def _burst(self) -> bool:
        """Handle what is queued now, within the limits; True if the handler was called. Once for each time listed."""
        called = False
        monotonic, queue = self._home.monotonic, self._queue
        deadline = monotonic() + BURST_SECONDS
        try:
            if self.dropped != self._logged_drops:
                self._log_drops()
            left = min(len(queue), BURST_MESSAGES)
            while left and queue:                         # a handler may unsubscribe, which empties it
                left -= 1
                message = self._take()
                if message is None:
                    continue
                called = True
                if not self._handle(message) or (left and monotonic() >= deadline):
                    break
            return called
        finally:
            # Also when the handler was killed: what is left must not wait for a message that may never come.
            self._listed = False
            if self._queue:
                self.enlist()

    def _take(self) -> Message | None:
        """The subscriber's own copy of the next message; None if it has expired."""
        message = self._queue.popleft()
        missed = message.missed
        if self._missed_before:
            missed = add_missed(self._missed_before, missed)
        if message.expiry is not None and message.is_expired():
            message.mark_dropped()
            self._missed_before = missed
            self.expired += 1
            self._home.totals.expired += 1
            return None
        self._missed_before = 0
        return message.copy(missed)

    def _handle(self, message: Message) -> bool:
        """Call the handler; False if it raised an error."""
        self.delivered += 1
        self._home.totals.delivered += 1
        try:
            self.handler(message)                         # type: ignore[operator]     # a taker is woken, never served
        except (GreenletExit, KeyboardInterrupt):
            raise                                         # no error: somebody ends this greenlet, or the process
        except BaseException as error:                    # not Exception: gevent.Timeout is none
            if isinstance(error, SystemExit) and self._owner is None:
                raise                                     # the program's own end; a view has to end without it
            self.errors += 1
            self._home.totals.errors += 1
            self._fail(error)
            return False
        return True

    def _fail(self, error: BaseException) -> None:
        if self._owner is not None:
            self._owner.failed(self, error)
        else:
            _logger.error("%s, handler of channel %r, failed", name_of(self.handler), self.topic, exc_info=error)

    def _log_drops(self) -> None:
        dropped = self.dropped - self._logged_drops
        if dropped:
            self._logged_drops = self.dropped
            _logger.warning(
                "%s, handler of channel %r, is too slow: %d messages dropped",
                name_of(self.handler), self.topic, dropped,
            )


def name_of(handler: Any) -> str:              # Any: a function or whatever else is called
    """`module.Class.method` of a function, the repr of anything else."""
    try:
        return f"{handler.__module__}.{handler.__qualname__}"
    except AttributeError:
        return repr(handler)
