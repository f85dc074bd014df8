"""Many who are looked after, each when its time is over, by one timer."""

from __future__ import annotations

from collections.abc import Callable

import gevent
import pytest

from lona_sync.server.sockets.rounds import Rounds
from lona_sync.testing import VirtualClock

SECONDS = 10.0


class Watched:
    """Notes when it was looked after, and does something then."""

    def __init__(self, clock: VirtualClock, then: Callable[[], object] = lambda: None) -> None:
        self.clock = clock
        self.then = then
        self.looked: list[float] = []

    def look(self) -> None:
        self.looked.append(self.clock.now())
        self.then()


@pytest.fixture
def clock() -> VirtualClock:
    clock = VirtualClock()
    clock.stop()
    return clock


@pytest.fixture
def rounds(clock: VirtualClock) -> Rounds:
    return Rounds(seconds=SECONDS, clock=clock)


def test_each_is_looked_after_when_its_own_time_is_over_and_once(clock: VirtualClock, rounds: Rounds) -> None:
    first, second = Watched(clock), Watched(clock)
    began = clock.now()

    rounds.put(first)
    clock.advance(3.0)
    rounds.put(second)
    clock.advance(30.0)

    assert [when - began for when in first.looked + second.looked] == pytest.approx([10.0, 13.0])


def test_who_is_put_there_again_has_all_his_time_again(clock: VirtualClock, rounds: Rounds) -> None:
    first, second = Watched(clock), Watched(clock)
    began = clock.now()

    rounds.put(first)
    rounds.put(second)
    clock.advance(9.0)
    rounds.put(first)
    clock.advance(30.0)

    assert [when - began for when in first.looked + second.looked] == pytest.approx([19.0, 10.0])


def test_who_was_dropped_is_not_looked_after(clock: VirtualClock, rounds: Rounds) -> None:
    first, second = Watched(clock), Watched(clock)

    for each in (first, second, first):
        rounds.put(each)
    rounds.drop(first)
    rounds.drop(first)
    clock.advance(30.0)

    assert (first.looked, len(second.looked)) == ([], 1)


def test_a_row_goes_on_by_whoever_puts_himself_there_again(clock: VirtualClock, rounds: Rounds) -> None:
    watched = Watched(clock, lambda: rounds.put(watched))
    began = clock.now()

    rounds.put(watched)
    clock.advance(35.0)

    assert [when - began for when in watched.looked] == pytest.approx([10.0, 20.0, 30.0])


def test_an_error_of_one_keeps_nobody_else_from_being_looked_after(
    clock: VirtualClock, rounds: Rounds, monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors: list[object] = []
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda context, kind, error, traceback: errors.append(error))

    def fail() -> None:
        raise ValueError("this one")

    bad, good = Watched(clock, fail), Watched(clock)

    rounds.put(bad)
    rounds.put(good)
    clock.advance(SECONDS)

    assert (len(good.looked), [str(error) for error in errors]) == (1, ["this one"])


def test_who_drops_a_neighbour_that_is_due_too_spares_him(clock: VirtualClock, rounds: Rounds) -> None:
    second = Watched(clock)
    first = Watched(clock, lambda: rounds.drop(second))

    rounds.put(first)
    rounds.put(second)
    clock.advance(SECONDS)

    assert (len(first.looked), second.looked) == (1, [])
