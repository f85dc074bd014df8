"""Subscriptions that are asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lona_sync.channels import Channel, Message
from lona_sync.channels.hub import Hub
from lona_sync.channels.mailbox import Mailbox, take_oldest
from lona_sync.channels.owner import current_owner
from lona_sync.channels.subscription import Overflow
from lona_sync.errors import SlowSubscriber
from tests.channels.helpers import Clock, View, settle


class Bell:
    """Counts how often it was rung."""

    def __init__(self) -> None:
        self.rings = 0

    def __call__(self) -> None:
        self.rings += 1


def open_mailbox(hub: Hub, topic: str = "a", *, queue_size: int = 100, overflow: Overflow = "drop_oldest") -> Mailbox:
    return Channel(topic, hub=hub).mailbox(Bell(), "a test", queue_size=queue_size, overflow=overflow)


def taken(mailbox: Mailbox) -> list[Message]:
    """All that waits."""
    found = []
    while (message := mailbox.take()) is not None:
        found.append(message)
    return found


def test_messages_wait_until_they_are_taken_in_order(hub: Hub) -> None:
    mailbox = open_mailbox(hub)

    for number in range(3):
        Channel("a", hub=hub).send(number)
    settle(hub)

    assert mailbox.queued == 3
    assert [message.data for message in taken(mailbox)] == [0, 1, 2]
    assert mailbox.take() is None


def test_delivered_is_what_was_taken(hub: Hub) -> None:
    mailbox = open_mailbox(hub)
    for number in range(3):
        Channel("a", hub=hub).send(number)

    mailbox.take()

    assert (mailbox.subscription.delivered, mailbox.subscription.queued) == (1, 2)
    assert hub.stats().delivered == 1


def test_nothing_runs_for_a_message_that_waits(hub: Hub) -> None:
    open_mailbox(hub)

    Channel("a", hub=hub).send()

    assert (hub.stats().ready, hub.stats().drainers) == (0, 0)


def test_the_bell_rings_for_each_message_and_for_the_end(hub: Hub) -> None:
    bell = Bell()
    mailbox = Channel("a", hub=hub).mailbox(bell, "a test")

    Channel("a", hub=hub).send()
    Channel("a", hub=hub).send()
    rung_for_messages = bell.rings
    mailbox.unsubscribe()
    mailbox.unsubscribe()

    assert rung_for_messages == 2
    assert bell.rings == 3


def test_each_mailbox_gets_a_copy_of_its_own(hub: Hub) -> None:
    first, second = open_mailbox(hub), open_mailbox(hub)
    Channel("a", hub=hub).send([1])

    one, other = first.take(), second.take()
    assert one is not None and other is not None
    one.data.append(2)

    assert other.data == [1]


def test_what_expired_while_it_waited_is_skipped_and_counted(hub: Hub, clock: Clock) -> None:
    mailbox = open_mailbox(hub)
    sent = Channel("a", hub=hub).send(1, expiry=timedelta(seconds=5))
    Channel("a", hub=hub).send(2)
    clock.now += 5

    message = mailbox.take()

    assert message is not None
    assert (message.data, message.missed) == (2, 0)
    assert (mailbox.subscription.expired, mailbox.subscription.delivered) == (1, 1)
    assert sent.is_dropped()


def test_a_mailbox_of_expired_messages_is_empty(hub: Hub, clock: Clock) -> None:
    mailbox = open_mailbox(hub)
    for _ in range(3):
        Channel("a", hub=hub).send(expiry=timedelta(seconds=5))
    clock.now += 5

    assert mailbox.take() is None
    assert (mailbox.queued, mailbox.subscription.expired) == (0, 3)


@pytest.mark.parametrize(("overflow", "kept", "missed"), [("drop_oldest", [2, 3], [2, 0]), ("drop_newest", [0, 1], [0, 0])])
def test_a_full_one_drops_by_its_policy_and_tells(overflow: Overflow, kept: list[int], missed: list[int], hub: Hub) -> None:
    mailbox = open_mailbox(hub, queue_size=2, overflow=overflow)

    for number in range(4):
        Channel("a", hub=hub).send(number)
    messages = taken(mailbox)

    assert [message.data for message in messages] == kept
    assert [message.missed for message in messages] == missed
    assert mailbox.subscription.dropped == 2


def test_drops_are_logged_when_somebody_looks(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    mailbox = open_mailbox(hub, queue_size=1)

    for number in range(4):
        Channel("a", hub=hub).send(number)
    taken(mailbox)

    assert [record.getMessage() for record in caplog.records] == [
        "<Mailbox of a test>, handler of channel 'a', is too slow: 3 messages dropped",
    ]


def test_a_droppable_message_gives_way_to_a_full_one(hub: Hub) -> None:
    mailbox = open_mailbox(hub, queue_size=1)

    Channel("a", hub=hub).send(0)
    Channel("a", hub=hub).send(1, droppable=True)

    assert [message.data for message in taken(mailbox)] == [0]
    assert (mailbox.subscription.given_up, mailbox.subscription.dropped) == (1, 0)


def test_stop_ends_it_and_tells_its_owner(hub: Hub) -> None:
    view, bell = View(), Bell()
    token = current_owner.set(view)
    mailbox = Channel("a", hub=hub).mailbox(bell, "a test", queue_size=1, overflow="stop")
    current_owner.reset(token)

    Channel("a", hub=hub).send(1)
    Channel("a", hub=hub).send(2)
    settle(hub)

    assert not mailbox.active
    assert mailbox.take() is None
    assert [type(error) for error in view.errors] == [SlowSubscriber]
    assert bell.rings == 2


def test_a_loss_on_the_way_is_told_by_the_next_message(hub: Hub) -> None:
    mailbox = open_mailbox(hub)

    hub.lost("a", 4)
    Channel("a", hub=hub).send()
    message = mailbox.take()

    assert message is not None
    assert message.missed == 4


def test_unsubscribe_forgets_what_waits(hub: Hub) -> None:
    mailbox = open_mailbox(hub)
    Channel("a", hub=hub).send(1)

    mailbox.unsubscribe()
    Channel("a", hub=hub).send(2)

    assert not mailbox.active
    assert mailbox.take() is None
    assert hub.stats().subscriptions == 0


def test_unsubscribe_of_its_channel_ends_it(hub: Hub) -> None:
    channel = Channel("a", hub=hub)
    mailbox = channel.mailbox(Bell(), "a test")

    channel.unsubscribe()

    assert not mailbox.active
    assert channel._subscriptions == {}


def test_it_belongs_to_the_view_in_whose_greenlet_it_was_made_and_ends_with_it(hub: Hub) -> None:
    view = View()
    token = current_owner.set(view)
    mailbox = open_mailbox(hub)
    current_owner.reset(token)

    view.end()

    assert view.adopted == [mailbox.subscription]
    assert not mailbox.active


def test_a_busy_view_may_take_and_nothing_is_shown(hub: Hub) -> None:
    view = View()
    view.take_turn()
    token = current_owner.set(view)
    mailbox = open_mailbox(hub)
    current_owner.reset(token)
    Channel("a", hub=hub).send()
    settle(hub)

    assert mailbox.take() is not None
    view.give_turn()
    assert view.shows == 0


def test_a_view_that_ends_gets_no_mailbox(hub: Hub) -> None:
    view = View()
    view.end()
    token = current_owner.set(view)

    with pytest.raises(RuntimeError, match="ended"):
        open_mailbox(hub)

    current_owner.reset(token)
    assert hub.stats().subscriptions == 0


def test_of_several_the_message_sent_first_is_taken_first(hub: Hub, clock: Clock) -> None:
    mailboxes = open_mailbox(hub, "a"), open_mailbox(hub, "b"), open_mailbox(hub, "c")
    for number, topic in enumerate("bcaab"):
        Channel(topic, hub=hub).send(number)
        clock.now += 1

    order = []
    while (message := take_oldest(mailboxes)) is not None:
        order.append(message.data)

    assert order == [0, 1, 2, 3, 4]


def test_an_expired_message_keeps_no_other_mailboxs_back(hub: Hub, clock: Clock) -> None:
    mailboxes = open_mailbox(hub, "a"), open_mailbox(hub, "b")
    Channel("a", hub=hub).send(1, expiry=timedelta(seconds=1))
    clock.now += 1
    Channel("b", hub=hub).send(2)

    message = take_oldest(mailboxes)

    assert message is not None
    assert message.data == 2


def test_in_a_forked_child_a_views_mailbox_is_the_parents(hub: Hub) -> None:
    token = current_owner.set(View())
    owned = open_mailbox(hub)
    current_owner.reset(token)
    free = open_mailbox(hub)
    Channel("a", hub=hub).send(1)

    hub.forked()

    assert (owned.active, owned.queued) == (False, 0)
    assert [message.data for message in taken(free)] == [1]
