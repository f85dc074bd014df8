"""A ledger notices what it is there for: whoever relies on it would not notice that it does not."""

from __future__ import annotations

import json

import pytest

from lona_sync.channels import Message
from tests.redis.ledger import Ledger, Told, assert_complete, assert_complete_or_told


def message(sender: str, number: int, *, missed: int = 0, topic: str = "t") -> Message:
    """As a subscription hands it over."""
    return Message(topic, {"from": sender, "n": number}, timestamp=0).copy(missed)


def ledger_of(came: str) -> Ledger:
    """After messages such as `a0 a1 b0 a4+2`: from a number 0 and 1, from b number 0, from a number 4 with missed=2."""
    ledger = Ledger("t")
    for word in came.split():
        number, _, missed = word[1:].partition("+")
        ledger.add(message(word[0], int(number), missed=int(missed or 0)))
    return ledger


SENT = {("a", "t"): 5, ("b", "t"): 2}


def test_all_messages_once_and_in_order_are_complete():
    ledger = ledger_of("a0 b0 a1 a2 b1 a3 a4")

    assert_complete(ledger, SENT)


@pytest.mark.parametrize("came", [
    "a0 b0 a3+2 b1 a4",
    "a0 b0 b1+2 a3 a4",               # told by another sender's message in between
    "b0 b1 a2+2 a3 a4",               # the first ones
    "a0 b0 a3+-1 b1 a4",
    "a0 a2+1 b1+-1 a3 a4",
    "a0 b0 b1+-1 a1 a2 a3 a4",        # unknown may be none
    "a2+2 b0 b1 a4+1",
])
def test_a_loss_that_is_told_is_allowed_but_not_complete(came: str):
    ledger = ledger_of(came)

    assert_complete_or_told(ledger, SENT)
    with pytest.raises(AssertionError, match="said to be"):
        assert_complete(ledger, SENT)


@pytest.mark.parametrize(("came", "reason"), [
    ("a0 b0 a3 b1 a4", r"1 … 2 from a to 't' are missing, and nobody was told"),
    ("a0 b0+2 a1 a4 b1", r"2 … 3 from a to 't' are missing, and nobody was told"),
    ("a0 b0 a3 b1+2 a4", "nobody was told"),                                     # too late
    ("a0 b0 a2+-1 a3 b1+2 a4", "1 are missing, and 2 were said to be"),
    ("a0 b0 a3+1 b1 a4", "2 are missing, and 1 were said to be"),
    ("a0 b0 a3+3 b1 a4", "2 are missing, and 3 were said to be"),
    ("a0 b0 a1 a2 b1 a3 a4+1", "0 are missing, and 1 were said to be"),
    ("a0 b0 a1 a2 b1 a3", "the last number from a to 't' is 3, not 4"),
    ("a0 a1 a2 a3 a4", "the last number from b to 't' is -1, not 1"),
    ("a0 b0 a1 a2 a2 b1 a3 a4", "from a to 't' came 0 late and 1 twice"),
    ("a0 b0 a2+1 a1 b1 a3 a4", "from a to 't' came 1 late and 0 twice"),
    ("a0 b0 a1 a2 b1 a3 a4 c0", "c sent nothing to 't'"),
])
def test_what_is_wrong_is_told_by_number(came: str, reason: str):
    ledger = ledger_of(came)

    with pytest.raises(AssertionError, match=reason):
        assert_complete_or_told(ledger, SENT)


def test_a_ledger_goes_through_json():
    ledger = ledger_of("a1+1 b0 a0 b1 a4+-1")

    arrived = Ledger.decode(json.loads(json.dumps(ledger.encode())))

    assert repr(arrived) == repr(ledger)
    assert arrived.told == [Told(1, 1), Told(5, -1)]
    assert arrived.trails == ledger.trails


def test_topics_are_numbered_each_on_its_own():
    ledger = Ledger("*")

    for topic in ("x", "y"):
        for number in range(3):
            ledger.add(message("a", number, topic=topic))

    assert_complete(ledger, {("a", "x"): 3, ("a", "y"): 3})
