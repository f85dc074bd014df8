"""Packages of PyPI that were written for Lona, unchanged, in a real browser; see apps/lona_packages.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving("run", "tests.browser.apps.lona_packages", tmp_path_factory.mktemp("packages") / "log") as server:
        yield server


@pytest.fixture
def show(server: RunningServer, visitor: Callable[[], BrowserContext]) -> Iterator[Callable[[str], Page]]:
    problems: list[str] = []

    def open_page(path: str) -> Page:
        page = visitor().new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(server.url + path)
        expect(page.locator("#lona h1")).to_be_visible()
        return page

    yield open_page
    assert problems == []


def test_picocss_with_its_look_icons_modal_and_tabs(show: Callable[[str], Page]) -> None:
    page = show("/")
    expect(page.locator("#lona i svg")).to_be_visible()                   # a script of the package has drawn it
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.locator("#more").click()
    expect(page.locator("progress")).to_have_attribute("value", "20")
    page.get_by_role("link", name="Two").click()
    expect(page.get_by_text("second tab")).to_be_visible()
    expect(page.get_by_text("first tab")).to_be_hidden()
    page.locator("#open").click()
    page.locator("#yes").click()

    expect(page.locator("dialog")).not_to_have_attribute("open", "true")
    expect(page.locator("article p").first).to_have_text("confirmed")


def test_picocss_links_of_its_frontend_start_views(show: Callable[[str], Page]) -> None:
    page = show("/")
    page.evaluate("window.same = true")

    page.locator("header summary", has_text="Components").click()
    page.get_by_role("link", name="Typography").click()

    expect(page.locator("#lona h1").first).not_to_have_text("Picocss")
    assert page.evaluate("window.same")


@pytest.mark.parametrize(("path", "said"), [("/crash", "Internal Error"), ("/nowhere", "Not Found")])
def test_picocss_error_views_stand_inside_of_its_page(path: str, said: str, show: Callable[[str], Page]) -> None:
    page = show(path)

    expect(page.locator("#lona")).to_contain_text(said)
    expect(page.locator("header nav")).to_have_count(1)


def test_dropzone_adds_refuses_and_deletes(show: Callable[[str], Page], tmp_path: Path) -> None:
    page = show("/dropzone")
    paths = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]
    for path in paths:
        path.write_text(path.name)

    page.set_input_files("input[type=file]", paths[:2])
    expect(page.locator("p").last).to_have_text("a.txt, b.txt")
    page.set_input_files("input[type=file]", paths[2:])
    expect(page.locator(".dz-error")).to_have_count(1)                    # two at most
    page.locator(".dz-remove").first.click()

    expect(page.locator("p").last).to_have_text("b.txt")


def test_chartjs_draws_and_redraws(show: Callable[[str], Page]) -> None:
    page = show("/chart")
    page.wait_for_function("() => Object.values(Chart.instances).length === 1")

    page.get_by_role("button", name="Grow").click()

    page.wait_for_function("() => Object.values(Chart.instances)[0].data.datasets[0].data[0] === 2")


def test_bootstrap_5_with_widgets_of_the_first_client(show: Callable[[str], Page]) -> None:
    page = show("/bootstrap")
    expect(page.locator(".progress-bar")).to_have_text("30%")

    page.get_by_role("button", name="Open").click()

    expect(page.locator(".modal.show")).to_contain_text("A body")
