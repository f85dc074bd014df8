"""One wait for several things, of which exactly one is taken (`View.await_any`).

Whoever waits is woken, not handed something. When he runs again, has the view's turn back, and is sure to return, he looks what has
come, takes what came first, and leaves all else where it is: an event with his next wait, a message in its mailbox, a result with
its task. So a timeout or a stop in the moment of an arrival has nothing to give back, and what loses is not lost.

What can be waited for is open. `Awaited` describes it, as users write it down; `Source` is one for the time of one call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import gevent
from gevent.hub import Waiter

from ..channels import Channel
from ..channels.mailbox import Mailbox
from ..channels.subscription import BURST_SECONDS
from ..errors import AwaitTimeout
from ..html.node import Node
from .clock import Clock
from .events import InputEvent
from .tasks import Task
from .turn import Turn


class Came(NamedTuple):
    """What `View.await_any` returns: the one thing that came.

        match self.await_any(click(ok, cancel), change(name), message("jobs.*"), job, after(30)):
            case Came("click", node=button): …
            case Came("message", message): …
            case Came("ended", result): …

    `kind` is the name of the event, 'message', 'ended' (a task) or 'after'. `value` is the `InputEvent`, the `Message`, or what the
    task returned; None after a time. `source` is what was waited for, as it was given to `await_any`: compare it by `is`. `task`:
    of several the one that has ended.
    """

    kind: str
    value: Any                       # Any: see above
    source: object
    task: Task[Any] | None = None    # Any: whatever it returns

    @property
    def node(self) -> Node | None:
        """The node of an event; None for all else. Compare it by `is`: two nodes are `==` when they look the same."""
        return self.value.node if isinstance(self.value, InputEvent) else None


class Source(Protocol):
    """One thing that is waited for, during one call. All is called by the greenlet that waits, and must not wait.

    Between `came` and the `take` that may follow nothing else runs.
    """

    def begin(self, wake: Wake) -> None:
        """Have `wake.wake()` called whenever something may have come. Raises when this cannot be waited for now."""

    def came(self) -> float | None:
        """When that came which `take` would take (POSIX seconds); None: nothing has. Raises when nothing can come any more."""

    def take(self) -> Came | None:
        """Take one; None when it is worth nothing after all. Called at most once with success; raises what has come as an error."""

    def end(self) -> None:
        """The call is over; once, if `begin` has returned. What came and was not taken stays for the next call."""


class Awaited(Protocol):
    """The description of something to wait for: immutable, of no view, good for any number of calls."""

    @property
    def kind(self) -> str:
        """One word for it; see `Came`."""

    @property
    def rests(self) -> bool:
        """True: who waits for it has nothing under way, and a process that is to end needs not wait for him."""

    def open(self, place: Place) -> Source:
        """Have it waited for in a view. Never waits."""

    def __str__(self) -> str:
        """As in 'no … within 5 seconds'."""


class Place(Protocol):
    """What a source finds in the view that waits."""

    @property
    def clock(self) -> Clock: ...

    @property
    def mailboxes(self) -> Postbox: ...


class Postbox(Protocol):
    """Where messages wait for a view; see `mailboxes.Mailboxes`."""

    def begin(self, channels: tuple[Channel, ...], wake: Wake) -> tuple[Mailbox, ...]: ...

    def end(self, channels: tuple[Channel, ...]) -> None: ...


class Host(Protocol):
    """What those who wait need of the runtime they wait in."""

    @property
    def stopped(self) -> bool: ...

    def check(self) -> None: ...


class AnyOf(NamedTuple):
    """Several to wait for at once."""

    parts: tuple[Awaited, ...]

    @property
    def rests(self) -> bool:
        return any(part.rests for part in self.parts)

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


class Wake:
    """One call that waits: the greenlet that sleeps in it, and its time."""

    __slots__ = ("_host", "_timer", "_waiter", "over", "timeout")

    def __init__(self, host: Host, clock: Clock, timeout: float | None) -> None:
        self.timeout = timeout
        self.over = False                                # the time
        self._host = host
        self._waiter: Waiter[None] | None = None         # while it sleeps and nobody has woken it
        self._timer = clock.timer(timeout, self._end) if timeout is not None else None

    def until_woken(self) -> None:
        waiter = self._waiter = Waiter()
        try:
            waiter.get()
        finally:
            self._waiter = None

    def wake(self) -> None:
        """Never waits; any number of times."""
        # In a stopped view the stop reason is on its way to the greenlet: it is to be raised once, not now and once more later.
        if self._waiter is not None and not self._host.stopped:
            waiter, self._waiter = self._waiter, None
            gevent.get_hub().loop.run_callback(waiter.switch, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.close()

    def _end(self) -> None:
        self.over = True
        self.wake()


class Choices:
    """The waits of one view that may be for several things."""

    __slots__ = ("_clock", "_host", "_monotonic", "_rested", "_turn")

    def __init__(self, *, host: Host, turn: Turn, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._turn = turn
        self._clock = clock
        self._monotonic = monotonic
        self._rested = 0.0                               # when somebody waited here last

    def choose(self, sources: Sequence[Source], what: object, timeout: float | None) -> Came:
        """Wait until one of them has something, and take it; of several that have, what came first. For greenlets of the view.

        `what` is waited for, in words. Raises `AwaitTimeout` after `timeout` seconds in which nothing came.
        """
        wake = Wake(self._host, self._clock, timeout)
        begun: list[Source] = []
        try:
            for source in sources:
                source.begin(wake)
                begun.append(source)
            return self._choose(wake, sources, what)
        finally:
            wake.close()
            for source in begun:
                source.end()

    def _choose(self, wake: Wake, sources: Sequence[Source], what: object) -> Came:
        self._host.check()
        # A loop over ten thousand queued messages must not keep the event loop for as long as it takes.
        if self._monotonic() - self._rested >= BURST_SECONDS and any(source.came() is not None for source in sources):
            self._rest("the others' turn", partial(gevent.sleep, 0))
        while True:
            self._host.check()
            came = _first(sources)
            if came is not None:
                return came
            if wake.over:
                raise AwaitTimeout(f"no {what} within {wake.timeout} seconds")
            self._rest(what, wake.until_woken)           # nothing switches between the look and the wait: no wake-up is lost

    def _rest(self, what: object, rest: Callable[[], object]) -> None:
        """Wait, with the turn given away."""
        self._turn.outside(what, rest)
        self._rested = self._monotonic()


def _first(sources: Sequence[Source]) -> Came | None:
    """Take what came first; None when there is nothing. Of two at the same time that of the earlier source goes first."""
    while True:
        best: Source | None = None
        when = 0.0
        for source in sources:
            came = source.came()
            if came is not None and (best is None or came < when):
                best, when = source, came
        if best is None:
            return None
        taken = best.take()
        if taken is not None:                            # else, for one, all messages that waited there had expired
            return taken
