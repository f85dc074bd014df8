"""The live server of the pytest plugin, as users have it: an application of the test, and a browser that is driven from it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from lona_sync import App, View
from lona_sync.html import HTML, Button, P
from lona_sync.testing import LiveServer, eventually

DOCS = Path(__file__).parents[2] / "docs"


def test_a_browser_clicks_in_an_application_of_the_test(
    lona_live_server: Callable[[App], LiveServer], visitor: Callable[[], BrowserContext],
) -> None:
    app = App(__file__)

    @app.route("/")
    class Counter(View):
        def handle_request(self, request: object) -> None:
            text, button = P("0"), Button("+1")
            self.show(HTML(text, button))
            for number in range(1, 100):
                self.await_click(button)
                text.set_text(number)
                self.show()

    server = lona_live_server(app)
    page = visitor().new_page()
    page.goto(server.url)
    for _ in range(3):
        page.get_by_role("button").click()

    expect(page.locator("p")).to_have_text("3")
    assert [view.state for view in server.call(app.views)] == ["waiting"]
    page.close()
    for attempt in eventually():
        with attempt:
            assert server.call(app.views) == []


def test_the_test_of_the_page_on_testing_passes(
    lona_live_server: Callable[[App], LiveServer], visitor: Callable[[], BrowserContext], monkeypatch: pytest.MonkeyPatch,
) -> None:
    program, *tests = re.findall(r"```python\n(.*?)```", (DOCS / "testing.md").read_text(), re.DOTALL)
    shop = ModuleType("shop")
    shop.__file__ = str(DOCS / "shop.py")
    exec(compile(program, "testing.md", "exec"), shop.__dict__)
    monkeypatch.setitem(sys.modules, "shop", shop)
    names: dict[str, Any] = {"expect": expect}
    for test in tests:
        exec(compile(test, "testing.md", "exec"), names)

    names["test_in_a_browser"](lona_live_server, visitor().new_page())
