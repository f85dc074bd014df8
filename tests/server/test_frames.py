"""Frames without sockets."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.errors import ProtocolError
from lona_sync.server.sockets.frames import (
    MAX_FRAGMENTS,
    NO_CODE,
    Control,
    FrameReader,
    OwnFrameReader,
    decode_close,
    encode_close,
    encode_frame,
    encode_masked,
    may_be_sent,
    unmask,
)
from tests.server.raw_client import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame

LIMIT = 70_000


def read(*chunks: bytes, limit: int = LIMIT) -> list[str | Control]:
    """What a reader makes of a stream that arrives in these chunks."""
    reader, items = FrameReader(limit), []
    for chunk in chunks:
        reader.feed(chunk)
        while (item := reader.next()) is not None:
            items.append(item)
    return items


def refused(data: bytes, limit: int = LIMIT) -> int:
    with pytest.raises(ProtocolError) as caught:
        read(data, limit=limit)
    return caught.value.code


@given(st.lists(st.text(max_size=300), max_size=5), st.lists(st.integers(0, 3000), max_size=30), st.integers(1, 40))
def test_messages_arrive_whole_however_the_stream_is_cut(texts, cuts, fragment):
    stream = b""
    for text in texts:
        data = text.encode()
        pieces = [data[at:at + fragment] for at in range(0, len(data), fragment)] or [b""]
        for number, piece in enumerate(pieces):
            opcode, final = CONTINUATION if number else TEXT, number == len(pieces) - 1
            stream += frame(opcode, piece, final=final) + frame(PING, b"between")
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]

    items = read(*(stream[a:b] for a, b in pairwise(edges)))

    assert [item for item in items if isinstance(item, str)] == texts
    assert {item for item in items if not isinstance(item, str)} <= {Control(PING, b"between")}


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_each_form_of_the_length_is_read(size):
    text = "x" * size

    items = read(frame(TEXT, text.encode()))

    assert items == [text]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_each_form_of_the_length_is_written(size):
    payload = b"x" * size

    data = encode_frame(TEXT, payload)

    assert data == frame(TEXT, payload, masked=False)


@given(st.binary(max_size=50), st.binary(min_size=4, max_size=4))
def test_unmasking_is_the_xor_of_each_byte(payload, mask):
    expected = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))

    assert unmask(payload, mask) == expected


@pytest.mark.parametrize(("data", "code"), [
    (frame(TEXT, b"x", masked=False), 1002),
    (frame(PING, masked=False), 1002),
    *((frame(TEXT, b"x", reserved=bit), 1002) for bit in (1, 2, 4)),
    *((frame(opcode, b"x"), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
    *((frame(opcode, b"x" * 126), 1002) for opcode in (CLOSE, PING, PONG)),
    *((frame(opcode, b"", final=False), 1002) for opcode in (CLOSE, PING, PONG)),
    (frame(CONTINUATION, b"x"), 1002),
    (frame(CONTINUATION, b"x", final=False), 1002),
    (frame(TEXT, b"a", final=False) + frame(TEXT, b"b"), 1002),
    (frame(TEXT, b"a", final=False) + frame(BINARY, b"b"), 1002),
    (frame(BINARY, b"x"), 1003),
    (frame(BINARY, b"x", final=False), 1003),
    (frame(TEXT, b"\xff"), 1007),
    (frame(TEXT, b"\xed\xa0\x80"), 1007),
    (frame(TEXT, b"\xc3", final=False) + frame(CONTINUATION, b"("), 1007),
    (frame(TEXT, b"x" * (LIMIT + 1)), 1009),
])
def test_a_violation_names_the_close_code_that_answers_it(data, code):
    assert refused(data) == code


def test_a_character_may_be_cut_in_two_by_fragments():
    first, second = "ä".encode()[:1], "ä".encode()[1:]

    items = read(frame(TEXT, first, final=False), frame(CONTINUATION, second))

    assert items == ["ä"]


def test_a_message_of_just_the_permitted_size_is_read():
    assert read(frame(TEXT, b"x" * LIMIT)) == ["x" * LIMIT]


def test_a_message_that_is_too_long_is_refused_before_its_payload_arrives():
    header = struct.pack("!BBQ", 0x81, 0xFF, 100_000_000)

    assert refused(header + b"mask") == 1009


def test_the_length_with_its_highest_bit_set_is_too_long():
    header = struct.pack("!BBQ", 0x81, 0xFF, 2**64 - 1)

    assert refused(header + b"mask") == 1009


def test_fragments_are_limited_in_their_sum_before_the_last_payload_arrives():
    first = frame(TEXT, b"x" * 60, final=False)
    header = struct.pack("!BB", 0x80, 0x80 | 41)

    assert refused(first + header + b"mask", limit=100) == 1009


def test_fragments_are_limited_in_their_number():
    fragments = frame(TEXT, final=False) + frame(CONTINUATION, final=False) * MAX_FRAGMENTS

    assert refused(fragments) == 1009


def test_a_bad_header_is_refused_before_its_mask_arrives():
    header = struct.pack("!BB", 0x80 | BINARY, 0x80 | 5)

    assert refused(header) == 1003


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4000, 4999])
def test_registered_and_private_close_codes_may_be_sent(code):
    assert may_be_sent(code)
    assert decode_close(struct.pack("!H", code)) == code


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535])
def test_reserved_and_unknown_close_codes_are_refused(code):
    with pytest.raises(ProtocolError) as caught:
        decode_close(struct.pack("!H", code))

    assert caught.value.code == 1002


@pytest.mark.parametrize(("payload", "code"), [(b"\x03", 1002), (b"\x03\xe8\xff", 1007)])
def test_a_broken_close_frame_is_refused(payload, code):
    with pytest.raises(ProtocolError) as caught:
        decode_close(payload)

    assert caught.value.code == code


def test_a_close_frame_may_be_empty():
    assert decode_close(b"") == NO_CODE


def test_a_close_reason_is_cut_between_characters():
    data = encode_close(4000, "ä" * 100)

    assert len(data) <= 2 + 125
    assert data[4:].decode() == "ä" * 61


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_masked_frame_is_read_by_a_server(size: int):
    reader = FrameReader(1_000_000)

    reader.feed(encode_masked(TEXT, b"x" * size) + encode_masked(PING, b"p"))

    assert reader.next() == "x" * size
    assert reader.next() == Control(PING, b"p")
    assert reader.next() is None


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_own_frames_are_cut_again_however_they_arrive(size: int):
    reader = OwnFrameReader()
    data = encode_frame(TEXT, b"x" * size) + encode_close(1012, "why")
    found = []

    for piece in (data[:1], data[1:3], data[3:9], data[9:11], data[11:-1], data[-1:]):
        reader.feed(piece)
        while (frame := reader.next()) is not None:
            found.append(frame)

    assert found == [(TEXT, b"x" * size), (CLOSE, b"\x03\xf4why")]


def test_what_was_read_behind_a_message_can_be_taken_away():
    reader = FrameReader(1000)
    rest = encode_masked(TEXT, b"second") + encode_masked(TEXT, b"third")[:5]

    reader.feed(encode_masked(TEXT, b"first") + rest)
    first, taken = reader.next(), reader.take_rest()

    assert first == "first"
    assert taken == rest
    assert reader.next() is None
