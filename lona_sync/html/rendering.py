"""A tree as HTML text that says what the tree says: everything is escaped, nothing is added, no blank is lost.

It never recurses, so that no depth is too much. Three corners of the HTML grammar need care: void elements have no end
tag; `<script>` and `<style>` hold text that cannot be escaped, so what would end them early is refused; `<textarea>`
and `<pre>` swallow one line break behind their tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

from .mutations import AttributeValue, TreeNode
from .text import Text

SELF_CLOSING_TAGS = frozenset("area base br col embed hr img input link meta param source track wbr".split())

# Elements whose text ends at their end tag only, whatever stands in it.
_RAW_TEXT = ("script", "style")
# The same, in some browsers or settings. We write their text escaped, but a `<style>` in one of them is unescaped text in it.
_RAW_OUTSIDE = ("iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp")
_SWALLOWS_LINE_BREAK = ("pre", "textarea", "listing")
# A bare carriage return is read as a line feed.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\r": "&#13;"})


class Element(Protocol):
    """What this page needs of a node."""

    @property
    def tag_name(self) -> str: ...
    @property
    def parent(self) -> TreeNode | None: ...
    @property
    def self_closing_tag(self) -> bool: ...
    @property
    def children(self) -> Sequence[TreeNode]: ...
    def wire_attributes(self) -> Mapping[str, AttributeValue]: ...


def escape(text: str) -> str:
    """`text` so that it stays text, between tags and in quoted attributes."""
    return text.translate(_ESCAPES)


def render(node: TreeNode) -> str:
    """`node` and all below it as HTML. Raises `ValueError` for what HTML cannot say, as `</script>` in a script."""
    parts: list[str] = []
    # What is left to write: end tags stand for themselves, nodes are opened.
    waiting: list[TreeNode | str] = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
        elif isinstance(item, Text):
            parts.append(escape(item.data))
        else:
            element = cast(Element, item)
            end_tag, content = _open(element, parts)
            waiting.append(end_tag)
            waiting.extend(reversed(content))
    return "".join(parts)


def _open(element: Element, parts: list[str]) -> tuple[str, Sequence[TreeNode | str]]:
    """Write the start tag; return the end tag and what is between them."""
    tag, attributes = element.tag_name.lower(), element.wire_attributes()
    content: Sequence[TreeNode | str] = element.children
    inner_html = attributes.get("@html")
    if isinstance(inner_html, str):
        content = [inner_html]
    elif tag == "textarea" and isinstance(value := attributes.get("value"), str):
        content = [escape(value)]
        attributes = {name: other for name, other in attributes.items() if name != "value"}
    elif tag in _RAW_TEXT:
        content = [_raw_text(element)]
    parts.append(f"<{element.tag_name}")
    if attributes:
        parts.extend(_attributes(attributes))
    parts.append(">")
    if element.self_closing_tag:
        if content:
            raise ValueError(f"<{tag}> has no end tag in HTML, so it cannot have children: {content[0]!r}")
        return "", ()
    if tag in _SWALLOWS_LINE_BREAK and content and str(content[0]).startswith("\n"):
        parts.append("\n")
    return f"</{element.tag_name}>", content


def _attributes(attributes: Mapping[str, AttributeValue]) -> Iterator[str]:
    for name, value in attributes.items():
        if name.startswith("@"):
            continue                                             # only for the wire
        yield f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def _raw_text(element: Element) -> str:
    tag = element.tag_name.lower()
    text = ""
    for child in element.children:
        if not isinstance(child, Text):
            raise ValueError(f"<{tag}> can only contain text, not {child!r}")
        text += child.data
    outside = [above.tag_name.lower() for above in _ancestors(element)]
    if _is_foreign(outside):
        return escape(text)
    names = [tag, *[name for name in outside if name in _RAW_OUTSIDE]]
    # After `<!--` and `<script`, a `</script>` does not end the script any more: the rest of the page is swallowed.
    found = re.search("|".join([f"</{name}" for name in names] + ["<!--"] * (tag == "script")), text, re.IGNORECASE)
    if found:
        raise ValueError(
            f"the text of <{tag}> contains {found[0]!r}, which HTML cannot escape there. "
            r"Write it as '<\/' or '<\!' inside of a JavaScript string, or put the text into a file."
        )
    return text


def _is_foreign(outside: Sequence[str]) -> bool:
    """Whether a parser is inside of SVG or MathML, where script and style are elements like all others.

    By the names of the tags, innermost first: HTML text has no other namespaces, whatever the nodes say. In doubt it is
    True: to escape too much makes a style useless, to escape too little makes it markup.
    """
    inside = "html"
    for tag in reversed(outside):
        if inside == "html":
            inside = tag if tag in ("svg", "math") else "html"
        elif inside == "svg" and tag in ("foreignobject", "math"):
            # Only in SVG does <foreignObject> lead back; an <svg> inside of <math> is none.
            inside = "html" if tag == "foreignobject" else "math"
    return inside != "html"


def _ancestors(element: Element) -> Iterator[Element]:
    above = element.parent
    while above is not None:
        yield cast(Element, above)
        above = above.parent
