"""The style attribute of a node."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .mutations import SetStyle, TreeNode
from .properties import Properties, Value, check_value

_NAME = re.compile(r"-{0,2}[^\x00-@\[-^`{-\x7f][-\w]*")              # letters, _, and all beyond ASCII
# What stands before a bracket, escapes included: `\75 rl(` is `url(`.
_FUNCTION = re.compile(r"(?:[-\w]|\\[0-9A-Fa-f]{1,6}[ \t\n\r\f]?|\\[^0-9A-Fa-f])*\Z")
_QUOTED = re.compile(r"\([ \t\n\r\f]*[\"']")
# `margin_top` and `marginTop`, which browsers ignore; a name of one's own, `--my_name`, may be anything.
_AS_IN_OTHER_LANGUAGES = re.compile(r"(?!--).*(_|[a-z][A-Z])")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# No shorthand sets these, except `all`.
_ALONE = frozenset("color cursor display height opacity order position transform visibility width z-index".split())


class Style(Properties):
    """CSS properties by name. A value is one value: it cannot smuggle in a second declaration. Setting '' deletes.

    A number is written as it is: good for `opacity` and `line-height`, but a length needs its unit, as in `"10px"`.

    Their order counts, since `margin` sets `margin-top`, too: what is set again goes to the end, as the later one wins in CSS.
    """

    __slots__ = ("_former_display",)

    def __init__(self, node: TreeNode) -> None:
        super().__init__(node)
        self._former_display: Value | None = None

    def check(self, name: str, value: Value) -> None:
        check_declaration(name, value)

    def _assign(self, name: str, value: Value) -> None:
        if value == "":
            del self[name]
            return
        former = self.get(name)
        super()._assign(name, value)
        if value != former:
            self._values[name] = self._values.pop(name)
        if name == "display" and value != former:
            self._former_display = None

    def __delitem__(self, name: str) -> None:
        was_there = name in self._values
        super().__delitem__(name)
        if was_there and self._node.owner is not None and (name not in _ALONE or "all" in self._values):
            # Of `margin: 10px` the browser has four properties, and no `margin-top` any more when that was taken out.
            for other, value in self._values.items():
                if other not in _ALONE or name == "all":
                    self._node.owner.record(SetStyle(self._node, other, str(value)))
        if name == "display":
            self._former_display = None

    def hide(self) -> None:
        """Set `display: none`, remembering what `display` was."""
        if self.get("display") != "none":
            former = self.get("display")
            self["display"] = "none"
            self._former_display = former

    def show(self) -> None:
        """Undo `hide()`; a `display` other than none stays."""
        if self.get("display") != "none":
            return
        if self._former_display is None:
            del self["display"]
        else:
            self["display"] = self._former_display

    def _record_set(self, name: str, value: Value) -> None:
        text = str(value)
        if self._node.owner is not None and (name not in self._values or str(self._values[name]) != text):
            self._node.owner.record(SetStyle(self._node, name, text))

    def _record_delete(self, name: str) -> None:
        if self._node.owner is not None:
            self._node.owner.record(SetStyle(self._node, name, None))

    def __str__(self) -> str:
        """The value of the attribute."""
        return "; ".join([f"{name}: {value}" for name, value in self._values.items()])


def check_declaration(name: str, value: Value) -> None:
    """Raise `ValueError` for what is no property, or more than one value."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"a style name must be letters, digits and '-', not {name!r}")
    if _AS_IN_OTHER_LANGUAGES.match(name):
        right = re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name.replace("_", "-"))
        raise ValueError(f"a style name is written as in CSS: {right!r}, not {name!r}")
    if name != name.lower() and not name.startswith("--"):
        raise ValueError(f"a style name is written in small letters, as {name.lower()!r}, not {name!r}")
    check_value(name, value)
    if isinstance(value, str) and len(split_declarations(value)) > 1:
        raise ValueError(
            f"the value of style {name!r} must not contain ';': {value!r}. Set each property by its own name."
        )


def as_style(style: str | Mapping[str, Value]) -> Mapping[str, Value]:
    """A dict from `'a: b; c: d'`; raises `ValueError` for text that is no style. A dict is returned as it is."""
    if isinstance(style, Mapping):
        return style
    if not isinstance(style, str):
        raise ValueError(f"a style must be a dict or 'name: value; name: value', not {type(style).__name__}: {style!r}")
    values: dict[str, Value] = {}
    for declaration in split_declarations(style):
        name, colon, value = declaration.partition(":")
        if declaration.strip():
            if not colon:
                raise ValueError(f"a style must be 'name: value; name: value', not {style!r}")
            values[name.strip()] = value.strip()
    return values


def read_style(text: str) -> Mapping[str, Value]:
    """The style of markup, as a browser reads it: without comments, and without the declarations that are none.

    Of `color: red; *zoom: 1; margin` that is `color`. What is open at the end is closed, as CSS does it.
    """
    values: dict[str, Value] = {}
    for declaration in _cut(text):
        name, colon, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        name = name if name.startswith("--") else name.lower()
        try:
            check_declaration(name, value)
        except ValueError:
            continue
        if colon and value:
            values.pop(name, None)
            values[name] = value
    return values


def _cut(text: str) -> Iterator[str]:
    """The declarations of a text that may be wrong in any way; each ends at a ';' outside of quotes and brackets."""
    parts: list[str] = []
    closing: list[str] = []
    quote, position = "", 0
    while position < len(text):
        character = text[position]
        if not quote and text.startswith("/*", position):
            end = text.find("*/", position + 2)
            position = len(text) if end < 0 else end + 2
            continue
        if character == ";" and not quote and not closing:
            yield "".join(parts)
            parts.clear()
        else:
            parts.append(text[position:position + 2] if character == "\\" else character)
        if character == "\\":
            position += 1
        elif quote:
            quote = "" if character in (quote, "\n") else quote
        elif character in "\"'":
            quote = character
        elif character in _CLOSING:
            closing.append(_CLOSING[character])
        elif closing and closing[-1] == character:
            closing.pop()
        position += 1
    yield "".join([*parts, quote, *reversed(closing)])


def split_declarations(text: str) -> list[str]:
    """`text` cut at each ';' that stands outside of quotes and brackets, as in `url(data:image/png;base64,…)`.

    Raises `ValueError` for comments and where a quote or bracket is left open: it would swallow what follows.
    """
    parts, start, quote, closing, escaped, address = [], 0, "", [], False, False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quote:
            if character == quote:
                quote = ""
            elif character in "\n\r\f":
                break                          # CSS ends the string here, and the rest is taken as markup
        elif address and character in "\"'(":
            raise ValueError(f"style has {character!r} in an address without quotes, which CSS ends at the next ')': {text!r}")
        elif character in "\"'":
            quote = character
        elif text.startswith("/*", position):
            raise ValueError(f"style has a comment, which may hide what follows: {text!r}")
        elif character in _CLOSING:
            address = address or (character == "(" and _begins_address(text, position))
            closing.append(_CLOSING[character])
        elif character in ")]}":
            if not closing or closing.pop() != character:
                raise ValueError(f"style has {character!r} without its opening bracket: {text!r}")
            address = address and character != ")"
        elif character == ";" and not closing:
            parts.append(text[start:position])
            start = position + 1
    if quote or closing or escaped:
        raise ValueError(f"style has an open quote or bracket: {text!r}")
    return [*parts, text[start:]]


def _begins_address(text: str, position: int) -> bool:
    """Whether the bracket at `position` opens a `url(…)` without quotes, in which CSS knows no quotes and no brackets."""
    found = _FUNCTION.search(text[max(0, position - 32):position])        # the longest way to write "url" has 24 characters
    function = found[0] if found else ""
    if "\\" in function:
        raise ValueError(f"style has a function whose name is written with escapes: {text!r}")
    return function.lower() == "url" and _QUOTED.match(text, position) is None
