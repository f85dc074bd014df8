"""One Chromium for the session; pages get files of this repository without any network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
ORIGIN = "http://lona.test"
RUNNER = """<!doctype html><meta charset="utf-8"><title>tests</title><body></body>"""
MODULE_TYPES = {".js": "text/javascript", ".json": "application/json"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that is installed; without one the tests fail, since nobody would notice that they were skipped."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "expected a program chromium (or google-chrome) on PATH; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that reaches the files of this repository at `ORIGIN`, and nothing else."""
    context = browser.new_context()
    context.route("**/*", _serve)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page at `ORIGIN`."""
    page = context.new_page()
    page.goto(f"{ORIGIN}/")
    return page


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
    file = REPOSITORY / path.lstrip("/")
    if file.is_file() and file.suffix in MODULE_TYPES:
        route.fulfill(body=file.read_text(), content_type=MODULE_TYPES[file.suffix])
    elif file.suffix:
        route.fulfill(status=404, body=f"no such file: {path}")
    else:
        route.fulfill(body=RUNNER, content_type="text/html")


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Makes fresh profiles, one for each call, which reach real servers."""
    contexts: list[BrowserContext] = []

    def make() -> BrowserContext:
        contexts.append(browser.new_context())
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()
