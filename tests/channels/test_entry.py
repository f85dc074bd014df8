"""An entry of the stream is the message that was sent, and whatever else stands there harms nobody."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.channels.entry import Entry, Malformed, entry_of, loss_fields, message_fields
from lona_sync.channels.losses import Loss
from lona_sync.channels.message import Message
from lona_sync.channels.snapshot import MAX_DEPTH, MESSAGE_BYTES, encode
from tests.channels.helpers import Clock

#: Surrogates, too: half a character is a topic, and may stand in data.
TEXTS = st.text(st.characters())
TIMES = st.floats(min_value=0, max_value=1e10)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)
#: As Redis makes them: two numbers of 64 bits.
IDS = st.builds(b"%d-%d".__mod__, st.tuples(*[st.integers(0, 2**64 - 1)] * 2))
#: Fields of which many look nearly right, so that every line that reads them is reached.
FIELDS = st.dictionaries(
    st.sampled_from([b"topic", b"data", b"expiry", b"sent", b"lost"]) | st.binary(max_size=3),
    st.binary(max_size=20)
    | st.lists(st.sampled_from([b"o", b"1", b"-1", b"-", b"", b"nan", b"inf", b"1e999", b"\xff", b"1_0", "٣".encode()]), max_size=8)
    .map(b" ".join),
)


def read(fields: dict[bytes, bytes], id: bytes = b"2000000000000-0", offset: float = 0.0, max_bytes: int = MESSAGE_BYTES) -> Entry:
    return entry_of(id, fields, offset=offset, clock=Clock(), max_bytes=max_bytes)


def read_message(fields: dict[bytes, bytes], **options: float) -> Message:
    content = read(fields, **options).content                 # type: ignore[arg-type]
    assert isinstance(content, Message)
    return content


def pairs(fields: list[bytes]) -> dict[bytes, bytes]:
    """As the reader makes a dict of what Redis answers, which is what XADD took."""
    return dict(zip(fields[::2], fields[1::2], strict=True))


@given(topic=TEXTS, data=DATA, timestamp=TIMES, expiry=st.none() | TIMES, droppable=st.booleans(), offset=st.floats(-1e6, 1e6))
def test_a_message_is_read_as_it_was_written(
    topic: str, data: object, timestamp: float, expiry: float | None, droppable: bool, offset: float
) -> None:
    message = Message(topic, data, timestamp=timestamp, expiry=expiry, droppable=droppable, id="origin-7")

    fields = message_fields(message, message.encoded(), origin="abc", number=12, offset=offset)
    entry = read(pairs(fields), offset=offset)

    got = entry.content
    assert isinstance(got, Message)
    assert (entry.origin, entry.number) == ("abc", 12)
    assert (got.topic, got.encoded(), got.droppable, got.id, got.local) == (topic, encode(data), droppable, "origin-7", False)
    assert got.timestamp == pytest.approx(timestamp, abs=1e-5)
    assert got.expiry == (None if expiry is None else pytest.approx(expiry, abs=1e-5))


def test_times_are_on_the_clock_of_redis_in_between() -> None:
    message = Message("a", timestamp=100.0, expiry=110.0, id="abc-1")

    fields = message_fields(message, "null", origin="abc", number=1, offset=5.0)
    got = read_message(pairs(fields), offset=-20.0)

    assert (got.timestamp, got.expiry) == (125.0, 135.0)


def test_a_message_expires_by_the_clock_of_the_reader() -> None:
    clock = Clock(1000.0)
    fields = message_fields(Message("a", timestamp=1000.0, expiry=1010.0, id="abc-1"), "null", origin="abc", number=1, offset=0.0)

    message = entry_of(b"1-0", pairs(fields), offset=0.0, clock=clock, max_bytes=100).content
    assert isinstance(message, Message)
    before = message.is_expired()
    clock.now = 1010.0

    assert not before
    assert message.is_expired()


@given(topic=TEXTS, count=st.integers(-1, 10**12), number=st.integers(1, 10**12))
def test_a_loss_is_read_as_it_was_written(topic: str, count: int, number: int) -> None:
    fields = loss_fields(topic, count, origin="abc", number=number)

    entry = read(pairs(fields))

    assert entry == Entry(Loss(topic, count), "abc", number)


def test_another_program_needs_to_write_no_more_than_a_topic() -> None:
    entry = read({b"topic": "täg".encode()}, id=b"1700000000123-4", offset=3.0)

    message = entry.content
    assert isinstance(message, Message)
    assert (entry.origin, entry.number) == ("", 0)
    assert (message.topic, message.data, message.expiry, message.droppable) == ("täg", None, None, False)
    assert (message.id, message.timestamp) == ("1700000000123-4", pytest.approx(1700000000.123 - 3))


def test_another_program_may_write_any_json_and_until_when_it_is_of_use() -> None:
    fields = {b"topic": b"a", b"data": '{"ä": [1, "\\ud800"]}'.encode(), b"expiry": b"1700000000.5", b"color": b"ignored"}

    message = read_message(fields, offset=1.0)

    assert message.data == {"ä": [1, "\ud800"]}
    assert message.expiry == 1699999999.5


@pytest.mark.parametrize("text", ["1", "null", '"x"', " [1.5, NaN] ", "[" * MAX_DEPTH + "]" * MAX_DEPTH, "9" * 4000])
def test_data_of_another_program_can_be_read_and_sent_on(text: str) -> None:
    message = read_message({b"topic": b"a", b"data": text.encode()})

    data = message.data

    assert repr(data) == repr(json.loads(text))
    assert encode(data)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "no field 'topic'"),
        ({b"data": b"1"}, "no field 'topic'"),
        ({b"topic": b"\xff"}, "not UTF-8"),
        ({b"topic": b"a", b"data": b"hello"}, "JSONDecodeError"),
        ({b"topic": b"a", b"data": b""}, "JSONDecodeError"),
        ({b"topic": b"a", b"data": b'"\xff"'}, "UnicodeDecodeError"),
        ({b"topic": b"a", b"data": b"\xef\xbb\xbf1"}, "JSONDecodeError"),
        ({b"topic": b"a", b"data": b"9" * 5000}, "ValueError"),
        ({b"topic": b"a", b"data": b"[" * 100_000}, "RecursionError"),
        ({b"topic": b"a", b"data": b'{"a":' * 100_000}, "RecursionError"),
        ({b"topic": b"a", b"expiry": b"tomorrow"}, "ValueError"),
        ({b"topic": b"a", b"expiry": b""}, "ValueError"),
        ({b"topic": b"a", b"expiry": b"nan"}, "is no time"),
        ({b"topic": b"a", b"expiry": b"1e999"}, "is no time"),
        ({b"topic": b"a", b"sent": b"abc 1"}, "ValueError"),
        ({b"topic": b"a", b"sent": b""}, "ValueError"),
        ({b"topic": b"a", b"sent": b"abc 1 id 1.5 - 0 more"}, "ValueError"),
        ({b"topic": b"a", b"sent": b"abc one id 1.5 - 0"}, "ValueError"),
        ({b"topic": b"a", b"sent": b"abc " + b"9" * 5000 + b" id 1.5 - 0"}, "ValueError"),
        ({b"topic": b"a", b"sent": b"abc 1 id now - 0"}, "ValueError"),
        ({b"topic": b"a", b"sent": "äbc 1 id 1.5 - 0".encode()}, "UnicodeDecodeError"),
        ({b"topic": b"a", b"data": '"ä"'.encode(), b"sent": b"abc 1 id 1.5 - 0"}, "UnicodeDecodeError"),
        ({b"topic": b"a", b"lost": b"abc 1"}, "ValueError"),
        ({b"topic": b"a", b"lost": b"abc 1 many"}, "ValueError"),
    ],
)
def test_what_nobody_can_read_says_why(fields: dict[bytes, bytes], reason: str) -> None:
    with pytest.raises(Malformed) as raised:
        read(fields)

    assert reason in str(raised.value)


def test_data_may_be_as_long_as_a_message_and_no_longer() -> None:
    fits, exceeds = (json.dumps("x" * length).encode() for length in (98, 99))

    fitting = read_message({b"topic": b"a", b"data": fits}, max_bytes=100)

    assert fitting.data == "x" * 98
    with pytest.raises(Malformed, match="101 bytes, and 100 are allowed"):
        read({b"topic": b"a", b"data": exceeds}, max_bytes=100)


@pytest.mark.parametrize("name", [b"expiry", b"sent", b"lost"])
def test_a_reason_is_short_however_long_what_stands_there(name: bytes) -> None:
    words = b"abc 1 id 1.5 - 0" if name == b"sent" else b"abc 1 0"
    fields = {b"topic": b"a", name: words.replace(b"1", b"x" * 1_000_000, 1)}

    with pytest.raises(Malformed) as raised:
        read(fields)

    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 900])
def test_data_that_is_too_deep_to_be_sent_on_is_refused(depth: int) -> None:
    # The reader's stack is short: what it can just parse, a handler on a long one cannot.
    fields = {b"topic": b"a", b"data": b"[" * depth + b"]" * depth}

    with pytest.raises(Malformed):
        read(fields)


@given(fields=FIELDS, id=IDS, offset=st.floats(-1e6, 1e6))
def test_an_entry_is_read_or_malformed_whatever_it_is(fields: dict[bytes, bytes], id: bytes, offset: float) -> None:
    try:
        entry = entry_of(id, fields, offset=offset, clock=Clock(), max_bytes=15)
    except Malformed as error:
        assert str(error)
        return

    assert isinstance(entry.content, Message | Loss)
    assert isinstance(entry.number, int)
    if not entry.origin and isinstance(entry.content, Message):
        encode(entry.content.data)
        assert math.isfinite(entry.content.timestamp)
        assert entry.content.expiry is None or math.isfinite(entry.content.expiry)
