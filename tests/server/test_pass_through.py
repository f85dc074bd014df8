"""Routes that pass the request on: to other applications, and to whatever takes werkzeug's request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request as HTTPRequest
from werkzeug.wrappers import Response as HTTPResponse

from lona_sync import MATCH_ALL, App, ForbiddenError, JsonResponse, NotFoundError, Request, Response, Route, View
from lona_sync.html import P
from lona_sync.server.entry import PageLoad


def app_of(view: Any, pattern: str | int = MATCH_ALL, **settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route(pattern, http_pass_through=True)(view)
    return app


def get(view: Any, path: str = "/", method: str = "GET", **options: Any) -> TestResponse:
    response = Client(app_of(view)).open(path, method=method, **options)
    response.get_data()
    response.close()
    return response


def echo(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """A WSGI application that tells what it was asked for."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("299 Echo", [("Content-Type", "text/plain"), ("X-Method", environ["REQUEST_METHOD"])])
    yield f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}|{environ['QUERY_STRING']}|".encode() + body


class Callable1:
    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        return echo(environ, start_response)


@pytest.mark.parametrize("application", [echo, Callable1(), Callable1().__call__, lambda *args: echo(*args)])
def test_a_wsgi_application_gets_the_request_and_gives_the_answer(application: Any):
    response = get(application, "/a/b?c=d", "PUT", data=b"body")

    assert (response.status, response.text, response.headers["X-Method"]) == ("299 Echo", "|/a/b|c=d|body", "PUT")
    assert "X-Frame-Options" not in response.headers


def test_a_class_may_be_a_wsgi_application():
    class Application:
        def __init__(self, environ: dict[str, Any], start_response: Any) -> None:
            start_response("200 OK", [])

        def __iter__(self) -> Iterator[bytes]:
            yield b"x"

    assert get(Application).text == "x"


def test_an_application_is_told_what_the_route_has_found():
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [repr(environ["wsgiorg.routing_args"]).encode()]

    response = Client(app_of(application, "/shop/<int:n>/<path:rest>")).get("/shop/5/a/b")

    assert response.text == "((), {'n': 5, 'rest': 'a/b'})"


def test_an_application_behind_a_trusted_proxy_is_asked_as_the_browser_has_asked():
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [HTTPRequest(environ).url.encode(), b" ", environ["REMOTE_ADDR"].encode()]

    response = Client(app_of(application, TRUSTED_PROXIES=["127.0.0.1"])).get(
        "/a", environ_base={"REMOTE_ADDR": "127.0.0.1"},
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.org", "X-Forwarded-For": "192.0.2.1"},
    )

    assert response.text == "https://example.org/a 192.0.2.1"


class Plain:
    """No View at all."""

    def handle_request(self, request: HTTPRequest) -> HTTPResponse:
        return HTTPResponse(f"{request.method} {request.path}", 201)


class AsView(View):
    def handle_request(self, request: Request) -> HTTPResponse:
        self.sleep(0)
        return HTTPResponse(f"{request.method} {request.path}", 201)


def function(request: HTTPRequest, unused: int = 0) -> HTTPResponse:
    return HTTPResponse(f"{request.method} {request.path}", 201)


@pytest.mark.parametrize("view", [Plain, AsView, function, Plain().handle_request])
def test_what_takes_a_request_answers_with_a_response(view: Any):
    response = get(view, "/a", "DELETE")

    assert (response.status_code, response.text) == (201, "DELETE /a")
    assert "X-Frame-Options" not in response.headers


@pytest.mark.parametrize(("answer", "text"), [
    ("<p>x</p>", "<p>x</p>"), (P("x"), "<p>x</p>"), (None, ""), (JsonResponse([1]), "[1]"), (Response(text="x"), "x"),
    (Response(iter(["a", b"b"])), "ab"),
], ids=["string", "node", "nothing", "json", "text", "stream"])
def test_a_function_may_answer_as_views_do(answer: object, text: str):
    assert get(lambda request: answer).text == text


@pytest.mark.parametrize(("error", "status"), [(NotFoundError(), 404), (ForbiddenError(), 403), (ValueError(), 500)])
def test_what_a_function_raises_is_an_error_page(error: Exception, status: int, caplog: pytest.LogCaptureFixture):
    def fail(request: HTTPRequest) -> None:
        raise error

    response = get(fail)

    assert response.status_code == status
    assert ("has failed" in caplog.text) is (status == 500)


def test_a_function_that_returns_nonsense_is_500(caplog: pytest.LogCaptureFixture):
    assert get(lambda request: 5).status_code == 500


def test_the_body_of_what_a_function_takes_is_limited():
    app = app_of(lambda request: HTTPResponse(request.get_data()), FORM_BYTES=1000)

    assert Client(app).post("/", data=b"x" * 1001).status_code == 413
    assert Client(app).post("/", data=b"x" * 1000).status_code == 200


async def coroutine(request: HTTPRequest) -> None:
    """Would never run."""


@pytest.mark.parametrize("view", [None, 5, "x", coroutine])
def test_what_cannot_be_called_is_refused_where_the_route_is_declared(view: Any):
    with pytest.raises(TypeError):
        Route("/", view, http_pass_through=True)


@pytest.mark.parametrize("view", [function, Plain, echo])
def test_what_is_no_view_needs_a_route_that_passes_through(view: Any):
    with pytest.raises(TypeError, match="http_pass_through=True"):
        Route("/", view, interactive=False)


def test_a_window_that_asks_for_it_loads_it_as_a_page():
    app = app_of(echo, "/other/<path:rest>")

    opened = app.parts.entry.open("/other/a?b=c", None, "somebody")

    assert opened == PageLoad("/other/a?b=c")


def test_a_decorated_function_stays_what_it_was():
    app = App(__file__)

    decorated: Callable[..., object] = app.route("/", http_pass_through=True)(function)

    assert decorated is function
