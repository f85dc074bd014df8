"""Things by whatever they are looked for by: a look-up costs as much as it finds, however much there is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Index(Generic[T]):
    """Each thing has a name of its own, and any number of keys.

    Most keys find one thing, as those of users who have one page open: it stands there with its name. Several stand in a dict,
    which takes four times as much.
    """

    __slots__ = ("_by", "_keys")

    def __init__(self) -> None:
        self._by: dict[Hashable, tuple[Hashable, T] | dict[Hashable, T]] = {}
        self._keys: dict[Hashable, tuple[Hashable, ...]] = {}          # by name

    def put(self, name: Hashable, thing: T, keys: Iterable[Hashable]) -> None:
        """From now on it is found by these keys, and by no others."""
        self.remove(name)
        self._keys[name] = tuple(dict.fromkeys(keys))
        for key in self._keys[name]:
            found = self._by.get(key)
            if found is None:
                self._by[key] = name, thing
            elif isinstance(found, tuple):
                self._by[key] = dict((found, (name, thing)))
            else:
                found[name] = thing

    def remove(self, name: Hashable) -> None:
        """Any number of times."""
        for key in self._keys.pop(name, ()):
            found = self._by[key]
            if isinstance(found, dict) and len(found) > 1:
                del found[name]
            else:
                del self._by[key]

    def find(self, key: Hashable) -> list[T]:
        """In the order in which they were put there."""
        found = self._by.get(key, {})
        return [found[1]] if isinstance(found, tuple) else list(found.values())

    def count(self, key: Hashable) -> int:
        found = self._by.get(key, {})
        return 1 if isinstance(found, tuple) else len(found)

    @property
    def keys(self) -> int:
        """How many keys something is found by."""
        return len(self._by)
