"""The site of `books.py` behind real servers, and what these hold."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gevent import subprocess

from tests.cluster.processes import PATIENCE, ROOT, Process, free_port, process, wait_until
from tests.cluster.windows import Browser, over_tls
from tests.server.raw_client import RawClient, connect


@dataclass(frozen=True, slots=True)
class Server:
    """A way to serve it. `command`: of a Python; `{port}` stands for what its name says."""
    name: str
    workers: int
    command: tuple[str, ...]


def _gunicorn(name: str, workers: int) -> Server:
    options = "--bind", "127.0.0.1:{port}", "--no-control-socket"
    return Server(name, workers, ("-m", "gunicorn", "-k", "gevent", "-w", str(workers), *options, "tests.cluster.books:app"))


RUN = Server("lona-sync run", 1, ("-m", "lona_sync", "run", "--port", "{port}", "tests.cluster.books:app"))
ONE_WORKER = _gunicorn("gunicorn -w 1", 1)
FOUR_WORKERS = _gunicorn("gunicorn -w 4", 4)


@contextmanager
def served(folder: Path, server: Server, **environment: str) -> Iterator[tuple[Process, int]]:
    """The running site, which writes into `folder`, and its port."""
    port = free_port()
    words = (word.format(port=port) for word in server.command)
    with process(folder, *words, LONA_SYNC_RUNTIME_DIRECTORY=str(folder), **environment) as running:
        running.wait_for_page(port)
        yield running, port


def stats(port: int, tls: bool = False) -> dict[str, Any]:
    """Of any worker."""
    with over_tls(port) if tls else RawClient(connect(("127.0.0.1", port))) as client:
        client.send(b"GET /stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        found: dict[str, Any] = json.loads(client.body(client.answer()))
        return found


def stats_of_all(port: int, count: int = 4, tls: bool = False) -> dict[int, dict[str, Any]]:
    """Of every worker, by its process."""
    found: dict[int, dict[str, Any]] = {}

    def all_found() -> bool:
        each = stats(port, tls)
        found[each["pid"]] = each
        return len(found) == count

    wait_until(all_found)
    return found


def held(port: int, workers: int, daemons: int = 0) -> dict[tuple[int, str], float] | None:
    """What each worker holds without any visitor, by process; None while there is still one. `daemons`: views that stay."""
    found = stats_of_all(port, workers)
    # One view is the one that tells this.
    if any(each["connections"] or each["clients.lost"] or each["views"] > 1 + daemons for each in found.values()):
        return None
    return {(pid, what): each[what] for pid, each in found.items() for what in ("files", "greenlets", "views")}


def wait_until_empty(folder: Path, port: int, workers: int, daemons: int = 0) -> dict[tuple[int, str], float]:
    """What each worker holds once there is no visitor any more. `folder`: that of `served`."""
    _reach_each(port, workers)
    return wait_until(lambda: held(port, workers, daemons), explain=lambda: _leftovers(folder, port, workers))


def _reach_each(port: int, workers: int) -> None:
    """A process makes a socket with the first WebSocket that it accepts, and keeps it. Which one accepts a visitor's is chance:
    several come at a time, since a machine that is busy lets few come one after another.
    """
    def have_accepted() -> bool:
        with ExitStack() as browsers:
            for _ in range(2 * workers):
                browsers.enter_context(Browser(port))
            each = stats_of_all(port, workers).values()
            return all(numbers["connections.opened"] > numbers["handovers.adopted"] for numbers in each)

    wait_until(have_accepted)


def wait_until_held(
    before: dict[tuple[int, str], float], folder: Path, port: int, workers: int, daemons: int = 0,
) -> None:
    """Until nothing is more than it was `before`."""
    def is_within() -> bool:
        now = held(port, workers, daemons)
        return now is not None and all(now[what] <= count for what, count in before.items())

    wait_until(is_within, explain=lambda: f"{before} has become\n{_leftovers(folder, port, workers)}")


def _leftovers(folder: Path, port: int, workers: int) -> str:
    """For whoever has waited in vain until nobody is there: what each process counts, and where each view that runs waits."""
    listed = subprocess.run(
        [sys.executable, "-m", "lona_sync", "ps", "--json"], capture_output=True, text=True, timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LONA_SYNC_RUNTIME_DIRECTORY": str(folder)},
    )
    numbers = stats_of_all(port, workers)
    counted = [f"{pid}: {({name: number for name, number in each.items() if number})}" for pid, each in numbers.items()]
    return "\n".join([*counted, listed.stdout + listed.stderr])
