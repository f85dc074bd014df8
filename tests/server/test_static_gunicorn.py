"""No bytes on a socket lead out of the folders of static files, also where gunicorn reads them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest

from tests.server.raw_client import PATIENCE
from tests.server.test_static_folders import RAW, SECRET

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=["gevent", "gevent_pywsgi"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The unix socket of a worker that serves them."""
    project = tmp_path_factory.mktemp("project")
    (project / "static" / "css").mkdir(parents=True)
    (project / "static" / "css" / "a.css").write_text("a {}")
    (project / "secret.css").write_text(SECRET)
    (project / "static" / "link.css").symlink_to(project / "secret.css")
    path, log = str(project / "x.sock"), project / "gunicorn.log"
    command = [
        sys.executable, "-m", "gunicorn", "--no-control-socket", "-k", request.param, "-b", f"unix:{path}", "--graceful-timeout",
        "1", "tests.server.apps.static:app",
    ]
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "PROJECT": str(project)}, stdout=file, stderr=file,
        )
    try:
        with gevent.Timeout(PATIENCE):
            while "Booting worker" not in log.read_text():
                assert process.poll() is None, log.read_text()
                gevent.sleep(0.01)
        yield path
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ask(address: str, path: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(address)
        client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while block := client.recv(65536):
            answer += block
        return answer


@pytest.mark.parametrize("path", RAW)
def test_no_bytes_lead_out_of_the_folders(address: str, path: bytes):
    answer = ask(address, path)

    assert not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2")), answer[:200]
    assert SECRET.encode() not in answer


def test_what_is_there_is_sent(address: str):
    assert ask(address, b"/static/css/a.css").endswith(b"\r\n\r\na {}")
