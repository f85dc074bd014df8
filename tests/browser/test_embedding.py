"""lona_sync inside of Flask and of Django, as the examples show it: below a prefix, with their sessions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.servers import RunningServer, serving

pytestmark = pytest.mark.browser

Visit = Callable[[str], Page]


@pytest.fixture(scope="module", params=["run", "gunicorn"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def flask(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(kind, "examples.flask_app", tmp_path_factory.mktemp("flask") / "log", "application") as server:
        yield server
    assert "Traceback" not in server.log.read_text()


@pytest.fixture(scope="module")
def django(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(kind, "examples.django_app", tmp_path_factory.mktemp("django") / "log", "application") as server:
        yield server
    assert "Traceback" not in server.log.read_text()


def come_in(server: RunningServer, visitor: Callable[[], BrowserContext], name: str) -> Page:
    page = visitor().new_page()
    page.goto(server.url)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("link").click()
    return page


def test_a_live_page_in_flask_knows_who_flask_knows(flask: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    ada, grace = (come_in(flask, visitor, name) for name in ("Ada", "Grace <b>"))

    ada.get_by_label("Your line").fill("Hello from Ada")
    ada.keyboard.press("Enter")

    expect(ada).to_have_url(re.compile("/live/book$"))
    expect(grace.get_by_text("You are Grace <b>.")).to_be_visible()
    expect(grace.locator("li").first).to_contain_text("Ada: Hello from Ada")


def test_the_form_of_the_live_page_works_without_javascript(flask: RunningServer, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(flask.url)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("link").click()

    page.get_by_label("Your line").fill("Without a script")
    page.get_by_role("button", name="Sign").click()

    expect(page.locator("li").first).to_contain_text("Ada: Without a script")
    expect(page).to_have_url(re.compile("/live/book$"))
    context.close()


def test_what_flask_sends_appears_in_the_live_page(flask: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    live = come_in(flask, visitor, "Ada")
    page = live.context.new_page()
    page.goto(flask.url)

    page.get_by_label("Line").fill("Over plain HTTP")
    page.get_by_role("button", name="Leave it").click()

    expect(live.locator("li").first).to_contain_text("Ada: Over plain HTTP")


def test_a_live_page_in_django_knows_who_django_knows(django: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    ada, grace = (come_in(django, visitor, name) for name in ("Ada", "Grace"))

    ada.get_by_role("button", name="Tea").click()
    grace.get_by_role("button", name="Coffee").click()
    ada.get_by_role("button", name="Coffee").click()

    expect(grace.get_by_text("Tea: 0, coffee: 2")).to_be_visible()
    expect(ada).to_have_url(re.compile("/live/vote$"))


@pytest.mark.parametrize("path", ["/live/book", "/live/vote"])
def test_a_stranger_is_sent_to_the_site(
    flask: RunningServer, django: RunningServer, visitor: Callable[[], BrowserContext], path: str,
) -> None:
    server = flask if path.endswith("book") else django
    page = visitor().new_page()

    page.goto(server.url + path)

    expect(page.get_by_label("Your name")).to_be_visible()


def test_the_way_back_leaves_the_live_page(flask: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    page = come_in(flask, visitor, "Ada")

    page.get_by_role("link", name="Back to the site").click()

    expect(page.get_by_role("heading", name="A Flask site")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1200])
def test_it_fits_into_a_phone(
    flask: RunningServer, django: RunningServer, visitor: Callable[[], BrowserContext], width: int, tmp_path: Path,
) -> None:
    for server in (flask, django):
        page = come_in(server, visitor, "Ada")
        page.set_viewport_size({"width": width, "height": 700})
        expect(page.locator("h1")).to_be_visible()
        page.screenshot(path=tmp_path / f"{page.title()}.png")

        assert page.evaluate("document.documentElement.scrollWidth") <= width
