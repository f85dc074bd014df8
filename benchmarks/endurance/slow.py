"""What does a slow browser cost, and whom? `python -m benchmarks.endurance.slow [--seconds N] [--json PATH]`

A view changes 1,000 times a second: each time one of 200 cells, and a clock. Three browsers of one user watch it over real sockets,
for a minute: one that reads 50 kB/s through the smallest buffer of the kernel, one that reads as fast as it can, and one that stops
reading after its first frame. The server is a process of its own; the browsers share another one, which applies every message to a
model of the DOM. A lag is the age of the clock in a message at the moment when it was applied, so it has everything in it: the
view, the server, the kernels, the line and the model. Bytes kept and resident memory are read once a second.

At the end the view rests. Then both browsers that read have the tree of the server, or the run fails; so it does when more was
under way than WINDOW and a frame. The third one was let go meanwhile, comes back, and has that tree, too.

The floor is a kernel without a window of ours: as much as it takes from a sender whose peer reads nothing, and the lag that this
is at the speed of the slow one.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import quantiles
from typing import Any

import gevent
from gevent import socket
from gevent.fileobject import FileObject

from lona_sync import App, View
from lona_sync.html import Div, P
from lona_sync.server.http.application import SOCKET
from lona_sync.server.http.serving import Server
from lona_sync.testing.dom import structure_of
from tests.server.slow_client import SlowClient

CELLS = 200
TEXT = "x" * 100
UPDATES = 1000                       # a second
SPEED = 50_000                       # bytes a second of the slow browser
CHUNK = 1000
WINDOW = 64 * 1024
SEND_TIMEOUT = 10.0
PATIENCE = 60.0


class Board(View):
    """Changes until it is told to rest."""

    current: Board

    def handle_request(self, request: object) -> None:
        type(self).current = self
        self.is_daemon = True
        self.clock, self.cells = P("0", _id="clock"), [P("-") for _ in range(CELLS)]
        self.updates = 0
        self.runs = False
        self.box = Div(self.clock, self.cells)
        self.show(self.box)
        while True:
            self.sleep(0.01)
            due = time.monotonic()
            while self.runs:
                self.updates += 1
                self.cells[self.updates % CELLS].set_text(f"{self.updates} {TEXT}")
                self.clock.set_text(repr(time.monotonic()))
                self.show()
                due += 1 / UPDATES
                self.sleep(max(0.0, due - time.monotonic()))


class Process:
    """The server; orders come in and answers go out as lines of JSON."""

    def __init__(self) -> None:
        self.app = App(__file__)
        # One user: all three watch the same view.
        self.app.settings.update({"SECRET_KEY": "k" * 32, "SESSIONS": False, "WINDOW": WINDOW, "SEND_TIMEOUT": SEND_TIMEOUT})
        self.app.route("/")(Board)
        self.server = Server(self._socket, "127.0.0.1", 0)
        self.server.start()

    def _socket(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.app({**environ, "PATH_INFO": SOCKET}, start_response)

    def serve(self) -> None:
        _answer(port=self.server.port)
        for line in FileObject(sys.stdin.fileno(), "rb", close=False):
            _answer(**getattr(self, json.loads(line))())

    def start(self) -> dict[str, Any]:
        Board.current.runs = True
        return {}

    def rest(self) -> dict[str, Any]:
        Board.current.runs = False
        gevent.sleep(0.1)
        log = Board.current._runtime.document.log
        return {"updates": Board.current.updates, "last": log.last, "tree": structure_of(Board.current.box)}

    def look(self) -> dict[str, Any]:
        gc.collect()
        connections = list(self.app.parts.socket._open)
        return {
            "resident": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
            "log": Board.current._runtime.document.log.bytes,
            "under_way": max(connection.in_flight for connection in connections),
            "unsent": max(connection._transport.unsent for connection in connections),
            "stats": self.app.stats(),
        }


class Watcher:
    """A browser that notes the age of all that it applies."""

    def __init__(self, port: int, chunk: int | None, speed: int | None) -> None:
        self.client = SlowClient(("127.0.0.1", port), chunk)
        self.client.open("/")
        while not self.client.snapshots:
            self.client.step()
        self.client.acknowledge()
        self.lags: list[float] = []
        self._speed = speed

    def read(self) -> None:
        """For ever."""
        client, frame = self.client, self.client.frame
        began, before = time.monotonic(), client.bytes
        while True:
            client.step()
            if client.frame != frame:
                frame = client.frame
                self.lags.append(time.monotonic() - float(client.dom.text("#clock")))
            ahead = (client.bytes - before) / self._speed - (time.monotonic() - began) if self._speed else 0.0
            if ahead < -0.1:                               # nothing was there to be read: that is not made up for
                began, before = time.monotonic(), client.bytes
            gevent.sleep(max(0.0, ahead))

    def line(self, name: str, seconds: float, read: int) -> str:
        cuts = quantiles(self.lags, n=100)
        return (
            f"{name:24}{len(self.lags):8} messages {read / seconds / 1000:8.1f} kB/s   lag p50 {cuts[49] * 1000:8.1f} ms"
            f"   p99 {cuts[98] * 1000:8.1f} ms   max {max(self.lags) * 1000:8.1f} ms"
        )


def measure(seconds: float) -> dict[str, Any]:
    with subprocess.Popen(
        [sys.executable, "-m", "gevent.monkey", "--module", "benchmarks.endurance.slow", "--serve"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        answers, orders = FileObject(process.stdout, "rb"), process.stdin

        def ask(what: str) -> Any:                          # Any: JSON
            orders.write(json.dumps(what).encode() + b"\n")
            orders.flush()
            return json.loads(answers.readline())

        try:
            return _watch(json.loads(answers.readline())["port"], ask, seconds)
        finally:
            process.kill()


def _watch(port: int, ask: Callable[[str], Any], seconds: float) -> dict[str, Any]:
    slow, fast, stopped = Watcher(port, CHUNK, SPEED), Watcher(port, None, None), Watcher(port, CHUNK, None)
    readers = [gevent.spawn(slow.read), gevent.spawn(fast.read)]
    read = slow.client.bytes, fast.client.bytes
    looks = [ask("look")]
    began = time.monotonic()
    ask("start")
    while time.monotonic() - began < seconds:
        gevent.sleep(1)
        looks.append(ask("look"))
    took = time.monotonic() - began
    read = slow.client.bytes - read[0], fast.client.bytes - read[1]
    behind = slow.client.bytes
    rest = ask("rest")
    with gevent.Timeout(PATIENCE):
        while min(slow.client.frame, fast.client.frame) < rest["last"]:
            gevent.sleep(0.01)
    behind = slow.client.bytes - behind
    gevent.killall(readers)
    last = ask("look")
    again = SlowClient(("127.0.0.1", port), None)
    again.resume(stopped.client)
    with gevent.Timeout(PATIENCE):
        while again.frame < rest["last"]:
            again.step()

    for name, client in (("slow", slow.client), ("fast", fast.client), ("returned", again)):
        assert json.loads(json.dumps(client.dom.to_structure())) == rest["tree"], name
    most = {what: max(look[what] for look in looks) for what in ("log", "under_way", "unsent")}
    assert most["under_way"] <= WINDOW + slow.client.largest, most
    mebibyte = 1024 * 1024
    resident = [look["resident"] / mebibyte for look in looks]
    held = _kernel_alone()
    print(f"{rest['updates'] / took:8.0f} updates a second, for {took:.0f} s")
    print(slow.line("slow browser", took, read[0]))
    print(fast.line("fast browser beside it", took, read[1]))
    print(f"the slow one was still sent {behind} bytes when the view rested, and then had its tree")
    print(f"most bytes under way {most['under_way']}, unsent in the process {most['unsent']}, kept in the log {most['log']}")
    print(f"resident memory of the server: {resident[0]:.1f} MiB before, {resident[len(resident) // 2]:.1f} in the middle, "
          f"{resident[-1]:.1f} at the end, {max(resident):.1f} at most")
    print(f"the one that stopped reading: let go {last['stats']['connections.stalled']} times, came back and got "
          f"{'a snapshot' if again.snapshots else 'the frames'}")
    print(f"floor: a kernel takes {held / mebibyte:.1f} MiB for a peer that reads nothing: {held / SPEED:.0f} s of lag")
    return {
        "updates": rest["updates"], "seconds": took, "slow": slow.lags, "fast": fast.lags, "most": most, "resident": resident,
        "behind": behind, "kernel": held,
    }


def _kernel_alone() -> int:
    """Bytes that a sender gets rid of, though nobody reads them."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        sender = socket.create_connection(listener.getsockname())
        reader, _ = listener.accept()
    sender.setblocking(False)
    total, quiet = 0, 0
    with sender, reader:
        while quiet < 20:
            try:
                total += sender.send(b"x" * 16_384)
                quiet = 0
            except BlockingIOError:
                quiet += 1
                gevent.sleep(0.01)
    return total


def _answer(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a slow browser costs, and whom.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        Process().serve()
        return
    figures = measure(options.seconds)
    if options.json:
        options.json.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
