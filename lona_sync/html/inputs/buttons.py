"""`Button` and `Submit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..children import Child
from ..event_types import CLICK
from ..properties import Value
from .control import Control


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
