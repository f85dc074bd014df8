"""The contract of brokers, over a real Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import gevent
import pytest

from lona_sync.channels import Channel
from lona_sync.channels.broker import Broker
from lona_sync.channels.hub import Hub
from lona_sync.channels.redis import RedisBroker
from tests.channels.broker_contract import BrokerContract
from tests.channels.helpers import Clock, Heard, until
from tests.redis.server import RedisServer


class TestRedisBroker(BrokerContract):
    @pytest.fixture(autouse=True)
    def _server(self, redis_server: RedisServer) -> Iterator[None]:
        self.url = redis_server.url
        self.brokers: list[Broker] = []
        yield
        for broker in self.brokers:
            broker.stop(1)

    def make_broker(self) -> Broker:
        broker = RedisBroker(self.url, clock=Clock())
        self.brokers.append(broker)
        return broker

    def test_an_age_is_measured_on_the_clock_of_redis(self) -> None:
        ahead, behind = Clock(2_000_000_000.0), Clock(1_000_000_000.0)
        clocks, hubs, heard = (ahead, behind), [], [Heard(), Heard()]
        for clock, handler in zip(clocks, heard, strict=True):
            broker = RedisBroker(self.url, clock=clock)
            self.brokers.append(broker)
            hub = Hub(clock=clock)
            Channel("a", handler, hub=hub)
            hub.use(broker)
            hubs.append(hub)

        for hub in hubs:                                 # each would be expired, or good for thirty years, by the other's clock
            Channel("a", hub=hub).send("lives", timedelta(hours=1))
            Channel("a", hub=hub).send("has expired", timedelta(hours=-1))
            Channel("a", hub=hub).send("last")
        for handler in heard:
            until(lambda handler=handler: list(handler).count("last") == 2)

        assert heard == [["lives", "last"] * 2] * 2
        for clock, handler in zip(clocks, heard, strict=True):
            assert [round((message.timestamp - clock.now) / 60) for message in handler.messages] == [0] * 4

    def test_a_process_that_only_listens_bounds_the_stream_too(self, redis_server: RedisServer) -> None:
        client, hub, heard = redis_server.client(), Hub(), Heard()
        client.xadd("lona_sync:channels", {"topic": "old"}, id="1-1")
        for _ in range(500):
            client.xadd("lona_sync:channels", {"topic": "old"}, id="2-*")
        broker = RedisBroker(self.url, stream_seconds=60)
        self.brokers.append(broker)

        Channel("a", heard, hub=hub)
        hub.use(broker)

        until(lambda: client.xlen("lona_sync:channels") < 200)

    def test_who_listens_again_hears_nothing_of_the_time_between(self, redis_server: RedisServer) -> None:
        client, hub, heard = redis_server.client(), self.make_hub(), Heard()
        channel = Channel("a", heard, hub=hub)
        redis_server.await_readers(1)

        channel.unsubscribe()
        client.client_kill_filter(_type="normal", skipme=True)
        until(lambda: hub.stats().broker["failures"] == 1)
        client.xadd("lona_sync:channels", {"topic": "a", "data": "1"})
        gevent.sleep(0.5)                                # the time between, longer than any answer takes
        channel.subscribe(heard)
        client.xadd("lona_sync:channels", {"topic": "a", "data": "2"})
        until(lambda: 2 in heard)

        assert heard == [2]

    def test_what_is_published_in_the_moment_of_the_start_is_sent(self) -> None:
        for number in range(50):
            hub, broker = Hub(), RedisBroker(f"{self.url}?prefix={number}")
            thread = threading.Thread(target=Channel("a", hub=hub).send)
            thread.start()
            hub.use(broker)
            thread.join()

            unsent = broker.stop(20)

            assert unsent == 0
