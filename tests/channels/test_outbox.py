"""What waits to be published to the other processes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from gevent import monkey
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lona_sync.channels import outbox as outbox_module
from lona_sync.channels.inbox import LOST_TOPICS
from lona_sync.channels.message import Message
from lona_sync.channels.outbox import OVERHEAD, Outbox, Parcel
from tests.channels.helpers import Clock

Thread = monkey.get_original("threading", "Thread")
Event = monkey.get_original("threading", "Event")


def message(
    data: object = None,
    topic: str = "a",
    *,
    expiry: float | None = None,
    droppable: bool = False,
    clock: Callable[[], float] = lambda: 2e9,
) -> Message:
    return Message(topic, data, timestamp=2e9, expiry=expiry, droppable=droppable, clock=clock)


def small_outbox(max_messages: int = 3, max_bytes: int = 1_000_000) -> Outbox:
    return Outbox(lambda: None, max_messages=max_messages, max_bytes=max_bytes)


def data_of(parcels: list[Parcel]) -> list[object]:
    return [parcel.message.data for parcel in parcels]


def take_all(outbox: Outbox) -> tuple[dict[str, int], list[object]]:
    lost, parcels = outbox.take(1_000_000, 1_000_000_000)
    return lost, data_of(parcels)


def test_it_wakes_once_until_it_was_found_empty() -> None:
    wakes: list[int] = []
    outbox = Outbox(lambda: wakes.append(1))

    outbox.put(message())
    outbox.put(message())
    take_all(outbox)
    outbox.put(message())
    assert len(wakes) == 1
    take_all(outbox)
    take_all(outbox)
    outbox.put(message())

    assert len(wakes) == 2


def test_the_lock_is_free_when_it_wakes() -> None:
    waiting: list[int] = []

    def wake() -> None:
        thread = Thread(target=lambda: waiting.append(len(outbox)))
        thread.start()
        thread.join(20)

    outbox = Outbox(wake)
    outbox.put(message())

    assert waiting == [1]


def test_messages_come_out_in_order_whether_droppable_or_not() -> None:
    outbox = small_outbox(max_messages=100)
    for number in range(10):
        outbox.put(message(number, droppable=number % 3 == 0))

    _, first = outbox.take(4, 1_000_000)
    _, second = outbox.take(100, 1_000_000)

    assert data_of(first) == [0, 1, 2, 3]
    assert data_of(second) == [4, 5, 6, 7, 8, 9]


def test_a_parcel_has_the_encoded_data_and_the_size() -> None:
    outbox = small_outbox()
    outbox.put(message(["é"], "topic"))
    size = outbox.bytes

    _, [parcel] = outbox.take(1, 1)

    assert parcel.encoded == '["\\u00e9"]'
    assert parcel.size == size == len("topic") + len(parcel.encoded) + OVERHEAD
    assert (len(outbox), outbox.bytes) == (0, 0)


def test_data_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Message] = []
    original = Message.encoded

    def encode(message: Message) -> str:
        encoded.append(message)
        return original(message)

    monkeypatch.setattr(Message, "encoded", encode)
    outbox, sent = small_outbox(), message("x" * 1000)

    outbox.put(sent)
    take_all(outbox)

    assert encoded == [sent]


def test_a_take_stops_before_the_message_that_is_too_much() -> None:
    outbox = small_outbox()
    for data in ("x", "y", "z"):
        outbox.put(message(data))
    size = outbox.bytes // 3

    _, two = outbox.take(100, 3 * size - 1)
    _, one = outbox.take(100, 3 * size)

    assert data_of(two) == ["x", "y"]
    assert data_of(one) == ["z"]


def test_a_take_gets_one_message_even_if_it_is_too_large() -> None:
    outbox = small_outbox()
    outbox.put(message("x" * 1000))
    outbox.put(message("y"))

    _, parcels = outbox.take(100, 1)

    assert data_of(parcels) == ["x" * 1000]


def test_droppable_messages_give_way_first_the_oldest_before_the_others() -> None:
    outbox = small_outbox(max_messages=3)
    outbox.put(message("old"))
    outbox.put(message("droppable 1", droppable=True))
    outbox.put(message("droppable 2", droppable=True))

    outbox.put(message("new"))

    assert take_all(outbox) == ({}, ["old", "droppable 2", "new"])
    assert (outbox.given_up, outbox.dropped) == (1, 0)


def test_a_droppable_message_gives_way_itself_when_no_other_is_droppable() -> None:
    outbox = small_outbox(max_messages=2)
    outbox.put(message(1))
    outbox.put(message(2))

    outbox.put(message("droppable", droppable=True))

    assert take_all(outbox) == ({}, [1, 2])
    assert (outbox.given_up, outbox.dropped) == (1, 0)


def test_expired_messages_give_way_before_the_oldest() -> None:
    clock = Clock()
    outbox = small_outbox(max_messages=3)
    outbox.put(message("old"))
    outbox.put(message("worthless", expiry=clock.now + 5, clock=clock))
    outbox.put(message("still good", expiry=clock.now + 50, clock=clock))
    clock.now += 10

    outbox.put(message("new"))

    assert take_all(outbox) == ({}, ["old", "still good", "new"])
    assert (outbox.expired, outbox.dropped) == (1, 0)


def test_the_oldest_gives_way_last_and_its_topic_is_told() -> None:
    outbox = small_outbox(max_messages=2)
    for number in range(4):
        outbox.put(message(number, "even" if number % 2 == 0 else "odd"))
    outbox.put(message(4, "even"))

    lost, data = take_all(outbox)

    assert (lost, data) == ({"even": 2, "odd": 1}, [3, 4])
    assert outbox.dropped == 3


def test_a_loss_is_told_once_before_what_came_after_it() -> None:
    outbox = small_outbox(max_messages=2)
    outbox.put(message(0))
    outbox.put(message(1))
    before = outbox.take(1, 1000)
    for number in range(2, 5):
        outbox.put(message(number))

    after = [outbox.take(1, 1000), outbox.take(1, 1000), outbox.take(1, 1000)]

    assert (before[0], data_of(before[1])) == ({}, [0])
    assert [(lost, data_of(parcels)) for lost, parcels in after] == [({"a": 2}, [3]), ({}, [4]), ({}, [])]


def test_an_oldest_message_that_has_expired_is_not_told_as_lost() -> None:
    clock = Clock()
    outbox = small_outbox(max_messages=4)
    for number in range(5):
        outbox.put(message(number))                                # the fifth sweeps; the next sweep is due with the eleventh
    take_all(outbox)
    for number in range(4):
        outbox.put(message(number, expiry=clock.now + 5, clock=clock))
    clock.now += 10

    outbox.put(message("new"))

    assert (len(outbox), outbox.expired, outbox.dropped) == (4, 1, 1)
    assert take_all(outbox) == ({}, ["new"])


def test_a_full_outbox_does_not_look_at_all_messages_for_each_that_comes() -> None:
    looks: list[int] = []

    def clock() -> float:
        looks.append(1)
        return 2e9

    outbox = small_outbox(max_messages=1000)
    for number in range(10_000):
        outbox.put(message(number, expiry=3e9, clock=clock))

    assert len(looks) <= 2 * 10_000


def test_large_messages_make_it_full_as_well() -> None:
    outbox = small_outbox(max_messages=1000, max_bytes=3 * (OVERHEAD + 100))
    for number in range(5):
        outbox.put(message(str(number) * 50))

    outbox.put(message("x" * 1000))

    assert take_all(outbox) == ({"a": 5}, ["x" * 1000])
    assert outbox.bytes == 0


def test_a_message_larger_than_the_outbox_is_lost_and_told() -> None:
    wakes: list[int] = []
    outbox = Outbox(lambda: wakes.append(1), max_bytes=1000)

    outbox.put(message("x" * 1000))

    assert wakes == [1]
    assert take_all(outbox) == ({"a": 1}, [])
    assert (len(outbox), outbox.bytes, outbox.dropped) == (0, 0, 1)


def test_too_many_lost_topics_become_an_unknown_loss_for_everybody() -> None:
    outbox = small_outbox(max_messages=1)
    for number in range(LOST_TOPICS + 5):
        outbox.put(message(number, f"topic.{number}"))

    lost, data = take_all(outbox)

    assert lost["*"] == -1
    assert data == [LOST_TOPICS + 4]
    assert outbox.dropped == LOST_TOPICS + 4


def test_an_unknown_loss_for_everybody_stays_unknown() -> None:
    outbox = small_outbox(max_messages=1)
    for number in range(LOST_TOPICS + 2):
        outbox.put(message(number, f"topic.{number}"))

    outbox.put(message("to everybody", "*"))
    outbox.put(message("to everybody", "*"))

    assert take_all(outbox)[0]["*"] == -1


def test_expired_messages_are_not_taken_however_many() -> None:
    clock = Clock()
    outbox = small_outbox(max_messages=1000)
    for number in range(100):
        outbox.put(message(number, expiry=clock.now + 5, clock=clock))
    outbox.put(message("good"))
    clock.now += 5

    _, parcels = outbox.take(10, 1_000_000)

    assert data_of(parcels) == ["good"]
    assert outbox.expired == 100


def test_an_outbox_of_expired_messages_only_is_empty_and_wakes_again() -> None:
    clock, wakes = Clock(), []
    outbox = Outbox(lambda: wakes.append(1))
    outbox.put(message(expiry=clock.now + 5, clock=clock))
    clock.now += 5

    taken = take_all(outbox)
    outbox.put(message())

    assert taken == ({}, [])
    assert len(wakes) == 2


def test_what_gave_way_here_is_not_dropped_for_the_own_process() -> None:
    outbox = small_outbox(max_messages=1)
    sent = [message(), message(), message(droppable=True)]

    for each in sent:
        outbox.put(each)

    assert not any(each.is_dropped() for each in sent)


def test_at_the_end_all_that_is_droppable_goes() -> None:
    outbox = small_outbox(max_messages=100)
    for number in range(6):
        outbox.put(message(number, droppable=number % 2 == 0))

    outbox.drop_droppable()

    assert take_all(outbox) == ({}, [1, 3, 5])
    assert (outbox.given_up, outbox.bytes) == (3, 0)


def test_it_says_what_waits_by_topic_those_with_the_most_first() -> None:
    outbox = small_outbox(max_messages=1000)
    for number in range(10):
        for _ in range(number + 1):
            outbox.put(message(None, f"topic.{number}", droppable=number % 2 == 0))

    topics, others = outbox.unsent(limit=3)

    assert list(topics.items()) == [("topic.9", 10), ("topic.8", 9), ("topic.7", 8)]
    assert others == 55 - 27


def test_code_that_interrupts_a_put_may_put_too() -> None:
    # The clock stands for a `__del__` that the garbage collector runs while the put of another message holds the lock.
    outbox = small_outbox(max_messages=4)
    interrupting = 0

    def clock() -> float:
        nonlocal interrupting
        if interrupting < 40:
            interrupting += 1
            outbox.put(message("interrupts", "b", droppable=interrupting % 5 == 0))
        return 2e9

    for number in range(20):
        outbox.put(message(number, expiry=3e9, clock=clock))
    waiting = len(outbox)
    lost, data = take_all(outbox)

    assert interrupting == 40
    assert waiting == len(data) == 4
    assert outbox.bytes == 0
    assert len(data) + outbox.dropped + outbox.given_up == 20 + 40
    assert sum(lost.values()) == outbox.dropped


def in_threads(count: int, function: Callable[[int], None]) -> list[threading.Thread]:
    threads = [Thread(target=function, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_nothing_is_lost_between_threads_that_put_and_one_that_takes() -> None:
    woken = Event()
    taken: list[tuple[int, int]] = []
    outbox = Outbox(woken.set)

    def send(sender: int) -> None:
        for number in range(5000):
            outbox.put(message([sender, number], droppable=number % 3 == 0))

    threads = in_threads(6, send)
    while len(taken) < 30_000:
        lost, parcels = outbox.take(100, 1_000_000)
        assert not lost
        taken += [parcel.message.data for parcel in parcels]
        if not parcels:
            assert woken.wait(20)
            woken.clear()
    join(threads)

    for sender in range(6):
        assert [number for each, number in taken if each == sender] == list(range(5000))


def test_what_threads_put_too_fast_is_counted_and_told() -> None:
    outbox, ended = small_outbox(max_messages=50), Event()
    told: Counter[str] = Counter()
    taken: list[object] = []

    def send(sender: int) -> None:
        for number in range(5000):
            outbox.put(message(number, str(sender), droppable=number % 3 == 0, expiry=1e9 if number % 7 == 0 else None))

    threads = in_threads(6, send)

    def finish() -> None:
        join(threads)
        ended.set()

    finisher = Thread(target=finish)
    finisher.start()
    while not ended.is_set() or len(outbox):
        lost, parcels = outbox.take(10, 1_000_000)
        told.update(lost)
        taken += data_of(parcels)
    finisher.join()

    assert len(taken) + outbox.dropped + outbox.expired + outbox.given_up == 30_000
    assert told.total() + sum(take_all(outbox)[0].values()) == outbox.dropped
    assert outbox.bytes == 0


MESSAGES, BYTES = 6, 6 * OVERHEAD + 200
#: The length of a text that fills the outbox, with its quotes and a topic of one letter.
FULL = BYTES - OVERHEAD - 3


class OutboxMachine(RuleBasedStateMachine):
    """The model is a list, oldest first, and the fate of each message by its number."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.wakes: list[int] = []
        self.outbox = Outbox(lambda: self.wakes.append(1), max_messages=MESSAGES, max_bytes=BYTES)
        self.sent: list[Message] = []
        self.waiting: list[Message] = []
        self.fates: dict[int, str] = {}
        self.next_sweep = 0
        self.armed = True
        self.expected_wakes = 0
        self.history: list[tuple[str, int] | int] = []             # what was taken: a loss, or the number of a message

    @rule(
        topic=st.sampled_from(["a", "b", "c", "*"]),
        droppable=st.sampled_from([False, False, True]),
        lives=st.sampled_from([None, None, 1, 5]),
        length=st.sampled_from([0, 0, 0, 0, 100, FULL, FULL + 1]),
        times=st.integers(1, 4),
    )
    def put(self, topic: str, droppable: bool, lives: int | None, length: int, times: int) -> None:
        for _ in range(times):
            expiry = None if lives is None else self.clock.now + lives
            # The data is the number, with as many blanks before it as make it long.
            each = message(f"{len(self.sent):>{length}}", topic, expiry=expiry, droppable=droppable, clock=self.clock)
            self.sent.append(each)
            self.waiting.append(each)
            self.make_room()
            self.expected_wakes += self.armed
            self.armed = False

            self.outbox.put(each)

    @rule(seconds=st.sampled_from([0.5, 1, 4]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(max_messages=st.integers(1, MESSAGES + 1), max_bytes=st.sampled_from([1, 3 * OVERHEAD, BYTES]))
    def take(self, max_messages: int, max_bytes: int) -> None:
        lost, parcels = self.outbox.take(max_messages, max_bytes)

        expected, portion = self.take_fresh(max_messages, max_bytes)
        while portion and not expected and not lost:
            expected, portion = self.take_fresh(max_messages, max_bytes)
        assert [parcel.message for parcel in parcels] == expected
        assert [parcel.size for parcel in parcels] == [size(each) for each in expected]
        self.armed = self.armed or not (lost or parcels)
        self.history += lost.items()
        self.history += [number_of(each) for each in expected]

    @rule()
    def drop_droppable(self) -> None:
        self.outbox.drop_droppable()

        for each in [each for each in self.waiting if each.droppable]:
            self.remove(each, "given_up")

    @invariant()
    def the_outbox_agrees_with_the_model(self) -> None:
        fates = Counter(self.fates.values())
        assert len(self.outbox) == len(self.waiting) <= MESSAGES
        assert self.outbox.bytes == sum(map(size, self.waiting)) <= BYTES
        assert self.outbox.dropped == fates["dropped"]
        assert self.outbox.expired == fates["expired"]
        assert self.outbox.given_up == fates["given_up"]
        assert len(self.wakes) == self.expected_wakes
        assert len(self.fates) + len(self.waiting) == len(self.sent)

    def teardown(self) -> None:
        while self.waiting or not self.armed:
            self.take(MESSAGES, BYTES)
        self.the_outbox_agrees_with_the_model()
        for topic in ["a", "b", "c", "*"]:
            self.each_loss_was_told_between_its_neighbours(topic)

    def each_loss_was_told_between_its_neighbours(self, topic: str) -> None:
        dropped = [
            number for number, fate in self.fates.items() if fate == "dropped" and self.sent[number].topic == topic
        ]
        before, told, unknown = -1, 0, False
        for entry in [*self.history, len(self.sent)]:              # the end of all is a neighbour, too
            if entry == ("*", -1):
                unknown = True
            elif isinstance(entry, tuple):
                told += entry[1] if entry[0] == topic else 0
            elif entry == len(self.sent) or self.sent[entry].topic == topic:
                lost = sum(before < number < entry for number in dropped)
                assert told <= lost if unknown else told == lost
                before, told, unknown = entry, 0, False

    def make_room(self) -> None:
        while len(self.waiting) > MESSAGES or sum(map(size, self.waiting)) > BYTES:
            droppable = [each for each in self.waiting if each.droppable]
            if droppable:
                self.remove(droppable[0], "given_up")
            elif len(self.sent) >= self.next_sweep:
                for each in [each for each in self.waiting if each.is_expired()]:
                    self.remove(each, "expired")
                self.next_sweep = len(self.sent) + 1 + len(self.waiting)
            else:
                self.remove(self.waiting[0], "expired" if self.waiting[0].is_expired() else "dropped")

    def take_fresh(self, max_messages: int, max_bytes: int) -> tuple[list[Message], list[Message]]:
        """Those that have not expired of the first messages within the limits; and all of these."""
        portion = self.waiting[:1]
        for each in self.waiting[1:max_messages]:
            if sum(map(size, portion)) + size(each) > max_bytes:
                break
            portion.append(each)
        fresh = [each for each in portion if not each.is_expired()]
        for each in portion:
            self.remove(each, "taken" if each in fresh else "expired")
        return fresh, portion

    def remove(self, each: Message, fate: str) -> None:
        self.waiting.remove(each)
        self.fates[number_of(each)] = fate


def size(each: Message) -> int:
    return len(each.topic) + len(each.encoded()) + OVERHEAD


def number_of(each: Message) -> int:
    return int(each.data)


def test_random_histories_agree_with_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "LOST_TOPICS", 2)

    run_state_machine_as_test(OutboxMachine)
