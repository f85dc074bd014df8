"""How far this process has read a stream, and how it knows that something is missing. No I/O.

Redis numbers the entries of a stream only by time, so a hole does not show in the ids. But it counts: `entries-added` minus
the length is how many entries were cut off at the old end, and a reader that has counted along knows whether it had read
them all. The same comparison finds a stream that was deleted and begun anew.

Beside that, each writer numbers what it writes (`Origins`): a repeated number is a retry of something that had arrived, and
a jump is a hole, wherever it came from.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, TypeAlias

Id: TypeAlias = "tuple[int, int]"

#: Origins that are remembered per stream; beyond it the one that was silent longest is forgotten, and with it only the
#: means to notice its next retry or jump. A process of ours is one origin.
MAX_ORIGINS = 10_000


def id_of(text: bytes) -> Id:
    milliseconds, _, number = text.partition(b"-")
    return int(milliseconds), int(number)


def text_of(id: Id) -> bytes:
    return b"%d-%d" % id


@dataclass(frozen=True, slots=True)
class Info:
    """What XINFO STREAM says; the default is what a stream is that does not exist."""

    added: int = 0                # entries since it was made
    length: int = 0
    first: Id = (0, 0)            # of the oldest entry that is there; (0, 0): there is none
    last: Id = (0, 0)             # of the youngest entry that ever was

    @property
    def cut(self) -> int:
        """How many entries were taken off at the old end."""
        return self.added - self.length


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a stream all writers keep: so many entries, and none that is older than so many seconds."""

    length: int
    seconds: float


class Cursor:
    """The place of a reader in one stream. A reason that is returned ("cut", "replaced") means: something was lost here."""

    __slots__ = ("_read", "id")

    def __init__(self, id: Id) -> None:
        self.id = id                         # of the entry read last
        self._read: int | None = None        # entries added up to it; None: not known yet

    @classmethod
    def since(cls, milliseconds: int, now: int, info: Info) -> Cursor:
        """Behind everything that was added before that time (on the clock of Redis); behind everything where `is_ahead`."""
        return cls(info.last if cls.is_ahead(info, now) else (milliseconds, 0))

    @staticmethod
    def is_ahead(info: Info, now: int) -> bool:
        """True if times say nothing, since the clock was set back, or somebody has added an entry of the future."""
        return info.last[0] > now

    def inspect(self, info: Info, now: int, bounds: Bounds) -> str | None:
        """Compare with the state of the stream, taken together with what is read next. After "replaced", read again."""
        if self._read is None:
            return self._inspect_fresh(info, now, bounds)
        if info.last < self.id:
            # What is there is older than what we had: a backup, or a replica that lagged behind. None of it again.
            self.id, self._read = info.last, info.added
            return "replaced"
        if info.added < self._read or (info.first > self.id and info.cut < self._read):
            self._read = None                    # where we are in it is a matter of time alone
            return "replaced"
        if self._read < info.cut:
            self._read = info.cut
            return "cut"
        return None

    def _inspect_fresh(self, info: Info, now: int, bounds: Bounds) -> str | None:
        """Nothing was counted yet: whether what was cut off was before or behind our place follows from the bounds."""
        if info.cut == 0 or info.last <= self.id or (0, 0) < info.first <= self.id:
            return None
        old = now - self.id[0] >= bounds.seconds * 1000
        return "cut" if old or info.length == 0 or info.length >= bounds.length else None

    def advance(self, id: Id, count: int) -> None:
        """`count` entries were read; this is the last one's id."""
        self.id = id
        if self._read is not None:
            self._read += count

    def adds_up(self, info: Info, count: int) -> str | None:
        """`count` entries, read with `info`, are all that there is behind our place. To be asked before they are handed on."""
        return None if self._read is None or self._read + count == info.added else "replaced"

    def caught_up(self, info: Info) -> None:
        """All that was there at the time of `info` has been read."""
        self.id = info.last                  # less than a time from which we began, when nothing was added since
        self._read = info.added


Verdict = Literal["new", "repeated", "jump"]


class Origins:
    """The numbers that writers give to what they write into one stream."""

    def __init__(self, limit: int = MAX_ORIGINS) -> None:
        self._limit = limit
        self._last: OrderedDict[str, int] = OrderedDict()
        self._forgiven: set[str] = set()

    def __len__(self) -> int:
        return len(self._last)

    def __contains__(self, origin: str) -> bool:
        return origin in self._last

    def see(self, origin: str, number: int) -> Verdict:
        """Of the first entry of an origin nobody knows what was before: it is "new"."""
        last = self._last.get(origin)
        if last is not None and number <= last:
            return "repeated"
        forgiven = origin in self._forgiven
        self._forgiven.discard(origin)
        self._last[origin] = number
        self._last.move_to_end(origin)
        if last is None and len(self._last) > self._limit:
            self._forgiven.discard(self._last.popitem(last=False)[0])
        return "new" if last is None or number == last + 1 or forgiven else "jump"

    def forgive(self) -> None:
        """A hole was found by other means, and everybody told: the jumps that it makes are no news."""
        self._forgiven = set(self._last)
