"""Whoever uses his session does not lose it: the cookie of a page that is open for months."""

from __future__ import annotations

import time
from collections.abc import Iterator

import gevent
import pytest

from lona_sync import App, Request, View
from lona_sync.server.http.serving import Server
from lona_sync.wire import protocol
from tests.server.raw_client import RawClient, connect

DAY = 24 * 3600.0


class Site:
    def __init__(self) -> None:
        self.app = App(__file__)
        self.app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})

        @self.app.route("/")
        class Home(View):
            def handle_request(self, request: Request) -> object:
                return "home"

        self.server = Server(self.app, "127.0.0.1", 0)
        self.server.start()

    def cookie(self) -> str:
        return self.app.parts.sessions.new(secure=False, path="")[1].partition(";")[0]

    def handshake(self, cookie: str) -> tuple[RawClient, dict[str, str]]:
        client = RawClient(connect(("127.0.0.1", self.server.port)))
        return client, client.request(path="/_lona_sync/socket", Host="localhost", Cookie=cookie).headers


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.app.stop()
    site.server.stop(0.1)


def pass_time(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + days * DAY)


def test_a_fresh_cookie_is_left_alone(site: Site):
    client, headers = site.handshake(site.cookie())

    assert "set-cookie" not in headers
    client.sock.close()


def test_an_old_one_is_signed_anew_by_the_handshake(site: Site, monkeypatch: pytest.MonkeyPatch):
    cookie = site.cookie()
    pass_time(monkeypatch, 20)

    client, headers = site.handshake(cookie)

    assert headers["set-cookie"].partition(".")[0] == cookie.partition(".")[0]
    assert headers["set-cookie"].partition(";")[0] != cookie
    client.sock.close()


def test_who_has_none_gets_none(site: Site):
    client, headers = site.handshake("other=1")

    assert "set-cookie" not in headers
    client.sock.close()


def test_a_page_that_is_open_for_long_is_sent_to_get_a_fresh_one(site: Site):
    client, _ = site.handshake(site.cookie())
    client.send_text(protocol.encode(protocol.Hello(protocol.VERSION)))
    client.receive_text()
    socket = site.app.parts.socket
    (connection,) = socket._open
    ages = []

    for days in (14, 23):                                        # half of its lifetime, and up to a quarter more
        socket._open[connection] = socket._clock.now() - days * DAY
        socket.let_old_ones_come_anew()
        gevent.sleep(0)
        ages.append(client.readable(0.1))

    assert ages == [False, True]
    assert client.see_off() == 4000                              # it comes back, and its views have waited
    client.sock.close()


def test_a_guest_has_no_cookie_that_could_grow_old(site: Site):
    client, _ = site.handshake("other=1")
    client.send_text(protocol.encode(protocol.Hello(protocol.VERSION)))
    client.receive_text()
    socket = site.app.parts.socket
    (connection,) = socket._open

    socket._open[connection] = socket._clock.now() - 40 * DAY
    socket.let_old_ones_come_anew()

    assert not client.readable(0.1)
    client.sock.close()
