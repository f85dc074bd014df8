"""A redis-server for the time of a measurement."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from benchmarks.processes import free_port


@contextmanager
def redis_server() -> Iterator[str]:
    """Starts one without persistence; its URL. SystemExit when there is none on PATH."""
    program = shutil.which("redis-server")
    if program is None:
        sys.exit("expected a program redis-server on PATH, and there is none; on Debian: apt-get install redis-server")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "", "--loglevel", "warning"]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _await_server(port, process)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


def _await_server(port: int, process: subprocess.Popen[bytes]) -> None:
    with redis.Redis("127.0.0.1", port) as client:
        while process.poll() is None:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.02)
    sys.exit(f"redis-server has ended with {process.returncode}; is it version 7?")
