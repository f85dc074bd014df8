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
    kind = getattr(sys.modules.get("gunicorn.workers.base"), "Worker", None)
    if kind is None:
        return None
    for candidate in _candidates():
        if isinstance(candidate, kind) and candidate.pid == os.getpid():
            found: Worker = candidate
            return found
    return None


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
    """An error in the log when gunicorn runs here, and nobody knows as what."""
    if "gunicorn.arbiter" in sys.modules:
        logger.error(
            "gunicorn is loaded, and process %d is none of its workers as far as one can see. If it serves this application, other "
            "workers do not find its views, and no watchdog looks at it: use one of gunicorn's own worker classes, or a subclass.",
            os.getpid(),
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
