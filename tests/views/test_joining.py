"""Daemon views: who joins them, who acts in them, and when they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from lona_sync import App, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client, Page
from lona_sync.views.users import User


class Board(View):
    """Whoever has a name may join it; each click tells whose it was."""

    def handle_request(self, request: Request) -> object:
        self.is_daemon = True
        self.text, self.button = P("nobody"), Button("me")
        self.show(HTML(self.text, self.button))
        while True:
            event = self.await_click(self.button)
            self.text.set_text(f"{event.user}")
            self.show()

    def may_join(self, request: Request) -> bool:
        return request.user.is_authenticated and request.user.id != "eve"


class Private(Board):
    may_join = View.may_join


class Strict(Board):
    def may_join(self, request: Request) -> bool:
        raise LookupError("no list of guests")


class Open(Board):
    def may_join(self, request: Request) -> bool:
        return True


def make_app(*, folder: Path | None = None, **settings: Any) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    if folder is not None:
        app.settings.RUNTIME_DIRECTORY = str(folder)
    for path, view in (("/board/<name>", Board), ("/private", Private), ("/strict", Strict), ("/open", Open)):
        app.route(path)(view)

    @app.route("/in", interactive=False)
    class In(View):
        def handle_request(self, request: Request) -> object:
            return self.session.login(request.GET["as"])

    @app.route("/out", interactive=False)
    class Out(View):
        def handle_request(self, request: Request) -> object:
            return self.session.logout()

    return app


@pytest.fixture
def app() -> Iterator[App]:
    app = make_app()
    yield app
    app.stop()


def as_user(app: App, name: str) -> Client:
    client = Client(app)
    client.http.get(f"/in?as={name}")
    return client


def boards(app: App, url: str = "/board/a") -> list[View]:
    return app.parts.facade.get_views(url=url)


def test_several_users_are_in_one_view_and_it_knows_who_acts(app: App):
    ann, bob = (as_user(app, name).open("/board/a") for name in ("ann", "bob"))

    bob.click("button")
    ann.settle()
    seen = [ann.text("p")]
    ann.click("button")
    bob.settle()

    assert [*seen, bob.text("p")] == ["bob", "ann"]
    assert len(boards(app)) == 1
    assert boards(app)[0].request.user == User("ann")


def test_who_joins_before_the_page_of_who_has_opened_it_does_not_take_her_place(app: App):
    as_user(app, "ann").paint("/board/a")
    bob = as_user(app, "bob")

    bob.join(bob.paint("/board/a"))

    request = boards(app)[0].request
    assert (request.user, request.connection.user, request.session.user_id) == (User("ann"), User("ann"), "ann")


def test_who_loads_something_is_asked_for_by_his_own_name(app: App, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(Open, "may_download", lambda self, request: asked.append(str(request.user)) is None)
    ann, bob, guest = as_user(app, "ann"), as_user(app, "bob"), Client(app)
    page = ann.open("/open")
    url = boards(app, "/open")[0].download_url(b"x", name="x")

    codes = [client.http.get(url).status_code for client in (ann, bob, guest)]

    assert codes == [200, 200, 200]
    assert asked == ["ann", "bob", "<AnonymousUser>"]
    page.close()


def test_an_event_knows_its_connection(app: App):
    events: list[Any] = []

    @app.route("/events")
    class Events(Open):
        def handle_input_event_root(self, event: Any) -> object:
            events.append(event)
            return event

    ann, bob = (as_user(app, name).open("/events") for name in ("ann", "bob"))
    for page in (ann, bob):
        page.click("button")

    assert [event.connection.user.id for event in events] == ["ann", "bob"]
    assert all(event.connection.interactive for event in events)


def test_who_is_not_let_in_gets_a_view_of_his_own_and_stays_in_it(app: App):
    as_user(app, "ann").open("/board/a")
    eve = as_user(app, "eve")

    first, second = eve.open("/board/a"), eve.open("/board/a")
    first.click("button")
    second.settle()

    assert second.text("p") == "eve"
    assert [view.request.user.id for view in boards(app)] == ["ann", "eve"]


def test_an_anonymous_visitor_is_no_exception(app: App):
    as_user(app, "ann").open("/board/a")

    page = Client(app).open("/board/a")

    page.click("button")
    assert "Anonymous" in page.text("p") and len(boards(app)) == 2


def test_another_address_is_another_view(app: App):
    for name, path in (("ann", "a"), ("bob", "b"), ("carl", "a?x=1")):
        as_user(app, name).open(f"/board/{path}")

    assert [view.request.path for view in boards(app)] == ["/board/a", "/board/b"]         # the query makes no difference


def test_a_class_without_may_join_is_for_its_user_alone(app: App):
    for _ in range(2):
        as_user(app, "ann").open("/private")
    as_user(app, "bob").open("/private")

    assert [view.request.user.id for view in app.parts.facade.get_views(url="/private")] == ["ann", "bob"]


def test_an_exception_is_a_no(app: App, caplog: pytest.LogCaptureFixture):
    for name in ("ann", "bob"):
        as_user(app, name).open("/strict")

    assert len(app.parts.facade.get_views(url="/strict")) == 2
    assert "no list of guests" in caplog.text


def test_it_outlives_who_has_opened_it(app: App):
    ann, bob = (as_user(app, name).open("/board/a") for name in ("ann", "bob"))

    ann.close()
    bob.click("button")

    assert bob.text("p") == "bob"


def test_who_is_disconnected_does_not_take_it_from_the_others(app: App):
    ann, bob = (as_user(app, name).open("/board/a") for name in ("ann", "bob"))

    app.disconnect("ann")
    ann.wait_for(lambda: not ann.connected)
    bob.click("button")

    assert bob.text("p") == "bob"


def test_a_resume_asks_again(app: App):
    as_user(app, "ann").open("/board/a")
    bob = as_user(app, "bob")
    page = bob.open("/board/a")
    page.lose_connection()

    bob.http.get("/in?as=eve")                                          # the same browser, and somebody else
    page.reconnect()
    page.click("button")

    assert page.text("p") == "eve" and len(boards(app)) == 2


def test_who_only_loads_the_page_takes_no_place_of_those_who_are_in_it(app: App):
    app.settings.MAX_SUSPENDED_WINDOWS = 2
    ann = as_user(app, "ann").open("/open")
    ann.lose_connection()

    for _ in range(3):
        Client(app).paint("/open")
    ann.reconnect()

    assert app.stats()["resumes"] == 1


def test_nobody_takes_over_anothers_window(app: App):
    ann, bob = (as_user(app, name).open("/board/a") for name in ("ann", "bob"))
    ann.click("button")
    ann.lose_connection()
    bob.lose_connection()
    ann_was = ann._view, ann._secret

    bob._view, bob._secret = ann_was                                    # he knows her secret
    bob.reconnect()

    assert app.stats()["resumes"] == 0
    assert app.stats()["resumes.gone"] == 1


def test_it_is_joined_from_other_processes(tmp_path: Path):
    here, there = (make_app(folder=tmp_path, SIBLING_TIMEOUT=1.0) for _ in range(2))
    for app in (here, there):
        app.parts.siblings.enlist()
    as_user(here, "ann").open("/board/a")
    visits = {
        name: there.parts.entry._request("/board/a", None, visitor_of(there, name), "") for name in ("ann", "bob", "eve")
    }

    found = {name: there.parts.daemons.elsewhere(request) for name, request in visits.items()}
    let_in = {name: here.parts.entry.find(found[name] or "", visitor_of(here, name)) for name in found}

    (view_id,) = {*found.values()}                                      # who may join is asked where the view is
    assert view_id is not None and view_id.startswith(here.parts.siblings.tag)
    assert [name for name in let_in if let_in[name] is not None] == ["ann", "bob"]
    for app in (here, there):
        app.stop()


def visitor_of(app: App, name: str) -> Any:
    client = as_user(app, name)
    found = client.http.get_cookie("lona_sync_session")
    assert found is not None
    environ = {"wsgi.url_scheme": "http", "HTTP_COOKIE": f"{found.key}={found.value}"}
    return app.parts.visitors.of(environ, interactive=True)


# When they end.


class Finishing(View):
    def handle_request(self, request: Request) -> object:
        self.is_daemon = True
        button = Button("count", handle_click=self.count)
        self.number = P("0")
        return HTML(self.number, button)

    def count(self, event: object) -> None:
        self.number.set_text(int(self.number.get_text()) + 1)


class Staying(Finishing):
    STOP_DAEMON_WHEN_VIEW_FINISHES = False

    def count(self, event: object) -> None:
        super().count(event)
        self.is_daemon = self.number.get_text() != "3"


class Going(Finishing):
    STOP_DAEMON_WHEN_VIEW_FINISHES = True


def visit_twice(app: App, view: type[View]) -> Callable[[], Page]:
    app.route("/finish")(view)
    client = Client(app)

    def visit() -> Page:
        page = client.open("/finish")
        page.click("button")
        return page

    return visit


@pytest.mark.parametrize(("view", "setting", "texts"), [
    (Finishing, True, ["1", "1"]), (Finishing, False, ["1", "2"]), (Staying, True, ["1", "2"]), (Going, False, ["1", "1"]),
])
def test_a_daemon_whose_procedure_has_returned(view: type[View], setting: bool, texts: list[str]):
    app = make_app(STOP_DAEMON_WHEN_VIEW_FINISHES=setting)
    visit = visit_twice(app, view)

    seen = []
    for _ in range(2):
        page = visit()
        seen.append(page.text("p"))
        page.close()
        gevent.sleep(0)

    assert seen == texts
    app.stop()


def test_one_that_stays_goes_when_it_is_no_daemon_any_more(app: App):
    visit = visit_twice(app, Staying)

    for _ in range(3):
        page = visit()
        page.close()

    page.wait_for(lambda: app.stats()["views"] == 0)
