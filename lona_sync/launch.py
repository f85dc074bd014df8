"""What a run is told from outside: the options of `lona-sync run`, which scripts understand behind their own name, too.

    lona-sync run --port 8000 shop.py            python shop.py --port 8000            lona-sync run shop.py --port 8000

The command and `App.run` meet here: the command leaves a `Launch` in a context variable before it loads anything of the user's, and
`App.run` asks it. Options win over the arguments of `App.run`, those behind the script's name over those before it.
"""

from __future__ import annotations

import argparse
import ast
import contextvars
import difflib
import logging
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NoReturn

from .logs import DEBUG_MODES, FORMATS, LEVELS, SYSLOG, LogOptions
from .server.http.serving import CannotListen
from .server.process.supervised import Supervised
from .settings import Settings

logger = logging.getLogger("lona_sync")

_MANY = ("--loggers", "-o", "--settings-pre-overrides", "-O", "--settings-post-overrides")
#: What JSON and templates call these.
_WORDS = {"true": True, "false": False, "null": None, "none": None}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a command line says; what it does not say has the default of its field."""
    host: str = ""
    port: int = 0
    shutdown_timeout: float | None = None            # seconds
    live_reload: bool = False
    shell: bool = False
    log: LogOptions = field(default_factory=LogOptions)
    settings_files: tuple[str, ...] = ()
    pre_overrides: Mapping[str, Any] = field(default_factory=dict)        # Any: settings have many types
    post_overrides: Mapping[str, Any] = field(default_factory=dict)

    def host_or_default(self) -> str:
        """The host, else that of the environment, else 'localhost'."""
        return self.host or os.environ.get("LONA_SYNC_HOST") or "localhost"

    def port_or_default(self) -> int:
        """The port, else that of the environment, else 8080. Raises `CannotListen` when that of the environment is none."""
        text = os.environ.get("LONA_SYNC_PORT") or "8080"
        if not self.port and not text.isdecimal():
            raise CannotListen(f"LONA_SYNC_PORT must be the number of a port, not {text!r}")
        return self.port or int(text)

    def apply_to(self, settings: Settings) -> None:
        """Set what is said of settings. Raises what a file of settings raises, and TypeError or ValueError for wrong values."""
        settings.preset(self.pre_overrides)
        for path in self.settings_files:
            settings.add(os.path.abspath(path))              # relative to where the command line was given
        settings.update(self.post_overrides)
        if self.shell:
            settings.SHELL = True

    def over(self, other: RunOptions) -> RunOptions:
        """These, and where they say nothing the other ones. Of overrides both, and these win."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        said = {name: value for name, value in said.items() if value not in ("", 0, None, ()) or name == "shutdown_timeout"}
        if self.shutdown_timeout is None:
            said["shutdown_timeout"] = other.shutdown_timeout
        said["log"] = self.log.over(other.log)
        said["pre_overrides"] = {**other.pre_overrides, **self.pre_overrides}
        said["post_overrides"] = {**other.post_overrides, **self.post_overrides}
        return replace(other, **said)


@dataclass(eq=False, repr=False)
class Launch:
    """One run by `lona-sync`.

    `before`: the options before the target's name. `behind`: the words behind it, which are the script's alone if it says so.
    `log`: how the log was set up; None: not at all. `words`: all behind `lona-sync run`; `flags`: of Python, with which that was
    called. `supervised`: it is one of many runs.
    `only_declare`: `App.run` is not to serve, but to raise `Declared`.
    """
    before: RunOptions = field(default_factory=RunOptions)
    behind: list[str] = field(default_factory=list)
    log: LogOptions | None = None
    words: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    supervised: Supervised | None = None
    served: bool = False             # an `app.run()` of the script has done it
    only_declare: bool = False


class Declared(BaseException):
    """`App.run` of this application was called in a process that does not serve. No Exception: scripts catch those."""

    def __init__(self, app: Any, names: Mapping[str, Any]) -> None:          # Any: an App; that is a module above
        super().__init__("the application is declared")
        self.app = app
        self.names = names


launch: contextvars.ContextVar[Launch | None] = contextvars.ContextVar("launch", default=None)


def invocation() -> tuple[list[str], list[str]]:
    """How Python was called: its own options, and what named the program, as ['shop.py'] or ['-m', 'shop'].

    Only as long as nobody has changed `sys.argv`.
    """
    flags = sys.orig_argv[1:len(sys.orig_argv) - len(sys.argv) + 1]
    last = flags.pop() if flags else ""                  # what named the program
    spec = sys.modules["__main__"].__spec__
    if spec is None or spec.name == "__main__":
        return flags, [sys.argv[0]]
    # "-m module", "-mmodule", and also "-Im module": the option stands at the end of others.
    options, _, module = last.partition("m") if last.startswith("-") else (flags.pop().removesuffix("m"), "", last)
    return flags + ([options] if options != "-" else []), ["-m", module]


def run_again(flags: Sequence[str], words: Sequence[str]) -> NoReturn:
    """Replace this process by `lona-sync run` with these words; `flags`: options of Python."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *flags, "-m", "lona_sync", "run", *words])


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """The options that both `lona-sync run` and a script understand."""
    parser.add_argument("--host", default="", help="address to listen on (default: localhost)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: 8080)")
    parser.add_argument(
        "--shutdown-timeout", type=_seconds, metavar="SECONDS", help="for requests that still run at the end (default: 1)",
    )
    parser.add_argument("--live-reload", action="store_true", help="restart when a file of the project changes; pages come back")
    parser.add_argument("--shell", action="store_true", help="let `lona-sync shell` into this process: it runs any code there")
    parser.add_argument("--shell-server-url", metavar="URL", help=argparse.SUPPRESS, type=_no_shell_server)
    add_log_options(parser)
    add_settings_options(parser)


def add_log_options(parser: argparse.ArgumentParser) -> None:
    """What is logged, and how."""
    parser.add_argument("-l", "--log-level", default="", choices=LEVELS, help="default: info")
    parser.add_argument(
        "--loggers", default=[], action="append", metavar="NAME",
        help="+name: all of this logger; _name: nothing of it; name: only those so named. Several may follow",
    )
    parser.add_argument(
        "--debug-mode", default="", choices=tuple(DEBUG_MODES), help="log each of these",
    )
    parser.add_argument(
        "--syslog-priorities", default="", choices=SYSLOG, help="<3> before each line (default: auto, for systemd's journal)",
    )
    parser.add_argument("--log-format", default="", choices=FORMATS, help="json: an object a line (default: text)")


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """Which settings an application is to have."""
    parser.add_argument(
        "-s", "--settings", default=[], action="append", metavar="FILE", help="a Python file of settings; may be repeated",
    )
    overrides = "NAME=VALUE (True, 5, 'text', ['a']), {}. Several may follow"
    parser.add_argument(
        "-o", "--settings-pre-overrides", default=[], action="append", type=override, metavar="NAME=VALUE",
        help=overrides.format("unless the program or a file of settings says otherwise"),
    )
    parser.add_argument(
        "-O", "--settings-post-overrides", default=[], action="append", type=override, metavar="NAME=VALUE",
        help=overrides.format("whatever they say"),
    )


def spread(words: Sequence[str]) -> list[str]:
    """`-o A=1 B=2` as `-o A=1 -o B=2`: such an option takes what follows as long as it looks like one of its values.

    So it takes neither the name of a script, nor an argument of it, as a list of any length would.
    """
    done: list[str] = []
    option, needs_value = "", False
    for place, word in enumerate(words):
        if word == "--":
            return [*done, *words[place:]]
        if needs_value or (option and _is_another(option, word)):
            done += [f"{option}={word}"] if option.startswith("--") else [option, word]
            needs_value = False
            continue
        name, equals, _ = word.partition("=")
        option = name if name in _MANY else ""
        needs_value = bool(option and not equals)
        if not needs_value:
            done.append(word)
    return [*done, option] if needs_value else done


def target_in(words: Sequence[str]) -> int:
    """Where the target stands in what follows `lona-sync run`: behind the options, and the values of those that have one."""
    options = _value_options()
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] not in ("-", "--"):
        word = words[place]
        place += 1
        if word in options and place < len(words):
            place += 1
            while word in _MANY and place < len(words) and _is_another(word, words[place]):
                place += 1
    return place


def _value_options() -> set[str]:
    parser = argparse.ArgumentParser(add_help=False)
    add_run_options(parser)
    return {"--project-root", *(name for action in parser._actions if action.nargs is None for name in action.option_strings)}


def _is_another(option: str, word: str) -> bool:
    if option == "--loggers":
        return word[:1] in ("+", "_")
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier() and name.isupper()


def parse_behind(arguments: Sequence[str]) -> RunOptions:
    """The options among a script's arguments, up to `--`. The others are the script's own.

    What is nearly an option of ours is logged as a warning. Exits with 2 for values that no option may have, with 0 when help is
    asked for: the script has had its look at its arguments before.
    """
    if not arguments:
        return RunOptions()
    parser = _ScriptParser(prog=sys.argv[0], allow_abbrev=False, description="Serve the application of this script.")
    add_run_options(parser)
    try:
        found, rest = parser.parse_known_args(spread(_before_dashes(arguments)))
    except _Misunderstood as error:
        parser.print_usage(sys.stderr)
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    options = [name for action in parser._actions for name in action.option_strings if name.startswith("--")]
    for word in rest:
        close = difflib.get_close_matches(word.partition("=")[0], options, n=1, cutoff=0.75) if word.startswith("--") else []
        if close:
            logger.warning("%s is left to the script; did you mean %s? (What is the script's for sure follows --.)", word, close[0])
    return options_of(found)


def glance_behind(arguments: Sequence[str]) -> RunOptions:
    """What `parse_behind` would say, as far as it is known before the script has said whether its arguments are ours, too."""
    if not arguments:
        return RunOptions()
    parser = _ScriptParser(add_help=False, allow_abbrev=False)
    add_run_options(parser)
    try:
        return options_of(parser.parse_known_args(spread(_before_dashes(arguments)))[0])
    except _Misunderstood:
        return RunOptions()


def unknown_behind(arguments: Sequence[str]) -> list[str]:
    """Those that are no options of ours."""
    parser = _ScriptParser(add_help=False, allow_abbrev=False)
    add_run_options(parser)
    before = _before_dashes(arguments)
    try:
        return [*parser.parse_known_args(spread(before))[1], *arguments[len(before):]]
    except _Misunderstood:
        return []


def _before_dashes(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[:arguments.index("--")] if "--" in arguments else arguments


class _Misunderstood(Exception):
    """An option has a value that it may not have."""


class _ScriptParser(argparse.ArgumentParser):
    """Does not end the process: the arguments may not be ours."""

    def error(self, message: str) -> NoReturn:
        raise _Misunderstood(message)


def options_of(found: argparse.Namespace) -> RunOptions:
    """What was parsed."""
    return RunOptions(
        host=found.host, port=found.port, shutdown_timeout=found.shutdown_timeout, live_reload=found.live_reload,
        shell=found.shell, log=log_options_of(found), settings_files=tuple(found.settings),
        pre_overrides=dict(found.settings_pre_overrides), post_overrides=dict(found.settings_post_overrides),
    )


def options_of_settings(found: argparse.Namespace) -> RunOptions:
    """What was parsed of `add_settings_options` alone."""
    return RunOptions(
        settings_files=tuple(found.settings), pre_overrides=dict(found.settings_pre_overrides),
        post_overrides=dict(found.settings_post_overrides),
    )


def log_options_of(found: argparse.Namespace) -> LogOptions:
    """What was parsed."""
    return LogOptions(
        level=found.log_level, loggers=tuple(found.loggers), debug_mode=found.debug_mode,
        syslog_priorities=found.syslog_priorities, format=found.log_format,
    )


def override(text: str) -> tuple[str, Any]:                  # Any: settings have many types
    """`NAME=VALUE`. The value: a Python literal, a word of JSON (`true`), or a text without quotes (`https://example.org`)."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier() or not name.isupper():
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE with a name in capital letters, not {text!r}")
    if value in _WORDS:
        return name, _WORDS[value]
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        if value[:1] in tuple("'\"[({") or not value.isprintable():
            raise argparse.ArgumentTypeError(f"expected a Python literal in {text!r}, as 5, True, 'text' or ['a', 'b']") from None
        return name, value


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of seconds, not {text!r}")
    return number


def _no_shell_server(text: str) -> str:
    raise argparse.ArgumentTypeError(
        "the shell is at no address: whoever reached that could run any code. Start with --shell; then `lona-sync shell` finds it"
    )
