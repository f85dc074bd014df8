"""examples/workers.py and examples/publish.py as they are, over a real Redis and with several workers of gunicorn."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lona_sync.testing.dom import ModelDOM, ModelElement
from lona_sync.wire import protocol
from lona_sync.wire.protocol import Down
from tests.cluster.processes import PATIENCE, ROOT, Process, free_port, process
from tests.cluster.test_processes import handshake
from tests.redis.server import RedisServer
from tests.server.raw_client import RawClient, connect

EXAMPLES = ROOT / "examples"
GUNICORN = "-m", "gunicorn", "--chdir", str(EXAMPLES), "-k", "gevent", "-w", "3", "--no-control-socket", "--bind"
#: Windows until two of three workers have one: the kernel hands out connections as it likes.
MOST_VISITORS = 100


class Visitor:
    """A window that shows '/', over a socket."""

    def __init__(self, raw: RawClient) -> None:
        self._raw = raw
        self._raw.sock.settimeout(PATIENCE)
        self._dom = ModelDOM()
        self._events = self._frame = self._client = 0
        assert handshake(self._raw).status == 101
        self._say(protocol.Hello(protocol.VERSION))
        self._say(protocol.Open(1, "/"))
        self.read_until(lambda: self._dom.root is not None)
        self.worker = self._dom.text("code")

    @property
    def messages(self) -> list[str]:
        return [item.text for item in self._dom.find_all("li")]

    @property
    def paragraphs(self) -> list[str]:
        return [paragraph.text for paragraph in self._dom.find_all("p")]

    def send(self, text: str) -> None:
        """Type it, and click the button."""
        field, button = self._dom.find("input"), self._dom.find("button")
        self._event("change", field, text)
        self._event("click", button, [1, 1, 10, 10, 0, button.id])

    def read_until(self, condition: Callable[[], object]) -> None:
        """Take what the server says until `condition()` is true."""
        while not condition():
            kind, *rest = json.loads(self._raw.receive_text())
            if kind == Down.STARTED:
                self._client = rest[3]
            elif kind == Down.SNAPSHOT:
                _, self._frame, _, title, first, tags, stream = rest
                self._dom.apply_snapshot(first, tags, stream, title)
            elif kind == Down.FRAME:
                _, self._frame, _, patches = rest
                self._dom.apply_patches(patches, self._client)

    def _event(self, name: str, element: ModelElement, data: object) -> None:
        self._events += 1
        self._say(protocol.Event(1, self._events, self._frame, name, element.id, data))

    def _say(self, message: protocol.ClientMessage) -> None:
        self._raw.send_text(protocol.encode(message))


@pytest.fixture
def port(tmp_path: Path, redis_server: RedisServer) -> Iterator[int]:
    """Of three workers of examples/workers.py, which are ended in order afterwards."""
    port = free_port()
    environment = {"LONA_SYNC_BROKER": redis_server.url, "LONA_SYNC_SECRET_KEY": "k" * 32}
    with process(tmp_path, *GUNICORN, f"127.0.0.1:{port}", "workers:app", **environment) as server:
        server.wait_for_port(port)
        yield port
        _end(server)


def _end(server: Process) -> None:
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert "Traceback" not in server.output


def visit(port: int, stack: ExitStack) -> list[Visitor]:
    """Windows; the second and the last are served by different workers."""

    def one_more() -> Visitor:
        return Visitor(stack.enter_context(RawClient(connect(("127.0.0.1", port)))))

    visitors = [one_more()]
    while visitors[-1].worker == visitors[0].worker:
        assert len(visitors) < MOST_VISITORS, "one worker serves everybody"
        visitors.append(one_more())
    return [one_more(), *visitors]


def test_what_one_visitor_sends_everybody_sees_once_and_in_order(port: int) -> None:
    with ExitStack() as stack:
        visitors = visit(port, stack)
        here, there = visitors[1], visitors[-1]

        here.send("one <b>")
        here.read_until(lambda: here.messages)
        for visitor in visitors:
            visitor.read_until(lambda visitor=visitor: visitor.messages)
        there.send("two")
        for visitor in visitors:
            visitor.read_until(lambda visitor=visitor: len(visitor.messages) == 2)
        here.send("three")
        for visitor in visitors:
            visitor.read_until(lambda visitor=visitor: visitor.messages[0].startswith("three"))

    expected = [
        f"three (sent by worker {here.worker})", f"two (sent by worker {there.worker})", f"one <b> (sent by worker {here.worker})",
    ]
    assert here.worker != there.worker
    assert [visitor.messages for visitor in visitors] == [expected] * len(visitors)


def test_what_the_script_and_the_command_publish_everybody_sees(port: int, tmp_path: Path, redis_server: RedisServer) -> None:
    url = redis_server.url
    with ExitStack() as stack:
        visitors = visit(port, stack)
        before = {visitor.paragraphs[1] for visitor in visitors}

        with process(tmp_path, str(EXAMPLES / "publish.py"), LONA_SYNC_BROKER=url) as script:
            published = script.wait(), script.output
        with process(tmp_path, "-m", "lona_sync", "channel", "send", "--broker", url, "chat", '"hello"') as command:
            sent = command.wait(), command.output
        for visitor in visitors:
            visitor.read_until(lambda visitor=visitor: visitor.messages and visitor.paragraphs[1].startswith("The disk"))

    assert published == sent == (0, "")
    assert before == {"No word from publish.py yet."}
    assert all(re.fullmatch(r"The disk of .+ is \d+ % full\.", visitor.paragraphs[1]) for visitor in visitors)
    assert [visitor.messages for visitor in visitors] == [["hello"]] * len(visitors)


def test_the_script_says_on_stderr_that_redis_is_away(tmp_path: Path) -> None:
    with process(tmp_path, str(EXAMPLES / "publish.py"), LONA_SYNC_BROKER=f"redis://127.0.0.1:{free_port()}") as script:
        script.wait()

    assert "cannot be used (ConnectionError" in script.output
    assert "not sent to other processes" in script.output
    assert "Traceback" not in script.output


def test_the_commands_in_the_examples_are_those_that_are_tried_here() -> None:
    workers, publish = (EXAMPLES / "workers.py").read_text(), (EXAMPLES / "publish.py").read_text()

    assert "gunicorn -k gevent -w 3 workers:app" in workers
    assert "lona-sync channel send --broker redis://localhost chat '\"hello from the shell\"'" in workers
    assert "/examples/publish.py" in publish
