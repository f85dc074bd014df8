"""Channels in one process: who gets what, in which order."""

from __future__ import annotations

import gc
import weakref
from datetime import timedelta
from typing import Any

import gevent
import gevent.event
import pytest

from lona_sync.channels import Channel, Message, stats
from lona_sync.channels.hub import Hub
from tests.channels.helpers import Clock, Heard, View, settle, until


def test_a_message_arrives_with_everything_that_was_sent(hub: Hub, clock: Clock) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)

    sent = channel.send({"x": [1, None]}, expiry=timedelta(seconds=5), droppable=True)
    settle(hub)

    got = heard.messages[0]
    assert heard == [{"x": [1, None]}]
    assert (got.topic, got.timestamp, got.expiry) == ("a", clock.now, clock.now + 5)
    assert (got.local, got.droppable, got.missed) == (False, True, 0)
    assert got.id == sent.id


def test_data_left_out_arrives_as_none(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)

    channel.send()
    settle(hub)

    assert heard == [None]


def test_sending_calls_no_handler(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)

    channel.send(1)

    assert heard == []
    assert hub.stats().ready == 1
    settle(hub)


def test_ids_are_unique(hub: Hub) -> None:
    channel = Channel("a", hub=hub)

    ids = {channel.send().id for _ in range(100)} | {Channel("a", hub=Hub()).send().id}

    assert len(ids) == 101


def test_messages_arrive_in_the_order_sent(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)

    for number in range(2000):
        channel.send(number)
    settle(hub)

    assert heard == list(range(2000))


def test_order_holds_for_a_handler_that_blocks(hub: Hub) -> None:
    heard: list[int] = []
    inside: list[int] = []

    def handler(message: Message) -> None:
        inside.append(1)
        gevent.sleep(0)
        heard.append(message.data)
        assert len(inside) == 1, "runs twice at once"
        inside.pop()

    channel = Channel("a", handler, hub=hub)
    for number in range(300):
        channel.send(number)
    settle(hub)

    assert heard == list(range(300))


def test_a_blocked_handler_delays_no_other(hub: Hub) -> None:
    gate, heard = gevent.event.Event(), Heard()
    channel = Channel("a", hub=hub)
    blocked = channel.subscribe(lambda message: gate.wait())
    channel.subscribe(heard)

    for number in range(250):
        channel.send(number)
    settle(hub, blocked=1)

    assert heard == list(range(250))
    assert blocked.delivered == 1
    assert blocked.queued == 249
    gate.set()
    settle(hub)
    assert blocked.delivered == 250


def test_many_handlers_of_one_channel_object_all_hear(hub: Hub) -> None:
    first, second = Heard(), Heard()
    channel = Channel("a", first, hub=hub)
    channel.subscribe(second)
    channel.subscribe(second)

    channel.send("x")
    settle(hub)

    assert first == ["x"]
    assert second == ["x", "x"]


def test_wildcards_work_on_either_side(hub: Hub) -> None:
    pattern, plain, other = Heard(), Heard(), Heard()
    Channel("chat.*", pattern, hub=hub)
    Channel("chat.a", plain, hub=hub)
    Channel("talk.a", other, hub=hub)

    Channel("chat.a", hub=hub).send("to one")
    Channel("chat.*", hub=hub).send("to many")
    settle(hub)

    assert pattern == ["to one", "to many"]
    assert plain == ["to one", "to many"]
    assert other == []
    assert [message.topic for message in plain.messages] == ["chat.a", "chat.*"]


def test_a_handler_may_send_to_its_own_channel(hub: Hub) -> None:
    heard: list[int] = []
    channel = Channel("a", hub=hub)

    def handler(message: Message) -> None:
        heard.append(message.data)
        if message.data < 500:
            channel.send(message.data + 1)

    channel.subscribe(handler)
    channel.send(1)
    settle(hub)

    assert heard == list(range(1, 501))


def test_later_changes_of_the_sender_reach_nobody(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)
    data = {"list": [1]}

    sent = channel.send(data)
    data["list"].append(2)
    sent.data["list"].append(3)
    settle(hub)

    assert heard == [{"list": [1]}]


def test_changes_of_one_handler_reach_no_other(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    channel.subscribe(lambda message: message.data.append("mine"))
    channel.subscribe(heard)

    channel.send([1])
    settle(hub)

    assert heard == [[1]]


def test_a_local_message_hands_over_any_object_as_it_is(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)
    anything = object()

    channel.send(anything, local=True)
    settle(hub)

    assert heard[0] is anything
    assert heard.messages[0].local


@pytest.mark.parametrize(("data", "error"), [({"x": object()}, TypeError), (["x" * 1_048_577], ValueError)])
def test_bad_data_fails_at_the_sender_and_reaches_nobody(data: object, error: type[Exception], hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", heard, hub=hub)

    with pytest.raises(error):
        channel.send(data)

    settle(hub)
    assert heard == []
    assert hub.stats().sent == 0


def test_the_limit_of_a_message_is_the_hubs(clock: Clock) -> None:
    hub = Hub(clock=clock, message_bytes=10)

    Channel("a", hub=hub).send("12345678")
    with pytest.raises(ValueError, match="10 bytes"):
        Channel("a", hub=hub).send("123456789")

    assert hub.stats().sent == 1


def test_an_expired_message_is_dropped_and_counted(hub: Hub, clock: Clock) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard)

    lost = channel.send(1, expiry=timedelta(seconds=5))
    kept = channel.send(2, expiry=timedelta(seconds=6))
    clock.now += 5
    settle(hub)

    assert heard == [2]
    assert heard.missed == [0]
    assert (subscription.expired, subscription.delivered, hub.stats().expired) == (1, 1, 1)
    assert lost.is_dropped()
    assert not kept.is_dropped()


def test_a_message_that_expires_while_the_handler_blocks_is_not_handled(hub: Hub, clock: Clock) -> None:
    gate, heard = gevent.event.Event(), Heard()
    channel = Channel("a", lambda message: (heard(message), gate.wait()), hub=hub)
    channel.send(1, expiry=timedelta(seconds=5))
    channel.send(2, expiry=timedelta(seconds=5))
    settle(hub, blocked=1)

    clock.now += 10
    gate.set()
    settle(hub)

    assert heard == [1]


@pytest.mark.parametrize("topic", [None, 1, b"a"])
def test_a_topic_must_be_a_str(topic: Any) -> None:
    with pytest.raises(TypeError, match="a topic is a str"):
        Channel(topic)


def test_a_handler_must_be_callable(hub: Hub) -> None:
    channel = Channel("a", hub=hub)

    with pytest.raises(TypeError, match="not callable"):
        channel.subscribe("handler")           # type: ignore[arg-type]     # the mistake

    assert hub.stats().subscriptions == 0


def test_nothing_is_handled_after_unsubscribe_returned(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(heard)
    channel.send(1)

    subscription.unsubscribe()
    channel.send(2)
    settle(hub)

    assert heard == []
    assert (subscription.queued, subscription.active) == (0, False)


def test_unsubscribing_again_does_nothing(hub: Hub) -> None:
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(Heard())

    subscription.unsubscribe()
    subscription.unsubscribe()
    channel.unsubscribe()
    channel.unsubscribe()

    assert hub.stats().subscriptions == 0


def test_a_subscription_ends_with_its_with_block(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)

    with channel.subscribe(heard):
        channel.send(1)
        settle(hub)
    channel.send(2)
    settle(hub)

    assert heard == [1]


def test_a_handler_may_unsubscribe_itself_in_the_middle_of_a_burst(hub: Hub) -> None:
    heard: list[int] = []
    channel = Channel("a", hub=hub)

    def handler(message: Message) -> None:
        heard.append(message.data)
        if message.data == 3:
            subscription.unsubscribe()

    subscription = channel.subscribe(handler)
    for number in range(10):
        channel.send(number)
    settle(hub)

    assert heard == [0, 1, 2, 3]


def test_a_handler_may_unsubscribe_others_that_are_ready(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    channel.subscribe(lambda message: other.unsubscribe())
    other = channel.subscribe(heard)

    channel.send(1)
    settle(hub)

    assert heard == []


def test_a_handler_that_blocks_may_be_unsubscribed_meanwhile(hub: Hub) -> None:
    gate, heard = gevent.event.Event(), Heard()
    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(lambda message: (heard(message), gate.wait()))
    channel.send(1)
    channel.send(2)
    settle(hub, blocked=1)

    subscription.unsubscribe()
    channel.send(3)
    gate.set()
    settle(hub)

    assert heard == [1]


def test_a_handler_may_subscribe_another_that_hears_what_comes_next(hub: Hub) -> None:
    heard = Heard()
    channel = Channel("a", hub=hub)
    first = channel.subscribe(lambda message: (channel.subscribe(heard), first.unsubscribe()))

    channel.send(1)
    settle(hub)
    channel.send(2)
    settle(hub)

    assert heard == [2]


def test_unsubscribe_of_a_channel_ends_what_was_made_through_this_object_outside_of_views(hub: Hub) -> None:
    mine, through_another, of_a_view = Heard(), Heard(), Heard()
    channel, another = Channel("a", mine, hub=hub), Channel("a", through_another, hub=hub)
    View().subscribe(channel, of_a_view)

    channel.unsubscribe()
    another.send(1)
    settle(hub)

    assert mine == []
    assert through_another == [1]
    assert of_a_view == [1]


def test_an_error_is_logged_with_the_handlers_name_and_the_subscription_goes_on(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[int] = []

    def picky_handler(message: Message) -> None:
        heard.append(message.data)
        if message.data == 1:
            raise LookupError("no ones")

    channel = Channel("a", hub=hub)
    subscription = channel.subscribe(picky_handler)
    for number in range(3):
        channel.send(number)
    settle(hub)

    assert heard == [0, 1, 2]
    assert (subscription.errors, hub.stats().errors) == (1, 1)
    assert [record.name for record in caplog.records] == ["lona_sync.channels"]
    assert "picky_handler" in caplog.text
    assert "LookupError: no ones" in caplog.text


def test_a_timeout_that_a_handler_lets_out_is_an_error_too(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()

    def slow(message: Message) -> None:
        heard(message)
        with gevent.Timeout(0.001):
            gevent.event.Event().wait()

    channel = Channel("a", slow, hub=hub)
    channel.send(1)
    channel.send(2)
    settle(hub)

    assert heard == [1, 2]
    assert caplog.text.count("slow, handler of channel 'a', failed") == 2


def test_a_greenlet_killed_in_a_handler_ends_neither_this_nor_other_subscriptions(hub: Hub) -> None:
    heard, other, greenlets = Heard(), Heard(), []

    def handler(message: Message) -> None:
        heard(message)
        if message.data == 1:
            greenlets.append(gevent.getcurrent())
            gevent.event.Event().wait()

    channel = Channel("a", handler, hub=hub)
    channel.subscribe(other)
    for number in range(3):
        channel.send(number)
    until(lambda: greenlets)
    greenlets[0].kill()
    settle(hub)

    assert heard == [0, 1, 2]
    assert other == [0, 1, 2]
    assert hub.stats().errors == 0


def test_a_burst_lets_others_have_their_turn(hub: Hub) -> None:
    heard: list[str] = []
    busy = Channel("busy", lambda message: heard.append("busy"), hub=hub)
    calm = Channel("calm", lambda message: heard.append("calm"), hub=hub)

    for _ in range(250):
        busy.send()
    calm.send()
    settle(hub)

    assert heard.index("calm") == 100
    assert len(heard) == 251


def test_nothing_remains_of_many_that_have_ended(hub: Hub) -> None:
    channel = Channel("global", hub=hub)
    traces: list[weakref.ref[object]] = []

    for _ in range(100):
        views = [View() for _ in range(1000)]
        for view in views:
            view.subscribe(channel, Heard())
        channel.send()
        for view in views:
            view.end()
        traces.append(weakref.ref(views[0]))
    del views, view
    settle(hub)
    gc.collect()

    stats = hub.stats()
    assert (stats.subscriptions, stats.topics, stats.ready, stats.drainers) == (0, 0, 0, 0)
    assert channel._subscriptions == {}
    assert [trace() for trace in traces] == [None] * 100


def test_channels_tell_who_comes_and_who_goes(hub: Hub) -> None:
    heard, everything = Heard(), Heard()
    Channel("lona.channels.*", heard, hub=hub)
    Channel("*", everything, hub=hub)

    channel = Channel("a", Heard(), hub=hub)
    channel.unsubscribe()
    settle(hub)

    assert [(message.topic, message.data, message.local) for message in heard.messages] == [
        ("lona.channels.subscribe", {"topic": "*"}, True),
        ("lona.channels.subscribe", {"topic": "a"}, True),
        ("lona.channels.unsubscribe", {"topic": "a"}, True),
    ]
    assert everything == [{"topic": "a"}, {"topic": "a"}]


def test_a_topic_has_a_length() -> None:
    Channel("a" * 1000)

    with pytest.raises(ValueError, match="1000 characters, and this one has 1001"):
        Channel("a" * 1001)


def test_there_is_one_place_for_all_counters() -> None:
    before = stats()

    Channel("test of counters").send()

    assert stats().sent == before.sent + 1
    assert stats().broker == {}
