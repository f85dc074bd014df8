"""One window's place in a view: its cursor in the log, its event numbers, its secret. It outlives its connection."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from ..tokens import new_token
from ..wire.log import Cursor
from .clock import Timer
from .visitor import Visitor


class Link(Protocol):
    """What a view needs of the connection that shows it. None of these waits."""

    @property
    def visitor(self) -> Visitor:
        """Who is at its other end."""

    @property
    def user(self) -> Any:                                 # Any: the application's own class, or ours
        """Whose connection it is."""

    def tell(self, window: int, text: str) -> bool:
        """Send a raw message; False: there is no room for it at the moment."""

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


class Redirect(NamedTuple):
    """Where a window is to go; `leave_page`: as a page. Who has applied this frame has been told."""
    url: str
    leave_page: bool
    frame: int


class Client:
    """`link` is None while the socket is lost and the view waits for it to come back."""

    __slots__ = (
        "accepted", "asked", "cursor", "in_flight", "invitation", "link", "number", "redirect", "refused", "secret", "settled",
        "timer", "told", "too_big", "visitor", "window",
    )

    def __init__(self, number: int, cursor: Cursor, link: Link | None, window: int, visitor: Visitor | None) -> None:
        self.number = number
        self.secret = new_token()
        self.cursor = cursor
        self.link = link
        self.visitor = visitor                                # who has it, and alone may come back to it
        self.invitation: str | None = None                    # the secret in a page that has not joined for sure
        self.window = window
        self.accepted = 0                    # the last event taken from this client
        self.told = 0                        # the last one that it knows to be taken
        self.asked = -1                      # the last one taken when it was asked for a missing one
        self.refused = False                 # events were refused for lack of room; it has to send them again
        self.in_flight: list[tuple[int, int]] = []            # (frame, bytes) sent and not acknowledged
        self.too_big = 0                     # bytes of a snapshot that did not fit beside what was under way
        self.redirect: Redirect | None = None                 # until the browser has been told, and yet stays
        self.settled: Callable[[], None] | None = None        # one who has never come has, or is waited for no longer
        self.timer: Timer | None = None      # runs while the view waits for a resume

    def is_known_by(self, secret: str) -> bool:
        """Whether a browser that knows `secret` may go on here."""
        given = secret.encode()
        return secrets.compare_digest(self.secret.encode(), given) or (
            self.invitation is not None and secrets.compare_digest(self.invitation.encode(), given)
        )

    def go_on(self, secret: str, frame: int) -> None:
        """A browser that knows `secret` takes up, and has applied this frame.

        With the secret of a page it gets another one, since the page's source may lie about. The page's remains good until the
        browser says anything that tells that it has the other one: this may be lost on its way.
        """
        invited = secret == self.invitation
        if invited:
            self.secret = new_token()
        self.has_applied(frame)
        self.invitation = secret if invited else None

    def has_applied(self, frame: int) -> None:
        """The browser says so."""
        self.invitation = None
        if self.redirect is not None and frame >= self.redirect.frame:
            self.redirect = None
