"""examples/table.py as it is: a million rows, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer

APP = "examples.table"
SERVED_BY = "gunicorn"

pytestmark = pytest.mark.browser


@pytest.fixture(params=[(390, 780), (1280, 800)], ids=["phone", "desk"])
def tab(request: pytest.FixtureRequest, server: RunningServer, visitor: Callable[[], BrowserContext]) -> Page:
    width, height = request.param
    page = visitor().new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto(server.url + "/")
    expect(page.locator(".lona-virtual-row").first).to_have_css("display", "grid")
    return page


def cells(tab: Page, place: int) -> list[str]:
    """The texts of a row of those on the page."""
    return tab.locator(".lona-virtual-row").nth(place).locator("[role=gridcell]").all_inner_texts()


def test_the_first_and_the_last_of_a_million_rows_can_be_seen(tab: Page) -> None:
    first = cells(tab, 0)
    tab.get_by_role("grid").focus()

    tab.keyboard.press("End")

    expect(tab.locator("[data-active]")).to_contain_text("13 Dec 2024, 05:19:30")
    expect(tab.locator("[data-active]")).to_be_in_viewport()
    assert first[0] == "01 Jan 2024, 00:00:00"
    expect(tab.locator("[role=status]").first).to_have_text("1,000,000 rows")


def test_rows_are_searched_sorted_and_clicked(tab: Page) -> None:
    tab.get_by_role("searchbox").fill("dock")
    expect(tab.locator("[role=status]").first).to_have_text("125,017 rows")

    tab.get_by_role("button", name="°C").click()
    expect(tab.get_by_role("columnheader", name="°C")).to_have_attribute("aria-sort", "ascending")
    expect(tab.locator(".lona-virtual-row .cold").first).to_be_visible()
    coldest = cells(tab, 0)
    tab.locator(".lona-virtual-row").first.click()

    expect(tab.locator("p")).to_contain_text("Row 1: Dock, ")
    assert coldest[1] == "Dock"
    assert float(coldest[2]) < -5


def test_nothing_is_wider_than_the_page(tab: Page) -> None:
    widths = tab.evaluate("""() => ['html', '.lona-virtual'].map((selector) => document.querySelector(selector))
        .map((element) => element.scrollWidth - element.clientWidth)""")

    assert widths == [0, 0]
