"""Where browsers get another session: the address of a ticket."""

from __future__ import annotations

from collections import Counter

from werkzeug.wrappers import Request, Response

from ...html import H1, A, Div, P
from ...html.node import Node
from .visitors import Visitors, base_of


class SignIn:
    """Redeems tickets (`tickets`): sets the cookie and sends the browser on."""

    def __init__(self, visitors: Visitors, counters: Counter[str]) -> None:
        self._visitors = visitors
        self._counters = counters

    def respond(self, ticket: str, request: Request) -> Response | Node:
        """The answer; a node: what the page of one with 403 says. Waits for the process that has the ticket, and for the store."""
        if request.method != "GET" or request.headers.get("Sec-Purpose", "").startswith("prefetch"):
            return Response("only GET\n", 405, {"Allow": "GET"})
        found = self._visitors.redeem(request.environ, ticket)
        if found is None:
            self._counters["sessions.tickets.refused"] += 1
            return Div(
                H1("Not signed in"),
                P("This link works once, for a minute, and in the browser that it was made for, which has to accept cookies."),
                P(A("Back to the first page", href=base_of(request.environ) + "/")),
            )
        path, cookie = found
        self._counters["sessions.tickets.redeemed"] += 1
        return Response(status=303, headers={"Location": path, "Set-Cookie": cookie})
