"""What a user can click, type into or choose from, except `Select`.

An input holds its value on the server, typed. A change in the browser arrives by `receive()`, before any handler runs,
and is told to all browsers but the one it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from .children import Child
from .event_types import CHANGE, CLICK, EventType
from .node import Node
from .properties import Value


class Control(Node):
    """A node that can be disabled."""

    __slots__ = ("_bubble_up",)

    def __init__(
        self, *nodes: Child, disabled: bool = False, readonly: bool = False, bubble_up: bool = False, **kwargs: Any
    ) -> None:                                                # Any: as for Node
        super().__init__(*nodes, **kwargs)
        self._bubble_up = bubble_up
        if disabled is not False:
            self.disabled = disabled
        if readonly is not False:
            self.readonly = readonly

    @property
    def disabled(self) -> bool:
        """True: the user cannot use it, and what a browser claims he did is dropped."""
        return self.is_disabled

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self._set_flag("disabled", value)

    @property
    def readonly(self) -> bool:
        """True: the user can read and copy, but not change. HTML knows this for text only; disable other inputs."""
        return self._flag("readonly")

    @readonly.setter
    def readonly(self, value: bool) -> None:
        self._set_flag("readonly", value)

    @property
    def bubble_up(self) -> bool:
        return self._bubble_up

    @bubble_up.setter
    def bubble_up(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"bubble_up must be True or False, not {type(value).__name__}: {value!r}")
        self._bubble_up = value


class Button(Control):
    __slots__ = ()
    TAG_NAME = "button"
    EVENTS = (CLICK,)

    def __init__(self, *nodes: Child, bubble_up: bool = True, **kwargs: Any) -> None:      # Any: as for Node
        super().__init__(*nodes, bubble_up=bubble_up, **kwargs)


class Submit(Control):
    """The button of a form; clicking it sends the form."""

    __slots__ = ()
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "submit", "value": "Submit"}


class _TextControl(Control):
    """`value` is a `str`.

    `input_delay`: a change is reported after so many milliseconds without typing; 0: when the user leaves the input.
    """

    __slots__ = ()
    EVENTS = (CHANGE(300),)

    def __init__(
        self, value: str | None = "", *, input_delay: int = 300, events: Iterable[EventType] = (), **kwargs: Any
    ) -> None:                                                # Any: as for Node
        super().__init__(**kwargs)
        if input_delay != 300:
            self.events.append(CHANGE(input_delay) if input_delay else CHANGE)
        if events:
            self.events.extend(events)
        self.value = value

    @property
    def value(self) -> str:
        return str(self.attributes.get("value", ""))

    @value.setter
    def value(self, value: str | int | float | None) -> None:
        self.attributes["value"] = "" if value is None else value

    def receive(self, data: object, client: int) -> None:
        if not isinstance(data, str):
            raise ValueError(f"the value of a text input must be a string, not {type(data).__name__}")
        if self.readonly:
            raise ValueError("the input is read-only")
        self.attributes.receive("value", data, client)


class TextInput(_TextControl):
    __slots__ = ()
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "text"}


class TextArea(_TextControl):
    __slots__ = ()
    TAG_NAME = "textarea"


class CheckBox(Control):
    __slots__ = ()
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "checkbox"}
    EVENTS = (CHANGE,)

    def __init__(self, value: bool = False, **kwargs: Any) -> None:      # Any: as for Node
        super().__init__(**kwargs)
        if value is not False:
            self.value = value

    @property
    def value(self) -> bool:
        return self._flag("checked")

    @value.setter
    def value(self, value: bool) -> None:
        self._set_flag("checked", value, "value")

    def receive(self, data: object, client: int) -> None:
        if not isinstance(data, bool):
            raise ValueError(f"the value of a check box must be a boolean, not {type(data).__name__}")
        self.attributes.receive("checked", data, client)
