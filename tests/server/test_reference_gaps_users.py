"""Where the reference mixes users up, or ends what is somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gevent
import gevent.event
import pytest
import werkzeug.test

from lona_sync import App, Channel, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client
from lona_sync.views.users import AnonymousUser
from lona_sync.wire import protocol


class Shown(View):
    def handle_request(self, request: Request) -> object:
        self.is_daemon = "daemon" in request.GET
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button))
        while True:
            self.await_click(button)
            text.set_text(int(text.get_text()) + 1)
            self.show()


def make_app(**settings: Any) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    for path in ("/", "/a/b/"):
        app.route(path)(Shown)
    return app


def test_one_browser_is_one_user_in_whichever_folder_it_begins():
    app = make_app()
    http = werkzeug.test.Client(app)
    http.get("/a/b/")
    cookie = http.get_cookie("lona_sync_session")

    http.get("/")

    assert cookie is not None and http.get_cookie("lona_sync_session") == cookie
    assert http.get_cookie("lona_sync_session", path="/a/b/") is None


@pytest.mark.parametrize("value", ["", "x", "a" * 28, "ann"])
def test_nobody_chooses_his_own_key(value: str):
    app = make_app()

    def come() -> AnonymousUser:
        environ = werkzeug.test.EnvironBuilder("/", headers=[("Cookie", f"lona_sync_session={value}")]).get_environ()
        user = app.parts.visitors.of(environ, interactive=True).user
        assert isinstance(user, AnonymousUser)
        return user

    first, second = come(), come()

    assert first != second and first.guest


def test_those_without_a_cookie_do_not_join_one_another():
    app = make_app()
    clients = [Client(app) for _ in range(2)]
    for client in clients:
        page = client.open("/?daemon")
        page.click("button")
        client.http.delete_cookie("lona_sync_session")
        page.lose_connection()

    texts = [client.open("/?daemon").text("p") for client in clients]

    assert texts == ["0", "0"]
    app.stop()


def test_closing_a_tab_ends_nobodys_plain_request():
    app = make_app()
    notes: list[object] = []
    go_on = gevent.event.Event()

    @app.route("/slow", interactive=False)
    class Slow(View):
        def handle_request(self, request: Request) -> object:
            go_on.wait()
            return "done"

        def on_stop(self, reason: BaseException | None) -> None:
            notes.append(reason)

    page = Client(app).open("/")
    request = gevent.spawn(werkzeug.test.Client(app).get, "/slow")
    gevent.sleep(0)

    page.close()
    go_on.set()

    assert request.get(timeout=5).text == "done"
    assert notes == [None]


def test_a_browser_cannot_end_a_view_by_saying_that_it_has_failed():
    app = make_app()
    client = Client(app)
    page = client.open("/")

    page._send(protocol.ScriptError(page._window, "it is broken"))
    page.click("button")

    assert page.text("p") == "1"
    page.close()


def test_an_event_of_a_window_that_shows_nothing_harms_nobody():
    app = make_app()
    victim, stranger = Client(app).open("/"), Client(app).open("/")
    button = victim.find("button").id

    for window in range(2, 50):
        stranger._send(protocol.Event(window, 1, 1, "click", button, [1, 1, 10, 10, 0, button]))
    victim.click("button")
    stranger.click("button")

    assert (victim.text("p"), stranger.text("p")) == ("1", "1")
    assert app.stats()["events.stray"] == 48
    app.stop()


def test_a_message_for_a_view_that_stops_meanwhile_crashes_nothing(caplog: pytest.LogCaptureFixture):
    app = make_app()

    @app.route("/hears")
    class Hears(View):
        def handle_request(self, request: Request) -> object:
            self.subscribe("gaps", self.hear)
            return "hears"

        def hear(self, message: object) -> None:
            self.sleep(600)

    page = Client(app).open("/hears")
    Channel("gaps").send()
    page.settle()

    page.close()
    page.wait_for(lambda: app.stats()["views"] == 0)

    assert app.stats()["views.crashed"] == 0
    assert "Traceback" not in caplog.text


class Nobody:
    """As Django's: one object is as good as another."""
    pk = None
    is_authenticated = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nobody)

    def __hash__(self) -> int:
        return 1


@dataclass(frozen=True)
class Customer:
    id: int | str


@dataclass(frozen=True)
class Employee:
    id: int | str


@pytest.mark.parametrize("other", [Employee(1), Customer("1")], ids=["class", "type"])
def test_two_kinds_of_users_may_have_the_same_numbers(other: object):
    coming: list[object] = [Customer(1)]

    class Tables:
        def handle_connection(self, data: Any) -> object:
            data.connection.user = coming[-1]
            return data

    app = make_app(MIDDLEWARES=[Tables])
    customer = Client(app).open("/?daemon")
    customer.click("button")
    customer.close()
    again = Client(app).open("/?daemon").text("p")

    coming.append(other)
    text = Client(app).open("/?daemon").text("p")

    assert (again, text) == ("1", "0")
    app.stop()


@pytest.mark.parametrize("nobody", [Nobody(), None], ids=["object", "None"])
def test_those_whom_a_middleware_calls_nobody_are_still_different_people(nobody: object):
    class Django:
        def handle_connection(self, data: Any) -> object:
            data.connection.user = nobody
            return data

    app = make_app(MIDDLEWARES=[Django])
    first, second = Client(app), Client(app)
    page, other = first.open("/?daemon"), second.open("/?daemon")
    page.click("button")
    users = [view.request.user for view in app.parts.facade.get_views(url="/")]

    texts = [client.open("/?daemon").text("p") for client in (first, second)]
    page.lose_connection()
    other.lose_connection()
    other._view, other._secret = page._view, page._secret
    other.reconnect()

    assert texts == ["1", "0"]
    assert users == [nobody, nobody]
    assert app.stats()["resumes"] == 0
    app.stop()


def test_users_are_keys_and_elements_of_sets():
    users = {AnonymousUser("a"), AnonymousUser("a"), AnonymousUser("b")}

    assert len(users) == 2 and AnonymousUser("b") in users


def test_the_id_of_a_view_does_not_tell_that_of_another():
    app = make_app()
    client = Client(app)
    pages = [client.open("/") for _ in range(20)]

    ids = [view.id.rpartition(".")[2] for view in app.views()]

    assert len(pages) == len({id[:6] for id in ids}) and min(map(len, ids)) >= 16
    app.stop()
