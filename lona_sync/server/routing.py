"""Which view answers which path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..views.view import View

MATCH_ALL = 1
_PART = re.compile(r"<(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<regex>[^>]+))?>")
_CONVERTERS = frozenset(("any", "float", "int", "path", "str", "string", "uuid"))      # what Flask and Django have in this place
_OPTIONAL_SLASH = "(/)"


@dataclass(frozen=True, eq=False, slots=True)
class Route:
    """`pattern`: literal text with `<name>` (one part of the path) or `<name:regex>`; `(/)` at its end: with or without a slash.

    `MATCH_ALL` instead of a pattern takes every path. Raises ValueError for a pattern that cannot work.
    """
    pattern: str | int
    view: type[View]
    name: str = ""
    interactive: bool = True
    _regex: re.Pattern[str] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if not (isinstance(self.view, type) and issubclass(self.view, View)):
            raise TypeError(f"a route needs a subclass of View, not {self.view!r}")
        if self.pattern == MATCH_ALL:
            return
        if not isinstance(self.pattern, str) or not self.pattern.startswith("/"):
            raise ValueError(f"a route's pattern begins with '/' or is MATCH_ALL, not {self.pattern!r}")
        if not self.is_literal:
            object.__setattr__(self, "_regex", _compile(self.pattern))

    @property
    def is_literal(self) -> bool:
        """True when one comparison decides."""
        return isinstance(self.pattern, str) and not _PART.search(self.pattern) and not self.pattern.endswith(_OPTIONAL_SLASH)

    def match(self, path: str) -> Mapping[str, str] | None:
        """The named parts of `path`; None: it is not for this route."""
        if self.pattern == MATCH_ALL:
            return {}
        if self._regex is None:
            return {} if path == self.pattern else None
        found = self._regex.fullmatch(path)
        return found.groupdict() if found else None


def _compile(pattern: str) -> re.Pattern[str]:
    literal = pattern.removesuffix(_OPTIONAL_SLASH)
    parts: list[str] = []
    end = 0
    for part in _PART.finditer(literal):
        if part["name"] in _CONVERTERS and part["regex"] and part["regex"].isidentifier():      # <path:.*> is meant so
            raise ValueError(
                f"in {pattern!r}, {part[0]!r} would be a part of the name {part['name']!r} that matches {part['regex']!r}. "
                f"The name comes first: <{part['regex']}:REGEX>, for example <{part['regex']}:[0-9]+>."
            )
        parts.append(re.escape(literal[end:part.start()]))         # '/a.b/<x>' does not match '/aXb/1'
        parts.append(f"(?P<{part['name']}>{part['regex'] or '[^/]+'})")
        end = part.end()
    parts.append(re.escape(literal[end:]))
    if literal != pattern:
        parts.append("/?")
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise ValueError(f"the pattern {pattern!r} cannot work: {error}") from None


class Router:
    """Routes in the order of their declaration: the first that matches wins. Literal ones cost one look-up, however many."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._literal: dict[str, tuple[int, Route]] = {}
        self._others: list[tuple[int, Route]] = []
        for place, route in enumerate(routes):
            if route.is_literal:
                assert isinstance(route.pattern, str)
                self._literal.setdefault(route.pattern, (place, route))
            else:
                self._others.append((place, route))

    def resolve(self, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route for `path` with what it matched; None: there is none."""
        literal = self._literal.get(path)
        for place, route in self._others:
            if literal is not None and place > literal[0]:
                break
            found = route.match(path)
            if found is not None:
                return route, found
        return (literal[1], {}) if literal is not None else None
