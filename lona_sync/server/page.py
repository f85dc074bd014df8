"""The HTML page that carries the client, and the plain pages of errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape

from ..html.node import Node
from ..html.rendering import render

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>body {{ font-family: sans-serif; color: #333 }}</style>
{head}</head>
<body>
{body}
</body>
</html>
"""

_BODY = """<div id="lona"></div>
<noscript>This page needs JavaScript.</noscript>"""


def page(
    *, title: str, base: str, client_version: str, modules: Iterable[str], links: Iterable[str], classic: bool,
    texts: Mapping[str, str],
) -> str:
    """The page of an interactive route.

    `base`: where the application is mounted, '' or '/prefix'; `modules`: of the client; `links`: markup that names the
    application's own scripts and style sheets; `classic`: some of these scripts are no modules, and may want `lona_context`;
    `texts`: of the status bar, where they are not ours.
    """
    config = json.dumps({
        "socket": f"{base}/_lona_sync/socket", "target": "#lona", "title": title, **({"texts": dict(texts)} if texts else {}),
    })
    config = config.replace("<", "\\u003c")          # '</script>' in a title would end the script
    folder = escape(f"{base}/_lona_sync/client/{client_version}/")
    lines = [f'<link rel="modulepreload" href="{folder}{escape(name)}">' for name in modules]
    lines.append(f'<script type="application/json" id="lona-sync">{config}</script>')
    lines.append(f'<script type="module" src="{folder}lona.js"></script>')
    if classic:
        lines.append(f'<script type="module" src="{folder}context.js"></script>')
    lines.extend(links)
    return _PAGE.format(title=escape(title), head="\n".join(lines) + "\n", body=_BODY)


def plain_page(title: str, body: Node) -> str:
    """A page without the client."""
    return _PAGE.format(title=escape(title), head="", body=render(body))
