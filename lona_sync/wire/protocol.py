"""The messages of the wire as values, and the only place that knows its numbers. `docs/protocol.md` explains them.

`decode` is the gate for whatever a browser sends: it returns a message of the right shape or raises `ProtocolError`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..errors import ProtocolError

VERSION = 3
MAX_URL = 8192                   # characters
MAX_DEPTH = 64                   # of nested arrays and objects in one message
MAX_CONTAINERS = 10_000          # arrays and objects in one message. A megabyte of `[],` would take a third of a second
MAX_NUMBER = 2**53 - 1           # what a browser's number holds exactly
MAX_WINDOW_ID = 2**31 - 1
_KIB = 1024
MAX_KEPT = 64 * 1024            # characters of what a window keeps for a view
MAX_NAME = 128                   # characters of a custom event's name
MAX_FIELDS = 1000                # of a form. A megabyte of empty ones takes twenty in Python, for as long as their view lives


class Up:
    """Message types from the client."""
    HELLO, OPEN, RESUME, CLOSE, EVENT, ACK, PING, ERROR, MEANT, MESSAGE = range(10)


class Down:
    """Message types from the server."""
    WELCOME, STARTED, SNAPSHOT, FRAME = range(4)
    ACK, PONG, GONE, REDIRECT, RESEND, REFUSED, STALE, MESSAGE = range(5, 13)


class Verb:
    """What a patch does."""
    TEXT, SET, CLASS, STYLE, INSERT, REMOVE, MOVE, TITLE, DATA, PUT, DROP, CALL, KEEP, URL = range(14)


class DataOperation:
    """What a DATA patch does to the place in the widget data that it names."""
    SET, INSERT, DELETE = range(3)


class CloseCode:
    """Why a connection was closed. 4000–4499: the browser comes back; 4500–4999: it does not."""
    GOODBYE = 1000
    UNSUPPORTED = 1003
    TOO_BIG = 1009
    INTERNAL = 1011
    RESTART = 1012
    TIMEOUT = 4000
    BUSY = 4001                  # the process that has a view does not answer
    DISMISSED = 4002             # the session that it was opened with has ended
    BAD_MESSAGE = 4500
    BAD_VERSION = 4501
    FOREIGN_ORIGIN = 4502
    NOT_ADMITTED = 4503          # by a middleware


ANSWER = "@answer"               # to a CALL; it goes as an event, so that it comes once, whatever happens to the socket
MOVED = "@url"                   # back or forward to where the view has been
EVENT_TYPES = {
    0: ANSWER, 1: "click", 2: "change", 3: "focus", 4: "blur", 5: "double_click", 6: "submit", 7: "key_down", 8: "key_up",
    9: "pointer_enter", 10: "pointer_leave", 11: "scroll_end", 12: "drag_start", 13: "drag_end", 14: "drag_enter",
    15: "drag_leave", 16: "drop", 17: "visible", 18: "resize", 19: MOVED,
}
EVENT_NUMBERS = {name: number for number, name in EVENT_TYPES.items()}


class Hello(NamedTuple):
    """The first message of every connection."""
    version: int


class Open(NamedTuple):
    """Show the view of `url` in `window`. `post`: the fields of a posted form."""
    window: int
    url: str
    post: dict[str, str | list[str]] | None = None
    kept: str | None = None      # what a view that has gone had told the window to keep


class Resume(NamedTuple):
    """Go on with a view after the socket was lost; `frame` is the last one applied."""
    window: int
    view: str
    secret: str
    frame: int


class Close(NamedTuple):
    """The window leaves its view for good."""
    window: int


@dataclass(slots=True)           # not frozen: that would take a microsecond of each event
class Event:
    """Something happened to `node` (0: to none). `type` is a name of `EVENT_TYPES` or a custom one."""
    window: int
    number: int
    frame: int
    type: str
    node: int
    data: Any                    # what the browser sent: not checked yet
    meant: bool = False          # the user was asked, and wants it
    weight: int = field(default=1, compare=False)      # what it counts in a queue: 1, and 1 more for each KiB of its message


class Ack(NamedTuple):
    """Every frame up to `frame` has been applied."""
    window: int
    frame: int


class Ping(NamedTuple):
    """Are you there?"""


class ScriptError(NamedTuple):
    """A script failed in the browser; `text` is not to be trusted."""
    window: int
    text: str


class Message(NamedTuple):
    """What a script of the page has to say; it is for the connection, not for a window."""
    text: str


ClientMessage = Hello | Open | Resume | Close | Event | Ack | Ping | ScriptError | Message


def decode(text: str) -> ClientMessage:
    """The message that `text` holds.

    Raises `ProtocolError` (4500) for whatever is not JSON, too deep, of too many parts, of unknown type or of wrong shape.
    """
    if len(text) > MAX_DEPTH and text.count("[") + text.count("{") > MAX_DEPTH:
        _check_brackets(text)
    text = text.strip(" \t\n\r")
    try:
        items, end = _JSON.raw_decode(text)
    except ValueError:
        end = -1
    if end != len(text):
        raise ProtocolError(CloseCode.BAD_MESSAGE, "not JSON")
    if "\\" in text and _HALF_CHARACTER.search(text):
        items = _without_half_characters(items)
    if type(items) is not list or not items or type(items[0]) is not int:
        raise ProtocolError(CloseCode.BAD_MESSAGE, "a message is an array that begins with its type")
    read = _READERS.get(items[0])
    message = read(*items[1:]) if read and len(items) in _LENGTHS[items[0]] else None
    if message is None:
        raise ProtocolError(CloseCode.BAD_MESSAGE, f"unknown type or wrong shape: {text[:80]!r}")
    if len(text) >= _KIB and isinstance(message, Event):
        message.weight += len(text) // _KIB
    return message


def encode(message: ClientMessage) -> str:
    """The wire form of a client's message: `decode(encode(message)) == message`."""
    match message:
        case Event(type=name):
            kind: int | str = EVENT_NUMBERS.get(name, name)
            up = Up.MEANT if message.meant else Up.EVENT
            items: list[object] = [up, message.window, message.number, message.frame, kind, message.node, message.data]
        case Hello():
            items = [Up.HELLO, message.version]
        case Open():
            items = [Up.OPEN, message.window, message.url, message.post, *([] if message.kept is None else [message.kept])]
        case Resume():
            items = [Up.RESUME, message.window, message.view, message.secret, message.frame]
        case Close():
            items = [Up.CLOSE, message.window]
        case Ack():
            items = [Up.ACK, message.window, message.frame]
        case Ping():
            items = [Up.PING]
        case ScriptError():
            items = [Up.ERROR, message.window, message.text]
        case Message():
            items = [Up.MESSAGE, message.text]
    return json.dumps(items, separators=(",", ":"))


def welcome(window: int, ping: float) -> bytes:
    """`window`: how many unacknowledged bytes are sent; `ping`: seconds of silence after which a client pings."""
    return b'[%d,%d,{"window":%d,"ping":%d}]' % (Down.WELCOME, VERSION, window, max(1, ping))


def started(window: int, view: str, secret: str, client: int, event: int) -> bytes:
    """`view` and `secret` are URL-safe tokens: they need no quoting."""
    return b'[%d,%d,"%b","%b",%d,%d]' % (Down.STARTED, window, view.encode(), secret.encode(), client, event)


def snapshot(window: int, frame: int, event: int, title_and_tree: bytes) -> bytes:
    """`title_and_tree`: what `Document.snapshot` gives."""
    return b"[%d,%d,%d,%d,%b]" % (Down.SNAPSHOT, window, frame, event, title_and_tree)


def frame(window: int, number: int, event: int, patches: bytes) -> bytes:
    """`patches`: encoded patches with commas between them."""
    return b"[%d,%d,%d,%d,[%b]]" % (Down.FRAME, window, number, event, patches)


def ack(window: int, event: int) -> bytes:
    return b"[%d,%d,%d]" % (Down.ACK, window, event)


def pong() -> bytes:
    return b"[%d]" % Down.PONG


def gone(window: int, *, restarted: bool = False, moved: bool = False) -> bytes:
    """`restarted`: not only the view, the process that had it has ended. `moved`: it does so, and all it had accepted is done."""
    if moved:
        return b"[%d,%d,2]" % (Down.GONE, window)
    return (b"[%d,%d,1]" if restarted else b"[%d,%d]") % (Down.GONE, window)


def redirect(window: int, url: str, *, leave_page: bool) -> bytes:
    return json.dumps([Down.REDIRECT, window, url, int(leave_page)], separators=(",", ":")).encode()


def resend(window: int, event: int) -> bytes:
    return b"[%d,%d,%d]" % (Down.RESEND, window, event)


def stale(window: int, event: int) -> bytes:
    return b"[%d,%d,%d]" % (Down.STALE, window, event)


def message(window: int, text: str) -> bytes:
    """`window`: one that shows the view that says it; 0: it is for the whole page."""
    return json.dumps([Down.MESSAGE, window, text], separators=(",", ":")).encode()


def refused(window: int, reason: str) -> bytes:
    return b'[%d,%d,"%b"]' % (Down.REFUSED, window, reason.encode())


def accepted_in(message: bytes) -> int | None:
    """The last event that a message to a window says to be accepted; None: it says nothing of events. For who passes it on."""
    found = _ACCEPTED.match(message)
    return int(found[found.lastindex or 0]) if found else None


# Looks at the first bytes only, except at STARTED, which is short.
_ACCEPTED = re.compile(
    rb"\[(?:(?:%d|%d),\d+,\d+,(\d+)|(?:%d|%d|%d),\d+,(\d+)|%d,.*,(\d+)\]$)"
    % (Down.SNAPSHOT, Down.FRAME, Down.ACK, Down.RESEND, Down.STALE, Down.STARTED)
)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large")
    return number


def _no_number(text: str) -> None:
    raise ValueError(f"JSON has no {text}")


# Python's own additions, NaN and Infinity, are refused: what a view makes of them, no browser could read. `1e999` is one, too.
_JSON = json.JSONDecoder(parse_float=_finite, parse_constant=_no_number)
_NO_BRACKETS = re.compile(r"[^][{}]+")
# Escaped, since a message is UTF-8. It may be one half of a whole character, or stand behind a backslash of its own.
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
# What a terminal, or a reader of logs, could take for an order. Browsers encode these in addresses.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _without_half_characters(items: Any) -> Any:     # Any: JSON
    """Lone surrogates become U+FFFD: nothing can store, print or encode them, and JavaScript makes them by cutting a string."""
    text = json.dumps(items, ensure_ascii=False)
    return _JSON.decode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _check_brackets(text: str) -> None:
    """Refuse what would keep the parser, or the code of a view, busy by its mere shape; before it is parsed."""
    # Brackets inside of strings are somebody's text. No loop in Python cuts it out: of a megabyte it would take 50 ms.
    bare = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    opened = bare.count("[") + bare.count("{")
    if opened > MAX_CONTAINERS:
        raise ProtocolError(CloseCode.BAD_MESSAGE, f"more than {MAX_CONTAINERS} arrays and objects")
    if opened != bare.count("]") + bare.count("}"):
        raise ProtocolError(CloseCode.BAD_MESSAGE, "not JSON")
    depth = 0
    for bracket in _NO_BRACKETS.sub("", bare):
        depth += 1 if bracket in "[{" else -1
        # "[" * 5000 + "]" * 5000 would end in a RecursionError inside of the parser, or later in the code of a view.
        if depth > MAX_DEPTH:
            raise ProtocolError(CloseCode.BAD_MESSAGE, f"nested deeper than {MAX_DEPTH} levels")


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_NUMBER


def _is_window(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_WINDOW_ID


def _is_text(value: object, limit: int) -> bool:
    return type(value) is str and len(value) <= limit


# Each reader gets what follows the type, and returns None when the shape is wrong. `Any`: they are here to find out.

def _read_hello(version: Any) -> Hello | None:
    return Hello(version) if _is_number(version) else None


def _read_open(window: Any, url: Any, post: Any, kept: Any = None) -> Open | None:
    if not (_is_window(window) and _is_text(url, MAX_URL)) or _CONTROL.search(url):
        return None
    if kept is not None and type(kept) is not str:       # one that is too long is worth nothing, but no reason to end the page
        return None
    return Open(window, url, post, kept) if post is None or is_form(post) else None


def is_form(post: Any) -> bool:
    """Whether these are the fields of a form: texts or lists of texts by name, not too many."""
    if type(post) is not dict or not all(_is_field(value) for value in post.values()):
        return False
    return sum(len(value) if type(value) is list else 1 for value in post.values()) <= MAX_FIELDS


def _is_field(value: object) -> bool:
    return type(value) is str or (type(value) is list and all(type(item) is str for item in value))


def _read_resume(window: Any, view: Any, secret: Any, frame: Any) -> Resume | None:
    if _is_window(window) and _is_text(view, MAX_NAME) and _is_text(secret, MAX_NAME) and _is_number(frame):
        return Resume(window, view, secret, frame)
    return None


def _read_close(window: Any) -> Close | None:
    return Close(window) if _is_window(window) else None


def _read_event(window: Any, number: Any, frame: Any, kind: Any, node: Any, data: Any) -> Event | None:
    name: Any = EVENT_TYPES.get(kind) if type(kind) is int else kind
    # Most messages are events, so all is checked here: five calls would take as long as the rest.
    if (
        type(window) is type(number) is type(frame) is type(node) is int and 1 <= window <= MAX_WINDOW_ID
        and 0 <= number <= MAX_NUMBER and 0 <= frame <= MAX_NUMBER and 0 <= node <= MAX_NUMBER
        and type(name) is str and len(name) <= MAX_NAME
    ):
        return Event(window, number, frame, name, node, data)
    return None


def _read_meant(window: Any, number: Any, frame: Any, kind: Any, node: Any, data: Any) -> Event | None:
    event = _read_event(window, number, frame, kind, node, data)
    if event is not None:
        event.meant = True
    return event


def _read_ack(window: Any, frame: Any) -> Ack | None:
    return Ack(window, frame) if _is_window(window) and _is_number(frame) else None


def _read_error(window: Any, text: Any) -> ScriptError | None:
    return ScriptError(window, text[:2000]) if _is_window(window) and type(text) is str else None


_READERS: dict[int, Callable[..., ClientMessage | None]] = {
    Up.HELLO: _read_hello,
    Up.OPEN: _read_open,
    Up.RESUME: _read_resume,
    Up.CLOSE: _read_close,
    Up.EVENT: _read_event,
    Up.ACK: _read_ack,
    Up.PING: Ping,
    Up.ERROR: _read_error,
    Up.MEANT: _read_meant,
    Up.MESSAGE: lambda text: Message(text) if type(text) is str else None,
}
_LENGTHS: dict[int, tuple[int, ...]] = {
    Up.HELLO: (2,), Up.OPEN: (4, 5), Up.RESUME: (5,), Up.CLOSE: (2,), Up.EVENT: (7,), Up.ACK: (3,), Up.PING: (1,), Up.ERROR: (3,),
    Up.MEANT: (7,), Up.MESSAGE: (2,),
}
