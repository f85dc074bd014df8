"""Random histories against a model: dicts and lists, one step at a time."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lona_sync.channels import Channel, Subscription
from lona_sync.channels.hub import SUBSCRIBED, UNSUBSCRIBED, Hub
from lona_sync.channels.mailbox import Mailbox
from lona_sync.channels.owner import current_owner
from lona_sync.channels.subscription import Counters, Overflow
from tests.channels.helpers import Clock, Heard, View, settle

TOPICS = ["a", "b", "a.x", "a.*", "*", "?", "[ab]"]
QUEUE = 3


@dataclass(frozen=True)
class Sent:
    """A message as it waits; `missed`: how many were lost just before it came."""

    data: object
    expiry: float | None
    droppable: bool
    missed: int


@dataclass
class Model:
    """One subscription, as the contract describes it."""

    topic: str
    overflow: str
    view: int | None
    queue: list[Sent] = field(default_factory=list)
    lost_after: int = 0
    heard: list[tuple[object, int]] = field(default_factory=list)                  # data, missed
    dropped: int = 0
    expired: int = 0
    lost_before: int = 0
    given_up: int = 0
    active: bool = True
    asked: bool = False                                                            # a mailbox

    def send(self, data: object, expiry: float | None = None, droppable: bool = False) -> None:
        if len(self.queue) == QUEUE:
            if droppable:
                self.given_up += 1
                return
            if self.overflow == "drop_oldest":
                oldest = self.queue.pop(0)
                self.lost_before += oldest.missed
                if oldest.droppable:
                    self.given_up += 1
                else:
                    self.dropped += 1
                    self.lost_before += 1
            else:
                self.dropped += 1
                self.lost_after += 1
                return
        self.queue.append(Sent(data, expiry, droppable, self.lost_after))
        self.lost_after = 0

    def take(self, now: float) -> None:
        """The next one that has not expired."""
        while self.queue:
            sent = self.queue.pop(0)
            self.lost_before += sent.missed
            if sent.expiry is None or now < sent.expiry:
                self.heard.append((sent.data, self.lost_before))
                self.lost_before = 0
                return
            self.expired += 1

    def drain(self, now: float) -> None:
        while self.queue:
            self.take(now)

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
        self.mailboxes: list[tuple[Model, Mailbox, Heard]] = []

    @rule(
        topic=st.sampled_from(TOPICS),
        overflow=st.sampled_from(["drop_oldest", "drop_newest"]),
        view=st.sampled_from([None, 0, 1]),
    )
    def subscribe(self, topic: str, overflow: Overflow, view: int | None) -> None:
        heard = Heard()
        owner = None if view is None else self.views[view]
        self.the_hub_tells(SUBSCRIBED, topic)
        subscription = self.hub.subscribe(topic, heard, owner, queue_size=QUEUE, overflow=overflow)
        self.pairs.append((Model(topic, overflow, view), subscription, heard))

    @rule(
        topic=st.sampled_from(TOPICS),
        overflow=st.sampled_from(["drop_oldest", "drop_newest"]),
        view=st.sampled_from([None, 0, 1]),
    )
    def open_a_mailbox(self, topic: str, overflow: Overflow, view: int | None) -> None:
        token = current_owner.set(None if view is None else self.views[view])
        self.the_hub_tells(SUBSCRIBED, topic)
        mailbox = self.channels[topic].mailbox(lambda: None, "the model", queue_size=QUEUE, overflow=overflow)
        current_owner.reset(token)
        model, taken = Model(topic, overflow, view, asked=True), Heard()
        self.pairs.append((model, mailbox.subscription, taken))
        self.mailboxes.append((model, mailbox, taken))

    @precondition(lambda self: self.mailboxes)
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        model, mailbox, taken = data.draw(st.sampled_from(self.mailboxes))
        message = mailbox.take()
        if message is not None:
            taken(message)
        model.take(self.clock.now)

    @rule(
        topic=st.sampled_from(TOPICS), lives=st.sampled_from([None, 1, 5]), droppable=st.booleans(), times=st.integers(1, 5),
    )
    def send(self, topic: str, lives: int | None, droppable: bool, times: int) -> None:
        for _ in range(times):
            self.number += 1
            expiry = None if lives is None else self.clock.now + lives
            self.channels[topic].send(self.number, expiry, droppable=droppable)
            for model, _, _ in self.pairs:
                if model.active and model.matches(topic):
                    model.send(self.number, expiry, droppable)

    def the_hub_tells(self, what: str, topic: str) -> None:
        for model, _, _ in self.pairs:
            if model.active and model.matches(what):
                model.send({"topic": topic})

    @rule(seconds=st.sampled_from([0.5, 1, 4]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @precondition(lambda self: any(model.active for model, _, _ in self.pairs))
    @rule(data=st.data())
    def unsubscribe(self, data: st.DataObject) -> None:
        model, subscription, _ = data.draw(st.sampled_from([pair for pair in self.pairs if pair[0].active]))
        subscription.unsubscribe()
        self.ended(model)

    def ended(self, model: Model) -> None:
        model.active = False
        model.queue.clear()
        self.the_hub_tells(UNSUBSCRIBED, model.topic)

    @rule(view=st.sampled_from([0, 1]))
    def a_view_stops_and_another_starts(self, view: int) -> None:
        self.views[view].end()
        self.views[view] = View()
        for model, _, _ in self.pairs:
            if model.view == view:
                if model.active:
                    self.ended(model)
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
            if model.active and not model.asked and (model.view is None or not self.views[model.view].busy):
                model.drain(self.clock.now)

    @invariant()
    def the_hub_agrees_with_the_model(self) -> None:
        for model, subscription, heard in self.pairs:
            assert [(message.data, message.missed) for message in heard.messages] == model.heard
            assert subscription.queued == len(model.queue)
            assert (subscription.dropped, subscription.expired, subscription.given_up) == (
                model.dropped, model.expired, model.given_up,
            )
            assert subscription.delivered == len(model.heard)
            assert subscription.active == model.active
        assert self.hub.stats().subscriptions == sum(model.active for model, _, _ in self.pairs)
        assert self.hub.totals == Counters(
            delivered=sum(len(model.heard) for model, _, _ in self.pairs),
            dropped=sum(model.dropped for model, _, _ in self.pairs),
            expired=sum(model.expired for model, _, _ in self.pairs),
            given_up=sum(model.given_up for model, _, _ in self.pairs),
        )

    def teardown(self) -> None:
        for _, subscription, _ in self.pairs:
            subscription.unsubscribe()
        settle(self.hub)
        stats = self.hub.stats()
        assert (stats.topics, stats.ready, stats.drainers) == (0, 0, 0)


TestChannels = ChannelMachine.TestCase
