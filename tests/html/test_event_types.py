"""How events are named, configured and told to a browser."""

from __future__ import annotations

import pytest

from lona_sync.html import (
    CHANGE,
    CLICK,
    CUSTOM,
    DOUBLE_CLICK,
    FOCUS,
    KEY_DOWN,
    KEY_UP,
    POINTER_ENTER,
    SUBMIT,
    THROTTLE,
    VISIBLE,
    Button,
    Div,
    Section,
    TextInput,
)
from lona_sync.html.busy import show_busy
from lona_sync.html.event_types import EVENT_TYPES, EventType, name_of
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder


def test_a_called_type_is_another_one_and_the_first_stays_as_it_was():
    assert CLICK(prevent_default=True) != CLICK == EventType("click") or CLICK.token == "click"
    assert CLICK(prevent_default=True)(stop_propagation=True).token == "click:prevent:stop"
    assert CLICK.token == "click" and CLICK() == CLICK


@pytest.mark.parametrize(("event", "token"), [
    (CLICK(prevent_default=True, stop_propagation=True, once=True), "click:prevent:stop:once"),
    (SUBMIT(once=True), "submit:once"),
    (CHANGE(300, stop_propagation=True), "change:stop:300"),
    (CHANGE(stop_propagation=True), "change:stop"),
    (THROTTLE(100), "change:~100"),
    (THROTTLE(100)(300), "change:300"),
    (KEY_DOWN("Enter", "Ctrl+S", prevent_default=True), "key_down:prevent:0+Enter:2+s"),
    (KEY_UP("a", "A", "Space", "+", ":", "%", "ä"), "key_up:0+a:0+A:0+%20:0+%2B:0+%3A:0+%25:0+%C3%A4"),
    (KEY_DOWN("Mod+Shift+ArrowUp", "Ctrl++", "Alt+Meta+F5"), "key_down:20+ArrowUp:2+%2B:9+F5"),
    (KEY_DOWN("a", "a", "Ctrl+A", "Ctrl+a"), "key_down:0+a:2+a"),
    (CUSTOM("cell edited: ä%"), "*cell%20edited%3A%20%C3%A4%25"),
    (CUSTOM("saved", prevent_default=True), "*saved:prevent"),
    (DOUBLE_CLICK, "double_click"),
], ids=repr)
def test_an_event_has_a_token_without_blanks(event, token):
    assert event.token == token
    assert " " not in token
    assert eval(repr(event)) == event


def test_options_are_told_to_the_browser_and_the_last_of_one_name_counts():
    node = Div(events=[KEY_DOWN("Enter"), CUSTOM("one"), CUSTOM("two"), KEY_DOWN("Escape")])

    assert node.wire_attributes() == {"@on": "key_down:0+Escape *one *two"}
    assert node.events.names() == ["key_down", "one", "two"]


def test_a_changed_option_is_recorded():
    node = Div(events=[CLICK])
    recorder = Recorder(node)

    node.events.append(CLICK)
    node.events.append(CLICK(once=True))

    assert recorder.recorded == [SetAttribute(node, "@on", "click:once")]


@pytest.mark.parametrize(("key", "words"), [
    ("Control+S", "write Ctrl+"), ("ctrl+s", "write Ctrl+"), ("Cmd+S", "write Meta+"), ("CmdOrCtrl+S", "write Mod+"),
    ("Option+x", "write Alt+"), ("Foo+S", "there are Alt, Ctrl, Shift, Meta, Mod"), ("Ctrl+Ctrl+S", "names Ctrl twice"),
    ("Ctrl+", "ends without a key"), ("S+Ctrl", "'S+' in 'S+Ctrl' is no modifier"), ("Ctrl", "write 'Control'"),
    ("Esc", "write 'Escape'"), ("enter", "write 'Enter'"), ("Entre", "write 'Enter'"), ("Ctrl+Up", "write 'ArrowUp'"),
    ("abc", "it is one character"), ("\n", "it is one character"), ("", "a key is a text"), (None, "a key is a text"),
    (13, "a key is a text"),
])
def test_a_key_that_is_none_says_how_it_is_written(key, words):
    with pytest.raises(ValueError, match=words.replace("+", r"\+")):
        KEY_DOWN(key)


@pytest.mark.parametrize(("make", "arguments", "words"), [
    (FOCUS, {"prevent_default": True}, "nothing for prevent_default"),
    (VISIBLE, {"prevent_default": True}, "nothing for prevent_default"),
    (CHANGE, {"prevent_default": True}, "nothing for prevent_default"),
    (THROTTLE, {"interval": -1}, "whole number of milliseconds"),
    (THROTTLE, {"interval": "100"}, "whole number of milliseconds"),
    (CUSTOM, {"name": "click"}, "there is CLICK for it"),
    (CUSTOM, {"name": "keydown"}, "there is KEY_DOWN for it"),
    (CUSTOM, {"name": "mouseenter"}, "there is POINTER_ENTER for it"),
    (CUSTOM, {"name": ""}, "1 to 128 characters"),
    (CUSTOM, {"name": "x" * 129}, "1 to 128 characters"),
    (CUSTOM, {"name": "lona"}, "framework's own"),
    (CUSTOM, {"name": "@answer"}, "framework's own"),
    (name_of, {"event": "dblclick"}, "write DOUBLE_CLICK"),
    (name_of, {"event": "KEY_DOWN"}, "or 'key_down'"),
    (name_of, {"event": ""}, "event type like KEY_DOWN"),
])
def test_what_cannot_be_meant_is_a_value_error(make, arguments, words):
    with pytest.raises(ValueError, match=words):
        make(**arguments)


@pytest.mark.parametrize("flags", [{"prevent_default": 1}, {"stop_propagation": "yes"}, {"once": None}], ids=repr)
def test_flags_are_true_or_false(flags):
    with pytest.raises(TypeError, match="must be True or False"):
        CLICK(**flags)


@pytest.mark.parametrize("event", [THROTTLE, CUSTOM], ids=["THROTTLE", "CUSTOM"])
def test_those_that_need_an_argument_are_no_events_without_one(event):
    with pytest.raises(ValueError, match="an event must be"):
        Div(events=[event])


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_each_type_has_a_keyword_a_method_and_an_assignment(name):
    seen = []
    event = type("Event", (), {"name": name})()
    by_keyword = Div(**{f"handle_{name}": seen.append})
    assigned = Div()
    setattr(assigned, f"handle_{name}", seen.append)
    overridden = type("Card", (Div,), {f"handle_{name}": lambda self, event: seen.append(event), "__module__": "elsewhere"})()

    for node in (by_keyword, assigned, overridden):
        node.handle_input_event(event)
        assert node.has_handler(name)

    assert seen == [event] * 3 and by_keyword.issues(name) and assigned.events.names() == [name]
    assert not Div().has_handler(name) and Div().handle_input_event(event) is event


def test_which_events_the_nodes_around_are_shown():
    def hears(event_name, *events, data=None):
        inner = Div(events=events)
        outer = Section(inner)
        way = inner.way(event_name, data)
        assert all(node is inner or node is outer for node in way)
        return [node.tag_name for node in way]

    assert hears("click", CLICK) == hears("click") == ["div", "section"]
    assert hears("click", CLICK(stop_propagation=True)) == ["div"]
    assert hears("key_down", CLICK(stop_propagation=True)) == ["div", "section"]
    assert hears("pointer_enter", POINTER_ENTER) == ["div"]
    assert hears("x", CUSTOM("x", stop_propagation=True)) == ["div"]


def test_a_node_is_shown_no_keys_but_those_that_it_has_named():
    inner = TextInput(events=[KEY_DOWN("Escape", stop_propagation=True)])
    box = Div(inner, events=[KEY_DOWN("Enter")])
    enter, escape = ({"key": key, "code": key} for key in ("Enter", "Escape"))

    assert [node.tag_name for node in inner.way("key_down", enter)] == ["div"]
    assert [node.tag_name for node in inner.way("key_down", escape)] == ["input"]
    assert box.way("key_down", escape) == []


def test_a_button_that_is_disabled_on_click_says_so_and_keeps_its_other_options():
    assert Button(disable_on_click=True).events == [CLICK(once=True)]
    assert Button(disable_on_click=True, events=[CLICK(stop_propagation=True)]).event_tokens == "click:stop:once"
    assert Button(disable_on_click=False).events == [CLICK]
    with pytest.raises(TypeError, match="once must be True or False"):
        Button(disable_on_click="yes")


def test_a_busy_button_is_disabled_and_one_that_its_user_disabled_stays_so():
    busy, disabled, changed = Button(), Button(disabled=True), Button()
    for button in (busy, disabled, changed):
        show_busy(button, True)

    assert busy.disabled and not busy.is_disabled and disabled.is_disabled
    assert busy.wire_attributes()["disabled"] is True
    changed.disabled = True
    for button in (busy, disabled, changed):
        show_busy(button, False)

    assert [button.is_disabled for button in (busy, disabled, changed)] == [False, True, True]
