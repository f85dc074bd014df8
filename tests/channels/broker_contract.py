"""What every broker promises, as tests. A broker's test class derives from it and says how to make one."""

from __future__ import annotations

from datetime import timedelta

from lona_sync.channels import Channel
from lona_sync.channels.broker import Broker
from lona_sync.channels.hub import Hub
from tests.channels.helpers import Clock, Heard, settle, until


class BrokerContract:
    """`connected` says whether brokers made by one test reach each other; a broker for one process reaches nobody."""

    connected = True

    def make_broker(self) -> Broker:
        """A new one, as another process of the same application would make it."""
        raise NotImplementedError

    def make_hub(self) -> Hub:
        """A process, as far as channels are concerned."""
        hub = Hub(clock=Clock())
        hub.use(self.make_broker())
        return hub

    def wait_for_others(self, heard: Heard, count: int) -> None:
        """Until `heard` has all of `count` messages from another process, if such messages come at all."""
        if self.connected:
            until(lambda: len(heard) >= count)

    def reaching_others(self, data: list[object]) -> list[object]:
        """`data`, or nothing when there are no others."""
        return data if self.connected else []

    def test_the_senders_own_process_gets_each_message_once(self) -> None:
        hub, heard = self.make_hub(), Heard()
        other, far = self.make_hub(), Heard()
        channel = Channel("a", heard, hub=hub)
        Channel("a", far, hub=other)

        for number in range(100):
            channel.send(number)
        self.wait_for_others(far, 100)
        settle(hub)

        assert heard == list(range(100))

    def test_every_other_process_gets_each_message_once_in_order(self) -> None:
        hub, heard, others = self.make_hub(), [Heard(), Heard()], [self.make_hub(), self.make_hub()]
        for far, other in zip(heard, others, strict=True):
            Channel("a", far, hub=other)

        for number in range(100):
            Channel("a", hub=hub).send({"number": number})
        for far in heard:
            self.wait_for_others(far, 100)
        for other in others:
            settle(other)

        expected = self.reaching_others([{"number": number} for number in range(100)])
        assert heard == [expected, expected]

    def test_all_of_a_message_arrives(self) -> None:
        hub, other, heard = self.make_hub(), self.make_hub(), Heard()
        Channel("*", heard, hub=other)

        sent = Channel("täg.a", hub=hub).send({"x": ["é\ud800", None, 1.5]}, expiry=timedelta(hours=1), droppable=True)
        self.wait_for_others(heard, 1)
        settle(other)

        # Times are converted to the clock of the broker and back, and each way knows it only to half of a round trip.
        assert [
            (got.topic, got.data, round((got.timestamp - sent.timestamp) / 60), round((got.expiry - got.timestamp) / 60),
             got.local, got.droppable, got.id, got.missed)
            for got in heard.messages
        ] == self.reaching_others([(sent.topic, sent.data, 0, 60, False, True, sent.id, 0)])

    def test_a_local_message_stays_in_its_process(self) -> None:
        hub, other, near, heard = self.make_hub(), self.make_hub(), Heard(), Heard()
        Channel("a", near, hub=hub)
        Channel("a", heard, hub=other)

        Channel("a", hub=hub).send("local", local=True)
        Channel("a", hub=hub).send("last")
        self.wait_for_others(heard, 1)
        settle(hub)
        settle(other)

        assert near == ["local", "last"]
        assert heard == self.reaching_others(["last"])

    def test_this_process_is_served_when_the_broker_has_stopped(self) -> None:
        broker, heard = self.make_broker(), Heard()
        hub = Hub(clock=Clock())
        hub.use(broker)
        channel = Channel("a", heard, hub=hub)

        broker.stop(0)
        broker.stop(0)
        channel.send(1)
        settle(hub)

        assert heard == [1]

    def test_publishing_before_the_start_does_not_fail(self) -> None:
        heard = Heard()
        hub = Hub(self.make_broker(), clock=Clock())
        channel = Channel("a", heard, hub=hub)

        channel.send(1)
        settle(hub)

        assert heard == [1]

    def test_nothing_is_delivered_after_the_stop(self) -> None:
        hub, other, heard = self.make_hub(), Hub(clock=Clock()), Heard()
        broker, witness, seen = self.make_broker(), self.make_hub(), Heard()
        other.use(broker)
        Channel("a", heard, hub=other)
        Channel("a", seen, hub=witness)

        broker.stop(1)
        Channel("a", hub=hub).send(1)
        self.wait_for_others(seen, 1)
        settle(other)

        assert heard == []

    def test_counters_have_names(self) -> None:
        broker = self.make_broker()

        stats = broker.stats()

        assert all(isinstance(name, str) and isinstance(count, int) for name, count in stats.items())
