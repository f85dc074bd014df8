"""A reader hears of everything that it has missed, and of nothing else, from a few numbers that Redis knows of a stream."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from lona_sync.channels.cursor import Bounds, Cursor, Id, Info, Origins, id_of, text_of

BOUNDS = Bounds(length=10, seconds=60)
#: Milliseconds on the clock of Redis.
NOW = 1_000_000


def caught_up(info: Info, at: Id = (0, 0)) -> Cursor:
    """A cursor that has read everything."""
    cursor = Cursor(at)
    cursor.caught_up(info)
    return cursor


def look(cursor: Cursor, info: Info, count: int = 0) -> list[str | None]:
    """One check that reads `count` entries, all there are; the reasons it found before they are handed on."""
    reasons = [cursor.inspect(info, NOW, BOUNDS), cursor.adds_up(info, count)]
    if count:
        cursor.advance(info.last, count)
    cursor.caught_up(info)
    return reasons


@pytest.mark.parametrize("id", [(0, 0), (1_700_000_000_123, 4), (2**64 - 1, 2**64 - 1)])
def test_an_id_is_written_as_redis_writes_it(id: Id) -> None:
    text = text_of(id)

    assert text == f"{id[0]}-{id[1]}".encode()
    assert id_of(text) == id


def test_a_cursor_begins_where_the_time_is() -> None:
    info = Info(added=5, length=5, first=(1, 0), last=(NOW, 3))

    cursor = Cursor.since(NOW - 500, NOW, info)

    assert cursor.id == (NOW - 500, 0)


def test_a_cursor_begins_at_the_end_of_a_stream_that_comes_from_the_future() -> None:
    info = Info(added=5, length=5, first=(1, 0), last=(NOW + 1, 3))

    cursor = Cursor.since(NOW - 500, NOW, info)

    assert cursor.id == (NOW + 1, 3)


def test_nothing_is_missing_from_a_stream_that_is_not_there_yet() -> None:
    cursor = Cursor.since(NOW, NOW, Info())

    assert look(cursor, Info()) == [None, None]
    assert look(cursor, Info()) == [None, None]


@pytest.mark.parametrize("cut", [0, 3])
def test_nothing_is_missing_while_nothing_is_new(cut: int) -> None:
    # The time from which we began is later than all that is there: that alone is no sign of another stream.
    cursor, info = Cursor((NOW, 0)), Info(added=5, length=5 - cut, first=(1 + cut, 0), last=(5, 0))

    assert look(cursor, info) == [None, None]
    assert look(cursor, info) == [None, None]


def test_what_came_before_our_time_is_not_read_when_we_have_looked_twice() -> None:
    cursor, info = Cursor((NOW, 0)), Info(added=5, length=5, first=(1, 0), last=(5, 0))

    cursor.inspect(info, NOW, BOUNDS)
    cursor.caught_up(info)
    cursor.inspect(info, NOW, BOUNDS)

    assert cursor.id >= (5, 0)


@pytest.mark.parametrize(
    ("info", "now", "reason"),
    [
        (Info(added=9, length=9, first=(NOW + 1, 0), last=(NOW + 9, 0)), NOW + 9, None),             # all is there
        (Info(added=9, length=3, first=(NOW - 5, 0), last=(NOW + 9, 0)), NOW + 9, None),             # and what was before us
        (Info(added=9, length=3, first=(NOW, 0), last=(NOW + 9, 0)), NOW + 9, None),                 # just so
        (Info(added=9, length=0, last=(NOW - 1, 0)), NOW + 9, None),                                 # nothing new ever was
        (Info(added=9, length=3, first=(NOW + 1, 0), last=(NOW + 9, 0)), NOW + 9, None),             # was cut for its age
        (Info(added=99, length=10, first=(NOW + 1, 0), last=(NOW + 9, 0)), NOW + 9, "cut"),          # for its length
        (Info(added=9, length=3, first=(NOW + 1, 0), last=(NOW + 9, 0)), NOW + 60_000, "cut"),       # for its age, and we are old
        (Info(added=9, length=0, last=(NOW + 9, 0)), NOW + 9, "cut"),                                # by somebody
    ],
)
def test_a_fresh_cursor_goes_by_the_bounds(info: Info, now: int, reason: str | None) -> None:
    cursor = Cursor((NOW, 0))

    found = cursor.inspect(info, now, BOUNDS)

    assert found == reason


def test_what_was_read_may_be_cut() -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))

    reason = cursor.inspect(Info(added=7, length=2, first=(6, 0), last=(7, 0)), NOW, BOUNDS)

    assert reason is None
    assert cursor.id == (5, 0)


def test_what_was_not_read_is_missed_when_it_is_cut() -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))
    info = Info(added=8, length=2, first=(7, 0), last=(8, 0))

    first = look(cursor, info, 2)
    second = look(cursor, info)

    assert first == ["cut", None]
    assert second == [None, None]


def test_what_was_not_read_is_missed_when_all_is_cut() -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))
    info = Info(added=8, length=0, last=(8, 0))

    reasons = look(cursor, info)

    assert reasons == ["cut", None]
    assert cursor.id == (8, 0)


def test_entries_between_two_looks_are_counted() -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))

    cursor.advance((7, 0), 2)
    seen = cursor.inspect(Info(added=9, length=2, first=(8, 0), last=(9, 0)), NOW, BOUNDS)
    missed = cursor.inspect(Info(added=9, length=1, first=(9, 0), last=(9, 0)), NOW, BOUNDS)

    assert (seen, missed) == (None, "cut")


@pytest.mark.parametrize(
    "info",
    [
        Info(added=2, length=2, first=(6, 0), last=(7, 0)),
        Info(added=4, length=1, first=(9, 0), last=(9, 0)),
        Info(added=5, length=5, first=(6, 0), last=(9, 0)),                  # as many as we had read
        Info(added=9, length=9, first=(6, 0), last=(99, 0)),                 # more than we had read
        Info(added=9, length=5, first=(6, 0), last=(99, 0)),                 # and some are gone again, fewer than we had read
    ],
)
def test_another_stream_of_the_same_name_is_read_from_where_we_were(info: Info) -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))

    reason = cursor.inspect(info, NOW, BOUNDS)

    assert reason == "replaced"
    assert cursor.id == (5, 0)


@pytest.mark.parametrize(
    "info",
    [
        Info(),
        Info(added=4, length=4, first=(1, 0), last=(4, 0)),                  # a backup of the same stream
        Info(added=9, length=9, first=(1, 0), last=(4, 0)),
    ],
)
def test_nothing_of_a_stream_that_is_older_than_what_was_read_is_read_again(info: Info) -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))

    reason = cursor.inspect(info, NOW, BOUNDS)
    again = cursor.inspect(info, NOW, BOUNDS)

    assert reason == "replaced"
    assert cursor.id == info.last
    assert again is None


def test_another_stream_that_has_lost_its_beginning_is_missed_too() -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))

    reason = cursor.inspect(Info(added=99, length=10, first=(90, 0), last=(99, 0)), NOW, BOUNDS)

    assert reason == "cut"


def test_a_number_that_does_not_add_up_is_another_stream() -> None:
    # Its clock was set back, so that it begins before our place: only what is read tells.
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))
    info = Info(added=7, length=7, first=(2, 0), last=(8, 0))

    first = look(cursor, info, 3)
    second = look(cursor, info)

    assert first == [None, "replaced"]
    assert second == [None, None]


def test_entries_that_somebody_deleted_after_they_were_read_are_not_missed() -> None:
    cursor = caught_up(Info(added=5, length=5, first=(1, 0), last=(5, 0)))
    info = Info(added=6, length=3, first=(2, 0), last=(6, 0))                # without 1, 3 and 4

    reasons = look(cursor, info, 1)

    assert reasons == [None, None]


def test_numbers_in_a_row_are_new() -> None:
    origins = Origins()

    verdicts = [origins.see("a", 7), origins.see("b", 1), origins.see("a", 8), origins.see("b", 2)]

    assert verdicts == ["new"] * 4


@pytest.mark.parametrize("number", [1, 6, 7])
def test_a_number_that_does_not_rise_is_repeated(number: int) -> None:
    origins = Origins()
    origins.see("a", 6)
    origins.see("a", 7)

    verdicts = [origins.see("a", number), origins.see("a", 8)]

    assert verdicts == ["repeated", "new"]


def test_a_hole_in_the_numbers_is_a_jump_once() -> None:
    origins = Origins()
    origins.see("a", 7)

    verdicts = [origins.see("a", 9), origins.see("a", 8), origins.see("a", 10)]

    assert verdicts == ["jump", "repeated", "new"]


def test_a_hole_that_is_known_is_no_jump_for_each_of_those_known_then() -> None:
    origins = Origins()
    origins.see("a", 1)
    origins.see("b", 1)

    origins.forgive()
    verdicts = [origins.see("a", 5), origins.see("b", 1), origins.see("b", 7), origins.see("a", 7), origins.see("b", 9)]

    assert verdicts == ["new", "repeated", "new", "jump", "jump"]


def test_the_origin_that_was_silent_longest_is_forgotten() -> None:
    origins = Origins(limit=2)
    for origin, number in [("a", 1), ("b", 1), ("a", 2), ("c", 1)]:
        origins.see(origin, number)

    verdicts = [origins.see("a", 2), origins.see("c", 1), origins.see("b", 5)]

    assert verdicts == ["repeated", "repeated", "new"]
    assert len(origins) == 2


def test_a_repeated_number_keeps_an_origin_from_being_forgotten_no_longer() -> None:
    origins = Origins(limit=2)
    for origin, number in [("a", 1), ("b", 1), ("a", 1), ("c", 1)]:
        origins.see(origin, number)

    assert len(origins) == 2


def test_what_was_forgiven_is_forgotten_with_its_origin() -> None:
    origins = Origins(limit=1)
    origins.see("a", 1)
    origins.forgive()

    verdicts = [origins.see("b", 1), origins.see("a", 1), origins.see("a", 9)]

    assert verdicts == ["new", "new", "jump"]


class CursorMachine(RuleBasedStateMachine):
    """A stream with all that happens to one, and somebody who reads it as `Reader` does: `step` is one round.

    Entries are numbers. `due` are those that were added since he listens and are neither read nor told as missing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW                           # on the clock of Redis
        self.monotonic = 0                       # on one that nobody sets
        self.entries: list[tuple[Id, int]] = []
        self.added = 0
        self.last: Id = (0, 0)
        self.number = 0
        self.since: int | None = None            # (monotonic)
        self.cursor: Cursor | None = None
        self.due: list[int] = []
        self.seen: set[int] = set()
        self.deleted = False                     # and nobody has looked since
        self.in_order = False
        self.check_at = 0

    @initialize(
        length=st.integers(4, 6), seconds=st.sampled_from([20, 60]), before=st.integers(0, 9),
        age=st.sampled_from([0, 1, 1000, 100_000]), count=st.integers(1, 4),
    )
    def begin(self, length: int, seconds: float, before: int, age: int, count: int) -> None:
        self.bounds = Bounds(length, seconds)
        self.count = count                       # that is asked for at once: not more than a stream keeps
        for _ in range(before):
            self.add(1)
        self.time_passes(age)

    @rule(count=st.integers(1, 5))
    def add(self, count: int) -> None:
        for _ in range(count):
            # As Redis makes ids: also when its clock was set back, they rise.
            self.last = (self.last[0], self.last[1] + 1) if self.last[0] >= self.now else (self.now, 0)
            self.number += 1
            self.added += 1
            self.entries.append((self.last, self.number))
            if self.since is not None:
                self.due.append(self.number)

    @rule(milliseconds=st.sampled_from([1, 500, 11_000, 61_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now += milliseconds
        self.monotonic += milliseconds

    @rule(more=st.integers(0, 3))
    def trim_by_length(self, more: int) -> None:
        del self.entries[:max(0, len(self.entries) - self.bounds.length - more)]

    @rule(fewer=st.integers(0, 3))
    def trim_by_time(self, fewer: int) -> None:
        old = sum(id[0] < self.now - self.bounds.seconds * 1000 for id, _ in self.entries)
        del self.entries[:max(0, old - fewer)]

    @precondition(lambda self: self.since is None)
    @rule()
    def listen(self) -> None:
        self.since = self.monotonic

    @precondition(lambda self: self.since is not None)
    @rule()
    def lose_the_connection(self) -> None:
        self.in_order = False
        self.check_at = 0

    @precondition(lambda self: self.since is not None)
    @rule(rounds=st.integers(1, 4))
    def read(self, rounds: int) -> None:
        for _ in range(rounds):
            self.step()

    def step(self) -> None:
        if self.monotonic >= self.check_at:
            self.check_at = self.monotonic + 10_000
            self.in_order = False
        if self.cursor is None:
            assert self.since is not None
            self.cursor = Cursor.since(self.now - (self.monotonic - self.since) - 1, self.now + 1, self.info)
            self.in_order = False
        if self.in_order:
            self.go_on(self.cursor)
        else:
            self.check(self.cursor)

    def check(self, cursor: Cursor) -> None:
        answer, info = self.xread(cursor), self.info
        reason = cursor.inspect(info, self.now, self.bounds)
        self.hear(reason, cursor)
        if reason == "replaced":
            return
        if len(answer) < self.count:
            self.hear(cursor.adds_up(info, len(answer)), cursor)
        self.take(answer, cursor)
        if len(answer) < self.count:
            cursor.caught_up(info)
            assert not self.due, f"{self.due} are missing, and nobody was told"
        self.in_order = len(answer) < self.count

    def go_on(self, cursor: Cursor) -> None:
        answer = self.xread(cursor)
        if len(answer) < self.count:
            self.take(answer, cursor)
        else:
            self.in_order = False

    def take(self, answer: list[tuple[Id, int]], cursor: Cursor) -> None:
        for _, number in answer:
            assert number not in self.seen, f"{number} was read before"
            self.seen.add(number)
            if number in self.due:               # else it is a moment older than our interest
                self.skip(self.due[:self.due.index(number)], number)
                self.due.remove(number)
        if answer:
            cursor.advance(answer[-1][0], len(answer))

    def skip(self, numbers: list[int], number: int) -> None:
        assert not numbers, f"{numbers} are missing before {number}, and nobody was told"

    def hear(self, reason: str | None, cursor: Cursor) -> None:
        if reason is None:
            return
        there = {number for id, number in self.entries if id > cursor.id}
        missing = [number for number in self.due if number not in there]
        # Who cannot have counted, since he has not caught up yet, is told when he may have missed something.
        assert missing or self.deleted or cursor._read is None, f"nothing is missing, but {reason!r} was told"
        self.deleted = False
        self.due = [number for number in self.due if number in there]

    def xread(self, cursor: Cursor) -> list[tuple[Id, int]]:
        return [(id, number) for id, number in self.entries if id > cursor.id][:self.count]

    @property
    def info(self) -> Info:
        return Info(self.added, len(self.entries), self.entries[0][0] if self.entries else (0, 0), self.last)


class SetClockMachine(CursorMachine):
    """The clock of Redis is set, while somebody reads: ids rise all the same, the age of entries is wrong."""

    # Not before he has caught up once: until then, only the age of entries says which of them may have been cut.
    @precondition(lambda self: self.cursor is not None and self.cursor._read is not None)
    @rule(milliseconds=st.sampled_from([-61_000, -1, 61_000]))
    def set_the_clock(self, milliseconds: int) -> None:
        self.now += milliseconds


class DeletingMachine(CursorMachine):
    """Somebody deletes the stream, and it begins anew. What was lost is told when he looks the next time, at the latest."""

    @precondition(lambda self: self.cursor is not None and self.cursor._read is not None)
    @rule()
    def delete(self) -> None:
        self.deleted = True
        self.entries, self.added, self.last = [], 0, (0, 0)
        self.time_passes(1)

    def check(self, cursor: Cursor) -> None:
        info = self.info
        if self.deleted and cursor._read == info.cut:
            # The new stream has lost just as many as we had read of the old one: nothing that Redis says tells them apart.
            self.hear("replaced", cursor)
        super().check(cursor)

    def skip(self, numbers: list[int], number: int) -> None:
        if self.deleted:
            self.due = [other for other in self.due if other not in numbers]
        else:
            super().skip(numbers, number)


@pytest.mark.parametrize("machine", [CursorMachine, SetClockMachine, DeletingMachine])
def test_whatever_happens_to_a_stream_what_is_missing_is_told_and_nothing_else(machine: type[CursorMachine]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=40))
