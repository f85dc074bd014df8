from __future__ import annotations

import pytest

from lona_sync.errors import ReadOnlyError
from lona_sync.html import (
    CHANGE,
    CLICK,
    FOCUS,
    Button,
    CheckBox,
    ColorInput,
    Div,
    Option,
    RadioButton,
    RadioGroup,
    RangeInput,
    Select,
    Submit,
    TextArea,
    TextInput,
)
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder

TEXT_INPUTS = [TextInput, TextArea]


@pytest.mark.parametrize("node_class", TEXT_INPUTS)
def test_the_value_of_a_text_input_is_a_string(node_class):
    assert [node_class(value).value for value in ("a", "", None, 5)] == ["a", "", "", "5"]
    assert node_class().value == "" and node_class(value="b").value == "b"


@pytest.mark.parametrize("node_class", TEXT_INPUTS)
def test_the_value_set_by_the_server_is_recorded_for_all(node_class):
    node = node_class("a")
    recorder = Recorder(node)

    node.value = "a"
    node.value = "b"
    node.value = None

    assert recorder.recorded == [SetAttribute(node, "value", "b"), SetAttribute(node, "value", "")]


@pytest.mark.parametrize("node_class", TEXT_INPUTS)
def test_the_value_typed_by_a_user_is_recorded_with_its_client(node_class):
    node = node_class("a")
    recorder = Recorder(node)

    node.receive("typed", 7)
    node.receive("typed", 8)

    assert node.value == "typed" and recorder.recorded == [SetAttribute(node, "value", "typed", 7)]


@pytest.mark.parametrize("node_class", TEXT_INPUTS)
@pytest.mark.parametrize("data", [5, True, ["a"], {}], ids=repr)
def test_a_text_input_refuses_what_it_cannot_have_sent(node_class, data):
    node = node_class("a")

    with pytest.raises(ValueError, match="must be a string"):
        node.receive(data, 1)

    assert node.value == "a"


def test_a_read_only_text_does_not_change():
    node = TextInput("a", readonly=True)

    with pytest.raises(ValueError, match="read-only"):
        node.receive("b", 1)

    assert node.value == "a"


def test_the_delay_of_typing_is_an_option():
    assert TextInput().events == [CHANGE(300)] and TextInput(input_delay=0).events == [CHANGE]
    assert TextInput(input_delay=50).events == [CHANGE(50)]
    assert TextInput(events=[CHANGE(100)]).wire_attributes()["@on"] == "change:100"
    assert CheckBox(events=[FOCUS]).events == [CHANGE, FOCUS]


def test_a_check_box_is_true_or_false():
    node = CheckBox()
    recorder = Recorder(node)

    node.value = True
    node.receive(False, 3)
    node.receive(True, 3)
    node.receive(True, 4)

    assert node.value is True
    assert recorder.recorded == [
        SetAttribute(node, "checked", True), SetAttribute(node, "checked", False, 3), SetAttribute(node, "checked", True, 3),
    ]
    with pytest.raises(TypeError, match="value must be True or False"):
        node.value = 1
    with pytest.raises(TypeError):
        CheckBox(None)
    with pytest.raises(ValueError, match="must be a boolean"):
        node.receive("on", 1)


@pytest.mark.parametrize("node_class", [Button, TextInput, TextArea, CheckBox, Select])
@pytest.mark.parametrize("flag", ["disabled", "readonly"])
def test_flags_are_attributes(node_class, flag):
    node = node_class(**{flag: True})
    assert getattr(node, flag) is True and node.wire_attributes()[flag] is True
    recorder = Recorder(node)

    setattr(node, flag, False)
    setattr(node, flag, False)

    assert getattr(node, flag) is False and flag not in node.attributes
    assert recorder.recorded[0] == SetAttribute(node, flag, False)
    assert recorder.recorded[1:] in ([], [SetAttribute(node, "aria-readonly", False)])
    with pytest.raises(TypeError, match=f"{flag} must be True or False"):
        setattr(node, flag, "yes")
    node.attributes[flag] = ""
    assert getattr(node, flag) is True


def test_any_node_with_the_attribute_is_disabled():
    assert Div(disabled=True).is_disabled and not Div(disabled=False).is_disabled and not Div().is_disabled


def test_changes_of_inputs_stay_there_unless_told_otherwise():
    node = TextInput(bubble_up=True)

    assert node.bubble_up and not TextInput().bubble_up and not CheckBox().bubble_up and Div().bubble_up
    node.bubble_up = False
    assert not node.bubble_up
    with pytest.raises(TypeError):
        node.bubble_up = None


def test_buttons_and_submit():
    button = Button("a", disabled=True)

    assert button.events == [CLICK] and button.disabled and button.get_text() == "a"
    assert str(Submit(value="Go")) == '<input type="submit" value="Go">'
    assert str(Submit()) == '<input type="submit" value="Submit">'


def test_a_node_without_a_value_takes_nothing():
    node = Div()

    node.receive("x", 1)

    assert node == Div()


def test_a_required_check_box_must_be_checked():
    node = CheckBox(required=True)

    assert node.error == "This field is required." and CheckBox().valid
    node.receive(True, 1)

    assert node.valid


def test_c6_the_events_of_a_check_box_are_not_lost():
    assert CheckBox(events=[FOCUS]).events == [CHANGE, FOCUS]


def options(*selected):
    return [Option(value=value, selected=value in selected) for value in (1, 2, 3)]


def group(first=False, second=False, **kwargs):
    return RadioGroup(RadioButton(1, checked=True, readonly=first), RadioButton(2, readonly=second), **kwargs)


def last_option(select):
    return [int(select[2].id)]


FIXED = {
    "box": (CheckBox(True, readonly=True), lambda box: False),
    "select": (Select(options(2), readonly=True), last_option),
    "none selected": (Select(options(), readonly=True), last_option),
    "multiple": (Select(options(1, 2), multiple=True, readonly=True), last_option),
    "group": (group(readonly=True), None),
    "button": (group(second=True), None),
    "checked button": (group(first=True), None),
    "range": (RangeInput(30, readonly=True), lambda slider: "50"),
    "color": (ColorInput("#ff0000", readonly=True), lambda color: "#00ff00"),
    "text": (TextInput("a", readonly=True), lambda text: "b"),
}


@pytest.mark.parametrize(("node", "sent"), FIXED.values(), ids=FIXED)
def test_what_is_read_only_stays_and_every_browser_is_told(node, sent):
    before, recorder = node.value, Recorder(node)

    with pytest.raises(ReadOnlyError, match="is read-only"):
        node[1].receive(True, 1) if sent is None else node.receive(sent(node), 1)

    told = recorder.recorded
    assert node.value == before and not node.error and told
    assert all(set.value == set.node.attributes.wire(set.name) and not set.client for set in told)
    assert [bool(set.value) for set in told] == sorted(bool(set.value) for set in told)


@pytest.mark.parametrize("node", [
    CheckBox(readonly=True), Select(Option(value=1), readonly=True), RadioGroup(RadioButton(1), readonly=True)[0],
    RadioButton(1, readonly=True), RangeInput(readonly=True), ColorInput(readonly=True),
], ids=lambda node: type(node).__name__ + str(node.parent))
def test_markup_has_no_read_only_choices_so_they_are_disabled(node):
    assert " disabled" in str(node) and "disabled" not in node.wire_attributes()


def test_what_is_typed_may_be_read_only_in_markup_too():
    assert str(TextInput("a", readonly=True)) == '<input type="text" readonly value="a">'


def test_screen_readers_are_told_what_is_read_only():
    node = CheckBox(readonly=True)
    assert node.attributes["aria-readonly"] == "true"

    node.readonly = False

    assert "aria-readonly" not in node.attributes and "aria-readonly" not in TextInput(readonly=True).attributes
