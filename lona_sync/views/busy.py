"""Which nodes are at work on a click or submit, where that makes a difference to the next one.

It does for events that count once (`CLICK(once=True)`, `SUBMIT(once=True)`) and for nodes that say what becomes of stale ones
(`node.stale`). A node is busy from the moment such an event was accepted until its handlers have returned; or, when a procedure
has taken it, until somebody waits for such an event again, the procedure waits for anything while the node is not shown, or it
has ended.

Meanwhile a further event that counts once is dropped, and a browser sees it: a `Button` is disabled, anything else has
`aria-busy`. For `node.stale` a procedure is at work no longer than until it waits for any event or message, or sleeps when it has
shown something: nothing tells its user that the node is dead, and it may never wait for it again. Other calls that wait
(`run_blocking`, `node.call`) are the work.

There it does not end with the work: what that has done is seen with the frame that closed then, so an event of a browser that had
applied less was made without knowing it (`is_stale`). Work that has changed nothing, or shows it later, gets an empty frame for
that (`mark`): a browser that has not applied even this one could not know that anything was done. One that was sent to another page
applies it, too, and goes on taking clicks until that page is there, which may be slow, or a download, and never come. So for it the
node is busy for `LEAVING` seconds more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import greenlet

from ..html.busy import show_busy
from ..html.node import Node
from ..nothing import NOTHING
from ..wire.document import Document
from .clock import Clock
from .events import InputEvent

LEAVING = 30.0                   # seconds that a browser may take to leave the page; then it is one that has stayed
MAX_EFFECTS = 100                # that are noted, or twice as many as were needed last, until it is looked for some to forget

_NONE = 0, 0.0


class _Work:
    """What a node is busy with. `holder` is the greenlet that works on it, None while the event waits to be taken."""

    __slots__ = ("event", "frame", "handled", "has_shown", "holder", "leaves", "node", "shown")

    def __init__(self, node: Node, event: InputEvent, shown: bool) -> None:
        self.node = node
        self.event = event
        self.shown = shown
        self.holder: greenlet.greenlet | None = None
        self.handled = False                             # by handlers, which nobody's wait interrupts but their own
        self.frame = 0                                   # the last one when the holder has begun
        self.has_shown = False                           # since then, by `show()`
        self.leaves = False                              # it has sent the browsers to another page

    @property
    def rests(self) -> bool:
        """Whether it is over when its holder waits for something else: see above."""
        return not self.handled and not self.shown


class Host(Protocol):
    """Who passes events on to those who work."""

    def show_soon(self) -> None:
        """Browsers should be told what has changed."""

    def mark(self) -> None:
        """Add a frame that is empty."""


class Busy:
    """The busy nodes of one view."""

    __slots__ = ("_clock", "_document", "_effects", "_host", "_most_effects", "_work")

    def __init__(self, *, host: Host, document: Document, clock: Clock) -> None:
        self._host = host
        self._document = document
        self._clock = clock
        self._most_effects = MAX_EFFECTS
        self._work: dict[Node, _Work] = NOTHING
        # By node: the frame with which one sees what the last work has done, and until when nobody can, whatever he has applied.
        self._effects: dict[int, tuple[int, float]] = NOTHING

    def __contains__(self, node: Node) -> bool:
        return node in self._work

    def __bool__(self) -> bool:
        return bool(self._work)

    def is_stale(self, node: Node, frame: int) -> bool:
        """Whether a browser that had applied the frames up to this one could not see what the last event of `node` has done."""
        if node in self._work:
            return True
        applied, until = self._effects.get(node.number, _NONE)
        return frame < applied or (until > 0 and self._clock.now() < until)

    def begin(self, node: Node, event: InputEvent, *, shown: bool) -> None:
        """The event was accepted. `shown`: browsers are to see that the node is busy."""
        if not self._work:
            self._work = {}
        self._work[node] = _Work(node, event, shown)
        if shown:
            show_busy(node, True)
            self._host.show_soon()

    def take(self, event: InputEvent, *, handled: bool = False) -> None:
        """The running greenlet works on it from now on: a procedure, or its handlers."""
        work = self._find(event)
        if work is not None:
            work.holder = greenlet.getcurrent()
            work.handled = handled
            work.frame = self._document.log.last
            work.has_shown = False

    def pass_on(self, event: InputEvent) -> None:
        """It goes to whoever waits for it."""
        # By the node, since a handler may have put another event in this one's place.
        work = self._work.get(event.node) if self._work and event.node is not None else None
        if work is not None and work.event.name == event.name:
            work.event = event
            work.holder = None

    def end(self, event: InputEvent) -> None:
        """Nobody works on it any more, or ever will."""
        work = self._find(event)
        if work is not None:
            self._end([work])

    def seen(self, node: Node) -> None:
        """What handlers have done for the last event of `node` was shown, after the end of the work, if it was anything."""
        effect = self._effects.get(node.number)
        if effect is not None:
            if self._document.log.last < effect[0]:
                self._host.mark()
            self._effects[node.number] = self._document.log.last, effect[1]

    def shown(self) -> None:
        """The running greenlet has shown what it had done by now."""
        if self._work:
            for work in self._own():
                work.has_shown = True

    def leaves(self) -> None:
        """The running greenlet has sent the browsers to another page."""
        for work in self._own():
            work.leaves = True

    def sleeps(self) -> None:
        """The running greenlet is about to sleep."""
        self._end([work for work in self._own() if work.rests and work.has_shown])

    def waits(self) -> None:
        """The running greenlet is about to wait for something that is no event."""
        self._end([work for work in self._own() if work.rests])

    def _own(self) -> list[_Work]:
        if not self._work:
            return []
        current = greenlet.getcurrent()
        return [work for work in self._work.values() if work.holder is current]

    def awaited(self, takes: Callable[[InputEvent], bool], taken: InputEvent | None) -> None:
        """The running greenlet waits for what `takes` says, and has got `taken` at once."""
        current = greenlet.getcurrent()
        self._end([
            work for work in self._work.values()
            if work.event is not taken and self._is_over(work, takes(work.event), work.holder is current)
        ])

    def ended(self, holder: greenlet.greenlet) -> None:
        """This greenlet has ended."""
        if self._work:
            self._end([work for work in self._work.values() if work.holder is holder])

    def clear(self) -> None:
        """The view has stopped: nothing is shown any more, but the tree may be, by another one."""
        for work in self._work.values():
            show_busy(work.node, False)
        self._work = self._effects = NOTHING

    def _is_over(self, work: _Work, is_awaited: bool, is_own: bool) -> bool:
        if is_own:
            # A procedure that shows a new button for each click never waits for an old one again.
            return work.rests or is_awaited or work.node.owner is not self._document
        return is_awaited and work.holder is not None and not work.handled

    def _find(self, event: InputEvent) -> _Work | None:
        # Not by the node: it may be busy with a later event when the handler of an earlier one returns.
        for work in self._work.values():
            if work.event is event:
                return work
        return None

    def _end(self, ended: list[_Work]) -> None:
        for work in ended:
            del self._work[work.node]
            if work.node.stale != "deliver":
                self._note_effect(work)
            if work.shown:
                show_busy(work.node, False)
        if any(work.shown for work in ended):
            self._host.show_soon()

    def _note_effect(self, work: _Work) -> None:
        if work.handled:
            frame = self._document.log.last + 1                    # what they have done is shown next; `seen` sees to it
        else:
            # Not only when there is no new frame: another greenlet of the view may show something else all the time.
            if work.holder is not None and not (work.has_shown and work.frame < self._document.log.last):
                self._host.mark()
            frame = self._document.log.last
        if not self._effects:
            self._effects = {}
        self._effects[work.node.number] = frame, self._clock.now() + LEAVING if work.leaves else 0.0
        if len(self._effects) >= self._most_effects:
            # Of nodes that have left no event is accepted. What remains is no longer than the page.
            self._effects = {number: effect for number, effect in self._effects.items() if self._document.find(number) is not None}
            self._most_effects = max(MAX_EFFECTS, 2 * len(self._effects))
