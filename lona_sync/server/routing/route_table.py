"""Routes as a table for a terminal, and what becomes of a path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from urllib.parse import unquote, urlsplit

from ..watching.table import aligned
from .patterns import Converters
from .routes import MATCH_ALL, Route, Router

_HEADER = ("PATTERN", "NAME", "VIEW", "OPTIONS")
_NO_OPTIONS = frozenset(["pattern", "view", "name", "import_string"])


def lines(routes: Iterable[Route]) -> list[str]:
    """One for each route, in the order in which they are asked."""
    return aligned([_HEADER, *map(_row, routes)])


def lines_of_path(routes: Iterable[Route], converters: Converters | None, url: str) -> list[str]:
    """Which routes take the path of `url`, the one that gets it first, and what its named parts are then. []: none does."""
    path = unquote(urlsplit(url).path)
    takers = [(route, match) for route in routes if (match := Router([route], converters).resolve(path)).matched]
    if not takers:
        return []
    route, match = takers[0]
    told = aligned([("", *_HEADER), *(("->" if taker is route else "", *_row(taker)) for taker, _ in takers)])
    return [*told, *(f"   {name} = {value!r}" for name, value in match.match_info.items())]


def _row(route: Route) -> tuple[str, str, str, str]:
    pattern = "MATCH_ALL" if route.pattern == MATCH_ALL else str(route.pattern)
    return pattern, route.name, route.import_string or _named(route.view), ", ".join(_options(route))


def _options(route: Route) -> Iterable[str]:
    """What of it is not as usual."""
    for each in fields(route):
        value = getattr(route, each.name)
        if each.name not in _NO_OPTIONS and value != each.default:
            yield f"{each.name}={value if isinstance(value, (bool, str)) else _named(value)}"


def _named(view: object) -> str:
    if isinstance(view, str):
        return view
    named = view if hasattr(view, "__qualname__") else type(view)
    return f"{named.__module__}.{named.__qualname__}"
