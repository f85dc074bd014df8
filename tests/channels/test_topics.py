"""Which subscriptions a topic reaches."""

from __future__ import annotations

import pytest

from lona_sync.channels.topics import TopicIndex


@pytest.mark.parametrize(
    ("subscribed", "sent", "reached"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", "A", False),
        ("chat.*", "chat.a", True),
        ("chat.*", "Chat.a", False),
        ("chat.*", "talk.a", False),
        ("chat.?", "chat.ab", False),
        ("chat.[ab]", "chat.b", True),
        ("chat.a", "chat.*", True),
        ("talk.a", "chat.*", False),
        ("chat.*", "chat.*", True),
        ("chat.*", "*", True),
        ("*", "chat.*", True),
        ("a[bc]", "a[bc]", True),
        ("a*", "b*", False),
        ("*", "line\nfeed", True),
        ("a[", "a[", True),
        ("", "", True),
    ],
)
def test_a_topic_reaches_what_it_fits_and_what_fits_it(subscribed: str, sent: str, reached: bool) -> None:
    index: TopicIndex[str] = TopicIndex()
    index.add(subscribed, "subscriber")

    found = index.matching(sent)

    assert found == (["subscriber"] if reached else [])


def test_everybody_is_found_once_in_the_order_they_came() -> None:
    index: TopicIndex[int] = TopicIndex()
    for number in range(3):
        index.add("a", number)
        index.add("*", 10 + number)

    found = index.matching("a")

    assert found == [0, 1, 2, 10, 11, 12]


@pytest.mark.parametrize("topic", ["a", "a*"])
def test_a_topic_with_nobody_left_leaves_nothing_behind(topic: str) -> None:
    index: TopicIndex[int] = TopicIndex()
    index.add(topic, 1)
    index.add(topic, 2)

    index.remove(topic, 1)
    index.remove(topic, 2)

    assert index.topics() == []
    assert len(index) == 0
    assert list(index) == []


def test_a_plain_topic_is_looked_up_without_looking_at_the_others() -> None:
    class Counting(str):
        """A topic that counts how often it is compared."""

        compared = 0
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            Counting.compared += 1
            return str.__eq__(self, other)

    index: TopicIndex[int] = TopicIndex()
    for number in range(10_000):
        index.add(Counting(f"topic.{number}"), number)
    Counting.compared = 0

    index.matching("topic.5000")

    assert Counting.compared < 10


def test_the_list_found_belongs_to_the_caller() -> None:
    index: TopicIndex[int] = TopicIndex()
    index.add("a", 1)

    index.matching("a").clear()

    assert index.matching("a") == [1]
