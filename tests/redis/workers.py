"""Several real processes of one application, which a test lets send and listen.

    with workers(tmp_path, redis_server.url, "a", "b") as (a, b):
        b.subscribe("news")
        a.send("news", 1000)
        [ledger] = await_last([b], "news", sent := all_sent([a], "news"))
        assert_complete(ledger, sent)
"""

from __future__ import annotations

import fnmatch
import json
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from gevent import socket

from tests.cluster.processes import PATIENCE, Process, process, wait_until
from tests.redis.ledger import Ledger

#: With the standard library patched, as `lona-sync run` and gunicorn's gevent worker do it, and as a plain script is.
PATCHED = ("-m", "gevent.monkey", "--module", "tests.redis.worker")
UNPATCHED = ("-m", "tests.redis.worker")


class Worker:
    """One process. Its methods wait for its answer; AssertionError when it has none, or an error.

    `process` is for signals and for `kill`. `sent`: how many messages it was told to send, by topic.
    """

    def __init__(self, control: socket.socket, processes: Mapping[str, Process], listener: socket.socket) -> None:
        """`control`: what it has connected by, to `listener`; one of `processes`, by the name that it says, is its."""
        self.sent: Counter[str] = Counter()
        self._listener = listener
        control.settimeout(2 * PATIENCE)
        self._lines = control.makefile("rw")
        control.close()                                # it stays open until `_lines` is closed
        self.name = self._lines.readline().strip()
        self.process = processes[self.name]

    def subscribe(self, topic: str) -> None:
        """Begin a ledger of what comes to `topic`, or begin it anew."""
        self._ask("subscribe", topic)

    def unsubscribe(self, topic: str) -> None:
        """Nothing more comes into the ledger, which stays."""
        self._ask("unsubscribe", topic)

    def send(
        self, topic: str, count: int, pace: float = 0.0, *, droppable: bool = False, expiry: float | None = None,
    ) -> None:
        """Begin to send `count` more messages, `pace` seconds apart, with the numbers that follow those sent before.

        `expiry`: seconds from then on.
        """
        self.sent[topic] += count
        self._ask("send", topic, count, pace, droppable, expiry)

    def await_sent(self) -> None:
        """Wait until it has called `send` for all that it was told to send."""
        self._ask("await_sent")

    def ledger(self, topic: str) -> Ledger:
        """What has come so far."""
        return next(ledger for ledger in map(Ledger.decode, self._ask("report")) if ledger.topic == topic)

    def stats(self) -> dict[str, Any]:
        """Its hub's `HubStats`; "broker" are the broker's own."""
        stats: dict[str, Any] = self._ask("stats")
        return stats

    def flush(self, timeout: float = PATIENCE) -> int:
        """Wait until the broker has all that was sent; how many messages it does not have."""
        return int(self._ask("flush", timeout))

    def quit(self, timeout: float = PATIENCE) -> int:
        """Let it stop its broker, within `timeout`, and end; its exit status."""
        self._ask("quit", timeout)
        return self.process.wait()

    def pause(self) -> None:
        """From now on it does nothing, and its connections stay. It answers no command until `resume`."""
        self.process.signal(signal.SIGSTOP)
        wait_until(lambda: self.process.stopped)

    def resume(self) -> None:
        self.process.signal(signal.SIGCONT)

    def fork(self, name: str) -> Worker:
        """A child of it by multiprocessing, to be closed; its `process` is the parent's, with which it ends."""
        self._ask("fork", name, self._listener.getsockname()[1])
        return wait_until(lambda: _accept(self._listener, {name: self.process}))

    def close(self) -> None:
        """Answer nothing more; it ends by itself."""
        with suppress(OSError):                        # a command that the dead did not take
            self._lines.close()

    def _ask(self, *command: object) -> Any:           # Any: each command has its own answer
        line = ""
        with suppress(OSError):                        # it is dead, or has not answered in time
            self._lines.write(f"{json.dumps(command)}\n")
            self._lines.flush()
            line = self._lines.readline()
        assert line, f"{self.name} does not answer {command[0]!r}; it wrote\n{self.process.output}"
        answer = json.loads(line)
        assert "error" not in answer, f"{self.name}: {answer['error']}"
        return answer["result"]


@contextmanager
def workers(
    folder: Path, url: str, *names: str, program: Sequence[str] = PATCHED, **options: object,
) -> Iterator[list[Worker]]:
    """A process for each name, with a broker at `url` that is made with `options`; ended in any case.

    What they wrote is printed, so pytest shows it when the test fails.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        arguments = str(listener.getsockname()[1]), url, json.dumps(options)
        processes = {name: stack.enter_context(process(folder, *program, name, *arguments)) for name in names}
        stack.callback(lambda: print(*(f"{name} wrote\n{each.output}" for name, each in processes.items()), sep="\n"))
        found = {}
        for _ in names:
            worker = wait_until(lambda: _accept(listener, processes))
            stack.callback(worker.close)
            found[worker.name] = worker
        yield [found[name] for name in names]


def all_sent(senders: Sequence[Worker], topic: str) -> dict[tuple[str, str], int]:
    """How many messages these sent to `topic`, or to what fits it as a pattern; by sender and topic."""
    return {
        (worker.name, to): count
        for worker in senders for to, count in worker.sent.items() if to == topic or fnmatch.fnmatchcase(to, topic)
    }


def await_last(receivers: Sequence[Worker], topic: str, sent: Mapping[tuple[str, str], int]) -> list[Ledger]:
    """Wait until each receiver has the last message of each sender; their ledgers."""

    def complete() -> list[Ledger]:
        ledgers[:] = [receiver.ledger(topic) for receiver in receivers]
        return ledgers if all(ledger.has_last(sent) for ledger in ledgers) else []

    ledgers: list[Ledger] = []
    return wait_until(complete, explain=lambda: "the last message has not come\n" + "\n".join(map(str, ledgers)))


def _accept(listener: socket.socket, processes: Mapping[str, Process]) -> Worker | None:
    for name, each in processes.items():
        assert each.running, f"{name} has ended; it wrote\n{each.output}"
    listener.settimeout(0.1)
    try:
        control, _ = listener.accept()
    except TimeoutError:
        return None
    return Worker(control, processes, listener)
