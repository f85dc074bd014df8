"""What comes with an event: `event.data`, by the event's name. At run time these are plain dicts.

    def handle_key_down(self, event):
        data: KeyData = event.data

Lengths are CSS pixels. All of it was checked for its shape when it came; it is still what a browser claims.
"""

from __future__ import annotations

from typing import TypeAlias, TypedDict

from .node import Node


class Modifiers(TypedDict):
    """The keys that were held."""
    alt_key: bool
    ctrl_key: bool
    shift_key: bool
    meta_key: bool


class ClickData(Modifiers):
    """`click`, `double_click`: where, from the node's upper left corner, and how large the node is."""
    x: float
    y: float
    node_width: float
    node_height: float


class PointerData(ClickData):
    """`pointer_enter`, `pointer_leave`, `drag_start`."""


class KeyData(Modifiers):
    """`key_down`, `key_up`. `key` and `code` as in `KeyboardEvent`; `repeat`: it comes again because the key is held."""
    key: str
    code: str
    repeat: bool


class DragData(PointerData):
    """`drag_enter`, `drag_leave`. `source`: the dragged node, or the nearest around what is; None: nothing of this window."""
    source: Node | None


class DropData(DragData):
    """`drop`. `text`: what was dropped, as text (the first 100,000 characters); `files`: how many files.

    Files come by a `FileInput` inside of the node (`DropZone`), else they are not sent.
    """
    text: str
    files: int


class DragEndData(TypedDict):
    """`drag_end`. `dropped`: something has taken it."""
    dropped: bool


class ScrollData(TypedDict):
    """`scroll_end`. The content is `width` by `height`; `node_width` by `node_height` of it can be seen, from `left`, `top` on."""
    top: float
    left: float
    width: float
    height: float
    node_width: float
    node_height: float


class VisibleData(TypedDict):
    """`visible`. `ratio`: how much of the node is in sight, from 0 to 1, at the moment of the report."""
    visible: bool
    ratio: float


class ResizeData(TypedDict):
    """`resize`."""
    width: float
    height: float


#: `submit`: the value of each field of the form, a list where several have one name. Files are left out.
SubmitData: TypeAlias = "dict[str, str | list[str]]"
