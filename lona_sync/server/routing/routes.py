"""Which view answers which path, and which path leads to a view."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...views.request import Request
from ...views.view import View
from .import_strings import is_import_string
from .patterns import KNOWN, Converters, Pattern, UnknownConverter
from .view_checks import misspelt_hooks, refuse_coroutines

logger = logging.getLogger("lona_sync.server.routing")

MATCH_ALL = 1


@dataclass(eq=False, slots=True)
class Route:
    """A pattern and what answers it.

    `pattern`: literal text with `<name>`, `<name:regex>` or `<converter:name>`, and `(/)` at its end: with or without a slash; see
    `patterns`. `MATCH_ALL` instead of a pattern takes every path.
    `view`: a subclass of View, or an import string that names one, `package.module.View` or `path/to/file.py::View`.
    `interactive`: False: it answers plain HTTP by what `handle_request` returns.
    `http_pass_through`: the request is not touched: `view` may also be a WSGI application, a class with `handle_request`, or a
    function that takes werkzeug's request.
    `frontend_view`: the view that makes the page around this one.
    `csrf_exempt`: forms and requests of other sites are let in; for webhooks and APIs that ask for more than a cookie.

    `first_paint`: whether its page shows the view before any script has run; None: as the setting FIRST_PAINT says.

    Raises ValueError for a pattern that cannot work, TypeError for a view that cannot.
    """
    pattern: str | int
    view: Any                                    # Any: see above; a View subclass once it is loaded, or a callable
    name: str = ""
    interactive: bool = True
    http_pass_through: bool = False
    frontend_view: Any = None                    # Any: as `view`
    csrf_exempt: bool = False
    first_paint: bool | None = None
    #: What `view` was named by, once it is loaded.
    import_string: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self._check_view()
        if self.pattern == MATCH_ALL:
            return
        if not isinstance(self.pattern, str) or not self.pattern.startswith("/"):
            raise ValueError(f"a route's pattern begins with '/' or is MATCH_ALL, not {self.pattern!r}")
        try:
            Pattern(self.pattern)
        except UnknownConverter:
            return                               # the application may have it; else its router fails

    @property
    def raw_pattern(self) -> str | int:
        """`pattern`."""
        return self.pattern

    @property
    def is_page(self) -> bool:
        """Whether a browser shows it in a window; else it is loaded as whatever it is."""
        return self.interactive and not self.http_pass_through

    @property
    def view_class(self) -> type[View]:
        """The view. Only of a route that is loaded, and whose view is one."""
        assert isinstance(self.view, type) and issubclass(self.view, View)
        return self.view

    def load(self, acquire: Callable[[str], object]) -> None:
        """Replace import strings by what they name. A view that fails to load becomes one that raises why; that is logged, too."""
        if isinstance(self.view, str):
            self.import_string = self.view
            try:
                self.view = acquire(self.import_string)
                self._check_view()
            except Exception as error:
                self.view = self._failing(self.import_string, error)
        if isinstance(self.frontend_view, str):
            try:
                self.frontend_view = acquire(self.frontend_view)
            except Exception as error:
                self.frontend_view = self._failing(self.frontend_view, error)

    def _failing(self, import_string: str, error: Exception) -> type[View]:
        logger.error("the view %r of the route %r cannot be loaded", import_string, self.pattern, exc_info=error)

        class Unloaded(View):
            def handle_request(self, request: Request) -> object:
                raise ImportError(f"the view {import_string!r} could not be loaded") from error

        return Unloaded

    def _check_view(self) -> None:
        view = self.view
        if isinstance(view, type) and issubclass(view, View):
            refuse_coroutines(view)
        elif isinstance(view, str):
            if not is_import_string(view):
                raise TypeError(
                    "a route needs a subclass of View, or an import string like 'package.module.View' or 'views.py::View', "
                    f"not {view!r}"
                )
        elif not self.http_pass_through:
            raise TypeError(
                f"a route needs a subclass of View, not {view!r}. "
                "Other callables and WSGI applications are for routes with http_pass_through=True."
            )
        elif not callable(view) or inspect.iscoroutinefunction(view):
            raise TypeError(f"http_pass_through needs a plain callable, not {view!r}")


@dataclass(frozen=True, slots=True)
class Match:
    """What a path has led to. `matched, route, match_info = router.resolve(path)` works, too.

    `match_info`: the values of the named parts; `texts`: the same as they stand in the path, in the pattern's order.
    """
    route: Route | None
    match_info: Mapping[str, Any]
    texts: tuple[str, ...] = ()

    @property
    def matched(self) -> bool:
        return self.route is not None

    def __iter__(self) -> Iterator[Any]:         # Any: three things of three types
        yield self.matched
        yield self.route
        yield self.match_info


_NOTHING = Match(None, {})


class Router:
    """Routes in the order of their declaration: the first that matches wins.

    Those without named parts cost one look-up, however many they are; the others one regular expression each.
    `converters`: beside werkzeug's. Raises ValueError for a pattern that cannot work with them.
    """

    def __init__(self, routes: Iterable[Route] = (), converters: Converters | None = None) -> None:
        self._converters: Converters = {**KNOWN, **(converters or {})}
        self._routes: list[Route] = []
        self._patterns: dict[Route, Pattern] = {}
        self._by_name: dict[str, Route] = {}
        self._literal: dict[str, tuple[int, Route]] = {}
        self._others: list[tuple[int, Route, Pattern | None]] = []
        self.add_routes(*routes)

    @property
    def routes(self) -> tuple[Route, ...]:
        """All, in their order."""
        return tuple(self._routes)

    def add_routes(self, *routes: Route) -> None:
        """`add_route` for each."""
        for route in routes:
            self.add_route(route)

    def add_route(self, route: Route) -> None:
        """Add a route behind the others. Of two with the same name the first one keeps it, and a warning is logged."""
        place = len(self._routes)
        self._routes.append(route)
        if route.name:
            first = self._by_name.setdefault(route.name, route)
            if first is not route:
                logger.warning(
                    "two routes are named %r: %r and %r; the name means the first one", route.name, first.pattern, route.pattern,
                )
        if not isinstance(route.pattern, str):
            self._others.append((place, route, None))
            return
        pattern = self._patterns[route] = Pattern(route.pattern, self._converters)
        for path in pattern.literal_paths:
            self._literal.setdefault(path, (place, route))
        if not pattern.literal_paths:
            self._others.append((place, route, pattern))

    def get_route(self, name: str) -> Route | None:
        """The route of that name; None: there is none."""
        return self._by_name.get(name)

    def resolve(self, path: str) -> Match:
        """Where `path`, unquoted and without a query, leads. Never waits."""
        literal = self._literal.get(path)
        for place, route, pattern in self._others:
            if literal is not None and place > literal[0]:
                break
            if pattern is None:
                return Match(route, {})
            found = pattern.match(path)
            if found is not None:
                return Match(route, *found)
        return Match(literal[1], {}) if literal is not None else _NOTHING

    def reverse(self, route_name: str, *args: object, **kwargs: object) -> str:
        """The path of the route, quoted, with these values in its named parts: by their names, or in their order.

        What is given beyond them is left alone. Raises ValueError: no such route, a value is missing, or the route would not take
        the path, or with other values.
        """
        route = self._by_name.get(route_name)
        if route is None:
            raise ValueError(f"no route named {route_name!r} found")
        pattern = self._patterns.get(route)
        if pattern is None:
            raise ValueError(f"the route named {route_name!r} takes every path, so none is its own")
        return pattern.build({**dict(zip(pattern.parts, args, strict=False)), **kwargs})

    def warnings(self) -> Iterator[str]:
        """What is probably not meant, a sentence each. Looks at each route once, and for each literal one at those before it."""
        shapes: dict[str, Route] = {}
        everything: Route | None = None
        views: set[type] = set()
        for route in self._routes:
            if isinstance(route.view, type) and route.view not in views:
                views.add(route.view)
                for name, hook in misspelt_hooks(route.view):
                    yield f"{route.view.__qualname__}.{name} is never called by itself; is it meant as {hook}?"
            pattern = self._patterns.get(route)
            first = everything or (self._first(pattern) if pattern is not None else None)
            if pattern is None:
                everything = everything or route
            else:
                first = first or shapes.setdefault(pattern.shape, route)
                yield from _doubts(pattern)
            if first is not None and first is not route:
                yield f"the route {route.pattern!r} is never reached: {_named(first)}, which comes first, takes its paths"

    def _first(self, pattern: Pattern) -> Route | None:
        """The one route that takes each of the paths of a literal pattern."""
        takers = {self.resolve(path).route for path in pattern.literal_paths}
        return takers.pop() if len(takers) == 1 else None


#: How others write named parts: '{id}', '{id:int}', '/:id'.
_IN_BRACES = re.compile(r"\{\w+(?::\w+)?\}")
_BEHIND_COLON = re.compile(r"(?<=/):\w+")


def _named(route: Route) -> str:
    return "MATCH_ALL" if route.pattern == MATCH_ALL else repr(route.pattern)


def _doubts(pattern: Pattern) -> Iterator[str]:
    for part in pattern.parts.values():
        if part.converter is None and part.regex.isidentifier():
            yield (
                f"in the pattern {pattern.text!r}, the part {part.name!r} takes the word {part.regex!r} alone; "
                f"if {part.name!r} is meant as a converter, put it into app.converters"
            )
    if any(sign in pattern.literal_text for sign in "<>"):
        yield f"the pattern {pattern.text!r} has a '<' or '>' as literal text; a named part is written <name>"
    for sign in (*_IN_BRACES.findall(pattern.literal_text), *_BEHIND_COLON.findall(pattern.text)):
        yield f"the pattern {pattern.text!r} has {sign!r} as literal text; a named part is written <name> or <int:name>"
    if pattern.literal_text.startswith("/_lona_sync/"):
        yield f"the route {pattern.text!r} is never reached: what begins with '/_lona_sync/' is the framework's own"
