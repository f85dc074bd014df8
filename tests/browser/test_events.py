"""Each type of event, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.events"
SERVED_BY = "gunicorn"


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Page:
    return visitor().new_page()


@pytest.fixture
def visit(server: RunningServer, tab: Page) -> Callable[[str], Page]:
    def go(path: str) -> Page:
        tab.goto(server.url + path)
        tab.locator("#lona > *").first.wait_for(state="attached")
        tab.wait_for_function("window.Lona?.window?.state === 'shown'")
        return tab

    return go


Visit = Callable[[str], Page]


def corner_of(page: Page, selector: str) -> tuple[float, float]:
    """Left and top."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"], box["y"]


def wrote(page: Page, *lines: str) -> None:
    """The notes are these lines, and no others."""
    expect(page.locator("#notes")).to_have_text("\n".join(lines))


def test_only_the_keys_that_were_asked_for_are_sent(visit: Visit) -> None:
    page = visit("/keys")
    field = page.locator("#some")

    keys = "b Shift+Enter Control+Enter A a Enter Control+a Control+Shift+s Control+s Control+Shift+k Shift+? Escape"
    for key in keys.split():
        field.press(key)

    wrote(
        page, 'key_down some ["a", false]', 'key_down some ["Enter", false]', 'key_down some ["s", false]',
        'key_down some ["k", false]', 'key_down some ["?", false]', 'key_down page ["Escape", false]',
    )


def test_without_a_filter_every_key_is_sent_and_repeats_are_marked(visit: Visit) -> None:
    page = visit("/keys")
    page.locator("#all").focus()

    page.keyboard.down("b")
    page.keyboard.down("b")
    page.keyboard.up("b")

    wrote(page, 'key_down all ["b", false]', 'key_down all ["b", true]', 'key_up all ["b", false]')


def test_keys_while_a_character_is_composed_are_not_sent(visit: Visit) -> None:
    page = visit("/keys")
    field = page.locator("#all")
    field.focus()

    field.evaluate("""field => {
        const options = {key: 'n', bubbles: true};
        field.dispatchEvent(new KeyboardEvent('keydown', {...options, isComposing: true}));
        field.dispatchEvent(new KeyboardEvent('keydown', {...options, keyCode: 229}));
        field.dispatchEvent(new Event('keydown', {bubbles: true}));
    }""")
    page.keyboard.press("z")

    wrote(page, 'key_down all ["z", false]', 'key_up all ["z", false]')


def test_only_filtered_keys_are_prevented(visit: Visit) -> None:
    page = visit("/keys")

    page.locator("#kept").press_sequentially("axb")

    expect(page.locator("#kept")).to_have_value("ab")
    wrote(page, 'key_down kept ["x", false]')


def test_a_value_is_there_when_enter_comes(visit: Visit) -> None:
    page = visit("/enter")
    field = page.locator("#field")

    field.press_sequentially("abc")
    field.press("Enter")
    expect(page.locator("#said")).to_have_text("[abc]")
    field.press_sequentially("d")
    field.press("Enter")

    expect(page.locator("#said")).to_have_text("[abc][abcd]")


def test_a_pointer_enters_and_leaves_each_node_for_itself(visit: Visit) -> None:
    page = visit("/pointer")
    left, top = corner_of(page, "#outer")
    page.mouse.move(left + 50, top + 400)

    page.mouse.move(left + 50, top + 5)
    page.mouse.move(left + 50, top + 25)
    page.mouse.move(left + 50, top + 60)
    page.mouse.move(left + 50, top + 400)

    wrote(page, *[
        f'pointer_{crossing} ["x", "y"]' for crossing in ("enter outer", "enter inner", "leave inner", "leave outer")
    ])


def test_a_double_click_is_one(visit: Visit) -> None:
    page = visit("/pointer")
    left, top = corner_of(page, "#inner")
    page.mouse.move(left + 50, top + 10)

    page.mouse.dblclick(left + 50, top + 10)

    expect(page.locator("#notes")).to_contain_text('double_click inner ["x", "y"]')


def test_the_end_of_scrolling_tells_the_place(visit: Visit) -> None:
    page = visit("/scroll")

    page.locator("#box").evaluate("box => box.scrollTo(0, 120)")

    expect(page.locator("#notes")).to_contain_text('"height": 900')
    expect(page.locator("#notes")).to_contain_text('"top": 120')
    expect(page.locator("#notes")).to_contain_text('"node_height": 100')


def test_a_node_is_dragged_and_dropped_by_the_mouse(visit: Visit) -> None:
    page = visit("/drag")

    page.locator("#item").hover()
    page.mouse.down()
    page.locator("#list").hover(position={"x": 100, "y": 10})
    page.locator("#list").hover(position={"x": 100, "y": 50})
    page.mouse.up()

    expect(page.locator("#list #item")).to_have_count(1)
    wrote(page, "drag_start item null", 'drag_enter list "item"', 'drop list "item"', "drag_end item true")


def test_nothing_is_dropped_where_nobody_takes_it(visit: Visit) -> None:
    page = visit("/drag")

    page.locator("#item").hover()
    page.mouse.down()
    page.locator("#list").hover(position={"x": 100, "y": 50})
    page.locator("#no").hover()
    page.locator("#no").hover(position={"x": 120, "y": 20})
    page.mouse.up()

    expect(page.locator("#notes")).to_contain_text("drag_end item false")
    notes = page.locator("#notes").text_content() or ""
    crossed = [f'drag_{what} {where} "item"' for where in ("list", "no") for what in ("enter", "leave")]
    assert sorted(notes.split("\n")[1:-2]) == sorted(crossed)


def test_an_endless_list_grows_while_its_end_is_in_sight(visit: Visit) -> None:
    page = visit("/endless")
    rows = page.locator("#rows li")
    expect(rows).to_have_count(6)

    page.locator("#rows").evaluate("rows => rows.scrollTo(0, 10000)")

    expect(rows).to_have_count(9)


def test_a_list_grows_until_what_is_behind_it_is_out_of_sight_and_rests_when_there_is_no_more(visit: Visit) -> None:
    page = visit("/sentinel")
    rows, count, box = page.locator("#rows li"), page.locator("#count"), page.locator("#box")
    expect(rows).to_have_count(9)

    for shown in (12, 15, 18, 21):
        box.evaluate("box => box.scrollTo(0, 10000)")
        expect(rows).to_have_count(shown)
    box.evaluate("box => box.scrollTo(0, 10000)")
    expect(count).to_have_text("8")
    page.locator("button").click()
    expect(rows.first).to_have_text("said")
    box.evaluate("box => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.locator("button").click()

    expect(count).to_have_text("8")
    expect(rows).to_have_count(21)


def test_a_node_tells_when_it_comes_into_sight_and_when_it_leaves(visit: Visit) -> None:
    page = visit("/visible")
    box = page.locator("#box")

    box.evaluate("box => box.scrollTo(0, 1000)")
    wrote(page, "visible mark true")
    box.evaluate("box => box.scrollTo(0, 0)")

    wrote(page, "visible mark true", "visible mark false")


def test_a_node_that_was_moved_is_still_watched_and_one_without_the_event_is_not(visit: Visit) -> None:
    page = visit("/visible")
    page.locator("#move").click()
    wrote(page, "visible mark true")

    page.locator("#deaf").click()
    page.locator("#box").evaluate("box => box.scrollTo(0, 1000)")
    page.locator("#box").evaluate("box => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.locator("#box").evaluate("box => box.scrollTo(0, 0)")
    page.locator("#listen").click()

    wrote(page, "visible mark true", "visible mark true")


def test_a_node_tells_its_size_and_each_new_one(visit: Visit) -> None:
    page = visit("/resize")
    wrote(page, 'resize box {"height": 10, "width": 100}')

    page.locator("button").click()

    wrote(page, 'resize box {"height": 10, "width": 100}', 'resize box {"height": 10, "width": 200}')


def test_a_custom_event_of_a_script_is_reported_by_the_node_around_it(visit: Visit) -> None:
    page = visit("/custom")

    left = page.locator("#inner").evaluate("""inner => {
        const outer = inner.parentElement;
        const send = (node, name, options) => node.dispatchEvent(new CustomEvent(name, {cancelable: true, ...options}));
        return [
            send(inner, 'cell edited: ä', {bubbles: true, detail: {row: 1}}),
            send(inner, 'ended', {}), send(outer, 'ended', {detail: 5}), outer.dispatchEvent(new Event('ended')),
            send(outer, 'other', {}),
        ];
    }""")

    wrote(page, 'cell edited: ä outer {"row": 1}', "ended outer 5", "ended outer null")
    assert left == [False, True, True, True, True]


def test_prevent_default_keeps_the_browser_from_what_it_does(visit: Visit) -> None:
    page = visit("/prevent")
    page.locator("#plain").click()
    page.wait_for_url("**/prevent#plain")

    page.locator("#kept").evaluate("kept => kept.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))")
    kept = page.locator("#kept").evaluate(
        "kept => kept.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
    )

    wrote(page, "click kept null", "click kept null")
    assert kept is False


def test_propagation_stops_in_the_browser_and_here(visit: Visit) -> None:
    page = visit("/prevent")
    page.evaluate("""() => {
        window.heard = [];
        for (const id of ['stopped', 'around', 'lona']) {
            document.getElementById(id).addEventListener('click', () => window.heard.push(id));
        }
    }""")

    page.locator("#stopped").click()

    wrote(page, "click stopped null")
    assert page.evaluate("() => window.heard") == ["stopped"]


def test_throttled_changes_come_while_the_user_types(visit: Visit) -> None:
    page = visit("/throttle")
    page.locator("#field").press_sequentially("abcdefghijklmnopqrst", delay=50)

    expect(page.locator("#notes")).to_contain_text('"abcdefghijklmnopqrst"')

    lines = (page.locator("#notes").text_content() or "").strip().split("\n")
    assert 2 < len(lines) < 12


def test_an_element_is_pending_from_its_event_to_its_acknowledgement(visit: Visit) -> None:
    page = visit("/quiet")
    button = page.locator("#button")

    pending = button.evaluate("button => { button.click(); return button.matches('[data-lona-pending]'); }")

    assert pending
    expect(button).not_to_have_attribute("data-lona-pending", "")


def go_on(page: Page) -> None:
    """Whoever works in the view has done so for long enough. Moves no focus."""
    page.locator("#go").evaluate("go => go.click()")


@pytest.mark.parametrize("button", ["handled", "awaited"])
def test_a_double_click_on_a_button_that_is_disabled_on_click_counts_once(visit: Visit, button: str) -> None:
    page = visit("/once")

    page.locator(f"#{button}").dblclick()
    expect(page.locator(f"#{button}")).to_be_disabled()
    go_on(page)
    expect(page.locator(f"#{button}")).to_be_enabled()
    page.locator(f"#{button}").evaluate("button => { for (let n = 0; n < 20; n++) button.click(); }")
    expect(page.locator(f"#{button}")).to_be_disabled()
    go_on(page)
    expect(page.locator(f"#{button}")).to_be_enabled()

    expect(page.locator("#text")).to_have_text("handled handled " if button == "handled" else "")
    expect(page.locator("#count")).to_have_text("0" if button == "handled" else "2")


@pytest.mark.parametrize("button", ["handled", "awaited"])
def test_who_has_pressed_a_button_that_is_disabled_on_click_has_the_focus_there_afterwards(visit: Visit, button: str) -> None:
    page = visit("/once")
    page.locator(f"#{button}").focus()

    page.keyboard.press("Enter")
    expect(page.locator(f"#{button}")).to_be_disabled()
    go_on(page)
    expect(page.locator(f"#{button}")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{button}")).to_be_disabled()
    go_on(page)
    expect(page.locator(f"#{button}")).to_be_enabled()

    expect(page.locator(f"#{button}")).to_be_focused()
    expect(page.locator("#text")).to_have_text("handled handled " if button == "handled" else "")
    expect(page.locator("#count")).to_have_text("0" if button == "handled" else "2")


def test_keys_with_modifiers_are_those_that_were_asked_for(visit: Visit) -> None:
    page = visit("/modifiers")
    field = page.locator("#field")

    for key in "Shift Shift+Digit1 Control+Shift+Digit1 Control+Digit1 Digit1".split():
        field.press(key)

    wrote(page, *[f"key_down field {key}" for key in '"Shift" "Shift" "!" "Shift" "!" "1"'.split()])


def test_a_form_is_sent_once_with_all_that_was_typed(visit: Visit) -> None:
    page = visit("/form")
    page.locator("#name").fill("Ada")
    for number, tag in enumerate("ab"):
        page.locator("[name=tag]").nth(number).fill(tag)

    page.locator("form").evaluate("form => { for (let n = 0; n < 5; n++) form.requestSubmit(); }")
    expect(page.locator("form")).to_have_attribute("aria-busy", "true")
    page.locator("form").evaluate("form => form.requestSubmit()")
    go_on(page)
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")

    expect(page.locator("#text")).to_have_text('{"name": "Ada", "tag": ["a", "b"]} Ada;')


def test_a_form_is_not_sent_while_the_browser_finds_it_invalid(visit: Visit) -> None:
    page = visit("/form")
    page.locator("#save").click()

    page.locator("#name").fill("Ada")
    page.locator("#name").press("Enter")
    expect(page.locator("form")).to_have_attribute("aria-busy", "true")
    go_on(page)

    expect(page.locator("#text")).to_have_text('{"name": "Ada", "tag": ["", ""]} Ada;')
    assert page.url.endswith("/form")


def test_a_plain_button_is_clicked_and_one_that_says_so_sends_its_form(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/buttons")
    for button in ("plain", "sends", "both"):
        tab.get_by_role("button", name=button).click()

    expect(tab.locator("#told")).to_have_text("click submit click submit")
