"""Queues: what happens when they are full, and how it is told."""

from __future__ import annotations

from datetime import timedelta

import gevent
import gevent.event
import pytest

from lona_sync.channels import Channel, Message
from lona_sync.channels.hub import Hub
from lona_sync.channels.subscription import BURST_SECONDS, Overflow, Subscription
from lona_sync.errors import SlowSubscriber, StopReason
from tests.channels.helpers import Clock, Heard, View, settle


def test_the_oldest_give_way_by_default_and_the_next_message_tells(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=3)

    sent = [channel.send(number) for number in range(5)]
    settle(hub)

    assert heard == [2, 3, 4]
    assert heard.missed == [2, 0, 0]
    assert (subscription.dropped, subscription.delivered, hub.stats().dropped) == (2, 3, 2)
    assert [message.is_dropped() for message in sent] == [True, True, False, False, False]


def test_drop_newest_keeps_what_is_queued_and_the_next_to_come_tells(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=3, overflow="drop_newest")

    for number in range(5):
        channel.send(number)
    settle(hub)
    channel.send(5)
    channel.send(6)
    settle(hub)

    assert heard == [0, 1, 2, 5, 6]
    assert heard.missed == [0, 0, 0, 2, 0]
    assert subscription.dropped == 2


@pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest"])
def test_missed_and_heard_together_are_all_that_was_sent(overflow: Overflow, hub: Hub) -> None:
    heard, gate = Heard(), gevent.event.Event()
    channel = Channel("a", hub=hub)
    channel.subscribe(lambda message: (heard(message), gate.wait()), queue_size=3, overflow=overflow)

    for number in range(10):
        channel.send(number)
    settle(hub, blocked=1)
    for number in range(10, 20):
        channel.send(number)
    gate.set()
    settle(hub)
    channel.send("last")
    settle(hub)

    assert len(heard) + sum(heard.missed) == 21


def test_a_lost_message_is_told_by_the_next_one_that_has_not_expired(hub: Hub, clock: Clock) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=2)

    for number in range(3):
        channel.send(number, expiry=timedelta(seconds=5))
    clock.now += 5
    channel.send(3)
    settle(hub)

    assert heard == [3]
    assert heard.missed == [2]
    assert (subscription.dropped, subscription.expired) == (2, 1)


def test_a_droppable_message_gives_way_to_a_full_queue_and_nobody_misses_it(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=2)

    sent = [channel.send(number) for number in range(2)]
    given_up = channel.send(2, droppable=True)
    settle(hub)
    channel.send(3)
    settle(hub)

    assert heard == [0, 1, 3]
    assert heard.missed == [0, 0, 0]
    assert (subscription.given_up, subscription.dropped, hub.totals.given_up, hub.totals.dropped) == (1, 0, 1, 0)
    assert [message.is_dropped() for message in [*sent, given_up]] == [False, False, True]


def test_a_droppable_message_with_room_is_a_message_like_others(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=2)

    channel.send(0, droppable=True)
    channel.send(1, droppable=True)
    settle(hub)

    assert heard == [0, 1]
    assert subscription.given_up == 0


def test_the_oldest_is_given_up_and_not_missed_when_it_is_droppable(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=2)

    sent = [channel.send(0), channel.send(1, droppable=True)]
    channel.send(2)                                # 0 is dropped
    channel.send(3)                                # 1 is given up
    settle(hub)

    assert heard == [2, 3]
    assert heard.missed == [1, 0]
    assert (subscription.dropped, subscription.given_up) == (1, 1)
    assert [message.is_dropped() for message in sent] == [True, True]


def test_what_was_lost_before_a_message_that_is_given_up_is_still_told(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    channel.subscribe(heard, queue_size=1)

    hub.lost("a", 3)
    channel.send(0, droppable=True)
    channel.send(1)
    settle(hub)

    assert heard == [1]
    assert heard.missed == [3]


@pytest.mark.parametrize("overflow", ["drop_newest", "stop"])
def test_no_policy_acts_for_a_droppable_message(overflow: Overflow, hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=1, overflow=overflow)

    channel.send(0)
    channel.send(1, droppable=True)
    settle(hub)
    channel.send(2)
    settle(hub)

    assert heard == [0, 2]
    assert heard.missed == [0, 0]
    assert (subscription.active, subscription.given_up, subscription.dropped) == (True, 1, 0)


def test_what_was_given_up_is_not_logged(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    channel = Channel("a", hub=hub)
    channel.subscribe(Heard(), queue_size=1)

    for number in range(4):
        channel.send(number, droppable=True)
    settle(hub)

    assert caplog.text == ""


def test_a_subscription_that_ends_while_a_message_is_on_its_way_keeps_nothing(hub: Hub) -> None:
    first = Channel("a", hub=hub).subscribe(Heard(), queue_size=1, overflow="stop")
    second = Channel("*", hub=hub).subscribe(Heard(), queue_size=1, overflow="stop")
    Channel("a", hub=hub).send(1)

    # It ends the first, which is told to the second and ends that, too; then the message itself comes to the second.
    Channel("a", hub=hub).send(2)

    assert (first.active, second.active) == (False, False)
    assert (first.queued, second.queued) == (0, 0)
    settle(hub)


def test_drops_are_logged_once_a_burst(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    channel = Channel("a", hub=hub)
    channel.subscribe(Heard(), queue_size=1)

    for _ in range(2):
        for number in range(4):
            channel.send(number)
        settle(hub)

    assert [record.getMessage().endswith("is too slow: 3 messages dropped") for record in caplog.records] == [True, True]


def test_stop_ends_a_subscription_outside_of_views_and_logs_it(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard, queue_size=2, overflow="stop")

    for number in range(4):
        channel.send(number)
    settle(hub)

    assert heard == []
    assert (subscription.active, subscription.dropped) == (False, 1)
    assert "SlowSubscriber: 2 messages wait for" in caplog.text


def test_stop_tells_the_owner_even_while_its_handler_blocks(hub: Hub) -> None:
    view, gate = View(), gevent.event.Event()
    channel = Channel("a", hub=hub)
    subscription = hub.subscribe("a", lambda message: gate.wait(), view, queue_size=2, overflow="stop")
    channel.send(0)
    settle(hub, blocked=1)

    for number in range(3):
        channel.send(number)
    settle(hub, blocked=1)

    assert [type(error) for error in view.errors] == [SlowSubscriber]
    assert isinstance(view.errors[0], StopReason)
    assert not subscription.active
    gate.set()
    settle(hub)


def test_a_sender_does_not_hear_of_a_slow_subscriber(hub: Hub) -> None:
    told: list[object] = []

    class Telling(View):
        def failed(self, subscription: object, error: BaseException) -> None:
            told.append(error)

    channel = Channel("a", hub=hub)
    hub.subscribe("a", Heard(), Telling(), queue_size=1, overflow="stop")

    channel.send(1)
    channel.send(2)

    assert told == []
    settle(hub)
    assert len(told) == 1


@pytest.mark.parametrize("queue_size", [0, -1, 1.5, True, None])
def test_a_queue_has_room_for_one_at_least(queue_size: object, hub: Hub) -> None:
    channel = Channel("a", hub=hub)

    with pytest.raises(ValueError, match="queue_size must be a number of messages"):
        channel.subscribe(Heard(), queue_size=queue_size)     # type: ignore[arg-type]     # the mistake

    assert hub.stats().subscriptions == 0


def test_an_unknown_policy_is_refused(hub: Hub) -> None:
    channel = Channel("a", hub=hub)

    with pytest.raises(ValueError, match="overflow must be one of drop_oldest, drop_newest, stop, not 'block'"):
        channel.subscribe(Heard(), overflow="block")          # type: ignore[arg-type]     # the mistake

    assert hub.stats().subscriptions == 0


def test_a_loss_on_the_way_is_told_by_the_next_message(hub: Hub) -> None:
    heard, other = Heard(), Heard()
    channel = Channel("a.b", heard, hub=hub)
    Channel("c", other, hub=hub)
    channel.send(1)

    hub.lost("a.*", 3)
    hub.lost("a.b", 4)
    channel.send(2)
    Channel("c", hub=hub).send(2)
    settle(hub)

    assert heard.missed == [0, 7]
    assert other.missed == [0]


def test_an_unknown_loss_is_minus_one_whatever_is_added(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    channel.subscribe(heard, queue_size=1)

    hub.lost("a", -1)
    channel.send(1)
    channel.send(2)
    settle(hub)

    assert heard == [2]
    assert heard.missed == [-1]


def test_a_burst_ends_when_its_time_is_up(clock: Clock) -> None:
    hub, heard, monotonic = Hub(clock=clock), [], Clock(0)
    hub = Hub(clock=clock, monotonic=monotonic)
    view = View()

    def handler(message: Message) -> None:
        heard.append((message.data, view.shows))
        monotonic.now += BURST_SECONDS / 2

    channel = Channel("a", hub=hub)
    view.subscribe(channel, handler)
    for number in range(4):
        channel.send(number)
    settle(hub)

    assert heard == [(0, 0), (1, 0), (2, 1), (3, 1)]
    assert view.shows == 2


def test_a_burst_is_what_was_queued_at_its_start(hub: Hub) -> None:
    view, channel = View(), Channel("a", hub=hub)
    shows: list[int] = []

    def handler(message: Message) -> None:
        shows.append(view.shows)
        if message.data < 2:
            channel.send(message.data + 1)

    view.subscribe(channel, handler)
    channel.send(0)
    channel.send(0)
    settle(hub)

    assert shows == [0, 0, 1, 1, 2, 2]


def test_the_repr_names_topic_and_handler(hub: Hub) -> None:
    subscription = Channel("a", hub=hub).subscribe(test_the_repr_names_topic_and_handler)     # type: ignore[arg-type]

    text = repr(subscription)

    assert isinstance(subscription, Subscription)
    assert "'a'" in text
    assert "test_the_repr_names_topic_and_handler" in text
