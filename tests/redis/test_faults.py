"""Whatever becomes of Redis, of the connections to it and of the processes that share it: each subscriber gets every message
once and in order, or hears that some are missing; nobody hangs, and afterwards all is as before.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import redis

from tests.cluster.processes import process, wait_until
from tests.redis.ledger import Ledger, Told, assert_complete, assert_complete_or_told
from tests.redis.server import RedisServer
from tests.redis.workers import PATCHED, UNPATCHED, Worker, all_sent, await_last, workers

NAMES = ("a", "b", "c")
#: Seconds between two messages of a sender where something happens in the middle.
PACE = 0.001


@contextmanager
def three_workers(folder: Path, url: str, **options: object) -> Iterator[list[Worker]]:
    """They listen to "news"; `options` are those of their brokers."""
    with workers(folder, url, *NAMES, **options) as found:
        for worker in found:
            worker.subscribe("news")
        yield found


def send_all(senders: Sequence[Worker], count: int, topic: str = "news") -> None:
    for worker in senders:
        worker.send(topic, count, PACE)


def send_and_flush(sender: Worker, count: int) -> None:
    """Redis has all of it when this returns."""
    sender.send("news", count)
    sender.await_sent()
    assert sender.flush() == 0


def await_received(receivers: Sequence[Worker], count: int) -> None:
    """Wait until each has got so many messages from others, since it began."""
    for worker in receivers:
        wait_until(lambda worker=worker: worker.stats()["broker"]["received"] >= count, explain=lambda: f"{count} messages")


def finish(everybody: Sequence[Worker], topic: str = "news") -> tuple[list[Ledger], dict[tuple[str, str], int]]:
    """All is well again: everybody sends one more. Once they are everywhere: what each one got, and what was sent."""
    for worker in everybody:
        worker.await_sent()
    for worker in everybody:
        worker.send(topic, 1)
    sent = all_sent(everybody, topic)
    return await_last(everybody, topic, sent), sent


def total(everybody: Sequence[Worker], counter: str) -> int:
    return sum(worker.stats()["broker"][counter] for worker in everybody)


def foreign(server: RedisServer, *numbers: int) -> None:
    """Another program sends them to "news"."""
    client = server.client()
    for number in numbers:
        client.xadd("lona_sync:channels", {"topic": "news", "data": f'{{"from": "foreign", "n": {number}}}'})


@pytest.mark.parametrize("options", [(), ("--appendonly", "yes", "--appendfsync", "always")], ids=["keeps nothing", "keeps all"])
def test_a_killed_redis_comes_back_in_the_middle_of_traffic(tmp_path: Path, options: tuple[str, ...]):
    with RedisServer(tmp_path, *options) as server, three_workers(tmp_path, server.url) as everybody:
        send_all(everybody, 1000)
        await_received(everybody, 500)

        server.kill()
        send_all(everybody, 500)
        server.start()
        send_all(everybody, 500)
        ledgers, sent = finish(everybody)
        kept = [ledger.missing for ledger in ledgers]

    for ledger in ledgers:
        assert_complete_or_told(ledger, sent)
    if options:
        assert kept == [0, 0, 0]


@pytest.mark.parametrize("options", [(), ("--appendonly", "yes", "--appendfsync", "always")], ids=["keeps nothing", "keeps all"])
def test_what_redis_had_taken_when_it_was_killed_is_there_or_told(tmp_path: Path, options: tuple[str, ...]):
    with RedisServer(tmp_path, *options) as server, three_workers(tmp_path, server.url) as everybody:
        a, b, c = everybody
        send_all([a, b], 100)
        await_received([c], 200)

        c.pause()
        send_all([a, b], 500)
        a.await_sent()
        b.await_sent()
        unsent = a.flush(), b.flush()
        server.kill()
        server.start()
        c.resume()
        ledgers, sent = finish(everybody)

    assert unsent == (0, 0)
    for ledger in ledgers:
        assert_complete_or_told(ledger, sent)
    assert bool(ledgers[2].missing) == (not options)


def test_a_redis_that_fell_back_to_its_last_snapshot_delivers_nothing_twice(tmp_path: Path):
    with RedisServer(tmp_path) as server, three_workers(tmp_path, server.url) as everybody:
        a, b, c = everybody
        send_all(everybody, 500)
        foreign(server, 0, 1, 2)
        await_received(everybody, 1003)
        server.client().save()
        send_all(everybody, 500)
        await_received(everybody, 2003)
        c.pause()
        send_all([a, b], 500)
        a.await_sent()
        b.await_sent()
        unsent = a.flush(), b.flush()

        server.kill()
        server.start()
        c.resume()
        server.await_readers(3)                          # they have found out before anything new comes
        foreign(server, 3)
        ledgers, sent = finish(everybody)
        foreign(server, 4)
        sent["foreign", "news"] = 5
        ledgers = await_last(everybody, "news", sent)

    assert unsent == (0, 0)
    for ledger in ledgers:
        assert_complete_or_told(ledger, sent)
    assert ledgers[2].missing >= 900


def test_what_was_sent_before_somebody_listened_does_not_come_by_a_snapshot(tmp_path: Path):
    with RedisServer(tmp_path) as server, workers(tmp_path, server.url, "a", "b", "c") as (a, b, c):
        for worker in (a, c):
            worker.subscribe("news")
        a.send("news", 100)
        await_last([c], "news", all_sent([a], "news"))
        server.client().save()
        b.subscribe("news")
        c.send("news", 100)
        await_last([b], "news", all_sent([c], "news"))

        server.kill()
        server.start()
        server.await_readers(3)                          # they have found out before anything new comes
        c.send("news", 1)
        [ledger] = await_last([b], "news", all_sent([c], "news"))
        a.send("news", 1)
        [ledger] = await_last([b], "news", all_sent([a, c], "news"))

    trail = ledger.trails["a", "news"]
    assert (trail.first, trail.count) == (100, 1)
    assert ledger.told


def test_nothing_is_lost_while_connections_are_cut_twenty_times(tmp_path: Path, redis_server: RedisServer):
    with three_workers(tmp_path, redis_server.url) as everybody:
        client = redis_server.client()
        for worker in everybody:
            worker.send("news", 33_334)

        for cut in range(1, 21):
            wait_until(lambda cut=cut: everybody[0].ledger("news").count >= 4000 * cut)
            client.client_kill_filter(_type="normal", skipme=True)
        ledgers, sent = finish(everybody)
        failures = [worker.stats()["broker"]["failures"] for worker in everybody]

    for ledger in ledgers:
        assert_complete(ledger, sent)
    assert all(failures)


def test_nothing_is_lost_while_redis_hangs_too_long(tmp_path: Path, redis_server: RedisServer):
    with three_workers(tmp_path, redis_server.url) as everybody:
        send_all(everybody, 1000)
        await_received(everybody, 500)

        redis_server.pause()
        send_all(everybody, 500)
        for worker in everybody:                     # each has lost patience, while it wrote and while it read
            wait_until(lambda worker=worker: worker.stats()["broker"]["failures"] >= 2)
        redis_server.resume()
        ledgers, sent = finish(everybody)
        repeated = total(everybody, "repeated")

    for ledger in ledgers:
        assert_complete(ledger, sent)
    assert repeated                                  # what had waited in the kernel, and was sent again


def test_a_worker_that_stood_still_gets_what_was_sent_meanwhile(tmp_path: Path, redis_server: RedisServer):
    with three_workers(tmp_path, redis_server.url) as everybody:
        a, b, c = everybody
        send_all(everybody, 100)
        await_received(everybody, 200)

        c.pause()
        for worker in (a, b):
            worker.send("news", 5_000)
        for worker in (a, b):
            worker.await_sent()
            worker.flush()
        c.resume()
        ledgers, sent = finish(everybody)

    for ledger in ledgers:
        assert_complete(ledger, sent)


def test_a_worker_that_stood_still_while_the_stream_was_cut_is_told(tmp_path: Path, redis_server: RedisServer):
    with three_workers(tmp_path, redis_server.url, stream_length=1000) as everybody:
        a, b, c = everybody
        send_all(everybody, 100)
        await_received(everybody, 200)

        c.pause()
        send_all([a, b], 2000)
        for worker in (a, b):
            worker.await_sent()
            worker.flush()
        c.resume()
        ledgers, sent = finish(everybody)

    for ledger in ledgers[:2]:
        assert_complete(ledger, sent)
    assert_complete_or_told(ledgers[2], sent)
    assert 2000 < ledgers[2].missing < 4000


def test_a_password_that_is_put_right_later_is_found_and_never_written(tmp_path: Path, redis_server: RedisServer):
    url = f"redis://:the-secret@127.0.0.1:{redis_server.port}/0"
    redis_server.client().config_set("requirepass", "another-one")
    with three_workers(tmp_path, url) as everybody:
        send_all(everybody, 500)
        for worker in everybody:
            wait_until(lambda worker=worker: "cannot be used" in worker.process.output)
            worker.await_sent()
        unsent = [worker.stats()["broker"]["unsent"] for worker in everybody]

        redis_server.client(password="another-one").config_set("requirepass", "the-secret")
        ledgers, sent = finish(everybody)
        for worker in everybody:
            wait_until(lambda worker=worker: "can be used again" in worker.process.output)
        outputs = [worker.process.output for worker in everybody]

    assert unsent == [500] * 3
    for ledger in ledgers:
        assert_complete(ledger, sent)
    assert not any("the-secret" in output for output in outputs)


def test_a_redis_without_memory_takes_everything_later(tmp_path: Path):
    server = RedisServer(tmp_path, "--maxmemory", "20mb", "--maxmemory-policy", "noeviction")
    with server, three_workers(tmp_path, server.url) as everybody:
        send_all(everybody, 500)
        await_received(everybody, 500)

        server.client().setrange("filler", 25_000_000, "x")
        send_all(everybody, 500)
        for worker in everybody:
            worker.await_sent()
            wait_until(lambda worker=worker: "OutOfMemory" in worker.process.output)
        unsent = [worker.stats()["broker"]["unsent"] for worker in everybody]
        server.client().delete("filler")
        ledgers, sent = finish(everybody)

    assert all(unsent)
    for ledger in ledgers:
        assert_complete(ledger, sent)


def test_what_did_not_find_room_while_redis_was_away_is_told_by_its_number(tmp_path: Path, redis_server: RedisServer):
    redis_server.kill()
    with workers(tmp_path, redis_server.url, "a", "b", outbox_messages=100) as (a, b):
        b.subscribe("*")
        a.send("news", 1000)
        a.send("weather", 500)
        a.await_sent()
        stats = a.stats()["broker"]

        redis_server.start()
        a.send("news", 1)
        a.send("weather", 1)
        [ledger] = await_last([b], "*", sent := all_sent([a], "*"))

    assert (stats["unsent"], stats["unsent_dropped"]) == (100, 1400)
    assert_complete_or_told(ledger, sent)
    assert ledger.missing >= 1400
    assert ledger.told == [Told(1, ledger.missing)]


def test_what_has_expired_while_redis_was_away_does_not_come_and_is_not_missed(tmp_path: Path, redis_server: RedisServer):
    redis_server.kill()
    with workers(tmp_path, redis_server.url, "a", "b") as (a, b):
        b.subscribe("*")
        a.send("news", 10)
        a.send("brief", 10, expiry=0.2)
        a.await_sent()
        dead = time.time() + 0.2
        wait_until(lambda: time.time() > dead)

        redis_server.start()
        a.send("news", 1)
        a.send("brief", 1)
        [ledger] = await_last([b], "*", all_sent([a], "*"))
        expired = a.stats()["broker"]["unsent_expired"]

    brief = ledger.trails["a", "brief"]
    assert ledger.trails["a", "news"].count == 11
    assert (brief.count, brief.first) == (1, 10)
    assert ledger.told == []
    assert expired == 10


def test_what_is_droppable_gives_way_while_redis_is_away_and_is_not_missed(tmp_path: Path, redis_server: RedisServer):
    redis_server.kill()
    with workers(tmp_path, redis_server.url, "a", "b", outbox_messages=100) as (a, b):
        b.subscribe("*")
        a.send("news", 50)
        a.send("ticks", 50, droppable=True)
        a.await_sent()
        a.send("news", 40)
        a.await_sent()
        stats = a.stats()["broker"]

        redis_server.start()
        [ledger] = await_last([b], "*", sent := all_sent([a], "*"))

    ticks = ledger.trails["a", "ticks"]
    assert (stats["unsent_given_up"], stats["unsent_dropped"]) == (40, 0)
    assert ledger.trails["a", "news"].count == sent["a", "news"]
    assert (ticks.first, ticks.count) == (40, 10)
    assert ledger.told == []


def evict(server: RedisServer) -> None:
    """Let the server choose the stream as what has to go for want of memory."""
    client = server.client()
    client.config_set("maxmemory-policy", "allkeys-random")
    before = client.xinfo_stream("lona_sync:channels")["entries-added"]

    def gone() -> bool:
        client.config_set("maxmemory", "1")
        with suppress(redis.OutOfMemoryError):   # nothing is left to be evicted
            client.set("any", "thing")
        client.config_set("maxmemory", "0")
        return not client.exists("lona_sync:channels") or client.xinfo_stream("lona_sync:channels")["entries-added"] < before

    wait_until(gone)


@pytest.mark.parametrize("take_away", [
    lambda server: server.client().delete("lona_sync:channels"),
    lambda server: server.client().flushall(),
    evict,
], ids=["deleted", "flushed", "evicted"])
def test_a_stream_that_is_taken_away_during_traffic_is_told(
    tmp_path: Path, redis_server: RedisServer, take_away: Callable[[RedisServer], object],
):
    with three_workers(tmp_path, redis_server.url) as everybody:
        a, b, c = everybody
        send_all(everybody, 500)
        await_received(everybody, 300)

        take_away(redis_server)
        await_received(everybody, 600)
        c.pause()
        send_all([a, b], 500)
        for worker in (a, b):
            worker.await_sent()
            worker.flush()
        take_away(redis_server)
        c.resume()
        ledgers, sent = finish(everybody)

    for ledger in ledgers:
        assert_complete_or_told(ledger, sent)
    assert ledgers[2].missing >= 900


def test_a_stream_that_was_replaced_by_a_longer_one_is_told_before_what_is_new(tmp_path: Path, redis_server: RedisServer):
    with workers(tmp_path, redis_server.url, "a", "b", "c") as (a, b, c):
        c.subscribe("news")
        b.send("news", 1)
        await_last([c], "news", all_sent([b], "news"))
        redis_server.await_readers(1)

        c.pause()
        send_and_flush(b, 1)                     # what c waits for: it must not see the beginning of what follows
        send_and_flush(a, 4)
        redis_server.client().delete("lona_sync:channels")
        send_and_flush(a, 4)
        c.resume()
        a.send("news", 1)
        [ledger] = await_last([c], "news", sent := all_sent([a, b], "news"))

    assert_complete_or_told(ledger, sent)


@pytest.mark.parametrize("program", [PATCHED, UNPATCHED], ids=["patched", "unpatched"])
def test_a_forked_child_has_a_connection_of_its_own(tmp_path: Path, redis_server: RedisServer, program: tuple[str, ...]):
    with workers(tmp_path, redis_server.url, "a", "b", program=program) as (a, b):
        for worker in (a, b):
            worker.subscribe("news")
        send_all([a, b], 100)
        await_received([a, b], 100)
        a.send("news", 1000, PACE)

        with closing(a.fork("child")) as child:
            for worker in (a, b, child):
                worker.subscribe("all")
            send_all([a, b, child], 500, "all")
            ledgers, sent = finish([a, b, child], "all")
            child_stats = child.stats()["broker"]
        news, sent_news = finish([a, b])
        stats = [worker.stats()["broker"] for worker in (a, b)]

    for ledger in ledgers:
        assert_complete(ledger, sent)
    for ledger in news:
        assert_complete(ledger, sent_news)
    assert child_stats["own"] == 501
    assert [(each["connects"], each["failures"]) for each in (*stats, child_stats)] == [(2, 0)] * 3


SCRIPT = """
import sys
from lona_sync.channels.link import connect

def main():
    link = connect(sys.argv[1])
    for number in range(1000):
        link.send("news" if number < 700 else "weather", {"from": "script", "n": number % 700})

main()
"""


def test_a_script_that_ends_has_sent_everything(tmp_path: Path, redis_server: RedisServer):
    (tmp_path / "script.py").write_text(SCRIPT)
    with workers(tmp_path, redis_server.url, "a") as [a]:
        a.subscribe("*")

        with process(tmp_path, "script.py", redis_server.url) as script:
            status = script.wait()
            output = script.output
        [ledger] = await_last([a], "*", sent := {("script", "news"): 700, ("script", "weather"): 300})

    assert (status, output) == (0, "")
    assert_complete(ledger, sent)


@pytest.mark.parametrize("put_away", [RedisServer.kill, RedisServer.pause])
def test_a_script_that_cannot_send_ends_and_names_what_is_lost(
    tmp_path: Path, redis_server: RedisServer, put_away: Callable[[RedisServer], None],
):
    (tmp_path / "script.py").write_text(SCRIPT)
    put_away(redis_server)

    with process(tmp_path, "script.py", redis_server.url) as script:
        status = script.wait(20)                 # 5 of them to wait for Redis
        output = script.output

    assert status == 0
    assert "not sent to other processes" in output
    assert re.search(r"\b1000\b", output)
    assert "'news' (700), 'weather' (300)" in output
    assert "Traceback" not in output
