"""Addresses that a view changes while it goes on: "back" and "forward", deep links, scrolling."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.painted"


def show(tab: Page, server: RunningServer, query: str = "") -> None:
    tab.goto(server.url + "/places" + query)
    tab.wait_for_function("Lona.window?.state === 'shown'")
    tab.evaluate("window.mark = 1")


def test_back_and_forward_go_through_the_places_of_one_view(server: RunningServer, tab: Page) -> None:
    show(tab, server)
    tab.locator("#more").click()
    expect(tab.locator("h1")).to_have_text("page 2, change 2")
    assert tab.url == server.url + "/places?page=2"

    tab.go_back()
    expect(tab.locator("h1")).to_have_text("page 1, change 3")
    assert tab.url == server.url + "/places"
    tab.go_forward()

    expect(tab.locator("h1")).to_have_text("page 2, change 4")
    assert tab.evaluate("window.mark") == 1


def test_a_deep_link_shows_its_page_and_can_be_loaded_again(server: RunningServer, tab: Page) -> None:
    show(tab, server, "?page=7")
    expect(tab.locator("h1")).to_have_text("page 7, change 1")
    tab.locator("#more").click()
    expect(tab.locator("h1")).to_have_text("page 8, change 2")

    tab.reload()
    expect(tab.locator("h1")).to_have_text("page 8, change 1")
    tab.wait_for_function("Lona.window?.state === 'shown'")
    tab.go_back()

    expect(tab.locator("h1")).to_have_text("page 7, change 2")


def test_a_replaced_place_is_not_gone_back_to(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/other")
    show(tab, server)
    tab.locator("#replace").click()
    expect(tab.locator("h1")).to_have_text("page 2, change 2")

    tab.go_back()

    expect(tab.locator("h1")).to_have_text("Other")


def test_scrolling_is_found_again_in_each_place(server: RunningServer, tab: Page) -> None:
    show(tab, server)
    tab.evaluate("scrollTo(0, 800)")
    tab.evaluate("document.querySelector('#more').click()")
    expect(tab.locator("h1")).to_have_text("page 2, change 2")
    assert tab.evaluate("scrollY") == 800
    tab.evaluate("scrollTo(0, 300)")

    tab.go_back()
    expect(tab.locator("h1")).to_have_text("page 1, change 3")
    tab.wait_for_function("scrollY === 800")
    tab.go_forward()

    expect(tab.locator("h1")).to_have_text("page 2, change 4")
    tab.wait_for_function("scrollY === 300")


def test_back_from_another_view_opens_the_place_that_was_left(server: RunningServer, tab: Page) -> None:
    show(tab, server)
    tab.locator("#more").click()
    expect(tab.locator("h1")).to_have_text("page 2, change 2")
    tab.evaluate("document.querySelector('#link').click()")
    expect(tab.locator("h1")).to_have_text("Other")

    tab.go_back()
    expect(tab.locator("h1")).to_have_text("page 2, change 1")
    tab.go_back()

    expect(tab.locator("h1")).to_have_text("page 1, change 2")
    assert tab.evaluate("window.mark") == 1


def test_a_view_that_begins_anew_does_so_where_it_was(server: RunningServer, tab: Page) -> None:
    show(tab, server)
    tab.locator("#more").click()
    expect(tab.locator("h1")).to_have_text("page 2, change 2")

    assert server.stop() == 0
    server.start()

    expect(tab.locator("h1")).to_have_text("page 2, change 1")
    tab.go_back()
    expect(tab.locator("h1")).to_have_text("page 1, change 2")
