"""Whole servers: processes of their own, on real sockets, ended by real signals."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.pool import Pool

from lona_sync.wire.protocol import VERSION
from tests.cluster.processes import Process, free_port, process, wait_until
from tests.server.raw_client import HANDSHAKE, Answer, RawClient, connect

#: A view that counts clicks, and one that is not interactive. What happens to them is noted in the file `notes`.
SITE = """
import os
from lona_sync import App, View
from lona_sync.html import HTML, Button, P

app = App(__file__)
app.settings.STOP_TIMEOUT = 2

def note(text):
    with open(os.path.join(os.path.dirname(__file__), "notes"), "a") as file:
        file.write(text + "\\n")

@app.route("/")
class Counter(View):
    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button))
        for n in range(1, 1000):
            self.await_click(button)
            text.set_text(f"clicked {n}")
            self.show()

    def on_stop(self, reason):
        self.sleep_a_little()
        note(f"on_stop {type(reason).__name__}")

    def on_cleanup(self):
        note("on_cleanup")

    def sleep_a_little(self):
        import time
        time.sleep(0.05)                 # cleaning up may wait

@app.route("/plain", interactive=False)
class Plain(View):
    def handle_request(self, request):
        return "plain"

if __name__ == "__main__":
    app.run("127.0.0.1")
"""

#: Seconds within which a server has to end by itself; gunicorn would wait 30 for those who stay.
QUICKLY = 15.0

GUNICORN = ("-m", "gunicorn", "--bind", "127.0.0.1:{}", "--graceful-timeout", "30", "--no-control-socket")
SERVERS = {
    "lona-sync run": ("-m", "lona_sync", "run", "site_under_test.py"),
    "a script": ("site_under_test.py",),
    "gunicorn gevent": (*GUNICORN, "-k", "gevent", "site_under_test:app"),
    "gunicorn gevent --preload": (*GUNICORN, "-k", "gevent", "--preload", "site_under_test:app"),
    "gunicorn with two workers": (*GUNICORN, "-k", "gevent", "-w", "2", "site_under_test:app"),
    "gunicorn geventwebsocket": (
        *GUNICORN, "-k", "geventwebsocket.gunicorn.workers.GeventWebSocketWorker", "site_under_test:app",
    ),
}


@contextmanager
def site(folder: Path, command: tuple[str, ...]) -> Iterator[tuple[Process, int]]:
    """The application above behind this command, and its port; it answers already."""
    port = free_port()
    (folder / "site_under_test.py").write_text(SITE)
    with process(folder, *(word.format(port) for word in command), LONA_SYNC_PORT=str(port)) as server:
        server.wait_for_page(port)
        yield server, port


def get(port: int, path: str) -> str:
    """The body of a page."""
    with RawClient(connect(("127.0.0.1", port))) as client:
        client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = client.answer()
        assert answer.status == 200
        return client.body(answer)


def handshake(client: RawClient) -> Answer:
    """Ask for the WebSocket."""
    lines = ["GET /_lona_sync/socket HTTP/1.1", *(f"{name}: {value}" for name, value in HANDSHAKE.items()), "", ""]
    client.send("\r\n".join(lines).encode())
    return client.answer()


class Window:
    """A window that shows '/'."""

    def __init__(self, port: int) -> None:
        self.raw = RawClient(connect(("127.0.0.1", port)))
        self._events = 0
        answer = handshake(self.raw)
        if answer.status != 101:
            self.raw.sock.close()
            raise ConnectionError(f"{answer}")
        self.say([0, VERSION])
        self.say([1, 1, "/", None])
        _, _, snapshot = self.hear(), self.hear(), self.hear()
        assert snapshot[0] == 2
        self._frame, first, stream = snapshot[2], snapshot[5], snapshot[7]
        self._button = first + [item for item in stream if item != 0 and not isinstance(item, dict)].index("+1") - 1

    def say(self, message: list[Any]) -> None:
        self.raw.send_text(json.dumps(message))

    def hear(self) -> list[Any]:
        message: list[Any] = json.loads(self.raw.receive_text())
        return message

    def click(self) -> str:
        """Click; the text that comes back."""
        self._events += 1
        self.say([4, 1, self._events, self._frame, 1, self._button, [1, 1, 10, 10, 0, self._button]])
        frame = self.hear()
        assert (frame[0], frame[3]) == (3, self._events)
        self._frame = frame[2]
        return str(frame[4])

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        self.raw.sock.close()


def window_if_let_in(port: int) -> Window | None:
    try:
        return Window(port)
    except ConnectionError:
        return None


def notes(folder: Path) -> list[str]:
    file = folder / "notes"
    return sorted(file.read_text().splitlines()) if file.exists() else []


@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)
def test_a_server_serves_pages_and_views(tmp_path: Path, command: tuple[str, ...]):
    with site(tmp_path, command) as (server, port), Window(port) as window:
        page, plain = get(port, "/"), get(port, "/plain")
        clicks = [window.click(), window.click()]
        output = server.output

    assert 'id="lona-sync"' in page
    assert plain == "plain"
    assert "clicked 1" in clicks[0]
    assert "clicked 2" in clicks[1]
    assert "Traceback" not in output
    assert "gevent has not patched" not in output


@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)
def test_a_server_looks_for_garbage_less_often_than_python_does_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...],
):
    told = SITE.replace('return "plain"', "import gc; return str(gc.get_threshold()[0])")
    monkeypatch.setattr("tests.cluster.test_processes.SITE", told)

    with site(tmp_path, command) as (_, port):
        threshold = get(port, "/plain")

    assert threshold == "10000"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)
def test_a_server_that_is_told_to_end_ends_its_views_and_tells_their_browsers(
    tmp_path: Path, command: tuple[str, ...], number: signal.Signals,
):
    with site(tmp_path, command) as (server, port), ExitStack() as stack:
        windows = [stack.enter_context(Window(port)) for _ in range(3)]
        windows[0].click()

        server.signal(number)
        codes = [window.raw.see_off() for window in windows]
        status = server.wait(QUICKLY)
        output = server.output

    assert codes == [1012] * 3
    assert status == 0
    assert notes(tmp_path) == ["on_cleanup"] * 3 + ["on_stop ServerStop"] * 3
    assert "Traceback" not in output


def test_a_worker_that_ends_cleans_up_views_that_have_no_browser(tmp_path: Path):
    with site(tmp_path, SERVERS["gunicorn gevent"]) as (server, port):
        with Window(port) as window:
            window.click()
        server.signal(signal.SIGTERM)
        status = server.wait(QUICKLY)

    assert status == 0
    assert notes(tmp_path) == ["on_cleanup", "on_stop ServerStop"]


def test_a_worker_that_is_replaced_says_so_and_its_browser_finds_the_next(tmp_path: Path):
    with site(tmp_path, SERVERS["gunicorn gevent"]) as (server, port), Window(port) as window:
        server.signal(signal.SIGHUP)
        code = window.raw.see_off()
        with wait_until(lambda: window_if_let_in(port)) as again:      # the old worker still listens for a moment, and says 503
            text = again.click()
        ended = wait_until(lambda: notes(tmp_path))
        output = server.output

    assert code == 1012
    assert "clicked 1" in text
    assert ended[:1] == ["on_cleanup"]
    assert "Traceback" not in output


def test_a_worker_that_is_told_to_end_at_once_exits_once(tmp_path: Path):
    # Its loop looks once in a second whether it is to end. Here that, and the end of the pause that gunicorn makes before it exits,
    # come at the same moment, as they do by chance when the machine is busy.
    (tmp_path / "hooks.py").write_text("""if True:
        import time
        import gevent
        from gevent import monkey

        def post_worker_init(worker):
            notify = worker.notify
            def look():
                notify()
                worker.next_look = time.monotonic() + 1.0
            worker.notify = look

        def worker_int(worker):
            gevent.sleep(max(0, worker.next_look - 0.05 - time.monotonic()))
            gevent.spawn_later(0.001, monkey.get_original("time", "sleep"), 0.3)
    """)
    command = (*GUNICORN, "-k", "gevent", "-c", "hooks.py", "site_under_test:app")

    with site(tmp_path, command) as (server, port):
        get(port, "/plain")
        server.signal(signal.SIGINT)
        status = server.wait(QUICKLY)
        output = server.output

    assert status == 0
    assert "Traceback" not in output


def test_all_workers_sign_cookies_with_one_key(tmp_path: Path):
    with site(tmp_path, SERVERS["gunicorn with two workers"]) as (server, port):
        cookies = set()
        for _ in range(20):
            with RawClient(connect(("127.0.0.1", port))) as client:
                known = f"Cookie: {next(iter(cookies))}\r\n" if cookies else ""
                client.send(f"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{known}\r\n".encode())
                cookie = client.answer().headers.get("set-cookie")
                cookies |= {cookie.partition(";")[0]} if cookie else set()
        output = server.output

    assert len(cookies) == 1
    assert "SECRET_KEY" not in output


def test_a_worker_that_blocks_answers_pages_and_says_why_it_has_no_socket(tmp_path: Path):
    command = (*GUNICORN, "-k", "sync", "site_under_test:app")

    with site(tmp_path, command) as (server, port):
        plain = get(port, "/plain")
        with RawClient(connect(("127.0.0.1", port))) as client:
            answer = handshake(client)
            text = client.body(answer)
        wait_until(lambda: "gevent has not patched" in server.output)
        server.signal(signal.SIGTERM)
        ended = server.wait(QUICKLY)
        output = server.output

    assert plain == "plain"
    assert answer.status == 501
    assert "Run it by `lona-sync run` or by `gunicorn -k gevent`." in text
    assert output.count("gevent has not patched the standard library") == 1
    assert ended == 0
    assert "Traceback" not in output


def test_a_blocking_worker_ends_by_sigint_too(tmp_path: Path):
    command = (*GUNICORN, "-k", "sync", "site_under_test:app")

    with site(tmp_path, command) as (server, port):
        get(port, "/plain")
        server.signal(signal.SIGINT)
        status = server.wait(QUICKLY)

    assert status == 0


@pytest.mark.parametrize("name", ["lona-sync run", "gunicorn gevent"])
def test_one_process_holds_a_thousand_blocked_views_and_still_answers(tmp_path: Path, name: str):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))

    with site(tmp_path, SERVERS[name]) as (server, port), ExitStack() as stack:
        opened = Pool(50).imap_unordered(lambda _: Window(port), range(1000))
        with gevent.Timeout(120):
            windows = [stack.enter_context(window) for window in opened]
        with Window(port) as one_more:
            page, text = get(port, "/"), one_more.click()
        texts = {window.click() for window in windows}
        server.signal(signal.SIGTERM)
        codes = {window.raw.see_off() for window in windows}
        status = server.wait(60)

    assert 'id="lona-sync"' in page
    assert "clicked 1" in text
    assert all("clicked 1" in each for each in texts)
    assert codes == {1012}
    assert status == 0
    assert notes(tmp_path).count("on_cleanup") >= 1000
