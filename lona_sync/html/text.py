"""A piece of text in the tree."""

from __future__ import annotations

from .mutations import SetText, TreeNode


class Text(TreeNode):
    """Shows `data` exactly as it is: nothing in it is markup, no blank is lost."""

    __slots__ = ("_data",)

    def __init__(self, data: str | int | float = "") -> None:
        self.number = 0
        self.owner = None
        self.parent = None
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
        text = as_text(data)
        if text == self._data:
            return
        if self.owner is not None:
            self.owner.record(SetText(self, text))
        self._data = text

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
