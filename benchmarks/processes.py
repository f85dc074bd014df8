"""Programs that are measured: started on a processor of their own, and what they use of it.

The server of a measurement has the first processor of this machine, and whoever loads it has the others. On a machine with one
processor both share it, and `SHARED` says so.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import gevent
from gevent import socket

ROOT = Path(__file__).parents[1]
_FIRST, *_OTHERS = sorted(os.sched_getaffinity(0))
SERVERS = {_FIRST}
LOADERS = set(_OTHERS) or {_FIRST}
SHARED = not _OTHERS

#: Seconds that a program may take until it answers.
PATIENCE = 60.0


def become_the_loader() -> None:
    """This process loads servers from now on."""
    os.sched_setaffinity(0, LOADERS)


def free_port() -> int:
    """One that nobody listens on at the moment."""
    # Not by asking for 0: an outgoing connection could get the same one meanwhile, and while nobody listens even with itself.
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as listener, suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return port


class Program:
    """A server, from its start until it is closed, with all processes that it has started.

    `command`: program and arguments; `{port}` in them is a free port. `environment`: what is added to this process's.
    SystemExit, with what it has printed, when it does not listen within `PATIENCE` seconds.
    """

    def __init__(
        self, command: Sequence[str], *, cwd: Path = ROOT, environment: dict[str, str] | None = None,
        processors: set[int] = SERVERS,
    ) -> None:
        self.port = free_port()
        self._output = tempfile.TemporaryFile()      # noqa: SIM115    (closed by `close`)
        self._process = subprocess.Popen(
            [part.replace("{port}", str(self.port)) for part in command],
            cwd=cwd, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            preexec_fn=lambda: os.sched_setaffinity(0, processors),
        )
        self._wait()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    @property
    def pids(self) -> list[int]:
        """Its own, and those of all that it has started."""
        return [self._process.pid, *_descendants(self._process.pid)]

    def cpu(self) -> float:
        """Seconds of processors that its processes have used."""
        return sum(map(cpu_of, self.pids))

    def resident(self) -> float:
        """Bytes of memory that its processes hold; what several share counts in each."""
        return sum(map(resident_of, self.pids))

    def check(self) -> None:
        """SystemExit when it has ended: whatever was measured means nothing."""
        if self._process.poll() is not None:
            sys.exit(f"{self._process.args!r} has ended with {self._process.returncode}:\n{self.printed()}")

    def printed(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.check()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                gevent.sleep(0.02)
        printed = self.printed()
        self.close()
        sys.exit(f"{self._process.args!r} does not listen on port {self.port} after {PATIENCE:.0f} s:\n{printed}")


def cpu_of(pid: int) -> float:
    """Seconds of processors that a process has used, with all threads that it had: the kernel's own account, in nanoseconds."""
    # A process's clock, as the C library makes its number (`clock_getcpuclockid`), which Python does not offer.
    return time.clock_gettime((~pid << 3) | 2)


def resident_of(pid: int) -> float:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _descendants(pid: int) -> Iterator[int]:
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            yield child
            yield from _descendants(child)
