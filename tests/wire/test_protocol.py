from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.errors import ProtocolError
from lona_sync.wire import protocol
from lona_sync.wire.protocol import Ack, Close, Event, Hello, Open, Ping, Resume, ScriptError, decode, encode

WINDOWS = st.integers(1, protocol.MAX_WINDOW_ID)
NUMBERS = st.integers(0, protocol.MAX_NUMBER)
NAMES = st.text(max_size=protocol.MAX_NAME)
URLS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.one_of(
    st.builds(Hello, NUMBERS),
    st.builds(
        Open, WINDOWS, URLS, st.none() | st.dictionaries(st.text(), st.text() | st.lists(st.text())),
        st.none() | st.text(min_size=1),
    ),
    st.builds(Resume, WINDOWS, NAMES, NAMES, NUMBERS),
    st.builds(Close, WINDOWS),
    st.builds(Event, WINDOWS, NUMBERS, NUMBERS, NAMES, NUMBERS, JSON),
    st.builds(Ack, WINDOWS, NUMBERS),
    st.just(Ping()),
    st.builds(ScriptError, WINDOWS, st.text(max_size=2000)),
)


@given(MESSAGES)
def test_a_message_survives_the_wire(message: protocol.ClientMessage) -> None:
    assert decode(encode(message)) == message


@given(st.text())
def test_any_text_is_a_message_or_refused(text: str) -> None:
    try:
        message = decode(text)
    except ProtocolError as error:
        assert error.code == protocol.CloseCode.BAD_MESSAGE
    else:
        assert decode(encode(message)) == message


@given(st.lists(JSON, max_size=8))
def test_any_array_is_a_message_or_refused(items: list[object]) -> None:
    try:
        decode(json.dumps(items))
    except ProtocolError as error:
        assert error.code == protocol.CloseCode.BAD_MESSAGE


@pytest.mark.parametrize("text", [
    "",
    "null",
    "[]",
    "{}",
    "[99]",
    "[true,1]",
    "[0]",
    "[0,1,2]",
    '[0,"1"]',
    "[1,0,\"/\",null]",
    "[1,1,5,null]",
    '[1,1,"/",[]]',
    '[1,1,"/",{"a":1}]',
    "[4,1,1,0,1,23]",
    "[4,1,-1,0,1,23,null]",
    "[4,1,1,0,99,23,null]",
    "[4,1,1,0,true,23,null]",
    "[4,1,1.5,0,1,23,null]",
    "[4,1,9007199254740993,0,1,23,null]",
    "[4,4294967296,1,0,1,23,null]",
    '[1,1,"/",null',
    "[5,1,NaN]",
])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(text)

    assert caught.value.code == protocol.CloseCode.BAD_MESSAGE


@pytest.mark.parametrize("text", [
    "[" * 10_000 + "]" * 10_000,
    '[4,1,1,0,"x",0,' + '{"a":' * 9999 + "1" + "}" * 9999 + "]",
    '[4,1,1,0,"x",0,' + "[" * 64 + "]" * 64 + "]",
])
def test_deep_nesting_is_refused_before_it_is_parsed(text: str) -> None:
    with pytest.raises(ProtocolError, match="nested"):
        decode(text)


@pytest.mark.parametrize("text", [
    "[" * 1000,
    "[" * 5000 + "]" * 5001,
    '[4,1,1,0,"x",0,"' + "[" * 100,
    '["\\"' + "[" * 100 + "]" * 99,
])
def test_brackets_that_do_not_match_are_refused_before_they_are_parsed(text: str) -> None:
    with pytest.raises(ProtocolError, match="not JSON"):
        decode(text)


def test_a_message_has_at_most_so_many_arrays_and_objects() -> None:
    most = [[] if index % 2 else {} for index in range(protocol.MAX_CONTAINERS - 2)]      # one around them, and the message

    message = decode(encode(Event(1, 1, 0, "x", 5, most)))

    assert isinstance(message, Event) and message.data == most
    with pytest.raises(ProtocolError, match="more than 10000 arrays and objects"):
        decode(encode(Event(1, 1, 0, "x", 5, [*most, []])))


@pytest.mark.parametrize("typed", ['[{"\\' * 20_000, "\\" * 301 + '"[' * 10_001, '"[' * 10_001 + "\\"])
def test_brackets_inside_of_strings_are_no_nesting(typed: str) -> None:

    message = decode(encode(Event(1, 1, 0, "change", 5, typed)))

    assert isinstance(message, Event)
    assert message.data == typed


def test_an_overlong_url_is_refused() -> None:
    with pytest.raises(ProtocolError):
        decode(encode(Open(1, "/" + "x" * protocol.MAX_URL)))


def test_what_the_server_says_is_json() -> None:
    said = [
        protocol.welcome(65536, 20.0),
        protocol.started(1, "view-id", "secret_", 2, 7),
        protocol.snapshot(1, 3, 7, b"null,0,[],[]"),
        protocol.frame(1, 4, 7, b'[0,5,"x"]'),
        protocol.ack(1, 8),
        protocol.pong(),
        protocol.gone(1),
        protocol.redirect(1, "/a?b='\"", leave_page=True),
        protocol.resend(1, 3),
        protocol.refused(1, "busy"),
    ]

    assert [json.loads(message) for message in said] == [
        [0, protocol.VERSION, {"window": 65536, "ping": 20}],
        [1, 1, "view-id", "secret_", 2, 7],
        [2, 1, 3, 7, None, 0, [], []],
        [3, 1, 4, 7, [[0, 5, "x"]]],
        [5, 1, 8],
        [6],
        [7, 1],
        [8, 1, "/a?b='\"", 1],
        [9, 1, 3],
        [10, 1, "busy"],
    ]


@pytest.mark.parametrize(("message", "event"), [
    (protocol.started(7, "pK3xQ0aZ.x", "s-[1,2,3]", 5, 42), 42), (protocol.snapshot(7, 9, 42, b'"[3,1,1,1]",1,["p"],[]'), 42),
    (protocol.frame(7, 9, 42, b"[1,2,3]"), 42), (protocol.ack(7, 42), 42), (protocol.resend(7, 42), 42),
    (protocol.stale(7, 42), 42), (protocol.welcome(7, 9), None), (protocol.pong(), None), (protocol.gone(7, restarted=True), None),
    (protocol.redirect(7, "[5,7,42]", leave_page=True), None), (protocol.refused(7, "busy"), None),
])
def test_who_passes_a_message_on_reads_which_event_it_accepts(message: bytes, event: int | None) -> None:
    assert protocol.accepted_in(message) == event


def test_the_page_on_the_protocol_names_every_number() -> None:
    page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()

    for table, forms in ((protocol.Up, "| {} | `[{}"), (protocol.Down, "| {} | `[{}"), (protocol.Verb, "| {} | `[{}")):
        for name, number in vars(table).items():
            if name.isupper():
                assert forms.format(name, number) in page
    for name, code in vars(protocol.CloseCode).items():
        if name.isupper():
            assert str(code) in page


def test_the_documented_methods_of_the_page_are_those_that_the_client_has() -> None:
    root = Path(__file__).parents[2]
    [table] = re.findall(r"OF_THE_PAGE = {(.*?)}", (root / "lona_sync" / "client" / "calls.js").read_text())
    [section] = re.findall(r"(?s)The page itself \(`id` 0\)(.*?)###", (root / "docs" / "protocol.md").read_text())

    names = re.findall(r"(\w+): ", table)

    assert names == re.findall(r"`(\w+)`, with `\[", section)
