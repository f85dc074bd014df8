"""What is measured: each site is a program, the environment that it needs, and the tab that speaks with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gevent.pool import Pool

from benchmarks.environments import python_with
from benchmarks.processes import Program
from benchmarks.tabs.base import Tab
from benchmarks.tabs.flask_socketio_ import FlaskSocketIOTab
from benchmarks.tabs.floor import EchoTab, LibraryEchoTab, NewsTab
from benchmarks.tabs.lona_ import LonaTab
from benchmarks.tabs.nicegui_ import NiceGUITab
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

    def python(self) -> str:
        """Made when it is not there yet, which takes a minute: do so before pages are open that somebody has to read."""
        return str(python_with(self.packages)) if self.packages else sys.executable

    def start(self) -> Program:
        return Program([self.python(), *self.command], environment=dict(self.environment))

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


def acknowledge(tabs: Iterable[Tab]) -> None:
    """As their browsers do, a second after something has come."""
    for tab in tabs:
        if (acknowledgement := tab.acknowledgement()) is not None:
            tab.sock.send(acknowledgement)


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
LONA = Site("lona", LonaTab, ("benchmarks/programs/lona_.py", "{port}"), ("lona==1.16.2", "aiohttp==3.14.5"))
NICEGUI = Site(
    "nicegui", NiceGUITab, ("benchmarks/programs/nicegui_.py", "{port}"),
    ("nicegui==3.18.0", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0", "wsproto==1.3.2", "python-socketio==5.18.1",
     "python-engineio==4.15.1", "fastapi==0.165.0", "starlette==1.10.0", "orjson==3.13.0"),
)
FLASK_SOCKETIO = Site(
    "Flask-SocketIO", FlaskSocketIOTab, ("benchmarks/programs/flask_socketio_.py", "{port}"),
    ("Flask-SocketIO==5.7.0", "Flask==3.1.3", "Werkzeug==3.1.9", "python-socketio==5.18.1", "python-engineio==4.15.1",
     "gevent==26.9.0", "greenlet==3.5.6", "gevent-websocket==0.10.1"),
)
PEERS = (FLASK_SOCKETIO, NICEGUI, LONA)
