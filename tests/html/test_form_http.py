"""Forms as plain HTTP has them: what a browser posts of the rendered form is what the form is filled with."""

from __future__ import annotations

import string
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lona_sync.html import (
    CheckBox,
    ColorInput,
    DateInput,
    DateTimeInput,
    Div,
    EmailInput,
    FieldSet,
    Form,
    HiddenInput,
    MonthInput,
    NumberInput,
    OptGroup,
    Option,
    RadioButton,
    RadioGroup,
    RangeInput,
    SearchInput,
    Select,
    Submit,
    TelInput,
    TextArea,
    TextInput,
    TimeInput,
    URLInput,
    WeekInput,
    render,
)
from lona_sync.testing.dom import ModelDOM
from lona_sync.testing.form_data import submission

CHOICES = [1, "two", None, (3, 4), date(2026, 1, 1)]

# What a browser's control and an HTML parser leave as it is.
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=20)
LINES = st.lists(LINE, max_size=3).map("\n".join)
WORD = st.text(string.ascii_letters + string.digits + "-._@/:", max_size=20)
CHOICE = st.sampled_from(CHOICES)
MOMENT = st.datetimes(min_value=datetime(1, 1, 8)).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
DAY = st.dates(min_value=date(1, 1, 8))
FLOAT = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)


def select(value, **kwargs):
    node = Select(Option(value=CHOICES[0]), OptGroup([Option(str(value), value=value) for value in CHOICES[1:]]), **kwargs)
    node.value = value
    return node


def radio_group(value, **kwargs):
    node = RadioGroup([Div(RadioButton(value)) for value in CHOICES], **kwargs)
    if value != "nothing":
        node.value = value
    return node


MAKERS = {
    CheckBox: st.booleans(),
    ColorInput: st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"),
    DateInput: st.none() | DAY,
    DateTimeInput: st.none() | MOMENT,
    EmailInput: WORD,
    HiddenInput: LINE,
    MonthInput: st.none() | DAY.map(lambda day: day.replace(day=1)),
    NumberInput: st.none() | st.integers() | FLOAT | st.decimals(allow_nan=False, allow_infinity=False, min_value=-9, max_value=9),
    RangeInput: st.none() | st.integers(0, 100),
    SearchInput: LINE,
    TelInput: LINE,
    TextArea: LINES,
    TextInput: LINE,
    TimeInput: st.none() | MOMENT.map(lambda moment: moment.time()),
    URLInput: WORD,
    WeekInput: st.none() | DAY,
    select: CHOICE,
    radio_group: CHOICE | st.just("nothing"),
}

# Not PasswordInput: a page that is rendered does not say what its value is.


def posted(form):
    """What a browser posts of the markup of `form`."""
    dom = ModelDOM()
    dom.apply_snapshot(1, ["div"], [1, {"@html": render(form)}, 0])
    return MultiDict(submission(dom.find("form"), None).fields)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
@given(data=st.data())
def test_what_is_posted_of_a_form_fills_another_one_with_the_same_values(make, data):
    form = Form(make(data.draw(MAKERS[make]), name="field"))
    other = Form(make(data.draw(MAKERS[make]), name="field"))
    errors = form.errors

    other.fill(posted(form))

    assert other.values == form.values and other.errors == errors


@given(chosen=st.lists(CHOICE, unique=True), former=st.lists(CHOICE, unique=True))
def test_a_multiple_choice_is_posted_as_a_whole(chosen, former):
    form, other = Form(select(chosen, name="field", multiple=True)), Form(select(former, name="field", multiple=True))

    assert other.fill(posted(form))

    assert other.values == form.values and set(other.values["field"]) == set(chosen)


@given(st.dictionaries(
    st.sampled_from([*"abcdefgx"]), st.text() | st.lists(st.text() | st.sampled_from(["1", "on"]), max_size=3),
))
def test_nothing_that_is_posted_does_harm(fields):
    form = Form(
        NumberInput(5, name="a"), select(1, name="b"), radio_group(1, name="c"), CheckBox(True, name="d"), WeekInput(name="e"),
        select([1], name="f", multiple=True), TextArea(name="g", maxlength=3), RadioButton(1, name="x"), RadioButton(2, name="x"),
    )

    valid = form.fill(fields)

    assert valid is form.valid is (not form.query_selector_all(".lona-error")) and render(form)


def test_the_exact_decimal_survives():
    form, other = Form(NumberInput(Decimal("0.10"), name="price", step=0.01)), Form(NumberInput(name="price", step=0.01))

    assert other.fill(posted(form))

    assert other[0].decimal == Decimal("0.10") and str(other[0].decimal) == "0.10"


def test_posted_fields_may_come_in_any_form():
    form = Form(TextInput(name="a"), select([1], name="b", multiple=True), TextInput("x", name="c"))

    assert form.fill({"a": "x", "b": ["1", "two"], "other": "y"})
    assert form.values == {"a": "x", "b": (1, "two"), "c": ""}
    assert form.fill(MultiDict([("b", "two"), ("b", "(3, 4)")]))

    assert form.values == {"a": "", "b": ("two", (3, 4)), "c": ""}


@pytest.mark.parametrize("wrong", [None, "a=b", [("a", "b")], {"a": 5}, {"a": [5]}, {"a": b"x"}], ids=repr)
def test_what_is_no_post_is_told_to_the_program(wrong):
    with pytest.raises(TypeError):
        Form(TextInput(name="a")).fill(wrong)


@pytest.mark.parametrize("texts", [["9"], ["1", "two"], [""], ["None "]], ids=repr)
@pytest.mark.parametrize("make", [select, radio_group])
def test_a_choice_that_is_not_offered_is_an_error_until_another_is_made(make, texts):
    form = Form(make(1, name="field"))
    if make is radio_group and texts == ["1", "two"]:
        texts = ["x", "y"]

    assert not form.fill({"field": texts})

    assert form.errors == {"field": "This choice is not offered."}
    form.values = {"field": "two"}
    assert form.valid


def test_a_user_who_corrects_his_choice_is_believed():
    form = Form(select(1, name="a"), radio_group(1, name="b"), RadioButton(1, name="c"), RadioButton(2, name="c"))
    form.fill({"a": "9", "b": "9", "c": "9"})
    assert list(form.errors) == ["a", "b", "c"]

    form[0].receive([int(form[0].options[1].id)], 1)
    form.fields["b"].radio_buttons[1].receive(True, 1)
    form.fields["c"].radio_buttons[1].receive(True, 1)

    assert form.valid and form.values == {"a": "two", "b": "two", "c": 2}


def test_a_disabled_option_cannot_be_posted_and_stays_selected():
    one, two = Option(value=1, disabled=True), Option(value=2)
    form = Form(Select(one, two, name="a", multiple=True))

    assert not form.fill({"a": "1"}) and form.values == {"a": ()}
    one.selected = True
    assert form.fill({"a": "2"}) and form.values == {"a": (1, 2)}
    assert form.fill({}) and form.values == {"a": (1,)}


def test_what_the_user_cannot_change_keeps_its_value():
    form = Form(
        TextInput("a", name="a", readonly=True), TextInput("b", name="b", disabled=True),
        FieldSet(CheckBox(True, name="c"), select(1, name="d"), disabled=True),
        RadioButton(1, name="e", checked=True, disabled=True), RadioButton(2, name="e"),
    )
    before = form.values

    assert form.fill({"a": "x", "b": "x", "d": "two"})

    assert form.values == before == {"a": "a", "b": "b", "c": True, "d": 1, "e": 1}
    assert form.fill({"e": "2"}) and form.values["e"] == 2


def test_what_is_read_only_keeps_its_value_whatever_it_is():
    form = Form(
        CheckBox(True, name="a", readonly=True), select(1, name="b", readonly=True), RangeInput(5, name="c", readonly=True),
        RadioGroup(RadioButton(1, checked=True), RadioButton(2), name="d", readonly=True), ColorInput(name="e", readonly=True),
        RadioButton(1, name="f", checked=True, readonly=True), RadioButton(2, name="f"),
    )
    before = form.values

    assert form.fill({"b": "two", "c": "7", "d": "2", "e": "#ffffff", "f": "2"}) and form.fill(posted(form))

    assert form.values == before


@pytest.mark.parametrize("around", [Div, RadioGroup])
def test_what_is_posted_for_a_choice_that_is_disabled_as_a_whole_does_not_count(around):
    form = Form(around(RadioButton(1, name="a", checked=True, disabled=True), RadioButton(2, name="a", disabled=True)))

    assert form.fill({"a": "3"})

    assert form.values == {"a": 1}


def test_what_is_too_long_is_an_error():
    form = Form(NumberInput(name="a"), TextInput(name="b", maxlength=3), DateInput(name="c"))

    form.fill({"a": "1" * 2000, "b": "abcd", "c": "2026-02-30"})

    assert form.errors == {
        "a": "This is no number.", "b": "At most 3 characters are allowed; there are 4.", "c": "This is no date.",
    }
    assert len(render(form)) < 2000


def test_a_hidden_field_has_what_was_posted():
    form = Form(HiddenInput("7", name="id"))

    form.fill({"id": "8"})

    assert form.values == {"id": "8"}


def test_texts_of_one_name_are_taken_in_order():
    form = Form(TextInput(name="a"), TextInput("keeps", name="a", disabled=True), TextInput(name="a"), select(1, name="a"))

    form.fill({"a": ["x", "y", "two", "more"]})
    assert form.values == {"a": ["x", "keeps", "y", "two"]}
    form.fill({"a": "z"})

    assert form.values["a"][:3] == ["z", "keeps", ""]


def test_check_boxes_of_one_name_are_told_apart_by_what_they_post():
    form = Form([CheckBox(name="color", attributes={"value": color}) for color in ("red", "green", "blue")])

    form.fill({"color": ["blue", "red", "black"]})

    assert form.values == {"color": [True, False, True]}
    with pytest.raises(ValueError, match="2 check boxes are named 'a' and several of them post 'on'"):
        Form(CheckBox(name="a"), CheckBox(name="a")).fill({"a": "on"})


def test_errors_are_shown_when_it_is_filled_and_gone_when_it_is_filled_well():
    form = Form(TextInput(name="a", required=True), validators=[lambda values: "No." if values["a"] == "x" else None])
    assert not form.fill({}) and form[1].get_text() == "This field is required."

    assert not form.fill({"a": "x"}) and form[0].get_text() == "No."
    assert form.fill({"a": "y"})

    assert len(form) == 1


def test_a_button_that_lets_all_pass_shows_no_errors():
    form = Form(
        TextInput(name="a", required=True), Submit("Save", name="act"), Submit("Draft", name="act", formnovalidate=True),
        Submit("No name", formnovalidate=True),
    )

    assert not form.fill({"a": "", "act": "Draft"})
    assert form.errors and not form.query_selector(".lona-error")
    for posted in ({"act": "Save"}, {"": "No name"}, {}):
        assert not form.fill(posted) and form.query_selector(".lona-error")


def test_what_was_said_before_does_not_hold_for_the_next_post():
    form = Form(TextInput("x", name="a"))
    form.set_error("a", "Taken.")

    assert form.fill({"a": "x"})


LOOK_ALIKE = {
    "options": lambda: Select(Option("int", value=1), Option("str", value="1"), name="a"),
    "buttons": lambda: RadioGroup(RadioButton(1), RadioButton("1"), name="a"),
    "no group": lambda: Div(RadioButton(1, name="a"), RadioButton("1", name="a")),
    "labels": lambda: Select(Option("x", value=1, render_value=False), Option("x", value=2, render_value=False), name="a"),
    "no texts": lambda: RadioGroup(RadioButton(1, render_value=False), RadioButton(2, render_value=False), name="a"),
    "addresses": lambda: Select(Option("x", value=object()), name="a"),
    "addresses inside": lambda: RadioGroup(RadioButton((1, object())), name="a"),
}


@pytest.mark.parametrize("make", LOOK_ALIKE.values(), ids=LOOK_ALIKE)
@pytest.mark.parametrize("texts", [[], ["1"], ["x"]], ids=repr)
def test_choices_that_a_post_does_not_tell_apart_are_an_error(make, texts):
    form = Form(make())

    with pytest.raises(ValueError, match="a browser would post"):
        form.fill({"a": texts})


def test_equal_choices_and_those_that_are_disabled_are_no_error():
    form = Form(
        Select(Option("often", value=1), OptGroup(Option("all", value=1), Option("x", value=2)), name="a"),
        RadioGroup(RadioButton(1), RadioButton("1", disabled=True), name="b"),
    )

    assert form.fill({"a": "1", "b": "1"})

    assert form.values == {"a": 1, "b": 1}


@pytest.mark.parametrize("make", [
    lambda: RadioGroup(RadioButton(1, name="x"), RadioButton(2, name="x"), name="plan"),
    lambda: RadioGroup(RadioButton(1, name="plan"), RadioButton(2, name="x")),
], ids=["all", "one"])
def test_a_group_whose_buttons_are_posted_under_another_name_is_an_error(make):
    form = Form(make())

    with pytest.raises(ValueError, match="in the group 'plan' there are some named 'x'"):
        form.fill({"x": "2"})


def test_times_may_be_written_with_seconds():
    form = Form(TimeInput(name="a"))

    form.fill({"a": "09:30:00"})

    assert form.values == {"a": time(9, 30)}
