"""The in-process broker, and the contract itself on a broker that connects hubs of one test."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lona_sync.channels import Channel
from lona_sync.channels.broker import Broker, MemoryBroker, Receiver
from lona_sync.channels.hub import Hub
from lona_sync.channels.message import Message
from tests.channels.broker_contract import BrokerContract
from tests.channels.helpers import Clock, Heard, settle


class TestMemoryBroker(BrokerContract):
    connected = False

    def make_broker(self) -> Broker:
        return MemoryBroker()


class WireBroker:
    """Connects the brokers of one list, as if by a network that is always there."""

    def __init__(self, peers: list[WireBroker]) -> None:
        self.receiver: Receiver | None = None
        self.forks = 0
        self.listening = 0
        self._peers = peers
        peers.append(self)

    def start(self, receiver: Receiver) -> None:
        self.receiver = receiver

    @property
    def url(self) -> str:
        return "wire:"

    def listen(self) -> None:
        self.listening += 1

    def unlisten(self) -> None:
        self.listening -= 1

    def flush(self, timeout: float) -> int:
        return 0

    def publish(self, message: Message) -> None:
        for peer in self._peers:
            if peer is not self and peer.receiver is not None:
                peer.receiver.deliver(
                    Message(
                        message.topic,
                        encoded=message.encoded(),
                        timestamp=message.timestamp,
                        expiry=message.expiry,
                        droppable=message.droppable,
                        id=message.id,
                        clock=Clock(),
                    )
                )

    def stop(self, timeout: float) -> int:
        self.receiver = None
        return 0

    def retire(self) -> None:
        self.receiver = None

    def forked(self) -> None:
        self.forks += 1
        self.listening = 0

    def stats(self) -> Mapping[str, int]:
        return {"peers": len(self._peers)}


class TestContractItself(BrokerContract):
    """Keeps the contract's tests honest until a broker with a network runs them."""

    @pytest.fixture(autouse=True)
    def _peers(self) -> None:
        self.peers: list[WireBroker] = []

    def make_broker(self) -> Broker:
        return WireBroker(self.peers)


def test_a_gap_that_the_broker_saw_is_told_to_those_it_concerns() -> None:
    broker, heard, other = WireBroker([]), Heard(), Heard()
    hub = Hub(clock=Clock())
    hub.use(broker)
    Channel("a.b", heard, hub=hub)
    Channel("c", other, hub=hub)

    assert broker.receiver is not None
    broker.receiver.lost("a.*", -1)
    Channel("a.b", hub=hub).send()
    Channel("c", hub=hub).send()
    settle(hub)

    assert heard.missed == [-1]
    assert other.missed == [0]


def test_a_gap_is_told_to_everybody_and_on_a_topic_of_its_own() -> None:
    broker, heard, pattern, gaps = WireBroker([]), Heard(), Heard(), Heard()
    hub = Hub(clock=Clock())
    hub.use(broker)
    for topic, handler in (("a.b", heard), ("a.*", pattern), ("lona.channels.gap", gaps)):
        Channel(topic, handler, hub=hub)

    assert broker.receiver is not None
    broker.receiver.gap("cut")
    Channel("a.b", hub=hub).send()
    Channel("a.b", hub=hub).send()
    settle(hub)

    assert heard.missed == [-1, 0]
    assert pattern.missed == [-1, 0]
    assert gaps == [{"topics": ["a.b", "lona.channels.gap", "a.*"], "reason": "cut"}]
    assert gaps.messages[0].local
    assert hub.stats().gaps == 1


def test_a_broker_knows_whether_anybody_listens() -> None:
    broker = WireBroker([])
    hub = Hub(clock=Clock())
    early = Channel("early", Heard(), hub=hub)
    hub.use(broker)

    known = [broker.listening]
    channel = Channel("a", Heard(), hub=hub)
    early.unsubscribe()
    known.append(broker.listening)
    channel.unsubscribe()
    known.append(broker.listening)
    channel.subscribe(Heard())
    known.append(broker.listening)

    assert known == [1, 1, 0, 1]


def test_a_child_process_listens_when_it_uses_its_hub_and_not_before() -> None:
    broker = WireBroker([])
    hub = Hub(broker)
    Channel("a", Heard(), hub=hub)

    hub.forked()
    known = [broker.listening]
    Channel("b", hub=hub).send()
    known.append(broker.listening)

    assert broker.forks == 1
    assert known == [0, 1]


def test_another_broker_takes_the_place_of_the_first_which_is_stopped() -> None:
    first, second = WireBroker([]), WireBroker([])
    hub = Hub()
    hub.use(first)

    hub.use(second)

    assert first.receiver is None
    assert second.receiver is hub
    assert hub.stats().broker == {"peers": 1}
