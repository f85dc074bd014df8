"""From a browser's event to whoever handles it.

The chain: `View.handle_input_event_root` → the node and its ancestors → who waits for it → `View.handle_input_event`. A handler
that returns None has handled the event; a response ends the chain and is executed; the event itself goes on.

An event whose chain meets no handler of the user goes to its waiter at once, in the greenlet that read it: nothing of the
user's runs there, it costs no greenlet, and Cancel works while a handler is busy. All others run in the view's turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from ..html.node import Node
from ..wire import protocol
from ..wire.document import Document
from .client import Client
from .events import InputEvent, read_data
from .request import Request
from .responses import AbstractResponse
from .turn import Turn
from .waits import Waits

_TAKEN = object()


class Hooks(Protocol):
    """The ends of the chain: a view. `None` instead of a hook means that the user wrote none."""

    @property
    def root_hook(self) -> Callable[[InputEvent], object] | None: ...

    @property
    def last_hook(self) -> Callable[[InputEvent], object] | None: ...


class Host(Protocol):
    """What the dispatcher needs of the runtime it works for."""
    request: Request

    @property
    def stopped(self) -> bool: ...

    @property
    def clients(self) -> Iterable[Client]: ...

    def show_changes(self) -> None: ...

    def crash(self, error: Exception) -> None: ...

    def answer(self, response: AbstractResponse) -> None: ...


class Dispatcher:
    """Takes the events of one view. At most `limit` wait in it, large ones count more; a full one refuses without acknowledging."""

    __slots__ = ("_counters", "_document", "_hooks", "_host", "_limit", "_queued", "_show_due", "_turn", "_weight", "waits")

    def __init__(
        self, *, host: Host, hooks: Hooks, document: Document, turn: Turn, limit: int, counters: Counter[str],
    ) -> None:
        self._host = host
        self._hooks = hooks
        self._document = document
        self._turn = turn
        self._limit = limit
        self._counters = counters
        self._queued = 0
        self._weight = 0                                       # of what is queued
        self._show_due = False
        self.waits = Waits(is_live=self._is_live, stale=self._stale)

    def receive(self, client: Client, message: protocol.Event) -> None:
        """One event from the wire. Never waits, never raises for what a browser sent."""
        if message.number != client.accepted + 1:
            self._counters["events.repeated" if message.number <= client.accepted else "events.gap"] += 1
            return
        if self._weight + self.waits.kept >= self._limit:
            client.refused = True
            self._counters["events.refused"] += 1
            return
        client.accepted = message.number
        self._counters["events"] += 1
        if self._host.stopped:
            self._stale()
            return
        event = self._read(client, message)
        if event is None:
            return
        if self._meets_user_code(event):
            self._queue(event)
        elif not self.waits.offer(event, only_by_name=self._ends_at_node(event)):
            if self._hooks.last_hook is not None and not self._ends_at_node(event):
                self._queue(event)
            else:
                self._show_value()

    def _show_value(self) -> None:
        """The other windows of the view get the value that was typed in this one; as soon as the lock is free."""
        if not self._document.locked:
            self._host.show_changes()
        elif not self._show_due:
            self._show_due = True
            self._turn.later(self._show_late)

    def _show_late(self) -> None:
        self._show_due = False
        self._host.show_changes()

    def make_room(self) -> None:
        """Called when events have left the queue: those that were refused may come again."""
        if self._weight + self.waits.kept <= self._limit // 2:
            for client in self._host.clients:
                if client.refused:
                    client.refused = False
                    if client.link is not None:
                        client.link.resend(client)

    def clear(self) -> None:
        """The view has stopped: what has not begun never will."""
        self._counters["events.stale"] += self._queued
        self._queued = 0
        self._weight = 0

    def _read(self, client: Client, message: protocol.Event) -> InputEvent | None:
        """The event with its value applied to its node; None when it is stale or malformed, and counted."""
        node = None
        if message.node:
            node = self._document.find(message.node)
            if node is None or node.is_disabled or not node.issues(message.type):
                self._stale()
                return None
        elif message.type in protocol.EVENT_NUMBERS:
            self._counters["events.malformed"] += 1
            return None
        try:
            data, target = read_data(message.type, message.data)
            if message.type == "change" and node is not None:
                node.receive(data, client.number)
        except ValueError:
            self._counters["events.malformed"] += 1
            return None
        return InputEvent(
            message.type, node, data, request=self._host.request, client=client.number, target=target, weight=message.weight,
        )

    def _path(self, event: InputEvent) -> tuple[Node, ...]:
        """The nodes whose handlers the event meets."""
        return event.nodes[:1] if self._ends_at_node(event) else event.nodes

    def _ends_at_node(self, event: InputEvent) -> bool:
        """True for a change of an input that keeps its changes to itself."""
        return event.name == "change" and event.node is not None and not event.node.bubble_up

    def _meets_user_code(self, event: InputEvent) -> bool:
        return self._hooks.root_hook is not None or any(node.has_handler(event.name) for node in self._path(event))

    def _queue(self, event: InputEvent) -> None:
        self._queued += 1
        self._weight += event.weight
        self._turn.later(lambda: self._dispatch(event))

    def _dispatch(self, event: InputEvent) -> None:
        """Run the chain. In the view's turn; may wait, since handlers may."""
        if self._host.stopped:
            return
        self._queued -= 1
        self._weight -= event.weight
        self.make_room()
        if not self._is_live(event):
            self._stale()
            return
        try:
            answer = self._run_chain(event)
        except Exception as error:
            self._host.crash(error)
            return
        if answer is _TAKEN:
            return                                # the waiter shows when it likes
        if isinstance(answer, AbstractResponse):
            self._host.answer(answer)
        self._host.show_changes()

    def _run_chain(self, event: InputEvent) -> object:
        """What ended the chain: None, a response, or `_TAKEN`: a waiter has the event."""
        if self._hooks.root_hook is not None:
            answer = _checked(self._hooks.root_hook(event))
            if not isinstance(answer, InputEvent):
                return answer
            event = answer
        ends_at_node = self._ends_at_node(event)
        for node in self._path(event):
            answer = _checked(node.handle_input_event(event))
            if not isinstance(answer, InputEvent):
                if answer is None and ends_at_node and self.waits.offer(event, only_by_name=True):
                    return _TAKEN
                return answer
            event = answer
        if self.waits.offer(event, only_by_name=ends_at_node):
            return _TAKEN
        if self._hooks.last_hook is not None and not ends_at_node:
            answer = _checked(self._hooks.last_hook(event))
            return None if isinstance(answer, InputEvent) else answer
        return None

    def _is_live(self, event: InputEvent) -> bool:
        node = event.node
        return node is None or (node.owner is self._document and not node.is_disabled)

    def _stale(self) -> None:
        self._counters["events.stale"] += 1


def _checked(answer: object) -> object:
    if answer is None or isinstance(answer, (InputEvent, AbstractResponse)):
        return answer
    raise RuntimeError(
        f"an event handler returns None (handled), the event (not handled) or a redirect, not {type(answer).__name__}: {answer!r}"
    )
