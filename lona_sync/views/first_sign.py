"""The first sign of a view: there is something to see, or nothing to wait for. Whoever makes the page of a view waits for it."""

from __future__ import annotations

from typing import Protocol

import gevent
from gevent.event import Event

from ..wire.document import Document
from .answers import BROWSER
from .clock import Clock, time_limit
from .waiting import awaits_somebody


class Host(Protocol):
    """The runtime that is to give it."""
    finished: bool

    @property
    def stopped(self) -> bool: ...

    @property
    def waits_for(self) -> object:
        """What the procedure waits for in a call of the view's; None: nothing."""


class FirstSign:
    """For all who wait: several pages may join one daemon. Most views give theirs, and many others later, to nobody."""

    __slots__ = ("_clock", "_document", "_host", "awaited")

    def __init__(self, *, host: Host, document: Document, clock: Clock) -> None:
        self._host = host
        self._document = document
        self._clock = clock
        #: Somebody waits for it, or has; None: nobody.
        self.awaited: Event | None = None

    def await_for(self, seconds: float) -> bool:
        """Wait until the view shows something, sends its windows elsewhere, waits for somebody, or has ended; at most `seconds`.

        False: the time is over. Sleeping, a thread, a coroutine, a task of its own is no such wait: it is on its way.
        """
        if self._document.root is not None or self._host.finished or self._host.stopped or _is_sign(self._host.waits_for):
            return True
        if self.awaited is None:
            self.awaited = Event()
        try:
            with time_limit(self._clock, seconds) as limit:
                self.awaited.wait()
        except gevent.Timeout as passed:
            if passed is not limit:
                raise
            return False
        return True

    def give(self) -> None:
        """Here it is. Never waits."""
        if self.awaited is not None:
            self.awaited.set()
            self.awaited = None

    def note(self, waits_for: object) -> None:
        """The procedure is about to wait for this, which is a sign if it is somebody; None: it goes on."""
        if _is_sign(waits_for):
            self.give()


def _is_sign(waits_for: object) -> bool:
    return waits_for is BROWSER or awaits_somebody(waits_for)
