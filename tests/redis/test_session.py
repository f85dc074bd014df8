"""One connection, what keeps one open, and what is told about it."""

from __future__ import annotations

import itertools
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError, RedisError, ResponseError

from lona_sync.channels.carrier import Threads
from lona_sync.channels.session import Address, Health, Keeper, Session, pack
from tests.channels.helpers import Clock, until
from tests.redis.server import RedisServer


@contextmanager
def session_to(server: RedisServer) -> Iterator[Session]:
    session = Address(server.url).session()
    session.open()
    try:
        yield session
    finally:
        session.close()


@contextmanager
def kept(
    url: str, serve: Callable[[Session], None] | None = None, health: Health | None = None, role: str = "reader"
) -> Iterator[Keeper]:
    """A keeper at work in a thread of its own. Without `serve`, it waits at the server for what never comes."""

    def wait_at_server(session: Session) -> None:
        while not keeper.stopping:
            session.call("PING")
            keeper.works()
            session.call("BLPOP", "never", 2)

    ways, address = Threads(), Address(url)
    keeper = Keeper(role, address, serve or wait_at_server, ways.bell(), health or Health(address.safe))
    loop = ways.spawn(keeper.run, role)
    try:
        yield keeper
    finally:
        keeper.stop()
        loop.join(20)
        assert not loop.is_alive()                           # type: ignore[attr-defined]


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_an_answer_is_as_redis_gives_it(redis_server: RedisServer) -> None:
    with session_to(redis_server) as session:
        number = session.call("XADD", b"stream", "1-1", "field", b"\xff")
        answer = session.call("XREAD", "COUNT", 10, "STREAMS", "stream", "0-0")
        nothing = session.call("XREAD", "STREAMS", "stream", "1-1")

    assert number == b"1-1"
    assert answer == [[b"stream", [[b"1-1", [b"field", b"\xff"]]]]]
    assert nothing is None


def test_an_error_leaves_the_session_in_use(redis_server: RedisServer) -> None:
    with session_to(redis_server) as session:
        with pytest.raises(ResponseError, match="no such key"):
            session.call("XINFO", "STREAM", "stream")

        answer = session.call("PING")

    assert answer == b"PONG"


def test_a_transaction_answers_all_with_the_errors_among_it(redis_server: RedisServer) -> None:
    redis_server.client().set("text", "x")

    with session_to(redis_server) as session:
        first, error, last = session.transaction([pack("INCR", "a"), pack("XINFO", "STREAM", "text"), pack("INCR", "a")])
        after = session.call("PING")

    assert (first, last, after) == (1, 2, b"PONG")
    assert isinstance(error, ResponseError)
    assert "WRONGTYPE" in str(error)


def test_a_transaction_that_is_refused_changes_nothing(redis_server: RedisServer) -> None:
    with session_to(redis_server) as session:
        with pytest.raises(ResponseError, match="unknown command 'NOSUCH'"):
            session.transaction([pack("INCR", "a"), pack("NOSUCH"), pack("INCR", "a")])

        after = session.call("GET", "a")

    assert after is None


def test_a_transaction_without_memory_changes_nothing_and_the_next_one_may(tmp_path: Path) -> None:
    with RedisServer(tmp_path, "--maxmemory-policy", "noeviction") as server, session_to(server) as session:
        add = pack("XADD", "stream", "*", "field", "value")
        session.transaction([add, add])
        server.client().config_set("maxmemory", 1)

        with pytest.raises(ResponseError, match="maxmemory"):
            session.transaction([pack("DEL", "nothing"), add, add])
        full = session.call("XLEN", "stream")
        server.client().config_set("maxmemory", 0)
        answers = session.transaction([add, add])

    assert full == 2
    assert len(answers) == 2


def test_closing_ends_a_call_that_waits_in_another_thread(redis_server: RedisServer) -> None:
    session, errors = Address(redis_server.url).session(), []
    session.open()

    def wait() -> None:
        try:
            session.call("BLPOP", "never", 0)
        except Exception as error:                           # which one does not matter: the loop is stopping
            errors.append(error)

    thread = Threads().spawn(wait, "waits")
    until(lambda: blocked(redis_server))
    session.close()
    session.close()
    thread.join(20)

    assert len(errors) == 1


def test_a_session_that_was_killed_says_so(redis_server: RedisServer) -> None:
    with session_to(redis_server) as session:
        redis_server.client().client_kill_filter(_id=session.call("CLIENT", "ID"))

        with pytest.raises((RedisError, OSError)):
            session.call("PING")


def test_the_offset_is_what_the_clock_of_redis_is_ahead(redis_server: RedisServer) -> None:
    with session_to(redis_server) as session:
        ours = session.offset(time.time)
        wrong = session.offset(lambda: time.time() + 1000)
        fixed = session.offset(Clock(0.0))

    assert abs(ours) < 5
    assert abs(wrong + 1000) < 5
    assert abs(fixed - time.time()) < 60


def test_more_connections_are_made_than_a_pool_would_allow(redis_server: RedisServer) -> None:
    address, answers = Address(redis_server.url), []

    for _ in range(150):
        session = address.session()
        session.open()
        answers.append(session.call("PING"))
        session.close()

    assert answers == [b"PONG"] * 150


def test_a_session_that_was_closed_does_not_connect_again(redis_server: RedisServer) -> None:
    with session_to(redis_server) as session:
        session.close()

        with pytest.raises(RedisError, match="closed"):
            session.call("PING")
        with pytest.raises(RedisError, match="closed"):
            session.transaction([pack("PING")])

    until(lambda: len(redis_server.client().client_list()) == 1)


def test_a_connection_that_is_killed_is_made_again_without_a_word(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    health, client = Health("redis"), redis_server.client()

    with kept(redis_server.url, health=health):
        for connects in range(1, 4):
            until(lambda: client.client_list() and blocked(redis_server) and health.connects == connects)     # noqa: B023
            client.client_kill_filter(_type="normal", skipme=True)
        until(lambda: health.connects == 4)

    assert health.failures == 3
    assert warnings_in(caplog) == []


def test_an_outage_is_told_once_and_so_is_its_end(redis_server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    health = Health("redis://there")

    with kept(redis_server.url, health=health), kept(redis_server.url, health=health, role="writer"):
        until(lambda: health.connects == 2)
        redis_server.kill()
        until(lambda: health.failures >= 10)
        during = warnings_in(caplog)
        redis_server.start()
        until(lambda: health.connects >= 4 and len(warnings_in(caplog)) > len(during))

    assert len(during) == 1
    assert during[0].startswith("redis://there cannot be used (ConnectionError: ")
    assert warnings_in(caplog)[1:] == ["redis://there can be used again"]


def test_a_server_that_is_not_there_yet_is_awaited_with_longer_and_longer_pauses(redis_server: RedisServer) -> None:
    times: list[float] = []

    class Counting(Health):
        def failed(self, role: str, error: Exception, again: bool) -> None:
            super().failed(role, error, again)
            times.append(time.monotonic())

    redis_server.kill()
    health = Counting("redis")
    with kept(redis_server.url, health=health):
        until(lambda: len(times) >= 7)
        redis_server.start()
        until(lambda: health.connects == 1)

    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert pauses[5] >= 0.8                                  # a sixth one is half of 1.6 s at least
    assert pauses[2] >= 0.1


def test_a_ring_does_not_shorten_the_pause(redis_server: RedisServer) -> None:
    health = Health("redis")
    redis_server.kill()

    with kept(redis_server.url, health=health) as keeper:
        until(lambda: health.failures >= 5)
        before, limit = health.failures, time.monotonic() + 0.3
        while time.monotonic() < limit:                      # as a writer's bell rings while messages come in
            keeper.bell.ring()
        failures = health.failures - before

    assert failures <= 2


def test_a_server_that_connects_but_refuses_is_out_too(redis_server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    redis_server.client().set("text", "x")
    health = Health("redis")

    with kept(redis_server.url, lambda session: session.call("XLEN", "text"), health):
        until(lambda: health.failures >= 4)
    told = warnings_in(caplog)

    assert len(told) == 1
    assert "WRONGTYPE" in told[0]


def test_an_error_that_is_not_the_servers_is_logged_with_its_place(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    health = Health("redis")

    def fail(session: Session) -> None:
        raise KeyError("what nobody thought of")

    with kept(redis_server.url, fail, health):
        until(lambda: health.failures >= 2)

    assert caplog.records[0].message == "error in the reader of channels; it starts anew"
    assert caplog.records[0].exc_info is not None


def test_stopping_ends_a_call_at_a_server_that_hangs(redis_server: RedisServer) -> None:
    waiting = Threads().bell()

    def serve(session: Session) -> None:
        redis_server.pause()
        waiting.ring()
        session.call("PING")

    with kept(redis_server.url, serve) as keeper:
        waiting.wait(20)
        before = time.monotonic()
        keeper.stop()
        keeper.stop()
    seconds = time.monotonic() - before

    assert seconds < 4                                       # not what an answer may take


def test_stopping_ends_a_pause(redis_server: RedisServer) -> None:
    health = Health("redis")
    redis_server.kill()

    with kept(redis_server.url, health=health) as keeper:
        until(lambda: health.failures >= 7)
        before = time.monotonic()
        keeper.stop()
    seconds = time.monotonic() - before

    assert seconds < 0.8                                     # half of the longest pause, and less


def test_stopping_ends_the_connecting_to_a_server_that_hangs() -> None:
    # It accepts, and never says a word, as a paused one: the kernel does it for it.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"redis://:password@127.0.0.1:{listener.getsockname()[1]}/1"
        with kept(url) as keeper:
            connection, _ = listener.accept()
            connection.recv(1)                               # it has connected, and waits for the answer to AUTH
            before = time.monotonic()
            keeper.stop()
        seconds = time.monotonic() - before
        connection.close()

    assert seconds < 4


def test_a_wrong_password_is_told_once_and_not_what_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RedisServer(tmp_path, password="right") as server:
        address, health = Address(server.url.replace("right", "wr0ng")), Health("redis://there")

        with kept(server.url.replace("right", "wr0ng"), health=health):
            until(lambda: health.failures >= 4)
            told = warnings_in(caplog)
            server.client().config_set("requirepass", "wr0ng")
            until(lambda: len(warnings_in(caplog)) > len(told))

    assert address.safe == f"redis://@127.0.0.1:{server.port}/0"
    assert len(told) == 1
    assert "AuthenticationError" in told[0]
    assert warnings_in(caplog)[1:] == ["redis://there can be used again"]
    assert "wr0ng" not in caplog.text


def test_what_is_told_of_two_loops_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    health, error = Health("redis"), ConnectionError("gone")

    for _ in range(3):
        for role in ("reader", "writer"):
            health.failed(role, error, again=True)
    health.works("reader")
    health.works("writer")
    health.works("reader")

    assert health.failures == 6
    assert [text.partition(" (")[0] for text in warnings_in(caplog)] == ["redis cannot be used", "redis can be used again"]


def test_one_loop_that_works_is_no_recovery_while_the_other_fails(caplog: pytest.LogCaptureFixture) -> None:
    health, error = Health("redis"), ConnectionError("gone")

    health.failed("reader", error, again=True)
    health.failed("writer", error, again=True)
    health.works("reader")
    during = warnings_in(caplog)
    health.failed("writer", error, again=True)
    health.works("writer")

    assert [text.partition(" (")[0] for text in during] == ["redis cannot be used"]
    assert [text.partition(" (")[0] for text in warnings_in(caplog)[1:]] == ["redis can be used again"]


def blocked(server: RedisServer) -> int:
    """How many clients wait for something at the server."""
    return int(server.client().info("clients")["blocked_clients"])
