"""Widgets, calls and streams in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.proxy import Proxy
from tests.browser.servers import RunningServer, serving

IS_AT_END = "log => log.scrollTop + log.clientHeight > log.scrollHeight - 4"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    log = tmp_path_factory.mktemp("widgets") / "log"
    with serving("gunicorn", "tests.browser.apps.widgets", log) as server:
        yield server
    text = log.read_text()
    assert "Traceback" not in text
    assert "a script failed in the browser" not in text


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Page:
    return visitor().new_page()


def test_a_widget_of_a_module_is_made_and_told_of_nested_changes(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/chart")
    bars = tab.locator(".chart i")
    expect(bars).to_have_text(["1", "2"])

    tab.locator("#add").click()

    expect(bars).to_have_text(["1", "2", "3", "4"])
    expect(tab.locator(".chart")).to_have_attribute("data-updates", "1")
    expect(tab.locator(".chart > p")).to_have_text(["below", "another"])
    assert bars.first.evaluate("bar => getComputedStyle(bar).marginLeft") == "3px"


def test_a_custom_event_reaches_the_node_and_comes_back_as_data(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/chart")
    bars = tab.locator(".chart i")

    bars.nth(1).click()
    expect(bars).to_have_text(["1", "3"])
    bars.nth(1).click()

    expect(bars).to_have_text(["1", "4"])


def test_a_procedure_waits_for_what_a_promise_gives_and_gets_its_errors(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/chart")
    expect(tab.locator(".chart i")).to_have_text(["1", "2"])

    tab.locator("#ask").click()

    expect(tab.locator("#said")).to_have_text("total 30, Error: no such bar")


def test_a_classic_script_and_a_widget_of_the_old_kind_work_too(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/chart")
    expect(tab.get_by_text("UTC 1")).to_be_visible()

    tab.locator("#add").click()
    expect(tab.get_by_text("UTC 2")).to_be_visible()
    tab.locator("#remove").click()

    expect(tab.locator(".chart")).to_have_count(0)
    assert tab.evaluate("() => [window.destroyed, window.stopped]") == [1, True]


def test_a_classic_script_finds_the_context_of_the_page(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/chart")
    expect(tab.get_by_text("UTC 1")).to_have_attribute("title", "true")

    shown = tab.evaluate("""() => {
        const shown = [];
        lona_context.add_rendering_hook((context, window) => shown.push(window === lona_context.get_default_window()));
        lona_context.run_view('/log');
        return new Promise((resolve) => { lona_context.add_rendering_hook(() => resolve(shown)); });
    }""")

    expect(tab.locator("h1")).to_have_text("Log")
    assert shown == [True]
    assert tab.url == server.url + "/log"


def test_a_followed_link_ends_the_widgets(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/chart")
    expect(tab.locator(".chart i")).to_have_text(["1", "2"])

    tab.get_by_role("link").click()
    expect(tab.locator("h1")).to_have_text("Log")
    ended = tab.evaluate("() => [window.destroyed, window.stopped]")
    tab.go_back()

    expect(tab.locator(".chart i")).to_have_text(["1", "2"])
    assert ended == [1, True]


def test_a_log_follows_its_end_until_somebody_scrolls_away(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/log")
    log, more = tab.locator("#log"), tab.locator("#more")
    more.click()
    expect(log.locator("p").last).to_have_text("line 50")
    followed = log.evaluate(IS_AT_END)

    log.evaluate("log => { log.scrollTop = 0; }")
    more.click()
    expect(log.locator("p").last).to_have_text("line 100")
    stayed = log.evaluate("log => log.scrollTop")
    log.evaluate("log => { log.scrollTop = log.scrollHeight; }")
    more.click()

    expect(log.locator("p").last).to_have_text("line 150")
    expect(log.locator("p")).to_have_count(100)
    assert (followed, stayed, log.evaluate(IS_AT_END)) == (True, 0, True)


def test_who_comes_later_gets_the_last_lines_and_shows_their_end(
    server: RunningServer, visitor: Callable[[], BrowserContext],
) -> None:
    context = visitor()
    first, second = context.new_page(), context.new_page()
    first.goto(server.url + "/log")
    first.locator("#more").click()
    expect(first.locator("#log p")).to_have_count(50)
    first.locator("#more").click()
    expect(first.locator("#log p")).to_have_count(100)

    second.goto(server.url + "/log")

    expect(second.locator("#log p")).to_have_text([f"line {number}" for number in range(81, 101)])
    assert second.locator("#log").evaluate(IS_AT_END)


def test_a_click_on_a_line_names_it_and_the_line_changes_everywhere(
    server: RunningServer, visitor: Callable[[], BrowserContext],
) -> None:
    context = visitor()
    first, second = context.new_page(), context.new_page()
    first.goto(server.url + "/log")
    first.locator("#more").click()
    second.goto(server.url + "/log")
    expect(second.locator("#log p").last).to_have_text("line 50")

    second.locator("#log span").last.click()

    for tab in (first, second):
        expect(tab.locator("#said")).to_contain_text("item ")
        expect(tab.locator("#log p").last).to_have_text("clicked")


def test_a_log_that_was_out_of_reach_goes_on_and_tells_what_is_missing(
    server: RunningServer, visitor: Callable[[], BrowserContext],
) -> None:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    context = visitor()
    away = context.new_page()
    away.goto(proxy.url + "/log")
    away.locator("#more").click()
    expect(away.locator("#log p").last).to_have_text("line 50")

    proxy.cut()
    expect(away.get_by_role("status")).to_contain_text("lost")
    present = context.new_page()
    present.goto(server.url + "/log")
    for _ in range(40):
        present.locator("#more").click()
    expect(present.locator("#log p").last).to_have_text("line 2050")
    proxy.mend()

    expect(away.locator("#log p").last).to_have_text("line 2050")
    expect(away.locator("#log p")).to_have_text([f"line {number}" for number in [*range(1, 51), *range(2031, 2051)]])
    expect(away.locator("#log")).to_have_attribute("data-lona-missed", "1980")
    assert away.locator("#log").evaluate(IS_AT_END)


def test_focus_right_behind_the_first_show_moves_the_focus(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/focus")

    expect(tab.locator("#field1")).to_be_focused()


def test_scroll_into_view_brings_the_node_into_sight(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/focus")
    expect(tab.locator("#field49")).not_to_be_in_viewport()

    tab.locator("#there").click()

    expect(tab.locator("#field49")).to_be_in_viewport()
