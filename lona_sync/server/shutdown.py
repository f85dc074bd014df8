"""A worker that is told to end tells its browsers, instead of waiting until they leave by themselves."""

from __future__ import annotations

import atexit
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

import gevent

Handler = Callable[[int, FrameType | None], object]


def before_exit(stop: Callable[[], None]) -> None:
    """Call `stop` when this process gets SIGTERM, SIGQUIT or SIGINT, and leave the rest to the handler that is there.

    For worker processes of gunicorn: its graceful end waits for handlers that are still running, and one that serves a
    WebSocket never ends by itself. SIGTERM goes on at once, since the worker waits anyway, and the process exits after `stop`; the
    other two would exit first, so they come after `stop`. Signals that nobody handles are left alone, and all of them where this
    is not the main thread.
    """
    for number, stop_first in ((signal.SIGTERM, False), (signal.SIGQUIT, True), (signal.SIGINT, True)):
        former = signal.getsignal(number)
        if callable(former):
            try:
                signal.signal(number, _chain(stop, former, stop_first))
            except ValueError:           # the one way to know: to a patched `threading`, each greenlet is a thread of its own
                return


def _chain(stop: Callable[[], None], former: Handler, stop_first: bool) -> Handler:
    def handle(number: int, frame: FrameType | None) -> None:
        # In a greenlet of its own: a signal arrives in the middle of any code, which must not wait.
        if stop_first:
            gevent.spawn(_stop_then, stop, former, number)
        else:
            former(number, frame)
            ending = gevent.spawn(_stop_beside, stop, former)
            # The worker waits for its own connections; it knows of none that came from other workers, nor of views without one.
            atexit.register(ending.join)

    return handle


def _stop_beside(stop: Callable[[], None], former: Handler) -> None:
    stop()
    # Nothing of the application runs any more. A worker that serves by pywsgi would wait out its graceful timeout all the
    # same, for kept-alive connections: pywsgi has no limit for idle ones, and browsers keep them open.
    worker: Any = getattr(former, "__self__", None)      # Any: a worker of gunicorn, which has no types
    if getattr(worker, "server_class", None) is not None:
        worker.cfg.set("graceful_timeout", 0)


def _stop_then(stop: Callable[[], None], former: Handler, number: int) -> None:
    try:
        stop()
    finally:
        former(number, None)
