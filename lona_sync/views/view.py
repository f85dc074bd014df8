"""What users write: a view is a class whose `handle_request` is a plain procedure that blocks.

It is long because it is what users read: the contract of each call stands here, and what it does elsewhere, in the parts of the
runtime.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, ParamSpec, Protocol, TypeVar
from urllib.parse import SplitResult

from ..channels import Channel, Message, Subscription
from ..html.event_types import EventType
from ..html.inputs.files import FileInput
from ..html.node import Node
from ..static_files import StaticFile
from ..uploads import UploadedFile
from . import sources
from .blocking import Blocking
from .choice import Awaited, Came
from .downloads import Downloads, Source
from .events import InputEvent
from .group import Group
from .keeping import Kept
from .outcomes import Outcomes
from .raw_messages import Listener, RawMessages
from .request import Request
from .screen import Screen
from .server import Server
from .session import Session
from .tasks import Task
from .view_events import ViewEvent
from .waiting import Waiting

P = ParamSpec("P")
T = TypeVar("T")


class Runtime(Protocol):
    """What a view needs of the runtime that carries it."""

    is_daemon: bool

    @property
    def kept(self) -> Kept: ...

    @property
    def is_watched(self) -> bool: ...

    def check(self) -> None: ...

    @property
    def screen(self) -> Screen: ...

    @property
    def outcomes(self) -> Outcomes: ...

    @property
    def raw_messages(self) -> RawMessages: ...

    @property
    def downloads(self) -> Downloads: ...

    @property
    def blocking(self) -> Blocking: ...

    @property
    def waiting(self) -> Waiting: ...

    def spawn(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> Task[T]: ...

    def group(self, timeout: float | None) -> Group: ...

    def call_soon(self, function: Callable[..., object], *args: Any) -> None: ...

    def subscribe(self, topic: str, handler: Callable[[Message], object], *, implicit_show: bool) -> Subscription: ...

    def unsubscribe_all(self) -> None: ...


class View:
    """Subclass it and write `handle_request`.

    One instance is made for each running view. Every method below raises the view's stop reason once the view was stopped from
    outside; those that wait raise it while they wait. None may be called from a real thread, except `call_soon`.
    """

    #: Scripts, style sheets and other files that its pages bring along; paths are relative to the file of the class.
    STATIC_FILES: ClassVar[Sequence[StaticFile]] = ()

    #: Whether a daemon ends when its procedure has returned and nobody shows it, and is joined no longer; None: the setting of this
    #: name. False: it lives on, for its handlers, until `is_daemon` is set to False.
    STOP_DAEMON_WHEN_VIEW_FINISHES: ClassVar[bool | None] = None

    #: Seconds that the view waits for its browser when the socket was lost; None: the setting `RESUME_TIMEOUT`.
    resume_timeout: ClassVar[float | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:           # Any: for other base classes
        super().__init_subclass__(**kwargs)
        seconds: object = cls.resume_timeout
        if seconds is not None and (
            isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < math.inf
        ):
            raise ValueError(f"{cls.__name__}.resume_timeout is a number of seconds greater than 0, or None, not {seconds!r}")

    def __init__(self, runtime: Runtime, request: Request) -> None:
        self._runtime = runtime
        self.request = request

    # What you may write.

    def handle_request(self, request: Request) -> object:
        """The procedure. Returns None, a node, a string (raw HTML) or a response.

        When it has returned, the view lives on while a browser shows it: handlers, subscriptions and `show` still work.
        """
        return None

    def handle_input_event_root(self, event: InputEvent) -> object:
        """Sees every event first. Return the event to let it go on, None when it is handled, or a redirect."""
        return event

    def handle_input_event(self, event: InputEvent) -> object:
        """Sees each event that no node has handled and nobody awaits."""
        return event

    def may_join(self, request: Request) -> bool:
        """Whether another user than who has opened the view may join it, when it is a daemon: `request` is his visit.

        A class that overrides this has one daemon view for each address, instead of one for each user. All who are in it see the
        same, and each may act: `event.user` tells who. Asked whenever somebody comes, or comes back, so it is never to wait; an
        exception in it is a no.
        """
        return False

    def on_view_event(self, view_event: ViewEvent) -> object:
        """Another view, or the server, has called `fire_view_event`. Return None, or a response, which is executed.

        In the view's turn; `show()` follows. An exception is logged, and the view goes on.
        """
        return None

    def may_download(self, request: Request) -> bool:
        """Whether this request for something that the view offers (`download`, `download_url`) may have it.

        It comes from the session that has opened the view, or one that `may_join` lets in; `request.user` is who that is now. It
        must not wait for long.
        """
        return True
    def on_url_change(self, url: SplitResult) -> object:
        """The user has gone back or forward to where this view has been by `push_url` or `replace_url`. `show()` follows.

        `url` is `request.url`, which is there already, as `request.GET` is; `match_info` remains that of the visit. It came from a
        browser, so look at it as at any visitor's. May return a redirect. In the view's turn, as input handlers. A view that does
        not write this one is started anew instead.
        """
        return None

    def on_stop(self, reason: BaseException | None) -> None:
        """The procedure has ended. `reason`: None (it returned), the stop reason, or the exception it crashed with.

        Called once; it has `STOP_TIMEOUT` seconds.
        """

    def on_cleanup(self) -> None:
        """The view leaves the server; called once, after `on_stop`."""

    # What you may call.

    @property
    def server(self) -> Server:
        """The process that the view runs in, and its other views."""
        return self.request.server

    @property
    def session(self) -> Session:
        """What is kept of the browser that opened the view, from visit to visit; `login` and `logout`."""
        return self.request.session

    def fire_view_event(self, name: str, data: Any = None) -> None:         # Any: the application's own
        """Let the running views of this class handle a `ViewEvent`, this one included. In this process; a `Channel` reaches all."""
        self.server.fire_view_event(name, data, (type(self),))

    @property
    def is_daemon(self) -> bool:
        """True: the view goes on when its last window has left, and the same user joins it by opening its URL again."""
        return self._runtime.is_daemon

    @is_daemon.setter
    def is_daemon(self, value: bool) -> None:
        self._runtime.is_daemon = value

    @property
    def is_watched(self) -> bool:
        """Whether a browser is connected that shows the view. False: it waits for one that was lost, or is a daemon without any.

        What is only worth its cost while somebody looks, asks it. Nothing that a view shows meanwhile is lost.
        """
        return self._runtime.is_watched

    @property
    def state_to_keep(self) -> dict[str, Any] | None:            # Any: JSON
        """What the view begins with when it has to be started anew, because its server ended or was replaced.

            state = request.restored or {"step": 1, "name": ""}
            …
            self.state_to_keep = {**state, "step": 2}
            self.show()

        A dict of what JSON can say, at most `KEPT_SIZE` characters of it. It is copied when it is set: set it again after a change.
        It goes to the browsers, signed: with the next `show()` when something has changed since the last one, else at once, so that
        it always fits to what they show. One that comes back to
        a server that does not know the view any more brings it along, and finds it as `request.restored`, for `KEPT_SECONDS`.
        Who loads the page again begins anew. A user can read it, but not change it: keep no secrets in it. He can bring an older
        one, and bring it several times: keep nothing in it that may be used only once, as how many coupons are left. It is for
        this view, at this address with this query, for who has opened it, and worth nothing elsewhere.

        Raises TypeError or ValueError for what cannot be kept, `RuntimeError` in a view that is not interactive. None: nothing.
        """
        return self._runtime.kept.state

    @state_to_keep.setter
    def state_to_keep(self, state: dict[str, Any] | None) -> None:
        self._runtime.kept.state = state

    def show(
        self, html: Node | str | None = None, title: str | None = None, *, template: str = "", template_string: str = "",
        template_context: Mapping[str, Any] | None = None,       # Any: whatever a template can print
    ) -> None:
        """Show a tree, raw HTML (a string), or, without arguments, what has changed since the last time.

        A string is not escaped: never put into it what somebody has typed. Nodes, and `HTML()`, escape.
        `template`: the name of one that is shown, filled in with `template_context`, which is escaped; `template_string`: the text
        of one. Waits only while another greenlet holds the tree's `lock`, never for a browser.
        """
        if template or template_string or template_context is not None:
            html = self._filled_in(html, template, template_string, template_context or {})
        self._runtime.screen.show(html, title)

    def set_title(self, title: str) -> None:
        """The title of the page, now and for windows that join later."""
        self._runtime.screen.show(None, title)

    def push_url(self, url: str) -> None:
        """Be at `url` from now on: the address bar shows it, the history of the browser gets an entry, and the view goes on.

            def handle_click(self, event):
                self.page += 1
                self.push_url(f"?page={self.page}")

        `url` belongs to this application: '/path?query' below where it is mounted, or relative to the present one. Who loads it
        gets the view of its route, so `handle_request` has to begin there, too: `request.GET["page"]`. `request.url` and
        `request.GET` change with it. "Back" comes to `on_url_change`. In several windows all of them go there.
        What has changed until now is shown with it. Raises ValueError for the address of another place.
        """
        self._runtime.screen.go(url, replace=False)

    def replace_url(self, url: str) -> None:
        """As `push_url`, in the place of the present entry of the browser's history: "back" does not lead here again."""
        self._runtime.screen.go(url, replace=True)

    def notify(
        self, text: str, kind: Literal["info", "success", "warning", "error"] = "info", seconds: float | None = None,
    ) -> None:
        """Tell the user something, in a corner of the page, for `seconds`. It is read to who cannot see it. Never waits.

        `seconds`: None: five, and an error until he closes it. What has changed until now is shown with it. A browser that is
        not there at the moment tells it when it comes back. The text is text, not markup.
        """
        if kind not in ("info", "success", "warning", "error"):
            raise ValueError(f"a notice is of the kind info, success, warning or error, not {kind!r}")
        if not isinstance(text, str):
            raise TypeError(f"a notice is a str, not {type(text).__name__}: {text!r:.200}")
        if seconds is not None and not 0 < seconds < math.inf:
            raise ValueError(f"a notice is shown for a number of seconds greater than 0, not {seconds!r}")
        self._runtime.screen.tell("notify", text, kind, seconds)

    def run_js(self, code: str, timeout: float | None = None, args: Any = None) -> Any:          # Any: JSON, both ways
        """Run `code` in the browser, as the body of an async function, and wait for what it returns.

            width = self.run_js("return innerWidth", timeout=5)
            self.run_js("await navigator.clipboard.writeText(args.text)", args={"text": link})

        What varies goes into `args`, never into the code: a name that somebody has typed would be a program. What has changed so
        far is shown first. In several windows it runs in each, and the first answer counts. The result is JSON, and as little to be
        trusted as all that a browser sends. The page's Content-Security-Policy has to have a nonce, or allow inline scripts.

        Raises `AwaitTimeout` after `timeout` seconds without an answer, `BrowserCallError` for what the code has thrown, when it is
        none, and when the policy forbids it, `ValueError` for `args` that are not JSON.
        """
        if not isinstance(code, str):
            raise TypeError(f"JavaScript is a str, not {type(code).__name__}: {code!r:.200}")
        return self._runtime.screen.ask("run", code, args, timeout=timeout)

    def send_str(
        self, string: str, broadcast: bool = False, filter_connections: Callable[[Listener], object] = lambda connection: True,
        wait: bool = True,
    ) -> None:
        """Send a raw message to the scripts of the pages that show this view: their `add_message_handler`, or `lona:message`.

        `broadcast`: to all pages of this process whose connection `filter_connections` accepts; it has a `user`. Other processes
        are reached by a `Channel`. Nothing is kept: who is not connected at the moment never gets it. `wait`: for one that is slow
        to read, at most `SEND_TIMEOUT`; False: it is lost to him. Raises ValueError for more than `MESSAGE_BYTES` characters.
        """
        self._runtime.raw_messages.send(string, broadcast=broadcast, accept=filter_connections, wait=wait)

    def await_input_event(
        self, *nodes: Node | Iterable[Node], html: Node | str | None = None, timeout: float | None = None,
    ) -> InputEvent:
        """Wait for an event of any kind, custom ones included, of one of `nodes` (none given: of any node).

        `html` is shown first. Raises `AwaitTimeout` after `timeout` seconds, RuntimeError when another greenlet of this view
        waits for the same, or in a greenlet that is not the view's (`spawn` makes one).
        """
        return self._runtime.waiting.await_event(sources.input_event(*nodes), html, timeout)

    def await_click(
        self, *nodes: Node | Iterable[Node], html: Node | str | None = None, timeout: float | None = None,
    ) -> InputEvent:
        """Wait for a click on one of `nodes` (none given: on any node that issues clicks). See `await_input_event`.

        No click is lost between two waits of the same greenlet for the same node.
        """
        return self._runtime.waiting.await_event(sources.click(*nodes), html, timeout)

    def await_change(
        self, *nodes: Node | Iterable[Node], html: Node | str | None = None, timeout: float | None = None,
    ) -> InputEvent:
        """Wait until the user has changed one of the inputs; its `value` is the new one already. See `await_input_event`."""
        return self._runtime.waiting.await_event(sources.change(*nodes), html, timeout)

    def await_focus(
        self, *nodes: Node | Iterable[Node], html: Node | str | None = None, timeout: float | None = None,
    ) -> InputEvent:
        """Wait until one of `nodes` gets the focus. See `await_input_event`."""
        return self._runtime.waiting.await_event(sources.focus(*nodes), html, timeout)

    def await_blur(
        self, *nodes: Node | Iterable[Node], html: Node | str | None = None, timeout: float | None = None,
    ) -> InputEvent:
        """Wait until one of `nodes` loses the focus. See `await_input_event`."""
        return self._runtime.waiting.await_event(sources.blur(*nodes), html, timeout)

    def await_submit(
        self, *nodes: Node | Iterable[Node], html: Node | str | None = None, timeout: float | None = None,
    ) -> InputEvent:
        """Wait until one of the forms is submitted; its inputs have the new values already. See `await_input_event`.

        A `Form` that its browser has handled so far is reported from now on, and only when it is valid.
        """
        return self._runtime.waiting.await_event(sources.submit(*nodes), html, timeout)

    def await_event(
        self, event: EventType | str, *nodes: Node | Iterable[Node], html: Node | str | None = None, timeout: float | None = None,
    ) -> InputEvent:
        """Wait for an event of this type, or of this name: `self.await_event(KEY_DOWN, field)`. See `await_input_event`.

        With keys, `KEY_DOWN("Enter")`, other keys are not waited for, even when the node issues more. What else a type may be
        configured for is said to the node, by `events=`; here it may be repeated.
        """
        return self._runtime.waiting.await_event(sources.event(event, *nodes), html, timeout)

    def await_upload(
        self, upload: FileInput, html: Node | str | None = None, timeout: float | None = None,
    ) -> UploadedFile:
        """Wait until the user has chosen a file in `upload`, and all of it has come. See `await_input_event`, and docs/files.md.

            file = self.await_upload(upload, html=HTML(H1("Your picture"), upload))

        What is refused, or cancelled, is not returned: it waits for the next one. The file exists until the view ends, or nobody
        holds it; `file.save_to(path)` keeps it. Of an input with `multiple`, use `await_uploads`.
        """
        sources.check_file_input(upload)
        if upload.multiple:
            raise TypeError(f"{upload!r} takes several files: use await_uploads")
        return self._runtime.waiting.await_files(upload, html, timeout)[0]

    def await_uploads(
        self, upload: FileInput, html: Node | str | None = None, timeout: float | None = None,
    ) -> tuple[UploadedFile, ...]:
        """As `await_upload`: all the files that the user has chosen, at least one."""
        return self._runtime.waiting.await_files(upload, html, timeout)

    def download(self, source: Source, name: str = "", content_type: str = "") -> None:
        """Have the browsers that show the view download something. Does not wait for that.

        `source`: the path of a file, an `UploadedFile`, bytes, an iterator of bytes that is read as fast as they are taken, or a
        function that returns one. `name`: what it is called there. It has to begin within `DOWNLOAD_TIMEOUT`, and ends with the
        view. Raises `FileNotFoundError` for a path without a file, RuntimeError in a view that is not interactive.
        """
        self._runtime.downloads.send(source, name, content_type)

    def download_url(self, source: Source, name: str = "", content_type: str = "", inline: bool = False) -> str:
        """An address for the same: `A("Report", href=self.download_url(path), download="report.pdf")`, `Img(src=…)`.

        It works for the session that has opened the view, until the view ends; and each time, unless `source` is an iterator, which
        can be read once. `inline`: the browser may show it instead of saving it; never for what a visitor has sent.
        """
        return self._runtime.downloads.url(source, name, content_type, inline)

    def await_message(self, *topics: str | Channel | Iterable[str | Channel], timeout: float | None = None) -> Message:
        """Wait for the next message on one of `topics`, or take the one that waits already. Nothing is shown by itself.

            while True:
                message = self.await_message('prices.*')
                price.set_text(message.data)
                self.show()

        The first call with a topic subscribes the view to it, and it stays subscribed until the view ends: what comes between two
        calls waits for the next one, at most 10,000 messages a topic (then the oldest give way, and `message.missed` tells how
        many). Messages of one sender to one topic come in the order sent; of several topics, the one sent first goes first.
        `channel.unsubscribe()`, of the Channel object that the topic was first awaited with, and `unsubscribe_from_all_channels`
        end that and forget what waits; a later call subscribes anew. Works in views that are not interactive, too.

        Raises `AwaitTimeout` after `timeout` seconds without a message, RuntimeError when another greenlet of this view waits for
        the same topic or unsubscribes from it meanwhile, or in a greenlet that is not the view's (`spawn` makes one).
        """
        return self._runtime.waiting.await_message(sources.message(*topics), timeout)

    def await_any(
        self, *awaited: Awaited | Task[Any], html: Node | str | None = None, timeout: float | None = None,
    ) -> Came:
        """Wait for the first of several things: events, messages, the end of tasks, a time. What came, and from which of them.

            from lona_sync.waits import Came, change, click, message

            match self.await_any(click(ok, cancel), change(name), message('jobs.*'), job, timeout=30):
                case Came('click', node=button): …
                case Came('message', message): …
                case Came('ended', result): …

        Exactly one thing is taken, what came first. What comes for the others meanwhile, or has come already, is there for the
        next wait: an event by the rule of `await_click`, a message in its topic's queue, a task's result for ever. What a task has
        raised is raised. `html` is shown first.

        Raises `AwaitTimeout` after `timeout` seconds in which nothing came, RuntimeError when another greenlet of this view
        waits for one of them, or in a greenlet that is not the view's (`spawn` makes one).
        """
        return self._runtime.waiting.await_any(awaited, html, timeout)

    def sleep(self, delay: float, result: T = None) -> T:       # type: ignore[assignment]  # T is None when nothing is given
        """Wait `delay` seconds, then return `result`. The rest of the server goes on."""
        self._runtime.blocking.sleep(delay)
        return result

    def await_sync(self, awaitable: Awaitable[T]) -> T:
        """Run a coroutine of asyncio to its end, or whatever else can be awaited, and return its result; what it raises is raised.

        It runs in a thread whose one event loop all coroutines of the application share, and must not touch the view's nodes. It is
        cancelled when the view stops, or a timeout of yours ends the wait. See docs/procedures.md.
        """
        return self._runtime.blocking.await_sync(awaitable)

    def daemonize(self) -> None:
        """As `is_daemon = True`, by the name that Lona had for it once."""
        warnings.warn("daemonize() is out of date: write self.is_daemon = True", DeprecationWarning, stacklevel=2)
        self.is_daemon = True

    def ping(self) -> str:
        """'pong'; raises the stop reason in a stopped view. For loops that call nothing else."""
        self._runtime.check()
        return "pong"

    def subscribe(self, topic: str, handler: Callable[[Message], object], implicit_show: bool = True) -> Subscription:
        """Call `handler(message)` for each message on `topic`, in this view's turn, until the view ends.

        `implicit_show`: one `show()` follows each burst of messages.
        """
        return self._runtime.subscribe(topic, handler, implicit_show=implicit_show)

    def unsubscribe_from_all_channels(self) -> None:
        """End every subscription that was made in this view, also those of `await_message`."""
        self._runtime.unsubscribe_all()

    def spawn(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Task[T]:
        """Run `function` beside the procedure, in a greenlet that ends with the view. An exception in it is the view's.

        The task has `get(timeout=)`, which waits for its result, `join`, and `kill()`, which ends it: a Cancel button calls that
        in its `handle_click`. `get` of a killed task raises `gevent.GreenletExit`, which is no `Exception`. To wait for several, or
        to handle what one raises: `group`.
        """
        return self._runtime.spawn(function, *args, **kwargs)

    def group(self, timeout: float | None = None) -> Group:
        """Tasks that have all ended when the `with` block has:

            with self.group() as group:
                prices = group.spawn(load_prices)
                stock = group.spawn(load_stock)
            self.show(table(prices.get(), stock.get()))

        The block waits at its end for what was spawned into it. When one task fails, or the body does, the others are killed and
        waited for, and the block raises the first failure as it is. `group.cancel()` ends the block in the same way, without an
        error. Groups may stand inside of each other, and of tasks. What else may happen stands in docs/procedures.md.

        Raises `AwaitTimeout` at the end of the block when it has taken longer than `timeout` seconds.
        """
        return self._runtime.group(timeout)

    def call_soon(self, function: Callable[..., object], *args: Any) -> None:
        """Run `function(*args)` soon, in the view's turn, followed by `show()`. The one method that real threads may call.

        Never waits. RuntimeError when `CALL_SOON_QUEUE` calls wait already. Calls for a stopped view are dropped.
        """
        self._runtime.call_soon(function, *args)

    def run_blocking(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in a real thread and wait for what it returns or raises.

        For code that computes for long or that was not patched by gevent. It must not touch the tree. When the view
        stops meanwhile, the thread goes on to its end and its result is dropped.
        """
        return self._runtime.blocking.run_blocking(function, *args, **kwargs)

    def _filled_in(
        self, html: Node | str | None, template: str, template_string: str, context: Mapping[str, Any],
    ) -> str:
        given = [what for what in (template, template_string, html) if what is not None and what != ""]
        if len(given) != 1 or given[0] is html:
            raise TypeError("show() takes one of html, template= and template_string=, and template_context= only with a template")
        if template:
            return self._runtime.outcomes.template(template, context)
        return self._runtime.outcomes.template_string(template_string, context)

    # What the runtime asks.

    @property
    def view_event_hook(self) -> Callable[[ViewEvent], object] | None:
        return None if type(self).on_view_event is View.on_view_event else self.on_view_event

    @property
    def root_hook(self) -> Callable[[InputEvent], object] | None:
        return None if type(self).handle_input_event_root is View.handle_input_event_root else self.handle_input_event_root

    @property
    def last_hook(self) -> Callable[[InputEvent], object] | None:
        return None if type(self).handle_input_event is View.handle_input_event else self.handle_input_event
