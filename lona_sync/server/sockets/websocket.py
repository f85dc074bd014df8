"""The server's end of a WebSocket: gevent-websocket's class, hardened. The only module that knows that library.

The library's own reading, writing and closing have no limits, do not survive two senders and cannot say why they
close, so all three are replaced here; what stays is its type and its view of the request (`origin`, `path`, …). The
rules:

* *Sending never waits.* What the kernel takes goes at once. What is left waits in one buffer, and a greenlet that
  exists only as long as the buffer is not empty sends it. Nothing switches between taking a message and putting it in
  its place, so any number of greenlets may send, and messages never mix.
* *What is said while a message is heard waits for what is said next*, also by whoever was woken by it, and for nothing else: the
  greeting, the name of a view and its first page, of which each is a message, are one call of the system, and wake the peer once.
* *An idle connection costs no greenlet.* The event loop calls when there are bytes, and a greenlet that all connections share
  reads them (`readers`); one timer that they share tells who is silent (`rounds`). A timer of its own runs only while it waits for
  the answer to a ping, or, once it closes, for the peer's goodbye.
* *One message at a time.* As long as the listener has not returned from one, nothing more is read: the peer's bytes stay with
  the kernel, which slows him down.
* *Closing lingers.* A socket that is shut down while bytes of the peer are on their way answers them by a reset, and
  a reset makes the peer forget the close code that it has not read yet. So after our close frame reading goes on, and what comes
  is dropped, until the peer has answered or `LINGER` seconds are over.

It is long because reading, writing, pinging and closing share one state: each of them may end the other three.
"""

from __future__ import annotations

import fcntl
import logging
import socket as sockets
import ssl
import sys
import termios
import time
from collections.abc import Callable
from typing import Any, Protocol

import gevent
from gevent import socket
from gevent.event import Event
from gevent.ssl import SSLSocket
from geventwebsocket.websocket import WebSocket as LibraryWebSocket

from ...errors import ProtocolError
from ...pause import pause
from .frames import CLOSE, PING, PONG, TEXT, Control, FrameReader, decode_close, encode_close, encode_frame
from .parting import unwatch
from .readers import Readers
from .rounds import Rounds

logger = logging.getLogger("lona_sync.server.http")

#: Seconds that a close waits for the peer's answer. A browser answers within one round trip.
LINGER = 1.5

#: The close code of a connection that shows no sign of life; not registered, so a private one.
TIMEOUT = 4000

_READ_BYTES = 16 * 1024
_WRITE_BYTES = 256 * 1024
#: More is not held back: it would cost a copy, and `unsent`, by which whoever sends knows when to stop, says nothing of it.
_HELD_BYTES = 4 * 1024
#: Bytes that the kernel keeps unsent. Without it the socket counts as writable only when a third of megabytes of buffer
#: is free again, and a slow peer that takes a large message looks like one that takes nothing.
_KERNEL_BYTES = 64 * 1024
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_READABLE = 1                           # libev's EV_READ


class Listener(Protocol):
    """Who is told what a WebSocket receives. Both may wait; the next message is not read meanwhile."""

    def heard(self, message: str) -> None:
        """A text message. What it raises is logged, and closes with 1011."""

    def ended(self) -> None:
        """The connection is over, and `clean` and `close_code` tell how. The last call; `heard` has returned."""


class Nobody:
    """Hears nothing."""

    def heard(self, message: str) -> None:
        """It is dropped."""

    def ended(self) -> None:
        """So what?"""


class WebSocket(LibraryWebSocket):      # type: ignore[misc]    # the library has no types
    """One connection after its handshake. Reads from `start` on; any greenlet may send and close.

    `leftover` is what the server has read behind the request, `unsent` what another process had still to
    send. Sizes are bytes, times are seconds. `silent`: when its time is over without a sign of the peer, that one is pinged.
    `read_budget` is how many messages are read before other greenlets get their turn.
    """

    __slots__ = (
        "_busy", "_discarding", "_frames", "_held", "_later_pong", "_listener", "_over", "_ping_timeout", "_pong_end",
        "_read_budget", "_readable", "_readers", "_send_timeout", "_sent", "_silence", "_silent", "_socket", "_timer", "_told",
        "_unsent", "_waiting", "_writer",
        "answered", "clean", "close_code", "closed", "environ", "on_drained", "released",
    )

    def __init__(
        self,
        sock: sockets.socket | socket.socket,
        *,
        leftover: bytes = b"",
        message_bytes: int,
        send_timeout: float,
        silent: Rounds,
        ping_timeout: float,
        read_budget: int,
        readers: Readers,
        unsent: bytes = b"",
        environ: dict[str, object] | None = None,
    ) -> None:
        # Not the library's `__init__`: it would prepare what is replaced here, a UTF-8 validator foremost.
        self.environ = environ
        #: Nothing is sent or received any more; the socket itself may still linger.
        self.closed = False
        #: The peer sent a close frame before we did: it left on purpose. False: we closed, or the connection was lost.
        self.clean = False
        #: The peer has answered our close frame: it has got all that we had sent before.
        self.answered = False
        #: The socket is open and somebody else's.
        self.released = False
        #: The code of the first close frame, theirs (1005 when it named none) or ours. None: there was none.
        self.close_code: int | None = None
        #: Called when `unsent` falls to 0 again, in the writer's greenlet; it must not wait.
        self.on_drained: Callable[[], None] | None = None

        self._socket = sock
        self._frames = FrameReader(message_bytes)
        self._frames.feed(leftover)
        self._over = False                          # the socket is shut down
        self._discarding = False                    # the peer's bytes make no sense any more
        self._listener: Listener = _NOBODY
        self._readers = readers
        self._readable: Any = None                  # Any: a watcher of libev; from `start` until it is over
        self._read_budget = read_budget
        self._busy = False                          # a greenlet reads
        self._told = False                          # the listener knows the end
        self._waiting: Event | None = None          # for that

        self._send_timeout = send_timeout
        self._unsent: bytes | bytearray = b""       # bytes: an empty one, which is everybody's
        self._held = b""                            # frames that wait for what is said next; none while anything is unsent
        self._sent = 0                              # bytes that went through the buffer, ever
        self._writer: gevent.Greenlet[[], None] | None = None
        self._pong_end = 0                          # up to this count of `_sent` a pong waits in the buffer
        self._later_pong: bytes | None = None       # and this one follows it

        self._silent = silent
        self._ping_timeout = ping_timeout
        self._silence = 0                           # steps that were taken against it
        self._timer: Any = None                     # Any: of libev; while something is done against it, or the end is awaited

        sock.setblocking(False)
        if sock.family != sockets.AF_UNIX:
            _set_option(sock, sockets.TCP_NODELAY, 1)
            if hasattr(sockets, "TCP_NOTSENT_LOWAT"):
                _set_option(sock, sockets.TCP_NOTSENT_LOWAT, _KERNEL_BYTES)
        silent.put(self)
        if unsent:
            self._write(unsent)

    def __del__(self) -> None:
        """Nothing: the library's would send a close frame from the middle of the garbage collector."""

    @property
    def unsent(self) -> int:
        """Bytes that wait in this process. Whoever sends has to limit them: nothing is dropped here."""
        return len(self._unsent)

    @property
    def backlog(self) -> int | None:
        """What waits here, and what the kernel holds that the peer's has not confirmed. None: this kernel does not tell."""
        try:
            theirs = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(4))
        except (OSError, ValueError):       # shut down, or no such request
            return None
        return len(self._unsent) + len(self._held) + int.from_bytes(theirs, sys.byteorder)

    def listen(self, listener: Listener) -> None:
        """From now on `listener` is told."""
        self._listener = listener

    def start(self) -> None:
        """Begin to read: first what is there, in this greenlet. Returns when the listener has dealt with that."""
        if not self._over:
            self._readable = gevent.get_hub().loop.io(self._socket.fileno(), _READABLE)
            self._readable.start(self._take)
        self._read()

    def wait(self) -> None:
        """Until the connection is over, and the listener has been told. Only after `start`."""
        if not self._told:
            if self._waiting is None:
                self._waiting = Event()
            self._waiting.wait()

    def send(self, message: str | bytes) -> None:
        """Send one text message; `bytes` are UTF-8 already. Never waits. A no-op when the connection is closed."""
        if not self.closed:
            frame = encode_frame(TEXT, message.encode() if isinstance(message, str) else message)
            if self._busy and not self._unsent and len(self._held) + len(frame) < _HELD_BYTES:
                self._hold(frame)
            else:
                self._write(frame)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye behind what is unsent; never waits. The listener hears no more, and is told the end when the peer has
        answered, or after `LINGER` seconds. Does nothing on a connection that is closed already.
        """
        if not self.closed:
            self.closed = True
            self.close_code = code
            self._write(encode_close(code, reason))
            self._silent.drop(self)
            self._arm(LINGER)

    def abort(self) -> None:
        """Shut the socket down now, unsent bytes or not."""
        if self._held:
            self._write(b"")
        if self._over:
            return
        self._end()
        try:
            self._socket.shutdown(sockets.SHUT_RDWR)
        except OSError:                     # the peer was faster
            return

    @property
    def socket(self) -> sockets.socket | socket.socket:
        """For whoever it is released to."""
        return self._socket

    @property
    def can_be_released(self) -> bool:
        """Whether another process could go on with the socket. TLS has a state of its own, which no process gives away."""
        return not self.closed and not isinstance(self._socket, SSLSocket)

    def release(self) -> tuple[bytes, bytes]:
        """Let go of the socket, which stays open: what was read and not heard, and what is unsent. Then this is over.

        For the listener, when it has heard a message.
        """
        unread, unsent = self._frames.take_rest(), bytes(self._unsent) + self._held
        self._held = b""
        if self._later_pong is not None:
            unsent += encode_frame(PONG, self._later_pong)
        self.released = True
        self._end()
        return unread, unsent

    def _take(self) -> None:
        """There are bytes; called by the event loop, and must not wait."""
        if self._busy:
            self._readable.stop()               # until the listener has dealt with what it has
            return
        try:
            data = self._socket.recv(_READ_BYTES)
        except ssl.SSLWantWriteError:           # an answer of the TLS layer itself that finds the kernel's buffer full
            self._readable.stop()
            self._readers.run(self._take_later)
            return
        except _WOULD_BLOCK:
            return
        except OSError:                         # reset by the peer, or closed by the server
            data = b""
        if not data:
            self.abort()
            return
        if not self.closed:
            self._heard()
        if not self._discarding:
            self._frames.feed(data)
            self._readers.run(self._read)

    def _take_later(self) -> None:
        gevent.sleep(0.05)
        if not self._over:
            self._readable.start(self._take)

    def _read(self) -> None:
        """Let the listener hear what is there; in a greenlet."""
        self._busy = True
        try:
            self._read_all()
        except (Exception, gevent.Timeout):
            logger.exception("a WebSocket failed")
            self.close(1011)
        except BaseException:                   # this greenlet is being killed, or the listener thinks so
            self.close(1012)
            raise
        finally:
            self._busy = False
            if self._over:
                self._tell_end()
            elif not self._readable.active:
                self._readable.start(self._take)

    def _read_all(self) -> None:
        left = self._read_budget
        try:
            while not self._over and not self._discarding:
                item = self._frames.next()
                if item is None:
                    # TLS may hold what the kernel no longer has.
                    if not isinstance(self._socket, SSLSocket) or not self._take_more():
                        return
                    continue
                if left == 0:
                    pause()
                    left = self._read_budget
                left -= 1
                if isinstance(item, Control):
                    self._control(item)
                elif not self.closed:
                    self._listener.heard(item)
        except ProtocolError as error:
            self._fail(error)

    def _take_more(self) -> bool:
        """Bytes that the TLS layer has decrypted already; False: there are none."""
        assert isinstance(self._socket, SSLSocket)
        if not self._socket.pending():
            return False
        try:
            self._frames.feed(self._socket.recv(_READ_BYTES))
        except OSError:
            return False
        return True

    def _end(self) -> None:
        """Nothing is read or sent any more."""
        self.closed = self._over = True
        self._unsent = b""                  # another one: `_push` may be looking at what was there
        self._silent.drop(self)
        self._arm(None)
        self.on_drained = None              # its owner holds this socket, too
        if self._readable is not None:
            self._readable.stop()
            self._readable.close()
            self._readable = None
            if not self._busy:
                gevent.get_hub().loop.run_callback(self._readers.run, self._tell_end)

    def _tell_end(self) -> None:
        """In a greenlet; counts once. Then the socket is closed, but for TLS: there it is still the server's."""
        if self._told:
            return
        listener, self._listener = self._listener, _NOBODY
        try:
            listener.ended()
        except (Exception, gevent.Timeout):
            logger.exception("a WebSocket failed")
        if not isinstance(self._socket, SSLSocket):
            if self.released:
                unwatch(self._socket.fileno())
            self._socket.close()
        if self._writer is not None:
            self._writer.kill(block=False)          # it may wait for what will never come
        self._told = True
        if self._waiting is not None:
            self._waiting.set()

    def _control(self, frame: Control) -> None:
        if frame.opcode == PING:
            self._answer_ping(frame.payload)
        elif frame.opcode == CLOSE:
            code = decode_close(frame.payload)
            if not self.closed:
                self.closed = self.clean = True
                self.close_code = code
                self._write(encode_frame(CLOSE, frame.payload[:2]))
            else:
                self.answered = True
            self.abort()

    def _fail(self, error: ProtocolError) -> None:
        """The peer broke the rules: tell it, and read no sense into what follows."""
        self.close(error.code, str(error))
        self._discarding = True
        self._half_close()

    def _half_close(self) -> None:
        """After the close frame that ends a broken stream: an answer could not be found in it; the peer's EOF must do."""
        if self._discarding and not self._unsent and not self._over:
            try:
                self._socket.shutdown(sockets.SHUT_WR)
            except OSError:
                self.abort()

    def _answer_ping(self, payload: bytes) -> None:
        """At most one pong waits in the buffer, and the latest after it: who pings and does not read fills nothing."""
        if self._sent < self._pong_end:
            self._later_pong = payload
        elif not self.closed:
            self._write(encode_frame(PONG, payload))
            self._pong_end = self._sent + len(self._unsent)

    def _hold(self, frame: bytes) -> None:
        """Send `frame` with what is said next; by itself when all who are woken by now have had their say."""
        if not self._held:
            # A callback that lets a callback do it comes behind the views that start by what is heard in the same turn.
            loop = gevent.get_hub().loop
            loop.run_callback(loop.run_callback, self._let_out)
        self._held += frame

    def _let_out(self) -> None:
        if self._held:
            self._write(b"")

    def _write(self, frame: bytes) -> None:
        """Send `frame` behind what is held and what is unsent. Does not switch, so frames stay whole and in order."""
        if self._held:
            frame, self._held = self._held + frame, b""
        if not self._unsent:
            taken = self._offer(frame)
            if taken == len(frame) or self._over:
                return
            frame = frame[taken:]
        if isinstance(self._unsent, bytearray):
            self._unsent += frame
        else:
            self._unsent = bytearray(frame)
        if self._writer is None:
            self._writer = gevent.spawn(self._write_rest)

    def _offer(self, data: bytes | memoryview) -> int:
        """How many bytes of `data` the kernel has taken; when it is no connection any more, that is the end."""
        try:
            return self._socket.send(data)
        except _WOULD_BLOCK:
            return 0
        except OSError:
            self.abort()
            return 0

    def _write_rest(self) -> None:
        """The writer: sends what is unsent, as fast as the peer takes it, and ends."""
        deadline = time.monotonic() + self._send_timeout
        try:
            while self._unsent:
                if self._push():
                    deadline = time.monotonic() + self._send_timeout
                elif time.monotonic() < deadline:
                    self._wait_writable(deadline - time.monotonic())
                else:
                    if not self.closed:
                        self.close_code = TIMEOUT
                    self.abort()
                if not self._unsent and not self._over:
                    self._half_close()
                    if self.on_drained is not None:
                        self.on_drained()
        finally:
            self._writer = None
            if not self._unsent:
                self._unsent = b""

    def _push(self) -> int:
        unsent = self._unsent                       # which is another one when what is offered finds out that it is over
        assert isinstance(unsent, bytearray)
        # The memory views must be gone before the buffer may change its size.
        with memoryview(unsent) as everything, everything[:_WRITE_BYTES] as part:
            taken = self._offer(part)
        del unsent[:taken]
        self._sent += taken
        if self._later_pong is not None and self._sent >= self._pong_end:
            payload, self._later_pong = self._later_pong, None
            self._answer_ping(payload)
        return taken

    def _wait_writable(self, timeout: float) -> None:
        try:
            socket.wait_write(self._socket.fileno(), max(timeout, 0.0))
        except OSError:                     # timed out, or shut down by another greenlet; the next push finds out
            return

    def _arm(self, seconds: float | None) -> None:
        """Let `_ring` run in `seconds`, instead of what was planned before; None: not at all."""
        if self._timer is not None:
            self._timer.close()
            self._timer = None
        if seconds is not None and not self._over:
            self._timer = gevent.get_hub().loop.timer(seconds)
            self._timer.start(self._ring)

    def _heard(self) -> None:
        """The peer is there, or need not be asked."""
        self._silent.put(self)
        if self._silence:
            self._silence = 0
            self._arm(None)

    @property
    def _may_be_silent(self) -> bool:
        """Whether it has bytes to read first, which is `send_timeout`'s business; or we do not listen."""
        return bool(self._unsent) or self._busy or self._readable is None

    def look(self) -> None:
        """See `Watched`: it was silent."""
        if self._may_be_silent:
            self._heard()
        else:
            self._silence = 1
            self._write(encode_frame(PING, b""))
            self._arm(self._ping_timeout)

    def _ring(self) -> None:
        """What the timer does, in the hub: end a close that was not answered, or look after a peer that has not answered."""
        if self.closed:
            self.abort()
        elif self._may_be_silent:
            self._heard()
        elif self._silence == 1:
            # Code that kept the whole process busy has kept us from reading, too, and timers ring before sockets do.
            self._silence = 2
            self._arm(0.0)
        else:
            self.close(TIMEOUT, "no sign of life")


def _set_option(sock: sockets.socket | socket.socket, option: int, value: int) -> None:
    try:
        sock.setsockopt(sockets.IPPROTO_TCP, option, value)
    except OSError:         # the peer has left already, which `receive` will find out
        return


_NOBODY = Nobody()
