"""The log: which view, user and connection a record belongs to, and how it is written.

    logging.config.dictConfig({
        "filters": {"where": {"()": "lona_sync.logs.Where"}},
        "formatters": {"json": {"()": "lona_sync.logs.JSONFormatter"}},
        …

`lona-sync run` and `app.run()` set it up by themselves, unless the program has given the root logger a handler of its own.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from .channels.owner import current_owner
from .server.sockets.connection import Connection, current_connection
from .views.ownership import host_of
from .views.report import user_name
from .views.runtime import ViewRuntime

LEVELS = ("debug", "info", "warn", "warning", "error", "critical")
FORMATS = ("text", "json")
SYSLOG = ("no", "auto", "always")
#: What `--debug-mode` logs, and by which logger.
DEBUG_MODES: Mapping[str, str] = {
    "messages": "lona_sync.server.websockets",
    "views": "lona_sync.view_runtime",
    "input-events": "lona_sync.input_events",
    "view-events": "lona_sync.view_events",
}
#: What a record is asked for. Empty texts where there is no such thing.
FIELDS = ("view", "view_id", "user", "connection")
#: Connections that are named for one view.
_NAMED = 3

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.NOTSET, 7))
_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_asking: ContextVar[bool] = ContextVar("asking", default=False)


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What is logged, and how; what is not said has the default of its field.

    `level`: '' is 'info'. `loggers`: names, with `+` for all of it, `_` for nothing of it, or neither for only those.
    `debug_mode`: one of `DEBUG_MODES`. `syslog_priorities`: '' is 'auto'. `format`: '' is 'text'.
    """
    level: str = ""
    loggers: tuple[str, ...] = ()
    debug_mode: str = ""
    syslog_priorities: str = ""
    format: str = ""

    def __post_init__(self) -> None:
        for name, value, known in (
            ("log_level", self.level, LEVELS), ("debug_mode", self.debug_mode, tuple(DEBUG_MODES)),
            ("syslog_priorities", self.syslog_priorities, SYSLOG), ("log_format", self.format, FORMATS),
        ):
            if value and value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")

    def over(self, other: LogOptions) -> LogOptions:
        """These, and where they say nothing the other ones."""
        return LogOptions(
            level=self.level or other.level, loggers=self.loggers or other.loggers, debug_mode=self.debug_mode or other.debug_mode,
            syslog_priorities=self.syslog_priorities or other.syslog_priorities, format=self.format or other.format,
        )


def configure(options: LogOptions) -> None:
    """Write the log to stderr as `options` say. May be called again: the last call counts.

    A program that has given the root logger a handler keeps it, and its level unless `options` name one.
    """
    root = logging.getLogger()
    own = [handler for handler in root.handlers if isinstance(handler, _Handler)]
    ours = bool(own) or not root.handlers
    if ours:
        for handler in own:
            root.removeHandler(handler)
        handler = _Handler(sys.stderr)
        handler.addFilter(Where())
        handler.addFilter(Choice(options.loggers))
        formatter = JSONFormatter() if options.format == "json" else TextFormatter(
            priorities=options.syslog_priorities == "always"
            or (options.syslog_priorities != "no" and _journal_reads(sys.stderr.fileno() if _has_descriptor(sys.stderr) else -1)),
        )
        handler.setFormatter(formatter)
        root.addHandler(handler)
    if ours or options.level:
        root.setLevel((options.level or "info").upper())
    for name in options.loggers:
        if name.startswith("+"):
            logging.getLogger(name[1:]).setLevel(logging.DEBUG)
    if options.debug_mode:
        logging.getLogger(DEBUG_MODES[options.debug_mode]).setLevel(logging.DEBUG)


class _Handler(logging.StreamHandler[Any]):                  # Any: a text stream
    """Known again by its class."""


class Where(logging.Filter):
    """Gives each record `view` (module and class), `view_id`, `user`, `connection`, as texts; '' for what there is not.

    They are those of the greenlet that logs: of a view's own, or of one that reads a connection. `user` is who looks at the view:
    `str()` of him, or, for one who is known by his cookie alone, the same hash as in `lona-sync ps`. `connection` names those that
    show the view. A record that has such a field keeps it. Nothing here is a secret; it never waits, and never drops a record.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if _asking.get():                                # by `str()` of somebody's user
            found = dict.fromkeys(FIELDS, "")
        else:
            token = _asking.set(True)
            try:
                found = _where()
            finally:
                _asking.reset(token)
        for name, value in found.items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


def _where() -> dict[str, str]:
    runtime = host_of(current_owner.get())
    connection = current_connection.get()
    if not isinstance(runtime, ViewRuntime):
        user = user_name(connection.visitor.user) if connection is not None else ""
        return {"view": "", "view_id": "", "user": user, "connection": connection.name if connection is not None else ""}
    return {
        "view": f"{type(runtime.view).__module__}.{type(runtime.view).__qualname__}" if hasattr(runtime, "view") else "",
        "view_id": runtime.id, "user": user_name(runtime.request.user), "connection": _connections(runtime),
    }


def _connections(runtime: ViewRuntime) -> str:
    names = [client.link.name for client in runtime.clients if isinstance(client.link, Connection)]
    return ",".join(names[:_NAMED]) + (f"+{len(names) - _NAMED}" if len(names) > _NAMED else "")


class Choice(logging.Filter):
    """By the names of loggers: `_name` nothing of it, `name` only those so named. `+name` is a matter of levels."""

    def __init__(self, loggers: Sequence[str]) -> None:
        super().__init__()
        self._without = tuple(name[1:] for name in loggers if name.startswith("_"))
        self._only = tuple(name for name in loggers if name[:1] not in ("_", "+"))

    def filter(self, record: logging.LogRecord) -> bool:
        if any(_is_in(record.name, name) for name in self._without):
            return False
        return not self._only or any(_is_in(record.name, name) for name in self._only)


def _is_in(logger: str, name: str) -> bool:
    return logger == name or logger.startswith(f"{name}.")


class TextFormatter(logging.Formatter):
    """A line a record; further ones are indented, so that no record looks like two. `priorities`: each line begins as in `<3>`."""

    def __init__(self, *, priorities: bool = False) -> None:
        super().__init__(_LINE)
        self._priorities = priorities

    def format(self, record: logging.LogRecord) -> str:
        text = _CONTROLS.sub(_escaped, super().format(record).replace("\n", "\n    "))
        if not self._priorities:
            return text
        priority = next(number for level, number in _PRIORITIES if record.levelno >= level)
        return "\n".join(f"<{priority}>{line}" for line in text.split("\n"))

    def formatMessage(self, record: logging.LogRecord) -> str:       # logging's name
        values = {name: getattr(record, name, "") for name in FIELDS}
        # The class is enough for people; what follows the tag and some letters of the id would only make lines long.
        values["view"], values["view_id"] = values["view"].rpartition(".")[2], values["view_id"][:13]
        told = " ".join(f"{name}={value}" for name, value in values.items() if value)
        return super().formatMessage(record) + (f" [{told}]" if told else "")


class JSONFormatter(logging.Formatter):
    """An object a line: time (ISO 8601, UTC), level, logger, message; view, view_id, user, connection, exception, if there are."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        told = {
            "time": f"{moment}.{int(record.msecs):03d}Z", "level": record.levelname.lower(), "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name in FIELDS if (value := getattr(record, name, ""))},
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            told["stack"] = self.formatStack(record.stack_info)
        return json.dumps(told, default=str)


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}" if found[0] < "\u0100" else f"\\u{ord(found[0]):04x}"


def _has_descriptor(stream: Any) -> bool:                    # Any: whatever the program has put in the place of stderr
    try:
        return isinstance(stream.fileno(), int)
    except (AttributeError, OSError, ValueError):
        return False


def _journal_reads(descriptor: int) -> bool:
    """Whether the other end is systemd's journal, which says so in the environment, and understands priorities."""
    told = os.environ.get("JOURNAL_STREAM", "").split(":")
    if descriptor < 0 or len(told) != 2:
        return False
    about = os.fstat(descriptor)
    return told == [str(about.st_dev), str(about.st_ino)]
