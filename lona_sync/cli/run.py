"""`lona-sync run`: serve a script, or an application of a module. It patches the standard library before it loads anything."""

from __future__ import annotations

import argparse

from gevent import monkey

from ..launch import Launch, add_run_options, glance_behind, options_of, unknown_behind
from ..logs import configure
from .endings import Unusable
from .targets import go_to, is_application, run_target


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run", help="run a script, or an application of a module",
        description="Serve an application. The options may also follow the target, up to --; what else follows is the script's.",
    )
    add_run_options(run)
    run.add_argument("--project-root", default="", metavar="FOLDER", help="go there first (default: where you are)")
    run.add_argument("-m", dest="is_module", action="store_true", help="target is a module to run, as in `python -m`")
    # Not an argument and a REMAINDER: of "script.py -- -x" the first would swallow the "--".
    run.add_argument("command", nargs=argparse.PARSER, metavar="target", help="script.py, or package.module:app; its arguments")
    run.set_defaults(function=_run)


def _run(options: argparse.Namespace) -> None:
    monkey.patch_all()
    go_to(options.project_root)
    words: list[str] = options.command
    if is_application(words[0]) and (unknown := unknown_behind(words[1:])):
        raise Unusable(f"there is no option {unknown[0]!r}, and {words[0]!r} is no script that could have arguments of its own")
    started = Launch(before=options_of(options), behind=words[1:])
    configure(glance_behind(words[1:]).log.over(started.before.log))
    run_target(words, is_module=options.is_module, started=started)
