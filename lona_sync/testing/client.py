"""A browser without a screen: it opens views in this process and speaks the real wire, with no socket in between.

    client = Client(app)
    page = client.open('/sender')
    page.click('button')
    assert page.text('p') == '1'

What a page shows is a model of the DOM to which the frames of the server are applied, strictly: a wrong patch fails the test.
Acting on a page (`click`, `type`, …) returns when the server has come to rest: all that runs without waiting for time or a network
has run. For what takes longer there is `wait_for`.

It is long because a page can be acted on in many ways, each a short method of its own, and does a browser's part of the protocol:
it keeps events until they are acknowledged, comes back, and resumes. What it shows is `dom.py`; what lies between it and the
server, with all that can go wrong there, is `network.py` and `wire.py`.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlencode, urljoin, urlsplit

import gevent
import werkzeug.test

from ..app import App, get_thread
from ..errors import WrongThreadError
from ..html.keys import Key
from ..pause import pause
from ..server.connection import Connection, Transport
from ..server.entry import Doorway
from ..server.http import CLOCK
from ..server.tickets import SESSION
from ..views.clock import Timer
from ..views.envelope import Envelope
from ..views.files import FILES
from ..views.session import SINCE, USER, new_key
from ..views.users import id_of
from ..wire import protocol
from ..wire.protocol import Down
from .clock import VirtualClock
from .dom import ModelDOM, ModelElement
from .form_data import Submission, is_submit_button, submission, submit_button
from .history import History
from .keyboard import Stroke, strokes
from .moved import Past
from .network import Network
from .painted import Painted
from .uploads import ChosenFile, Upload
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


class Client:
    """One browser, so one session; several pages of it belong to the same user. Another user is another `Client`.

    `clock` is the time of the views that it opens, `clock.advance(hours=24)`; give it to the other clients of a test. `network`
    lies between its pages and the server, `network.drop(after_frame=3)`.
    """

    def __init__(self, app: App, *, clock: VirtualClock | None = None) -> None:
        self.app = app
        self.clock = clock or VirtualClock()
        self.network = Network(self.clock, app.settings)
        # For plain requests: the answer has `status_code`, `text`, `json`. Not the application itself, which takes whoever
        # calls it for a server, and warns of one that gevent has not patched.
        self.http = werkzeug.test.Client(lambda environ, start_response: self._parts.http(environ, start_response))

    def log_in(self, user: Any) -> None:
        """Let this browser be the one of `user`, as if he had logged in just now. `user`: as for `session.login`."""
        sessions, key, data = self.app.parts.sessions, new_key(), {USER: id_of(user), SINCE: time.time()}
        sessions.keep(key, data)
        name, _, value = sessions.cookie(key, data, secure=False, base="").partition(";")[0].partition("=")
        self.http.set_cookie(name, value)

    def open(self, url: str = "/") -> Page:
        """Load the page of `url`, as a new tab does, and show its view."""
        return Page(self, url)

    def paint(self, url: str = "/", data: Mapping[str, str] | None = None) -> Painted:
        """Load the page of `url` as it is without scripts; with `data` as the answer to a form that is posted.

            painted = client.paint('/')
            assert painted.text('h1') == 'Welcome'
            page = client.join(painted)
        """
        environ = {CLOCK: self.clock}
        if data is None:
            return Painted(self.http.get(url, environ_overrides=environ))
        return Painted(self.http.post(url, data=data, environ_overrides=environ))

    def join(self, painted: Painted) -> Page:
        """Have the scripts of the page run: it joins the view that it shows."""
        request = painted.response.request
        query = request.query_string.decode()
        return Page(self, request.path + ("?" + query if query else ""), painted)

    @property
    def _parts(self) -> Any:                       # Any: the application's own
        parts = self.app.parts
        if parts.thread != get_thread():
            raise WrongThreadError(
                "this application is served in another thread, by a live server: look at it through its url, and into it by call()"
            )
        return parts

    def connect(self, transport: Transport) -> Connection:
        """A connection of this browser's session over a transport of your own, for tests of the wire."""
        cookie = self.http.get_cookie(self.app.settings.SESSION_COOKIE)
        header = f"{cookie.key}={cookie.value}" if cookie is not None else ""
        headers = {"HOST": "localhost", **({"COOKIE": header} if header else {})}
        envelope = Envelope(tuple(headers.items()), "127.0.0.1", "http", "localhost")
        parts = self._parts
        visitor = parts.socket.admit(envelope, "")
        if visitor is None:
            raise ConnectionRefusedError("a middleware does not let this browser in")
        return Connection(
            transport, visitor=visitor, entry=Doorway(parts.entry.on_clock(self.clock)), presence=parts.socket.presence,
            settings=self.app.settings, clock=self.clock, counters=parts.counters,
            hear=lambda connection, text: parts.hear(connection, text), among=parts.connections,
        )


class Page:
    """One tab. `status` is the HTTP status of its page; `closed` the code with which the server ended its connection, or None;
    `refused` why it starts no view at the moment ('busy', 'crowded'), or None: the page asks again, as a browser does.

    `scripts` has the methods that `node.call()` finds in this page: `page.scripts["getSelection"] = lambda element: "abc"`; what
    they raise is what they have thrown. For `View.run_js` it is `page.scripts["run_js"] = lambda code, args: …`.
    `called` lists the calls.

    `not_taken` lists the events that did not count, since the user could not have seen yet what the one before had done
    (`Node.stale`): their names and elements. `insists`: what the user says when the browser asks about one of them.
    """

    def __init__(self, client: Client, url: str, painted: Painted | None = None) -> None:
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

    # Reading.

    def text(self, selector: str | None = None) -> str:
        """The exact text of the page, or of the first element that the CSS selector matches."""
        self._check()
        return self.dom.text(selector)

    def find(self, selector: str) -> ModelElement:
        """The first element that the CSS selector matches. Raises `LookupError`, which shows what there is."""
        self._check()
        return self.dom.find(selector)

    def find_all(self, selector: str) -> list[ModelElement]:
        """All elements that the CSS selector matches, in document order."""
        self._check()
        return self.dom.find_all(selector)

    def html(self) -> str:
        """What the page shows, as HTML."""
        self._check()
        return self.dom.html()

    @property
    def title(self) -> str | None:
        """What the view has set as title; None without."""
        return self.dom.title

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

    def wait_for(self, condition: str | Callable[[], object], timeout: float = 5.0) -> Any:
        """Wait until a selector finds something, or `condition()` is true; its result. AssertionError after `timeout` seconds."""
        waited = 0.0
        while True:
            self.settle()
            result = next(iter(self.dom.find_all(condition)), None) if isinstance(condition, str) else condition()
            if result:
                return result
            if waited >= timeout:
                shown = self.dom.pretty_html()
                still = ", where time stands still until you advance it" if self.client.clock.stopped else ""
                raise AssertionError(f"{condition!r} did not come true within {timeout} s{still}; the page shows\n{shown}")
            gevent.sleep(0.005)
            waited += 0.005

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

    # Acting as the user does.

    def click(self, target: str | ModelElement) -> None:
        """Click on the first element that a selector matches. A link without a click event is followed; a checkbox changes.

        Raises `LookupError` when a click there does nothing, `ValueError` when the element is disabled.
        """
        self.click_quickly(target)
        self.settle()

    def click_quickly(self, target: str | ModelElement) -> None:
        """`click` without waiting for what it does, for clicks in quick succession."""
        element = self._find(target)
        issuer, form = _issuer(element, "click"), _form_around(element)
        if issuer is not None:
            if issuer.is_disabled:
                raise ValueError(f"{issuer!r} is disabled: it cannot be clicked")
            self._send_event("click", issuer, [1, 1, 10, 10, 0, _hit(element)])
            if form is not None and issuer is element and element.tag == "button" and element.attributes.get("type") == "submit":
                self._submit(form, element)
        elif element.attributes.get("type") in ("checkbox", "radio"):
            self.check(element, not element.checked)
        elif form is not None and is_submit_button(element):
            self._submit(form, element)
        else:
            link = next((each for each in [element, *element.ancestors] if each.tag == "a" and "href" in each.attributes), None)
            if link is None:
                raise LookupError(f"{element!r} issues no clicks, nor does anything around it")
            self.go(str(link.attributes["href"]))

    def type(self, target: str | ModelElement, text: str) -> None:
        """Replace the value of a text field, and wait out its delay."""
        self._type(target, text, text)

    def type_half(self, target: str | ModelElement, text: str) -> None:
        """The same with a text that is no value, as half a date or "1e": a browser says only that there is none."""
        self._type(target, text, None)

    def check(self, target: str | ModelElement, checked: bool = True) -> None:
        """Set or clear a checkbox, or choose a radio button."""
        element = self._find(target)
        self._forbid_disabled(element)
        element.checked = checked
        self._change(element, checked)

    def select(self, target: str | ModelElement, *options: int | str) -> None:
        """Choose these options of a select, and no others: by place, counted from 0, by text, or by value as it stands in the HTML.

        Raises `LookupError` when there is no such option, `ValueError` when it is disabled.
        """
        element = self._find(target)
        self._forbid_disabled(element)
        indexes = [_option(element, option) for option in options]
        for index in indexes:
            self._forbid_disabled(element.options[index])
        element.selected_indexes = indexes
        self._change(element, [option.id for option in element.selected_options])

    def choose(self, target: str | ModelElement, *files: ChosenFile) -> Upload:
        """Choose files for a file input, and announce them; what `Upload.send` is called for follows. As: `("a.txt", b"hello")`."""
        element = self._find(target)
        self._forbid_disabled(element)
        if element.widget is None or element.widget[0] != "lona-uploads":
            raise LookupError(f"{element!r} is no file input")
        upload = Upload(self.client.http, f"{FILES}{self._view}", element.widget[1]["input"], files)
        self.settle()
        return upload

    def upload(self, target: str | ModelElement, *files: ChosenFile) -> Upload:
        """Choose files and send them: `page.upload("input", ("a.txt", b"hello"))`. A form is not submitted by that."""
        upload = self.choose(target, *files)
        upload.send()
        self.settle()
        return upload

    def submit(self, target: str | ModelElement = "form", button: str | ModelElement | None = None) -> None:
        """Send a form by its first submit button, as Enter in a field does, or by `button`. `target`: the form, or something in it.

        What a browser demands of the values first (`required`, `min`, …) is not asked here, so that the server's check can be seen.
        """
        form = _form_around(self._find(target))
        if form is None:
            raise LookupError(f"{target!r} stands in no form")
        self._submit(form, submit_button(form) if button is None else self._find(button))
        self.settle()

    def focus(self, target: str | ModelElement) -> None:
        """Put the focus on an element."""
        self._issue("focus", target)

    def blur(self, target: str | ModelElement) -> None:
        """Take the focus away from an element."""
        self._issue("blur", target)

    def double_click(self, target: str | ModelElement) -> None:
        """The double click alone; a user's has two clicks before it."""
        element = self._find(target)
        issuer = _issuer(element, "double_click")
        if issuer is None or issuer.is_disabled:
            raise LookupError(f"{element!r} issues no double clicks, nor does anything around it")
        self._send_event("double_click", issuer, [1, 1, 10, 10, 0, _hit(element)])
        self.settle()

    def press(self, target: str | ModelElement, key: str) -> None:
        """Press and release a key with its modifiers: 'Enter', 'a', 'Ctrl+S'; Mod is Ctrl here.

        What is reported is what Chromium reports of a US keyboard, the modifiers' own keys too where somebody asks for them.
        Raises `LookupError` when no element asks for the key itself.
        """
        element = self._find(target)
        path = [element, *element.ancestors]
        every, itself = strokes(Key.parse(key))
        asked = [(stroke, next((each for each in path if _asks_for(each, stroke)), None)) for stroke in every]
        if not any(issuer for stroke, issuer in asked if stroke in itself):
            raise LookupError(f"neither {element!r} nor anything around it asks for the key {key!r}")
        for stroke, issuer in asked:
            if issuer is not None and not issuer.is_disabled:
                self._send_event(stroke.event, issuer, [stroke.key, stroke.code, False, stroke.held])
        self.settle()

    def fire(self, name: str, data: object = None, target: str | ModelElement | None = None) -> None:
        """A custom event of the page's script."""
        self._send_event(name, self._find(target) if target is not None else None, data)
        self.settle()

    def go(self, url: str) -> None:
        """Follow a link: the view of `url` takes this one's place."""
        self.url = urljoin(self.url, url)
        self._history.enter(self.url)
        self._show_url()

    def back(self) -> None:
        """Go back in the history: a view that has been there is told, another one is opened. LookupError where it begins."""
        self._travel(-1)

    def forward(self) -> None:
        """The same, the other way."""
        self._travel(1)

    def send(self, message: str) -> None:
        """A raw message of the page's script."""
        self._send(protocol.Message(message))
        self.settle()

    def close(self) -> None:
        """Close the tab. The view ends, unless it is a daemon or shown elsewhere; without a socket it waits out its time."""
        self.end_connection(clean=True)
        self.client.network.forget(self)
        self.settle()

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

    def _travel(self, steps: int) -> None:
        self.url, is_same = self._history.travel(steps)
        if is_same and self._state == "shown":
            self._target = self.url
            self._send_event(protocol.MOVED, None, self.url)
            self.settle()
        else:
            self._show_url()

    def _submit(self, form: ModelElement, button: ModelElement | None) -> None:
        if button is not None:
            self._forbid_disabled(button)
        sent = submission(form, button)
        issuer = _issuer(form, "submit")
        if issuer is not None:
            self._send_event("submit", issuer, [sent.post, button and button.id])
        elif sent.method != "dialog":
            self._ask_for(urljoin(self.url, sent.url or self.url), sent)

    def _ask_for(self, url: str, sent: Submission) -> None:
        """What a form asks for that nobody handles."""
        if sent.method == "get":
            url = urlsplit(url)._replace(query=urlencode(sent.fields), fragment="").geturl()
        self.url = url
        self._history.enter(url)
        if self._state == "plain":
            self._load(url, sent if sent.method == "post" else None)
        else:
            self._open(url, sent.post if sent.method == "post" else None)

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

    def _issue(self, name: str, target: str | ModelElement) -> None:
        element = self._find(target)
        if _issuer(element, name) is not element:
            raise LookupError(f"{element!r} issues no {name} events")
        self._send_event(name, element, None)
        self.settle()

    def _type(self, target: str | ModelElement, text: str, value: str | None) -> None:
        if not isinstance(text, str):
            raise TypeError(f"what is typed is a str, as on a keyboard, not {type(text).__name__}: {text!r}")
        element = self._find(target)
        if element.tag not in ("input", "textarea"):
            raise LookupError(f"nobody can type into {element!r}")
        self._forbid_disabled(element)
        if "readonly" in element.attributes:
            raise ValueError(f"{element!r} is read-only: the user cannot change it")
        element.value = text
        self._change(element, value)

    def _change(self, element: ModelElement, value: object) -> None:
        if _issuer(element, "change") is element:
            self._send_event("change", element, value)
            if self._past is None:
                self.dom.user_changed(element, self._number)
        self.settle()

    def _find(self, target: str | ModelElement) -> ModelElement:
        return self.find(target) if isinstance(target, str) else target

    def _forbid_disabled(self, element: ModelElement) -> None:
        if element.is_disabled:
            raise ValueError(f"{element!r} is disabled: the user cannot change it")

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


def _issuer(element: ModelElement, name: str) -> ModelElement | None:
    """The innermost element at or above `element` that issues events of this name."""
    for each in [element, *element.ancestors]:
        if any(token == name or token.startswith(name + ":") for token in each.events.split()):
            return each
    return None


def _hit(element: ModelElement) -> int:
    """What the browser names as the target: of what is inside of a stream its item, of raw HTML the nearest around with an id."""
    path = [element, *element.ancestors]
    item = next((each for each in path if each.parent is not None and each.parent.limit), None)
    return item.id if item is not None else next(each.id for each in path if each.id)


def _option(select: ModelElement, named: int | str) -> int:
    """The place of the option that a user means; the text goes before the value, which he does not see."""
    options = select.options
    if isinstance(named, int):
        if not 0 <= named < len(options):
            raise LookupError(f"{select!r} has {len(options)} options, counted from 0, so none at {named}")
        return named
    texts = [" ".join(option.text.split()) for option in options]
    for offered in (texts, [option.value for option in options]):
        if named in offered:
            return offered.index(named)
    raise LookupError(f"{select!r} has no option {named!r}; it offers {texts!r}")


def _asks_for(element: ModelElement, stroke: Stroke) -> bool:
    """Whether the element issues such key events, for all keys or for this one."""
    for token in element.events.split():
        found, *options = token.split(":")
        if found == stroke.event:
            filters = [Key.from_token(option) for option in options if "+" in option]
            return not filters or any(key.matches(stroke.key, stroke.code, stroke.held, mod=(2,)) for key in filters)
    return False


def _form_around(element: ModelElement) -> ModelElement | None:
    return element if element.tag == "form" else element.form


def _nothing(element: ModelElement) -> None:
    """What every element can do, and a page without a screen need not."""
