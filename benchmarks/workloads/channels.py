"""Channels within a process, without sockets: what a message costs beside the least that it could be.

*Fan-out*: a message to 1,000 subscribers, from `send` until the last handler was called; beside 1,000 queues of gevent, each with a
greenlet that waits for its next item and calls the same handler: 1,000 times `put_nowait`, and one switch of greenlets for each.
Per delivery. The handler counts; it does not look at the data.

*Many topics*: `send` to a topic with one subscription, while 1,000,000 others are subscribed to; beside the same with 10. Two
processes in turn. In the clock: `send` only, not the handler. The garbage collector is on, as in an application, so that what it
makes of a million objects is in the clock; in a second row they are frozen for it (`gc.freeze`). The memory of a subscription is
that of its process, with the topic and the `Channel`.

*Threads*: 8 real ones that send 50,000 each, until the last was handled; beside the same number from one greenlet. What a full
inbox loses is counted, not avoided.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from statistics import median

import gevent
from gevent.event import Event
from gevent.queue import Queue

from benchmarks.bench import Bench
from benchmarks.results import Result, compare
from benchmarks.workers import Worker
from lona_sync.channels import Channel
from lona_sync.channels.hub import Hub

SUBSCRIBERS = 1000
FAN_OUTS = 30                       # a round
TOPICS, TOPICS_OF_BRIEF = 1_000_000, 1000
SENDS = 5000                        # a round
THREADS = 8
FROM_THREAD = 50_000


def measure(bench: Bench) -> Iterator[Result]:
    yield from _fan_out(bench)
    yield from _sends(bench)
    yield from _threads(bench)


class Countdown:
    """A handler that says when it was called so many times."""

    def __init__(self) -> None:
        self._left = 0
        self._done = Event()

    def start(self, count: int) -> None:
        self._left = count
        self._done.clear()

    def __call__(self, _: object) -> None:
        self._left -= 1
        if not self._left:
            self._done.set()

    def wait(self) -> None:
        self._done.wait()


def _fan_out(bench: Bench) -> Iterator[Result]:
    subscribers, times = bench.count(SUBSCRIBERS), bench.count(FAN_OUTS)
    handler, hub = Countdown(), Hub()
    channel, data = Channel("news", hub=hub), {"text": "x" * 89}
    for _ in range(subscribers):
        channel.subscribe(handler)

    queues = [Queue[object]() for _ in range(subscribers)]

    def consume(queue: Queue[object]) -> None:
        while True:
            handler(queue.get())

    def put_into_all() -> None:
        for queue in queues:
            queue.put_nowait(data)

    def measure(send: Callable[[], object]) -> float:
        """Microseconds for each delivery."""
        started = time.perf_counter()
        for _ in range(times):
            handler.start(subscribers)
            send()
            handler.wait()
        return (time.perf_counter() - started) / times / subscribers * 1e6

    consumers = [gevent.spawn(consume, queue) for queue in queues]
    ours, floor = [], []
    for _ in range(bench.rounds):
        ours.append(measure(lambda: channel.send(data)))
        floor.append(measure(put_into_all))
    gevent.killall(consumers)
    name = f"channel → {subscribers:,} handlers, one delivery"
    yield compare(name, "µs", ours, floor, versus="put_nowait and a switch")


def _sends(bench: Bench) -> Iterator[Result]:
    topics, count = TOPICS_OF_BRIEF if bench.brief else TOPICS, bench.count(SENDS)
    with Worker("topics", str(topics)) as many, Worker("topics", "10") as few:
        memory = [worker.answer()["bytes"] for worker in (many, few)]

        def measure(worker: Worker, freeze: bool) -> float:
            """Microseconds for each send."""
            worker.order("send", count=count, freeze=freeze)
            return float(worker.answer()["seconds"]) / count * 1e6

        for freeze in (False, True):
            ours, floor = [], []
            for _ in range(3 * bench.rounds):
                ours.append(measure(many, freeze))
                floor.append(measure(few, freeze))
            how = "frozen" if freeze else "in sight of the collector"
            yield compare(
                f"channel, {topics:,} other topics, send, {how}", "µs", ours, floor, versus="10 topics", at_most=1.2,
            )
        yield Result("   memory of a subscription, with its topic and Channel", "bytes", memory[0])


def _threads(bench: Bench) -> Iterator[Result]:
    """This process is not patched: its threads are real."""
    count = bench.count(FROM_THREAD)

    def measure(senders: int, count: int) -> tuple[float, int]:
        """Messages a second of those that arrived, and how many were lost."""
        handled = 0

        def handle(_: object) -> None:
            nonlocal handled
            handled += 1

        def send(channel: Channel) -> None:
            for number in range(count):
                channel.send({"number": number})

        hub = Hub()
        channels = [Channel(f"thread.{number}", hub=hub) for number in range(senders)]
        subscriptions = [channel.subscribe(handle, queue_size=senders * count) for channel in channels]
        workers = [threading.Thread(target=send, args=[channel]) for channel in channels]
        started = time.perf_counter()
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers) or hub.stats().inbox or any(one.queued for one in subscriptions):
            gevent.sleep(0.001)
        seconds = time.perf_counter() - started
        return handled / seconds, senders * count - handled

    def measure_greenlet(count: int) -> float:
        handler, hub = Countdown(), Hub()
        channel = Channel("greenlet", hub=hub)
        channel.subscribe(handler, queue_size=count)
        handler.start(count)
        started = time.perf_counter()
        for number in range(count):
            channel.send({"number": number})
            if number % 100 == 99:                           # a subscription handles so many before others get their turn
                gevent.sleep(0)
        handler.wait()
        return count / (time.perf_counter() - started)

    ours, floor, lost = [], [], []
    for _ in range(bench.rounds):
        rate, missing = measure(THREADS, count)
        ours.append(rate)
        lost.append(float(missing))
        floor.append(measure_greenlet(count))
    yield compare(f"channel, messages from {THREADS} threads", "1/s", ours, floor, versus="one greenlet")
    yield Result(f"   of {THREADS * count:,} lost, since the inbox was full", "messages", median(lost[1:]))
