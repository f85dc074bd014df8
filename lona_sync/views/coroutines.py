"""Coroutines that views wait for: one event loop of asyncio in a thread of its own, which begins with the first of them.

A loop of its own for each call would be simpler, and of no use: a session of aiohttp, a pool of asyncpg belong to the loop that
they were made in. The views' thread cannot run it, since that is gevent's. Where gevent has patched the process, the thread has an
event loop of gevent's below that of asyncio, and the threads of `asyncio.to_thread` are gevent's, too. All works there but
asyncio's subprocesses, which gevent allows in its main thread only.
"""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar, cast

import gevent
from gevent import monkey
from gevent.event import AsyncResult, Event
from gevent.threadpool import ThreadPool

T = TypeVar("T")
_start_thread: Callable[..., int] = monkey.get_original("_thread", "start_new_thread")    # the patched one starts a greenlet

_LONG = 3600.0
THREADS = 32                      # at work at once for `asyncio.to_thread` and the like; what comes beyond that waits

_Outcome = tuple[Any, "BaseException | None"]    # Any: what the coroutine returns


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
        hub = gevent.get_hub()
        loop = self._running_loop()
        done: AsyncResult[_Outcome] = AsyncResult()
        task: list[asyncio.Task[_Outcome]] = []

        def begin() -> None:                                     # from here on in the other thread, up to `run_callback_threadsafe`
            task.append(loop.create_task(_outcome(awaitable)))
            task[0].add_done_callback(tell)

        def tell(ended: asyncio.Task[_Outcome]) -> None:
            outcome = (None, RuntimeError("a coroutine was cancelled while a view waited for it")) if ended.cancelled() \
                else ended.result()
            if isinstance(awaitable, Coroutine):
                awaitable.close()                                # one that never began: else Python complains of it
            if hub.loop is not None:                             # None: the process is about to end
                hub.loop.run_callback_threadsafe(done.set, outcome)

        loop.call_soon_threadsafe(begin)
        try:
            result, error = cast(_Outcome, done.get())
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
        if self._loop is None or self._process != os.getpid():   # the thread has not come along into a child process
            self._process = os.getpid()
            self._loop = AsyncResult()
            self._ended = Event()
            _start_thread(_work, (gevent.get_hub(), self._loop, self._ended))
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


class _PatchedLoop(asyncio.SelectorEventLoop):
    """For a process that gevent has patched.

    What Python takes for threads there are greenlets: of the one in which `asyncio.to_thread` works, so the loop would wait for it.
    And at the end of the process Python would wait for them, for ever, since nobody runs them any more.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pool = ThreadPool(THREADS)

    def run_in_executor(                                         # type: ignore[override]  # asyncio's own types it so, too
        self, executor: Any, func: Callable[..., T], *args: Any,
    ) -> asyncio.Future[T]:
        if executor is not None:
            return super().run_in_executor(executor, func, *args)
        future: asyncio.Future[T] = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except BaseException as error:
                self._tell(future, future.set_exception, error)
            else:
                self._tell(future, future.set_result, result)

        self._pool.spawn(work)
        return future

    def _tell(self, future: asyncio.Future[T], how: Callable[..., object], what: object) -> None:
        def tell() -> None:
            if not future.done():                                # else it was cancelled meanwhile
                how(what)

        with suppress(RuntimeError):                             # the loop has been closed
            self.call_soon_threadsafe(tell)


async def _outcome(awaitable: Awaitable[Any]) -> _Outcome:       # Any: whatever it returns
    try:
        return await awaitable, None
    except asyncio.CancelledError:
        raise
    except BaseException as error:                               # also a SystemExit, which would end the loop: it is the view's
        return None, error


def _work(hub: gevent.hub.Hub, ready: AsyncResult[asyncio.AbstractEventLoop], ended: Event) -> None:
    """The thread. `hub` is the one that is told when the loop runs, and when it has ended."""
    loop = _PatchedLoop() if monkey.is_module_patched("threading") else asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def tell(what: Callable[..., object], *args: object) -> None:
        if hub.loop is not None:
            hub.loop.run_callback_threadsafe(what, *args)

    loop.call_soon(tell, ready.set, loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        tell(ended.set)
