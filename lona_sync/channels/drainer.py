"""One ready list for all handlers of a process, and the greenlets that work it off.

A greenlet for each message, or a sleeping one for each subscription, costs thirty microseconds or kilobytes each; so
one greenlet works off the list, and exists only while there is something on it. But handlers may block, and must not
delay each other: when one does, the rest of the list is handed on to a fresh greenlet.

How it is noticed: before a round the drainer schedules a callback with the event loop, and takes it back after the
round. The loop runs only when the drainer is not running; so if the callback comes, a job is blocked. That costs one
callback a round instead of a look at each job. The drainer that was blocked finds, when its job is done, that it is
not the current one any more, and ends.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import gevent
from greenlet import getcurrent

from ..pause import pause

#: After so long, or when all that was ready at its start had its turn, a round ends, and everything else gets its turn.
ROUND_SECONDS = 0.02


class Drainer:
    """Calls jobs in the order added, each in a greenlet that may block. For one thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._jobs: deque[Callable[[], object]] = deque()
        self._current: gevent.Greenlet[[], None] | None = None
        self._working: set[object] = set()      # greenlets; not a number, since a job may fork and end uncounted

    @property
    def greenlets(self) -> int:
        """How many work, or are blocked in a job."""
        return len(self._working)

    def __len__(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    def add(self, job: Callable[[], object]) -> None:
        """Call `job()` soon. Never waits. Who raises ends its greenlet, not the others' turn."""
        self._jobs.append(job)
        if self._current is None:
            self._current = gevent.spawn(self._drain)

    def restart(self) -> None:
        """Serve what waits from the calling thread's hub: the old one, or its thread, is gone."""
        self._current = gevent.spawn(self._drain) if self._jobs else None

    def clear(self) -> None:
        """Forget everything: the greenlets are another process's."""
        self._working.clear()
        self._jobs.clear()
        self._current = None

    def _drain(self) -> None:
        me = getcurrent()
        if self._current is not me:             # replaced before it began
            return
        self._working.add(me)
        try:
            while self._jobs:
                watch = gevent.get_hub().loop.run_callback(self._hand_on, me)
                self._round(me)
                watch.stop()
                if self._current is not me:
                    return
                if self._jobs:
                    pause()             # the callback is taken back: this is not taken for a blocked job
        finally:
            self._working.discard(me)
            self._hand_on(me)                   # also when a job raised or was killed: the list goes on

    def _round(self, me: object) -> None:
        deadline = self._monotonic() + ROUND_SECONDS
        for _ in range(len(self._jobs)):
            self._jobs.popleft()()
            if self._current is not me or self._monotonic() >= deadline:
                return

    def _hand_on(self, drainer: object) -> None:
        if self._current is drainer:
            self.restart()
