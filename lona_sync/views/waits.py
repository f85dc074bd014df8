"""Who waits for which event, and the events that came between two waits.

A procedure is a greenlet that has waited at least once. After an event was handed to it, it is *between waits*: it has
not run yet, or it is at work. Events that its last wait would have taken are kept for its next one, so
`while True: self.await_click(button)` counts each of two hundred quick clicks. When it waits again, the kept events are looked
at in order: one that the new wait asks for, of a node that is still there and enabled now, is taken; the others before it were
meant for a page that is gone, and are dropped and counted as stale.

What is kept counts against the view's event queue, so nothing accepted is lost to a burst. But a view that has awaited Start once,
and then only sleeps, would keep each further click on it until the queue is full for ever, and its other buttons were dead. So
when events are refused, and a procedure does not come back for a while, what is kept for it gives way (`shed`).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import gevent
import greenlet
from gevent.hub import Waiter

from ..errors import AwaitTimeout
from ..html.node import Node
from .busy import Busy
from .clock import Clock
from .events import InputEvent

logger = logging.getLogger("lona_sync.views")

ANY = ""                 # `await_input_event` takes an event of any name


@dataclass(frozen=True, slots=True)
class Wait:
    """What somebody waits for: events of one name (`ANY`: of every name) of these nodes (none: of all)."""
    name: str
    nodes: tuple[Node, ...] = ()

    def takes(self, event: InputEvent) -> bool:
        return (self.name == ANY or self.name == event.name) and (not self.nodes or self.names_node(event.node))

    def names_node(self, node: Node | None) -> bool:
        return any(own is node for own in self.nodes)

    def overlaps(self, other: Wait) -> bool:
        """True when an event could belong to both with the same right."""
        if self.name != other.name:
            return False
        return not self.nodes or not other.nodes or any(self.names_node(node) for node in other.nodes)

    def __str__(self) -> str:
        return f"{self.name or 'input'} event"


class _Procedure:
    """One greenlet's waits: what it asked for last, the waiter while it waits, the events kept while it does not."""

    __slots__ = ("handed", "kept", "since", "wait", "waiter", "warned")

    def __init__(self) -> None:
        self.since = 0.0                                 # when an event was handed to it last
        self.warned = False                              # of its wait for a node that is not shown
        self.wait: Wait | None = None
        self.waiter: Waiter[None] | None = None
        self.handed: InputEvent | None = None            # given to it, but it has not run since
        self.kept: deque[InputEvent] = deque()


class Waits:
    """The waits of one view. `is_live(event)`: its node is still shown and enabled. `stale(event)` counts a dropped event."""

    __slots__ = ("_busy", "_clock", "_is_live", "_is_shown", "_procedures", "_stale", "kept")

    def __init__(
        self, *, is_live: Callable[[InputEvent], bool], is_shown: Callable[[Node], bool], stale: Callable[[InputEvent], None],
        busy: Busy, clock: Clock,
    ) -> None:
        self._is_live = is_live
        self._is_shown = is_shown
        self._stale = stale
        self._busy = busy
        self._clock = clock
        self._procedures: dict[greenlet.greenlet, _Procedure] = {}
        self.kept = 0                                    # weight of the kept events; it counts against the view's event queue

    @property
    def settled(self) -> bool:
        """Whether no event is kept for a procedure, or on its way to one."""
        return not self.kept and all(procedure.handed is None for procedure in self._procedures.values())

    def begin(self, wait: Wait) -> InputEvent | None:
        """The running greenlet wants this; an event that was kept for it, else None: call `receive` then.

        Raises RuntimeError when another greenlet of the view waits for the same already. Never waits.
        """
        procedure = self._procedures.setdefault(greenlet.getcurrent(), _Procedure())
        for other in self._procedures.values():
            if other.waiter is not None and other.wait is not None and other.wait.overlaps(wait):
                raise RuntimeError(f"already waiting for a {wait} of the same node in another greenlet of this view")
        procedure.wait = wait
        event = self._take_kept(procedure, wait)
        self._busy.awaited(wait.takes, event)
        if event is not None:
            procedure.since = self._clock.now()
            self._busy.take(event)
        else:
            self._warn(procedure, wait)
        return event

    def _take_kept(self, procedure: _Procedure, wait: Wait) -> InputEvent | None:
        while procedure.kept:
            event = procedure.kept.popleft()
            self.kept -= event.weight
            if wait.takes(event) and self._is_live(event):
                return event
            self._stale(event)
        return None

    def _warn(self, procedure: _Procedure, wait: Wait) -> None:
        """Say that a wait may be for ever. It may not, too: another greenlet shows the node later. So it is no error."""
        hidden = wait.nodes if not any(map(self._is_shown, wait.nodes)) else ()
        if hidden and not procedure.warned:
            logger.warning("waiting for a %s of %r, which is not shown at the moment: did you forget show()?", wait, hidden[0])
        procedure.warned = bool(hidden)

    def receive(self, timeout: float | None) -> InputEvent:
        """Wait for an event that the last `begin` asked for. Raises `AwaitTimeout` after `timeout` seconds."""
        procedure = self._procedures[greenlet.getcurrent()]
        waiter = procedure.waiter = Waiter()
        timer = None
        if timeout is not None:
            timer = self._clock.timer(timeout, waiter.throw, AwaitTimeout(f"no {procedure.wait} within {timeout} seconds"))
        try:
            waiter.get()
        except AwaitTimeout:
            if procedure.handed is None:                 # else the event came first, in the same turn of the loop
                raise
        except BaseException:
            if procedure.handed is not None:             # a gevent.Timeout of the user's: the event is for the next wait
                self.give_back(procedure.handed)
                procedure.handed = None
            raise
        finally:
            procedure.waiter = None
            if timer is not None:
                timer.close()
        event, procedure.handed = procedure.handed, None
        assert event is not None
        self._busy.take(event)
        return event

    def give_back(self, event: InputEvent) -> None:
        """The running greenlet was given this event and could not take it: it is the first for its next wait."""
        self._procedures[greenlet.getcurrent()].kept.appendleft(event)
        self.kept += event.weight

    def offer(self, event: InputEvent, *, only_by_name: bool = False) -> bool:
        """Hand the event to the greenlet that waits for it, or keep it for the one that will; False: nobody wants it.

        `only_by_name`: only a wait that names this node counts. Never waits.
        """
        for exact in (True, False):                      # await_click goes before await_input_event, also between two of its waits
            wanting = self._wanting(event, exact, only_by_name)
            for procedure in wanting:
                if procedure.waiter is not None:
                    waiter, procedure.waiter = procedure.waiter, None
                    procedure.handed = event
                    procedure.since = self._clock.now()
                    self._busy.pass_on(event)
                    gevent.get_hub().loop.run_callback(waiter.switch, None)
                    return True
            if wanting:
                wanting[0].kept.append(event)
                self.kept += event.weight
                self._busy.pass_on(event)
                return True
        return False

    def forget(self, ended: greenlet.greenlet) -> None:
        """The greenlet has ended; what was kept for it is stale."""
        procedure = self._procedures.pop(ended, None)
        if procedure is not None:
            for event in procedure.kept:
                self.kept -= event.weight
                self._stale(event)
            if procedure.handed is not None:
                self._stale(procedure.handed)
        self._busy.ended(ended)

    def shed(self, *, away: float, down_to: int) -> None:
        """Drop what is kept for procedures that have been away for so many seconds, the oldest first, until `down_to` is left."""
        now = self._clock.now()
        for procedure in self._procedures.values():
            while procedure.kept and self.kept > down_to and procedure.waiter is None and now - procedure.since >= away:
                event = procedure.kept.popleft()
                self.kept -= event.weight
                self._stale(event)

    def _wanting(self, event: InputEvent, exact: bool, only_by_name: bool) -> list[_Procedure]:
        return [
            procedure for procedure in self._procedures.values()
            if procedure.wait is not None and (procedure.wait.name != ANY) is exact and procedure.wait.takes(event)
            and (not only_by_name or procedure.wait.names_node(event.node))
        ]
