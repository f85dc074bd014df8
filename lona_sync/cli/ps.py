"""`lona-sync ps`: the running views of this machine."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from ..server.watching.listing import ProcessViews, elsewhere
from ..server.watching.view_table import lines, rows
from ..siblings.directory import directories, directory_of
from ..siblings.siblings import siblings_in
from .endings import Unusable, end_by_pipe
from .targets import script_of


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ps = commands.add_parser(
        "ps", help="list the running views", description="List the views that run on this machine: where each waits, and for what.",
    )
    ps.add_argument("target", nargs="?", default="", help="script.py, or package.module:app (default: all that this user runs)")
    ps.add_argument("--json", action="store_true", help="one object a line, with all that is known of the view")
    ps.add_argument("--runtime-directory", default="", metavar="FOLDER", help="default: $LONA_SYNC_RUNTIME_DIRECTORY")
    ps.set_defaults(function=_ps, log_level="warning")


def _ps(options: argparse.Namespace) -> None:
    base = options.runtime_directory or os.environ.get("LONA_SYNC_RUNTIME_DIRECTORY", "")
    folders = [directory_of(script_of(options.target), base).path] if options.target else directories(base)
    found = [process for folder in folders for process in elsewhere(siblings_in(folder, timeout=5.0))]
    for process in found:
        if process.trouble:
            print(f"lona-sync: {process.trouble}", file=sys.stderr)
    if not found:
        where = ", ".join(map(str, folders)) or base or "the folder for temporary files"
        raise Unusable(f"no server of {options.target or 'this user'} is running on this machine, as far as {where} tells")
    try:
        for line in map(json.dumps, _objects(found)) if options.json else lines(rows(found), now=time.time()):
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        end_by_pipe()


def _objects(processes: Iterable[ProcessViews]) -> Iterator[dict[str, object]]:
    for process in processes:
        for view in process.views:
            yield {"pid": process.pid, "application": process.application, **asdict(view)}
