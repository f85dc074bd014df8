"""What the fixtures of the pytest plugin do (`pytest_lona_sync.py`)."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from ..app import App
from .client import Client
from .clock import VirtualClock
from .context import LonaContext
from .live import LiveServer, LiveServers


class Bench:
    """All applications that one test uses. A context manager: at its end they are as they were before."""

    def __init__(self) -> None:
        self._servers = LiveServers()
        self._apps: dict[App, VirtualClock] = {}                 # those of clients
        self._paths: list[str] = []                              # that were added

    def client(self, app: App, *, clock: VirtualClock | None = None) -> Client:
        """A browser without a screen; without `clock` it has that of the application's other ones."""
        _give_key(app)
        clock = clock or self._apps.get(app) or VirtualClock()
        self._apps.setdefault(app, clock)
        return Client(app, clock=clock)

    def live_server(self, app: App) -> LiveServer:
        """A server for real browsers."""
        _give_key(app)
        return self._servers.serve(app)

    def context(
        self, project_root: str | Path, setup_app: Callable[[App], object] | None, settings: Sequence[str] = (),
        before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,      # Any: settings have many types
    ) -> LonaContext:
        """An application made for this test. `before` are its settings where the files say nothing, `after` whatever they say.

        Modules of the project's folder can be imported until the end of the test; `ROUTING_TABLE` may name one.
        """
        app = App(Path(project_root) / "app.py")
        sys.path.insert(0, str(app.project_root))
        self._paths.append(str(app.project_root))
        app.settings.preset(before or {})
        for path in settings:
            app.settings.add(path)
        app.settings.update(after or {})
        if setup_app is not None:
            setup_app(app)
        return LonaContext(app, client=self.client, serve=self.live_server)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        try:
            self._servers.stop()
        finally:
            for app in self._apps:
                app.reset()
            for path in self._paths:
                with suppress(ValueError):                       # the test has taken it out
                    sys.path.remove(path)


def _give_key(app: App) -> None:
    """Otherwise one would be made in a file of the project's folder."""
    if not app.settings.SECRET_KEY:
        app.settings.SECRET_KEY = secrets.token_hex(32)
