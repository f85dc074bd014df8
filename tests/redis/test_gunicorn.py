"""Channels between the workers of one gunicorn: an application of several processes that nobody had to think of."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.processes import Process, free_port, process, wait_until
from tests.cluster.test_processes import GUNICORN, QUICKLY, Window, get
from tests.redis.ledger import assert_complete
from tests.redis.server import RedisServer
from tests.redis.workers import await_last, workers

#: Each worker notes what it hears on the channel "x", with its process id. One message is sent while it is imported.
SITE = """
import os
from lona_sync import App, Channel, View
from lona_sync.html import HTML, Button, P

app = App(__file__)
channel = Channel("x", lambda message: note(message.data))

def note(text):
    with open(os.path.join(os.path.dirname(__file__), "notes"), "a") as file:
        file.write(f"{os.getpid()} {text}\\n")

@app.route("/")
class Counter(View):
    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button))
        while True:
            self.await_click(button)
            channel.send("clicked")
            text.set_text("sent")
            self.show()

    def on_stop(self, reason):
        Channel("end").send({"from": "site", "n": 0})

@app.route("/send/<first>/<second>", interactive=False)
class Send(View):
    def handle_request(self, request):
        channel.send(request.match_info["first"])
        channel.send(request.match_info["second"])
        return "sent"

channel.send("imported")
"""


@contextmanager
def site(folder: Path, broker: str, *options: str) -> Iterator[tuple[Process, int]]:
    """The application above, served by gunicorn with `options`, and its port; it answers already."""
    port = free_port()
    (folder / "site_under_test.py").write_text(SITE)
    command = *GUNICORN, "-k", "gevent", *options, "site_under_test:app"
    with process(folder, *(word.format(port) for word in command), LONA_SYNC_BROKER=broker) as server:
        server.wait_for_port(port)
        yield server, port
        print(server.output)


def heard(folder: Path, text: str) -> Counter[str]:
    """How often each worker, by process id, has heard it."""
    file = folder / "notes"
    lines = file.read_text().splitlines() if file.exists() else []
    return Counter(pid for pid, _, noted in (line.partition(" ") for line in lines) if noted == text)


@pytest.mark.parametrize("options", [("-w", "3"), ("-w", "3", "--preload")], ids=["", "preload"])
def test_what_one_worker_sends_reaches_each_worker_once(tmp_path: Path, redis_server: RedisServer, options: tuple[str, ...]):
    with site(tmp_path, redis_server.url, *options) as (server, port):
        redis_server.await_readers(3)
        before = redis_server.client().xlen("lona_sync:channels")

        with Window(port) as window:
            window.click()
            wait_until(lambda: len(heard(tmp_path, "clicked")) == 3)
        get(port, "/send/first/second")
        wait_until(lambda: len(heard(tmp_path, "second")) == 3)
        after = redis_server.client().xlen("lona_sync:channels")
        output = server.output

    pids = set(heard(tmp_path, "clicked"))
    for text in ("imported", "clicked", "first", "second"):
        assert heard(tmp_path, text) == dict.fromkeys(pids, 1)
    assert before == 0                                   # what was sent at import is each worker's own
    assert after == 3
    assert "Traceback" not in output


def test_a_worker_that_follows_a_dead_one_hears_what_is_sent(tmp_path: Path, redis_server: RedisServer):
    with site(tmp_path, redis_server.url, "-w", "3") as (_, port):
        redis_server.await_readers(3)
        get(port, "/send/first/second")
        wait_until(lambda: len(heard(tmp_path, "second")) == 3)
        victim, *survivors = heard(tmp_path, "second")

        os.kill(int(victim), signal.SIGKILL)
        wait_until(lambda: len(heard(tmp_path, "imported")) == 4)
        redis_server.await_readers(3)
        get(port, "/send/third/fourth")
        wait_until(lambda: len(heard(tmp_path, "fourth")) == 3)

    pids = set(heard(tmp_path, "fourth"))
    assert victim not in pids
    assert set(survivors) < pids
    assert heard(tmp_path, "third") == dict.fromkeys(pids, 1)


def test_what_a_view_sends_when_its_worker_ends_arrives(tmp_path: Path, redis_server: RedisServer):
    with workers(tmp_path, redis_server.url, "a") as [a]:
        a.subscribe("end")
        with site(tmp_path, redis_server.url, "-w", "3") as (server, port):
            redis_server.await_readers(4)
            with Window(port):
                server.signal(signal.SIGTERM)
                status = server.wait(QUICKLY)
                output = server.output
        [ledger] = await_last([a], "end", sent := {("site", "end"): 1})

    assert_complete(ledger, sent)
    assert status == 0
    assert "Traceback" not in output


@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["", "preload"])
@pytest.mark.parametrize(("count", "warnings"), [(1, 0), (3, 1)])
def test_several_workers_without_a_broker_are_warned_once(tmp_path: Path, count: int, warnings: int, preload: tuple[str, ...]):
    with site(tmp_path, "memory:", "-w", str(count), *preload) as (server, _):
        wait_until(lambda: len(heard(tmp_path, "imported")) == count)
        server.signal(signal.SIGTERM)
        server.wait(QUICKLY)
        output = server.output

    assert output.count("workers, and channels reach only") == warnings
    assert set(heard(tmp_path, "imported").values()) == {1}
