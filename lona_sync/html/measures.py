"""What shows a number or a result: `Progress`, `Meter` and `Output`."""

from __future__ import annotations

from typing import Any

from .children import Child
from .inputs.formats import format_number, parse_number
from .inputs.numbers import Number
from .node import Node


class Measure(Node):
    """A number between others, shown as a bar."""

    __slots__ = ()

    def __init__(self, *nodes: Child, value: Number | str | None = None, max: Number | str | None = None, **kwargs: Any) -> None:
        super().__init__(*nodes, **kwargs)                    # Any: as for Node
        if max is not None:
            self.max = max
        if value is not None:
            self.value = value

    @property
    def value(self) -> int | float | None:
        """None: there is none, or the attribute is no number."""
        return self._number("value")

    @value.setter
    def value(self, value: Number | str | None) -> None:
        self._set_number("value", value)

    @property
    def max(self) -> int | float | None:
        """The value of a full bar; None: 1."""
        return self._number("max")

    @max.setter
    def max(self, value: Number | str | None) -> None:
        self._set_number("max", value)

    def _number(self, name: str) -> int | float | None:
        return parse_number(str(self.attributes.get(name, "")))

    def _set_number(self, name: str, value: Number | str | None) -> None:
        if value is None:
            del self.attributes[name]
        else:
            self.attributes[name] = format_number(name, value)


class Progress(Measure):
    """How far something has come, from 0 to `max`. Without `value` (None) it goes on for nobody knows how long."""

    __slots__ = ()
    TAG_NAME = "progress"


class Meter(Measure):
    """How much there is of something, from `min` to `max`; with `low`, `high` and `optimum` as attributes of HTML."""

    __slots__ = ()
    TAG_NAME = "meter"

    def __init__(self, *nodes: Child, min: Number | str | None = None, **kwargs: Any) -> None:     # Any: as for Node
        super().__init__(*nodes, **kwargs)
        if min is not None:
            self.min = min

    @property
    def min(self) -> int | float | None:
        """The value of an empty bar; None: 0."""
        return self._number("min")

    @min.setter
    def min(self, value: Number | str | None) -> None:
        self._set_number("min", value)


class Output(Node):
    """The result of what the user does. Screen readers say it when it changes."""

    __slots__ = ()
    TAG_NAME = "output"

    @property
    def value(self) -> str:
        """The text in it."""
        return self.get_text()

    @value.setter
    def value(self, value: object) -> None:
        self.set_text(value)
