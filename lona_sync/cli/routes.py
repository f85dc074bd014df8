"""`lona-sync routes`: which view answers which path."""

from __future__ import annotations

import argparse
from functools import partial

from gevent import monkey

from ..launch import add_settings_options, options_of_settings
from ..server.routing.import_strings import acquire
from ..server.routing.route_table import lines, lines_of_path
from ..server.routing.routes import Router
from .endings import Unusable
from .targets import add_target, declared


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    routes = commands.add_parser(
        "routes", help="list the routes", description="List the routes of an application in the order in which they are asked.",
    )
    add_target(routes)
    routes.add_argument("--url", default="", metavar="PATH", help="only those that take it; the first one gets it")
    add_settings_options(routes)
    routes.set_defaults(function=_routes, log_level="warning")


def _routes(options: argparse.Namespace) -> None:
    monkey.patch_all()
    app = declared(options.target, is_module=options.is_module)
    options_of_settings(options).apply_to(app.settings)
    load = partial(acquire, root=app.project_root)
    app.set_up(load)
    for route in app.routes:
        route.load(load)
    router = Router(app.routes, app.converters)              # fails as it would when it serves
    found = lines_of_path(router.routes, app.converters, options.url) if options.url else lines(router.routes)
    if not found:
        raise Unusable(f"no route takes {options.url!r}")
    print("\n".join(found))
    for warning in () if options.url else router.warnings():
        print(f"\n{warning}")
