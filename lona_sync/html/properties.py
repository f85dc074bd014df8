"""What attributes and style have in common: a dict that tells the node's owner about each change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeAlias

from .mutations import TreeNode

Value: TypeAlias = str | int | float     # bool is an int


class Properties(MutableMapping[str, Value]):
    """Values by name. `del` of a missing name is fine; setting what is already there changes and records nothing."""

    __slots__ = ("_node", "_values")

    def __init__(self, node: TreeNode) -> None:
        self._node = node
        self._values: dict[str, Value] = {}

    def check(self, name: str, value: Value) -> None:
        """Raise what a wrong name or value deserves."""
        raise NotImplementedError

    def _record_set(self, name: str, value: Value) -> None:
        raise NotImplementedError

    def _record_delete(self, name: str) -> None:
        raise NotImplementedError

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __setitem__(self, name: str, value: Value) -> None:
        self.check(name, value)
        if self._node.owner is not None:
            self._record_set(name, value)
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        if name in self._values:
            if self._node.owner is not None:
                self._record_delete(name)
            del self._values[name]

    def replace(self, values: Mapping[str, Value]) -> None:
        """Become `values`; a wrong one among them changes nothing."""
        if not isinstance(values, Mapping):
            raise ValueError(f"expected a dict, not {type(values).__name__}: {values!r}")
        for name, value in values.items():
            self.check(name, value)
        for name in list(self._values):
            if name not in values:
                del self[name]
        for name, value in values.items():
            self[name] = value

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._values!r}>"


def check_value(name: str, value: object) -> None:
    """Raise `ValueError` for a value that has no obvious text."""
    if not isinstance(value, (str, int, float)):
        raise ValueError(
            f"{name!r} must be a str, int, float or bool, not {type(value).__name__}: {value!r}. "
            "Convert it with str() first."
        )
