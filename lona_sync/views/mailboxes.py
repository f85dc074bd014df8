"""Messages that a view's procedures ask for: `View.await_message`.

Each topic that was ever asked for has one mailbox in the view, and it stays until the view ends or it is unsubscribed; so nothing
is lost between two calls. A message never lies anywhere but in a mailbox's queue or with the caller: whoever waits is woken, not
handed something, and takes it when he runs again, has the turn back, and is sure to return it. A timeout or a stop in the moment
of the arrival therefore has nothing to give back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import gevent
from gevent.hub import Waiter

from ..channels import Channel, Message
from ..channels.mailbox import Mailbox, take_oldest
from ..channels.subscription import BURST_SECONDS
from ..errors import AwaitTimeout
from .clock import Clock
from .turn import Turn


class Host(Protocol):
    """What the mailboxes need of the runtime they work for."""

    @property
    def stopped(self) -> bool: ...

    def check(self) -> None: ...


class Mailboxes:
    """The mailboxes of one view, by topic, and who waits at them."""

    __slots__ = ("_clock", "_host", "_mailboxes", "_monotonic", "_rested", "_turn", "_waits")

    def __init__(self, *, host: Host, turn: Turn, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._turn = turn
        self._clock = clock
        self._monotonic = monotonic
        self._rested = 0.0                               # when somebody waited here last
        self._mailboxes: dict[str, Mailbox] = {}
        self._waits: dict[str, _Wait] = {}               # by topic; a wait at several stands here several times

    def receive(self, channels: tuple[Channel, ...], timeout: float | None) -> Message:
        """See `View.await_message`. For greenlets of the view; waits."""
        for channel in channels:
            if channel.topic in self._waits:
                raise RuntimeError(f"already waiting for messages on {channel.topic!r} in another greenlet of this view")
        mailboxes = tuple(self._open(channel) for channel in channels)
        wait = _Wait(self._clock, timeout)
        topics = [channel.topic for channel in channels]
        self._waits.update(dict.fromkeys(topics, wait))
        try:
            return self._await(wait, mailboxes, topics)
        finally:
            wait.close()
            for topic in topics:
                del self._waits[topic]

    def _await(self, wait: _Wait, mailboxes: tuple[Mailbox, ...], topics: list[str]) -> Message:
        # A loop over ten thousand queued messages must not keep the event loop for as long as it takes.
        if any(mailbox.queued for mailbox in mailboxes) and self._monotonic() - self._rested >= BURST_SECONDS:
            self._rest("the others' turn", partial(gevent.sleep, 0))
        while True:
            self._host.check()
            message = take_oldest(mailboxes)
            if message is not None:
                return message
            for mailbox, topic in zip(mailboxes, topics, strict=True):
                if not mailbox.active:
                    raise RuntimeError(f"unsubscribed from {topic!r} in another greenlet of this view while this one waited")
            if wait.over:
                raise AwaitTimeout(f"no message on {' or '.join(map(repr, topics))} within {wait.timeout} seconds")
            self._rest(tuple(topics), wait.until_woken)  # nothing switches between the look and the wait: no wake-up is lost

    def _rest(self, what: object, rest: Callable[[], object]) -> None:
        """Wait, with the turn given away."""
        self._turn.outside(what, rest)
        self._rested = self._monotonic()

    def _open(self, channel: Channel) -> Mailbox:
        """The topic's mailbox; a new one, through this channel, when there is none or it was unsubscribed."""
        mailbox = self._mailboxes.get(channel.topic)
        if mailbox is None or not mailbox.active:
            mailbox = channel.mailbox(partial(self._wake, channel.topic), f"await_message of {self._host!r}")
            self._mailboxes[channel.topic] = mailbox
        return mailbox

    def _wake(self, topic: str) -> None:
        wait = self._waits.get(topic)
        # In a stopped view the stop reason is on its way to the greenlet: it is to be raised once, not now and once more later.
        if wait is not None and not self._host.stopped:
            wait.wake()


class _Wait:
    """One call of `await_message`: the greenlet that sleeps in it, and its time."""

    __slots__ = ("_timer", "_waiter", "over", "timeout")

    def __init__(self, clock: Clock, timeout: float | None) -> None:
        self.timeout = timeout
        self.over = False                                # the time
        self._waiter: Waiter[None] | None = None         # while it sleeps and nobody has woken it
        self._timer = clock.timer(timeout, self._end) if timeout is not None else None

    def until_woken(self) -> None:
        waiter = self._waiter = Waiter()
        try:
            waiter.get()
        finally:
            self._waiter = None

    def wake(self) -> None:
        """Never waits; any number of times."""
        if self._waiter is not None:
            waiter, self._waiter = self._waiter, None
            gevent.get_hub().loop.run_callback(waiter.switch, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.close()

    def _end(self) -> None:
        self.over = True
        self.wake()
