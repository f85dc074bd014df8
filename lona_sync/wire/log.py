"""The numbered frames of one document, and the cursors of those who read them.

A slow browser costs nothing but its place in this log: nothing is queued for it. What lies between its cursor and the end
is merged when it is sent, all of it: so it lags by what is under way, not by what it has not read. A frame is forgotten
when every cursor has acknowledged it, or when the log is full; whoever is behind then gets a snapshot of the tree instead.

A frame is a dict of encoded patches by key. A patch that sets one property of one node has that pair as its key, so the last one
wins wherever frames are merged; it moves to the end, behind an insert that its value may need. All others have a key of their own.

Cost: a cursor is counted at the one frame that it is to acknowledge next, so an append looks at no cursor, and an acknowledgement
at one, however many frames it is for. A merge looks at all frames behind the cursor; who has room for it only asks again when an
acknowledgement has made more.
"""

from __future__ import annotations

from collections.abc import Mapping

Key = tuple[int, str] | int | str
Patches = dict[Key, str]


class Cursor:
    """How far one client has been sent, and has acknowledged, a document's frames."""

    __slots__ = ("acknowledged", "sent")

    def __init__(self, sent: int = 0) -> None:
        self.sent = sent
        self.acknowledged = sent


class _Frame:
    __slots__ = ("patches", "size", "waiting")

    def __init__(self, patches: Patches, size: int, waiting: int) -> None:
        self.patches = patches
        self.size = size                          # bytes, estimated by characters
        self.waiting = waiting                    # cursors that have acknowledged all before this frame, and not this one


class Log:
    """Frames `floor + 1` … `last`. At most `max_bytes` and `max_frames` of them are kept."""

    __slots__ = ("_at_end", "_frames", "_merged", "bytes", "cursors", "floor", "last", "max_bytes", "max_frames")

    def __init__(self, max_bytes: int, max_frames: int) -> None:
        self.max_bytes = max_bytes
        self.max_frames = max_frames
        self.floor = 0
        self.last = 0
        self.bytes = 0
        self.cursors: list[Cursor] = []                        # no set, and no deque for frames: the smallest ones have 200 and 760
        self._frames: list[_Frame] = []                        # bytes, and most views have one reader, and no frame
        self._at_end = 0                                       # cursors that have acknowledged all frames
        self._merged: tuple[int, int, bytes] | None = None     # the last merge: where it began, where it ended

    def __len__(self) -> int:
        return len(self._frames)

    def append(self, patches: Patches, size: int) -> None:
        """Add the next frame; the oldest ones go when the log is full."""
        self.last += 1
        self.bytes += size
        self._frames.append(_Frame(patches, size, self._at_end))
        self._at_end = 0
        while self._frames and (self.bytes > self.max_bytes or len(self._frames) > self.max_frames):
            self._forget_first()
        if not self.cursors:
            self._free()

    def cut(self) -> None:
        """Begin a new frame that only a snapshot can tell; forget all others."""
        self.last += 1
        self.floor = self.last
        self.bytes = 0
        self._frames.clear()
        self._at_end = len(self.cursors)
        self._merged = None

    def add_cursor(self, sent: int) -> Cursor:
        """A new reader that has got all frames up to `sent`."""
        cursor = Cursor(sent)
        self.cursors.append(cursor)
        self._count(sent, 1)
        return cursor

    def remove_cursor(self, cursor: Cursor) -> None:
        """The reader is gone; frames that only it was waiting for are freed."""
        if cursor in self.cursors:
            self.cursors.remove(cursor)
            self._count(cursor.acknowledged, -1)
            self._free()

    def acknowledge(self, cursor: Cursor, number: int) -> None:
        """The reader has applied everything up to `number`; a number that was never sent counts as the last one sent."""
        if number > cursor.sent:
            number = cursor.sent
        if number > cursor.acknowledged:
            self._count(cursor.acknowledged, -1)
            self._count(number, 1)
            cursor.acknowledged = number
            self._free()

    def since(self, sent: int) -> bytes | None:
        """All frames after `sent`, merged: patches up to frame `last`, shared by all who stand here. None: only a snapshot helps.

        All, however many: a reader that was given the oldest ones first would read what is outdated already, and would lag by all
        that the log keeps. The caller asks only when `sent < last`.
        """
        if sent < self.floor:
            return None
        if self._merged is None or self._merged[0] != sent or self._merged[1] != self.last:
            self._merged = sent, self.last, self._merge(sent - self.floor)
        return self._merged[2]

    def _merge(self, first: int) -> bytes:
        patches = self._frames[first].patches
        if first + 1 < len(self._frames):
            patches = dict(patches)
            for index in range(first + 1, len(self._frames)):
                merge(patches, self._frames[index].patches)
        return ",".join(patches.values()).encode()

    def _count(self, acknowledged: int, change: int) -> None:
        """There are so many cursors more, or fewer, that have acknowledged this frame, and not the next one."""
        # Who is behind the floor waits for whatever is left.
        index = acknowledged - self.floor if acknowledged > self.floor else 0
        if index < len(self._frames):
            self._frames[index].waiting += change
        else:
            self._at_end += change

    def _free(self) -> None:
        while self._frames and not self._frames[0].waiting:
            self._forget_first()

    def _forget_first(self) -> None:
        frame = self._frames.pop(0)
        self.bytes -= frame.size
        self.floor += 1
        if self._frames:
            self._frames[0].waiting += frame.waiting
        else:
            self._at_end += frame.waiting
            self._merged = None


def merge(into: Patches, patches: Mapping[Key, str]) -> None:
    """Append `patches` to `into`; of two with the same key only the later one stays, at the later place."""
    for key, patch in patches.items():
        into.pop(key, None)
        into[key] = patch

