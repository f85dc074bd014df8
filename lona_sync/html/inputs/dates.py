"""Inputs for dates and times, with the objects of Python's `datetime`, all without a time zone, as in HTML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from fractions import Fraction
from typing import ClassVar, TypeVar

from ..properties import Value
from .formats import (
    datetime_seconds,
    days,
    format_datetime,
    format_month,
    format_time,
    format_week,
    months,
    parse_date,
    parse_datetime,
    parse_month,
    parse_time,
    parse_week,
    seconds,
    weeks,
)
from .ordered import OrderedField

AnyTime = TypeVar("AnyTime", time, datetime)


class DateInput(OrderedField[date]):
    """`value`, `min` and `max` are `date`s; `step` counts days."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "date"}
    UNIT = " days"
    ORIGIN = "1970-01-01"
    NOT_VALID = "This is no date."

    def _parse(self, text: str) -> date | None:
        return parse_date(text)

    def _format(self, name: str, value: date) -> str:
        return _as_date(name, value).isoformat()

    def _position(self, text: str) -> Fraction | None:
        day = parse_date(text)
        return None if day is None else days(day)


class MonthInput(OrderedField[date]):
    """A month is a `date`: its first day when it is read, any of its days when it is set. `step` counts months."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "month"}
    UNIT = " months"
    ORIGIN = "1970-01"
    NOT_VALID = "This is no month."

    def _parse(self, text: str) -> date | None:
        return parse_month(text)

    def _format(self, name: str, value: date) -> str:
        return format_month(_as_date(name, value))

    def _position(self, text: str) -> Fraction | None:
        day = parse_month(text)
        return None if day is None else months(day)


class WeekInput(OrderedField[date]):
    """A week (ISO 8601) is a `date`: its Monday when it is read, any of its days when it is set. `step` counts weeks."""

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "week"}
    UNIT = " weeks"
    ORIGIN = "1970-W01"
    NOT_VALID = "This is no week."

    def _parse(self, text: str) -> date | None:
        return parse_week(text)

    def _format(self, name: str, value: date) -> str:
        return format_week(_as_date(name, value))

    def _position(self, text: str) -> Fraction | None:
        day = parse_week(text)
        return None if day is None else weeks(day)


class TimeInput(OrderedField[time]):
    """`value`, `min` and `max` are `time`s, to the millisecond; `step` counts seconds, 60 if it is not given.

    `min` after `max` is a span over midnight: from 22:00 to 06:00.
    """

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "time"}
    DEFAULT_STEP = 60
    UNIT = " seconds"
    ORIGIN = "00:00"
    NOT_VALID = "This is no time."

    def _parse(self, text: str) -> time | None:
        return parse_time(text)

    def _format(self, name: str, value: time) -> str:
        if not isinstance(value, time):
            raise TypeError(f"{name} must be a time or None, not {type(value).__name__}: {value!r}")
        return format_time(_without_zone(name, value))

    def _position(self, text: str) -> Fraction | None:
        value = parse_time(text)
        return None if value is None else seconds(value)

    def _range_problem(self, position: Fraction) -> str:
        least, most = self._position(self._raw("min")), self._position(self._raw("max"))
        if least is not None and most is not None and most < least:
            inside = position >= least or position <= most
            return "" if inside else f"The value must be from {self._raw('min')} to {self._raw('max')}."
        return super()._range_problem(position)


class DateTimeInput(OrderedField[datetime]):
    """`value`, `min` and `max` are `datetime`s without a zone, to the millisecond; `step` counts seconds, 60 if it is not given.

    The user's zone is known to his browser alone: what he enters is the time on his wall.
    """

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "datetime-local"}
    DEFAULT_STEP = 60
    UNIT = " seconds"
    ORIGIN = "1970-01-01T00:00"
    NOT_VALID = "This is no date and time."

    def _parse(self, text: str) -> datetime | None:
        return parse_datetime(text)

    def _format(self, name: str, value: datetime) -> str:
        if not isinstance(value, datetime):
            raise TypeError(f"{name} must be a datetime or None, not {type(value).__name__}: {value!r}")
        return format_datetime(_without_zone(name, value))

    def _position(self, text: str) -> Fraction | None:
        value = parse_datetime(text)
        return None if value is None else datetime_seconds(value)


def _as_date(name: str, value: object) -> date:
    # A datetime is a date to Python; here its time would be lost without a word.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(
            f"{name} must be a date or None, not {type(value).__name__}: {value!r}. A datetime has its date by value.date()."
        )
    return value


def _without_zone(name: str, value: AnyTime) -> AnyTime:
    if value.tzinfo is not None:
        raise ValueError(
            f"{name} must be without a time zone, since HTML has none, not {value!r}. Convert it to the user's zone, and then "
            "use value.replace(tzinfo=None)."
        )
    return value
