"""The numbered frames of one document, and the cursors of those who read them.

A slow browser costs nothing but its place in this log: nothing is queued for it. What lies between its cursor and the end
is merged when it is sent, all of it: so it lags by what is under way, not by what it has not read. A frame is forgotten
when every cursor has acknowledged it, or when the log is full; whoever is behind then gets a snapshot of the tree instead.

A frame is a dict of encoded patches by key. A patch that sets one property of one node has that pair as its key, so
the last one wins
wherever frames are merged; it moves to the end, behind an insert that its value may need. All others have a key of their own.

Cost: a frame is counted once for each cursor when it is appended and once when it is acknowledged. A merge looks at all frames
behind the cursor; who has room for it only asks again when an acknowledgement has made more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

Key = tuple[int, str] | int | str
Patches = dict[Key, str]


class Cursor:
    """How far one client has been sent, and has acknowledged, a document's frames."""

    __slots__ = ("acknowledged", "sent")

    def __init__(self, sent: int = 0) -> None:
        self.sent = sent
        self.acknowledged = sent


class Batch:
    """Merged frames up to `number`; `patches` is shared by all cursors that stand at the same place."""

    __slots__ = ("number", "patches")

    def __init__(self, number: int, patches: bytes) -> None:
        self.number = number
        self.patches = patches


class _Frame:
    __slots__ = ("patches", "size", "unacknowledged")

    def __init__(self, patches: Patches, size: int, unacknowledged: int) -> None:
        self.patches = patches
        self.size = size                          # bytes, estimated by characters
        self.unacknowledged = unacknowledged      # cursors that have not confirmed it yet


class Log:
    """Frames `floor + 1` … `last`. At most `max_bytes` and `max_frames` of them are kept."""

    __slots__ = ("_frames", "_merged", "bytes", "cursors", "floor", "last", "max_bytes", "max_frames")

    def __init__(self, max_bytes: int, max_frames: int) -> None:
        self.max_bytes = max_bytes
        self.max_frames = max_frames
        self.floor = 0
        self.last = 0
        self.bytes = 0
        self.cursors: set[Cursor] = set()
        self._frames: deque[_Frame] = deque()
        self._merged: tuple[int, Batch] | None = None      # the last merge and where it began

    def __len__(self) -> int:
        return len(self._frames)

    def append(self, patches: Patches, size: int) -> None:
        """Add the next frame; the oldest ones go when the log is full."""
        self.last += 1
        self._frames.append(_Frame(patches, size, len(self.cursors)))
        self.bytes += size
        while self._frames and (self.bytes > self.max_bytes or len(self._frames) > self.max_frames):
            self._forget_first()
        self._free()

    def cut(self) -> None:
        """Begin a new frame that only a snapshot can tell; forget all others."""
        self.last += 1
        self.floor = self.last
        self.bytes = 0
        self._frames.clear()
        self._merged = None

    def add_cursor(self, sent: int) -> Cursor:
        """A new reader that has got all frames up to `sent`."""
        cursor = Cursor(sent)
        for index in range(max(0, sent - self.floor), len(self._frames)):
            self._frames[index].unacknowledged += 1
        self.cursors.add(cursor)
        return cursor

    def remove_cursor(self, cursor: Cursor) -> None:
        """The reader is gone; frames that only it was waiting for are freed."""
        if cursor in self.cursors:
            self._confirm(cursor.acknowledged, self.last)
            self.cursors.discard(cursor)

    def acknowledge(self, cursor: Cursor, number: int) -> None:
        """The reader has applied everything up to `number`; a number that was never sent counts as the last one sent."""
        number = min(number, cursor.sent)
        if number > cursor.acknowledged:
            self._confirm(cursor.acknowledged, number)
            cursor.acknowledged = number

    def since(self, sent: int) -> Batch | None:
        """All frames after `sent`, merged into one batch; None: only a snapshot helps.

        All, however many: a reader that was given the oldest ones first would read what is outdated already, and would lag by all
        that the log keeps. The caller asks only when `sent < last`.
        """
        if sent < self.floor:
            return None
        if self._merged is None or self._merged[0] != sent or self._merged[1].number != self.last:
            self._merged = (sent, Batch(self.last, self._merge(sent - self.floor, len(self._frames))))
        return self._merged[1]

    def _merge(self, first: int, end: int) -> bytes:
        if end - first == 1:
            return ",".join(self._frames[first].patches.values()).encode()
        merged: Patches = {}
        for index in range(first, end):
            merge(merged, self._frames[index].patches)
        return ",".join(merged.values()).encode()

    def _confirm(self, after: int, through: int) -> None:
        for index in range(max(0, after - self.floor), through - self.floor):
            self._frames[index].unacknowledged -= 1
        self._free()

    def _free(self) -> None:
        while self._frames and self._frames[0].unacknowledged <= 0:
            self._forget_first()

    def _forget_first(self) -> None:
        self.bytes -= self._frames.popleft().size
        self.floor += 1
        if not self._frames:
            self._merged = None


def merge(into: Patches, patches: Mapping[Key, str]) -> None:
    """Append `patches` to `into`; of two with the same key only the later one stays, at the later place."""
    for key, patch in patches.items():
        into.pop(key, None)
        into[key] = patch

