"""Which nodes are at work on a click or submit, where that makes a difference to the next one.

It does for events that count once (`CLICK(once=True)`, `SUBMIT(once=True)`) and for nodes that say what becomes of stale ones
(`node.stale`). A node is busy from the moment such an event was accepted until its handlers have returned; or, when a procedure
has taken it, until somebody waits for such an event again, the procedure waits for anything while the node is not shown, or it
has ended.

Meanwhile a further event that counts once is dropped, and a browser sees it: a `Button` is disabled, anything else has
`aria-busy`. For `node.stale` it does not end there: what the work has done is seen with the frame that was the last one then, so
an event of a browser that had applied less was made without knowing it (`is_stale`).
"""

from __future__ import annotations

from collections.abc import Callable

import greenlet

from ..html.busy import show_busy
from ..html.node import Node
from .events import InputEvent

MAX_EFFECTS = 100                # that are noted, or twice as many as were needed last, until it is looked for some to forget


class _Work:
    """What a node is busy with. `holder` is the greenlet that works on it, None while the event waits to be taken."""

    __slots__ = ("event", "handled", "holder", "node", "shown")

    def __init__(self, node: Node, event: InputEvent, shown: bool) -> None:
        self.node = node
        self.event = event
        self.shown = shown
        self.holder: greenlet.greenlet | None = None
        self.handled = False                             # by handlers, which nobody's wait interrupts but their own


class Busy:
    """The busy nodes of one view. `changed()` is called when browsers should be told; `is_shown(node)`: the view shows it.

    `frame()` is the number of the last frame; `find(number)`: the node with this number, while the view shows it.
    """

    __slots__ = ("_changed", "_effects", "_find_node", "_frame", "_is_shown", "_most_effects", "_work")

    def __init__(
        self, changed: Callable[[], None], is_shown: Callable[[Node], bool], frame: Callable[[], int],
        find: Callable[[int], Node | None],
    ) -> None:
        self._changed = changed
        self._is_shown = is_shown
        self._frame = frame
        self._find_node = find
        self._most_effects = MAX_EFFECTS
        self._work: dict[Node, _Work] = {}
        self._effects: dict[int, int] = {}               # by node: the frame with which one sees what the last work has done

    def __contains__(self, node: Node) -> bool:
        return node in self._work

    def is_stale(self, node: Node, frame: int) -> bool:
        """Whether a browser that had applied the frames up to this one could not see what the last event of `node` has done."""
        return node in self._work or frame < self._effects.get(node.number, 0)

    def begin(self, node: Node, event: InputEvent, *, shown: bool) -> None:
        """The event was accepted. `shown`: browsers are to see that the node is busy."""
        self._work[node] = _Work(node, event, shown)
        if shown:
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

    def seen(self, node: Node) -> None:
        """What was done for the last event of `node` is in the last frame, which came after the end of the work."""
        if node.number in self._effects:
            self._effects[node.number] = self._frame()

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
        self._effects.clear()

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
            if work.node.stale != "deliver":
                self._note_effect(work.node)
            if work.shown:
                show_busy(work.node, False)
        if any(work.shown for work in ended):
            self._changed()

    def _note_effect(self, node: Node) -> None:
        self._effects[node.number] = self._frame()
        if len(self._effects) >= self._most_effects:
            # Of nodes that have left no event is accepted. What remains is no longer than the page.
            self._effects = {number: frame for number, frame in self._effects.items() if self._find_node(number) is not None}
            self._most_effects = max(MAX_EFFECTS, 2 * len(self._effects))
