"""Gives a WebSocket to the process that has its view, and takes one from another process.

    giver                                            owner
    RESUME of a view of the owner's
    "adopt": view, envelope, …            ──────→    has it, and room?
                                          ←──────    yes
    stops reading and writing
    what it has read, what is unsent, and
    the socket itself                     ──────→    goes on where the giver stopped
    puts a dead socket in its place

The socket goes last. Until the owner has said yes the giver still serves it, so that an owner who is gone, full or silent costs the
browser nothing but time; and from then on only one of the two ever reads or writes. An owner who dies in between takes the
socket with it: the browser comes back, and nothing was lost, since events count only once they were acknowledged.

Handing over means three things to the giver that are easily missed:

* It must not shut the socket down: that ends the connection, for the owner as well. But whatever server runs us does so, and
  reads from it (pywsgi 16 KiB, gunicorn the next request), eating the owner's bytes. But it has been taken from the server when
  it became a WebSocket (`parting`), so that it is ours to close.
* epoll watches what a number stands for, not the number, as long as anybody has that open. The owner does. Events of a
  connection that we no longer have would wake this process until libev builds its set anew; so it is taken out first (`unwatch`).
* TLS has a state of its own that no process gives away: see `relay`.

Whether his page may connect, the giver has found out; the owner believes it, since only a process of the same user reaches it
(`siblings.talk`). Who he is, the owner finds out anew, by what came around the HTTP request that opened the connection.
"""

from __future__ import annotations

import logging
import socket as sockets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gevent import socket
from gevent.lock import BoundedSemaphore

from ...settings import Settings
from ...siblings import Away, Gone, Refused, Siblings, Silent, Talk, Trouble
from ...siblings.siblings import answer_of
from ...views.envelope import Envelope
from ...views.visitor import Visitor
from ...wire import protocol
from ..entry import Elsewhere
from .parting import BareSocket

logger = logging.getLogger("lona_sync.server.handover")

#: Unsent bytes that may travel with a socket. With more it stays where it is: its window is relayed.
UNSENT_BYTES = 1024 * 1024

#: Goes on with a connection: socket, what was read, what is unsent, and whose it is. Never waits.
Serve = Callable[[sockets.socket, bytes, bytes, Visitor], None]


class Handover:
    """Both sides. `admit`: who comes with such an envelope to where we are mounted, if he may; it may wait. `find`: whether a view
    with this id runs here, and is his. `room`: whether one more may come.

    `ending`: whether this process is to end.
    """

    def __init__(
        self, *, siblings: Siblings, settings: Settings, admit: Callable[[Envelope, str], Visitor | None],
        find: Callable[[str, Visitor], object | None], room: Callable[[], bool], serve: Serve,
        ending: Callable[[], bool], counters: Counter[str],
    ) -> None:
        self._siblings = siblings
        self._settings = settings
        self._admit = admit
        self._find = find
        self._room = room
        self._serve = serve
        self._ending = ending
        self._counters = counters
        # The message that is the reason, another one behind it, and what one read may bring.
        self._unread_bytes = 2 * settings.MESSAGE_BYTES + 1024 * 1024
        self._slots: dict[str, BoundedSemaphore] = {}
        siblings.on("adopt", self._adopt)

    def give(
        self, elsewhere: Elsewhere, visitor: Visitor, sock: socket.socket,
        take: Callable[[], tuple[bytes, bytes] | None],
    ) -> None:
        """Let the view's process go on with `sock`. Waits, not longer than `SIBLING_TIMEOUT` three times.

        `take` is called when that process is ready; it stops all work on the socket, and returns what was read and not used and
        what is unsent, or None: the connection has ended meanwhile. Raises a `Trouble` before that: nothing has changed then. After
        that, when the other process dies, the socket is shut down. It remains the caller's to close.
        """
        with self._slot(elsewhere.owner):
            try:
                talk = self._offer(elsewhere, visitor)
            except Trouble as error:
                self._counters[f"handovers.{_cause(error)}"] += 1
                raise
            with talk:
                taken = take()
                if taken is None:
                    return
                unread, unsent = taken
                limit = gevent.Timeout(self._settings.SIBLING_TIMEOUT, Silent("it takes nothing"))
                try:
                    with limit:
                        talk.send({"unread": len(unread), "unsent": len(unsent)}, unread + unsent, [sock.fileno()])
                except Trouble as error:
                    self._counters["handovers.broken"] += 1
                    logger.info("a connection was lost on its way to another process: %s", error)
                    shut_down(sock)                         # the browser comes back
                    return
                self._counters["handovers.given"] += 1

    def _offer(self, elsewhere: Elsewhere, visitor: Visitor) -> Talk:
        with gevent.Timeout(self._settings.SIBLING_TIMEOUT, Silent("no answer")):
            talk = self._siblings.open(
                elsewhere.owner, "adopt", protocol=protocol.VERSION, view=elsewhere.view, base=visitor.base,
                envelope=visitor.envelope.as_json(),
            )
            try:
                answer_of(talk)
            except BaseException:
                talk.close()
                raise
            return talk

    @contextmanager
    def _slot(self, owner: str) -> Iterator[None]:
        """One of few for each owner: a silent one must not keep all those waiting who want to go to others."""
        slots = self._slots.setdefault(owner, BoundedSemaphore(self._settings.MAX_HANDOVERS))
        if not slots.acquire(timeout=self._settings.SIBLING_TIMEOUT):
            self._counters["handovers.crowded"] += 1
            raise Silent("too many wait for it already")
        try:
            yield
        finally:
            slots.release()
            if slots.counter == self._settings.MAX_HANDOVERS:
                self._slots.pop(owner, None)

    def _adopt(self, request: dict[str, Any], talk: Talk) -> dict[str, Any] | None:
        view, base = request.get("view"), request.get("base")
        if not isinstance(view, str) or not isinstance(base, str):
            raise Away(f"this offers no connection: {request!r:.200}")
        try:
            envelope = Envelope.from_json(request.get("envelope"))
        except ValueError as error:
            raise Away(str(error)) from None
        # A browser that speaks another version than ours has no use for our views any more.
        if request.get("protocol") != protocol.VERSION:
            return {"error": "ending" if self._ending() else "gone"}
        visitor = self._admit(envelope, base)
        if visitor is None or self._find(view, visitor) is None:
            return {"error": "ending" if self._ending() else "gone"}
        if not self._room():
            self._counters["handovers.no_room"] += 1
            return {"error": "full"}
        talk.send({"ok": True})
        parcel = talk.receive()
        unread = talk.take(_size(parcel, "unread", self._unread_bytes))
        unsent = talk.take(_size(parcel, "unsent", UNSENT_BYTES))
        if len(talk.descriptors) != 1:
            raise Away("a connection is one descriptor")
        self._serve(_connected(talk), unread, unsent, visitor)
        self._counters["handovers.adopted"] += 1
        return None


def _cause(error: Trouble) -> str:
    if view_is_gone(error):
        return "gone"
    return error.reason if isinstance(error, Refused) else type(error).__name__.lower()


def view_is_gone(error: Trouble) -> bool:
    """Whether the process that was asked for a view has ended, or says that there is no such view."""
    return is_restart(error) or (isinstance(error, Refused) and error.reason == "gone")


def is_restart(error: Trouble) -> bool:
    """Whether that process has ended, or is about to, and has let go of its views."""
    return isinstance(error, Gone) or (isinstance(error, Refused) and error.reason == "ending")


def _size(parcel: dict[str, Any], name: str, limit: int) -> int:
    size = parcel.get(name)
    if type(size) is not int or not 0 <= size <= limit:
        raise Away(f"{name} is not a number of bytes up to {limit}, but {size!r:.40}")
    return size


def _connected(talk: Talk) -> sockets.socket:
    """The socket that came. Raises `Away` when it is none that can carry a WebSocket."""
    try:
        sock: sockets.socket = BareSocket(fileno=talk.descriptors[0])
    except OSError as error:
        raise Away(f"the descriptor is no socket: {error}") from None
    talk.descriptors.clear()
    if sock.type != sockets.SOCK_STREAM or sock.getsockopt(sockets.SOL_SOCKET, sockets.SO_ACCEPTCONN):
        sock.close()
        raise Away("the descriptor is no connection")
    return sock


def shut_down(sock: socket.socket) -> None:
    """End the connection, for everybody who has it."""
    try:
        sock.shutdown(sockets.SHUT_RDWR)
    except OSError:                                 # it has ended
        return
