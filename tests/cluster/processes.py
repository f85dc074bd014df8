"""Real processes for tests: started with their output in a file, waited for with a limit, and always ended."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import gevent
from gevent import socket

T = TypeVar("T")
ROOT = Path(__file__).parents[2]

#: Seconds that anything may take here, on a machine that does much else.
PATIENCE = 60.0


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    while True:
        # Not 0, for which the system takes one that it also gives to outgoing connections: while a server is down, one of
        # those would hold its port, or a client that tries to reach it would be connected with itself.
        port = random.randrange(10_000, 32_000)
        with socket.socket() as listener, suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return port


def wait_until(condition: Callable[[], T | None], seconds: float = PATIENCE, explain: Callable[[], str] = str) -> T:
    """Wait for something that another process does; what `condition` returned at last."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {explain()}")
        gevent.sleep(0.02)
    return found


class Process:
    """A process of ours; `command` is a program and its arguments. `output`: what it has written to stdout and stderr."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        number, name = tempfile.mkstemp(prefix="output-", dir=folder)
        self._file = Path(name)
        with open(number, "wb") as file:
            self._process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment},
                start_new_session=True,              # a group of its own, so that its workers end with it
            )

    @property
    def output(self) -> str:
        return self._file.read_text(errors="replace")

    @property
    def number(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def stopped(self) -> bool:
        """True once a SIGSTOP has taken effect, until a SIGCONT."""
        # What follows the name of the program, which stands in parentheses and may contain some.
        return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(") ")[2].startswith("T")

    def signal(self, number: signal.Signals) -> None:
        """To this process, not to its workers."""
        self._process.send_signal(number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """The exit status, once it has ended; AssertionError when it still runs after `seconds`."""
        wait_until(lambda: not self.running, seconds, lambda: f"still running; it wrote\n{self.output}")
        return self._process.returncode

    def wait_for_port(self, port: int) -> None:
        """Wait until it listens."""
        wait_until(lambda: self._answers(port), explain=lambda: f"port {port} is closed; it wrote\n{self.output}")

    def wait_for_page(self, port: int) -> None:
        """Wait until it answers over HTTP: gunicorn listens long before its workers have loaded what they serve."""
        wait_until(lambda: self._answers(port, b"GET /_lona_sync/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
                   explain=lambda: f"port {port} gives no answer; it wrote\n{self.output}")

    def kill(self) -> None:
        """End it and what it has started, whatever it does."""
        with suppress(ProcessLookupError):           # all gone by themselves
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _answers(self, port: int, request: bytes = b"") -> bool:
        """Whether it takes a connection, and says something to the request, if there is one."""
        assert self.running, f"it has ended with {self._process.returncode}; it wrote\n{self.output}"
        with socket.socket() as sock:
            sock.settimeout(PATIENCE)
            if sock.connect_ex(("127.0.0.1", port)) != 0:
                return False
            with suppress(OSError):
                sock.sendall(request)
                return not request or sock.recv(1) != b""
            return False


@contextmanager
def process(folder: Path, *command: str, **environment: str) -> Iterator[Process]:
    """`command` in `folder`; the first word is an option of this Python's, or a module or file for it."""
    started = Process([sys.executable, *command], folder, environment)
    try:
        yield started
    finally:
        started.kill()
