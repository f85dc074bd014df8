"""What is measured: each site is a program, the environment that it needs, and the tab that speaks with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gevent.pool import Pool

from benchmarks.environments import python_with
from benchmarks.processes import Program
from benchmarks.tabs.base import Tab
from benchmarks.tabs.floor import EchoTab, LibraryEchoTab, NewsTab
from benchmarks.tabs.ours import OurTab

#: Tabs that are opened at the same time.
TOGETHER = 50


@dataclass(frozen=True)
class Site:
    """`command`: the arguments of Python; `{port}` is where it listens. `packages`: of PyPI, for an environment of its own."""

    name: str
    tab: type[Tab]
    command: tuple[str, ...]
    packages: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    def start(self) -> Program:
        python = python_with(self.packages) if self.packages else sys.executable
        return Program([str(python), *self.command], environment=dict(self.environment))

    @contextmanager
    def open(self, count: int, path: str = "/") -> Iterator[tuple[Program, Sequence[Tab]]]:
        """The program, and so many pages that show their view."""
        with self.start() as program:
            tabs = self.open_tabs(program, count, path)
            try:
                yield program, tabs
            finally:
                for tab in tabs:
                    tab.close()

    def open_tabs(self, program: Program, count: int, path: str = "/", together: int = TOGETHER) -> list[Tab]:
        return list(Pool(together).map(lambda _: self.tab.open(program.port, path), range(count)))


OURS = Site("lona_sync", OurTab, ("-m", "lona_sync", "run", "benchmarks/programs/ours.py", "--port", "{port}"))
GUNICORN = Site(
    "gunicorn -k gevent", OurTab,
    (
        "-m", "gunicorn", "-k", "gevent", "-w", "1", "--worker-connections", "20000", "-b", "127.0.0.1:{port}",
        "benchmarks.programs.ours:app",
    ),
)
FLOOR = Site("minimal frames over gevent", EchoTab, ("benchmarks/programs/floor.py", "{port}"))
NEWS_FLOOR = Site("send in a loop", NewsTab, FLOOR.command)
LIBRARY = Site("gevent-websocket", LibraryEchoTab, ("benchmarks/programs/library.py", "{port}"))
PEERS: tuple[Site, ...] = ()
