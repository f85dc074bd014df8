"""What a browser would never send, and somebody will: nothing of it may leave a traceback, or grow without bound."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import gevent
import pytest
from werkzeug.test import Client as HTTPClient

from lona_sync import App, HttpRedirectResponse, RedirectResponse, Request, Response, View
from lona_sync.errors import ProtocolError
from lona_sync.html import H1, TextInput
from lona_sync.server.http import serving
from lona_sync.server.http.serving import Server
from lona_sync.testing import Client
from lona_sync.wire import protocol
from lona_sync.wire.protocol import Down
from tests.server.pairs import wait_until
from tests.server.raw_client import RawClient, connect
from tests.server.test_connection import Wire

URLS = ["/\n", "/\x00", "/\x1bc", "/\x7f", "/\x9bm", "/\u2028", "/?\r\nx", "http://\u2100\x1bc/"]
LONG = "a" * 300


def app_of(**settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    return app


def site(view: type[View], pattern: str = "/", **settings: object) -> App:
    app = app_of(**settings)
    app.route(pattern)(view)
    return app


def plain(procedure: Callable[[Request], object]) -> App:
    """An application whose one view answers plain HTTP."""
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            return procedure(request)

    app = app_of()
    app.route("/", interactive=False)(Plain)
    return app


def logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the parts have logged; the application itself remarks that tests are not patched."""
    return [record for record in caplog.records if record.name.startswith("lona_sync.")]


# Messages.

@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_json_does_not_have_is_refused(number: str):
    for text in (f'[4,1,1,0,"x",0,{number}]', f"[4,1,1,0,1,5,[{number},0,0,0,0,0]]", f'[4,1,1,0,"x",0,{{"a":[{number}]}}]'):
        with pytest.raises(ProtocolError) as caught:
            protocol.decode(text)

        assert caught.value.code == 4500


def test_numbers_that_json_has_are_taken():
    event = protocol.decode('[4,1,1,0,"x",0,[1.5,-2e3,1e-999,10000000000000000000000]]')

    assert isinstance(event, protocol.Event)
    assert event.data == [1.5, -2000.0, 0.0, 10**22]


@pytest.mark.parametrize("post", [
    {str(number): "" for number in range(1001)}, {"a": [""] * 1001}, {"a": ["x"] * 600, "b": ["y"] * 401},
], ids=["names", "values", "both"])
def test_a_form_of_too_many_fields_is_refused(post: dict[str, Any]):
    # A megabyte of empty fields takes twenty in Python, and as long as its view waits for its browser.
    with pytest.raises(ProtocolError) as caught:
        protocol.decode(json.dumps([1, 1, "/", post]))

    assert caught.value.code == 4500


def test_a_form_of_many_fields_is_taken():
    post: dict[str, str | list[str]] = {"a": ["x"] * 600, **{str(number): "" for number in range(400)}}

    assert protocol.decode(json.dumps([1, 1, "/", post])) == protocol.Open(1, "/", post)


@pytest.mark.parametrize("url", URLS)
def test_an_address_with_control_characters_is_refused(url: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    wire = Wire(Client(site(View)))

    wire.say([1, 1, url, None])

    assert wire.closed == 4500
    assert [record.getMessage().isprintable() for record in logged(caplog)] == [True]


@pytest.mark.parametrize("url", ["/ä €😀👩\u200d👧", "/a b?c d", "/%0a%00%ff"])
def test_an_address_that_is_not_encoded_is_taken(url: str):
    wire = Wire(Client(site(View)))

    wire.open(url)

    assert wire.closed is None


def test_an_address_that_is_none_is_logged_without_its_control_characters(caplog: pytest.LogCaptureFixture):
    # urllib puts the host as it is into what it raises.
    caplog.set_level(logging.INFO)
    wire = Wire(Client(site(View)))

    wire.say([1, 1, "http://\u2100\u200e\u202e/", None])

    assert wire.closed == 4500
    assert caplog.messages[-1].isprintable()


@pytest.mark.parametrize(("sent", "taken"), [
    ("\ud800", "\ufffd"), ("a\udfffb", "a\ufffdb"), ("\ude00\ud83d", "\ufffd\ufffd"), ("\U0001f600", "\U0001f600"),
    ("\\ud800", "\\ud800"), ("\\\ud800", "\\\ufffd"),
])
def test_half_a_character_becomes_a_replacement(sent: str, taken: str):
    # Nothing can store, print or send it: one such text in a guest book would be a page that fails for everybody.
    post = protocol.decode(json.dumps([1, 1, "/", {sent: [sent, "é"]}]))
    event = protocol.decode(json.dumps([4, 1, 1, 0, "x", 0, {"a": [sent, 1]}]))

    assert isinstance(post, protocol.Open) and post.post == {taken: [taken, "é"]}
    assert isinstance(event, protocol.Event) and event.data == {"a": [taken, 1]}


def test_half_a_character_that_is_typed_can_be_rendered():
    class Book(View):
        def handle_request(self, request: Request) -> None:
            self.field = TextInput()
            books.append(self.field)
            self.show(self.field)

    books: list[TextInput] = []
    wire = Wire(Client(site(Book)))
    wire.open()
    snapshot = wire.wait_for(Down.SNAPSHOT)

    wire.say([4, 1, 1, 1, 2, snapshot[5], "x\ud800"])

    assert books[0].value == "x\ufffd"


def test_a_flood_of_script_errors_does_not_fill_the_log(caplog: pytest.LogCaptureFixture):
    app = app_of()
    wire = Wire(Client(app))

    for _ in range(1000):
        wire.connection.received('[7,1,"error"]')

    assert len(caplog.records) < 200
    assert app.stats()["errors.browser"] == 1000


# Views that fail before they run.

class Fragile(View):
    def __init__(self, runtime: Any, request: Request) -> None:
        super().__init__(runtime, request)
        self.number = int(request.GET.get("number", "x"))

    def handle_request(self, request: Request) -> object:
        self.show(H1("runs"))
        return None


def test_a_view_that_cannot_be_made_shows_the_error_page(caplog: pytest.LogCaptureFixture):
    app = site(Fragile)
    wire = Wire(Client(app))

    wire.open("/?number=1", window=1)
    wire.open("/", window=2)

    assert wire.closed is None
    assert "500 Internal Error" in wire.text(2)
    assert "runs" in wire.text(1)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError]


def test_a_view_that_cannot_be_made_is_an_error_page_over_http(caplog: pytest.LogCaptureFixture):
    app = app_of()
    app.route("/", interactive=False)(Fragile)

    response = HTTPClient(app).get("/")

    assert response.status_code == 500
    assert "500 Internal Error" in response.text
    assert "ValueError" not in response.text
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ValueError]


# HTTP.

@pytest.mark.parametrize("redirect", [RedirectResponse, HttpRedirectResponse])
@pytest.mark.parametrize("url", [
    "http://[", "http://a:99999999/", f"http://{LONG}/", "http://€..€/", "/\r\nSet-Cookie: a=b", "/\n",
])
def test_a_redirect_to_no_address_is_an_error_page(redirect: Any, url: str, caplog: pytest.LogCaptureFixture):
    response = HTTPClient(plain(lambda request: redirect(request.GET["to"]))).get(f"/?to={quote(url)}")

    assert response.status_code == 500
    assert "500 Internal Error" in response.text
    assert "Location" not in response.headers and "Set-Cookie" not in response.headers
    assert len(logged(caplog)) == 1


@pytest.mark.parametrize("value", ["€", "a\r\nX-B: c", "a\nb", "a\x00b", "\x1bc"])
def test_a_header_that_cannot_be_sent_is_an_error_page(value: str):
    response = HTTPClient(plain(lambda request: Response(text="x", headers={"X-A": value}))).get("/")

    assert response.status_code == 500
    assert "500 Internal Error" in response.text
    assert "X-A" not in response.headers and "X-B" not in response.headers


def test_a_posted_form_of_too_many_fields_is_refused():
    app = plain(lambda request: str(len(request.POST)))
    client = HTTPClient(app)
    kind = "application/x-www-form-urlencoded"

    many = client.post("/", data="a&" * 1001, content_type=kind)
    enough = client.post("/", data="&".join(f"a{number}=" for number in range(1000)), content_type=kind)

    assert many.status_code == 413
    assert enough.text == "1000"


def test_a_query_reaches_no_log_as_it_is(caplog: pytest.LogCaptureFixture):
    def fail(request: Request) -> None:
        raise RuntimeError("x")

    HTTPClient(plain(fail)).get("/", query_string="a=\x1bc\x9b")

    assert [record.getMessage().isprintable() for record in logged(caplog)] == [True]


def test_a_query_is_read_as_it_was_sent():
    app = plain(lambda request: repr((request.GET["a"], request.GET["b c"], request.url.query.isascii())))

    assert HTTPClient(app).get("/", query_string="a=ä%26%2B+/?'&b%20c=%e4").text == repr(("ä&+ /?'", "\ufffd", True))


# Our HTTP server.

@pytest.fixture
def serve() -> Iterator[Callable[[App], RawClient]]:
    servers: list[Server] = []

    def start(app: App) -> RawClient:
        servers.append(Server(app, "127.0.0.1", 0))
        servers[-1].start()
        return RawClient(connect(("127.0.0.1", servers[-1].port)))

    yield start
    for server in servers:
        server.stop()


POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def test_a_form_in_chunks_that_is_too_long_is_refused(serve: Callable[[App], RawClient]):
    # Without a length it has to be counted; the first megabyte of it is not what was posted.
    with serve(plain(lambda request: str(len(request.POST["a"])))) as client:
        client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n1e8480\r\na=" + b"a" * 1_999_998 + b"\r\n0\r\n\r\n")

        assert client.answer().status == 413


def test_a_form_in_chunks_that_fits_is_taken(serve: Callable[[App], RawClient]):
    with serve(plain(lambda request: str(len(request.POST["a"])))) as client:
        client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n100000\r\na=" + b"a" * 1_048_574 + b"\r\n0\r\n\r\n")

        assert client.body(client.answer()) == "1048574"


def test_too_many_headers_are_no_error_of_ours(
    serve: Callable[[App], RawClient], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
):
    with serve(plain(lambda request: "x")) as client:
        client.send(b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 200 + b"\r\n")

        assert client.answer().status == 400
    assert capsys.readouterr().err == ""
    assert [record for record in logged(caplog) if record.levelno > logging.INFO] == []


@pytest.mark.parametrize("header", [
    b"Content-Length: +3", b"Content-Length: 1_0", b"Content-Length: -1", "Content-Length: ٣".encode(),
    b"Transfer-Encoding: gzip", b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked\r\nContent-Length: 3",
    b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding: chunked\xa0",
], ids=repr)
def test_a_body_whose_end_others_see_elsewhere_is_refused(serve: Callable[[App], RawClient], header: bytes):
    # A proxy that reads the length otherwise would take a part of this body for the next visitor's request.
    with serve(plain(lambda request: "x")) as client:
        client.send(POST + header + b"\r\n\r\n3\r\na=1\r\n0\r\n\r\n")

        assert client.answer().status == 400


def test_chunks_of_a_client_that_may_know_none_are_refused(serve: Callable[[App], RawClient]):
    # A proxy that speaks HTTP/1.0 would take them for the next request.
    with serve(plain(lambda request: "x")) as client:
        client.send(b"POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

        assert client.answer().status == 400


def test_a_head_that_is_cut_off_is_no_request(serve: Callable[[App], RawClient]):
    done: list[object] = []
    with serve(plain(done.append)) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\n")         # what follows may be the length of its body
        client.sock.shutdown(gevent.socket.SHUT_WR)

        assert client.answer().status == 400
    assert done == []


@pytest.mark.parametrize("head", [b"Content-Length: 1000\r\n\r\na", b"Transfer-Encoding: chunked\r\n\r\n3e8\r\na"])
@pytest.mark.parametrize("path", [b"/", b"/nothing"])
def test_a_body_that_does_not_come_is_not_waited_for(
    serve: Callable[[App], RawClient], monkeypatch: pytest.MonkeyPatch, head: bytes, path: bytes, caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(serving, "BODY_TIMEOUT", 0.05)
    with serve(plain(lambda request: str(len(request.POST)))) as client:
        client.send(POST.replace(b" / ", b" " + path + b" ") + head)

        answer = client.answer()
        client.body(answer)

        assert answer.status == (408 if path == b"/" else 404)
        wait_until(client.at_end)
    assert [record for record in logged(caplog) if record.levelno > logging.INFO] == []


def test_a_body_that_comes_slowly_is_taken(serve: Callable[[App], RawClient], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serving, "BODY_TIMEOUT", 0.5)
    with serve(plain(lambda request: request.POST["a"])) as client:
        client.send(POST + b"Content-Length: 5\r\n\r\n")
        for byte in b"a=123":
            gevent.sleep(0.01)
            client.send(bytes([byte]))

        assert client.body(client.answer()) == "123"


@pytest.mark.parametrize("header", [b"Connection: upgrade", b"Upgrade: websocket"])
def test_a_form_ends_where_it_ends_whatever_else_is_asked_for(serve: Callable[[App], RawClient], header: bytes):
    with serve(plain(lambda request: request.POST["a"])) as client:
        client.send(POST + b"Content-Length: 5\r\n" + header + b"\r\n\r\na=123")

        assert client.body(client.answer()) == "123"
