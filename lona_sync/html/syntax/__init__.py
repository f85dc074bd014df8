"""HTML text as a tree of plain elements: the fragment parsing algorithm of the HTML standard, as browsers have it.

It is our own, because what a view shows is decided here and the browser must agree. libxml2 (lxml) repairs markup by
rules of its own, which change with its version: it knows no `<template>`, no namespaces and no case of SVG, adds no
`<tbody>`, and forgets end tags and positions that a strict reading needs. Python's `html.parser` splits text into tags
differently from one patch release to the next.

The names of modes and rules are those of https://html.spec.whatwg.org/multipage/parsing.html, so that both can be read
side by side. `tests/html/markup.json` holds what Chromium makes of the same texts.
"""

from .builder import parse_fragment
from .elements import Characters, Element
from .source import MAX_CHARACTERS, MAX_DEPTH, MAX_PARTS, ParseError, Source

__all__ = [
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "MAX_PARTS",
    "Characters",
    "Element",
    "ParseError",
    "Source",
    "parse_fragment",
]
