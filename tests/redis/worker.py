"""A process of an application, which does what a test tells it: see `workers.py`, which starts it.

    python -m tests.redis.worker NAME PORT URL OPTIONS

It connects to PORT of this machine and says its name; then each line is a command, `["verb", argument, …]`, and is
answered by `{"result": …}` or `{"error": …}`. Channels go by the broker at URL; OPTIONS (JSON) are its named arguments.
"""

from __future__ import annotations

import itertools
import json
import logging
import multiprocessing
import sys
import traceback
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import gevent
from gevent import socket
from gevent.pool import Group

from lona_sync.channels import Channel, Subscription
from lona_sync.channels.brokers import broker_from_url
from lona_sync.channels.hub import default_hub
from tests.redis.ledger import Ledger

#: More than any test sends: what is missed was lost on the way, not here.
QUEUE_SIZE = 10_000_000
#: A sender without pace lets others have a turn after so many messages, as a view does that handles events.
BURST = 100


class Worker:
    """Its methods are the commands."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ledgers: dict[str, Ledger] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._numbers: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)
        self._senders: Group = Group()

    def subscribe(self, topic: str) -> None:
        self._ledgers[topic] = Ledger(topic)
        self._subscriptions[topic] = Channel(topic).subscribe(self._ledgers[topic].add, queue_size=QUEUE_SIZE)

    def unsubscribe(self, topic: str) -> None:
        self._subscriptions.pop(topic).unsubscribe()

    def send(self, topic: str, count: int, pace: float, droppable: bool, expiry: float | None) -> None:
        self._senders.spawn(self._send, topic, count, pace, droppable, expiry)

    def await_sent(self) -> None:
        self._senders.join(raise_error=True)

    def report(self) -> list[dict[str, Any]]:
        return [ledger.encode() for ledger in self._ledgers.values()]

    def stats(self) -> dict[str, Any]:
        return default_hub.stats()._asdict()

    def flush(self, timeout: float) -> int:
        return default_hub.broker.flush(timeout)

    def quit(self, timeout: float) -> None:
        default_hub.broker.stop(timeout)

    def fork(self, name: str, port: int) -> None:
        """A child of this process, which obeys like this one. It ends with its commands, or with this process."""
        multiprocessing.get_context("fork").Process(target=self._serve_child, args=(name, port), daemon=True).start()

    def _serve_child(self, name: str, port: int) -> None:
        gevent.reinit()                                # its threads are gone, and only a patched `os.fork` tells gevent
        self._senders.kill()                           # but these live on here, too
        serve(name, port)

    def _send(self, topic: str, count: int, pace: float, droppable: bool, expiry: float | None) -> None:
        channel, numbers = Channel(topic), self._numbers[topic]
        lifetime = None if expiry is None else timedelta(seconds=expiry)
        for sent in range(1, count + 1):
            channel.send({"from": self._name, "n": next(numbers)}, lifetime, droppable=droppable)
            if pace or sent % BURST == 0:
                gevent.sleep(pace)


def main(name: str, port: str, url: str, options: str) -> None:
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {name} %(name)s %(message)s")
    default_hub.start()
    default_hub.use(broker_from_url(url, **json.loads(options)))
    serve(name, int(port))


def serve(name: str, port: int) -> None:
    """Do what comes from that port, until it is closed."""
    worker = Worker(name)
    with socket.create_connection(("127.0.0.1", port)) as control, control.makefile("rw") as lines:
        lines.write(f"{name}\n")
        lines.flush()
        for line in lines:
            verb, *arguments = json.loads(line)
            try:
                answer = {"result": getattr(worker, verb)(*arguments)}
            except Exception:
                answer = {"error": traceback.format_exc()}
            lines.write(f"{json.dumps(answer)}\n")
            lines.flush()
            if verb == "quit":
                return


if __name__ == "__main__":
    main(*sys.argv[1:])
