"""`CheckBox`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from ..event_types import CHANGE
from ..node import Node
from ..properties import Value
from .field import REQUIRED, Field


class CheckBox(Field):
    """`value` is a `bool`. `required`: it must be checked."""

    __slots__ = ()
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "checkbox"}
    EVENTS = (CHANGE,)
    HTML_HAS_READONLY = False
    ARIA_READONLY = True

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
        self._defend()
        self.attributes.receive("checked", data, client)
        if self.attributes.wire("indeterminate") is not False:
            self.attributes.receive("indeterminate", False, client)          # a click ends that, in the browser as well

    def _shown_state(self) -> Iterable[tuple[Node, str]]:
        return [(self, "checked")]

    @property
    def wire_value(self) -> str:
        """What a browser posts when it is checked."""
        return str(self.attributes.get("value", "on"))

    def _fill(self, texts: Sequence[str]) -> str:
        self.value = self.wire_value in texts
        return ""

    def _problem(self) -> str:
        return REQUIRED if self.required and not self.value else ""
