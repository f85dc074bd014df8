"""What runs of one view: its tasks, and guests that work for it at the moment; and what each of them waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import gevent
import greenlet
from greenlet import getcurrent

from ..errors import StopReason
from .clock import Clock, time_limit
from .tasks import Task


class Work:
    """What one greenlet does.

    `kind`: 'procedure', 'handler', 'spawned', or 'messages' for a guest of the channels. `waits_for`: None while it runs, or waits
    in code that is not ours. `since`: when the last wait of ours began or ended, by the view's clock. `has_asked`: for events or
    messages, once at least.
    """

    __slots__ = ("has_asked", "kind", "since", "waits_for")

    def __init__(self, kind: str, since: float) -> None:
        self.kind = kind
        self.since = since
        self.waits_for: object = None
        self.has_asked = False


class Host(Protocol):
    """The runtime of the view whose they are."""

    def ended(self, each: greenlet.greenlet) -> object:
        """One of them has ended, or has gone on to work for somebody else."""


class Greenlets:
    """A set."""

    __slots__ = ("_clock", "_host", "_running")

    def __init__(self, host: Host, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._running: dict[greenlet.greenlet, Work] = {}

    def __contains__(self, each: greenlet.greenlet) -> bool:
        return each in self._running

    def __iter__(self) -> Iterator[greenlet.greenlet]:
        return iter(set(self._running))

    def __len__(self) -> int:
        return len(self._running)

    def work(self) -> list[tuple[greenlet.greenlet, Work]]:
        """Who is at work, and with what; the one that began first is the first."""
        return list(self._running.items())

    @property
    def computes(self) -> bool:
        """Whether one of them runs at this moment. Any thread may ask."""
        return any(work.waits_for is None and _runs(each) for each, work in list(self._running.items()))

    def waits_for(self, each: greenlet.greenlet) -> object:
        """What it waits for in a call of the view's; None: nothing."""
        work = self._running.get(each)
        return None if work is None else work.waits_for

    def note(self, waits_for: object) -> None:
        """The running greenlet is about to wait for this; None: it goes on. On each wait's path: words are made of it later."""
        work = self._running.get(getcurrent())
        if work is not None:                               # else it is none of the view's, and nobody will ask
            work.waits_for = waits_for
            work.since = self._clock.now()

    def ask(self) -> bool:
        """The running greenlet will ask for events or messages, which may be there already; False: it is none of the view's."""
        work = self._running.get(getcurrent())
        if work is None:
            return False
        work.has_asked = True
        return True

    def start(self, task: Task[Any], kind: str) -> None:   # Any: whatever it returns
        """Begin `task`, soon. It leaves by itself at its end, also when it is killed before it began."""
        self._running[task] = Work(kind, self._clock.now())
        task.rawlink(self.leave)
        task.start()

    def enter(self, guest: greenlet.greenlet) -> None:
        """A channel's drainer works for the view now, and is to be stopped with it."""
        self._running[guest] = Work("messages", self._clock.now())

    def depart(self, guest: greenlet.greenlet) -> None:
        """It works for somebody else now. Who has not asked for anything here leaves nothing behind that has to be looked for."""
        work = self._running.pop(guest, None)
        if work is None or work.has_asked:
            self._host.ended(guest)

    def leave(self, each: greenlet.greenlet) -> None:
        self._running.pop(each, None)
        self._host.ended(each)
        if isinstance(each, Task):
            each.let_go()

    def kill(self, reason: StopReason, *, but: greenlet.greenlet | None = None) -> None:
        """Throw a copy of `reason` into each `but` one, soon; what has not begun never will. Never waits."""
        for each in self._running:
            if each is but:
                continue
            if isinstance(each, Task):
                each.kill(reason.copy(), block=False)
            else:
                gevent.get_hub().loop.run_callback(self._throw, each, reason)

    def join(self, timeout: float, *, but: greenlet.greenlet | None = None) -> int:
        """Wait until none is left `but` one; what still runs after `timeout` seconds is forgotten. How many these were."""
        if all(each is but for each in self._running):
            return 0
        with time_limit(self._clock, timeout) as limit:
            try:
                gevent.joinall([each for each in self._running if isinstance(each, gevent.Greenlet) and each is not but])
            except gevent.Timeout as passed:
                if passed is not limit:
                    raise
        abandoned = [each for each in self._running if each is not but]
        for each in abandoned:
            del self._running[each]
        return len(abandoned)

    def _throw(self, guest: greenlet.greenlet, reason: StopReason) -> None:
        if guest in self._running:                    # else it has gone on to work for another view
            guest.throw(reason.copy())


def _runs(each: greenlet.greenlet) -> bool:
    # Who runs has no frame, nor has who has not begun, or has ended. gevent's own idea of truth includes who is about to begin.
    return each.gr_frame is None and greenlet.greenlet.__bool__(each)
