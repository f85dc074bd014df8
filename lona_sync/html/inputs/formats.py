"""The strings of HTML for numbers, dates and times, exactly as the standard has them. Reading never raises.

What is valid for HTML but not for Python, the year 12345, is read as None, like what is not valid at all.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
_INTEGER = re.compile("-?[0-9]+")
_DATE = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile("([0-9]{4})-([0-9]{2})")
_WEEK = re.compile("([0-9]{4})-W([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,3}))?)?")

_LONGEST_NUMBER = 1000
_SMALLEST_EXPONENT = -400            # of a double: about -324

_EPOCH = date(1970, 1, 1)
_FIRST_MONDAY = date(1969, 12, 29)   # HTML counts weeks from the one with the epoch in it


def parse_number(text: str) -> int | float | None:
    """A valid floating-point number: an int when it has neither point nor exponent."""
    decimal = parse_decimal(text)
    if decimal is None:
        return None
    return int(text) if _INTEGER.fullmatch(text) else float(decimal)


def parse_decimal(text: str) -> Decimal | None:
    """The same, exactly as it is written. None also for what is too large for a double, as in a browser."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text) or math.isinf(float(text)):
        return None
    decimal = Decimal(text)
    # 1e-999999999 is 0 for a browser; as a fraction it would fill the memory. So would 0e999999999.
    return decimal if decimal and decimal.adjusted() > _SMALLEST_EXPONENT else Decimal(0)


def parse_fraction(text: str) -> Fraction | None:
    decimal = parse_decimal(text)
    return None if decimal is None else Fraction(decimal)


def format_number(name: str, value: object) -> str:
    """`value`, a number or the text of one. Raises `TypeError` or `ValueError` with the `name` of what was to be set."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise TypeError(f"{name} must be a number or None, not {type(value).__name__}: {value!r}")
    # Not repr(value): that of a subclass may be anything, as `np.float64(1.0)`.
    text = float.__repr__(value) if isinstance(value, float) else int.__repr__(value) if isinstance(value, int) else str(value)
    if parse_decimal(text) is None:
        raise ValueError(f"{name} must be a finite number, written as 12, -1.5 or 2e3, not {value!r}")
    return text


def parse_date(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return None if match is None else date(*map(int, match.groups()))
    except ValueError:                                        # the 30th of February
        return None


def parse_month(text: str) -> date | None:
    """The first day of the month."""
    return parse_date(f"{text}-01") if _MONTH.fullmatch(text) else None


def format_month(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def parse_week(text: str) -> date | None:
    """The Monday of the week."""
    match = _WEEK.fullmatch(text)
    try:
        return None if match is None else date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        return None


def format_week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def parse_time(text: str) -> time | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction = match.groups()
    try:
        return time(int(hour), int(minute), int(second or 0), int((fraction or "").ljust(6, "0")))
    except ValueError:
        return None


def format_time(value: time) -> str:
    """As short as it can be: 09:30, 09:30:05, 09:30:05.25. HTML has no more than milliseconds; what is finer is cut off."""
    text = f"{value.hour:02}:{value.minute:02}"
    milliseconds = value.microsecond // 1000
    if value.second or milliseconds:
        text += f":{value.second:02}"
    return text + f".{milliseconds:03}".rstrip("0") if milliseconds else text


def parse_datetime(text: str) -> datetime | None:
    day, clock = parse_date(text[:10]), parse_time(text[11:])
    return None if day is None or clock is None or text[10:11] not in ("T", " ") else datetime.combine(day, clock)


def format_datetime(value: datetime) -> str:
    return f"{value.date().isoformat()}T{format_time(value.time())}"


def days(day: date) -> Fraction:
    return Fraction((day - _EPOCH).days)


def months(day: date) -> Fraction:
    return Fraction((day.year - 1970) * 12 + day.month - 1)


def weeks(day: date) -> Fraction:
    return Fraction((day - _FIRST_MONDAY).days // 7)


def seconds(value: time) -> Fraction:
    return Fraction(value.hour * 3600 + value.minute * 60 + value.second) + Fraction(value.microsecond, 1_000_000)


def datetime_seconds(value: datetime) -> Fraction:
    return days(value.date()) * 86_400 + seconds(value.time())
