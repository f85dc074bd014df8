"""A server is replaced under a page that is in use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.servers import serving


def test_a_page_goes_on_in_the_next_process_with_all_that_was_done_and_typed(
    visitor: Callable[[], BrowserContext], tmp_path: Path,
) -> None:
    with serving("run", "tests.browser.apps.moving", tmp_path / "log") as server:
        tab = visitor().new_page()
        tab.goto(server.url)
        tab.locator("#add").click()
        tab.locator("li", has_text="b").get_by_role("button").click()
        expect(tab.locator("li")).to_have_count(2)
        tab.locator("[name=note]").press_sequentially("half a sente")
        tab.locator("[name=note]").evaluate("field => field.setSelectionRange(4, 6)")

        server.stop()
        tab.locator("#add").dispatch_event("click")                      # nobody is there, and the caret stays
        tab.locator("#add").dispatch_event("click")
        tab.locator("li", has_text="c").get_by_role("button").dispatch_event("click")
        server.start()

        expect(tab.locator("#added")).to_have_text("3")         # who has tried in vain waits up to ten seconds
        expect(tab.locator("li")).to_have_text(["a Delete"])
        field = tab.locator("[name=note]")
        expect(field).to_be_focused()
        expect(field).to_have_value("half a sente")
        assert field.evaluate("field => [field.selectionStart, field.selectionEnd]") == [4, 6]
        expect(tab.locator("[data-lona-pending]")).to_have_count(0)
        expect(tab.get_by_role("status")).to_have_text("")
    assert "Traceback" not in (tmp_path / "log").read_text()
