"""The HTML pages: the one that carries the client, and those without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Protocol
from urllib.parse import quote

from markupsafe import Markup

from ..html.node import Node
from ..settings import Settings
from .static import LinkedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page is made of besides its templates.

    `base`: where the application is mounted, '' or '/prefix'. `nonce`: the one of its Content-Security-Policy; '': it needs none.
    `body`: what stands in `#lona` before the client has begun. `config`: what the client is told beside what every page tells it.
    """
    base: str = ""
    nonce: str = ""
    body: Markup = field(default_factory=Markup)
    config: Mapping[str, Any] = field(default_factory=dict)              # Any: JSON


class Client(Protocol):
    """The browser's side, as a page has to name it."""

    version: str

    @property
    def names(self) -> list[str]: ...


class Static(Protocol):
    """What the application's classes bring along for every page."""

    def stylesheets(self, base: str) -> list[LinkedFile]: ...
    def scripts(self, base: str) -> list[LinkedFile]: ...


class Renderer(Protocol):
    def render(self, name: str, context: Mapping[str, Any]) -> str: ...


class Pages:
    """Makes the pages of one application."""

    def __init__(self, *, settings: Settings, templates: Renderer, client: Client, static: Static) -> None:
        self._settings = settings
        self._templates = templates
        self._client = client
        self._static = static

    def frontend(self, page: Page) -> str:
        """The page of an interactive route."""
        return self._render("lona/frontend.html", page)

    def plain(self, title: str, body: Node) -> str:
        """A page without the client."""
        return self._templates.render("lona/page.html", {"title": title, "body": body, "Lona": self._names(Page())})

    def _render(self, name: str, page: Page) -> str:
        return self._templates.render(name, {"title": self._settings.TITLE, "body": page.body, "Lona": self._names(page)})

    def _names(self, page: Page) -> Lona:
        return Lona(page, settings=self._settings, templates=self._templates, client=self._client, static=self._static)


class Lona:
    """What a template finds as `Lona`."""

    def __init__(self, page: Page, *, settings: Settings, templates: Renderer, client: Client, static: Static) -> None:
        self._page = page
        self._settings = settings
        self._templates = templates
        self._client = client
        self._static = static

    @property
    def nonce(self) -> str:
        """For `<script nonce="…">` and `<style nonce="…">` of the template's own; '': none is needed."""
        return self._page.nonce

    def load_stylesheets(self) -> Markup:
        """The links to all style sheets that nodes and views bring along."""
        files = self._static.stylesheets(self._page.base)
        return Markup(self._templates.render("lona/style_tags.html", {"stylesheets": files, "Lona": self}).strip())

    def load_scripts(self) -> Markup:
        """The client, which begins by `start()` or `Lona.LonaContext`, and all scripts that nodes and views bring along."""
        folder = f"{self._page.base}/_lona_sync/client/{self._client.version}/"
        scripts = self._static.scripts(self._page.base)
        lines = [f'<link rel="modulepreload" href="{_quoted(folder + name)}"{self._nonce}>' for name in self._client.names]
        lines.append(f'<script type="module" src="{_quoted(folder)}lona.js"{self._nonce}></script>')
        if any(not script.module for script in scripts):
            lines.append(f'<script type="module" src="{_quoted(folder)}context.js"{self._nonce}></script>')
        lines.append(self._templates.render("lona/script_tags.html", {"scripts": scripts, "Lona": self}).strip())
        return Markup("\n".join(filter(None, lines)))

    def start(self, target: str = "#lona") -> Markup:
        """The element that makes the client begin by itself, with the view of the page's address in `target`."""
        config = {
            "socket": f"{self._page.base}/_lona_sync/socket", "target": target, "title": self._settings.TITLE, **self._page.config,
        }
        text = json.dumps(config).replace("<", "\\u003c")                # '</script>' in a title would end the script
        return Markup(f'<script type="application/json" id="lona-sync">{text}</script>')

    @property
    def _nonce(self) -> str:
        return f' nonce="{escape(self._page.nonce)}"' if self._page.nonce else ""


def _quoted(url: str) -> str:
    return escape(quote(url, safe="/:@!$&'()*+,;=~"))
