"""What several tests of channels use."""

from __future__ import annotations

import time
from collections.abc import Callable

import gevent

from lona_sync.channels import Channel, Message, Subscription
from lona_sync.channels.hub import Hub
from lona_sync.channels.owner import Owned, current_owner


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Let the event loop run until `condition()` is true; fail after `seconds`."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "the condition did not come true in time"
        gevent.sleep(0.001)


def settle(hub: Hub, blocked: int = 0) -> None:
    """Let the event loop run until `hub` has nothing to do; `blocked` handlers may be waiting for something."""

    def idle() -> bool:
        stats = hub.stats()
        return not stats.ready and not stats.inbox and stats.drainers == blocked

    until(idle)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self, now: float = 2_000_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Heard(list[object]):
    """A handler that keeps the data of what it heard; `messages` keeps all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def __call__(self, message: Message) -> None:
        self.append(message.data)
        self.messages.append(message)

    @property
    def missed(self) -> list[int]:
        return [message.missed for message in self.messages]


class View:
    """An owner as a view's runtime is one, and no more: a turn that is free or not, and a record of what happened."""

    def __init__(self) -> None:
        self.adopted: list[Owned] = []
        self.errors: list[BaseException] = []
        self.shows = 0
        self.busy = False
        self.ended = False
        self._later: list[Callable[[], bool]] = []

    def adopt(self, subscription: Owned) -> None:
        if self.ended:
            raise RuntimeError("ended")
        self.adopted.append(subscription)

    def run(self, burst: Callable[[], bool]) -> bool | None:
        if self.ended:
            return None
        if self.busy:
            self._later.append(burst)
            return None
        self.busy = True
        token = current_owner.set(self)
        try:
            called = burst()
            if called:
                self.shows += 1
            return called
        finally:
            current_owner.reset(token)
            self.busy = False

    def failed(self, subscription: Owned, error: BaseException) -> None:
        self.errors.append(error)
        subscription.unsubscribe()

    def take_turn(self) -> None:
        """Somebody else of this view is at work."""
        self.busy = True

    def give_turn(self) -> None:
        """He is done; what was remembered runs in a greenlet of the view."""
        self.busy = False
        later, self._later = self._later, []
        for burst in later:
            gevent.spawn(self.run, burst).join()

    def end(self) -> None:
        self.ended = True
        self._later.clear()
        for subscription in self.adopted:
            subscription.unsubscribe()

    def subscribe(self, channel: Channel, handler: Callable[[Message], object]) -> Subscription:
        """Subscribe as code in a greenlet of this view does."""
        token = current_owner.set(self)
        try:
            return channel.subscribe(handler)
        finally:
            current_owner.reset(token)

    def unsubscribe(self, channel: Channel) -> None:
        token = current_owner.set(self)
        try:
            channel.unsubscribe()
        finally:
            current_owner.reset(token)
