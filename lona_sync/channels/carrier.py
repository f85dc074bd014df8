"""What carries a broker's loops: greenlets where gevent has patched the process, else real threads.

In a patched process a real thread would have an event loop of its own and fight for the interpreter with everybody else's;
in an unpatched one (a script, a notebook, a Celery task) a greenlet would run only while somebody waits through gevent,
which nobody there does.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import gevent
from gevent import monkey
from gevent.event import Event

# The real one: the patched one tells greenlets apart, not threads.
_get_ident: Callable[[], int] = monkey.get_original("_thread", "get_ident")


class Loop(Protocol):
    """A function that runs beside the rest."""

    def join(self, timeout: float | None = None) -> object:
        """Wait for its end."""


class Bell(Protocol):
    """One loop waits for it; anybody may ring."""

    def ring(self) -> None:
        """End the wait, or the next one. From any thread, never waits."""

    def wait(self, timeout: float | None) -> None:
        """Until it rings or `timeout` seconds are over."""


class Carrier(Protocol):
    def spawn(self, function: Callable[[], object], name: str) -> Loop: ...

    def bell(self) -> Bell: ...

    def pause(self, seconds: float) -> None:
        """Let the others run for so long. In any thread; 0 is a turn for each."""


def carrier() -> Carrier:
    """The right one for this process; greenlets belong to the calling thread."""
    return Greenlets() if monkey.is_module_patched("socket") else Threads()


class Greenlets:
    def spawn(self, function: Callable[[], object], name: str) -> Loop:
        return gevent.spawn(function)

    def bell(self) -> Bell:
        return _GreenBell()

    def pause(self, seconds: float) -> None:
        gevent.sleep(seconds)


class _GreenBell:
    """For greenlets of the thread that makes it."""

    def __init__(self) -> None:
        self._event = Event()
        self._hub = gevent.get_hub()
        self._thread = _get_ident()

    def ring(self) -> None:
        if _get_ident() == self._thread:
            self._event.set()
        elif (loop := self._hub.loop) is not None:          # None: this process is about to end
            loop.run_callback_threadsafe(self._event.set)

    def wait(self, timeout: float | None) -> None:
        self._event.wait(timeout)
        self._event.clear()


class Threads:
    def spawn(self, function: Callable[[], object], name: str) -> Loop:
        # A daemon: the end of a script must not wait for a loop that has no end. What is unsent is flushed before.
        thread = threading.Thread(target=function, name=name, daemon=True)
        thread.start()
        return thread

    def bell(self) -> Bell:
        return _ThreadBell()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)


class _ThreadBell:
    """Not an Event, whose lock is not re-entrant: a `__del__` that the garbage collector runs in its middle may ring, too."""

    def __init__(self) -> None:
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ring(self) -> None:
        if self._rings.empty():
            self._rings.put(None)

    def wait(self, timeout: float | None) -> None:
        with suppress(queue.Empty):
            self._rings.get(timeout=timeout)
