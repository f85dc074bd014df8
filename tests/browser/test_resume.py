"""A view is never lost: broken networks, pages that sleep, two clicks instead of one, in a real browser."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.browser.proxy import Proxy
from tests.browser.servers import RunningServer

APP = "tests.browser.apps.resume"

SMALL, LARGE = 10, 200_000               # what a frame brings; and what no log of a view without browser holds


@pytest.fixture
def proxy(server: RunningServer) -> Iterator[Proxy]:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    yield proxy
    proxy.close()


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Page:
    return visitor().new_page()


def show(tab: Page, url: str) -> None:
    tab.goto(url)
    expect(tab.locator("h1")).to_be_visible()


def change(server: RunningServer, size: int) -> None:
    assert server.get(f"/change/{size}") == "done"


def lose(proxy: Proxy, tab: Page) -> None:
    proxy.cut()
    expect(tab.get_by_role("status")).to_contain_text("lost")


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["by frames", "by a snapshot"])
def test_what_was_begun_survives_while_the_page_catches_up(
    size: int, server: RunningServer, proxy: Proxy, tab: Page, tmp_path: Path,
) -> None:
    (tmp_path / "chosen.txt").write_text("x")
    show(tab, proxy.url + "/page")
    tab.locator("#file").set_input_files(tmp_path / "chosen.txt")
    tab.locator("#area").fill("long text")
    tab.locator("#lines").evaluate("lines => { lines.scrollTop = 500; }")
    tab.locator("#field").press_sequentially("abcdef")
    tab.locator("#field").evaluate("field => field.setSelectionRange(2, 4)")

    lose(proxy, tab)
    for _ in range(3):
        change(server, size)
    proxy.mend()

    expect(tab.locator("#number")).to_have_text("3")
    field = tab.locator("#field")
    expect(field).to_be_focused()
    assert field.evaluate("field => [field.value, field.selectionStart, field.selectionEnd]") == ["abcdef", 2, 4]
    assert tab.locator("#area").input_value() == "long text"
    assert tab.locator("#lines").evaluate("lines => lines.scrollTop") == 500
    assert tab.locator("#file").evaluate("input => input.files[0].name") == "chosen.txt"


def test_what_is_clicked_without_a_connection_is_sent_when_it_is_back(server: RunningServer, proxy: Proxy, tab: Page) -> None:
    show(tab, proxy.url + "/order")
    lose(proxy, tab)

    for name in "abcabbaccc":
        tab.get_by_role("button", name=name, exact=True).click()
    proxy.mend()

    expect(tab.locator("#said")).to_have_text("abcabbaccc")


def test_each_click_counts_once_and_in_order_however_often_the_socket_dies(proxy: Proxy, tab: Page) -> None:
    show(tab, proxy.url + "/order")
    clicked = ""

    for turn in range(6):
        for name in "abc"[turn % 3:] + "cab":
            tab.get_by_role("button", name=name, exact=True).click()
            clicked += name
            if len(clicked) % 4 == turn % 4:
                proxy.cut()                      # whatever is under way at this moment
                proxy.mend()

    expect(tab.locator("#said")).to_have_text(clicked)


def test_a_short_loss_is_not_told_a_longer_one_quietly_and_that_it_is_over(
    server: RunningServer, proxy: Proxy, visitor: Callable[[], BrowserContext], browser: Browser,
) -> None:
    context = browser.new_context(locale="de-AT")
    tab = context.new_page()
    show(tab, proxy.url + "/order")
    bar = tab.get_by_role("status").last

    proxy.cut()
    expect(bar).to_have_text("Verbindung verloren")
    proxy.mend()
    expect(bar).to_have_text("Wieder da")
    expect(bar).to_have_text("")
    context.close()


def test_two_clicks_on_pay_pay_once_and_the_button_shows_it(server: RunningServer, tab: Page) -> None:
    show(tab, server.url + "/shop")

    tab.locator("#pay").evaluate("button => { button.click(); button.click(); }")

    expect(tab.locator("#pay[data-lona-dropped]")).to_have_count(1)
    expect(tab.get_by_role("status").last).to_contain_text("did not count")
    expect(tab.locator("#paid")).to_have_text("paid 1")
    expect(tab.locator("#pay[data-lona-dropped]")).to_have_count(0)
    tab.locator("#pay").click()
    expect(tab.locator("#paid")).to_have_text("paid 2")


def test_two_clicks_on_pay_without_a_connection_pay_once(proxy: Proxy, tab: Page) -> None:
    show(tab, proxy.url + "/shop")
    lose(proxy, tab)
    tab.locator("#pay").click()
    tab.locator("#pay").click()

    proxy.mend()

    expect(tab.get_by_role("status").last).to_contain_text("did not count")
    expect(tab.locator("#paid")).to_have_text("paid 1")
    tab.locator("#tip").dblclick()
    expect(tab.locator("#paid")).to_have_text("paid 3")


@pytest.mark.parametrize(("meant", "paid"), [(True, 2), (False, 1)])
def test_the_browser_asks_before_a_click_that_came_too_early(server: RunningServer, tab: Page, meant: bool, paid: int) -> None:
    questions: list[str] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.message)
        if meant:
            dialog.accept()
        else:
            dialog.dismiss()

    tab.on("dialog", answer)
    show(tab, server.url + "/shop")

    tab.locator("#order").evaluate("button => { button.click(); button.click(); }")
    expect(tab.locator("#paid")).to_have_text(f"paid {paid}")
    tab.locator("#tip").click()

    expect(tab.locator("#paid")).to_have_text(f"paid {paid + 1}")
    assert questions == ["The page was about to change when you did that. Do it all the same?"]


def test_a_page_that_was_frozen_catches_up(server: RunningServer, tab: Page) -> None:
    show(tab, server.url + "/page")
    tab.locator("#field").press_sequentially("kept")
    session = tab.context.new_cdp_session(tab)

    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    for _ in range(3):
        change(server, LARGE)
    session.send("Page.setWebLifecycleState", {"state": "active"})

    expect(tab.locator("#number")).to_have_text("3")
    assert tab.locator("#field").input_value() == "kept"


def test_who_goes_back_to_a_page_that_he_left_begins_anew_with_the_cache_for_that_or_without(
    server: RunningServer, browser: Browser,
) -> None:
    # Chromium 150 keeps no page that has used a WebSocket and is `no-store`; another browser may. The cache is switched on here.
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    cached = browser.browser_type.launch(
        executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    tab = cached.new_page()
    show(tab, server.url + "/order")
    tab.get_by_role("button", name="a", exact=True).click()
    expect(tab.locator("#said")).to_have_text("a")

    tab.goto(server.url + "/views")
    tab.go_back()

    tab.get_by_role("button", name="b", exact=True).click()
    expect(tab.locator("#said")).to_have_text("b")               # a page that was left has ended its view; this is a new one
    cached.close()


def test_two_tabs_of_a_view_of_which_one_is_lost_for_a_while(
    server: RunningServer, proxy: Proxy, visitor: Callable[[], BrowserContext],
) -> None:
    context = visitor()
    steady, shaky = context.new_page(), context.new_page()
    show(steady, server.url + "/daemon")
    show(shaky, proxy.url + "/daemon")
    number = int(steady.locator("#number").inner_text())

    lose(proxy, shaky)
    shaky.get_by_role("button", name="+1").click()
    steady.get_by_role("button", name="+1").click()
    expect(steady.locator("#number")).to_have_text(str(number + 1))
    proxy.mend()

    for tab in (steady, shaky):
        expect(tab.locator("#number")).to_have_text(str(number + 2))


def test_a_closed_tab_and_a_left_page_end_their_views_at_once(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    before = int(server.get("/views"))
    context = visitor()
    closed, left = context.new_page(), context.new_page()
    show(closed, server.url + "/shop")
    show(left, server.url + "/shop")
    between = int(server.get("/views"))

    closed.close()
    left.goto("about:blank")

    deadline = time.monotonic() + 30
    while int(server.get("/views")) != before:
        assert time.monotonic() < deadline, "a view goes on without its page"
        time.sleep(0.05)
    assert between >= before + 2
