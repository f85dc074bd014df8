"""From a browser's event to whoever handles it.

The chain: `View.handle_input_event_root` → the node and its ancestors → who waits for it → `View.handle_input_event`. A handler
that returns None has handled the event; a response ends the chain and is executed; the event itself goes on. The ancestors are left
out when a node's event has `stop_propagation`, for events that concern one node alone (`EventType.bubbles`), and
for changes that an input keeps to itself; of these hears nobody else but who waits for this input.

An event whose chain meets no handler of the user goes to its waiter at once, in the greenlet that read it: nothing of the
user's runs there, it costs no greenlet, and Cancel works while a handler is busy. All others run in the view's turn.

It is long because each step of that chain is a short method, in its order, and so is what refuses or drops an event on its way.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol
from urllib.parse import SplitResult

from ..errors import ReadOnlyError
from ..html.event_target import EventTarget
from ..html.inputs.field import Field
from ..html.node import Node
from ..wire import protocol
from ..wire.document import Document
from .answers import Answers
from .busy import Busy
from .client import Client
from .clock import Clock, Timer
from .events import InputEvent, read_data
from .place import Place
from .request import Request
from .responses import AbstractResponse, response_of
from .turn import Turn
from .visitor import Visitor
from .waits import Waits

#: Each event, for `--debug-mode input-events`.
event_log = logging.getLogger("lona_sync.input_events")

PATIENCE = 10.0                  # seconds that a full queue waits for a procedure to come back

_TAKEN = object()
#: What `Node.stale` is about: by these a user acts on what he sees.
_ACTS = frozenset(["click", "double_click", "submit"])


class Hooks(Protocol):
    """The ends of the chain: a view. `None` instead of a hook means that the user wrote none."""

    @property
    def root_hook(self) -> Callable[[InputEvent], object] | None: ...

    @property
    def last_hook(self) -> Callable[[InputEvent], object] | None: ...

    def on_url_change(self, url: SplitResult) -> object: ...


class Host(Protocol):
    """What the dispatcher needs of the runtime it works for."""
    request: Request

    @property
    def answers(self) -> Answers: ...

    @property
    def place(self) -> Place: ...

    @property
    def stopped(self) -> bool: ...

    @property
    def clients(self) -> Iterable[Client]: ...

    def show_changes(self) -> None: ...

    def mark(self) -> None: ...

    def crash(self, error: Exception) -> None: ...

    def answer(self, response: AbstractResponse) -> None: ...


class Dispatcher:
    """Takes the events of one view. At most `limit` wait in it, large ones count more; a full one refuses without acknowledging."""

    __slots__ = (
        "_clock", "_counters", "_document", "_hooks", "_host", "_limit", "_queued", "_refuses", "_show_due", "_timer", "_turn",
        "_weight", "busy", "waits",
    )

    def __init__(
        self, *, host: Host, hooks: Hooks, document: Document, turn: Turn, limit: int, clock: Clock, counters: Counter[str],
    ) -> None:
        self._host = host
        self._hooks = hooks
        self._document = document
        self._turn = turn
        self._limit = limit
        self._clock = clock
        self._counters = counters
        self._queued = 0
        self._weight = 0                                       # of what is queued
        self._refuses = False                                  # somebody has events to send again when there is room
        self._show_due = False
        self._timer: Timer | None = None                       # runs while events are refused
        self.busy = Busy(host=self, document=document, clock=clock)
        self.waits = Waits(host=self, document=document, busy=self.busy, clock=clock)

    @property
    def queued(self) -> int:
        """How much waits for its handlers; large events count more."""
        return self._weight

    def receive(self, client: Client, message: protocol.Event) -> None:
        """One event from the wire. Never waits, never raises for what a browser sent."""
        if message.number != client.accepted + 1:
            if message.number <= client.accepted:
                self._counters["events.repeated"] += 1
            else:
                self._counters["events.gap"] += 1
                self._ask_for_missing(client)
            return
        # An answer takes no room, and who waits for it may be the one who is to take the rest.
        if self._weight + self.waits.kept >= self._limit and message.type != protocol.ANSWER:
            client.refused = self._refuses = True
            self._counters["events.refused"] += 1
            self._lose_patience_later()
            return
        client.accepted = message.number
        self._counters["events"] += 1
        if self._host.stopped:
            self._count_stale()
        elif message.type == protocol.ANSWER:
            self._host.answers.receive(message.data)
        elif message.type == protocol.MOVED:
            self._move(client, message)
        else:
            event = self._read(client, message)
            if event is not None and event_log.isEnabledFor(logging.DEBUG):
                event_log.debug("%r: event %d of window %d: %s", self._host, message.number, client.number, _shown(event))
            if event is None or self._is_early(client, message, event):
                return
            self._route(event)

    def changed(self, node: Node, visitor: Visitor) -> None:
        """The node has a new value, of this visitor, that no event of a browser has brought. Never waits."""
        if not self._host.stopped and self._is_shown(node):
            value = node.value if isinstance(node, Field) else None
            self._route(InputEvent("change", node, value, request=self._host.request, visitor=visitor))

    def _move(self, client: Client, message: protocol.Event) -> None:
        """The user has gone back or forward to where the view has been."""
        address = self._host.place.read(message.data)
        if address is None or message.node:
            self._counters["events.malformed"] += 1
        else:
            self._put(message.weight, lambda: self._arrive(address, client.number))

    def _arrive(self, address: str, client: int) -> None:
        try:
            answer = _checked(self._hooks.on_url_change(self._host.place.follow(address, client)))
            if isinstance(answer, AbstractResponse):
                self._host.answer(answer)
        except Exception as error:
            self._host.crash(error)
            return
        self._host.show_changes()

    def _is_early(self, client: Client, message: protocol.Event, event: InputEvent) -> bool:
        """Whether its node does not want the event, since its user had not seen what the last one did; see `Node.stale`."""
        node = event.node
        if node is None or event.name not in _ACTS or message.meant or node.stale == "deliver":
            return False
        if not self.busy.is_stale(node, message.frame):
            return False
        self._count_stale()
        if node.stale == "drop":
            self._counters["events.dropped"] += 1
        else:
            self._counters["events.asked"] += 1
        if client.link is not None:
            client.link.refuse(client, message.number)
        return True

    def _route(self, event: InputEvent) -> None:
        node = event.node
        issued = None if node is None else node.issued(event.name)
        once = issued is not None and issued.once
        if once and node is not None and node in self.busy:
            self._count_stale()
            return
        ends_at_node = self._ends_at_node(event)
        handled = self._meets_user_code(event)
        if not handled and not self.waits.offer(event, only_by_name=ends_at_node):
            if self._hooks.last_hook is None or ends_at_node:
                self.show_soon()                     # the other windows of the view get the value that was typed in this one
                return
            handled = True
        if node is not None and (once or (event.name in _ACTS and node.stale != "deliver")):
            self.busy.begin(node, event, shown=once)  # before the handler is queued, or it would be shown when that is through
        if handled:
            self._queue(event)

    def mark(self) -> None:
        """A frame that changes nothing."""
        self._host.mark()

    def show_soon(self) -> None:
        """Show what has changed; as soon as the lock is free."""
        if not self._document.locked:
            self._host.show_changes()
        elif not self._show_due:
            self._show_due = True
            self._turn.later(self._show_late)

    def _show_late(self) -> None:
        self._show_due = False
        self._host.show_changes()

    def _ask_for_missing(self, client: Client) -> None:
        """An event before the one that came is missing: the browser has to send it again, and all that follow."""
        # Once for each place. Of two hundred with the first one missing, each of the others would have all sent again.
        if not client.refused and client.asked != client.accepted and client.link is not None:
            client.asked = client.accepted
            client.link.resend(client)

    def make_room(self) -> None:
        """Called when events have left the queue: those that were refused may come again."""
        if self._refuses and self._weight + self.waits.kept <= self._limit // 2:
            self._refuses = False
            for client in self._host.clients:
                if client.refused:
                    client.refused = False
                    if client.link is not None:
                        client.link.resend(client)

    def _lose_patience_later(self) -> None:
        if self._timer is None:
            self._timer = self._clock.idle_timer(PATIENCE, self._lose_patience)

    def _lose_patience(self) -> None:
        """Events have been refused all the time, because of some that wait for who may never ask for them."""
        self._stop_timer()
        self.waits.shed(away=PATIENCE, down_to=self._limit // 2)
        self.make_room()
        if any(client.refused for client in self._host.clients):
            self._lose_patience_later()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.close()
            self._timer = None

    def call(self, hooks: Hooks) -> None:
        """From here on these hooks are asked: another view stands in."""
        self._hooks = hooks

    def clear(self) -> None:
        """The view has stopped: what has not begun never will."""
        self._counters["events.stale"] += self._queued
        self._queued = 0
        self._weight = 0
        self._show_due = False                        # it waited for the turn, which is cleared, too
        self.busy.clear()
        self._stop_timer()

    def _read(self, client: Client, message: protocol.Event) -> InputEvent | None:
        """The event with its value applied to its node; None when it is stale or malformed, and counted."""
        node = None
        if message.node:
            node = self._document.find(message.node)
            if node is None or node.is_disabled or not node.issues(message.type):
                self._count_stale()
                return None
        elif message.type in protocol.EVENT_NUMBERS:
            self._counters["events.malformed"] += 1
            return None
        try:
            data, target = read_data(message.type, message.data, self._document.find)
            if message.type == "change" and node is not None:
                node.receive(data, client.number)
                if isinstance(node, Field):
                    data = node.value
        except ReadOnlyError:
            self._count_stale()
            self.show_soon()                             # the browser shows the user's value until it is told
            return None
        except ValueError:
            self._counters["events.malformed"] += 1
            return None
        return InputEvent(
            message.type, node, data, request=self._host.request, client=client.number, target=target, weight=message.weight,
            visitor=None if client.link is None else client.link.visitor,
        )

    def _way(self, event: InputEvent) -> list[EventTarget]:
        """The nodes whose handlers the event meets, innermost first."""
        if event.node is None:
            return []
        return [event.node] if self._ends_at_node(event) else event.node.way(event.name, event.data)

    def _ends_at_node(self, event: InputEvent) -> bool:
        """True for a change of an input that keeps its changes to itself."""
        return event.name == "change" and event.node is not None and not event.node.bubble_up

    def _meets_user_code(self, event: InputEvent) -> bool:
        if self._hooks.root_hook is not None:
            return True
        for node in self._way(event):                        # noqa: SIM110    (twice as fast as any(), on each click's path)
            if node.has_handler(event.name):
                return True
        return False

    def _queue(self, event: InputEvent) -> None:
        self._put(event.weight, lambda: self._dispatch(event))

    def _put(self, weight: int, job: Callable[[], None]) -> None:
        """Have the job done in the view's turn; it may wait."""
        self._queued += 1
        self._weight += weight

        def run() -> None:
            if not self._host.stopped:
                self._queued -= 1
                self._weight -= weight
                self.make_room()
                job()

        self._turn.later(run)

    def _dispatch(self, event: InputEvent) -> None:
        """Run the chain. In the view's turn; may wait, since handlers may."""
        if not self.is_live(event):
            self.stale(event)
            return
        self.busy.take(event, handled=True)
        answer: object = None
        try:
            answer = self._run_chain(event)
            if isinstance(answer, AbstractResponse):
                self._host.answer(answer)
        except Exception as error:
            self._host.crash(error)
            return
        finally:
            if answer is not _TAKEN:
                self.busy.end(event)
        if answer is _TAKEN:
            return                                # the waiter shows when it likes
        self._host.show_changes()
        if event.node is not None:
            self.busy.seen(event.node)

    def _run_chain(self, event: InputEvent) -> object:
        """What ended the chain: None, a response, or `_TAKEN`: a waiter has the event."""
        if self._hooks.root_hook is not None:
            answer = _checked(self._hooks.root_hook(event))
            if not isinstance(answer, InputEvent):
                return answer
            event = answer
        ends_at_node = self._ends_at_node(event)
        for node in self._way(event):
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

    def is_live(self, event: InputEvent) -> bool:
        """Whether its node is still shown and enabled."""
        return event.node is None or (self._is_shown(event.node) and not event.node.is_disabled)

    def _is_shown(self, node: Node) -> bool:
        return node.owner is self._document

    def stale(self, event: InputEvent) -> None:
        """It was accepted, and is dropped now: what it was meant for is gone."""
        self._count_stale()
        self.busy.end(event)

    def _count_stale(self) -> None:
        self._counters["events.stale"] += 1


def _checked(answer: object) -> object:
    if answer is None or isinstance(answer, (InputEvent, AbstractResponse)):
        return answer
    if isinstance(answer, dict) and not answer.keys().isdisjoint(("redirect", "http_redirect")):
        return response_of(answer)
    raise RuntimeError(
        f"an event handler returns None (handled), the event (not handled) or a redirect, not {type(answer).__name__}: {answer!r}. "
        "A lambda returns what it calls returns; write a function that does not."
    )


def _shown(event: InputEvent) -> str:
    """For the log, which is to know no passwords."""
    if event.node is not None and event.node.attributes.get("type") == "password":
        return f"<InputEvent {event.name} of a password>"
    return f"{event!r:.1000}"
