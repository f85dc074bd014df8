"""What can be sent, and what is said about the rest."""

from __future__ import annotations

import json
from collections import OrderedDict, namedtuple
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.channels.snapshot import MAX_DEPTH, take

LIMIT = 1024 * 1024


class Color(IntEnum):
    RED = 1


Point = namedtuple("Point", "x y")

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(data=plain)
def test_data_arrives_as_it_was_sent(data: Any) -> None:
    text = take(data, LIMIT)

    assert (data if text is None else json.loads(text)) == data
    assert (text is None) == (not isinstance(data, (list, dict)))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (datetime(2026, 1, 2), "data: datetime"),
        ((1, 2), "data: tuple"),
        (Color.RED, "data: Color"),
        ({"user": {"born": datetime(2026, 1, 2)}}, "data['user']['born']: datetime"),
        ([1, [2, {3}]], "data[1][1]: set"),
        ({"a": [OrderedDict()]}, "data['a'][0]: OrderedDict"),
        ({"price": Decimal("1.5")}, "data['price']: Decimal"),
        ([b"x"], "data[0]: bytes"),
        ([Point(1, 2)], "data[0]: Point"),
        ({"a": {1: "one"}}, "data['a'] has a int as key, not a str: 1"),
        ({None: 1}, "data has a NoneType as key"),
    ],
)
def test_what_cannot_be_sent_is_named_with_its_place(data: object, place: str) -> None:
    with pytest.raises(TypeError) as caught:
        take(data, LIMIT)

    assert place in str(caught.value)
    assert "onvert it" in str(caught.value)


def test_a_value_with_an_endless_repr_does_not_flood_the_message() -> None:
    data = {"picture": b"x" * 1_000_000}

    with pytest.raises(TypeError) as caught:
        take(data, LIMIT)

    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("through", ["list", "dict"])
def test_data_that_contains_itself_is_refused(through: str) -> None:
    array: list[object] = []
    mapping: dict[str, object] = {}
    array += [array, array]
    mapping["left"] = mapping["right"] = mapping

    with pytest.raises(ValueError, match="contains itself"):
        take(array if through == "list" else mapping, LIMIT)


@pytest.mark.parametrize(("depth", "accepted"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False), (100_000, False)])
def test_nesting_has_a_limit(depth: int, accepted: bool) -> None:
    data: list[object] = []
    for _ in range(depth - 1):
        data = [data]

    if accepted:
        take(data, LIMIT)
    else:
        with pytest.raises(ValueError, match="nested deeper"):
            take(data, LIMIT)

    while data:                                # or its destructor recurses
        data = data.pop()                      # type: ignore[assignment]     # the list inside


def test_a_billion_values_in_thirty_lists_are_refused_at_once() -> None:
    data: list[object] = [0]
    for _ in range(30):
        data = [data, data]

    with pytest.raises(ValueError, match="1048576 bytes"):
        take(data, LIMIT)


@pytest.mark.parametrize(
    ("data", "accepted"),
    [
        ("x" * 98, True),
        ("x" * 99, False),
        (["x" * 96], True),
        (["x" * 97], False),
        ("é" * 16, True),                      # \u00e9: six bytes each, whatever a str needs in memory
        ("é" * 17, False),
        ({"k" * 94: 1}, True),
        ({"k" * 95: 1}, False),
        ([1] * 49, True),
        ([1] * 50, False),
        (10**99, True),
        (10**100, False),
    ],
)
def test_the_limit_is_in_bytes_of_the_text(data: object, accepted: bool) -> None:
    limit = 100

    if accepted:
        take(data, limit)
    else:
        with pytest.raises(ValueError, match="100 bytes"):
            take(data, limit)
