"""Whether a browser still reads what it is sent."""

from __future__ import annotations

from typing import Protocol

from ...views.clock import Clock, Timer
from .rounds import Rounds


class Host(Protocol):
    """What is watched: an `Outflow`."""

    @property
    def in_flight(self) -> int:
        """Bytes sent and not acknowledged."""

    @property
    def written(self) -> int:
        """Bytes that the transport was given, ever."""

    @property
    def backlog(self) -> int | None:
        """Of them, those that the peer's machine has not taken yet; None: nobody knows."""

    def stalled(self) -> None:
        """Nothing has moved for too long."""


class StallWatch:
    """Tells its host when nothing of what is under way has moved from one of its `rounds` to the next.

    A page that its browser has frozen reads nothing, but pings are answered, and a window fits into the buffers of kernels. One
    behind a slow line may take longer for a large frame, and acknowledges nothing meanwhile; but there the bytes move.
    """

    __slots__ = ("_clock", "_host", "_rounds", "_suspects", "_taken", "_timer", "moved", "watches")

    def __init__(self, *, host: Host, rounds: Rounds, clock: Clock) -> None:
        self._host = host
        self._rounds = rounds
        self._clock = clock
        self._suspects = False                             # nothing had moved when it looked
        self._taken = 0                                    # bytes that the peer's machine had when it looked
        #: Something was acknowledged since it looked; for the host to set.
        self.moved = False
        #: While something is under way.
        self.watches = False
        self._timer: Timer | None = None                   # runs while it suspects something

    def start(self) -> None:
        """Something is under way. Only when it does not watch."""
        self.watches = True
        self.moved = True                                  # until now there was nothing to move
        self.look()

    def look(self) -> None:
        """Has anything moved?"""
        self._stop()
        host = self._host
        if not host.in_flight:
            self.watches = False
            return
        backlog = host.backlog
        taken = host.written - (backlog or 0)
        if self.moved or backlog is None or taken > self._taken:
            self.moved = self._suspects = False
            self._taken = taken
            self._rounds.put(self)
        elif not self._suspects:
            # Code that kept the whole process busy has kept us from reading, too, and timers ring before sockets do.
            self._suspects = True
            self._timer = self._clock.idle_timer(0.0, self.look)
        else:
            host.stalled()

    def close(self) -> None:
        """Look no more, until it is started again."""
        self.watches = False
        self._rounds.drop(self)
        self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.close()
            self._timer = None
