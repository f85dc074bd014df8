"""`Stream`: what grows for ever, as a log or a chat. The browser keeps the items; the server keeps the last few, as text.

An item is built, sent and forgotten: no node of it is in the server's tree. So ten thousand lines cost what one costs, and the
price is that items are not nodes any more: they issue no events of their own (the stream does, see `Stream`).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from .children import Child, flatten, walk
from .mutations import AT_END, AT_START, DropItem, PutItem, TreeNode, next_number
from .node import Node

_REMEMBERED = 1000               # numbers of items that were taken out; who was away for more than that goes on to show them


class Stream(Node):
    """A list whose items are not kept: `log = Stream(limit=1000)`, `log.append(P("started"))`.

    `limit`: as many items stay in the browser; with the next one the farthest goes. `keep`: as many of the newest are kept here, in
    their encoded form, for who comes later: another window, a page that was loaded again, a browser that was too slow. (While there
    is no browser, or one that has not seen the stream yet, `limit` of them are.) Where a browser missed items that were not kept,
    its element gets the attribute `data-lona-missed` with their number.

    `str(stream)` shows the items as long as no view shows the stream; from then on the browsers have them.

    A browser that shows the end of a stream which scrolls goes on to show the end. With `events=[CLICK]` the stream is told of
    clicks on its items: `event.item` is the number that `append` returned.
    """

    __slots__ = ("_keep", "_limit", "cleared", "floor", "gone", "since", "tail", "total")
    TAG_NAME = "div"
    FROZEN: ClassVar[bool] = True

    tail: OrderedDict[int, tuple[int, TreeNode | str]]
    """The items that are kept, the oldest first, by number: where each was put, and the item. Whoever shows the stream puts its
    wire form here.
    """

    since: int
    """The frame that told of the stream first. For whoever shows it."""

    total: int
    """How many items there have been."""

    cleared: int
    """How many there had been when all were taken out, the last time."""

    floor: int
    """Items with a smaller number are gone."""

    gone: deque[int]
    """The numbers of the last items that were taken out."""

    def __init__(self, *items: Child, limit: int = 1000, keep: int = 100, **kwargs: Any) -> None:      # Any: as for Node
        self._limit = _checked("limit", limit, 1)
        self._keep = min(_checked("keep", keep, 0), limit)
        self.tail = OrderedDict()
        self.since = 0
        self.total = self.cleared = 0
        self.floor = 0
        self.gone = deque(maxlen=_REMEMBERED)
        super().__init__(**kwargs)
        for item in flatten(items):
            self.append(item)

    @property
    def limit(self) -> int:
        """How many items a browser keeps."""
        return self._limit

    @property
    def keep(self) -> int:
        """How many items the server keeps."""
        return self._keep

    @property
    def rendered_children(self) -> Sequence[TreeNode]:
        page: deque[TreeNode] = deque()
        for place, item in self.tail.values():
            if isinstance(item, TreeNode):
                page.appendleft(item) if place == AT_START else page.append(item)
        return page

    def check_takes_children(self) -> None:
        raise RuntimeError(f"{self!r} is a stream: its items come by append(), prepend() and extend(), and are no children.")

    def append(self, item: Child) -> int:  # type: ignore[override]  # a node returns None; here is nothing else to name the item by
        """Put `item` at the end. Its number, for `update` and `remove`.

        `ValueError` when it is or contains what needs the server: a node that issues events, a widget, another stream.
        """
        return self._put(_as_item(item), AT_END)

    def prepend(self, item: Child) -> int:
        """Put `item` at the beginning. Its number."""
        return self._put(_as_item(item), AT_START)

    def extend(self, items: Iterable[Child]) -> None:
        """Put all `items` at the end, or none when one of them cannot be there."""
        for node in [_as_item(item) for item in items]:
            self._put(node, AT_END)

    def update(self, number: int, item: Child) -> None:
        """Show `item` instead of the one of this number, and under its number. Nothing happens in browsers where it is gone.

        A browser that was too slow goes on to show the former one, when it is not among those that are kept.
        """
        _check_number(number)
        self._put(_as_item(item), number)

    def remove(self, *numbers: int) -> None:  # type: ignore[override]  # items are no nodes, so they go by number
        """Take out the items of these numbers; one that is gone is fine. Without any, take the stream out of its parent."""
        if not numbers:
            super().remove()
        for number in numbers:
            _check_number(number)
        for number in numbers:
            if self.owner is not None:
                self.owner.record(DropItem(self, number))
            self.tail.pop(number, None)
            self.gone.append(number)

    def clear(self) -> None:
        """Take out all items."""
        if self.owner is not None and self.total:
            self.owner.record(DropItem(self, 0))
        self.floor = next_number()
        self.cleared = self.total
        self.gone.clear()
        self.tail.clear()

    def _put(self, item: TreeNode, place: int) -> int:
        number = place if place > 0 else next_number()
        if self.owner is not None and not self.owner.closed:
            self.owner.record(PutItem(self, item, place, number))       # which calls `admit`
        else:
            self.admit(number, item, place, self._limit)
        return number

    def admit(self, number: int, item: TreeNode | str, place: int, keep: int) -> None:
        """Take the item up among the `keep` newest. For whoever shows the stream, with the item's wire form."""
        if place > 0:
            if number in self.tail:
                self.tail[number] = self.tail[number][0], item
            return
        self.total += 1
        self.tail[number] = place, item
        while len(self.tail) > keep:
            self.tail.popitem(last=False)

    def _content(self) -> tuple[object, ...]:
        return (*super()._content(), self._limit, self._keep, list(self.tail.values()))


def _check_number(number: int) -> None:
    if type(number) is not int or number < 1:
        raise TypeError(f"a stream keeps no nodes: it takes the number that append() returned, not {number!r}")


def _checked(name: str, value: int, least: int) -> int:
    if type(value) is not int or not least <= value <= 1_000_000:
        raise ValueError(f"{name} must be a whole number from {least} to 1000000, not {value!r}")
    return value


def _as_item(item: Child) -> TreeNode:
    nodes = flatten((item,))
    if len(nodes) != 1:
        raise ValueError(f"an item is one node or text, not {len(nodes)}. Several are added by extend().")
    node = nodes[0]
    if node.parent is not None or node.owner is not None:
        raise ValueError(f"{node!r} is in a tree already. A stream forgets its items, so each is made for it alone.")
    for each in walk(node):
        if isinstance(each, Node) and (each.event_tokens or each.widget or isinstance(each, Stream)):
            raise ValueError(
                f"{each!r} needs the server, and a stream forgets its items. Give the stream events=[CLICK], and read "
                "event.item, or use a list of nodes."
            )
    return node
