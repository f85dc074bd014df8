"""Channels within this process: who listens, and how a message gets there.

    any greenlet or thread     send → snapshot → broker.publish       to the other processes
                                              → deliver               to this one
    the hub's thread           deliver → index → subscription.put → ready list → drain greenlet → handler
    any other thread           deliver → inbox ⇒ one wake-up of the event loop ⇒ deliver
    other processes            broker's reader → deliver, lost, gap

The hub's thread is the one of the first subscription; index, queues and handlers belong to it. Nothing between `send`
and the queues waits or runs a user's code, so a sender is never delayed by who listens.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import gevent
from gevent import monkey

from ..errors import WrongThreadError
from . import snapshot
from .broker import Broker, MemoryBroker
from .drainer import Drainer
from .inbox import INBOX_SIZE, Inbox
from .losses import Gap, Loss
from .message import UNKNOWN, Expiry, Message, expiry_time
from .owner import Owner
from .subscription import QUEUE_SIZE, Counters, Handler, Overflow, Subscription
from .topics import TopicIndex

#: Where the hub itself tells what happens, to this process only. Data: `{'topic': …}` of who came or went, just before the
#: former and after the latter; `{'topics': […], 'reason': …}` of what a gap concerns.
SUBSCRIBED = "lona.channels.subscribe"
UNSUBSCRIBED = "lona.channels.unsubscribe"
GAP = "lona.channels.gap"

#: Messages taken over from threads at a time; and after so many seconds the event loop gets its turn.
INBOX_BATCH = 20
INBOX_SECONDS = 0.01

# The real one: the patched one tells greenlets apart, not threads.
_get_ident: Callable[[], int] = monkey.get_original("_thread", "get_ident")


class HubStats(NamedTuple):
    """What a hub has done since it was made (the first eight), and what it holds now."""

    sent: int
    delivered: int              # calls of handlers, and messages taken
    dropped: int                # for want of room in a subscription's queue, once for each subscription
    expired: int
    given_up: int               # droppable ones, for want of room
    errors: int
    gaps: int                   # on the way from other processes
    inbox_dropped: int          # sent by threads faster than the event loop came to them
    inbox: int
    subscriptions: int
    topics: int
    ready: int                  # subscriptions that wait for their turn
    drainers: int               # greenlets that work, or are blocked in a handler
    broker: Mapping[str, int]


class Hub:
    """All subscriptions of a process. `default_hub` is the one that channels use; tests make their own.

    `clock` is POSIX time, for timestamps and expiry; `monotonic` measures bursts; `message_bytes` limits the encoded
    data of a message.
    """

    def __init__(
        self,
        broker: Broker | None = None,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        message_bytes: int = snapshot.MESSAGE_BYTES,
        inbox_size: int = INBOX_SIZE,
    ) -> None:
        self.message_bytes = message_bytes
        self.totals = Counters()
        self.monotonic = monotonic
        self._clock = clock
        self._broker: Broker = broker or MemoryBroker()
        self._index: TopicIndex[Subscription] = TopicIndex()
        self._drainer = Drainer(monotonic)
        self._inbox_size = inbox_size
        self._inbox = Inbox(self._wake, inbox_size)
        self._thread: int | None = None                   # the hub's thread; None: nobody has subscribed yet
        self._gevent_hub: gevent.hub.Hub | None = None    # of this thread; None: not used since a fork
        self._claimed = False                             # an application has said which thread it is
        self._numbers = itertools.count(1)                # `next` is atomic between threads
        self._sent = 0
        self._gaps = 0
        self._identity: dict[str, str] = {}

    def start(self) -> None:
        """From now on the calling thread is the hub's thread; what waits is served by its event loop.

        An application calls it when a process begins to serve. Without it the thread of the first subscription is
        taken.
        """
        self._claimed = True
        self._take_thread()

    def _take_thread(self) -> None:
        hub = gevent.get_hub()
        if _get_ident() == self._thread and hub is self._gevent_hub:
            return
        forked = self._thread is not None and self._gevent_hub is None
        self._thread = _get_ident()
        self._gevent_hub = hub
        self._drainer.restart()
        if forked and len(self._index):
            self._broker.listen()
        for subscription in self._index:
            subscription.enlist()                           # a fork has emptied the ready list
        hub.loop.run_callback(self._empty_inbox)

    @property
    def broker(self) -> Broker:
        """The way to the other processes."""
        return self._broker

    def use(self, broker: Broker) -> None:
        """Publish through `broker`, which is started; the one before is stopped, and what it had not sent is lost."""
        self._broker.stop(0)
        self._broker = broker
        if len(self._index):
            broker.listen()
        broker.start(self)

    def stop(self, timeout: float) -> int:
        """Part from the other processes, once they have all that was sent, or after `timeout` seconds; how much they lack."""
        return self._broker.stop(timeout)

    def subscribe(
        self,
        topic: str,
        handler: Handler,
        owner: Owner | None = None,
        *,
        queue_size: int = QUEUE_SIZE,
        overflow: Overflow = "drop_oldest",
        on_end: Callable[[Subscription], object] | None = None,
    ) -> Subscription:
        """Call `handler(message)` for each message to `topic`, in order, never twice at once. Never waits."""
        if not self._here():
            if self._claimed or len(self._index):
                raise _wrong_thread()
            self._take_thread()
        subscription = Subscription(
            topic, handler, self, owner, queue_size=queue_size, overflow=overflow, on_end=on_end,
        )
        self._tell(SUBSCRIBED, {"topic": topic})
        self._index.add(topic, subscription)
        if len(self._index) == 1:
            self._broker.listen()
        if owner is not None:
            try:
                owner.adopt(subscription)
            except BaseException:                         # the owner is about to end
                subscription.unsubscribe()
                raise
        return subscription

    def send(
        self, topic: str, data: object, expiry: Expiry = None, local: bool = False, droppable: bool = False
    ) -> Message:
        """Send as `Channel.send` does, from any thread."""
        encoded = None if local else snapshot.take(data, self.message_bytes)
        message = self._message(topic, data, encoded, expiry, local, droppable)
        if not local:
            self._broker.publish(message)
        self.deliver(message)
        return message

    def deliver(self, message: Message) -> None:
        """Queue `message` for the subscriptions of this process, from any thread. Never waits."""
        if self._here():
            for subscription in self._index.matching(message.topic):
                subscription.put(message)
        elif self._thread is not None:
            self._inbox.put(message)

    def lost(self, topic: str, count: int) -> None:
        """`count` messages (-1: unknown) to `topic` were lost: the next one of each subscriber says so. From any thread."""
        if self._here():
            for subscription in self._index.matching(topic):
                subscription.miss(count)
        elif self._thread is not None:
            self._inbox.put(Loss(topic, count))

    def gap(self, reason: str) -> None:
        """Everybody may have missed something: each subscriber's next message says so. From any thread."""
        if self._here():
            self._gaps += 1
            for subscription in self._index:
                subscription.miss(UNKNOWN)
            self._tell(GAP, {"topics": self._index.topics(), "reason": reason})
        elif self._thread is not None:
            self._inbox.put(Gap(reason))

    def stats(self) -> HubStats:
        return HubStats(
            sent=self._sent,
            delivered=self.totals.delivered,
            dropped=self.totals.dropped,
            expired=self.totals.expired,
            given_up=self.totals.given_up,
            errors=self.totals.errors,
            gaps=self._gaps,
            inbox_dropped=self._inbox.dropped,
            inbox=len(self._inbox),
            subscriptions=len(self._index),
            topics=len(self._index.topics()),
            ready=len(self._drainer),
            drainers=self._drainer.greenlets,
            broker=self._broker.stats(),
        )

    @property
    def origin(self) -> str:
        """This process among all that ever sent; made at the first use, anew after a fork."""
        # `setdefault` is atomic: two threads that send the first messages must not become two origins.
        return self._identity.get("origin") or self._identity.setdefault("origin", os.urandom(8).hex())

    def ready(self, job: Callable[[], object]) -> None:
        """For subscriptions: call `job()` soon, in a drain greenlet."""
        self._drainer.add(job)

    def leave(self, subscription: Subscription) -> None:
        """For subscriptions that end: no more messages."""
        if not self._here():
            raise _wrong_thread()
        self._index.remove(subscription.topic, subscription)
        if not len(self._index):
            self._broker.unlisten()
        self._tell(UNSUBSCRIBED, {"topic": subscription.topic})

    def forked(self) -> None:
        """This is a child process: event loop, greenlets, threads and views stayed in the parent.

        What was sent while the application was imported, so before anything was handled, each process handles once
        for itself; what a running parent has queued is the parent's.
        """
        untouched = not (self.totals.delivered or self.totals.expired)
        if self._thread is not None:
            self._thread = _get_ident()
        self._gevent_hub = None
        self._claimed = False
        self._identity.clear()
        self._numbers = itertools.count(1)
        self._sent = 0
        self._gaps = 0
        self.totals = Counters()
        self._drainer.clear()
        self._inbox = Inbox(self._wake, self._inbox_size)
        for subscription in list(self._index):
            if subscription.owned:
                self._index.remove(subscription.topic, subscription)
            subscription.forked(keep=untouched)
        self._broker.forked()

    def _tell(self, topic: str, data: object) -> None:
        """Send from the hub itself, if somebody listens: a view that opens costs no message that nobody hears."""
        if self._index.matching(topic):
            self.deliver(self._message(topic, data, snapshot.encode(data), None, True, False))

    def _message(
        self, topic: str, data: object, encoded: str | None, expiry: Expiry, local: bool, droppable: bool
    ) -> Message:
        now = self._clock()
        number = next(self._numbers)
        self._sent = number                               # threads may set it back by a few: it is for `stats`
        return Message(
            topic,
            data if encoded is None else None,
            timestamp=now,
            expiry=expiry_time(expiry, now),
            local=local,
            droppable=droppable,
            id=f"{self.origin}-{number}",
            encoded=encoded,
            clock=self._clock,
        )

    def _here(self) -> bool:
        """True in the hub's thread."""
        if _get_ident() != self._thread:
            return False
        if self._gevent_hub is None:                      # the first use after a fork
            self._take_thread()
        return True

    def _wake(self) -> None:
        """In the thread that put the first message into the inbox."""
        loop = self._gevent_hub.loop if self._gevent_hub is not None else None
        if loop is not None:                              # None: just forked (`start` will look), or at exit
            loop.run_callback_threadsafe(self._empty_inbox)

    def _empty_inbox(self) -> None:
        """A callback of the event loop: it must not wait, and does not."""
        deadline = self.monotonic() + INBOX_SECONDS
        more = True
        try:
            while more and self.monotonic() < deadline:
                items, lost = self._inbox.take(INBOX_BATCH)
                more = bool(items or lost)
                for item in items:
                    if isinstance(item, Message):
                        self.deliver(item)
                    elif isinstance(item, Loss):
                        self.lost(item.topic, item.count)
                    else:
                        self.gap(item.reason)
                for topic, count in lost.items():
                    self.lost(topic, count)
        finally:
            if more:                                      # also when a Ctrl-C came in between: nobody else would wake it
                gevent.get_hub().loop.run_callback(self._empty_inbox)


def _wrong_thread() -> WrongThreadError:
    return WrongThreadError(
        "subscriptions belong to the thread of the event loop; from another thread only Channel.send may be called. "
        "Subscribe before the thread starts, or let the view do it: view.call_soon(function)."
    )


#: The one that `Channel(topic)` uses. A process has one, whatever applications run in it: a channel made at import,
#: before there is an application, or in a plain script without one, must reach the same subscribers as a view's.
default_hub = Hub()
os.register_at_fork(after_in_child=default_hub.forked)
