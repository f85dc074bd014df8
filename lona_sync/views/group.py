"""Tasks that end before the block that started them: `with self.group() as group: group.spawn(…)`.

A group has one *owner*, the greenlet that runs the block, and *children*, which it has spawned. The block ends when the body has
returned and all children have. It ends early, which means that the children are killed and waited for, when

    a child fails            the block raises what the first one raised, as it is
    the body raises          the block raises that
    `cancel()` is called     the block raises nothing
    its time is over         the block raises `AwaitTimeout`
    the view stops           the block raises the reason; the view kills the children as all its greenlets

In the first, third and fourth case a body that is still at work is interrupted where it waits, by `_Interrupted`: a BaseException,
as a `gevent.Timeout` is, so that `except Exception` does not keep it, and `finally` cleans up. It never leaves the block.

There is one failure, not a group of them as `ExceptionGroup` is (Python 3.11): a procedure wants to say `except ValueError`, and on
each version of Python the same. What others raise while they are being ended is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar

import gevent
import greenlet
from gevent.event import Event

from ..errors import AwaitTimeout
from .clock import Clock, Timer
from .tasks import Task
from .timeouts import check_timeout
from .turn import Turn

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger("lona_sync.views")


class Host(Protocol):
    """What a group needs of the runtime it is in."""

    @property
    def stopped(self) -> bool: ...

    def check(self) -> None: ...

    def check_waits(self, what: str) -> None:
        """Raise unless the running greenlet may wait for `what`."""

    def spawn_child(
        self, failed: Callable[[Exception], None], function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any],
    ) -> Task[T]:
        """A task that ends with the view, and tells of its error here. It begins soon."""


class _Interrupted(BaseException):
    """Thrown into the body of a group that is to end."""

    def __init__(self, group: Group) -> None:
        super().__init__("this group has ended; let this exception through")
        self.group = group


class Group:
    """Made by `View.group`, and used by `with`, once."""

    def __init__(self, *, host: Host, turn: Turn, clock: Clock, timeout: float | None) -> None:
        check_timeout(timeout)
        self._host = host
        self._turn = turn
        self._clock = clock
        self._timeout = timeout
        self._timer: Timer | None = None
        self._used = False
        self._owner: greenlet.greenlet | None = None             # while the block has not ended
        self._in_body = False
        self._children: dict[Task[Any], bool] = {}               # in their order; Any: whatever they return
        self._all_ended = Event()
        self._cancelled = False                                  # its children have been told to end
        self._interrupted = False                                # and its body is to be
        self._over = False                                       # the time
        self._failure: Exception | None = None                   # of the first child that failed

    @property
    def cancelled(self) -> bool:
        """Whether it was ended early, for whatever reason."""
        return self._cancelled

    def __len__(self) -> int:
        """How many children have not ended."""
        return len(self._children)

    def __bool__(self) -> bool:
        return True

    def spawn(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Task[T]:
        """Run `function` beside the body. Its result is `task.get()`; an exception ends the whole group.

        A child may spawn others into its group. In a group that was cancelled it never begins, and `get` raises
        `gevent.GreenletExit`. Raises RuntimeError outside of the block. Never waits.
        """
        self._host.check()
        if self._owner is None:
            raise RuntimeError("a group runs tasks inside of its `with` block only; self.spawn(function) runs one without a group")
        task = self._host.spawn_child(self._child_failed, function, args, kwargs)
        self._children[task] = True
        self._all_ended.clear()
        task.rawlink(self._child_ended)
        if self._cancelled:
            task.kill(block=False)
        return task

    def cancel(self) -> None:
        """End the block now, without an error: kill the children, and leave the body.

        Called in the body it does not return. Called by a child or another greenlet it returns, and who is to end ends where he
        waits. Any number of times; nothing when the block has ended.
        """
        if self._owner is None:
            return
        self._interrupt()
        if self._in_body and greenlet.getcurrent() is self._owner:
            raise _Interrupted(self)

    def __enter__(self) -> Group:
        self._host.check_waits("tasks")
        if self._used:
            raise RuntimeError("a group is used once; self.group() makes another one")
        self._used = True
        self._owner = greenlet.getcurrent()
        self._in_body = True
        if self._timeout is not None:
            self._timer = self._clock.timer(self._timeout, self._time_over)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> bool:
        self._in_body = False
        if error is not None:
            self._cancel()
        try:
            late = self._wait()
        finally:
            self._owner = None
            if self._timer is not None:
                self._timer.close()
        own = isinstance(error, _Interrupted) and error.group is self
        raised = late or (None if own else error)
        if self._failure is not None and self._failure is not raised:
            if raised is None or isinstance(raised, Exception):
                raise self._failure                              # it came first
            logger.error("a task of a group failed, and the group was ended by %r besides", raised, exc_info=self._failure)
        if late is not None:
            raise late
        if raised is not None:
            return False
        if self._over:
            raise AwaitTimeout(f"the tasks of a group have not ended within {self._timeout} seconds")
        return own

    def _wait(self) -> BaseException | None:
        """Wait for all children, whatever comes meanwhile: a timeout of the user's, a stop. It is returned, the last one."""
        late: BaseException | None = None
        while self._children:
            try:
                self._turn.outside(self, self._all_ended.wait)
            except BaseException as error:
                late = error
                self._cancel()
        return late

    def _interrupt(self, failed: greenlet.greenlet | None = None) -> None:
        """End it early: the children, but not the one that has failed, and the body where it waits."""
        self._cancel(failed)
        if self._in_body and not self._interrupted:
            self._interrupted = True
            if greenlet.getcurrent() is not self._owner:
                gevent.get_hub().loop.run_callback(self._throw)

    def _throw(self) -> None:
        if self._in_body and self._owner is not None and not self._host.stopped:
            self._owner.throw(_Interrupted(self))

    def _cancel(self, failed: greenlet.greenlet | None = None) -> None:
        if not self._cancelled:
            self._cancelled = True
            if not self._host.stopped:                           # else they have been told already: once is enough
                for child in self._children:
                    if child is not failed:
                        child.kill(block=False)

    def _child_failed(self, error: Exception) -> None:
        if self._cancelled or self._host.stopped:
            logger.error("a task of a group failed while it was being ended", exc_info=error)
            return
        self._failure = error
        self._interrupt(greenlet.getcurrent())

    def _child_ended(self, child: Task[Any]) -> None:            # Any: whatever it returns
        del self._children[child]
        if not self._children:
            self._all_ended.set()

    def _time_over(self) -> None:
        if not self._cancelled:
            self._over = True
            self._interrupt()

    def __str__(self) -> str:
        return f"its group of {len(self)} task{'s' * (len(self) != 1)}"

    def __repr__(self) -> str:
        state = "cancelled" if self._cancelled else "open" if self._owner is not None else "new"
        return f"<Group {state}, {len(self)} running>"


