"""Middlewares: each hook, over HTTP and over a WebSocket, and what it may answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import gevent.event
import pytest
import werkzeug.test
from werkzeug.wrappers import Response as NativeResponse

from lona_sync import App, ForbiddenError, JsonResponse, NotFoundError, RedirectResponse, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.server.http.serving import Server
from lona_sync.server.middlewares import MAX_CHARACTERS, MAX_MESSAGES
from lona_sync.testing import Client
from lona_sync.views.envelope import NONE
from lona_sync.wire import protocol
from tests.server.raw_client import RawClient, connect


def app_of(*middlewares: object, **settings: Any) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "MIDDLEWARES": list(middlewares), **settings})

    @app.route("/")
    class Page(View):
        def handle_request(self, request: Request) -> object:
            return P(f"shown to {request.user!r}")

    @app.route("/plain", interactive=False)
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            return f"told to {request.user!r}"

    return app


def http(app: App) -> werkzeug.test.Client:
    return werkzeug.test.Client(app)


def middleware(**hooks: Callable[[Any], object]) -> type:
    """A class with these hooks."""
    return type("Middleware", (), {name: lambda self, data, hook=hook: hook(data) for name, hook in hooks.items()})


def wait_until(condition: Callable[[], object]) -> None:
    with gevent.Timeout(10):
        while not condition():
            gevent.sleep(0.001)


def passing(notes: list[str], text: str) -> Callable[[Any], object]:
    def hook(data: Any) -> object:
        notes.append(text)
        return data

    return hook


# How they are declared.


def test_a_decorated_class_stays_what_it_is():
    app = App(__file__)

    @app.middleware
    class Bare:
        pass

    @app.middleware()
    class Called:
        pass

    assert [Bare, Called] == app.settings.MIDDLEWARES


def test_only_a_class_can_be_decorated():
    with pytest.raises(TypeError, match="a middleware is a class"):
        App(__file__).middleware("text")


def test_those_of_the_core_come_first_and_then_the_others_in_their_order():
    notes: list[str] = []
    first, second, core = (middleware(handle_http_request=passing(notes, name)) for name in ("first", "second", "core"))
    app = app_of(first, second, CORE_MIDDLEWARES=[core])

    http(app).get("/plain")

    assert notes == ["core", "first", "second"]


def test_one_may_be_named_by_an_import_string(tmp_path: Path):
    file = tmp_path / "own.py"
    file.write_text("class Own:\n    def handle_request(self, data):\n        return 'from a file'\n")
    app = app_of(f"{file}::Own")

    text = http(app).get("/plain").text

    assert text == "from a file"


@pytest.mark.parametrize(("broken", "error"), [
    ("no_such_package.Own", ModuleNotFoundError), ("json.Own", ImportError), ("json.dumps", TypeError), (3, TypeError),
    (middleware(handle_request=lambda data: data)(), TypeError), (type("A", (), {"handle_request": 3}), TypeError),
    (type("B", (), {"handle_request": lambda self: None}), TypeError),
])
def test_one_that_cannot_work_keeps_the_application_from_starting(broken: object, error: type[Exception]):
    app = app_of(broken)

    for _ in range(2):
        with pytest.raises(error):
            http(app).get("/plain")


def test_a_typing_error_in_a_hooks_name_is_told(caplog: pytest.LogCaptureFixture):
    app = app_of(type("Own", (), {"handle_requests": lambda self, data: data}))

    http(app).get("/plain")

    assert "Own.handle_requests is never called; did you mean handle_request?" in caplog.text


# The process.


def test_the_process_begins_and_ends_with_its_hooks():
    notes: list[object] = []

    class Own:
        def on_startup(self, data: Any) -> None:
            notes.append(("startup", data.server))

        async def on_shutdown(self, data: Any) -> None:
            notes.append(("shutdown", data.server))

    app = app_of(Own)
    http(app).get("/plain")
    server = app.server

    app.stop()
    app.stop()

    assert notes == [("startup", server), ("shutdown", server)]


def test_no_request_is_answered_before_the_start_is_over():
    notes: list[str] = []
    go_on = gevent.event.Event()

    def start(data: Any) -> None:
        go_on.wait()
        notes.append("started")

    app = app_of(middleware(on_startup=start, handle_http_request=passing(notes, "request")))
    requests = [gevent.spawn(http(app).get, "/plain") for _ in range(2)]
    for _ in range(10):
        gevent.sleep(0)                              # both have come as far as they can

    go_on.set()
    gevent.joinall(requests, raise_error=True)

    assert notes == ["started", "request", "request"]


def test_who_only_looks_at_an_application_starts_nothing():
    notes: list[str] = []
    app = app_of(middleware(on_startup=passing(notes, "started"), on_shutdown=passing(notes, "ended")))

    app.views()
    app.stats()
    app.stop()

    assert notes == []


@pytest.mark.parametrize("hook", ["on_startup", "on_shutdown"])
def test_an_error_there_is_logged_and_the_others_are_told(hook: str, caplog: pytest.LogCaptureFixture):
    notes: list[str] = []

    def fail(data: Any) -> None:
        raise LookupError("no database")

    app = app_of(middleware(**{hook: fail}), middleware(**{hook: passing(notes, "told")}))
    status = http(app).get("/plain").status_code
    app.stop()

    assert (status, notes) == (200, ["told"])
    assert "no database" in caplog.text


# HTTP requests.

ANSWERS = {
    "text": ("<p>own</p>", 200, "<p>own</p>"),
    "node": (P("own"), 200, "<p>own</p>"),
    "response": (JsonResponse({"a": 1}, status=418), 418, '{"a": 1}'),
    "redirect": (RedirectResponse("/elsewhere"), 302, ""),
    "native": (NativeResponse("own", 207), 207, "own"),
    "nothing": (None, 503, "busy, try again\n"),
}


@pytest.mark.parametrize("other", ["/", "/_lona_sync/downloads/x/y/z"])
def test_where_a_request_goes_is_not_what_a_middleware_writes_into_it(other: str):
    def write(data: Any) -> object:
        data.http_request.path = other
        return data

    answer = http(app_of(middleware(handle_http_request=write))).get("/plain")

    assert (answer.status_code, answer.text[:7]) == (200, "told to")



@pytest.mark.parametrize("hook", ["handle_http_request", "handle_connection"])
@pytest.mark.parametrize("path", ["/", "/plain", "/nowhere"])
@pytest.mark.parametrize(("answer", "status", "text"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_takes_the_place_of_all_else(hook: str, path: str, answer: object, status: int, text: str):
    app = app_of(middleware(**{hook: lambda data: answer}))

    response = http(app).get(path)

    assert response.status_code == status
    assert response.text.replace(' data-lona-node-id="1"', "") == text or text in response.text


@pytest.mark.parametrize("hook", ["handle_http_request", "handle_connection", "handle_request"])
@pytest.mark.parametrize(("error", "status"), [(ForbiddenError, 403), (NotFoundError, 404), (LookupError, 500)])
def test_what_a_hook_raises_is_the_answer(hook: str, error: type[Exception], status: int):
    def fail(data: Any) -> object:
        raise error("own")

    app = app_of(middleware(**{hook: fail}))

    response = http(app).get("/plain")

    assert response.status_code == status
    assert "told to" not in response.text


def test_static_files_are_none_of_their_business():
    notes: list[str] = []
    app = app_of(middleware(handle_http_request=passing(notes, "seen"), handle_connection=passing(notes, "seen")))
    client = http(app)
    script = next(word for word in client.get("/").text.split('"') if word.endswith("lona.js"))
    notes.clear()

    status = client.get(script).status_code

    assert (status, notes) == (200, [])


def test_the_data_tells_what_it_is_about():
    seen: list[Any] = []

    def see(data: Any) -> object:
        seen.append(data)
        return data

    app = app_of(middleware(handle_http_request=see, handle_connection=see, handle_request=see))

    http(app).get("/plain?x=1", headers={"X-Own": "yes"})

    request, connection, view = seen
    assert request.http_request.headers["X-Own"] == "yes" and request.server is app.server
    assert connection.connection.interactive is False and connection.http_request.args["x"] == "1"
    assert view.request.GET["x"] == "1" and type(view.view).__name__ == "Plain" and view.connection is view.request.connection


def test_a_hook_may_say_who_comes():
    def name(data: Any) -> object:
        data.connection.user = data.http_request.headers.get("X-User", "nobody")
        return data

    app = app_of(middleware(handle_connection=name))

    text = http(app).get("/plain", headers={"X-User": "ann"}).text

    assert text == "told to 'ann'"


def test_a_user_who_cannot_be_looked_up_is_refused_at_once(caplog: pytest.LogCaptureFixture):
    def name(data: Any) -> object:
        data.connection.user = {"name": "ann"}
        return data

    status = http(app_of(middleware(handle_connection=name))).get("/plain").status_code

    assert status == 500
    assert "a user has to be hashable" in caplog.text


def test_a_coroutine_will_do():
    class Own:
        async def handle_request(self, data: Any) -> object:
            return "from a coroutine"

    text = http(app_of(Own)).get("/plain").text

    assert text == "from a coroutine"


# Views.


@pytest.mark.parametrize(("answer", "text"), [("<p>own</p>", "own"), (P("own"), "own"), (None, "")])
def test_an_answer_is_shown_in_the_views_place(answer: object, text: str):
    page = Client(app_of(middleware(handle_request=lambda data: answer))).open("/")

    assert page.text() == text
    page.close()


def test_a_hook_may_send_the_browser_elsewhere():
    def guard(data: Any) -> object:
        return data if data.request.path == "/login" else RedirectResponse("/login")

    app = app_of(middleware(handle_request=guard))

    @app.route("/login")
    class Login(View):
        def handle_request(self, request: Request) -> object:
            return "who are you?"

    page = Client(app).open("/")

    assert (page.url, page.text()) == ("/login", "who are you?")
    page.close()


@pytest.mark.parametrize(("error", "text"), [(ForbiddenError, "403"), (NotFoundError, "404"), (LookupError, "500")])
def test_what_a_hook_raises_is_shown(error: type[Exception], text: str):
    def fail(data: Any) -> object:
        raise error("own")

    page = Client(app_of(middleware(handle_request=fail))).open("/")

    assert text in page.text()
    page.close()


def test_it_runs_in_the_views_greenlet_and_may_wait():
    def wait(data: Any) -> object:
        button = Button("let me in")
        data.view.await_click(html=HTML(P("knock"), button))
        return data

    page = Client(app_of(middleware(handle_request=wait))).open("/")
    before = page.text("p")

    page.click("button")

    assert (before, page.text("p")) == ("knock", "shown to <AnonymousUser>")
    page.close()


@pytest.mark.parametrize("how", [
    lambda data: setattr(data.request, "user", "ann"), lambda data: setattr(data.connection, "user", "ann"),
], ids=["of the request", "of the connection"])
def test_a_hook_may_say_whose_view_it_is(how: Callable[[Any], None]):
    def name(data: Any) -> object:
        how(data)
        return data

    app = app_of(middleware(handle_request=name))

    page = Client(app).open("/")

    assert page.text() == "shown to 'ann'"
    assert app.server is not None and app.server.get_running_views_count("ann") == 1
    page.close()


@pytest.mark.parametrize("path", ["/", "/plain"])
def test_the_hooks_of_the_end_come_before_the_views_own(path: str):
    notes: list[object] = []

    class Own:
        def on_view_stop(self, data: Any) -> object:
            notes.append(("middleware", data.reason))
            return data

        def on_view_cleanup(self, data: Any) -> object:
            notes.append(("middleware", type(data.view).__name__))
            return data

    app = app_of(Own)
    for route in app.routes:
        route.view_class.on_stop = lambda self, reason: notes.append(("view", reason))
        route.view_class.on_cleanup = lambda self: notes.append(("view", type(self).__name__))

    page = Client(app).open(path)
    name = type(app.parts.facade.get_views(url=path)[0]).__name__ if path == "/" else "Plain"
    page.close()
    page.wait_for(lambda: len(notes) == 4)

    assert notes == [("middleware", None), ("view", None), ("middleware", name), ("view", name)]


@pytest.mark.parametrize("hook", ["on_view_stop", "on_view_cleanup"])
def test_an_error_at_the_end_is_logged_and_the_rest_goes_on(hook: str, caplog: pytest.LogCaptureFixture):
    notes: list[str] = []

    def fail(data: Any) -> None:
        raise LookupError("own")

    app = app_of(middleware(**{hook: fail}), middleware(**{hook: passing(notes, "told")}))
    page = Client(app).open("/")

    page.close()
    page.wait_for(lambda: app.stats()["views"] == 0)

    assert notes == ["told"]
    assert f"error in {hook}" in caplog.text


# WebSockets.


class Site:
    """An application on a real socket."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.server = Server(app, "127.0.0.1", 0)
        self.server.start()

    def connect(self, **headers: str) -> RawClient:
        client = RawClient(connect(("127.0.0.1", self.server.port)))
        client.status = client.request(path="/_lona_sync/socket", Host="localhost", **headers).status
        return client

    def comes_to_rest(self) -> None:
        wait_until(lambda: not self.app.stats()["connections"])


@pytest.fixture
def serve() -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def start(*middlewares: object) -> Site:
        sites.append(Site(app_of(*middlewares)))
        return sites[-1]

    yield start
    for site in sites:
        site.app.stop()
        site.server.stop(0.1)


def test_a_string_for_a_websocket_is_sent_and_then_it_is_closed_for_good(serve: Callable[..., Site]):
    seen: list[Any] = []

    def refuse(data: Any) -> object:
        seen.append(data.connection)
        return "not you"

    site = serve(middleware(handle_connection=refuse))

    with site.connect() as client:
        said, code = client.receive_text(), client.see_off()

    assert (json.loads(said)[-1], code) == ("not you", 4503)
    assert seen[0].interactive
    site.comes_to_rest()
    assert site.app.server is not None and site.app.server.get_connected_user_count() == 0
    assert site.app.stats()["connections.refused.middleware"] == 1


@pytest.mark.parametrize("answer", [None, 3, b"bytes"])
def test_any_other_answer_only_closes_it(serve: Callable[..., Site], answer: object):
    site = serve(middleware(handle_connection=lambda data: answer))

    with site.connect() as client:
        assert client.see_off() == 4503

    site.comes_to_rest()


@pytest.mark.parametrize(("error", "code"), [(ForbiddenError, 4503), (NotFoundError, 4503), (LookupError, 1011)])
def test_whom_a_hook_fails_on_is_not_let_in(serve: Callable[..., Site], error: type[Exception], code: int):
    def fail(data: Any) -> object:
        raise error("own")

    site = serve(middleware(handle_connection=fail))

    with site.connect() as client:
        assert client.see_off() == code

    site.comes_to_rest()


@pytest.mark.parametrize("error", [gevent.Timeout, gevent.GreenletExit])
def test_whom_a_hook_is_cut_off_for_does_not_count_as_a_connection_any_more(serve: Callable[..., Site], error: type[BaseException]):
    def cut_off(data: Any) -> object:
        raise error

    site = serve(middleware(handle_connection=cut_off))
    site.app.settings.MAX_CONNECTIONS = 1

    for _ in range(2):
        with site.connect() as client:
            assert (client.status, client.see_off()) == (101, 1012)
            site.comes_to_rest()


def test_those_that_a_hook_keeps_waiting_are_not_more_than_one_user_may_have(serve: Callable[..., Site]):
    go_on = gevent.event.Event()
    waiting: list[Any] = []

    def wait(data: Any) -> object:
        waiting.append(data)
        go_on.wait()
        return data

    site = serve(middleware(handle_connection=wait))
    site.app.settings.MAX_VIEWS_PER_ADDRESS = 1               # so two connections of guests

    with site.connect() as first, site.connect() as second, site.connect() as third:
        wait_until(lambda: len(waiting) == 3)
        go_on.set()
        code = third.see_off()
        connections = site.app.stats()["connections"]
        first.sock.close()
        second.sock.close()

    assert (code, connections) == (4000, 2)
    assert site.app.stats()["connections.refused.user"] == 1
    site.comes_to_rest()


def test_an_answer_before_the_handshake_takes_its_place(serve: Callable[..., Site]):
    site = serve(middleware(handle_http_request=lambda data: NativeResponse("closed on Sundays", 403)))

    with site.connect() as client:
        assert client.status == 403


def test_who_is_let_in_is_served_and_counted_by_his_name(serve: Callable[..., Site]):
    def name(data: Any) -> object:
        data.connection.user = data.http_request.headers["X-User"]
        return data

    site = serve(middleware(handle_connection=name))

    with site.connect(X_User="ann") as client:
        client.send_text(protocol.encode(protocol.Hello(protocol.VERSION)))
        client.receive_text()
        server = site.app.server
        assert server is not None
        counts = server.get_connection_count("ann"), server.get_connection_count("bob"), server.get_connected_user_count()

    assert counts == (1, 0, 1)
    site.comes_to_rest()
    assert server.get_connection_count("ann") == 0


def test_a_browser_that_is_not_let_in_shows_nothing():
    app = app_of(middleware(handle_connection=lambda data: "no" if data.connection.interactive else data))

    with pytest.raises(ConnectionRefusedError):
        Client(app).open("/")


# Messages of the page's scripts.


def heard(app: App, *texts: str) -> None:
    visitor = app.parts.visitors.arrived(NONE, "")
    for text in texts:
        app.parts.middlewares.hear(visitor, text)


def test_messages_are_heard_one_after_another():
    notes: list[str] = []

    def hear(data: Any) -> None:
        gevent.sleep(0.001 if data.message == "1" else 0)
        notes.append(data.message)

    app = app_of(middleware(handle_websocket_message=hear))

    heard(app, "1", "2", "3")
    wait_until(lambda: len(notes) == 3)

    assert notes == ["1", "2", "3"]


def test_a_message_that_one_has_handled_goes_no_further(caplog: pytest.LogCaptureFixture):
    notes: list[str] = []

    def first(data: Any) -> object:
        if data.message == "fail":
            raise LookupError("own")
        return None if data.message == "mine" else data

    app = app_of(
        middleware(handle_websocket_message=first),
        middleware(handle_websocket_message=lambda data: notes.append(data.message)),
    )

    heard(app, "mine", "fail", "yours")
    wait_until(lambda: notes)

    assert notes == ["yours"]
    assert "error in handle_websocket_message" in caplog.text


def test_a_timeout_in_a_hook_costs_the_messages_behind_it_nothing(caplog: pytest.LogCaptureFixture):
    notes: list[str] = []

    def hear(data: Any) -> None:
        if data.message == "slow":
            raise gevent.Timeout(1)                       # as `with gevent.Timeout(1)` around something that waits
        notes.append(data.message)

    app = app_of(middleware(handle_websocket_message=hear))

    heard(app, "slow", "next")
    wait_until(lambda: notes)

    assert notes == ["next"]
    assert "error in handle_websocket_message" in caplog.text


def test_a_timeout_in_on_startup_keeps_nobody_else_from_starting(caplog: pytest.LogCaptureFixture):
    notes: list[str] = []

    def start(data: Any) -> None:
        raise gevent.Timeout(1)

    app = app_of(middleware(on_startup=start), middleware(on_startup=passing(notes, "second")))

    answer = Client(app).http.get("/plain")

    assert answer.status_code == 200
    assert notes == ["second"]
    assert "error in on_startup" in caplog.text


def test_messages_that_are_too_many_are_dropped_and_counted():
    go_on = gevent.event.Event()
    begun: list[str] = []
    notes: list[str] = []

    def hear(data: Any) -> None:
        begun.append(data.message)
        go_on.wait()
        notes.append(data.message)

    app = app_of(middleware(handle_websocket_message=hear))
    visitor = app.parts.visitors.arrived(NONE, "")
    app.parts.middlewares.hear(visitor, "first")
    wait_until(lambda: begun)
    for number in range(MAX_MESSAGES + 5):
        app.parts.middlewares.hear(visitor, str(number))

    go_on.set()
    wait_until(lambda: len(notes) == MAX_MESSAGES + 1)

    assert app.stats()["messages.dropped"] == 5


def test_nor_do_large_messages_fill_the_memory():
    go_on = gevent.event.Event()
    begun: list[str] = []

    def hear(data: Any) -> None:
        begun.append(data.message)
        go_on.wait()

    app = app_of(middleware(handle_websocket_message=hear))
    visitor = app.parts.visitors.arrived(NONE, "")
    app.parts.middlewares.hear(visitor, "first")
    wait_until(lambda: begun)
    for _ in range(6):
        app.parts.middlewares.hear(visitor, "x" * (MAX_CHARACTERS // 4))

    go_on.set()
    wait_until(lambda: len(begun) == 5)

    assert app.stats()["messages.dropped"] == 2
