"""Clicks, typing, windows and lost servers, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.proxy import Proxy
from tests.browser.servers import RunningServer, serving

APP = "tests.browser.apps.forms"
SERVED_BY = "gunicorn"


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Page:
    return visitor().new_page()


def test_two_hundred_clicks_in_one_burst_count_two_hundred(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/counter")
    tab.locator("button").wait_for()

    tab.evaluate("() => { for (let n = 0; n < 200; n++) document.querySelector('button').click(); }")

    expect(tab.locator("p")).to_have_text("200")
    expect(tab).to_have_title("Counter")


def test_who_types_and_clicks_at_once_loses_no_character(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/send")
    tab.locator("#field").press_sequentially("every single character")

    tab.locator("button").click()

    expect(tab.locator("#sent")).to_have_text("every single character")


def test_typing_goes_on_while_the_page_changes(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/echo")
    tab.locator("#field").press_sequentially("the quick brown fox jumps over the lazy dog", delay=15)

    expect(tab.locator("#said")).to_have_text("the quick brown fox jumps over the lazy dog")
    expect(tab.locator("#field")).to_have_value("the quick brown fox jumps over the lazy dog")
    expect(tab.locator("#field")).to_be_focused()


def test_a_value_that_the_server_changes_arrives_and_keeps_the_caret(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/shout")
    field = tab.locator("#field")
    field.fill("abcdef")
    expect(field).to_have_value("ABCDEF")

    field.evaluate("field => field.setSelectionRange(3, 3)")
    field.press_sequentially("x")

    expect(field).to_have_value("ABCXDEF")
    assert field.evaluate("field => field.selectionStart") == 4


def test_each_kind_of_input_reports_and_links_are_followed_without_loading_a_page(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/inputs")
    tab.locator("textarea").fill("line")
    tab.locator("input").check()
    tab.locator("select").select_option("B")
    expect(tab.locator("#said")).to_have_text("line|True|b")
    tab.evaluate("() => { window.stillTheSamePage = true; }")

    tab.locator("a").click()
    expect(tab.locator("h1")).to_have_text("Counter")
    address = tab.url
    tab.go_back()

    expect(tab.locator("textarea")).to_have_value("")
    assert address == server.url + "/counter"
    assert tab.evaluate("() => window.stillTheSamePage") is True


def test_two_tabs_share_a_daemon_view(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    context = visitor()
    first, second = context.new_page(), context.new_page()
    first.goto(server.url + "/shared")
    first.locator("button").wait_for()
    second.goto(server.url + "/shared")
    second.locator("button").wait_for()

    first.locator("#field").fill("typed here")
    second.locator("button").click()
    first.locator("button").click()

    for tab in (first, second):
        expect(tab.locator("p")).to_have_text("2")
        expect(tab.locator("#field")).to_have_value("typed here")


def test_an_unknown_address_is_a_404_page(server: RunningServer, tab: Page) -> None:
    response = tab.goto(server.url + "/nothing<b>here")

    assert response is not None and response.status == 404
    expect(tab.locator("h1")).to_have_text("404 Not Found")


def test_a_page_comes_back_by_itself_when_the_server_was_restarted(
    visitor: Callable[[], BrowserContext], tmp_path: Path,
) -> None:
    with serving("run", "tests.browser.apps.forms", tmp_path / "log") as server:
        tab = visitor().new_page()
        tab.goto(server.url + "/counter")
        tab.locator("button").click()
        expect(tab.locator("p")).to_have_text("1")

        server.stop()
        expect(tab.get_by_role("status")).to_contain_text("lost")
        server.start()

        expect(tab.locator("p")).to_have_text("0")
        tab.locator("button").click()
        expect(tab.locator("p")).to_have_text("1")


def test_a_view_survives_a_break_of_the_network(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    tab = visitor().new_page()
    tab.goto(proxy.url + "/counter")
    tab.locator("button").click()
    expect(tab.locator("p")).to_have_text("1")

    proxy.cut()
    expect(tab.get_by_role("status")).to_contain_text("lost")
    tab.locator("button").click()
    tab.locator("button").click()
    proxy.mend()

    expect(tab.locator("p")).to_have_text("3")
    tab.close()
    proxy.close()
