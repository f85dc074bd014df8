"""An application that exists for one test, in the shape in which Lona's fixtures give it."""

from __future__ import annotations

import code
import webbrowser as browsers
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from ..app import App
from ..server.facade import Facade
from .client import Client
from .live import LiveServer


class LonaContext:
    """`client` and `make_url` are two ways to one application: in this thread, or served in another one. A test takes one."""

    def __init__(self, app: App, *, client: Callable[[App], Client], serve: Callable[[App], LiveServer]) -> None:
        self.app = app
        self._make_client = client
        self._serve = serve

    @cached_property
    def client(self) -> Client:
        """A browser without a screen; `client.http` for plain requests."""
        return self._make_client(self.app)

    @cached_property
    def live(self) -> LiveServer:
        """The server for real browsers; it starts when it is asked for first."""
        return self._serve(self.app)

    @property
    def server(self) -> Facade:
        """What views have as `self.server`: `context.server.get_views(url='/')`."""
        if self.app.server is None:
            _ = self.client                                      # somebody has to serve it
        return self.app.parts.facade

    def make_url(self, path: str = "") -> str:
        """The address of a page for a real browser."""
        return self.live.make_url(path)

    def debug_interactive(
        self, webbrowser: bool = True, sync: bool = False, globals: Mapping[str, Any] | None = None,      # Any: any names
    ) -> None:
        """Stop the test here: open a browser, and a prompt of Python until it is left (Ctrl-D). For pytest's `-s`.

        `sync` is there for programs that were written for Lona, and changes nothing.
        """
        if webbrowser:
            browsers.open(self.make_url())
        code.interact(
            f"The application is served on {self.live.url}; Ctrl-D goes on.", local={"context": self, **(globals or {})},
        )
