"""The server as programs see it: `view.server`, `request.server`, `data.server`, `app.server`. Nothing inside of us uses it."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import gevent
from gevent.event import AsyncResult

from ..html.state import State
from ..settings import Settings
from ..views.coroutines import Coroutines
from ..views.registry import Registry
from ..views.request import Request
from ..views.view import View
from .pages.pages import Pages
from .pages.templating import Templates
from .process.daemons import Daemons
from .routing.routes import Route, Router
from .sockets.presence import Presence
from .static.folders import Folders

if TYPE_CHECKING:
    import jinja2

T = TypeVar("T")


class Facade:
    """See `views.server.Server`, which it is."""

    def __init__(
        self, *, settings: Settings, state: State, project_root: Path, routes: list[Route], router: Router, registry: Registry,
        daemons: Daemons, presence: Presence, load: Callable[[str], object], coroutines: Coroutines,
        pages: Pages, templates: Templates, template_folders: Folders, static_folders: Folders,
    ) -> None:
        self._settings = settings
        self._state = state
        self._project_root = project_root
        self._routes = routes
        self._router = router
        self._registry = registry
        self._daemons = daemons
        self._presence = presence
        self._load = load
        self._coroutines = coroutines
        self._pages = pages
        self._templates = templates
        self._template_folders = template_folders
        self._static_folders = static_folders

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def state(self) -> State:
        return self._state

    @property
    def project_root(self) -> Path:
        return self._project_root

    def get_running_views_count(self, user: Hashable) -> int:
        return len(self._registry.crowd.of_user(user))

    def view_is_already_running(self, request: Request) -> bool:
        return self._registry.find_daemon(request) is not None or self._daemons.elsewhere(request) is not None

    def get_connection_count(self, user: Hashable) -> int:
        return self._presence.count(user)

    def get_connected_user_count(self) -> int:
        return self._presence.users

    def get_view_class(
        self, route_name: str | None = None, route: Route | None = None, import_string: str | None = None, url: str | None = None,
    ) -> type[View] | None:
        given = [each for each in (route_name, route, import_string, url) if each is not None]
        if len(given) != 1:
            raise ValueError(f"a view class has a route's name, a route, an import string or a url: give one, not {given!r}")
        if route_name is not None:
            route = next((each for each in self._routes if each.name == route_name), None)
        elif url is not None:
            found = self._router.resolve(url.partition("?")[0])
            route = found.route
        elif import_string is not None:
            loaded = self.acquire(import_string)
            return loaded if isinstance(loaded, type) and issubclass(loaded, View) else None
        return None if route is None or not isinstance(route.view, type) else route.view_class

    def get_views(
        self, route_name: str | None = None, route: Route | None = None, import_string: str | None = None, url: str | None = None,
        user: Hashable = None,
    ) -> list[View]:
        view_class = self.get_view_class(route_name, route, import_string, url)
        if view_class is None:
            return []
        found = self._registry.crowd.of_class(view_class)
        if user is not None:
            ids = {runtime.id for runtime in self._registry.crowd.of_user(user)}
            found = [runtime for runtime in found if runtime.id in ids]
        return [runtime.view for runtime in found]

    def fire_view_event(self, name: str, data: Any = None, view_classes: type[View] | Iterable[type[View]] | None = None) -> None:
        self._registry.fire_view_event(name, data, view_classes)

    def run_function_async(self, function: Callable[..., T], *args: Any, executor_name: str = "", **kwargs: Any) -> AsyncResult[T]:
        result: AsyncResult[T] = gevent.get_hub().threadpool.spawn(function, *args, **kwargs)
        return result

    def run_coroutine_sync(self, coroutine: Any, wait: bool = True) -> Any:
        return self._coroutines.run(coroutine) if wait else gevent.spawn(self._coroutines.run, coroutine)

    def reverse(self, route_name: str, *args: object, **kwargs: object) -> str:
        return self._router.reverse(route_name, *args, **kwargs)

    @property
    def template_dirs(self) -> list[str]:
        return self._template_folders.paths

    @property
    def static_dirs(self) -> list[str]:
        return self._static_folders.paths

    def get_template(self, template_name: str) -> jinja2.Template:
        return self._templates.get(template_name)

    def render_template(self, template_name: str, template_context: Mapping[str, Any] | None = None) -> str:
        return self._pages.fill_in(template_name, template_context or {})

    def render_string(self, template_string: str, template_context: Mapping[str, Any] | None = None) -> str:
        return self._pages.fill_in_string(template_string, template_context or {})

    def acquire(self, import_string: str, ignore_import_cache: bool = False) -> object:
        return self._load(import_string)

    def resolve_path(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._project_root, path))

