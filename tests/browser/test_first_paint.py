"""What a page shows before its scripts have run, and what becomes of what its user has done until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.painted"


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser without scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


class Gate:
    """Holds the WebSocket of a page back until it is told to let it through."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        tab.add_init_script("""
            const Real = WebSocket;
            window.sockets = 0;
            const opened = new Promise((open) => { window.openGate = open; });
            window.WebSocket = class {
              constructor(url) {
                sockets++;
                opened.then(() => {
                  const socket = this.socket = new Real(url);
                  for (const name of ['onopen', 'onmessage', 'onclose']) socket[name] = (event) => this[name]?.(event);
                });
              }
              send(text) { this.socket.send(text); }
              close(code) { this.socket?.close(code); }
            };
        """)

    def wait(self) -> None:
        """Until the scripts have run as far as to open a socket."""
        self._tab.wait_for_function("window.sockets > 0")

    def open(self) -> None:
        self._tab.evaluate("openGate()")


class Delay:
    """Holds what is asked for back until it is told what becomes of it."""

    def __init__(self, tab: Page, pattern: str) -> None:
        self._held: list[Route] = []
        self._decide: Callable[[Route], None] = self._held.append
        tab.route(pattern, lambda route: self._decide(route))

    def end(self) -> None:
        self._all(lambda route: route.continue_())

    def fail(self) -> None:
        """Nothing of it comes, neither now nor later."""
        self._all(lambda route: route.abort())

    def _all(self, decide: Callable[[Route], None]) -> None:
        self._decide = decide
        for route in self._held:
            decide(route)


def test_a_page_joins_the_view_that_it_shows(server: RunningServer, tab: Page) -> None:
    before = int(server.get("/counted"))

    tab.goto(server.url + "/page")
    tab.locator("#button").click()

    expect(tab.locator("#count")).to_have_text("1")
    expect(tab).to_have_title("Painted page")
    assert int(server.get("/counted")) == before + 1


def test_the_elements_of_the_page_stay_those_of_the_view(server: RunningServer, tab: Page) -> None:
    gate = Gate(tab)
    tab.goto(server.url + "/page")
    gate.wait()
    tab.evaluate("() => { window.before = [...document.querySelectorAll('#lona *')]; }")

    gate.open()
    tab.locator("#button").click()
    expect(tab.locator("#count")).to_have_text("1")

    assert tab.evaluate("before.every((element) => element.isConnected)")


def test_nothing_flickers(server: RunningServer, tab: Page) -> None:
    gate = Gate(tab)
    tab.goto(server.url + "/page")
    gate.wait()
    tab.evaluate("""() => {
        window.removed = 0;
        new MutationObserver((records) => { for (const {removedNodes} of records) removed += removedNodes.length; })
          .observe(document.querySelector('#lona'), {childList: true, subtree: true});
    }""")

    gate.open()
    tab.locator("#button").click()
    expect(tab.locator("#count")).to_have_text("1")

    assert tab.evaluate("removed") <= 1                   # the text of the counter


def test_what_was_typed_chosen_and_scrolled_before_the_join_stays(server: RunningServer, tab: Page) -> None:
    gate = Gate(tab)
    tab.goto(server.url + "/page")
    gate.wait()
    tab.locator("#area").fill("area")
    tab.locator("#box").check()
    tab.locator("#choice").select_option("b")
    tab.locator("#field").press_sequentially("hello")
    tab.keyboard.press("ArrowLeft")
    tab.evaluate("scrollTo(0, 500)")

    gate.open()
    expect(tab.locator("#said")).to_have_text("hello|True|b|area")
    assert tab.evaluate("scrollY") >= 500                # more by what came in above
    tab.keyboard.type("!")
    tab.keyboard.press("Tab")

    expect(tab.locator("#said")).to_have_text("hell!o|True|b|area")
    expect(tab.locator("#field")).to_have_value("hell!o")


def test_a_click_before_the_join_counts(server: RunningServer, tab: Page) -> None:
    gate = Gate(tab)
    tab.goto(server.url + "/page")
    gate.wait()
    tab.locator("#button").click()
    tab.locator("#button").click()

    gate.open()

    expect(tab.locator("#count")).to_have_text("2")


def test_a_link_before_the_join_is_followed(server: RunningServer, tab: Page) -> None:
    gate = Gate(tab)
    tab.goto(server.url + "/page")
    gate.wait()
    tab.locator("#link").click()

    gate.open()

    expect(tab.locator("h1")).to_have_text("Other")


def test_where_no_websocket_opens_links_lead_to_pages(server: RunningServer, tab: Page) -> None:
    tab.add_init_script("window.WebSocket = class { constructor() { setTimeout(() => this.onclose({code: 1006})); } close() {} };")
    tab.goto(server.url + "/page")

    tab.locator("#link").click()

    expect(tab.locator("h1")).to_have_text("Other")
    assert tab.url == server.url + "/other"


def test_a_click_where_no_websocket_opens_yet_counts_when_one_does(server: RunningServer, tab: Page) -> None:
    tab.add_init_script("""
        const Real = WebSocket;
        window.tries = 0;
        window.isOnline = false;
        window.WebSocket = function Socket(url) {
          tries++;
          if (isOnline) return new Real(url);
          setTimeout(() => this.onclose?.({code: 1006}));
          this.close = () => {};
        };
    """)
    tab.goto(server.url + "/page")
    tab.locator("#button").click()
    tab.wait_for_function("tries > 1")
    tab.locator("#button").click()

    tab.evaluate("window.isOnline = true")

    expect(tab.locator("#count")).to_have_text("2")


def test_without_scripts_a_page_can_be_read_and_links_lead_on(server: RunningServer, plain: Page) -> None:
    plain.goto(server.url + "/page")
    expect(plain.locator("#raw")).to_have_text("raw")

    plain.locator("#link").click()

    expect(plain.locator("h1")).to_have_text("Other")
    expect(plain.locator("noscript")).to_have_count(0)


def test_without_scripts_a_form_is_answered(server: RunningServer, plain: Page) -> None:
    plain.goto(server.url + "/form")
    plain.locator("#name").fill("Zoë & co")

    plain.get_by_text("send").click()

    expect(plain.locator("h1")).to_have_text("Hello Zoë & co")


def test_with_scripts_the_same_form_is_answered_in_the_window(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/form")
    tab.wait_for_function("Lona.page.connection.state === 'open' && Lona.window.state === 'shown'")
    tab.evaluate("window.mark = 1")
    tab.locator("#name").fill("Zoë")

    tab.get_by_text("send").click()

    expect(tab.locator("h1")).to_have_text("Hello Zoë")
    assert tab.evaluate("window.mark") == 1


def test_errors_and_redirects_are_those_of_http(server: RunningServer, tab: Page) -> None:
    missing = tab.goto(server.url + "/missing")
    assert missing is not None and missing.status == 404
    expect(tab.locator("h1")).to_have_text("404 Not Found")

    sent_on = tab.goto(server.url + "/redirect")

    assert sent_on is not None and sent_on.status == 200
    assert tab.url == server.url + "/other"


def test_what_takes_long_comes_later(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/late")

    expect(tab.locator("h1")).to_have_text("Late")


def test_questions_to_the_browser_wait_for_it(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/ask")

    expect(tab.locator("h1")).to_have_text("None 2")


def test_a_page_that_is_fetched_ahead_starts_no_view(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/other")
    before = int(server.get("/counted"))
    with tab.expect_response("**/page") as ahead:
        tab.evaluate("document.head.append(Object.assign(document.createElement('link'), {rel: 'prefetch', href: '/page'}))")
    text = ahead.value.text()
    between = int(server.get("/counted"))

    tab.goto(server.url + "/page")
    tab.locator("#button").click()

    expect(tab.locator("#count")).to_have_text("1")
    assert '"join"' not in text
    assert (between, int(server.get("/counted"))) == (before, before + 1)


def test_back_after_leaving_the_page_starts_the_view_anew(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/page")
    tab.locator("#button").click()
    expect(tab.locator("#count")).to_have_text("1")
    tab.goto("about:blank")

    tab.go_back()
    tab.locator("#button").click()

    expect(tab.locator("#count")).to_have_text("1")


def test_a_page_that_is_loaded_again_is_where_its_user_was(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/page")
    tab.wait_for_function("Lona.window.state === 'shown'")
    tab.evaluate("new Promise((done) => { addEventListener('scrollend', done); scrollTo(0, 1200); })")

    tab.reload()
    tab.wait_for_function("Lona.window?.state === 'shown'")

    assert tab.evaluate("scrollY") == 1200


def test_a_module_that_comes_late_does_not_break_the_join(server: RunningServer, tab: Page) -> None:
    held: list[Route] = []
    tab.route("**/painted.js", lambda route: held.append(route))
    tab.goto(server.url + "/page", wait_until="commit")
    tab.wait_for_function("window.Lona?.page?.connection.state === 'open'")

    for route in held:
        route.continue_()
    tab.locator("#button").click()

    expect(tab.locator("#count")).to_have_text("1")


@pytest.mark.parametrize("module", ["lona.js", "window.js", "painted.js"])
def test_what_is_done_before_the_scripts_are_there_is_heard_once_and_in_order(
    server: RunningServer, tab: Page, module: str,
) -> None:
    delay = Delay(tab, f"**/{module}")
    tab.goto(server.url + "/early", wait_until="commit")
    tab.locator("#one").click()
    tab.locator("#field").press_sequentially("hello")
    tab.keyboard.press("Escape")
    tab.locator("#toppings").select_option("salt")
    tab.locator("#two").click()
    tab.locator("#name").fill("Ada")
    tab.get_by_text("send").click()
    tab.locator("#two").click()

    delay.end()

    expect(tab.locator("#heard")).to_have_text("input=hello select=('salt',) one key=Escape two name=Ada two")
    tab.locator("#one").click()
    expect(tab.locator("#heard")).to_have_text("input=hello select=('salt',) one key=Escape two name=Ada two one")
    assert tab.url == server.url + "/early"


@pytest.mark.parametrize("module", ["lona.js", "painted.js"])
def test_a_link_before_the_scripts_are_there_is_followed_in_the_window(server: RunningServer, tab: Page, module: str) -> None:
    delay = Delay(tab, f"**/{module}")
    tab.goto(server.url + "/page", wait_until="commit")
    tab.locator("#link").click()
    tab.evaluate("window.mark = 1")

    delay.end()

    expect(tab.locator("h1")).to_have_text("Other")
    assert tab.evaluate("window.mark") == 1


@pytest.mark.parametrize("module", ["lona.js", "window.js", "painted.js"])
def test_without_the_client_links_lead_to_pages(server: RunningServer, tab: Page, module: str) -> None:
    tab.route(f"**/{module}*", lambda route: route.abort())
    tab.goto(server.url + "/page", wait_until="commit")

    tab.locator("#link").click()

    expect(tab.locator("h1")).to_have_text("Other")
    assert tab.url == server.url + "/other"


@pytest.mark.parametrize("module", ["lona.js", "window.js", "painted.js"])
def test_without_the_client_forms_are_answered(server: RunningServer, tab: Page, module: str) -> None:
    delay = Delay(tab, f"**/{module}*")
    tab.goto(server.url + "/form", wait_until="commit")
    tab.locator("#name").fill("Zoë")
    tab.get_by_text("send").click()

    delay.fail()

    expect(tab.locator("h1")).to_have_text("Hello Zoë")


def test_a_page_without_the_clients_scripts_is_plain_html(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/bare")

    tab.locator("#link").click()

    expect(tab.locator("h1")).to_have_text("Other")


def test_a_page_that_begins_late_by_itself_hears_what_was_done_before(server: RunningServer, tab: Page) -> None:
    delay = Delay(tab, "**/context.js")
    tab.goto(server.url + "/by-hand", wait_until="commit")
    tab.locator("#one").click()

    delay.end()
    tab.locator("#two").click()

    expect(tab.locator("#heard")).to_have_text("one two")


def test_without_early_js_a_page_joins_its_view(server: RunningServer, tab: Page) -> None:
    tab.route("**/early.js", lambda route: route.abort())
    tab.goto(server.url + "/early")
    tab.evaluate("window.before = document.querySelector('#one')")

    tab.wait_for_function("Lona.window?.state === 'shown'")
    tab.locator("#one").click()

    expect(tab.locator("#heard")).to_have_text("one")
    assert tab.evaluate("before.isConnected")


@pytest.mark.parametrize("width", [1200, 390])
def test_the_painted_page_looks_as_the_joined_one(server: RunningServer, tab: Page, width: int, tmp_path: Path) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    gate = Gate(tab)
    tab.goto(server.url + "/page")
    gate.wait()
    before = tab.screenshot(path=tmp_path / f"painted-{width}.png")

    gate.open()
    tab.wait_for_function("Lona.window.state === 'shown'")

    assert tab.screenshot(path=tmp_path / f"joined-{width}.png") == before
