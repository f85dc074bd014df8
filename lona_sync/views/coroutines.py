"""Coroutines that views wait for: one event loop of asyncio in a thread of its own, which begins with the first of them.

A loop of its own for each call would be simpler, and of no use: a session of aiohttp, a pool of asyncpg belong to the loop that
they were made in. The views' thread cannot run it, since that is gevent's. Where gevent has patched the process, the thread has an
event loop of gevent's below that of asyncio, and the threads of `asyncio.to_thread` are gevent's, too. All works there but
asyncio's subprocesses, which gevent allows in its main thread only.

Most applications have no coroutines. So asyncio, and what is of it (`event_loop.py`), is imported by the first one.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import gevent
from gevent import monkey
from gevent.event import AsyncResult, Event

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
_start_thread: Callable[..., int] = monkey.get_original("_thread", "start_new_thread")    # the patched one starts a greenlet

_LONG = 3600.0

Outcome = tuple[Any, "BaseException | None"]     # Any: what the coroutine returns


class Coroutines:
    """The loop of one application in one process."""

    def __init__(self) -> None:
        self._process = 0                                        # that has the thread
        self._loop: AsyncResult[asyncio.AbstractEventLoop] | None = None
        self._ended = Event()

    def run(self, awaitable: Awaitable[T]) -> T:
        """Wait until it is done; what it returned, or raise what it raised. Who is thrown out of the wait cancels it.

        Raises RuntimeError when it was cancelled by somebody else.
        """
        # gevent's loop ends when it knows of nothing to come, and threads are nothing to it: so it is while a process starts.
        awake = gevent.get_hub().loop.timer(_LONG, _LONG)
        awake.start(_nothing)
        try:
            return self._run(awaitable)
        finally:
            awake.close()

    def _run(self, awaitable: Awaitable[T]) -> T:
        from .event_loop import outcome_of

        hub = gevent.get_hub()
        loop = self._running_loop()
        done: AsyncResult[Outcome] = AsyncResult()
        task: list[asyncio.Task[Outcome]] = []

        def begin() -> None:                                     # from here on in the other thread, up to `run_callback_threadsafe`
            task.append(loop.create_task(outcome_of(awaitable)))
            task[0].add_done_callback(tell)

        def tell(ended: asyncio.Task[Outcome]) -> None:
            outcome = (None, RuntimeError("a coroutine was cancelled while a view waited for it")) if ended.cancelled() \
                else ended.result()
            if isinstance(awaitable, Coroutine):
                awaitable.close()                                # one that never began: else Python complains of it
            if hub.loop is not None:                             # None: the process is about to end
                hub.loop.run_callback_threadsafe(done.set, outcome)

        loop.call_soon_threadsafe(begin)
        try:
            result, error = cast(Outcome, done.get())
        except BaseException:
            with suppress(RuntimeError):                         # the loop has been closed, and it cancelled
                loop.call_soon_threadsafe(lambda: task[0].cancel())
            raise
        if error is not None:
            raise error
        return cast(T, result)

    def stop(self, timeout: float) -> None:
        """End the thread; what still runs there is cancelled. Waits, at most `timeout` seconds. A later `run` begins a new one."""
        starting, self._loop = self._loop, None
        if starting is not None and self._process == os.getpid():
            loop = starting.get()
            assert loop is not None
            loop.call_soon_threadsafe(loop.stop)
            self._ended.wait(timeout)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        from .event_loop import run_loop

        if self._loop is None or self._process != os.getpid():   # the thread has not come along into a child process
            self._process = os.getpid()
            self._loop = AsyncResult()
            self._ended = Event()
            _start_thread(run_loop, (gevent.get_hub(), self._loop, self._ended))
        loop = self._loop.get()
        assert loop is not None
        return loop


def _nothing() -> None:
    """What a timer calls that is there to be waited for."""


def check_awaitable(value: object) -> None:
    """Raise TypeError for what nobody can await."""
    if not inspect.isawaitable(value):
        hint = "; call the function: await_sync(load())" if inspect.iscoroutinefunction(value) else ""
        raise TypeError(f"await_sync() takes a coroutine, or what else can be awaited, not {type(value).__name__}: {value!r}{hint}")
