"""What one subscription has received, kept so small that a hundred thousand messages cost nothing, and whether it is right.

Every sender numbers its messages to a topic 0, 1, 2, … A subscription's `missed` tells of all senders together: when a
message of A was lost, the news may come with the next one of B. So a ledger counts *places*, the first message it gets has
place 1, and a loss is told if some message between its neighbours in place has `missed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from lona_sync.channels import Message


class Gap(NamedTuple):
    """The numbers `first` to `end` - 1 did not come between the messages at the places `after` and `before`."""

    first: int
    end: int
    after: int
    before: int


class Told(NamedTuple):
    """The message at `place` said that so many were missed; -1: nobody knows how many."""

    place: int
    missed: int


@dataclass
class Trail:
    """What came from one sender to one topic."""

    sender: str
    topic: str
    count: int = 0
    first: int = -1
    last: int = -1           # the highest number
    place: int = 0           # of that one
    inversions: int = 0      # came after a higher one
    duplicates: int = 0
    gaps: list[Gap] = field(default_factory=list)

    def add(self, number: int, place: int) -> None:
        self.count += 1
        if number <= self.last:
            late = any(gap.first <= number < gap.end for gap in self.gaps)
            self.inversions += late
            self.duplicates += not late
            return
        if number > self.last + 1:
            self.gaps.append(Gap(self.last + 1, number, self.place, place))
        self.first = number if self.first < 0 else self.first
        self.last, self.place = number, place


class Ledger:
    """All that one subscription to `topic` received. `told`: where something was said to be missed."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.count = 0
        self.told: list[Told] = []
        self.trails: dict[tuple[str, str], Trail] = {}        # by sender and topic

    def add(self, message: Message) -> None:
        """To be subscribed; the data of a message is `{"from": the sender's name, "n": the number}`."""
        self.count += 1
        if message.missed:
            self.told.append(Told(self.count, message.missed))
        key = message.data["from"], message.topic
        trail = self.trails.get(key)
        if trail is None:
            trail = self.trails[key] = Trail(*key)
        trail.add(message.data["n"], self.count)

    def has_last(self, sent: Mapping[tuple[str, str], int]) -> bool:
        """True once the last message of each sender is here."""
        return all(key in self.trails and self.trails[key].last >= count - 1 for key, count in sent.items() if count)

    @property
    def missing(self) -> int:
        """How many numbers below the last ones never came."""
        return sum(trail.last + 1 - (trail.count - trail.duplicates) for trail in self.trails.values())

    def encode(self) -> dict[str, Any]:
        """As JSON has it."""
        trails = [asdict(trail) for trail in self.trails.values()]
        return {"topic": self.topic, "count": self.count, "told": self.told, "trails": trails}

    @classmethod
    def decode(cls, encoded: Mapping[str, Any]) -> Ledger:
        ledger = cls(encoded["topic"])
        ledger.count = encoded["count"]
        ledger.told = [Told(*told) for told in encoded["told"]]
        for fields in encoded["trails"]:
            trail = Trail(**{**fields, "gaps": [Gap(*gap) for gap in fields["gaps"]]})
            ledger.trails[trail.sender, trail.topic] = trail
        return ledger

    def __repr__(self) -> str:
        lines = [f"{self.count} messages on {self.topic!r}; told {_some(self.told)}"]
        for trail in self.trails.values():
            lines.append(f"  from {trail.sender} to {trail.topic!r}: {trail.count}, {trail.first} … {trail.last}, "
                         f"{trail.inversions} inversions, {trail.duplicates} duplicates, gaps {_some(trail.gaps)}")
        return "\n".join(lines)


def assert_complete(ledger: Ledger, sent: Mapping[tuple[str, str], int]) -> None:
    """Everything came, once and in order, and nothing was said to be missed. `sent`: numbers by sender and topic."""
    assert_complete_or_told(ledger, sent)
    assert not ledger.told, f"nothing is missing, but something was said to be\n{ledger}"


def assert_complete_or_told(ledger: Ledger, sent: Mapping[tuple[str, str], int]) -> None:
    """What came, came once and in order, and every loss was told, where it happened, by its number or as unknown (-1).

    The last message of each sender must have come: a loss that nothing follows cannot be told, so a test lets every
    sender send one more when all is well again.
    """
    wrong = []
    for sender, topic in ledger.trails.keys() - sent.keys():
        wrong.append(f"{sender} sent nothing to {topic!r}, but something came")
    for (sender, topic), count in sent.items():
        trail = ledger.trails.get((sender, topic), Trail(sender, topic))
        if trail.last != count - 1:
            wrong.append(f"the last number from {sender} to {topic!r} is {trail.last}, not {count - 1}")
        if trail.inversions or trail.duplicates:
            wrong.append(f"from {sender} to {topic!r} came {trail.inversions} late and {trail.duplicates} twice")
        for gap in trail.gaps:
            if not any(gap.after < place <= gap.before for place, _ in ledger.told):
                wrong.append(f"{gap.first} … {gap.end - 1} from {sender} to {topic!r} are missing, and nobody was told")
    told = sum(missed for _, missed in ledger.told if missed > 0)
    if told > ledger.missing or (told < ledger.missing and all(missed > 0 for _, missed in ledger.told)):
        wrong.append(f"{ledger.missing} are missing, and {told} were said to be")
    assert not wrong, "\n".join([*wrong[:10], str(ledger)])


def _some(items: list[Any]) -> str:
    return f"{items[:5]}{f' and {len(items) - 5} more' if items[5:] else ''}"
