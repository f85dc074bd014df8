"""What a tree and whoever shows it know of each other: the base of all nodes, its changes as values, the owner.

A node reports *before* it changes itself: an owner that refuses (wrong thread) leaves the tree as it was.
"""

from __future__ import annotations

import itertools
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NoReturn, Protocol

_numbers = itertools.count(1)


def next_number() -> int:
    """A node number that this process has not given away yet: 1, 2, 3, …"""
    return next(_numbers)


AttributeValue = str | bool      # str: a value; True: present without a value; False: absent


class TreeNode:
    """An element or a text: something with a place in a tree.

    `number` is the node's id on the wire, unique in this process, 0 until it is first needed. `owner` shows the tree
    that the node is in. Both are written by the owner (and `number` by `id`), nobody else.
    """

    __slots__ = ("number", "owner", "parent")

    number: int
    owner: Owner | None
    parent: TreeNode | None

    @property
    def id(self) -> str:
        """The node's name in the browser; given when it is first asked for, and then for good."""
        if not self.number:
            self.number = next_number()
        return str(self.number)

    @property
    def root(self) -> TreeNode:
        """The topmost node of the tree; the node itself when it has no parent."""
        node: TreeNode = self
        while node.parent is not None:
            node = node.parent
        return node

    @property
    def lock(self) -> AbstractContextManager[object]:
        """`with node.lock:` makes several changes one step for whoever shows the tree. Free when nobody does."""
        return nullcontext() if self.owner is None else self.owner.lock

    def __copy__(self) -> NoReturn:
        raise RuntimeError("a node cannot be copied, since it has one place and one id. Build a second one.")

    def __deepcopy__(self, memo: object) -> NoReturn:
        self.__copy__()


@dataclass(frozen=True, slots=True)
class Insert:
    """`node`, which no owner shows, becomes a child of `parent`."""
    parent: TreeNode
    node: TreeNode
    before: TreeNode | None          # the next sibling; None: last


@dataclass(frozen=True, slots=True)
class Remove:
    """`node` and all below it leave the tree."""
    node: TreeNode


@dataclass(frozen=True, slots=True)
class Move:
    """`node` goes to another place of the same tree."""
    node: TreeNode
    parent: TreeNode
    before: TreeNode | None


@dataclass(frozen=True, slots=True)
class SetText:
    """The text node shows another string."""
    node: TreeNode
    text: str


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """An attribute, a property, or one of the names `@on` and `@html`."""
    node: TreeNode
    name: str
    value: AttributeValue
    client: int = 0                  # the client that this value came from; 0: the server


@dataclass(frozen=True, slots=True)
class SetClass:
    """One class is added (`on`) or removed."""
    node: TreeNode
    name: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetStyle:
    """One style property gets a value; None: removed."""
    node: TreeNode
    name: str
    value: str | None


Mutation = Insert | Remove | Move | SetText | SetAttribute | SetClass | SetStyle


class Owner(Protocol):
    """Whoever shows a tree.

    It sets `owner` and `number` of each node that it takes in, and sets `owner` back when it lets go.
    """

    @property
    def closed(self) -> bool:
        """True when nobody looks any more: the tree is free to be shown elsewhere."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Re-entrant; while a greenlet holds it, no other one shows or sends this tree."""

    def record(self, mutation: Mutation) -> None:
        """Note a change that is about to happen; never waits.

        Raises `WrongThreadError` when called outside of the hub's thread; the caller then changes nothing.
        """
