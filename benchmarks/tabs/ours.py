"""A tab of lona_sync: docs/protocol.md."""

from __future__ import annotations

import json
from typing import Any

from lona_sync.wire.protocol import VERSION

from .base import Tab, masked


class OurTab(Tab):
    """Its page has a button that says '+1', and a text with the count."""

    site = "lona_sync"

    def enter(self, path: str) -> None:
        hello = masked(json.dumps([0, VERSION]).encode()) + masked(json.dumps([1, 1, path, None]).encode())
        self.upgrade("/_lona_sync/socket", then=hello)
        while (message := json.loads(self.wait_for_message()))[0] != 2:
            if message[0] not in (0, 1):
                self.wrong(f"no page: {message}")
        self.frame: int = message[2]
        self.first: int = message[5]
        self.stream: list[Any] = message[7]
        nodes = [item for item in self.stream if item != 0 and not isinstance(item, dict)]
        #: The id of the button.
        self.button: int = self.first + nodes.index("+1") - 1 if "+1" in nodes else 0

    def click(self) -> bytes:
        self.clicks += 1
        return masked(b"[4,1,%d,%d,1,%d,[1,1,10,10,0,%d]]" % (self.clicks, self.frame, self.button, self.button))

    def acknowledgement(self) -> bytes:
        return masked(b"[5,1,%d]" % self.frame)

    def hear(self, payload: bytes) -> None:
        message = json.loads(payload)
        if message[0] == 3:
            self.frame = message[2]
            self.changed(message[4])
        elif message[0] != 5:
            self.wrong(f"expected a frame, not {message}")

    def changed(self, patches: list[Any]) -> None:
        """A frame of the view."""
        [[_, _, text]] = patches
        self.shown = int(text)
