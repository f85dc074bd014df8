"""What "back" and "forward" go through in a tab of a test."""

from __future__ import annotations


class History:
    """Addresses, each with the number of the visit it belongs to: a view that changes its URL stays in the same visit."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, int]] = []
        self._at = -1
        self._visits = 0

    def enter(self, url: str) -> None:
        """Another view is opened."""
        self._visits += 1
        self._put(url, self._at + 1)

    def go(self, url: str, *, replace: bool, hears: bool) -> None:
        """The view says where it is; `hears`: it can be taken back to where it has been."""
        if not hears:
            self._visits += 1
        self._put(url, self._at if replace else self._at + 1)

    def travel(self, steps: int) -> tuple[str, bool]:
        """Go so many entries back or on. The address there, and whether it is the same visit. Raises LookupError for the ends."""
        at = self._at + steps
        if not 0 <= at < len(self._entries):
            urls = [url for url, _ in self._entries]
            raise LookupError(f"the history is {urls}, of which number {self._at} is shown: there is none {steps:+} from it")
        same = self._entries[at][1] == self._entries[self._at][1]
        self._at = at
        return self._entries[at][0], same

    def _put(self, url: str, at: int) -> None:
        self._entries[at:] = [(url, self._visits)]
        self._at = at
