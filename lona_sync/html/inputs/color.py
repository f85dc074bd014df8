"""`ColorInput`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ..properties import Value
from .field import StringField

_COLOR = re.compile("#[0-9a-fA-F]{6}")


class ColorInput(StringField):
    """`value` is a string as `#ff8000`, in lower case. A browser knows no empty one: None, when set, is black."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "color"}
    NOT_VALID = "This is no color."
    HTML_HAS_READONLY = False

    def __init__(self, value: str | None = None, **kwargs: Any) -> None:      # Any: as for Node
        super().__init__(**kwargs)
        self.value = value

    @property
    def value(self) -> str | None:
        """None: what the browser has sent is no color (`raw_value`); then `valid` is False."""
        text = self.raw_value or "#000000"
        return text.lower() if _COLOR.fullmatch(text) else None

    @value.setter
    def value(self, value: str | None) -> None:
        if value is not None and not isinstance(value, str):
            raise TypeError(f"a color must be a str or None, not {type(value).__name__}: {value!r}")
        if value is not None and not _COLOR.fullmatch(value):
            raise ValueError(f"a color must be written as '#ff8000', not {value!r}")
        self._set_text((value or "#000000").lower())

    def _problem(self) -> str:
        return self.NOT_VALID if self.value is None else ""
