"""Subscriptions that belong to somebody with a turn of his own."""

from __future__ import annotations

import gc
import weakref

import gevent
import gevent.event
import pytest

from lona_sync.channels import Channel, Message, Subscription
from lona_sync.channels.hub import Hub
from lona_sync.channels.owner import current_owner
from lona_sync.errors import UserAbort
from tests.channels.helpers import Heard, View, settle, until


def test_a_subscription_made_in_an_owners_greenlet_is_adopted(hub: Hub) -> None:
    view, channel = View(), Channel("a", hub=hub)

    subscription = view.subscribe(channel, Heard())

    assert view.adopted == [subscription]
    assert subscription.owned


def test_a_plain_greenlet_belongs_to_nobody(hub: Hub) -> None:
    view, channel = View(), Channel("a", hub=hub)
    token = current_owner.set(view)

    subscription = gevent.spawn(channel.subscribe, Heard()).get()
    current_owner.reset(token)

    assert not subscription.owned
    assert view.adopted == []


def test_one_show_follows_each_burst(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lona_sync.channels.subscription.BURST_SECONDS", 60.0)       # else a busy machine ends some before 100
    view, channel, heard = View(), Channel("a", hub=hub), Heard()
    view.subscribe(channel, heard)

    for number in range(250):
        channel.send(number)
    settle(hub)

    assert heard == list(range(250))
    assert view.shows == 3


def test_nothing_is_shown_when_nothing_was_handled(hub: Hub) -> None:
    view, channel = View(), Channel("a", hub=hub)
    view.take_turn()
    subscription = view.subscribe(channel, Heard())
    channel.send(1)
    settle(hub)

    subscription.unsubscribe()
    view.give_turn()

    assert view.shows == 0


def test_while_the_turn_is_taken_nothing_is_handled_and_afterwards_all_of_it(hub: Hub) -> None:
    view, channel, heard = View(), Channel("a", hub=hub), Heard()
    view.subscribe(channel, heard)
    view.take_turn()

    for number in range(150):
        channel.send(number)
    settle(hub)
    assert heard == []
    view.give_turn()
    settle(hub)

    assert heard == list(range(150))
    assert view.shows == 2


def test_a_burst_that_waits_for_its_turn_delays_no_other_owner(hub: Hub) -> None:
    busy, free, channel = View(), View(), Channel("a", hub=hub)
    heard = Heard()
    busy.subscribe(channel, Heard())
    free.subscribe(channel, heard)
    busy.take_turn()

    channel.send(1)
    settle(hub)

    assert heard == [1]
    assert hub.stats().drainers == 0


def test_a_burst_is_remembered_once_however_much_comes(hub: Hub) -> None:
    view, channel = View(), Channel("a", hub=hub)
    view.subscribe(channel, Heard())
    view.take_turn()

    for number in range(10):
        channel.send(number)
        settle(hub)

    assert len(view._later) == 1


def test_what_is_left_after_a_burst_that_ran_later_is_handled_too(hub: Hub) -> None:
    view, channel, gate, heard = View(), Channel("a", hub=hub), gevent.event.Event(), Heard()
    view.subscribe(channel, lambda message: (heard(message), gate.wait()))
    view.take_turn()
    channel.send(1)
    settle(hub)
    later = gevent.spawn(view.give_turn)
    until(lambda: heard == [1])

    channel.send(2)
    settle(hub)
    gate.set()
    later.join()
    settle(hub)

    assert heard == [1, 2]


def test_an_error_is_the_owners_and_he_drops_what_is_left(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    view, other, channel, heard = View(), View(), Channel("a", hub=hub), Heard()

    def failing(message: Message) -> None:
        heard(message)
        raise LookupError("gone")

    subscription = view.subscribe(channel, failing)
    unharmed = Heard()
    other.subscribe(channel, unharmed)
    for number in range(3):
        channel.send(number)
    settle(hub)

    assert heard == [0]
    assert [repr(error) for error in view.errors] == ["LookupError('gone')"]
    assert (subscription.errors, subscription.active) == (1, False)
    assert unharmed == [0, 1, 2]
    assert caplog.text == ""


def test_an_owner_who_does_not_unsubscribe_after_an_error_goes_on(hub: Hub) -> None:
    class Lenient(View):
        def failed(self, subscription: object, error: BaseException) -> None:
            self.errors.append(error)

    view, channel, heard = Lenient(), Channel("a", hub=hub), Heard()

    def failing(message: Message) -> None:
        heard(message)
        raise LookupError

    view.subscribe(channel, failing)
    for number in range(3):
        channel.send(number)
    settle(hub)

    assert heard == [0, 1, 2]
    assert len(view.errors) == 3


def test_an_owner_that_ends_is_not_called_again(hub: Hub) -> None:
    view, channel, heard = View(), Channel("a", hub=hub), Heard()
    view.subscribe(channel, heard)
    view.take_turn()
    channel.send(1)
    settle(hub)

    view.end()
    view.give_turn()
    channel.send(2)
    settle(hub)

    assert heard == []
    assert hub.stats().subscriptions == 0


def test_an_owner_may_refuse_to_adopt_and_nothing_remains(hub: Hub) -> None:
    view, channel = View(), Channel("a", hub=hub)
    view.end()

    with pytest.raises(RuntimeError, match="ended"):
        view.subscribe(channel, Heard())

    assert hub.stats().subscriptions == 0
    assert channel._subscriptions == {}


def test_a_stop_reason_in_a_handler_ends_the_greenlet_and_nothing_else(hub: Hub) -> None:
    view, other, channel, heard = View(), View(), Channel("a", hub=hub), Heard()
    greenlets: list[gevent.Greenlet[[], None]] = []

    def blocking(message: Message) -> None:
        greenlets.append(gevent.getcurrent())
        gevent.event.Event().wait()

    view.subscribe(channel, blocking)
    other.subscribe(channel, heard)
    for number in range(3):
        channel.send(number)
    settle(hub, blocked=1)
    view.end()
    greenlets[0].kill(UserAbort())
    settle(hub)

    assert greenlets[0].dead
    assert view.errors == []
    assert not view.busy
    assert heard == [0, 1, 2]


def test_a_handler_that_calls_a_stopped_view_ends_no_other_subscription(hub: Hub) -> None:
    stopped, other, channel, heard = View(), View(), Channel("a", hub=hub), Heard()

    def raising(message: Message) -> None:
        raise UserAbort

    stopped.subscribe(channel, raising)
    other.subscribe(channel, heard)
    channel.send(1)
    channel.send(2)
    settle(hub)

    assert heard == [1, 2]
    assert stopped.errors == []


def test_a_handler_subscribes_for_its_owner(hub: Hub) -> None:
    view, channel = View(), Channel("a", hub=hub)
    view.subscribe(channel, lambda message: Channel("b", hub=hub).subscribe(Heard()))

    channel.send()
    settle(hub)

    assert [subscription.topic for subscription in view.adopted] == ["a", "b"]


def test_unsubscribe_in_a_view_ends_what_this_view_made_through_this_object(hub: Hub) -> None:
    view, other, channel = View(), View(), Channel("a", hub=hub)
    mine, through_another, of_another = Heard(), Heard(), Heard()
    outside = Heard()
    view.subscribe(channel, mine)
    view.subscribe(channel, mine)
    view.subscribe(Channel("a", hub=hub), through_another)
    other.subscribe(channel, of_another)
    channel.subscribe(outside)

    view.unsubscribe(channel)
    view.unsubscribe(channel)
    channel.send(1)
    settle(hub)

    assert mine == []
    assert through_another == of_another == outside == [1]


def test_blocked_handlers_of_many_owners_delay_nobody(hub: Hub) -> None:
    gate, channel, views = gevent.event.Event(), Channel("a", hub=hub), [View() for _ in range(50)]
    heard = Heard()
    for view in views:
        view.subscribe(channel, lambda message: gate.wait())
    View().subscribe(channel, heard)

    channel.send(1)
    settle(hub, blocked=50)

    assert heard == [1]
    gate.set()
    settle(hub)
    assert [view.shows for view in views] == [1] * 50


def test_nothing_is_left_of_a_hundred_thousand_subscriptions_of_views_that_ended(hub: Hub) -> None:
    shared = Channel("shared", hub=hub)
    made: weakref.WeakSet[Subscription] = weakref.WeakSet()

    for number in range(1000):
        view = View()
        for place in range(50):
            made.add(view.subscribe(shared, lambda message: None))
            made.add(view.subscribe(Channel(f"own.{number}.{place}", hub=hub), lambda message: None))
        shared.send(number)                              # and every queue holds something when its view ends
        view.end()
    settle(hub)
    del view
    gc.collect()

    stats = hub.stats()
    assert stats.delivered == 0
    assert (stats.subscriptions, stats.topics, stats.ready, stats.drainers) == (0, 0, 0, 0)
    assert not shared._subscriptions
    assert not made
