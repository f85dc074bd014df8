"""examples/form.py as it is, in a real browser, on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.servers import RunningServer

APP = "examples.form"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[[], Page]]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    yield context.new_page
    context.close()


def fill_in(page: Page, email: str, born: str = "1985-04-03", seats: str = "5") -> None:
    page.get_by_label("Name").fill("Ann")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Date of birth").fill(born)
    page.get_by_role("radio", name="Team").check()
    page.get_by_label("Seats").fill(seats)
    page.get_by_label("Country").select_option("Italy")


def test_somebody_registers(server: RunningServer, phone: Callable[[], Page]) -> None:
    page = phone()
    page.goto(server.url)
    fill_in(page, "ann@example.org")

    page.get_by_role("button").click()

    expect(page.get_by_role("heading")).to_have_text("Welcome, Ann")
    expect(page.locator("dd")).to_have_text(["ann@example.org", "1985-04-03", "Team, 45 € a month", "Italy", "no"])


def test_whoever_is_known_already_is_told_so_beside_the_address(server: RunningServer, phone: Callable[[], Page]) -> None:
    for _ in range(2):
        page = phone()
        page.goto(server.url)
        fill_in(page, "bob@example.org")
        page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_have_text("There is an account with this address already.")

    page.get_by_label("Email").fill("bob2@example.org")
    page.get_by_role("button").click()

    expect(page.get_by_role("heading")).to_have_text("Welcome, Ann")


def test_errors_fit_on_a_phone(server: RunningServer, phone: Callable[[], Page]) -> None:
    page = phone()
    page.goto(server.url)
    fill_in(page, "carl@example.org", born="2020-01-01")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_have_text("You must be at least 18 years old.")
    page.get_by_label("Date of birth").fill("1990-01-01")
    page.get_by_role("radio", name="Free").check()

    page.get_by_role("button").click()

    expect(page.get_by_role("alert")).to_have_text("The free plan has 3 seats at most.")
    expect(page.get_by_label("Seats")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
