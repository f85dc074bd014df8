"""One conversation of `lona-sync shell`: lines come in, what they print goes out.

    this process                                         lona-sync shell
    {"out": "Python 3.12 …\\n"}                     →
    {"ask": ">>> ", "failed": false}               →     shows the prompt, reads a line
                                                   ←     {"line": "print(1)"}
    {"out": "1\\n"}   {"ask": …}                    →
                                                   ←     {"complete": "app.rou"}        while it is asked
    {"names": ["app.route(", "app.routes"]}        →
                                                   ←     {"forget": true}               Ctrl-C, while it is asked
                                                   ←     {"interrupt": true}            Ctrl-C, while it waits
                                                   ←     {"end": true}
    {"over": true}                                 →

Each statement runs in a greenlet of its own, so what waits can be interrupted; what computes cannot, and holds everything up, as in
a view. What it prints is recognised by a context variable, so that what others print meanwhile goes where it always goes.
"""

from __future__ import annotations

import codeop
import logging
import rlcompleter
import shlex
import sys
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

import gevent
from gevent.lock import Semaphore

from ...siblings import Talk

logger = logging.getLogger("lona_sync.shell")

PROMPT, MORE = ">>> ", "... "
#: Characters of one message to the terminal; what is longer comes in several.
_CHUNK = 16 * 1024
#: Names that a completion may offer.
_NAMES = 200
_LOGGED = 200                    # characters of a statement


class Repl(Protocol):
    """What a command is given."""

    locals: dict[str, Any]                     # Any: the names of the session

    def write(self, text: str) -> None:
        """Print in the terminal. Waits while that does not take it."""


#: `%name argument …` calls `command(repl, arguments)`. Its docstring is its help.
Command = Callable[[Repl, list[str]], object]


class Interrupt(gevent.GreenletExit):
    """Ctrl-C. No KeyboardInterrupt: that would end the server, if it came too late for the statement."""


class Session:
    """`run` waits until it is over. Raises `siblings.Away` when the terminal has gone."""

    def __init__(
        self, talk: Talk, namespace: dict[str, Any], commands: Mapping[str, Command], *, banner: str,
    ) -> None:                                           # Any: whatever there is
        self.locals = namespace
        self._talk = talk
        self._commands = commands
        self._banner = banner
        self._compile = codeop.CommandCompiler()
        self._lines: list[str] = []
        self._work: gevent.Greenlet[..., None] | None = None
        self._sending = Semaphore()
        self._over = False

    def write(self, text: str) -> None:
        for start in range(0, len(text), _CHUNK):
            self._send({"out": text[start:start + _CHUNK]})

    def run(self) -> None:
        try:
            self.write(self._banner)
            self._ask(PROMPT)
            while not self._over:
                self._hear(self._talk.receive())
        finally:
            if self._work is not None:
                self._work.kill(Interrupt)

    def _hear(self, message: dict[str, Any]) -> None:    # Any: JSON
        busy = self._work is not None and not self._work.ready()
        if message.get("end"):
            self._finish()
        elif message.get("interrupt"):
            if self._work is not None and busy:              # else it came too late
                self._work.kill(Interrupt, block=False)
        elif not busy and message.get("forget"):
            self._lines.clear()
            self._ask(PROMPT)
        elif not busy and isinstance(message.get("complete"), str):
            self._send({"names": self._completions(message["complete"])})
        elif not busy and isinstance(message.get("line"), str):
            self._work = gevent.spawn(self._take, message["line"])

    def _finish(self) -> None:
        self._over = True
        self._send({"over": True})

    def _take(self, line: str) -> None:
        """One line, in a greenlet of its own."""
        current.set(self)
        if not self._lines and line.lstrip().startswith("%"):
            self._ask(PROMPT, failed=not self._attempt(lambda: self._command(line.strip()[1:])))
            return
        self._lines.append(line)
        source = "\n".join(self._lines)
        try:
            code = self._compile(source, "<shell>", "single")
        except (SyntaxError, ValueError, OverflowError):
            self._lines.clear()
            self.write(traceback.format_exc(limit=0))
            self._ask(PROMPT, failed=True)
            return
        if code is None:
            self._ask(MORE)
            return
        self._lines.clear()
        if source.strip():
            logger.info("in the shell: %.*s", _LOGGED, source)
        self._ask(PROMPT, failed=not self._attempt(lambda: exec(code, self.locals)))

    def _attempt(self, what: Callable[[], object]) -> bool:
        """Do it; whether it went well. Whatever it raises is shown, and ends nothing but itself."""
        output = _Output.installed()
        try:
            what()
        except SystemExit:
            self._over = True
        except Interrupt:
            self.write("interrupted\n")
            return False
        except BaseException as error:
            told = error.__traceback__
            while told is not None and told.tb_frame.f_code.co_filename == __file__:
                told = told.tb_next                      # what is ours
            self.write("".join(traceback.format_exception(type(error), error, told)))
            return False
        finally:
            output.remove()
        return True

    def _command(self, text: str) -> None:
        name, *arguments = shlex.split(text) or ["help"]
        command = self._commands.get(name) or self._commands.get(name.removeprefix("lona_"))
        if command is None:
            self.write(f"there is no command %{name}; %help lists them\n")
            return
        command(self, arguments)

    def _completions(self, text: str) -> list[str]:
        if text.startswith("%"):
            return [f"%{name}" for name in self._commands if name.startswith(text[1:])]
        completer = rlcompleter.Completer(dict(self.locals))
        found: list[str] = []
        try:
            while len(found) < _NAMES and (name := completer.complete(text, len(found))) is not None:
                found.append(name)
        except Exception as error:                       # of a property that it has looked at
            logger.info("no completions of %.40r: %r", text, error)
        return found

    def _ask(self, prompt: str, *, failed: bool = False) -> None:
        if self._over:
            self._finish()
        else:
            self._send({"ask": prompt, "failed": failed})

    def _send(self, message: Mapping[str, object]) -> None:
        with self._sending:
            self._talk.send(message)


#: Whose statement runs in this greenlet.
current: ContextVar[Session | None] = ContextVar("current", default=None)


class _Output:
    """Stands in the place of `sys.stdout` and `sys.displayhook` while statements run, and takes what they print."""

    def __init__(self) -> None:
        self._stream = sys.stdout
        self._display = sys.displayhook
        self._users = 0

    @classmethod
    def installed(cls) -> _Output:
        """The one that is there, or a new one. To be removed as often as it was asked for."""
        output = sys.stdout if isinstance(sys.stdout, cls) else cls()
        output._users += 1
        sys.stdout = output                              # as good as a text stream
        sys.displayhook = output.display
        return output

    def remove(self) -> None:
        self._users -= 1
        # Somebody may have put something else on top of it; it lets everything through then.
        if not self._users and sys.stdout is self:
            sys.stdout = self._stream
        if not self._users and sys.displayhook == self.display:
            sys.displayhook = self._display

    def write(self, text: str) -> int:
        session = current.get()
        if session is None:
            return self._stream.write(text)
        session.write(text)
        return len(text)

    def flush(self) -> None:
        if current.get() is None:
            self._stream.flush()

    def display(self, value: object) -> None:
        session = current.get()
        if session is None:
            self._display(value)
        elif value is not None:
            session.write(f"{value!r}\n")
            session.locals["_"] = value                  # not in `builtins`, where gettext may have put its own

    def isatty(self) -> bool:
        return current.get() is None and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:             # Any: of any stream
        return getattr(self._stream, name)
