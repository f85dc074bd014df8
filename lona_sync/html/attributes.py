"""The attributes of a node, except its ids, classes and style, which have properties of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol, cast

from .mutations import AttributeValue, SetAttribute, TreeNode
from .names import check_attribute_case, check_attribute_name
from .properties import Properties, Value, check_value

# Present or absent, whatever their value is; all names from the HTML standard.
BOOLEAN_ATTRIBUTES = frozenset(
    "allowfullscreen async autofocus autoplay checked controls default defer disabled formnovalidate hidden "
    "indeterminate inert ismap itemscope loop multiple muted nomodule novalidate open playsinline readonly required "
    "reversed selected".split()
)
# True and False are words here: without `draggable="false"` an image can be dragged.
_WORDS_FOR_BOOL = {
    **dict.fromkeys(["contenteditable", "draggable", "spellcheck", "writingsuggestions"], ("true", "false")),
    **dict.fromkeys(["autocomplete", "autocorrect"], ("on", "off")),
    "translate": ("yes", "no"),
    "value": ("True", "False"),
}
_URL_ATTRIBUTES = frozenset(
    "href src action formaction xlink:href data poster background cite ping longdesc manifest to from by values".split()
)
# Between these a browser keeps the value as it is, and the focus in it.
_TEXT_TYPES = frozenset({"text", "search", "tel", "url", "email", "password"})
# Browsers skip these in front of a scheme, and tabs and line breaks also inside of it.
_UNSEEN = re.compile("[\x00-\x20]+")
_SCRIPT_SCHEMES = ("javascript:", "vbscript:")
# These load documents, whose scripts run, although not as ours. Pictures of other elements (<img>) run none, SVG included.
_DOCUMENT_TAGS = frozenset("embed frame iframe object portal use".split())
_DATA_DOCUMENT = re.compile(r"data:(?!(?:(?:image|audio|video)/[-.\w]+|text/plain|application/pdf)?[,;])")
# `<meta http-equiv="refresh" content="0; url=javascript:…">`; the `url=` may be missing, and then only digits tell it from a text.
_REFRESH = re.compile(r"(?:^[\d.]+[;,]*|url=)[\"']?(?:java|vb)script:")


class _Element(Protocol):
    """What this page needs of the node."""

    @property
    def tag_name(self) -> str: ...


def wire_value(name: str, value: Value) -> AttributeValue:
    """The value as a browser gets it: a string, True (present without a value) or False (absent)."""
    if name in BOOLEAN_ATTRIBUTES:
        return "until-found" if value == "until-found" else value is not False and value != 0
    if value is True or value is False:
        words = ("true", "false") if name.startswith(("aria-", "data-")) else _WORDS_FOR_BOOL.get(name)
        return value if words is None else words[0 if value else 1]
    return str(value)


class Attributes(Properties):
    """Values are str, int, float or bool.

    True is an attribute without a value and False none at all, unless HTML has words for them: `aria-hidden="true"`.
    """

    __slots__ = ("_javascript_urls",)

    def __init__(self, node: TreeNode, *, javascript_urls: bool = False) -> None:
        super().__init__(node)
        self._javascript_urls = javascript_urls

    def check(self, name: str, value: Value) -> None:
        check_attribute_name(name)
        check_value(name, value)
        if name == "type" and self._node.owner is not None:
            self._check_type(str(value))
        if isinstance(value, str) and not self._javascript_urls:
            self._check_script(name, value)
        check_attribute_case(name)

    def _check_type(self, value: str) -> None:
        """Raise `ValueError` for an `<input>` that is shown and would become another control."""
        before = str(self._values.get("type", "text"))
        if cast(_Element, self._node).tag_name == "input" and value != before and not {value, before} <= _TEXT_TYPES:
            raise ValueError(
                f"an <input type={before}> that is shown cannot become one of type {value!r}: browsers mix up what the two hold. "
                "Put a new input in its place."
            )

    def _check_script(self, name: str, value: str) -> None:
        """Raise `ValueError` for what would run, or load a document that runs."""
        lower_name = name.lower()
        if lower_name == "srcdoc":
            raise ValueError(
                "attribute 'srcdoc' is markup, whose scripts run in the browser. Use RawHTML, or a subclass with "
                "JAVASCRIPT_URLS = True when the markup is your own and no user's."
            )
        if lower_name not in _URL_ATTRIBUTES and lower_name != "content":
            return
        url = _UNSEEN.sub("", value).lower()
        if lower_name == "content":
            runs = _REFRESH.search(url) is not None
        else:
            # SVG's `values` is a list: `<animate attributeName="href" values="x;javascript:…">`.
            runs = any(part.startswith(_SCRIPT_SCHEMES) for part in url.split(";"))
        if runs:
            raise ValueError(
                f"attribute {name!r} would run JavaScript in the browser: {value!r:.200}. Use a Button with "
                "handle_click, or a subclass with JAVASCRIPT_URLS = True when the URL is your own and no user's."
            )
        # With a prefix, too: `createElementNS()` makes a `use` of SVG from `a:use`.
        tag = cast(_Element, self._node).tag_name.lower().rpartition(":")[2]
        if tag in _DOCUMENT_TAGS and _DATA_DOCUMENT.match(url):
            raise ValueError(
                f"attribute {name!r} of <{tag}> is a document, whose scripts run in the browser: {value!r:.200}. Use a "
                "subclass with JAVASCRIPT_URLS = True when the document is your own and no user's."
            )

    def wire(self, name: str) -> AttributeValue:
        """The value of `name` as a browser gets it; False: absent."""
        return wire_value(name, self._values[name]) if name in self._values else False

    def wire_items(self) -> Iterator[tuple[str, AttributeValue]]:
        """All attributes that are present."""
        for name, value in self._values.items():
            wire = wire_value(name, value)
            if wire is not False:
                yield name, wire

    def receive(self, name: str, value: Value, client: int) -> None:
        """Set what a browser has sent: `client` shows it already, all others will be told."""
        self._record_set(name, value, client)
        self._values[name] = value

    def _record_set(self, name: str, value: Value, client: int = 0) -> None:
        wire = wire_value(name, value)
        if self._node.owner is not None and wire != self.wire(name):
            self._node.owner.record(SetAttribute(self._node, name, wire, client))

    def _record_delete(self, name: str) -> None:
        if self._node.owner is not None and self.wire(name) is not False:
            self._node.owner.record(SetAttribute(self._node, name, False))
