"""What attributes and style have in common: a dict that tells the node's owner about each change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeAlias, TypeVar

from .mutations import TreeNode

Value: TypeAlias = str | int | float     # bool is an int

Self = TypeVar("Self", bound="Properties")


class Properties(MutableMapping[str, Value]):
    """Values by name. `del` of a missing name is fine; setting what is already there changes and records nothing.

    Several values are checked before the first one is set, so that a wrong one among them changes nothing.
    """

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
        self._assign(name, value)

    def _assign(self, name: str, value: Value) -> None:
        """Set what was checked."""
        if self._node.owner is not None:
            self._record_set(name, value)
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        if name in self._values:
            if self._node.owner is not None:
                self._record_delete(name)
            del self._values[name]

    # No pairs and no keywords, as dict.update() has them: a keyword would look like one of a node, where `_` means `-`.
    def update(self, values: Mapping[str, Value], /) -> None:  # type: ignore[override]  # narrower than a dict's, see above
        """Set all `values`."""
        for name, value in self._checked(values).items():
            self._assign(name, value)

    def __ior__(self: Self, values: Mapping[str, Value]) -> Self:
        self.update(values)
        return self

    def replace(self, values: Mapping[str, Value]) -> None:
        """Become `values`."""
        checked = self._checked(values)
        for name in self:
            if name not in checked:
                del self[name]
        for name, value in checked.items():
            self._assign(name, value)

    def clear(self) -> None:
        for name in self:
            del self[name]

    def _checked(self, values: Mapping[str, Value]) -> dict[str, Value]:
        if not isinstance(values, Mapping):
            raise ValueError(f"expected a dict, not {type(values).__name__}: {values!r}")
        checked = dict(values)
        for name, value in checked.items():
            self.check(name, value)
        return checked

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
            + ("To have none, leave it out or give False." if value is None else "Convert it with str() first.")
        )
