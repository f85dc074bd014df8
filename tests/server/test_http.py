"""What a browser, or any other client, gets over plain HTTP."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import gevent
import pytest
from werkzeug.test import Client, EnvironBuilder, TestResponse

from lona_sync import (
    MATCH_ALL,
    App,
    ForbiddenError,
    HtmlResponse,
    HttpRedirectResponse,
    JsonResponse,
    NotFoundError,
    RedirectResponse,
    Request,
    Response,
    View,
)
from lona_sync.html import H1, P
from lona_sync.views.request import AnonymousUser
from lona_sync.views.visitor import Visitor

SCRIPT = "<script>alert(1)</script>"


def app_of(**settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    return app


def page(title: str = "lona_sync", **environ: Any) -> TestResponse:
    """The page of an interactive view."""
    app = app_of(TITLE=title)
    app.route("/")(View)
    return Client(app).get("/", **environ)


def answer(function: Any, path: str = "/", method: str = "GET", settings: Any = None, **options: Any) -> TestResponse:
    """What a client gets from a view that is not interactive; `function(request)` is its procedure."""

    class Plain(View):
        def handle_request(self, request: Request) -> object:
            return function(request)

    app = app_of(**settings or {})
    app.route(MATCH_ALL, interactive=False)(Plain)
    return Client(app).open(path, method=method, **options)


def config(response: TestResponse) -> dict[str, Any]:
    """What the page tells the client."""
    [text] = re.findall(r'<script type="application/json" id="lona-sync">(.*?)</script>', response.text)
    return json.loads(text)


def test_the_page_of_an_interactive_view_brings_the_client():
    response = page()

    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    told = config(response)
    assert len(told.pop("join")) == 2
    assert told == {"socket": "/_lona_sync/socket", "target": "#lona", "title": "lona_sync"}


def test_the_script_of_the_page_is_there():
    app = app_of()
    app.route("/")(View)
    client = Client(app)
    [script] = re.findall(r'<script type="module" src="(.*?)">', client.get("/").text)

    response = client.get(script)

    assert response.status_code == 200
    assert response.content_type == "text/javascript; charset=utf-8"


def test_a_page_is_not_kept_by_caches_nor_guessed_at_nor_framed():
    response = page()

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_title_is_text():
    response = page(f"</title>{SCRIPT}&amp;")

    assert "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;</title>" in response.text
    assert config(response)["title"] == f"</title>{SCRIPT}&amp;"
    assert SCRIPT not in response.text


def test_the_first_page_gives_a_cookie_that_scripts_do_not_see():
    response = page()

    flags = response.headers["Set-Cookie"].split("; ")

    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert "Secure" not in flags


def test_the_second_page_gives_no_cookie():
    app = app_of()
    app.route("/")(View)
    client = Client(app)
    client.get("/")

    response = client.get("/")

    assert "Set-Cookie" not in response.headers


def test_without_sessions_there_is_no_cookie():
    app = app_of(SESSIONS=False)
    app.route("/")(View)

    response = Client(app).get("/")

    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("header", ["lona_sync_session=x", "lona_sync_session=a.b.c", "lona_sync_session=\xff", "x=\xff"])
def test_a_foreign_cookie_is_replaced(header: str):
    response = page(headers={"Cookie": header})

    assert response.status_code == 200
    assert response.headers["Set-Cookie"].startswith("lona_sync_session=")


@pytest.mark.parametrize(("proxies", "environ", "secure"), [
    ([], {"base_url": "https://example.org"}, True),
    ([], {"headers": {"X-Forwarded-Proto": "https"}}, False),
    (["127.0.0.1"], {"headers": {"X-Forwarded-Proto": "https"}, "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}, True),
    (["127.0.0.1"], {"headers": {"X-Forwarded-Proto": "http"}, "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}, False),
    (["127.0.0.1"], {"headers": {"X-Forwarded-Proto": "https"}, "environ_base": {"REMOTE_ADDR": "10.0.0.1"}}, False),
])
def test_the_cookie_is_secure_when_the_browser_speaks_https(proxies: list[str], environ: dict[str, Any], secure: bool):
    app = app_of(TRUSTED_PROXIES=proxies)
    app.route("/")(View)

    response = Client(app).get("/", **environ)

    assert ("Secure" in response.headers["Set-Cookie"].split("; ")) is secure


def test_an_application_that_is_mounted_under_a_prefix_names_it():
    app = app_of()
    app.route("/x")(View)

    response = Client(app).get("/x", base_url="http://localhost/prefix/")

    assert config(response)["socket"] == "/prefix/_lona_sync/socket"
    assert re.search(r'src="/prefix/_lona_sync/client/[0-9a-f]+/lona\.js"', response.text)
    assert "Path=/prefix" in response.headers["Set-Cookie"].split("; ")


def test_a_page_is_html_also_where_it_is_mounted():
    app = app_of()
    app.route("/")(View)

    response = Client(app).get("/", base_url="http://localhost/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E/")

    assert response.status_code == 200
    assert SCRIPT not in response.text


def test_head_gives_the_head_of_the_page():
    app = app_of()
    app.route("/")(View)

    response = Client(app).head("/")

    assert (response.status_code, response.data) == (200, b"")
    assert int(response.headers["Content-Length"]) > 100


@pytest.mark.parametrize("path", ["/nowhere", "/a%0A", "/nowhere/%2e%2e/a", "/%ff", "/_lona_sync/", "/_lona_sync"])
def test_an_address_without_a_route_is_404(path: str):
    app = app_of()
    app.route("/a")(View)

    response = Client(app).get(path)

    assert response.status_code == 404
    assert "404 Not Found" in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_match_all_does_not_take_the_frameworks_own_addresses():
    app = app_of()
    app.route(MATCH_ALL)(View)

    response = Client(app).get("/_lona_sync/nothing")

    assert response.status_code == 404


@pytest.mark.parametrize("path", [f"/{SCRIPT}", f"/%22%3E{SCRIPT}", f"/?x={SCRIPT}", f"/_lona_sync/{SCRIPT}"])
@pytest.mark.parametrize("error", [NotFoundError, ForbiddenError, ValueError])
@pytest.mark.parametrize("debug", [False, True])
def test_no_error_page_repeats_the_address_as_markup(path: str, error: type[Exception], debug: bool):
    def fail(request: Request) -> object:
        raise error(request.url.geturl(), request.match_info, request.GET)

    response = answer(fail, path, settings={"DEBUG": debug})

    assert response.status_code in (403, 404, 500)
    assert SCRIPT not in response.text


@pytest.mark.parametrize(("returned", "body", "content_type"), [
    (H1("<b>"), "<h1>&lt;b&gt;</h1>", "text/html; charset=utf-8"),
    ("<p>raw</p>", "<p>raw</p>", "text/html; charset=utf-8"),
    (None, "", "text/html; charset=utf-8"),
    (HtmlResponse(P("ü")), "<p>ü</p>", "text/html; charset=utf-8"),
    (Response(text="<p>"), "<p>", "text/html; charset=utf-8"),
    (Response(b"a,b", content_type="text/csv"), "a,b", "text/csv"),
    (JsonResponse({"a": [1, None]}), '{"a": [1, null]}', "application/json"),
], ids=["node", "string", "nothing", "html response", "text", "bytes", "json"])
def test_a_view_that_is_not_interactive_answers_with_what_it_returns(returned: object, body: str, content_type: str):
    response = answer(lambda request: returned)

    assert (response.status_code, response.text, response.content_type) == (200, body, content_type)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", [lambda **kw: Response(text="x", **kw), lambda **kw: HtmlResponse("x", **kw),
                                  lambda **kw: JsonResponse("x", **kw)], ids=["text", "html", "json"])
def test_a_response_has_a_status_and_headers_of_its_own(kind: Any):
    response = answer(lambda request: kind(status=418, headers={"X-Own": "1", "Cache-Control": "max-age=5"}))

    assert response.status_code == 418
    assert response.headers["X-Own"] == "1"
    assert response.headers["Cache-Control"] == "max-age=5"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_content_type_among_the_headers_wins():
    response = answer(lambda request: Response(b"x", headers={"content-type": "image/png"}))

    assert response.headers.getlist("Content-Type") == ["image/png"]


@pytest.mark.parametrize("kind", [RedirectResponse, HttpRedirectResponse])
@pytest.mark.parametrize("url", ["/there?a=b", "there", "https://example.org/", "?a=%20"])
def test_a_redirect_is_302(kind: Any, url: str):
    response = answer(lambda request: kind(url))

    assert (response.status_code, response.headers["Location"]) == (302, url)


def test_a_redirect_with_a_line_break_is_no_way_to_add_headers(caplog: pytest.LogCaptureFixture):
    response = answer(lambda request: RedirectResponse("/x\r\nSet-Cookie: a=b"))

    assert response.status_code == 500
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(("error", "status"), [(NotFoundError("a secret"), 404), (ForbiddenError("a secret"), 403)])
def test_a_view_may_say_404_and_403(error: Exception, status: int, caplog: pytest.LogCaptureFixture):
    def handle_request(request: Request) -> object:
        raise error

    response = answer(handle_request)

    assert response.status_code == status
    assert "a secret" not in response.text
    assert not caplog.records or all(record.levelno < logging.ERROR for record in caplog.records)


def crash(request: Request) -> object:
    raise ValueError("a <secret> of this file")


def test_a_crash_is_500_and_tells_nothing(caplog: pytest.LogCaptureFixture):
    response = answer(crash)

    assert response.status_code == 500
    assert "secret" not in response.text
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError]


def test_a_crash_in_debug_mode_shows_the_traceback_as_text(caplog: pytest.LogCaptureFixture):
    response = answer(crash, settings={"DEBUG": True})

    assert response.status_code == 500
    assert "ValueError: a &lt;secret&gt; of this file" in response.text
    assert Path(__file__).name in response.text


@pytest.mark.parametrize("returned", [5, b"bytes", [H1("x")], Response], ids=repr)
def test_what_cannot_be_sent_is_500_and_one_log_entry(returned: object, caplog: pytest.LogCaptureFixture):
    response = answer(lambda request: returned)

    assert response.status_code == 500
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "expected string, Node or response object" in str(record.exc_info[1])


def test_hooks_of_a_view_that_is_not_interactive_run_once_each():
    notes: list[object] = []

    class Plain(View):
        def handle_request(self, request: Request) -> object:
            notes.append("handle_request")
            return "x"

        def on_stop(self, reason: BaseException | None) -> None:
            notes.append(("on_stop", reason))

        def on_cleanup(self) -> None:
            notes.append("on_cleanup")

    app = app_of()
    app.route("/", interactive=False)(Plain)

    Client(app).get("/")
    app.stop()

    assert notes == ["handle_request", ("on_stop", None), "on_cleanup"]
    assert app.stats()["views"] == 0


def test_a_view_that_waits_does_not_keep_others_from_answering():
    class Slow(View):
        def handle_request(self, request: Request) -> object:
            order.append("slow begins")
            self.sleep(0.01)
            order.append("slow ends")
            return "slow"

    class Fast(View):
        def handle_request(self, request: Request) -> object:
            order.append("fast")
            return "fast"

    order: list[str] = []
    app = app_of()
    app.route("/slow", interactive=False)(Slow)
    app.route("/fast", interactive=False)(Fast)
    slow = gevent.spawn(Client(app).get, "/slow")
    gevent.sleep(0)
    gevent.sleep(0)

    fast = Client(app).get("/fast")

    assert fast.text == "fast"
    assert slow.get(timeout=5).text == "slow"
    assert order == ["slow begins", "fast", "slow ends"]


def test_the_request_names_what_was_asked_for():
    seen: list[Any] = []
    app = app_of()

    class Plain(View):
        def handle_request(self, request: Request) -> object:
            seen.append((request.path, request.method, request.GET.getlist("a"), dict(request.match_info), request.interactive))
            return None

    app.route("/<name>/x", interactive=False)(Plain)

    Client(app).get("/caf%C3%A9/x?a=1&a=%26&b=")

    [(path, method, values, match_info, interactive)] = seen
    assert (unquote(path), method, values, match_info, interactive) == ("/café/x", "GET", ["1", "&"], {"name": "café"}, False)


@pytest.mark.parametrize("path", ["/a%3Fb=c", "/a%23b", "/a%0Ab", "/a%25b", "/%5Bx", "/a:b", "/x:1/y"])
def test_a_path_is_a_path_whatever_is_in_it(path: str):
    seen: list[Request] = []

    response = answer(lambda request: seen.append(request), path + "?d=e")

    [request] = seen
    assert response.status_code == 200
    assert unquote(request.path) == unquote(path)
    assert dict(request.GET) == {"d": "e"}


def test_two_visitors_without_a_cookie_are_two_users():
    users: list[Any] = []

    for _ in range(2):
        answer(lambda request: users.append(request.user))

    assert users[0] != users[1]
    assert None not in users


def test_a_visitor_with_a_cookie_is_the_user_of_his_pages():
    users: list[Any] = []

    class Plain(View):
        def handle_request(self, request: Request) -> object:
            users.append(request.user)
            return None

    app = app_of()
    app.route("/")(View)
    app.route("/plain", interactive=False)(Plain)
    client = Client(app)
    client.get("/")

    client.get("/plain")
    client.get("/plain")

    assert users[0] == users[1]
    assert not users[0].guest


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_the_fields_of_a_form_are_given(content_type: str):
    seen: list[Request] = []

    answer(seen.append, method="POST", data={"a": ["1", "ü"], "b": "<x>"}, content_type=content_type)

    [request] = seen
    assert request.method == "POST"
    assert (request.POST.getlist("a"), request.POST["b"]) == (["1", "ü"], "<x>")


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_that_is_too_large_is_413(content_type: str):
    seen: list[Request] = []

    response = answer(
        seen.append, method="POST", data={"a": "x" * 100_001}, content_type=content_type, settings={"FORM_BYTES": 100_000},
    )

    assert response.status_code == 413
    assert seen == []


def test_a_form_whose_length_is_not_told_is_413_when_it_turns_out_too_large():
    environ = EnvironBuilder(
        method="POST", data=b"a=" + b"x" * 100_001, content_type="application/x-www-form-urlencoded",
    ).get_environ()
    del environ["CONTENT_LENGTH"]
    environ["wsgi.input_terminated"] = True                  # a chunked body, as a server presents it

    response = Client(_plain_app(FORM_BYTES=100_000)).open(environ)

    assert response.status_code == 413


@pytest.mark.parametrize(("method", "options"), [
    ("GET", {"query_string": "&".join(f"a{number}=" for number in range(1001))}),
    ("POST", {"data": b"--x\r\nnonsense", "content_type": "multipart/form-data; boundary=y"}),
    ("POST", {"data": b"a=b", "content_type": "multipart/form-data"}),
    ("POST", {"data": b"\xff=%zz", "content_type": "application/x-www-form-urlencoded"}),
    ("POST", {"data": b"{", "content_type": "application/json"}),
    ("GET", {"environ_overrides": {"QUERY_STRING": "a=\xff&%ff"}}),
    ("GET", {"environ_overrides": {"PATH_INFO": ""}}),
    ("GET", {"environ_overrides": {"PATH_INFO": "//example.org:x/a"}}),
    ("GET", {"headers": {"Content-Length": "-5"}}),
    ("GET", {"headers": {"Content-Length": "x"}}),
    ("GET", {"headers": {"Host": "<script>"}}),
    ("GET", {"headers": {"Cookie": "lona_sync_session=\xff"}}),
])
def test_a_request_that_makes_no_sense_is_no_failure_of_ours(
    method: str, options: dict[str, Any], caplog: pytest.LogCaptureFixture,
):
    response = Client(_plain_app()).open("/", method=method, **options)

    assert response.status_code in (200, 400)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def _plain_app(**settings: object) -> App:
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            return "x"

    app = app_of(**settings)
    app.route(MATCH_ALL, interactive=False)(Plain)
    return app


def test_too_many_parameters_are_400():
    response = answer(lambda request: "x", "/?" + "&".join(f"a{number}=" for number in range(1001)))

    assert response.status_code == 400


def test_head_runs_the_view_and_gives_its_head():
    response = answer(lambda request: Response(text="four", headers={"X-Own": "1"}), method="HEAD")

    assert (response.status_code, response.data, response.headers["X-Own"]) == (200, b"", "1")


@pytest.mark.parametrize("path", ["/a", "/plain"])
def test_a_page_needs_no_view_to_be_free_but_a_view_does(path: str):
    app = app_of(MAX_VIEWS=1)
    app.route("/a")(View)
    app.route("/plain", interactive=False)(View)
    app.parts.entry.open("/a", None, Visitor("somebody"))

    response = Client(app).get(path)

    assert (response.status_code, "Retry-After" in response.headers) == {"/a": (200, False), "/plain": (503, True)}[path]


def test_who_has_too_many_views_is_answered_429():
    app = app_of(MAX_VIEWS_PER_ADDRESS=1)
    app.route("/plain", interactive=False)(View)
    app.parts.entry.open("/", None, Visitor(AnonymousUser.make_guest("192.0.2.1")))

    answers = [Client(app).get("/plain", environ_base={"REMOTE_ADDR": f"192.0.2.{last}"}).status_code for last in (1, 2)]

    assert answers == [429, 200]


def test_a_view_has_left_when_its_answer_is_there_unless_something_of_it_runs_or_is_to_hear_of_it():
    notes: list[str] = []

    class Busy(View):
        def handle_request(self, request: Request) -> object:
            self.spawn(self.sleep, 60)
            return "busy"

    class Told(View):
        def handle_request(self, request: Request) -> object:
            self.on_cleanup = lambda: notes.append("on_cleanup")       # type: ignore[method-assign]
            return "told"

    def statuses(view: type[View]) -> list[int]:
        app = app_of(MAX_VIEWS=1)
        app.route("/", interactive=False)(view)
        found = [Client(app).get("/").status_code for _ in range(2)]
        app.stop()
        return found

    assert [statuses(view) for view in (View, Busy, Told)] == [[200, 200], [200, 503], [200, 503]]
    assert notes == ["on_cleanup"]


def test_a_view_that_is_stopped_with_the_server_answers_503():
    class Slow(View):
        def handle_request(self, request: Request) -> object:
            self.sleep(60)
            return "slow"

    app = app_of()
    app.route("/", interactive=False)(Slow)
    request = gevent.spawn(Client(app).get, "/")
    gevent.sleep(0)
    gevent.sleep(0)

    app.stop()

    assert request.get(timeout=5).status_code == 503


def test_the_socket_is_not_for_plain_requests():
    response = Client(app_of()).get("/_lona_sync/socket")

    assert response.status_code == 426
