"""The HTML page that carries the client, and the plain pages of errors."""

from __future__ import annotations

import json
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
<script type="application/json" id="lona-sync">{config}</script>
<script type="module" src="{script}"></script>
</head>
<body>
<div id="lona"></div>
<noscript>This page needs JavaScript.</noscript>
</body>
</html>
"""

_ERROR = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ font-family: sans-serif; color: #333 }}</style>
</head>
<body>
{body}
</body>
</html>
"""


def page(*, title: str, base: str, client_version: str) -> str:
    """The page of an interactive route. `base`: where the application is mounted, '' or '/prefix'."""
    config = json.dumps({"socket": f"{base}/_lona_sync/socket", "target": "#lona", "title": title})
    return _PAGE.format(
        title=escape(title),
        config=config.replace("<", "\\u003c"),                      # '</script>' in a title would end the script
        script=escape(f"{base}/_lona_sync/client/{client_version}/lona.js"),
    )


def plain_page(title: str, body: Node) -> str:
    """A page without the client."""
    return _ERROR.format(title=escape(title), body=render(body))
