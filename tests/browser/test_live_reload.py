"""Pages follow the source: they come back with what they had, take new style sheets, and show why a program does not start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.cluster.processes import Process, free_port, process

SHOP = """
from lona_sync import App, View
from lona_sync.html import HTML, H1, Button, P
from lona_sync.static_files import StyleSheet

app = App(__file__)
app.settings.TEMPLATE_DIRS = ["templates"]

@app.route("/")
class Home(View):
    STATIC_FILES = [StyleSheet("shop", "shop.css")]

    def handle_request(self, request):
        number = (request.restored or {}).get("number", 0)
        text, button = P(number), Button("more")
        self.show(HTML(H1("ONE"), text, button))
        while True:
            self.await_click(button)
            number += 1
            self.state_to_keep = {"number": number}
            text.set_text(number)
            self.show()
"""


class Shop:
    """The program, and a page that shows it."""

    def __init__(self, folder: Path, running: Process, page: Page) -> None:
        self.folder = folder
        self.running = running
        self.page = page

    def edit(self, old: str, new: str, name: str = "shop.py") -> None:
        path = self.folder / name
        path.write_text(path.read_text().replace(old, new))

    def mark(self) -> None:
        """A mark that a page loses when it is loaded again."""
        self.page.evaluate("window.mark = 1")

    @property
    def was_loaded_again(self) -> bool:
        return not self.page.evaluate("window.mark")


@pytest.fixture
def shop(tmp_path: Path, visitor: Callable[[], BrowserContext]) -> Iterator[Shop]:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "hint.html").write_text("")
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "shop.css").write_text("h1 { color: rgb(1, 2, 3) }")
    port = free_port()
    command = "-m", "lona_sync", "run", "--live-reload", "--host=127.0.0.1", f"--port={port}", "shop.py"
    with process(tmp_path, *command) as running:
        running.wait_for_port(port)
        page = visitor().new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("#lona h1")).to_have_text("ONE")
        yield Shop(tmp_path, running, page)


def test_a_view_goes_on_in_the_changed_program_with_what_it_kept(shop: Shop):
    shop.page.click("button")
    shop.page.click("button")
    expect(shop.page.locator("p")).to_have_text("2")
    shop.mark()

    shop.edit("ONE", "TWO")

    expect(shop.page.locator("#lona h1")).to_have_text("TWO")
    expect(shop.page.locator("p")).to_have_text("2")
    assert not shop.was_loaded_again


def test_a_style_sheet_is_taken_without_anything_else(shop: Shop):
    shop.page.click("button")
    expect(shop.page.locator("p")).to_have_text("1")
    shop.mark()

    shop.edit("1, 2, 3", "4, 5, 6", "shop.css")

    expect(shop.page.locator("#lona h1")).to_have_css("color", "rgb(4, 5, 6)")
    expect(shop.page.locator("p")).to_have_text("1")
    expect(shop.page.locator("link[href*=shop]")).to_have_count(1)
    assert not shop.was_loaded_again


def test_a_template_makes_the_page_load_itself_again(shop: Shop):
    shop.mark()

    (shop.folder / "templates" / "hint.html").write_text("<p>")

    shop.page.wait_for_function("!window.mark")
    expect(shop.page.locator("#lona h1")).to_have_text("ONE")


def test_what_keeps_the_program_from_starting_is_shown_until_it_is_mended(shop: Shop):
    shop.page.click("button")
    expect(shop.page.locator("p")).to_have_text("1")
    shop.mark()

    shop.edit("ONE", "TWO\"")
    overlay = shop.page.locator("#lona-live-reload")
    expect(overlay).to_contain_text("SyntaxError: unterminated string literal")
    expect(overlay).to_contain_text("shop.py\", line")
    shop.edit("TWO\"", "THREE")

    expect(shop.page.locator("#lona h1")).to_have_text("THREE")
    expect(overlay).to_have_count(0)
    expect(shop.page.locator("p")).to_have_text("1")
    assert not shop.was_loaded_again


def test_who_comes_while_it_is_broken_gets_the_program_when_it_is_mended(shop: Shop):
    shop.edit("ONE", "<TWO>\"")
    expect(shop.page.locator("#lona-live-reload")).to_be_visible()

    shop.page.goto(shop.page.url)
    expect(shop.page.locator("pre")).to_contain_text("<TWO>")
    shop.edit("<TWO>\"", "THREE")

    expect(shop.page.locator("#lona h1")).to_have_text("THREE")
