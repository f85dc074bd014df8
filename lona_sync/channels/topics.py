"""Which subscriptions a topic reaches.

A topic is plain text, or a pattern as fnmatch has it (`*`, `?`, `[…]`, case-sensitive), on the subscriber's side as
on the sender's: `chat.*` hears what is sent to `chat.a`, and what is sent to `chat.*` reaches who listens to
`chat.a`.

A send to a plain topic costs one look into a dict, plus one match for each different *pattern* that somebody listens
to; the number of other plain topics does not matter. A send to a pattern looks at every topic.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

#: Characters of a topic. A pattern of any length could keep the process busy for any time.
MAX_LENGTH = 1000

_WILDCARD = re.compile(r"[*?[]")


def check(topic: str) -> None:
    """TypeError or ValueError for what is no topic."""
    if not isinstance(topic, str):
        raise TypeError(f"a topic is a str, not {type(topic).__name__}: {topic!r}")
    if len(topic) > MAX_LENGTH:
        raise ValueError(f"a topic may have {MAX_LENGTH} characters, and this one has {len(topic)}: {topic!r:.100}…")


def is_pattern(topic: str) -> bool:
    return _WILDCARD.search(topic) is not None


def matcher(pattern: str) -> Callable[[str], object]:
    """A function that returns something true for the texts that `pattern` fits."""
    return re.compile(fnmatch.translate(pattern)).match


class _Pattern(Generic[T]):
    """Those who listen to one pattern."""

    __slots__ = ("items", "match")

    def __init__(self, pattern: str) -> None:
        self.match = matcher(pattern)
        self.items: dict[T, None] = {}


class TopicIndex(Generic[T]):
    """Items (hashable, each at most once a topic) by the topic or pattern they listen to."""

    def __init__(self) -> None:
        self._plain: dict[str, dict[T, None]] = {}       # dicts as ordered sets: who came first is served first
        self._patterns: dict[str, _Pattern[T]] = {}
        self._size = 0

    def __len__(self) -> int:
        """How many items there are."""
        return self._size

    def __iter__(self) -> Iterator[T]:
        """All items."""
        for items in self._plain.values():
            yield from items
        for pattern in self._patterns.values():
            yield from pattern.items

    def topics(self) -> list[str]:
        """All topics and patterns that somebody listens to."""
        return [*self._plain, *self._patterns]

    def add(self, topic: str, item: T) -> None:
        if is_pattern(topic):
            pattern = self._patterns.get(topic)
            if pattern is None:
                pattern = self._patterns[topic] = _Pattern(topic)
            items = pattern.items
        else:
            items = self._plain.setdefault(topic, {})
        items[item] = None
        self._size += 1

    def remove(self, topic: str, item: T) -> None:
        """Take away what `add` put in; a topic with nobody left leaves nothing behind."""
        if is_pattern(topic):
            items = self._patterns[topic].items
            del items[item]
            if not items:
                del self._patterns[topic]
        else:
            items = self._plain[topic]
            del items[item]
            if not items:
                del self._plain[topic]
        self._size -= 1

    def matching(self, topic: str) -> list[T]:
        """All items that a message sent to `topic` reaches, each once. The list is the caller's."""
        plain = self._plain.get(topic)
        if plain is None and is_pattern(topic):
            return self._matching_pattern(topic)
        found = list(plain or ())
        for pattern in self._patterns.values():
            if pattern.match(topic):
                found.extend(pattern.items)
        return found

    def _matching_pattern(self, topic: str) -> list[T]:
        sent = matcher(topic)
        found = [item for plain, items in self._plain.items() if sent(plain) for item in items]
        for text, pattern in self._patterns.items():
            # The same text always fits, though `a[bc]`, read as a pattern, does not match the text `a[bc]`.
            if text == topic or pattern.match(topic) or sent(text):
                found.extend(pattern.items)
        return found
