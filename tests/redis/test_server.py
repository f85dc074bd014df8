"""The server that other tests rely on does what they ask it for."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from tests.redis.server import RedisServer


def test_what_is_not_kept_is_gone_after_a_kill(redis_server: RedisServer):
    redis_server.client().set("key", "value")

    redis_server.kill()
    redis_server.start()

    assert redis_server.client().get("key") is None


@pytest.mark.parametrize("end", [RedisServer.kill, RedisServer.stop])
def test_what_is_kept_is_there_after_a_kill_and_a_stop(tmp_path: Path, end):
    with RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as server:
        server.client().set("key", "value")

        end(server)
        server.start()

        assert server.client().get("key") == b"value"


def test_a_killed_server_refuses(redis_server: RedisServer):
    redis_server.kill()

    with pytest.raises(redis.ConnectionError):
        redis_server.client().ping()


def test_a_paused_server_does_not_answer_until_it_is_resumed(redis_server: RedisServer):
    client = redis_server.client(socket_timeout=0.1)
    client.ping()

    redis_server.pause()
    with pytest.raises(redis.TimeoutError):
        client.ping()
    redis_server.resume()

    assert redis_server.client().ping()


def test_a_paused_server_is_ended(tmp_path: Path):
    with RedisServer(tmp_path) as server:
        server.pause()

    with pytest.raises(redis.ConnectionError):
        server.client().ping()


def test_a_password_is_asked_for_and_stands_in_the_url(tmp_path: Path):
    with RedisServer(tmp_path, password="secret") as server:
        known = server.client().ping()

        with pytest.raises(redis.AuthenticationError):
            server.client(password="wrong").ping()

    assert known
    assert server.url == f"redis://:secret@127.0.0.1:{server.port}/0"


def test_a_server_without_memory_takes_nothing_more(tmp_path: Path):
    with RedisServer(tmp_path, "--maxmemory", "1", "--maxmemory-policy", "noeviction") as server:
        with pytest.raises(redis.OutOfMemoryError):
            server.client().xadd("stream", {"field": "value"})


def test_a_connection_is_killed_from_another(redis_server: RedisServer):
    victim = redis_server.client()
    number = victim.client_id()

    killed = redis_server.client().client_kill_filter(_id=number)

    assert killed == 1
    assert victim.client_id() != number


def test_a_server_that_cannot_start_says_why(tmp_path: Path):
    server = RedisServer(tmp_path, "--no-such-option", "yes")

    with pytest.raises(AssertionError, match="no-such-option"):
        server.start()
