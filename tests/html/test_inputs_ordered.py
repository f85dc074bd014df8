"""Numbers, dates, times and colors."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html import (
    CHANGE,
    ColorInput,
    DateInput,
    DateTimeInput,
    MonthInput,
    NumberInput,
    RangeInput,
    TimeInput,
    WeekInput,
    parse_html,
)
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder

#: Type, class, a text that a browser sends, what it means.
TYPES = [
    ("number", NumberInput, "-5", -5),
    ("number", NumberInput, ".5e1", 5.0),
    ("range", RangeInput, "30", 30),
    ("date", DateInput, "2026-01-02", date(2026, 1, 2)),
    ("month", MonthInput, "2026-02", date(2026, 2, 1)),
    ("week", WeekInput, "2026-W01", date(2025, 12, 29)),
    ("time", TimeInput, "23:59", time(23, 59)),
    ("time", TimeInput, "23:59:01.5", time(23, 59, 1, 500_000)),
    ("datetime-local", DateTimeInput, "2026-01-02T03:04", datetime(2026, 1, 2, 3, 4)),
    ("datetime-local", DateTimeInput, "2026-01-02 03:04:05.678", datetime(2026, 1, 2, 3, 4, 5, 678_000)),
    ("color", ColorInput, "#FF8000", "#ff8000"),
]
CLASSES = [NumberInput, DateInput, MonthInput, WeekInput, TimeInput, DateTimeInput]


@pytest.mark.parametrize(("type", "node_class", "text", "value"), TYPES)
def test_c14_every_type_with_a_typed_value_has_a_class(type, node_class, text, value):
    node = node_class()
    recorder = Recorder(node)

    node.receive(text, 7)

    assert node.value == value and node.raw_value == text and not hasattr(node, "__dict__")
    assert recorder.recorded == [SetAttribute(node, "value", text, 7)]
    parsed = parse_html(f'<input type="{type.upper()}" value="{text}">')
    assert parsed.__class__ is node_class and parsed.value == value
    assert node_class().attributes["type"] == type and node_class().events == [CHANGE(300)]


@pytest.mark.parametrize(("node_class", "value", "text"), [
    (NumberInput, 5, "5"), (NumberInput, 0.1, "0.1"), (NumberInput, Decimal("1.50"), "1.50"), (NumberInput, "2e3", "2e3"),
    (NumberInput, 1e22, "1e+22"), (NumberInput, "", ""), (RangeInput, 5, "5"),
    (DateInput, date(1, 2, 3), "0001-02-03"), (MonthInput, date(2026, 3, 31), "2026-03"),
    (WeekInput, date(2027, 1, 3), "2026-W53"), (WeekInput, date(2027, 1, 4), "2027-W01"),
    (TimeInput, time(9, 5), "09:05"), (TimeInput, time(9, 5, 7), "09:05:07"), (TimeInput, time(9, 5, 0, 20_000), "09:05:00.02"),
    (TimeInput, time(9, 5, 0, 999), "09:05"), (TimeInput, time(9, 5, 1, 123_999), "09:05:01.123"),
    (DateTimeInput, datetime(2026, 1, 2), "2026-01-02T00:00"), (ColorInput, "#AABBCC", "#aabbcc"), (ColorInput, None, "#000000"),
    (NumberInput, None, ""), (DateInput, None, ""), (MonthInput, None, ""), (WeekInput, None, ""), (TimeInput, None, ""),
    (DateTimeInput, None, ""),
])
def test_a_value_is_written_as_html_has_it(node_class, value, text):
    node = node_class()

    node.value = value

    assert node.raw_value == node_class(value).raw_value == text


@pytest.mark.parametrize(("node_class", "value", "error"), [
    (NumberInput, True, TypeError), (NumberInput, [], TypeError), (NumberInput, "x", ValueError), (NumberInput, "1.", ValueError),
    (NumberInput, float("nan"), ValueError), (NumberInput, float("inf"), ValueError), (NumberInput, Decimal("NaN"), ValueError),
    (NumberInput, 10**400, ValueError), (RangeInput, "x", ValueError),
    (DateInput, "2026-01-02", TypeError), (DateInput, datetime(2026, 1, 2), TypeError), (MonthInput, 5, TypeError),
    (WeekInput, datetime(2026, 1, 2), TypeError), (TimeInput, datetime(2026, 1, 2), TypeError),
    (DateTimeInput, date(2026, 1, 2), TypeError),
    (TimeInput, time(1, tzinfo=timezone.utc), ValueError), (DateTimeInput, datetime(2026, 1, 2, tzinfo=timezone.utc), ValueError),
    (ColorInput, "red", ValueError), (ColorInput, "#fff", ValueError), (ColorInput, 0xFFFFFF, TypeError),
])
def test_a_wrong_value_is_refused_and_changes_nothing(node_class, value, error):
    node = node_class()
    before = node.raw_value

    with pytest.raises(error):
        node.value = value
    with pytest.raises(error):
        node_class(value)

    assert node.raw_value == before


@pytest.mark.parametrize(("node_class", "texts"), [
    (NumberInput, ["x", "1.", "+1", " 1", "0x1", "1_0", "\u0661", "1e", "NaN", "Infinity", "1e999", "-", "1\n"]),
    (DateInput, [
        "2026-1-2", "2026-02-30", "0000-01-01", "12026-01-01", "2026-01-02T", "\u0662026-01-02", "20260102", "2026-01-02\n",
    ]),
    (MonthInput, ["2026-13", "2026", "2026-01-01", "0000-01"]),
    (WeekInput, ["2026-W54", "2025-W53", "2026-W00", "2026-w01", "2026W01", "0000-W01"]),
    (TimeInput, ["24:00", "1:00", "12:60", "12:00:60", "12:00:00.", "12:00:00.1234", "12:00Z", "12"]),
    (DateTimeInput, ["2026-01-02", "2026-01-02T", "2026-01-02t03:04", "2026-01-02T03:04Z", "2026-02-30T00:00"]),
    (ColorInput, ["red", "#fff", "#gggggg", "#0000000", "#000000\n"]),
    (RangeInput, ["x"]),
], ids=lambda item: getattr(item, "__name__", ""))
def test_what_a_browser_sends_in_vain_is_kept_and_not_valid(node_class, texts):
    for text in texts:
        node = node_class()

        node.receive(text, 1)

        assert node.raw_value == text and node.value is None and not node.valid and node.error.startswith("This is no ")
        assert parse_html("<input>", node_classes={"input": node_class}).value == node_class().value


@pytest.mark.parametrize("node_class", [*CLASSES, RangeInput, ColorInput])
def test_what_no_browser_can_have_sent_is_refused(node_class):
    node = node_class()
    before = node.raw_value

    for data in (5, True, ["1"], {}, "1" * 1001):
        with pytest.raises(ValueError):
            node.receive(data, 1)

    assert node.raw_value == before


@pytest.mark.parametrize("node_class", CLASSES)
def test_c5_empty_is_valid_unless_it_is_required(node_class):
    assert node_class().valid and node_class().value is None
    assert node_class(required=True).error == "This field is required." and not node_class(required=True).valid


def test_c5_steps_are_exact():
    assert NumberInput(0.3, step=0.1).valid and NumberInput(Decimal("0.3"), step=Decimal("0.1")).valid
    assert not NumberInput(0.35, step=0.1).valid and NumberInput(1.05, min=0.05, step=0.1).valid


@pytest.mark.parametrize(("node", "error"), [
    (NumberInput(2), ""),
    (NumberInput(0.5), "Only steps of 1 from 0 are allowed."),
    (NumberInput(0.5, step="any"), ""),
    (NumberInput(-3, step=2), "Only steps of 2 from 0 are allowed."),
    (NumberInput(3, min=1, step=2), ""),
    (NumberInput(4, min=1, step=2), "Only steps of 2 from 1 are allowed."),
    (NumberInput(1, min=2), "The least value allowed is 2."),
    (NumberInput(3.5, max=3, step="any"), "The greatest value allowed is 3."),
    (NumberInput("1e-999999999", step=0.1), ""),
    (NumberInput("0e999999999"), ""),
    (NumberInput(9007199254740993), ""),
    (RangeInput(101), ""),
    (RangeInput(3, min=0, max=4, step=2), ""),
    (RangeInput(required=True), ""),
    (DateInput(date(2026, 1, 3), min=date(2026, 1, 1), step=2), ""),
    (DateInput(date(2026, 1, 2), min=date(2026, 1, 1), step=2), "Only steps of 2 days from 2026-01-01 are allowed."),
    (DateInput(date(2026, 1, 2), max=date(2026, 1, 1)), "The greatest value allowed is 2026-01-01."),
    (DateInput(date(1970, 1, 3), step=2), ""),
    (MonthInput(date(2026, 4, 1), min=date(2026, 1, 1), step=3), ""),
    (MonthInput(date(2026, 4, 1), step=2), "Only steps of 2 months from 1970-01 are allowed."),
    (WeekInput(date(1970, 1, 14), step=2), ""),
    (WeekInput(date(1970, 1, 7), step=2), "Only steps of 2 weeks from 1970-W01 are allowed."),
    (WeekInput(date(2026, 1, 1), min=date(2026, 2, 1)), "The least value allowed is 2026-W05."),
    (TimeInput(time(12, 0, 30)), "Only steps of 60 seconds from 00:00 are allowed."),
    (TimeInput(time(12, 0, 30), step=30), ""),
    (TimeInput(time(12, 0, 0, 300_000), step=0.1), ""),
    (TimeInput(time(23), min=time(22), max=time(6)), ""),
    (TimeInput(time(5), min=time(22), max=time(6), step=3600), ""),
    (TimeInput(time(12), min=time(22), max=time(6)), "The value must be from 22:00 to 06:00."),
    (TimeInput(time(12), min=time(13), max=time(14)), "The least value allowed is 13:00."),
    (DateTimeInput(datetime(2026, 1, 2, 3, 4)), ""),
    (DateTimeInput(datetime(2026, 1, 2, 3, 4, 5)), "Only steps of 60 seconds from 1970-01-01T00:00 are allowed."),
    (DateTimeInput(datetime(2026, 1, 2), min=datetime(2026, 1, 3)), "The least value allowed is 2026-01-03T00:00."),
    (ColorInput(required=True), ""),
    (NumberInput(3, validators=[lambda value: "three" if value == 3 else None]), "three"),
], ids=lambda item: str(item)[:60])
def test_constraints_are_checked_on_the_server(node, error):
    assert node.error == error and node.valid is (not error)


@pytest.mark.parametrize("node_class", CLASSES)
def test_limits_are_typed_and_can_be_taken_back(node_class):
    value = {NumberInput: 2, TimeInput: time(2), DateTimeInput: datetime(2026, 1, 2)}.get(node_class, date(2024, 1, 1))
    node = node_class(value, min=value, max=value, step="any")
    assert (node.value, node.min, node.max, node.step) == (value, value, value, "any") and node.valid

    node.step = 5
    assert node.step == 5
    node.min = node.max = node.step = node.value = None

    assert (node.value, node.min, node.max, node.step) == (None, None, None, None)
    assert not {"min", "max", "step"} & set(node.attributes) and node.attributes["value"] == ""


@pytest.mark.parametrize(("name", "value", "error"), [
    ("min", "5", TypeError), ("max", True, TypeError), ("step", True, TypeError), ("step", "1", TypeError), ("step", 0, ValueError),
    ("step", -1, ValueError), ("step", float("inf"), ValueError),
])
def test_wrong_limits_are_refused(name, value, error):
    with pytest.raises(error, match=name):
        NumberInput(**{name: value})


def test_limits_that_mean_nothing_are_none_as_in_a_browser():
    node = parse_html("<input type=number min=a max='' step=0 value=0.5>")

    assert (node.min, node.max, node.step) == (None, None, None) and node.error == "Only steps of 1 from 0 are allowed."
    assert not parse_html("<input type=date value=tomorrow>").valid


def test_a_number_is_an_int_if_it_is_written_as_one_and_a_decimal_on_request():
    assert repr(NumberInput("5").value) == "5" and repr(NumberInput("5.0").value) == "5.0"
    assert NumberInput(Decimal("0.10")).decimal == Decimal("0.1") and NumberInput().decimal is None


def test_numbers_of_other_kinds_are_written_as_numbers():
    class Money(float):
        def __repr__(self):
            return "Money"

    class Count(int):
        def __repr__(self):
            return "Count"

    assert NumberInput(Money(1.5), max=Count(5)).raw_value == "1.5" and NumberInput(Count(5), step=Decimal("1E+1")).error


@pytest.mark.parametrize(("limits", "value"), [
    ({}, 50), ({"min": 10, "max": 20}, 15), ({"min": 5, "max": 1}, 5), ({"max": 5}, 3), ({"max": 5, "step": "any"}, 2.5),
    ({"max": 5, "step": 5}, 5), ({"max": 7, "step": 5}, 5), ({"max": 7, "step": 10}, 0),
])
def test_a_slider_without_a_value_stands_in_the_middle_as_in_a_browser(limits, value):
    assert RangeInput(**limits).value == RangeInput(None, **limits).value == value and RangeInput(**limits).valid


@pytest.mark.parametrize(("value", "limits", "shown"), [
    (50, {"max": 10}, 10), (-5, {}, 0), (5, {"min": 10}, 10), (5, {"min": 10, "max": 1}, 10), (1, {"step": 2}, 2),
    (0.9, {"step": 2}, 0), (99, {"max": 99, "step": 10}, 90), (0.35, {"max": 1, "step": 0.1}, 0.4), ("5.0", {}, 5.0),
    (2.5, {"step": "any"}, 2.5),
])
def test_a_slider_stands_where_its_limits_and_steps_allow(value, limits, shown):
    slider = RangeInput(value, **limits)

    assert slider.value == shown and slider.decimal == Decimal(str(shown))
    assert slider.raw_value == RangeInput(value).raw_value and slider.valid
    slider.receive("nonsense", 1)
    assert slider.value is None and not slider.valid


def test_the_value_of_a_slider_counts_again_when_there_is_room_for_it():
    slider = RangeInput(50, max=10)

    slider.max = 100

    assert slider.value == 50


@given(st.integers(-10**300, 10**300) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_as_they_were(value):
    node = NumberInput(value, step="any")

    assert node.value == value and type(node.value) is type(value) and node.valid


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-10**12, max_value=10**12))
def test_every_price_is_a_multiple_of_a_cent(value):
    node = NumberInput(value, step=Decimal("0.01"))

    assert node.decimal == value and node.valid


@given(st.datetimes())
def test_dates_and_times_come_back_to_the_millisecond(value):
    value = value.replace(microsecond=value.microsecond // 1000 * 1000)

    assert DateTimeInput(value, step="any").value == value and DateTimeInput(value, step=0.001).valid
    assert TimeInput(value.time()).value == value.time() and DateInput(value.date()).value == value.date()
    assert MonthInput(value.date()).value == value.date().replace(day=1)
    assert WeekInput(value.date()).value.isocalendar() == (*value.isocalendar()[:2], 1)


@given(
    st.text(max_size=30) | st.from_regex(r"[-+.eE0-9:TW]{1,30}", fullmatch=True),
    st.sampled_from([*CLASSES, RangeInput, ColorInput]),
)
def test_nothing_that_a_browser_sends_raises(text, node_class):
    node = node_class(required=True)

    node.receive(text, 1)

    assert node.raw_value == text and node.valid is (node.error == "")
    assert not text or (node.value is not None) or not node.valid


@pytest.mark.parametrize(("node", "markup"), [
    (NumberInput(3, step=5), '<input type="number" step="any" value="3">'),
    (NumberInput(10, step=5), '<input type="number" step="5" value="10">'),
    (NumberInput(2.5), '<input type="number" value="2.5" step="any">'),
    (NumberInput(4, min=1, step=2), '<input type="number" min="1" step="2" value="4">'),
    (NumberInput(0.5, step="any"), '<input type="number" step="any" value="0.5">'),
    (DateInput(date(2024, 1, 3), step=7), '<input type="date" step="any" value="2024-01-03">'),
    (TimeInput(time(9, 30, 5)), '<input type="time" value="09:30:05" step="any">'),
    (RangeInput(47, step=10), '<input type="range" step="10" value="50">'),
    (RangeInput(), '<input type="range" value="">'),
])
def test_markup_moves_no_steps(node, markup):
    assert str(node) == markup

    assert node.wire_attributes()["value"] == node.raw_value
