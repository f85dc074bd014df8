"""The children of a node as a Python list, in all that a place in a tree allows.

It differs from a list where a list would hold an item twice. A node has one place, so that a node which is put in moves,
and `*` does not exist. Searching is by identity.

So a node that is put into a new one leaves its list at that moment: in `ul[0] = Div(ul[0])` the list is one shorter before
`ul[0] = …` begins, which then replaces the next one. `ul[0].wrap(Div())` is what is meant; `replace_with` is its like.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence
from typing import Any, NoReturn, TypeVar, overload

from .children import Child, Parent, arrange, exchange, flatten, position, put, remove, replace, take
from .mutations import TreeNode

Self = TypeVar("Self", bound="ChildOperations")


class ChildOperations:
    """What can be done with the children of `_parent_node`; a node offers it itself and by its property `nodes`."""

    __slots__ = ()

    @property
    def _parent_node(self) -> Parent:
        raise NotImplementedError

    def append(self, child: Child) -> None:
        """Put `child` at the end. A node that has a place already moves, here and everywhere else."""
        nodes = flatten((child,))
        put(self._parent_node, nodes, len(self))

    def extend(self, children: Iterable[Child]) -> None:
        """Put all `children` at the end, or none of them if one is wrong."""
        nodes = _flatten_list(children)
        put(self._parent_node, nodes, len(self))

    def insert(self, index: int, child: Child) -> None:
        """Put `child` before the one that is at `index` now."""
        nodes = flatten((child,))
        put(self._parent_node, nodes, slice(index, None).indices(len(self))[0])

    def pop(self, index: int = -1) -> TreeNode:
        """Take out and return the child at `index`."""
        index = _index(self._parent_node, index)
        node = self._parent_node.children[index]
        del self[index]
        return node

    def clear(self) -> None:
        """Take all children out."""
        take(self._parent_node, slice(None))

    def index(self, node: TreeNode, start: int = 0, stop: int = sys.maxsize) -> int:
        """The position of `node` itself; `ValueError` when it is not among the children, even if an equal one is."""
        index = position(self._parent_node.children, node)
        if index not in range(*slice(start, stop).indices(len(self))):
            raise ValueError(f"{node!r} is the child at {index}, which is not in the range from {start} to {stop}")
        return index

    def __contains__(self, node: object) -> bool:
        """Whether `node` itself is among the children."""
        return isinstance(node, TreeNode) and node.parent is self._parent_node

    def __iter__(self) -> Iterator[TreeNode]:
        """The children as they are now: changes made meanwhile do not disturb the loop."""
        return iter(list(self._parent_node.children))

    def __reversed__(self) -> Iterator[TreeNode]:
        return iter(self._parent_node.children[::-1])

    def __len__(self) -> int:
        return len(self._parent_node.children)

    @overload
    def __getitem__(self, index: int) -> TreeNode: ...
    @overload
    def __getitem__(self, index: slice) -> list[TreeNode]: ...
    def __getitem__(self, index: int | slice) -> TreeNode | list[TreeNode]:
        children = self._parent_node.children
        return list(children[index]) if isinstance(index, slice) else children[index]

    def __setitem__(self, index: int | slice, child: Child) -> None:
        """Put `child` in the place of another one, or a list of them in the place of a slice.

        A single node that is among the children already changes places with the one at `index`, so that
        `nodes[i], nodes[j] = nodes[j], nodes[i]` and `random.shuffle(nodes)` lose nothing. A list moves its nodes. Between two
        parents each node that moves leaves a gap at once: exchange them by `replace_with`. See also `Node.wrap`.
        """
        parent = self._parent_node
        if isinstance(index, slice):
            replace(parent, index, _flatten_list(child))
            return
        nodes = flatten((child,))
        index = _index(parent, index)
        if len(nodes) == 1 and nodes[0].parent is parent:
            exchange(parent, index, nodes[0])
        else:
            replace(parent, slice(index, index + 1), nodes)

    def __delitem__(self, index: int | slice) -> None:
        parent = self._parent_node
        if not isinstance(index, slice):
            index = _index(parent, index)
            index = slice(index, index + 1)
        take(parent, index)

    def __iadd__(self: Self, children: Iterable[Child]) -> Self:
        self.extend(children)
        return self

    def __mul__(self, times: object) -> NoReturn:
        raise TypeError("nodes cannot be multiplied: a node has one place. Build each one: [Li(n) for n in range(5)]")

    __rmul__ = __imul__ = __mul__


class NodeList(ChildOperations):
    """The children of a node as a list."""

    __slots__ = ("_node",)

    def __init__(self, node: Parent) -> None:
        self._node = node

    @property
    def _parent_node(self) -> Parent:
        return self._node

    def of(self, node: TreeNode) -> bool:
        """Whether these are the children of `node`."""
        return self._node is node

    def remove(self, node: TreeNode) -> None:
        """Take out `node` itself, never an equal one; `ValueError` when it is not here."""
        remove(self._node, node)

    def count(self, node: object) -> int:
        """1 when `node` itself is here, else 0."""
        return int(node in self)

    def copy(self) -> list[TreeNode]:
        """The same nodes in a plain list."""
        return list(self)

    # Any: the user knows the classes of his nodes, and what he compares them by.
    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        """Sort by `key`, which nodes do not have by themselves; stable. As few nodes as possible move.

        Raises `ValueError` when `key` changes the children, and whatever `key` raises; the order is then the former one.
        """
        if key is None:
            raise TypeError("nodes have no order of their own: give sort() a key, as in sort(key=lambda node: node.get_text())")
        children = list(self)
        ordered = sorted(children, key=key, reverse=reverse)
        if list(map(id, children)) != list(map(id, self._node.children)):
            raise ValueError("the children have changed while they were sorted: the key function must leave them alone")
        arrange(self._node, ordered, 0, len(ordered))

    def reverse(self) -> None:
        """Turn the order round."""
        arrange(self._node, list(reversed(self)), 0, len(self))

    def __add__(self, other: Iterable[TreeNode]) -> list[TreeNode]:
        """A plain list of the nodes of both."""
        return [*self, *other]

    def __radd__(self, other: Iterable[TreeNode]) -> list[TreeNode]:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        """Compares the contents, with another list of nodes and strings, too."""
        if not isinstance(other, (NodeList, list, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<NodeList {list(self)!r}>"


MutableSequence.register(NodeList)               # `match node.nodes: case [first, *rest]`, `random.sample(node.nodes, 2)`


def _flatten_list(children: Child) -> list[TreeNode]:
    # Strings, dicts and nodes are iterable, too: "ab" as two texts, or a node's children without the node, is never meant.
    if not isinstance(children, Iterable) or isinstance(children, (str, bytes, bytearray, Mapping, TreeNode)):
        raise TypeError(
            f"expected a list of children, not {type(children).__name__}: {children!r}. To add one child use append(); "
            "the children of a node are node.nodes."
        )
    return flatten(children)


def _index(parent: Parent, index: int) -> int:
    """`index` counted from the start; raises `IndexError` when there is no such child."""
    index, length = operator.index(index), len(parent.children)
    if not -length <= index < length:
        raise IndexError(
            f"there is no child at {index}: {parent!r}. A child that was put into a new node has left its list: "
            "write child.wrap(new) instead of nodes[i] = new(nodes[i])."
        )
    return index % length
