"""The first paint: what a page shows of its view before any script has run, and who may join it."""

from __future__ import annotations

import json
import re
from typing import Any

import gevent
import pytest
import werkzeug.test
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Response

from lona_sync import App, ForbiddenError, HttpRedirectResponse, NotFoundError, RedirectResponse, Request, View
from lona_sync.errors import UserAbort
from lona_sync.html import H1, HTML, Button, Form, P, RawHTML, TextInput
from lona_sync.testing import Client, VirtualClock
from lona_sync.wire.protocol import VERSION, Down

Wire = list[Any]


def app_of(view: type[View], **settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route("/")(view)
    return app


def showing(*content: object, **settings: object) -> App:
    class Shown(View):
        def handle_request(self, request: Request) -> None:
            self.show(HTML(*content))
            self.await_click()

    return app_of(Shown, **settings)


def answering(answer: Any) -> App:
    """`answer(view, request)` is the procedure."""

    class Answering(View):
        def handle_request(self, request: Request) -> object:
            return answer(self, request)

    return app_of(Answering)


def body(response: TestResponse) -> str:
    """What the page shows."""
    text = re.sub(r'<script [^>]*early\.js"[^>]*></script>', "", response.text)
    found = re.search(r'<div id="lona">(.*)</div>\s*(?:<noscript>[^<]*</noscript>\s*)?</body>', text, re.DOTALL)
    assert found, response.text
    return found[1]


def join_of(response: TestResponse) -> list[str] | None:
    """The view's id and the secret, as the page has them."""
    [text] = re.findall(r'<script type="application/json" id="lona-sync">(.*?)</script>', response.text)
    config: dict[str, list[str]] = json.loads(text)
    return config.get("join")


def views(app: App) -> int:
    return len(app.parts.registry)


class Socket:
    """The end of a connection at which the test is; a `Transport`."""

    unsent, backlog = 0, 0

    def __init__(self, client: Client) -> None:
        self.sent: list[Wire] = []
        self.connection = client.connect(self)
        self.say(0, VERSION)

    def send(self, message: bytes) -> None:
        self.sent.append(json.loads(message))

    def close(self, code: int, reason: str = "") -> None:
        self.sent.append([-1, code])

    def say(self, *message: Any) -> list[Wire]:
        """What comes back."""
        before = len(self.sent)
        self.connection.received(json.dumps(message))
        gevent.sleep(0.01)
        return self.sent[before:]


def joined(client: Client, join: list[str], window: int = 1) -> tuple[Socket, list[Wire]]:
    socket = Socket(client)
    return socket, socket.say(2, window, *join, 0)


def test_a_page_shows_its_view():
    app = showing(H1("Hello"), P("a < b"))

    response = Client(app).http.get("/")

    assert body(response) == "<div><h1>Hello</h1><p>a &lt; b</p></div>"


def test_what_holds_early_clicks_comes_just_before_the_view_and_only_where_there_is_one():
    app = showing(P("x"), CONTENT_SECURITY_POLICY="script-src 'nonce-{nonce}'")
    painted = werkzeug.test.Client(app).get("/", base_url="http://localhost/app/")
    empty = Client(showing(P("x"), FIRST_PAINT=False)).http.get("/")

    found = re.search(r'<div id="lona"><script src="(/app/[^"]+/)early\.js" nonce="([^"]+)"></script><p>x</p></div>', painted.text)

    assert found
    assert set(re.findall(r'nonce="([^"]+)"', painted.text)) == {found[2]}
    assert f'"{found[1]}lona.js"' in painted.text
    assert "early.js" not in empty.text


def test_a_page_has_the_title_of_its_view():
    app = answering(lambda view, request: view.show(P("x"), title="Mine </title>"))

    response = Client(app).http.get("/")

    assert "<title>Mine &lt;/title&gt;</title>" in response.text


def test_a_page_joins_the_view_that_it_shows():
    app = showing(P("x"))
    client = Client(app)
    join = join_of(client.http.get("/"))
    assert join

    _, answers = joined(client, join)

    assert [answer[0] for answer in answers] == [Down.STARTED, Down.SNAPSHOT]
    assert answers[0][2] == join[0]
    assert views(app) == 1


def test_the_new_cookie_of_a_first_visit_names_the_users_of_the_view():
    app = showing(P("x"))
    client = Client(app)

    client.http.get("/")

    [runtime] = app.parts.registry
    cookie = client.http.get_cookie("lona_sync_session")
    assert cookie
    headers = EnvironBuilder(headers={"Cookie": f"{cookie.key}={cookie.value}"}).get_environ()
    assert runtime.request.user == app.parts.visitors.of(headers).user


def test_the_secret_of_a_page_is_good_until_the_join_is_confirmed():
    client = Client(showing(P("x")))
    join = join_of(client.http.get("/"))
    assert join
    joined(client, join)                                   # what it was answered is lost on its way

    _, answers = joined(client, join)

    assert answers[0][0] == Down.STARTED


def test_the_secret_of_a_page_is_worth_nothing_once_the_join_is_confirmed():
    client = Client(showing(P("x")))
    join = join_of(client.http.get("/"))
    assert join
    socket, answers = joined(client, join)
    socket.say(5, 1, answers[1][2])                        # ACK of the snapshot

    _, again = joined(client, join)

    assert again == [[Down.GONE, 1]]
    assert socket.sent[-1][0] == Down.SNAPSHOT             # and its window has noticed nothing


def test_a_page_that_has_joined_comes_back_with_its_new_secret():
    client = Client(showing(P("x")))
    join = join_of(client.http.get("/"))
    assert join
    socket, answers = joined(client, join)
    socket.connection.ended(clean=False)

    other = Socket(client)
    resumed = other.say(2, 1, join[0], answers[0][3], answers[1][2])

    assert answers[0][3] != join[1]
    assert [answer[0] for answer in resumed] == [Down.STARTED]


def test_another_user_cannot_join_with_the_secret():
    app = showing(P("x"))
    join = join_of(Client(app).http.get("/"))
    assert join
    other = Client(app)
    other.http.get("/")

    _, answers = joined(other, join)

    assert answers == [[Down.GONE, 1]]


def test_a_guessed_secret_is_refused():
    client = Client(showing(P("x")))
    join = join_of(client.http.get("/"))
    assert join

    _, answers = joined(client, [join[0], "x" * len(join[1])])

    assert answers == [[Down.GONE, 1]]


def test_a_view_that_nobody_joins_ends():
    reasons: list[object] = []

    class Shown(View):
        def handle_request(self, request: Request) -> None:
            self.show(P("x"))
            self.await_click()

        def on_stop(self, reason: object) -> None:
            reasons.append(reason)

    app, clock = app_of(Shown), VirtualClock()
    client = Client(app, clock=clock)
    client.http.get("/", environ_overrides={"lona_sync.clock": clock})

    clock.advance(19)
    assert views(app) == 1
    clock.advance(2)

    assert views(app) == 0
    assert isinstance(reasons[0], UserAbort)


def test_a_view_that_was_joined_does_not_end():
    app, clock = showing(P("x")), VirtualClock()
    client = Client(app, clock=clock)
    join = join_of(client.http.get("/", environ_overrides={"lona_sync.clock": clock}))
    assert join
    joined(client, join)

    clock.advance(60)

    assert views(app) == 1


@pytest.mark.parametrize("headers", [
    {"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"},
    {"Sec-Fetch-Dest": "empty"}, {"Sec-Fetch-Dest": "image"},
], ids=str)
def test_a_page_that_nobody_looks_at_starts_no_view(headers: dict[str, str]):
    app = showing(P("x"))

    response = Client(app).http.get("/", headers=headers)

    assert (response.status_code, body(response), join_of(response), views(app)) == (200, "", None, 0)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT"])
def test_other_methods_start_no_view(method: str):
    app = showing(P("x"))

    Client(app).http.open("/", method=method)

    assert views(app) == 0


def test_a_page_is_not_stored():
    response = Client(showing(P("x"))).http.get("/")

    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("error", "status"), [(NotFoundError(), 404), (ForbiddenError(), 403), (ValueError("x"), 500)])
def test_the_page_of_a_view_that_fails_has_the_status_of_its_error(error: Exception, status: int):
    def fail(view: View, request: Request) -> None:
        raise error

    response = Client(answering(fail)).http.get("/")

    assert response.status_code == status
    assert f"<h1>{status} " in body(response)


@pytest.mark.parametrize("response", [RedirectResponse("/other?a=1"), HttpRedirectResponse("https://example.org/")], ids=str)
def test_a_redirect_is_a_real_one(response: Any):
    app = answering(lambda view, request: response)

    answer = Client(app).http.get("/")
    gevent.sleep(0.01)

    assert (answer.status_code, answer.headers["Location"], views(app)) == (302, response.url, 0)
    assert "Set-Cookie" in answer.headers


def test_a_relative_redirect_stays_relative():
    answer = Client(answering(lambda view, request: RedirectResponse("./x"))).http.get("/")

    assert answer.headers["Location"] == "./x"


def test_a_view_that_waits_without_showing_anything_is_joined_all_the_same():
    app = answering(lambda view, request: view.await_message("never"))

    response = Client(app).http.get("/")

    assert (response.status_code, body(response), views(app)) == (200, "", 1)
    assert join_of(response)


def test_a_view_that_takes_too_long_is_joined_later():
    class Slow(View):
        def handle_request(self, request: Request) -> None:
            self.sleep(10)
            self.show(P("late"))

    app = app_of(Slow, FIRST_PAINT_SECONDS=0.05)

    response = Client(app).http.get("/")

    assert (response.status_code, body(response)) == (200, "")
    assert join_of(response)
    assert app.stats()["paints.late"] == 1


def test_what_a_view_does_in_threads_and_sleeping_is_waited_for():
    def slow(view: View, request: Request) -> None:
        view.sleep(0.01)
        view.show(P(view.run_blocking(lambda: "from a thread")))

    response = Client(answering(slow)).http.get("/")

    assert body(response) == "<p>from a thread</p>"


def test_a_coroutine_and_a_task_are_waited_for():
    async def words() -> str:
        return "from a coroutine"

    def slow(view: View, request: Request) -> None:
        with view.group() as group:
            task = group.spawn(lambda: view.sleep(0.01, " and a task"))
        view.show(P(view.await_sync(words()), task.get()))

    response = Client(answering(slow)).http.get("/")

    assert body(response) == "<p>from a coroutine and a task</p>"


def test_what_was_changed_before_the_view_waits_is_in_the_page():
    def change(view: View, request: Request) -> None:
        text = P("first")
        view.show(HTML(text))
        text.set_text("second")
        view.await_click()

    response = Client(answering(change)).http.get("/")

    assert "second" in body(response)


@pytest.mark.parametrize(("settings", "route"), [({"FIRST_PAINT": False}, None), ({}, False), ({"FIRST_PAINT": False}, True)])
def test_the_first_paint_can_be_switched_off(settings: dict[str, object], route: bool | None):
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, **settings})
    app.route("/", first_paint=route)(View)

    response = Client(app).http.get("/")

    assert bool(join_of(response)) is (route is True)


def test_a_user_has_few_unjoined_views():
    app = showing(P("x"), MAX_UNJOINED_PER_USER=2)
    client = Client(app)

    pages = [client.http.get("/") for _ in range(4)]

    assert [bool(join_of(each)) for each in pages] == [True, True, False, False]
    assert views(app) == 2
    assert app.stats()["paints.refused"] == 2


def test_a_flood_of_requests_without_cookies_has_an_end():
    app = showing(P("x"), MAX_UNJOINED_PER_ADDRESS=3)

    for _ in range(10):
        werkzeug.test.Client(app).get("/", environ_overrides={"REMOTE_ADDR": "10.0.0.1"})
    other = werkzeug.test.Client(app).get("/", environ_overrides={"REMOTE_ADDR": "10.0.0.2"})

    assert views(app) == 4
    assert join_of(other)


def test_all_together_have_a_limit():
    app = showing(P("x"), MAX_UNJOINED=2)

    for number in range(4):
        werkzeug.test.Client(app).get("/", environ_overrides={"REMOTE_ADDR": f"10.0.0.{number}"})

    assert views(app) == 2


def test_a_page_that_has_joined_makes_room():
    app = showing(P("x"), MAX_UNJOINED_PER_USER=1)
    client = Client(app)
    join = join_of(client.http.get("/"))
    assert join
    joined(client, join)

    assert join_of(client.http.get("/"))


def test_a_form_that_is_posted_starts_the_view_with_its_fields():
    def greet(view: View, request: Request) -> None:
        view.show(P(request.method, " ", request.POST.get("name", ""), " ", ",".join(request.POST.getlist("more"))))

    response = Client(answering(greet)).http.post("/", data={"name": "A & B", "more": ["1", "2"]})

    assert body(response) == "<p>POST A &amp; B 1,2</p>"
    assert join_of(response)


def test_a_form_of_another_place_is_refused():
    app = showing(P("x"))

    response = Client(app).http.post("/", data={"a": "1"}, headers={"Origin": "https://evil.example"})

    assert (response.status_code, views(app)) == (403, 0)


def test_a_form_that_cannot_be_taken_now_is_not_lost_silently():
    app = showing(P("x"), MAX_UNJOINED_PER_USER=1)
    client = Client(app)
    client.http.get("/")

    response = client.http.post("/", data={"a": "1"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


def test_a_daemon_is_joined_not_started():
    class Daemon(View):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            self.show(P("daemon"))
            self.await_click()

    app = app_of(Daemon)
    client = Client(app)
    page = client.open("/")

    response = client.http.get("/")

    assert page.text() == "daemon"
    assert body(response) == "<p>daemon</p>"
    assert views(app) == 1


class Lasting(View):
    def handle_request(self, request: Request) -> object:
        self.is_daemon = True
        if request.GET.get("elsewhere"):
            return HttpRedirectResponse("/elsewhere")
        self.show(P("daemon"))
        return self.await_click()


def test_a_daemon_that_nobody_joins_ends():
    app = app_of(Lasting, UNJOINED_SECONDS=0.02)

    Client(app).http.get("/")
    with gevent.Timeout(5):
        while views(app):
            gevent.sleep(0.005)

    assert views(app) == 0


def test_a_daemon_that_was_joined_stays():
    app = app_of(Lasting)
    client = Client(app)
    join = join_of(client.http.get("/"))
    assert join
    socket, _ = joined(client, join)

    socket.connection.ended(clean=True)
    gevent.sleep(0.05)

    assert views(app) == 1


def test_a_daemon_that_has_led_its_page_elsewhere_stays():
    app = app_of(Lasting, STOP_DAEMON_WHEN_VIEW_FINISHES=False)

    answer = Client(app).http.get("/?elsewhere=1")
    gevent.sleep(0.01)

    assert (answer.status_code, views(app)) == (302, 1)


def test_two_pages_of_a_daemon_that_has_shown_nothing_yet_are_both_painted_when_it_has():
    go_on = gevent.event.Event()

    class Daemon(View):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            go_on.wait()
            self.show(P("there"))
            self.await_click()

    app = app_of(Daemon, FIRST_PAINT_SECONDS=20.0)
    client = Client(app)
    client.http.get("/", headers={"Sec-Fetch-Dest": "empty"})          # for a cookie; it starts no view

    pages = []
    for _ in range(2):
        pages.append(gevent.spawn(client.http.get, "/"))
        gevent.sleep(0.05)
    go_on.set()
    gevent.joinall(pages, timeout=5)

    assert views(app) == 1
    assert [page.ready() and body(page.get()) for page in pages] == ["<p>there</p>"] * 2


def test_a_daemon_that_sleeps_before_it_shows_anything_is_waited_for_by_all_its_pages():
    class Daemon(View):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            self.sleep(0.1)
            self.show(P("there"))
            self.await_click()

    app = app_of(Daemon, FIRST_PAINT_SECONDS=20.0)
    client = Client(app)
    client.http.get("/", headers={"Sec-Fetch-Dest": "empty"})          # for a cookie; it starts no view

    pages = []
    for _ in range(2):
        pages.append(gevent.spawn(client.http.get, "/"))
        gevent.sleep(0.01)
    gevent.joinall(pages, timeout=5)

    assert views(app) == 1
    assert [page.ready() and body(page.get()) for page in pages] == ["<p>there</p>"] * 2


def test_one_window_cannot_be_joined_to_a_connection_twice():
    app = showing(P("x"))
    client = Client(app)
    join = join_of(client.http.get("/"))
    assert join
    socket, _ = joined(client, join, window=1)

    answers = socket.say(2, 2, *join, 0)
    socket.say(3, 1)                                       # the first one shows nothing any more
    socket.say(5, 2, answers[1][2])

    assert [answer[0] for answer in answers] == [Down.STARTED, Down.SNAPSHOT]
    assert [runtime.id for runtime in socket.connection.runtimes] == [join[0]]
    assert views(app) == 1


def test_a_page_that_asks_to_join_once_more_on_its_connection_keeps_its_view():
    app = showing(P("x"))
    client = Client(app)
    join = join_of(client.http.get("/"))
    assert join
    socket, _ = joined(client, join)

    again = socket.say(2, 1, *join, 0)

    assert [answer[0] for answer in again] == [Down.STARTED, Down.SNAPSHOT]
    assert views(app) == 1


def test_a_mounted_application_paints_too():
    def show(view: View, request: Request) -> None:
        view.show(P(request.path, " below ", request.base))

    mounted = DispatcherMiddleware(Response("none", 404), {"/app": answering(show)})

    response = werkzeug.test.Client(mounted).get("/app/?a=1")

    assert body(response) == "<p>/ below /app</p>"


def test_a_process_that_is_to_end_starts_no_view_and_still_has_a_page():
    app = showing(P("x"))
    app.parts.registry.drain()

    response = Client(app).http.get("/")

    assert (response.status_code, join_of(response), views(app)) == (200, None, 0)


def test_a_process_that_is_to_end_does_not_wait_for_pages():
    app = showing(P("x"), DRAIN_JITTER=0.001)
    client = Client(app)
    join = join_of(client.http.get("/"))
    assert join

    with gevent.Timeout(5):
        app.parts.drain.run()

    assert joined(client, join)[1] == [[Down.GONE, 1, 1]]


def test_a_call_into_the_browser_waits_for_the_join():
    def ask(view: View, request: Request) -> None:
        text = P("x")
        view.show(text)
        text.set_text(str(text.call("measure")))
        view.show()

    client = Client(answering(ask))
    response = client.http.get("/")
    join = join_of(response)
    assert join

    socket, answers = joined(client, join)
    answered = socket.say(4, 1, 1, answers[2][2], 0, 0, [1, True, 42])

    assert body(response) == "<p>x</p>"
    assert answers[2][4][0][0] == 11                      # CALL
    assert "42" in str(answered)


def test_raw_html_stays_inside_and_its_scripts_are_left_out():
    client = Client(showing(RawHTML("</div></div><b>x<!-- "), RawHTML("<script>alert(1)</script>")))

    response = client.http.get("/")

    assert body(response) == "<div><div><b>x</b></div><div></div></div>"


@pytest.mark.parametrize(("policy", "shown"), [
    ("", '<p style="color: red">x</p><p style="display: none">y</p>'),
    ("default-src 'self'; style-src 'self' 'unsafe-inline'", '<p style="color: red">x</p><p style="display: none">y</p>'),
    ("style-src 'self'", "<p>x</p><p hidden>y</p>"),
    ("default-src 'self'", "<p>x</p><p hidden>y</p>"),
    ("style-src 'unsafe-inline' 'nonce-{nonce}'", "<p>x</p><p hidden>y</p>"),
    ("default-src 'none'; style-src-attr 'unsafe-inline'", '<p style="color: red">x</p><p style="display: none">y</p>'),
])
def test_a_policy_without_inline_styles_is_not_violated(policy: str, shown: str):
    app = showing(P("x", _style="color: red"), P("y", _style="display: none"), CONTENT_SECURITY_POLICY=policy)

    response = Client(app).http.get("/")

    assert body(response) == f"<div>{shown}</div>"


def test_a_large_tree_comes_with_the_join_alone():
    app = showing(*[P() for _ in range(20_001)])

    response = Client(app).http.get("/")

    assert body(response) == ""
    assert join_of(response)
    assert app.stats()["paints.failed"] == 1


def test_a_page_without_javascript_has_links_and_forms():
    client = Client(showing(Form(TextInput(name="q", value="1"), Button("go"), action="/x", method="post")))

    response = client.http.get("/")

    assert '<form method="post" action="/x">' in body(response)
    assert "<noscript>" not in response.text
