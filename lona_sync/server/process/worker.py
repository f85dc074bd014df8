"""The gunicorn worker that this process is, if it is one.

gunicorn keeps no reference to it that one could ask for. But it runs: whatever happens in a worker, the main greenlet is somewhere
below one of its methods. That it handles the signals is less sure: applications and their users take them over.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol

import gevent

logger = logging.getLogger("lona_sync")


class Worker(Protocol):
    """What we need of `gunicorn.workers.base.Worker`, which has no types."""

    cfg: Any                      # `workers`: how many there are
    age: int                      # the how manieth that was started
    pid: int
    alive: bool                   # False: it ends as soon as it has served what it serves


def current_worker() -> Worker | None:
    """None in any other process, also in a worker's child. Looks at a few dozen frames, so it is not for each request."""
    kind = _class("gunicorn.workers.base", "Worker")
    if kind is None:
        return None
    for candidate in _candidates():
        if isinstance(candidate, kind) and candidate.pid == os.getpid():
            found: Worker = candidate
            return found
    return None


def _class(module: str, name: str) -> Any:
    """None: it is not loaded, so nothing is one. Any: gunicorn has no types."""
    return getattr(sys.modules.get(module), name, None)


def _candidates() -> Iterator[Any]:
    """Any: whatever is called self."""
    main = gevent.get_hub().parent                  # the hub's own, of which this may be called, has no frames below it
    frame: FrameType | None
    for frame in (sys._getframe(), main.gr_frame if main is not None else None):
        while frame is not None:
            yield frame.f_locals.get("self")
            frame = frame.f_back
    yield getattr(signal.getsignal(signal.SIGTERM), "__self__", None)       # in another thread than the worker's own


def complain_without_worker() -> None:
    """An error in the log when gunicorn has started this process, and nobody knows as what."""
    arbiter, worker = _class("gunicorn.arbiter", "Arbiter"), _class("gunicorn.workers.base", "Worker")
    if arbiter is None or worker is None:
        return
    started = False
    for candidate in _candidates():
        if isinstance(candidate, arbiter):
            # With --preload it loads the application before it knows its own.
            started = getattr(candidate, "pid", os.getpid()) != os.getpid()
        elif isinstance(candidate, worker) and candidate.pid == os.getppid():
            return                                   # a worker's child
    if started:
        logger.error(
            "no worker of gunicorn was found in process %d: other workers do not find its views, and no watchdog looks at it. "
            "Use one of gunicorn's worker classes, or a subclass of one.", os.getpid(),
        )


def when_worker_starts(start: Callable[[], object]) -> None:
    """Call `start` in a greenlet when the event loop of a gunicorn worker begins to run, if this becomes one.

    With `--preload` the application is made in the parent, whose loop never runs; what waits in it is inherited.
    """
    if "gunicorn" in sys.modules:
        gevent.get_hub().loop.run_callback(_start_in_worker, start)


def _start_in_worker(start: Callable[[], object]) -> None:
    if current_worker() is not None:
        gevent.spawn(start)
