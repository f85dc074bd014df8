"""Dicts and lists that tell a host of each change, at any depth: `data["rows"][0]["name"] = "x"`.

What is inside are plain dicts and lists; an overlay is made when somebody looks, and knows its container by identity. So it keeps
its place when a list around it grows at the front, and tells nobody of changes once it was taken out.

Each access holds the host's guard from its first look to its last change: what `collections.abc` makes of several accesses, as
`pop` of a look and a `del`, is written out here, or two threads would pop the same item. What is given is looked through and copied
before that, since it may come from a host with another guard, or from a generator that waits. That makes it long: nearly every
method of a dict and of a list stands here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping, MutableSequence, ValuesView
from contextlib import AbstractContextManager
from copy import deepcopy
from typing import Any, Protocol, SupportsIndex, TypeAlias, TypeVar, overload

Path: TypeAlias = tuple[str | int, ...]
Self = TypeVar("Self", bound="DataDict")
Container: TypeAlias = "dict[Any, Any] | list[Any]"            # Any: what may be inside is the host's matter

_INSIDE = (dict, list)


class Host(Protocol):
    """Whose data it is."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """For several accesses in one step; re-entrant."""

    @property
    def guard(self) -> AbstractContextManager[object]:
        """Held during each access; re-entrant. What no other thread touches needs none."""

    def admit(self, value: Any) -> Any:
        """`value` as it is to be kept, a copy of the containers in it. Raises `ValueError` for what is not allowed."""

    def admit_key(self, key: Any) -> None:
        """Raise `ValueError` for a key that is not allowed."""

    def is_top(self, content: Container) -> bool:
        """Whether the data begins with this container still: it may have been replaced by another one."""

    def setting(self, path: Path, value: Any, former: Any) -> None:
        """The place at `path` is about to get `value`; `former`: what is there, `ABSENT` when nothing is."""

    def inserting(self, path: Path, value: Any) -> None:
        """`value` is about to be put into a list, before the index that ends `path`."""

    def deleting(self, path: Path) -> None:
        """What is at `path` is about to go."""


ABSENT = object()


class Overlay:
    """What dicts and lists have in common."""

    __slots__ = ("_content", "_host", "_key", "_parent")

    _content: Any

    def __init__(self, content: Container, host: Host, parent: Overlay | None = None, key: str | int = "") -> None:
        self._content = content
        self._host = host
        self._parent = parent
        self._key = key                        # where it was found; it may have moved

    @property
    def lock(self) -> AbstractContextManager[object]:
        """`with data.lock:` makes several accesses one step. Re-entrant."""
        return self._host.lock

    def to_python(self) -> Any:
        """A plain copy: dicts and lists all the way down."""
        with self._host.guard:
            return plain(self._content)

    def to_json(self) -> str:
        """The data as a JSON text."""
        with self._host.guard:
            return json.dumps(self._content)

    def clear(self) -> None:
        with self._host.guard:
            self._replace(type(self._content)())

    def _replace(self, content: Container) -> None:
        """Have this content, which was admitted, in one change."""
        if same(content, self._content):
            return
        path = self._path(())
        if path is not None:
            self._host.setting(path, content, self._content)
        # In place: who holds this container goes on to hold it.
        if isinstance(self._content, dict):
            self._content.clear()
            self._content.update(content)
        else:
            self._content[:] = content

    def _path(self, rest: Path) -> Path | None:
        """The way from the top to `rest` inside of this container; None: it was taken out."""
        overlay = self
        while overlay._parent is not None:
            around = overlay._parent._content
            key = _find(around, overlay._content, overlay._key)
            if key is None:
                return None
            overlay._key = key
            rest = (key, *rest)
            overlay = overlay._parent
        return rest if self._host.is_top(overlay._content) else None

    def _look(self, key: str | int, value: Any) -> Any:
        return overlay(value, self._host, self, key) if isinstance(value, _INSIDE) else value

    def _tell(self, change: Callable[..., None], key: str | int, *values: Any) -> None:
        path = self._path((key,))
        if path is not None:
            change(path, *values)

    def __len__(self) -> int:
        with self._host.guard:
            return len(self._content)

    def __contains__(self, item: object) -> bool:
        with self._host.guard:
            return item in self._content

    def __eq__(self, other: object) -> bool:
        other = other.to_python() if isinstance(other, Overlay) else other
        with self._host.guard:
            return isinstance(other, _INSIDE) and bool(self._content == other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        with self._host.guard:
            return f"<{type(self).__name__} {self._content!r}>"

    def __copy__(self) -> Any:
        return self.to_python()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return deepcopy(self.to_python(), memo)


class DataDict(Overlay, MutableMapping[Any, Any]):
    """A dict of a host. What is put in is copied; `==` compares by value."""

    __slots__ = ()

    fromkeys = staticmethod(dict.fromkeys)     # a plain dict: a new one has no host

    def __getitem__(self, key: Any) -> Any:
        with self._host.guard:
            return self._look(key, self._content[key])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._host.admit_key(key)
        value = self._host.admit(value)
        with self._host.guard:
            self._assign(key, value)

    def _assign(self, key: Any, value: Any) -> None:
        former = self._content.get(key, ABSENT)
        if same(former, value):
            return
        self._tell(self._host.setting, key, value, former)
        self._content[key] = value

    def __delitem__(self, key: Any) -> None:
        with self._host.guard:
            if key not in self._content:
                raise KeyError(key)
            self._tell(self._host.deleting, key)
            del self._content[key]

    def __iter__(self) -> Iterator[Any]:
        with self._host.guard:
            return iter(list(self._content))

    def __reversed__(self) -> Iterator[Any]:
        with self._host.guard:
            return iter(list(self._content)[::-1])

    def items(self) -> ItemsView[Any, Any]:
        return _Items(self)

    def values(self) -> ValuesView[Any]:
        return _Values(self)

    def pop(self, key: Any, default: Any = ABSENT) -> Any:
        """What was at `key`, which goes; without a `default` a missing key is a `KeyError`."""
        with self._host.guard:
            if key not in self._content and default is not ABSENT:
                return default
            value = self[key]
            del self[key]
            return value

    def popitem(self) -> tuple[Any, Any]:
        """The pair that came last, which goes."""
        with self._host.guard:
            if not self._content:
                raise KeyError("popitem(): the dictionary is empty")
            key = next(reversed(self._content))
            return key, self.pop(key)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """What is at `key`, after `default` was put there if nothing was."""
        self._host.admit_key(key)
        default = self._host.admit(default)
        with self._host.guard:
            if key not in self._content:
                self._assign(key, default)
            return self[key]

    def update(self, other: Any = (), /, **values: Any) -> None:
        """As `dict.update`; what is not allowed changes nothing."""
        new = self._admit_all(dict(other, **values))
        with self._host.guard:
            for key, value in new.items():
                self._assign(key, value)

    def __ior__(self: Self, other: Any) -> Self:
        self.update(other)
        return self

    def __or__(self, other: Any) -> Any:
        return {**self.to_python(), **plain(other)} if isinstance(other, Mapping) else NotImplemented

    def __ror__(self, other: Any) -> Any:
        return {**plain(other), **self.to_python()} if isinstance(other, Mapping) else NotImplemented

    def copy(self) -> dict[Any, Any]:
        """A plain dict, with copies of the dicts and lists inside."""
        return dict(self.to_python())

    def replace(self, content: Mapping[Any, Any]) -> None:
        """Become `content`, in one change."""
        new = self._admit_all(dict(content))
        with self._host.guard:
            self._replace(new)

    def _admit_all(self, content: dict[Any, Any]) -> dict[Any, Any]:
        return dict(self._host.admit(content))


class _Items(ItemsView[Any, Any]):
    """A loop sees all as it was when the loop began: what another thread takes out meanwhile ends it with no `KeyError`."""

    __slots__ = ()
    _mapping: DataDict

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        with self._mapping._host.guard:
            return iter([(key, self._mapping[key]) for key in self._mapping])


class _Values(ValuesView[Any]):
    """As `_Items`."""

    __slots__ = ()
    _mapping: DataDict

    def __iter__(self) -> Iterator[Any]:
        return iter([value for _, value in self._mapping.items()])


class DataList(Overlay, MutableSequence[Any]):
    """A list of a host. What is put in is copied; `==` compares by value."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        with self._host.guard:
            if isinstance(index, slice):
                return [self._look(place, self._content[place]) for place in range(*index.indices(len(self._content)))]
            place = self._place(index)
            return self._look(place, self._content[place])

    @overload
    def __setitem__(self, index: int, value: Any) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Any]) -> None: ...

    def __setitem__(self, index: int | slice, value: Any) -> None:
        new = [self._host.admit(item) for item in value] if isinstance(index, slice) else self._host.admit(value)
        with self._host.guard:
            if isinstance(index, slice):
                content = list(self._content)
                content[index] = new
                return self._replace(content)
            place = self._place(index)
            if not same(self._content[place], new):
                self._tell(self._host.setting, place, new, self._content[place])
                self._content[place] = new

    def __delitem__(self, index: int | slice) -> None:
        with self._host.guard:
            if isinstance(index, slice):
                content = list(self._content)
                del content[index]
                return self._replace(content)
            place = self._place(index)
            self._tell(self._host.deleting, place)
            del self._content[place]

    def __reversed__(self) -> Iterator[Any]:
        return iter(self[::-1])

    def insert(self, index: SupportsIndex, value: Any) -> None:
        value = self._host.admit(value)
        with self._host.guard:
            place, _, _ = slice(index, None).indices(len(self._content))
            self._tell(self._host.inserting, place, value)
            self._content.insert(place, value)

    def append(self, value: Any) -> None:
        self.insert(sys.maxsize, value)

    def extend(self, values: Iterable[Any]) -> None:
        """Append each; what is not allowed changes nothing."""
        new = [self._host.admit(value) for value in values]
        with self._host.guard:
            for value in new:
                self._tell(self._host.inserting, len(self._content), value)
                self._content.append(value)

    def pop(self, index: int = -1) -> Any:
        with self._host.guard:
            value = self[index]
            del self[index]
            return value

    def remove(self, value: Any) -> None:
        with self._host.guard:
            del self[self.index(value)]

    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex = sys.maxsize) -> int:
        with self._host.guard:
            return int(self._content.index(value, start, stop))

    def count(self, value: Any) -> int:
        with self._host.guard:
            return int(self._content.count(value))

    def reverse(self) -> None:
        with self._host.guard:
            self._replace(self._content[::-1])

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        """As `list.sort`; `key` gets the plain values."""
        with self._host.guard:
            self._replace(sorted(self._content, key=key, reverse=reverse))

    def __add__(self, other: Any) -> Any:
        return [*self.to_python(), *plain(list(other))] if isinstance(other, (list, DataList)) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return [*plain(other), *self.to_python()] if isinstance(other, list) else NotImplemented

    def __mul__(self, times: SupportsIndex) -> list[Any]:
        return [item for _ in range(times.__index__()) for item in self.to_python()]

    __rmul__ = __mul__

    def __imul__(self, times: SupportsIndex) -> DataList:
        with self._host.guard:
            self[:] = self * times
        return self

    def copy(self) -> list[Any]:
        """A plain list, with copies of the dicts and lists inside."""
        return list(self.to_python())

    def replace(self, content: Iterable[Any]) -> None:
        """Become `content`, in one change."""
        new = self._host.admit(list(content))
        with self._host.guard:
            self._replace(new)

    def _place(self, index: SupportsIndex) -> int:
        place = index.__index__()
        size = len(self._content)
        if not -size <= place < size:
            raise IndexError(f"there is no item {place} among {size}")
        return place % size


def overlay(content: Container, host: Host, parent: Overlay | None = None, key: str | int = "") -> DataDict | DataList:
    """The dict or list, as somebody may change it."""
    kind = DataDict if isinstance(content, dict) else DataList
    return kind(content, host, parent, key)


def plain(value: Any) -> Any:
    """A copy of dicts, lists and overlays, as dicts and lists; all else as it is."""
    if isinstance(value, Overlay):
        return value.to_python()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def same(one: Any, other: Any) -> bool:
    """Equal, and of one type: 1 and True differ, in JSON and for who reads it. Of what JSON has not, the very object."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return len(one) == len(other) and all(key in other and same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one is other or (isinstance(one, (str, int, float)) and one == other)       # two nodes may be equal, and be two


def _find(around: Any, content: Container, key: str | int) -> str | int | None:
    """Where in the container `around` the very object `content` is; `key` is looked at first."""
    try:
        if around[key] is content:
            return key
    except (LookupError, TypeError):
        pass                                   # it has moved or gone
    items: Iterable[tuple[Any, Any]] = around.items() if isinstance(around, dict) else enumerate(around)
    return next((place for place, item in items if item is content), None)
