"""A worker that is told to end lets its browsers go, instead of waiting until they leave by themselves."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import gevent

from .worker import Worker

logger = logging.getLogger("lona_sync")

Handler = Callable[[int, FrameType | None], object]

#: Seconds between two looks whether gunicorn has decided to end a worker, which it tells nobody; its own loop looks once a second.
_LOOK = 0.5


class Shutdown:
    """Of a worker process of gunicorn. `drain` lets the views go in good order, `stop` ends what is left; both wait.

    gunicorn's graceful end waits for handlers that are still running, and one that serves a WebSocket never ends by itself. It
    comes by SIGTERM (also of a reload), or without any signal when the worker has served `max_requests`; then the process exits
    after `drain` and `stop`. SIGQUIT and SIGINT are its quick end: `stop` goes before what they do, since nothing is left after it.
    """

    def __init__(self, *, drain: Callable[[], None], stop: Callable[[], None], worker: Worker | None) -> None:
        self._drain = drain
        self._stop = stop
        self._worker = worker
        self._is_quick = False
        self._ending: gevent.Greenlet[[], None] | None = None

    def prepare(self) -> None:
        """Take over the signals. Those that nobody handles are left alone, and all of them where this is not the main thread."""
        if self._worker is not None:
            gevent.spawn(self._watch, self._worker)
            # It waits for requests that are under way, and knows of no WebSocket: it may exit before anybody has looked.
            self._hold_exit(self._worker)
            atexit.register(self._before_exit, self._worker)
        for number, handle in ((signal.SIGTERM, self._gracefully), (signal.SIGQUIT, self._quickly), (signal.SIGINT, self._quickly)):
            former = signal.getsignal(number)
            if callable(former):
                try:
                    signal.signal(number, handle(former))
                except ValueError:       # the one way to know: to a patched `threading`, each greenlet is a thread of its own
                    return

    # In greenlets of their own: a signal arrives in the middle of any code, which must not wait.

    def _gracefully(self, former: Handler) -> Handler:
        def handle(number: int, frame: FrameType | None) -> None:
            former(number, frame)                        # at once: the worker waits anyway
            self._end()

        return handle

    def _quickly(self, former: Handler) -> Handler:
        def handle(number: int, frame: FrameType | None) -> None:
            self._is_quick = True
            gevent.spawn(self._stop_then, former, number)

        return handle

    def _watch(self, worker: Worker) -> None:
        while worker.alive:
            gevent.sleep(_LOOK)
        if not self._is_quick:
            self._end()

    def _hold_exit(self, worker: Worker) -> None:
        """Wait in gunicorn's last hook: at Python's exit, which comes next, views that go on could start no thread any more."""
        leave = worker.cfg.worker_exit

        def worker_exit(arbiter: object, worker: Worker) -> None:
            self._before_exit(worker)
            leave(arbiter, worker)

        worker.cfg.set("worker_exit", worker_exit)

    def _before_exit(self, worker: Worker) -> None:
        if worker.pid == os.getpid() and not self._is_quick:
            self._end().join()

    def _end(self) -> gevent.Greenlet[[], None]:
        if self._ending is None:                         # a reload repeats its signal every second
            self._ending = gevent.spawn(self._drain_and_stop)
            atexit.register(self._ending.join)           # goes before what was registered earlier
        return self._ending

    def _drain_and_stop(self) -> None:
        try:
            self._drain()
        finally:
            self._stop()
        # Nothing of the application runs any more. A worker that serves by pywsgi would wait out its graceful timeout all the
        # same, for kept-alive connections: pywsgi has no limit for idle ones, and browsers keep them open.
        if self._worker is not None and getattr(self._worker, "server_class", None) is not None:
            self._worker.cfg.set("graceful_timeout", 0)

    def _stop_then(self, former: Handler, number: int) -> None:
        try:
            self._stop()
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
