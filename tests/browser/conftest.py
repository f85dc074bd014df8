"""One Chromium for the session; pages get files of this repository without any network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.browser.servers import RunningServer, serving

REPOSITORY = Path(__file__).resolve().parents[2]
ORIGIN = "http://lona.test"
RUNNER = """<!doctype html><meta charset="utf-8"><title>tests</title><body></body>"""
MODULE_TYPES = {".js": "text/javascript", ".json": "application/json"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that is installed; without one the tests fail, since nobody would notice that they were skipped."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "expected a program chromium (or google-chrome) on PATH; on Debian: apt-get install chromium"
    expect.set_options(timeout=30_000)              # what the actions have: two tests at a time share the processors
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


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Iterator[Page]:
    """A page in which no script may fail."""
    tab = visitor().new_page()
    failures: list[str] = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    yield tab
    assert failures == []


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Of the application that the tests' module names: `APP`, dotted; nothing may have failed there.

    `SERVED_BY`: see `servers.command_of`; "run" unless the module says otherwise.
    """
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(getattr(request.module, "SERVED_BY", "run"), request.module.APP, log) as server:
        yield server
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], RunningServer]]:
    """One server for each example, started when it is first asked for; nothing may have failed there."""
    running: dict[str, RunningServer] = {}
    with ExitStack() as stack:
        def start(example: str) -> RunningServer:
            if example not in running:
                log = tmp_path_factory.mktemp(example) / "log"
                running[example] = stack.enter_context(serving("run", f"examples.{example}", log))
            return running[example]

        yield start
    for server in running.values():
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def show(servers: Callable[[str], RunningServer], visitor: Callable[[], BrowserContext]) -> Iterator[Callable[[str], Page]]:
    """Opens a page with an example; nothing may have failed there."""
    problems: list[str] = []

    def open_page(example: str) -> Page:
        page = visitor().new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(servers(example).url)
        expect(page.locator("h1")).to_be_visible()
        return page

    yield open_page
    assert problems == []
