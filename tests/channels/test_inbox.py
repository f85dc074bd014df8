"""What real threads send."""

from __future__ import annotations

from lona_sync.channels.inbox import LOST_TOPICS, Inbox
from lona_sync.channels.losses import Gap, Loss
from lona_sync.channels.message import Message


def message(topic: str = "a") -> Message:
    return Message(topic, timestamp=2e9)


def test_it_wakes_once_until_it_was_found_empty() -> None:
    wakes: list[int] = []
    inbox = Inbox(lambda: wakes.append(1))

    inbox.put(message())
    inbox.put(message())
    inbox.take(10)
    inbox.put(message())
    assert len(wakes) == 1
    inbox.take(10)
    inbox.take(10)
    inbox.put(message())

    assert len(wakes) == 2


def test_messages_come_out_in_order_and_in_portions() -> None:
    inbox = Inbox(lambda: None)
    sent = [message() for _ in range(5)]
    for each in sent:
        inbox.put(each)

    first, _ = inbox.take(3)
    second, _ = inbox.take(3)

    assert first + second == sent


def test_what_does_not_fit_is_counted_and_told_by_topic() -> None:
    inbox = Inbox(lambda: None, size=2)
    lost = [message("a"), message("b"), message("a")]
    for each in [message(), message(), *lost]:
        inbox.put(each)

    messages, missed = inbox.take(10)

    assert len(messages) == 2
    assert missed == {"a": 2, "b": 1}
    assert inbox.dropped == 3
    assert all(each.is_dropped() for each in lost)


def test_no_message_overtakes_the_news_of_a_loss_before_it() -> None:
    inbox = Inbox(lambda: None, size=2)
    for _ in range(3):
        inbox.put(message())
    inbox.take(1)

    inbox.put(message())                       # there is room again, but the one lost before it is not told yet
    messages, missed = inbox.take(10)

    assert len(messages) == 1
    assert missed == {"a": 2}


def test_too_many_lost_topics_become_an_unknown_loss_for_everybody() -> None:
    inbox = Inbox(lambda: None, size=1)
    inbox.put(message())
    for number in range(LOST_TOPICS + 1):
        inbox.put(message(f"topic.{number}"))

    _, missed = inbox.take(10)

    assert missed == {"*": -1}


def test_a_loss_alone_wakes_too() -> None:
    wakes: list[int] = []
    inbox = Inbox(lambda: wakes.append(1))

    inbox.put(Loss("a", 3))

    assert wakes == [1]
    assert inbox.take(10) == ([Loss("a", 3)], {})


def test_news_of_a_loss_keep_their_place_between_the_messages() -> None:
    inbox, before, after = Inbox(lambda: None), message(), message()

    for item in (before, Loss("a", 2), Gap("cut"), after):
        inbox.put(item)

    assert inbox.take(10) == ([before, Loss("a", 2), Gap("cut"), after], {})


def test_news_that_find_no_room_are_told_after_what_is_there() -> None:
    inbox, before = Inbox(lambda: None, 1), message()

    for item in (before, Loss("b", 2), Loss("b", -1), Gap("cut"), message()):
        inbox.put(item)

    assert inbox.take(10) == ([before], {"b": -1, "*": -1, before.topic: 1})
