"""What a tree and whoever shows it know of each other: the base of all nodes, its changes as values, the owner.

A node reports *before* it changes itself: an owner that refuses (wrong thread) leaves the tree as it was.

Mutations are named tuples, not frozen dataclasses: one is made for each change, in a third of the time.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, NoReturn, Protocol

_numbers = itertools.count(1)


def next_number() -> int:
    """A node number that this process has not given away yet: 1, 2, 3, …"""
    return next(_numbers)


AttributeValue = str | bool      # str: a value; True: present without a value; False: absent


class TreeNode:
    """An element or a text: something with a place in a tree.

    `number` is the node's id on the wire, unique in this process, 0 until it is first needed. `owner` shows the tree
    that the node is in. Both are written by the owner (and `number` by `id`), nobody else; `_parent` by `children.py`.
    """

    __slots__ = ("_parent", "number", "owner")

    number: int
    owner: Owner | None
    _parent: TreeNode | None

    @property
    def parent(self) -> TreeNode | None:
        """The node around this one; None: it has no place."""
        return self._parent

    @property
    def id(self) -> str:
        """The node's name in the browser; given when it is first asked for, and then for good."""
        if not self.number:
            self.take_number()
        return str(self.number)

    def take_number(self) -> None:
        """Give the node its number."""
        self.number = next_number()

    @property
    def root(self) -> TreeNode:
        """The topmost node of the tree; the node itself when it has no parent."""
        node: TreeNode = self
        while node._parent is not None:
            node = node._parent
        return node

    @property
    def lock(self) -> AbstractContextManager[object]:
        """`with node.lock:` makes several changes one step for whoever shows the tree. Free when nobody does."""
        return nullcontext() if self.owner is None else self.owner.lock

    def __copy__(self) -> NoReturn:
        raise RuntimeError("a node cannot be copied, since it has one place and one id. Build a second one.")

    def __deepcopy__(self, memo: object) -> NoReturn:
        self.__copy__()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        self.__copy__()                                     # pickled, it would come back with the same id


class Insert(NamedTuple):
    """`node`, which no owner shows, becomes a child of `parent`."""
    parent: TreeNode
    node: TreeNode
    before: TreeNode | None          # the next sibling; None: last


class Remove(NamedTuple):
    """`node` and all below it leave the tree."""
    node: TreeNode


class Move(NamedTuple):
    """`node` goes to another place of the same tree."""
    node: TreeNode
    parent: TreeNode
    before: TreeNode | None


class SetText(NamedTuple):
    """The text node shows another string."""
    node: TreeNode
    text: str


class SetAttribute(NamedTuple):
    """An attribute, a property, or one of the names `@on` and `@html`."""
    node: TreeNode
    name: str
    value: AttributeValue
    client: int = 0                  # the client that this value came from; 0: the server


class SetClass(NamedTuple):
    """One class is added (`on`) or removed."""
    node: TreeNode
    name: str
    on: bool


class SetStyle(NamedTuple):
    """One style property gets a value; None: removed."""
    node: TreeNode
    name: str
    value: str | None


class SetData(NamedTuple):
    """A place in the node's widget data gets a value; an empty path is all of it."""
    node: TreeNode
    path: tuple[str | int, ...]
    value: Any                       # Any here and below: JSON
    is_scalar: bool                  # a name at the top had a scalar and gets another one


class InsertData(NamedTuple):
    """A list in the node's widget data gets another item, before the index that ends the path."""
    node: TreeNode
    path: tuple[str | int, ...]
    value: Any


class DeleteData(NamedTuple):
    """A place in the node's widget data goes."""
    node: TreeNode
    path: tuple[str | int, ...]


class PutItem(NamedTuple):
    """A stream shows `item`, whose nodes nobody keeps: it is never moved or named by another mutation than these two."""
    node: TreeNode
    item: TreeNode
    place: int                       # AT_END, AT_START, or the number of the item that it replaces
    number: int                      # of the item; those of its nodes mean nothing


class DropItem(NamedTuple):
    """A stream no longer shows the item of this number; 0: it is empty."""
    node: TreeNode
    number: int


AT_END, AT_START = 0, -1

Mutation = (
    Insert | Remove | Move | SetText | SetAttribute | SetClass | SetStyle
    | SetData | InsertData | DeleteData | PutItem | DropItem
)


class Owner(Protocol):
    """Whoever shows a tree.

    It sets `owner` and `number` of each node that it takes in, and sets `owner` back when it lets go.
    """

    @property
    def closed(self) -> bool:
        """True when nobody looks any more: the tree is free to be shown elsewhere."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Re-entrant; while a greenlet holds it, no other one shows, sends or renders this tree."""

    @property
    def locked(self) -> bool:
        """True while another greenlet holds the lock, so that nobody may look at the tree now."""

    def record(self, mutation: Mutation) -> None:
        """Note a change that is about to happen; never waits.

        Raises `WrongThreadError` when called outside of the hub's thread, and `TreeTooLargeError` when a node grows too much (for
        inserts, `check_room` does); the caller then changes nothing.
        """

    def check_room(self, nodes: Sequence[TreeNode], former: Sequence[TreeNode]) -> None:
        """Asked before `nodes` become children of a node, and those children go that are in `former` and not among `nodes`.

        Raises `TreeTooLargeError` when there is no room for them; the caller then changes nothing.
        """

    def call(self, node: TreeNode, method: str, args: Sequence[Any], timeout: float | None) -> Any:
        """Call a method of the node's element or widget in a browser; what it returned. Waits. See `Node.call`."""

    def tell(self, node: TreeNode, method: str, args: Sequence[Any]) -> None:
        """The same without waiting for an answer; sent with the next frame."""
