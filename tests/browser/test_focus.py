"""Whoever is busy in a page is not disturbed by what changes around him: focus, caret, selection, half-typed words, scrolling."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.browser.proxy import Proxy
from tests.browser.servers import RunningServer

APP = "tests.browser.apps.focus"
SERVED_BY = "gunicorn"

FIELDS = ("#field", "#late", "#area")


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Iterator[Page]:
    """A page in which no script may fail, and no patch be refused."""
    tab = visitor().new_page()
    failures: list[str] = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.on("console", lambda message: failures.append(message.text) if message.type == "error" else None)
    yield tab
    assert [failure for failure in failures if "WebSocket connection" not in failure] == []


class Stage:
    """A page with a view that does what it is told."""

    numbers = itertools.count()

    def __init__(self, server: RunningServer, tab: Page) -> None:
        self.tab = tab
        self._server = server
        self._name = f"?for={next(self.numbers)}"

    def open(self, path: str, base: str = "") -> None:
        self.tab.goto((base or self._server.url) + path + self._name)
        self.tab.locator("#done").wait_for(state="attached")

    def tell(self, order: str) -> None:
        self._server.get(f"/do/{order}{self._name}")

    def order(self, order: str) -> None:
        """Waits until the page shows what came of it."""
        self.tell(order)
        expect(self.tab.locator("#done")).to_have_text(order)


@pytest.fixture
def stage(server: RunningServer, tab: Page) -> Stage:
    return Stage(server, tab)


def keyboard(tab: Page) -> CDPSession:
    """Through which a test types as an input method does."""
    return tab.context.new_cdp_session(tab)


def compose(session: CDPSession, text: str) -> None:
    """The user has typed the keys for `text`, which is underlined and not decided yet."""
    session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})


def commit(session: CDPSession, text: str) -> None:
    """He has chosen what it is."""
    session.send("Input.insertText", {"text": text})


def select(tab: Page, selector: str, start: int, end: int) -> None:
    """Focus the field and select this part of it, backwards; remember the element."""
    tab.locator(selector).focus()
    tab.evaluate("([start, end]) => document.activeElement.setSelectionRange(start, end, 'backward')", [start, end])
    tab.evaluate("() => { window.remembered = document.activeElement; }")


def selection(tab: Page) -> list[Any]:
    """Whether the remembered element has the focus, and what is selected in it."""
    found: list[Any] = tab.evaluate("""() => {
        const {selectionStart, selectionEnd, selectionDirection} = window.remembered;
        return [document.activeElement === window.remembered, selectionStart, selectionEnd, selectionDirection];
    }""")
    return found


@pytest.mark.parametrize("name", ["change_around", "move_wrapper", "move_fields", "set_other", "set_same"])
@pytest.mark.parametrize("selector", FIELDS)
def test_focus_and_selection_stay_while_the_page_changes(stage: Stage, tab: Page, selector: str, name: str) -> None:
    stage.open("/text")
    select(tab, selector, 2, 4)

    stage.order(name)

    assert selection(tab) == [True, 2, 4, "backward"]
    tab.keyboard.type("XY")
    expect(tab.locator(selector)).to_have_value("seXYer")


def test_a_focused_field_is_sorted_to_another_place_and_typed_into_all_the_while(stage: Stage, tab: Page) -> None:
    stage.open("/list")
    tab.locator("#row-1").press_sequentially("abc")
    select(tab, "#row-1", 1, 2)

    stage.order("sort_backwards")
    tab.keyboard.type("XY")

    assert selection(tab)[0] is True
    expect(tab.locator("#row-1")).to_have_value("aXYc")
    expect(tab.locator("#rows > li").nth(98).locator("input")).to_have_value("aXYc")


@pytest.mark.parametrize("selector", FIELDS)
def test_focus_selection_and_typed_text_survive_a_snapshot_after_a_break(
    server: RunningServer, stage: Stage, tab: Page, selector: str,
) -> None:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    received: list[str] = []
    tab.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(str(frame))))
    stage.open("/text", proxy.url)
    received.clear()

    proxy.cut()
    expect(tab.get_by_role("status").filter(has_text="lost")).to_be_visible()
    stage.tell("change_often")
    tab.locator(selector).fill("typed in between")
    select(tab, selector, 2, 4)
    proxy.mend()

    expect(tab.locator("#done")).to_have_text("change_often")
    assert any(message.startswith("[2,") for message in received), "expected a snapshot"
    assert selection(tab) == [True, 2, 4, "backward"]
    expect(tab.locator(selector)).to_have_value("typed in between")
    tab.locator("#other").focus()
    expect(tab.locator("#said")).to_contain_text(f"{selector[1:]}=typed in between;")
    tab.close()
    proxy.close()


@pytest.mark.parametrize("selector", FIELDS)
def test_a_value_from_the_server_leaves_the_caret_of_who_does_not_type(stage: Stage, tab: Page, selector: str) -> None:
    stage.open("/text")
    select(tab, selector, 3, 3)

    stage.order("set_all")

    expect(tab.locator(selector)).to_have_value("set by the server")
    assert selection(tab)[:3] == [True, 3, 3]


@pytest.mark.parametrize("selector", FIELDS)
def test_half_typed_text_is_not_overwritten_by_a_late_value_and_reaches_the_server(stage: Stage, tab: Page, selector: str) -> None:
    stage.open("/text")
    select(tab, selector, 6, 6)
    tab.evaluate("() => { window.setTimeout = () => 1; }")   # the delay after the last key has no end

    tab.keyboard.type(" and half")
    stage.order("set_all")
    in_between = tab.locator(selector).input_value()
    tab.keyboard.type(" typed")
    tab.locator(selector).blur()

    assert in_between == "server and half"
    expect(tab.locator("#said")).to_have_text(f"{selector[1:]}=server and half typed;")
    expect(tab.locator(selector)).to_have_value("server and half typed")


@pytest.mark.parametrize("selector", FIELDS)
@pytest.mark.parametrize("name", ["change_around", "set_all", "set_same", "set_other", "move_wrapper", "move_fields"])
def test_a_composition_goes_on_while_the_page_changes_and_is_reported_once(
    stage: Stage, tab: Page, selector: str, name: str,
) -> None:
    stage.open("/text")
    select(tab, selector, 0, 6)
    tab.evaluate("""() => {
        window.ended = 0;
        document.addEventListener('compositionend', () => window.ended++);
    }""")
    session = keyboard(tab)

    compose(session, "に")
    stage.order(name)
    compose(session, "にほ")
    tab.wait_for_timeout(300)                                # longer than the delay of the field
    in_between = [tab.locator("#said").inner_text(), tab.locator(selector).input_value(), tab.evaluate("() => window.ended")]
    commit(session, "日本")
    expect(tab.locator(selector)).to_have_value("日本")
    tab.locator(selector).blur()

    assert in_between == ["", "にほ", 0]
    expect(tab.locator("#said")).to_have_text(f"{selector[1:]}=日本;")


def test_a_composition_survives_a_snapshot_after_a_break(server: RunningServer, stage: Stage, tab: Page) -> None:
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    stage.open("/text", proxy.url)
    select(tab, "#field", 0, 6)
    session = keyboard(tab)

    compose(session, "に")
    proxy.cut()
    expect(tab.get_by_role("status").filter(has_text="lost")).to_be_visible()
    stage.tell("change_often")
    proxy.mend()
    expect(tab.locator("#done")).to_have_text("change_often")
    compose(session, "にほ")
    commit(session, "日本")

    expect(tab.locator("#said")).to_have_text("field=日本;")
    expect(tab.locator("#field")).to_have_value("日本")
    tab.close()
    proxy.close()


def test_a_composition_that_is_given_up_reports_nothing_of_it(stage: Stage, tab: Page) -> None:
    stage.open("/text")
    select(tab, "#field", 6, 6)
    session = keyboard(tab)

    compose(session, "に")
    compose(session, "")
    tab.keyboard.type("!")

    expect(tab.locator("#said")).to_contain_text("field=server!;")
    assert "に" not in tab.locator("#said").inner_text()


def test_the_text_of_an_editable_element_is_reported_and_keeps_its_caret(stage: Stage, tab: Page) -> None:
    stage.open("/text")
    tab.locator("#editable").focus()
    tab.keyboard.press("Control+End")
    tab.keyboard.type(" text")
    expect(tab.locator("#said")).to_have_text("editable=editable text;")

    stage.order("change_around")
    tab.keyboard.type("!")

    expect(tab.locator("#said")).to_have_text("editable=editable text;editable=editable text!;")
    expect(tab.locator("#editable")).to_have_text("editable text!")


@pytest.mark.parametrize("name", ["change_around", "move_wrapper", "move_fields"])
def test_the_caret_in_an_editable_element_stays_while_the_page_changes(stage: Stage, tab: Page, name: str) -> None:
    stage.open("/text")
    tab.locator("#editable").focus()
    tab.evaluate("() => { const [text] = document.activeElement.childNodes; getSelection().setBaseAndExtent(text, 4, text, 2); }")

    stage.order(name)
    tab.keyboard.type("XY")

    expect(tab.locator("#editable")).to_have_text("edXYable")


def test_selected_words_stay_selected_when_they_are_sorted_to_another_place(stage: Stage, tab: Page) -> None:
    stage.open("/list")
    tab.evaluate("""() => {
        const [words] = document.querySelectorAll('#rows span')[1].childNodes;
        getSelection().setBaseAndExtent(words, 3, words, 1);
    }""")

    stage.order("sort_backwards")

    selected = tab.evaluate("() => [String(getSelection()), getSelection().anchorOffset, getSelection().focusOffset]")
    assert selected == ["01", 3, 1]


def test_a_composition_in_an_editable_element_goes_on_and_is_reported_once(stage: Stage, tab: Page) -> None:
    stage.open("/text")
    tab.locator("#editable").focus()
    tab.keyboard.press("Control+A")
    session = keyboard(tab)

    compose(session, "に")
    stage.order("change_around")
    compose(session, "にほ")
    commit(session, "日本")

    expect(tab.locator("#said")).to_have_text("editable=日本;")
    expect(tab.locator("#editable")).to_have_text("日本")


def test_an_open_select_keeps_its_choice_while_options_come(stage: Stage, tab: Page) -> None:
    stage.open("/choice")
    tab.locator("#select").focus()
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("#said")).to_have_text("c;")
    tab.locator("#select").click()                           # the popup is open

    stage.order("change_options")
    expect(tab.locator("#select")).to_be_focused()
    shown = tab.locator("#select").input_value()
    tab.keyboard.press("Escape")
    tab.keyboard.press("ArrowDown")

    assert shown == "c"
    expect(tab.locator("#said")).to_have_text("c;d;")
    expect(tab.locator("#select")).to_have_value("d")


def test_the_focus_of_what_is_removed_goes_to_the_body(stage: Stage, tab: Page) -> None:
    stage.open("/text")
    select(tab, "#field", 0, 0)
    tab.keyboard.type("not yet reported")

    stage.order("remove_fields")

    assert tab.evaluate("() => document.activeElement === document.body")
    tab.keyboard.type("to nobody")
    stage.order("change_often")


@pytest.mark.parametrize("name", ["insert_above", "insert_below", "move_last_to_top", "move_first_to_end", "remove_first"])
def test_who_has_scrolled_reads_on_where_he_was(stage: Stage, tab: Page, name: str) -> None:
    stage.open("/list")
    offset = """() => {
        const row = document.getElementById('row-40');
        return row.getBoundingClientRect().top - document.getElementById('rows').getBoundingClientRect().top;
    }"""
    tab.evaluate("() => { document.getElementById('rows').scrollTop = document.getElementById('row-40').offsetTop; }")
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    before = tab.evaluate(offset)

    stage.order(name)
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert abs(tab.evaluate(offset) - before) <= 1


@pytest.mark.parametrize("name", ["move_frame", "insert_around"])
def test_a_frame_does_not_load_anew_when_it_is_moved(stage: Stage, tab: Page, name: str) -> None:
    stage.open("/frames")
    tab.frame_locator("iframe").locator("input").fill("typed inside")
    assert tab.evaluate("() => 'moveBefore' in Element.prototype"), "expected a Chromium of 2025 or later"

    stage.order(name)

    assert tab.locator("#second iframe").count() == (name == "move_frame")
    assert tab.frame_locator("iframe").locator("input").input_value() == "typed inside"
