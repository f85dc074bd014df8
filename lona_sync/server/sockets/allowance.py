"""How much one browser may send: a token bucket, which is two numbers and no timer."""

from __future__ import annotations

from ...views.clock import Clock

_ONE = 1 - 1e-6                  # a second is 0.9999999999 when two large numbers are subtracted


class Allowance:
    """`burst` at once, and `rate` more with each second; what is not used by then is kept up to `burst`."""

    __slots__ = ("_burst", "_clock", "_left", "_rate", "_updated")

    def __init__(self, *, rate: float, burst: int, clock: Clock) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._left = self._burst
        self._updated = clock.now()

    def take(self) -> bool:
        """Use one; False: there is none left."""
        now = self._clock.now()
        left = self._left + (now - self._updated) * self._rate
        if left > self._burst:
            left = self._burst
        self._updated = now
        if left < _ONE:
            self._left = left
            return False
        self._left = left - 1
        return True

    def seconds_until(self, count: float) -> float:
        """How long it takes until `count` can be taken in a row, if none is in the meantime. `count`: at most `burst`."""
        return max(0.0, (count - self._left) / self._rate)
