"""Real servers in processes of their own, on loopback, for browsers to visit."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 20.0


class RunningServer:
    """One server process. `url` has no slash at its end."""

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        self._command = command
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environ = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LONA_SYNC_SECRET_KEY": "k" * 32}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command, cwd=REPOSITORY, env=environ, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, f"the server has ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"the server does not answer:\n{self.log.read_text()}"
            time.sleep(0.05)

    def stop(self) -> int:
        """End it as an operator does; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            text: str = response.read().decode()
            return text

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url + "/there-is-no-such-page", timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command_of(kind: str, module: str, port: int, name: str = "app") -> list[str]:
    """How `module` (dotted) is served in this way. `name`: of the application in it."""
    bind = f"127.0.0.1:{port}"
    script = module.replace(".", "/") + ".py"
    return {
        "run": [sys.executable, "-m", "lona_sync", "run", "--host", "127.0.0.1", "--port", str(port), script],
        "script": ["env", "LONA_SYNC_HOST=127.0.0.1", f"LONA_SYNC_PORT={port}", sys.executable, script],
        "gunicorn": [
            sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", "1", "--no-control-socket", "-b", bind, f"{module}:{name}",
        ],
        "gunicorn-websocket": [
            sys.executable, "-m", "gunicorn", "-k", "geventwebsocket.gunicorn.workers.GeventWebSocketWorker", "-w", "1",
            "--no-control-socket", "-b", bind, f"{module}:{name}",
        ],
    }[kind]


@contextmanager
def serving(kind: str, module: str, log: Path, name: str = "app") -> Iterator[RunningServer]:
    """`module` served by `kind`; ended afterwards, with a look into its log: nothing may have failed there."""
    port = free_port()
    server = RunningServer(command_of(kind, module, port, name), port, log)
    try:
        yield server
        assert server.stop() == 0
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
