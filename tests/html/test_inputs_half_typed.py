"""What a user has typed so far and is no value yet: half a date, a number like "1e"."""

from __future__ import annotations

from datetime import date

import pytest

from lona_sync.html import (
    CheckBox,
    ColorInput,
    DateInput,
    DateTimeInput,
    EmailInput,
    MonthInput,
    NumberInput,
    PasswordInput,
    RadioButton,
    RangeInput,
    Select,
    TextArea,
    TextInput,
    TimeInput,
    URLInput,
    WeekInput,
)
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder

HALF = [NumberInput, DateInput, TimeInput, DateTimeInput, MonthInput, WeekInput, EmailInput]


@pytest.mark.parametrize("node_class", HALF)
def test_what_is_half_typed_is_no_value_and_not_valid(node_class):
    node = node_class()

    node.receive(None, 1)

    assert node.value in (None, "") and node.raw_value == "" and not node.valid and node.error.startswith("This is no ")


@pytest.mark.parametrize("node_class", [
    RangeInput, ColorInput, CheckBox, RadioButton, Select,
])
def test_other_inputs_always_have_a_value(node_class):
    node = node_class()
    before = node.value

    with pytest.raises(ValueError):
        node.receive(None, 1)

    assert node.value == before and node.valid


@pytest.mark.parametrize("node_class", [TextInput, TextArea, PasswordInput, URLInput])
def test_text_that_is_too_long_for_a_message_is_no_value_and_not_valid(node_class):
    node = node_class("before")

    node.receive(None, 1)
    problem = node.value, node.error
    node.receive("short", 1)

    assert problem == ("", "This is too long.")
    assert node.value == "short" and node.error != "This is too long."


def test_the_browser_where_it_is_typed_is_told_nothing_and_the_others_that_there_is_no_value():
    node = NumberInput(5)
    recorder = Recorder(node)

    node.receive(None, 7)
    node.receive(None, 7)

    assert recorder.recorded == [SetAttribute(node, "value", "", 7)]


def test_it_is_over_with_the_next_change():
    node = DateInput()
    node.receive(None, 1)

    node.receive("2026-01-02", 1)
    assert node.valid and node.value == date(2026, 1, 2)
    node.receive(None, 1)
    assert not node.valid
    node.receive("", 1)

    assert node.valid and node.value is None


@pytest.mark.parametrize("value", [None, 6])
def test_a_value_that_is_set_takes_its_place_in_all_browsers(value):
    node = NumberInput()
    node.receive(None, 7)
    recorder = Recorder(node)

    node.value = value
    node.value = value

    assert recorder.recorded == [SetAttribute(node, "value", "" if value is None else "6")] and node.valid and node.value == value


def test_a_refused_set_changes_nothing():
    node = NumberInput()
    node.receive(None, 7)
    recorder = Recorder(node)
    recorder.refusing = True

    with pytest.raises(Exception, match="not here"):
        node.value = None

    assert not node.valid


def test_a_value_that_is_set_as_an_attribute_counts():
    node = NumberInput()
    node.receive(None, 7)

    node.attributes["value"] = "6"

    assert node.valid and node.value == 6


def test_a_read_only_or_disabled_input_is_never_half_typed():
    node = NumberInput(5, readonly=True)

    with pytest.raises(ValueError, match="read-only"):
        node.receive(None, 1)

    assert node.value == 5 and node.valid
