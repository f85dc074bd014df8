"""What a node does with input events: which ones it issues, and the methods that handle them.

A handler is a method of a subclass, or a function for a single node: `Button("x", handle_click=function)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Protocol, TypeVar, cast

from .children import Parent
from .event_types import EVENT_TYPES, EventList, EventType, tokens

# Any: it takes an event, and returns one, a response or None; events and responses are known to higher layers only.
Handler = Callable[[Any], Any]
HandlerMethod = TypeVar("HandlerMethod", bound=Callable[..., Any])

#: The handlers that a node has, and which event each of them is for.
HANDLERS = {f"handle_{name}": event for name, event in EVENT_TYPES.items()}

_OWN_PACKAGE = __name__.partition(".")[0]


class Event(Protocol):
    """What a node needs to know of an input event."""

    @property
    def name(self) -> str: ...


class Replaceable:
    """A method `handle_<event>` that can be replaced on one node by assignment, although nodes have no `__dict__`."""

    def __init__(self, method: Handler) -> None:
        self._method = method
        self._event_name = method.__name__.removeprefix("handle_")

    def __get__(self, node: EventTarget | None, node_class: type) -> Callable[..., Any]:
        if node is None:
            return self._method
        return node.get_handler(self._event_name) or self._method.__get__(node, node_class)

    def __set__(self, node: EventTarget, handler: Handler) -> None:
        node.set_handler(self._event_name, handler)


def replaceable(method: HandlerMethod) -> HandlerMethod:
    """A `Replaceable` that type checkers take for the method, so that subclasses may override it."""
    return cast(HandlerMethod, Replaceable(method))


class EventTarget(Parent):
    """The part of a node that this page is about."""

    __slots__ = ("_events", "_handlers")

    EVENTS: ClassVar[Sequence[EventType]] = ()
    BUSY_ATTRIBUTE: ClassVar[str] = "aria-busy"               # present while a click or submit with `once=True` is handled

    _events: EventList | None                  # None: those of the class
    _handlers: dict[str, Handler] | None       # by the names of the events

    @property
    def events(self) -> EventList:
        """The events that the browser reports of this node."""
        if self._events is None:
            self._events = EventList(self, self.EVENTS)
        return self._events

    @events.setter
    def events(self, events: Iterable[EventType] | EventType) -> None:
        self.events.replace(events)

    @replaceable
    def handle_click(self, event: Any) -> Any:                # Any: see Handler
        """Called with a click on this node or inside of it. Return None: handled; the event: others see it, too."""
        return event

    @replaceable
    def handle_change(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_focus(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_blur(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_double_click(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_submit(self, event: Any) -> Any:
        """Called with the fields of a form: `event.data` is a dict of str, or of lists of str for names that occur twice."""
        return event

    @replaceable
    def handle_key_down(self, event: Any) -> Any:
        """Called with a key: `event.data["key"]`. Keys that nobody asked for are not sent; see `KEY_DOWN`."""
        return event

    @replaceable
    def handle_key_up(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_pointer_enter(self, event: Any) -> Any:
        """Called when the pointer comes over this node; the nodes around it are not asked."""
        return event

    @replaceable
    def handle_pointer_leave(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_scroll_end(self, event: Any) -> Any:
        """Called when this node was scrolled and has come to rest."""
        return event

    @replaceable
    def handle_drag_start(self, event: Any) -> Any:
        """Called when the user begins to drag this node, which needs `draggable=True`."""
        return event

    @replaceable
    def handle_drag_end(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_drag_enter(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_drag_leave(self, event: Any) -> Any:
        return event

    @replaceable
    def handle_drop(self, event: Any) -> Any:
        """Called when something was dropped here; `event.data["source"]` is the node that was dragged, None: none of this view."""
        return event

    @replaceable
    def handle_visible(self, event: Any) -> Any:
        """Called when this node comes into sight (`event.data["visible"]`) and when it leaves it."""
        return event

    @replaceable
    def handle_resize(self, event: Any) -> Any:
        """Called with the node's size when it is shown, and when it has changed."""
        return event

    def handle_input_event(self, event: Event) -> Any:
        """Called with every event of this node or inside of it; calls `handle_<name>` and returns what that returns."""
        method = _METHODS.get(event.name)
        if method is None:
            return event                                      # a custom event, whose name may be anything
        return (self.get_handler(event.name) or getattr(self, method))(event)

    def get_handler(self, event_name: str) -> Handler | None:
        """The function that was given for this one node."""
        return None if self._handlers is None else self._handlers.get(event_name)

    def set_handler(self, event_name: str, handler: Handler) -> None:
        """Replace `handle_<event_name>` on this node, and issue the event."""
        if not callable(handler):
            raise TypeError(
                f"handle_{event_name} must be a function that takes an event, not {type(handler).__name__}: {handler!r}"
            )
        event = HANDLERS[f"handle_{event_name}"]
        if event_name not in self.events.names():
            self.events.append(event)
        if self._handlers is None:
            self._handlers = {}
        self._handlers[event_name] = handler

    def has_handler(self, event_name: str) -> bool:
        """Whether code of the user would run for such an event."""
        if self._handlers is not None and event_name in self._handlers:
            return True
        method = _METHODS.get(event_name)
        return self._is_overridden("handle_input_event") or (method is not None and self._is_overridden(method))

    def _is_overridden(self, method: str) -> bool:
        node_class = type(self)
        # A subclass outside of this package has a __dict__, and a function may have been put there.
        if node_class.__dictoffset__ and method in self.__dict__:
            return True
        found = getattr(node_class, method)
        if found is _DEFAULTS.get(method):                    # as nearly always
            return False
        module: str = getattr(found, "__module__", "")
        return module.partition(".")[0] != _OWN_PACKAGE

    @property
    def interactive(self) -> bool:
        """Whether the node issues events."""
        return bool(self.EVENTS if self._events is None else self._events)

    @property
    def event_tokens(self) -> str:
        """The value of the attribute `@on`."""
        return tokens(self.EVENTS if self._events is None else self._events)

    def issues(self, event_name: str) -> bool:
        """Whether the browser reports such events of this node; true of custom events, which any script may send."""
        return self.issued(event_name) is not None or event_name not in EVENT_TYPES

    def issued(self, event_name: str) -> EventType | None:
        """The event of this name as it stands in `events`, with its options."""
        for event in self.EVENTS if self._events is None else self._events.types:
            if event.name == event_name:
                return event
        return None

    def way(self, event_name: str, data: Any) -> list[EventTarget]:      # Any: the event's
        """Who is shown such an event of this node, one after the other until it is handled: this one and those around it.

        Of keys, a node that has named some is shown only these. None around one whose event does not bubble.
        """
        way: list[EventTarget] = []
        node: object = self
        while isinstance(node, EventTarget):
            event = node.issued(event_name)
            if event is None:
                way.append(node)
            elif event.takes(data):                           # else it is Enter in a field whose box has asked for Escape
                way.append(node)
                if not event.bubbles:
                    break
            node = node._parent
        return way


_METHODS = {event: method for method, event in zip(HANDLERS, EVENT_TYPES, strict=True)}
_DEFAULTS = {method: getattr(EventTarget, method) for method in ("handle_input_event", *HANDLERS)}
