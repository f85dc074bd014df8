"""`lona-sync channel send` and `lona-sync channel listen`, as somebody at a shell uses them."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lona_sync.channels import Link, connect
from lona_sync.channels.link import Listener
from tests.cluster.processes import PATIENCE, ROOT, free_port, wait_until
from tests.redis.server import RedisServer

#: Seconds within which a command ends that has waited one second for Redis.
QUICKLY = 20.0
#: A topic that each listener of these tests hears, so that it can be known when it listens.
PROBE = "probe"


@pytest.fixture
def link(redis_server: RedisServer) -> Iterator[Link]:
    with connect(redis_server.url) as link:
        yield link


@pytest.fixture
def listener(link: Link) -> Iterator[Listener]:
    with link.listen("*") as listener:
        yield listener


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "LONA_SYNC_BROKER": url, "PYTHONUTF8": "1", "COLUMNS": "100"}


def command(*arguments: str, url: str = "", stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run `lona-sync channel …` to its end; its output is read as UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "lona_sync", "channel", *arguments], env=environment(url), input=stdin, capture_output=True,
        timeout=PATIENCE, check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Listening:
    """`lona-sync channel listen`, which hears already."""

    def __init__(self, process: subprocess.Popen[str], link: Link) -> None:
        assert process.stdout is not None and process.stderr is not None
        self.process = process
        self.stdout = process.stdout
        self._stderr = process.stderr
        self._link = link
        wait_until(self._hears)

    def lines(self, count: int) -> list[dict[str, Any]]:
        """The next ones, but for the probes."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            line = json.loads(self.stdout.readline())
            found += [line] if line["topic"] != PROBE else []
        return found

    def end(self) -> tuple[int, str]:
        """Wait for its end; exit status and stderr."""
        return self.process.wait(QUICKLY), self._stderr.read()

    def _hears(self) -> bool:
        assert self.process.poll() is None, self._stderr.read()
        self._link.send(PROBE)
        return bool(select.select([self.stdout], [], [], 0)[0])


@contextmanager
def listening(link: Link, url: str, *arguments: str) -> Iterator[Listening]:
    with subprocess.Popen(
        [sys.executable, "-m", "lona_sync", "channel", "listen", PROBE, *arguments], env=environment(url),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:
        try:
            yield Listening(process, link)
        finally:
            process.kill()


@pytest.mark.parametrize(("arguments", "stdin", "data"), [
    (('{"x": [1, null, "ä"]}',), b"", {"x": [1, None, "ä"]}),
    (('"text"',), b"", "text"),
    (("-5",), b"", -5),
    (("null",), b"", None),
    (("--text", "{not JSON}"), b"", "{not JSON}"),
    (("-",), b' {"x":\n 1} \n', {"x": 1}),
    (("--text", "-"), "zwei\nZeilen ☃\n".encode(), "zwei\nZeilen ☃\n"),
], ids=str)
def test_what_is_sent_arrives(
    redis_server: RedisServer, listener: Listener, arguments: tuple[str, ...], stdin: bytes, data: object,
) -> None:
    sent = command("send", "news", *arguments, url=redis_server.url, stdin=stdin)
    message = listener.get(PATIENCE)

    assert (sent.returncode, sent.stdout, sent.stderr) == (0, "", "")
    assert (message.topic, message.data, message.expiry) == ("news", data, None)


def test_a_message_may_expire(redis_server: RedisServer, listener: Listener) -> None:
    command("send", "news", "1", "--ttl", "1000", url=redis_server.url)
    message = listener.get(PATIENCE)

    assert message.expiry is not None
    assert message.expiry - message.timestamp == pytest.approx(1000, abs=0.01)


def test_the_broker_may_be_named(redis_server: RedisServer, listener: Listener) -> None:
    sent = command("send", "--broker", redis_server.url, "news", "1", url="redis://127.0.0.1:1")

    assert sent.returncode == 0
    assert listener.get(PATIENCE).data == 1


@pytest.mark.parametrize(("arguments", "stdin", "told"), [
    (("news", "{x}"), b"", "data is not JSON (Expecting property name"),
    (("news", "text"), b"", "--text"),
    (("news", "-"), b"", "data is not JSON (Expecting value"),
    (("news", "[" * 100_000), b"", "data is not JSON"),
    (("news", "[" * 200 + "]" * 200), b"", "nested deeper than 100 levels"),
    (("news", "-", "--text"), b"x" * 2_000_000, "a message may have 1048576 bytes"),
    (("news", "1", "--ttl", "1e300"), b"", "lona-sync: "),
    (("news", "1", "--broker", "carrier-pigeon://x"), b"", "a broker is named by memory:, redis://"),
    (("news", "1", "--broker", "memory:"), b"", "a broker that other processes use is needed"),
], ids=lambda value: str(value)[:40])
def test_what_cannot_be_sent_is_told_in_one_line(arguments: tuple[str, ...], stdin: bytes, told: str) -> None:
    sent = command("send", *arguments, url="redis://127.0.0.1:1", stdin=stdin)
    # Others may be the log's: nobody answers at this URL.
    [line] = [line for line in sent.stderr.splitlines() if line.startswith("lona-sync: ")]

    assert (sent.returncode, sent.stdout) == (1, "")
    assert told in line
    assert "Traceback" not in sent.stderr


def test_what_is_no_text_is_told_in_one_line() -> None:
    strict = {**environment("redis://127.0.0.1:1"), "PYTHONIOENCODING": "utf-8:strict"}

    sent = subprocess.run(
        [sys.executable, "-m", "lona_sync", "channel", "send", "news", "-"], env=strict, input=b"\xff", capture_output=True,
        timeout=PATIENCE, check=False,
    )

    assert sent.returncode == 1
    assert sent.stderr.startswith(b"lona-sync: what comes from stdin is no text: 'utf-8' codec")
    assert sent.stderr.count(b"\n") == 1


@pytest.mark.parametrize("arguments", [("send", "news", "1"), ("listen", "news")], ids=str)
def test_without_a_broker_it_says_how_to_name_one(arguments: tuple[str, ...]) -> None:
    ended = command(*arguments)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "such as redis://localhost:6379/0" in ended.stderr and "LONA_SYNC_BROKER" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [
    (), ("walk",), ("send",), ("send", "news"), ("listen",), ("send", "news", "1", "--ttl", "0"), ("send", "news", "1", "--ttl=-1"),
    ("send", "news", "1", "--ttl", "soon"), ("send", "news", "1", "--ttl", "nan"), ("send", "news", "1", "--timeout", "inf"),
    ("listen", "news", "--count", "0"), ("listen", "news", "--count", "1.5"), ("listen", "news", "--timeout", "0"),
], ids=str)
def test_what_is_not_understood_ends_with_2_and_the_usage(arguments: tuple[str, ...]) -> None:
    ended = command(*arguments)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "usage: lona-sync channel" in ended.stderr
    assert "error: " in ended.stderr


@pytest.mark.parametrize(("arguments", "told"), [
    ((), ("send one message", "print messages")),
    (("send",), ("topic", "- to read it from stdin", "--text", "--ttl SECONDS", "--timeout SECONDS")),
    (("listen",), ("a topic, or a pattern such as 'chat.*'", "--count N", "topic, data, timestamp, id, missed")),
])
def test_help_tells_what_there_is(arguments: tuple[str, ...], told: tuple[str, ...]) -> None:
    helped = command(*arguments, "--help")

    assert (helped.returncode, helped.stderr) == (0, "")
    assert all(text in helped.stdout for text in told)
    assert not arguments or "LONA_SYNC_BROKER" in helped.stdout


def test_without_redis_it_gives_up_in_time_and_says_why() -> None:
    sent = command("send", "news", "1", "--timeout", "1", url=f"redis://127.0.0.1:{free_port()}")

    assert (sent.returncode, sent.stdout) == (1, "")
    assert "Connection refused" in sent.stderr
    assert "not sent to other processes" in sent.stderr and "topics: 'news' (1)" in sent.stderr
    assert "Traceback" not in sent.stderr


def test_while_redis_hangs_it_gives_up_in_time(redis_server: RedisServer) -> None:
    redis_server.pause()

    sent = command("send", "news", "1", "--timeout", "1", url=redis_server.url)

    assert (sent.returncode, sent.stdout) == (1, "")
    assert "topics: 'news' (1)" in sent.stderr
    assert "Traceback" not in sent.stderr


def test_each_message_is_a_line_of_json(redis_server: RedisServer, link: Link) -> None:
    with listening(link, redis_server.url, "news", "orders.*") as command:
        sent = [link.send("news", {"text": "two\nlines ☃"}), link.send("orders.x", [1.5, None])]
        link.send("other")
        sent.append(link.send("news"))
        lines = command.lines(3)

    assert [line["topic"] for line in lines] == ["news", "orders.x", "news"]
    assert [line["data"] for line in lines] == [{"text": "two\nlines ☃"}, [1.5, None], None]
    assert [line["id"] for line in lines] == [message.id for message in sent]
    assert [line["missed"] for line in lines] == [0, 0, 0]
    assert lines[0].keys() == {"topic", "data", "timestamp", "id", "missed"}
    assert lines[0]["timestamp"] == pytest.approx(sent[0].timestamp, abs=1)


def test_one_command_hears_what_another_sends(redis_server: RedisServer, link: Link) -> None:
    with listening(link, redis_server.url, "*") as listening_command:
        command("send", "news", '"hello"', url=redis_server.url)
        [line] = listening_command.lines(1)

    assert line["data"] == "hello"


def test_a_loss_is_told_by_the_next_message(redis_server: RedisServer, link: Link) -> None:
    with listening(link, redis_server.url, "news") as command:
        redis_server.client().xadd("lona_sync:channels", {"topic": "news", "lost": "0123456789abcdef 1 17"})
        link.send("news", 1)
        [line] = command.lines(1)

    assert line["missed"] == 17


def test_it_ends_after_count_messages(redis_server: RedisServer, link: Link) -> None:
    with listening(link, redis_server.url, "--count", "3") as command:
        for _ in range(3):
            link.send(PROBE)
        printed = command.stdout.read()
        status, error = command.end()

    assert (status, error) == (0, "")
    assert printed.count("\n") <= 3 and printed.endswith("}\n")


def test_it_ends_with_1_when_nothing_comes_in_time(redis_server: RedisServer) -> None:
    ended = command("listen", "news", "--timeout", "0.1", url=redis_server.url)

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "lona-sync: no message within 0.1 seconds\n")


def test_without_redis_it_says_so_and_waits() -> None:
    ended = command("listen", "news", "--timeout", "1", url=f"redis://127.0.0.1:{free_port()}")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Connection refused" in ended.stderr and "Trying again" in ended.stderr
    assert ended.stderr.endswith("lona-sync: no message within 1 seconds\n")
    assert "Traceback" not in ended.stderr


def test_it_goes_on_when_redis_is_back(redis_server: RedisServer, link: Link) -> None:
    with listening(link, redis_server.url, "news") as command:
        redis_server.kill()
        redis_server.start()
        link.send("news", "back")
        [line] = command.lines(1)

    assert (line["data"], line["missed"]) == ("back", -1)


def test_ctrl_c_ends_it_without_a_word(redis_server: RedisServer, link: Link) -> None:
    with listening(link, redis_server.url, "news") as command:
        command.process.send_signal(signal.SIGINT)
        status, error = command.end()

    assert (status, error) == (130, "")


def test_ctrl_c_ends_a_send_that_waits_for_redis() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lona_sync", "channel", "send", "news", "-", "--timeout", "1000"],
        env=environment(f"redis://127.0.0.1:{free_port()}"), stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:
        assert process.stdin is not None and process.stderr is not None
        process.stdin.write("1")
        process.stdin.close()
        assert "cannot be used" in process.stderr.readline()      # so it waits
        process.send_signal(signal.SIGINT)
        status, error = process.wait(QUICKLY), process.stderr.read()

    assert status == 130
    assert "Traceback" not in error


def test_it_ends_without_a_word_when_nobody_reads_any_more(redis_server: RedisServer, link: Link) -> None:
    with listening(link, redis_server.url, "news") as command:
        command.stdout.readline()
        command.stdout.close()
        for number in range(3):
            link.send("news", number)
        status, error = command.end()

    assert (status, error) == (128 + signal.SIGPIPE, "")
