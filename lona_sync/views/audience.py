"""The windows that show one view, also those whose socket is lost and that may come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from ..nothing import NOTHING
from ..wire.document import Document
from .client import Client, Link
from .clock import Clock
from .users import same_owner
from .visitor import Visitor


class Stage(Protocol):
    """What an audience tells the view that it watches."""

    def deserted(self) -> None:
        """The last window has left for good."""

    def unwatched(self) -> None:
        """No window has a socket any more; at least one may come back."""

    def watched(self) -> None:
        """A window has come, or come back."""


class Audience:
    """Clients by number. One without a socket is waited for `resume_timeout` seconds, and at most `max_lost` of them are.

    One for whom a page was painted has no socket yet, either: he is waited for as if he had lost it, but for a time of his own.
    """

    __slots__ = (
        "_clients", "_clock", "_count", "_document", "_has_come", "_lost", "_max_lost", "_resume_timeout", "_stage",
    )

    def __init__(self, *, stage: Stage, document: Document, resume_timeout: float, max_lost: int, clock: Clock) -> None:
        self._stage = stage
        self._document = document
        self._resume_timeout = resume_timeout
        self._max_lost = max_lost
        self._clock = clock
        self._clients: dict[int, Client] = {}
        self._lost: dict[int, Client] = NOTHING        # those without a socket, the one that waits longest first
        self._count = 0
        self._has_come = False                         # somebody, with a socket

    def __iter__(self) -> Iterator[Client]:
        return iter(list(self._clients.values()))

    def __len__(self) -> int:
        return len(self._clients)

    @property
    def lost(self) -> int:
        """How many have no socket at the moment."""
        return len(self._lost)

    @property
    def has_left(self) -> bool:
        """True when there was somebody, and there is nobody now."""
        return not self._clients and self._count > 0

    @property
    def was_watched(self) -> bool:
        """Whether anybody has come. Not only a page, which programs load, too, that nobody looks at."""
        return self._has_come

    @property
    def all_lost(self) -> bool:
        """True when there is somebody, and nobody has a socket."""
        return 0 < len(self._clients) == len(self._lost)

    def attach(self, link: Link, window: int) -> Client:
        """A window begins to show the view. It gets a snapshot as soon as there is something to see."""
        self._count += 1
        self._has_come = True
        client = Client(self._count, self._document.log.add_cursor(0), link, window, link.visitor)
        self._clients[client.number] = client
        self._stage.watched()
        return client

    def expect(self, visitor: Visitor, seconds: float, settled: Callable[[], None]) -> Client:
        """A window is about to come that knows the client's `secret`: it stands in a page. It is waited for so many seconds.

        `settled()` is called once, when it has come or is waited for no longer.
        """
        self._count += 1
        client = Client(self._count, self._document.log.add_cursor(0), None, 0, visitor)
        client.invitation = client.secret
        self._clients[client.number] = client
        client.settled = settled
        self._wait_for(client, seconds)
        return client

    def expect_nobody(self) -> None:
        """Whoever has not come yet finds nothing: he has seen no more than what he gets anew elsewhere."""
        for client in [each for each in self._lost.values() if each.settled is not None]:
            self.detach(client)

    def send_away(self, client: Client) -> None:
        """Who was expected has been led elsewhere, before he came."""
        self._has_come = True
        self.detach(client)

    def detach(self, client: Client) -> None:
        """The window has left for good."""
        if self._clients.get(client.number) is client:
            self._drop(client)
            if not self._clients:
                self._stage.deserted()

    def suspend(self, client: Client) -> None:
        """The client's socket was lost; it is detached unless it comes back in time."""
        if self._clients.get(client.number) is not client:
            return
        client.link = None
        client.in_flight.clear()
        self._wait_for(client, self._resume_timeout)

    def _wait_for(self, client: Client, seconds: float) -> None:
        client.timer = self._clock.idle_timer(seconds, self.detach, client)
        if not self._lost:
            self._lost = {}
        self._lost[client.number] = client
        if len(self._lost) > self._max_lost:
            # Rather one who has never come: anybody can load a page that shows a view of all, again and again.
            expected = (each for each in self._lost.values() if each.settled is not None)
            self.detach(next(expected, next(iter(self._lost.values()))))
        if self.all_lost:
            self._stage.unwatched()

    def resume(self, secret: str, frame: int, link: Link, window: int) -> Client | None:
        """The client with this secret goes on after `frame`, on another connection; None: there is none, or it is another's."""
        client = next((each for each in self if each.is_known_by(secret)), None)
        if client is None or not _is_of(client, link.visitor):
            return None
        self._has_come = True
        client.visitor = link.visitor
        self._stop_waiting(client)
        if client.link is not None and client.link is not link:
            client.link.gone(client)                   # the old socket is dead, and nobody has noticed yet
        client.go_on(secret, frame)
        client.link = link
        client.window = window
        client.in_flight.clear()
        client.cursor.sent = min(frame, client.cursor.sent)
        self._document.log.acknowledge(client.cursor, client.cursor.sent)
        client.told = client.accepted
        client.asked = -1
        client.refused = False
        self._stage.watched()
        return client

    def wake(self) -> None:
        """Everybody who can be sent something gets what is new. Never waits."""
        for client in list(self._clients.values()):    # a copy: a connection may end by what it is sent
            if client.link is not None:
                client.link.wake(client)

    def dismiss(self) -> None:
        """The view has left: so do all clients, and they are told."""
        for client in self:
            self._drop(client)
            if client.link is not None:
                client.link.gone(client)

    def _drop(self, client: Client) -> None:
        self._stop_waiting(client)
        del self._clients[client.number]
        self._document.log.remove_cursor(client.cursor)

    def _stop_waiting(self, client: Client) -> None:
        self._lost.pop(client.number, None)
        settled, client.settled = client.settled, None
        if settled is not None:
            settled()
        if client.timer is not None:
            client.timer.close()
            client.timer = None


def _is_of(client: Client, visitor: Visitor) -> bool:
    """Whether this is who has had it. Guests have no cookie to be known by: the secret must do."""
    if client.visitor is None or (client.visitor.is_guest and visitor.is_guest):
        return True
    return same_owner(client.visitor.owner) == same_owner(visitor.owner)
