"""The server as views, middlewares and programs see it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lona_sync import App, Request, View
from lona_sync.server.routing.routes import Route
from lona_sync.server.sockets.presence import Presence
from lona_sync.testing import Client
from lona_sync.views.index import Index
from lona_sync.views.users import AnonymousUser, User
from lona_sync.views.visitor import Visitor


class Home(View):
    def handle_request(self, request: Request) -> object:
        self.is_daemon = request.GET.get("daemon") == "1"
        self.show("home")
        self.sleep(1e6)
        return None


class Item(Home):
    pass


@pytest.fixture
def app() -> Iterator[App]:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})
    app.route("/", name="home")(Home)
    app.route("/item/<int:number>", name="item")(Item)
    yield app
    app.stop()


def as_user(app: App, name: str) -> Client:
    client = Client(app)
    client.log_in(name)
    return client


def test_there_is_none_before_the_application_serves(app: App):
    before = app.server
    Client(app).open("/")

    assert before is None and app.server is not None


def test_views_requests_and_connections_have_the_same(app: App):
    Client(app).open("/")

    assert app.server is not None
    (view,) = app.server.get_views(url="/")

    assert view.server is view.request.server is view.request.connection.server is app.server
    assert app.server.state is app.state and app.server.settings is app.settings


def test_a_request_that_was_made_by_hand_has_none():
    request = Visitor(AnonymousUser("x"))

    with pytest.raises(RuntimeError, match="there is no server"):
        _ = request.server


def test_it_counts_what_is_a_users(app: App):
    ann, bob = as_user(app, "ann"), as_user(app, "bob")
    pages = [ann.open("/"), ann.open("/item/1"), bob.open("/")]
    server = app.server
    assert server is not None

    names = "ann", "bob", "eve"
    counts = {name: (server.get_running_views_count(User(name)), server.get_connection_count(name)) for name in names}

    assert counts == {"ann": (2, 2), "bob": (1, 1), "eve": (0, 0)}
    assert server.get_connected_user_count() == 2
    pages[2].close()
    assert server.get_connected_user_count() == 1


def test_a_view_is_found_by_the_user_whom_it_has_found_him_to_be(app: App):
    page = Client(app).open("/")
    server = app.server
    assert server is not None
    (view,) = server.get_views(url="/")
    opened_by = view.request.user

    view.request.user = "ann"

    assert server.get_views(url="/", user="ann") == server.get_views(url="/", user=opened_by) == [view]
    assert server.get_views(url="/", user="bob") == []
    page.close()


@pytest.mark.parametrize("user", [[], {}, {"name": "ann"}, {1}])
def test_a_user_has_to_be_hashable(app: App, user: object):
    Client(app).open("/")
    view = app.parts.facade.get_views(url="/")[0]

    with pytest.raises(TypeError, match="a user has to be hashable"):
        view.request.user = user


@pytest.mark.parametrize(("asked", "expected"), [
    ({"route_name": "item"}, Item), ({"route_name": "other"}, None), ({"url": "/item/3?x=1"}, Item), ({"url": "/item/x"}, None),
    ({"import_string": "lona_sync.views.view.View"}, View), ({"import_string": "os.path.join"}, None), ({"route": 0}, Home),
])
def test_the_class_of_a_view_is_found(app: App, asked: dict[str, Any], expected: object):
    Client(app).open("/")
    if "route" in asked:
        asked = {"route": app.routes[0]}

    assert app.parts.facade.get_view_class(**asked) is expected


@pytest.mark.parametrize("asked", [{}, {"url": "/", "route_name": "home"}])
def test_by_one_thing_at_a_time(app: App, asked: dict[str, Any]):
    for ask in (app.parts.facade.get_view_class, app.parts.facade.get_views):
        with pytest.raises(ValueError, match="give one"):
            ask(**asked)


def test_whether_a_visit_would_join(app: App):
    client = as_user(app, "ann")
    client.open("/?daemon=1")
    server = app.parts.facade
    ann, bob = (client_request(app, name) for name in ("ann", "bob"))

    assert (server.view_is_already_running(ann), server.view_is_already_running(bob)) == (True, False)


def client_request(app: App, name: str) -> Request:
    visit = app.parts.facade.get_views(url="/")[0].request
    return visit.of(Visitor(User(name)))


def test_paths_names_and_imports(app: App):
    server = app.parts.facade

    assert server.reverse("item", number=3) == "/item/3"
    assert server.resolve_path("a/../b") == str(Path(__file__).parent / "b")
    assert server.resolve_path("/etc") == "/etc"
    assert server.acquire("lona_sync.server.routing.routes.Route") is Route
    assert server.acquire("lona_sync.server.routing.routes.Route", ignore_import_cache=True) is Route
    with pytest.raises(ImportError):
        server.acquire("lona_sync.no_such_thing")


def test_a_function_runs_in_a_thread(app: App):
    server = app.parts.facade

    def work(a: int, *, b: int) -> tuple[int, int]:
        return threading.get_native_id(), a + b

    thread, total = server.run_function_async(work, 1, b=2, executor_name="worker").get(timeout=5)

    assert total == 3 and thread != threading.get_native_id()


@pytest.mark.parametrize("wait", [True, False])
def test_a_coroutine_is_waited_for(app: App, wait: bool):
    async def work(fails: bool) -> str:
        if fails:
            raise LookupError("own")
        return "done"

    def ask(fails: bool) -> object:
        found = app.parts.facade.run_coroutine_sync(work(fails), wait=wait)
        return found if wait else found.get(timeout=5)

    assert ask(False) == "done"


def test_what_a_coroutine_raises_is_raised(app: App):
    async def work() -> None:
        raise LookupError("own")

    with pytest.raises(LookupError):
        app.parts.facade.run_coroutine_sync(work())


# What is behind it.


def test_an_index_forgets_what_has_left():
    index: Index[str] = Index()
    index.put("a", "A", ["x", "y", "x"])
    index.put("b", "B", ["y"])
    index.put("a", "A", ["z"])

    index.remove("b")
    index.remove("b")

    assert [index.find(key) for key in "xyz"] == [[], [], ["A"]]
    assert (index.count("z"), index.keys) == (1, 1)


def test_a_look_up_costs_what_it_finds():
    index: Index[int] = Index()
    looked_at = []

    class Key(str):
        def __eq__(self, other: object) -> bool:
            looked_at.append(other)
            return super().__eq__(other)

        __hash__ = str.__hash__

    for number in range(1000):
        index.put(number, number, [Key(number % 500)])
    looked_at.clear()

    assert index.find(Key(7)) == [7, 507]
    assert len(looked_at) < 10


def test_who_changes_is_counted_by_his_new_name():
    class Connection:
        def dismiss(self) -> None:
            """Nobody calls this."""

        def user_changed(self) -> None:
            presence.arrange(visitor, self)

        def tell(self, window: int, text: str) -> bool:
            return True

    presence, visitor = Presence(), Visitor("ann")
    visitor.socket = connection = Connection()
    presence.enter(visitor, connection)

    visitor.user = "bob"
    counts = presence.count("ann"), presence.count("bob"), presence.users
    presence.leave(visitor)
    presence.leave(visitor)

    assert counts == (0, 1, 1)
    assert presence.users == 0
