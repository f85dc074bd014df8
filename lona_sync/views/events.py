"""What a browser reports, as a view's handlers get it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..html.mutations import TreeNode
from ..html.node import Node

if TYPE_CHECKING:
    from .request import Request

_MODIFIERS = ((1, "alt_key"), (2, "ctrl_key"), (4, "shift_key"), (8, "meta_key"))


class InputEvent:
    """One event of one node, or of none (`node` is None: a custom event of the page).

    `name` is click, change, focus, blur or the name of a custom event. `data`: for a click a dict of `x`, `y`, `node_width`,
    `node_height` (CSS pixels) and `alt_key`, `ctrl_key`, `shift_key`, `meta_key` (bool); for a change the node's new value;
    for focus and blur None; for a custom event whatever the browser's script sent: it has not been checked.
    """

    __slots__ = ("_target_number", "client", "data", "name", "node", "request", "weight")

    def __init__(
        self, name: str, node: Node | None, data: Any, *, request: Request, client: int = 0, target: int = 0, weight: int = 1,
    ) -> None:
        self.name = name
        self.node = node
        self.data = data                           # Any: see above
        self.request = request
        self.client = client                       # the client number of the window that it came from
        self.weight = weight                       # what it counts in a queue
        self._target_number = target

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
        """The innermost node that was under the pointer, if it is still there; else `node`."""
        pending: list[TreeNode] = [self.node] if self.node is not None else []
        while pending:
            node = pending.pop()
            if isinstance(node, Node):
                if node.number == self._target_number:
                    return node
                pending.extend(node.children)
        return self.node

    def node_has_id(self, name: str) -> bool:
        return self.node is not None and self.node.has_id(name)

    def node_has_class(self, name: str) -> bool:
        return self.node is not None and self.node.has_class(name)

    def __repr__(self) -> str:
        return f"<InputEvent {self.name} node={self.node!r} data={self.data!r}>"


def read_data(name: str, data: Any) -> tuple[Any, int]:
    """The `data` of an event from its wire form, and the number of the target node (0: none).

    Raises `ValueError` when the browser sent the wrong shape.
    """
    read = _READERS.get(name)
    return read(data) if read else (data, 0)


def _read_click(data: Any) -> tuple[dict[str, Any], int]:
    if type(data) is not list or len(data) != 6 or not all(type(item) in (int, float) for item in data):
        raise ValueError("a click carries six numbers")
    x, y, width, height, modifiers, target = data
    click: dict[str, Any] = {"x": x, "y": y, "node_width": width, "node_height": height}
    if type(modifiers) is not int or type(target) is not int:
        raise ValueError("modifiers and target of a click are whole numbers")
    for bit, key in _MODIFIERS:
        click[key] = bool(modifiers & bit)
    return click, target


def _read_change(data: Any) -> tuple[Any, int]:
    if type(data) not in (str, bool, list):
        raise ValueError("a change carries a string, a boolean or a list")
    return data, 0


def _read_nothing(data: Any) -> tuple[None, int]:
    if data is not None:
        raise ValueError("focus and blur carry nothing")
    return None, 0


_READERS: dict[str, Callable[[Any], tuple[Any, int]]] = {
    "click": _read_click,
    "change": _read_change,
    "focus": _read_nothing,
    "blur": _read_nothing,
}
