"""How busy this process and some others were at any time of a measurement."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import gevent

EVERY = 0.05                         # seconds between two looks


class _Look(NamedTuple):
    """Seconds: when, what this process has computed so far, and what the others have."""
    at: float
    own: float
    others: float


class Occupation:
    """Of this process, and of those in `others`. Looks from `start` to `stop`, and answers then."""

    def __init__(self, others: Collection[int]) -> None:
        self._others = others
        self._looks: list[_Look] = []
        self._greenlet: gevent.Greenlet[[], None] | None = None

    def start(self) -> None:
        self._look()
        self._greenlet = gevent.spawn(self._go_on)

    def stop(self) -> None:
        if self._greenlet is not None:
            self._greenlet.kill()
        self._look()

    def between(self, begin: float, end: float) -> tuple[float, float]:
        """Seconds of a processor that this process took between two moments of `time.monotonic`, and all others together."""
        _, own, others = (after - before for before, after in zip(self._at(begin), self._at(end), strict=True))
        return own, others

    def _go_on(self) -> None:
        while True:
            gevent.sleep(EVERY)
            self._look()

    def _look(self) -> None:
        self._looks.append(_Look(time.monotonic(), time.process_time(), sum(map(_computed, self._others))))

    def _at(self, moment: float) -> _Look:
        """An estimate, between two looks."""
        place = min(max(1, bisect_left(self._looks, (moment,))), len(self._looks) - 1)
        before, after = self._looks[place - 1], self._looks[place]
        part = (moment - before.at) / (after.at - before.at)
        return _Look(*(one + part * (other - one) for one, other in zip(before, after, strict=True)))


def _computed(process: int) -> float:
    # What follows the name of the program, which stands in parentheses and may contain some.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
