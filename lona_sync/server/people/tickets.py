"""Gives a browser another session, although a WebSocket cannot set cookies.

A view that logs somebody in has a WebSocket only. So it leaves the new session here, under a ticket, and sends the browser to the
ticket's address, by which it gets the cookie in an ordinary HTTP answer, and is sent on:

    view       session.login(user) ─→ ticket             /_lona_sync/session/pK3xQ0aZ.9f3c…
    browser    GET that ─→ 303, Set-Cookie ─→ the page that the view had named, now as the user

A ticket is unguessable, is good for one minute and for one use, and only in the browser of whose session it was made: with the
cookie that the view's own page has. So a ticket in a log, in a history, or in the hands of somebody who wants to log others in as
himself, is worth nothing. What it stands for never leaves the server. Its first part tells which process has it.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from ...siblings import Siblings, Talk, Trouble

KIND = "ticket"
#: Where they are redeemed.
SESSION = "/_lona_sync/session/"
#: Seconds that a browser has to follow a redirect.
TICKET_SECONDS = 60.0
#: Tickets that wait; beyond it the oldest are void.
MAX_TICKETS = 10_000


class Ticket(NamedTuple):
    """`key`: of the session that it is for; `data`: what the new one begins with; `path`: where the browser goes then."""
    key: str
    data: dict[str, Any]               # Any: JSON
    path: str


class Tickets:
    """Those of this process, and who asks others for theirs."""

    def __init__(self, siblings: Siblings, counters: Counter[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._siblings = siblings
        self._counters = counters
        self._clock = clock
        self._waiting: OrderedDict[str, tuple[float, Ticket]] = OrderedDict()
        siblings.on(KIND, self._answer)

    def __len__(self) -> int:
        return len(self._waiting)

    def issue(self, ticket: Ticket) -> str:
        """Its name. Never waits."""
        now = self._clock()
        while self._waiting and (len(self._waiting) >= MAX_TICKETS or next(iter(self._waiting.values()))[0] < now):
            _, (until, _) = self._waiting.popitem(last=False)
            if until >= now:
                self._counters["sessions.tickets.dropped"] += 1
        name = f"{self._siblings.tag}.{secrets.token_urlsafe(24)}"
        self._waiting[name] = now + TICKET_SECONDS, ticket
        return name

    def redeem(self, name: str, key: str) -> Ticket | None:
        """The ticket, if it is good for the session with this key; it is used up then. Waits for the process that has it."""
        owner = self._siblings.owner_of(name)
        if owner is None:
            return self._take(name, key)
        try:
            said = self._siblings.ask(owner, KIND, name=name, key=key)
        except Trouble:
            return None
        match said:
            case {"data": dict(data), "path": str(path)}:
                return Ticket(key, data, path)
        return None

    def _take(self, name: str, key: str) -> Ticket | None:
        until, ticket = self._waiting.get(name, (0.0, None))
        if ticket is None or not key or not secrets.compare_digest(ticket.key.encode(), key.encode()):
            return None
        del self._waiting[name]
        return ticket if self._clock() <= until else None

    def _answer(self, request: dict[str, Any], talk: Talk) -> dict[str, Any]:
        name, key = request.get("name"), request.get("key")
        ticket = self._take(name, key) if isinstance(name, str) and isinstance(key, str) else None
        return {"error": "gone"} if ticket is None else {"data": ticket.data, "path": ticket.path}
