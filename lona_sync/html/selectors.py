"""CSS selectors: level 3, and of level 4 `:is`, `:where`, `:has`, `:scope`, `:any-link`, lists in `:not` and `[a=b i]`.

A reader makes `Step`s of the text, and `query.py` looks for them in the tree. cssselect is not used here: it translates
to XPath, for which the tree would have to be copied into one of lxml for each query. Its parser alone was tried, too. It
takes an escaped backslash before a letter from a to f for another escape; before 1.5 it reads `:is(.a,.b)` as `:is(.a, b)`,
and before 1.6, which needs Python 3.11, next to nothing inside of `:has()`. Nor does what it parsed say where it stood.

What no server can know is refused, instead of finding nothing: `:hover`, `::before`. Attributes are those that the server
has given, in the form that browsers get, and compared letter for letter: `[type=TEXT]` is not `[type=text]`. What is inside
of `RawHTML` is not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NoReturn, TypeVar, cast

from .children import Parent, walk
from .mutations import TreeNode
from .names import split_words
from .pseudo_classes import ONLY_BROWSERS_KNOW, PLACES, PSEUDO_CLASSES, nth
from .query import Element, Query, Step, Test, as_text, lower, parent_of, tag_of

AnyElement = TypeVar("AnyElement", bound=Element)


def select(selector: str, scope: AnyElement) -> Iterator[AnyElement]:
    """All elements below `scope` that match, in document order. What stands to the left may be above `scope`, as in a browser."""
    alternatives, query = read(selector), Query(scope)
    nodes = walk(cast(TreeNode, scope))
    next(nodes)                                              # `scope` itself
    for node in nodes:
        if isinstance(node, Parent) and query.matches(alternatives, cast(Element, node)):
            yield cast(AnyElement, node)


def closest(selector: str, node: AnyElement) -> AnyElement | None:
    """The nearest ancestor that matches, never `node` itself, which is the `:scope`."""
    alternatives, query = read(selector), Query(node)
    above = parent_of(node)
    while above is not None and not query.matches(alternatives, above):
        above = parent_of(above)
    return cast("AnyElement | None", above)


def matches(selector: str, node: Element) -> bool:
    """Whether `node`, which is the `:scope`, matches."""
    return Query(node).matches(read(selector), node)


def read(selector: str) -> tuple[Step, ...]:
    """The alternatives of `selector`. Raises `ValueError` for what is no selector, or one that a server cannot answer."""
    if not isinstance(selector, str):
        raise TypeError(f"a selector must be a str, not {type(selector).__name__}: {selector!r}")
    return _read(selector)


@lru_cache(maxsize=512)
def _read(selector: str) -> tuple[Step, ...]:
    return _Reader(selector).read()


_BLANK = r"[ \t\r\n\f]"
_ESCAPE = rf"\\(?:[0-9A-Fa-f]{{1,6}}(?:\r\n|{_BLANK})?|[^\n\r\f0-9A-Fa-f])"
_LETTER = rf"[-0-9A-Z_a-z]|[^\x00-\x7f]|{_ESCAPE}"
_IDENTIFIER = rf"(?:--|-?(?:[A-Z_a-z]|[^\x00-\x7f]|{_ESCAPE}))(?:{_LETTER})*"

_BLANKS = re.compile(f"{_BLANK}+")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NAME = re.compile(_IDENTIFIER)
_ID = re.compile(f"(?:{_LETTER})+")               # more than CSS allows: an id may be a number, and "#1" can mean nothing else
_TYPE = re.compile(rf"(?:(?P<prefix>{_IDENTIFIER}|\*)?(?P<bar>\|))?(?P<name>{_IDENTIFIER}|\*)")
_ATTRIBUTE = re.compile(rf"(?:(?P<prefix>{_IDENTIFIER}|\*)?(?P<bar>\|))?(?P<name>{_IDENTIFIER})")
_OPERATOR = re.compile(r"[~|^$*!]?=")
_STRING = re.compile(r""""(?:[^"\\\n\r\f]|\\(?:\r\n|.))*"|'(?:[^'\\\n\r\f]|\\(?:\r\n|.))*'""", re.DOTALL)
_FLAG = re.compile("[is](?![-0-9A-Z_a-z])", re.IGNORECASE)
_COMBINATOR = re.compile("[>+~]")
_ARGUMENT = re.compile("[^()]*")
_SERIES = re.compile(
    rf"(?P<step>[+-]?[0-9]*)n(?:{_BLANK}*(?P<sign>[+-]){_BLANK}*(?P<start>[0-9]+))?|(?P<place>[+-]?[0-9]+)", re.IGNORECASE
)
_ESCAPED = re.compile(rf"\\(?:(?P<code>[0-9A-Fa-f]{{1,6}})(?:\r\n|{_BLANK})?|(?:\r\n|[\n\r\f])|(?P<character>.))", re.DOTALL)

# They may be written with one colon, for CSS 1 did.
_OLD_PSEUDO_ELEMENTS = ("after", "before", "first-letter", "first-line")
# More than anybody writes, and few enough: the search goes one call deeper with each part.
_MAX_PARTS = 64

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "": lambda value, wanted: True,
    "=": lambda value, wanted: value == wanted,
    "~=": lambda value, wanted: wanted in split_words(value),
    "|=": lambda value, wanted: value == wanted or value.startswith(f"{wanted}-"),
    "^=": lambda value, wanted: wanted != "" and value.startswith(wanted),
    "$=": lambda value, wanted: wanted != "" and value.endswith(wanted),
    "*=": lambda value, wanted: wanted != "" and wanted in value,
}


class _Reader:
    """Reads one selector from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._parts = 0

    def read(self) -> tuple[Step, ...]:
        steps = []
        while True:
            self._parts = 0
            steps.append(self._alternative())
            if not self._take(","):
                break
        if self._position < len(self._text):
            self._expected("the end")
        return tuple(steps)

    def _alternatives(self, *, relative: bool = False) -> tuple[Step, ...]:
        """What stands between brackets; the opening one has been read."""
        steps = []
        while True:
            self._skip_blanks()
            combinator = self._take(_COMBINATOR) if relative else ""
            steps.append(self._alternative(combinator or " "))
            if not self._take(","):
                break
        self._need(")")
        return tuple(steps)

    def _alternative(self, combinator: str = " ") -> Step:
        """Parts and combinators up to a comma, a bracket or the end."""
        self._skip_blanks()
        step = Step(self._part(), combinator, None)
        while True:
            blanks = self._skip_blanks()
            following = self._take(_COMBINATOR)
            if not following and (not blanks or self._text[self._position:self._position + 1] in ("", ",", ")")):
                return step
            self._skip_blanks()
            step = Step(self._part(), following or " ", step)

    def _part(self) -> tuple[Test, ...]:
        """What stands between two combinators: a type, an id, classes and so on, without blanks."""
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise ValueError(f"a selector must have at most {_MAX_PARTS} parts, and this one has more: {self._text!r:.200}")
        start = self._position
        tests: list[Test] = []
        if found := self._match(_TYPE):
            self._check_prefix(found, start)
            if found["name"] != "*":
                tests.append(_type_test(_unescape(found["name"])))
        simple = {"#": self._id, ".": self._class, "[": self._attribute, ":": self._pseudo}
        while True:
            while self._match(_COMMENT):
                pass
            read_test = simple.get(self._text[self._position:self._position + 1])
            if read_test is None:
                break
            self._position += 1
            tests.append(read_test())
        if self._position == start:
            self._expected("a selector")
        return tuple(tests)

    def _id(self) -> Test:
        name = self._word(_ID, "an id")
        return lambda node, query: node.has_id(name)

    def _class(self) -> Test:
        name = self._word(_NAME, "a class")
        return lambda node, query: node.has_class(name)

    def _attribute(self) -> Test:
        start = self._position
        self._skip_blanks()
        found = self._match(_ATTRIBUTE)
        if found is None:
            self._expected("the name of an attribute")
        self._check_prefix(found, start)
        name = _unescape(found["name"])
        names = (name, f"xlink:{name}") if found["prefix"] else (name,)
        self._skip_blanks()
        operator, wanted, ignores_case = self._take(_OPERATOR), "", False
        if operator:
            if operator not in _OPERATORS:
                self._refuse(start - 1, f"is no CSS; write ':not([{name}=…])'")
            self._skip_blanks()
            wanted = self._value()
            self._skip_blanks()
            ignores_case = lower(self._take(_FLAG)) == "i"
            self._skip_blanks()
        self._need("]")
        return _attribute_test(names, operator, wanted, ignores_case=ignores_case)

    def _value(self) -> str:
        if found := self._match(_STRING):
            return _unescape(found[0][1:-1])
        return self._word(_NAME, "a name or a string in quotes")

    def _pseudo(self) -> Test:
        start = self._position - 1
        is_element = self._take(":") != ""
        name = lower(self._word(_NAME, "a name"))
        if is_element or name in _OLD_PSEUDO_ELEMENTS:
            self._refuse(start, "is no node: pseudo-elements exist in the browser only")
        if self._take("("):
            return self._function(name, start)
        if name not in PSEUDO_CLASSES:
            self._refuse_pseudo_class(name, start)
        return PSEUDO_CLASSES[name]

    def _function(self, name: str, start: int) -> Test:
        if name in ("is", "where", "not"):
            steps = self._alternatives()
            if name == "not":
                return lambda node, query: not query.matches(steps, node)
            return lambda node, query: query.matches(steps, node)
        if name == "has":
            wanted = self._alternatives(relative=True)
            return lambda node, query: any(query.has(step, node) for step in wanted)
        if name == "lang":
            return self._languages()
        if name in PLACES:
            return nth(*self._series(start), **PLACES[name])
        self._position -= 1
        self._refuse_pseudo_class(name, start)

    def _languages(self) -> Test:
        languages = []
        while True:
            self._skip_blanks()
            languages.append(lower(self._value()))
            self._skip_blanks()
            if not self._take(","):
                break
        self._need(")")

        def test(node: Element, query: Query) -> bool:
            spoken = lower(query.language(node))
            return any(each and (spoken == each or spoken.startswith(f"{each}-")) for each in languages)

        return test

    def _series(self, start: int) -> tuple[int, int]:
        """Step and start of `2n+1` and the like."""
        argument = self._match(_ARGUMENT)
        text = argument[0].strip(" \t\r\n\f") if argument else ""
        found = _SERIES.fullmatch({"odd": "2n+1", "even": "2n"}.get(lower(text), text))
        self._need(")")
        if found is None:
            self._refuse(start, "must name a number, 'odd', 'even', or a series like '2n+1'")
        if found["place"]:
            return 0, int(found["place"])
        step = found["step"]
        return int(f"{step}1" if step in ("", "+", "-") else step), int(f"{found['sign'] or ''}{found['start'] or 0}")

    def _refuse_pseudo_class(self, name: str, start: int) -> NoReturn:
        if name in ONLY_BROWSERS_KNOW:
            self._refuse(start, "cannot be answered: only the browser knows, and the tree on the server does not")
        if name == "contains":
            self._refuse(start, "is no CSS; look at the get_text() of what a selector finds")
        known = [*PSEUDO_CLASSES, *(f"{each}()" for each in (*PLACES, "has", "is", "lang", "not", "where"))]
        self._refuse(start, f"is no pseudo-class that is known here; there are {', '.join([f':{each}' for each in known])}")

    def _check_prefix(self, found: re.Match[str], start: int) -> None:
        if found["bar"] and found["prefix"] != "*":
            self._refuse(start, f"has a prefix, which a selector cannot declare; write '{found['name']}' or '*|{found['name']}'")

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._position)
        if found:
            self._position = found.end()
        return found

    def _take(self, wanted: str | re.Pattern[str]) -> str:
        """What is `wanted`, if it comes next; otherwise ''."""
        if isinstance(wanted, str):
            wanted = re.compile(re.escape(wanted))
        found = self._match(wanted)
        return found[0] if found else ""

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            self._expected(repr(wanted))

    def _word(self, pattern: re.Pattern[str], what: str) -> str:
        found = self._match(pattern)
        if found is None:
            self._expected(what)
        return _unescape(found[0])

    def _skip_blanks(self) -> bool:
        """Whether there were any; comments are skipped, too, but are none."""
        found = False
        while self._match(_COMMENT) or self._match(_BLANKS):
            found = found or self._text[self._position - 1] != "/"
        return found

    def _expected(self, what: str) -> NoReturn:
        got = repr(self._text[self._position:self._position + 20]) if self._position < len(self._text) else "the end"
        raise ValueError(f"{self._text!r:.500} is no CSS selector: expected {what} at {self._position}, got {got}")

    def _refuse(self, start: int, why: str) -> NoReturn:
        part = self._text[start:self._position]
        raise ValueError(f"{part!r} at {start} of the selector {self._text!r:.500} {why}")


def _unescape(text: str) -> str:
    return _ESCAPED.sub(_escaped_character, text) if "\\" in text else text


def _escaped_character(found: re.Match[str]) -> str:
    if found["code"] is None:
        return found["character"] or ""                       # a line break that was escaped is none
    code = int(found["code"], 16)
    return "\ufffd" if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def _attribute_test(names: Sequence[str], operator: str, wanted: str, *, ignores_case: bool) -> Test:
    holds = _OPERATORS[operator]
    wanted = lower(wanted) if ignores_case else wanted

    def test(node: Element, query: Query) -> bool:
        value = _attribute(node, names, query)
        return value is not None and holds(lower(value) if ignores_case else value, wanted)

    return test


def _type_test(name: str) -> Test:
    lower_name = lower(name)

    def test(node: Element, query: Query) -> bool:
        # In SVG, `lineargradient` is not `linearGradient`.
        return node.tag_name == name or (tag_of(node) == lower_name and query.namespace(node) == "")

    return test


def _attribute(node: Element, names: Sequence[str], query: Query) -> str | None:
    """The value of the first attribute of these names that there is, as a browser has it."""
    attributes = node.wire_attributes()
    for name in names:
        if name in attributes and not name.startswith("@"):
            return as_text(attributes[name])
    lower_names = [lower(name) for name in names]
    for name, value in attributes.items():
        # In SVG, `viewbox` is not `viewBox`.
        if lower(name) in lower_names and not name.startswith("@") and query.namespace(node) == "":
            return as_text(value)
    return None
