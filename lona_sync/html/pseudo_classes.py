"""What a pseudo-class asks of a node, by its name. Those with arguments are read in `selectors.py`."""

from __future__ import annotations

from .query import Element, Query, Test, lower, parent_of, tag_of
from .text import Text


def _is_empty(node: Element, query: Query) -> bool:
    has_content = any(child.data != "" if isinstance(child, Text) else True for child in node.children)
    return not has_content and not node.wire_attributes().get("@html")


def _is_link(node: Element, query: Query) -> bool:
    return tag_of(node) in ("a", "area") and not node.wire_attributes().keys().isdisjoint(("href", "xlink:href"))


def _is_checked(node: Element, query: Query) -> bool:
    """An option that was selected, by code or by the user: what a browser shows where nothing was, nobody has chosen."""
    attributes = node.wire_attributes()
    if tag_of(node) == "option":
        return "selected" in attributes and query.is_choice(node)
    return tag_of(node) == "input" and "checked" in attributes and lower(str(attributes.get("type"))) in ("checkbox", "radio")


_CAN_BE_DISABLED = ("button", "fieldset", "input", "optgroup", "option", "select", "textarea")


def _is_disabled(node: Element, query: Query) -> bool:
    tag = tag_of(node)
    if tag not in _CAN_BE_DISABLED or node.is_disabled:
        return tag in _CAN_BE_DISABLED
    if tag not in ("option", "optgroup"):
        return query.is_barred(node)
    above = parent_of(node)
    while above is not None and tag_of(above) not in ("select", "datalist", "option", "hr"):
        if tag == "option" and tag_of(above) == "optgroup" and above.is_disabled:
            return True
        above = parent_of(above)
    return above is not None and tag_of(above) == "select" and _is_disabled(above, query)


def _is_enabled(node: Element, query: Query) -> bool:
    return tag_of(node) in _CAN_BE_DISABLED and not _is_disabled(node, query)


_NEVER_REQUIRED = ("button", "color", "hidden", "image", "range", "reset", "submit")


def _is_required(node: Element, query: Query) -> bool:
    attributes, tag = node.wire_attributes(), tag_of(node)
    takes_it = tag in ("select", "textarea") or (tag == "input" and lower(str(attributes.get("type"))) not in _NEVER_REQUIRED)
    return takes_it and "required" in attributes


def nth(step: int, start: int, *, of_type: bool, from_end: bool) -> Test:
    """A test for the places `step * n + start`, n being 0, 1, 2, …"""
    def test(node: Element, query: Query) -> bool:
        distance = query.place(node, of_type=of_type)[from_end] - start
        return distance == 0 if step == 0 else distance % step == 0 and distance // step >= 0

    return test


PSEUDO_CLASSES: dict[str, Test] = {
    "any-link": _is_link,
    "checked": _is_checked,
    "disabled": _is_disabled,
    "empty": _is_empty,
    "enabled": _is_enabled,
    "first-child": nth(0, 1, of_type=False, from_end=False),
    "first-of-type": nth(0, 1, of_type=True, from_end=False),
    "last-child": nth(0, 1, of_type=False, from_end=True),
    "last-of-type": nth(0, 1, of_type=True, from_end=True),
    "link": _is_link,
    "only-child": lambda node, query: query.place(node, of_type=False) == (1, 1),
    "only-of-type": lambda node, query: query.place(node, of_type=True) == (1, 1),
    "required": _is_required,
    "root": lambda node, query: node.parent is None,
    "scope": lambda node, query: node is query.scope,
}
PLACES = {
    "nth-child": {"of_type": False, "from_end": False},
    "nth-last-child": {"of_type": False, "from_end": True},
    "nth-last-of-type": {"of_type": True, "from_end": True},
    "nth-of-type": {"of_type": True, "from_end": False},
}
ONLY_BROWSERS_KNOW = frozenset(
    "active autofill current focus focus-visible focus-within fullscreen future hover in-range indeterminate invalid "
    "local-link modal muted open out-of-range past paused picture-in-picture placeholder-shown playing popover-open seeking "
    "target target-within user-invalid user-valid valid visited".split()
)
