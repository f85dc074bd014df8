from __future__ import annotations

import functools
from types import SimpleNamespace

import pytest

from lona_sync.html import BLUR, CHANGE, CLICK, FOCUS, Button, Div, TextInput
from lona_sync.html.event_types import EventType
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder

CLICKED = SimpleNamespace(name="click")


def test_event_types_have_names_and_tokens():
    assert [(event.name, event.token) for event in (CLICK, CHANGE, CHANGE(300), FOCUS, BLUR)] == [
        ("click", "click"), ("change", "change"), ("change", "change:300"), ("focus", "focus"), ("blur", "blur"),
    ]
    assert CHANGE(300) == CHANGE(300) != CHANGE and isinstance(CHANGE, EventType)


@pytest.mark.parametrize("delay", [-1, 1.5, "300", None, True])
def test_the_delay_of_a_change_is_whole_milliseconds(delay):
    with pytest.raises(ValueError, match="whole number of milliseconds"):
        CHANGE(delay)


def test_a_node_issues_one_event_of_each_name():
    node = Div(events=[CLICK, CHANGE(100), FOCUS, CHANGE])

    assert node.events == [CLICK, CHANGE, FOCUS] and len(node.events) == 3
    assert CLICK in node.events and BLUR not in node.events
    assert node.wire_attributes() == {"@on": "click change focus"} and node.interactive
    assert node.issues("click") and not node.issues("blur") and node.issues("custom")
    assert not Div().interactive and not Div().issues("click")


def test_changed_events_are_recorded():
    node = Div()
    recorder = Recorder(node)

    node.events.append(CLICK)
    node.events.append(CLICK)
    node.events.extend([FOCUS, BLUR])
    node.events.remove(CLICK)
    node.events = [CHANGE(5)]
    node.events.clear()

    assert recorder.recorded == [
        SetAttribute(node, "@on", value) for value in ("click", "click focus blur", "focus blur", "change:5", False)
    ]


@pytest.mark.parametrize("event", ["click", None, 301])
def test_other_events_are_a_value_error(event):
    with pytest.raises(ValueError, match="an event must be CLICK"):
        Div(events=[event])


def test_a_handler_for_one_node_issues_its_event():
    seen = []
    node = Div(handle_click=seen.append, handle_change=print, handle_focus=print, handle_blur=print)

    assert node.handle_input_event(CLICKED) is None
    assert seen == [CLICKED] and node.events == [CLICK, CHANGE, FOCUS, BLUR]


def test_a_handler_leaves_the_delay_of_the_change_alone():
    assert TextInput(handle_change=print).events == [CHANGE(300)]
    assert Button(handle_click=print).events == [CLICK]


def test_a_handler_may_be_assigned():
    node = Div()
    recorder = Recorder(node)

    node.handle_click = lambda event: "handled"

    assert node.handle_input_event(CLICKED) == node.handle_click(CLICKED) == "handled"
    assert recorder.recorded == [SetAttribute(node, "@on", "click")]


def test_a_handler_of_one_node_replaces_the_method_of_its_class():
    class Card(Div):
        EVENTS = (CLICK,)

        def handle_click(self, event):
            return "class"

    card = Card()
    assert card.handle_input_event(CLICKED) == "class"
    card.handle_click = lambda event: "assigned"

    assert card.handle_input_event(CLICKED) == "assigned"
    assert Card(handle_click=lambda event: "keyword").handle_input_event(CLICKED) == "keyword"


def test_unhandled_events_are_returned():
    custom = SimpleNamespace(name="__init__")

    assert Div().handle_input_event(CLICKED) is CLICKED
    assert Div().handle_input_event(custom) is custom


@pytest.mark.parametrize("handler", [None, "click", 5])
def test_a_handler_must_be_callable(handler):
    with pytest.raises(TypeError, match="handle_click must be a function"):
        Div(handle_click=handler)


def test_a_misspelt_handler_is_no_attribute():
    with pytest.raises(TypeError, match="there is no handle_clik"):
        Div(handle_clik=print)


def test_has_handler_knows_code_of_the_user():
    class Overrides(Div):
        def handle_click(self, event):
            return super().handle_click(event)

    class Everything(Button):
        def handle_input_event(self, event):
            return event

    class Partial(Div):
        handle_click = functools.partial(print)

    assigned = Overrides()
    assigned.handle_blur = print

    assert not Div().has_handler("click") and not Button().has_handler("click") and not TextInput().has_handler("change")
    assert Div(handle_click=print).has_handler("click") and not Div(handle_click=print).has_handler("change")
    assert Overrides().has_handler("click") and not Overrides().has_handler("change")
    assert Everything().has_handler("click") and Everything().has_handler("custom")
    assert Partial().has_handler("click") and assigned.has_handler("blur")
    assert not Div().has_handler("custom") and not Div().has_handler("input_event")
