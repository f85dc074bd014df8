"""Very long lists and tables, in a real browser: scrolling, the keyboard, sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.proxy import Proxy
from tests.browser.servers import RunningServer

APP = "tests.browser.apps.virtual"
SERVED_BY = "gunicorn"

pytestmark = pytest.mark.browser

# The rows that can be seen as a whole, by their texts.
VISIBLE = """() => {
    const list = document.querySelector('.lona-virtual');
    const {top} = list.querySelector('[role=rowgroup]').getBoundingClientRect();
    const frame = list.getBoundingClientRect();
    const header = list.querySelector('.lona-virtual-header')?.getBoundingClientRect().bottom ?? frame.top;
    return [...list.querySelectorAll('.lona-virtual-row')].filter((row) => {
        const box = row.getBoundingClientRect();
        return box.top >= header - 2 && box.bottom <= frame.bottom + 2;
    }).map((row) => row.textContent);
}"""

# From here on, the middle of the list is looked at before each picture: how often there was no row.
WATCH = """() => {
    const list = document.querySelector('.lona-virtual');
    window.pictures = window.empty = 0;
    const look = () => {
        const box = list.getBoundingClientRect();
        const row = document.elementFromPoint(box.left + 20, box.top + box.height / 2)?.closest('.lona-virtual-row');
        window.pictures++;
        window.empty += !row;
        requestAnimationFrame(look);
    };
    look();
}"""


def open_list(tab: Page, url: str) -> None:
    tab.goto(url)
    expect(tab.locator(".lona-virtual-row").first).to_have_css("position", "absolute")


def expect_visible(tab: Page, first: str | None = None, last: str | None = None) -> list[str]:
    """Wait until the first or the last row seen is this one, and all is at rest; the rows seen."""
    tab.wait_for_function(f"""([first, last]) => {{
        const seen = ({VISIBLE})();
        return (!first || seen[0] === first) && (!last || seen.at(-1) === last);
    }}""", arg=[first, last])
    seen: list[str] = tab.evaluate(VISIBLE)
    return seen


def top(tab: Page) -> float:
    place: float = tab.evaluate("document.querySelector('.lona-virtual').scrollTop")
    return place


def scroll(tab: Page, place: str) -> None:
    """As a drag of the thumb does."""
    tab.evaluate(f"(list => {{ list.scrollTop = {place}; }})(document.querySelector('.lona-virtual'))")


def test_of_a_million_rows_some_are_there(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")

    seen = expect_visible(tab, "row 0", "row 11")

    assert len(seen) == 12
    assert tab.locator(".lona-virtual-row").count() < 60
    assert tab.locator("#list").get_attribute("aria-rowcount") == "1000000"


@pytest.mark.parametrize(("path", "count"), [("/hundred", 100), ("/million", 1_000_000), ("/billion", 1_000_000_000)])
def test_the_thumb_reaches_the_middle_the_end_and_the_beginning(server: RunningServer, tab: Page, path: str, count: int) -> None:
    open_list(tab, server.url + path)

    scroll(tab, "(list.scrollHeight - list.clientHeight) / 2")
    tab.wait_for_function(f"() => {{ const seen = ({VISIBLE})(); return seen.length > 10 && !seen.includes('row 0'); }}")
    middle = tab.evaluate(VISIBLE)
    scroll(tab, "list.scrollHeight")
    end = expect_visible(tab, last=f"row {count - 1:,}")
    scroll(tab, "0")
    beginning = expect_visible(tab, "row 0")

    assert abs(int(middle[5].removeprefix("row ").replace(",", "")) - count / 2) <= count * 0.001 + 1
    assert len(end) == len(beginning) == 12


@pytest.mark.parametrize("path", ["/hundred", "/million", "/billion"])
def test_the_wheel_moves_the_rows_as_far_as_itself_and_none_is_skipped(server: RunningServer, tab: Page, path: str) -> None:
    open_list(tab, server.url + path)
    scroll(tab, "(list.scrollHeight - list.clientHeight) / 2")
    tab.wait_for_function(f"() => {{ const seen = ({VISIBLE})(); return seen.length > 10 && !seen.includes('row 0'); }}")
    before = tab.evaluate(VISIBLE)[0]
    number = int(before.removeprefix("row ").replace(",", ""))
    tab.mouse.move(300, 300)

    for _ in range(5):
        tab.mouse.wheel(0, 64)

    expect_visible(tab, f"row {number + 10:,}")


def test_the_wheel_finds_rows_in_every_picture(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")
    tab.mouse.move(300, 300)
    tab.evaluate(WATCH)

    for _ in range(40):
        tab.mouse.wheel(0, 100)
        tab.evaluate("() => new Promise(requestAnimationFrame)")

    expect_visible(tab, "row 125")
    assert tab.evaluate("window.empty") == 0
    assert tab.evaluate("window.pictures") > 40


def test_the_wheel_reaches_the_last_row_of_a_list_that_is_longer_than_its_scroll_area(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/billion")
    tab.locator("#list").focus()
    tab.keyboard.press("End")
    expect_visible(tab, last="row 999,999,999")
    tab.mouse.move(300, 300)

    tab.mouse.wheel(0, -3200)
    expect_visible(tab, last="row 999,999,899")
    tab.mouse.wheel(0, 3300)

    expect_visible(tab, last="row 999,999,999")


def test_the_keyboard_walks_through_all_rows(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")
    tab.locator("#list").focus()
    active = tab.locator(".lona-virtual-row[data-active]")
    steps = [
        ("ArrowDown", "row 0"), ("ArrowDown", "row 1"), ("PageDown", "row 12"), ("PageUp", "row 1"), ("ArrowUp", "row 0"),
        ("ArrowUp", "row 0"), ("End", "row 999,999"), ("ArrowDown", "row 999,999"), ("ArrowUp", "row 999,998"),
        ("PageUp", "row 999,987"), ("Home", "row 0"),
    ]

    for key, text in steps:
        tab.keyboard.press(key)

        expect(active).to_have_text(text)
        expect(tab.locator("#list")).to_have_attribute("aria-activedescendant", active.get_attribute("id") or "")
        assert text in tab.evaluate(VISIBLE)


def test_enter_is_a_click_on_the_active_row(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")
    tab.locator("#list").focus()

    tab.keyboard.press("End")
    expect(tab.locator("[data-active]")).to_have_text("row 999,999")
    tab.keyboard.press("Enter")

    expect(tab.locator("#said")).to_have_text("clicked 999999 at 999999")


def test_a_click_reports_the_row_and_makes_it_the_keyboards(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")

    tab.get_by_text("row 7", exact=True).click()
    expect(tab.locator("#said")).to_have_text("clicked 7 at 7")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")

    expect(tab.locator("#said")).to_have_text("clicked 8 at 8")


def test_the_keyboard_stays_with_the_list_when_its_row_has_left(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")
    tab.locator("#list").focus()
    tab.keyboard.press("ArrowDown")
    scroll(tab, "5e6")
    tab.wait_for_function("() => !document.getElementById(document.querySelector('#list').firstElementChild.id + '-0')")
    expect(tab.locator("[data-active]")).to_have_count(0)

    tab.keyboard.press("ArrowDown")

    expect(tab.locator("#list")).to_be_focused()
    expect(tab.locator("[data-active]")).to_have_text("row 1")
    assert "row 1" in tab.evaluate(VISIBLE)


def test_a_field_keeps_focus_and_text_while_its_row_stays_and_the_list_has_the_focus_then(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/fields")
    field = tab.locator(".n10")
    field.fill("typed")
    tab.mouse.move(300, 300)

    tab.mouse.wheel(0, 320)
    expect_visible(tab, "10 ")
    expect(tab.locator(".n40")).to_be_attached()
    expect(field).to_be_focused()
    expect(field).to_have_value("typed")
    scroll(tab, "20000")

    expect(field).to_have_count(0)
    expect(tab.locator("#list")).to_be_focused()


def test_the_server_scrolls_and_knows_what_is_seen(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")

    tab.get_by_text("To the middle").click()
    expect_visible(tab, "row 500,000")
    scroll(tab, "0")
    expect_visible(tab, "row 0")
    tab.get_by_text("To the middle").click()
    expect_visible(tab, "row 500,000")
    tab.get_by_text("State").click()

    expect(tab.locator("#said")).to_have_text("500000 to 500011")


def test_a_list_that_gets_shorter_shows_its_end(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/million")
    scroll(tab, "4e6")
    tab.wait_for_function(f"() => ({VISIBLE})().length > 10")

    tab.get_by_text("Fewer").click()

    seen = expect_visible(tab, last="row 29")
    assert len(seen) == 12
    assert tab.evaluate("document.querySelector('#list').scrollHeight") == 30 * 32


def test_a_list_that_gets_higher_is_filled(server: RunningServer, tab: Page) -> None:
    tab.set_viewport_size({"width": 800, "height": 1400})
    open_list(tab, server.url + "/million")

    tab.evaluate("() => { document.querySelector('#list').style.height = '1200px'; }")

    expect_visible(tab, "row 0", "row 36")


def test_two_windows_look_at_different_places(server: RunningServer, visitor: Callable[[], BrowserContext]) -> None:
    context = visitor()
    first, second = context.new_page(), context.new_page()
    for tab in (first, second):
        open_list(tab, server.url + "/shared")

    scroll(first, "4e6")
    first.wait_for_function(f"() => {{ const seen = ({VISIBLE})(); return seen.length > 10 && !seen.includes('row 0'); }}")
    far = first.evaluate(VISIBLE)
    scroll(second, "320")
    near = expect_visible(second, "row 10")

    assert len(near) == 12
    assert first.evaluate(VISIBLE) == far
    assert top(first) != top(second)


def test_a_list_goes_on_after_a_break_of_the_network(server: RunningServer, tab: Page) -> None:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    open_list(tab, proxy.url + "/million")
    scroll(tab, "320")
    expect_visible(tab, "row 10")

    proxy.cut()
    expect(tab.get_by_role("status")).to_contain_text("lost")
    scroll(tab, "32000")
    proxy.mend()

    expect_visible(tab, "row 1,000", "row 1,011")
    tab.close()
    proxy.close()


def test_a_table_is_sorted_by_its_headers(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/table")
    scroll(tab, "1e6")
    tab.wait_for_function(f"() => ({VISIBLE})()[0] !== 'sensor 0000mm'")
    button = tab.get_by_role("button", name="Value")

    button.click()
    ascending = expect_visible(tab, "sensor 0000mm")
    button.click()
    expect(tab.locator("[aria-sort=descending]")).to_have_count(1)
    descending = expect_visible(tab, "sensor 685100,002mm")
    button.click()
    unsorted = expect_visible(tab, "sensor 0000mm")

    assert ascending[1] != unsorted[1]
    assert len(descending) == len(ascending) == len(unsorted)
    assert top(tab) == 0


def test_a_table_is_searched_and_its_rows_are_clicked(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/table")

    tab.get_by_role("searchbox").fill("SENSOR 777")
    expect(tab.locator(".lona-virtual-search [role=status]")).to_have_text("100 rows")
    expect_visible(tab, "sensor 77752,880mm")
    tab.get_by_role("grid").get_by_role("row").nth(2).click()

    expect(tab.locator("#said")).to_have_text("sensor 777 71643 at 1")


def test_the_header_stays_above_the_rows_and_over_its_columns(server: RunningServer, tab: Page) -> None:
    tab.set_viewport_size({"width": 390, "height": 700})
    open_list(tab, server.url + "/table")
    tab.get_by_role("grid").focus()

    tab.keyboard.press("End")
    expect_visible(tab, last="sensor 999" + f"{99_999 * 7919 % 100_003:,}" + "mm")

    boxes: list[list[Any]] = tab.evaluate("""() => ['.lona-virtual-header', '.lona-virtual-row'].map((selector) =>
        [...document.querySelector(selector).children].map((cell) => cell.getBoundingClientRect().left))""")
    assert boxes[0] == boxes[1]
    expect(tab.get_by_role("columnheader", name="Name")).to_be_in_viewport()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_all_styles_are_there_under_a_strict_content_security_policy(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/table")

    expect_visible(tab, "sensor 0000mm")

    tab.evaluate("document.head.append(Object.assign(document.createElement('style'), {textContent: 'body { color: #fff }'}))")
    expect(tab.locator("body")).to_have_css("color", "rgb(31, 35, 40)")    # that style was refused
    expect(tab.locator(".lona-virtual-header")).to_have_css("position", "sticky")
    expect(tab.locator(".lona-virtual-row").first).to_have_css("display", "grid")
    expect(tab.locator(".lona-end").first).to_have_css("text-align", "end")


def test_what_is_typed_into_a_row_and_the_focus_survive_a_refresh(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/fields")
    field = tab.locator(".n3")
    field.focus()
    tab.keyboard.type("half a wo")

    tab.get_by_text("Refresh").evaluate("button => button.click()")
    expect(tab.get_by_text("Refresh")).not_to_have_attribute("data-lona-pending", "")
    tab.keyboard.type("rd")

    expect(field).to_have_value("half a word")
    expect(field).to_be_focused()


def test_the_active_row_is_the_same_one_when_rows_before_it_have_gone(server: RunningServer, tab: Page) -> None:
    open_list(tab, server.url + "/table")
    tab.locator(".lona-virtual").focus()
    for _ in range(6):
        tab.keyboard.press("ArrowDown")
    active = tab.locator("[data-active]")
    before = active.text_content() or ""

    tab.get_by_text("Remove").evaluate("button => button.click()")
    expect(tab.get_by_role("status").first).to_have_text("99,997 rows")
    tab.wait_for_function("() => document.querySelector('.lona-virtual-row').textContent.startsWith('sensor 003')")

    expect(active).to_have_text(before)
    assert before.startswith("sensor 00")
