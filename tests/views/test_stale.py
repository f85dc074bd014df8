"""Clicks that were made before their user could see what the one before had done."""

from __future__ import annotations

import threading
from collections.abc import Callable

import gevent.event
import pytest

from lona_sync import Channel, RedirectResponse, View
from lona_sync.html import HTML, Button, Div, Form, P, Submit, TextInput
from lona_sync.testing import Client, Page
from lona_sync.views import busy
from lona_sync.views.events import InputEvent
from tests.views.apps import app_of, open_view


def shop(stale: str, paid: list[int], **keywords: object) -> type[View]:
    """A view whose button pays; what it has done is seen in `p`."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            def pay(event: InputEvent) -> None:
                paid.append(len(paid) + 1)
                text.set_text(f"paid {len(paid)}")

            text = P("nothing paid")
            self.show(HTML(text, Button("Pay", stale=stale, handle_click=pay, **keywords), Button("Other", _id="other")))

    return Shop


def waiting_shop(stale: str, paid: list[int]) -> type[View]:
    """The same as a procedure that waits."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            text, button = P("nothing paid"), Button("Pay", stale=stale)
            self.show(HTML(text, button, Button("Other", _id="other")))
            while True:
                self.await_click(button)
                paid.append(len(paid) + 1)
                text.set_text(f"paid {len(paid)}")
                self.show()

    return Shop


def double_click(page: Page) -> None:
    """Two clicks of which the second one is made before the page shows anything new."""
    page.reading = False
    page.click("button")
    page.click("button")
    page.resume_reading()


BOTH = pytest.mark.parametrize("make", [shop, waiting_shop], ids=["handler", "procedure"])


@BOTH
def test_a_double_click_counts_twice_unless_the_node_says_otherwise(make: Callable[..., type[View]]) -> None:
    paid: list[int] = []
    page = open_view(make("deliver", paid))

    double_click(page)

    assert paid == [1, 2]
    assert page.not_taken == []


@BOTH
def test_a_double_click_pays_once_and_the_page_hears_of_the_other(make: Callable[..., type[View]]) -> None:
    paid: list[int] = []
    page = open_view(make("drop", paid))

    double_click(page)

    assert paid == [1]
    assert [(name, element.tag) for name, element in page.not_taken] == [("click", "button")]
    assert page.unacknowledged == 0
    stats = page.client.app.stats()
    assert (stats["events.dropped"], stats["events.stale"]) == (1, 1)


@BOTH
def test_who_has_seen_what_was_done_may_do_it_again(make: Callable[..., type[View]]) -> None:
    paid: list[int] = []
    page = open_view(make("drop", paid))

    for number in (1, 2, 3):
        page.click("button")
        page.wait_for(lambda number=number: page.text("p") == f"paid {number}")      # type: ignore[misc]

    assert paid == [1, 2, 3]


@BOTH
def test_both_clicks_of_a_page_without_connection_pay_once_when_it_is_back(make: Callable[..., type[View]]) -> None:
    paid: list[int] = []
    page = open_view(make("drop", paid))
    page.lose_connection()
    page.click("button")
    page.click("button")

    page.reconnect()

    assert paid == [1]
    assert len(page.not_taken) == 1


@BOTH
def test_a_click_repeated_on_another_socket_pays_once(make: Callable[..., type[View]]) -> None:
    paid: list[int] = []
    page = open_view(make("drop", paid))
    page.reading = False
    page.click("button")
    page.lose_connection()
    page.click("button")
    page.reading = True

    page.reconnect()

    assert paid == [1]
    assert page.text("p") == "paid 1"


def test_a_click_is_early_as_long_as_the_one_before_is_at_work() -> None:
    go, begun = gevent.event.Event(), []

    class Slow(View):
        def handle_request(self, request: object) -> None:
            def work(event: InputEvent) -> None:
                begun.append(event)
                self.sleep(0)
                go.wait()

            self.show(HTML(Button("Go", stale="drop", handle_click=work)))

    page = open_view(Slow)
    page.click("button")
    page.click("button")
    go.set()
    page.settle()
    page.click("button")

    assert len(begun) == 2
    assert len(page.not_taken) == 1


def redirecting(paid: list[int]) -> type[View]:
    """Goes on elsewhere."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            def pay(event: InputEvent) -> RedirectResponse:
                paid.append(1)
                return RedirectResponse("/1")

            self.show(HTML(Button("Pay", stale="drop", handle_click=pay)))

    return Shop


def silent(paid: list[int]) -> type[View]:
    """Shows nothing of it."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            self.show(HTML(Button("Pay", stale="drop", handle_click=lambda event: paid.append(1))))

    return Shop


def silent_procedure(paid: list[int]) -> type[View]:
    """The same as a procedure."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            button = Button("Pay", stale="drop")
            while True:
                self.await_click(button, html=button)
                paid.append(1)

    return Shop


def unshown(paid: list[int]) -> type[View]:
    """A procedure that forgets to show what it has done."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            text, button = P("nothing paid"), Button("Pay", stale="drop")
            self.show(HTML(text, button))
            while True:
                self.await_click(button)
                paid.append(1)
                text.set_text("paid")

    return Shop


def late(paid: list[int]) -> type[View]:
    """Shows it later."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            def pay(event: InputEvent) -> None:
                paid.append(1)
                self.spawn(show_it)

            def show_it() -> None:
                self.sleep(1)
                text.set_text("paid")
                self.show()

            text = P("nothing paid")
            self.show(HTML(text, Button("Pay", stale="drop", handle_click=pay)))

    return Shop


def locked(paid: list[int]) -> type[View]:
    """Cannot show it as long as somebody else has the tree."""
    class Shop(View):
        def handle_request(self, request: object) -> None:
            root = HTML(Button("Pay", stale="drop", handle_click=lambda event: paid.append(1)))
            self.show(root)
            with root.lock:
                self.sleep(1000)

    return Shop


@pytest.mark.parametrize("make", [redirecting, silent, silent_procedure, unshown, late, locked], ids=lambda make: make.__name__)
def test_a_double_click_pays_once_although_nothing_new_is_seen_of_the_first_one(make: Callable[..., type[View]]) -> None:
    paid: list[int] = []
    page = Client(app_of(make(paid), silent([]))).open("/")

    double_click(page)
    page.settle()

    assert paid == [1]
    assert page.client.app.stats()["events.dropped"] == 1


@pytest.mark.parametrize("make", [silent, silent_procedure, unshown, late], ids=lambda make: make.__name__)
def test_a_later_click_pays_again_although_nothing_was_seen(make: Callable[..., type[View]]) -> None:
    paid: list[int] = []
    page = open_view(make(paid))

    page.click("button")
    page.click("button")

    assert paid == [1, 1]


def test_what_another_greenlet_shows_meanwhile_is_not_what_the_click_has_done() -> None:
    paid: list[int] = []

    class Shop(View):
        def handle_request(self, request: object) -> None:
            button, news = Button("Pay", stale="drop"), P("old")
            self.show(HTML(news, button))
            self.subscribe("news", lambda message: news.set_text("new"))
            while True:
                self.await_click(button)
                paid.append(1)
                self.sleep(1000)

    page = open_view(Shop)
    page.click("button")
    Channel("news").send()
    page.wait_for(lambda: page.text("p") == "new")
    page.click("button")
    page.client.clock.advance(seconds=2000)

    assert paid == [1]
    assert len(page.not_taken) == 1


def test_an_empty_frame_is_sent_only_when_there_is_no_other_one() -> None:
    page = open_view(waiting_shop("drop", []))
    [runtime] = page.client.app.parts.registry
    before = runtime.document.log.last

    for _ in range(5):
        page.click("button")

    assert runtime.document.log.last == before + 5


@pytest.mark.parametrize("policy", ["deliver", "drop"])
def test_a_button_that_its_procedure_has_awaited_once_goes_on_with_a_handler(policy: str) -> None:
    got: list[str] = []

    class Begin(View):
        def handle_request(self, request: object) -> None:
            button = Button("Go", stale=policy)
            self.await_click(button, html=button)
            got.append("procedure")
            button.handle_click = lambda event: got.append("handler")
            button.set_text("Again")
            self.show()
            self.sleep(1000)

    page = open_view(Begin)
    for _ in range(3):
        page.click("button")

    assert got == ["procedure", "handler", "handler"]


@pytest.mark.parametrize("wait", ["click", "message"])
def test_what_a_procedure_has_done_for_a_click_is_over_when_it_waits_for_something_else(wait: str) -> None:
    got: list[str] = []

    class Begin(View):
        def handle_request(self, request: object) -> None:
            button, other = Button("Go", stale="drop"), Button("Other")
            self.await_click(button, html=HTML(button, other))
            got.append("procedure")
            button.handle_click = lambda event: got.append("handler")
            self.await_click(other) if wait == "click" else self.await_message("news")

    page = open_view(Begin)
    for _ in range(2):
        page.click("button")

    assert got == ["procedure", "handler"]


def test_work_in_a_thread_is_work() -> None:
    paid: list[int] = []
    go = threading.Event()

    class Shop(View):
        def handle_request(self, request: object) -> None:
            text, button = P("nothing paid"), Button("Pay", stale="drop")
            self.show(HTML(text, button))
            while True:
                self.await_click(button)
                text.set_text("paying")
                self.show()
                self.run_blocking(go.wait, 10)
                paid.append(1)
                text.set_text(f"paid {len(paid)}")
                self.show()

    page = open_view(Shop)
    page.click("button")
    page.click("button")
    go.set()
    page.wait_for(lambda: page.text("p") == "paid 1")
    page.settle()

    assert paid == [1]
    assert len(page.not_taken) == 1


def test_another_window_has_to_see_it_too() -> None:
    paid: list[int] = []

    class Daemon(shop("drop", paid)):           # type: ignore[misc]
        def handle_request(self, request: object) -> None:
            super().handle_request(request)
            self.is_daemon = True
            self.sleep(1000)

    client = Client(app_of(Daemon))
    first, second = client.open("/"), client.open("/")
    second.reading = False
    first.click("button")

    second.click("button")
    second.resume_reading()
    missed = list(second.not_taken)
    second.click("button")

    assert paid == [1, 2]
    assert len(missed) == 1


def test_only_its_own_clicks_make_a_click_early() -> None:
    paid: list[int] = []
    page = open_view(shop("drop", paid))
    page.reading = False
    page.click("#other")
    page.click("button")

    page.resume_reading()

    assert paid == [1]


def test_the_browser_asks_and_what_is_meant_counts() -> None:
    paid: list[int] = []
    page = open_view(shop("ask", paid))
    double_click(page)
    refused = list(paid)

    page.insists = True
    double_click(page)

    assert refused == [1]
    assert paid == [1, 2, 3]
    assert len(page.not_taken) == 2
    assert page.client.app.stats()["events.asked"] == 2


def test_a_form_is_sent_once_although_it_was_sent_twice() -> None:
    sent: list[object] = []

    class Order(View):
        def handle_request(self, request: object) -> None:
            self.show(Form(TextInput(name="what"), Submit(), stale="drop", handle_submit=lambda event: sent.append(event.data)))

    page = open_view(Order)
    page.reading = False
    page.submit("form")
    page.submit("form")
    page.resume_reading()

    assert len(sent) == 1
    assert [name for name, _ in page.not_taken] == ["submit"]


def test_what_is_typed_is_never_early() -> None:
    class Typing(View):
        def handle_request(self, request: object) -> None:
            self.field = TextInput(stale="drop", handle_change=lambda event: None)
            self.show(HTML(self.field))

    page = open_view(Typing)
    page.reading = False
    page.type("input", "a")
    page.type("input", "ab")
    page.resume_reading()

    assert page.not_taken == []
    assert page.find("input").value == "ab"


@pytest.mark.parametrize("how", ["gone", "disabled"])
def test_a_click_of_a_lost_page_on_what_is_gone_or_disabled_meanwhile_never_fires(how: str) -> None:
    clicked: list[InputEvent] = []

    class Changing(View):
        def handle_request(self, request: object) -> None:
            button = Button("x", handle_click=clicked.append)
            root = Div(button)
            self.show(root)
            self.await_message("change")
            if how == "gone":
                root.clear()
            else:
                button.disabled = True
            self.show()
            self.sleep(1000)

    page = open_view(Changing)
    page.lose_connection()
    page.click("button")
    Channel("change").send()
    page.settle()
    page.reconnect()

    assert clicked == []
    assert page.client.app.stats()["events.stale"] == 1


def test_a_click_of_a_lost_page_that_nobody_waits_for_any_more_never_fires() -> None:
    got: list[str] = []

    class Steps(View):
        def handle_request(self, request: object) -> None:
            first, second = Button("first", _id="first"), Button("second", _id="second")
            self.show(HTML(first, second))
            got.append(str(self.await_click(first).node.id_list))       # type: ignore[union-attr]
            got.append(str(self.await_click(second).node.id_list))      # type: ignore[union-attr]
            self.sleep(1000)

    page = open_view(Steps)
    page.lose_connection()
    page.click("#first")
    page.click("#first")
    page.reconnect()
    at_first = list(got)
    page.click("#second")

    assert at_first == ["first"]
    assert got == ["first", "second"]
    assert page.client.app.stats()["events.stale"] == 1


def test_effects_of_buttons_that_have_left_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "MAX_EFFECTS", 3)

    class Fresh(View):
        def handle_request(self, request: object) -> None:
            while True:
                self.await_click(html=HTML(Button("x", stale="drop")))

    page = open_view(Fresh)
    for _ in range(20):
        page.click("button")
    [runtime] = page.client.app.parts.registry

    assert len(runtime._dispatcher.busy._effects) <= 3


@pytest.mark.parametrize("policy", ["", "Drop", None, True, "once"])
def test_a_policy_that_does_not_exist_is_named(policy: object) -> None:
    with pytest.raises(ValueError, match="stale is 'deliver', 'drop' or 'ask', not"):
        Button("x", stale=policy)


def test_the_policy_can_be_changed() -> None:
    button = Button("x", stale="ask")
    before = button.stale

    button.stale = "deliver"

    assert (before, button.stale, str(button)) == ("ask", "deliver", "<button>x</button>")
