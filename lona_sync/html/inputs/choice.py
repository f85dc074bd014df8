"""`Choice`: an option or a radio button. It stands for any object of Python, of which a browser sees a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from ..children import Child
from .control import Control

C = TypeVar("C", bound="Choice")

#: What is said of a posted text that no choice stands for.
NOT_OFFERED = "This choice is not offered."

# How Python shows what has no text of its own: `<Plan object at 0x7f3a…>`, also inside of a tuple.
_ADDRESS = re.compile(" at 0x[0-9a-fA-F]{4}")


class Choice(Control):
    """`value` may be any object; a browser sees `str(value)`, or nothing with `render_value=False`."""

    __slots__ = ()

    _render: bool
    _value: Any                                               # Any: the user's own object, here and below

    def __init__(
        self, *nodes: Child, value: Any = "", render_value: bool = True, bubble_up: bool = True, **kwargs: Any,
    ) -> None:                                                # Any: as for Node
        super().__init__(*nodes, bubble_up=bubble_up, **kwargs)
        self._render = render_value           # type: ignore[misc]  # a slot of the subclasses: two bases cannot have some
        self.value = value

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        if self._render:
            self.attributes["value"] = self._render_value(value)
        self._value = value

    def _render_value(self, value: Any) -> str:
        """What browsers see; to be overridden."""
        return str(value)

    @property
    def wire_value(self) -> str:
        """What a browser posts when this was chosen."""
        return str(self.attributes["value"]) if "value" in self.attributes else self._default_wire_value()

    def _default_wire_value(self) -> str:
        raise NotImplementedError


def find_choice(choices: Iterable[C], value: Any, taken: Sequence[C] = ()) -> C | None:
    """The choice of this value: the very object before an equal one, and if possible none of `taken`."""
    choices = list(choices)
    found = [choice for choice in choices if choice.value is value] or [choice for choice in choices if choice.value == value]
    return next((choice for choice in found if not any(choice is other for other in taken)), next(iter(found), None))


def check_texts(choices: Iterable[Choice]) -> None:
    """Raise `ValueError` when a posted text would not say which of these values was chosen.

    Interactive views tell them apart all the same: there a browser names the node.
    """
    known: dict[str, Choice] = {}
    for choice in choices:
        text = choice.wire_value
        if not isinstance(choice.value, str) and _ADDRESS.search(text):
            raise ValueError(
                f"a browser would post {text!r:.100} for this choice, which is something else in the next process. Give values "
                "whose str() says what they are."
            )
        other = known.setdefault(text, choice)
        if other.value is not choice.value and other.value != choice.value:
            raise ValueError(
                f"for {other.value!r:.100} and {choice.value!r:.100} alike a browser would post {text!r:.100}: which one was it? "
                "Give values whose str() differs (with render_value=False: options of other labels)."
            )
