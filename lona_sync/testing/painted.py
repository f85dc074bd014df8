"""A page as the server paints it, before any script has run: for tests of what crawlers, and people without scripts, see."""

from __future__ import annotations

import json
import re

from werkzeug.test import TestResponse

from .dom import ModelDOM
from .elements import ModelElement

_CONFIG = re.compile(r'<script type="application/json" id="lona-sync">(.*?)</script>', re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


class Painted:
    """`response` is werkzeug's. `join` is None when the page has to ask for its view."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        text = response.get_data(as_text=True)
        config = _CONFIG.search(text)
        told = json.loads(config[1]) if config else {}
        self.join: tuple[str, str] | None = tuple(told["join"]) if "join" in told else None
        title = _TITLE.search(text)
        self.dom = ModelDOM()
        self.dom.apply_snapshot(1, ["html"], [1, {"@html": text}, 0], title[1] if title else None)

    def text(self, selector: str = "#lona") -> str:
        """The text of the view in it, or of the first element that the CSS selector matches."""
        return self.dom.text(selector)

    def find(self, selector: str) -> ModelElement:
        """The first element that the CSS selector matches. Raises `LookupError`, which shows what there is."""
        return self.dom.find(selector)

    def find_all(self, selector: str) -> list[ModelElement]:
        """All elements that the CSS selector matches, in document order."""
        return self.dom.find_all(selector)
