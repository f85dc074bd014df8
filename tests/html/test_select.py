from __future__ import annotations

import pytest

from lona_sync.html import Node, OptGroup, Option, Option2, Select, Select2
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder


def make(**kwargs):
    """Three options with the values 0, 1 and 2, the last one in a group."""
    options = [Option(f"option {n}", value=n) for n in range(3)]
    return Select(options[0], options[1], OptGroup(options[2], label="group"), **kwargs)


def selected(select):
    return [option.selected for option in select.options]


def test_options_are_found_in_groups_too():
    select = make()

    assert select.values == (0, 1, 2) and len(select.options) == 3
    assert Select2 is Select and Option2 is Option


def test_selecting_a_second_option_unselects_the_first():
    select = make()
    select.value = 0
    recorder = Recorder(select)

    select.options[2].selected = True

    assert selected(select) == [False, False, True] and select.value == 2
    assert recorder.recorded == [
        SetAttribute(select.options[0], "selected", False), SetAttribute(select.options[2], "selected", True),
    ]


def test_of_several_selected_options_the_last_one_counts():
    select = Select(Option(value=1, selected=True), Option(value=2, selected=True))
    assert selected(select) == [False, True]

    select.append(Option(value=3, selected=True))
    assert select.value == 3 and select.selected_options == select.options[2:]
    select.add_option(Option(value=4, selected=True))

    assert selected(select) == [False, False, False, True]


def test_without_a_selection_the_first_option_counts():
    select = make()

    assert select.value == 0 and select.selected_options == ()
    assert Select().value is None and make(multiple=True).value == ()


@pytest.mark.parametrize("kind", [list, tuple])
def test_the_value_of_a_multiple_select_is_a_tuple_and_may_be_set_from_its_own(kind):
    select = make(multiple=True)

    select.value = kind([2, 0])

    assert select.value == (0, 2) and selected(select) == [True, False, True]
    select.value = select.value
    assert select.value == (0, 2)
    select.value = ()
    assert select.value == ()


def test_unknown_values_are_refused_and_change_nothing():
    single, multiple = make(), make(multiple=True)
    single.value, multiple.value = 1, [1]

    with pytest.raises(RuntimeError, match="no option has the value 9"):
        single.value = 9
    with pytest.raises(RuntimeError, match="no option has the value 9"):
        multiple.value = [0, 9]
    with pytest.raises(TypeError, match="must be a list or tuple"):
        multiple.value = 1

    assert single.value == 1 and multiple.value == (1,)


def test_values_are_any_objects_and_rendered_as_text():
    value = object()
    option = Option("label", value=value, render_value=False)

    assert Select(option).value is value
    assert str(option) == "<option>label</option>"
    assert str(Option("label", value=5)) == '<option value="5">label</option>'
    option = Option("label", value=5)
    option.value = 6
    assert option.attributes["value"] == "6" and option.value == 6


def test_a_subclass_renders_values_its_own_way():
    class Hidden(Option):
        def _render_value(self, value):
            return f"#{value}"

    assert str(Hidden(value=5)) == '<option value="#5"></option>'


def test_options_come_and_go():
    select, extra = make(), Option("extra", value=9)

    select.add_option(extra)
    select.remove_option(select.options[2])
    assert select.values == (0, 1, 9)
    select.options = [extra, Option(value=8)]
    assert select.values == (9, 8)
    select.clear_options()

    assert select.options == ()
    with pytest.raises(ValueError, match="is no option of"):
        select.remove_option(extra)
    with pytest.raises(TypeError, match="an option must be an Option"):
        select.add_option("x")


def test_all_or_none_can_be_selected():
    select = make(multiple=True)

    select.select_all()
    assert select.value == (0, 1, 2)
    select.select_none()

    assert select.value == ()
    with pytest.raises(RuntimeError, match="multiple=True"):
        make().select_all()


def test_a_select_that_stops_being_multiple_keeps_one():
    select = make(multiple=True)
    select.select_all()

    select.multiple = False

    assert select.value == 2 and selected(select) == [False, False, True]


def numbers(select, *indexes):
    """How a browser names these options."""
    return [int(select.options[index].id) for index in indexes]


def test_the_choice_of_a_user_is_recorded_with_its_client():
    select = make()
    select.value = 0
    first, _, last = select.options
    recorder = Recorder(select)

    select.receive(numbers(select, 2), 7)
    select.receive(numbers(select, 2), 8)

    assert select.value == 2
    assert recorder.recorded == [SetAttribute(first, "selected", False, 7), SetAttribute(last, "selected", True, 7)]


def test_a_choice_is_that_of_an_option_wherever_it_stands_by_now():
    select = make()
    chosen = select.options[1]
    data = numbers(select, 1)

    select.insert(0, Option("new", value="new"))
    select.receive(data, 1)
    assert select.selected_options == (chosen,)
    select.remove(chosen)
    with pytest.raises(ValueError, match="any more"):
        select.receive(data, 1)

    assert select.value == "new"


def test_a_multiple_choice_is_taken_as_a_whole():
    select = make(multiple=True)
    select.value = [0, 1]

    select.receive(numbers(select, 1, 2), 1)
    assert select.value == (1, 2)
    select.receive([], 1)

    assert select.value == ()


@pytest.mark.parametrize("data", [
    None, "0", 0, {}, [0], [-1], ["0"], [True], [0.0], [None], [[0]], [0, 1], [2**60],
], ids=repr)
def test_a_select_refuses_what_it_cannot_have_sent(data):
    select = make()
    select.value = 1
    numbers(select, 0)

    with pytest.raises(ValueError):
        select.receive(data, 1)

    assert select.value == 1


def test_a_disabled_option_cannot_be_chosen_but_stays_chosen():
    select = make(multiple=True)
    select.value = [0]
    select.options[0].disabled = True
    select[2].attributes["disabled"] = True

    select.receive(numbers(select, 0, 1), 1)
    assert select.value == (0, 1)

    with pytest.raises(ValueError, match="is disabled"):
        select.receive(numbers(select, 0, 2), 1)
    select.value = ()
    with pytest.raises(ValueError, match="is disabled"):
        select.receive(numbers(select, 0), 1)


def test_plain_option_elements_are_chosen_too():
    select = Select(Node(tag_name="option"), Option(value=5))

    select.receive([int(select[1].id)], 1)

    assert select.value == 5 and selected(select) == [True]


@pytest.mark.parametrize("value", [None, 1, "yes"])
def test_selected_is_true_or_false(value):
    with pytest.raises(TypeError, match="selected must be True or False"):
        Option(selected=value)


def test_c4_options_in_groups_are_seen_and_the_value_may_be_set_from_itself():
    select = make(multiple=True)

    select.value = (2, 1)
    select.value = select.value

    assert select.values == (0, 1, 2) and select.value == (1, 2)


@pytest.mark.parametrize("values", [(1, True, 1.0), (float("nan"), 5), ("a", "a"), ([], []), (None, 0, False)], ids=repr)
def test_c4_any_values_can_be_set_from_themselves(values):
    single, multiple = [Select([Option(value=value) for value in values], multiple=several) for several in (False, True)]

    for option in single.options:
        option.selected = True
        value = single.value
        single.value = value
        assert single.value is option.value
    multiple.select_all()
    multiple.value = multiple.value

    assert selected(multiple) == [True] * len(values)


def test_a_disabled_option_is_not_shown_unless_it_is_selected():
    select = Select(Option(value=1, disabled=True), OptGroup(Option(value=2), disabled=True), Option(value=3))

    assert select.value == 3
    select.options[2].disabled = True
    assert select.value is None
    select.value = 1

    assert select.value == 1


def test_a_select_of_several_lines_may_have_nothing_selected():
    assert Select(Option(value=1), size=2).value is None and Select(Option(value=1), size=1).value == 1


@pytest.mark.parametrize(("select", "valid"), [
    (Select(Option("a", value="a"), required=True), True),
    (Select(required=True), False),
    (Select(), True),
    (Select(Option("choose", value=""), Option("a", value="a"), required=True), False),
    (Select(Option("choose", value=""), Option("a", value="a")), True),
    (Select(Option("choose", value=""), Option("a", value="a", selected=True), required=True), True),
    (Select(Option("a", value="a"), Option("none", value="", selected=True), required=True), True),
    (Select(OptGroup(Option("none", value="")), required=True), True),
    (Select(Option("none", value=""), required=True, size=2), False),
    (Select(Option("a", value="a"), required=True, multiple=True), False),
    (Select(Option("a", value="a", selected=True), required=True, multiple=True), True),
    (Select(required=True, disabled=True), True),
    (Select(Option("a", value="a"), validators=[lambda value: f"not {value}"]), False),
])
def test_a_required_select_wants_a_choice(select, valid):
    assert select.valid is valid and bool(select.error) is not valid


def test_a_value_may_be_given_with_the_options():
    one = Select(Option("a", value=1), Option("b", value=None), value=None)
    several = Select(values=[(1, "a"), (2, "b"), (3, "c")], multiple=True, value=[1, 3])

    assert one.selected_options == (one.options[1],)
    assert several.value == (1, 3)
    with pytest.raises((RuntimeError, ValueError)):
        Select(Option("a", value=1), value=2)


def test_whoever_sets_the_values_of_a_select_is_told_what_he_can_set():
    select = Select(Option("German", value="de"))

    with pytest.raises(AttributeError, match=r"cannot be set to \[\('en', 'English'\)\]. Set the options: select.options ="):
        select.values = [("en", "English")]

    assert select.values == ("de",)
