"""What becomes over HTTP of what a view has returned: files, streams, and werkzeug's own responses."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import gevent
import pytest
from werkzeug.exceptions import NotFound, abort
from werkzeug.http import http_date
from werkzeug.test import Client, TestResponse
from werkzeug.utils import send_file
from werkzeug.wrappers import Response as HTTPResponse

from lona_sync import (
    MATCH_ALL,
    App,
    Channel,
    FileResponse,
    HttpRedirectResponse,
    NotFoundError,
    RedirectResponse,
    Request,
    Response,
    View,
)
from lona_sync.errors import UserAbort
from lona_sync.server.http import plain_views, sending
from lona_sync.server.http.serving import Server
from lona_sync.views import pour
from tests.server.pairs import wait_until
from tests.server.raw_client import RawClient, connect


def app_of(function: Callable[[Request], object], **settings: object) -> App:
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            return function(request)

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route(MATCH_ALL, interactive=False)(Plain)
    return app


def answer(function: Callable[[Request], object], method: str = "GET", **options: Any) -> TestResponse:
    response = Client(app_of(function)).open("/", method=method, **options)
    response.get_data()                              # read to its end, as browsers do, and closed
    response.close()
    return response


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(b"0123456789")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


# Files.

@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_a_file_that_has_not_changed_is_not_sent_again(file: Path, header: str):
    first = answer(lambda request: FileResponse(file))
    value = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}[header]

    second = answer(lambda request: FileResponse(file), headers={header: value})

    assert (first.status_code, first.data, first.content_type) == (200, b"0123456789", "text/csv; charset=utf-8")
    assert first.headers["Content-Length"] == "10"
    assert (second.status_code, second.data) == (304, b"")


def test_a_file_that_has_changed_is_sent(file: Path):
    first = answer(lambda request: FileResponse(file))
    file.write_bytes(b"other")

    second = answer(lambda request: FileResponse(file), headers={"If-None-Match": first.headers["ETag"]})

    assert (second.status_code, second.data) == (200, b"other")


@pytest.mark.parametrize(("asked", "status", "data", "content_range"), [
    ("bytes=0-", 206, b"0123456789", "bytes 0-9/10"),
    ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
    ("bytes=-3", 206, b"789", "bytes 7-9/10"),
    ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
    ("bytes=10-", 416, None, "bytes */10"),
    ("bytes=0-1,3-4", 200, b"0123456789", None),     # several at once may be answered by the whole
    ("lines=1-2", 200, b"0123456789", None),
    ("bytes=x", 200, b"0123456789", None),
    ("bytes=4-2", 200, b"0123456789", None),
])
def test_a_part_of_a_file_may_be_asked_for(file: Path, asked: str, status: int, data: bytes | None, content_range: str | None):
    response = answer(lambda request: FileResponse(file), headers={"Range": asked})

    assert response.status_code == status
    assert data is None or response.data == data
    assert response.headers.get("Content-Range") == content_range


def test_a_part_of_what_has_changed_meanwhile_is_the_whole(file: Path):
    response = answer(lambda request: FileResponse(file), headers={"Range": "bytes=2-4", "If-Range": '"other"'})

    assert (response.status_code, response.data) == (200, b"0123456789")


@pytest.mark.parametrize("size", [0, 1, sending.PIECE, sending.PIECE + 1, 3 * sending.PIECE + 5])
def test_a_file_of_any_size_is_sent_as_it_is(tmp_path: Path, size: int):
    path = tmp_path / "data"
    path.write_bytes(os.urandom(size))

    whole = answer(lambda request: FileResponse(path))
    part = answer(lambda request: FileResponse(path), headers={"Range": f"bytes={size // 2}-"})

    assert whole.data == path.read_bytes()
    assert size == 0 or part.data == path.read_bytes()[size // 2:]
    assert whole.content_type == "application/octet-stream"


def test_a_large_file_is_read_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "data"
    path.write_bytes(b"x" * (sending.PIECE + 1))
    threads: list[object] = []
    read = os.pread
    hub = gevent.get_hub()
    monkeypatch.setattr(os, "pread", lambda *args: threads.append(gevent.getcurrent().parent is hub) or read(*args))

    answer(lambda request: FileResponse(path))

    assert threads
    assert not any(threads)


@pytest.mark.parametrize(("name", "header"), [
    ("a b.csv", 'attachment; filename="a b.csv"'),
    ("Übung.pdf", "attachment; filename=Ubung.pdf; filename*=UTF-8''%C3%9Cbung.pdf"),
    ("日本", "attachment; filename=download; filename*=UTF-8''%E6%97%A5%E6%9C%AC"),
    ('a"; filename="b', 'attachment; filename="a\\"; filename=\\"b"'),
])
def test_a_download_has_a_name(file: Path, name: str, header: str):
    response = answer(lambda request: FileResponse(file, download_name=name))

    assert response.headers["Content-Disposition"] == header


def test_a_download_with_a_line_break_in_its_name_adds_no_header(file: Path, caplog: pytest.LogCaptureFixture):
    response = answer(lambda request: FileResponse(file, download_name="a\r\nX-A: b"))

    assert response.status_code == 500
    assert "X-A" not in response.headers


@pytest.mark.parametrize(("name", "kind"), [
    ("a.tar.gz", "application/gzip"), ("a.html", "text/html; charset=utf-8"), ("a.unknown", "application/octet-stream"),
    ("a.svgz", "application/gzip"), ("a.txt.br", "application/octet-stream"),
])
def test_a_file_has_a_type_by_its_name_and_no_coding(tmp_path: Path, name: str, kind: str):
    path = tmp_path / name
    path.write_bytes(b"x")

    response = answer(lambda request: FileResponse(path))

    assert response.content_type == kind
    assert "Content-Encoding" not in response.headers


def test_a_file_may_have_a_status_headers_and_a_type_of_its_own(file: Path):
    response = answer(lambda request: FileResponse(file, 410, {"X-Own": "1", "Cache-Control": "max-age=5"}, content_type="text/x"))

    assert (response.status_code, response.headers["X-Own"], response.content_type) == (410, "1", "text/x")
    assert response.headers["Cache-Control"] == "max-age=5"


def test_a_pipe_is_no_file(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(FileNotFoundError):
        sending.File(tmp_path / "pipe")


@pytest.mark.parametrize(("method", "headers"), [
    ("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=2-3"}), ("GET", {"Range": "bytes=99-"}),
    ("GET", {"If-Modified-Since": http_date(datetime.now(timezone.utc) + timedelta(days=1))}),
])
def test_no_file_stays_open(file: Path, method: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    made: list[sending.File] = []
    make = sending.File.__init__
    monkeypatch.setattr(sending.File, "__init__", lambda self, path: made.append(self) or make(self, path))

    answer(lambda request: FileResponse(file), method, headers=headers)

    assert [each.closed for each in made] == [True]


# Streams.

def pieces(*items: object) -> Iterator[object]:
    yield from items


@pytest.mark.parametrize("make", [
    lambda: pieces("a", b"b", "", "ü"),
    lambda: Response(pieces("a", b"b", "", "ü")),
    lambda: Response(["a", b"b", "ü"]),
    lambda: HTTPResponse(pieces("a", "b", "ü"), content_type="text/html; charset=utf-8"),
], ids=["generator", "response", "list", "werkzeug"])
def test_an_answer_may_come_in_pieces(make: Callable[[], object]):
    response = answer(lambda request: make())

    assert response.text == "abü"
    assert response.content_type == "text/html; charset=utf-8"
    assert "Content-Length" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_an_answer_in_pieces_has_status_type_and_headers():
    response = answer(lambda request: Response(pieces("ü"), 201, "text/x", {"X-Own": "1"}, charset="latin-1"))

    assert (response.status_code, response.content_type, response.headers["X-Own"]) == (201, "text/x; charset=latin-1", "1")
    assert response.data == b"\xfc"


def test_events_are_not_collected_by_a_proxy():
    response = answer(lambda request: Response(pieces("data: x\n\n"), content_type="text/event-stream"))

    assert response.headers["X-Accel-Buffering"] == "no"


def test_an_answer_of_no_pieces_is_empty():
    response = answer(lambda request: Response(pieces()))

    assert (response.status_code, response.data) == (200, b"")


@pytest.mark.parametrize(("error", "status"), [(NotFoundError(), 404), (ValueError("x"), 500)])
def test_what_fails_before_its_first_piece_is_an_error_page(error: Exception, status: int, caplog: pytest.LogCaptureFixture):
    def fail() -> Iterator[str]:
        raise error
        yield ""

    response = answer(lambda request: fail())

    assert response.status_code == status


def test_what_is_no_piece_is_an_error_page(caplog: pytest.LogCaptureFixture):
    response = answer(lambda request: pieces(5))

    assert response.status_code == 500
    assert "a piece of an answer is bytes or a str, not int" in caplog.text


class Noted(View):
    """Streams what `script(view)` yields; notes what happens to it."""

    notes: list[object]
    script: Callable[[View], Iterator[str]]

    def handle_request(self, request: Request) -> object:
        return Response(type(self).script(self))

    def on_stop(self, reason: BaseException | None) -> None:
        self.notes.append(("on_stop", type(reason)))

    def on_cleanup(self) -> None:
        self.notes.append("on_cleanup")


def noted(script: Callable[[View], Iterator[str]]) -> tuple[App, list[object]]:
    notes: list[object] = []
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})
    app.route("/", interactive=False)(type("View", (Noted,), {"notes": notes, "script": staticmethod(script)}))
    return app, notes


def test_a_view_is_cleaned_up_after_its_last_piece():
    def script(view: View) -> Iterator[str]:
        for number in range(3):
            notes.append(number)
            yield str(number)

    app, notes = noted(script)

    response = Client(app).get("/")
    for piece in response.response:
        notes.append(piece)
    response.close()
    wait_until(lambda: "on_cleanup" in notes)

    assert notes == [0, b"0", 1, b"1", 2, b"2", ("on_stop", type(None)), "on_cleanup"]
    assert app.stats()["views"] == 0


def test_a_slow_reader_slows_the_view_down():
    def script(view: View) -> Iterator[str]:
        for number in range(100):
            notes.append(number)
            yield str(number)

    app, notes = noted(script)
    response = Client(app).get("/")
    reader = iter(response.response)
    next(reader)
    for _ in range(20):
        gevent.sleep(0)

    assert notes in ([0], [0, 1])
    response.close()
    wait_until(lambda: "on_cleanup" in notes)


def test_head_begins_a_stream_and_ends_it():
    app, notes = noted(lambda view: pieces("a", "b"))

    response = Client(app).head("/")
    response.close()
    wait_until(lambda: "on_cleanup" in notes)

    assert (response.status_code, response.data) == (200, b"")
    assert notes == [("on_stop", UserAbort), "on_cleanup"]


# The same, behind a real server.

@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[App], RawClient]]:
    monkeypatch.setattr(pour, "PATIENCE", 0.01)
    running: list[tuple[App, Server]] = []

    def start(app: App) -> RawClient:
        server = Server(app, "127.0.0.1", 0)
        server.start()
        running.append((app, server))
        return RawClient(connect(("127.0.0.1", server.port)))

    yield start
    for app, server in running:
        app.stop()
        server.stop()


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def test_each_piece_is_sent_when_it_is_there(serve: Callable[[App], RawClient]):
    def script(view: View) -> Iterator[str]:
        yield "first"
        yield str(view.await_message("next").data)

    app, _ = noted(script)
    with serve(app) as client:
        client.send(GET)
        client.answer()
        first = client.chunk()
        Channel("next").send("second")
        rest = [client.chunk(), client.chunk()]

    assert [first, *rest] == [b"first", b"second", b""]


def test_who_looks_whether_the_reader_is_there_waits_for_nobody(
    serve: Callable[[App], RawClient], monkeypatch: pytest.MonkeyPatch,
):
    looked: list[bool] = []
    look = plain_views.has_left
    monkeypatch.setattr(plain_views, "has_left", lambda environ: looked.append(look(environ)) or looked[-1])

    def script(view: View) -> Iterator[str]:
        yield "first"
        while len(looked) < 3:
            view.sleep(0.001)
        yield "second"

    app, _ = noted(script)
    with serve(app) as client:
        client.send(GET)
        client.answer()
        pieces = [client.chunk(), client.chunk(), client.chunk()]

    assert pieces == [b"first", b"second", b""]
    assert looked[:3] == [False] * 3


def test_a_reader_who_leaves_ends_the_view_that_waits(serve: Callable[[App], RawClient]):
    def script(view: View) -> Iterator[str]:
        try:
            yield "first"
            view.await_message("never")
        finally:
            notes.append("closed")

    app, notes = noted(script)
    with serve(app) as client:
        client.send(GET)
        client.answer()
    wait_until(lambda: "on_cleanup" in notes)

    assert notes == ["closed", ("on_stop", UserAbort), "on_cleanup"]


def test_what_fails_in_the_middle_cuts_the_connection(serve: Callable[[App], RawClient], caplog: pytest.LogCaptureFixture):
    def script(view: View) -> Iterator[str]:
        yield "first"
        raise ValueError("a failure")

    app, _ = noted(script)
    with serve(app) as client:
        client.send(GET)
        client.answer()
        assert client.chunk() == b"first"
        wait_until(client.at_end)

    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [type(record.exc_info[1]) for record in errors if record.exc_info] == [ValueError]


def test_a_server_that_stops_cuts_a_stream(serve: Callable[[App], RawClient]):
    def script(view: View) -> Iterator[str]:
        yield "first"
        view.sleep(600)

    app, notes = noted(script)
    with serve(app) as client:
        client.send(GET)
        client.answer()
        assert client.chunk() == b"first"
        app.stop()
        wait_until(client.at_end)

    assert notes[-1] == "on_cleanup"


def test_what_an_answer_holds_may_be_put_there_later():
    def respond(request: Request) -> Response:
        response = Response(b"x", content_type="application/octet-stream")
        response.body, response.content_type = "text", None                # type: ignore[assignment]
        return response

    response = answer(respond)

    assert (response.status_code, response.text, response.mimetype) == (200, "text", "text/plain")


# werkzeug.

def test_a_response_of_werkzeug_is_an_answer():
    def respond(request: Request) -> HTTPResponse:
        response = HTTPResponse("x", 201, {"X-Own": "1", "Referrer-Policy": "origin"}, mimetype="text/plain")
        response.set_cookie("a", "b")
        return response

    response = answer(respond)

    assert (response.status_code, response.text, response.headers["X-Own"]) == (201, "x", "1")
    assert response.headers["Set-Cookie"].startswith("a=b")
    assert response.headers["Referrer-Policy"] == "origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_by_werkzeug_is_an_answer(file: Path):
    response = answer(lambda request: send_file(file, request.http_request.environ))

    assert response.data == b"0123456789"


@pytest.mark.parametrize(("fail", "status"), [
    (lambda request: abort(410), 410), (lambda request: (_ for _ in ()).throw(NotFound()), 404),
    (lambda request: request.GET["x"], 400), (lambda request: abort(HTTPResponse("own", 418)), 418),
], ids=["abort", "raise", "missing parameter", "response"])
def test_an_exception_of_werkzeug_is_an_answer(fail: Callable[[Request], object], status: int, caplog: pytest.LogCaptureFixture):
    response = answer(fail)

    assert response.status_code == status
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("kind", [RedirectResponse, HttpRedirectResponse])
@pytest.mark.parametrize("url", [".", "..", "./x", "/a?b=c", "x"])
def test_where_a_redirect_leads_is_left_to_the_browser(kind: Any, url: str):
    response = answer(lambda request: kind(url, headers={"X-Own": "1"}))

    assert (response.status_code, response.headers["Location"], response.headers["X-Own"]) == (302, url, "1")


def test_a_dict_is_an_answer_and_warns():
    with pytest.warns(DeprecationWarning):
        response = answer(lambda request: {"json": [1], "status": 201})

    assert (response.status_code, response.json) == (201, [1])
