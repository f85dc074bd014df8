"""The command `lona-sync`. It patches the standard library before it loads a module of the user's."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import itertools
import json
import logging
import math
import os
import runpy
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from gevent import monkey

from .app import App, Launch, launch
from .channels import Link, connect
from .errors import AwaitTimeout
from .server.listing import ProcessViews, elsewhere
from .server.serving import CannotListen
from .server.view_table import lines, rows
from .siblings.directory import directories, directory_of
from .siblings.siblings import siblings_in
from .version import VERSION_STRING


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; exits with 1 and one line when it cannot, with 2 when it was not understood."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        options.function(options)
    except (CannotListen, _Unusable) as error:
        sys.exit(f"lona-sync: {error}")


class _Unusable(Exception):
    """What the user named cannot be run."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lona-sync", description="Serve programs written with lona_sync, and talk to them.",
    )
    parser.add_argument("--version", action="version", version=f"lona-sync {VERSION_STRING}")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a script, or an application of a module", description="Serve an application.")
    run.add_argument("--host", default="", help="address to listen on (default: localhost)")
    run.add_argument("--port", type=int, default=0, help="port to listen on (default: 8080)")
    run.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error", "critical"))
    run.add_argument("-m", dest="is_module", action="store_true", help="target is a module to run, as in `python -m`")
    # Not an argument and a REMAINDER: of "script.py -- -x" the first would swallow the "--".
    run.add_argument("command", nargs=argparse.PARSER, metavar="target", help="script.py, or package.module:app; its arguments")
    run.set_defaults(function=_run)
    channel = commands.add_parser(
        "channel", help="send and hear messages", description="Talk to the channels of running applications.",
    )
    actions = channel.add_subparsers(dest="action", required=True)
    send = actions.add_parser("send", help="send one message", description="Send one message; exits when Redis has it.")
    send.add_argument("topic")
    # Not optional: before Python 3.13, `send topic --text data` would be refused then.
    send.add_argument("data", help="JSON (null: nothing), or - to read it from stdin")
    send.add_argument("--text", action="store_true", help="data is the text itself, not JSON")
    send.add_argument("--ttl", type=_seconds, metavar="SECONDS", help="the message is worthless after so long")
    send.add_argument("--timeout", type=_seconds, default=5.0, metavar="SECONDS", help="for Redis to take it (default: 5)")
    send.set_defaults(function=_send, log_level="warning")
    listen = actions.add_parser(
        "listen", help="print messages", description="Print each message as one line of JSON: topic, data, timestamp, id, missed.",
    )
    listen.add_argument("topics", nargs="+", metavar="topic", help="a topic, or a pattern such as 'chat.*'")
    listen.add_argument("--count", type=_count, metavar="N", help="end after so many messages")
    listen.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="exit with 1 after so long without a message")
    listen.set_defaults(function=_listen, log_level="warning")
    ps = commands.add_parser(
        "ps", help="list the running views", description="List the views that run on this machine: where each waits, and for what.",
    )
    ps.add_argument("target", nargs="?", default="", help="script.py, or package.module:app (default: all that this user runs)")
    ps.add_argument("--json", action="store_true", help="one object a line, with all that is known of the view")
    ps.add_argument("--runtime-directory", default="", metavar="FOLDER", help="default: $LONA_SYNC_RUNTIME_DIRECTORY")
    ps.set_defaults(function=_ps, log_level="warning")
    for action in (send, listen):
        action.add_argument("--broker", default="", metavar="URL", help="default: the environment's LONA_SYNC_BROKER")
    return parser


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of seconds greater than 0, not {text!r}")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more messages, not {text!r}")
    return number


def _run(options: argparse.Namespace) -> None:
    monkey.patch_all()
    started = Launch(host=options.host, port=options.port)
    launch.set(started)
    target: str = options.command[0]
    path = Path(target)
    sys.argv = list(options.command)
    if options.is_module:
        sys.path.insert(0, str(Path.cwd()))
        if _find(target).submodule_search_locations is not None:
            _find(f"{target}.__main__")
        names = runpy.run_module(target, run_name="__main__", alter_sys=True)
    elif ":" in target and not path.exists():
        sys.path.insert(0, str(Path.cwd()))
        _load(target).run()
        return
    elif path.is_file():
        if sys.path[0] in ("", str(Path.cwd())):         # of `python -m lona_sync`; a script has its own folder in this place
            del sys.path[0]
        sys.path.insert(0, str(path.resolve().parent))
        names = runpy.run_path(target, run_name="__main__")
    elif (path / "__main__.py").is_file():
        names = runpy.run_path(target, run_name="__main__")
    else:
        raise _Unusable(f"there is no file {target!r}. Name a script, or an application as package.module:app.")
    if not started.served:                               # a script that only declares its application
        app = _only_app(names, target)
        # runpy has put back who was "__main__" before; the script's classes are still of a module of this name, and whoever asks
        # for their file (of a widget's script) or names would find those of this command.
        main_module = ModuleType("__main__")
        vars(main_module).update(names)
        sys.modules["__main__"] = main_module
        app.run()


def _load(target: str) -> App:
    module_name, _, name = target.partition(":")
    _find(module_name)
    found = getattr(importlib.import_module(module_name), name, None)
    if not isinstance(found, App):
        raise _Unusable(f"{target!r} is no lona_sync.App, but {found!r}")
    return found


def _find(module_name: str) -> ModuleSpec:
    """Where the module is; it is not loaded, the packages around it are. What fails inside of those is not hidden."""
    spec = None
    try:
        if all(part.isidentifier() for part in module_name.split(".")):
            spec = importlib.util.find_spec(module_name)
    except ModuleNotFoundError as error:
        if not f"{module_name}.".startswith(f"{error.name}."):
            raise
    if spec is None:
        raise _Unusable(f"there is no module {module_name!r} in {Path.cwd()} or on the path")
    return spec


def _only_app(names: Mapping[str, object], target: str) -> App:
    apps = [value for value in names.values() if isinstance(value, App)]
    if len(set(map(id, apps))) != 1:
        raise _Unusable(f"{target!r} holds {len(apps)} applications; one is needed, or a call of app.run()")
    return apps[0]


def _ps(options: argparse.Namespace) -> None:
    base = options.runtime_directory or os.environ.get("LONA_SYNC_RUNTIME_DIRECTORY", "")
    folders = [directory_of(_script_of(options.target), base).path] if options.target else directories(base)
    found = [process for folder in folders for process in elsewhere(siblings_in(folder, timeout=5.0))]
    for process in found:
        if process.trouble:
            print(f"lona-sync: {process.trouble}", file=sys.stderr)
    if not found:
        where = ", ".join(map(str, folders)) or base or "the folder for temporary files"
        raise _Unusable(f"no server of {options.target or 'this user'} is running on this machine, as far as {where} tells")
    try:
        for line in map(json.dumps, _objects(found)) if options.json else lines(rows(found), now=time.time()):
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        _end_by_pipe()


def _objects(processes: Iterable[ProcessViews]) -> Iterator[dict[str, object]]:
    for process in processes:
        for view in process.views:
            yield {"pid": process.pid, "application": process.application, **asdict(view)}


def _script_of(target: str) -> Path:
    """The file that `App(__file__)` names there. Nothing is loaded."""
    path = Path(target)
    if path.is_file() or ":" not in target:
        return path.resolve()
    sys.path.insert(0, str(Path.cwd()))
    origin = _find(target.partition(":")[0]).origin
    return Path(origin or "").resolve()


def _connect(url: str) -> Link:
    try:
        return connect(url)
    except (ValueError, ModuleNotFoundError) as error:
        raise _Unusable(str(error)) from None


def _end_quietly_by_ctrl_c() -> None:
    # Not a KeyboardInterrupt: gevent's event loop prints those before it raises them where they belong.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(128 + signal.SIGINT))


def _end_by_pipe() -> NoReturn:
    """`… | head -1`: nobody reads any more. Ends as other programs do of SIGPIPE."""
    # What the buffer holds must go somewhere at the end (Python's documentation of `signal`, "Note on SIGPIPE").
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(128 + signal.SIGPIPE)


def _send(options: argparse.Namespace) -> None:
    _end_quietly_by_ctrl_c()
    try:
        text: str = sys.stdin.read() if options.data == "-" else options.data
        data: object = text if options.text else json.loads(text)
    except UnicodeDecodeError as error:
        raise _Unusable(f"what comes from stdin is no text: {error}") from None
    except (ValueError, RecursionError) as error:
        raise _Unusable(f"data is not JSON ({error}); a text needs quotes ('\"text\"') or --text") from None
    link = _connect(options.broker)
    try:
        link.send(options.topic, data, None if options.ttl is None else timedelta(seconds=options.ttl))
    except (ValueError, OverflowError) as error:
        raise _Unusable(str(error)) from None
    if link.close(options.timeout):
        sys.exit(1)                                      # the log says why
    if link.stats()["unsent_expired"]:
        raise _Unusable(f"not sent: it took longer than the {options.ttl:g} seconds that the message was good for")


def _listen(options: argparse.Namespace) -> None:
    _end_quietly_by_ctrl_c()
    fields = ("topic", "data", "timestamp", "id", "missed")
    with _connect(options.broker).listen(*options.topics) as listener:
        try:
            for _ in itertools.repeat(None) if options.count is None else range(options.count):
                message = listener.get(options.timeout)
                try:
                    line = json.dumps({name: getattr(message, name) for name in fields})
                except (ValueError, RecursionError) as error:        # forged: what lona_sync writes is read as it comes
                    print(f"lona-sync: message {message.id} has unreadable data: {error!s:.200}", file=sys.stderr)
                    continue
                print(line, flush=True)
        except AwaitTimeout as error:
            raise _Unusable(str(error)) from None
        except BrokenPipeError:
            _end_by_pipe()
