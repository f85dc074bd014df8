"""Files for a view of one worker, over connections to another one: real workers of gunicorn, without sticky sessions."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.processes import Process, free_port, process, wait_until
from tests.cluster.windows import Browser, View, cookie_of

#: A view that says in its text where its files come from and go to, and, after each click on '+1', what it has.
SITE = """
import json, os
from lona_sync import App, Bucket, View
from lona_sync.html import HTML, Button, FileInput, P

app = App(__file__)
app.settings.STOP_TIMEOUT = 2
app.settings.UPLOAD_TIMEOUT = 2

class Files(View):
    def handle_request(self, request):
        upload, bucket, text, button = FileInput(), Bucket(request), P(""), Button("+1")
        upload.handle_progress = lambda progress: None
        path = os.path.join(os.path.dirname(__file__), "data")
        text.set_text(json.dumps({
            "pid": os.getpid(), "data": path, "input": upload.secret, "bucket": bucket.get_url(), "path": self.download_url(path),
            "made": self.download_url(lambda: (b"%06d" % n for n in range(100_000)), name="made"),
            "endless": self.download_url(self.endless, name="endless"),
        }))
        self.ended = 0
        self.show(HTML(text, button, upload), title=str(os.getpid()))
        for n in range(100_000):
            self.await_click(button)
            if os.path.exists(path + ".cancel"):
                upload.cancel()
            text.set_text(json.dumps({
                "n": n, "size": upload.value.size if upload.value else None, "ended": self.ended,
                "sum": sum(upload.value.read()) if upload.value else 0, "names": bucket.get_file_names(),
                "received": upload.progress.received if upload.progress else None,
            }))
            self.show()

    def may_download(self, request):
        return request.headers.get("X-Forbidden") is None

    def endless(self):
        try:
            while True:
                yield b"x" * 10_000
        finally:
            self.ended += 1

app.route("/")(Files)

@app.route("/pid", interactive=False)
class Pid(View):
    def handle_request(self, request):
        return str(os.getpid())
"""

GUNICORN = (
    "-m", "gunicorn", "-k", "gevent", "-w", "3", "--keep-alive", "10", "--bind", "127.0.0.1:{}", "--no-control-socket",
    "--graceful-timeout", "20", "site_under_test:app",
)


@contextmanager
def site(folder: Path) -> Iterator[tuple[Process, int]]:
    port = free_port()
    (folder / "site_under_test.py").write_text(SITE)
    (folder / "data").write_bytes(bytes(range(256)) * 4000)
    (folder / "run").mkdir(mode=0o700)
    with process(folder, *(word.format(port) for word in GUNICORN), LONA_SYNC_RUNTIME_DIRECTORY=str(folder / "run")) as server:
        server.wait_for_port(port)
        yield server, port


class Visit:
    """A view, its user, and a connection to another worker than the view's."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = cookie_of(port)
        self.view: View = Browser(port, self.cookie).open("/")
        self.info: dict[str, Any] = json.loads(self.view.text)
        self.other = self.connect()

    def connect(self) -> http.client.HTTPConnection:
        """Each time another one, to a worker that has not the view."""
        def attempt() -> http.client.HTTPConnection | None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("GET", "/pid")
            if int(connection.getresponse().read()) != self.info["pid"]:
                return connection
            connection.close()
            return None

        return wait_until(attempt)

    def ask(self, method: str, path: str, body: bytes = b"", cookie: str | None = None, **headers: str) -> tuple[int, bytes, Any]:
        """Over the connection to the other worker: status, body, headers."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        sent["Cookie"] = self.cookie if cookie is None else cookie
        self.other.request(method, path, body=body if method not in ("GET", "HEAD", "DELETE") else None, headers=sent)
        response = self.other.getresponse()
        data = response.read()
        if response.will_close:
            self.other.close()
            self.other = self.connect()
        return response.status, data, response.headers

    def announce(self, name: str, size: int, **options: Any) -> str:
        """The path of an upload."""
        path = f"/_lona_sync/files/{self.view.id}/{self.info['input']}"
        body = json.dumps([[name, size, "", 0]]).encode()
        status, data, _ = self.ask("POST", path, body, Content_Type="application/json", **options)
        assert status == 200, data
        return f"/_lona_sync/files/{self.view.id}/{json.loads(data)['files'][0][0]}"

    def look(self) -> dict[str, Any]:
        """What the view has."""
        found: dict[str, Any] = json.loads(self.view.click())
        return found

    def close(self) -> None:
        self.other.close()
        self.view.browser.raw.sock.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with site(tmp_path_factory.mktemp("site")) as (server, port):
        yield port
        assert "Traceback" not in server.output


@pytest.fixture
def visit(shared: int) -> Iterator[Visit]:
    visit = Visit(shared)
    yield visit
    visit.close()


DATA = bytes(number % 251 for number in range(3_000_000))


def test_a_file_comes_to_its_view_through_any_worker(visit: Visit):
    path = visit.announce("a", len(DATA))

    statuses = []
    for start in range(0, len(DATA), 1_000_000):
        status, _, headers = visit.ask("PATCH", path, DATA[start:start + 1_000_000], Upload_Offset=str(start))
        statuses.append((status, headers["Upload-Offset"], headers["Upload-Complete"]))

    assert statuses == [(204, "1000000", None), (204, "2000000", None), (204, "3000000", "?1")]
    found = visit.look()
    assert (found["size"], found["sum"]) == (len(DATA), sum(DATA))


def test_it_goes_on_through_a_third_one_when_the_connection_is_cut(visit: Visit):
    path = visit.announce("a", len(DATA))
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {visit.cookie}\r\nUpload-Offset: 0\r\n"
        f"Content-Length: {len(DATA)}\r\n\r\n"
    )
    assert visit.other.sock is not None
    visit.other.sock.sendall(head.encode() + DATA[:1_500_000])
    # What the server has not read by then is lost.
    wait_until(lambda: (visit.look()["received"] or 0) >= 1_000_000)
    visit.other.sock.shutdown(socket.SHUT_RDWR)
    visit.other.close()
    visit.other = visit.connect()

    offset = int(visit.ask("HEAD", path)[2]["Upload-Offset"])
    status, _, headers = visit.ask("PATCH", path, DATA[offset:], Upload_Offset=str(offset))

    assert 1_000_000 <= offset <= 1_500_000
    assert (status, headers["Upload-Complete"]) == (204, "?1")
    assert visit.look()["sum"] == sum(DATA)


def test_who_is_too_slow_at_another_worker_is_cut_off_and_may_go_on(visit: Visit):
    path = visit.announce("a", 1000)
    head = f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {visit.cookie}\r\nUpload-Offset: 0\r\nContent-Length: 1000\r\n\r\n"
    assert visit.other.sock is not None
    before = time.monotonic()
    visit.other.sock.sendall(head.encode() + b"x" * 10)
    answer = visit.other.sock.recv(100)
    visit.other.close()
    visit.other = visit.connect()

    assert b" 408 " in answer
    assert time.monotonic() - before < 15
    assert visit.ask("HEAD", path)[0] == 200


def test_a_view_that_cancels_ends_what_another_worker_writes(visit: Visit):
    path = visit.announce("a", len(DATA))
    visit.ask("PATCH", path, DATA[:1000], Upload_Offset="0")

    cancel = Path(visit.info["data"] + ".cancel")
    cancel.touch()
    visit.look()
    cancel.unlink()

    status, _, _ = visit.ask("PATCH", path, DATA[1000:2000], Upload_Offset="1000")
    assert status == 404
    assert visit.look()["received"] is None


def test_a_bucket_is_used_through_any_worker(visit: Visit):
    url = visit.info["bucket"]
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="../a.txt"\r\n\r\n' + DATA
        + b'\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="b"\r\n\r\ntwo\r\n--x--\r\n'
    )

    added = visit.ask("POST", url + "add", body, Content_Type="multipart/form-data; boundary=x")
    listed = visit.ask("GET", url)
    loaded = visit.ask("GET", url + "a.txt", Range="bytes=1000-1999")
    form = "application/x-www-form-urlencoded"
    deleted = visit.ask("POST", url + "delete", b"name=a.txt", Content_Type=form)
    missing = visit.ask("POST", url + "delete", b"name=a.txt", Content_Type=form)

    assert (added[0], listed[0], loaded[0], deleted[0], missing[0]) == (200, 200, 206, 200, 404)
    assert b"a.txt" in listed[1]
    assert loaded[1] == DATA[1000:2000]
    assert visit.look()["names"] == ["b"]


def test_downloads_come_through_any_worker(visit: Visit):
    whole = bytes(range(256)) * 4000

    file = visit.ask("GET", visit.info["path"])
    part = visit.ask("GET", visit.info["path"], Range="bytes=100-199")
    made = visit.ask("GET", visit.info["made"])
    looked = visit.ask("HEAD", visit.info["made"])
    forbidden = visit.ask("GET", visit.info["path"], X_Forbidden="yes")

    assert (file[0], file[1]) == (200, whole)
    assert (part[0], part[1]) == (206, whole[100:200])
    assert (made[0], made[1]) == (200, b"".join(b"%06d" % n for n in range(100_000)))
    assert (looked[0], looked[1]) == (200, b"")
    assert forbidden[0] == 403


def test_what_is_made_for_another_worker_ends_with_the_browser(visit: Visit):
    visit.other.request("GET", visit.info["endless"], headers={"Cookie": visit.cookie})
    response = visit.other.getresponse()
    assert response.read(100_000)

    response.close()
    visit.other.close()
    visit.other = visit.connect()

    wait_until(lambda: visit.look()["ended"] == 1)


def test_another_user_gets_nothing_at_any_worker(visit: Visit):
    mine = visit.announce("a", 5)
    stranger = cookie_of(visit.port)
    announced = f"/_lona_sync/files/{visit.view.id}/{visit.info['input']}"

    answers = [
        visit.ask("POST", announced, b"[]", stranger, Content_Type="application/json"),
        visit.ask("PATCH", mine, b"01234", stranger, Upload_Offset="0"),
        visit.ask("HEAD", mine, cookie=stranger),
        visit.ask("DELETE", mine, cookie=stranger),
        visit.ask("GET", visit.info["bucket"], cookie=stranger),
        visit.ask("GET", visit.info["path"], cookie=stranger),
        visit.ask("GET", visit.info["made"], cookie=""),
    ]

    assert [status for status, _, _ in answers] == [404] * 7
    assert visit.ask("HEAD", mine)[0] == 200


def test_the_files_of_a_worker_that_died_are_gone_when_the_next_one_starts(tmp_path: Path):
    with site(tmp_path) as (server, port):
        visit = Visit(port)
        path = visit.announce("a", 1000)
        visit.ask("PATCH", path, b"x" * 500, Upload_Offset="0")

        def files() -> list[Path]:
            return [each for each in tmp_path.glob("run/*/files/*/*/*/*") if each.is_file()]

        assert len(files()) == 1
        os.kill(visit.info["pid"], signal.SIGKILL)

        wait_until(lambda: not files())
        wait_until(lambda: visit.ask("HEAD", path)[0] == 404)
        visit.close()
        server.signal(signal.SIGTERM)
        server.wait()
        assert list(tmp_path.glob("run/*/files/*")) == []
