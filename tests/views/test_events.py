"""From a click to whoever handles it."""

from __future__ import annotations

from typing import Any

import gevent
import pytest

from lona_sync import AwaitTimeout, HttpRedirectResponse, InputEvent, RedirectResponse, View
from lona_sync.html import (
    BLUR,
    CHANGE,
    CLICK,
    FOCUS,
    H1,
    HTML,
    A,
    Button,
    CheckBox,
    Div,
    Option,
    P,
    Select,
    Span,
    TextArea,
    TextInput,
)
from lona_sync.testing import Client
from tests.views.apps import app_of, open_view


def test_a_click_wakes_the_procedure_that_awaits_it() -> None:
    class Counter(View):
        def handle_request(self, request: object) -> None:
            text, button = P("0"), Button("+1")
            self.show(HTML(text, button))
            for number in range(1, 100):
                event = self.await_click(button)
                assert event.node is button
                text.set_text(str(number))
                self.show()

    page = open_view(Counter)
    page.click("button")
    page.click("button")

    assert page.text("p") == "2"


def test_two_hundred_clicks_in_one_burst_count_two_hundred() -> None:
    class Counter(View):
        def handle_request(self, request: object) -> None:
            text, button = P("0"), Button("+1")
            self.show(HTML(text, button))
            number = 0
            while True:
                self.await_click(button)
                number += 1
                text.set_text(str(number))
                self.show()

    page = open_view(Counter)
    for _ in range(200):
        page.click_quickly("button")
    page.settle()

    assert page.text("p") == "200"


def test_clicks_during_slow_work_wait_for_the_next_wait() -> None:
    go = gevent.event.Event()
    counted = []

    class Slow(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.show(button)
            while True:
                self.await_click(button)
                go.wait()
                counted.append(1)

    page = open_view(Slow)
    for _ in range(5):
        page.click("button")
    before = len(counted)
    go.set()
    page.settle()

    assert (before, len(counted)) == (0, 5)


def test_kept_clicks_on_another_button_are_stale_when_the_next_wait_does_not_ask_for_them() -> None:
    go = gevent.event.Event()
    seen = []

    class Wizard(View):
        def handle_request(self, request: object) -> None:
            first, second = Button("1", _id="first"), Button("2", _id="second")
            self.show(HTML(first, second))
            self.await_click(first)
            go.wait()
            seen.append(self.await_click(second).node is second)

    page = open_view(Wizard)
    page.click("#first")
    page.click("#first")
    go.set()
    page.settle()
    stale = page.client.app.stats()["events.stale"]
    page.click("#second")

    assert stale == 1
    assert seen == [True]


@pytest.mark.parametrize("spoil", ["remove", "disable"])
def test_a_kept_click_on_a_button_that_is_gone_or_disabled_now_is_stale(spoil: str) -> None:
    go = gevent.event.Event()
    clicks = []

    class Spoiled(View):
        def handle_request(self, request: object) -> None:
            button, other = Button("x"), Button("y", _id="other")
            self.show(HTML(button, other))
            self.await_click(button, other)
            go.wait()
            if spoil == "remove":
                button.remove()
            else:
                button.disabled = True
            clicks.append(self.await_click(button, other).node)

    page = open_view(Spoiled)
    page.click("button")
    page.click("button")
    go.set()
    page.settle()

    assert clicks == []
    assert page.client.app.stats()["events.stale"] == 1


def test_an_event_for_a_removed_node_is_dropped_and_counted() -> None:
    class Removed(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            tree = HTML(P("x"), button)
            self.show(tree)
            self.await_click(button)
            button.remove()
            self.sleep(1000)

    page = open_view(Removed)
    button = page.find("button")
    page.click(button)
    page.click(button)

    assert page.client.app.stats()["events.stale"] == 1
    assert page.unacknowledged == 0 or page.closed is None


def test_a_click_on_a_disabled_button_never_fires() -> None:
    clicks = []

    class Disabled(View):
        def handle_request(self, request: object) -> object:
            return HTML(Button("x", disabled=True, handle_click=clicks.append))

    page = open_view(Disabled)
    page.find("button").attributes.pop("disabled")          # a browser that lies
    page.click("button")

    assert clicks == []
    assert page.client.app.stats()["events.stale"] == 1


def test_the_chain_runs_from_the_root_hook_over_nodes_to_the_last_hook() -> None:
    notes: list[str] = []

    class Inner(Button):
        def handle_click(self, event: InputEvent) -> InputEvent:
            notes.append("node")
            return event

    class Outer(Div):
        def handle_input_event(self, event: InputEvent) -> InputEvent:
            notes.append("ancestor")
            return event

    class Chain(View):
        def handle_request(self, request: object) -> object:
            return HTML(Outer(Span(Inner("x"))))

        def handle_input_event_root(self, event: InputEvent) -> InputEvent:
            notes.append("root")
            return event

        def handle_input_event(self, event: InputEvent) -> None:
            notes.append("last")

    open_view(Chain).click("button")

    assert notes == ["root", "node", "ancestor", "last"]


@pytest.mark.parametrize(("stop_at", "expected"), [("root", ["root"]), ("node", ["root", "node"])])
def test_a_hook_that_returns_none_ends_the_chain(stop_at: str, expected: list[str]) -> None:
    notes: list[str] = []

    class Chain(View):
        def handle_request(self, request: object) -> object:
            return Button("x", handle_click=self.handle)

        def handle_input_event_root(self, event: InputEvent) -> InputEvent | None:
            notes.append("root")
            return None if stop_at == "root" else event

        def handle(self, event: InputEvent) -> InputEvent | None:
            notes.append("node")
            return None if stop_at == "node" else event

        def handle_input_event(self, event: InputEvent) -> None:
            notes.append("last")

    open_view(Chain).click("button")

    assert notes == expected


def test_a_handler_is_followed_by_a_show() -> None:
    class Shown(View):
        def handle_request(self, request: object) -> object:
            text = P("0")
            return HTML(text, Button("x", handle_click=lambda event: text.set_text("1")))

    page = open_view(Shown)
    page.click("button")

    assert page.text("p") == "1"


def test_a_handler_goes_before_a_waiter() -> None:
    notes: list[str] = []

    class Both(View):
        def handle_request(self, request: object) -> None:
            def pass_on(event: InputEvent) -> InputEvent:
                notes.append("handler")
                return event

            button = Button("x", handle_click=pass_on)
            self.show(button)
            self.await_click(button)
            notes.append("waiter")

    open_view(Both).click("button")

    assert notes == ["handler", "waiter"]


def test_await_click_goes_before_await_input_event() -> None:
    notes: list[str] = []

    class Two(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.show(button)
            self.spawn(lambda: (self.await_input_event(button), notes.append("any")))
            self.sleep(0)
            self.await_click(button)
            notes.append("click")

    page = open_view(Two)
    page.click("button")
    first = list(notes)
    page.client.app.stop()

    assert first == ["click"]


def test_a_click_between_two_waits_is_kept_from_who_waits_for_anything() -> None:
    notes: list[str] = []

    class Two(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.show(button)
            self.spawn(lambda: (self.await_input_event(), notes.append("any")))
            self.sleep(0)
            for _ in range(3):
                self.await_click(button)
                notes.append("click")

    page = open_view(Two)
    for _ in range(3):
        page.click_quickly("button")
    page.settle()
    page.client.app.stop()

    assert notes == ["click"] * 3


def test_a_choice_is_the_option_that_the_user_saw() -> None:
    view: list[View] = []

    class Choice(View):
        def handle_request(self, request: object) -> None:
            view.append(self)
            self.select = Select(Option("a", value="a"), Option("b", value="b"))
            self.show(self.select)

        def grow(self) -> None:
            self.select.insert(0, Option("new", value="new"))
            self.show()

    page = open_view(Choice)
    page.reading = False
    view[0].grow()  # type: ignore[attr-defined]  # it is a Choice
    page.select("select", 1)

    assert view[0].select.value == "b"  # type: ignore[attr-defined]


def test_cancel_works_while_a_handler_is_busy_in_other_blocking_code() -> None:
    notes: list[str] = []

    class Busy(View):
        def handle_request(self, request: object) -> None:
            cancel = Button("cancel", _id="cancel")
            self.show(HTML(Button("work", _id="work", handle_click=lambda event: gevent.sleep(1000)), cancel))
            self.await_click(cancel)
            notes.append("cancelled")

    page = open_view(Busy)
    page.click("#work")
    page.click("#cancel")

    assert notes == ["cancelled"]


def test_handlers_of_one_view_run_one_after_another() -> None:
    notes: list[str] = []
    go = gevent.event.Event()

    class Handlers(View):
        def handle_request(self, request: object) -> object:
            return HTML(Button("a", _id="a", handle_click=self.slow), Button("b", _id="b", handle_click=self.quick))

        def slow(self, event: InputEvent) -> None:
            notes.append("a begins")
            go.wait()
            notes.append("a ends")

        def quick(self, event: InputEvent) -> None:
            notes.append("b")

    page = open_view(Handlers)
    page.click("#a")
    page.click("#b")
    before = list(notes)
    go.set()
    page.settle()

    assert before == ["a begins"]
    assert notes == ["a begins", "a ends", "b"]


def test_a_handler_may_await_a_click_itself() -> None:
    class Dialog(View):
        def handle_request(self, request: object) -> object:
            self.tree = HTML(Button("delete", _id="delete", handle_click=self.ask), P("there"))
            return self.tree

        def ask(self, event: InputEvent) -> None:
            yes = Button("yes", _id="yes")
            self.tree.append(yes)
            self.show()
            self.await_click(yes)
            yes.remove()
            self.tree.nodes[1].set_text("deleted")      # type: ignore[union-attr]

    page = open_view(Dialog)
    page.click("#delete")
    page.click("#yes")

    assert page.text("p") == "deleted"
    assert page.find_all("#yes") == []


def test_other_handlers_run_while_one_awaits() -> None:
    notes: list[str] = []

    class Two(View):
        def handle_request(self, request: object) -> object:
            self.never = Button("never")
            return HTML(
                Button("wait", _id="wait", handle_click=lambda event: self.await_click(self.never)),
                Button("note", _id="note", handle_click=lambda event: notes.append("noted")),
                self.never,
            )

    page = open_view(Two)
    page.click("#wait")
    page.click("#note")

    assert notes == ["noted"]


def test_a_wait_ends_after_its_timeout() -> None:
    class Impatient(View):
        def handle_request(self, request: object) -> object:
            button = Button("x")
            self.show(button)
            try:
                self.await_click(button, timeout=0.01)
            except AwaitTimeout as error:
                assert isinstance(error, TimeoutError)
                return H1("too late")
            return H1("clicked")

    page = open_view(Impatient)

    page.wait_for("h1")
    assert page.text("h1") == "too late"


def test_a_wait_whose_event_came_with_its_timeout_gets_the_event() -> None:
    class Close(View):
        def handle_request(self, request: object) -> object:
            button = Button("x")
            self.show(button)
            event = self.await_click(button, timeout=0.02)
            return H1(event.name)

    page = open_view(Close)
    page.click_quickly("button")
    import time
    time.sleep(0.05)                    # the event loop finds the click and the timer due in the same turn
    page.wait_for("h1")

    assert page.text("h1") == "click"


def test_two_greenlets_may_not_wait_for_the_same() -> None:
    class Twice(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.show(button)
            self.spawn(self.await_click, button)
            self.sleep(0)
            self.await_click(button)

    page = open_view(Twice)

    assert page.text("h1") == "500 Internal Error"


def test_two_greenlets_may_wait_for_different_buttons() -> None:
    notes: list[str] = []

    class Twice(View):
        def handle_request(self, request: object) -> None:
            first, second = Button("1", _id="first"), Button("2", _id="second")
            self.show(HTML(first, second))
            self.spawn(lambda: (self.await_click(first), notes.append("first")))
            self.await_click([second])
            notes.append("second")

    page = open_view(Twice)
    page.click("#second")
    page.click("#first")

    assert notes == ["second", "first"]


def test_waiting_for_a_node_that_issues_no_such_event_fails_at_once(caplog: pytest.LogCaptureFixture) -> None:
    class Deaf(View):
        def handle_request(self, request: object) -> None:
            text = P("x")
            self.show(text)
            self.await_click(text)

    page = open_view(Deaf)

    assert page.text("h1") == "500 Internal Error"
    assert "events=[CLICK]" in caplog.text


def test_a_changed_value_is_there_before_any_handler_runs() -> None:
    seen: list[Any] = []

    class Typed(View):
        def handle_request(self, request: object) -> None:
            self.field, button = TextInput(), Button("send")
            self.show(HTML(self.field, button))
            self.await_click(button)
            seen.append(self.field.value)

    page = open_view(Typed)
    page.type("input", "abc")
    page.click_quickly("button")
    page.settle()

    assert seen == ["abc"]


def test_a_change_can_be_awaited_from_an_input_that_keeps_it_to_itself() -> None:
    seen: list[Any] = []

    class Typed(View):
        def handle_request(self, request: object) -> None:
            field = TextInput()
            self.show(field)
            event = self.await_change(field)
            seen.append((event.data, field.value))

    open_view(Typed).type("input", "abc")

    assert seen == [("abc", "abc")]


def test_each_kind_of_input_reports_its_value() -> None:
    seen: dict[str, Any] = {}

    class Inputs(View):
        def handle_request(self, request: object) -> object:
            def note(event: InputEvent) -> None:
                assert event.node is not None
                seen[event.node.tag_name] = event.node.value      # type: ignore[attr-defined]

            return HTML(
                TextArea(handle_change=note), CheckBox(handle_change=note),
                Select(Option("A", value="a"), Option("B", value="b"), handle_change=note),
            )

    page = open_view(Inputs)
    page.type("textarea", "long\ntext")
    page.check("input")
    page.select("select", 1)

    assert seen == {"textarea": "long\ntext", "input": True, "select": "b"}


@pytest.mark.parametrize(("selector", "value"), [
    ("textarea", 5), ("textarea", True), ("select", [7]), ("select", "b"), ("input", "x"),
])
def test_a_value_of_the_wrong_shape_is_dropped_and_counted(selector: str, value: object) -> None:
    class Inputs(View):
        def handle_request(self, request: object) -> object:
            return HTML(TextArea(), CheckBox(), Select(Option("A", value="a")))

    page = open_view(Inputs)
    page._send_event("change", page.find(selector), value)
    page.settle()

    assert page.client.app.stats()["events.malformed"] == 1
    assert page.closed is None


def test_click_data_is_a_dict_of_numbers_and_modifiers() -> None:
    seen: list[Any] = []

    class Clicked(View):
        def handle_request(self, request: object) -> object:
            return Div(Span("x"), events=[CLICK], handle_click=seen.append)

    page = open_view(Clicked)
    page._send_event("click", page.find("div"), [1, 2.5, 30, 40, 1 + 4, page.find("span").id])
    page.settle()

    assert seen[0].data == {
        "x": 1, "y": 2.5, "node_width": 30, "node_height": 40,
        "alt_key": True, "ctrl_key": False, "shift_key": True, "meta_key": False,
    }
    assert seen[0].target_node.tag_name == "span"
    assert [node.tag_name for node in seen[0].nodes] == ["div"]


@pytest.mark.parametrize("data", [None, [], [1, 2], ["a"] * 6, [1, 2, 3, 4, 5.5, 6], {}, "x", [1, 2, 3, 4, True, 6]], ids=repr)
def test_a_click_of_the_wrong_shape_is_dropped(data: object) -> None:
    clicks: list[Any] = []

    class Clicked(View):
        def handle_request(self, request: object) -> object:
            return Button("x", handle_click=clicks.append)

    page = open_view(Clicked)
    page._send_event("click", page.find("button"), data)
    page.settle()

    assert clicks == []


def test_focus_and_blur_arrive() -> None:
    notes: list[str] = []

    class Focused(View):
        def handle_request(self, request: object) -> None:
            field = TextInput(events=[FOCUS, BLUR])
            self.show(field)
            notes.append(self.await_focus(field).name)
            notes.append(self.await_blur(field).name)

    page = open_view(Focused)
    page.focus("input")
    page.blur("input")

    assert notes == ["focus", "blur"]


def test_an_event_that_the_node_does_not_issue_is_stale() -> None:
    notes: list[Any] = []

    class Silent(View):
        def handle_request(self, request: object) -> object:
            return Button("x")

        def handle_input_event(self, event: InputEvent) -> None:
            notes.append(event)

    page = open_view(Silent)
    page._send_event("focus", page.find("button"), None)
    page.settle()

    assert notes == []


def test_a_custom_event_reaches_the_view() -> None:
    seen: list[Any] = []

    class Custom(View):
        def handle_request(self, request: object) -> None:
            self.show(P("x"))
            event = self.await_input_event()
            seen.append((event.name, event.data, event.node))

    open_view(Custom).fire("my-event", {"a": [1]})

    assert seen == [("my-event", {"a": [1]}, None)]


def test_a_handler_redirects_the_window() -> None:
    class Second(View):
        def handle_request(self, request: object) -> object:
            return H1("second")

    class First(View):
        def handle_request(self, request: object) -> object:
            return Button("go", handle_click=lambda event: RedirectResponse("/1"))

    page = Client(app_of(First, Second)).open("/")
    page.click("button")

    assert page.text("h1") == "second"
    assert page.url == "/1"
    assert page.client.app.stats()["views"] == 1


def test_a_procedure_redirects_the_window() -> None:
    class Second(View):
        def handle_request(self, request: object) -> object:
            return H1("second")

    class First(View):
        def handle_request(self, request: object) -> object:
            return HttpRedirectResponse("/1")

    page = Client(app_of(First, Second)).open("/")
    page.wait_for("h1")

    assert page.text("h1") == "second"


def test_a_handler_that_returns_nonsense_crashes_its_view() -> None:
    class Nonsense(View):
        def handle_request(self, request: object) -> object:
            return Button("x", handle_click=lambda event: 5)

    page = open_view(Nonsense)
    page.click("button")

    assert page.text("h1") == "500 Internal Error"


def test_a_link_is_followed_in_the_window() -> None:
    class Second(View):
        def handle_request(self, request: object) -> object:
            return H1("second")

    class First(View):
        def handle_request(self, request: object) -> object:
            return A("go", href="/1")

    page = Client(app_of(First, Second)).open("/")
    page.click("a")

    assert page.text("h1") == "second"


def test_a_full_queue_refuses_without_acknowledging_and_loses_nothing() -> None:
    go = gevent.event.Event()
    counted = []

    class Slow(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.show(button)
            while True:
                self.await_click(button)
                go.wait()
                counted.append(1)

    page = open_view(Slow, EVENT_QUEUE=10)
    for _ in range(50):
        page.click_quickly("button")
    page.settle()
    waiting = page.unacknowledged
    go.set()
    page.wait_for(lambda: len(counted) == 50)

    assert waiting >= 39
    assert len(counted) == 50
    assert page.client.app.stats()["events.refused"] > 0


def test_a_full_queue_of_handlers_loses_nothing() -> None:
    go = gevent.event.Event()
    counted = []

    class Slow(View):
        def handle_request(self, request: object) -> object:
            return Button("x", handle_click=self.count)

        def count(self, event: InputEvent) -> None:
            go.wait()
            counted.append(1)

    page = open_view(Slow, EVENT_QUEUE=10)
    for _ in range(50):
        page.click_quickly("button")
    page.settle()
    go.set()
    page.wait_for(lambda: len(counted) == 50)

    assert len(counted) == 50


def test_a_repeated_event_counts_once() -> None:
    clicks: list[Any] = []

    class Clicked(View):
        def handle_request(self, request: object) -> object:
            return Button("x", handle_click=clicks.append)

    page = open_view(Clicked)
    page.click_quickly("button")
    event = page._sent[-1]
    page._send(event)
    page.settle()

    assert len(clicks) == 1
    assert page.client.app.stats()["events.repeated"] == 1


def test_a_user_level_timeout_does_not_swallow_a_click() -> None:
    counted = []

    class Timed(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.show(button)
            while True:
                try:
                    with gevent.Timeout(0.001):
                        self.await_click(button)
                        counted.append(1)
                except gevent.Timeout:
                    continue

    page = open_view(Timed)
    for _ in range(100):
        page.click_quickly("button")
        gevent.sleep(0.0005)
    page.wait_for(lambda: len(counted) == 100)

    assert len(counted) == 100


def test_change_without_delay_is_the_browsers_change_event() -> None:
    seen: list[Any] = []

    class Plain(View):
        def handle_request(self, request: object) -> object:
            return Div(TextInput(input_delay=0, handle_change=seen.append), events=[CHANGE])

    page = open_view(Plain)

    assert page.find("input").events == "change"
    page.type("input", "x")
    assert len(seen) == 1


def test_large_events_fill_the_queue_sooner_and_none_is_lost() -> None:
    go = gevent.event.Event()
    sizes: list[int] = []

    class Slow(View):
        def handle_request(self, request: object) -> object:
            return P("x")

        def handle_input_event(self, event: InputEvent) -> None:
            go.wait()
            sizes.append(len(event.data))

    page = open_view(Slow, EVENT_QUEUE=100)
    for _ in range(20):
        page.fire("large", "x" * 20_000)
    waiting = page.unacknowledged
    go.set()
    page.wait_for(lambda: len(sizes) == 20)

    assert waiting >= 14                   # each counts as twenty
    assert sizes == [20_000] * 20
