"""What users write: a name that messages are sent to and handlers subscribe to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .hub import Hub, default_hub
from .mailbox import Mailbox
from .message import Expiry, Message
from .owner import Owner, current_owner
from .subscription import QUEUE_SIZE, Handler, Overflow, Subscription
from .topics import check


class Channel:
    """Publish and subscribe by topic, between views, background tasks, threads and processes.

        prices = Channel('prices.*')

        class Ticker(View):
            def handle_request(self, request):
                self.show(HTML(Div(_id='price')))
                prices.subscribe(self.handle_price)

    Any number of Channel objects may have one topic, and any number of handlers subscribe through one object. `*`,
    `?` and `[…]` are wildcards (as in `fnmatch`, case-sensitive) on either side.

    Messages of one sender to one topic arrive at each subscriber in the order sent, each at most once; a handler
    never runs twice at once; a slow or blocked one delays nobody else.
    """

    __slots__ = ("__weakref__", "_hub", "_subscriptions", "topic")

    def __init__(self, topic: str, handler: Handler | None = None, *, hub: Hub = default_hub) -> None:
        """With `handler`, it is subscribed at once. A topic has 1,000 characters at most."""
        check(topic)
        self.topic = topic
        self._hub = hub
        # By owner, so that one view of ten thousand finds its own at once. What ends is forgotten (`_forget`).
        self._subscriptions: dict[Owner | None, set[Subscription]] = {}
        if handler is not None:
            self.subscribe(handler)

    def subscribe(
        self, handler: Handler, *, queue_size: int = QUEUE_SIZE, overflow: Overflow = "drop_oldest"
    ) -> Subscription:
        """Call `handler(message)` for each message from now on. Never waits; only in the event loop's thread.

        In a view the subscription belongs to it: it ends with the view, the view is shown after each burst of
        messages, and an error of the handler is an error of the view. Elsewhere such an error is logged, and the
        subscription goes on.

        `queue_size` messages may wait. When it is full, `overflow` says what gives way: 'drop_oldest', 'drop_newest',
        or 'stop', which ends the subscription, and stops its view with `SlowSubscriber`. The next message's `missed`
        tells how many were dropped. What was sent as `droppable` gives way before all that, and is not missed.
        """
        owner = current_owner.get()
        subscription = self._hub.subscribe(
            self.topic, handler, owner, queue_size=queue_size, overflow=overflow, on_end=partial(self._forget, owner),
        )
        if subscription.active:
            self._subscriptions.setdefault(owner, set()).add(subscription)
        return subscription

    def mailbox(
        self, wake: Callable[[], object], name: str, *, queue_size: int = QUEUE_SIZE, overflow: Overflow = "drop_oldest",
    ) -> Mailbox:
        """Keep each message from now on until it is asked for (`Mailbox.take`); `wake()` says when to ask.

        Belongs to the view and ends as what `subscribe` makes does. `name` says in logs and errors whose it is.
        `View.await_message` is made of it.
        """
        return Mailbox(wake, name, partial(self.subscribe, queue_size=queue_size, overflow=overflow))

    def unsubscribe(self) -> None:
        """End what was subscribed through this object: in a view by this view, elsewhere outside of views.

        No handler starts after it returned. Never waits; may be called again.
        """
        for subscription in list(self._subscriptions.get(current_owner.get(), ())):
            subscription.unsubscribe()

    def send(
        self, message_data: object = None, expiry: Expiry = None, local: bool = False, droppable: bool = False
    ) -> Message:
        """Send to all subscribers of this topic, in this process and the others. Never waits; from any greenlet and
        any thread.

        `message_data`: None, bool, int, float, str, list, dict with str keys, and what is made of them; it arrives as
        it is now, whatever becomes of it later. TypeError for anything else, ValueError beyond 1 MiB of JSON or 100
        levels. `expiry`: a timedelta from now, a datetime (naive: local time) or a POSIX time, after which it is
        dropped, not handled. `local`: in this process only; the data may then be any object, and is handed over as it
        is. `droppable`: may be given up when there is no way to the other processes, this one ends, or a subscriber's queue
        is full.
        """
        return self._hub.send(self.topic, message_data, expiry, local, droppable)

    def __repr__(self) -> str:
        return f"<Channel {self.topic!r}>"

    def _forget(self, owner: Owner | None, subscription: Subscription) -> None:
        subscriptions = self._subscriptions.get(owner)
        if subscriptions is not None:
            subscriptions.discard(subscription)
            if not subscriptions:
                del self._subscriptions[owner]
