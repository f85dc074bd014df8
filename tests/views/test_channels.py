"""Channels in views."""

from __future__ import annotations

from typing import Any

import gevent
import pytest

from lona_sync import Channel, Message, View
from lona_sync.html import H1, HTML, Button, P
from lona_sync.testing import Client
from tests.views.apps import app_of, open_view

news = Channel("news")


class Receiver(View):
    def handle_request(self, request: object) -> None:
        display = P("waiting")

        def handle(message: Message) -> None:
            if message.data == "crash":
                raise LookupError("of one receiver")
            display.set_text(str(message.data))

        news.subscribe(handle)
        self.show(HTML(H1("Receiver"), display))


class Sender(View):
    def handle_request(self, request: object) -> None:
        button = Button("send")
        self.show(button)
        for number in range(1, 1000):
            self.await_click(button)
            news.send(number)


def subscriptions() -> int:
    from lona_sync.channels.hub import default_hub

    return default_hub.stats().subscriptions


def test_many_senders_reach_many_receivers() -> None:
    app = app_of(Receiver, Sender)
    receivers = [Client(app).open("/") for _ in range(3)]
    senders = [Client(app).open("/1") for _ in range(2)]

    senders[0].click("button")
    senders[1].click("button")
    senders[1].click("button")

    assert [receiver.text("p") for receiver in receivers] == ["2"] * 3
    app.stop()


def test_a_crashing_handler_ends_its_own_view_only(caplog: pytest.LogCaptureFixture) -> None:
    class Fragile(View):
        def handle_request(self, request: object) -> None:
            news.subscribe(lambda message: 1 / 0)
            self.show(H1("fine"))

    app = app_of(Receiver, Fragile)
    good, bad = Client(app).open("/"), Client(app).open("/1")
    news.send("hello")
    good.settle()

    assert bad.text("h1") == "500 Internal Error"
    assert good.text("p") == "hello"
    news.send("again")
    good.settle()
    assert good.text("p") == "again"
    app.stop()


def test_a_closed_receiver_is_unsubscribed() -> None:
    before = subscriptions()
    page = open_view(Receiver)
    during = subscriptions()
    page.close()

    assert (during, subscriptions()) == (before + 1, before)


def test_a_burst_is_shown_once() -> None:
    page = open_view(Receiver)
    page.reading = False
    for number in range(50):
        news.send(number)
    page.settle()
    frames = len(page._inbox)
    page.resume_reading()

    assert frames == 1
    assert page.text("p") == "49"
    page.close()


def test_a_subscription_without_implicit_show_shows_nothing_by_itself() -> None:
    class Quiet(View):
        def handle_request(self, request: object) -> None:
            text = P("0")
            self.subscribe("quiet", lambda message: text.set_text("1"), implicit_show=False)
            self.show(text)

        def handle_input_event(self, event: object) -> None:
            self.show()

    page = open_view(Quiet)
    Channel("quiet").send()
    page.settle()
    before = page.text("p")
    page.fire("show")

    assert (before, page.text("p")) == ("0", "1")
    page.close()


def test_a_handler_of_a_busy_view_waits_for_its_turn_and_delays_no_other_view() -> None:
    go = gevent.event.Event()
    notes: list[Any] = []

    class Busy(View):
        def handle_request(self, request: object) -> object:
            self.subscribe("turn", lambda message: notes.append(("busy", message.data)))
            return Button("x", handle_click=self.wait)

        def wait(self, event: object) -> None:
            go.wait()

    class Idle(View):
        def handle_request(self, request: object) -> None:
            self.subscribe("turn", lambda message: notes.append(("idle", message.data)))

    app = app_of(Busy, Idle)
    busy, idle = Client(app).open("/"), Client(app).open("/1")
    busy.click("button")
    Channel("turn").send(1)
    Channel("turn").send(2)
    idle.settle()
    before = list(notes)
    go.set()
    busy.settle()

    assert before == [("idle", 1), ("idle", 2)]
    assert notes[2:] == [("busy", 1), ("busy", 2)]
    app.stop()


def test_a_handler_may_await_a_click_and_later_messages_wait_in_order() -> None:
    notes: list[Any] = []

    class Asking(View):
        def handle_request(self, request: object) -> object:
            self.button = Button("yes")
            self.subscribe("ask", self.ask)
            return self.button

        def ask(self, message: Message) -> None:
            self.await_click(self.button)
            notes.append(message.data)

    page = open_view(Asking)
    Channel("ask").send(1)
    Channel("ask").send(2)
    page.settle()
    page.click("button")
    after_one = list(notes)
    page.click("button")

    assert after_one == [1]
    assert notes == [1, 2]
    page.close()


def test_a_click_that_was_kept_for_a_handler_is_stale_when_that_has_returned() -> None:
    class Asking(View):
        def handle_request(self, request: object) -> object:
            self.button = Button("yes")
            self.subscribe("ask", self.ask)
            return self.button

        def ask(self, message: Message) -> None:
            self.await_click(self.button)

    client = Client(app_of(Asking))
    page = client.open("/")
    Channel("ask").send(1)
    page.settle()
    page.click_quickly("button")
    page.click_quickly("button")
    page.settle()

    assert client.app.stats()["events.stale"] == 1
    client.app.stop()


def test_a_view_closed_while_its_handler_is_blocked_ends_and_others_go_on() -> None:
    class Blocked(View):
        def handle_request(self, request: object) -> None:
            self.subscribe("block", lambda message: gevent.sleep(1000))

    app = app_of(Blocked, Receiver)
    blocked, receiver = Client(app).open("/"), Client(app).open("/1")
    Channel("block").send()
    blocked.settle()
    blocked.close()
    news.send("still here")
    receiver.settle()

    assert receiver.text("p") == "still here"
    assert app.stats()["views"] == 1
    app.stop()


def test_unsubscribe_in_a_view_ends_what_this_view_subscribed() -> None:
    seen: list[str] = []

    class Leaving(View):
        def handle_request(self, request: object) -> object:
            name = request.GET["name"]      # type: ignore[attr-defined]
            news.subscribe(lambda message: seen.append(name))
            return Button("x", handle_click=lambda event: news.unsubscribe())

    app = app_of(Leaving)
    first, second = Client(app).open("/?name=first"), Client(app).open("/?name=second")
    first.click("button")
    news.send()
    second.settle()

    assert seen == ["second"]
    app.stop()


def test_a_greenlet_of_the_view_subscribes_for_the_view() -> None:
    before = subscriptions()

    class Spawning(View):
        def handle_request(self, request: object) -> None:
            self.spawn(lambda: news.subscribe(print)).join()

    page = open_view(Spawning)
    during = subscriptions()
    page.close()

    assert (during, subscriptions()) == (before + 1, before)


def test_a_slow_subscriber_that_asked_for_it_ends() -> None:
    reasons: list[Any] = []

    class Slow(View):
        def handle_request(self, request: object) -> None:
            news.subscribe(lambda message: None, queue_size=2, overflow="stop")
            self.sleep(1000)

        def on_stop(self, reason: BaseException | None) -> None:
            reasons.append(type(reason).__name__)

    page = open_view(Slow)
    for _ in range(5):
        news.send()
    page.wait_for(lambda: reasons)
    page.close()

    assert reasons[0] == "SlowSubscriber"
