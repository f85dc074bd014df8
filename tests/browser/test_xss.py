"""Nothing that an attacker gives to nodes is run by a real browser: when it is shown, clicked, focused, or pointed at."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Dialog, Error, Page, expect

from lona_sync.html import TreeNode, render
from tests.browser.servers import RunningServer
from tests.html.xss import IMG, TEXTS, cases

APP = "tests.browser.apps.xss"
SERVED_BY = "gunicorn"

pytestmark = pytest.mark.browser

# Links to `stays` are not followed: what comes there runs no script of his, and this page would be gone.
PROVOKE = """async (stays) => {
  const stay = (event, address) => {
    if (!URL.canParse(address, document.baseURI) || !new RegExp(stays).test(new URL(address, document.baseURI).protocol)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener('click', (event) => {
    const link = event.target.closest('a, area');
    if (link) stay(event, link.getAttribute('href') ?? link.getAttribute('xlink:href') ?? '');
  }, true);
  addEventListener('submit', (event) => {
    stay(event, event.submitter?.getAttribute('formaction') ?? event.target.getAttribute('action') ?? '');
  }, true);
  const seconds = (number) => new Promise((done) => setTimeout(done, number * 1000));
  const loaded = (image) => new Promise((done) => {
    if (image.complete) done();
    for (const type of ['load', 'error']) image.addEventListener(type, done);
  });
  await Promise.race([Promise.all([...document.images].map(loaded)), seconds(5)]);
  const everything = [...document.querySelectorAll('*')];
  for (const element of everything) {
    for (const type of ['mouseover', 'mouseenter', 'mousedown']) element.dispatchEvent(new MouseEvent(type, {bubbles: true}));
    element.focus?.();
  }
  for (const element of everything.filter((element) => element.matches('a, area, button, input, summary, label, text'))) {
    element.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
  }
  for (let n = 0; n < 2; n++) await Promise.race([new Promise(requestAnimationFrame), seconds(5)]);
  await fetch('/there-is-no-such-page', {signal: AbortSignal.timeout(5000)}).catch(() => {});
  window.provoked = true;
}"""
HTTP, ALL_BUT_SCRIPTS = "^http", "^(?!javascript)"


class Tripwire:
    """Notes what scripts of an attacker do in any frame: they call `tripped()`, or open a dialog."""

    def __init__(self, context: BrowserContext) -> None:
        self.tripped: list[str] = []
        self._context = context
        context.expose_binding("tripped", lambda source, *_: self.tripped.append(f"a call in {source['frame'].url}"))
        self.page = self.open()

    def open(self) -> Page:
        page = self._context.new_page()
        page.on("dialog", self._dialog)
        return page

    def provoke(self, stays: str = HTTP) -> None:
        """Do all that a user can do. Returns when that has had its effect, or has led away."""
        # Not waited for: nothing would come back from a page that was left meanwhile.
        self.page.evaluate(f"(stays) => {{ ({PROVOKE})(stays); }}", stays)
        try:
            self.page.wait_for_function("() => window.provoked", timeout=5_000)
        except Error:
            assert self.page.url.startswith(("about:blank", "chrome-error:")), self.page.url

    def _dialog(self, dialog: Dialog) -> None:
        self.tripped.append(f"a dialog: {dialog}")
        dialog.dismiss()


@pytest.fixture
def wire(visitor: Callable[[], BrowserContext]) -> Tripwire:
    return Tripwire(visitor())


@pytest.mark.parametrize("control", ["load", "script", "click", "focus", "hover", "frame"])
@pytest.mark.parametrize("way", ["page", "socket", "later"])
def test_the_tripwire_trips(server: RunningServer, wire: Tripwire, way: str, control: str) -> None:
    wire.page.goto(f"{server.url}/{way}/{control}")
    if way == "later":
        wire.page.locator("#show").click()
    wire.page.locator("#ready").wait_for()

    wire.provoke()

    assert wire.tripped


@pytest.mark.parametrize("way", ["socket", "later"])
def test_nothing_runs_that_is_shown_over_the_socket(server: RunningServer, wire: Tripwire, way: str) -> None:
    wire.page.goto(f"{server.url}/{way}/all")
    if way == "later":
        wire.page.locator("#show").click()
    wire.page.locator("#ready").wait_for()

    wire.provoke(ALL_BUT_SCRIPTS)

    assert not wire.tripped


def test_nothing_runs_that_is_part_of_a_page_nor_where_links_lead(server: RunningServer, wire: Tripwire) -> None:
    tripped = {}

    for number, case in enumerate(cases()):
        if case.refused or _is_refused_when_rendered(case.build):
            continue
        for way in ("page", "socket") if case.name.startswith("address") else ("page",):
            if case.name.startswith("address"):
                wire.page.close()                               # it may be on its way to somewhere
                wire.page = wire.open()
            wire.page.goto(f"{server.url}/{way}/{number}")
            wire.provoke()
            if wire.tripped:
                tripped[way, case.name] = wire.tripped[:]
                wire.tripped.clear()

    assert not tripped


def test_titles_are_text(server: RunningServer, wire: Tripwire) -> None:
    wire.page.goto(f"{server.url}/title")
    wire.page.locator("#ready").wait_for()

    wire.provoke()

    assert not wire.tripped and wire.page.title().startswith("</title><script>")


@pytest.mark.parametrize("how", ["view", "page"])
def test_a_redirect_to_a_script_goes_nowhere(server: RunningServer, wire: Tripwire, how: str) -> None:
    wire.page.goto(f"{server.url}/redirect/{how}")

    expect(wire.page.locator("#ready")).to_contain_text("a redirect leads to no script")
    assert not wire.tripped


def test_messages_of_channels_are_text(server: RunningServer, wire: Tripwire) -> None:
    wire.page.goto(f"{server.url}/channel")
    wire.page.locator("#send").click()
    wire.page.locator("#ready").wait_for()

    wire.provoke()

    assert not wire.tripped and wire.page.locator("p").count() == len(TEXTS) + 1
    expect(wire.page.locator("p").nth(1)).to_have_text(IMG)


def test_what_a_user_types_and_what_stands_in_the_address_is_text(server: RunningServer, wire: Tripwire) -> None:
    wire.page.goto(f"{server.url}/echo?q=%22%3E%3Cimg%20src%3Dx%20onerror%3Dtripped(1)%3E")
    wire.page.locator("#ready").fill(f'">{IMG}')

    expect(wire.page.locator("#said p")).to_have_text(f'">{IMG}')
    wire.provoke()

    assert not wire.tripped


@pytest.mark.parametrize("path", ["/%3Cimg%20src=x%20onerror=tripped(1)%3E", "/page/%22%3E%3Cscript%3Etripped(1)%3C/script%3E/x"])
def test_pages_of_errors_show_the_address_as_text(server: RunningServer, wire: Tripwire, path: str) -> None:
    wire.page.goto(server.url + path)

    wire.provoke()

    assert not wire.tripped


def _is_refused_when_rendered(build: Callable[[], TreeNode]) -> bool:
    try:
        render(build())
    except ValueError:
        return True
    return False
