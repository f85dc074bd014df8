"""The same echo under gunicorn's workers, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent
import pytest

from tests.server.raw_client import ACCEPT, PATIENCE, TEXT, RawClient, close_frame, connect, frame

ROOT = Path(__file__).parents[2]
GEVENT, PYWSGI = "gevent", "gevent_pywsgi"
LIBRARY = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"


class Gunicorn:
    """One worker that serves the echo at `address`, a unix socket; `log` is what it writes."""

    def __init__(self, worker: str, folder: Path) -> None:
        self.address = str(folder / "echo.sock")
        self._log = folder / "gunicorn.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "gunicorn", "--no-control-socket", "-k", worker, "-b", f"unix:{self.address}",
                    "--graceful-timeout", "1", "tests.server.apps.echo:app",
                ],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def wait_for_log(self, text: str) -> str:
        with gevent.Timeout(PATIENCE):
            while text not in self.log:
                assert self._process.poll() is None, self.log
                gevent.sleep(0.01)
        return self.log

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(worker: str, folder: Path) -> Iterator[Gunicorn]:
    gunicorn = Gunicorn(worker, folder)
    try:
        gunicorn.wait_for_log("Booting worker")
        yield gunicorn
    finally:
        gunicorn.stop()


@pytest.fixture(scope="module", params=[GEVENT, PYWSGI, LIBRARY])
def any_worker(request, tmp_path_factory) -> Iterator[Gunicorn]:
    with running(request.param, tmp_path_factory.mktemp("gunicorn")) as gunicorn:
        yield gunicorn


@pytest.fixture(scope="module", params=[GEVENT, PYWSGI])
def our_handshake(request, tmp_path_factory) -> Iterator[Gunicorn]:
    """Workers that leave the handshake to us."""
    with running(request.param, tmp_path_factory.mktemp("gunicorn")) as gunicorn:
        yield gunicorn


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Iterator[Gunicorn]:
    """The worker that shakes hands by itself."""
    with running(LIBRARY, tmp_path_factory.mktemp("gunicorn")) as gunicorn:
        yield gunicorn


def test_messages_are_echoed(any_worker):
    with RawClient(connect(any_worker.address)) as client:
        answer = client.request()
        for number in range(100):
            client.send_text(f"{number} ä")

        assert answer.status == 101
        assert answer.headers["upgrade"].lower() == "websocket"
        assert answer.headers["connection"].lower() == "upgrade"
        assert answer.headers["sec-websocket-accept"] == ACCEPT
        assert [client.receive_text() for _ in range(100)] == [f"{number} ä" for number in range(100)]


def test_frames_that_come_with_the_handshake_are_not_lost(any_worker):
    with RawClient(connect(any_worker.address)) as client:
        client.request(then=frame(TEXT, b"early") + frame(TEXT, b"x" * 20_000))

        assert client.receive_text() == "early"
        assert client.receive_text() == "x" * 20_000


def test_a_large_message_goes_there_and_back(any_worker):
    with RawClient(connect(any_worker.address)) as client:
        client.request()

        client.send_text("x" * 100_000)

        assert client.receive_text() == "x" * 100_000


def test_clients_of_one_unix_socket_come_and_go_without_a_trace(any_worker):
    before = any_worker.log
    clients = [RawClient(connect(any_worker.address)) for _ in range(3)]
    for client in clients:
        client.request()

    for client in clients:
        # A server that looked for a further request behind the goodbye would complain.
        client.send(close_frame(1001) + frame(TEXT, b"GET / HTTP/1.1\r\n\r\n") * 50)
        assert client.receive_close() == 1001
        assert client.at_end()
        client.sock.close()

    with RawClient(connect(any_worker.address)) as client:
        client.request()
    assert any_worker.log == before


def test_a_server_that_closes_says_why(any_worker):
    with RawClient(connect(any_worker.address)) as client:
        client.request()

        client.send_text("close")

        assert client.receive_close() == 4001
        client.send(close_frame(4001))
        assert client.at_end()


def test_a_message_that_is_too_long_is_refused_with_1009(any_worker):
    with RawClient(connect(any_worker.address)) as client:
        client.request()

        sending = gevent.spawn(client.send, frame(TEXT, b"x" * 5_000_000))

        assert client.receive_close() == 1009
        sending.get(timeout=PATIENCE)


def test_a_failure_closes_with_1011_and_is_logged_with_its_traceback(any_worker):
    with RawClient(connect(any_worker.address)) as client:
        client.request()

        client.send_text("fail")

        assert client.receive_close() == 1011
        client.send(close_frame(1011))
        assert client.at_end()
        assert "Traceback" in any_worker.wait_for_log("RuntimeError: the application failed")


@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ"}, 400),
    ({"Sec_WebSocket_Version": "8"}, 426),
    ({"Upgrade": None}, 426),
    ({"method": "POST", "Content_Length": "0"}, 405),
    ({"Content_Length": "5", "then": b"hello"}, 400),
    ({"Origin": "http://evil.org"}, 403),
])
def test_a_wrong_handshake_is_refused_with_one_sentence(our_handshake, headers, status):
    with RawClient(connect(our_handshake.address)) as client:
        answer = client.request(**headers)

        assert answer.status == status
        assert client.body(answer).endswith(".\n")


def test_a_foreign_origin_is_refused_after_a_handshake_of_the_library(library):
    with RawClient(connect(library.address)) as client:
        answer = client.request(Origin="http://evil.org")

        assert answer.status == 101
        assert client.receive_close() == 4502


def test_a_blocking_worker_is_told_apart(tmp_path):
    with running("sync", tmp_path) as gunicorn, RawClient(connect(gunicorn.address)) as client:
        answer = client.request()

        assert answer.status == 501
        assert "gunicorn -k gevent" in client.body(answer)
