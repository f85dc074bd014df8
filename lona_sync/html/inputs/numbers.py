"""`NumberInput` and `RangeInput`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, TypeAlias

from ..properties import Value
from .formats import format_number, parse_decimal, parse_fraction, parse_number
from .ordered import OrderedField, Step

Number: TypeAlias = int | float | Decimal


class NumberInput(OrderedField[Number]):
    """`value` is an `int` when it is written as one, else a `float`; `decimal` is exactly what is written.

    It may be set to an int, a float, a `Decimal`, or the text of one. Without `step` a browser wants whole numbers, and so does
    `valid`: prices need `step=0.01`, and `step="any"` allows all.
    """

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "number"}
    NOT_VALID = "This is no number."

    def __init__(
        self,
        value: Number | str | None = None,
        *,
        min: Number | None = None,
        max: Number | None = None,
        step: Step = None,
        **kwargs: Any,                                        # Any: as for Node
    ) -> None:
        super().__init__(min=min, max=max, step=step, **kwargs)
        self.value = value

    @property
    def value(self) -> int | float | None:
        """None: empty, or the browser's text (`raw_value`) is no number; then `valid` is False."""
        return self._parse(self.raw_value)

    @value.setter
    def value(self, value: Number | str | None) -> None:
        self._set_number(value)

    @property
    def decimal(self) -> Decimal | None:
        """The value without the error of a float; None as for `value`."""
        return parse_decimal(self.raw_value)

    def _set_number(self, value: Number | str | None) -> None:
        self._set_text("" if value is None or value == "" else format_number("value", value))

    def _parse(self, text: str) -> int | float | None:
        return parse_number(text)

    def _format(self, name: str, value: Number) -> str:
        if isinstance(value, str):
            raise TypeError(f"{name} must be a number or None, not {value!r}")
        return format_number(name, value)

    def _position(self, text: str) -> Fraction | None:
        return parse_fraction(text)


class RangeInput(NumberInput):
    """A slider. It always has a value: without one (None) it stands in the middle, as in the browser.

    Without `min` and `max` it goes from 0 to 100. `value` is where it stands: one beyond a limit is at the limit, one between two
    steps on the nearer. `raw_value` is what was set, and counts again when there is room for it.
    """

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "range"}
    CAN_BE_HALF_TYPED = False
    HTML_HAS_READONLY = False
    ARIA_READONLY = True

    @property
    def value(self) -> int | float | None:
        """None: the browser has sent what is no number."""
        position, shown = self._position(self.raw_value), self._shown()
        if shown is None or shown == position:
            return self._parse(self.raw_value)
        return int(shown) if shown.denominator == 1 else float(shown)

    @value.setter
    def value(self, value: Number | str | None) -> None:
        self._set_number(value)

    @property
    def decimal(self) -> Decimal | None:
        """The value without the error of a float; None as for `value`."""
        position, shown = self._position(self.raw_value), self._shown()
        if shown is None or shown == position:
            return super().decimal
        return Decimal(shown.numerator) / shown.denominator

    def _shown(self) -> Fraction | None:
        """Where the slider stands, as HTML has it; None: what is set is no number."""
        least, most = self._limits()
        position = self._position(self.raw_value) if self.raw_value else (least + most) / 2
        if position is None:
            return None
        shown, size = min(max(position, least), most), self._step_size()
        if size is None:
            return shown
        shown = least + (((shown - least) / size + Fraction(1, 2)) // 1) * size
        return shown if shown <= most else shown - size

    def _limits(self) -> tuple[Fraction, Fraction]:
        """The second is never less than the first."""
        least, most = parse_fraction(self._raw("min")) or Fraction(0), parse_fraction(self._raw("max"))
        return least, max(Fraction(100) if most is None else most, least)

    def _shown_text(self) -> str:
        is_there = not self.raw_value or self._shown() in (None, self._position(self.raw_value))
        return self.raw_value if is_there else str(self.decimal)

    def _problem(self) -> str:
        return self.NOT_VALID if self._shown() is None else ""
