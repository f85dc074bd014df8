"""What a view waits for besides its users and messages: threads, coroutines, and the time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar, cast

import gevent

from .clock import Clock
from .coroutines import Coroutines, check_awaitable
from .turn import Turn

T = TypeVar("T")


class Host(Protocol):
    """What they need of the runtime of the view that waits."""

    def check(self) -> None: ...

    def sleeps(self) -> None:
        """The running greenlet is about to sleep."""


class Blocking:
    """Each of its calls gives the turn away while it waits."""

    __slots__ = ("_clock", "_coroutines", "_host", "_turn")

    def __init__(self, *, host: Host, turn: Turn, clock: Clock, coroutines: Coroutines) -> None:
        self._host = host
        self._turn = turn
        self._clock = clock
        self._coroutines = coroutines

    def run_blocking(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:         # Any: what the function takes
        """See `View.run_blocking`."""
        self._host.check()

        def work() -> tuple[T | None, BaseException | None]:
            try:
                return function(*args, **kwargs), None
            except BaseException as error:                        # raised in the view; the pool would print it besides
                return None, error

        result, error = self._turn.outside(function, lambda: gevent.get_hub().threadpool.apply(work))
        if error is not None:
            raise error
        return cast(T, result)

    def await_sync(self, awaitable: Awaitable[T]) -> T:
        """See `View.await_sync`."""
        check_awaitable(awaitable)
        try:
            self._host.check()
        except BaseException:
            if isinstance(awaitable, Coroutine):
                awaitable.close()                                 # else Python complains that nobody has awaited it
            raise
        return self._turn.outside("a coroutine", lambda: self._coroutines.run(awaitable))

    def sleep(self, seconds: float) -> None:
        """See `View.sleep`."""
        self._host.check()
        self._host.sleeps()
        self._turn.outside(seconds, lambda: self._clock.sleep(seconds))
