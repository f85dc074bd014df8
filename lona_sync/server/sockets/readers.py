"""Greenlets that are used again and again by callbacks of the event loop, which must not wait themselves.

A greenlet for each connection would sit in a wait nearly all of its life, and hold its frames and its stack for that. A new one for
each message costs ten times the switch to one that is there. So a callback borrows one: the work begins at once, and when it
has not waited the greenlet is free again before the callback goes on. One that does wait is missing meanwhile, and the next
callback makes another.
"""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Callable

import gevent
from greenlet import getcurrent, greenlet


class Readers:
    """Of one event loop."""

    def __init__(self) -> None:
        #: The one that has nothing to do. More are needed only while some wait.
        self.free: greenlet | None = None

    def run(self, work: Callable[[], object]) -> None:
        """Do it now, in a greenlet and a context of its own; returns when it is done or waits. For the hub only.

        What it raises is an error of the hub's: printed, or the end of the process (SystemExit, KeyboardInterrupt).
        """
        reader, self.free = self.free, None
        if reader is None or reader.dead:           # by a timeout that work has left behind
            reader = greenlet(self._serve, gevent.get_hub())
            reader.switch()                         # a greenlet holds what it begins with
        reader.switch(work)

    def _serve(self) -> None:
        hub = gevent.get_hub()
        while True:
            work: Callable[[], object] = hub.switch()
            try:
                contextvars.copy_context().run(work)
            except BaseException:
                hub.handle_error(work, *sys.exc_info())
            if self.free is not None:
                return
            self.free = getcurrent()
            del work                                # it may hold a connection that is over
