"""What stands in the stream arrives, once and in order; what is lost is told before what comes after it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator

import pytest
import redis

from lona_sync.channels import Channel
from lona_sync.channels.hub import GAP, Hub
from lona_sync.channels.redis import RedisBroker
from tests.channels.helpers import Heard, settle, until
from tests.redis.server import RedisServer

STREAM = "lona_sync:channels"
MakeHub = Callable[..., Hub]


@pytest.fixture
def make_hub(redis_server: RedisServer) -> Iterator[MakeHub]:
    """A process, as far as channels are concerned; `query` and `options` are those of its broker."""
    hubs: list[Hub] = []

    def make(query: str = "", **options: int) -> Hub:
        hub = Hub()
        hub.use(RedisBroker(f"{redis_server.url}{query}", **options))         # type: ignore[arg-type]
        hubs.append(hub)
        return hub

    yield make
    for hub in hubs:
        hub.stop(0)


@pytest.fixture
def client(redis_server: RedisServer) -> redis.Redis:
    """Another program."""
    return redis_server.client()


def stats(hub: Hub) -> dict[str, int]:
    return dict(hub.stats().broker)


def listen(hub: Hub, topic: str = "a") -> Heard:
    """Subscribe, and wait until the reader is at work."""
    heard = Heard()
    Channel(topic, heard, hub=hub)
    await_reader(hub)
    return heard


def await_reader(hub: Hub) -> None:
    """Wait until it has caught up with the stream."""
    reader = hub.broker._work.reader                     # type: ignore[attr-defined]
    until(lambda: reader._in_order)


def connection(hub: Hub, client: redis.Redis) -> str | None:
    """The id of the reader's connection, if it waits in XREAD."""
    return next((found["id"] for found in client.client_list() if found["cmd"] == "xread" and "b" in found["flags"]), None)




def add(client: redis.Redis, topic: str, data: object, stream: str = STREAM) -> None:
    client.xadd(stream, {"topic": topic, "data": json.dumps(data)})


class Away:
    """While it is entered, the reader has no connection, though it wants one; after it, it has one again."""

    def __init__(self, hub: Hub, client: redis.Redis) -> None:
        self._hub, self._client = hub, client
        self._keeper = hub.broker._work.reader._keeper   # type: ignore[attr-defined]
        self._address = self._keeper._address

    def __enter__(self) -> None:
        self._keeper._address = Nowhere()
        failures = stats(self._hub)["failures"]
        until(lambda: connection(self._hub, self._client))
        self._client.client_kill_filter(_id=connection(self._hub, self._client))
        until(lambda: stats(self._hub)["failures"] > failures)

    def __exit__(self, *_: object) -> None:
        self._keeper._address = self._address
        await_reader(self._hub)


class Nowhere:
    def session(self) -> object:
        raise ConnectionRefusedError("nobody is there")


def test_another_program_publishes_with_xadd(make_hub: MakeHub, client: redis.Redis) -> None:
    heard = listen(make_hub(), "chat.*")
    seconds = client.time()[0]

    client.xadd(STREAM, {"topic": "chat.a"})
    client.xadd(STREAM, {"topic": "chat.b", "data": '{"text": "täg"}', "expiry": seconds + 3600})
    client.xadd(STREAM, {"topic": "other"})
    client.xadd(STREAM, {"topic": "chat.*", "data": "[1, null]"})
    until(lambda: len(heard) == 3)

    assert heard == [None, {"text": "täg"}, [1, None]]
    assert [message.topic for message in heard.messages] == ["chat.a", "chat.b", "chat.*"]
    assert heard.missed == [0, 0, 0]
    assert heard.messages[0].expiry is None
    assert abs(heard.messages[0].timestamp - time.time()) < 60
    assert abs((heard.messages[1].expiry or 0) - (time.time() + 3600)) < 60


def test_what_has_expired_on_the_way_reaches_nobody(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard = listen(hub)

    client.xadd(STREAM, {"topic": "a", "data": "1", "expiry": client.time()[0] - 60})
    add(client, "a", 2)
    until(lambda: heard)

    assert heard == [2]
    assert hub.stats().expired == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"data": "1"},
        {"topic": b"\xff"},
        {"topic": "a", "data": "hello"},
        {"topic": "a", "data": b"\xff"},
        {"topic": "a", "data": "[" * 100_000},
        {"topic": "a", "data": "9" * 5000},
        {"topic": "a", "data": f'"{"x" * 2_000_000}"'},
        {"topic": "a", "expiry": "soon"},
        {"topic": "a", "sent": "and lost"},
        {"topic": "a", "lost": ""},
    ],
    ids=lambda fields: ",".join(f"{name}={value!r:.10}" for name, value in fields.items()),
)
def test_what_nobody_can_read_is_counted_told_and_passed_over(
    fields: dict[str, str | bytes], make_hub: MakeHub, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    hub = make_hub()
    heard = listen(hub)

    id = client.xadd(STREAM, fields)                     # type: ignore[arg-type]
    add(client, "a", "next")
    until(lambda: heard)

    assert heard == ["next"]
    assert heard.missed == [0]
    assert (stats(hub)["malformed"], stats(hub)["received"], hub.stats().errors) == (1, 1, 0)
    [text] = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert text.startswith(f"entry {id.decode()} of lona_sync:channels is no message: ")
    assert len(text) < 1000


def test_what_is_published_just_after_the_first_subscription_is_not_missed(make_hub: MakeHub) -> None:
    hub, other = make_hub(), make_hub()
    heard = Heard()

    # Each time nobody was reading, and the way to the server is only looked for.
    for number in range(200):
        subscription = Channel(f"topic-{number}", hub=hub).subscribe(heard)
        Channel(f"topic-{number}", hub=other).send(number)
        until(lambda: len(heard) > number)               # noqa: B023
        subscription.unsubscribe()

    assert heard == list(range(200))
    assert set(heard.missed) == {0}


def test_what_is_published_before_a_connection_can_be_had_is_not_missed(
    make_hub: MakeHub, redis_server: RedisServer, client: redis.Redis
) -> None:
    hub, heard = make_hub(), Heard()
    with_reader = listen(hub, "before")
    redis_server.pause()

    Channel("a", heard, hub=hub)
    redis_server.resume()
    for number in range(50):
        add(client, "a", number)
    until(lambda: len(heard) == 50)

    assert heard == list(range(50))
    assert with_reader == []


def test_what_was_published_before_anybody_listened_is_not_heard(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    add(client, "a", "before")
    before = client.time()
    until(lambda: client.time() > (before[0], before[1] + 10_000))      # more than the clocks may be apart

    heard = listen(hub)
    add(client, "a", "after")
    until(lambda: heard)

    assert heard == ["after"]


def test_nothing_is_read_while_nobody_listens(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard = Heard()
    subscription = Channel("a", hub=hub).subscribe(heard)
    await_reader(hub)

    subscription.unsubscribe()
    for number in range(30):
        add(client, "a", number)
    until(lambda: hub.broker._work.reader._cursor is None)              # type: ignore[attr-defined]
    settle(hub)

    assert heard == []
    assert stats(hub)["received"] <= 1                   # the one that ended its wait


def test_who_subscribes_again_hears_again_and_of_no_gap(make_hub: MakeHub, client: redis.Redis) -> None:
    hub, heard = make_hub(), Heard()

    for number in range(20):
        subscription = Channel("a", hub=hub).subscribe(heard)
        add(client, "a", number)
        until(lambda: number in heard)                   # noqa: B023
        subscription.unsubscribe()

    assert heard == list(range(20))
    assert set(heard.missed) == {0}
    assert stats(hub)["gaps"] == 0


def test_more_than_is_asked_for_at_once_comes_in_order(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard = listen(hub)
    pipeline = client.pipeline(transaction=False)

    for number in range(5000):
        pipeline.xadd(STREAM, {"topic": "a", "data": str(number)})
    pipeline.execute()
    until(lambda: len(heard) + hub.stats().dropped >= 5000)
    settle(hub)

    assert stats(hub)["received"] == 5000
    assert heard == sorted(set(heard), key=int)          # type: ignore[call-overload]
    assert sum(heard.missed) == hub.stats().dropped
    assert stats(hub)["gaps"] == 0


def test_what_was_added_while_the_reader_was_away_is_read_when_it_is_back(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard = listen(hub)

    with Away(hub, client):
        for number in range(50):
            add(client, "a", number)
    until(lambda: len(heard) == 50)

    assert heard == list(range(50))
    assert set(heard.missed) == {0}
    assert stats(hub)["gaps"] == 0


def test_what_was_cut_off_after_it_was_read_is_not_missed(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard = listen(hub)
    for number in range(30):
        add(client, "a", number)
    until(lambda: len(heard) == 30)

    with Away(hub, client):
        client.xtrim(STREAM, maxlen=0, approximate=False)
        add(client, "a", "new")
    until(lambda: len(heard) == 31)

    assert heard[-1] == "new"
    assert set(heard.missed) == {0}


def test_what_was_cut_off_while_the_reader_was_away_is_told(
    make_hub: MakeHub, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    hub = make_hub()
    heard, gaps, pattern = listen(hub), listen(hub, GAP), listen(hub, "*")
    add(client, "a", "before")
    until(lambda: heard)

    with Away(hub, client):
        for number in range(10):
            add(client, "a", number)
        client.xtrim(STREAM, maxlen=3, approximate=False)
    until(lambda: len(heard) == 4)
    settle(hub)

    assert heard == ["before", 7, 8, 9]
    assert heard.missed == [0, -1, 0, 0]
    assert pattern.missed[-3:] == [-1 if len(pattern) == 4 else 0, 0, 0]
    assert [gap["reason"] for gap in gaps] == ["cut"]    # type: ignore[index]
    assert set(gaps[0]["topics"]) == {"a", "*", GAP}     # type: ignore[index]
    assert stats(hub)["gaps"] == hub.stats().gaps == 1
    assert "messages of other processes were lost (cut)" in caplog.text


def test_when_all_was_cut_off_it_is_told_with_the_next_message(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard, gaps = listen(hub), listen(hub, GAP)

    with Away(hub, client):
        for number in range(10):
            add(client, "a", number)
        client.xtrim(STREAM, maxlen=0, approximate=False)
    until(lambda: gaps)
    add(client, "a", "next")
    until(lambda: heard)

    assert heard == ["next"]
    assert heard.missed == [-1]


@pytest.mark.parametrize("end", ["delete", "flushall"])
@pytest.mark.parametrize("more", [0, 1, 30])
def test_a_stream_that_is_deleted_is_told_and_the_next_one_read_once(
    end: str, more: int, make_hub: MakeHub, client: redis.Redis
) -> None:
    hub = make_hub()
    heard, gaps = listen(hub), listen(hub, GAP)
    for number in range(5):
        add(client, "a", number)
    until(lambda: len(heard) == 5)

    with Away(hub, client):
        add(client, "a", "lost")
        client.delete(STREAM) if end == "delete" else client.flushall()
        for number in range(more):
            add(client, "a", f"new {number}")
    until(lambda: gaps)
    add(client, "a", "last")
    until(lambda: "last" in heard)

    assert heard == [*range(5), *(f"new {number}" for number in range(more)), "last"]
    assert heard.missed == [0] * 5 + [-1] + [0] * more
    assert [gap["reason"] for gap in gaps] == ["replaced"]              # type: ignore[index]


def test_what_was_read_of_a_new_stream_before_anybody_looked_is_not_read_again(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard, gaps = listen(hub), listen(hub, GAP)
    for number in range(5):
        add(client, "a", number)
    until(lambda: len(heard) == 5)

    client.flushall()
    add(client, "a", "new")
    until(lambda: len(heard) == 6)
    with Away(hub, client):                              # as a check does that is due every few seconds
        pass
    until(lambda: gaps)
    add(client, "a", "last")
    until(lambda: "last" in heard)

    assert heard == [*range(5), "new", "last"]
    assert heard.missed == [0] * 6 + [-1]


def test_messages_of_our_own_processes_survive_a_flush(make_hub: MakeHub, client: redis.Redis) -> None:
    hub, other = make_hub(), make_hub()
    heard = listen(hub)
    channel = Channel("a", hub=other)
    channel.send(1)
    until(lambda: len(heard) == 1)

    with Away(hub, client):
        client.flushall()
        channel.send(2)
        assert other.broker.flush(20) == 0
    channel.send(3)
    until(lambda: len(heard) == 3)

    assert heard == [1, 2, 3]
    assert heard.missed == [0, -1, 0]


def test_a_restart_is_told_each_time(make_hub: MakeHub, redis_server: RedisServer) -> None:
    hub = make_hub()
    gaps = listen(hub, GAP)

    for count in (1, 2):
        redis_server.kill()
        redis_server.start()
        until(lambda: len(gaps) == count)                # noqa: B023
        await_reader(hub)

    assert [gap["reason"] for gap in gaps] == ["restarted"] * 2         # type: ignore[index]


def test_who_subscribed_after_a_gap_hears_of_the_next_one(make_hub: MakeHub, redis_server: RedisServer) -> None:
    hub = make_hub()
    gaps, heard = listen(hub, GAP), Heard()
    redis_server.kill()
    redis_server.start()
    until(lambda: gaps)
    await_reader(hub)

    Channel("a", heard, hub=hub)
    redis_server.kill()
    redis_server.start()
    until(lambda: len(gaps) == 2)
    add(redis_server.client(), "a", "next")
    until(lambda: heard)

    assert heard.missed == [-1]


def test_a_hole_in_the_numbers_of_a_writer_is_told(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard, gaps = listen(hub), listen(hub, GAP)

    for number in (1, 2, 2, 5, 4, 6):
        client.xadd(STREAM, {"topic": "a", "data": str(number), "sent": f"writer {number} id-{number} 1700000000.5 - 0"})
    until(lambda: len(heard) == 4)

    assert heard == [1, 2, 5, 6]
    assert heard.missed == [0, 0, -1, 0]
    assert [gap["reason"] for gap in gaps] == ["jump"]   # type: ignore[index]
    assert stats(hub)["repeated"] == 2


def test_what_another_process_could_not_send_is_told_with_its_number(make_hub: MakeHub, client: redis.Redis) -> None:
    hub = make_hub()
    heard, untouched = listen(hub), listen(hub, "b")

    client.xadd(STREAM, {"topic": "a", "lost": "writer 1 7"})
    add(client, "a", "next")
    add(client, "b", "next")
    until(lambda: heard and untouched)

    assert heard.missed == [7]
    assert untouched.missed == [0]


def test_prefixes_keep_applications_apart(make_hub: MakeHub, client: redis.Redis) -> None:
    shop, blog, other = make_hub("?prefix=shop"), make_hub("?prefix=blog"), make_hub("?prefix=shop")
    heard, seen = listen(shop), listen(blog)

    Channel("a", hub=other).send("shop")
    add(client, "a", "blog", "blog:channels")
    until(lambda: heard and seen)
    settle(shop)
    settle(blog)

    assert (heard, seen) == (["shop"], ["blog"])
    assert set(client.keys()) == {b"shop:channels", b"blog:channels"}


def test_databases_keep_applications_apart(make_hub: MakeHub, redis_server: RedisServer, client: redis.Redis) -> None:
    hub, other = make_hub("?db=1"), make_hub()
    heard = listen(hub)

    Channel("a", hub=other).send("elsewhere")
    assert other.broker.flush(20) == 0
    add(redis_server.client(db=1), "a", "here")
    until(lambda: heard)

    assert heard == ["here"]


def test_a_key_that_is_no_stream_is_told_once_and_does_not_keep_anybody_busy(
    make_hub: MakeHub, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    client.set(STREAM, "not a stream")
    hub, heard = make_hub(), Heard()

    Channel("a", heard, hub=hub)
    until(lambda: "WRONGTYPE" in caplog.text)
    failures, limit = stats(hub)["failures"], time.monotonic() + 1
    until(lambda: time.monotonic() > limit)
    tries = stats(hub)["failures"] - failures
    client.delete(STREAM)
    add(client, "a", "hello")
    until(lambda: heard and "can be used again" in caplog.text)

    assert tries < 30                                    # of the reader and of the writer
    assert caplog.text.count("cannot be used") == 1
    assert caplog.text.count("can be used again") == 1


def test_an_old_server_is_refused_with_what_is_needed(make_hub: MakeHub) -> None:
    hub = make_hub()
    reader = hub.broker._work.reader                     # type: ignore[attr-defined]

    class Old:
        def call(self, *command: str) -> bytes:
            return b"# Server\r\nredis_version:6.2.14\r\nrun_id:abc\r\n"

    with pytest.raises(redis.RedisError, match=r"channels need Redis 7 or later, or Valkey, and this is Redis 6\.2\.14"):
        reader._greet(Old())
