"""One browser's connection: its windows, what they show, and its end. It knows nothing of sockets: a `Transport` carries it.

What is sent is the business of its `outflow`, and what the browser may send that of its `throttle`. It is long because each
message of the protocol, and each thing that a view or the transport tells, is a short method; the chapters are named below.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

from ...errors import ProtocolError
from ...nothing import NOTHING
from ...settings import Settings
from ...views.client import Client
from ...views.clock import Clock
from ...views.registry import Ending, Full, TooMany
from ...views.runtime import ViewRuntime
from ...views.visitor import Visitor
from ...wire import protocol
from ...wire.protocol import Ack, Close, CloseCode, Event, Hello, Message, Open, Ping, Resume, ScriptError
from ..entry import Elsewhere, PageLoad
from .allowance import Allowance
from .outflow import Outflow, Transport
from .presence import Presence
from .receipts import Receipts
from .remote import Errand, Remote
from .rounds import Rounds
from .throttle import Throttle
from .traffic import excerpt, traffic

logger = logging.getLogger("lona_sync.server.connection")
#: Script errors of one browser that are logged. A script that fails with each frame, or a liar, would fill the disk.
LOGGED_ERRORS = 100


class Entry(Protocol):
    """Who opens views: `entry.Entry`."""

    def open(
        self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, kept: str | None,
    ) -> ViewRuntime | PageLoad | Elsewhere: ...

    def open_here(self, url: str, post: Mapping[str, Any] | None, visitor: Visitor, kept: str | None) -> ViewRuntime | PageLoad: ...

    def find(self, view_id: str, visitor: Visitor) -> ViewRuntime | None: ...

    def elsewhere(self, view_id: str) -> Elsewhere | None: ...

    @property
    def ending(self) -> bool: ...


def ignore(connection: Connection, text: str) -> None:
    """Nobody wants to hear raw messages."""


class Connection:
    """One WebSocket's worth of windows, all of the same visitor. `hear(connection, text)` is told raw messages, and does not wait.

    `among`: those that are open; it is one of them until it has ended. `complaints`: how many script errors all together may log.
    """

    __slots__ = (
        "_among", "_clock", "_complaints", "_counters", "_entry", "_greeted", "_hear", "_logged", "_name", "_out", "_over",
        "_parting", "_presence", "_remote", "_settings", "_throttle", "_transport", "_used", "_windows", "visitor",
    )

    def __init__(
        self, transport: Transport, *, visitor: Visitor, entry: Entry, presence: Presence, settings: Settings,
        clock: Clock, receipts: Receipts, under_way: Rounds, counters: Counter[str], greeted: bool = False,
        hear: Callable[[Connection, str], None] = ignore, among: set[Connection] | None = None,
        complaints: Allowance | None = None,
    ) -> None:
        self.visitor = visitor
        visitor.socket = self
        self._presence = presence
        presence.enter(visitor, self)
        self._name = ""                                    # while nobody has asked for it
        self._transport = transport
        self._entry = entry
        self._settings = settings
        self._clock = clock
        self._counters = counters
        self._hear = hear
        self._among = set() if among is None else among
        self._among.add(self)
        self._windows: dict[int, tuple[ViewRuntime, Client]] = {}
        self._remote: dict[int, Remote] = NOTHING
        self._parting: Sequence[tuple[ViewRuntime, Client]] = ()      # what its windows showed when it was let go
        self._greeted = greeted                            # another process may have had the connection before
        self._logged = 0                                   # script errors
        self._complaints = complaints
        self._over = False
        self._out = Outflow(
            host=self, transport=transport, windows=self._windows, settings=settings, clock=clock,
            receipts=receipts, under_way=under_way, counters=counters,
        )
        self._used: Allowance | None = None                # while it was never needed, both
        self._throttle: Throttle | None = None

    @property
    def name(self) -> str:
        """For the log; nobody can use it for anything."""
        if not self._name:
            self._name = f"{random.getrandbits(32):08x}"
        return self._name

    @property
    def user(self) -> Any:                                 # Any: the application's own class, or ours
        """Whose it is."""
        return self.visitor.user

    def user_changed(self) -> None:
        if not self._over:
            self._presence.arrange(self.visitor, self)

    @property
    def in_flight(self) -> int:
        """Bytes sent and not acknowledged."""
        return self._out.in_flight

    @property
    def _allowance(self) -> Allowance:
        """How much it may still send."""
        if self._used is None:
            settings = self._settings
            self._used = Allowance(rate=settings.EVENTS_PER_SECOND, burst=settings.EVENT_BURST, clock=self._clock)
        return self._used

    # What the transport tells.

    def received(self, text: str) -> Errand | None:
        """One message from the browser. Never waits. What is wrong with it ends the connection with a code and one log line.

        An `Errand` when it is for a view of another process. Its answer has to come before the next message: `show_remote`,
        `not_there` or `try_later`; or that process goes on with the whole connection, which it can if no window shows anything.
        """
        if self._over:
            return None                                    # nobody would end what it might open
        self._counters["messages"] += 1
        self._counters["bytes.in"] += len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
        if traffic.isEnabledFor(logging.DEBUG):
            traffic.debug("received %s", excerpt(text), extra={"connection": self.name})
        try:
            message = protocol.decode(text)
            if self._greeted is isinstance(message, Hello):
                raise ProtocolError(CloseCode.BAD_MESSAGE, "HELLO comes first, and once")
            return _HANDLERS[type(message)](self, message)
        except ProtocolError as error:
            self._refuse(error)
            return None

    def _refuse(self, error: ProtocolError) -> None:
        self._counters["messages.refused"] += 1
        logger.info("closed a connection with %d: %s", error.code, error)
        self.close(error.code, str(error))

    def drained(self) -> None:
        """The transport has sent all it was given."""
        self._out.flush_all()
        for remote in list(self._remote.values()):
            remote.drained()

    def ended(self, *, clean: bool) -> None:
        """The transport is over. `clean`: the browser said goodbye; else its views wait for it to come back."""
        if self._over:
            return
        self._over = True
        self._presence.leave(self.visitor)
        self._among.discard(self)
        self._out.close()
        if self._throttle is not None:
            self._throttle.close()
        if not clean:
            self._counters["connections.lost"] += 1
        windows, self._windows = self._windows, {}
        for runtime, client in windows.values():
            if clean:
                runtime.clients.detach(client)
            else:
                runtime.clients.suspend(client)
        remotes, self._remote = self._remote, NOTHING
        for remote in remotes.values():
            remote.end(clean=clean)

    def close(self, code: int, reason: str = "") -> None:
        """End the connection from our side. Its views end, too, unless the code invites the browser back."""
        comes_back = code in (CloseCode.INTERNAL, CloseCode.RESTART) or CloseCode.TIMEOUT <= code < CloseCode.BAD_MESSAGE
        self.ended(clean=not comes_back)
        self._transport.close(code, reason)

    def dismiss(self) -> None:
        """Its visitor is not who he was: it ends, and so does what its windows show, daemons excepted. The browser comes back."""
        self._counters["connections.dismissed"] += 1
        self.ended(clean=True)
        self._transport.close(CloseCode.DISMISSED, "this session has ended")

    # What a process that is to end does with it (`drain`).

    @property
    def runtimes(self) -> Iterator[ViewRuntime]:
        """What its windows show, as far as it is in this process."""
        return (runtime for runtime, _ in self._windows.values())

    @property
    def has_sent_all(self) -> bool:
        """Whether each window has been sent its view as it is now."""
        return all(client.cursor.sent == runtime.document.log.last for runtime, client in self._windows.values())

    def let_go(self) -> None:
        """Tell the browser what was taken from it, and send it away. `parted` has to follow when the transport is over."""
        self._out.acknowledge_events()
        self._parting = list(self._windows.values())
        for window in self._windows:
            self._out.send(protocol.gone(window, moved=True))
        self.close(CloseCode.RESTART, "the server restarts")

    def parted(self, *, answered: bool) -> None:
        """The transport is over. `answered`: the browser has got all that was sent before, so it needs these views no more."""
        parting, self._parting = self._parting, ()
        for runtime, client in parting:
            if answered and client.link is None:
                runtime.clients.detach(client)

    # What becomes of an errand.

    @property
    def is_bare(self) -> bool:
        """Whether no window shows anything."""
        return not self._windows and not self._remote and not self._over

    def show_remote(self, window: int, remote: Remote) -> None:
        """The window shows what `remote` brings."""
        if not self._remote:
            self._remote = {}
        self._remote[window] = remote

    def relay(self, window: int, remote: Remote, message: bytes) -> None:
        """A message for a window from the process that has its view."""
        if self._remote.get(window) is remote:
            self._out.send(message)

    def remote_ended(self, window: int, remote: Remote) -> None:
        """The view of the window has ended; the browser has been told."""
        if self._remote.get(window) is remote:
            del self._remote[window]
            remote.end(clean=True)

    def not_there(self, message: Open | Resume, *, restarted: bool = False) -> None:
        """The view has ended. `restarted`: with the process that had it."""
        if isinstance(message, Resume):
            self._counters["resumes.gone"] += 1
            if not self._allowance.take():                 # each may have cost a look into another process
                self._counters["resumes.throttled"] += 1
                self.close(CloseCode.TIMEOUT, "too many views were asked for that are not there")
                return
            self._out.send(protocol.gone(message.window, restarted=restarted))
        elif not self._over:
            try:
                self._open_by(self._entry.open_here, message)
            except ProtocolError as error:
                self._refuse(error)

    def try_later(self, message: Open | Resume) -> None:
        """The process that has the view does not answer. The view lives, so the browser must not take it for gone."""
        if isinstance(message, Resume):
            self.close(CloseCode.BUSY, "the view's process does not answer")
        else:
            self._out.send(protocol.refused(message.window, "busy"))

    # What its views tell (`client.Link`).

    def wake(self, client: Client) -> None:
        shown = self._windows.get(client.window)
        if shown is not None and shown[1] is client:
            self._out.flush(shown[0], client)

    def redirect(self, client: Client) -> None:
        if client.redirect is not None:
            self._out.send(protocol.redirect(client.window, client.redirect.url, leave_page=client.redirect.leave_page))

    def refuse(self, client: Client, event: int) -> None:
        client.told = event
        self._out.send(protocol.stale(client.window, event))

    def tell(self, window: int, text: str) -> bool:
        if self._transport.unsent > self._settings.WINDOW and not self._over:
            return False
        self._out.send(protocol.message(window, text))
        return True

    def resend(self, client: Client) -> None:
        if self._throttle is not None and self._throttle.holds(client):
            return                                         # told so when it may send again
        client.told = client.accepted
        self._out.send(protocol.resend(client.window, client.accepted))

    def gone(self, client: Client) -> None:
        shown = self._windows.get(client.window)
        if shown is not None and shown[1] is client:
            self._forget(client.window)
            self._out.send(protocol.gone(client.window))
            self._out.flush_all()                              # the others have the room that it took

    # Messages.

    def _hello(self, message: Hello) -> None:
        if message.version != protocol.VERSION:
            raise ProtocolError(CloseCode.BAD_VERSION, f"this server speaks version {protocol.VERSION}, not {message.version}")
        self._greeted = True
        self._out.send(protocol.welcome(self._settings.WINDOW, self._settings.PING_INTERVAL))

    @property
    def _is_full(self) -> bool:
        return len(self._windows) + len(self._remote) >= self._settings.MAX_WINDOWS

    def _open(self, message: Open) -> Errand | None:
        self._leave(message.window)
        if self._is_full:
            self._counters["windows.refused"] += 1
            self._out.send(protocol.refused(message.window, "windows"))
            return None
        return self._open_by(self._entry.open, message)

    def _open_by(
        self, how: Callable[[str, Mapping[str, Any] | None, Visitor, str | None], ViewRuntime | PageLoad | Elsewhere],
        message: Open,
    ) -> Errand | None:
        try:
            opened = how(message.url, message.post, self.visitor, message.kept)
        except Ending:
            self._send_on(message.window)
            return None
        except Full as full:
            self._out.send(protocol.refused(message.window, "crowded" if isinstance(full, TooMany) else "busy"))
            return None
        except ValueError as error:                        # of urllib, too, which quotes what it was given as it is
            raise ProtocolError(CloseCode.BAD_MESSAGE, ascii(str(error))) from None
        if isinstance(opened, Elsewhere):
            return Errand(opened, message)
        if isinstance(opened, PageLoad):
            self._out.send(protocol.redirect(message.window, opened.url, leave_page=True))
            return None
        self._show(message.window, opened, opened.clients.attach(self, message.window))
        return None

    def _send_on(self, window: int) -> None:
        """The view cannot start here any more, and can elsewhere."""
        if self.is_bare:
            self.close(CloseCode.RESTART, "the server restarts")
        else:
            self._out.send(protocol.refused(window, "busy"))   # the other windows go soon

    def _resume(self, message: Resume) -> Errand | None:
        remote = self._remote.get(message.window)
        if remote is not None and remote.view == message.view:
            self._throttled().forget_remote(remote)        # all events come again behind the answer
            remote.forward(message)                        # the browser asks its own window for a fresh start
            return None
        runtime = self._entry.find(message.view, self.visitor) if message.secret.isascii() else None
        for window, shown in list(self._windows.items()):
            if shown[0] is runtime and shown[1].is_known_by(message.secret):
                self._forget(window)                       # the same
        self._leave(message.window)
        client = None
        if runtime is not None and not self._is_full:
            client = runtime.clients.resume(message.secret, message.frame, self, message.window)
        if runtime is None or client is None:
            elsewhere = self._entry.elsewhere(message.view) if runtime is None and not self._is_full else None
            if elsewhere is not None:
                return Errand(elsewhere, message)
            self.not_there(message, restarted=self._entry.ending)
            return None
        if runtime.released and client.cursor.sent == runtime.document.log.last:
            # It has got everything, and this tells it which of its events counted. The view stays, in case that this is lost, too.
            self._out.send(protocol.started(message.window, runtime.id, client.secret, client.number, client.accepted))
            self._out.send(protocol.gone(message.window, moved=True))
            runtime.clients.suspend(client)
            return None
        if client.invitation is not None:
            self._counters["paints.joined"] += 1
            self._show(message.window, runtime, client)
            return None
        self._counters["resumes"] += 1
        if client.cursor.sent < runtime.document.log.floor:
            self._counters["resumes.snapshot"] += 1
        self._show(message.window, runtime, client)
        self._out.flush_all()                                  # what it had under way is none any more
        return None

    def _show(self, window: int, runtime: ViewRuntime, client: Client) -> None:
        self._windows[window] = runtime, client
        runtime.shown_to(self.visitor)
        self._out.send(protocol.started(window, runtime.id, client.secret, client.number, client.accepted))
        self.redirect(client)                              # decided while nobody listened, or lost on its way
        self._out.flush(runtime, client)

    def _close_window(self, message: Close) -> None:
        self._leave(message.window)

    def _event(self, message: Event) -> None:
        shown = self._windows.get(message.window)
        if shown is None:
            remote = self._remote.get(message.window)
            if remote is None:
                self._counters["events.stray"] += 1
            else:
                self._throttled().forward(remote, message)
            return
        runtime, client = shown
        if runtime.released:
            self._counters["events.held"] += 1
            return
        client.has_applied(message.frame)
        if client.in_flight and message.frame >= client.in_flight[0][0]:
            self._out.acknowledged(runtime, client, message.frame)
        if runtime.holding:
            self._counters["events.held"] += 1
            return
        # Of one that the view would drop anyhow, as all that follow a refused one, none is counted.
        if message.number == client.accepted + 1 and not self._allowance.take():
            self._throttled().hold(client)
        else:
            runtime.receive(client, message)
        if client.told < client.accepted:
            self._out.acknowledge_soon()

    def _ack(self, message: Ack) -> None:
        shown = self._windows.get(message.window)
        if shown is not None:
            shown[1].has_applied(message.frame)
            self._out.acknowledged(*shown, message.frame)
        elif message.window in self._remote:
            self._remote[message.window].forward(message)

    def _ping(self, message: Ping) -> None:
        if not self._transport.unsent:                     # a flood of pings at a peer that does not read fills nothing
            self._out.send(protocol.pong())

    def _raw_message(self, message: Message) -> None:
        # Nobody acknowledges one, so it cannot be asked for again.
        if self._allowance.take():
            self._counters["messages.raw"] += 1
            self._hear(self, message.text)
        else:
            self._counters["messages.raw.dropped"] += 1

    def _script_error(self, message: ScriptError) -> None:
        self._counters["errors.browser"] += 1
        if self._logged < LOGGED_ERRORS and (self._complaints is None or self._complaints.take()):
            self._logged += 1
            logger.warning("a script failed in the browser: %r", message.text)

    # Windows.

    def _leave(self, window: int) -> None:
        if window in self._windows:
            runtime, client = self._forget(window)
            runtime.clients.detach(client)
            self._out.flush_all()                              # the others have the room that it took
        elif window in self._remote:
            self._remote.pop(window).end(clean=True)

    def _forget(self, window: int) -> tuple[ViewRuntime, Client]:
        runtime, client = self._windows.pop(window)
        if self._throttle is not None:
            self._throttle.forget(client)
        self._out.forget(client)
        return runtime, client


    def _throttled(self) -> Throttle:
        if self._throttle is None:
            self._throttle = Throttle(
                host=self, allowance=self._allowance, burst=self._settings.EVENT_BURST, clock=self._clock, counters=self._counters,
            )
        return self._throttle


#: Whose messages a greenlet reads.
current_connection: ContextVar[Connection | None] = ContextVar("current_connection", default=None)


_HANDLERS: Mapping[type, Callable[[Connection, Any], Errand | None]] = {        # Any: each takes the type that it stands beside
    Hello: Connection._hello,
    Open: Connection._open,
    Resume: Connection._resume,
    Close: Connection._close_window,
    Event: Connection._event,
    Ack: Connection._ack,
    Ping: Connection._ping,
    ScriptError: Connection._script_error,
    Message: Connection._raw_message,
}
