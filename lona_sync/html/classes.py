"""The classes and the ids of a node: small ordered sets of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableSet
from typing import TypeAlias, TypeVar

from .mutations import Owner, SetAttribute, SetClass, TreeNode
from .names import check_word, split_words
from .references import Reference, Referrer

Self = TypeVar("Self", bound="WordList")

# A text of words divided by blanks, single words, or words by whether they are meant: `{"active": is_active}`.
Words: TypeAlias = str | int | float | Iterable[str | int | float] | Mapping[str, object]


class WordList(MutableSet[str]):
    """A set of words in the order of adding; a list when it is written or looped over."""

    __slots__ = ("_node", "_words")

    def __init__(self, node: TreeNode) -> None:
        self._node = node
        self._words: list[str] = []

    def add(self, word: str | int | float) -> None:
        self.extend([word])

    append = add

    def extend(self, words: Words) -> None:
        """Add each of `words`: a string of words divided by blanks, an iterable of single words, or a dict.

        Of a dict those whose value is true: `{"active": is_active}`. `ValueError` for anything else, which changes nothing.
        """
        self._become(list(dict.fromkeys([*self._words, *_as_words(words)])))

    update = extend

    def __ior__(self: Self, words: Words) -> Self:  # type: ignore[override,misc]  # not sets only
        self.extend(words)
        return self

    def remove(self, word: str | int | float) -> None:
        """Take `word` out; one that is not there is fine."""
        text = str(word)
        self._become([other for other in self._words if other != text])

    discard = remove

    def toggle(self, word: str | int | float, force: bool | None = None) -> None:
        """Take `word` out if it is there, else add it. `force`: add it (True), or take it out (False), whatever is there."""
        if (word in self) if force is None else not force:
            self.remove(word)
        else:
            self.add(word)

    def clear(self) -> None:
        self._become([])

    def replace(self, words: Words) -> None:
        """Become `words`."""
        new = _as_words(words)
        self._become(list(dict.fromkeys([*[word for word in self._words if word in new], *new])))

    def _become(self, words: list[str]) -> None:
        if words != self._words:
            if self._node.owner is not None:
                self._record(self._node.owner, words)
            self._words = words

    def _record(self, owner: Owner, words: list[str]) -> None:
        """Tell the owner that they will be `words`, which they are not yet."""
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

    def _record(self, owner: Owner, words: list[str]) -> None:
        for word in self._words:
            if word not in words:
                owner.record(SetClass(self._node, word, False))
        for word in words:
            if word not in self._words:
                owner.record(SetClass(self._node, word, True))


class IdList(WordList):
    """A node that others name is never without an id: one that it gets for that gives way to any other, and comes back."""

    __slots__ = ("_references",)

    def __init__(self, node: TreeNode) -> None:
        super().__init__(node)
        self._references: list[Reference] | None = None

    def refer(self, referrer: Referrer, name: str) -> str:
        """The id, for the attribute `name` of `referrer`, which follows from now on."""
        former = str(self)
        self._references = [*[each for each in self._references or () if each.holds(former)], Reference(referrer, name)]
        self._become(self._words)
        return str(self)

    def _become(self, words: list[str]) -> None:
        former = str(self)
        if self._references is not None:
            own = f"lona-{self._node.id}"              # that no other node of this process has
            words = [word for word in words if word != own] or [own]
        super()._become(words)
        if self._references is not None and former != str(self):
            for reference in self._references:
                reference.follow(former, str(self))

    def _record(self, owner: Owner, words: list[str]) -> None:
        owner.record(SetAttribute(self._node, "id", " ".join(words) or False))


def _as_words(words: Words) -> list[str]:
    """Every word checked before the first is used, so that a bad one changes nothing."""
    if isinstance(words, str):
        return split_words(words)
    if isinstance(words, (int, float)) and not isinstance(words, bool):
        return [check_word(words)]
    if isinstance(words, Mapping):
        return [word for text, meant in words.items() if meant for word in split_words(str(text))]
    if not isinstance(words, Iterable) or isinstance(words, (bytes, bytearray)):
        raise ValueError(
            f"ids or classes are a string or a list of them, not {type(words).__name__}: {words!r}. For none of them give ''."
        )
    return [check_word(word) for word in words]
