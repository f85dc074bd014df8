"""Who waits for which event, and the events that came between two waits.

A procedure is a greenlet that has waited at least once. After an event was handed to it, it is *between waits*: it has
not run yet, or it is at work. Events that its last wait would have taken are kept for its next one, so
`while True: self.await_click(button)` counts each of two hundred quick clicks. When it waits again, the kept events are looked
at in order: one that the new wait asks for, of a node that is still there and enabled now, is taken; the others before it were
meant for a page that is gone, and are dropped and counted as stale. A wait for several things (`choice.py`) does the same, but
leaves the event where it is if something else is older.

What is kept counts against the view's event queue, so nothing accepted is lost to a burst. But a view that has awaited Start once,
and then only sleeps, would keep each further click on it until the queue is full for ever, and its other buttons were dead. So
when events are refused, and a procedure does not come back for a while, what is kept for it gives way (`shed`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import gevent
import greenlet

from ..errors import AwaitTimeout
from ..html.event_types import EventType
from ..html.inputs.files import FileInput
from ..html.node import Node
from ..wire.document import Document
from .busy import Busy
from .choice import Came, Place, Source, Wake
from .clock import Clock
from .events import InputEvent

logger = logging.getLogger("lona_sync.views")

ANY = ""                 # `await_input_event` takes an event of any name


@dataclass(slots=True, eq=False)
class Wait:
    """What somebody waits for: events of one name (`ANY`: of every name) of these nodes (none: of all). Nobody changes it.

    `only`: of these those that this type wants, for types with a key filter.
    """
    # Not frozen: one is made for each event that is awaited, and it would take three times as long.
    name: str
    nodes: tuple[Node, ...] = ()
    only: EventType | None = None

    rests = True

    @property
    def kind(self) -> str:
        return self.name or "input_event"

    def takes(self, event: InputEvent) -> bool:
        return (
            (self.name == ANY or self.name == event.name) and (not self.nodes or self.names_node(event.node))
            and (self.only is None or self.only.takes(event.data))
        )

    def result(self, event: InputEvent) -> Came:
        """What `View.await_any` returns when this event was taken for this wait."""
        return Came(event.name, event, self)

    def names_node(self, node: Node | None) -> bool:
        for own in self.nodes:                           # noqa: SIM110    (as in `Dispatcher._meets_user_code`)
            if own is node:
                return True
        return False

    def overlaps(self, other: Wait) -> bool:
        """True when an event could belong to both with the same right."""
        if self.name != other.name:
            return False
        return not self.nodes or not other.nodes or any(self.names_node(node) for node in other.nodes)

    def open(self, place: Place) -> Source:
        raise NotImplementedError("all events of one wait are one source: `Waits.source`")

    def __str__(self) -> str:
        return f"{self.name or 'input'} event"


class UploadWait(Wait):
    """Waits until all that was chosen in its file input has come; not for its user to take back what he has chosen."""
    __slots__ = ()

    @property
    def kind(self) -> str:
        return "upload"

    def takes(self, event: InputEvent) -> bool:
        return Wait.takes(self, event) and isinstance(event.node, FileInput) and bool(event.node.files)

    def result(self, event: InputEvent) -> Came:
        assert isinstance(event.node, FileInput)
        return Came("upload", event.node.value, self)


class Sleeper(Protocol):
    """Who waits."""

    def wake(self) -> None:
        """Never waits."""


class _Sleeper:
    """A greenlet in `receive`. What gevent's `Waiter` is, which takes more memory, for itself and on the stack that is kept."""

    __slots__ = ("_greenlet",)

    def __init__(self) -> None:
        self._greenlet: greenlet.greenlet | None = None  # while it sleeps: it may go on without what is to wake it, and sleep anew

    def sleep(self) -> None:
        """Until it is woken, or something is thrown into it."""
        self._greenlet = greenlet.getcurrent()
        try:
            gevent.get_hub().switch()
        finally:
            self._greenlet = None

    def wake(self) -> None:
        gevent.get_hub().loop.run_callback(self._go_on)

    def throw(self, error: BaseException) -> None:
        """It goes on by this error. For the hub only."""
        if self._greenlet is not None:
            self._greenlet.throw(error)

    def _go_on(self) -> None:
        if self._greenlet is not None:
            self._greenlet.switch()


class _Procedure:
    """One greenlet's waits: what it asked for last, how it is woken while it waits, the events kept while it does not."""

    __slots__ = ("handed", "kept", "since", "sleeper", "waits", "warned")

    def __init__(self) -> None:
        self.since = 0.0                                 # when an event was handed to it last
        self.warned = False                              # of its wait for a node that is not shown
        self.waits: tuple[Wait, ...] = ()                # any of them
        self.sleeper: Sleeper | None = None              # while it waits, and nothing was handed to it
        self.handed: InputEvent | None = None            # given to it, but it has not run since
        self.kept: list[InputEvent] = []

    def takes(self, event: InputEvent) -> bool:
        return any(wait.takes(event) for wait in self.waits)

    def wants(self, event: InputEvent, exact: bool, only_by_name: bool) -> bool:
        """`exact`: only by a wait for this name; not `exact`: only by one for all names."""
        for wait in self.waits:
            if (wait.name != ANY) is exact and wait.takes(event) and (not only_by_name or wait.names_node(event.node)):
                return True
        return False


class Host(Protocol):
    """Who offers events to those who wait."""

    def is_live(self, event: InputEvent) -> bool:
        """Whether its node is still shown and enabled."""

    def stale(self, event: InputEvent) -> None:
        """It is dropped."""


class Waits:
    """The waits of one view."""

    __slots__ = ("_busy", "_clock", "_document", "_host", "_procedures", "kept")

    def __init__(self, *, host: Host, document: Document, busy: Busy, clock: Clock) -> None:
        self._host = host
        self._document = document
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
        procedure = self._ask((wait,))
        return self._take(procedure) if procedure.kept else None

    def receive(self, timeout: float | None = None) -> InputEvent:
        """Wait for an event that the last `begin` asked for. Raises `AwaitTimeout` after `timeout` seconds."""
        procedure = self._procedures[greenlet.getcurrent()]
        procedure.sleeper = sleeper = _Sleeper()
        timer = None
        if timeout is not None:
            passed = AwaitTimeout(f"no {procedure.waits[0]} within {timeout} seconds")
            timer = self._clock.timer(timeout, sleeper.throw, passed)
        try:
            sleeper.sleep()
        except AwaitTimeout:
            if procedure.handed is None:                 # else the event came first, in the same turn of the loop
                raise
        except BaseException:
            self._keep_handed(procedure)                 # a gevent.Timeout of the user's: the event is for the next wait
            raise
        finally:
            procedure.sleeper = None
            if timer is not None:
                timer.close()
        return self._take(procedure)

    def give_back(self, event: InputEvent) -> None:
        """The running greenlet was given this event and could not take it: it is the first for its next wait."""
        self._procedures[greenlet.getcurrent()].kept.insert(0, event)
        self.kept += event.weight

    def nothing(self) -> None:
        """The running greenlet is about to wait for something that is no event."""
        self._busy.waits()

    def source(self, waits: tuple[Wait, ...], make_room: Callable[[], None]) -> Source:
        """The events of several waits, for one call of a greenlet. `make_room()`: what is kept may have become less."""
        return EventSource(self, waits, make_room)

    def ask(self, waits: tuple[Wait, ...]) -> None:
        """As `begin`, for any of several; `first` tells what has come."""
        self._ask(waits)

    def first(self, sleeper: Sleeper) -> InputEvent | None:
        """The event that `take` would take; None, and `sleeper` is woken when there is one: `leave` ends that. Never waits."""
        procedure = self._procedures[greenlet.getcurrent()]
        if procedure.handed is not None:
            return procedure.handed
        self._drop_unwanted(procedure)
        # While one is kept, those that come are kept behind it.
        procedure.sleeper = None if procedure.kept else sleeper
        return procedure.kept[0] if procedure.kept else None

    def take(self) -> InputEvent:
        """What `first` has told just now."""
        return self._take(self._procedures[greenlet.getcurrent()])

    def leave(self) -> None:
        """The running greenlet waits no more; what it has not taken is for its next wait."""
        procedure = self._procedures[greenlet.getcurrent()]
        procedure.sleeper = None
        self._keep_handed(procedure)

    def _ask(self, waits: tuple[Wait, ...]) -> _Procedure:
        procedure = self._procedures.get(greenlet.getcurrent())
        if procedure is None:
            procedure = self._procedures[greenlet.getcurrent()] = _Procedure()
        for other in self._procedures.values():
            if other.sleeper is None:
                continue
            for wait in waits:
                if any(theirs.overlaps(wait) for theirs in other.waits):
                    raise RuntimeError(f"already waiting for a {wait} of the same node in another greenlet of this view")
        procedure.waits = waits
        if procedure.kept:
            self._drop_unwanted(procedure)
        if self._busy:
            self._busy.awaited(procedure.takes, procedure.kept[0] if procedure.kept else None)
        if not procedure.kept:
            self._warn(procedure)
        return procedure

    def _drop_unwanted(self, procedure: _Procedure) -> None:
        """Of what is kept, up to the first that is still wanted."""
        while procedure.kept:
            event = procedure.kept[0]
            if procedure.takes(event) and self._host.is_live(event):
                return
            procedure.kept.pop(0)
            self.kept -= event.weight
            self._host.stale(event)

    def _take(self, procedure: _Procedure) -> InputEvent:
        event, procedure.handed = procedure.handed, None
        if event is None:
            event = procedure.kept.pop(0)
            self.kept -= event.weight
            procedure.since = self._clock.now()
        self._busy.take(event)
        return event

    def _keep_handed(self, procedure: _Procedure) -> None:
        if procedure.handed is not None:
            self.give_back(procedure.handed)
            procedure.handed = None

    def _warn(self, procedure: _Procedure) -> None:
        """Say that a wait may be for ever. It may not, too: another greenlet shows the node later. So it is no error."""
        can_come = self._can_come(procedure.waits)
        if not can_come and not procedure.warned:
            hidden = procedure.waits[0]
            logger.warning(
                "waiting for a %s of %r, which is not shown at the moment: did you forget show()?", hidden, hidden.nodes[0],
            )
        procedure.warned = not can_come

    def _can_come(self, waits: tuple[Wait, ...]) -> bool:
        """Whether an event could come for one of them now."""
        for wait in waits:
            if not wait.nodes:
                return True
            for node in wait.nodes:
                if node.owner is self._document:
                    return True
        return False

    def offer(self, event: InputEvent, *, only_by_name: bool = False) -> bool:
        """Hand the event to the greenlet that waits for it, or keep it for the one that will; False: nobody wants it.

        `only_by_name`: only a wait that names this node counts. Never waits.
        """
        for exact in (True, False):                      # await_click goes before await_input_event, also between two of its waits
            away: _Procedure | None = None
            for procedure in self._procedures.values():
                if not procedure.wants(event, exact, only_by_name):
                    continue
                if procedure.sleeper is not None:
                    sleeper, procedure.sleeper = procedure.sleeper, None
                    procedure.handed = event
                    procedure.since = self._clock.now()
                    self._busy.pass_on(event)
                    sleeper.wake()
                    return True
                if away is None:
                    away = procedure
            if away is not None:
                away.kept.append(event)
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
                self._host.stale(event)
            if procedure.handed is not None:
                self._host.stale(procedure.handed)
        self._busy.ended(ended)

    def shed(self, *, away: float, down_to: int) -> None:
        """Drop what is kept for procedures that have been away for so many seconds, the oldest first, until `down_to` is left."""
        now = self._clock.now()
        for procedure in self._procedures.values():
            while procedure.kept and self.kept > down_to and procedure.sleeper is None and now - procedure.since >= away:
                event = procedure.kept.pop(0)
                self.kept -= event.weight
                self._host.stale(event)


class EventSource:
    """The events of some waits, during one wait for several things."""

    __slots__ = ("_make_room", "_waits", "_wake", "_wanted")

    def __init__(self, waits: Waits, wanted: tuple[Wait, ...], make_room: Callable[[], None]) -> None:
        self._waits = waits
        self._wanted = wanted
        self._make_room = make_room
        self._wake: Wake | None = None

    def begin(self, wake: Wake) -> None:
        self._waits.ask(self._wanted)
        self._wake = wake
        self._make_room()

    def came(self) -> float | None:
        assert self._wake is not None
        event = self._waits.first(self._wake)
        return None if event is None else event.came

    def take(self) -> Came | None:
        event = self._waits.take()
        return next((wait for wait in self._wanted if wait.takes(event)), self._wanted[0]).result(event)

    def end(self) -> None:
        self._waits.leave()
        self._make_room()
