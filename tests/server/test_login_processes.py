"""Logins, and their end, where several processes serve. Two applications in this process stand for two processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest
import werkzeug.test

from lona_sync import App, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client

COOKIE = "lona_sync_session"


class Home(View):
    def handle_request(self, request: Request) -> object:
        button = Button("in")
        self.await_click(button, html=HTML(P(str(request.user)), button))
        return self.session.login("ann", next="/who")


def make(folder: Path) -> App:
    app = App(__file__)
    app.settings.update({
        "SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(folder), "SIBLING_TIMEOUT": 1.0,
    })
    app.route("/")(Home)

    @app.route("/in", interactive=False)
    class In(View):
        def handle_request(self, request: Request) -> object:
            return self.session.login("ann", next="/who")

    @app.route("/out", interactive=False)
    class Out(View):
        def handle_request(self, request: Request) -> object:
            return self.session.logout("/who")

    @app.route("/who", interactive=False)
    class Who(View):
        def handle_request(self, request: Request) -> object:
            return str(request.user)

    app.parts.siblings.enlist()
    return app


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[App, App]]:
    apps = make(tmp_path), make(tmp_path)
    yield apps
    for app in apps:
        app.stop()


def give_cookie(giver: werkzeug.test.Client, taker: werkzeug.test.Client) -> None:
    found = giver.get_cookie(COOKIE)
    assert found is not None
    taker.set_cookie(COOKIE, found.value)


def wait_until(condition: Callable[[], object]) -> None:
    with gevent.Timeout(10):
        while not condition():
            gevent.sleep(0.005)


def test_a_ticket_is_good_in_whichever_process_its_browser_comes_to(pair: tuple[App, App]) -> None:
    here, there = pair
    client = Client(here)
    page = client.open("/")                                           # the view of `here` has the socket
    elsewhere = werkzeug.test.Client(there)
    give_cookie(client.http, elsewhere)
    client.http.open = elsewhere.open                                 # type: ignore[method-assign]  # a balancer has sent it there

    page.click("button")
    wait_until(lambda: "ann" in page.html())

    assert elsewhere.get("/who").text == "ann"
    assert there.stats()["sessions.tickets.redeemed"] == 1


def test_a_session_that_ends_in_one_process_has_ended_in_all(pair: tuple[App, App]) -> None:
    here, there = pair
    browser, thief = werkzeug.test.Client(here), werkzeug.test.Client(there)
    browser.get("/in")
    give_cookie(browser, thief)
    before = thief.get("/who").text

    browser.get("/out")

    assert (before, thief.get("/who").text) == ("ann", "<AnonymousUser>")


def test_its_live_views_end_in_all(pair: tuple[App, App]) -> None:
    here, there = pair
    browser, other = werkzeug.test.Client(here), Client(there)
    browser.get("/in")
    give_cookie(browser, other.http)
    page = other.open("/")
    assert page.text("p") == "ann"

    browser.get("/out")

    wait_until(lambda: there.stats()["views"] == 0)
    assert not page.connected


def test_who_is_disconnected_is_so_in_all(pair: tuple[App, App]) -> None:
    here, there = pair
    client = Client(there)
    client.http.get("/in")
    page = client.open("/")

    here.disconnect("ann")

    wait_until(lambda: there.stats()["views"] == 0)
    assert not page.connected
    assert there.server is not None and there.server.get_connection_count("ann") == 0


def test_who_is_logged_out_is_so_in_all(pair: tuple[App, App]) -> None:
    here, there = pair
    browser = werkzeug.test.Client(there)
    browser.get("/in")

    here.log_out("ann")

    assert browser.get("/who").text == "<AnonymousUser>"


def test_a_process_that_does_not_answer_holds_nothing_up_for_long(pair: tuple[App, App]) -> None:
    here, there = pair
    there.parts.siblings.on("dismiss", lambda request, talk: gevent.sleep(60))
    browser = werkzeug.test.Client(here)
    browser.get("/in")

    with gevent.Timeout(10):
        here.log_out("ann")

    assert browser.get("/who").text == "<AnonymousUser>"


@pytest.mark.parametrize("request_", [
    {}, {"user": 3}, {"void": "x"}, {"void": 3, "at": 1.0}, {"void": "x", "at": "y"}, {"session": None}, {"session": ["a"]},
])
def test_what_no_process_of_ours_would_say_does_no_harm(pair: tuple[App, App], request_: dict[str, object]) -> None:
    here, there = pair

    answer = here.parts.siblings.ask(there.parts.siblings.tag, "dismiss", **request_)

    assert answer == {"ok": True}
    assert there.stats()["siblings.failed"] == 0


@pytest.mark.parametrize("request_", [
    {}, {"name": "x"}, {"name": 3, "key": "k"}, {"name": "x", "key": None}, {"name": "x", "key": "k"},
])
def test_nor_who_asks_for_a_ticket_that_is_none(pair: tuple[App, App], request_: dict[str, object]) -> None:
    here, there = pair

    with here.parts.siblings.open(there.parts.siblings.tag, "ticket", **request_) as talk:
        assert talk.receive() == {"error": "gone"}
