"""`Button`, and what sends a form: `Submit` and `ImageSubmit`.

There is no class for `<input type="reset">`: it empties the fields in the browser, and the server goes on with the values that
they had. A `Button` whose `handle_click` sets the values does it for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..children import Child
from ..event_types import CLICK
from ..properties import Value
from .control import Control


class Button(Control):
    """`disable_on_click`: one click at a time. The button is disabled from the click on until its handler has returned, or who
    awaited the click waits for it again; what is clicked meanwhile, in other windows too, is dropped.
    """

    __slots__ = ()
    TAG_NAME = "button"
    EVENTS = (CLICK,)
    BUSY_ATTRIBUTE = "disabled"

    def __init__(
        self, *nodes: Child, bubble_up: bool = True, disable_on_click: bool = False, **kwargs: Any,      # Any: as for Node
    ) -> None:
        super().__init__(*nodes, bubble_up=bubble_up, **kwargs)
        if disable_on_click is not False:
            issued = self.issued("click")
            self.events.append(CLICK(
                once=disable_on_click,
                prevent_default=issued is not None and issued.prevent_default,
                stop_propagation=issued is not None and issued.stop_propagation,
            ))


class Submit(Control):
    """The button of a form; clicking it sends the form. `value` is what stands on it, and is posted if it has a `name`."""

    __slots__ = ()
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "submit", "value": "Submit"}

    def __init__(self, value: str | None = None, **kwargs: Any) -> None:                   # Any: as for Node
        super().__init__(**kwargs)
        if value is not None:
            self.value = value

    @property
    def value(self) -> str:
        return str(self.attributes.get("value", ""))

    @value.setter
    def value(self, value: str) -> None:
        self.attributes["value"] = value


class ImageSubmit(Control):
    """A picture that sends the form. `alt` says what it does, for those who do not see it."""

    __slots__ = ()
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "image"}

    def __init__(self, src: str = "", alt: str = "", **kwargs: Any) -> None:               # Any: as for Node
        super().__init__(**kwargs)
        for name, text in (("src", src), ("alt", alt)):
            if text:
                self.attributes[name] = text
