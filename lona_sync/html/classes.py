"""The classes and the ids of a node: small ordered sets of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet
from typing import TypeVar

from .mutations import SetAttribute, SetClass, TreeNode
from .names import check_word, split_words

Self = TypeVar("Self", bound="WordList")


class WordList(MutableSet[str]):
    """A set of words in the order of adding; a list when it is written or looped over."""

    __slots__ = ("_node", "_words")

    def __init__(self, node: TreeNode) -> None:
        self._node = node
        self._words: list[str] = []

    def add(self, word: str | int | float) -> None:
        text = check_word(word)
        if text not in self._words:
            self._record(text, True)
            self._words.append(text)

    append = add

    def extend(self, words: Iterable[str | int | float]) -> None:
        """Add each of `words`, which is a string of words divided by blanks or an iterable of single words."""
        for word in _as_words(words):
            self.add(word)

    update = extend

    def __ior__(self: Self, words: Iterable[str | int | float]) -> Self:  # type: ignore[override,misc]  # not sets only
        self.extend(words)
        return self

    def remove(self, word: str | int | float) -> None:
        """Take `word` out; one that is not there is fine."""
        text = str(word)
        if text in self._words:
            self._record(text, False)
            self._words.remove(text)

    discard = remove

    def toggle(self, word: str | int | float) -> None:
        if word in self:
            self.remove(word)
        else:
            self.add(word)

    def clear(self) -> None:
        for word in list(self._words):
            self.remove(word)

    def replace(self, words: Iterable[str | int | float]) -> None:
        """Become `words`."""
        new = _as_words(words)
        for word in list(self._words):
            if word not in new:
                self.remove(word)
        self.extend(new)

    def _record(self, word: str, on: bool) -> None:
        raise NotImplementedError

    @classmethod
    def _from_iterable(cls, words: Iterable[str]) -> set[str]:  # type: ignore[override]  # what `&`, `|` and `-` make
        return set(words)

    def __contains__(self, word: object) -> bool:
        return str(word) in self._words

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._words))

    def __len__(self) -> int:
        return len(self._words)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (WordList, list, tuple, set, frozenset)):
            return NotImplemented
        return set(self._words) == set(map(str, other))

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __str__(self) -> str:
        """The value of the attribute."""
        return " ".join(self._words)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._words!r}>"


class ClassList(WordList):
    __slots__ = ()

    def _record(self, word: str, on: bool) -> None:
        if self._node.owner is not None:
            self._node.owner.record(SetClass(self._node, word, on))


class IdList(WordList):
    __slots__ = ()

    def _record(self, word: str, on: bool) -> None:
        if self._node.owner is not None:
            words = [*self._words, word] if on else [other for other in self._words if other != word]
            self._node.owner.record(SetAttribute(self._node, "id", " ".join(words) or False))


def _as_words(words: Iterable[str | int | float]) -> list[str]:
    """Every word checked before the first is used, so that a bad one changes nothing."""
    return split_words(words) if isinstance(words, str) else [check_word(word) for word in words]
