"""An entry of the Redis stream as a message, and back. No I/O.

All messages of an application go through one stream, `<prefix>:channels`. An entry has the fields `topic` and `data` (JSON;
without it None), and from other programs maybe `expiry` (POSIX seconds on the clock of Redis). Processes of ours write `sent`,
one field for all the rest, since each field costs time to read: what `SENT` lists, separated by blanks. Or they write `topic`
and `lost` (`LOST`): no message, but the news that some are missing.

Times in entries are on the clock of Redis, so that two machines need not agree what time it is.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import snapshot
from .losses import Loss
from .message import Message
from .topics import MAX_LENGTH

#: What stands in the field `sent`: who wrote it, and as his how manieth entry; the message's id, time, expiry
#: ('-': none), and 1 if it is droppable, else 0.
SENT = ("origin", "number", "id", "timestamp", "expiry", "droppable")
#: And in `lost`: the same, and how many messages to the topic he could not send (-1: unknown) since his last entry.
LOST = ("origin", "number", "count")


class Malformed(Exception):
    """An entry that nobody can read; the text says why."""


@dataclass(slots=True)                    # not frozen: that takes three times as long to make
class Entry:
    """What one entry says."""

    content: Message | Loss
    origin: str = ""              # '': another program
    number: int = 0


def message_fields(message: Message, encoded: str, *, origin: str, number: int, offset: float) -> list[bytes]:
    """What XADD takes. `offset`: what the clock of Redis is ahead of ours, in seconds."""
    expiry = "-" if message.expiry is None else repr(message.expiry + offset)
    sent = f"{origin} {number} {message.id} {message.timestamp + offset!r} {expiry} {int(message.droppable)}"
    return [b"topic", _bytes(message.topic), b"data", encoded.encode("ascii"), b"sent", sent.encode("ascii")]


def loss_fields(topic: str, count: int, *, origin: str, number: int) -> list[bytes]:
    return [b"topic", _bytes(topic), b"lost", f"{origin} {number} {count}".encode("ascii")]


def _bytes(topic: str) -> bytes:
    return topic.encode("utf-8", "surrogatepass")        # half a character is a topic like any other


def entry_of(
    id: bytes, fields: Mapping[bytes, bytes], *, offset: float, clock: Callable[[], float], max_bytes: int
) -> Entry:
    """What stands in an entry. Raises `Malformed`; whatever another program has written, nothing else."""
    try:
        topic = fields[b"topic"].decode("utf-8", "surrogatepass")
    except KeyError:
        raise Malformed("it has no field 'topic'") from None
    except UnicodeDecodeError:
        raise Malformed("its topic is not UTF-8") from None
    if len(topic) > MAX_LENGTH:
        raise Malformed(f"its topic has {len(topic)} characters, and {MAX_LENGTH} are allowed")
    data = fields.get(b"data")
    try:
        if b"sent" in fields:
            return _ours(topic, data, fields[b"sent"].decode("ascii"), offset, clock)
        if b"lost" in fields:
            origin, number, count = fields[b"lost"].decode("ascii").split(" ")
            return Entry(Loss(topic, _number(count)), _name(origin), _number(number))
        if data is not None and len(data) > max_bytes:
            raise Malformed(f"its data has {len(data)} bytes, and {max_bytes} are allowed")
        return Entry(_foreign(topic, data, id, fields, offset, clock))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{type(error).__name__}: {error!s:.200}") from None


def _ours(topic: str, data: bytes | None, sent: str, offset: float, clock: Callable[[], float]) -> Entry:
    origin, number, id, timestamp, expiry, droppable = sent.split(" ")
    message = Message(
        topic,
        timestamp=_time(timestamp) - offset,
        expiry=None if expiry == "-" else _time(expiry) - offset,
        droppable=droppable == "1",
        id=_name(id),
        encoded="null" if data is None else data.decode("ascii"),
        clock=clock,
    )
    return Entry(message, _name(origin), _number(number))


def _name(text: str) -> str:
    if not 0 < len(text) <= 100:
        raise ValueError(f"a name of {len(text)} characters")
    return text


def _number(text: str) -> int:
    number = int(text) if len(text) < 20 else sys.maxsize
    if not -1 <= number < 2**53:
        raise ValueError("a number out of range")
    return number


def _time(text: str) -> float:
    time = float(text)
    if not math.isfinite(time):
        raise ValueError(f"{text!r:.20} is no time")
    return time


def _foreign(
    topic: str, data: bytes | None, id: bytes, fields: Mapping[bytes, bytes], offset: float, clock: Callable[[], float]
) -> Message:
    text = "null" if data is None else data.decode("utf-8").strip(" \t\r\n")
    # Now, and not in somebody's handler, whose longer stack allows for less depth.
    snapshot.take(json.loads(text), sys.maxsize)
    name = id.decode("ascii")
    expiry = _time(fields[b"expiry"].decode("ascii")) - offset if b"expiry" in fields else None
    return Message(
        topic,
        timestamp=int(name.partition("-")[0]) / 1000 - offset,
        expiry=expiry,
        id=name,
        encoded=text,
        clock=clock,
    )
