"""The greenlets of a view."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import gevent

from ..channels.owner import Owner, current_owner
from ..channels.subscription import name_of
from ..errors import AwaitTimeout
from .clock import Clock, time_limit
from .exits import called_exit, is_of_process
from .timeouts import check_timeout
from .turn import Turn

T = TypeVar("T")

if TYPE_CHECKING:
    _Greenlet = gevent.Greenlet[[], Any]      # Any: what `get` returns instead of a GreenletExit that it ought to raise
else:
    _Greenlet = gevent.Greenlet


class Host(Protocol):
    """The runtime of the view that a task belongs to."""

    @property
    def ownership(self) -> Owner:
        """The view, as the channels know it."""

    @property
    def turn(self) -> Turn: ...

    @property
    def clock(self) -> Clock: ...

    def crash(self, error: Exception) -> None: ...


class Task(_Greenlet, Generic[T]):
    """A greenlet that belongs to a view: what it runs may change the view's tree, and it ends with the view.

    An exception ends the view; or `failed(error)` hears of it instead. It is not reported on stderr. Who waits for a task gives the
    view's turn away meanwhile.
    """

    __slots__ = ("_args", "_error", "_failed", "_function", "_host", "_kwargs", "ended_at")

    #: gevent would keep a description of ten frames for each, which nobody reads.
    spawning_stack_limit = 0

    def __init__(
        self, host: Host, failed: Callable[[Exception], None] | None, function: Callable[..., T], args: tuple[Any, ...],
        kwargs: dict[str, Any] | None,
    ) -> None:
        super().__init__()
        self._host: Host | None = host                            # until it has ended
        self._failed = failed
        self._function: Callable[..., T] | None = function
        self._args = args
        self._kwargs = kwargs
        self._error: Exception | None = None
        #: When its function returned or raised, POSIX seconds; 0: it has not, or was ended before it began.
        self.ended_at = 0.0

    @property
    def owner(self) -> Owner | None:
        """The view, as the channels know it; None when this has ended."""
        return None if self._host is None else self._host.ownership

    def _run(self) -> T | None:
        assert self._function is not None and self._host is not None
        current_owner.set(self._host.ownership)          # plain gevent.spawn would not: contextvars do not propagate
        try:
            if self._args or self._kwargs:
                return self._function(*self._args, **(self._kwargs or {}))
            # By that the function would run in a C frame more, which is kept as long as it sleeps.
            return self._function()
        except Exception as error:
            self._fail(error)
        except SystemExit as exit:
            if not is_of_process(exit):           # let out, it would end the server
                self._fail(called_exit(exit))
            else:
                raise
        except gevent.Timeout as timeout:         # not an Exception; let out, it would end the task without a word
            self._fail(RuntimeError(f"{timeout!r} was raised in a view and caught nowhere"))
        finally:
            current_owner.set(None)               # its context is kept as long as it is; no token, which all that sleep would hold
            self._function = None
            self._args, self._kwargs = (), None
            self.ended_at = time.time()
        return None

    def _fail(self, error: Exception) -> None:
        self._error = error
        assert self._host is not None
        (self._failed or self._host.crash)(error)

    def let_go(self) -> None:
        """It has ended, perhaps before it began: forget the view, what was to run, and the frames that it was killed in.

        Who keeps a tuple of tasks that run, as `ended(*tasks)` does, would otherwise keep the view for ever. When Python looks for
        circles it takes a running greenlet for something that has no references, and never looks at such a tuple again.
        """
        self._host = self._failed = self._function = None
        self._args, self._kwargs = (), None
        if isinstance(self.value, gevent.GreenletExit):
            self.value.__traceback__ = self.value.__context__ = None

    @property
    def what(self) -> str:
        """Words for what it does."""
        return name_of(self._function) if self._function is not None else "a task that has ended"

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """What the function returned; raises what it raised, and the reason when the view was stopped meanwhile.

        gevent itself would *return* a `GreenletExit`, as if the task had succeeded. Raises `AwaitTimeout` after `timeout` seconds.
        """
        if block and not self.ready():
            self.join(timeout)
            if not self.ready():
                raise AwaitTimeout(f"{self.what} has not ended within {timeout} seconds")
        result = super().get(block=False)
        if self._error is not None:
            raise self._error
        if isinstance(result, gevent.GreenletExit):
            raise result
        value: T = result
        return value

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended, at most `timeout` seconds. Raises nothing of what it raised."""
        check_timeout(timeout)
        if self.ready() or self._host is None:
            return
        with time_limit(self._host.clock, timeout) as limit:
            try:
                self._host.turn.outside(self, super().join)
            except gevent.Timeout as passed:
                if passed is not limit:
                    raise
