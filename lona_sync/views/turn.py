"""One view's turn: its input handlers and channel handlers run one after another, in order of arrival.

A blocking call of the view gives the turn away while it waits and takes it back before it returns, so a handler that awaits a
click does not keep the click's own handler out, and nobody waits for himself. So does a wait for `node.lock`, whose holder may
be waiting for the turn. The view's procedure (`handle_request`) and what it spawns take no part: they run beside the handlers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import gevent
import greenlet
from gevent.hub import Waiter

T = TypeVar("T")
Job = Callable[[], object]

LONGEST_WORK = 0.01              # seconds; one browser's burst of events must not hold up all others


class Host(Protocol):
    """The runtime of the view whose turn it is."""

    def handle(self, job: Job) -> object:
        """Do `job` in a new greenlet of the view. Called only when something waits for the turn."""

    def note(self, what: object) -> object:
        """The running greenlet is about to wait for this; None: it goes on."""


class Turn:
    """`clock`: measures how long one greenlet works."""

    __slots__ = ("_clock", "_given", "_holder", "_host", "_waiting")

    def __init__(self, host: Host, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._clock = clock
        self._holder: object | None = None             # the greenlet whose turn it is; `self` while a worker is starting
        self._waiting: list[Job | _Parked] = []        # no deque: the smallest one has 760 bytes
        self._given = 0                                # how often it was given on

    @property
    def mine(self) -> bool:
        """True in the greenlet whose turn it is."""
        return self._holder is greenlet.getcurrent()

    def __len__(self) -> int:
        return len(self._waiting)

    def take_if_free(self) -> bool:
        """Take the turn for the running greenlet; False when somebody has it. Never waits."""
        if self._holder is not None:
            return False
        self._holder = greenlet.getcurrent()
        return True

    def take(self) -> None:
        """Wait for the turn, behind all who wait already."""
        if self.take_if_free():
            return
        parked = _Parked()
        self._waiting.append(parked)
        try:
            parked.waiter.get()
        except BaseException:
            # Killed while waiting; the turn may have been handed over in the same moment.
            if self._holder is parked.greenlet:
                self.give()
            else:
                self._waiting.remove(parked)
            raise

    def outside(self, what: object, wait: Callable[[], T], undo: Callable[[T], None] = lambda result: None) -> T:
        """Call `wait()` with the turn given away, if it was ours, and take it back; not for a stop: a dead view has no turns.

        `what` it waits for is told to who looks at running views (`report.words`). `undo(result)` is called when `wait` returned,
        and a timeout of the user's or a stop came while the turn was not back yet.
        """
        self._host.note(what)
        try:
            return self._outside(wait, undo) if self.mine else wait()
        finally:
            self._host.note(None)

    def _outside(self, wait: Callable[[], T], undo: Callable[[T], None]) -> T:
        self.give()
        try:
            result = wait()
        except gevent.GreenletExit:
            raise
        except BaseException:
            self._take_back()
            raise
        try:
            self._take_back()
        except BaseException:
            undo(result)
            raise
        return result

    def _take_back(self) -> None:
        """Take the turn, whatever comes meanwhile: a handler that catches its `gevent.Timeout` goes on, and in its turn."""
        late: BaseException | None = None
        while not self.mine:
            try:
                if self._holder is not None:
                    self._host.note("its turn")
                self.take()
            except gevent.GreenletExit:
                raise
            except BaseException as error:
                late = error
        if late is not None:
            raise late

    def give(self) -> None:
        """Give the turn to the next who waits. Only for the greenlet that has it; never waits."""
        self._given += 1
        if not self._waiting:
            self._holder = None
            return
        following = self._waiting.pop(0)
        if isinstance(following, _Parked):
            self._holder = following.greenlet
            gevent.get_hub().loop.run_callback(following.waiter.switch, None)
        else:
            self._holder = self
            self._host.handle(lambda: self._work(following))

    def later(self, job: Job) -> None:
        """Run `job` in its turn, in a greenlet of the view. Never waits."""
        self._waiting.append(job)
        if self._holder is None:
            self.give()

    def clear(self) -> None:
        """Forget the jobs that have not begun: the view has stopped."""
        self._waiting = [item for item in self._waiting if isinstance(item, _Parked)]

    def _work(self, job: Job) -> None:
        self._holder = greenlet.getcurrent()
        began = self._clock()
        try:
            while True:
                given = self._given
                job()
                if not self.mine or not self._waiting or isinstance(self._waiting[0], _Parked):
                    return
                if self._given != given:               # the job has waited; what it waited for must not be taken for the next one's
                    return
                if self._clock() - began > LONGEST_WORK:
                    return                             # `finally` gives the turn on, to a new greenlet, behind all else
                following = self._waiting.pop(0)
                assert not isinstance(following, _Parked)
                job = following                        # the same greenlet goes on: a burst of clicks costs one spawn
        finally:
            if self.mine:
                self.give()


class _Parked:
    """A greenlet that waits for the turn to come back."""

    __slots__ = ("greenlet", "waiter")

    def __init__(self) -> None:
        self.greenlet = greenlet.getcurrent()
        self.waiter: Waiter[None] = Waiter()
