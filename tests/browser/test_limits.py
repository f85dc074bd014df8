"""What the user of a page sees of limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.servers import serving

TEXT = "Too many of your pages are open, trying again…"


@pytest.mark.parametrize("width", [1200, 390])
def test_who_has_too_many_pages_open_reads_it_and_gets_the_page_when_one_is_closed(
    width: int, visitor: Callable[[], BrowserContext], tmp_path: Path,
) -> None:
    with serving("run", "tests.browser.apps.limits", tmp_path / "log") as server:
        context = visitor()
        first, second = context.new_page(), context.new_page()
        second.set_viewport_size({"width": width, "height": 600})
        first.goto(server.url)
        expect(first.locator("h1")).to_have_text("Orders")

        second.goto(server.url)
        bar = second.locator("[role=status]")
        expect(bar).to_have_text(TEXT)
        box = bar.bounding_box()
        first.close()
        expect(second.locator("h1")).to_have_text("Orders")

        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
        expect(bar).to_be_empty()
        context.close()
