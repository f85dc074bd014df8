"""What a browser reports, as a view's handlers get it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..html.event_data import (
    ClickData,
    DragData,
    DragEndData,
    DropData,
    KeyData,
    Modifiers,
    ResizeData,
    ScrollData,
    SubmitData,
    VisibleData,
)
from ..html.mutations import TreeNode
from ..html.node import Node
from ..html.stream import Stream
from ..wire.protocol import MAX_NUMBER, is_form

if TYPE_CHECKING:
    from .request import Request
    from .visitor import Visitor

MAX_KEY = 64                       # characters of a key's name
MAX_TEXT = 100_000                 # characters of what is dropped
_FARTHEST = 1e9                    # CSS pixels; no browser lays out what is longer
_NUMBERS = (int, float)            # and no bool

Find = Callable[[int], "Node | None"]


class InputEvent:
    """One event of one node, or of none (`node` is None: a custom event of the page).

    `name` is that of an event type (click, change, key_down, …) or of a custom event. `data`: for a change the input's `value` as
    it was then: a number, a date, the object of the chosen option, None while what was typed is no date yet; of what is no input
    its text; for focus and blur None; for a custom event whatever the browser's script sent: it has not been checked; for all
    others a dict, described in `lona_sync.html` by `ClickData`, `KeyData`, `DropData`, `SubmitData` and so on.
    """

    __slots__ = ("_target_number", "_visitor", "came", "client", "data", "name", "node", "request", "weight")

    def __init__(
        self, name: str, node: Node | None, data: Any, *, request: Request, client: int = 0, target: int = 0, weight: int = 1,
        visitor: Visitor | None = None,
    ) -> None:
        self.name = name
        self.node = node
        self.data = data                           # Any: see above
        self.request = request
        self.client = client                       # the client number of the window that it came from
        self.weight = weight                       # what it counts in a queue
        self.came = time.time()                    # beside what else a procedure waits for: messages, for one
        self._target_number = target
        self._visitor = visitor

    @property
    def connection(self) -> Visitor:
        """The connection that it came by."""
        return self.request.connection if self._visitor is None else self._visitor

    @property
    def user(self) -> Any:                         # Any: the application's own class, or ours
        """Who has done it. In a view that several users may join it need not be who has opened the view."""
        came = self.connection
        return self.request.user if came.owner == self.request.opened_by else came.user

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The node and its ancestors, innermost first."""
        found: list[Node] = []
        node: TreeNode | None = self.node
        while isinstance(node, Node):
            found.append(node)
            node = node.parent
        return tuple(found)

    @property
    def target_node(self) -> Node | None:
        """The innermost node that was under the pointer, or the button that sent a form, if it is still there; else `node`."""
        if self.node is None or not self._target_number:
            return self.node
        # A button may stand outside of its form.
        pending: list[TreeNode] = [self.node.root if self.name == "submit" else self.node]
        while pending:
            node = pending.pop()
            if isinstance(node, Node):
                if node.number == self._target_number:
                    return node
                pending.extend(node.children)
        return self.node

    @property
    def item(self) -> int:
        """Of a `Stream`: the number of the item that was hit, as its `append` returned it; 0: none. It may have gone meanwhile."""
        return self._target_number if isinstance(self.node, Stream) and self._target_number != self.node.number else 0

    @property
    def tag_name(self) -> str:
        """That of the node as scripts see it, 'BUTTON'; '' without a node."""
        return "" if self.node is None else self.node.tag_name.upper()

    @property
    def id_list(self) -> list[str]:
        """The ids of the node; none without one."""
        return [] if self.node is None else list(self.node.id_list)

    @property
    def class_list(self) -> list[str]:
        """The classes of the node; none without one."""
        return [] if self.node is None else list(self.node.class_list)

    def node_has_id(self, name: str) -> bool:
        return self.node is not None and self.node.has_id(name)

    def node_has_class(self, name: str) -> bool:
        return self.node is not None and self.node.has_class(name)

    def __repr__(self) -> str:
        return f"<InputEvent {self.name} node={self.node!r} data={self.data!r}>"


def read_data(name: str, data: Any, find: Find) -> tuple[Any, int]:
    """The `data` of an event from its wire form, and the number of the target node (0: none).

    `find` tells which node of the view's tree has a number. Raises `ValueError` when the browser sent the wrong shape.
    """
    read = _READERS.get(name)
    if read is None:
        return data, 0
    place = _TARGETS.get(name)
    return read(data, find), 0 if place is None else data[place] or 0


def _items(data: Any, count: int) -> list[Any]:
    if type(data) is not list or len(data) != count:
        raise ValueError(f"expected {count} values")
    return data


def _check_lengths(*items: Any) -> None:
    for item in items:
        if type(item) not in _NUMBERS or not -_FARTHEST <= item <= _FARTHEST:
            raise ValueError("expected CSS pixels")


def _check_number(item: Any) -> None:
    if type(item) is not int or not 0 <= item <= MAX_NUMBER:
        raise ValueError("expected a number of a node, of keys or of files")


def _check_bool(item: Any) -> None:
    if type(item) is not bool:
        raise ValueError("expected yes or no")


def _check_text(item: Any, most: int) -> None:
    if type(item) is not str or len(item) > most:
        raise ValueError(f"expected a text of at most {most} characters")


_MODIFIERS: list[Modifiers] = [
    {"alt_key": bool(sum & 1), "ctrl_key": bool(sum & 2), "shift_key": bool(sum & 4), "meta_key": bool(sum & 8)}
    for sum in range(16)
]


def _modifiers(sum: int) -> Modifiers:
    return _MODIFIERS[sum & 15]


def _read_point(data: Any, find: Find) -> ClickData:
    x, y, width, height, modifiers, target = _items(data, 6)
    _check_lengths(x, y, width, height)
    _check_number(modifiers)
    _check_number(target)
    return {"x": x, "y": y, "node_width": width, "node_height": height, **_modifiers(modifiers)}


def _read_key(data: Any, find: Find) -> KeyData:
    key, code, repeat, modifiers = _items(data, 4)
    _check_text(key, MAX_KEY)
    _check_text(code, MAX_KEY)
    _check_bool(repeat)
    _check_number(modifiers)
    return {"key": key, "code": code, "repeat": repeat, **_modifiers(modifiers)}


def _read_drag(data: Any, find: Find) -> DragData:
    *point, source = _items(data, 7)
    _check_number(source)
    return {**_read_point(point, find), "source": find(source) if source else None}


def _read_drop(data: Any, find: Find) -> DropData:
    *drag, text, files = _items(data, 9)
    _check_text(text, MAX_TEXT)
    _check_number(files)
    return {**_read_drag(drag, find), "text": text, "files": files}


def _read_drag_end(data: Any, find: Find) -> DragEndData:
    _check_bool(data)
    return {"dropped": data}


def _read_scroll(data: Any, find: Find) -> ScrollData:
    top, left, height, width, node_height, node_width = _items(data, 6)
    _check_lengths(top, left, height, width, node_height, node_width)
    return {"top": top, "left": left, "height": height, "width": width, "node_height": node_height, "node_width": node_width}


def _read_visible(data: Any, find: Find) -> VisibleData:
    visible, ratio = _items(data, 2)
    _check_bool(visible)
    _check_lengths(ratio)
    if not 0 <= ratio <= 1:
        raise ValueError("expected a part of the node")
    return {"visible": visible, "ratio": ratio}


def _read_resize(data: Any, find: Find) -> ResizeData:
    width, height = _items(data, 2)
    _check_lengths(width, height)
    return {"width": width, "height": height}


def _read_submit(data: Any, find: Find) -> SubmitData:
    fields: SubmitData
    fields, button = _items(data, 2)                          # texts, or lists of texts, by their names; and the button
    if not is_form(fields):
        raise ValueError("expected the fields of a form")
    if button is not None:
        _check_number(button)
    return fields


def _read_change(data: Any, find: Find) -> Any:
    if data is not None and type(data) not in (str, bool, list):
        raise ValueError("a change carries a string, a boolean, a list, or nothing when the text is no value")
    return data


def _read_nothing(data: Any, find: Find) -> None:
    if data is not None:
        raise ValueError("focus and blur carry nothing")


_READERS: dict[str, Callable[[Any, Find], Any]] = {
    "click": _read_point,
    "change": _read_change,
    "focus": _read_nothing,
    "blur": _read_nothing,
    "double_click": _read_point,
    "submit": _read_submit,
    "key_down": _read_key,
    "key_up": _read_key,
    "pointer_enter": _read_point,
    "pointer_leave": _read_point,
    "scroll_end": _read_scroll,
    "drag_start": _read_point,
    "drag_end": _read_drag_end,
    "drag_enter": _read_drag,
    "drag_leave": _read_drag,
    "drop": _read_drop,
    "visible": _read_visible,
    "resize": _read_resize,
}
# Where among the items the number of the target is.
_TARGETS = {name: 5 for name, read in _READERS.items() if read in (_read_point, _read_drag, _read_drop)} | {"submit": 1}
