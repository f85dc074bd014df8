"""Processes that send through channels, or do the least that this could be, under `python -m gevent.monkey`, so all is patched.

    python -m gevent.monkey --module benchmarks.programs.channels topics NUMBER
    python -m gevent.monkey --module benchmarks.programs.channels sender|receiver REDIS-URL

Orders come in and answers go out as lines of JSON. The process first says `{"ready": true}`, and so does a receiver that
has an order, when nothing can be missed any more.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import gevent
import redis
from gevent.event import Event
from gevent.fileobject import FileObject

from lona_sync.channels import Channel, Message
from lona_sync.channels.brokers import broker_from_url
from lona_sync.channels.hub import Hub

#: What one pipeline writes, and one XREAD asks for.
BATCH = 500
#: As many entries stay in both streams.
MAXLEN = 100_000
#: Messages that may wait for the handler: all of a round. It has to get them all, and reading is faster than handling.
QUEUE = 60_000
BARE = b"benchmark:bare"
TEXT = "x" * 72
#: An answer that does not come within so many seconds never will.
PATIENCE = 60


def payload(number: int) -> dict[str, Any]:
    """100 bytes of JSON for numbers below 9 million."""
    return {"number": 1_000_000 + number, "text": TEXT}


def number_of(data: dict[str, Any]) -> int:
    return int(data["number"]) - 1_000_000


def encode(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode("ascii")


def answer(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


class Topics:
    """Many topics with a subscription each, and one that messages are sent to."""

    def __init__(self, number: int) -> None:
        hub = Hub()
        gc.collect()
        before = _resident_bytes()
        self._others = [Channel(f"room.{index}", hub=hub).subscribe(_ignore) for index in range(number)]
        gc.collect()
        self.facts = {"bytes": (_resident_bytes() - before) / number}
        self._channel = Channel("the one", hub=hub)
        self._subscription = self._channel.subscribe(_ignore)

    def send(self, count: int, freeze: bool) -> None:
        """`freeze`: the garbage collector does not look at what was there before."""
        data = payload(1)
        if freeze:
            gc.freeze()
        started = time.perf_counter()
        for _ in range(count):
            self._channel.send(data)
        seconds = time.perf_counter() - started
        if freeze:
            gc.unfreeze()
        while self._subscription.queued:
            gevent.sleep(0)
        answer(seconds=seconds)


class Sender:
    """Sends through a channel, or writes to Redis as plainly as can be."""

    facts: Mapping[str, float] = {}

    def __init__(self, url: str) -> None:
        self._hub = Hub()
        self._broker = broker_from_url(url)
        self._hub.use(self._broker)
        self._channel = Channel("prices", hub=self._hub)
        self._redis = redis.Redis.from_url(url, protocol=2)

    def many(self, how: str, count: int) -> None:
        """As fast as it goes; `bare`: of data that is encoded before."""
        encoded = [encode(payload(number)) for number in range(count)] if how == "bare" else []
        cpu, started = time.process_time(), time.monotonic()
        if how == "channel":
            self._send(count)
        else:
            self._write(iter(encoded) if encoded else (encode(payload(number)) for number in range(count)))
        answer(started=started, cpu=time.process_time() - cpu)

    def few(self, how: str, count: int, pause: float) -> None:
        """One at a time; each says when it was sent."""
        for number in range(count):
            gevent.sleep(pause * (0.5 + number % 7 / 7))     # not in step with whatever goes round
            data = {**payload(number), "sent": time.monotonic()}
            if how == "channel":
                self._channel.send(data)
            else:
                self._redis.xadd(BARE, {"data": encode(data)}, maxlen=MAXLEN, approximate=True)
        answer(cpu=0)

    def _send(self, count: int) -> None:
        for start in range(0, count, BATCH):
            for number in range(start, min(start + BATCH, count)):
                self._channel.send(payload(number))
            gevent.sleep(0)                                  # as a program that does something else, too
        if unsent := self._broker.flush(PATIENCE):
            raise RuntimeError(f"{unsent} messages were not sent within {PATIENCE} s")

    def _write(self, encoded: Iterator[bytes]) -> None:
        while batch := list(islice(encoded, BATCH)):
            pipeline = self._redis.pipeline(transaction=True)
            for data in batch:
                pipeline.xadd(BARE, {"data": data}, maxlen=MAXLEN, approximate=True)
            pipeline.execute()


class Receiver:
    """The other end of a `Sender`."""

    facts: Mapping[str, float] = {}

    def __init__(self, url: str) -> None:
        self._hub = Hub()
        self._hub.use(broker_from_url(url))
        self._handle: Callable[[Message], object] = _ignore
        self._subscription = Channel("prices", hub=self._hub).subscribe(
            lambda message: self._handle(message), queue_size=QUEUE,
        )
        self._redis = redis.Redis.from_url(url, protocol=2)

    def many(self, how: str, count: int) -> None:
        got: list[Any] = []
        cpu = time.process_time()
        if how == "channel":
            self._listen(count, lambda message: got.append(message.data))
        elif how == "bare":
            self._read(count, got.append)
        else:
            self._read(count, lambda data: got.append(json.loads(data)))
        ended, cpu = time.monotonic(), time.process_time() - cpu
        numbers = [number_of(json.loads(data) if isinstance(data, bytes) else data) for data in got]
        answer(ended=ended, cpu=cpu, right=numbers == list(range(count)), received=len(numbers))

    def few(self, how: str, count: int, pause: float) -> None:
        got: list[tuple[float, Any]] = []
        if how == "channel":
            self._listen(count, lambda message: got.append((time.monotonic(), message.data)))
        else:
            self._read(count, lambda data: got.append((time.monotonic(), json.loads(data))))
        numbers = [number_of(data) for _, data in got]
        answer(
            seconds=[at - data["sent"] for at, data in got], right=numbers == list(range(count)), received=len(numbers),
        )

    def _listen(self, count: int, take: Callable[[Message], object]) -> None:
        """Until so many messages have come and were handled; RuntimeError when some are missing."""
        done = Event()
        received = missed = 0

        def handle(message: Message) -> None:
            nonlocal received, missed
            take(message)
            received += 1
            missed += message.missed != 0
            if received == count:
                done.set()

        self._handle = handle
        answer(ready=True)
        if not done.wait(PATIENCE) or missed:
            raise RuntimeError(
                f"expected {count} messages, got {received}, {missed} of them after a hole; "
                f"{self._subscription.dropped} were dropped, the broker says {self._hub.stats().broker}"
            )

    def _read(self, count: int, take: Callable[[bytes], object]) -> None:
        newest: Any = self._redis.xrevrange(BARE, count=1)   # Any: redis-py's types name all answers to all protocols
        last = newest[0][0] if newest else b"0"
        answer(ready=True)
        received = 0
        while received < count:
            found: Any = self._redis.xread({BARE.decode(): last}, count=BATCH, block=PATIENCE * 1000)
            entries = found[0][1]
            for _, fields in entries:
                take(fields[b"data"])
            received += len(entries)
            last = entries[-1][0]


def _ignore(message: Message) -> None:
    pass


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    role, argument = sys.argv[1:]
    worker: Any
    if role == "topics":
        worker = Topics(int(argument))
    else:
        worker = {"sender": Sender, "receiver": Receiver}[role](argument)
    answer(ready=True, **worker.facts)
    for line in FileObject(sys.stdin.fileno(), "rb", close=False):
        order = json.loads(line)
        getattr(worker, order.pop("do"))(**order)
    os._exit(0)                                              # at once: what a million subscriptions need to end is not of interest


if __name__ == "__main__":
    main()
