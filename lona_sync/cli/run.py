"""`lona-sync run`: serve a script, or an application of a module. It patches the standard library before it loads anything."""

from __future__ import annotations

import argparse
import runpy
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gevent import monkey

from ..launch import Launch, RunOptions, add_run_options, glance_behind, invocation, options_of, unknown_behind
from ..logs import configure
from ..server.http.serving import CannotListen
from ..server.process.supervised import Supervised
from .endings import Unusable
from .targets import go_to, is_application, run_target

if TYPE_CHECKING:
    from .supervisor import Supervisor

_OURS = str(Path(__file__).parent)


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
    supervised = Supervised.of_environment()
    if options.command[0] == "--" and len(options.command) > 1:
        del options.command[0]                           # it has parted the options from the target
    words: list[str] = options.command
    if is_application(words[0]) and (unknown := unknown_behind(words[1:])):
        raise Unusable(f"there is no option {unknown[0]!r}, and {words[0]!r} is no script that could have arguments of its own")
    before = options_of(options)
    said = glance_behind(words[1:]).over(before)
    configure(said.log)
    flags, _ = invocation()
    if said.live_reload and supervised is None:
        sys.exit(_supervisor(options, said, flags).run())
    go_to(options.project_root)
    started = Launch(before=before, behind=words[1:], log=said.log, words=options.words, flags=flags, supervised=supervised)
    if supervised is None:
        run_target(words, is_module=options.is_module, started=started)
    else:
        _report(supervised, lambda: run_target(words, is_module=options.is_module, started=started))


def _supervisor(options: argparse.Namespace, said: RunOptions, flags: list[str]) -> Supervisor:
    from .supervisor import Supervisor  # this process serves nothing, and the others supervise nobody

    root, target = Path(options.project_root or "."), options.command[0]
    place = root if options.is_module or is_application(target) else (root / target).parent
    return Supervisor(
        [sys.executable, *flags, "-m", "lona_sync", "run", *options.words], [place],
        host=said.host_or_default(), port=said.port_or_default(),
    )


def _report(supervised: Supervised, run: Callable[[], None]) -> None:
    """Run; what goes wrong is told to the supervisor, too."""
    try:
        run()
    except (CannotListen, Unusable) as error:
        supervised.failed(str(error), for_good=True)
        raise
    except SystemExit as error:
        if error.code:
            supervised.failed(f"The program has ended itself with {error.code!r}.")
        raise
    except BaseException as error:
        told = error.__traceback__
        while told is not None and told.tb_frame.f_code.co_filename.startswith((_OURS, "<frozen", str(runpy.__file__))):
            told = told.tb_next                              # only what is the program's
        supervised.failed("".join(traceback.format_exception(type(error), error, told)))
        raise
