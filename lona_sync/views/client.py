"""One window's place in a view: its cursor in the log, its event numbers, its secret. It outlives its connection."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from ..wire.log import Cursor
from .clock import Timer
from .visitor import Visitor


class Link(Protocol):
    """What a view needs of the connection that shows it. None of these waits."""

    @property
    def visitor(self) -> Visitor:
        """Who is at its other end."""

    def wake(self, client: Client) -> None:
        """The log has grown past this client's cursor."""

    def redirect(self, client: Client) -> None:
        """Tell the window to go where `client.redirect` says."""

    def refuse(self, client: Client, event: int) -> None:
        """The event was taken and did not count: its user could not see yet what the one before had done."""

    def resend(self, client: Client) -> None:
        """The event queue has room again for what was refused."""

    def gone(self, client: Client) -> None:
        """The view has left the server; the window shows nothing of ours any more."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where a window is to go; `leave_page`: as a page. Who has applied this frame has been told."""
    url: str
    leave_page: bool
    frame: int


class Client:
    """`link` is None while the socket is lost and the view waits for it to come back."""

    __slots__ = (
        "accepted", "asked", "cursor", "in_flight", "link", "number", "redirect", "refused", "secret", "timer", "told", "too_big",
        "visitor", "window",
    )

    def __init__(self, number: int, cursor: Cursor, link: Link, window: int) -> None:
        self.number = number
        self.secret = secrets.token_urlsafe(16)
        self.cursor = cursor
        self.link: Link | None = link
        self.visitor: Visitor | None = link.visitor           # who has it, and alone may come back to it
        self.window = window
        self.accepted = 0                    # the last event taken from this client
        self.told = 0                        # the last one that it knows to be taken
        self.asked = -1                      # the last one taken when it was asked for a missing one
        self.refused = False                 # events were refused for lack of room; it has to send them again
        self.in_flight: deque[tuple[int, int]] = deque()      # (frame, bytes) sent and not acknowledged
        self.too_big = 0                     # bytes of a snapshot that did not fit beside what was under way
        self.redirect: Redirect | None = None                 # until the browser has been told, and yet stays
        self.timer: Timer | None = None      # runs while the view waits for a resume

    def has_applied(self, frame: int) -> None:
        """The browser says so."""
        if self.redirect is not None and frame >= self.redirect.frame:
            self.redirect = None
