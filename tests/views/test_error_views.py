"""Error views of the application's own: in windows and over plain HTTP, and what is shown when they fail themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
import pytest
import werkzeug.test

from lona_sync import (
    App,
    Channel,
    ClientError,
    ForbiddenError,
    HtmlResponse,
    NotFoundError,
    RedirectResponse,
    Request,
    TemplateResponse,
    View,
)
from lona_sync.html import H1, HTML, Button, P
from lona_sync.testing import Client

KINDS = [(ForbiddenError, 403), (NotFoundError, 404), (ValueError, 500)]


class Told(View):
    """An error view that says what it stands for."""

    def handle_request(self, request: Request, exception: Exception) -> object:
        return H1(f"{type(exception).__name__} of {request.path}: {exception}")


def app_of(error: Exception, *, interactive: bool = True, **settings: Any) -> App:
    """An application whose view at '/' raises `error`."""

    class Raising(View):
        def handle_request(self, request: Request) -> object:
            raise error

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.5, **settings})
    app.route("/", interactive=interactive)(Raising)
    return app


def get(app: App, path: str = "/") -> werkzeug.test.TestResponse:
    return werkzeug.test.Client(app).get(path)


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_an_error_view_is_shown_in_the_window(kind: type[Exception], status: int):
    app = app_of(kind("why"), **{f"ERROR_{status}_VIEW": Told})

    page = Client(app).open()

    assert page.wait_for("h1").text == f"{kind.__name__} of /: why"


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_an_error_view_answers_plain_http_with_the_status_of_the_error(kind: type[Exception], status: int):
    app = app_of(kind("why <b>"), interactive=False, **{f"ERROR_{status}_VIEW": Told})

    response = get(app)

    assert response.status_code == status
    assert response.text == f"<h1>{kind.__name__} of /: why &lt;b&gt;</h1>"


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_an_error_view_knows_whether_it_is_for_a_window(kind: type[Exception], status: int):
    class Asking(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            return P("a window" if request.interactive else "a page")

    windows, plain = (app_of(kind(), interactive=yes, **{f"ERROR_{status}_VIEW": Asking}) for yes in (True, False))

    page = Client(windows).open()

    assert page.wait_for("p").text == "a window"
    assert get(plain).text == "<p>a page</p>"


def test_an_address_without_a_route_has_the_404_view():
    app = app_of(ValueError(), ERROR_404_VIEW=Told)

    page, response = Client(app).open("/nowhere"), get(app, "/nowhere")

    assert page.status == response.status_code == 404
    assert "NotFoundError of /nowhere" in response.text


def test_an_error_view_is_named_by_an_import_string():
    app = app_of(NotFoundError(), interactive=False, ERROR_404_VIEW=f"{__file__}::Told")

    assert "NotFoundError of /" in get(app).text


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("parentheses", [False, True])
def test_an_error_view_is_named_by_a_decorator_that_returns_the_class(status: int, parentheses: bool):
    error = {403: ForbiddenError, 404: NotFoundError, 500: ValueError}[status]("why")
    app = app_of(error, interactive=False)
    decorator = getattr(app, f"error_{status}_view")

    @decorator() if parentheses else decorator
    class Mine(Told):
        pass

    assert isinstance(Mine, type)
    assert get(app).text == f"<h1>{type(error).__name__} of /: why</h1>"


def test_a_404_view_may_do_without_the_exception():
    class Simple(View):
        def handle_request(self, request: Request) -> object:
            return "<h1>simple</h1>"

    app = app_of(NotFoundError(), ERROR_404_VIEW=Simple)

    page, response = Client(app).open(), get(app, "/nowhere")

    assert page.find("h1").text == "simple"
    assert (response.status_code, response.text) == (404, "<h1>simple</h1>")


@pytest.mark.parametrize(("kind", "status"), KINDS[:2])
def test_who_was_refused_can_go_on_in_the_error_view(kind: type[Exception], status: int):
    class Login(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            name = Button("in")
            for number in range(3):
                self.show(HTML(P(f"try {number}"), name))
                self.await_click(name)
            return H1("welcome")

    page = Client(app_of(kind(), **{f"ERROR_{status}_VIEW": Login})).open()
    for _ in range(3):
        page.click("button")

    assert page.text("h1") == "welcome"


def test_a_view_that_gives_way_ends_before_the_error_view_begins():
    order: list[object] = []

    class Refusing(View):
        def handle_request(self, request: Request) -> object:
            self.is_daemon = True
            self.show(P("before"))
            self.spawn(self.work)
            self.sleep(0)
            raise ForbiddenError("no")

        def work(self) -> None:
            try:
                self.sleep(1000)
            finally:
                order.append("worker")

        def on_stop(self, reason: BaseException | None) -> None:
            order.append(reason)

        def on_cleanup(self) -> None:
            order.append("cleanup")

    class Mine(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            order.append("error view")
            return Button("x", handle_click=lambda event: order.append("click"))

        def on_stop(self, reason: BaseException | None) -> None:
            order.append(("its stop", reason))

        def on_cleanup(self) -> None:
            order.append("its cleanup")

    app = app_of(ValueError(), ERROR_403_VIEW=Mine)
    app.route("/refusing")(Refusing)
    page = Client(app).open("/refusing")
    page.click("button")
    page.close()
    page.settle()

    assert [type(each) if isinstance(each, Exception) else each for each in order] == [
        "worker", ForbiddenError, "cleanup", "error view", ("its stop", None), "click", "its cleanup",
    ]


def test_a_handler_that_fails_shows_the_500_view():
    class Fragile(View):
        def handle_request(self, request: Request) -> object:
            return Button("x", handle_click=self.fail)

        def fail(self, event: object) -> None:
            raise ValueError("in a handler")

    app = app_of(ValueError(), ERROR_500_VIEW=Told)
    app.route("/fragile")(Fragile)
    page = Client(app).open("/fragile")
    page.click("button")

    assert page.wait_for("h1").text == "ValueError of /fragile: in a handler"


def test_an_error_view_may_send_its_visitor_elsewhere():
    class Away(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            return RedirectResponse("/home")

    class Home(View):
        def handle_request(self, request: Request) -> object:
            return H1("home")

    refused = app_of(ForbiddenError(), ERROR_403_VIEW=Away)
    failed = app_of(ValueError(), ERROR_500_VIEW=Away)
    for app in (refused, failed):
        app.route("/home")(Home)

    pages = [Client(app).open() for app in (refused, failed)]

    assert [page.wait_for("h1").text for page in pages] == ["home", "home"]


def test_an_error_view_may_choose_another_status():
    class Gone(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            return HtmlResponse("gone", status=410)

    app = app_of(NotFoundError(), interactive=False, ERROR_404_VIEW=Gone)

    assert get(app).status_code == 410


def test_an_error_view_may_use_a_template():
    class Mine(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            return TemplateResponse("mine.html", {"exception": exception})

    windows, plain = (app_of(ValueError("<b>"), interactive=yes, ERROR_500_VIEW=Mine) for yes in (True, False))
    for app in (windows, plain):
        app.add_template("mine.html", string="<h1>{{ exception }}</h1>")

    assert Client(windows).open().wait_for("h1").text == "<b>"
    assert get(plain).text == "<h1>&lt;b&gt;</h1>"


class Failing(View):
    def handle_request(self, request: Request, exception: Exception) -> object:
        raise TypeError("in the error view")


class Waiting(View):
    def handle_request(self, request: Request, exception: Exception) -> object:
        if request.interactive:
            raise TypeError("in the error view")
        self.sleep(1000)
        return "never"


class Senseless(View):
    def handle_request(self, request: Request, exception: Exception) -> object:
        return 5


@pytest.mark.parametrize("view", [Failing, Senseless])
@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_an_error_view_that_fails_gives_way_to_the_template(
    kind: type[Exception], status: int, view: type[View], caplog: pytest.LogCaptureFixture,
):
    title = {403: "403 Forbidden", 404: "404 Not Found", 500: "500 Internal Error"}[status]
    setting = {f"ERROR_{status}_VIEW": view}

    page = Client(app_of(kind("why"), **setting)).open()
    response = get(app_of(kind("why"), interactive=False, **setting))

    assert page.wait_for("h1").text == title
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in response.text
    assert "in the error view" in caplog.text or "Got 5" in caplog.text


def test_a_500_view_that_waits_for_ever_gives_way_to_the_template():
    client = Client(app_of(ValueError(), ERROR_500_VIEW=Waiting))
    page = client.open()

    client.clock.advance(seconds=1)

    assert page.wait_for("h1").text == "500 Internal Error"


class NoView:
    pass


class NoArguments(View):
    def handle_request(self) -> object:                           # type: ignore[override]
        return "x"


class Coroutine(View):
    async def handle_request(self, request: Request, exception: Exception) -> object:
        return "x"


@pytest.mark.parametrize(("view", "said"), [
    (NoView, "must be a subclass of View"), (NoArguments, "must take (self, request, exception)"),
    (Coroutine, "is a coroutine function"),
    ("nowhere.at.all", "No module named 'nowhere'"), (f"{__file__}::Missing", "has no attribute 'Missing'"),
])
def test_an_error_view_that_cannot_work_is_told_at_the_start(view: object, said: str, caplog: pytest.LogCaptureFixture):
    app = app_of(NotFoundError(), ERROR_404_VIEW=view)

    response = get(app, "/nowhere")

    assert "<h1>404 Not Found</h1>" in response.text
    assert "ERROR_404_VIEW cannot be used" in caplog.text
    assert said in caplog.text


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_the_templates_of_errors_may_be_replaced(kind: type[Exception], status: int):
    windows, plain = app_of(kind("<why>")), app_of(kind("<why>"), interactive=False)
    for app in (windows, plain):
        app.add_template(f"lona/{status}.html", string="<h1>{{ request.path }}</h1><p>{{ exception }}</p>")

    page, response = Client(windows).open(), get(plain)

    assert page.text() == "/<why>" or "&lt;why&gt;" in page.html()
    assert response.status_code == status
    assert "<h1>/</h1><p>&lt;why&gt;</p>" in response.text


def test_a_template_of_an_error_may_be_a_whole_page():
    app = app_of(NotFoundError(), interactive=False)
    app.add_template("lona/404.html", string="<!doctype html><title>x</title><h1>mine</h1>")

    assert get(app).text == "<!doctype html><title>x</title><h1>mine</h1>"


def test_a_template_of_an_error_that_fails_is_replaced_by_two_lines(caplog: pytest.LogCaptureFixture):
    windows, plain = app_of(NotFoundError()), app_of(NotFoundError(), interactive=False)
    for app in (windows, plain):
        app.add_template("lona/404.html", string="{{ nobody.knows.this }}")

    assert Client(windows).open().text("h1") == "404 Not Found"
    assert "<h1>404 Not Found</h1>" in get(plain).text
    assert "'lona/404.html' cannot be used" in caplog.text


def test_other_templates_may_be_named():
    app = app_of(NotFoundError(), interactive=False, ERROR_404_TEMPLATE="mine.html")
    app.add_template("mine.html", string="<h1>mine</h1>")

    assert "<h1>mine</h1>" in get(app).text


@pytest.mark.parametrize("debug", [False, True])
def test_the_source_is_shown_in_debug_mode_only(debug: bool):
    windows, plain = (app_of(ValueError("why"), interactive=yes, DEBUG=debug) for yes in (True, False))

    page, response = Client(windows).open(), get(plain)

    assert ("Traceback" in page.html()) is debug
    assert ("Traceback" in response.text) is debug


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_the_first_paint_has_the_error_view_and_its_status(kind: type[Exception], status: int):
    app = app_of(kind("why"), **{f"ERROR_{status}_VIEW": Told})

    response = get(app)

    assert response.status_code == status
    assert f"<h1>{kind.__name__} of /: why</h1>" in response.text
    assert 'id="lona-sync"' in response.text


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_the_first_paint_has_the_template_of_the_error_and_its_status(kind: type[Exception], status: int):
    response = get(app_of(kind("why")))

    assert response.status_code == status
    assert f"<h1>{status} " in response.text


def test_a_500_view_sends_the_first_paint_elsewhere():
    class Away(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            return RedirectResponse("/home")

    response = get(app_of(ValueError(), ERROR_500_VIEW=Away))

    assert (response.status_code, response.headers["Location"]) == (302, "/home")


@pytest.mark.parametrize(("kind", "status"), KINDS[:2])
def test_what_a_middleware_refuses_has_the_error_view(kind: type[Exception], status: int):
    class Gate:
        def handle_request(self, data: Any) -> object:
            raise kind("from the middleware")

    windows, plain = (
        app_of(ValueError(), interactive=yes, MIDDLEWARES=[Gate], **{f"ERROR_{status}_VIEW": Told}) for yes in (True, False)
    )

    page, response = Client(windows).open(), get(plain)

    assert page.wait_for("h1").text == f"{kind.__name__} of /: from the middleware"
    assert (response.status_code, response.text) == (status, f"<h1>{kind.__name__} of /: from the middleware</h1>")


def test_an_error_that_a_browser_reports_has_the_500_view():
    app = app_of(ValueError(), ERROR_500_VIEW=Told)

    class Hello(View):
        def handle_request(self, request: Request) -> object:
            return H1("hello")

    app.route("/hello")(Hello)
    client = Client(app)
    page = client.open("/hello")

    [runtime] = app.parts.registry
    runtime.crash(ClientError("in a script"))

    assert page.wait_for(lambda: page.text("h1") != "hello")
    assert page.text("h1") == "ClientError of /hello: in a script"


def test_calls_of_an_error_view_are_made_although_one_of_the_failed_view_waited_for_its_turn():
    calls: list[str] = []

    class Missing(View):
        def handle_request(self, request: Request) -> object:
            self.call_soon(calls.append, "of the error view")
            return H1("missing")

    class Busy(View):
        def handle_request(self, request: Request) -> None:
            button = Button("hold", _id="hold", handle_click=self.hold)
            self.show(button)
            self.await_message("leave")
            raise NotFoundError

        def hold(self, event: object) -> None:
            self.call_soon(calls.append, "of the failed one")
            gevent.sleep(0)                               # no call of the view's, which would give its turn away
            Channel("leave").send()
            gevent.sleep(60)

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.5, "ERROR_404_VIEW": Missing})
    app.route("/")(Busy)
    page = Client(app).open()

    page.click_quickly("#hold")
    page.wait_for("h1")
    page.wait_for(lambda: calls)

    assert calls == ["of the error view"]


class Lingering(View):
    def handle_request(self, request: Request) -> None:
        self.show(Button("Home"))
        self.await_click()


def test_no_error_view_stands_in_for_a_daemon_that_nobody_looks_at():
    class Daemon(View):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            self.show(P("daemon"))
            self.await_message("leave")
            raise NotFoundError

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.5, "ERROR_404_VIEW": Lingering})
    app.route("/")(Daemon)
    page = Client(app).open()
    page.close()

    Channel("leave").send()
    wait_until(lambda: not len(app.parts.registry))

    assert len(app.parts.registry) == 0


def test_an_error_view_ends_when_the_last_window_leaves_while_the_daemon_before_it_cleans_up():
    class Daemon(View):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            self.show(P("daemon"))
            self.await_message("leave")
            raise NotFoundError

        def on_cleanup(self) -> None:
            cleanups.append(1)
            cleaning.set()
            gevent.sleep(0.05)

    cleanups: list[int] = []
    cleaning = gevent.event.Event()
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.5, "ERROR_404_VIEW": Lingering})
    app.route("/")(Daemon)
    page = Client(app).open()

    Channel("leave").send()
    cleaning.wait(5)
    page.close()
    wait_until(lambda: not len(app.parts.registry))

    assert len(app.parts.registry) == 0
    assert cleanups == [1]


def test_an_error_view_gets_what_its_browser_does_after_there_was_no_room_for_it():
    class Missing(View):
        def handle_request(self, request: Request, exception: Exception) -> object:
            said = P()
            return HTML(said, Button("say", _id="say", handle_click=lambda event: said.set_text("said")))

    class Full(View):
        def handle_request(self, request: Request) -> None:
            self.show(Button("wait", _id="wait", handle_click=lambda event: never.wait()))
            self.await_message("missing")
            raise NotFoundError

    never = gevent.event.Event()
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.5, "ERROR_404_VIEW": Missing, "EVENT_QUEUE": 3})
    app.route("/")(Full)
    page = Client(app).open()
    for _ in range(10):
        page.click_quickly("#wait")
    page.settle()
    refused = app.stats()["events.refused"]

    Channel("missing").send()
    page.wait_for("#say")
    page.click("#say")

    assert refused
    assert page.text("p") == "said"
    app.stop()


def wait_until(condition: Callable[[], object]) -> None:
    for _ in range(1000):
        if condition():
            return
        gevent.sleep(0.002)
