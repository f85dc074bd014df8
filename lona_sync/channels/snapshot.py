"""What the data of a channel message may be, and the text that keeps it as it was when it was sent.

The text is JSON, although nothing leaves the process: so a message that works with one process works with ten,
neither the sender's later changes nor one handler's reach anybody else, and one text serves any number of
subscribers.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

MESSAGE_BYTES = 1024 * 1024
MAX_DEPTH = 100

IMMUTABLE = frozenset({type(None), bool, int, float, str})

# Where a value stands: (path of its container, its key). None: the data itself. Written out only for an error.
_Path: TypeAlias = "tuple[_Path, str | int] | None"

_encoder = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def take(data: object, limit: int) -> str | None:
    """The JSON text (pure ASCII) of `data`; None if `data` is immutable, and so its own snapshot.

    TypeError, naming the place, for what cannot be sent; ValueError beyond `limit` bytes of text or `MAX_DEPTH`
    levels. Types are compared exactly: a namedtuple, an IntEnum or a numpy.float64 would arrive as something else
    than was sent.
    """
    if type(data) in IMMUTABLE:
        # Measured all the same if it may be long: what fits into one process only would break with the second.
        if (type(data) is str and len(data) > limit // 12) or (type(data) is int and data.bit_length() > 64):
            _measured(data, limit)
        return None
    if type(data) is not list and type(data) is not dict:
        raise TypeError(_misfit(None, data))
    _check(data, None, 1, limit, limit)
    return _measured(data, limit)


def encode(data: object) -> str:
    """The JSON text of what `take` let through."""
    return _encoder.encode(data)


def _measured(data: object, limit: int) -> str:
    text = _encoder.encode(data)
    if len(text) > limit:
        raise ValueError(_too_long(limit))
    return text


def _check(container: list[Any] | dict[Any, Any], path: _Path, depth: int, room: int, limit: int) -> int:
    """Look at everything in `container` (Any: that is the question); returns what is left of `room` bytes.

    The room bounds the time as well: a list that holds one list twice, which holds one list twice, and so on thirty
    times has a billion values in thirty objects.
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"{_name(path):.200}: nested deeper than {MAX_DEPTH} levels, or contains itself; send it flat")
    for key, value in container.items() if isinstance(container, dict) else enumerate(container):
        room -= 2                                      # at least one character and a comma
        if isinstance(container, dict):
            if type(key) is not str:
                kind = type(key).__name__
                raise TypeError(f"{_name(path)} has a {kind} as key, not a str: {key!r:.100}. Convert it with str().")
            room -= len(key)
        if type(value) is str:
            room -= len(value)
        elif type(value) is list or type(value) is dict:
            room = _check(value, (path, key), depth + 1, room, limit)
        elif type(value) not in IMMUTABLE:
            raise TypeError(_misfit((path, key), value))
        if room < 0:
            raise ValueError(_too_long(limit))
    return room


def _name(path: _Path) -> str:
    keys = ""
    while path is not None:
        path, key = path
        keys = f"[{key!r}]{keys}"
    return f"data{keys}"


def _misfit(path: _Path, value: object) -> str:
    return (
        f"{_name(path)}: {type(value).__name__} cannot be sent ({value!r:.100}), only None, bool, int, float, str, "
        "list and dict with str keys. Convert it first, or pass local=True to send any object within this process."
    )


def _too_long(limit: int) -> str:
    return f"a message may have {limit} bytes when encoded, and this one has more; send an id of the content instead"
