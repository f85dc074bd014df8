"""A window whose view is in another process, as its connection knows it: first an errand, then whatever stands for it here."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ...wire.protocol import ClientMessage, Open, Resume
from ..entry import Elsewhere


class Errand(NamedTuple):
    """What this process cannot do: `message` is for the one that has the view."""
    elsewhere: Elsewhere
    message: Open | Resume


class Remote(Protocol):
    """A window of the connection whose view is in another process: `relay.Relay`. None of these waits."""

    @property
    def view(self) -> str:
        """The view's id."""

    @property
    def accepted(self) -> int:
        """The last event that the other process has said to have accepted."""

    def forward(self, message: ClientMessage) -> None:
        """A message for the window."""

    def drained(self) -> None:
        """The transport has sent all it was given."""

    def end(self, *, clean: bool) -> None:
        """Nothing is to be shown here any more. `clean`: the window has left; else its view waits for it to come back."""
