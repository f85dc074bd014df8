"""A real redis-server for tests, which can die, hang, come back and be short of memory."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.cluster.processes import Process, free_port, wait_until


class RedisServer:
    """A server on a port of its own, which keeps what it keeps in `folder`: nothing, unless `options` say so.

        with RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as server:
            server.kill()
            server.start()

    `options` as redis-server's command line has them. The port stays the same when it is killed and started again.
    """

    def __init__(self, folder: Path, *options: str, password: str = "") -> None:
        self.port = free_port()
        self.password = password
        self._folder = folder
        self._options = ["--save", "", *(["--requirepass", password] if password else []), *options]
        self._process: Process | None = None
        self._clients: list[redis.Redis] = []

    @property
    def url(self) -> str:
        return f"redis://{f':{self.password}@' if self.password else ''}127.0.0.1:{self.port}/0"

    @property
    def output(self) -> str:
        """What it has written since it was last started."""
        return self._process.output if self._process else ""

    def client(self, **options: Any) -> redis.Redis:       # Any: redis-py's own options
        """A client that never tries again and waits 5 s at most, unless `options` say otherwise; closed with the server.

        Its calls stop the event loop of a process that gevent has not patched, and pytest's is one: a client is for
        looking and for commands that the server answers at once.
        """
        usual = {"password": self.password, "socket_timeout": 5, "socket_connect_timeout": 5, "retry": Retry(NoBackoff(), 0)}
        client = redis.Redis("127.0.0.1", self.port, **{**usual, **options})
        self._clients.append(client)
        return client

    def start(self) -> None:
        """Start it, also again; it answers and has loaded what it kept when this returns."""
        assert self._process is None, "expected a server that was killed or stopped, and this one runs"
        program = shutil.which("redis-server")
        assert program, "expected a program redis-server on PATH; on Debian: apt-get install redis-server"
        own = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder)]
        self._process = Process([program, *own, *self._options], self._folder, {})
        try:
            with self.client(socket_timeout=1) as client:
                wait_until(lambda: self._answers(client), explain=lambda: f"no answer; it wrote\n{self.output}")
        except BaseException:
            self.kill()
            raise

    def await_readers(self, count: int) -> None:
        """Wait until so many clients have read all that there is, and wait for more."""
        client = self.client()
        wait_until(lambda: client.info("clients")["blocked_clients"] == count)

    def kill(self) -> None:
        """End it at once, as a crash would; also when it is paused or has ended."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def stop(self) -> None:
        """End it in order, as an administrator would: it closes its connections and writes its files."""
        self._running.signal(signal.SIGTERM)
        self._running.wait()
        self.kill()

    def pause(self) -> None:
        """From now on it does nothing, and its connections stay: what is sent to it waits in the kernel."""
        process = self._running
        process.signal(signal.SIGSTOP)
        wait_until(lambda: process.stopped)

    def resume(self) -> None:
        """It goes on after a `pause`, with what has come in meanwhile."""
        self._running.signal(signal.SIGCONT)

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        print(self.output)                                 # pytest shows it when the test fails
        self.kill()
        for client in self._clients:
            client.close()

    @property
    def _running(self) -> Process:
        assert self._process is not None, "expected a server that runs, and this one was killed or stopped"
        return self._process

    def _answers(self, client: redis.Redis) -> bool:
        """False also while it loads what it kept. AssertionError when it has ended, since it will not answer any more."""
        assert self._running.running, f"redis-server has ended; it wrote\n{self.output}"
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
