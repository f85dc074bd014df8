"""What a view is told of the request behind it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from werkzeug.test import Client as HTTPClient
from werkzeug.test import TestResponse

from lona_sync import App, Request, View
from lona_sync.server.entry import Doorway
from lona_sync.server.http.origin import as_sent, envelope_of
from lona_sync.server.http.serving import Server
from lona_sync.testing import Client
from lona_sync.views.envelope import HEADER_BYTES, NONE, Envelope, headers_of
from lona_sync.views.runtime import ViewRuntime
from lona_sync.views.visitor import Visitor
from lona_sync.wire.protocol import VERSION
from tests.server.raw_client import RawClient, connect


def app_of(function: Any, **settings: object) -> App:
    """`function(request)` answers plain HTTP at /plain, and is called by the interactive view at /<name>."""

    class Plain(View):
        def handle_request(self, request: Request) -> object:
            return function(request)

    class Shown(View):
        def handle_request(self, request: Request) -> None:
            function(request)
            self.show("shown")

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route("/plain", interactive=False)(Plain)
    app.route("/<name>")(Shown)
    return app


def asked(method: str = "GET", path: str = "/plain", settings: Any = None, **options: Any) -> tuple[Request, TestResponse]:
    """The request that a view of plain HTTP got, and its answer."""
    seen: list[Request] = []
    response = HTTPClient(app_of(seen.append, **settings or {}), use_cookies=False).open(path, method=method, **options)
    return seen[0], response


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
def test_the_method_is_the_real_one(method: str):
    request, _ = asked(method)

    assert request.method == method


@pytest.mark.parametrize("query", ["", "?page=3"])
def test_the_fields_of_a_visit_are_its_views_to_change(query: str):
    def change(request: Request) -> None:
        request.GET.setdefault("page", "1")
        request.POST["from"] = "the view"
        seen.append((dict(request.GET), dict(request.POST)))
        request.GET["own"] = "of one visit"

    seen: list[tuple[dict[str, str], dict[str, str]]] = []
    client = Client(app_of(change))

    client.open(f"/a{query}")
    client.open(f"/b{query}")
    client.http.get(f"/plain{query}")

    assert seen == [({"page": "3" if query else "1"}, {"from": "the view"})] * 3
    client.app.stop()


def test_headers_and_cookies_are_told():
    request, _ = asked(headers={"X-Own": "1", "Cookie": "a=b; c=d"})

    assert request.headers["x-own"] == "1"
    assert (request.cookies["a"], request.cookies.get("nobody")) == ("b", None)


@pytest.mark.parametrize("data", [{"a": [1, None]}, [], "x", 0])
def test_json_is_told(data: object):
    seen: list[object] = []

    HTTPClient(app_of(lambda request: seen.append(request.json))).post("/plain", json=data)

    assert seen == [data]


@pytest.mark.parametrize(("options", "status"), [
    ({"data": "{", "content_type": "application/json"}, 400),
    ({"data": "[" * 900, "content_type": "application/json"}, 400),
    ({"data": "[" * 100_000, "content_type": "application/json"}, 400),
    ({"data": '{"a":' * 20_000, "content_type": "application/json"}, 400),
    ({"data": "9" * 5000, "content_type": "application/json"}, 400),
    ({"data": b"\xff", "content_type": "application/json"}, 400),
    ({"data": "{}", "content_type": "text/plain"}, 415),
    ({"data": b"x" * 1001, "content_type": "application/json"}, 413),
])
def test_what_is_no_json_is_answered_with_what_is_wrong(options: dict[str, Any], status: int):
    app = app_of(lambda request: request.json and "", FORM_BYTES=1000 if status == 413 else 1_000_000)

    response = HTTPClient(app).post("/plain", **options)

    assert response.status_code == status


def test_a_body_that_is_no_form_is_told_as_it_is():
    seen: list[bytes] = []

    HTTPClient(app_of(lambda request: seen.append(request.data))).put("/plain", data=b"\x00\xff", content_type="image/png")

    assert seen == [b"\x00\xff"]


def test_files_are_told_with_their_fields():
    seen: list[Any] = []

    def read(request: Request) -> None:
        seen.extend((file.filename, file.read()) for file in request.files.getlist("file"))
        seen.append(request.POST.getlist("name"))

    HTTPClient(app_of(read)).post("/plain", data={
        "file": [(io.BytesIO(b"one"), "a.txt"), (io.BytesIO(b"two"), "../b.txt")], "name": ["x", "y"],
    })

    assert seen == [("a.txt", b"one"), ("../b.txt", b"two"), ["x", "y"]]


@pytest.mark.parametrize(("proxies", "forwarded", "address"), [
    ([], "192.0.2.1", "127.0.0.1"),
    (["127.0.0.1"], "192.0.2.1", "192.0.2.1"),
    (["127.0.0.1"], "198.51.100.1, 192.0.2.1", "192.0.2.1"),          # what stands before it, its sender has made up
    (["127.0.0.1"], "2001:db8::1:2", "2001:db8::1:2"),
    (["127.0.0.1"], "<script>", ""),
])
def test_the_address_is_the_one_that_a_trusted_proxy_tells(proxies: list[str], forwarded: str, address: str):
    request, _ = asked(
        settings={"TRUSTED_PROXIES": proxies}, headers={"X-Forwarded-For": forwarded}, environ_base={"REMOTE_ADDR": "127.0.0.1"},
    )

    assert request.remote_addr == address


@pytest.mark.parametrize(("proxies", "expected"), [
    ([], (False, "localhost", "http://localhost/plain")),
    (["127.0.0.1"], (True, "example.org", "https://example.org/plain")),
])
def test_scheme_and_host_are_the_ones_that_a_trusted_proxy_tells(proxies: list[str], expected: tuple[bool, str, str]):
    request, _ = asked(
        settings={"TRUSTED_PROXIES": proxies}, environ_base={"REMOTE_ADDR": "127.0.0.1"},
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.org"},
    )

    assert (request.is_secure, request.host, request.http_request.url) == expected


def test_the_connection_of_a_request_knows_its_user_and_its_headers():
    request, _ = asked(headers={"X-Own": "1"})

    assert request.connection.user == request.user
    assert request.connection.http_request.headers["X-Own"] == "1"
    assert request.connection.interactive is False


def test_a_view_over_a_websocket_has_the_headers_of_the_handshake():
    seen: list[Request] = []
    app = app_of(seen.append)
    page = Client(app).open("/first")

    page.go("/second")

    for request in seen:
        assert app.settings.SESSION_COOKIE in request.cookies
        assert request.connection.interactive
    assert [request.http_request.path for request in seen] == ["/first", "/second"]
    page.close()


@pytest.mark.parametrize(("posted", "method"), [(None, "GET"), ({}, "POST"), ({"a": "b"}, "POST")])
def test_a_form_that_is_posted_to_a_window_is_a_post_also_when_it_is_empty(posted: dict[str, object] | None, method: str):
    app = app_of(lambda request: None)

    runtime = app.parts.entry.open("/first", posted, Visitor("somebody"))

    assert isinstance(runtime, ViewRuntime)
    assert runtime.request.method == method
    app.stop()


def test_the_environ_of_a_view_over_a_websocket_is_that_of_its_own_address():
    envelope = Envelope((("HOST", "a.example:81"), ("X_OWN", "1")), "192.0.2.1", "https", "a.example:81")
    seen: list[Request] = []
    app = app_of(seen.append)

    Doorway(app.parts.entry, "/base").open("/base/first?x=%C3%BC", None, Visitor("somebody", envelope=envelope))
    Client(app).open("/other").close()               # until then the view has begun

    request = seen[0].http_request
    assert request.url == "https://a.example:81/base/first?x=ü"
    assert (request.root_path, request.path, request.args["x"], request.remote_addr) == ("/base", "/first", "ü", "192.0.2.1")
    app.stop()


@pytest.mark.parametrize("envelope", [NONE, Envelope((("COOKIE", "\xff"),), "::1", "https", "[::1]:8080")])
def test_an_envelope_arrives_in_another_process_as_it_was(envelope: Envelope):
    arrived = Envelope.from_json(json.loads(json.dumps(envelope.as_json())))

    assert arrived == envelope


@pytest.mark.parametrize("value", [
    None, [], {}, "x", [[["A"]], "", "http", ""], [[["A", 1]], "", "http", ""], [{}, "", "http", ""], [[], None, "http", ""],
    [[["A", "x" * HEADER_BYTES]], "", "http", ""],
])
def test_what_is_no_envelope_is_refused(value: object):
    with pytest.raises(ValueError, match="no envelope"):
        Envelope.from_json(value)


def test_headers_beyond_the_limit_and_those_of_the_connection_are_left_out():
    environ = {
        "HTTP_UPGRADE": "websocket", "HTTP_SEC_WEBSOCKET_KEY": "x", "HTTP_A": "1", "HTTP_COOKIE": "x" * HEADER_BYTES, "HTTP_B": "2",
        "REQUEST_METHOD": "GET", "HTTP_THING": object(),
    }

    assert headers_of(environ) == (("A", "1"), ("B", "2"))


def test_a_header_that_many_browsers_send_is_kept_once_and_a_secret_by_its_visit_alone():
    def visit() -> Envelope:
        agent, cookie = ("".join(("Mozilla/5.0 ", "(like all others)")) for _ in range(2))       # no constants, which Python shares
        return Envelope(headers_of({"HTTP_USER_AGENT": agent, "HTTP_COOKIE": cookie}))

    first, second = visit(), visit()

    assert first == second
    assert [one is other for one, other in zip(first.headers, second.headers, strict=True)] == [True, False]
    assert first.headers[1][1] is not second.headers[1][1]


def test_who_is_not_trusted_changes_nothing():
    environ = {"REMOTE_ADDR": "192.0.2.1", "wsgi.url_scheme": "http", "HTTP_X_FORWARDED_FOR": "10.0.0.1", "HTTP_HOST": "a"}

    assert as_sent(environ, ["10.0.0.0/8"]) == environ
    assert envelope_of(environ, []).address == "192.0.2.1"


def test_the_headers_of_a_real_handshake_reach_the_view():
    seen: list[Request] = []
    server = Server(app_of(seen.append), "127.0.0.1", 0)
    server.start()

    with RawClient(connect(("127.0.0.1", server.port))) as client:
        client.request(path="/_lona_sync/socket", **{"X-Own": "1"})
        client.send_text(f"[0,{VERSION}]")
        client.send_text('[1,1,"/first",null]')
        [client.receive_text() for _ in range(3)]

    server.stop()
    assert seen[0].headers["X-Own"] == "1"
    assert "Sec-WebSocket-Key" not in seen[0].headers
    assert seen[0].remote_addr == "127.0.0.1"


def test_the_query_of_a_first_visit_is_not_lost():
    seen: list[Request] = []

    page = Client(app_of(seen.append)).open("/first?a=1&a=2")

    assert [request.GET.getlist("a") for request in seen] == [["1", "2"]]
    page.close()


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("read", [lambda http: http.form["a"], lambda http: http.get_data(), lambda http: None],
                         ids=["form", "data", "nothing"])
def test_a_middleware_may_read_the_form_first(content_type: str, read: Any):
    seen: list[object] = []

    class Reader:
        def handle_http_request(self, data: Any) -> Any:
            read(data.http_request)
            return data

    app = app_of(lambda request: seen.append((request.POST["a"], request.http_request.form["a"])))
    app.middleware(Reader)

    HTTPClient(app).post("/plain", data={"a": "b"}, content_type=content_type)

    assert seen == [("b", "b")]
    app.stop()
