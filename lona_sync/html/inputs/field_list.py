"""`FieldList`: the fields of one name in a form, when there are several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..node import Node
from .checkbox import CheckBox
from .field import Field


class FieldList(list[Field]):
    """Its `value` is the list of theirs: of three text inputs three texts, of three check boxes three times True or False."""

    @property
    def value(self) -> list[Any]:                             # Any: each field knows its own
        return [field.value for field in self]

    @value.setter
    def value(self, values: Sequence[Any]) -> None:
        if not isinstance(values, (list, tuple)) or len(values) != len(self):
            raise ValueError(f"the {len(self)} fields named {self[0].name!r} need a list of as many values, not {values!r}")
        for field, value in zip(self, values, strict=True):
            field.value = value

    @property
    def error(self) -> str:
        """The first one of theirs; '' when all will do."""
        return next(filter(None, [field.error for field in self]), "")

    @property
    def valid(self) -> bool:
        return not self.error

    @property
    def controls(self) -> Sequence[Node]:
        """The nodes that a form marks: those whose value will not do, or all when something else is wrong."""
        return [field for field in self if field.error] or self

    def fill(self, texts: Sequence[str]) -> None:
        """See `Field.fill`. The texts are taken in the order of the fields, as a browser posts them; check boxes look for theirs.

        Raises `ValueError` when check boxes post the same text, since nobody could tell which one was checked.
        """
        boxes = [field for field in self if isinstance(field, CheckBox)]
        twice = [text for text, count in Counter(box.wire_value for box in boxes).items() if count > 1]
        if twice:
            raise ValueError(
                f"{len(boxes)} check boxes are named {boxes[0].name!r} and several of them post {twice[0]!r}: which one was it? "
                "Give each its own name, or its own text: attributes={'value': 'red'}."
            )
        own = {box.wire_value for box in boxes}
        others = iter([text for text in texts if text not in own])
        for field in self:
            if isinstance(field, CheckBox):
                field.fill(texts)
            elif not field.is_disabled:
                field.fill([text for text in [next(others, None)] if text is not None])
