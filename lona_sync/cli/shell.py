"""`lona-sync shell`: a Python prompt inside of a running server."""

from __future__ import annotations

import argparse
import os
import signal
import socket as sockets
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..server.watching.shell import KIND
from ..siblings import Refused, Talk, Trouble
from ..siblings.directory import directories, directory_of
from ..siblings.siblings import Siblings, answer_of, siblings_in
from .endings import Unusable
from .targets import script_of

with suppress(ImportError):                              # where there is none, lines come without a history
    import readline

_REFUSALS = {
    "off": "it lets nobody in: start it with --shell, or set SHELL = True",
    "full": "too many shells are open in it",
    "kind": "it runs another version of lona_sync",
}
#: What ends a word that is to be completed. Not '%', with which commands begin.
_DELIMITERS = " \t\n`~!@#$^&*()-=+[{]}\\|;:'\",<>/?"


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    shell = commands.add_parser(
        "shell", help="a Python prompt in a running server",
        description="Open a Python prompt inside of a server of this user that was started with --shell, or with SHELL = True.",
    )
    shell.add_argument("target", nargs="?", default="", help="script.py, or package.module:app (default: whatever runs)")
    shell.add_argument("--pid", type=int, default=0, help="which process, if several run")
    shell.add_argument("-c", dest="code", action="append", metavar="LINE", help="run this instead of asking; may be repeated")
    shell.add_argument("--runtime-directory", default="", metavar="FOLDER", help="default: $LONA_SYNC_RUNTIME_DIRECTORY")
    shell.set_defaults(function=_shell, log_level="warning")


def _shell(options: argparse.Namespace) -> None:
    base = options.runtime_directory or os.environ.get("LONA_SYNC_RUNTIME_DIRECTORY", "")
    folders = [directory_of(script_of(options.target), base).path] if options.target else directories(base)
    siblings, tag = _choose(folders, options.pid, options.target)
    try:
        talk = _knock(siblings, tag)
    except Trouble as trouble:
        reason = trouble.reason if isinstance(trouble, Refused) else ""
        raise Unusable(f"the server did not open a shell: {_REFUSALS.get(reason, str(trouble))}") from None
    with talk:
        failed = _Terminal(talk, options.code).run()
    if failed and options.code:
        sys.exit(1)


def _choose(folders: Iterable[Path], pid: int, target: str) -> tuple[Siblings, str]:
    found: dict[int, tuple[Siblings, str]] = {}
    for folder in folders:
        siblings = siblings_in(folder, timeout=5.0)
        for tag, about in siblings.ask_all("about").items():
            if not isinstance(about, Trouble):
                found[int(about["pid"])] = siblings, tag
    if pid and pid not in found:
        raise Unusable(f"process {pid} is no server of {target or 'this user'}; there are {sorted(found) or 'none'}")
    if not found:
        raise Unusable(f"no server of {target or 'this user'} is running on this machine")
    if not pid and len(found) > 1:
        raise Unusable(f"several processes run: {', '.join(map(str, sorted(found)))}. Name one by --pid, or a program")
    return found[pid or next(iter(found))]


def _knock(siblings: Siblings, tag: str) -> Talk:
    """The conversation. It goes over a plain socket, not gevent's: this program waits for one thing at a time, and for Ctrl-C."""
    ours, theirs = sockets.socketpair()
    with theirs, siblings.open(tag, KIND) as exchange:
        try:
            answer_of(exchange)
            exchange.send({}, descriptors=[theirs.fileno()])
        except BaseException:
            ours.close()
            raise
    return Talk(ours)


class _Terminal:
    """This end. `code`: lines to run instead of asking."""

    def __init__(self, talk: Talk, code: list[str] | None) -> None:
        self._talk = talk
        self._code = list(code) if code is not None else None
        self._is_terminal = code is None and sys.stdin.isatty()
        self._names: list[str] = []
        self._reads = False                              # a line, at the moment
        self._asked = False                              # what is written before belongs to the greeting
        if self._is_terminal and "readline" in globals():
            readline.set_completer(self._complete)
            readline.set_completer_delims(_DELIMITERS)
            readline.parse_and_bind("tab: complete")

    def run(self) -> bool:
        """Until it is over; whether any statement has failed."""
        failed = False
        signal.signal(signal.SIGINT, self._interrupt)
        while True:
            try:
                message = self._talk.receive()
            except Trouble:
                raise Unusable("the server has ended the conversation") from None
            if "out" in message:
                if self._asked or self._is_terminal:
                    sys.stdout.write(message["out"])
                    sys.stdout.flush()
            elif "ask" in message:
                failed = failed or bool(message.get("failed"))
                self._asked = True
                self._answer(message["ask"])
            elif message.get("over"):
                return failed

    def _answer(self, prompt: str) -> None:
        try:
            if self._code is not None:
                self._talk.send({"line": self._code.pop(0)} if self._code else {"end": True})
            else:
                self._reads = True
                line = input(prompt if self._is_terminal else "")
                self._reads = False
                self._talk.send({"line": line})
        except EOFError:
            if self._is_terminal:
                print()
            self._talk.send({"end": True})
        except KeyboardInterrupt:
            print()
            self._talk.send({"forget": True})
        finally:
            self._reads = False

    def _interrupt(self, *_: object) -> None:
        """Ctrl-C. An exception in the middle of a message would leave half of it unread."""
        if self._reads:
            raise KeyboardInterrupt
        self._talk.send({"interrupt": True})

    def _complete(self, text: str, state: int) -> str | None:
        if state == 0:
            self._talk.send({"complete": text})
            self._names = [str(name) for name in self._talk.receive().get("names", [])]
        return self._names[state] if state < len(self._names) else None
