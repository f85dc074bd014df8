"""Things by whatever they are looked for by: a look-up costs as much as it finds, however much there is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Index(Generic[T]):
    """Each thing has a name of its own, and any number of keys."""

    __slots__ = ("_by", "_keys")

    def __init__(self) -> None:
        self._by: dict[Hashable, dict[Hashable, T]] = {}
        self._keys: dict[Hashable, tuple[Hashable, ...]] = {}          # by name

    def put(self, name: Hashable, thing: T, keys: Iterable[Hashable]) -> None:
        """From now on it is found by these keys, and by no others."""
        self.remove(name)
        self._keys[name] = tuple(dict.fromkeys(keys))
        for key in self._keys[name]:
            self._by.setdefault(key, {})[name] = thing

    def remove(self, name: Hashable) -> None:
        """Any number of times."""
        for key in self._keys.pop(name, ()):
            found = self._by[key]
            del found[name]
            if not found:
                del self._by[key]

    def find(self, key: Hashable) -> list[T]:
        """In the order in which they were put there."""
        return list(self._by.get(key, {}).values())

    def count(self, key: Hashable) -> int:
        return len(self._by.get(key, ()))

    @property
    def keys(self) -> int:
        """How many keys something is found by."""
        return len(self._by)
