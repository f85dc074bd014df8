"""The contract of brokers, over a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

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
