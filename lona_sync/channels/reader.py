"""Hands in what the other processes publish, from wherever this one stopped reading.

    XREAD BLOCK        while all is known to be in order
    check              a MULTI/EXEC of XINFO STREAM and XREAD: after each connect, when as much came as was asked for (so that
                       something may have been cut off meanwhile), when a writer appears whose beginning was not seen, and every
                       CHECK_SECONDS

Whatever is found to be missing is told to the receiver before anything that comes after it.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from redis.exceptions import RedisError, ResponseError

from .broker import Receiver
from .carrier import Bell, Carrier
from .cursor import Bounds, Cursor, Info, Origins, id_of, text_of
from .entry import Malformed, entry_of
from .losses import Loss
from .session import Address, Health, Keeper, Session, pack, seconds_of

#: A blocked XREAD is asked again after so long; it must be less than a session's ANSWER_SECONDS.
BLOCK_SECONDS = 2.0
CHECK_SECONDS = 10.0
#: After an answer, so that a stream of single messages is not a stream of single wake-ups: without it one costs the server
#: 21 µs for each process, with it 1 µs. What comes after a silence is not delayed.
PAUSE_SECONDS = 0.005
#: Entries in one answer; the number adapts to their size.
FIRST_ENTRIES = 10
MOST_ENTRIES = 1000
ANSWER_BYTES = 4 * 1024 * 1024
#: After so long, and so many entries at least, the rest of the process gets its turn.
TURN_SECONDS = 0.01
TURN_ENTRIES = 10

#: Between two lines in the log of one kind: who cannot keep up has many gaps, and who writes nonsense much of it.
LOG_SECONDS = 10.0

#: What is counted: entries handed in; those of our own writer; retries of what had arrived; what nobody can read; errors of
#: ours; holes.
COUNTERS = ("received", "own", "repeated", "malformed", "errors", "gaps")

_TIME = pack("TIME")

_logger = logging.getLogger("lona_sync.channels")

#: As Redis answers: [[id, [field, value, …]], …]
_Entries: TypeAlias = Sequence[tuple[bytes, Sequence[bytes]]]


class _Unchecked(Exception):
    """An entry that only a check can tell to be in order."""


class Reader:
    """`run` is for a loop of its own; the rest may be called from any thread and never waits."""

    def __init__(
        self, *, address: Address, stream: bytes, receiver: Receiver, origin: str, bounds: Bounds, max_bytes: int,
        clock: Callable[[], float], carrier: Carrier, bell: Bell, health: Health,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._stream = stream
        self._xinfo = pack("XINFO", "STREAM", stream)
        self._receiver = receiver
        self._own = f"{origin} ".encode()            # what the field `sent` of our own entries begins with
        self._bounds = bounds
        self._max_bytes = max_bytes
        self._clock = clock
        self._carrier = carrier
        self._since: float | None = None             # when somebody began to listen (monotonic); None: nobody does
        self._run_id = b""
        self._cursor: Cursor | None = None           # None: nothing is read
        self._origins = Origins()
        self._in_order = False                       # nothing can have been cut off behind the cursor
        self._gap_is_told = False
        self._log_at: dict[str, float] = {}
        self._count = 1                              # entries to ask for
        self._slow_start()
        self._offset = 0.0
        self._keeper = Keeper("reader", address, self._serve, bell, health, self._is_needed)

    @property
    def origins(self) -> int:
        """How many writers are known."""
        return len(self._origins)

    def run(self) -> None:
        self._keeper.run()

    def listen(self, since: float) -> None:
        """Hand in what was published since that time (monotonic)."""
        self._since = since
        self._keeper.bell.ring()

    def unlisten(self) -> None:
        """Hand in nothing."""
        self._since = None

    def stop(self) -> None:
        self._keeper.stop()

    def retire(self) -> None:
        """End within BLOCK_SECONDS."""
        self._since = None
        self._keeper.retire()

    def abandon(self) -> None:
        """In a child process."""
        self._keeper.abandon()

    def _is_needed(self) -> bool:
        if self._since is None:
            self._cursor = None                      # whoever listens later begins later
        return self._since is not None

    def _serve(self, session: Session) -> None:
        self._greet(session)
        check_at = 0.0
        awake = time.monotonic()
        while not self._keeper.stopping:
            since, now = self._since, time.monotonic()
            if not self._is_needed() or since is None:
                self._keeper.works()
                if self._keeper.retired:
                    return
                self._keeper.bell.wait(None)
                continue
            if now - awake > 2 * BLOCK_SECONDS:          # the process was suspended: who knows how much and how large
                self._slow_start()
            awake = now
            if now >= check_at:
                check_at = now + CHECK_SECONDS
                self._offset = session.offset(self._clock)
                self._in_order = False
            if self._cursor is None:
                self._cursor = self._begin(session, since)
            found = self._read(session, self._cursor) if self._in_order else self._check(session, self._cursor)
            self._keeper.works()                         # not before: the server may refuse this, and nothing else
            if found and self._in_order:
                self._carrier.pause(PAUSE_SECONDS)

    def _greet(self, session: Session) -> None:
        """Find out whether this is still the same server, and the same run of it."""
        facts = dict(line.split(b":", 1) for line in session.call("INFO", "server").splitlines() if b":" in line)
        version = facts.get(b"redis_version", b"0").decode()
        if int(version.partition(".")[0]) < 7:
            raise RedisError(f"channels need Redis 7 or later, or Valkey, and this is Redis {version}")
        if self._run_id not in (b"", facts[b"run_id"]):
            # What the last run had acknowledged, and not yet written to its disk or to this replica, is gone. No loss to
            # somebody who began to listen after it.
            listening = time.monotonic() - self._since if self._since is not None else 0.0
            if self._cursor is not None or listening >= int(facts[b"uptime_in_seconds"]):
                self._gap("restarted")
        self._run_id = facts[b"run_id"]
        self._in_order = False
        self._slow_start()

    def _begin(self, session: Session, since: float) -> Cursor:
        """The place in the stream where it was at that time."""
        self._origins = Origins()
        self._in_order = False
        info_of, time_of = session.transaction([self._xinfo, _TIME])     # in this order: nothing is younger than the time
        elapsed = time.monotonic() - since           # after the answer: a little too early is right, too late is not
        there, info = seconds_of(time_of), self._info(info_of)
        if Cursor.is_ahead(info, int(there * 1000)):
            self._gap("clock")                       # what came between that time and now cannot be told from the rest
        return Cursor.since(int((there - elapsed) * 1000) - 1, int(there * 1000), info)

    def _check(self, session: Session, cursor: Cursor) -> int:
        """Read on, and find out whether anything was cut off before it was read. How many entries there were."""
        time_of, info_of, answer = session.transaction([_TIME, self._xinfo, pack(*self._xread(cursor))])
        info = self._info(info_of)
        reason = cursor.inspect(info, int(seconds_of(time_of) * 1000), self._bounds)
        if reason is not None:
            self._gap(reason)
        if reason == "replaced":                     # the answer is of another place than the cursor's
            return 0
        entries = self._entries(answer)
        full = len(entries) >= self._count
        if not full and (reason := cursor.adds_up(info, len(entries))) is not None:
            self._gap(reason)
        if not self._take(entries, cursor, checked=True):
            return 0
        if full:
            self._adapt(entries)
        else:
            cursor.caught_up(info)
            self._gap_is_told = False                # whatever is found from now on is another gap
        self._in_order = not full
        return len(entries)

    def _read(self, session: Session, cursor: Cursor) -> int:
        """Wait for what comes next. How many entries there were."""
        entries = self._entries(session.call(*self._xread(cursor, int(BLOCK_SECONDS * 1000))))
        if len(entries) >= self._count:
            # There may be so much more that its beginning was cut off: check, and read it again.
            self._in_order = False
            return 0
        self._take(entries, cursor, checked=False)
        return len(entries)

    def _xread(self, cursor: Cursor, block: int | None = None) -> list[bytes | str | int]:
        blocking = () if block is None else ("BLOCK", block)
        return ["XREAD", "COUNT", self._count, *blocking, "STREAMS", self._stream, text_of(cursor.id)]

    def _take(self, entries: _Entries, cursor: Cursor, *, checked: bool) -> bool:
        """False: it was not all handed in, since nobody listens any more, or something is to be checked before."""
        deadline = time.monotonic() + TURN_SECONDS
        for start in range(0, len(entries), TURN_ENTRIES):
            turn = entries[start:start + TURN_ENTRIES]
            if time.monotonic() >= deadline:
                self._carrier.pause(0)
                deadline = time.monotonic() + TURN_SECONDS
            if self._keeper.stopping or self._since is None:
                self._in_order = False
                return False
            for place, (id, fields) in enumerate(turn):
                try:
                    self._hand_in(id, fields, checked)
                except _Unchecked:
                    if place:
                        cursor.advance(id_of(turn[place - 1][0]), place)
                    self._in_order = False
                    return False
                except Exception:                    # one entry must not keep all that follow it from us for ever
                    self.counters["errors"] += 1
                    _logger.exception("entry %s of %s could not be handed in", id.decode(), self._stream.decode())
                    self._gap("error")
            cursor.advance(id_of(turn[-1][0]), len(turn))
        return True

    def _hand_in(self, id: bytes, fields: Sequence[bytes], checked: bool) -> None:
        # As our own writer lays it out. Looked at before the entry is read: a process that sends much hears most of it again.
        if fields[-2] == b"sent" and fields[-1].startswith(self._own):
            self._gap_is_told = False
            self.counters["own"] += 1
            return
        pairs = iter(fields)
        try:
            entry = entry_of(
                id, dict(zip(pairs, pairs, strict=True)), offset=self._offset, clock=self._clock, max_bytes=self._max_bytes,
            )
        except Malformed as error:
            self.counters["malformed"] += 1
            self._log(
                "malformed", "entry %s of %s is no message: %s; so far: %d",
                id.decode(), self._stream.decode(), error, self.counters["malformed"],
            )
            return
        if not checked and entry.number > 1 and entry.origin not in self._origins:
            raise _Unchecked                         # it may have begun before us, or what it began with is lost
        self._gap_is_told = False
        if self._own.startswith(f"{entry.origin} ".encode()):
            self.counters["own"] += 1                # news of a loss
            return
        if entry.origin:
            verdict = self._origins.see(entry.origin, entry.number)
            if verdict == "repeated":
                self.counters["repeated"] += 1
                return
            if verdict == "jump":
                self._gap("jump")
        self.counters["received"] += 1
        if isinstance(entry.content, Loss):
            self._receiver.lost(entry.content.topic, entry.content.count)
        else:
            self._receiver.deliver(entry.content)

    def _gap(self, reason: str) -> None:
        self._origins.forgive()
        if self._gap_is_told:                        # and nothing has come since: it is the same gap, seen from another side
            return
        self._gap_is_told = True
        self.counters["gaps"] += 1
        self._log("gap", "messages of other processes were lost (%s); gaps so far: %d", reason, self.counters["gaps"])
        self._receiver.gap(reason)

    def _log(self, kind: str, text: str, *args: object) -> None:
        """One line of each kind in LOG_SECONDS; the text says how many there were."""
        now = time.monotonic()
        if now >= self._log_at.get(kind, 0.0):
            self._log_at[kind] = now + LOG_SECONDS
            _logger.warning(text, *args)

    def _slow_start(self) -> None:
        """Ask for few entries: nobody knows how large they are."""
        self._count = min(FIRST_ENTRIES, self._bounds.length)

    def _adapt(self, entries: _Entries) -> None:
        """Ask for as many entries as make an answer of ANSWER_BYTES, judging by this one; for four times as many at most."""
        size = sum(sum(map(len, fields)) for _, fields in entries) + 100 * len(entries)
        # More than the stream keeps could hide that something was cut off.
        most = min(MOST_ENTRIES, self._bounds.length, 4 * self._count)
        self._count = max(1, min(most, ANSWER_BYTES * len(entries) // size))

    def _entries(self, answer: Any) -> _Entries:
        """Of an answer to XREAD: [[stream, entries]], or None."""
        if isinstance(answer, ResponseError):
            raise answer
        entries: _Entries = answer[0][1] if answer else ()
        return entries

    def _info(self, answer: Any) -> Info:
        if isinstance(answer, ResponseError):
            if "no such key" in str(answer):
                return Info()
            raise answer
        pairs = iter(answer)
        facts = dict(zip(pairs, pairs, strict=True))
        first = facts[b"first-entry"]
        return Info(
            added=facts[b"entries-added"],
            length=facts[b"length"],
            first=id_of(first[0]) if first else (0, 0),
            last=id_of(facts[b"last-generated-id"]),
        )
