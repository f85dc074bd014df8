"""`App`: what a program declares, and the WSGI callable that a server gets.

It is long because it is what users read: each thing that a program may declare or ask is a short method with its contract. How an
application is put together is in `parts.py`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from gevent import monkey
from werkzeug.routing import BaseConverter

from .channels.broker import MemoryBroker
from .channels.brokers import broker_from_url
from .channels.hub import default_hub
from .html.state import State
from .launch import Declared, Launch, RunOptions, invocation, launch, parse_behind, run_again
from .logs import LogOptions, configure
from .server.http.serving import Server
from .server.pages.custom_views import NamedView
from .server.pages.own_files import OwnFiles
from .server.people.session_store import SessionStore
from .server.people.visitors import LoadUser
from .server.process.garbage import look_less_often
from .server.process.live_reload import LiveReload
from .server.process.shutdown import Shutdown
from .server.process.supervised import Supervised
from .server.process.worker import Worker, complain_without_worker, current_worker, when_worker_starts
from .server.routing.patterns import KNOWN, Pattern
from .server.routing.routes import Route, Router
from .server.static.collect import collect
from .settings import Settings
from .views.report import RunningView, report
from .views.shared_lock import SharedLock
from .views.view import View

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .parts import Parts
    from .server.facade import Facade

logger = logging.getLogger("lona_sync")
V = TypeVar("V", bound=type[View])
F = TypeVar("F", bound=Callable[..., object])
L = TypeVar("L", bound=LoadUser)


class App:
    """An application: routes to views, and the WSGI callable for a server with gevent.

    `script_path` is `__file__` of the module that makes it; the folder of that file is the project's. Its parts are
    made with the first request, in the process that serves it, so a server may fork after the import.
    """

    def __init__(self, script_path: str | os.PathLike[str]) -> None:
        self.script_path = Path(script_path).resolve()
        self.project_root = self.script_path.parent
        self.settings = Settings(root=self.project_root)
        self.routes: list[Route] = []
        #: Converters for `<name:part>` in patterns, by name, beside werkzeug's: subclasses of `werkzeug.routing.BaseConverter`.
        self.converters: dict[str, type[BaseConverter]] = {}
        self.own_files = OwnFiles(self.project_root)
        lock = SharedLock()
        #: Values that all views of this process share; any thread may use it.
        self.state = State({}, lock=lambda: lock, guard=lock)
        #: A `SessionStore` of your own; None: the one that the setting SESSION_STORE names.
        self.session_store: SessionStore | None = None
        self.user_loader: LoadUser | None = None
        self._parts: Parts | None = None
        # Subscriptions of the module, and what it runs in the background, are not to wait for the first visitor.
        when_worker_starts(self._start)

    @overload
    def route(
        self, pattern: str | int, name: str = "", interactive: bool = True, http_pass_through: Literal[False] = False,
        frontend_view: type[View] | str | None = None, *, csrf_exempt: bool = False, first_paint: bool | None = None,
    ) -> Callable[[V], V]: ...

    @overload
    def route(
        self, pattern: str | int, name: str = "", interactive: bool = True, *, http_pass_through: Literal[True],
        frontend_view: type[View] | str | None = None, csrf_exempt: bool = False,
    ) -> Callable[[F], F]: ...

    def route(
        self, pattern: str | int, name: str = "", interactive: bool = True, http_pass_through: bool = False,
        frontend_view: type[View] | str | None = None, *, csrf_exempt: bool = False,
        first_paint: bool | None = None,
    ) -> Callable[[F], F]:
        """Decorates a view: it answers `pattern`. The first route that matches wins; a view may have several.

        For what the arguments mean see `Route`. With `interactive=False` the view answers plain HTTP requests by what
        `handle_request` returns. Raises ValueError for a pattern that cannot work, TypeError for a view that cannot.
        """
        if isinstance(pattern, type):
            raise TypeError("a route needs its pattern: write @app.route('/path') above the class, not @app.route")
        if isinstance(pattern, str):
            Pattern(pattern, {**KNOWN, **self.converters})

        def add(view: F) -> F:
            self.routes.append(
                Route(
                    pattern, view, name, interactive, http_pass_through, frontend_view, csrf_exempt=csrf_exempt,
                    first_paint=first_paint,
                )
            )
            return view

        return add

    def reverse(self, route_name: str, *args: object, **kwargs: object) -> str:
        """The path of the route of that name, quoted, with these values in its named parts: `app.reverse('user', name='a b')`.

        It is below the place where the application is mounted: `request.base + app.reverse(…)`. Raises ValueError, see `Router`.
        """
        parts = self._parts
        # While the module is still being read, more routes may come, and processes may fork.
        router = Router(self.routes, self.converters) if parts is None or parts.process != os.getpid() else parts.router
        return router.reverse(route_name, *args, **kwargs)

    @property
    def frontend_view(self) -> NamedView:
        """Decorates the view that makes the page around every interactive one whose route names none itself.

        It runs as one that is not interactive, with `request.frontend` True, and returns a page: docs/templates.md. The class
        stays as it is. With or without parentheses, as the three below.
        """
        return NamedView(self.settings, "FRONTEND_VIEW")

    @property
    def error_403_view(self) -> NamedView:
        """Decorates the view that is shown when one raises `ForbiddenError`: `handle_request(self, request, exception)`."""
        return NamedView(self.settings, "ERROR_403_VIEW")

    @property
    def error_404_view(self) -> NamedView:
        """Decorates the view that is shown at addresses without a route, and when one raises `NotFoundError`."""
        return NamedView(self.settings, "ERROR_404_VIEW")

    @property
    def error_500_view(self) -> NamedView:
        """Decorates the view that is shown when one has failed. It shows something once and takes no events."""
        return NamedView(self.settings, "ERROR_500_VIEW")

    @property
    def template_dir(self) -> Path:
        """A folder of this process's own, in which templates are found before all others; it goes with the process."""
        return self.own_files.template_dir

    @property
    def static_dir(self) -> Path:
        """The same for static files."""
        return self.own_files.static_dir

    def resolve_path(self, path: str | os.PathLike[str]) -> Path:
        """`path` below the project's folder; an absolute one as it is. `..` is resolved, links are not."""
        return Path(os.path.normpath(self.project_root / path))

    def add_template(self, name: str, string: str = "", path: str | os.PathLike[str] = "") -> None:
        """Make a template of this name from a string, or from a file, named relative to the project. It counts before all others.

        Raises FileNotFoundError when there is no such file, ValueError when neither is given.
        """
        self.own_files.add_template(name, string, path)

    def add_static_file(self, name: str, string: str = "", path: str | os.PathLike[str] = "") -> None:
        """The same for a static file, as `'lona/style.css'`."""
        self.own_files.add_static_file(name, string, path)

    def collect_static(
        self, destination: str | os.PathLike[str], *, clean: bool = False, dry_run: bool = False,
        say: Callable[[str], object] = print,
    ) -> dict[str, str]:
        """Write all static files into the folder `destination`, for a proxy: what `lona-sync collect-static` does. See `collect`.

        `say` is called with a line for each file. Returns the names that pages use, by the names of the files.
        """
        # Without `self.parts` where nobody serves: no broker has to be there for a build.
        static = self._make_parts().static if self._parts is None else self._parts.static
        return collect(
            static, Path(destination), keep_clear_of=[self.project_root], clean=clean, dry_run=dry_run, say=say,
        )

    def middleware(self, middleware: Any = None, /) -> Any:             # Any: the class that it gets
        """Decorates a class, `@app.middleware`: its hooks see requests, connections and views before anybody else does.

        See `docs/users.md` for the hooks. The class stays what it is.
        """
        if middleware is None:
            return self.middleware
        if not isinstance(middleware, type):
            raise TypeError(f"a middleware is a class, not {middleware!r}: write @app.middleware above it")
        self.settings.MIDDLEWARES.append(middleware)
        return middleware

    def load_user(self, load: L) -> L:
        """Decorates the function that finds a user by what `login` has written down of him: `load(id)`.

        Asked whenever a browser connects, comes back or loads a page; it may wait for a database. What it returns becomes
        `request.user`, and has to be hashable and equal for the same user. None: he may not come in (any more), and is anonymous.
        """
        self.user_loader = load
        return load

    def disconnect(self, user: Any) -> None:
        """End the live views and connections of `user`, in all processes of the application on this machine.

        `user`: as `request.user`, or the id that he has logged in with. Daemon views of his end, too, and those that wait for a
        lost browser, with `UserAbort`. His browsers come back at once, and are let in as who they are by then: `load_user` is asked
        again. Waits for the other processes, at most `SIBLING_TIMEOUT`.
        """
        self.parts.dismissal.disconnect(user)

    def log_out(self, user: Any) -> None:
        """The same, and whoever has logged in as this user, in whichever browser, has to do so again."""
        self.parts.dismissal.log_out(user)

    @property
    def server(self) -> Facade | None:
        """What views have as `self.server`; None in a process that does not serve yet."""
        return None if self._parts is None or self._parts.process != os.getpid() else self._parts.facade

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        parts = self.parts
        if not parts.served:
            parts.served = True
            _warn_unpatched()
        return parts.http(environ, start_response)

    @property
    def parts(self) -> Parts:
        """The parts in this process, made when they are needed first. For the framework's own tools."""
        if self._parts is None or self._parts.process != os.getpid():
            parts = self._make_parts()
            self._greet_server(parts)
            self._parts = parts                              # last: settings that cannot work fail each time, not only the first
        return self._parts

    def _make_parts(self) -> Parts:
        # Here, since who only declares an application, a script or a build, say, needs none of what serves it.
        from .parts import Parts

        return Parts(self)

    def run(
        self, host: str = "", port: int = 0, *, live_reload: bool = False, shutdown_timeout: float | None = None,
        log_level: str = "", loggers: Sequence[str] = (), debug_mode: str = "", syslog_priorities: str = "", log_format: str = "",
        shell: bool = False, settings_pre_overrides: Mapping[str, Any] | None = None,
        settings_post_overrides: Mapping[str, Any] | None = None, parse_command_line: bool = True,
        application: WSGIApplication | None = None,
    ) -> None:                                                   # Any: settings have many types
        """Serve until Ctrl-C or SIGTERM; waits. `host`: 'localhost' by default; `port`: 8080.

        `application`: the WSGI application that is served, where this one is mounted in another: docs/views.md.

        The environment (`LONA_SYNC_HOST`, `LONA_SYNC_PORT`) and the command line are asked, too: options win over arguments,
        arguments over the environment. With `parse_command_line=False` what follows the script's name is its own alone. What each
        of the arguments means stands in docs/command-line.md. Raises TypeError and ValueError for settings that cannot work.

        In a script that gevent has not patched, this starts the script once more through `lona-sync run`, since patching comes
        too late here: the script's own imports are done.
        """
        names = (loggers,) if isinstance(loggers, str) else tuple(loggers)
        given = RunOptions(
            host=host, port=port, shutdown_timeout=shutdown_timeout, live_reload=live_reload, shell=shell,
            log=LogOptions(log_level, names, debug_mode, syslog_priorities, log_format),
            pre_overrides=settings_pre_overrides or {}, post_overrides=settings_post_overrides or {},
        )
        started = launch.get()
        if started is None:
            if not monkey.is_module_patched("socket"):
                _run_again(["--live-reload"] if live_reload else [])
            started = Launch(behind=sys.argv[1:])
        if started.only_declare:
            raise Declared(self, dict(vars(sys.modules["__main__"])))
        started.served = True
        said = parse_behind(started.behind).over(started.before) if parse_command_line else started.before
        options = said.over(given)
        if options.live_reload and started.supervised is None:
            if started.words:
                run_again(started.flags, ["--live-reload", *started.words])
            _run_again(["--live-reload"])
        if options.log != started.log:                           # else the program may have changed it meanwhile
            configure(options.log)
        self._serve(options, started.supervised, application)

    def _serve(
        self, options: RunOptions, supervised: Supervised | None, application: WSGIApplication | None,
    ) -> None:
        options.apply_to(self.settings)
        host, port = options.host_or_default(), options.port_or_default()
        # Made now: settings that cannot work fail before anybody comes.
        server = self._server(host, port, supervised, application)
        _warn_unpatched()                                    # at a prompt
        self.parts.middlewares.start(self.parts.facade)
        server.start()
        if supervised is not None:
            self._tell_supervisor(server, host, port, supervised)
        self.parts.siblings.enlist()
        self.parts.store.clear_away()
        self.parts.watchdog.start()
        look_less_often(self.settings.GC_THRESHOLD)
        logger.info("serving %s on http://%s:%d/ (Ctrl-C stops it)", self.script_path.name, host, server.port)
        told = server.wait_for_signal()
        server.stop_accepting()
        if supervised is not None:
            supervised.ends()
        if told == signal.SIGTERM:                           # Ctrl-C is somebody who waits for his prompt
            self.drain()
        self.stop()
        usual = 1.0 if supervised is None else 0.1
        server.stop(usual if options.shutdown_timeout is None else options.shutdown_timeout)

    def _server(self, host: str, port: int, supervised: Supervised | None, application: WSGIApplication | None) -> Server:
        own: WSGIApplication = self.parts.http
        if supervised is None:
            return Server(application or own, host, port)
        # One of many processes that each live until a file is saved, and somebody waits for the next one.
        settings = self.settings
        settings.DRAIN_TIMEOUT, settings.DRAIN_JITTER = min(settings.DRAIN_TIMEOUT, 1.0), min(settings.DRAIN_JITTER, 0.05)
        settings.STOP_TIMEOUT = min(settings.STOP_TIMEOUT, 1.0)
        reload = LiveReload(application or own, numbers=supervised.numbers, networks=settings.LIVE_RELOAD_NETWORKS)
        supervised.follow(reload)
        return Server(reload, host, port, listener=supervised.listener(host, port))

    def _tell_supervisor(self, server: Server, host: str, port: int, supervised: Supervised) -> None:
        assert server.listener is not None
        folders = [self.project_root, *map(self.resolve_path, [*self.settings.TEMPLATE_DIRS, *self.settings.STATIC_DIRS])]
        supervised.serves(host, port, server.listener, folders, self.settings.LIVE_RELOAD_NETWORKS)

    def drain(self) -> None:
        """Let the views of this process go to another one, each when it suits it: see docs/deployment.md. `stop` is to follow.

        Waits until those in the middle of something have come to a wait, at most `DRAIN_TIMEOUT`; a worker of gunicorn's before
        that until there is another one, at most three seconds. From now on no view starts here for a browser, and none is let in.
        """
        if self._parts is not None:
            self._parts.drain.run(is_worker=self._parts.worker is not None)

    def stop(self) -> None:
        """End all views of this process with `ServerStop` and send their browsers off with 1012: they come back by themselves.

        Waits until the views have cleaned up, at most twice `STOP_TIMEOUT`, and until what they sent to other processes is
        on its way, at most `CHANNEL_FLUSH_SECONDS`.
        """
        if self._parts is not None:
            self._parts.socket.close_all()
            self._parts.registry.stop_all(2 * self.settings.STOP_TIMEOUT)
            self._parts.middlewares.stop(self._parts.facade)
            self._parts.coroutines.stop(1.0)                 # those of views have been cancelled
            self._parts.socket.wait(2.0)                     # longer than a browser has to answer
            self._parts.siblings.leave()                     # last: until then a view that is not there is said to be gone
            self._parts.store.leave()
            default_hub.stop(self.settings.CHANNEL_FLUSH_SECONDS)
            self._parts.watchdog.stop()

    def reset(self) -> None:
        """As `stop`; after that the application can be used again, as a new one, also in another thread. For tests.

        Sessions that had not been written anywhere, counters and views are gone; settings, routes and `state` stay.
        """
        self.stop()
        self._parts = None
        default_hub.use(MemoryBroker())                      # what comes next joins its own

    def stats(self) -> dict[str, float]:
        """What has happened in this process so far, and what runs now, by name; docs/operations.md says what each means.

        Never waits. Looks at each view once: three milliseconds for each thousand.
        """
        return self.parts.numbers.read()

    def views(self) -> list[RunningView]:
        """Each view that runs in this process: whose it is, at which line of your source it waits, for what, since when, and more.

        In the hub's thread; never waits. Costs a dozen microseconds for each view, so it is for people, not for every request.
        """
        return [report(runtime) for runtime in self.parts.registry]

    def _greet_server(self, parts: Parts) -> None:
        """Called once in each process that serves this application."""
        worker = parts.worker = current_worker()
        if worker is not None:
            parts.siblings.enlist()
            parts.store.clear_away()
        default_hub.message_bytes = self.settings.CHANNEL_MESSAGE_BYTES
        default_hub.start()
        self._join_broker(worker)
        if "gunicorn" in sys.modules and monkey.is_module_patched("socket"):
            Shutdown(drain=self.drain, stop=self.stop, worker=worker).prepare()
            if worker is not None:
                parts.watchdog.start()                       # of others nobody knows whether this is the loop that will run
                look_less_often(self.settings.GC_THRESHOLD)
            else:
                complain_without_worker()

    def shell_names(self) -> dict[str, Any]:                # Any: whatever they are
        def view(id: str) -> View:
            """The running view whose id begins with these letters."""
            return next(runtime.view for runtime in self.parts.registry if runtime.id.startswith(id))

        return {
            "__name__": "shell", "app": self, "settings": self.settings, "state": self.state,
            "server": getattr(self, "server", self), "view": view,
        }

    def set_up(self, load: Callable[[str], object]) -> None:
        """What settings say of the application itself. For the framework; once in each process."""
        if not self.routes and self.settings.ROUTING_TABLE:
            table = load(self.settings.ROUTING_TABLE)
            if not isinstance(table, Sequence) or not all(isinstance(each, Route) for each in table):
                raise TypeError(f"ROUTING_TABLE names a list of Route, and not {table!r}")
            self.routes.extend(table)
        for name, value in self.settings.INITIAL_SERVER_STATE.items():
            if name not in self.state:
                self.state[name] = value                         # a dict of ours copies what it is given

    def _start(self) -> None:
        if not self.parts.served:
            self.parts.served = True
            _warn_unpatched()
        self.parts.middlewares.start(self.parts.facade)

    def _join_broker(self, worker: Worker | None) -> None:
        settings = self.settings
        broker = broker_from_url(
            settings.CHANNEL_BROKER,
            stream_length=settings.CHANNEL_STREAM_LENGTH,
            stream_seconds=settings.CHANNEL_STREAM_SECONDS,
            outbox_messages=settings.CHANNEL_OUTBOX,
            outbox_bytes=settings.CHANNEL_OUTBOX_BYTES,
            message_bytes=settings.CHANNEL_MESSAGE_BYTES,
            flush_seconds=settings.CHANNEL_FLUSH_SECONDS,
        )
        if broker.url == default_hub.broker.url:
            if isinstance(broker, MemoryBroker) and worker is not None and worker.cfg.workers > 1 and worker.age == 1:
                logger.warning(
                    "%d workers, and channels reach only the worker that sends: set CHANNEL_BROKER or LONA_SYNC_BROKER to a "
                    "Redis server (redis://localhost:6379/0), or use one worker.", worker.cfg.workers,
                )
        elif isinstance(default_hub.broker, MemoryBroker):
            default_hub.use(broker)
        else:
            logger.error(
                "%s wants the broker %s, and this process uses %s already: its channels are those of all its applications.",
                self.script_path.name, broker.url, default_hub.broker.url,
            )


def _warn_unpatched() -> None:
    """For a process that serves; a test may do without, and what it cannot do then it says in docs/testing.md."""
    if not monkey.is_module_patched("socket"):
        logger.warning(
            "gevent has not patched the standard library in this process: time.sleep and sockets in a view "
            "would stop all others. Run it by `lona-sync run` or `gunicorn -k gevent`."
        )


def _run_again(options: list[str]) -> None:
    """Replace this process by a patched one that runs the same program, with these options of `lona-sync run`.

    Returns when there is nothing to run again: at a prompt, in a notebook, for what came through a pipe.
    """
    if getattr(sys.modules["__main__"], "__file__", None) is None:
        return
    flags, target = invocation()
    if len(target) > 1 or os.path.exists(target[0]):
        run_again(flags, [*options, *target, *sys.argv[1:]])
