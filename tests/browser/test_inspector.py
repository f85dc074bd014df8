"""The page of running views as operators see it, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.inspector"
SERVED_BY = "gunicorn"

pytestmark = pytest.mark.browser


@pytest.fixture(params=[(390, 780), (1200, 800)], ids=["phone", "desk"])
def tabs(request: pytest.FixtureRequest, server: RunningServer, visitor: Callable[[], BrowserContext]) -> tuple[Page, Page]:
    """The page of an operator, and that of a customer."""
    width, height = request.param
    operator, customer = visitor().new_page(), visitor().new_page()
    operator.set_viewport_size({"width": width, "height": height})
    customer.goto(server.url + "/checkout/7")
    operator.goto(server.url + "/_views")
    return operator, customer


def test_a_view_is_listed_while_it_runs(tabs: tuple[Page, Page]) -> None:
    operator, customer = tabs
    row = operator.locator(".lona-virtual-row", has_text="/checkout/7").first

    expect(row).to_contain_text("click of Button")
    expect(row).to_contain_text("waiting, anonymous-")

    customer.goto("about:blank")
    expect(row).to_have_count(0)


def test_nothing_is_wider_than_the_page_and_a_row_tells_more(tabs: tuple[Page, Page]) -> None:
    operator, _ = tabs
    operator.locator(".lona-virtual-row", has_text="/checkout/7").first.click()

    expect(operator.locator("dl")).to_contain_text("waits for click of Button")
    widths = operator.evaluate("""() => ['html', '.lona-virtual'].map((selector) => document.querySelector(selector))
        .map((element) => element.scrollWidth - element.clientWidth)""")
    assert widths == [0, 0]
