"""Tabs of the floors: two echo what they hear, the same bytes as a click of lona_sync; one publishes."""

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


class NewsTab(EchoTab):
    """Of the floor that publishes: what a tab of lona_sync reads."""

    def enter(self, path: str) -> None:
        self.upgrade(path)

    def hear(self, payload: bytes) -> None:
        start, _, text = payload.partition(b',0,[[0,12,"')
        if not (start.startswith(b"[3,1,") and text.endswith(b'"]]]')):
            self.wrong(f"no news: {payload!r}")
        self.shown = int(text[:-4])


class LibraryEchoTab(EchoTab):
    """Of the echo over gevent-websocket as it comes."""

    site = "gevent-websocket"
