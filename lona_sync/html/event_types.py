"""What a browser can tell of a node: `CLICK`, `CHANGE`, `CHANGE(300)`, `FOCUS`, `BLUR`; and a node's list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .mutations import SetAttribute, TreeNode


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of input event. `token` is its form in the attribute `@on`."""

    name: str

    @property
    def token(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ChangeEventType(EventType):
    """`CHANGE` comes when the user leaves the input or presses Enter, `CHANGE(300)` 300 ms after his last key."""

    name: str = "change"
    delay: int | None = None         # milliseconds

    def __call__(self, delay: int) -> ChangeEventType:
        if type(delay) is not int or delay < 0:
            raise ValueError(f"the delay of CHANGE must be a whole number of milliseconds, not {delay!r}")
        return ChangeEventType(delay=delay)

    @property
    def token(self) -> str:
        return self.name if self.delay is None else f"{self.name}:{self.delay}"


CLICK = EventType("click")
CHANGE = ChangeEventType()
FOCUS = EventType("focus")
BLUR = EventType("blur")


def tokens(events: Iterable[EventType]) -> str:
    """The value of the attribute `@on`."""
    return " ".join([event.token for event in events])


class EventList:
    """The events that a node issues, at most one of each name: a second `CHANGE(…)` replaces the first."""

    __slots__ = ("_events", "_node")

    def __init__(self, node: TreeNode, events: Iterable[EventType] = ()) -> None:
        self._node = node
        self._events = _by_name(events)

    def append(self, event: EventType) -> None:
        self.replace((*self._events, event))

    add = append

    def extend(self, events: Iterable[EventType] | EventType) -> None:
        self.replace((*self._events, *_by_name(events)))

    def remove(self, event: EventType) -> None:
        """Take `event` out; one that is not there is fine."""
        self.replace([other for other in self._events if other != event])

    def clear(self) -> None:
        self.replace(())

    def replace(self, events: Iterable[EventType] | EventType) -> None:
        """Become `events`, several or one."""
        new = _by_name(events)
        owner = self._node.owner
        if owner is not None and new != self._events:
            owner.record(SetAttribute(self._node, "@on", tokens(new) or False))
        self._events = new

    def names(self) -> list[str]:
        return [event.name for event in self._events]

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def __contains__(self, event: object) -> bool:
        return event in self._events

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (EventList, list, tuple)):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<EventList {tokens(self._events)!r}>"


def _by_name(events: Iterable[EventType] | EventType) -> tuple[EventType, ...]:
    found: dict[str, EventType] = {}
    for event in events if isinstance(events, Iterable) and not isinstance(events, str) else (events,):
        if not isinstance(event, EventType):
            raise ValueError(f"an event must be CLICK, CHANGE, CHANGE(milliseconds), FOCUS or BLUR, not {event!r}")
        found[event.name] = event
    return tuple(found.values())
