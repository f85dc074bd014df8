"""What browsers answer to `node.call()`, and who waits for that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Protocol

from gevent.event import AsyncResult
from gevent.timeout import Timeout

from ..errors import AwaitTimeout, BrowserCallError
from .clock import Clock, time_limit
from .timeouts import check_timeout
from .turn import Turn

BROWSER = "an answer of the browser"       # what a greenlet waits for that asks one
_LONGEST_MESSAGE = 2000          # characters of a browser's error


class Host(Protocol):
    """What the answers need of the runtime they come to."""

    def check_waits(self, what: str) -> None:
        """Raise unless the running greenlet may wait for `what`."""

    @property
    def stopped(self) -> bool: ...

    def show_changes(self) -> None: ...


class Answers:
    """By the number of the call. An answer that nobody waits for is dropped and counted."""

    __slots__ = ("_clock", "_counters", "_end_call", "_host", "_turn", "_waiting")

    def __init__(
        self, *, host: Host, turn: Turn, end_call: Callable[[int], bool], clock: Clock, counters: Counter[str],
    ) -> None:
        self._host = host
        self._turn = turn
        self._end_call = end_call
        self._clock = clock
        self._counters = counters
        self._waiting: dict[int, AsyncResult[Any]] = {}           # Any: JSON

    def ask(self, begin: Callable[[], int], timeout: float | None) -> Any:
        """What the first browser answers to the call that `begin` makes; what has changed until now is shown with it.

        `timeout` is for all of it, also the time until somebody else gives `node.lock` free, without which nothing is shown.
        """
        self._host.check_waits("browser's answers")
        check_timeout(timeout)
        call = begin()
        result = self._waiting[call] = AsyncResult()
        with ExitStack() as limited:
            limit = limited.enter_context(time_limit(self._clock, timeout))

            def get() -> Any:
                try:
                    return result.get()
                finally:
                    limited.close()                               # the answer is there: not while the turn is taken back

            try:
                self._host.show_changes()
                return self._turn.outside(BROWSER, get)
            except Timeout as passed:
                if passed is not limit:
                    raise                                         # the user's own
                raise AwaitTimeout(f"no browser has answered within {timeout} seconds") from None
            finally:
                del self._waiting[call]
                self._end_call(call)

    def lost(self, call: int, reason: str) -> None:
        if self._host.stopped:
            return                                                # who waits is told why the view has ended
        if call in self._waiting:
            self._waiting[call].set_exception(BrowserCallError(reason))
        else:
            self._counters["calls.lost"] += 1

    def receive(self, data: object) -> None:
        """`[call, answered, value]` of a browser. Never waits, never raises for what a browser sent."""
        if type(data) is not list or len(data) != 3 or type(data[0]) is not int or type(data[1]) is not bool:
            self._counters["events.malformed"] += 1
            return
        call, answered, value = data
        if not self._end_call(call):
            self._counters["calls.late"] += 1                     # another window was faster, or the call was given up
        elif call in self._waiting:
            if answered:
                self._waiting[call].set(value)
            else:
                self._waiting[call].set_exception(BrowserCallError(str(value)[:_LONGEST_MESSAGE]))
        elif not answered:
            self._counters["calls.failed"] += 1
