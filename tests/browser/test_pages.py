"""Pages in a real browser: their look on screens and phones, several windows, parts of the application's own, and tracebacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.proxy import Proxy
from tests.browser.servers import RunningServer, serving

APP = "tests.browser.apps.pages"
SIZES = [(1200, 900), (390, 844)]
Visitor = Callable[[], BrowserContext]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving("run", APP, tmp_path_factory.mktemp("pages") / "log") as server:
        yield server


@pytest.fixture
def own_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RunningServer]:
    monkeypatch.setenv("OWN_PARTS", "1")
    with serving("run", APP, tmp_path / "log") as server:
        yield server


@pytest.fixture
def debugging(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RunningServer]:
    monkeypatch.setenv("DEBUG_PAGES", "1")
    with serving("run", APP, tmp_path / "log") as server:
        yield server


@pytest.fixture(params=SIZES, ids=["screen", "phone"])
def tab(request: pytest.FixtureRequest, browser: Browser, server: RunningServer) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=server.url)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", ["/", "/dialog", "/nowhere", "/members"])
def test_nothing_is_wider_than_the_page(tab: Page, path: str):
    tab.goto(path)
    tab.locator("h1").wait_for()

    width, inside = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")

    assert width <= inside


def test_what_can_be_used_is_large_enough_for_a_finger(tab: Page):
    tab.goto("/")
    tab.locator("h1").wait_for()

    heights = tab.evaluate("""[...document.querySelectorAll(
      'button, select, input:not([type=checkbox], [type=radio], [type=range])')].map((element) => element.offsetHeight)""")

    assert len(heights) >= 7
    assert min(heights) >= 38


def contrast(tab: Page, selector: str) -> float:
    """Of its text against the page, as WCAG counts it."""
    return tab.evaluate("""(selector) => {
      const numbers = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
      const linear = (part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
      const light = (colour) => {
        const [r, g, b] = numbers(colour).map((part) => linear(part / 255));
        return .2126 * r + .7152 * g + .0722 * b;
      };
      const style = (element) => getComputedStyle(element);
      const element = document.querySelector(selector);
      let behind = element;
      while (style(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
      const [second, first] = [style(element).color, style(behind).backgroundColor].map(light).sort((a, b) => a - b);
      return (first + .05) / (second + .05);
    }""", selector)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("selector", [
    "h1", "a", "button[type=submit]", "button:not([type])", ".lona-error", "blockquote", "code", "th",
])
def test_text_can_be_read_in_the_light_and_in_the_dark(visitor: Visitor, server: RunningServer, scheme: str, selector: str):
    tab = visitor().new_page()
    tab.emulate_media(color_scheme=scheme)
    tab.goto(server.url)
    tab.locator("h1").wait_for()

    assert contrast(tab, selector) >= 4.5


def test_what_has_the_focus_is_seen(visitor: Visitor, server: RunningServer):
    tab = visitor().new_page()
    tab.goto(server.url)
    tab.locator("h1").wait_for()

    tab.keyboard.press("Tab")

    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_any_rule_of_the_applications_beats_the_look(visitor: Visitor, server: RunningServer):
    tab = visitor().new_page()
    tab.goto(server.url)
    tab.locator("h1").wait_for()

    tab.add_style_tag(content="button { background: rgb(1, 2, 3) } * { max-width: none }")

    assert tab.evaluate("getComputedStyle(document.querySelector('button[type=submit]')).backgroundColor") == "rgb(1, 2, 3)"
    assert tab.evaluate("getComputedStyle(document.body).maxWidth") == "none"


def test_the_style_sheet_is_kept(visitor: Visitor, server: RunningServer):
    tab = visitor().new_page()
    tab.goto(server.url)

    with tab.expect_response(re.compile("/lona/style")) as found:
        tab.reload()

    assert found.value.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_two_windows_on_one_page_show_two_views(visitor: Visitor, server: RunningServer):
    tab = visitor().new_page()
    tab.goto(f"{server.url}/two")

    tab.locator("#second button").click()
    tab.locator("#second button").click()
    tab.locator("#first button").click()

    expect(tab.locator("#first .count")).to_have_text("1")
    expect(tab.locator("#second .count")).to_have_text("2")


def test_a_page_by_hand_starts_the_client_as_with_the_reference(visitor: Visitor, server: RunningServer):
    tab = visitor().new_page()
    tab.goto(f"{server.url}/by-hand")

    tab.locator("#here button").click()

    expect(tab.locator("#here .count")).to_have_text("1")
    expect(tab).to_have_title("By hand")


def test_links_and_forms_of_a_template_lead_to_views_and_its_scripts_do_not_run(visitor: Visitor, server: RunningServer):
    tab = visitor().new_page()
    tab.goto(f"{server.url}/template")
    expect(tab.locator("h1")).to_have_text("<nobody>")
    tab.wait_for_function("Lona.page")
    tab.evaluate("window.samePage = true")

    tab.locator("[name=name]").fill("<b>Ada</b>")
    tab.locator("button").click()
    expect(tab.locator("h1")).to_have_text("<b>Ada</b>")
    tab.locator("a").click()

    expect(tab.locator(".count")).to_have_text("0")
    assert tab.evaluate("[window.samePage, window.hasRun]") == [True, None]


def test_who_was_refused_logs_in_where_he_is(visitor: Visitor, server: RunningServer):
    tab = visitor().new_page()
    tab.goto(f"{server.url}/members")
    expect(tab.locator("h1")).to_have_text("members only")

    tab.locator("button").click()

    expect(tab.locator("h1")).to_have_text("Welcome")


def test_parts_of_the_page_are_the_applications_own(visitor: Visitor, own_parts: RunningServer):
    tab = visitor().new_page()
    tab.goto(f"{own_parts.url}/counter")
    tab.locator("button").click()
    expect(tab.locator(".count")).to_have_text("1")
    expect(tab.locator("header")).to_have_text("A header")
    expect(tab.locator("body")).to_have_attribute("data-by", "LonaContext")
    expect(tab.locator("#gone")).to_be_hidden()



def test_messages_about_the_connection_are_the_applications_own(visitor: Visitor, own_parts: RunningServer):
    proxy = Proxy(int(own_parts.url.rpartition(":")[2]))
    tab = visitor().new_page()
    tab.goto(f"{proxy.url}/counter")
    tab.locator("button").click()
    expect(tab.locator(".count")).to_have_text("1")
    expect(tab.locator("#gone, #waits").first).to_be_hidden()

    proxy.cut()
    tab.locator("button").click()
    expect(tab.locator("#gone")).to_be_visible()
    expect(tab.locator("#waits")).to_be_visible()
    expect(tab.locator("[role=status]")).to_be_empty()
    proxy.mend()

    expect(tab.locator(".count")).to_have_text("2")
    expect(tab.locator("#gone")).to_be_hidden()
    expect(tab.locator("#waits")).to_be_hidden()
    proxy.close()


def test_a_crash_shows_a_traceback_whose_console_wants_the_pin(visitor: Visitor, debugging: RunningServer):
    tab = visitor().new_page()
    tab.goto(f"{debugging.url}/crash")
    tab.locator("button").click()
    frame = tab.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("ZeroDivisionError")

    last = frame.locator(".frame").last
    last.hover()
    last.locator("pre.current img").click(force=True)
    [pin] = re.findall(r"the PIN of the consoles in the traceback is ([\d-]+)", debugging.log.read_text())
    frame.locator("input[name=pin]").fill(pin)
    frame.locator("input[name=btn]").click()
    prompt = frame.locator(".console input")
    prompt.fill("guests + 37")
    prompt.press("Enter")

    expect(frame.locator(".console .output")).to_contain_text("42")
