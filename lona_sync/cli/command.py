"""The command itself: which commands there are, and how they end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..launch import log_options_of, spread, target_in
from ..logs import LogOptions, configure
from ..server.http.serving import CannotListen
from ..version import VERSION_STRING
from . import channel, collect_static, ps, routes, run, shell
from .endings import Unusable

_COMMANDS = (run, routes, collect_static, channel, ps, shell)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; exits with 1 and one line when it cannot, with 2 when it was not understood."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(_spread(words))
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lona-sync", description="Serve programs written with lona_sync, and talk to them.",
    )
    parser.add_argument("--version", action="version", version=f"lona-sync {VERSION_STRING}")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in _COMMANDS:
        command.add_to(commands)
    return parser
