"""A tree as HTML text that says what the tree says: everything is escaped, nothing is added, no blank is lost.

It never recurses, so that no depth is too much. Three corners of the HTML grammar need care: void elements have no end
tag; `<script>` and `<style>` hold text that cannot be escaped, so what would end them early is refused; `<textarea>`
and `<pre>` swallow one line break behind their tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from .mutations import AttributeValue, TreeNode
from .text import Text

SELF_CLOSING_TAGS = frozenset("area base br col embed hr img input link meta param source track wbr".split())

# Elements whose text ends at their end tag only, whatever stands in it.
_RAW_TEXT = ("script", "style")
# The same, in some browsers or settings. We write their text escaped, but a `<style>` in one of them is unescaped text in it.
_RAW_OUTSIDE = ("iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp")
# A `<style>` in one of them is dropped, and its text taken for markup: in a select by browsers before 2025.
_DROPS_STYLE = ("frameset", "select")
_SWALLOWS_LINE_BREAK = ("pre", "textarea", "listing")
# All for which a start tag, the content and an end tag will not do.
_SPECIAL = frozenset((*SELF_CLOSING_TAGS, *_RAW_TEXT, *_SWALLOWS_LINE_BREAK, "select", "form"))

_NOT_DISPLAYED = re.compile(r"(?:^|;)\s*display\s*:\s*none\b", re.IGNORECASE)
# A lone surrogate, which a browser may send as any other character, cannot be written in UTF-8.
_UNSAFE = re.compile("[&<>\"'\r\ud800-\udfff]")
# A bare carriage return is read as a line feed.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\r": "&#13;"}


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
    @property
    def rendered_children(self) -> Sequence[TreeNode] | str: ...
    def wire_attributes(self) -> Mapping[str, AttributeValue]: ...
    def markup_attributes(self) -> Mapping[str, AttributeValue]: ...


def escape(text: str) -> str:
    """`text` so that it stays text, between tags and in quoted attributes."""
    if _UNSAFE.search(text) is None:
        return text
    return _UNSAFE.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text)


def _as_it_is(markup: str) -> str:
    return markup


def render(
    node: TreeNode, *, without: Container[str] = (), markup: Callable[[str], str] = _as_it_is, styles: bool = True,
) -> str:
    """`node` and all below it as HTML. Raises `ValueError` for what HTML cannot say, as `</script>` in a script.

    `without`: tags, in small letters, that are left out with all below them; only of those with a rule of their own, as script.
    `markup`: what becomes of raw HTML. `styles=False`: no `style`, which a policy may forbid; what is not displayed is `hidden`.
    While another greenlet holds `node.lock`, it waits, so that nobody sees half of what is changed there.
    """
    owner = node.owner
    if owner is None or not owner.locked:
        return _render(node, without, markup, styles)
    with owner.lock:
        return _render(node, without, markup, styles)


def _render(node: TreeNode, without: Container[str], markup: Callable[[str], str], styles: bool) -> str:
    parts: list[str] = []
    write = parts.append
    tags: dict[str, tuple[str, str]] = {}                    # how those that are like most begin and end
    above: list[tuple[Iterator[Any], str]] = []              # what is left of an element's content, and its end tag
    content: Iterator[Any] = iter((node,))                   # Any: a str (markup), a Text, or an Element
    end = ""
    while True:
        for item in content:
            if type(item) is str:
                write(item)
                continue
            if isinstance(item, Text):
                write(escape(item._data))
                continue
            # Not by their properties, which take as long as all the rest.
            tag, children, attributes = item._tag_name, item._children, item.wire_attributes()
            if children is None:
                children = item.rendered_children
            affixes = tags.get(tag)
            if affixes is None and tag.lower() not in _SPECIAL:
                affixes = tags[tag] = (f"<{tag}", f"</{tag}>")
            if affixes is None and tag.lower() in without:
                continue
            if affixes is None or item.self_closing_tag or (attributes and "@html" in attributes):
                end_tag, children = _open(item, parts, markup, styles)
            else:
                start, end_tag = affixes
                if attributes:
                    start += "".join(_attributes(attributes, styles))
                if isinstance(children, str):
                    write(f"{start}>{escape(children)}{end_tag}")
                    continue
                write(f"{start}>")
            above.append((content, end))
            content, end = iter(children), end_tag
            break
        else:
            write(end)
            if not above:
                return "".join(parts)
            content, end = above.pop()


def _open(
    element: Element, parts: list[str], markup: Callable[[str], str], styles: bool,
) -> tuple[str, Sequence[TreeNode | str]]:
    """Write the start tag; return the end tag and what is between them."""
    tag = element.tag_name.lower()
    attributes = element.markup_attributes()
    rendered, inner_html = element.rendered_children, attributes.get("@html")
    content: Sequence[TreeNode | str] = element.children if isinstance(rendered, str) else rendered
    if isinstance(inner_html, str):
        content = [markup(inner_html)]
    elif tag == "textarea" and isinstance(value := attributes.get("value"), str):
        content = [escape(value)]
        attributes = {name: other for name, other in attributes.items() if name != "value"}
    elif tag in _RAW_TEXT:
        content = [_raw_text(element)]
    elif tag == "input" and attributes.get("type") == "password":
        attributes = {name: other for name, other in attributes.items() if name != "value"}      # pages are kept in caches and logs
    parts.extend((f"<{element.tag_name}", *_attributes(attributes, styles), ">"))
    if element.self_closing_tag:
        if content and tag == "input" and all(getattr(child, "tag_name", "") == "datalist" for child in content):
            return "", content                                   # in the DOM inside of it, in markup behind it
        if content:
            raise ValueError(f"<{tag}> has no end tag in HTML, so it cannot have children: {content[0]!r}")
        return "", ()
    if tag in _SWALLOWS_LINE_BREAK and content and str(content[0]).startswith("\n"):
        parts.append("\n")
    return f"</{element.tag_name}>", content


def _attributes(attributes: Mapping[str, AttributeValue], styles: bool) -> Iterator[str]:
    for name, value in attributes.items():
        if name.startswith("@"):
            continue                                             # only for the wire
        if name == "style" and not styles:
            if _NOT_DISPLAYED.search(str(value)):
                yield " hidden"
            continue
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
    ends = [f"</{name}" for name in names]
    if tag == "script":
        ends.append("<!--")          # after it and `<script`, a `</script>` ends nothing: the rest of the page is swallowed
    elif any(name in _DROPS_STYLE for name in outside):
        ends.append("<[a-z/!?]")
    found = re.search("|".join(ends), text, re.IGNORECASE)
    if found:
        escaped = r"'<' as '\3c ' in CSS" if tag == "style" else r"it as '<\/' or '<\!' inside of a JavaScript string"
        raise ValueError(
            f"the text of <{tag}> contains {found[0]!r}, which HTML cannot escape there. "
            f"Write {escaped}, or put the text into a file."
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
