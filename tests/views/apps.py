"""What the tests of views have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lona_sync import App, View
from lona_sync.testing import Client, Page


def app_of(*views: type[View], **settings: object) -> App:
    """An application that shows the first view at '/', the others at '/1', '/2' …"""
    app = App(Path(__file__))
    app.settings.update({"SECRET_KEY": "x" * 32, "STOP_TIMEOUT": 0.2, **settings})
    for number, view in enumerate(views):
        app.route(f"/{number or ''}")(view)
    return app


def open_view(view: type[View], **settings: object) -> Page:
    """A page that shows this view, in an application of its own."""
    return Client(app_of(view, **settings)).open("/")


def wait_until(condition: Callable[[], object], page: Page) -> None:
    """Wait for something that the page does not show."""
    page.wait_for(condition)


def running(page: Page) -> int:
    """How many views of the page's application run."""
    return page.client.app.stats()["views"]
