"""A piece of text in the tree."""

from __future__ import annotations

from typing import Any, NoReturn, SupportsIndex

from .mutations import SetText, TreeNode

_STRING_METHODS = frozenset(name for name in dir(str) if not name.startswith("_"))


class Text(TreeNode):
    """Shows `data` exactly as it is: nothing in it is markup, no blank is lost.

    It has the methods of `str`. They change nothing: where `str` returns a string, they return another `Text` that has no
    place yet.
    """

    __slots__ = ("_data",)

    def __init__(self, data: str | int | float = "") -> None:
        self.number = 0
        self.owner = None
        self._parent = None
        self._data = data if type(data) is str else as_text(data)

    @property
    def data(self) -> str:
        return self._data

    @data.setter
    def data(self, data: str | int | float) -> None:
        self.set(data)

    text = data

    def set(self, data: str | int | float) -> None:
        """Show `data` from now on."""
        text = data if type(data) is str else as_text(data)
        if text == self._data:
            return
        if self.owner is not None:
            self.owner.record(SetText(self, text))
        self._data = text

    def __getattr__(self, name: str) -> Any:                  # Any: each method of `str` has a type of its own
        if name not in _STRING_METHODS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        method = getattr(self._data, name)

        def call(*arguments: Any, **keywords: Any) -> Any:
            result = method(*[each._data if isinstance(each, Text) else each for each in arguments], **keywords)
            return Text(result) if isinstance(result, str) else result

        return call

    def __add__(self, other: Text | str) -> Text:
        return Text(self._data + str(other)) if isinstance(other, (Text, str)) else NotImplemented

    def __radd__(self, other: str) -> Text:
        return Text(other + self._data) if isinstance(other, str) else NotImplemented

    def __iadd__(self, other: object) -> NoReturn:
        raise TypeError("`text += …` would name another text and change nothing that is shown: use text.set(text.data + …)")

    def __getitem__(self, index: SupportsIndex | slice) -> Text:
        return Text(self._data[index])

    def __contains__(self, part: object) -> bool:
        return str(part) in self._data

    def __int__(self) -> int:
        return int(self._data)

    def __float__(self) -> float:
        return float(self._data)

    def __format__(self, format_spec: str) -> str:
        return format(self._data, format_spec)

    def __str__(self) -> str:
        return self._data

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        """Compares the string, also with a plain one."""
        if isinstance(other, Text):
            return self._data == other._data
        if isinstance(other, str):
            return self._data == other
        return NotImplemented

    # By identity, as for every node: two equal texts are two places in a tree, and a text may change while in a dict.
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Text({self._data if len(self._data) <= 40 else self._data[:40] + '…'!r})"


TextNode = Text


def as_text(value: object) -> str:
    """`value` as an exact `str`; raises `TypeError` for what has no obvious text."""
    if isinstance(value, str):
        return str.__str__(value)            # an Enum with str values shows its value, not its name
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Text):
        return value.data
    raise TypeError(
        f"a text must be a str, int or float, not {type(value).__name__}: {value!r}. Convert it with str() first."
    )
