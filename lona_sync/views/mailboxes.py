"""Messages that a view's procedures ask for: `View.await_message`, and `message(…)` in `View.await_any`.

Each topic that was ever asked for has one mailbox in the view, and it stays until the view ends or it is unsubscribed; so nothing
is lost between two calls. A message never lies anywhere but in a mailbox's queue or with the caller.
"""

from __future__ import annotations

from functools import partial

from ..channels import Channel
from ..channels.mailbox import Mailbox, take_oldest
from .choice import Came, Host, Place, Postbox, Source, Wake


class Messages:
    """A message on one of these channels, each with a topic of its own."""

    __slots__ = ("channels",)
    kind = "message"
    rests = True

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        self.channels = channels

    def open(self, place: Place) -> Source:
        return MessageSource(self, place.mailboxes)

    def __str__(self) -> str:
        return f"message on {' or '.join(repr(channel.topic) for channel in self.channels)}"


class Mailboxes:
    """The mailboxes of one view, by topic, and who waits at them."""

    __slots__ = ("_host", "_mailboxes", "_waits")

    def __init__(self, host: Host) -> None:
        self._host = host
        self._mailboxes: dict[str, Mailbox] = {}
        self._waits: dict[str, Wake] = {}                # by topic; a wait at several stands here several times

    def begin(self, channels: tuple[Channel, ...], wake: Wake) -> tuple[Mailbox, ...]:
        """Wake this one by what comes on these channels from now on; their mailboxes."""
        for channel in channels:
            if self._waits.get(channel.topic, wake) is not wake:
                raise RuntimeError(f"already waiting for messages on {channel.topic!r} in another greenlet of this view")
        mailboxes = tuple(self._open(channel) for channel in channels)
        self._waits.update(dict.fromkeys([channel.topic for channel in channels], wake))
        return mailboxes

    def end(self, channels: tuple[Channel, ...]) -> None:
        """Nobody waits for these any more."""
        for channel in channels:
            self._waits.pop(channel.topic, None)         # None: two sources of one wait have named it

    def _open(self, channel: Channel) -> Mailbox:
        """The topic's mailbox; a new one, through this channel, when there is none or it was unsubscribed."""
        mailbox = self._mailboxes.get(channel.topic)
        if mailbox is None or not mailbox.active:
            mailbox = channel.mailbox(partial(self._wake, channel.topic), f"await_message of {self._host!r}")
            self._mailboxes[channel.topic] = mailbox
        return mailbox

    def _wake(self, topic: str) -> None:
        wake = self._waits.get(topic)
        if wake is not None:
            wake.wake()


class MessageSource:
    """The mailboxes of some channels, during one wait."""

    __slots__ = ("_boxes", "_mailboxes", "_messages")

    def __init__(self, messages: Messages, mailboxes: Postbox) -> None:
        self._messages = messages
        self._mailboxes = mailboxes
        self._boxes: tuple[Mailbox, ...] = ()

    def begin(self, wake: Wake) -> None:
        self._boxes = self._mailboxes.begin(self._messages.channels, wake)

    def came(self) -> float | None:
        sent = [box.subscription.oldest for box in self._boxes if box.queued]
        if sent:
            return min(sent)
        for box, channel in zip(self._boxes, self._messages.channels, strict=True):
            if not box.active:
                raise RuntimeError(
                    f"unsubscribed from {channel.topic!r} in another greenlet of this view while this one waited"
                )
        return None

    def take(self) -> Came | None:
        message = take_oldest(self._boxes)
        return None if message is None else Came("message", message, self._messages)

    def end(self) -> None:
        self._mailboxes.end(self._messages.channels)
