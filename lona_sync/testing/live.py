"""A real server in the process of the tests, for browsers and other programs to visit.

It runs in a real thread with an event loop of its own, so that it serves whatever the test does meanwhile: waits for a browser
through Playwright or Selenium, or for an answer through `urllib`. Its views live in that thread; a test looks into them by `call`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar, cast

import gevent
from gevent import monkey
from gevent.event import AsyncResult, Event

from ..app import App
from ..channels.hub import default_hub
from ..server.http.serving import Server

P = ParamSpec("P")
T = TypeVar("T")

START_SECONDS = 10.0
STOP_SECONDS = 20.0
_start_thread: Callable[..., int] = monkey.get_original("_thread", "start_new_thread")


class LiveServer:
    """One application at one address. Made by `LiveServers.serve`."""

    def __init__(self, app: App, thread: _Thread, port: int) -> None:
        self.app = app
        self.port = port
        self._thread = thread

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def make_url(self, path: str = "/") -> str:
        """The address of a page."""
        return f"{self.url}/{path.removeprefix('/')}"

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns or raises, called in the server's thread, in which the views and their trees live.

        Waits until it has returned, at most 20 s. It is no greenlet of a view, so it cannot await what views do.
        """
        return self._thread.call(lambda: function(*args, **kwargs))

    def __repr__(self) -> str:
        return f"<LiveServer {self.url}>"


class LiveServers:
    """All that one test has, in one thread: channels belong to one. A context manager; its end ends them."""

    def __init__(self) -> None:
        self._thread: _Thread | None = None
        self._running: list[tuple[LiveServer, Server]] = []

    def serve(self, app: App) -> LiveServer:
        """Serve it on loopback, at a port that is free; it answers when this returns.

        Raises RuntimeError when a `Client` has begun to use it in this test: its views are in another thread then.
        """
        if app.server is not None:
            raise RuntimeError(f"{app!r} is in use already, by a Client or another server: call app.reset() before")
        if self._thread is None:
            self._thread = _Thread()

        def start() -> Server:
            parts = app.parts                                    # made here: they belong to this thread
            server = Server(parts.http, "127.0.0.1", 0)
            server.start()
            return server

        server = self._thread.call(start)
        live = LiveServer(app, self._thread, server.port)
        self._running.append((live, server))
        return live

    def stop(self) -> None:
        """End them, and the thread. Channels belong to the calling thread afterwards."""
        if self._thread is None:
            return
        try:
            while self._running:
                live, server = self._running.pop()

                def stop(live: LiveServer = live, server: Server = server) -> None:
                    server.stop_accepting()
                    live.app.reset()
                    server.stop(1.0)

                self._thread.call(stop)
        finally:
            self._thread.end()
            self._thread = None
            default_hub.start()

    def __enter__(self) -> LiveServers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.stop()


class _Thread:
    """A real thread with an event loop of gevent's, which runs until `end`."""

    def __init__(self) -> None:
        started: AsyncResult[tuple[gevent.hub.Hub, Event]] = AsyncResult()
        caller = gevent.get_hub()
        self._running = monkey.get_original("_thread", "allocate_lock")()
        self._running.acquire()
        _start_thread(self._work, (caller, started))
        self._hub, self._end = cast("tuple[gevent.hub.Hub, Event]", started.get(timeout=START_SECONDS))

    def _work(self, caller: gevent.hub.Hub, started: AsyncResult[tuple[gevent.hub.Hub, Event]]) -> None:
        hub, end = gevent.get_hub(), Event()
        caller.loop.run_callback_threadsafe(started.set, (hub, end))
        try:
            while not end.wait(3600):                            # a loop without any timer would end
                pass
        finally:
            hub.destroy(destroy_loop=True)
            self._running.release()

    def call(self, function: Callable[[], T]) -> T:
        """See `LiveServer.call`."""
        caller = gevent.get_hub()
        done: AsyncResult[tuple[T | None, BaseException | None]] = AsyncResult()

        def work() -> None:
            try:
                outcome: tuple[T | None, BaseException | None] = function(), None
            except BaseException as error:
                outcome = None, error
            caller.loop.run_callback_threadsafe(done.set, outcome)

        self._hub.loop.run_callback_threadsafe(gevent.spawn, work)
        outcome = done.get(timeout=STOP_SECONDS)
        assert outcome is not None
        result, error = outcome
        if error is not None:
            raise error
        return cast(T, result)

    def end(self) -> None:
        """Wait until it has ended."""
        self._hub.loop.run_callback_threadsafe(self._end.set)
        self._running.acquire(True, STOP_SECONDS)
