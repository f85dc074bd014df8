"""What views and middlewares see of the server: `view.server`, `request.server`, `data.server`. Nothing inside of us uses it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gevent.event import AsyncResult

from ..html.state import State
from ..settings import Settings

if TYPE_CHECKING:
    from jinja2 import Template

T = TypeVar("T")

# Any below: values of the application's own; and views, requests and routes, which know this file, so that it cannot know them.


class Server(Protocol):
    """One process of the application. `server.facade.Facade` is it; `App.server` gives the same object."""

    @property
    def settings(self) -> Settings: ...

    @property
    def state(self) -> State:
        """Values that all views of this process share; any thread may use it. The same as `App.state`."""

    @property
    def project_root(self) -> Path: ...

    # Views and users. None of these waits or looks at all views, but at those that it counts or returns.

    def get_running_views_count(self, user: Hashable) -> int:
        """How many views of this user run in this process, whether a browser shows them or not."""

    def view_is_already_running(self, request: Any) -> bool:
        """Whether such a visit would join a daemon view, in whichever process of this machine."""

    def get_connection_count(self, user: Hashable) -> int:
        """How many WebSockets this user has open in this process."""

    def get_connected_user_count(self) -> int:
        """How many users have at least one WebSocket open in this process."""

    def get_view_class(
        self, route_name: str | None = None, route: Any = None, import_string: str | None = None, url: str | None = None,
    ) -> type[Any] | None:
        """The view class of a route, of an import string, or of a URL; None: there is none. Exactly one, else ValueError."""

    def get_views(
        self, route_name: str | None = None, route: Any = None, import_string: str | None = None, url: str | None = None,
        user: Hashable = None,
    ) -> list[Any]:
        """The views that run now of that class; only those of `user` if one is given. Exactly one of the rest, else ValueError."""

    def fire_view_event(self, name: str, data: Any = None, view_classes: type[Any] | Iterable[type[Any]] | None = None) -> None:
        """Let the views of this process that run, of these classes or of all, handle a `ViewEvent`. Never waits.

        Between processes there are channels.
        """

    # Helpers.

    def reverse(self, route_name: str, *args: object, **kwargs: object) -> str:
        """The path of the route of that name, with these values in its named parts; see `App.reverse`."""

    @property
    def template_dirs(self) -> list[str]:
        """Where templates are searched, in this order. To be read: folders are added to `TEMPLATE_DIRS`, before the start."""

    @property
    def static_dirs(self) -> list[str]:
        """The same for static files and `STATIC_DIRS`."""

    def get_template(self, template_name: str) -> Template:
        """A template as Jinja2 has it; it gets the names of the framework only from the two below. Raises `TemplateNotFound`."""

    def render_template(self, template_name: str, template_context: Mapping[str, Any] | None = None) -> str:
        """The template, filled in: HTML. For mails and the like; a view has `show(template=…)` and `TemplateResponse`."""

    def render_string(self, template_string: str, template_context: Mapping[str, Any] | None = None) -> str:
        """The same for the text of one, in a sandbox: what somebody has typed belongs into the context, never into the text."""

    def acquire(self, import_string: str, ignore_import_cache: bool = False) -> object:
        """What `package.module.attribute` names, or `path/to/file.py::attribute`, in the project's folder. Raises ImportError.

        `ignore_import_cache` is accepted and ignored: a file is executed once in a process, as modules are.
        """

    def run_function_async(self, function: Callable[..., T], *args: Any, executor_name: str = "", **kwargs: Any) -> AsyncResult[T]:
        """Run `function` in a real thread; returns at once. `get(timeout=)` of what is returned waits for the result, or raises.

        For what gevent cannot make wait politely: computing, C libraries. It must not touch a tree. `executor_name` is accepted and
        ignored: there is one pool of threads.
        """

    def run_coroutine_sync(self, coroutine: Any, wait: bool = True) -> Any:
        """Run a coroutine to its end, on the application's event loop. Waits for its result, or raises what it raised.

        `wait=False`: returns at once; `get(timeout=)` of what is returned waits. In a view `await_sync` does the same, and gives
        the view's turn away meanwhile.
        """

    def resolve_path(self, path: str) -> str:
        """`path` below the project's folder; an absolute one as it is."""
