"""The way to the other processes of an application. This process is never a broker's business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .message import Message


class Receiver(Protocol):
    """Where a broker hands in what other processes sent: the hub. All may be called in any thread, and never wait."""

    def deliver(self, message: Message) -> None:
        """Queue `message` for the subscriptions of this process."""

    def lost(self, topic: str, count: int) -> None:
        """`count` messages (-1: nobody knows how many) *sent to* `topic` (may be a pattern) were lost between those delivered
        before and those after this call; the subscribers' next message says so.
        """

    def gap(self, reason: str) -> None:
        """In the same place messages were lost, nobody knows how many, nor to which topics. `reason`: one word for the user."""


class Broker(Protocol):
    """Publishes to the *other* processes of the application, and hands in what they publish.

    To *all* others: the hub delivers to its own process itself, with or without a working broker. So a broker cannot
    deliver twice, and a broken network does not part a view from its neighbour.
    """

    @property
    def url(self) -> str:
        """Where it publishes, without a password."""

    def start(self, receiver: Receiver) -> None:
        """Deliver from now on what others publish. Connects in the background: never waits, nor fails if nobody is there."""

    def publish(self, message: Message) -> None:
        """Send to every other process: each gets it at most once, in order per sender and topic, or hears of the loss.

        From any thread, also before `start` and after `stop` (then it is forgotten or kept, but does not fail). Never
        waits for the network; what cannot be sent yet waits in a bounded backlog, from which it goes when it expires,
        first if it is `droppable`, and beyond which it is dropped, counted and told to the receivers as missed.
        `message.local` is False.
        """

    def listen(self) -> None:
        """From now on somebody in this process listens. Never waits; before `start`, too.

        What other processes publish after this call is delivered, however long the way to them takes to come about.
        """

    def unlisten(self) -> None:
        """Nobody in this process listens any more. Never waits."""

    def flush(self, timeout: float) -> int:
        """Wait up to `timeout` seconds until all that was published is sent. The number of messages that are not."""

    def stop(self, timeout: float) -> int:
        """Deliver nothing more; wait up to `timeout` seconds for what is still to be sent, but not for what is droppable.

        The number of messages that were not sent; the log names their topics. May be called again.
        """

    def retire(self) -> None:
        """Deliver nothing more, send what was published, and end by itself. Never waits; also for the garbage collector."""

    def forked(self) -> None:
        """This is a child process: connections, greenlets, threads and identity are the parent's, and made anew when needed.

        Nobody listens any more; what the parent has not sent is the parent's to send.
        """

    def stats(self) -> Mapping[str, int]:
        """Its counters, by name."""


class MemoryBroker:
    """For an application of one process: there is nobody else."""

    url = "memory:"

    def start(self, receiver: Receiver) -> None:
        pass

    def publish(self, message: Message) -> None:
        pass

    def listen(self) -> None:
        pass

    def unlisten(self) -> None:
        pass

    def flush(self, timeout: float) -> int:
        return 0

    def stop(self, timeout: float) -> int:
        return 0

    def retire(self) -> None:
        pass

    def forked(self) -> None:
        pass

    def stats(self) -> Mapping[str, int]:
        return {}
