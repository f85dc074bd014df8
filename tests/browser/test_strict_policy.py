"""Pages under a Content-Security-Policy that lets nothing run but what the server has put there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.policy"

pytestmark = pytest.mark.browser


@pytest.fixture
def blocked() -> list[str]:
    """What the browser has said of the policy."""
    return []


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext], blocked: list[str]) -> Page:
    page = visitor().new_page()
    page.on("console", lambda message: blocked.append(message.text) if "Content Security Policy" in message.text else None)
    return page


def test_a_page_with_scripts_and_styles_of_its_own_works(server: RunningServer, tab: Page, blocked: list[str]) -> None:
    tab.goto(server.url + "/")

    expect(tab.locator("h1")).to_be_visible()
    expect(tab.locator("canvas, svg").first).to_be_visible()
    assert blocked == []


def test_styles_of_nodes_work(server: RunningServer, tab: Page, blocked: list[str]) -> None:
    tab.goto(server.url + "/styled")
    box = tab.get_by_text("box", exact=True)
    expect(box).to_have_css("color", "rgb(1, 2, 3)")

    tab.get_by_role("button").click()

    expect(box).to_have_css("width", "123px")
    assert blocked == []


def test_script_in_markup_that_got_in_does_not_run(server: RunningServer, tab: Page, blocked: list[str]) -> None:
    tab.goto(server.url + "/injected")
    expect(tab.locator("h1")).to_have_text("Injected")

    tab.get_by_text("link").click()

    tab.wait_for_function("document.images[0].complete")
    assert tab.title() != "hacked"
    assert len(blocked) >= 1


def test_only_the_script_with_the_nonce_runs(server: RunningServer, tab: Page, blocked: list[str]) -> None:
    tab.goto(server.url + "/injected.html")

    assert (tab.title(), tab.locator("h1").inner_text()) == ("page", "ours")
    assert len(blocked) == 1


@pytest.mark.parametrize("path", ["/forbidden", "/nothing/here"])
def test_pages_of_errors_work(server: RunningServer, tab: Page, blocked: list[str], path: str) -> None:
    tab.goto(server.url + path)

    expect(tab.locator("h1")).to_be_visible()
    assert blocked == []
