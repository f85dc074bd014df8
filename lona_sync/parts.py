"""What one application is made of in one process: all parts, each made with what it uses. Nothing else knows all of them."""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gevent import monkey
from werkzeug.routing import BaseConverter

from .channels.hub import default_hub
from .html.state import State
from .server.entry import Entry
from .server.facade import Facade
from .server.files.addresses import Files
from .server.files.desk import Desk
from .server.http.application import HTTP
from .server.http.forgery import ForgeryGuard
from .server.http.plain_views import PlainViews
from .server.http.security import Security
from .server.middlewares import Middlewares
from .server.pages.custom_views import CustomViews
from .server.pages.frontends import Frontends
from .server.pages.own_files import OwnFiles
from .server.pages.pages import Pages
from .server.pages.painter import Painter
from .server.pages.template_names import Lona, Sources
from .server.pages.templating import CORE as TEMPLATES
from .server.pages.templating import Templates
from .server.people.dismissal import Dismissal
from .server.people.revocations import Revocations
from .server.people.secret import secret_key
from .server.people.session_store import SessionStore, store_from_url
from .server.people.sessions import Sessions
from .server.people.sign_in import SignIn
from .server.people.tickets import Tickets
from .server.people.visitors import LoadUser, Visitors
from .server.process.daemons import Daemons
from .server.process.drain import KIND as ACCEPTING
from .server.process.drain import Drain
from .server.process.kept import KeptStates
from .server.process.worker import Worker
from .server.routing.import_strings import acquire
from .server.routing.routes import Route, Router
from .server.sockets.connection import Connection
from .server.sockets.door import Socket
from .server.sockets.presence import Presence
from .server.static.client_files import ClientFiles
from .server.static.declared_files import DeclaredFiles
from .server.static.files import CORE as STATIC
from .server.static.files import StaticFiles
from .server.static.folders import Folders
from .server.watching.listing import KIND as VIEWS
from .server.watching.listing import Listing
from .server.watching.metrics import KIND as STATS
from .server.watching.metrics import Metrics
from .server.watching.numbers import Counters, Numbers
from .server.watching.shell import KIND as SHELL
from .server.watching.shell import Shell
from .server.watching.suspect import suspect
from .server.watching.watchdog import Watchdog
from .settings import Settings
from .siblings import Siblings, Talk, directory_of
from .uploads import Store
from .views.clock import RealClock
from .views.coroutines import Coroutines
from .views.pages import ErrorPages
from .views.registry import Registry
from .views.surroundings import Surroundings

if TYPE_CHECKING:
    from .server.watching.shell_commands import Commands
    from .server.watching.shell_session import Session

logger = logging.getLogger("lona_sync")
get_thread: Callable[[], int] = monkey.get_original("_thread", "get_ident")     # the patched one tells greenlets apart


class Program(Protocol):
    """What the parts are made of: what a program has declared. An `App` is one."""

    script_path: Path
    project_root: Path
    settings: Settings
    routes: list[Route]
    converters: dict[str, type[BaseConverter]]
    state: State
    own_files: OwnFiles
    session_store: SessionStore | None
    user_loader: LoadUser | None

    def resolve_path(self, path: str | os.PathLike[str]) -> Path: ...
    def set_up(self, load: Callable[[str], object]) -> None: ...
    def shell_names(self) -> dict[str, Any]: ...                # Any: whatever they are


class Parts:
    """The parts of one application in one process, put together."""

    def __init__(self, app: Program) -> None:
        settings = app.settings
        self.process = os.getpid()
        self.thread = get_thread()                           # to which all of them belong
        self.served = False                                  # a server has asked for something
        self.worker: Worker | None = None                    # of gunicorn, if this process is one
        self.counters = Counters()
        self.connections: set[Connection] = set()
        clock = RealClock()

        @functools.cache
        def key() -> str:
            return secret_key(settings.SECRET_KEY, app.project_root / "instance")

        directory = directory_of(app.script_path, settings.RUNTIME_DIRECTORY)
        self.siblings = Siblings(directory, timeout=settings.SIBLING_TIMEOUT, counters=self.counters)
        own_disk = settings.UPLOAD_DIRECTORY
        base = app.resolve_path(own_disk) if own_disk else directory.path / "files"
        self.store = Store.make(settings, base, self.siblings.tag, self.counters)
        self.daemons = Daemons(self.siblings)
        kept = KeptStates(settings, key, self.counters)
        load = functools.partial(acquire, root=app.project_root)
        app.set_up(load)
        for route in app.routes:
            route.load(load)
        router = self.router = Router(app.routes, app.converters)
        for warning in router.warnings():
            logger.warning("%s", warning)
        client = ClientFiles()
        views = [view for route in app.routes for view in (route.view, route.frontend_view) if isinstance(view, type)]
        own_views = CustomViews(settings, load)
        declared = DeclaredFiles([*views, *own_views], settings.STATIC_FILES_ENABLED, settings.STATIC_FILES_DISABLED)
        static_folders = Folders([*map(app.resolve_path, settings.STATIC_DIRS), STATIC], app.own_files.static)
        static = self.static = StaticFiles(
            static_folders, declared, settings.STATIC_URL_PREFIX, serve=settings.STATIC_FILES_SERVE,
            fresh=0.0 if settings.DEBUG else 1.0,
        )
        template_folders = Folders([*map(app.resolve_path, settings.TEMPLATE_DIRS), TEMPLATES], app.own_files.templates)
        templates = Templates(
            template_folders,
            context=settings.TEMPLATE_EXTRA_CONTEXT, filters=settings.TEMPLATE_EXTRA_FILTERS, debug=settings.DEBUG,
        )
        sources = Sources(
            settings=settings, state=app.state, server=lambda: self.facade, reverse=router.reverse, load=load, templates=templates,
            client=client, static=static,
        )
        pages = Pages(
            settings=settings, templates=templates, names=lambda page, trusted: Lona(page, trusted, sources),
        )
        self.coroutines = Coroutines()
        debugger = None
        if settings.DEBUG:
            from .server.pages.debugger import Debugger  # nobody else needs werkzeug's

            debugger = Debugger()
        errors = ErrorPages(
            settings=settings, renderer=pages, views=own_views.errors, explain=None if debugger is None else debugger.explain,
        )
        self.middlewares = Middlewares(
            [*settings.CORE_MIDDLEWARES, *settings.MIDDLEWARES], acquire=load, run=self.coroutines.run, counters=self.counters,
        )
        self.registry = Registry(self.daemons, Surroundings(
            settings=settings, clock=clock, counters=self.counters, seal=kept.seal, renderer=pages, coroutines=self.coroutines,
            error_pages=errors, hooks=self.middlewares, store=self.store, connections=self.connections,
        ))
        self.entry = Entry(router, self.registry, self.daemons, kept.unseal)
        presence = Presence()
        store = store_from_url(settings.SESSION_STORE, self.counters) if app.session_store is None else app.session_store
        self.sessions = Sessions(settings, key, store)
        revocations = Revocations(settings, store, self.counters)
        self.dismissal = Dismissal(
            crowd=self.registry.crowd, presence=presence, revocations=revocations, siblings=self.siblings,
        )
        self.facade = Facade(
            settings=settings, state=app.state, project_root=app.project_root, routes=app.routes, router=router, load=load,
            registry=self.registry, daemons=self.daemons, presence=presence, coroutines=self.coroutines,
            pages=pages, templates=templates, template_folders=template_folders, static_folders=static_folders,
        )
        self.visitors = Visitors(
            settings=settings, sessions=self.sessions, tickets=Tickets(self.siblings, self.counters), revocations=revocations,
            dismissal=self.dismissal, server=self.facade, load_user=lambda: app.user_loader,
        )
        self.socket = Socket(
            settings=settings, entry=self.entry, visitors=self.visitors, presence=presence, middlewares=self.middlewares,
            siblings=self.siblings, clock=clock, counters=self.counters, everybody=self.connections, hear=self.hear,
        )
        self.drain = Drain(
            registry=self.registry, close_door=self.socket.close_door, others=self.siblings, settings=settings,
            counters=self.counters,
        )
        self.siblings.on(ACCEPTING, self.drain.answer)
        self.watchdog = Watchdog(
            limit=settings.WATCHDOG_SECONDS, counters=self.counters, suspect=functools.partial(suspect, runtimes=self.registry),
        )
        self.numbers = Numbers(
            counters=self.counters, runtimes=self.registry, connections=self.socket, channels=default_hub.stats,
            watchdog=self.watchdog, store=self.store,
        )
        metrics = Metrics(settings=settings, numbers=self.numbers, others=self.siblings, counters=self.counters)
        self.siblings.on(STATS, lambda request, talk: metrics.own())
        self.listing = Listing(runtimes=self.registry, application=str(app.script_path), others=self.siblings)
        self.siblings.on(VIEWS, self.listing.answer)
        started = time.time()

        @functools.cache
        def shell_commands() -> Commands:
            # Here, as below: they look at everything, and nobody may ever open a shell.
            from .server.watching.shell_commands import Commands, own_commands

            return Commands(
                application=app.script_path.name, settings=settings, router=router, converters=app.converters,
                runtimes=self.registry, connections=self.socket, state=app.state, static=static, templates=templates,
                middlewares=self.middlewares.names, started=started,
                others=own_commands([load(each) if isinstance(each, str) else each for each in settings.COMMANDS]),
            )

        def session(talk: Talk) -> Session:
            from .server.watching.shell_session import Session

            commands = shell_commands()
            return Session(talk, app.shell_names(), commands.table, banner=commands.banner())

        self.shell_commands = shell_commands
        if settings.COMMANDS:
            shell_commands()                                 # what cannot work fails now
        shell = Shell(settings=settings, session=session, counters=self.counters)
        self.siblings.on(SHELL, shell.answer)
        security = Security(settings)
        guard = self.guard = ForgeryGuard(settings, key, self.counters)
        plain = PlainViews(settings=settings, registry=self.registry, visitors=self.visitors, security=security, guard=guard)
        files = Files(
            desk=Desk(
                views=self.entry, find_any=self.registry.find, admit=self.socket.admit, siblings=self.siblings, settings=settings,
                counters=self.counters,
            ),
            render=lambda context: templates.render("lona/bucket.html", context), settings=settings, counters=self.counters,
        )
        self.http = HTTP(
            settings=settings, router=router, visitors=self.visitors, counters=self.counters,
            sign_in=SignIn(self.visitors, self.counters), middlewares=self.middlewares, server=self.facade, socket=self.socket,
            static=static, client=client, pages=pages,
            errors=errors, frontends=Frontends(pages=pages, registry=self.registry, default=own_views.frontend), metrics=metrics,
            debugger=debugger, plain=plain, security=security, guard=guard, files=files,
            painter=Painter(entry=self.entry, settings=settings, counters=self.counters),
        )

    def hear(self, connection: Connection, text: str) -> None:
        """A raw message of a page's scripts. Never waits."""
        self.middlewares.hear(connection.visitor, text)
