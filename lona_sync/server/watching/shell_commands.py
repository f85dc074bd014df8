"""What follows a `%` in `lona-sync shell`: looks at the parts of a server that are long to write in Python."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import gevent

from ...pause import pause
from ...settings import Settings, is_secret
from ...version import VERSION_STRING
from ...views.report import report, user_name
from ...views.runtime import ViewRuntime
from ..pages.templating import Templates
from ..routing import route_table
from ..routing.patterns import Converters
from ..routing.routes import Router
from ..sockets.connection import Connection
from ..static.files import StaticFiles
from .listing import ProcessViews
from .shell_session import Command, Repl
from .table import aligned
from .view_table import age, lines, rows

_WIDEST = 100                    # characters of a value
_AT_A_TIME = 100                 # views that are looked at in a row: a millisecond


class Commands:
    """`table` has them by name. `others`: further ones, as they are. `started`: when the process did, POSIX time."""

    def __init__(
        self, *, application: str, settings: Settings, router: Router, converters: Converters, runtimes: Iterable[ViewRuntime],
        connections: Iterable[Connection], state: Mapping[str, object],
        static: StaticFiles, templates: Templates, middlewares: Iterable[str], others: Mapping[str, Command], started: float,
    ) -> None:
        self._application = application
        self._settings = settings
        self._router = router
        self._converters = converters
        self._runtimes = runtimes
        self._connections = connections
        self._state = state
        self._static = static
        self._templates = templates
        self._middlewares = middlewares
        self._started = started
        self._table: dict[str, Command] = {
            "help": self.help, "info": self.info, "settings": self.settings, "routes": self.routes, "views": self.views,
            "connections": self.connections, "state": self.state, "server_state": self.state, "threads": self.threads,
            "static_files": self.static_files, "templates": self.templates, "middlewares": self.middlewares,
            "buckets": self.buckets, **others,
        }

    @property
    def table(self) -> Mapping[str, Command]:
        return self._table

    def banner(self) -> str:
        """What a session begins with."""
        return (
            f"{self._application}, process {os.getpid()}: lona_sync {VERSION_STRING}, Python {platform.python_version()}\n"
            "Everything here runs in the server. app, settings, state, server, view('id'); %help; Ctrl-D leaves.\n"
        )

    def help(self, repl: Repl, arguments: list[str]) -> None:
        """this list"""
        _print(repl, [(f"%{name}", command.__doc__ or "") for name, command in self._table.items()])

    def info(self, repl: Repl, arguments: list[str]) -> None:
        """the process: versions, for how long it runs, how much runs in it"""
        _print(repl, [
            ("application", self._application),
            ("process", str(os.getpid())),
            ("runs for", age(time.time() - self._started)),
            ("lona_sync", VERSION_STRING),
            ("Python", f"{platform.python_version()}, gevent {gevent.__version__}"),
            ("views", str(sum(1 for _ in self._runtimes))),
            ("connections", str(sum(1 for _ in self._connections))),
            ("routes", str(len(self._router.routes))),
        ])

    def settings(self, repl: Repl, arguments: list[str]) -> None:
        """[NAME …] settings; * those that are not as they are by default. No secrets: those are in app.settings"""
        names = arguments or sorted(self._settings)
        defaults = type(self._settings)
        table = []
        for name in names:
            value = self._settings.get(name)
            shown = "…" if value and is_secret(name, value) else f"{value!r}"       # a terminal has onlookers
            changed = not hasattr(defaults, name) or getattr(defaults, name) != value
            table.append(("*" if changed else "", name, shown if len(shown) <= _WIDEST else shown[:_WIDEST] + "…"))
        _print(repl, table)

    def routes(self, repl: Repl, arguments: list[str]) -> None:
        """[URL] routes, in the order in which they are asked; or those that take this URL"""
        urls = [argument for argument in arguments if argument != "-r"]
        found = route_table.lines_of_path(self._router.routes, self._converters, urls[0]) if urls \
            else route_table.lines(self._router.routes)
        repl.write("\n".join(found or ["no route takes it"]) + "\n")

    def views(self, repl: Repl, arguments: list[str]) -> None:
        """[ID] running views, who has waited longest is the first; or all about the one whose id begins so"""
        views = [report(runtime) for runtime in self._in_turns()]
        if not arguments:
            table = rows([ProcessViews(os.getpid(), self._application, views)])
            repl.write("\n".join(lines(table, time.time())) + "\n")
            return
        for view in views:
            if view.id.startswith(arguments[0]):
                _print(repl, [(each.name, str(getattr(view, each.name))) for each in fields(view)])

    def connections(self, repl: Repl, arguments: list[str]) -> None:
        """open WebSockets: name, as in the log; user; the views that it shows"""
        _print(repl, [("NAME", "USER", "VIEWS"), *(
            (connection.name, user_name(connection.visitor.user), ", ".join(runtime.id[:13] for runtime in connection.runtimes))
            for connection in self._connections
        )])

    def state(self, repl: Repl, arguments: list[str]) -> None:
        """what stands in app.state"""
        _print(repl, [(str(name), f"{value!r:.200}") for name, value in self._state.items()])

    def static_files(self, repl: Repl, arguments: list[str]) -> None:
        """[WORD …] static files: the name, where it lies"""
        table = ((name, str(self._static.find(name) or "")) for name in self._static.names())
        _print(repl, [("NAME", "FILE"), *_chosen(table, arguments)])

    def templates(self, repl: Repl, arguments: list[str]) -> None:
        """[WORD …] templates"""
        _print(repl, [("NAME",), *_chosen(((name,) for name in self._templates.names()), arguments)])

    def middlewares(self, repl: Repl, arguments: list[str]) -> None:
        """middlewares, in the order in which they are asked"""
        _print(repl, [("CLASS",), *((name,) for name in self._middlewares)])

    def buckets(self, repl: Repl, arguments: list[str]) -> None:
        """buckets of the views that run here"""
        _print(repl, [("VIEW", "FILES", "BYTES", "FOLDER"), *(
            (runtime.id[:13], str(len(bucket.files)), str(bucket.shelf.size), bucket.get_path())
            for runtime in self._in_turns() for bucket in runtime.files.buckets.values()
        )])

    def threads(self, repl: Repl, arguments: list[str]) -> None:
        """threads of the process, and how many greenlets views have, by what they do"""
        _print(repl, [("THREAD", "DAEMON"), *((thread.name, str(thread.daemon)) for thread in threading.enumerate())])
        kinds = Counter(work.kind for runtime in self._in_turns() for _, work in runtime.work())
        _print(repl, [("GREENLETS", "COUNT"), *((name, str(count)) for name, count in kinds.most_common())])

    def _in_turns(self) -> Iterator[ViewRuntime]:
        """The running views, a few at a time: there may be thousands, and others want to be served meanwhile."""
        for count, runtime in enumerate(self._runtimes, 1):
            yield runtime
            if count % _AT_A_TIME == 0:
                pause()


def _chosen(rows: Iterable[tuple[str, ...]], words: list[str]) -> Iterator[tuple[str, ...]]:
    """The rows that hold all of these words. `-l` and `-r`, which Lona has for it, are none."""
    words = [word for word in words if word not in ("-l", "-r")]
    return (row for row in rows if all(word in " ".join(row) for word in words))


def own_commands(kinds: Iterable[Any]) -> dict[str, Command]:          # Any: classes of users
    """The commands of `COMMANDS`. Raises TypeError for a class that is none."""
    for kind in kinds:
        if not isinstance(kind, type) or not isinstance(getattr(kind, "NAME", None), str) or not hasattr(kind, "run"):
            raise TypeError(f"COMMANDS holds classes with a NAME and run(arguments), not {kind!r}")
    return {kind.NAME: _own_command(kind) for kind in kinds}


def _own_command(kind: Any) -> Command:
    def command(repl: Repl, arguments: list[str]) -> object:
        return kind(repl).run(arguments)

    command.__doc__ = (kind.__doc__ or "").strip().partition("\n")[0]
    return command


def _print(repl: Repl, table: Iterable[tuple[str, ...]]) -> None:
    repl.write("".join(f"{line}\n" for line in aligned(table)))
