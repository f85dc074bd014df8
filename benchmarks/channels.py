"""What do channels cost, beside the least that it could be? `python -m benchmarks.channels [--quick] [--json PATH]`

1. Fan-out: a message to 1000 subscribers in this process, from `send` until the last handler was called; beside 1000
   queues of gevent, each with a greenlet that waits for its next item and calls the same handler: 1000 times `put_nowait`,
   and one switch of greenlets for each. Per delivery. The handler counts; it does not look at the data.
2. `send` to a topic with one subscription, while 1,000,000 others are subscribed to; beside the same with 10. Two processes
   in turn. In the clock: `send` only, not the handler. The garbage collector is on, as in an application, so that what it
   makes of a million objects is in the clock; in a second row they are frozen for it (`gc.freeze`). The memory of a
   subscription is that of its process, with the topic and the `Channel`.
3. Through Redis: from one process to another, both patched by gevent; beside plain redis-py between the same two processes
   by the same server, as a MULTI/EXEC of 500 XADD with MAXLEN ~ 100000, and XREAD COUNT 500 BLOCK. From the first message
   until the last has arrived; a message is 100 bytes of JSON, all different. What arrived is compared with what was sent.
   The bare loop gets its data encoded and does not decode it, while a channel has to; in a second row it does, too. The CPU
   time of both processes is beside it: on a machine with less than three free processors, the three share them.
   Latency: from `send` (or XADD) until the other process has it, one message at a time, with pauses.
4. 8 real threads that send 50,000 each, until the last was handled; beside the same number from one greenlet. What a full
   inbox loses is counted, not avoided.

How rounds become figures stands in `results.py`. About two minutes; `--quick` does a little of everything, and its figures mean
nothing. Needs redis-server 7 on PATH.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import gevent
import redis
from gevent.event import Event
from gevent.queue import Queue

from benchmarks.results import Result, compare, head, row
from lona_sync.channels import Channel
from lona_sync.channels.hub import Hub

ROOT = Path(__file__).parents[1]
THREADS = 8


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int = 7
    subscribers: int = 1000
    fan_outs: int = 30              # a round
    topics: int = 1_000_000
    sends: int = 5000               # a round
    messages: int = 50_000          # through Redis, a round
    pings: int = 100                # for the latency, a round
    pause: float = 0.012            # between two of them, on average
    from_thread: int = 50_000


QUICK = Size(rounds=2, fan_outs=3, topics=10_000, sends=500, messages=2000, pings=10, from_thread=2000)


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


def fan_out(size: Size) -> Iterator[Result]:
    handler, hub = Countdown(), Hub()
    channel, data = Channel("news", hub=hub), {"text": "x" * 89}
    for _ in range(size.subscribers):
        channel.subscribe(handler)

    queues = [Queue[object]() for _ in range(size.subscribers)]

    def consume(queue: Queue[object]) -> None:
        while True:
            handler(queue.get())

    def put_into_all() -> None:
        for queue in queues:
            queue.put_nowait(data)

    def measure(send: Callable[[], object]) -> float:
        """Microseconds for each delivery."""
        started = time.perf_counter()
        for _ in range(size.fan_outs):
            handler.start(size.subscribers)
            send()
            handler.wait()
        return (time.perf_counter() - started) / size.fan_outs / size.subscribers * 1e6

    consumers = [gevent.spawn(consume, queue) for queue in queues]
    ours, floor = [], []
    for _ in range(size.rounds + 1):
        ours.append(measure(lambda: channel.send(data)))
        floor.append(measure(put_into_all))
    gevent.killall(consumers)
    name = f"1. to {size.subscribers} subscribers, each / put_nowait and a greenlet switch"
    yield compare(name, "µs", ours, floor)


class Worker:
    """A process of `benchmarks.channel_processes`."""

    def __init__(self, role: str, argument: str) -> None:
        command = ["-m", "gevent.monkey", "--module", "benchmarks.channel_processes", role, argument]
        self._process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self._role = role

    def order(self, do: str, **arguments: object) -> None:
        assert self._process.stdin is not None
        print(json.dumps({"do": do, **arguments}), file=self._process.stdin, flush=True)

    def answer(self) -> dict[str, Any]:
        """The next one; SystemExit when it has failed: its traceback stands above."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"the process {self._role!r} has ended with {self._process.wait()}, and should have answered")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def sends(size: Size) -> Iterator[Result]:
    with Worker("topics", str(size.topics)) as many, Worker("topics", "10") as few:
        memory = [worker.answer()["bytes"] for worker in (many, few)]

        def measure(worker: Worker, freeze: bool) -> float:
            """Microseconds for each send."""
            worker.order("send", count=size.sends, freeze=freeze)
            return float(worker.answer()["seconds"]) / size.sends * 1e6

        for freeze in (False, True):
            ours, floor = [], []
            for _ in range(3 * size.rounds + 1):
                ours.append(measure(many, freeze))
                floor.append(measure(few, freeze))
            how = "frozen" if freeze else "in sight of the collector"
            yield compare(f"2. send, {size.topics:,} other topics / 10, {how}", "µs", ours, floor, at_most=1.2)
        yield Result("   memory of a subscription, with its topic and Channel", "bytes", memory[0])


@contextmanager
def redis_server() -> Iterator[str]:
    """Starts one without persistence; its URL."""
    program = shutil.which("redis-server")
    if program is None:
        sys.exit("expected a program redis-server on PATH, and there is none; on Debian: apt-get install redis-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "", "--loglevel", "warning"]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _await_server(port, process)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


def _await_server(port: int, process: subprocess.Popen[bytes]) -> None:
    with redis.Redis("127.0.0.1", port) as client:
        while process.poll() is None:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.02)
    sys.exit(f"redis-server has ended with {process.returncode}; is it version 7?")


def through_redis(size: Size) -> Iterator[Result]:
    with ExitStack() as stack:
        url = stack.enter_context(redis_server())
        sender, receiver = (stack.enter_context(Worker(role, url)) for role in ("sender", "receiver"))
        for worker in (sender, receiver):
            worker.answer()

        def run(do: str, how: str, **order: object) -> tuple[dict[str, Any], dict[str, Any]]:
            receiver.order(do, how=how, **order)
            receiver.answer()
            sender.order(do, how=how, **order)
            received, sent = receiver.answer(), sender.answer()
            if not received["right"]:
                sys.exit(f"expected all messages once and in order, and got {received['received']} that are not ({do}, {how})")
            return sent, received

        rates: dict[str, list[float]] = {"channel": [], "bare": [], "json": []}
        cpu: dict[str, list[float]] = {name + how: [] for how in rates for name in ("sender ", "receiver ")}
        for _ in range(size.rounds + 1):
            for how in rates:
                sent, received = run("many", how, count=size.messages)
                rates[how].append(size.messages / (received["ended"] - sent["started"]))
                cpu["sender " + how].append(sent["cpu"] / size.messages * 1e6)
                cpu["receiver " + how].append(received["cpu"] / size.messages * 1e6)
        name = "3. messages through Redis / bare XADD and XREAD"
        yield compare(name, "per second", rates["channel"], rates["bare"], at_least=0.5)
        yield compare("   the same / bare, with json.dumps and json.loads", "per second", rates["channel"], rates["json"])
        for end in ("sender", "receiver"):
            yield compare(f"   CPU time of the {end} for a message / bare", "µs", cpu[f"{end} channel"], cpu[f"{end} bare"])

        latencies: dict[str, list[list[float]]] = {"channel": [], "bare": []}
        for _ in range(size.rounds + 1):
            for how, rounds in latencies.items():
                rounds.append(run("few", how, count=size.pings, pause=size.pause)[1]["seconds"])
        for percent in (50, 95):
            ours, floor = ([_percentile(round, percent) * 1e6 for round in latencies[how]] for how in ("channel", "bare"))
            yield compare(f"   latency of a single message, p{percent} / bare", "µs", ours, floor)


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[len(values) * percent // 100]


def threads(size: Size) -> Iterator[Result]:
    """This process is not patched: its threads are real."""

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
    for _ in range(min(size.rounds, 5) + 1):
        rate, missing = measure(THREADS, size.from_thread)
        ours.append(rate)
        lost.append(float(missing))
        floor.append(measure_greenlet(size.from_thread))
    yield compare(f"4. messages from {THREADS} threads / from one greenlet", "per second", ours, floor)
    yield Result(f"   of {THREADS * size.from_thread:,} lost, since the inbox was full", "messages", median(lost[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.channels", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a little of everything, to see whether it works")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there, too")
    parser.add_argument("--only", type=int, choices=(1, 2, 3, 4), help="one part")
    arguments = parser.parse_args()
    if shutil.which("redis-server") is None and arguments.only in (None, 3):
        sys.exit("expected a program redis-server on PATH, and there is none; on Debian: apt-get install redis-server")

    size = QUICK if arguments.quick else Size()
    parts = (fan_out, sends, through_redis, threads)
    results = []
    print(head(), flush=True)
    for number, part in enumerate(parts, 1):
        if arguments.only in (None, number):
            for result in part(size):
                results.append(result)
                print(row(result), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
