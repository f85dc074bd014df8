"""A subscription that is asked for its messages instead of calling a handler."""

from __future__ import annotations

from collections.abc import Callable

from .message import Message
from .subscription import Subscription, Taker


class Mailbox(Taker):
    """Made by `Channel.mailbox`. The subscription's queue is the only place where messages wait.

    `wake()` is called in the hub's thread, whenever a message has come and when the subscription has ended. It must not wait,
    and is best taken as "look again": the message may have expired when it is looked for.
    """

    __slots__ = ("_name", "_wake", "subscription")

    def __init__(self, wake: Callable[[], object], name: str, subscribe: Callable[[Taker], Subscription]) -> None:
        """`subscribe(self)` is called once, here; what it raises is raised."""
        self._wake = wake
        self._name = name
        self.subscription = subscribe(self)

    @property
    def active(self) -> bool:
        """False once it is unsubscribed."""
        return self.subscription.active

    @property
    def queued(self) -> int:
        """How many messages wait, expired ones included."""
        return self.subscription.queued

    def take(self) -> Message | None:
        """The next message that has not expired; None when there is none. Never waits."""
        return self.subscription.take()

    def unsubscribe(self) -> None:
        """As `Subscription.unsubscribe`: what waits is forgotten."""
        self.subscription.unsubscribe()

    def wake(self) -> None:
        self._wake()

    def __repr__(self) -> str:
        return f"<Mailbox of {self._name}>"


def take_oldest(mailboxes: tuple[Mailbox, ...]) -> Message | None:
    """The next message of the mailbox whose next one was sent first; None when there is none at all."""
    while waiting := [mailbox for mailbox in mailboxes if mailbox.queued]:
        message = min(waiting, key=_oldest).take()
        if message is not None:                  # else all that waited there had expired
            return message
    return None


def _oldest(mailbox: Mailbox) -> float:
    return mailbox.subscription.oldest
