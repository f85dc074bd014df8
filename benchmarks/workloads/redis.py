"""Channels through Redis: from one process to another, both patched by gevent.

Beside plain redis-py between the same two processes by the same server, as a MULTI/EXEC of 500 XADD with MAXLEN ~ 100000, and XREAD
COUNT 500 BLOCK. From the first message until the last has arrived; a message is 100 bytes of JSON, all different. What arrived is
compared with what was sent. The bare loop gets its data encoded and does not decode it, while a channel has to; in a second row it
does, too. The CPU time of both processes is beside it: on a machine with less than three free processors, the three share them.
Latency: from `send` (or XADD) until the other process has it, one message at a time, with pauses. Needs redis-server 7 on PATH.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks.bench import Bench
from benchmarks.redis_server import redis_server
from benchmarks.results import Result, compare
from benchmarks.tabs.base import Wrong
from benchmarks.workers import Worker

MESSAGES = 50_000                   # a round
PINGS = 100                         # for the latency, a round
PAUSE = 0.012                       # seconds between two of them, on average


def measure(bench: Bench) -> Iterator[Result]:
    messages, pings, pause = bench.count(MESSAGES), bench.count(PINGS), PAUSE
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
                raise Wrong(f"expected all messages once and in order, and got {received['received']} that are not ({do}, {how})")
            return sent, received

        rates: dict[str, list[float]] = {"channel": [], "bare": [], "json": []}
        cpu: dict[str, list[float]] = {name + how: [] for how in rates for name in ("sender ", "receiver ")}
        for _ in range(bench.rounds):
            for how in rates:
                sent, received = run("many", how, count=messages)
                rates[how].append(messages / (received["ended"] - sent["started"]))
                cpu["sender " + how].append(sent["cpu"] / messages * 1e6)
                cpu["receiver " + how].append(received["cpu"] / messages * 1e6)
        name = "messages through Redis"
        yield compare(name, "1/s", rates["channel"], rates["bare"], versus="bare XADD and XREAD", at_least=0.5)
        yield compare(name, "1/s", rates["channel"], rates["json"], versus="bare, with JSON")
        for end in ("sender", "receiver"):
            yield compare(f"{name}, CPU of the {end}", "µs", cpu[f"{end} channel"], cpu[f"{end} bare"], versus="bare")

        latencies: dict[str, list[list[float]]] = {"channel": [], "bare": []}
        for _ in range(bench.rounds):
            for how, rounds in latencies.items():
                rounds.append(run("few", how, count=pings, pause=pause)[1]["seconds"])
        for percent in (50, 95):
            ours, floor = ([_percentile(round, percent) * 1e6 for round in latencies[how]] for how in ("channel", "bare"))
            yield compare(f"{name}, latency of one, p{percent}", "µs", ours, floor, versus="bare")


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[len(values) * percent // 100]
