"""The HTML pages: what the templates get, and what they make of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from lona_sync.html import H1, Div
from lona_sync.server.page import Page, Pages
from lona_sync.server.static import LinkedFile
from lona_sync.server.templating import Templates
from lona_sync.settings import Settings


class Browser:
    version = "0123"

    def __init__(self) -> None:
        self.names = ["lona.js", "window.js"]


class Files:
    def stylesheets(self, base: str) -> list[LinkedFile]:
        return [LinkedFile("style", f"{base}/static/a.css")]

    def scripts(self, base: str) -> list[LinkedFile]:
        return [LinkedFile("script", f"{base}/static/a.js"), LinkedFile("module", f"{base}/static/b.js", True)]


def pages(**settings: Any) -> Pages:
    return Pages(settings=Settings(settings), templates=Templates([]), client=Browser(), static=Files())


def config(html: str) -> Mapping[str, Any]:
    [text] = re.findall(r'<script type="application/json" id="lona-sync">(.*?)</script>', html)
    return json.loads(text)


def test_the_first_paint_stands_where_the_view_will_be():
    html = pages().frontend(Page(body=Markup(str(Div(H1("a < b"))))))

    assert '<div id="lona"><div><h1>a &lt; b</h1></div></div>' in html
    assert "noscript" not in html


def test_a_page_without_a_first_paint_says_that_it_needs_scripts():
    html = pages().frontend(Page())

    assert "<noscript>" in html


def test_the_client_is_told_what_the_page_adds():
    html = pages(TITLE="x").frontend(Page(base="/tools", config={"join": ["view", "</script>"]}))

    assert config(html) == {
        "socket": "/tools/_lona_sync/socket", "target": "#lona", "title": "x", "join": ["view", "</script>"],
    }


def test_each_script_and_style_of_the_page_carries_the_nonce():
    html = pages().frontend(Page(nonce="abc"))

    tags = re.findall(r"<(?:script(?! type=.application/json)|style)[^>]*>", html)

    assert len(tags) >= 4
    assert all('nonce="abc"' in tag for tag in tags)


def test_without_a_nonce_nothing_speaks_of_it():
    assert "nonce" not in pages().frontend(Page())


def test_a_plain_page_brings_no_client():
    html = pages().plain("a < b", H1("x"))

    assert "<title>a &lt; b</title>" in html
    assert "<h1>x</h1>" in html
    assert "<script" not in html
