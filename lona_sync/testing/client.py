"""A browser without a screen: it opens views in this process and speaks the real wire, with no socket in between.

    client = Client(app)
    page = client.open('/sender')
    page.click('button')
    assert page.text('p') == '1'

What a page shows is a model of the DOM to which the frames of the server are applied, strictly: a wrong patch fails the test.
Acting on a page (`click`, `type`, …) returns when the server has come to rest: all that runs without waiting for time or a network
has run. For what takes longer there is `wait_for`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import werkzeug.test

from ..app import App
from ..errors import WrongThreadError
from ..parts import get_thread
from ..server.entry import Doorway
from ..server.http.application import CLOCK
from ..server.sockets.connection import Connection
from ..server.sockets.outflow import Transport
from ..server.sockets.receipts import Receipts
from ..server.sockets.rounds import Rounds
from ..views.envelope import Envelope
from ..views.session import SINCE, USER, new_key
from ..views.users import id_of
from .clock import VirtualClock
from .network import Network
from .page import Page
from .painted import Painted


class Client:
    """One browser, so one session; several pages of it belong to the same user. Another user is another `Client`.

    `clock` is the time of the views that it opens, `clock.advance(hours=24)`; give it to the other clients of a test. `network`
    lies between its pages and the server, `network.drop(after_frame=3)`.
    """

    def __init__(self, app: App, *, clock: VirtualClock | None = None) -> None:
        self.app = app
        self.clock = clock or VirtualClock()
        self.network = Network(self.clock, app.settings)
        # For plain requests: the answer has `status_code`, `text`, `json`. Not the application itself, which takes whoever
        # calls it for a server, and warns of one that gevent has not patched.
        self.http = werkzeug.test.Client(lambda environ, start_response: self._parts.http(environ, start_response))

    def log_in(self, user: Any) -> None:
        """Let this browser be the one of `user`, as if he had logged in just now. `user`: as for `session.login`."""
        sessions, key, data = self.app.parts.sessions, new_key(), {USER: id_of(user), SINCE: time.time()}
        sessions.keep(key, data)
        name, _, value = sessions.cookie(key, data, secure=False, base="").partition(";")[0].partition("=")
        self.http.set_cookie(name, value)

    def open(self, url: str = "/") -> Page:
        """Load the page of `url`, as a new tab does, and show its view."""
        return Page(self, url)

    def paint(self, url: str = "/", data: Mapping[str, str] | None = None) -> Painted:
        """Load the page of `url` as it is without scripts; with `data` as the answer to a form that is posted.

            painted = client.paint('/')
            assert painted.text('h1') == 'Welcome'
            page = client.join(painted)
        """
        environ = {CLOCK: self.clock}
        if data is None:
            return Painted(self.http.get(url, environ_overrides=environ))
        return Painted(self.http.post(url, data=data, environ_overrides=environ))

    def join(self, painted: Painted) -> Page:
        """Have the scripts of the page run: it joins the view that it shows."""
        request = painted.response.request
        query = request.query_string.decode()
        return Page(self, request.path + ("?" + query if query else ""), painted)

    @property
    def _parts(self) -> Any:                       # Any: the application's own
        parts = self.app.parts
        if parts.thread != get_thread():
            raise WrongThreadError(
                "this application is served in another thread, by a live server: look at it through its url, and into it by call()"
            )
        return parts

    def connect(self, transport: Transport) -> Connection:
        """A connection of this browser's session over a transport of your own, for tests of the wire."""
        cookie = self.http.get_cookie(self.app.settings.SESSION_COOKIE)
        header = f"{cookie.key}={cookie.value}" if cookie is not None else ""
        headers = {"HOST": "localhost", **({"COOKIE": header} if header else {})}
        envelope = Envelope(tuple(headers.items()), "127.0.0.1", "http", "localhost")
        parts, settings = self._parts, self.app.settings
        visitor = parts.socket.admit(envelope, "")
        if visitor is None:
            raise ConnectionRefusedError("a middleware does not let this browser in")
        return Connection(
            transport, visitor=visitor, entry=Doorway(parts.entry.on_clock(self.clock)), presence=parts.socket.presence,
            settings=settings, clock=self.clock, receipts=Receipts(delay=settings.ACK_DELAY, clock=self.clock),
            under_way=Rounds(seconds=settings.SEND_TIMEOUT, clock=self.clock), counters=parts.counters,
            hear=lambda connection, text: parts.hear(connection, text), among=parts.connections,
        )
