"""The WebSocket of an application, over real sockets: who may come in, and what becomes of his views."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from lona_sync import App, Request, View
from lona_sync.html import H1
from lona_sync.server.http.serving import Server
from lona_sync.views.session import SINCE, USER
from lona_sync.wire.protocol import VERSION, CloseCode
from tests.server.raw_client import BINARY, TEXT, RawClient, close_frame, connect, frame


class Runs(View):
    """Runs until it is stopped."""

    def handle_request(self, request: Request) -> None:
        self.show(H1("runs"))
        self.sleep(600)


class Site:
    """An application on a free port."""

    def __init__(self) -> None:
        self.app = App(__file__)
        self.app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "MESSAGE_BYTES": 5000})
        self.app.route("/")(Runs)
        self.server = Server(self._at_socket, "127.0.0.1", 0)
        self.server.start()

    def _at_socket(self, environ: Any, start_response: Any) -> Any:
        environ["PATH_INFO"] = "/_lona_sync/socket"
        return self.app(environ, start_response)

    def connect(self) -> RawClient:
        return RawClient(connect(("127.0.0.1", self.server.port)))

    def greeted(self, **headers: str) -> RawClient:
        client = self.connect()
        assert client.request(**headers).status == 101
        say(client, [0, VERSION])
        client.receive_text()
        return client

    def stat(self, name: str) -> int:
        return self.app.stats().get(name, 0)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.app.stop()
    site.server.stop()


def say(client: RawClient, message: list[Any]) -> None:
    client.send_text(json.dumps(message))


def open_window(client: RawClient) -> list[Any]:
    """Open a window; its STARTED. Its snapshot is taken."""
    say(client, [1, 1, "/", None])
    started = json.loads(client.receive_text())
    assert json.loads(client.receive_text())[0] == 2
    return started


def wait_until(condition: Callable[[], object]) -> None:
    with gevent.Timeout(5):
        while not condition():
            gevent.sleep(0.001)


def test_a_window_opens_over_a_real_socket(site: Site):
    with site.greeted() as client:
        started = open_window(client)

        assert started[0] == 1
        assert site.stat("views") == 1
        assert site.app.stats()["connections"] == 1


@pytest.mark.parametrize("payload", [close_frame(1000), close_frame(1001), frame(0x8)], ids=["1000", "1001", "no code"])
def test_the_views_of_a_browser_that_says_goodbye_end(site: Site, payload: bytes):
    with site.greeted() as client:
        open_window(client)

        client.send(payload)
        client.receive_close()

    wait_until(lambda: site.stat("views") == 0)
    assert site.stat("views.started") == 1


def test_the_views_of_a_browser_that_gives_up_the_socket_wait_for_it(site: Site):
    with site.greeted() as client:
        started = open_window(client)
        client.send(close_frame(4000))
        client.receive_close()
    wait_until(lambda: site.app.stats()["connections"] == 0)

    with site.greeted() as again:
        say(again, [2, 1, started[2], started[3], 1])
        answer = json.loads(again.receive_text())

    assert answer == started


def test_the_views_of_a_socket_that_was_lost_wait_for_the_browser(site: Site):
    with site.greeted() as client:
        started = open_window(client)
    wait_until(lambda: site.app.stats()["connections"] == 0)

    with site.greeted() as again:
        say(again, [2, 1, started[2], started[3], 1])
        answer = json.loads(again.receive_text())

    assert answer == started


@pytest.mark.parametrize(("payload", "code"), [
    (frame(BINARY, b"x"), 1003), (frame(TEXT, b"x" * 5001), 1009), (frame(TEXT, b"\xff"), 1007), (frame(TEXT, masked=False), 1002),
    (frame(TEXT, b"nonsense"), 4500),
], ids=lambda value: str(value) if isinstance(value, int) else "")
def test_the_views_of_a_browser_that_is_told_not_to_come_back_end(site: Site, payload: bytes, code: int):
    with site.greeted() as client:
        open_window(client)

        client.send(payload)
        told = client.receive_close()

    wait_until(lambda: site.stat("views") == 0)
    assert told == code


def test_a_foreign_page_may_not_connect(site: Site):
    with site.connect() as client:
        answer = client.request(Origin="https://evil.example")

    assert answer.status == 403
    assert site.stat("connections.foreign") == 1


@pytest.mark.parametrize("end", [
    lambda app, visitor: app.parts.dismissal.void(visitor.session.key, had_user=True), lambda app, visitor: app.log_out("ann"),
], ids=["session", "user"])
def test_who_is_sent_away_while_he_comes_in_does_not_stay(site: Site, end: Callable[[App, Any], object]):
    @site.app.middleware
    class Ends:
        def handle_connection(self, data: Any) -> Any:
            end(site.app, data.connection)
            return data

    data = {USER: "ann", SINCE: time.time()}
    cookie = site.app.parts.sessions.cookie("key", data, secure=False, base="").partition(";")[0]

    with site.connect() as client:
        assert client.request(Cookie=cookie).status == 101
        code = client.receive_close()

    assert code == CloseCode.DISMISSED


def test_who_connects_again_and_again_does_not_fill_the_log(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr("lona_sync.server.sockets.door.LOGGED_AT_ONCE", 4)
    monkeypatch.setattr("lona_sync.server.sockets.door.LOGGED_EACH_SECOND", 0.0)

    for _ in range(2):
        with site.greeted() as client:
            for _ in range(3):
                say(client, [7, 1, "it is broken"])
            say(client, [6])
            client.receive_text()

    assert sum("it is broken" in message for message in caplog.messages) == 4
    assert site.stat("errors.browser") == 6


def test_one_user_may_have_twice_as_many_connections_as_views_and_not_one_more(site: Site):
    site.app.settings.MAX_VIEWS_PER_ADDRESS = 1            # guests, all of one address
    cookie = site.app.parts.sessions.new(secure=False, path="")[1].partition(";")[0]
    first, second = site.greeted(), site.greeted()

    with site.connect() as third, site.connect() as known, site.connect() as later:
        refused = third.request()
        somebody_else = known.request(Cookie=cookie)
        first.send(close_frame(1000))
        wait_until(lambda: site.stat("connections") == 2)
        after = later.request()
        second.sock.close()

    first.sock.close()
    assert (refused.status, somebody_else.status, after.status) == (429, 101, 101)
    assert site.stat("connections.refused.user") == 1
    wait_until(lambda: len(site.app.parts.socket._accounts) == 0)


def test_another_origin_may_connect_when_it_is_allowed(site: Site):
    site.app.settings.ALLOWED_ORIGINS = ["https://good.example"]

    with site.connect() as client:
        answer = client.request(Origin="https://good.example")

    assert answer.status == 101


@pytest.mark.parametrize("settings", [
    {"ALLOWED_ORIGINS": ["https://good.example/path"]}, {"ALLOWED_ORIGINS": ["https://good.example", "good.example"]},
    {"TRUSTED_PROXIES": ["proxy.example"]},
], ids=str)
def test_settings_that_cannot_be_understood_fail_before_anybody_comes(settings: dict[str, list[str]]):
    app = App(__file__)
    app.settings.update(settings)

    with pytest.raises(ValueError, match=next(iter(settings))):
        app.parts  # noqa: B018


def test_a_server_that_stops_says_so_and_lets_nobody_in(site: Site):
    with site.greeted() as client, site.connect() as late:
        open_window(client)
        stopping = gevent.spawn(site.app.stop)
        code = client.see_off()
        answer = late.request()
        stopping.join()

    assert code == 1012
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_a_browser_that_looks_away_for_long_is_still_its_own_user(site: Site):
    _, header = site.app.parts.sessions.new(secure=False, path="")
    cookie = header.partition(";")[0]
    with site.greeted(Cookie=cookie) as client:
        started = open_window(client)
    wait_until(lambda: site.app.stats()["connections"] == 0)

    answers = []
    for headers in ({}, {"Cookie": "lona_sync_session=x"}, {"Cookie": cookie}):
        with site.greeted(**headers) as again:
            say(again, [2, 1, started[2], started[3], 1])
            answers.append(json.loads(again.receive_text())[0])

    assert answers == [7, 7, 1]


def test_an_error_of_ours_closes_with_1011_and_the_view_waits(site: Site, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise RuntimeError("on purpose")

    with site.greeted() as client:
        open_window(client)
        monkeypatch.setattr("lona_sync.server.sockets.connection.Connection.received", fail)
        say(client, [6])
        code = client.receive_close()

    wait_until(lambda: site.app.stats()["connections"] == 0)
    assert code == 1011
    assert site.stat("views") == 1
