"""How much may lie here: of one session, and of all of this process.

What a session *declares* counts for it at once, so that it cannot begin ten files where there is room for one. For all together
counts only what has *come*: else a few visitors could take all room by declaring what they never send.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable


class NoRoom(Exception):
    """`whose`: "session" (this visitor has used what he may), "server" (all together have) or "disk"."""

    def __init__(self, whose: str) -> None:
        super().__init__(f"no room for more: {whose}")
        self.whose = whose


class Quota:
    """Counts bytes. `free()` tells how many the disk has; `reserve` of them stay free."""

    def __init__(self, *, session_bytes: int, total_bytes: int, reserve: int, free: Callable[[], int]) -> None:
        self._session_bytes = session_bytes
        self._total_bytes = total_bytes
        self._reserve = reserve
        self._free = free
        self._declared: Counter[Hashable] = Counter()
        self.total = 0                                        # bytes that lie here

    def declare(self, session: Hashable, size: int) -> None:
        """`size` bytes are to come. Raises `NoRoom`, and then nothing is counted."""
        if self._declared[session] + size > self._session_bytes:
            self._tidy(session)
            raise NoRoom("session")
        if self.total + size > self._total_bytes:
            self._tidy(session)
            raise NoRoom("server")
        if self._free() - size < self._reserve:
            self._tidy(session)
            raise NoRoom("disk")
        self._declared[session] += size

    def retract(self, session: Hashable, size: int) -> None:
        """So much that was declared does not come, or is gone."""
        self._declared[session] -= size
        self._tidy(session)

    def grow(self, size: int) -> None:
        """So much has come. Raises `NoRoom`, and then nothing is counted."""
        if self.total + size > self._total_bytes:
            raise NoRoom("server")
        self.total += size

    def shrink(self, size: int) -> None:
        """So much is gone."""
        self.total -= size

    def left(self, session: Hashable) -> int:
        """Bytes that this session may still declare."""
        return max(0, min(self._session_bytes - self._declared[session], self._total_bytes - self.total))

    def declared(self, session: Hashable) -> int:
        return self._declared.get(session, 0)

    def _tidy(self, session: Hashable) -> None:
        if self._declared[session] <= 0:
            del self._declared[session]
