"""The gunicorn worker that this process is, if it is one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Protocol

import gevent


class Worker(Protocol):
    """What we need of `gunicorn.workers.base.Worker`, which has no types."""

    cfg: Any                      # `workers`: how many there are
    age: int                      # the how manieth that was started
    ppid: int


def current_worker() -> Worker | None:
    """None in any other process, also in a worker's child. To be asked before somebody takes over its signals."""
    # gunicorn keeps no reference to it that one could ask for, but it handles the signals.
    worker = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if worker is None or "gunicorn" not in sys.modules or not hasattr(worker, "age") or worker.ppid != os.getppid():
        return None
    found: Worker = worker
    return found


def when_worker_starts(start: Callable[[], object]) -> None:
    """Call `start` in a greenlet when the event loop of a gunicorn worker begins to run, if this becomes one.

    With `--preload` the application is made in the parent, whose loop never runs; what waits in it is inherited.
    """
    if "gunicorn" in sys.modules:
        gevent.get_hub().loop.run_callback(_start_in_worker, start)


def _start_in_worker(start: Callable[[], object]) -> None:
    if current_worker() is not None:
        gevent.spawn(start)
