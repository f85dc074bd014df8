"""`OrderedField`: a value with an order, so with `min`, `max` and `step`: numbers, dates, times.

The browser's string is what is kept. `value` is what it means, or None: it is empty, or means nothing.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from ..mutations import AttributeValue
from .field import REQUIRED, StringField
from .formats import format_number, parse_fraction, parse_number

V = TypeVar("V")

Step: TypeAlias = int | float | Decimal | Literal["any"] | None


class OrderedField(StringField, Generic[V]):
    """The part that numbers, dates and times share; `V` is the Python type of the value."""

    __slots__ = ()

    CAN_BE_HALF_TYPED = True
    #: Where HTML lets every value stand on some grid: its step when none is given, in the unit of `_position`.
    DEFAULT_STEP: ClassVar[int] = 1
    #: For the sentences of `error`.
    UNIT: ClassVar[str] = ""
    ORIGIN: ClassVar[str] = "0"

    def __init__(
        self,
        value: V | None = None,
        *,
        min: V | None = None,
        max: V | None = None,
        step: Step = None,
        **kwargs: Any,                                        # Any: as for Node
    ) -> None:
        super().__init__(**kwargs)
        if min is not None:
            self.min = min
        if max is not None:
            self.max = max
        if step is not None:
            self.step = step
        self._set("value", value)

    @property
    def value(self) -> V | None:
        """None: empty, or the browser's text (`raw_value`) is no valid one; then `valid` is False."""
        return self._parse(self.raw_value)

    @value.setter
    def value(self, value: V | None) -> None:
        self._set("value", value)

    @property
    def min(self) -> V | None:
        """The least value allowed; None: there is none, or the attribute has a text that means nothing."""
        return self._parse(self._raw("min"))

    @min.setter
    def min(self, value: V | None) -> None:
        self._set("min", value)

    @property
    def max(self) -> V | None:
        """The greatest value allowed."""
        return self._parse(self._raw("max"))

    @max.setter
    def max(self, value: V | None) -> None:
        self._set("max", value)

    @property
    def step(self) -> Step:
        """Values must be `min` (or zero) plus a multiple of this. None: what HTML has for this type; 'any': all values will do."""
        text = self._raw("step")
        if text.lower() == "any":
            return "any"
        number = parse_number(text)
        return number if number is not None and number > 0 else None

    @step.setter
    def step(self, value: Step) -> None:
        if value is None:
            del self.attributes["step"]
        elif value == "any":
            self.attributes["step"] = "any"
        elif isinstance(value, str):
            raise TypeError(f"step must be a number, 'any' or None, not {value!r}")
        else:
            text = format_number("step", value)
            if (parse_fraction(text) or 0) <= 0:
                raise ValueError(f"step must be greater than 0 or 'any', not {value!r}")
            self.attributes["step"] = text

    def _parse(self, text: str) -> V | None:
        raise NotImplementedError

    def _format(self, name: str, value: V) -> str:
        """Raises `TypeError` or `ValueError` for what this type of input cannot show."""
        raise NotImplementedError

    def _position(self, text: str) -> Fraction | None:
        """Where a value is on the line that `step` counts on, exactly; None: it means nothing."""
        raise NotImplementedError

    def _shown_text(self) -> str:
        """What a browser makes of the value."""
        return self.raw_value

    def _set(self, name: str, value: V | None) -> None:
        text = "" if value is None else self._format(name, value)
        if name == "value":
            self._set_text(text)                              # also '': a missing one would not clear the browser's
        elif text:
            self.attributes[name] = text
        else:
            del self.attributes[name]

    def _problem(self) -> str:
        if not self.raw_value:
            return REQUIRED if self.required else ""
        position = self._position(self.raw_value)
        if position is None:
            return self.NOT_VALID
        return self._range_problem(position) or self._step_problem(position)

    def _range_problem(self, position: Fraction) -> str:
        least, most = self._position(self._raw("min")), self._position(self._raw("max"))
        if least is not None and position < least:
            return f"The least value allowed is {self._raw('min')}."
        if most is not None and position > most:
            return f"The greatest value allowed is {self._raw('max')}."
        return ""

    def _step_problem(self, position: Fraction) -> str:
        size = self._step_size()
        base = self._position(self._raw("min"))
        if size is None or ((position - (base or 0)) / size).denominator == 1:
            return ""
        start = self.ORIGIN if base is None else self._raw("min")
        number = self.DEFAULT_STEP if self.step is None else self._raw("step")
        return f"Only steps of {number}{self.UNIT} from {start} are allowed."

    def _step_size(self) -> Fraction | None:
        """None: all values will do."""
        step = self.step
        if step == "any":
            return None
        # From the text, not from the float: 0.3 is no multiple of 0.1 in binary.
        return Fraction(self.DEFAULT_STEP) if step is None else Fraction(self._raw("step"))

    def markup_attributes(self) -> dict[str, AttributeValue]:
        attributes = super().markup_attributes()
        attributes["value"] = text = self._shown_text()
        position = self._position(text)
        # Without `min` a browser counts from the `value` in the markup: of <input type=number step=5 value=3> it takes 3 and 8 and
        # refuses 5. A value on the grid moves nothing; beside another one it has to let all pass, and leave them to the server.
        if position is not None and self._position(self._raw("min")) is None and self._step_problem(position):
            attributes["step"] = "any"
        return attributes
