"""Random histories against a model: dicts and lists, one step at a time."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lona_sync.channels import Channel, Subscription
from lona_sync.channels.hub import Hub
from lona_sync.channels.subscription import Overflow
from tests.channels.helpers import Clock, Heard, View, settle

TOPICS = ["a", "b", "a.x", "a.*", "*", "?", "[ab]"]
QUEUE = 3


@dataclass
class Model:
    """One subscription, as the contract describes it."""

    topic: str
    overflow: str
    view: int | None
    queue: list[tuple[int, float | None, int]] = field(default_factory=list)       # number, expiry, missed just before it
    lost_after: int = 0
    heard: list[tuple[int, int]] = field(default_factory=list)                     # number, missed
    dropped: int = 0
    expired: int = 0
    lost_before: int = 0
    active: bool = True

    def send(self, number: int, expiry: float | None) -> None:
        if len(self.queue) == QUEUE:
            self.dropped += 1
            if self.overflow == "drop_oldest":
                self.lost_before += self.queue.pop(0)[2] + 1
            else:
                self.lost_after += 1
                return
        self.queue.append((number, expiry, self.lost_after))
        self.lost_after = 0

    def drain(self, now: float) -> None:
        for number, expiry, missed in self.queue:
            self.lost_before += missed
            if expiry is not None and now >= expiry:
                self.expired += 1
            else:
                self.heard.append((number, self.lost_before))
                self.lost_before = 0
        self.queue.clear()

    def matches(self, topic: str) -> bool:
        return self.topic == topic or fnmatch.fnmatchcase(topic, self.topic) or fnmatch.fnmatchcase(self.topic, topic)


class ChannelMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.hub = Hub(clock=self.clock)
        self.channels = {topic: Channel(topic, hub=self.hub) for topic in TOPICS}
        self.views = [View(), View()]
        self.number = 0
        self.pairs: list[tuple[Model, Subscription, Heard]] = []

    @rule(
        topic=st.sampled_from(TOPICS),
        overflow=st.sampled_from(["drop_oldest", "drop_newest"]),
        view=st.sampled_from([None, 0, 1]),
    )
    def subscribe(self, topic: str, overflow: Overflow, view: int | None) -> None:
        heard = Heard()
        owner = None if view is None else self.views[view]
        subscription = self.hub.subscribe(topic, heard, owner, queue_size=QUEUE, overflow=overflow)
        self.pairs.append((Model(topic, overflow, view), subscription, heard))

    @rule(topic=st.sampled_from(TOPICS), lives=st.sampled_from([None, 1, 5]), times=st.integers(1, 5))
    def send(self, topic: str, lives: int | None, times: int) -> None:
        for _ in range(times):
            self.number += 1
            expiry = None if lives is None else self.clock.now + lives
            self.channels[topic].send(self.number, expiry)
            for model, _, _ in self.pairs:
                if model.active and model.matches(topic):
                    model.send(self.number, expiry)

    @rule(seconds=st.sampled_from([0.5, 1, 4]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @precondition(lambda self: any(model.active for model, _, _ in self.pairs))
    @rule(data=st.data())
    def unsubscribe(self, data: st.DataObject) -> None:
        model, subscription, _ = data.draw(st.sampled_from([pair for pair in self.pairs if pair[0].active]))
        subscription.unsubscribe()
        model.active = False
        model.queue.clear()

    @rule(view=st.sampled_from([0, 1]))
    def a_view_stops_and_another_starts(self, view: int) -> None:
        self.views[view].end()
        self.views[view] = View()
        for model, _, _ in self.pairs:
            if model.view == view:
                model.active = False
                model.queue.clear()
                model.view = None

    @rule(view=st.sampled_from([0, 1]))
    def a_turn_is_taken(self, view: int) -> None:
        self.views[view].take_turn()

    @rule(view=st.sampled_from([0, 1]))
    def a_turn_is_given(self, view: int) -> None:
        self.views[view].give_turn()
        self.drain()

    @rule()
    def drain(self) -> None:
        settle(self.hub)
        for model, _, _ in self.pairs:
            if model.active and (model.view is None or not self.views[model.view].busy):
                model.drain(self.clock.now)

    @invariant()
    def the_hub_agrees_with_the_model(self) -> None:
        for model, subscription, heard in self.pairs:
            assert [(message.data, message.missed) for message in heard.messages] == model.heard
            assert subscription.queued == len(model.queue)
            assert (subscription.dropped, subscription.expired) == (model.dropped, model.expired)
            assert subscription.active == model.active
        assert self.hub.stats().subscriptions == sum(model.active for model, _, _ in self.pairs)

    def teardown(self) -> None:
        for _, subscription, _ in self.pairs:
            subscription.unsubscribe()
        settle(self.hub)
        stats = self.hub.stats()
        assert (stats.topics, stats.ready, stats.drainers) == (0, 0, 0)


TestChannels = ChannelMachine.TestCase
