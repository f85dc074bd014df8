"""The command itself: which commands there are, and how they end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from ..launch import log_options_of, spread, target_in
from ..logs import LogOptions, configure
from ..server.http.serving import CannotListen
from ..version import VERSION_STRING
from .endings import Unusable

#: Each is a file beside this one, which is loaded when its command is called, or when somebody asks which there are.
_COMMANDS = ("run", "routes", "collect-static", "channel", "ps", "shell")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; exits with 1 and one line when it cannot, with 2 when it was not understood."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser(words[:1]).parse_args(_spread(words))
    options.words = words[1:]                            # as they were typed, behind the command's name
    configure(log_options_of(options) if "log_format" in options else LogOptions(level=options.log_level))
    try:
        options.function(options)
    except (CannotListen, Unusable) as error:
        sys.exit(f"lona-sync: {error}")


def _spread(words: Sequence[str]) -> list[str]:
    """What stands behind the target of `run` is the script's, and is left as it is."""
    end = 1 + target_in(words[1:]) if words[:1] == ["run"] else len(words)
    return [*spread(words[:end]), *words[end:]]


def _parser(called: Sequence[str]) -> argparse.ArgumentParser:
    """`called`: the command, if the first word is one."""
    parser = argparse.ArgumentParser(
        prog="lona-sync", description="Serve programs written with lona_sync, and talk to them.",
    )
    parser.add_argument("--version", action="version", version=f"lona-sync {VERSION_STRING}")
    wanted = [name for name in _COMMANDS if name in called] or _COMMANDS
    usage = None if wanted is _COMMANDS else f"{{{','.join(_COMMANDS)}}}"
    commands = parser.add_subparsers(dest="command", required=True, metavar=usage)
    for name in wanted:
        import_module(f".{name.replace('-', '_')}", __package__).add_to(commands)
    return parser
