"""Middlewares: classes of the application that see requests, connections, messages and views before anybody else does.

    class Staff:
        def handle_request(self, data):
            if not data.request.user.is_authenticated:
                return RedirectResponse('/login')
            return data

Each is made once in each process, without arguments. Its hooks are all optional, and plain methods; they are called in the order of
`CORE_MIDDLEWARES` and then `MIDDLEWARES`, with an object that says what it is about. One that returns this object lets the next one
have it; whatever else it returns ends the chain. All may wait.

| hook | when | `data` has | may return, too |
|---|---|---|---|
| `on_startup` | the process begins to serve | `server` | |
| `on_shutdown` | it has ended its views | `server` | |
| `handle_http_request` | each HTTP request but static files; before routing | `server`, `http_request` | a response |
| `handle_connection` | each of these, and each WebSocket after its handshake | + `connection` | a response; WebSocket: a str |
| `handle_websocket_message` | each message of the page's own scripts | + `message` | None: handled |
| `handle_request` | before the view's own, in its greenlet | + `request`, `view` | whatever a view may return or raise |
| `on_view_stop` | before `View.on_stop` | + `reason` | |
| `on_view_cleanup` | before `View.on_cleanup` | as `handle_request` | |

What `handle_connection` returns for a WebSocket is sent, and then it is closed.

A middleware may be what keeps strangers out. So one that cannot be loaded, and a hook that cannot be called, keeps the application
from starting, instead of being left out with a line in the log. For the same reason an exception in a hook is never taken for a
yes.
"""

from __future__ import annotations

import difflib
import inspect
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from types import SimpleNamespace
from typing import Any

import gevent
import greenlet
from gevent.event import Event
from werkzeug.wrappers import Request as HTTPRequest

from ..views.hooks import GO_ON
from ..views.request import Request
from ..views.server import Server
from ..views.view import View
from ..views.visitor import Visitor

logger = logging.getLogger("lona_sync.middlewares")

HOOKS = (
    "on_startup", "on_shutdown", "handle_http_request", "handle_connection", "handle_websocket_message", "handle_request",
    "on_view_stop", "on_view_cleanup",
)
#: Messages of one connection that wait for `handle_websocket_message`; of more, the later ones are dropped and counted.
MAX_MESSAGES = 1000
#: Characters of these together: a thousand of the largest messages would be a gigabyte, for each connection.
MAX_CHARACTERS = 4 * 1024 * 1024

Hook = Callable[[Any], object]                     # Any: what the hook is about, see above


class MiddlewareData(SimpleNamespace):
    """What a hook is about: the attributes that the table above names for it. A hook may set others, for those behind it."""


class Middlewares:
    """All of one process. `acquire` loads what is named by an import string; `run` a coroutine, for hooks that are `async`.

    Raises TypeError for what is no middleware, and what loading and making one raises.
    """

    def __init__(
        self, middlewares: Iterable[object], *, acquire: Callable[[str], object], run: Callable[[Awaitable[Any]], object],
        counters: Counter[str],
    ) -> None:
        self._run = run
        self._counters = counters
        instances = [_made(each, acquire) for each in middlewares]
        self._hooks: dict[str, list[Hook]] = {
            name: [self._hook(each, name) for each in instances if hasattr(each, name)] for name in HOOKS
        }
        for each in instances:
            _look_for_typing_errors(each)
        #: Their classes, in the order in which they are asked.
        self.names = [f"{type(each).__module__}.{type(each).__qualname__}" for each in instances]
        self._starter: greenlet.greenlet | None = None
        self._started = Event()
        self._stopped = False
        self._heard: dict[Visitor, deque[str]] = {}          # what waits, by whom it came from, while somebody works it off

    # The process.

    def start(self, server: Server) -> None:
        """Run `on_startup`, once. An exception in it is logged. Who comes meanwhile waits until it is over."""
        if self._started.is_set() or self._starter is greenlet.getcurrent():
            return
        if self._starter is not None:
            self._started.wait()
            return
        self._starter = greenlet.getcurrent()
        try:
            self._tell_all("on_startup", MiddlewareData(server=server))
        finally:
            self._starter = None
            self._started.set()

    def stop(self, server: Server) -> None:
        """Run `on_shutdown`, once. An exception in it is logged."""
        if self._started.is_set() and not self._stopped:
            self._stopped = True
            self._tell_all("on_shutdown", MiddlewareData(server=server))

    # HTTP and WebSockets. Exceptions of hooks go to the caller.

    @property
    def see_http(self) -> bool:
        """Whether there is a hook for requests."""
        return bool(self._hooks["handle_http_request"])

    def handle_http_request(self, server: Server, http_request: HTTPRequest) -> object:
        """`GO_ON`, or the answer."""
        if not self._hooks["handle_http_request"]:
            return GO_ON
        return self._chain("handle_http_request", MiddlewareData(server=server, http_request=http_request))

    def handle_connection(self, visitor: Visitor) -> object:
        """`GO_ON`, or the answer; of a WebSocket what is to be sent."""
        if not self._hooks["handle_connection"]:
            return GO_ON
        return self._chain("handle_connection", _about(visitor))

    def hear(self, visitor: Visitor, text: str) -> None:
        """A message of the page's own scripts. Never waits: a greenlet of its own calls the hooks, one message after another."""
        if not self._hooks["handle_websocket_message"]:
            return
        waiting = self._heard.get(visitor)
        if waiting is None:
            self._heard[visitor] = deque([text])
            gevent.spawn(self._work_off, visitor)
        elif len(waiting) < MAX_MESSAGES and sum(map(len, waiting)) + len(text) <= MAX_CHARACTERS:
            waiting.append(text)
        else:
            self._counters["messages.dropped"] += 1

    def _work_off(self, visitor: Visitor) -> None:
        waiting = self._heard[visitor]
        try:
            while waiting:
                data = _about(visitor)
                data.message = waiting.popleft()
                try:
                    self._chain("handle_websocket_message", data)
                except (Exception, gevent.Timeout):      # of a hook's own, which is no Exception
                    logger.exception("error in handle_websocket_message")
        finally:
            del self._heard[visitor]

    # Views (`views.hooks.Hooks`).

    @property
    def see_ends(self) -> bool:
        return bool(self._hooks["on_view_stop"] or self._hooks["on_view_cleanup"])

    def handle_request(self, request: Request, view: View) -> object:
        if not self._hooks["handle_request"]:
            return GO_ON
        visitor = request.connection
        user = visitor.user
        answer = self._chain("handle_request", _about_view(request, view))
        if visitor.user is not user and request.user is user:
            request.user = visitor.user                      # to the reference's middlewares these are one and the same
        return answer

    def view_stops(self, request: Request, view: View, reason: BaseException | None) -> None:
        if self._hooks["on_view_stop"]:
            data = _about_view(request, view)
            data.reason = reason
            self._tell_all("on_view_stop", data)

    def view_leaves(self, request: Request, view: View) -> None:
        if self._hooks["on_view_cleanup"]:
            self._tell_all("on_view_cleanup", _about_view(request, view))

    # Inside.

    def _hook(self, middleware: object, name: str) -> Hook:
        hook: Hook = getattr(middleware, name)
        kind = type(middleware).__name__
        if not callable(hook):
            raise TypeError(f"{kind}.{name} is a hook, so it has to be a method, not {hook!r}")
        try:
            inspect.signature(hook).bind(None)
        except TypeError:
            raise TypeError(f"{kind}.{name} is called with one argument: write def {name}(self, data)") from None
        except ValueError:
            pass                                             # code in C, which does not tell
        if not inspect.iscoroutinefunction(hook):
            return hook
        coroutine: Callable[[Any], Awaitable[Any]] = hook
        return lambda data: self._run(coroutine(data))

    def _chain(self, name: str, data: MiddlewareData) -> object:
        for hook in self._hooks[name]:
            answer = hook(data)
            if answer is not data:
                return answer
        return GO_ON

    def _tell_all(self, name: str, data: MiddlewareData) -> None:
        """Each is told, whatever the others return or raise."""
        for hook in self._hooks[name]:
            try:
                hook(data)
            except (Exception, gevent.Timeout):
                logger.exception("error in %s of a middleware", name)


def _made(middleware: object, acquire: Callable[[str], object]) -> object:
    found = acquire(middleware) if isinstance(middleware, str) else middleware
    if not isinstance(found, type):
        raise TypeError(f"a middleware is a class, or the import string of one, not {middleware!r}")
    return found()


def _look_for_typing_errors(middleware: object) -> None:
    for name in dir(middleware):
        if name.startswith(("on_", "handle_")) and name not in HOOKS:
            close = difflib.get_close_matches(name, HOOKS, n=1, cutoff=0.8)
            if close:
                logger.warning("%s.%s is never called; did you mean %s?", type(middleware).__name__, name, close[0])


def _about(visitor: Visitor) -> MiddlewareData:
    return MiddlewareData(server=visitor.server, http_request=visitor.http_request, connection=visitor)


def _about_view(request: Request, view: View) -> MiddlewareData:
    data = _about(request.connection)
    data.request = request
    data.view = view
    return data
