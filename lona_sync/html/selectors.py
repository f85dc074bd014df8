r"""CSS selectors over the tree: level 3, and of level 4 `:is`, `:where`, `:has`, `:scope`, `:any-link` and `[a=b i]`.

cssselect parses them. What it does beyond that needs a tree of lxml, and a copy of ours for each query would cost more than
the query; so what was parsed becomes `Step`s, and `query.py` looks for them in the tree. Of level 4 there is what the
installed cssselect reads: before 1.6, which needs Python 3.11, it reads little of `:has` and no `[a=b i]`.

What no server can know is refused, instead of finding nothing: `:hover`, `::before`. Attributes are those that the server
has given, in the form that browsers get, and compared letter for letter: `[type=TEXT]` is not `[type=text]`. What is inside
of `RawHTML` is not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar, cast

import cssselect
from cssselect import parser

from .children import Parent, walk
from .mutations import TreeNode
from .names import split_words
from .pseudo_classes import ONLY_BROWSERS_KNOW, PLACES, PSEUDO_CLASSES, nth
from .query import Element, Query, Step, Test, as_text, lower, parent_of, tag_of

AnyElement = TypeVar("AnyElement", bound=Element)


def select(selector: str, scope: AnyElement) -> Iterator[AnyElement]:
    """All elements below `scope` that match, in document order. What stands to the left may be above `scope`, as in a browser."""
    alternatives, query = _read(selector), Query(scope)
    nodes = walk(cast(TreeNode, scope))
    next(nodes)                                              # `scope` itself
    for node in nodes:
        if isinstance(node, Parent) and query.matches(alternatives, cast(Element, node)):
            yield cast(AnyElement, node)


def closest(selector: str, node: AnyElement) -> AnyElement | None:
    """The nearest ancestor that matches, never `node` itself, which is the `:scope`."""
    alternatives, query = _read(selector), Query(node)
    above = parent_of(node)
    while above is not None and not query.matches(alternatives, above):
        above = parent_of(above)
    return cast("AnyElement | None", above)


def matches(selector: str, node: Element) -> bool:
    """Whether `node`, which is the `:scope`, matches."""
    return Query(node).matches(_read(selector), node)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "exists": lambda value, wanted: True,
    "=": lambda value, wanted: value == wanted,
    "~=": lambda value, wanted: wanted in split_words(value),
    "|=": lambda value, wanted: value == wanted or value.startswith(f"{wanted}-"),
    "^=": lambda value, wanted: wanted != "" and value.startswith(wanted),
    "$=": lambda value, wanted: wanted != "" and value.endswith(wanted),
    "*=": lambda value, wanted: wanted != "" and wanted in value,
}
_SERIES = re.compile(
    r"(?P<step>[+-]?[0-9]{0,9})n( ?(?P<sign>[+-]) ?(?P<start>[0-9]{1,9}))?|(?P<place>[+-]?[0-9]{1,9})", re.IGNORECASE,
)
_TOKEN = re.compile(r"<\w+ (?:('.*?') )?at (\d+)>", re.DOTALL)

# cssselect decodes escapes twice: of `\\da` (a backslash, "da") it makes U+00DA. So it gets a character that no text has.
_BACKSLASH = "\ufdd0"
_ESCAPE = re.compile(r"(\\\\|\\(?:00005c|0{0,3}5c(?![0-9a-f]))(?:\r\n|[ \t\r\n\f])?)|\\.", re.IGNORECASE | re.DOTALL)

# More than anybody writes, and few enough that neither reading nor searching is somebody's attack.
_MAX_LENGTH = 20_000
_MAX_PARTS = 64


def _read(selector: str) -> tuple[Step, ...]:
    """The alternatives of `selector`. Raises `ValueError` for what is no selector, or one that a server cannot answer."""
    if not isinstance(selector, str):
        raise TypeError(f"a selector must be a str, not {type(selector).__name__}: {selector!r}")
    if len(selector) > _MAX_LENGTH:
        raise ValueError(f"a selector must have at most {_MAX_LENGTH:,} characters, not {len(selector):,}")
    return _compile(selector)


@lru_cache(maxsize=512)
def _compile(text: str) -> tuple[Step, ...]:
    try:
        parsed = parser.parse(_ESCAPE.sub(lambda found: _BACKSLASH if found[1] else found[0], text))
    except (cssselect.SelectorError, RuntimeError) as error:
        raise ValueError(f"{text!r:.500} is no CSS selector that is understood here: {_reason(error)}") from error
    return tuple([_Compiler(text).alternative(selector) for selector in parsed])


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    reason = _decoded(_TOKEN.sub(lambda found: f"{found[1] or 'the end'} at {found[2]}", str(error)))
    return f"{reason}. Of several in a :not(), write each by itself: ':not(a):not(b)'" if "')', got ','" in reason else reason


class _Compiler:
    """Makes `Step`s of what cssselect has parsed, for one alternative of `text`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts = 0

    def alternative(self, selector: parser.Selector) -> Step:
        pseudo = selector.pseudo_element
        if pseudo is not None:
            name = pseudo if isinstance(pseudo, str) else pseudo.name
            raise self._refusal(f"::{name}", "is no node: pseudo-elements exist in the browser only")
        return self._chain(selector.parsed_tree)

    def _chain(self, tree: parser.Tree, combinator: str = " ") -> Step:
        """All of `tree`; the leftmost step gets `combinator`."""
        parts = []
        while isinstance(tree, parser.CombinedSelector):
            parts.append((tree.combinator, tree.subselector))
            tree = tree.selector
        parts.append((combinator, tree))
        self._parts += len(parts)
        if self._parts > _MAX_PARTS:
            raise ValueError(f"a selector must have at most {_MAX_PARTS} parts, and this one has more: {self._text!r:.200}")
        step: Step | None = None
        for each_combinator, part in reversed(parts):
            step = Step(self._tests(part), each_combinator, step)
        assert step is not None
        return step

    def _tests(self, tree: parser.Tree) -> tuple[Test, ...]:
        tests: list[Test] = []
        while not isinstance(tree, parser.Element):
            assert not isinstance(tree, parser.CombinedSelector)
            tests.append(self._test(tree))
            tree = tree.selector
        self._check_prefix(tree.namespace, tree.element or "*")
        if tree.element is not None:
            tests.append(_type_test(_decoded(tree.element)))
        return tuple(reversed(tests))

    def _test(self, tree: parser.Tree) -> Test:
        """The test that the last piece of `tree` stands for."""
        match tree:
            case parser.Hash(id=coded):
                name = _decoded(coded)
                return lambda node, query: node.has_id(name)
            case parser.Class(class_name=coded):
                name = _decoded(coded)
                return lambda node, query: node.has_class(name)
            case parser.Attrib():
                return self._attribute_test(tree)
            case parser.Negation(subselector=inner):
                refused = (self._chain(inner),)
                return lambda node, query: not query.matches(refused, node)
            case parser.Matching(selector_list=inner) | parser.SpecificityAdjustment(selector_list=inner):
                alternatives = tuple([self._chain(each) for each in inner])
                return lambda node, query: query.matches(alternatives, node)
            case parser.Relation():
                return self._has_test(tree)
            case parser.Pseudo(ident=name):
                return self._pseudo_class(name)
            case parser.Function(name=name, arguments=arguments):
                return self._function(name, arguments)
        raise self._refusal(type(tree).__name__, "is not known here")

    def _attribute_test(self, tree: parser.Attrib) -> Test:
        name = _decoded(tree.attrib)
        self._check_prefix(tree.namespace, name)
        if tree.operator not in _OPERATORS:
            raise self._refusal(f"[{name}{tree.operator}…]", f"is no CSS; write ':not([{name}=…])'")
        holds, wanted = _OPERATORS[tree.operator], "" if tree.value is None else _decoded(str(tree.value.value))
        # There since cssselect 1.6; before, the parser refuses what would set it.
        ignores_case = getattr(tree, "flag", None) == "i"
        wanted = lower(wanted) if ignores_case else wanted
        names = (name,) if tree.namespace is None else (name, f"xlink:{name}")

        def test(node: Element, query: Query) -> bool:
            value = _attribute(node, names)
            return value is not None and holds(lower(value) if ignores_case else value, wanted)

        return test

    def _has_test(self, tree: parser.Relation) -> Test:
        arguments: Iterable[tuple[parser.Token, parser.Selector]] | None = getattr(tree, "arguments", None)
        if arguments is None:
            raise self._refusal(":has()", f"needs cssselect 1.6 (Python 3.11), and here is {cssselect.VERSION}")
        steps = [self._chain(selector.parsed_tree, str(combinator.value)) for combinator, selector in arguments]
        return lambda node, query: any(query.has(step, node) for step in steps)

    def _pseudo_class(self, name: str) -> Test:
        if name in PSEUDO_CLASSES:
            return PSEUDO_CLASSES[name]
        if name in ONLY_BROWSERS_KNOW:
            raise self._refusal(f":{name}", "cannot be answered: only the browser knows, and the tree on the server does not")
        known = ", ".join([*PSEUDO_CLASSES, *(f"{each}()" for each in (*PLACES, "has", "is", "lang", "not", "where"))])
        raise self._refusal(f":{name}", f"is no pseudo-class that is known here; there are {known}")

    def _function(self, name: str, arguments: Sequence[parser.Token]) -> Test:
        if name in PLACES:
            return nth(*self._series(name, arguments), **PLACES[name])
        if name == "lang":
            return self._language_test(arguments)
        if name == "contains":
            raise self._refusal(":contains()", "is no CSS; look at the get_text() of what a selector finds")
        return self._pseudo_class(f"{name}()")

    def _series(self, name: str, arguments: Sequence[parser.Token]) -> tuple[int, int]:
        """Step and start of `2n+1` and the like."""
        text, end = "", 0
        for token in arguments:
            # Blanks are no tokens here, but "1 2" is not 12, and "+ 1" is no number.
            text += " " if text and token.pos > end else ""
            text += repr(token.value) if token.type == "STRING" else str(token.value)
            end = token.pos + len(str(token.value))
        found = _SERIES.fullmatch({"odd": "2n+1", "even": "2n"}.get(lower(text), text))
        if found is None:
            raise self._refusal(f":{name}({text})", "must name a number, 'odd', 'even', or a series like '2n+1'")
        if found["place"]:
            return 0, int(found["place"])
        step = found["step"]
        return int(f"{step}1" if step in ("", "+", "-") else step), int(f"{found['sign'] or ''}{found['start'] or 0}")

    def _language_test(self, arguments: Sequence[parser.Token]) -> Test:
        if len(arguments) != 1 or arguments[0].type not in ("IDENT", "STRING"):
            raise self._refusal(":lang()", "takes one language, as in ':lang(en)'")
        wanted = lower(_decoded(str(arguments[0].value)))

        def test(node: Element, query: Query) -> bool:
            language = lower(query.language(node))
            return wanted != "" and (language == wanted or language.startswith(f"{wanted}-"))

        return test

    def _check_prefix(self, prefix: str | None, name: str) -> None:
        if prefix not in (None, "*"):
            raise self._refusal(f"{prefix}|{name}", f"has a prefix, which a selector cannot declare; write '{name}' or '*|{name}'")

    def _refusal(self, part: str, why: str) -> ValueError:
        return ValueError(f"{part!r} in the selector {self._text!r:.500} {why}")


def _decoded(name: str) -> str:
    return name.replace(_BACKSLASH, "\\")


def _type_test(name: str) -> Test:
    # In any case: by the standard `lineargradient` is not SVG's `linearGradient`, but Chromium and Safari find it.
    lower_name = lower(name)
    return lambda node, query: tag_of(node) == lower_name


def _attribute(node: Element, names: Sequence[str]) -> str | None:
    """The value of the first attribute of these names that there is, as a browser has it."""
    attributes = {name: value for name, value in node.wire_attributes().items() if not name.startswith("@")}
    for name in names:
        if name in attributes:
            return as_text(attributes[name])
    lower_names = [lower(name) for name in names]
    return next((as_text(value) for name, value in attributes.items() if lower(name) in lower_names), None)
