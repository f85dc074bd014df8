"""A tab's part of the protocol: it keeps events until they are acknowledged, comes back, resumes, and applies what it is sent.

It is long since a browser does a lot for that. Nothing in here is a user's doing, which is `page.py`. What the tab shows is
`dom.py`; what lies between it and the server, with all that can go wrong there, is `network.py` and `wire.py`.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from typing import Any, Literal, Protocol
from urllib.parse import urlencode, urljoin

import gevent
import werkzeug.test

from ..app import App
from ..pause import pause
from ..server.people.tickets import SESSION
from ..server.sockets.connection import Connection
from ..server.sockets.outflow import Transport
from ..views.clock import Timer
from ..wire import protocol
from ..wire.protocol import Down
from .clock import VirtualClock
from .dom import ModelDOM, ModelElement
from .form_data import Submission
from .history import History
from .moved import Past
from .network import Network
from .painted import Painted
from .wire import Wire

_QUIET_ROUNDS = 10               # turns of the event loop without news after which the server is taken to be at rest
_MAX_ROUNDS = 10_000             # a view that shows without end is never at rest
RECONNECT = 0.1, 10.0            # seconds until a page comes back, doubled with each failure up to the second one
OPEN_AGAIN = 1.0, 30.0           # the same, until it asks again for a view that was refused
_PASSING = frozenset({"busy", "crowded"})
_MOVED = 2                       # of GONE: the view has gone to another process
_LINE_BREAK = re.compile("\r\n|\r|\n")
_FORM = "application/x-www-form-urlencoded"
State = Literal["plain", "opening", "started", "shown"]      # no view at all; asked for one, has it, and has its tree
_FINAL = {1002, 1003, 1007, 1009, *range(4500, 5000)}        # close codes after which a browser stays away
_ALONE = {"Sec-Purpose": "prefetch"}           # the page without its view, which is opened over the connection
_PAGE_MARK = 'id="lona-sync"'    # tells a page with the client from any other


class Browser(Protocol):
    """What a tab needs of the browser that it belongs to: a `Client`."""

    app: App
    clock: VirtualClock
    network: Network
    http: werkzeug.test.Client

    def connect(self, transport: Transport) -> Connection:
        """A connection of its session."""


class Tab:
    """See `Page`, which it is a part of."""

    def __init__(self, client: Browser, url: str, painted: Painted | None = None) -> None:
        self.client = client
        self.url = url
        self.status = 0
        self.closed: int | None = None
        self.refused: str | None = None
        self.dom = ModelDOM()
        self.downloads: list[str] = []             # addresses of what the view has it download
        self.scripts: dict[str, Callable[..., object]] = {
            "focus": _nothing, "scrollIntoView": _nothing,
        }
        self.called: list[tuple[str, list[Any]]] = []      # by the view: method and arguments
        self.not_taken: list[tuple[str, ModelElement | None]] = []
        self.insists = False
        self.notices: list[tuple[str, str]] = []           # of `View.notify`: kind and text
        self.messages: list[str] = []                      # raw ones, of `View.send_str`
        self._history = History()
        self.reading = True                        # False: like a browser that is suspended; it takes and confirms nothing
        self._wire: Wire | None = None
        self._stays_away = False                   # until `reconnect`
        self._retry: Timer | None = None           # until it comes back by itself
        self._wait = RECONNECT[0]
        self._patience = OPEN_AGAIN[0]
        self._past: Past | None = None             # of a view that has moved to another process, until it is shown again
        self._connected_at = 0.0
        self._state: State = "plain"
        self._window = 0                           # another one for each view: what is on its way from the last one goes nowhere
        self._target = url
        self._post: dict[str, Any] | None = None
        self._inbox: deque[bytes] = deque()
        self._heard = 0              # messages of the server
        self._sent: deque[protocol.Event] = deque()        # events that the server has not acknowledged
        self._number = 0
        self._frame = 0                            # the last one applied
        self._acknowledged = 0
        self._view = self._secret = ""
        self._client_number = 0
        self._error: Exception | None = None
        self._history.enter(url)
        if painted is None or painted.join is None:
            self._load(url)
        else:
            self._join(painted.status, painted.join)

    @property
    def connected(self) -> bool:
        """Whether there is a socket."""
        return self._wire is not None

    @property
    def loading(self) -> bool:
        """Whether it has asked for a view and has no answer yet; nothing can be done to it meanwhile."""
        return self._state == "opening"

    @property
    def unacknowledged(self) -> int:
        """How many events wait for the server's acknowledgement."""
        return len(self._sent)

    def settle(self) -> None:
        """Let the server work until nothing more happens by itself."""
        quiet = 0
        for _ in range(_MAX_ROUNDS):
            heard = self._heard
            pause()                  # not `sleep(0)`: on a busy machine others pause, too, which only the clock of the loop ends
            quiet = 0 if self.reading and (self._inbox or self._heard > heard) else quiet + 1
            if quiet >= _QUIET_ROUNDS:
                break
        self._check()

    # Acting as a network does. More of that is in `client.network`.

    def lose_connection(self) -> None:
        """The socket ends without a goodbye; the view waits for `reconnect`. What the page has not read yet is lost."""
        self._inbox.clear()
        self.end_connection(clean=False)
        self.settle()

    def reconnect(self) -> None:
        """Come back now and go on where the page was; events that were not acknowledged are sent again."""
        self._stays_away = False
        if self._wire is not None:
            self._wire.abandon()
            self._wire = None
        self.come_back()
        self.settle()

    def end_connection(self, *, clean: bool) -> None:
        """Without waiting for what follows. The page stays away until `reconnect`."""
        self._stop_trying()
        self._stays_away = True
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.end(clean=clean)

    def take(self, message: bytes) -> None:
        """One message from the server; it is read when the event loop comes to it, as from a socket."""
        self._inbox.append(message)
        self._heard += 1
        if self.reading:
            gevent.get_hub().loop.run_callback(self._read)

    def shut(self, code: int) -> bool:
        """The server has closed the connection. The page comes back when a browser would, by the code. Whether it has read all."""
        heard = self.reading
        if heard:
            self._read()
        self.cut(comes_back=code not in _FINAL)
        self.closed = code
        return heard

    def cut(self, *, comes_back: bool) -> None:
        """The socket was lost, and with it what has not been read."""
        self._inbox.clear()
        self._wire = None
        self._stays_away = not comes_back
        if comes_back:
            if self.client.clock.now() - self._connected_at > self._wait:
                self._wait = RECONNECT[0]
            self._try_later()

    def come_back(self) -> None:
        """Open a new socket and go on where the page was, unless there is one, or it is to stay away. Does not wait."""
        self._stop_trying()
        if self._wire is not None or self._stays_away or self._state == "plain":
            return
        if self.reading:
            self._connect()
        if self._wire is None:
            self._try_later()
        elif self._state == "opening":
            self._start()
        else:
            self._send(protocol.Resume(self._window, self._view, self._secret, self._frame))

    def failed(self, error: Exception) -> None:
        """The page is not what it should be, and the next look at it raises this."""
        self._error = self._error or error

    def resume_reading(self) -> None:
        """After `reading = False`: take what has come meanwhile, and come back if the socket was lost."""
        self.reading = True
        self.come_back()
        self._read()
        self.settle()

    # Inside.

    def _show_url(self) -> None:
        if self._state == "plain":
            self._load(self.url)
        else:
            self._open(self.url)
        self.settle()

    def _load(self, url: str, posted: Submission | None = None) -> None:
        if SESSION in url:                         # which nobody gets by a look alone
            self.url = url = self.client.http.get(url).headers.get("Location", url)
        if posted is None:
            response = self.client.http.get(url, headers=_ALONE, follow_redirects=True)
        else:
            body = urlencode([(name, _LINE_BREAK.sub("\r\n", text)) for name, text in posted.fields])
            response = self.client.http.post(url, data=body, content_type=_FORM, follow_redirects=True)
        if response.history:
            query = response.request.query_string.decode()
            self.url = url = response.request.path + ("?" + query if query else "")
        self.status = response.status_code
        text = response.get_data(as_text=True)
        if _PAGE_MARK not in text:                 # an error page, or a route that is not interactive
            self._state = "plain"
            self.dom.apply_snapshot(1, ["html"], [1, {"@html": text}, 0])
            return
        self._stays_away = False
        self._connect()
        self._open(url)
        if self._wire is None:
            self._try_later()
        self.settle()

    def _join(self, status: int, join: tuple[str, str]) -> None:
        self.status = status
        self._view, self._secret = join
        self._window += 1
        self._state = "started"
        self.come_back()
        self.settle()

    def _connect(self) -> None:
        wire = self.client.network.connect(self)
        if wire is None:
            return
        self.closed = None
        self._wire = wire
        self._connected_at = self.client.clock.now()
        wire.connection = self.client.connect(wire)
        self._send(protocol.Hello(protocol.VERSION))

    def _try_later(self) -> None:
        self._stop_trying()
        self._retry = self.client.clock.timer(self._wait, self._try)
        self._wait = min(2 * self._wait, RECONNECT[1])

    def _try(self) -> None:
        try:
            self.come_back()
        except Exception as error:
            self.failed(error)

    def _stop_trying(self) -> None:
        if self._retry is not None:
            self._retry.close()
            self._retry = None

    def _open(self, url: str, post: dict[str, Any] | None = None) -> None:
        """Ask for another view."""
        if self._window:
            self._send(protocol.Close(self._window))
        self._window += 1
        self._past = None
        self._target, self._post = url, post
        self.dom.kept = ""
        self._start()

    def _start(self) -> None:
        self._state = "opening"
        self._view = self._secret = ""
        self._send(protocol.Open(self._window, self._target, self._post, self.dom.kept or None))

    def _send(self, message: protocol.ClientMessage) -> None:
        if self._wire is not None:
            self._wire.transmit(message)

    def _send_event(self, name: str, element: ModelElement | None, data: object, *, meant: bool = False) -> None:
        if self._state == "plain":
            raise RuntimeError("this page shows no view: nobody hears what is done to it")
        if self._past is not None and self._state in ("opening", "started"):
            self._past.events.append(
                protocol.Event(self._window, 0, 0, name, element.id if element is not None else 0, data, meant=meant)
            )
            return
        if self._state == "opening":
            raise RuntimeError(f"the page waits for the view at {self._target!r}, and what is done to it now would go nowhere")
        self._number += 1
        node = element.id if element is not None else 0
        event = protocol.Event(self._window, self._number, self._frame, name, node, data, meant=meant)
        self._sent.append(event)
        self._send(event)

    def _issue_again(self, name: str, element: ModelElement | None, data: object) -> None:
        self._send_event(name, element, data)
        if name == "change" and element is not None:
            self.dom.user_changed(element, self._number)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _read(self) -> None:
        """Take what the server has sent. Runs as a callback of the event loop, where errors would get lost."""
        while self._inbox and self.reading:
            try:
                self._apply(json.loads(self._inbox.popleft()))
            except Exception as error:
                self.failed(error)
        if self._frame > self._acknowledged:
            self._acknowledged = self._frame
            self._send(protocol.Ack(self._window, self._frame))
        while self.dom.calls:
            self._answer(*self.dom.calls.popleft())

    def _go_along(self) -> None:
        """The view may have changed its URL."""
        while self.dom.places:
            url, how = self.dom.places.popleft()
            self._history.go(url, replace=bool(how & 1), hears=bool(how & 2))
            self.url = self._target = url

    def _answer(self, number: int, element: ModelElement | Literal["page"] | None, method: str, args: list[Any]) -> None:
        self.called.append((method, args))
        answer: list[object]
        try:
            if element == "page" and method == "notify":
                self.notices.append((args[1], args[0]))
                answer = [number, True, None]
            elif element == "page" and method == "download":
                self.downloads.append(args[0])
                answer = [number, True, None]
            elif element == "page":
                if "run_js" not in self.scripts:
                    raise LookupError("there is no JavaScript here: say page.scripts['run_js'] = lambda code, args: …")
                answer = [number, True, self.scripts["run_js"](*args)]
            elif element is None or method not in self.scripts:
                raise LookupError(f"there is no method {method}" if element is not None else "the element is gone")
            else:
                answer = [number, True, self.scripts[method](element, *args)]
        except Exception as error:
            answer = [number, False, str(error)]
        self._send_event(protocol.ANSWER, None, answer)

    def _apply(self, message: list[Any]) -> None:
        kind = message[0]
        if kind == Down.MESSAGE and message[1] in (0, self._window):
            self.messages.append(message[2])
        if kind in (Down.WELCOME, Down.PONG, Down.MESSAGE) or message[1] != self._window:
            return
        if kind == Down.STARTED:
            self._started(*message[2:])
        elif kind == Down.SNAPSHOT:
            _, _, self._frame, event, title, first, tags, stream, *kept = message
            self._state = "shown"
            self._accepted(event)
            self.dom.apply_snapshot(first, tags, stream, title, *kept)
            self._go_along()
            self._has_read()
            past, self._past = self._past, None
            if past is not None:
                past.restore(self.dom, self._issue_again, lambda name, element: self.not_taken.append((name, element)))
        elif kind == Down.FRAME:
            _, _, self._frame, event, patches = message
            self._accepted(event)
            self.dom.apply_patches(patches, self._client_number)
            self._go_along()
            self._has_read()
        elif kind == Down.ACK:
            self._accepted(message[2])
        elif kind == Down.RESEND:
            self._accepted(message[2])
            self._send_again()
        elif kind == Down.STALE:
            self._not_taken(message[2])
            self._accepted(message[2])
        elif kind == Down.GONE:
            if self._past is None and message[2:] == [_MOVED]:
                self._past = Past(self.dom, self._sent)
            self._post = None
            self._start()
        elif kind == Down.REDIRECT:
            url = urljoin(self.url, message[2])
            self.url = url
            self._history.enter(url)
            if message[3]:
                self.end_connection(clean=True)
                self._load_later()
            else:
                self._open(url)
        elif kind == Down.REFUSED:
            self._refused(message[2])

    def _refused(self, reason: str) -> None:
        """A browser tries again, but not when one page has too many windows."""
        if reason not in _PASSING:
            raise AssertionError(f"the server refused {self.url}: {reason}")
        self.refused = reason
        self._stop_trying()
        self._retry = self.client.clock.timer(self._patience, self._try_to_open)
        self._patience = min(2 * self._patience, OPEN_AGAIN[1])

    def _try_to_open(self) -> None:
        self._retry = None
        if self._wire is not None and self._state == "opening":
            self._start()

    def _started(self, view: str, secret: str, client: int, event: int) -> None:
        resumed = view == self._view
        self._view, self._secret, self._client_number = view, secret, client
        if resumed:
            self._accepted(event)
            self._send_again()                     # what was not acknowledged
            return
        self._state = "started"
        self.refused = None
        self._patience = OPEN_AGAIN[0]
        self._frame = self._acknowledged = 0
        self._number = event
        self._sent.clear()
        self.dom.clear()

    def _has_read(self) -> None:
        if self._wire is not None:
            self._wire.has_read(self._frame)

    def _send_again(self) -> None:
        for event in list(self._sent):
            self._send(event)

    def _not_taken(self, number: int) -> None:
        event = next((each for each in self._sent if each.number == number), None)
        element = self.dom.get(event.node) if event is not None and event.node in self.dom.ids else None
        if event is None or not isinstance(element, ModelElement):
            return                                 # sent on another socket, which was lost
        self.not_taken.append((event.type, element))
        if self.insists and element.attributes.get("data-lona-stale") == "ask":
            self._send_event(event.type, element, event.data, meant=True)

    def _load_later(self) -> None:
        gevent.spawn(self._load_now)               # it waits, and a callback of the event loop must not

    def _load_now(self) -> None:
        try:
            self._load(self.url)
        except Exception as error:
            self.failed(error)

    def _accepted(self, event: int) -> None:
        while self._sent and self._sent[0].number <= event:
            self._sent.popleft()
        self.dom.acknowledge(event)


def _nothing(element: ModelElement) -> None:
    """What every element can do, and a page without a screen need not."""
