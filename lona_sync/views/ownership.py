"""A view as the owner of what was subscribed in its greenlets (`channels.Owner`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

import greenlet

from ..channels import Channel, Message, Subscription
from ..channels.owner import Owned, Owner, current_owner
from ..errors import StopReason
from .exits import called_exit, is_of_process
from .turn import Turn


class Host(Protocol):
    """What ownership needs of the runtime it works for."""

    @property
    def stopped(self) -> bool: ...

    def check(self) -> None: ...

    def show_changes(self) -> None: ...

    def crash(self, error: Exception) -> None: ...

    def stop(self, reason: StopReason) -> None: ...


class Guests(Protocol):
    """The greenlets of the view, as far as some of them are none of its own."""

    def enter(self, guest: greenlet.greenlet) -> object:
        """`guest` works for this view now, and is to be stopped with it."""

    def depart(self, guest: greenlet.greenlet) -> object:
        """It does not any more."""


class Ownership:
    """Set as `current_owner` in every greenlet of its view."""

    __slots__ = ("__weakref__", "_guests", "_host", "_subscriptions", "_turn")

    def __init__(self, *, host: Host, guests: Guests, turn: Turn) -> None:
        self._host = host
        self._guests = guests
        self._turn = turn
        self._subscriptions: WeakSet[Owned] | None = None         # most views have none; one that ended is forgotten

    def subscribe(self, topic: str, handler: Callable[[Message], object], *, implicit_show: bool) -> Subscription:
        """For this view, whoever calls. Never waits."""
        owner: Owner = self if implicit_show else _Quiet(self)
        token = current_owner.set(owner)
        try:
            return Channel(topic).subscribe(handler)
        finally:
            current_owner.reset(token)

    @property
    def queued(self) -> int:
        """How many messages wait in all its subscriptions."""
        return sum([subscription.queued for subscription in self._subscriptions]) if self._subscriptions else 0

    @property
    def host(self) -> Host:
        return self._host

    def unsubscribe_all(self) -> None:
        """No handler starts after this returned."""
        for subscription in list(self._subscriptions or ()):
            subscription.unsubscribe()

    def adopt(self, subscription: Owned) -> None:
        self._host.check()
        if self._subscriptions is None:
            self._subscriptions = WeakSet()
        self._subscriptions.add(subscription)

    def run(self, burst: Callable[[], bool]) -> bool | None:
        return self.run_then(burst, self._host.show_changes)

    def run_then(self, burst: Callable[[], bool], show: Callable[[], None]) -> bool | None:
        """`Owner.run`; `show` follows when the burst has called a handler."""
        if self._host.stopped:
            return None
        turn, guests = self._turn, self._guests
        if not turn.take_if_free():
            turn.later(lambda: self._run(burst, show))
            return None
        guest = greenlet.getcurrent()                             # a drainer of the channels: for now it is one of the view's
        token = current_owner.set(self)
        guests.enter(guest)
        try:
            return self._run(burst, show)
        finally:
            current_owner.reset(token)
            if turn.mine:
                turn.give()
            guests.depart(guest)

    def _run(self, burst: Callable[[], bool], show: Callable[[], None]) -> bool:
        called = burst()
        if called:
            try:
                show()
            except Exception as error:
                self._host.crash(error)
        return called

    def failed(self, subscription: Owned, error: BaseException) -> None:
        if isinstance(error, StopReason):
            self._host.stop(error)
        elif isinstance(error, Exception):
            self._host.crash(error)
        elif isinstance(error, SystemExit):
            if is_of_process(error):
                raise error
            self._host.crash(called_exit(error))
        else:                                                     # a gevent.Timeout that a handler let out
            self._host.crash(RuntimeError(f"a handler of {subscription.topic!r} was ended by {error!r}"))


def host_of(owner: Owner | None) -> Host | None:
    """The runtime whose greenlets have this `current_owner`; None: they are no view's."""
    if isinstance(owner, _Quiet):
        return owner.host
    return owner.host if isinstance(owner, Ownership) else None


class _Quiet:
    """The owner of subscriptions that are not followed by a `show()`."""

    __slots__ = ("__weakref__", "_ownership")

    def __init__(self, ownership: Ownership) -> None:
        self._ownership = ownership

    @property
    def host(self) -> Host:
        return self._ownership.host

    def adopt(self, subscription: Owned) -> None:
        self._ownership.adopt(subscription)

    def run(self, burst: Callable[[], bool]) -> bool | None:
        return self._ownership.run_then(burst, lambda: None)

    def failed(self, subscription: Owned, error: BaseException) -> None:
        self._ownership.failed(subscription, error)
