"""A worker that is told to end tells its browsers, instead of waiting until they leave by themselves."""

from __future__ import annotations

import atexit
import logging
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import gevent

from .worker import current_worker

logger = logging.getLogger("lona_sync")

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
            ending = gevent.spawn(_stop_beside, stop)
            # The worker waits for its own connections; it knows of none that came from other workers, nor of views without one.
            atexit.register(ending.join)

    return handle


def _stop_beside(stop: Callable[[], None]) -> None:
    stop()
    # Nothing of the application runs any more. A worker that serves by pywsgi would wait out its graceful timeout all the
    # same, for kept-alive connections: pywsgi has no limit for idle ones, and browsers keep them open.
    worker = current_worker()
    if worker is not None and getattr(worker, "server_class", None) is not None:
        worker.cfg.set("graceful_timeout", 0)


def _stop_then(stop: Callable[[], None], former: Handler, number: int) -> None:
    try:
        stop()
    except Exception:
        logger.exception("the application could not be stopped in order")
    finally:
        ggevent = sys.modules.get("gunicorn.workers.ggevent")
        if ggevent is not None and getattr(former, "__func__", None) is ggevent.GeventWorker.handle_quit:
            _leave(former)
        else:
            former(number, None)


def _leave(handle_quit: Any) -> None:
    """What gunicorn's `handle_quit` does, once. Any: a method of a worker of gunicorn, which has no types.

    It says that the worker lives no longer and exits a tenth of a second later; when the worker sees that meanwhile, it exits, too.
    Then the second exit comes in the middle of the first one, and Python writes a traceback.
    """
    worker = handle_quit.__self__
    worker.cfg.worker_int(worker)
    sys.exit(0)
