"""One timer tells all browsers what of theirs was taken."""

from __future__ import annotations

import pytest

from lona_sync.server.sockets.receipts import Receipts
from lona_sync.testing import VirtualClock

DELAY = 0.05


class Debtor:
    """Notes when it was told to tell."""

    def __init__(self, clock: VirtualClock) -> None:
        self.told: list[float] = []
        self._clock = clock

    def acknowledge_events(self) -> None:
        self.told.append(self._clock.now())


@pytest.fixture
def clock() -> VirtualClock:
    clock = VirtualClock()
    clock.stop()
    return clock


def test_all_who_owe_one_by_then_give_it_once_and_none_later_than_the_delay(clock: VirtualClock) -> None:
    receipts = Receipts(delay=DELAY, clock=clock)
    first, second = Debtor(clock), Debtor(clock)
    start = clock.now()

    receipts.owe(first)
    clock.advance(DELAY / 2)
    receipts.owe(second)
    receipts.owe(first)
    clock.advance(10)

    assert first.told == second.told == [pytest.approx(start + DELAY)]


def test_who_owes_one_again_gives_it_again(clock: VirtualClock) -> None:
    receipts = Receipts(delay=DELAY, clock=clock)
    debtor = Debtor(clock)
    receipts.owe(debtor)
    clock.advance(1)

    receipts.owe(debtor)
    clock.advance(DELAY)

    assert len(debtor.told) == 2


def test_who_is_over_gives_none(clock: VirtualClock) -> None:
    receipts = Receipts(delay=DELAY, clock=clock)
    over, other = Debtor(clock), Debtor(clock)
    receipts.owe(over)
    receipts.owe(other)

    receipts.forget(over)
    receipts.forget(over)
    clock.advance(1)

    assert (len(over.told), len(other.told)) == (0, 1)
