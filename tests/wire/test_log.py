from __future__ import annotations

import random

import pytest

from lona_sync.wire.log import Cursor, Log


def test_frames_are_numbered_from_one() -> None:
    log = Log(1000, 10)
    cursor = log.add_cursor(0)

    log.append({1: "a"}, 1)
    log.append({2: "b"}, 1)
    patches = log.since(cursor.sent)

    assert (log.last, patches) == (2, b"a,b")


def test_the_last_of_two_patches_with_one_key_stays_at_the_later_place() -> None:
    log = Log(1000, 10)
    cursor = log.add_cursor(0)
    log.append({(5, "x"): "old", 1: "insert"}, 1)
    log.append({(5, "x"): "new"}, 1)

    patches = log.since(cursor.sent)

    assert patches == b"insert,new"


def test_cursors_at_the_same_place_share_one_merge() -> None:
    log = Log(1000, 10)
    first, second = log.add_cursor(0), log.add_cursor(0)
    log.append({1: "a"}, 1)
    log.append({2: "b"}, 1)

    assert log.since(first.sent) is log.since(second.sent)


def test_a_reader_is_given_all_that_there_is_and_of_one_property_only_the_last_value() -> None:
    log = Log(1_000_000, 10_000)
    cursor = log.add_cursor(0)
    for number in range(5000):
        log.append({(number % 2, "#"): f"{number:050}"}, 50)

    patches = log.since(cursor.sent)

    assert patches is not None
    assert (log.last, len(patches)) == (5000, 101)


def test_what_came_after_a_merge_is_in_the_next_one() -> None:
    log = Log(1000, 10)
    cursor = log.add_cursor(0)
    log.append({1: "a"}, 1)
    log.since(cursor.sent)
    log.append({2: "b"}, 1)

    patches = log.since(cursor.sent)

    assert patches == b"a,b"


def test_frames_that_all_have_acknowledged_are_freed() -> None:
    log = Log(1000, 10)
    first, second = log.add_cursor(0), log.add_cursor(0)
    log.append({1: "a"}, 1)
    log.append({2: "b"}, 1)
    first.sent = second.sent = 2

    log.acknowledge(first, 2)
    assert len(log) == 2
    log.acknowledge(second, 1)

    assert len(log) == 1
    assert (log.floor, log.bytes) == (1, 1)


def test_a_reader_that_leaves_frees_what_only_it_waited_for() -> None:
    log = Log(1000, 10)
    first, second = log.add_cursor(0), log.add_cursor(0)
    log.append({1: "a"}, 1)
    first.sent = 1
    log.acknowledge(first, 1)

    log.remove_cursor(second)
    log.remove_cursor(second)

    assert len(log) == 0


def test_a_reader_far_behind_needs_a_snapshot() -> None:
    log = Log(1000, 2)
    cursor = log.add_cursor(0)
    for number in range(3):
        log.append({number: "x"}, 1)

    assert log.since(cursor.sent) is None
    assert len(log) == 2


def test_the_log_forgets_the_oldest_frames_beyond_its_bytes() -> None:
    log = Log(100, 1000)
    log.add_cursor(0)

    for number in range(10):
        log.append({number: "x" * 30}, 30)

    assert log.bytes <= 100
    assert len(log) == 3


def test_without_readers_nothing_is_kept() -> None:
    log = Log(1000, 10)

    log.append({1: "a"}, 1)

    assert len(log) == 0
    assert log.last == 1


def test_a_number_that_was_never_sent_confirms_nothing_more() -> None:
    log = Log(1000, 10)
    cursor = log.add_cursor(0)
    log.append({1: "a"}, 1)
    log.append({2: "b"}, 1)
    cursor.sent = 1

    log.acknowledge(cursor, 10**15)

    assert cursor.acknowledged == 1
    assert len(log) == 1


def test_a_reader_that_joins_late_counts_for_later_frames_only() -> None:
    log = Log(1000, 10)
    early = log.add_cursor(0)
    log.append({1: "a"}, 1)
    late = log.add_cursor(1)
    early.sent = 1

    log.acknowledge(early, 1)
    log.append({2: "b"}, 1)
    early.sent = 2
    log.acknowledge(early, 2)

    assert len(log) == 1
    assert late.sent == 1


@pytest.mark.parametrize("seed", range(20))
def test_the_log_keeps_what_its_slowest_reader_has_not_acknowledged_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    log = Log(1000, chance.choice([5, 1000]))
    cursors: list[Cursor] = []
    floor = 0

    for step in range(1000):
        cursor = chance.choice(cursors) if cursors else None
        match chance.choice(["append", "append", "join", "leave", "send", "acknowledge", "acknowledge", "cut"]):
            case "append":
                log.append({step: "x"}, 1)
            case "join":
                cursors.append(log.add_cursor(chance.choice([0, log.last])))
            case "leave" if cursor is not None:
                log.remove_cursor(cursor)
                cursors.remove(cursor)
            case "send" if cursor is not None:
                cursor.sent = log.last
            case "cut" if chance.random() < 0.05:
                log.cut()
                floor = log.last
            case "acknowledge" if cursor is not None:
                log.acknowledge(cursor, chance.randint(0, log.last + 1))
        slowest = min([cursor.acknowledged for cursor in cursors], default=log.last)

        floor = max(floor, slowest, log.last - log.max_frames)
        assert (log.floor, len(log), log.bytes) == (floor, log.last - floor, log.last - floor)
