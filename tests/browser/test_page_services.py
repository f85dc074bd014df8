"""What a view asks of a page: notices, JavaScript, raw messages. Under a policy that lets nothing else run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.servers import RunningServer

APP = "tests.browser.apps.strict"


@pytest.fixture
def tab(visitor: Callable[[], BrowserContext]) -> Iterator[Page]:
    """A page in which no script may fail, and that breaks no policy."""
    tab = visitor().new_page()
    failures: list[str] = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.on("console", lambda message: failures.append(message.text) if message.type == "error" else None)
    yield tab
    assert failures == []


def wait_for(tab: Page, expression: str) -> None:
    """Not `page.wait_for_function`: it evaluates a string in the page, which the policy forbids."""
    deadline = time.monotonic() + 20
    while not tab.evaluate(expression):
        assert time.monotonic() < deadline, f"{expression} did not come true within 20 seconds"
        tab.wait_for_timeout(20)


def show(tab: Page, url: str) -> None:
    tab.goto(url)
    wait_for(tab, "window.Lona?.window?.state === 'shown'")


@pytest.mark.parametrize("width", [1200, 390])
def test_a_notice_is_shown_said_and_goes(server: RunningServer, tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 600})
    show(tab, server.url + "/notices")

    tab.locator("#info").click()
    notice = tab.locator(".lona-notice-success")
    expect(tab.get_by_role("status").filter(has_text="Saved <b>all</b>")).to_have_count(1)
    box = notice.bounding_box()

    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
    expect(notice).to_have_count(0)


def test_an_error_stays_until_it_is_closed(server: RunningServer, tab: Page) -> None:
    show(tab, server.url + "/notices")
    tab.locator("#error").click()
    notice = tab.get_by_role("alert").filter(has_text="This has failed")
    expect(notice).to_be_visible()

    notice.get_by_role("button", name="Close").click()

    expect(tab.locator(".lona-notice")).to_have_count(0)


def test_of_many_notices_the_oldest_give_way(server: RunningServer, tab: Page) -> None:
    show(tab, server.url + "/notices")

    tab.locator("#many").click()

    expect(tab.locator(".lona-notice")).to_contain_text([f"number {number}" for number in range(3, 8)])


@pytest.mark.parametrize(("code", "said"), [
    ("return args[0] + args[1]", "3"),
    ("return await new Promise((done) => setTimeout(done, 10, {a: [null]}))", "{'a': [None]}"),
    ("window.x = 1", "None"),
    ("throw new TypeError('no')", "BrowserCallError: TypeError: no"),
    ("return 1 +", "BrowserCallError: SyntaxError: "),
    ("return document.body", "BrowserCallError: "),
    ("}); ({", "BrowserCallError: "),
    ("return '</script>' // a comment at the end", "'</script>'"),
], ids=["args", "promise", "nothing", "throws", "syntax", "not-json", "unbalanced", "comment"])
def test_code_runs_by_the_nonce_of_the_page(server: RunningServer, tab: Page, code: str, said: str) -> None:
    show(tab, server.url + "/scripts")
    tab.locator("#code").fill(code)

    tab.locator("#run").click()

    expect(tab.locator("#said")).to_contain_text(said)
    assert tab.evaluate("document.head.querySelectorAll('script:not([src]):not([type])').length") == 0


def test_a_dialog_that_is_closed_by_escape_is_told(server: RunningServer, tab: Page) -> None:
    show(tab, server.url + "/dialog")
    tab.locator("#open").click()
    expect(tab.locator("#said")).to_have_text("open")
    expect(tab.get_by_text("inside")).to_be_visible()

    tab.keyboard.press("Escape")

    expect(tab.locator("#said")).to_have_text("closed")


def test_raw_messages_come_and_go(server: RunningServer, tab: Page) -> None:
    show(tab, server.url + "/raw")
    tab.evaluate("""async () => {
        const {LonaContext, Lona} = await import('/_lona_sync/client/latest/api.js');
        window.heard = [];
        lona_context.add_message_handler((context, text) => {
            heard.push(['first', context === lona_context, text]);
            return text !== 'hello';
        });
        lona_context.add_message_handler((context, text) => heard.push(['second', text]));
        window.isSame = Lona === window.Lona && lona_context instanceof LonaContext;
    }""")

    tab.locator("#say").click()
    wait_for(tab, "heard.length === 1")
    sent = tab.evaluate("lona_context.send({a: 1})")
    wait_for(tab, "heard.length === 3")

    assert sent is True
    assert tab.evaluate("heard") == [["first", True, "hello"], ["first", True, 'heard {"a":1}'], ["second", 'heard {"a":1}']]
    assert tab.evaluate("isSame") is True


def test_the_client_is_there_once_however_it_is_imported(server: RunningServer, tab: Page) -> None:
    show(tab, server.url + "/raw")

    sockets = tab.evaluate("""async () => {
        await import('/_lona_sync/client/latest/api.js');
        await import('/_lona_sync/client/latest/lona.js').catch(() => 0);
        return performance.getEntriesByType('resource').filter(({name}) => /window\\.js/.test(name)).length;
    }""")

    assert sockets == 1


def test_a_page_of_ones_own_joins_the_view_that_was_started_for_it(server: RunningServer, tab: Page) -> None:
    tab.goto(server.url + "/own")

    expect(tab.locator("#lona h1")).to_have_text("own 1")
    wait_for(tab, "window.lona_context?.get_default_window().state === 'shown'")

    expect(tab.locator("#lona h1")).to_have_text("own 1")
