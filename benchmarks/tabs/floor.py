"""A tab of the two floors, which echo what they hear: the same bytes as a click of lona_sync."""

from __future__ import annotations

from .base import Tab, masked


class EchoTab(Tab):
    """The number of a click comes back in its echo."""

    site = "floor"

    def enter(self, path: str) -> None:
        self.upgrade("/")

    def click(self) -> bytes:
        self.clicks += 1
        return masked(b"[4,1,%d,%d,1,7,[1,1,10,10,0,7]]" % (self.clicks, self.clicks))

    def hear(self, payload: bytes) -> None:
        start, _, rest = payload.partition(b"[4,1,")
        if start or not rest.endswith(b",1,7,[1,1,10,10,0,7]]"):
            self.wrong(f"no echo: {payload!r}")
        self.shown = int(rest.partition(b",")[0])


class LibraryEchoTab(EchoTab):
    """Of the echo over gevent-websocket as it comes."""

    site = "gevent-websocket"
