"""What programs written for the reference framework expect of inputs, widgets and state, line by line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lona_sync.html import (
    CHANGE,
    CLICK,
    Button,
    CheckBox,
    Div,
    Form,
    Node,
    NumberInput,
    Option,
    Option2,
    RadioButton,
    RadioGroup,
    Select,
    Select2,
    Submit,
    TextArea,
    TextInput,
    Widget,
)
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder

INPUTS = [TextInput, TextArea, CheckBox, NumberInput, Select2, RadioButton]


@pytest.mark.parametrize("node_class", INPUTS)
@pytest.mark.parametrize("name", ["disabled", "readonly"])
def test_every_input_has_flags_that_are_bools(node_class: type[Any], name: str):
    node = node_class(**{name: True})

    assert getattr(node, name) is True
    assert name in node.attributes
    setattr(node, name, False)
    assert getattr(node, name) is False
    with pytest.raises(TypeError, match="must be True or False"):
        setattr(node, name, "yes")


@pytest.mark.parametrize(("node", "name", "sent", "value"), [
    (TextInput("old"), "value", "new", "new"),
    (TextArea("old"), "value", "new", "new"),
    (CheckBox(), "checked", True, True),
    (NumberInput(1), "value", "2", 2),
])
def test_a_change_is_taken_over_and_not_sent_back_to_whom_it_comes_from(node: Any, name: str, sent: Any, value: Any):
    recorder = Recorder(node)

    node.receive(sent, client=7)

    assert node.value == value
    assert recorder.recorded == [SetAttribute(node, name, sent, 7)]


@pytest.mark.parametrize("node_class", [TextInput, TextArea, CheckBox, NumberInput, Select2])
def test_a_change_goes_further_only_if_it_shall(node_class: type[Any]):
    assert node_class().bubble_up is False
    assert node_class(bubble_up=True).bubble_up is True


@pytest.mark.parametrize("node_class", [TextInput, TextArea])
def test_text_is_reported_after_a_delay_or_when_the_input_is_left(node_class: type[Any]):
    assert node_class().value == ""
    assert list(node_class().events) == [CHANGE(300)]
    assert list(node_class(input_delay=100).events) == [CHANGE(100)]
    assert list(node_class(input_delay=0).events) == [CHANGE]


def test_the_text_of_an_area_is_its_value():
    area = TextArea("a <b>")

    assert area.value == "a <b>"
    assert str(area) == "<textarea>a &lt;b&gt;</textarea>"


def test_a_check_box_is_a_bool_and_reports_at_once():
    box = CheckBox(True)

    assert box.value is True
    assert box.attributes["checked"] is True
    assert list(box.events) == [CHANGE]
    with pytest.raises(TypeError):
        box.value = "on"  # type: ignore[assignment]  # what is tested


def test_a_number_is_a_number_a_text_or_none():
    number = NumberInput(min=0, max=10, step=0.5)

    assert number.value is None
    number.value = "2.5"
    assert number.value == 2.5
    number.value = 3
    assert (number.value, number.raw_value, number.valid) == (3, "3", True)
    number.value = 3.2
    assert number.valid is False
    number.value = 11
    assert number.valid is False
    number.value = None
    assert number.raw_value == ""


def test_the_limits_of_a_number_are_numbers_or_none():
    number = NumberInput(min=1, max=2.5, step=0.1)

    assert (number.min, number.max, number.step) == (1, 2.5, 0.1)
    number.min = None
    assert number.min is None
    with pytest.raises(TypeError):
        number.max = "high"
    number.attributes["max"] = "nonsense"
    assert number.max is None


def test_buttons():
    button = Button("go", disabled=True)

    assert button.disabled is True
    assert list(button.events) == [CLICK]
    assert str(Submit()) == '<input type="submit" value="Submit">'


@pytest.fixture
def select() -> Select2:
    return Select2(Option2("A", value=1), Option2("B", value=[2], selected=True), Option2("C", value="3"))


def test_a_select_gives_the_objects_of_its_options(select: Select2):
    assert select.values == (1, [2], "3")
    assert select.value == [2]
    assert [option.get_text() for option in select.selected_options] == ["B"]
    select.value = 1
    assert select.value == 1
    with pytest.raises((RuntimeError, ValueError)):
        select.value = "unknown"


def test_a_select_without_a_choice_has_its_first_option_and_without_options_none():
    assert Select2(Option2("A", value=1), Option2("B", value=2)).value == 1
    assert Select2().value is None


def test_a_multiple_select_has_a_tuple(select: Select2):
    select.multiple = True

    select.select_all()
    assert select.value == (1, [2], "3")
    select.select_none()
    assert select.value == ()
    select.value = [1, "3"]
    assert select.value == (1, "3")


def test_options_come_and_go(select: Select2):
    extra = Option2("D", value=4)

    select.add_option(extra)
    assert select.options[-1] is extra
    select.remove_option(extra)
    assert extra not in select.options
    select.options = (extra,)
    assert select.values == (4,)
    select.clear_options()
    assert select.options == ()


def test_an_option_shows_its_value_or_not():
    class Secret(Option2):
        def _render_value(self, value: Any) -> str:
            return "hidden"

    assert 'value="7"' in str(Option2("x", value=7))
    assert "7" not in str(Option2("x", value=7, render_value=False))
    assert 'value="hidden"' in str(Secret("x", value=7))


def test_the_older_select_takes_pairs():
    select = Select(values=[("a", "A"), ("b", "B", True)])

    assert select.value == "b"
    assert [option.get_text() for option in select.options] == ["A", "B"]
    assert isinstance(select.options[0], Option)


def test_radio_buttons_of_a_group():
    group = RadioGroup()
    first = group.add_button("A", 1)
    group.add_button("B", {"any": "object"})

    assert group.value is None
    assert group.values == (1, {"any": "object"})
    assert group.radio_buttons[0] is first
    group.value = {"any": "object"}
    assert group.checked_radio_button is group.radio_buttons[1]
    group.value = None
    assert group.checked_radio_button is None
    with pytest.raises(ValueError, match="no radio button has the value"):
        group.value = "unknown"


def test_a_label_of_a_group_belongs_to_its_button():
    group = RadioGroup()

    button = group.add_button("Tea", "tea")

    label = group.query_selector('label')
    assert label is not None
    assert button in label.nodes or label.attributes['for'] in button.id_list


def test_to_check_one_button_unchecks_the_others():
    group = RadioGroup(RadioButton("a", checked=True), RadioButton("b"))
    first, second = group.radio_buttons

    second.receive(True, client=1)

    assert (first.checked, second.checked, group.value) == (False, True, "b")


def test_a_form_is_a_form():
    form = Form(TextInput(name="q"), Submit(), action="/search", method="post")

    assert str(form).startswith('<form method="post" action="/search">')


def test_a_widget_is_a_node_with_data():
    class Map(Node):
        TAG_NAME = "div"
        WIDGET = "map"

    node = Map(widget_data={"places": [{"name": "here"}]})

    node.widget_data["places"][0]["name"] = "there"
    assert node.widget == "map"
    assert node.widget_data == {"places": [{"name": "there"}]}
    node.widget_data = [1, 2.5, None, True, "text"]
    assert node.widget_data == [1, 2.5, None, True, "text"]
    with pytest.raises(ValueError, match="what JSON can say"):
        node.widget_data.append(object())


def test_the_older_widget_has_nodes_and_data():
    class Clock(Widget):
        FRONTEND_WIDGET_CLASS = "clock"

    clock = Clock(Div("one"), Div("two"), data={"time": 0})

    clock.data["time"] = 1
    assert clock.widget == "clock"
    assert [node.get_text() for node in clock.nodes] == ["one", "two"]  # type: ignore[attr-defined]  # they are elements
    assert clock.widget_data == {"time": 1}


def test_a_nodes_state_is_nested_compares_by_value_and_turns_into_json():
    node = Div(state={"list": [1]})

    node.state["list"].append({"two": 2})
    assert node.state == {"list": [1, {"two": 2}]}
    assert json.loads(node.state.to_json()) == {"list": [1, {"two": 2}]}
    with node.state.lock:
        del node.state["list"]
    assert node.state == {}


def test_the_lock_of_a_node_that_nobody_shows_is_free():
    node = Div()

    with node.lock, node.lock:
        node.set_text("changed")

    assert node.get_text() == "changed"
