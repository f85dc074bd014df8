"""Which nodes are at work on a click or submit that counts once (`CLICK(once=True)`, `SUBMIT(once=True)`).

A node is busy from the moment such an event was accepted until its handlers have returned; or, when a procedure has taken it,
until somebody waits for such an event again, the procedure waits for anything while the node is not shown, or it has ended.
Meanwhile the same event of the same node is dropped.
A browser sees it: a `Button` is disabled, anything else has `aria-busy`.
"""

from __future__ import annotations

from collections.abc import Callable

import greenlet

from ..html.busy import show_busy
from ..html.node import Node
from .events import InputEvent


class _Work:
    """What a node is busy with. `holder` is the greenlet that works on it, None while the event waits to be taken."""

    __slots__ = ("event", "handled", "holder", "node")

    def __init__(self, node: Node, event: InputEvent) -> None:
        self.node = node
        self.event = event
        self.holder: greenlet.greenlet | None = None
        self.handled = False                             # by handlers, which nobody's wait interrupts but their own


class Busy:
    """The busy nodes of one view. `changed()` is called when browsers should be told; `is_shown(node)`: the view shows it."""

    __slots__ = ("_changed", "_is_shown", "_work")

    def __init__(self, changed: Callable[[], None], is_shown: Callable[[Node], bool]) -> None:
        self._changed = changed
        self._is_shown = is_shown
        self._work: dict[Node, _Work] = {}

    def __contains__(self, node: Node) -> bool:
        return node in self._work

    def begin(self, node: Node, event: InputEvent) -> None:
        """The event was accepted."""
        self._work[node] = _Work(node, event)
        show_busy(node, True)
        self._changed()

    def take(self, event: InputEvent, *, handled: bool = False) -> None:
        """The running greenlet works on it from now on: a procedure, or its handlers."""
        work = self._find(event)
        if work is not None:
            work.holder = greenlet.getcurrent()
            work.handled = handled

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

    def awaited(self, takes: Callable[[InputEvent], bool], taken: InputEvent | None) -> None:
        """The running greenlet waits for what `takes` says, and has got `taken` at once."""
        current = greenlet.getcurrent()
        self._end([
            work for work in self._work.values()
            if work.event is not taken and self._is_over(work, takes(work.event), work.holder is current)
        ])

    def ended(self, holder: greenlet.greenlet) -> None:
        """This greenlet has ended."""
        self._end([work for work in self._work.values() if work.holder is holder])

    def clear(self) -> None:
        """The view has stopped: nothing is shown any more, but the tree may be, by another one."""
        for work in self._work.values():
            show_busy(work.node, False)
        self._work.clear()

    def _is_over(self, work: _Work, is_awaited: bool, is_own: bool) -> bool:
        if is_own:
            # A procedure that shows a new button for each click never waits for an old one again.
            return is_awaited or not self._is_shown(work.node)
        return is_awaited and work.holder is not None and not work.handled

    def _find(self, event: InputEvent) -> _Work | None:
        # Not by the node: it may be busy with a later event when the handler of an earlier one returns.
        return next((work for work in self._work.values() if work.event is event), None)

    def _end(self, ended: list[_Work]) -> None:
        for work in ended:
            del self._work[work.node]
            show_busy(work.node, False)
        if ended:
            self._changed()
