"""One connection to Redis, and the loop that keeps one open.

redis-py connects and reads the answers; its own retries are off, since they hide how long somebody waits. Commands are packed
here, and sent in one piece: its pipelines take half of the time of a writer.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from .carrier import Bell

#: Seconds that an answer may take (a paused or swapping server); a reader's block is shorter.
ANSWER_SECONDS = 5.0
CONNECT_SECONDS = 5.0
#: Seconds between two tries to connect: the first pause, and the longest.
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0

#: What streams are called when the URL has no `prefix`.
PREFIX = "lona_sync"
#: Parameters of redis-py that the reading of its answers and the limits of waits rest upon.
OURS = frozenset({
    "protocol", "decode_responses", "encoding", "encoding_errors", "socket_timeout", "retry", "health_check_interval",
})

_logger = logging.getLogger("lona_sync.channels")


def pack(*command: bytes | str | int) -> bytes:
    """A command as it goes over the wire; redis-py takes four times as long."""
    parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
    return b"*%d\r\n" % len(parts) + pack_parts(parts)


def pack_parts(parts: Sequence[bytes]) -> bytes:
    return b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


_MULTI = pack("MULTI")
_EXEC = pack("EXEC")


class Address:
    """A URL of ours: of redis-py, and `prefix`, the name that applications on one server tell their streams apart by."""

    def __init__(self, url: str) -> None:
        """ValueError for a URL that cannot be one; never with the password in it."""
        try:
            parts = urlsplit(url)
            _ = parts.port                               # else looked at by redis-py, whose error would quote it
        except ValueError:
            raise ValueError(
                "the host and port in the URL of Redis cannot be read; expected redis://:password@host:6379/0, with characters "
                "like / ? # [ @ in a password percent-encoded (urllib.parse.quote(password, safe=''))"
            ) from None
        user, at, place = parts.netloc.rpartition("@")
        self.safe = f"{parts.scheme}://{user.partition(':')[0]}{at}{place}{parts.path}"
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.prefix = query.pop("prefix", PREFIX)
        if ours := sorted(query.keys() & OURS):
            raise ValueError(f"{', '.join(ours)} in the URL {self.safe!r}: this is lona_sync's to say; leave it out")
        if self.prefix != PREFIX:
            self.safe += f"?prefix={self.prefix}"
        if not self.prefix:
            raise ValueError(f"prefix= in the URL {self.safe!r} is empty; leave it out, or name the application")
        options: dict[str, Any] = {"protocol": 2, "retry": Retry(NoBackoff(), 0), "socket_timeout": ANSWER_SECONDS}
        if parts.scheme != "unix":
            options |= {"socket_connect_timeout": CONNECT_SECONDS, "socket_keepalive": True}
        # Not by urlunsplit, which makes unix:/path of unix:///path.
        try:
            self._pool = redis.ConnectionPool.from_url(f"{url.partition('?')[0]}?{urlencode(query)}", **options)
            self._connection()
        except (TypeError, ValueError, RedisError) as error:     # has no such parameter, or not this value of it
            raise ValueError(f"a parameter in the URL {self.safe!r} is none of redis-py's connections: {error}") from None

    def session(self) -> Session:
        """A new one, to be opened."""
        return Session(self._connection())

    def _connection(self) -> Any:
        """A new one, not open. Not from the pool, which counts all that it ever made and stops at a hundred."""
        return self._pool.connection_class(**self._pool.connection_kwargs)


class Session:
    """One connection. Every method waits for the server, at most ANSWER_SECONDS; OSError and RedisError end it."""

    def __init__(self, connection: Any) -> None:        # Any: redis-py has no common type for its connections
        self._connection = connection
        self._closed = False

    def open(self) -> None:
        """Waits, for the network at most CONNECT_SECONDS."""
        self._connection.connect()

    def close(self) -> None:
        """From any greenlet or thread: who waits in `open` or in a call gets an error, and who calls later. Also twice."""
        self._closed = True
        self._connection.disconnect()

    def call(self, *command: bytes | str | int) -> Any:
        """The answer to one command, as RESP 2 has it. Raises `ResponseError` for an error."""
        self._send(pack(*command))
        return self._connection.read_response()

    def transaction(self, commands: Sequence[bytes]) -> list[Any]:
        """The answers of all commands (see `pack`), among which may be ResponseErrors; all were carried out at one time.

        Raises `ResponseError` when one was refused beforehand, for want of memory, say: then none was carried out.
        """
        self._send(b"".join([_MULTI, *commands, _EXEC]))
        refused: ResponseError | None = None
        answer: list[Any] = []
        for _ in range(len(commands) + 2):
            try:
                answer = self._connection.read_response()
            except ResponseError as error:               # the first says why; EXEC only that
                refused = refused or error
        if refused is not None:
            raise refused
        return answer

    def _send(self, packed: bytes) -> None:
        if self._closed:                                 # redis-py would connect again, without a word
            raise RedisError("this session was closed")
        self._connection.send_packed_command([packed], check_health=False)

    def time(self) -> float:
        """What the clock of Redis says, in POSIX seconds."""
        return seconds_of(self.call("TIME"))

    def offset(self, clock: Callable[[], float]) -> float:
        """What the clock of Redis is ahead of `clock`, in seconds; wrong by at most half of the quickest of three ways there and
        back.
        """
        tries: list[tuple[float, float]] = []
        for _ in range(3):
            before, started = clock(), time.monotonic()
            there = self.time()
            tries.append((time.monotonic() - started, there - (before + clock()) / 2))
        return min(tries)[1]


def seconds_of(answer: Sequence[bytes]) -> float:
    """The answer to TIME in seconds."""
    return int(answer[0]) + int(answer[1]) / 1e6


class Health:
    """What is told about the server: each outage once, each recovery once. One for a broker's loops."""

    def __init__(self, name: str) -> None:
        self.connects = 0
        self.failures = 0
        self._name = name
        self._told: dict[str, str] = {}

    def failed(self, role: str, error: Exception, again: bool) -> None:
        """`again`: not for the first time in a row. A connection that was cut and is back at once is only counted."""
        self.failures += 1
        kind = type(error).__name__                      # not the text: a connection can be refused or reset, in one outage
        if again:
            news = kind not in self._told.values()
            self._told[role] = kind                      # of each role: it is over when all of them work again
            if news:
                _logger.warning(
                    "%s cannot be used (%s: %s). Channels go on within this process; what is for the others waits. Trying again.",
                    self._name, kind, error,
                )

    def works(self, role: str) -> None:
        if self._told.pop(role, None) is not None and not self._told:
            _logger.warning("%s can be used again", self._name)


class Keeper:
    """Runs `serve(session)` with an open session, and again with a new one whenever it raises, until it is stopped.

    Nothing is connected before `needed()` is true; ring the bell when it may have become so. `serve` calls `works()` when it is
    of use: a server that accepts connections and refuses what they want is out, too.
    """

    def __init__(
        self, role: str, address: Address, serve: Callable[[Session], None], bell: Bell, health: Health,
        needed: Callable[[], bool] = lambda: True,
    ) -> None:
        self.bell = bell
        self.stopping = False
        self.retired = False                             # to be stopped as soon as it is not needed any more
        self._role = role
        self._address = address
        self._serve = serve
        self._needed = needed
        self._health = health
        self._session: Session | None = None
        self._tries = 0

    def run(self) -> None:
        """Until `stop`. Waits."""
        while not self.stopping:
            if not self._needed():
                if self.retired:
                    return
                self.bell.wait(None)
                continue
            try:
                session = self._session = self._address.session()
                session.open()                           # from now on `stop` ends it
                self._health.connects += 1
                self._serve(session)
            except Exception as error:                   # whatever it is, the others must go on hearing of us
                if not self.stopping:
                    if not isinstance(error, (OSError, RedisError)):
                        _logger.exception("error in the %s of channels; it starts anew", self._role)
                    self._health.failed(self._role, error, self._tries > 0)
                    self._pause()
            finally:
                if self._session is not None:
                    self._session.close()
                    self._session = None

    def works(self) -> None:
        self._tries = 0
        self._health.works(self._role)

    def stop(self) -> None:
        """End soon, also while the server is awaited. Never waits."""
        self.stopping = True
        self.bell.ring()
        if (session := self._session) is not None:       # looked at once: the loop, another thread, may set it to None
            session.close()

    def retire(self) -> None:
        """End as soon as it is not needed. Never waits, touches no connection; also for the garbage collector, in any thread."""
        self.retired = True
        self.bell.ring()

    def abandon(self) -> None:
        """In a child process: the connection is the parent's. Rings no bell: one of his threads may have held its lock."""
        self.stopping = True
        if self._session is not None:
            self._session.close()                        # without a word to the server: redis-py looks at the process id

    def _pause(self) -> None:
        # The first time at once: a connection that was cut is mostly to be had again.
        longest = 0.0 if self._tries == 0 else min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._tries)
        self._tries = min(self._tries + 1, 10)
        deadline = time.monotonic() + random.uniform(longest / 2, longest)
        while not self.stopping and (left := deadline - time.monotonic()) > 0:
            self.bell.wait(left)                         # it may ring for other reasons
