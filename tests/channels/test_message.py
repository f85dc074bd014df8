"""Messages: their data, copies and expiry."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from lona_sync.channels.message import Message, add_missed, expiry_time
from tests.channels.helpers import Clock

NOW = 2_000_000_000.0


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        (None, None),
        (timedelta(seconds=5), NOW + 5),
        (timedelta(seconds=-5), NOW - 5),
        (NOW + 7, NOW + 7),
        (int(NOW) + 7, NOW + 7),
        (datetime.fromtimestamp(NOW + 9), NOW + 9),
        (datetime.fromtimestamp(NOW + 9, timezone.utc), NOW + 9),
        (datetime.fromtimestamp(NOW + 9, timezone(timedelta(hours=5))), NOW + 9),
    ],
)
def test_expiry_may_be_a_duration_a_date_or_a_time(expiry: Any, expected: float | None) -> None:
    result = expiry_time(expiry, NOW)

    assert result == expected


@pytest.mark.parametrize("expiry", [5, 5.0, 0, -1, 999_999_999, float("nan"), float("inf")])
def test_a_number_that_is_no_time_is_refused_with_the_way_to_do_it(expiry: float) -> None:
    with pytest.raises(ValueError, match=r"pass timedelta\(seconds=5\) for a time to live"):
        expiry_time(expiry, NOW)


@pytest.mark.parametrize("expiry", ["5", True, [5]])
def test_anything_else_is_refused_as_expiry(expiry: Any) -> None:
    with pytest.raises(TypeError, match="expiry must be a timedelta"):
        expiry_time(expiry, NOW)


def test_a_message_expires_at_its_expiry() -> None:
    clock = Clock()
    message = Message("a", timestamp=clock(), expiry=clock() + 5, clock=clock)

    clock.now += 4.999
    before = message.is_expired()
    clock.now += 0.001
    after = message.is_expired()

    assert (before, after) == (False, True)


def test_each_copy_decodes_data_of_its_own() -> None:
    message = Message("a", encoded='{"x":[1]}', timestamp=time.time())
    first, second = message.copy(0), message.copy(0)

    first.data["x"].append(2)

    assert first.data == {"x": [1, 2]}
    assert second.data == {"x": [1]}
    assert message.data == {"x": [1]}


def test_all_copies_show_that_one_was_dropped() -> None:
    message = Message("a", timestamp=time.time())
    copy = message.copy(0)

    copy.copy(3).mark_dropped()

    assert message.is_dropped()
    assert copy.is_dropped()


@pytest.mark.parametrize(("data", "text"), [(None, "null"), ("é", '"\\u00e9"'), (True, "true"), (1.5, "1.5")])
def test_a_broker_gets_text_of_immutable_data_too(data: object, text: str) -> None:
    message = Message("a", data, timestamp=time.time())

    encoded = message.encoded()

    assert encoded == text


@pytest.mark.parametrize(("first", "second", "total"), [(0, 0, 0), (2, 3, 5), (-1, 3, -1), (3, -1, -1), (-1, -1, -1)])
def test_an_unknown_number_of_missed_messages_stays_unknown(first: int, second: int, total: int) -> None:
    result = add_missed(first, second)

    assert result == total
