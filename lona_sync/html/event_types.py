"""What a browser can tell of a node, and a node's list of that.

A node issues only what it is asked for: `Div(events=[CLICK, KEY_DOWN("Escape")])`. Called, an event type gives another one:

    CLICK(prevent_default=True)       the browser does not do what it does with clicks
    CHANGE(300)                       300 ms after the last key instead of when the input is left
    KEY_DOWN("Enter", "Ctrl+S")       these keys only; others are not even sent

Each takes `stop_propagation=True`: then no node around this one is shown the event, neither here nor in the browser. Those that a
browser answers with something of its own take `prevent_default=True`; with a key filter, it hits those keys only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import EllipsisType
from typing import Any, TypeVar
from urllib.parse import quote

from .keys import Key
from .mutations import SetAttribute, TreeNode

MAX_NAME = 128                       # characters of a custom event's name

# Nothing follows these in a browser that could be prevented.
_MERE_NEWS = frozenset(
    "change focus blur pointer_enter pointer_leave scroll_end drag_end drag_leave visible resize".split()
)
# They tell of one node what is not true of those around it.
_OWN = frozenset("pointer_enter pointer_leave scroll_end drag_enter drag_leave visible resize".split())

# The words of `Modifiers`.
_HELD = {"alt_key": 1, "ctrl_key": 2, "shift_key": 4, "meta_key": 8}

Type = TypeVar("Type", bound="EventType")


@dataclass(frozen=True, slots=True, repr=False)
class EventType:
    """A kind of input event. `token` is its form in the attribute `@on`."""

    name: str
    prevent_default: bool = False
    stop_propagation: bool = False
    once: bool = False               # one at a time: see `CLICK` and `SUBMIT`

    def __call__(self, *, prevent_default: bool = False, stop_propagation: bool = False) -> EventType:
        return _configured(self, prevent_default, stop_propagation)

    def takes(self, data: Mapping[str, Any]) -> bool:         # Any: `KeyData`, for one; a subclass knows which
        """Whether an event with such `data` is one that was asked for: a key filter may say no."""
        return True

    @property
    def bubbles(self) -> bool:
        """Whether the nodes around the one that issued it are shown the event, too."""
        return self.name not in _OWN and not self.stop_propagation

    @property
    def token(self) -> str:
        words = [("prevent", self.prevent_default), ("stop", self.stop_propagation), ("once", self.once)]
        return ":".join([self._wire_name, *[word for word, on in words if on], *self._options])

    @property
    def _wire_name(self) -> str:
        return self.name

    @property
    def _options(self) -> list[str]:
        return []

    @property
    def _arguments(self) -> list[object]:
        return []

    def __repr__(self) -> str:
        """As it is written in Python."""
        flags = [f"{flag}=True" for flag in ("once", "prevent_default", "stop_propagation") if getattr(self, flag)]
        arguments = ", ".join([*map(repr, self._arguments), *flags])
        return f"{self._python_name}({arguments})" if arguments else self._python_name

    @property
    def _python_name(self) -> str:
        return self.name.upper()


class OnceEventType(EventType):
    """`CLICK(once=True)`: further ones are dropped until its handler has returned, or who awaited it waits for it again."""
    __slots__ = ()

    def __call__(self, *, once: bool = False, prevent_default: bool = False, stop_propagation: bool = False) -> OnceEventType:
        _check_flag("once", once)
        return replace(_configured(self, prevent_default, stop_propagation), once=self.once or once)


@dataclass(frozen=True, slots=True, repr=False)
class ChangeEventType(EventType):
    """`CHANGE` comes when the user leaves the input or presses Enter, `CHANGE(300)` 300 ms after his last key.

    `THROTTLE(100)` is a change, too: it comes at most every 100 ms while he types.
    """

    name: str = "change"
    delay: int | None = None         # milliseconds
    throttled: bool = False

    def __call__(
        self, delay: int | EllipsisType = ..., *, prevent_default: bool = False, stop_propagation: bool = False,
    ) -> ChangeEventType:
        event = _configured(self, prevent_default, stop_propagation)
        return event if delay is ... else replace(event, delay=_milliseconds("delay of CHANGE", delay), throttled=False)

    @property
    def _options(self) -> list[str]:
        return [] if self.delay is None else [f"{'~' if self.throttled else ''}{self.delay}"]

    @property
    def _arguments(self) -> list[object]:
        return [] if self.delay is None else [self.delay]

    @property
    def _python_name(self) -> str:
        return "THROTTLE" if self.throttled else "CHANGE"


@dataclass(frozen=True, slots=True, repr=False)
class KeyEventType(EventType):
    """`KEY_DOWN` is sent for every key, `KEY_DOWN("Enter", "Ctrl+S")` for these only.

    A key is what `KeyboardEvent.key` calls it: a character, or a name like "Enter", "Escape", "ArrowUp", "F1" ("Space" for the
    blank). The modifiers Ctrl, Alt, Shift, Meta and Mod (Meta on a Mac, Ctrl elsewhere) have to be held, and no others: "Enter" is
    not sent for Shift and Enter. A character without modifiers is what was typed: "A" and "?" need no Shift; with modifiers
    it is the key, so "Ctrl+S" and "Ctrl+s" are the same, and "Shift+1" is sent although that types "!". On a keyboard with other
    letters the key counts as S that a US keyboard has there. "Shift" and its like alone are keys, too. What is pressed while an
    input method composes a character is never sent.
    """

    keys: tuple[Key, ...] = ()       # none: all

    def __call__(self, *keys: str, prevent_default: bool = False, stop_propagation: bool = False) -> KeyEventType:
        event = _configured(self, prevent_default, stop_propagation)
        return replace(event, keys=tuple(dict.fromkeys(map(Key.parse, keys)))) if keys else event

    def takes(self, data: Mapping[str, Any]) -> bool:         # Any: `KeyData`
        held = sum(bit for name, bit in _HELD.items() if data.get(name))
        return not self.keys or any(key.matches(data["key"], data["code"], held) for key in self.keys)

    @property
    def _options(self) -> list[str]:
        return [key.token for key in self.keys]

    @property
    def _arguments(self) -> list[object]:
        return list(map(str, self.keys))


class CustomEventType(EventType):
    """A `CustomEvent` of this name that a script dispatches on the node, or inside of it when it bubbles."""
    __slots__ = ()

    @property
    def _wire_name(self) -> str:
        return f"*{quote(self.name, safe='')}"

    @property
    def _arguments(self) -> list[object]:
        return [self.name]

    @property
    def _python_name(self) -> str:
        return "CUSTOM"


CLICK = OnceEventType("click")
CHANGE = ChangeEventType()
FOCUS = EventType("focus")
BLUR = EventType("blur")
DOUBLE_CLICK = EventType("double_click")
SUBMIT = OnceEventType("submit")
KEY_DOWN = KeyEventType("key_down")
KEY_UP = KeyEventType("key_up")
POINTER_ENTER = EventType("pointer_enter")
POINTER_LEAVE = EventType("pointer_leave")
SCROLL_END = EventType("scroll_end")
DRAG_START = EventType("drag_start")
DRAG_END = EventType("drag_end")
DRAG_ENTER = EventType("drag_enter")
DRAG_LEAVE = EventType("drag_leave")
DROP = EventType("drop")
VISIBLE = EventType("visible")
RESIZE = EventType("resize")

#: All but the custom ones, by name.
EVENT_TYPES: dict[str, EventType] = {
    event.name: event for event in (
        CLICK, CHANGE, FOCUS, BLUR, DOUBLE_CLICK, SUBMIT, KEY_DOWN, KEY_UP, POINTER_ENTER, POINTER_LEAVE, SCROLL_END,
        DRAG_START, DRAG_END, DRAG_ENTER, DRAG_LEAVE, DROP, VISIBLE, RESIZE,
    )
}
# Events of the DOM that the client listens to itself, and other spellings of ours.
_ELSEWHERE = {
    **{name.replace("_", ""): name for name in EVENT_TYPES},
    "dblclick": "double_click", "input": "change", "compositionend": "change", "focusin": "focus", "focusout": "blur",
    "pointerover": "pointer_enter", "pointerout": "pointer_leave", "mouseenter": "pointer_enter", "mouseleave": "pointer_leave",
    "mouseover": "pointer_enter", "mouseout": "pointer_leave", "dragover": "drop", "keypress": "key_down", "scroll": "scroll_end",
}


def THROTTLE(interval: int, *, stop_propagation: bool = False) -> ChangeEventType:
    """A change that is sent while the user types, at most every `interval` milliseconds, and the last one always."""
    interval = _milliseconds("interval of THROTTLE", interval)
    return ChangeEventType(stop_propagation=stop_propagation, delay=interval, throttled=True)


def CUSTOM(name: str, *, prevent_default: bool = False, stop_propagation: bool = False) -> CustomEventType:
    """A `CustomEvent` called `name`, dispatched by a script on the node, or inside of it when it bubbles.

    It comes to `handle_input_event` and `await_event` with the script's `detail` as `event.data`: check it, anybody can send it.
    """
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        raise ValueError(f"the name of a custom event is a text of 1 to {MAX_NAME} characters, not {name!r}")
    known = name if name in EVENT_TYPES else _ELSEWHERE.get(name.lower())
    if known is not None:
        raise ValueError(f"{name!r} is no custom event: there is {known.upper()} for it")
    if name.startswith(("lona", "@")):
        raise ValueError(f"names that begin with 'lona' or '@' are the framework's own, so {name!r} cannot be a custom event")
    return _configured(CustomEventType(name), prevent_default, stop_propagation)


def name_of(event: EventType | str) -> str:
    """The name of an event type, or of any event by its name. Raises `ValueError` for one that is misspelt."""
    if isinstance(event, EventType):
        return event.name
    if not isinstance(event, str) or not event:
        raise ValueError(f"expected an event type like KEY_DOWN, or the name of a custom event, not {event!r}")
    known = event if event in EVENT_TYPES else _ELSEWHERE.get(event.lower().replace("_", ""))
    if known is not None and known != event:
        raise ValueError(f"there is no event {event!r}; write {known.upper()}, or {known!r}")
    return event


def tokens(events: Iterable[EventType]) -> str:
    """The value of the attribute `@on`."""
    return " ".join([event.token for event in events])


class EventList:
    """The events that a node issues, at most one of each name: a second `CHANGE(…)` replaces the first."""

    __slots__ = ("_node", "types")

    def __init__(self, node: TreeNode, events: Iterable[EventType] = ()) -> None:
        self._node = node
        #: As a tuple; to be changed by `replace` alone.
        self.types = _by_name(events)

    def append(self, event: EventType) -> None:
        self.replace((*self.types, event))

    add = append

    def extend(self, events: Iterable[EventType] | EventType) -> None:
        self.replace((*self.types, *_by_name(events)))

    def remove(self, event: EventType) -> None:
        """Take `event` out; one that is not there is fine."""
        self.replace([other for other in self.types if other != event])

    def clear(self) -> None:
        self.replace(())

    def replace(self, events: Iterable[EventType] | EventType) -> None:
        """Become `events`, several or one."""
        new = _by_name(events)
        owner = self._node.owner
        if owner is not None and new != self.types:
            owner.record(SetAttribute(self._node, "@on", tokens(new) or False))
        self.types = new

    def names(self) -> list[str]:
        return [event.name for event in self.types]

    def __iter__(self) -> Iterator[EventType]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)

    def __contains__(self, event: object) -> bool:
        return event in self.types

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (EventList, list, tuple)):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<EventList {tokens(self.types)!r}>"


def _by_name(events: Iterable[EventType] | EventType) -> tuple[EventType, ...]:
    found: dict[str, EventType] = {}
    for event in events if isinstance(events, Iterable) and not isinstance(events, str) else (events,):
        if not isinstance(event, EventType):
            raise ValueError(
                "an event must be CLICK, CHANGE(300), KEY_DOWN('Enter'), CUSTOM('name') or another one of lona_sync.html, "
                f"not {event!r}"
            )
        found[event.name] = event
    return tuple(found.values())


def _configured(event: Type, prevent_default: bool, stop_propagation: bool) -> Type:
    _check_flag("prevent_default", prevent_default)
    _check_flag("stop_propagation", stop_propagation)
    if prevent_default and event.name in _MERE_NEWS:
        raise ValueError(f"a browser does nothing of its own at {event.name}, so there is nothing for prevent_default")
    return replace(
        event,
        prevent_default=event.prevent_default or prevent_default,
        stop_propagation=event.stop_propagation or stop_propagation,
    )


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {type(value).__name__}: {value!r}")


def _milliseconds(what: str, value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"the {what} must be a whole number of milliseconds, not {value!r}")
    return value
