"""The event loop of asyncio that coroutines of views run in, and its thread: see `coroutines.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import gevent
from gevent import monkey
from gevent.event import AsyncResult, Event
from gevent.threadpool import ThreadPool

T = TypeVar("T")

THREADS = 32                      # at work at once for `asyncio.to_thread` and the like; what comes beyond that waits


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


async def outcome_of(awaitable: Awaitable[T]) -> tuple[T | None, BaseException | None]:
    """What it returned, or what it raised."""
    try:
        return await awaitable, None
    except asyncio.CancelledError:
        raise
    except BaseException as error:                               # also a SystemExit, which would end the loop: it is the view's
        return None, error


def run_loop(hub: gevent.hub.Hub, ready: AsyncResult[asyncio.AbstractEventLoop], ended: Event) -> None:
    """What the thread does. `hub` is the one that is told when the loop runs, and when it has ended."""
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
