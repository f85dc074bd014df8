"""One browser's connection: its windows, what it is sent and when. It knows nothing of sockets: a `Transport` carries it.

Nothing is queued here. A window is a cursor in its view's log; `wake` sends what lies behind the cursor at once, in the
greenlet that made the change, as long as fewer than `WINDOW` bytes are unacknowledged and the transport has taken all
that came before. Otherwise the cursor waits for the next acknowledgement, or for the transport to drain.

It is long because all windows share one socket, and so what is under way on it, what may be sent by it in a second, and its end.
Each message of the protocol, and each thing that a view or the transport tells, is a short method; the chapters are named below.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Protocol

from ..errors import ProtocolError
from ..settings import Settings
from ..views.client import Client
from ..views.clock import Clock, Timer
from ..views.registry import Ending, Full, TooMany
from ..views.runtime import ViewRuntime
from ..views.visitor import Visitor
from ..wire import protocol
from ..wire.protocol import Ack, Close, CloseCode, Event, Hello, Message, Open, Ping, Resume, ScriptError
from .allowance import Allowance
from .entry import Elsewhere, PageLoad
from .presence import Presence
from .remote import Errand, Remote
from .throttle import Throttle

logger = logging.getLogger("lona_sync.server.connection")
#: Each message, for `--debug-mode messages`.
traffic = logging.getLogger("lona_sync.server.websockets")

#: Script errors of one browser that are logged. A script that fails with each frame, or a liar, would fill the disk.
LOGGED_ERRORS = 100
#: Characters of a message that are logged.
LOGGED_CHARACTERS = 1000
#: Secrets of windows, and what views keep.
_SECRET = re.compile(r'"[\w.:=-]{16,}"')


class Transport(Protocol):
    """What carries messages: a WebSocket, or a test. Neither method waits."""

    @property
    def unsent(self) -> int:
        """Bytes that it has taken and not sent yet. When this falls to 0 it calls `Connection.drained`."""

    @property
    def backlog(self) -> int | None:
        """Bytes that the peer's machine has not taken yet, those that wait in our kernel included. None: nobody knows."""

    def send(self, message: bytes) -> None:
        """One text message. A no-op when the transport has ended."""

    def close(self, code: int, reason: str = "") -> None:
        """End it; the peer is told why."""


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

    `among`: those that are open; it is one of them until it has ended.
    """

    __slots__ = (
        "_ack_timer", "_allowance", "_among", "_clock", "_counters", "_entry", "_greeted", "_hear", "_in_flight", "_logged",
        "_moved", "_over", "_parting", "_presence", "_remote", "_settings", "_stalled", "_taken", "_throttle", "_too_big",
        "_transport", "_watch", "_windows", "_written", "name", "visitor",
    )

    def __init__(
        self, transport: Transport, *, visitor: Visitor, entry: Entry, presence: Presence, settings: Settings,
        clock: Clock, counters: Counter[str], greeted: bool = False, hear: Callable[[Connection, str], None] = ignore,
        among: set[Connection] | None = None,
    ) -> None:
        self.visitor = visitor
        visitor.sender = lambda text: self.tell(0, text)
        self._presence = presence
        presence.enter(visitor, self)
        #: For the log; nobody can use it for anything.
        self.name = secrets.token_hex(4)
        self._transport = transport
        self._entry = entry
        self._settings = settings
        self._clock = clock
        self._counters = counters
        self._hear = hear
        self._among = set() if among is None else among
        self._among.add(self)
        self._windows: dict[int, tuple[ViewRuntime, Client]] = {}
        self._remote: dict[int, Remote] = {}
        self._parting: list[tuple[ViewRuntime, Client]] = []          # what its windows showed when it was let go
        self._greeted = greeted                            # another process may have had the connection before
        self._logged = 0                                   # script errors
        self._over = False
        self._in_flight = 0                                # bytes sent and not acknowledged, all windows together
        self._too_big: Client | None = None                # waits until nothing is under way, and the others behind it
        self._ack_timer: Timer | None = None
        self._allowance = Allowance(rate=settings.EVENTS_PER_SECOND, burst=settings.EVENT_BURST, clock=clock)
        self._throttle = Throttle(host=self, allowance=self._allowance, burst=settings.EVENT_BURST, clock=clock, counters=counters)
        self._watch: Timer | None = None                   # looks whether what is under way moves
        self._moved = False                                # something was acknowledged since it looked
        self._stalled = False                              # nothing moved when it looked
        self._written = 0                                  # bytes, ever
        self._taken = 0                                    # of them, by the peer's machine, when it looked

    @property
    def user(self) -> Any:                                 # Any: the application's own class, or ours
        """Whose it is."""
        return self.visitor.user

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
            traffic.debug("received %s", _shown(text), extra={"connection": self.name})
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
        self._flush_all()
        for remote in list(self._remote.values()):
            remote.drained()

    def ended(self, *, clean: bool) -> None:
        """The transport is over. `clean`: the browser said goodbye; else its views wait for it to come back."""
        if self._over:
            return
        self._over = True
        self._presence.leave(self.visitor)
        self._among.discard(self)
        for timer in (self._ack_timer, self._watch):
            if timer is not None:
                timer.close()
        self._throttle.close()
        if not clean:
            self._counters["connections.lost"] += 1
        windows, self._windows = self._windows, {}
        for runtime, client in windows.values():
            if clean:
                runtime.clients.detach(client)
            else:
                runtime.clients.suspend(client)
        remotes, self._remote = self._remote, {}
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
        self._acknowledge_events()
        self._parting = list(self._windows.values())
        for window in self._windows:
            self._send(protocol.gone(window, moved=True))
        self.close(CloseCode.RESTART, "the server restarts")

    def parted(self, *, answered: bool) -> None:
        """The transport is over. `answered`: the browser has got all that was sent before, so it needs these views no more."""
        parting, self._parting = self._parting, []
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
        self._remote[window] = remote

    def relay(self, window: int, remote: Remote, message: bytes) -> None:
        """A message for a window from the process that has its view."""
        if self._remote.get(window) is remote:
            self._send(message)

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
            self._send(protocol.gone(message.window, restarted=restarted))
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
            self._send(protocol.refused(message.window, "busy"))

    # What its views tell (`client.Link`).

    def wake(self, client: Client) -> None:
        shown = self._windows.get(client.window)
        if shown is not None and shown[1] is client:
            self._flush(*shown)

    def redirect(self, client: Client) -> None:
        if client.redirect is not None:
            self._send(protocol.redirect(client.window, client.redirect.url, leave_page=client.redirect.leave_page))

    def refuse(self, client: Client, event: int) -> None:
        client.told = event
        self._send(protocol.stale(client.window, event))

    def tell(self, window: int, text: str) -> bool:
        if self._transport.unsent > self._settings.WINDOW and not self._over:
            return False
        self._send(protocol.message(window, text))
        return True

    def resend(self, client: Client) -> None:
        if self._throttle.holds(client):
            return                                         # told so when it may send again
        client.told = client.accepted
        self._send(protocol.resend(client.window, client.accepted))

    def gone(self, client: Client) -> None:
        shown = self._windows.get(client.window)
        if shown is not None and shown[1] is client:
            self._forget(client.window)
            self._send(protocol.gone(client.window))
            self._flush_all()                              # the others have the room that it took

    # Messages.

    def _hello(self, message: Hello) -> None:
        if message.version != protocol.VERSION:
            raise ProtocolError(CloseCode.BAD_VERSION, f"this server speaks version {protocol.VERSION}, not {message.version}")
        self._greeted = True
        self._send(protocol.welcome(self._settings.WINDOW, self._settings.PING_INTERVAL))

    @property
    def _is_full(self) -> bool:
        return len(self._windows) + len(self._remote) >= self._settings.MAX_WINDOWS

    def _open(self, message: Open) -> Errand | None:
        self._leave(message.window)
        if self._is_full:
            self._counters["windows.refused"] += 1
            self._send(protocol.refused(message.window, "windows"))
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
            self._send(protocol.refused(message.window, "crowded" if isinstance(full, TooMany) else "busy"))
            return None
        except ValueError as error:                        # of urllib, too, which quotes what it was given as it is
            raise ProtocolError(CloseCode.BAD_MESSAGE, ascii(str(error))) from None
        if isinstance(opened, Elsewhere):
            return Errand(opened, message)
        if isinstance(opened, PageLoad):
            self._send(protocol.redirect(message.window, opened.url, leave_page=True))
            return None
        self._show(message.window, opened, opened.clients.attach(self, message.window))
        return None

    def _send_on(self, window: int) -> None:
        """The view cannot start here any more, and can elsewhere."""
        if self.is_bare:
            self.close(CloseCode.RESTART, "the server restarts")
        else:
            self._send(protocol.refused(window, "busy"))   # the other windows go soon

    def _resume(self, message: Resume) -> Errand | None:
        remote = self._remote.get(message.window)
        if remote is not None and remote.view == message.view:
            self._throttle.forget_remote(remote)           # all events come again behind the answer
            remote.forward(message)                        # the browser asks its own window for a fresh start
            return None
        runtime = self._entry.find(message.view, self.visitor) if message.secret.isascii() else None
        for window, shown in list(self._windows.items()):
            if shown[0] is runtime and shown[1].secret == message.secret:
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
            self._send(protocol.started(message.window, runtime.id, client.secret, client.number, client.accepted))
            self._send(protocol.gone(message.window, moved=True))
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
        self._flush_all()                                  # what it had under way is none any more
        return None

    def _show(self, window: int, runtime: ViewRuntime, client: Client) -> None:
        self._windows[window] = runtime, client
        runtime.shown_to(self.visitor)
        self._send(protocol.started(window, runtime.id, client.secret, client.number, client.accepted))
        self.redirect(client)                              # decided while nobody listened, or lost on its way
        self._flush(runtime, client)

    def _close_window(self, message: Close) -> None:
        self._leave(message.window)

    def _event(self, message: Event) -> None:
        shown = self._windows.get(message.window)
        if shown is None:
            remote = self._remote.get(message.window)
            if remote is None:
                self._counters["events.stray"] += 1
            else:
                self._throttle.forward(remote, message)
            return
        runtime, client = shown
        if runtime.released:
            self._counters["events.held"] += 1
            return
        client.has_applied(message.frame)
        if client.in_flight and message.frame >= client.in_flight[0][0]:
            self._acknowledged(runtime, client, message.frame)
        # Of one that the view would drop anyhow, as all that follow a refused one, none is counted.
        if message.number == client.accepted + 1 and not self._allowance.take():
            self._throttle.hold(client)
        else:
            runtime.receive(client, message)
        if client.told < client.accepted and self._ack_timer is None:
            self._ack_timer = self._clock.idle_timer(self._settings.ACK_DELAY, self._acknowledge_events)

    def _ack(self, message: Ack) -> None:
        shown = self._windows.get(message.window)
        if shown is not None:
            shown[1].has_applied(message.frame)
            self._acknowledged(*shown, message.frame)
        elif message.window in self._remote:
            self._remote[message.window].forward(message)

    def _ping(self, message: Ping) -> None:
        if not self._transport.unsent:                     # a flood of pings at a peer that does not read fills nothing
            self._send(protocol.pong())

    def _raw_message(self, message: Message) -> None:
        # Nobody acknowledges one, so it cannot be asked for again.
        if self._allowance.take():
            self._counters["messages.raw"] += 1
            self._hear(self, message.text)
        else:
            self._counters["messages.raw.dropped"] += 1

    def _script_error(self, message: ScriptError) -> None:
        self._counters["errors.browser"] += 1
        if self._logged < LOGGED_ERRORS:
            self._logged += 1
            logger.warning("a script failed in the browser: %r", message.text)

    # Sending.

    def _flush_all(self) -> None:
        for runtime, client in list(self._windows.values()):
            self._flush(runtime, client)

    def _flush(self, runtime: ViewRuntime, client: Client) -> None:
        """Send what this window has not got yet, as far as there is room."""
        document, cursor = runtime.document, client.cursor
        while cursor.sent < document.log.last and not self._over and not self._transport.unsent:
            if self._too_big not in (None, client):
                return                                     # many small ones would keep the large one out for ever
            room = self._settings.WINDOW - self._in_flight
            if room <= 0 or (self._in_flight and client.too_big > room):
                return                                     # it did not fit last time, and still does not
            batch = document.since(cursor, room)
            if batch is not None:
                number = batch.number
                message = protocol.frame(client.window, number, client.accepted, batch.patches)
            elif document.locked:
                if self._too_big is client:
                    self._too_big = None
                    self._flush_all()                      # the others need not wait until it is unlocked
                return
            else:
                snapshot = document.snapshot()
                number = snapshot.number
                message = protocol.snapshot(client.window, number, client.accepted, snapshot.body)
                self._counters["snapshots"] += 1
            if self._in_flight and len(message) > room:
                client.too_big = len(message)
                self._too_big = client
                return                                     # larger than the room: it goes alone, when nothing is under way
            client.too_big = 0
            self._too_big = None
            cursor.sent = number
            client.told = client.accepted
            client.in_flight.append((number, len(message)))
            self._in_flight += len(message)
            self._counters["frames"] += 1
            self._send(message)
            if self._watch is None and not self._over:
                self._moved = True                         # until now there was nothing to move
                self._look()

    def _acknowledged(self, runtime: ViewRuntime, client: Client, frame: int) -> None:
        frame = min(frame, client.cursor.sent)             # a number that was never sent confirms nothing more
        runtime.document.log.acknowledge(client.cursor, frame)
        while client.in_flight and client.in_flight[0][0] <= frame:
            self._in_flight -= client.in_flight.popleft()[1]
            self._moved = True
        if client.cursor.sent < runtime.document.log.last or len(self._windows) > 1:
            self._flush_all()

    def _look(self) -> None:
        """Let go a browser that has read nothing for `SEND_TIMEOUT`. It may come back.

        A page that its browser has frozen reads nothing, but pings are answered, and a window fits into the buffers of kernels. One
        behind a slow line may take longer for a large frame, and acknowledges nothing meanwhile; but there the bytes move.
        """
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        if not self._in_flight:
            return
        backlog = self._transport.backlog
        taken = self._written - (backlog or 0)
        if self._moved or backlog is None or taken > self._taken:
            self._moved = self._stalled = False
            self._taken = taken
            self._watch = self._clock.idle_timer(self._settings.SEND_TIMEOUT, self._look)
        elif not self._stalled:
            # Code that kept the whole process busy has kept us from reading, too, and timers ring before sockets do.
            self._stalled = True
            self._watch = self._clock.idle_timer(0.0, self._look)
        else:
            self._counters["connections.stalled"] += 1
            self.close(CloseCode.TIMEOUT, "nothing was read")

    def _acknowledge_events(self) -> None:
        if self._ack_timer is not None:
            self._ack_timer.close()
            self._ack_timer = None
        for _, client in self._windows.values():
            if client.told < client.accepted:
                client.told = client.accepted
                self._send(protocol.ack(client.window, client.accepted))

    def _send(self, message: bytes) -> None:
        if self._over:
            return
        if self._transport.unsent > self._settings.MESSAGE_BYTES:
            # Asks without reading the answers: each costs us memory and him nothing.
            self._counters["connections.deaf"] += 1
            self.close(CloseCode.TIMEOUT, "the answers were not read")
            return
        self._counters["bytes.out"] += len(message)
        self._written += len(message)
        if traffic.isEnabledFor(logging.DEBUG):
            traffic.debug("sent %s", _shown(message.decode(errors="replace")), extra={"connection": self.name})
        self._transport.send(message)

    # Windows.

    def _leave(self, window: int) -> None:
        if window in self._windows:
            runtime, client = self._forget(window)
            runtime.clients.detach(client)
            self._flush_all()                              # the others have the room that it took
        elif window in self._remote:
            self._remote.pop(window).end(clean=True)

    def _forget(self, window: int) -> tuple[ViewRuntime, Client]:
        runtime, client = self._windows.pop(window)
        self._throttle.forget(client)
        self._in_flight -= sum(size for _, size in client.in_flight)
        client.in_flight.clear()
        client.too_big = 0
        if self._too_big is client:
            self._too_big = None
        return runtime, client


#: Whose messages a greenlet reads.
current_connection: ContextVar[Connection | None] = ContextVar("current_connection", default=None)


def _shown(text: str) -> str:
    """What is logged of a message: no secrets of ours, and not all of a large one."""
    return _SECRET.sub('"…"', text[:LOGGED_CHARACTERS]) + ("…" if len(text) > LOGGED_CHARACTERS else "")


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
