"""What goes wrong in Lona 1.16, in its nodes, inputs, selectors and parser: each must be right here.

What goes wrong in its views is in `tests/views/test_reference_gaps.py`.
"""

from __future__ import annotations

import pytest

from lona_sync.html import (
    BLUR,
    CHANGE,
    CLICK,
    FOCUS,
    HTML,
    CheckBox,
    ColorInput,
    DateInput,
    DateTimeInput,
    Div,
    EmailInput,
    Li,
    MonthInput,
    Node,
    NumberInput,
    OptGroup,
    Option2,
    P,
    PasswordInput,
    Pre,
    RadioGroup,
    RangeInput,
    SearchInput,
    Select2,
    Span,
    TelInput,
    TextInput,
    TimeInput,
    Ul,
    URLInput,
    WeekInput,
    parse_html,
)
from lona_sync.html.mutations import Insert, Move, Remove, SetAttribute
from tests.html.owners import Recorder


def equal_children(count=3):
    nodes = [Span("x") for _ in range(count)]
    return Div(nodes), nodes


def test_remove_takes_the_node_given_not_an_equal_one():
    parent, (first, second, third) = equal_children()
    recorder = Recorder(parent)

    parent.remove(second)

    assert len(parent) == 2 and parent[0] is first and parent[1] is third
    assert recorder.recorded == [Remove(second)] and recorder.recorded[0].node is second


def test_index_insert_pop_and_moves_tell_equal_nodes_apart():
    parent, (first, second, third) = equal_children()
    recorder = Recorder(parent)
    fresh = Span("x")

    assert parent.index(second) == 1 and parent.index(third) == 2 and fresh not in parent
    parent.insert(parent.index(third), fresh)
    parent.insert(0, third)
    popped = parent.pop(2)

    assert [id(node) for node in parent] == [id(third), id(first), id(fresh)] and popped is second
    inserted, moved, removed = recorder.recorded
    assert (type(inserted), type(moved), type(removed)) == (Insert, Move, Remove)
    assert inserted.before is third and moved.node is third and moved.before is first and removed.node is second


def test_widget_data_inserts_and_removes_by_place():
    node = Div(widget="chart", widget_data=[{"a": 1}, {"a": 1}, {"a": 2}])

    node.widget_data.insert(1, {"a": 3})
    del node.widget_data[2]
    node.widget_data.remove({"a": 2})

    assert node.widget_data == [{"a": 1}, {"a": 3}]


def test_building_a_deep_tree_costs_no_more_for_each_level_and_never_recurses():
    class Counted(Node):
        rendered = 0

        def wire_attributes(self):
            Counted.rendered += 1
            return super().wire_attributes()

    root = node = Counted()
    for _ in range(5_000):
        inner = Counted()
        node.append(inner)
        node = inner

    assert Counted.rendered == 0 and node.root is root and str(root).count("</html>") == Counted.rendered == 5_001
    assert root.query_selector_all("html html")[-1] is node and root.get_text() == ""


def test_text_that_ends_in_a_blank_is_read_as_it_is():
    assert Div("Hello ").get_text() == "Hello " and P(" a\t", Span("b "), "\n").get_text() == " a\tb \n"


def test_selecting_an_option_unselects_the_other():
    first, second = Option2("1", value=1), Option2("2", value=2)
    select = Select2(first, second)

    first.selected = True
    second.selected = True

    assert not first.selected and second.selected and select.value == 2 and select.selected_options == (second,)


def test_the_value_of_a_multiple_select_can_be_set_to_itself():
    select = Select2([Option2(str(n), value=n) for n in range(4)], multiple=True)
    select.value = [1, 3]

    select.value = select.value

    assert select.value == (1, 3)
    select.value = (0,)
    assert select.value == (0,)


def test_options_inside_of_a_group_are_options():
    inside = Option2("b", value="b")
    select = Select2(Option2("a", value="a"), OptGroup(inside, label="group"))

    select.value = "b"

    assert select.values == ("a", "b") and select.selected_options == (inside,)


def test_a_choice_is_not_sent_back_to_the_browser_that_made_it():
    select = Select2(Option2("a", value="a", selected=True), Option2("b", value="b"))
    recorder = Recorder(select)

    select.receive([select[1].number], 7)

    assert recorder.recorded == [
        SetAttribute(select[0], "selected", False, 7), SetAttribute(select[1], "selected", True, 7),
    ]


@pytest.mark.parametrize(("value", "step", "valid"), [
    (0.3, 0.1, True), (0.7, 0.1, True), (1.1, 0.1, True), (0.35, 0.1, False), (2.2, 1.1, True), (1e15 + 1, 1, True),
])
def test_a_step_is_counted_in_decimal_numbers(value, step, valid):
    assert NumberInput(value, step=step).valid is valid


def test_an_empty_optional_number_is_valid():
    assert NumberInput().valid and NumberInput(min=5).value is None
    assert not NumberInput(required=True).valid


def test_an_input_may_begin_without_a_value():
    for node_class in (TextInput, NumberInput):
        assert node_class(value=None).value in ("", None)


def test_events_of_ones_own_are_added_to_those_of_an_input_and_of_two_changes_the_later_counts():
    assert CheckBox(events=[FOCUS]).events == [CHANGE, FOCUS]
    assert TextInput(events=[CHANGE(100)]).events == [CHANGE(100)]
    assert TextInput(events=[BLUR]).event_tokens.count("change") == 1
    assert TextInput(events=[CHANGE(100), CLICK]).event_tokens == "change:100 click"


def test_show_restores_the_display_that_hide_has_found():
    node = Div(_style={"display": "inline-flex"})

    node.hide()
    node.hide()
    node.show()

    assert node.style == {"display": "inline-flex"}


def test_what_is_written_into_a_pre_is_joined():
    pre = Pre()

    for word in ("a", "b", "c"):
        pre.write(word)

    assert len(pre) == 1 and pre.get_text() == "abc"


def test_children_have_all_common_list_interfaces():
    letters = [Li(letter) for letter in "edcba"]
    nodes = Ul(letters).nodes

    nodes.sort(key=lambda node: node.get_text())
    assert [node.get_text() for node in nodes] == list("abcde")
    nodes.reverse()
    del nodes[0]
    nodes[1:3] = [Li("x"), Li("y"), Li("z")]
    nodes += [Li("!")]
    assert "".join(node.get_text() for node in nodes) == "dxyza!" and nodes.count(nodes[1]) == 1
    with pytest.raises(TypeError):
        Ul(letters)["0"]


@pytest.mark.parametrize(("selector", "count"), [
    ("ul > li", 3), ("ul li", 3), ("li + li", 2), ("li ~ li", 2), ("*", 4), ("[data-n]", 2), ("[data-n='5']", 1),
    ("li:first-child", 1), ("li, ul", 4), ("li:not([data-n])", 1), ("li:nth-child(2)", 1),
])
def test_selectors_have_combinators_pseudo_classes_blanks_and_numbers(selector, count):
    root = Div(Ul(Li(data_n=5), Li(data_n=6), Li()))

    assert len(root.query_selector_all(selector)) == count


def test_what_is_left_open_is_closed_as_in_a_browser():
    assert parse_html("<p>a<p>b", flat=False) == [P("a"), P("b")]
    assert HTML("<ul><li>a<li>b</ul>") == Ul(Li("a"), Li("b"))


def test_blanks_around_elements_stay():
    assert HTML("<p>Hello <b>World</b>! <i>x</i> y</p>").get_text() == "Hello World! x y"


def test_a_comment_hides_what_is_in_it_and_nothing_else():
    assert HTML("<p>a<!-- <b> -->b</p>") == P("ab")


@pytest.mark.parametrize(("node_class", "kind"), [
    (PasswordInput, "password"), (DateInput, "date"), (TimeInput, "time"), (DateTimeInput, "datetime-local"), (MonthInput, "month"),
    (WeekInput, "week"), (EmailInput, "email"), (RangeInput, "range"), (ColorInput, "color"), (TelInput, "tel"),
    (SearchInput, "search"), (URLInput, "url"),
])
def test_there_is_an_input_for_every_kind_of_text_and_number(node_class, kind):
    node = node_class()

    assert node.attributes["type"] == kind and "change" in node.event_tokens
    assert type(parse_html(f"<input type='{kind}'>")) is node_class


def test_a_radio_group_has_bubble_up():
    group = RadioGroup(bubble_up=True)
    assert group.bubble_up is True

    group.bubble_up = False

    assert group.bubble_up is False
