"""Browsers that are to hear soon which of their events were taken.

Mostly the frame that answers an event tells so, and nothing is left to say. A timer for each connection would be set for each
click all the same: so all of them share one, which runs only while somebody is to hear.
"""

from __future__ import annotations

from typing import Protocol

from ...views.clock import Clock, Timer


class Debtor(Protocol):
    """Who owes its browser a receipt: an `Outflow`."""

    def acknowledge_events(self) -> None:
        """Tell the browser now which events were taken, as far as it does not know."""


class Receipts:
    """Has them given within `delay` seconds. None of its methods waits."""

    __slots__ = ("_clock", "_debtors", "_delay", "_timer")

    def __init__(self, *, delay: float, clock: Clock) -> None:
        self._delay = delay
        self._clock = clock
        self._debtors: set[Debtor] = set()
        self._timer: Timer | None = None                   # runs while there are any

    def owe(self, debtor: Debtor) -> None:
        """It has taken an event, and its browser does not know. Any number of times."""
        self._debtors.add(debtor)
        if self._timer is None:
            self._timer = self._clock.idle_timer(self._delay, self._give)

    def forget(self, debtor: Debtor) -> None:
        """It is over."""
        self._debtors.discard(debtor)

    def _give(self) -> None:
        if self._timer is not None:
            self._timer.close()
            self._timer = None
        while self._debtors:
            self._debtors.pop().acknowledge_events()
