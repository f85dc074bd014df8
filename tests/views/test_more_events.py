"""Keys, pointers, drags, sizes and submits: what comes with them, whom they reach, and one at a time."""

from __future__ import annotations

import gc
import logging
import weakref
from datetime import date
from typing import Any

import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync import InputEvent, View
from lona_sync.errors import AwaitTimeout
from lona_sync.html import (
    CHANGE,
    CLICK,
    CUSTOM,
    DOUBLE_CLICK,
    DRAG_END,
    DRAG_ENTER,
    DRAG_START,
    DROP,
    HTML,
    KEY_DOWN,
    KEY_UP,
    POINTER_ENTER,
    RESIZE,
    SCROLL_END,
    SUBMIT,
    VISIBLE,
    Button,
    CheckBox,
    DateInput,
    Div,
    Form,
    Li,
    Node,
    NumberInput,
    Option,
    P,
    RadioButton,
    Select,
    Span,
    Submit,
    TextInput,
)
from lona_sync.html.event_types import EVENT_TYPES
from lona_sync.testing import Page
from lona_sync.views import dispatch
from lona_sync.views.events import read_data
from lona_sync.wire import protocol
from tests.views.apps import open_view

POINT = [1, 2, 30, 40, 1, 0]
WHERE = {
    "x": 1, "y": 2, "node_width": 30, "node_height": 40, "alt_key": True, "ctrl_key": False, "shift_key": False, "meta_key": False,
}
RIGHT = {
    "click": (POINT, WHERE),
    "double_click": (POINT, WHERE),
    "pointer_enter": (POINT, WHERE),
    "pointer_leave": (POINT, WHERE),
    "drag_start": (POINT, WHERE),
    "drag_end": (True, {"dropped": True}),
    "drag_enter": ([*POINT, 0], {**WHERE, "source": None}),
    "drag_leave": ([*POINT, 0], {**WHERE, "source": None}),
    "drop": ([*POINT, 0, "text", 2], {**WHERE, "source": None, "text": "text", "files": 2}),
    "key_down": (["s", "KeyS", False, 2], {
        "key": "s", "code": "KeyS", "repeat": False, "alt_key": False, "ctrl_key": True, "shift_key": False, "meta_key": False,
    }),
    "key_up": (["a", "", True, 0], {
        "key": "a", "code": "", "repeat": True, "alt_key": False, "ctrl_key": False, "shift_key": False, "meta_key": False,
    }),
    "scroll_end": ([5, 0, 900, 300, 100, 300], {
        "top": 5, "left": 0, "height": 900, "width": 300, "node_height": 100, "node_width": 300,
    }),
    "visible": ([True, 0.5], {"visible": True, "ratio": 0.5}),
    "resize": ([300, 40.5], {"width": 300, "height": 40.5}),
    "submit": ([{"name": "Ada", "tag": ["a", "b"]}, None], {"name": "Ada", "tag": ["a", "b"]}),
    "change": (None, None),
    "focus": (None, None),
    "blur": (None, None),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=12,
)


def nobody(number: int) -> Node | None:
    return None


def opened(handle_request: Any, **settings: Any) -> Page:
    view: Any = type("Shown", (View,), {"handle_request": handle_request})
    return open_view(view, **settings)


def send(page: Page, name: str, selector: str, data: Any = None) -> None:
    if data is None and name in RIGHT:
        data = RIGHT[name][0]
    page._send_event(name, page.find(selector), data)
    page.settle()


def busy_until(go: Any, note: Any = lambda event: None) -> Any:
    """A handler that is at work until then."""
    def handle(event: InputEvent) -> None:
        note(event)
        go.wait()

    return handle


def stats(page: Page, name: str) -> int:
    return page.client.app.stats().get(name, 0)


def test_every_type_has_a_number_on_the_wire_and_a_method_on_nodes() -> None:
    names = set(protocol.EVENT_NUMBERS) - {protocol.ANSWER, protocol.MOVED}

    assert names == set(EVENT_TYPES) == set(RIGHT)
    assert all(callable(getattr(Div(), f"handle_{name}")) for name in names)


@pytest.mark.parametrize("name", RIGHT)
def test_data_of_the_right_shape_become_a_dict(name: str) -> None:
    sent, expected = RIGHT[name]

    data, target = read_data(name, sent, nobody)

    assert (data, target) == (expected, 0)


@given(st.sampled_from(sorted(RIGHT)), JSON)
def test_whatever_a_browser_sends_is_data_or_a_value_error(name: str, sent: Any) -> None:
    try:
        data, target = read_data(name, sent, nobody)
    except ValueError:
        return

    assert target >= 0 and (data is None or isinstance(data, (dict, str, bool, list)))


@pytest.mark.parametrize(("name", "data"), [
    ("key_down", ["x" * 65, "KeyX", False, 0]), ("key_down", ["x", "KeyX", 0, 0]), ("key_down", ["x", "KeyX", False, -1]),
    ("key_down", ["x", "KeyX", False, 2**60]), ("visible", [1, 1]), ("visible", [True, 2]), ("visible", [True, -0.1]),
    ("resize", [10**12, 1]), ("resize", [True, 1]), ("drag_end", 1), ("drop", [*POINT, 0, "x" * 100_001, 0]),
    ("drop", [*POINT, -1, "", 0]), ("drop", [*POINT, 0, "", None]), ("submit", [{"a": 1}, 0]), ("submit", [{"a": [1]}, 0]),
    ("submit", []), ("submit", [{"a": [""] * 1001}, 0]), ("submit", None), ("submit", [{}, -1]), ("submit", [{}, ""]),
    ("submit", {}), ("click", [1, 2, 3, 4, 5, -6]), ("scroll_end", [1] * 5),
], ids=repr)
def test_data_of_the_wrong_shape_are_dropped_and_counted(name: str, data: Any) -> None:
    seen: list[Any] = []
    page = opened(lambda self, request: Div("x", **{f"handle_{name}": seen.append}))

    page._send_event(name, page.find("div"), data)
    page.settle()

    assert (seen, stats(page, "events.malformed")) == ([], 1)


@pytest.mark.parametrize("name", sorted(set(RIGHT) - {"change"}))
def test_each_type_has_its_handler(name: str) -> None:
    seen: list[InputEvent] = []
    page = opened(lambda self, request: Div("x", **{f"handle_{name}": seen.append}))

    send(page, name, "div")

    assert [(event.name, event.data) for event in seen] == [(name, RIGHT[name][1])]


@pytest.mark.parametrize("name", sorted(set(RIGHT) - {"change"}))
def test_each_type_can_be_awaited_and_none_is_lost_between_two_waits(name: str) -> None:
    counted = []
    go = gevent.event.Event()

    def handle_request(self: View, request: object) -> None:
        node = Div("x", events=[EVENT_TYPES[name]])
        self.show(node)
        while True:
            self.await_event(name, node)
            counted.append(name)
            go.wait()

    page = opened(handle_request)
    for _ in range(5):
        page._send_event(name, page.find("div"), RIGHT[name][0])
    page.settle()
    go.set()
    page.settle()

    assert counted == [name] * 5


def test_a_type_that_the_node_does_not_issue_is_stale() -> None:
    seen: list[Any] = []
    page = opened(lambda self, request: Div("x", handle_key_up=seen.append))

    send(page, "key_down", "div")

    assert (seen, stats(page, "events.stale")) == ([], 1)


def test_a_node_that_changes_without_a_value_gets_none() -> None:
    seen: list[Any] = []
    page = opened(lambda self, request: Div("x", events=[CHANGE], handle_change=lambda event: seen.append(event.data)))

    page._send_event("change", page.find("div"), None)
    page.settle()

    assert seen == [None]


def test_the_test_client_presses_keys_and_clicks_twice() -> None:
    seen: list[Any] = []
    page = opened(lambda self, request: Div(
        TextInput(events=[KEY_DOWN("Ctrl+S"), DOUBLE_CLICK]), events=[KEY_UP], handle_key_down=seen.append,
        handle_key_up=seen.append, handle_double_click=seen.append,
    ))

    page.press("input", "Ctrl+S")
    page.press("input", "a")
    page.double_click("input")

    assert [(event.name, event.node.tag_name, event.data.get("key")) for event in seen] == [
        ("key_down", "div", "Control"), ("key_down", "input", "s"), ("key_up", "div", "s"), ("key_up", "div", "Control"),
        ("key_down", "div", "a"), ("key_up", "div", "a"), ("double_click", "input", None),
    ]
    with pytest.raises(LookupError, match="asks for the key 'x'"):
        opened(lambda self, request: Div(events=[KEY_DOWN("y")])).press("div", "x")


@pytest.mark.parametrize("asked", [
    "Shift", "Control", "Alt", "Meta", "Shift+1", "Ctrl+Shift+1", "Ctrl+?", "Mod+S", "A", "!", "Ctrl+Shift",
])
def test_a_key_that_can_be_asked_for_can_be_pressed(asked: str) -> None:
    seen: list[Any] = []
    page = opened(lambda self, request: Div(events=[KEY_DOWN(asked)], handle_key_down=seen.append))

    page.press("div", asked)

    assert len(seen) == 1


def test_a_pressed_key_is_reported_as_a_browser_reports_it() -> None:
    seen: list[Any] = []
    page = opened(lambda self, request: Div(handle_key_down=seen.append, handle_key_up=seen.append))

    page.press("div", "Ctrl+Shift+1")

    assert [(event.name, *list(event.data.values())[:2], event.data["ctrl_key"], event.data["shift_key"]) for event in seen] == [
        ("key_down", "Control", "ControlLeft", True, False), ("key_down", "Shift", "ShiftLeft", True, True),
        ("key_down", "!", "Digit1", True, True), ("key_up", "!", "Digit1", True, True),
        ("key_up", "Shift", "ShiftLeft", True, False), ("key_up", "Control", "ControlLeft", False, False),
    ]


# Whom it reaches

def test_a_node_is_shown_the_keys_that_it_has_named_and_no_others() -> None:
    seen: list[str] = []

    def note(name: str) -> Any:
        def handle(event: Any) -> Any:
            seen.append(f"{name} {event.data['key']}")
            return event
        return handle

    page = opened(lambda self, request: Div(
        Div(
            TextInput(events=[KEY_DOWN("Enter")], handle_key_down=note("field")),
            events=[KEY_DOWN("Escape", "Mod+S")], handle_key_down=note("box"),
        ),
        handle_key_down=note("page"),
    ))
    for key in ("Enter", "Escape", "Ctrl+S", "x"):
        page.press("input", key)

    assert seen == ["field Enter", "page Enter", "box Escape", "page Escape", "page Control", "box s", "page s", "page x"]


@pytest.mark.parametrize(("make", "act", "data"), [
    (lambda: NumberInput(), lambda page: page.type("input", "2.5"), 2.5),
    (lambda: NumberInput(), lambda page: page.type_half("input", "1e"), None),
    (lambda: DateInput(), lambda page: page.type("input", "2026-01-02"), date(2026, 1, 2)),
    (lambda: Select(Option("one", value=1), Option("two", value=("t", 2))), lambda page: page.select("select", 1), ("t", 2)),
    (lambda: CheckBox(), lambda page: page.check("input"), True),
    (lambda: RadioButton("red"), lambda page: page.check("input"), "red"),
    (lambda: TextInput(), lambda page: page.type("input", "x"), "x"),
])
def test_the_data_of_a_change_is_the_value_of_its_input(make: Any, act: Any, data: object) -> None:
    seen: list[Any] = []

    def handle_request(self: View, request: object) -> Node:
        node = make()
        node.handle_change = lambda event: seen.append((event.data, event.node.value))
        return node

    page = opened(handle_request)

    act(page)

    assert seen == [(data, data)]


def test_a_click_on_a_box_that_shows_a_dash_ends_the_dash_here_too() -> None:
    def again(event: Any) -> None:
        states.append(box.attributes.get("indeterminate"))
        box.attributes["indeterminate"] = True

    states: list[Any] = []
    box = CheckBox(handle_change=again, attributes={"indeterminate": True})
    page = opened(lambda self, request: box)

    page.check("input")
    first = dict(page.find("input").properties)
    page.check("input", False)

    assert states == [False, False]
    assert first == {"checked": True, "indeterminate": True}
    assert page.find("input").properties == {"indeterminate": True}

def test_an_event_goes_on_to_the_nodes_around_its_node() -> None:
    seen: list[str] = []
    page = opened(lambda self, request: Div(
        Span("x", events=[KEY_DOWN]), handle_key_down=lambda event: seen.append(event.node.tag_name),
    ))

    send(page, "key_down", "span")

    assert seen == ["span"]


@pytest.mark.parametrize("stopper", ["inner", "middle"])
def test_propagation_stops_at_the_node_that_says_so_and_the_view_still_sees_the_event(stopper: str) -> None:
    notes: list[str] = []

    def note(name: str) -> Any:
        return lambda event: notes.append(name) or event

    def handle_request(self: View, request: object) -> object:
        def events(name: str) -> Any:
            return {"events": [CLICK(stop_propagation=name == stopper)], "handle_click": note(name)}

        return Div(Div(Span("x", **events("inner")), **events("middle")), **events("outer"))

    view: Any = type("Shown", (View,), {
        "handle_request": handle_request, "handle_input_event_root": lambda self, event: note("root")(event),
        "handle_input_event": lambda self, event: note("last")(event),
    })
    page = open_view(view)
    send(page, "click", "span")

    assert notes == ["root", *["inner", "middle", "outer"][:1 + ["inner", "middle"].index(stopper)], "last"]


@pytest.mark.parametrize("event", [POINTER_ENTER, VISIBLE, RESIZE, SCROLL_END, DRAG_ENTER])
def test_what_is_true_of_one_node_only_is_not_shown_to_those_around(event: Any) -> None:
    seen: list[Any] = []
    page = opened(lambda self, request: Div(Span("x", events=[event]), **{f"handle_{event.name}": seen.append}))

    send(page, event.name, "span")

    assert seen == []


def test_a_stopped_event_still_reaches_who_waits_for_any_node() -> None:
    seen: list[Any] = []

    def handle_request(self: View, request: object) -> None:
        self.show(Div(Button("x", events=[CLICK(stop_propagation=True)]), handle_click=seen.append))
        seen.append(self.await_click().node)

    page = opened(handle_request)
    send(page, "click", "button")

    assert [node.tag_name for node in seen] == ["button"]


def test_a_custom_event_has_its_name_and_its_detail() -> None:
    seen: list[Any] = []

    class Cell(Div):
        EVENTS = (CUSTOM("cell-edited"),)

        def handle_input_event(self, event: InputEvent) -> None:
            seen.append((event.name, event.data, event.node is self))

    page = opened(lambda self, request: Cell("x"))
    send(page, "cell-edited", "div", {"row": 1})

    assert page.find("div").events == "*cell-edited"
    assert seen == [("cell-edited", {"row": 1}, True)]


@pytest.mark.parametrize("event", [CUSTOM("saved"), "saved"], ids=repr)
def test_a_custom_event_can_be_awaited_by_its_name(event: Any) -> None:
    seen: list[Any] = []

    def handle_request(self: View, request: object) -> None:
        node = Div("x", events=[CUSTOM("saved")])
        self.show(node)
        seen.append(self.await_event(event, node).data)

    page = opened(handle_request)
    send(page, "other", "div", 1)
    send(page, "saved", "div", 2)

    assert seen == [2]


# What is dropped

@pytest.mark.parametrize("interactive", [True, False])
def test_the_source_of_a_drop_is_the_node_that_was_dragged(interactive: bool) -> None:
    seen: list[Any] = []

    def handle_request(self: View, request: object) -> object:
        item = Li("x", draggable=True, events=[DRAG_START, DRAG_END] if interactive else [])
        return HTML(item, P("here", handle_drop=seen.append))

    page = opened(handle_request)
    send(page, "drop", "p", [*POINT, page.find("li").id, "", 0])

    assert seen[0].data["source"].tag_name == "li"
    assert seen[0].data["source"].attributes["draggable"] is True


def test_a_source_that_is_no_node_of_this_view_is_none() -> None:
    seen: list[Any] = []
    foreign = Div("x")
    page = opened(lambda self, request: Div(P("text"), events=[DROP], handle_drop=seen.append))

    for number in (int(foreign.id), page.find("p").children[0].id, 2**53 - 1):
        send(page, "drop", "div", [*POINT, number, "", 0])

    assert [event.data["source"] for event in seen] == [None, None, None]


# Once

def test_a_second_click_while_the_first_is_handled_is_dropped() -> None:
    go = gevent.event.Event()
    counted: list[Any] = []

    def handle_request(self: View, request: object) -> object:
        return Button("x", disable_on_click=True, handle_click=busy_until(go, counted.append))

    page = opened(handle_request)
    page.click_quickly("button")
    page.click_quickly("button")
    page.settle()
    meanwhile = page.find("button").is_disabled, stats(page, "events.stale")
    go.set()
    page.settle()
    afterwards = page.find("button").is_disabled
    page.click("button")

    assert meanwhile == (True, 1)
    assert not afterwards
    assert len(counted) == 2


def test_the_button_is_disabled_in_the_message_that_acknowledges_the_click() -> None:
    go = gevent.event.Event()
    page = opened(lambda self, request: Button("x", disable_on_click=True, handle_click=busy_until(go)), ACK_DELAY=60)

    page.click("button")

    assert page.unacknowledged == 0 and page.find("button").is_disabled
    go.set()


def test_a_button_that_was_awaited_is_free_again_when_it_is_awaited_again() -> None:
    go = gevent.event.Event()
    counted: list[int] = []

    def handle_request(self: View, request: object) -> None:
        button = Button("x", disable_on_click=True)
        self.show(button)
        while True:
            self.await_click(button)
            counted.append(1)
            go.wait()

    page = opened(handle_request)
    page.click_quickly("button")
    page.click_quickly("button")
    page.settle()
    meanwhile = page.find("button").is_disabled
    go.set()
    page.settle()

    assert meanwhile and not page.find("button").is_disabled
    assert counted == [1]
    page.click("button")
    assert counted == [1, 1]


def test_a_button_stays_disabled_while_its_procedure_waits_for_another_one() -> None:
    def handle_request(self: View, request: object) -> None:
        first, second = Button("1", _id="first", disable_on_click=True), Button("2", _id="second")
        self.show(HTML(first, second))
        self.await_click(first)
        self.await_click(second)
        self.await_input_event()

    page = opened(handle_request)
    page.click("#first")
    states = [page.find("#first").is_disabled]
    page.click("#second")
    states.append(page.find("#first").is_disabled)

    assert states == [True, False]


@pytest.mark.parametrize("end", ["return", "crash"])
def test_a_button_is_free_when_its_procedure_has_ended(end: str) -> None:
    button = Button("x", disable_on_click=True)

    def handle_request(self: View, request: object) -> None:
        self.show(button)
        self.await_click(button)
        if end == "crash":
            raise ValueError("on purpose")

    page = opened(handle_request)
    page.click("button")

    assert not button.disabled
    assert (page.find_all("button") == []) is (end == "crash")


def test_a_button_is_free_when_its_handler_has_failed() -> None:
    button = Button("x", disable_on_click=True, handle_click=lambda event: 1 / 0)
    page = opened(lambda self, request: button)

    page.click("button")

    assert not button.disabled and page.text("h1") == "500 Internal Error"


def test_a_button_that_the_handler_has_disabled_stays_so() -> None:
    def handle(event: InputEvent) -> None:
        button.disabled = True

    button = Button("x", disable_on_click=True, handle_click=handle)
    page = opened(lambda self, request: button)
    page.click("button")

    assert button.disabled is True and page.find("button").is_disabled


def test_a_button_that_the_handler_has_removed_is_as_good_as_before() -> None:
    def handle(event: InputEvent) -> None:
        button.remove()

    button = Button("x", disable_on_click=True, handle_click=handle)
    tree = Div(button)
    page = opened(lambda self, request: tree)
    page.click("button")
    tree.append(button)

    assert not button.disabled


def test_a_handler_that_awaits_its_own_button_gets_the_next_click() -> None:
    notes: list[str] = []

    def handle_request(self: View, request: object) -> object:
        def handle(event: InputEvent) -> None:
            if not notes:
                notes.append("really?")
                self.await_click(button)
                notes.append("yes")

        button = Button("x", disable_on_click=True, handle_click=lambda event: handle(event) if not notes else event)
        return button

    page = opened(handle_request)
    page.click("button")
    page.click("button")

    assert notes == ["really?", "yes"]


def test_a_handler_that_returns_late_does_not_free_the_button_of_the_next_click() -> None:
    begun: list[int] = []
    ended: list[int] = []

    def handle_request(self: View, request: object) -> None:
        def handle(event: InputEvent) -> None:
            begun.append(len(begun))
            if begun != [0]:
                self.sleep(1000)
            with pytest.raises(AwaitTimeout):
                self.await_click(node, timeout=0.02)
            ended.append(0)

        node = Div("x", events=[CLICK(once=True)], handle_click=handle, _id="it")
        self.show(node)
        self.sleep(1000)

    page = opened(handle_request)
    send(page, "click", "#it")
    send(page, "click", "#it")
    page.wait_for(lambda: ended)
    send(page, "click", "#it")

    assert begun == [0, 1]
    assert page.find("#it").attributes["aria-busy"] == "true"


class OwnButton(Button):
    """Unlike a `Button`, it can be referred to weakly."""


class OwnForm(Form):
    """The same."""


@pytest.mark.parametrize("make", [
    lambda: OwnButton("x", disable_on_click=True), lambda: OwnForm(Submit(), events=[SUBMIT(once=True)]),
], ids=["button", "form"])
def test_a_node_that_has_left_the_page_is_not_remembered_as_busy(make: Any) -> None:
    made: list[Any] = []

    def handle_request(self: View, request: object) -> None:
        while True:
            node = make()
            made.append(weakref.ref(node))
            self.show(HTML(node))
            self.await_event(CLICK if isinstance(node, Button) else SUBMIT, node)

    page = opened(handle_request)
    for _ in range(5):
        page.click("button, input")
    gc.collect()

    assert [node() is None for node in made] == [True] * 5 + [False]


def test_a_click_that_was_kept_is_not_stale_because_its_button_is_busy_with_it() -> None:
    go = gevent.event.Event()
    clicked: list[str] = []

    def handle_request(self: View, request: object) -> None:
        buttons = [Button(name, _id=name, disable_on_click=True) for name in "ab"]
        self.show(HTML(*buttons))
        while True:
            clicked.append(str(self.await_click(buttons).node.id_list))      # type: ignore[union-attr]
            go.wait()

    page = opened(handle_request)
    page.click("#a")
    page.click("#b")
    go.set()
    page.settle()

    assert clicked == ["a", "b"]
    assert not page.find("#a").is_disabled and not page.find("#b").is_disabled


def test_a_kept_click_that_nobody_asks_for_frees_its_button() -> None:
    go = gevent.event.Event()

    def handle_request(self: View, request: object) -> None:
        a, b, c = (Button(name, _id=name, disable_on_click=True) for name in "abc")
        self.show(HTML(a, b, c))
        self.await_click(a, b)
        go.wait()
        self.await_click(c)

    page = opened(handle_request)
    page.click("#a")
    page.click("#b")
    meanwhile = page.find("#b").is_disabled
    go.set()
    page.settle()

    assert meanwhile and not page.find("#b").is_disabled
    assert stats(page, "events.stale") == 1


def test_a_click_that_nobody_wants_disables_nothing() -> None:
    page = opened(lambda self, request: Button("x", disable_on_click=True))

    page.click("button")
    page.click("button")

    assert not page.find("button").is_disabled and stats(page, "events.stale") == 0


def test_the_other_windows_of_a_view_cannot_click_meanwhile() -> None:
    go = gevent.event.Event()
    counted: list[Any] = []

    def handle_request(self: View, request: object) -> object:
        self.is_daemon = True
        button = Button("x", disable_on_click=True, handle_click=busy_until(go, counted.append))
        self.show(button)
        self.await_input_event()
        return None

    first = opened(handle_request)
    second = first.client.open("/")
    first.click_quickly("button")
    second.click_quickly("button")
    first.settle()

    assert len(counted) == 1 and second.find("button").is_disabled
    go.set()


def test_what_is_no_button_is_marked_as_busy_and_keeps_its_own_mark() -> None:
    go = gevent.event.Event()
    pages = [opened(lambda self, request, own=own: Div(
        "x", **own, events=[CLICK(once=True)], handle_click=busy_until(go),
    )) for own in ({}, {"aria_busy": "true"})]
    for page in pages:
        send(page, "click", "div")
    meanwhile = [page.find("div").attributes.get("aria-busy") for page in pages]
    go.set()
    for page in pages:
        page.settle()

    assert meanwhile == ["true", "true"]
    assert [page.find("div").attributes.get("aria-busy") for page in pages] == [None, "true"]


def test_other_events_of_a_busy_node_go_on() -> None:
    go = gevent.event.Event()
    seen: list[str] = []

    def handle_request(self: View, request: object) -> None:
        form = Div("x", events=[SUBMIT(once=True), KEY_DOWN("Escape")], handle_submit=busy_until(go))
        self.show(form)
        seen.append(self.await_event(KEY_DOWN, form).name)

    page = opened(handle_request)
    send(page, "submit", "div")
    send(page, "key_down", "div")

    assert seen == ["key_down"]
    go.set()


def test_a_tree_that_was_busy_when_its_view_ended_can_be_shown_again() -> None:
    button = Button("x", disable_on_click=True, handle_click=lambda event: gevent.sleep(1000))
    page = opened(lambda self, request: button)
    page.click("button")

    page.close()

    assert not button.disabled


def test_a_busy_button_is_shown_when_the_lock_is_free() -> None:
    go = gevent.event.Event()

    def handle_request(self: View, request: object) -> None:
        button = Button("x", disable_on_click=True, handle_click=lambda event: self.sleep(1000))
        text = P("before")
        self.show(HTML(text, button))
        with button.lock:
            text.set_text("half")
            go.wait()
            text.set_text("whole")

    page = opened(handle_request)
    page.click("button")
    meanwhile = page.text("p")
    go.set()
    page.settle()

    assert (meanwhile, page.text("p"), page.find("button").is_disabled) == ("before", "whole", True)


# Waiting

def test_a_submit_is_awaited_from_a_form_that_is_shown_already() -> None:
    seen: list[Any] = []

    def handle_request(self: View, request: object) -> None:
        form = Form(TextInput(name="name"))
        self.show(form)
        event = self.await_submit(form)
        seen.append((event.name, event.data, event.node is form))

    page = opened(handle_request)
    send(page, "submit", "form", [{"name": "Ada"}, 0])

    assert seen == [("submit", {"name": "Ada"}, True)]


def test_a_configured_type_can_be_awaited_from_a_node_that_issues_just_this() -> None:
    seen: list[str] = []

    def handle_request(self: View, request: object) -> None:
        field = TextInput(events=[KEY_DOWN("Enter")])
        seen.append(self.await_event(KEY_DOWN("Enter"), field, html=field).name)

    page = opened(handle_request)
    send(page, "key_down", "input", ["Enter", "Enter", False, 0])

    assert seen == ["key_down"]


@pytest.mark.parametrize("named", [True, False])
def test_of_all_keys_that_a_node_issues_those_are_awaited_that_are_named(named: bool) -> None:
    seen: list[str] = []

    def handle_request(self: View, request: object) -> None:
        field = TextInput(events=[KEY_DOWN])
        self.show(field)
        for _ in range(2):
            seen.append(self.await_event(KEY_DOWN("Enter", "Ctrl+S"), *[field] * named).data["key"])

    page = opened(handle_request)
    for key, held in [("a", 0), ("s", 0), ("Enter", 0), ("b", 0), ("s", 2)]:
        send(page, "key_down", "input", [key, f"Key{key.upper()}", False, held])

    assert seen == ["Enter", "s"]


@pytest.mark.parametrize(("event", "nodes", "words"), [
    (KEY_DOWN("Enter", "Escape"), True, "it sends Enter only. Give it Escape, too"),
    (KEY_UP(prevent_default=True), True, "does not issue KEY_UP(prevent_default=True)"), (CHANGE(5), False, "name the nodes"),
    ("keydown", True, "write KEY_DOWN"), (5, True, "event type like KEY_DOWN"), (DOUBLE_CLICK, True, "events=[DOUBLE_CLICK]"),
], ids=repr)
def test_a_wait_that_cannot_be_meant_says_so(event: Any, nodes: bool, words: str, caplog: pytest.LogCaptureFixture) -> None:
    def handle_request(self: View, request: object) -> None:
        field = TextInput(events=[KEY_DOWN("Enter"), KEY_UP])
        self.show(field)
        self.await_event(event, *[field] * nodes)

    page = opened(handle_request)

    assert page.text("h1") == "500 Internal Error"
    assert words in caplog.text


def test_to_wait_for_a_node_that_is_not_shown_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    waited: list[bool] = []

    def handle_request(self: View, request: object) -> None:
        shown, forgotten = Button("x"), Button("y", _id="forgotten")
        self.show(shown)
        for _ in range(3):
            with gevent.Timeout(0.001, False):
                self.await_click(forgotten)
        waited.append(True)
        self.await_click(shown, forgotten)

    page = opened(handle_request)
    page.wait_for(lambda: waited)

    assert [record.levelno for record in caplog.records if record.name == "lona_sync.views"] == [logging.WARNING]
    assert "click event of <Button button id='forgotten'" in caplog.text


def test_a_view_that_awaited_a_button_once_is_not_blocked_for_ever_by_further_clicks_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "PATIENCE", 0.05)
    seen: list[Any] = []

    def handle_request(self: View, request: object) -> None:
        start, other = Button("start", _id="start"), Button("other", _id="other", handle_click=seen.append)
        self.show(HTML(start, other))
        self.await_click(start)
        self.sleep(1000)

    page = opened(handle_request, EVENT_QUEUE=10)
    for _ in range(50):
        page.click_quickly("#start")
    page.click("#other")
    page.wait_for(lambda: seen)

    assert stats(page, "events.refused") > 0
    assert 40 <= stats(page, "events.stale") <= 49
