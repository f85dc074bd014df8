"""The children of a node: one place where nodes are put in, moved and taken out.

Nothing here looks at more than the nodes it is given: adding costs the same at any depth and for any size of what is
added, except that a node with children is compared with the ancestors of its new place (it must not be one of them).
All is done by identity: two children that are equal are still two.

All is atomic, too: children are converted and checked before the first one is touched, and the owner, who may refuse,
hears of a change before it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, TypeAlias, overload

from .mutations import Insert, Move, Remove, TreeNode
from .text import Text

# What a user may give as a child: a node, a text or a number, and lists of these. Checked when it is given.
Child: TypeAlias = object

_MAX_NESTING = 100


class Parent(TreeNode):
    """A tree node that can have children."""

    __slots__ = ("_children",)

    FROZEN: ClassVar[bool] = False             # True: no children can be added

    _children: list[TreeNode] | None          # None until there was a child

    @property
    def children(self) -> Sequence[TreeNode]:
        """The children, without the cost of `nodes`; to read, never to change."""
        return self._children or ()


class ChildOperations:
    """What can be done with the children of `_parent_node`; a node offers it itself and by its property `nodes`."""

    __slots__ = ()

    @property
    def _parent_node(self) -> Parent:
        raise NotImplementedError

    def append(self, child: Child) -> None:
        """Put `child` at the end. A node that has a place already moves, here and everywhere else."""
        parent = self._parent_node
        put(parent, flatten((child,)), len(parent.children))

    def extend(self, children: Iterable[Child]) -> None:
        """Put all `children` at the end, or none of them if one is wrong."""
        parent = self._parent_node
        put(parent, flatten(children), len(parent.children))

    def insert(self, index: int, child: Child) -> None:
        """Put `child` before the one that is at `index` now."""
        parent = self._parent_node
        put(parent, flatten((child,)), slice(index, None).indices(len(parent.children))[0])

    def pop(self, index: int = -1) -> TreeNode:
        """Take out and return the child at `index`."""
        node = self._parent_node.children[index]
        take(node)
        return node

    def clear(self) -> None:
        """Take all children out."""
        children = self._parent_node.children
        while children:
            take(children[-1])

    def index(self, node: TreeNode) -> int:
        """The position of `node` itself; `ValueError` when it is not among the children, even if an equal one is."""
        return position(self._parent_node.children, node)

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

    def __setitem__(self, index: int, child: Child) -> None:
        if not isinstance(index, int):
            raise TypeError("a slice cannot be set; set all children by node.nodes = […]")
        parent = self._parent_node
        former = parent.children[index]
        nodes = flatten((child,))
        put(parent, nodes, position(parent.children, former))
        if all(node is not former for node in nodes):
            take(former)

    def __delitem__(self, index: int | slice) -> None:
        chosen = self._parent_node.children[index]
        for node in [chosen] if isinstance(chosen, TreeNode) else list(chosen):
            take(node)


class NodeList(ChildOperations):
    """The children of a node as a list."""

    __slots__ = ("_node",)

    def __init__(self, node: Parent) -> None:
        self._node = node

    @property
    def _parent_node(self) -> Parent:
        return self._node

    def remove(self, node: TreeNode) -> None:
        """Take out `node` itself, never an equal one; `ValueError` when it is not here."""
        remove(self._node, node)

    def __eq__(self, other: object) -> bool:
        """Compares the contents, with another list of nodes and strings, too."""
        if not isinstance(other, (NodeList, list, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<NodeList {list(self)!r}>"


def walk(node: TreeNode) -> Iterator[TreeNode]:
    """`node` and all below it in document order; never recursive, so that no depth is too much."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Parent) and node._children:
            waiting.extend(reversed(node._children))


def flatten(children: Iterable[Child], level: int = 1) -> list[TreeNode]:
    """The nodes in `children`: strings and numbers become `Text`, lists are opened; `TypeError` for anything else."""
    nodes: list[TreeNode] = []
    for child in children:
        if isinstance(child, TreeNode):
            nodes.append(child)
        elif isinstance(child, (str, int, float)):
            nodes.append(Text(child))
        elif isinstance(child, Iterable) and not isinstance(child, (Mapping, bytes, bytearray)):
            if level == _MAX_NESTING:
                raise ValueError(f"lists of children are nested {level} levels deep: does one contain itself?")
            nodes.extend(flatten(child, level + 1))
        else:
            raise TypeError(_why_no_child(child))
    return nodes


def put(parent: Parent, nodes: list[TreeNode], index: int) -> None:
    """Make `nodes` children of `parent`, in this order, before the child that is at `index` now."""
    if not nodes:
        return
    if parent.FROZEN:
        raise RuntimeError(f"Cannot modify frozen NodeList: {parent!r} shows raw HTML and cannot have children.")
    for node in nodes:
        if node.owner is not None or isinstance(node, Parent):
            _check_place(parent, node)
    # First what another owner has to allow, as it may refuse; from then on nothing fails.
    owner = parent.owner
    for node in nodes:
        if node.owner is not None and node.owner is not owner:
            _release(node)
    if parent._children is None:
        parent._children = []
    children = parent._children
    for node in nodes:
        if owner is None and node.parent is None:            # a tree is being built: the usual case, so without detours
            node.parent = parent
            children.insert(index, node)
            index += 1
        else:
            index = _put_one(parent, children, node, index)


def take(node: TreeNode) -> None:
    """Take `node` out of its parent."""
    parent = node.parent
    assert isinstance(parent, Parent) and parent._children is not None
    index = position(parent._children, node)
    if node.owner is not None:
        node.owner.record(Remove(node))
    del parent._children[index]
    node.parent = None


def remove(parent: Parent, node: TreeNode) -> None:
    """Take `node` out of `parent`; `ValueError` when it is not there."""
    if not isinstance(node, TreeNode) or node.parent is not parent:
        raise ValueError(f"{node!r} is not a child of {parent!r}. An equal node is another one: pass the very node.")
    take(node)


def replace(parent: Parent, nodes: list[TreeNode]) -> None:
    """Make `nodes` the only children of `parent`. Those that are there already stay, and move only if they must."""
    for node in nodes:
        _check_place(parent, node)
    staying = {id(node) for node in nodes}
    for node in list(parent.children):
        if id(node) not in staying:
            take(node)
    for index, node in enumerate(dict.fromkeys(nodes)):
        if index >= len(parent.children) or parent.children[index] is not node:
            put(parent, [node], index)


def position(children: Sequence[TreeNode], node: TreeNode) -> int:
    """Where `node` itself is; `list.index` would find an equal one before it."""
    if children and children[-1] is node:
        return len(children) - 1
    for index, child in enumerate(children):
        if child is node:
            return index
    raise ValueError(f"{node!r} is not among the children. An equal node is another one: pass the very node.")


def _put_one(parent: Parent, children: list[TreeNode], node: TreeNode, index: int) -> int:
    """Returns the index behind the node; not `index + 1` when the node stood further left in the same list."""
    owner = parent.owner
    before = children[index] if index < len(children) else None
    former = node.parent
    if isinstance(former, Parent) and former._children is not None:
        place = position(former._children, node)
        if former is parent and place in (index - 1, index):
            return place + 1
        if owner is not None:
            owner.record(Insert(parent, node, before) if node.owner is None else Move(node, parent, before))
        del former._children[place]
        if former is parent and place < index:
            index -= 1
    elif owner is not None:
        owner.record(Insert(parent, node, before))
    node.parent = parent
    children.insert(index, node)
    return index + 1


def _check_place(parent: Parent, node: TreeNode) -> None:
    # Only a node with children can be an ancestor; a fresh leaf, the usual case, costs no walk to the root.
    if node is parent or (isinstance(node, Parent) and node._children):
        ancestor: TreeNode | None = parent
        while ancestor is not None:
            if ancestor is node:
                raise RuntimeError(
                    f"loop detected: {node!r} cannot be put into {parent!r}, which is the same node or inside of it."
                )
            ancestor = ancestor.parent
    if node.owner is not None and node.parent is None and not node.owner.closed:
        raise RuntimeError(
            f"{node!r} is what a view shows as a whole, so it cannot become a child of {parent!r}. "
            "Show something else first, or build the outer node before the first show()."
        )


def _release(node: TreeNode) -> None:
    """Make `node` one that nobody shows."""
    assert node.owner is not None
    if node.owner.closed:
        for each in walk(node):
            each.owner = None
    else:
        take(node)


def _why_no_child(child: object) -> str:
    found = f"a child must be a node, str, int or float, not {type(child).__name__}: {child!r}. "
    if child is None:
        return found + "To add nothing, leave it out, or give an empty list."
    return found + "To show a dict or a date, convert it with str() first."
