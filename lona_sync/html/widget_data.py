"""The data of a widget: what JSON can say, each change told to the browsers that show the node."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

from .mutations import DeleteData, InsertData, SetData, TreeNode
from .overlay import Container, DataDict, DataList, Overlay, Path, overlay, plain

WidgetData: TypeAlias = DataDict | DataList

_LONGEST_NAME = 128
_DEEPEST = 50                    # levels: a browser's message may have a few more in all
_GREATEST = 2**53 - 1            # the whole numbers that JavaScript holds exactly
_SCALARS = (str, int, float, bool, type(None))


class WidgetHost:
    """The widget of one node: its class's `name` and its data, whose changes are recorded with the node's owner."""

    __slots__ = ("_node", "content", "name")

    def __init__(self, node: TreeNode, name: str, content: dict[str, Any] | list[Any]) -> None:     # Any: JSON
        if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_NAME:
            raise ValueError(f"a widget is named by 1 to {_LONGEST_NAME} characters, not {name!r}")
        self.name = name
        self._node = node
        self.content = self.admit(_container(content))

    @property
    def lock(self) -> AbstractContextManager[object]:
        return self._node.lock

    guard = nullcontext()          # no greenlet is switched to in the middle of an access

    @property
    def data(self) -> WidgetData:
        return overlay(self.content, self)

    def replace(self, content: Any) -> None:
        """Have other data, in one change."""
        new = self.admit(_container(content))
        if isinstance(new, type(self.content)):
            self.data.replace(new)               # in place: who has asked for the data before goes on to hold it
        else:
            self.setting((), new, self.content)
            self.content = new

    def admit(self, value: Any) -> Any:
        return as_json(value)

    def admit_key(self, key: Any) -> None:
        _check_key(key)

    def is_top(self, content: Container) -> bool:
        return content is self.content

    def setting(self, path: Path, value: Any, former: Any) -> None:
        _check_level(len(path))
        if self._node.owner is not None:
            # A later value of the same name makes this patch needless, unless a patch in between goes deeper.
            is_scalar = len(path) == 1 and isinstance(path[0], str) and isinstance(value, _SCALARS) and isinstance(former, _SCALARS)
            self._node.owner.record(SetData(self._node, path, value, is_scalar))

    def inserting(self, path: Path, value: Any) -> None:
        _check_level(len(path))
        if self._node.owner is not None:
            self._node.owner.record(InsertData(self._node, path, value))

    def deleting(self, path: Path) -> None:
        if self._node.owner is not None:
            self._node.owner.record(DeleteData(self._node, path))


def as_json(value: Any, level: int = 0) -> Any:
    """A copy of `value`, with tuples as lists; `ValueError` for what JSON or JavaScript cannot hold."""
    _check_level(level)
    if isinstance(value, Overlay):
        value = plain(value)                                # of a state, it may hold anything
    if value is None or type(value) in (str, bool):
        return value
    if type(value) is int and -_GREATEST <= value <= _GREATEST:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, (list, tuple)):
        return [as_json(item, level + 1) for item in value]
    if isinstance(value, dict):
        for key in value:
            _check_key(key)
        return {key: as_json(item, level + 1) for key, item in value.items()}
    raise ValueError(
        "expected what JSON can say (None, bool, str, finite numbers up to 2**53, lists and dicts of these), "
        f"not {type(value).__name__}: {value!r:.200}. Convert it first, a date with str()."
    )


def _check_level(level: int) -> None:
    if level > _DEEPEST:
        raise ValueError(f"the data is nested deeper than {_DEEPEST} levels; does it contain itself?")


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise ValueError(f"a key must be a str, as in JSON, not {type(key).__name__}: {key!r}")
    if key == "__proto__":
        raise ValueError("a key cannot be '__proto__': in JavaScript that is none, and what it is set to would be found everywhere")


def _container(content: Any) -> Any:
    if isinstance(content, (dict, list, Overlay)):
        return content
    raise ValueError(f"widget data must be a dict or a list, not {type(content).__name__}: {content!r:.200}")
