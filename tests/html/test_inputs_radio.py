from __future__ import annotations

from types import SimpleNamespace

import pytest

from lona_sync.html import CHANGE, Button, Div, Form, Label, Option, RadioButton, RadioGroup, Span, parse_html
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder


def make(**kwargs):
    return RadioGroup(*[Div(RadioButton(value)) for value in (1, 2, "c")], **kwargs)


def checked(group):
    return [button.checked for button in group.radio_buttons]


def change(node):
    return SimpleNamespace(name="change", node=node, data=True)


def test_a_group_has_the_value_of_its_checked_button():
    group = make()

    assert group.value is None and group.checked_radio_button is None and group.values == (1, 2, "c")
    group.value = 2
    assert group.value == 2 and checked(group) == [False, True, False] and group.checked_radio_button is group.radio_buttons[1]
    group.value = group.value
    group.value = None

    assert checked(group) == [False, False, False]


def test_an_unknown_value_is_refused_and_changes_nothing():
    group = make()
    group.value = 1

    with pytest.raises(ValueError, match="no radio button has the value 9; there are"):
        group.value = 9

    assert group.value == 1


def test_the_very_object_is_found_before_an_equal_one():
    group = RadioGroup(RadioButton(1), RadioButton(True), RadioButton(None))

    group.value = True
    assert checked(group) == [False, True, False]
    group.value = None

    assert checked(group) == [False, False, True]


def test_checking_one_unchecks_the_other_in_the_same_form_only():
    group, other = make(), make()
    Div(group, other, RadioButton("outside", checked=True))
    group.value = other.value = 1
    recorder = Recorder(group)
    first, _, last = group.radio_buttons

    last.checked = True

    assert checked(group) == [False, False, True] and other.value == 1 and group.root[2].checked
    assert recorder.recorded == [SetAttribute(first, "checked", False), SetAttribute(last, "checked", True)]


def test_names_divide_a_form_into_groups():
    a, b, c = RadioButton(1, name="a"), RadioButton(2, name="b"), RadioButton(3, name="a")
    Form(a, b, c)

    for button in (a, b, c):
        button.checked = True

    assert (a.checked, b.checked, c.checked, a.name) == (False, True, True, "a")
    a.name = ""
    a.checked = True
    assert a.checked and c.checked
    with pytest.raises(TypeError, match="name must be a str"):
        a.name = 5


def test_of_several_checked_buttons_the_last_one_counts():
    group = RadioGroup(RadioButton(1, checked=True), RadioButton(2, checked=True))
    assert checked(group) == [False, True]

    group.add_button("c", 3, checked=True)

    assert checked(group) == [False, False, True]


def test_the_choice_of_a_user_is_recorded_with_its_client():
    group = make()
    group.value = 1
    first, second, _ = group.radio_buttons
    recorder = Recorder(group)

    second.receive(True, 7)
    second.receive(True, 8)

    assert group.value == 2
    assert recorder.recorded == [SetAttribute(first, "checked", False, 7), SetAttribute(second, "checked", True, 7)]


@pytest.mark.parametrize("data", [False, None, "on", 1, [], "true"], ids=repr)
def test_a_radio_button_refuses_what_it_cannot_have_sent(data):
    group = make()

    with pytest.raises(ValueError, match="must be true"):
        group.radio_buttons[0].receive(data, 1)
    with pytest.raises(ValueError, match="its buttons report"):
        group.receive(data, 1)

    assert group.value is None


def test_a_group_puts_itself_and_its_value_into_the_event_after_its_button():
    seen = []
    group = make(handle_change=lambda event: seen.append((event.node, event.data)), bubble_up=True)
    button = group.radio_buttons[1]
    button.handle_change = lambda event: seen.append(event.node) or event
    button.receive(True, 1)
    event = change(button)

    assert button.bubble_up and button.has_handler("change") and button.handle_input_event(event) is event
    assert group.handle_input_event(event) is None

    assert seen == [button, (group, 2)]


def test_c15_a_group_has_bubble_up():
    group = make()
    button = group.radio_buttons[0]
    button.receive(True, 1)
    event = change(button)

    assert not group.bubble_up and not button.bubble_up and button.has_handler("change")
    assert button.handle_input_event(event) is event

    assert (event.node, event.data) == (group, 1)
    group.bubble_up = True
    assert button.bubble_up
    button.bubble_up = False
    assert not button.bubble_up
    event = change(button)
    assert button.handle_input_event(event) is event and event.node is button
    with pytest.raises(TypeError, match="bubble_up"):
        button.bubble_up = 1


def test_a_button_alone_has_its_own_events():
    button = RadioButton("x")
    event = change(button)

    assert button.handle_input_event(event) is event and event.node is button
    assert button.bubble_up and not button.has_handler("change") and button.events == [CHANGE] and button.group is None


def test_other_events_go_through_a_group_unchanged():
    group = make()
    event = SimpleNamespace(name="click", node=Button(), data=None)

    assert group.handle_input_event(event) is event and event.node is not group
    assert not group.radio_buttons[0].has_handler("click")


def test_a_button_is_added_with_its_label():
    group = RadioGroup()

    button = group.add_button("Red", "#f00", checked=True)

    assert group.value == "#f00" and group[0].attributes["for"] == str(button.id_list) and group.get_text() == "Red"
    assert button.parent is group[0] and type(group[0]) is Label


def test_nodes_of_ones_own_are_linked():
    group, button, label, other = RadioGroup(), RadioButton(1), Label("one"), Label("two", _for="x")

    assert group.add_button(Span(label), other, button) is button

    assert label.attributes["for"] == str(button.id_list) and other.attributes["for"] == "x"
    for nodes in [(), ("a",), (Label("a"),), (RadioButton(), RadioButton())]:
        with pytest.raises(ValueError, match="nodes with one RadioButton"):
            group.add_button(*nodes)
    with pytest.raises(TypeError, match="keywords are for"):
        group.add_button(RadioButton(), checked=True)
    assert group.radio_buttons == (button,)


def test_required_and_disabled_are_of_the_whole_group():
    group = make(required=True)

    assert group.error == "This field is required." and group.wire_attributes()["aria-required"] == "true"
    group.disabled = True
    assert group.valid and group.disabled and all(button.is_disabled for button in group.radio_buttons)
    group.disabled = False
    group.value = 1
    assert group.valid and not group.disabled and not any(button.is_disabled for button in group.radio_buttons)
    group.required = False
    assert "aria-required" not in group.attributes

    button, other = RadioButton(1, required=True), RadioButton(2)
    Div(button, other)
    assert not button.valid
    other.checked = True
    assert button.valid


def test_values_are_any_objects_and_rendered_as_text():
    value = object()

    class Hash(RadioButton):
        def _render_value(self, value):
            return f"#{value}"

    assert str(RadioButton(value, render_value=False)) == '<input type="radio" name="radio">'
    assert RadioButton(value).value is value and RadioButton(5).attributes["value"] == "5" and Hash(5).attributes["value"] == "#5"


def test_markup_with_radio_buttons_is_taken_as_it_is():
    plain, named = parse_html("<input type=radio><input type=radio name=a value=x checked>")

    assert type(plain) is RadioButton and plain.name == "" and plain.value == "on" and str(plain) == '<input type="radio">'
    assert named.name == "a" and named.value == "x" and named.checked and type(named) is not Option


def test_a_group_may_stand_in_a_form_and_excludes_nothing_outside():
    first, second = make(), make()
    form = Form(first, second, RadioButton("outside", checked=True))

    first.value, second.value = 1, 2

    assert (first.value, second.value, form[2].checked) == (1, 2, True)
    assert str(RadioGroup()) == '<fieldset role="radiogroup"></fieldset>'
    assert len({button.name for button in first.radio_buttons}) == 1
    assert first.radio_buttons[0].name != second.radio_buttons[0].name


def test_the_buttons_of_a_group_get_its_name_whenever_they_come():
    group = RadioGroup(Div(RadioButton(1)), RadioButton(2, name="own"), name="color")

    group.append(Label(RadioButton(3), "three"))
    group.nodes = [*group.nodes, RadioButton(4)]
    group.add_button("five", 5)

    assert [button.name for button in group.radio_buttons] == ["color", "own", "color", "color", "color"]
    other = RadioGroup()
    other.extend(group.nodes)
    assert {button.name for button in other.radio_buttons} == {"color", "own"}


def test_the_name_of_a_group_is_its_own_or_that_of_its_buttons():
    group, named = make(), RadioGroup(RadioButton(1, name="size"))

    assert group.name == "" and named.name == "size" and make(name="a").name == "a"
    group.name = "color"

    assert group.name == "color" and {button.name for button in group.radio_buttons} == {"color"}
    group.name = "hue"
    assert {button.name for button in group.radio_buttons} == {"hue"}


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_checked_button_that_comes_into_a_group_is_the_choice_wherever_it_stands(place):
    group = make()
    group.value = 2
    newcomer = RadioButton("new", checked=True)

    group.insert(place, Div(RadioButton("other", checked=True), newcomer))

    assert group.value == "new" and [button for button in group.radio_buttons if button.checked] == [newcomer]
    group.nodes.reverse()
    assert group.value == "new"
