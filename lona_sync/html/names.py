"""Which names tags, attributes, ids and classes may have: those that a browser accepts and that end no markup."""

from __future__ import annotations

import re
from functools import cache

# The production "Name" of XML: `element.setAttribute()` throws for everything else, and a browser that throws in the
# middle of a patch is out of step from then on. What could end a name in HTML text (blanks, quotes, `>`, `/`, `=`) is
# not in it, either.
_START = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_ASCII_NAME = re.compile("[:A-Z_a-z][-.0-9:A-Z_a-z]*")
# One prefix at most, and none of those that are reserved: `createElementNS()` would throw.
_TAG = re.compile("(?!xml(ns)?:|xmlns$)[A-Za-z][-._0-9A-Za-z]*(:[A-Za-z_][-._0-9A-Za-z]*)?")
_XLINK = "xlink:"                # the one prefix that a client takes for a namespace
_BLANKS = re.compile("[\t\n\f\r ]+")
# HTML has no capitals, SVG needs them: `viewBox`. The table is that of the HTML standard ("adjust SVG attributes").
SVG_ATTRIBUTES = frozenset((
    "attributeName attributeType baseFrequency baseProfile calcMode clipPathUnits diffuseConstant edgeMode filterUnits "
    "glyphRef gradientTransform gradientUnits kernelMatrix kernelUnitLength keyPoints keySplines keyTimes lengthAdjust "
    "limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits numOctaves pathLength "
    "patternContentUnits patternTransform patternUnits pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio "
    "primitiveUnits refX refY repeatCount repeatDur requiredExtensions requiredFeatures specularConstant "
    "specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale systemLanguage tableValues targetX "
    "targetY textLength viewBox viewTarget xChannelSelector yChannelSelector zoomAndPan"
).split())
_HANDLER = re.compile("on[a-z]", re.IGNORECASE)
_PROPERTIES = {"class": "class_list", "id": "id_list", "style": "style"}


def check_tag_name(name: str) -> None:
    """Raise `ValueError` when no element can be called `name`."""
    if not _TAG.fullmatch(name):
        raise ValueError(f"a tag name must be letters, digits and '-', beginning with a letter, not {name!r}")


def check_attribute_name(name: str) -> None:
    """Raise `ValueError` when no attribute can be called `name`, or when it would hold script.

    Raises `RuntimeError` for the three that have a property of their own.
    """
    if not isinstance(name, str) or not _is_name(name) or not _may_have_prefix(name):
        raise ValueError(f"an attribute name must be letters, digits and '-', beginning with a letter, not {name!r}")
    if _HANDLER.match(name):
        raise ValueError(
            f"attribute {name!r} would run JavaScript in the browser. Give the node a Python function instead: "
            "Button('x', handle_click=function), or handle_change, handle_focus, handle_blur."
        )
    if name.lower() in _PROPERTIES:
        raise RuntimeError(f"attribute {name!r} is set by node.{_PROPERTIES[name.lower()]}")


def _is_name(name: str) -> bool:
    return _ASCII_NAME.fullmatch(name) is not None or (not name.isascii() and _name().fullmatch(name) is not None)


@cache
def _name() -> re.Pattern[str]:
    """For names that are not ASCII. Made when there is one: it takes as long as importing ten modules."""
    return re.compile(f"[{_START}][-.0-9{_START}\u00b7\u0300-\u036f\u203f-\u2040]*")


def check_attribute_case(name: str) -> None:
    """Raise `ValueError` for capitals where browsers have none: `Title` and `title` were two attributes here and one there."""
    if name != name.lower() and name not in SVG_ATTRIBUTES and name != "definitionURL":
        raise ValueError(f"an attribute of HTML is written in small letters, as {name.lower()!r}, not {name!r}")


def _may_have_prefix(name: str) -> bool:
    local = name.removeprefix(_XLINK)
    return local is name or (":" not in local and _is_name(local))


def check_word(word: object) -> str:
    """`word` as one id or class; `ValueError` when it is none."""
    if not isinstance(word, (str, int, float)):
        raise ValueError(f"an id or class must be a str, int or float, not {type(word).__name__}: {word!r}")
    text = str(word)
    if not text or _BLANKS.search(text):
        raise ValueError(f"an id or class must not be empty or contain blanks: {text!r}. Add several with extend().")
    return text


def split_words(text: str) -> list[str]:
    """The ids or classes in an attribute's text."""
    return [word for word in _BLANKS.split(text) if word]
