"""A URL names a broker, and its password is told to nobody."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback

import pytest

from lona_sync.channels.broker import MemoryBroker
from lona_sync.channels.brokers import broker_from_url
from lona_sync.channels.message import Message
from lona_sync.channels.redis import RedisBroker
from lona_sync.channels.session import Address
from tests.cluster.processes import free_port

PASSWORD = "s3cret"


@pytest.mark.parametrize("url", ["", "memory:"])
def test_a_process_alone_needs_no_broker(url: str) -> None:
    broker = broker_from_url(url)

    assert isinstance(broker, MemoryBroker)
    assert broker.url == "memory:"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("redis://localhost", "redis://localhost"),
        ("redis://localhost:6380/3", "redis://localhost:6380/3"),
        ("rediss://localhost:6380", "rediss://localhost:6380"),
        ("redis://[::1]:6379/0", "redis://[::1]:6379/0"),
        ("redis://user:s3cret@localhost:6379/0", "redis://user@localhost:6379/0"),
        ("redis://localhost/0?prefix=shop&password=s3cret", "redis://localhost/0?prefix=shop"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("unix:///run/redis.sock?db=2&password=s3cret&prefix=shop", "unix:///run/redis.sock?prefix=shop"),
        ("unix://user:s3cret@/run/redis.sock?db=2", "unix://user@/run/redis.sock"),
    ],
)
def test_redis_is_named_as_everywhere(url: str, safe: str) -> None:
    broker = broker_from_url(url)

    assert isinstance(broker, RedisBroker)
    assert broker.url == safe
    assert repr(broker) == f"<RedisBroker {safe}>"


@pytest.mark.parametrize(
    ("url", "host", "options"),
    [
        ("redis://u:p%40ss@redis.example:6380/3", "redis.example", {"port": 6380, "db": 3, "username": "u", "password": "p@ss"}),
        ("redis://redis.example?db=4&prefix=shop&client_name=a%26b", "redis.example", {"db": 4, "client_name": "a&b"}),
        ("unix:///run/redis.sock?db=5&prefix=shop", None, {"path": "/run/redis.sock", "db": 5}),
    ],
)
def test_what_a_url_says_reaches_redis_py(url: str, host: str | None, options: dict[str, object]) -> None:
    given = Address(url)._pool.connection_kwargs

    assert given.get("host") == host
    assert {name: given.get(name) for name in options} == options
    assert "prefix" not in given


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("redis://localhost", "lona_sync"),
        ("redis://localhost?prefix=shop", "shop"),
        ("redis://localhost/0?db=1&prefix=my%20shop%26", "my shop&"),
        ("unix:///run/redis.sock?prefix=shop", "shop"),
    ],
)
def test_the_prefix_tells_applications_apart(url: str, prefix: str) -> None:
    address = Address(url)

    assert address.prefix == prefix


def test_options_are_the_brokers() -> None:
    broker = broker_from_url("redis://localhost", stream_length=7)

    assert isinstance(broker, RedisBroker)
    assert broker._bounds.length == 7


@pytest.mark.parametrize("url", ["amqp://localhost", "memory://", "localhost:6379", "/run/redis.sock", "REDI://x", "redis", " "])
def test_another_url_is_refused_with_those_that_there_are(url: str) -> None:
    with pytest.raises(ValueError, match=r"a broker is named by memory:, redis://host:6379/0, rediss://… or unix:///path"):
        broker_from_url(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://localhost?prefix=", "prefix="),
        ("redis://localhost:port", "ort"),
        ("redis://localhost:99999", "ort"),
        ("redis://localhost/0?db=zero", "db"),
        ("redis://localhost/0?socket_timeout=long", "socket_timeout"),
        ("redis://localhost/0?prefx=shop", "prefx"),                  # would else be found by nobody but a log
    ],
)
def test_a_url_that_cannot_be_one_is_refused_at_once(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        broker_from_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "reddis://:s3cret@localhost",
        "http://user:s3cret@localhost",
        "redis://:s3cret@localhost?prefix=",
        "redis://:s3cret@localhost:port",
        "redis://:s3cret/x@localhost",                              # not escaped: all of these end the host's part
        "redis://:s3cret#x@localhost",
        "redis://:s3cret?x@localhost",
        "redis://:s3cret[x@localhost",
        "redis://:s3cret℀@localhost",
        "redis://:s3cret@localhost/0?db=x",
        "redis://localhost?password=s3cret&db=x",
        "redis://:s3cret@localhost/0?prefx=a",
    ],
)
def test_an_error_does_not_tell_the_password(url: str) -> None:
    with pytest.raises(ValueError) as raised:
        broker_from_url(url)

    error = raised.value
    assert PASSWORD not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__ or PASSWORD not in "".join(traceback.format_exception(error)).replace(url, "")


@pytest.mark.parametrize("url", ["redis://:s3cret@127.0.0.1:{port}/0", "redis://127.0.0.1:{port}/0?password=s3cret"])
def test_the_log_does_not_tell_the_password(url: str, caplog: pytest.LogCaptureFixture) -> None:
    class Receiver:
        deliver = lost = gap = None

    broker = broker_from_url(url.format(port=free_port()))
    caplog.set_level(logging.DEBUG)

    broker.start(Receiver())                                        # type: ignore[arg-type]
    broker.publish(Message("a", timestamp=0.0))
    left = broker.flush(0.5)
    broker.stop(0)

    assert left == 1
    assert "127.0.0.1" in caplog.text
    assert PASSWORD not in caplog.text


WITHOUT_REDIS = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "redis":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
from lona_sync.channels import Channel
from lona_sync.channels.brokers import broker_from_url
print(broker_from_url("memory:").url)
try:
    broker_from_url("redis://:s3cret@localhost")
except ModuleNotFoundError as error:
    print(error)
"""


def test_without_redis_py_it_is_said_what_to_install() -> None:
    result = subprocess.run([sys.executable, "-c", WITHOUT_REDIS], capture_output=True, text=True, timeout=60, check=False)

    assert result.stderr == ""
    assert result.stdout == "memory:\nthe broker on Redis needs redis-py: pip install 'lona-sync[redis]'\n"


BROKEN_REDIS = """
import sys

class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "redis.exceptions":
            raise ModuleNotFoundError("No module named 'something_else'", name="something_else")

sys.meta_path.insert(0, Broken())
from lona_sync.channels.brokers import broker_from_url
try:
    broker_from_url("redis://localhost")
except ModuleNotFoundError as error:
    print(error)
"""


def test_a_redis_py_that_lacks_something_says_itself_what() -> None:
    result = subprocess.run([sys.executable, "-c", BROKEN_REDIS], capture_output=True, text=True, timeout=60, check=False)

    assert result.stdout == "No module named 'something_else'\n"
