from __future__ import annotations

from lona_sync.wire.log import Log


def test_frames_are_numbered_from_one() -> None:
    log = Log(1000, 10)
    cursor = log.add_cursor(0)

    log.append({1: "a"}, 1)
    log.append({2: "b"}, 1)
    batch = log.since(cursor.sent)

    assert batch is not None
    assert (batch.number, batch.patches) == (2, b"a,b")


def test_the_last_of_two_patches_with_one_key_stays_at_the_later_place() -> None:
    log = Log(1000, 10)
    cursor = log.add_cursor(0)
    log.append({(5, "x"): "old", 1: "insert"}, 1)
    log.append({(5, "x"): "new"}, 1)

    batch = log.since(cursor.sent)

    assert batch is not None
    assert batch.patches == b"insert,new"


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

    batch = log.since(cursor.sent)

    assert batch is not None
    assert (batch.number, len(batch.patches)) == (5000, 101)


def test_what_came_after_a_merge_is_in_the_next_one() -> None:
    log = Log(1000, 10)
    cursor = log.add_cursor(0)
    log.append({1: "a"}, 1)
    log.since(cursor.sent)
    log.append({2: "b"}, 1)

    batch = log.since(cursor.sent)

    assert batch is not None and batch.patches == b"a,b"


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
