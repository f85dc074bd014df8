"""`lona-sync collect-static`: all static files in one folder, for a proxy."""

from __future__ import annotations

import argparse
from pathlib import Path

from gevent import monkey

from ..launch import add_log_options, add_settings_options, options_of_settings
from ..server.static.collect import CannotCollect
from .endings import Unusable
from .targets import add_target, declared


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    collect = commands.add_parser(
        "collect-static", help="write all static files into a folder",
        description="Write all static files of an application into a folder that exists, for a proxy that serves them.",
    )
    add_target(collect)
    collect.add_argument("destination", help="a folder")
    collect.add_argument("--clean", action="store_true", help="empty it first")
    collect.add_argument("--silent", action="store_true", help="do not name the files")
    collect.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    add_log_options(collect)
    add_settings_options(collect)
    collect.set_defaults(function=_collect)


def _collect(options: argparse.Namespace) -> None:
    monkey.patch_all()
    app = declared(options.target, is_module=options.is_module)
    options_of_settings(options).apply_to(app.settings)
    try:
        app.collect_static(
            Path(options.destination), clean=options.clean, dry_run=options.dry_run, say=_nothing if options.silent else print,
        )
    except CannotCollect as error:
        raise Unusable(str(error)) from None


def _nothing(line: str) -> None:
    """Say nothing."""
