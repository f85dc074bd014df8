"""The contract of brokers, over a real Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lona_sync.channels.broker import Broker
from lona_sync.channels.redis import RedisBroker
from tests.channels.broker_contract import BrokerContract
from tests.channels.helpers import Clock
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
