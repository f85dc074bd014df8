"""Plain HTTP behind a real worker of gunicorn, which treats bodies and streams otherwise than our own server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cluster.processes import Process, free_port, process, wait_until
from tests.server.raw_client import RawClient, connect

SITE = """
import pathlib
from lona_sync import App, Channel, FileResponse, MATCH_ALL, Response, View
from lona_sync.server.http import patient_input

patient_input.BODY_TIMEOUT = 0.3
app = App(__file__)
app.settings.SECRET_KEY = "k" * 32

def note(text):
    with open("notes", "a") as file:
        file.write(text + "\\n")

@app.route("/stream/<kind>", interactive=False)
class Stream(View):
    def handle_request(self, request):
        return Response(self.pieces(request.match_info["kind"]))

    def pieces(self, kind):
        yield "first"
        if kind == "fails":
            raise ValueError("in the middle")
        yield str(self.await_message("next").data)

    def on_stop(self, reason):
        note(f"on_stop {type(reason).__name__}")

    def on_cleanup(self):
        note("on_cleanup")

@app.route("/next", interactive=False)
class Next(View):
    def handle_request(self, request):
        Channel("next").send("second")

@app.route("/form", interactive=False)
class Form(View):
    def handle_request(self, request):
        return str(len(request.POST.get("a", "")))

@app.route("/file", interactive=False)
class File(View):
    def handle_request(self, request):
        return FileResponse("file")

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]

app.route("/wsgi", http_pass_through=True)(application)
"""


class Site(NamedTuple):
    port: int
    folder: Path
    server: Process

    def ask(self, path: str, then: str = "") -> RawClient:
        client = RawClient(connect(("127.0.0.1", self.port)))
        client.send(f"{'POST' if then else 'GET'} {path} HTTP/1.1\r\nHost: localhost\r\n{then or chr(13) + chr(10)}".encode())
        return client

    def notes(self) -> list[str]:
        path = self.folder / "notes"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture(scope="module", params=["gevent", "gevent_pywsgi"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "site_under_test.py").write_text(SITE)
    (folder / "file").write_bytes(b"0123456789" * 100_000)
    (folder / "run").mkdir(mode=0o700)
    port = free_port()
    command = ("-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket", "-k", request.param, "site_under_test:app")
    with process(folder, *command, LONA_SYNC_RUNTIME_DIRECTORY=str(folder / "run")) as server:
        server.wait_for_port(port)
        yield Site(port, folder, server)


def test_each_piece_is_sent_when_it_is_there(site: Site):
    with site.ask("/stream/whole") as client:
        answer = client.answer()
        pieces = [client.chunk()]
        with site.ask("/next") as other:
            other.answer()
        pieces += [client.chunk(), client.chunk()]
    wait_until(lambda: site.notes()[-1:] == ["on_cleanup"])

    assert answer.status == 200
    assert pieces == [b"first", b"second", b""]
    assert site.notes()[-2:] == ["on_stop NoneType", "on_cleanup"]


def test_a_reader_who_leaves_ends_the_view(site: Site):
    before = len(site.notes())

    with site.ask("/stream/whole") as client:
        client.answer()
    wait_until(lambda: len(site.notes()) == before + 2)

    assert site.notes()[before:] == ["on_stop UserAbort", "on_cleanup"]


def test_what_fails_in_the_middle_cuts_the_connection_and_is_logged_once(site: Site):
    with site.ask("/stream/fails") as client:
        client.answer()
        first = client.chunk()
        end = client.at_end()

    assert (first, end) == (b"first", True)
    wait_until(lambda: "in the middle" in site.server.output)
    assert len(re.findall("Traceback", site.server.output)) == 1


@pytest.mark.parametrize("then", [
    "Content-Length: 2000000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    "200000\r\na=" + "a" * 2097150 + "\r\n0\r\n\r\n",
], ids=["told", "untold"])
def test_a_body_that_is_too_large_is_413(site: Site, then: str):
    with site.ask("/form", then) as client:
        status = client.answer().status

    assert status == 413


@pytest.mark.parametrize("then", ["Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"])
def test_a_body_that_does_not_come_is_408(site: Site, then: str):
    with site.ask("/form", then + "Content-Type: application/x-www-form-urlencoded\r\n\r\n") as client:
        answer = client.answer()
        text = client.body(answer)
        end = client.at_end()

    assert (answer.status, text, end) == (408, "408 Request Timeout\n", True)


def test_a_body_that_comes_is_taken(site: Site):
    with site.ask("/form", "Content-Length: 5\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=123") as client:
        text = client.body(client.answer())

    assert text == "3"


def test_a_file_comes_as_it_is_and_the_connection_lives_on(site: Site):
    with site.ask("/file") as client:
        whole = client.body(client.answer())
        client.send(b"GET /file HTTP/1.1\r\nHost: localhost\r\nRange: bytes=5-14\r\n\r\n")
        answer = client.answer()
        part = client.body(answer)

    assert whole == "0123456789" * 100_000
    assert (answer.status, part) == (206, "5678901234")


def test_another_application_reads_its_body_itself(site: Site):
    with site.ask("/wsgi", "Content-Length: 4\r\nConnection: close\r\n\r\nbody") as client:
        answer = client.answer()
        text = client.body(answer) if "content-length" in answer.headers else client.chunk().decode()

    assert (answer.status, text) == (200, "body")
