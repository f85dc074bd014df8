"""The children of a node: one place where nodes are put in, moved and taken out.

Nothing here looks at more than the nodes it is given: adding costs the same at any depth and for any size of what is
added, except that a node with children is compared with the ancestors of its new place (it must not be one of them).
All is done by identity: two children that are equal are still two.

All is atomic, too: children are converted and checked before the first one is touched, and the owner hears of a change before
it is made. An owner refuses for the sake of the thread, so who takes the first change of an operation takes all of them; whether
there is room it is asked before, for all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NoReturn, TypeAlias

from .increasing import longest_increasing
from .mutations import Insert, Move, Remove, TreeNode, next_number
from .text import Text

# What a user may give as a child: a node, a text or a number, and lists of these. Checked when it is given, too: a dict, say, is
# an iterable of strings to a type checker.
Child: TypeAlias = TreeNode | str | int | float | Iterable["Child"]

_MAX_NESTING = 100


class Children(list[TreeNode]):
    """The children of a node, to read. Whoever changed the list itself would change the tree without its owner hearing of it.

    This page changes it all the same, by the methods of `list`.
    """

    __slots__ = ()

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("node.children is there to be read. Change the children by node.append(…) and its like, or by node.nodes.")

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse


class Parent(TreeNode):
    """A tree node that can have children."""

    __slots__ = ("_children",)

    # None until there was a child. A str: one text, as half of all nodes have; its `Text` is made when somebody asks for it.
    # Its number is the one after its parent's, and taken with that.
    _children: Children | str | None

    @property
    def children(self) -> Sequence[TreeNode]:
        """The children, without the cost of `nodes`; to read, never to change."""
        children = self._children
        if isinstance(children, str):
            text = Text(children)
            text._parent = self
            text.owner = self.owner
            if self.number:
                text.number = self.number + 1
            children = self._children = Children((text,))
        return children or ()

    def take_number(self) -> None:
        self.number = next_number()
        if type(self._children) is str:
            next_number()

    @property
    def text_alone(self) -> str | None:
        """The one text that is in it, if that is no node yet."""
        children = self._children
        return children if type(children) is str else None

    def check_takes_children(self) -> None:
        """Raise what it deserves to put a child into a node that cannot have any."""

    def welcome(self, nodes: Iterable[TreeNode]) -> None:
        """`nodes` are about to become children; not called for those that the node is made with."""


def walk(node: TreeNode) -> Iterator[TreeNode]:
    """`node` and all below it in document order; never recursive, so that no depth is too much."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Parent) and node._children is not None:
            waiting.extend(reversed(node.children))


def flatten(children: Iterable[Child], level: int = 1) -> list[TreeNode]:
    """The nodes in `children`: strings and numbers become `Text`, lists are opened; `TypeError` for anything else."""
    nodes: list[TreeNode] = []
    for child in children:
        if type(child) is str:
            nodes.append(Text(child))
        elif isinstance(child, TreeNode):
            nodes.append(child)
        elif isinstance(child, (str, int, float)):
            nodes.append(Text(child))
        elif isinstance(child, (list, tuple)) or _is_iterable(child):
            if level == _MAX_NESTING:
                raise ValueError(f"lists of children are nested {level} levels deep: does one contain itself?")
            nodes.extend(flatten(child, level + 1))
        else:
            raise TypeError(_why_no_child(child))
    return nodes


def fill(parent: Parent, children: Sequence[Child]) -> None:
    """`put` for a node that is just being made: nobody shows it, and it has no children and no place."""
    if len(children) == 1 and type(children[0]) is str:
        parent.check_takes_children()
        parent._children = children[0]
        return
    nodes = flatten(children)
    if nodes:
        parent.check_takes_children()
    for node in nodes:
        if node._parent is not None or node.owner is not None or node is parent:
            break
        node._parent = parent
    else:
        parent._children = Children(nodes)
        return
    for node in nodes:                                       # one of them moves, or is here twice: not as quick as that
        if node._parent is parent:
            node._parent = None
    put(parent, nodes, 0)


def take_along(parent: Parent, node: TreeNode) -> None:
    """Give `parent`, which nobody shows and which takes no children, `node` as its only one; unless that has a place already."""
    if node._parent is None and node.owner is None:
        node._parent = parent
        parent._children = Children((node,))


def put(parent: Parent, nodes: list[TreeNode], index: int) -> None:
    """Make `nodes` children of `parent`, in this order, before the child that is at `index` now."""
    if not nodes:
        return
    children, owner = _admit(parent, nodes), parent.owner
    for node in nodes:
        if owner is None and node._parent is None:            # a tree is being built: the usual case, so without detours
            node._parent = parent
            list.insert(children, index, node)
            index += 1
        else:
            index = _put_one(parent, children, node, index)


def take(parent: Parent, where: slice) -> None:
    """Take the children at `where` out of `parent`."""
    children = _list_of(parent)
    leaving = children[where]
    for node in leaving:
        if node.owner is not None:
            node.owner.record(Remove(node))
    for node in leaving:
        node._parent = None
    list.__delitem__(children, where)


def remove(parent: Parent, *nodes: TreeNode) -> None:
    """Take `nodes` out of `parent`; `ValueError` when one of them is not there."""
    for node in nodes:
        if not isinstance(node, TreeNode) or node._parent is not parent:
            raise ValueError(f"{node!r} is not a child of {parent!r}. An equal node is another one: pass the very node.")
    for node in dict.fromkeys(nodes):
        _take_out(node)


def replace(parent: Parent, where: slice, nodes: list[TreeNode]) -> None:
    """Make `nodes` the children at `where`, as `list` does. Those that are there already stay, and move only if they must.

    A node has one place: one that was elsewhere among the children leaves that place, one that is given twice gets the later.
    """
    children = parent.children
    start, stop, step = where.indices(len(children))
    present = {id(node) for node in nodes if node._parent is parent}
    if step == 1 and present.issubset(map(id, children[start:stop])):
        arrange(parent, nodes, start, max(start, stop))
    else:
        slots: list[TreeNode | None] = [None if id(child) in present else child for child in children]
        slots[where] = nodes
        arrange(parent, [node for node in slots if node is not None], 0, len(children))


def exchange(parent: Parent, index: int, node: TreeNode) -> None:
    """Let `node`, a child of `parent`, and the one at `index` change places."""
    children, owner = _list_of(parent), parent.owner
    low, high = sorted((index, position(children, node)))
    first, last = children[low], children[high]
    if owner is not None and first is not last:
        behind = children[high + 1] if high + 1 < len(children) else None
        owner.record(Move(last, parent, first))
        if high > low + 1:
            owner.record(Move(first, parent, behind))
    list.__setitem__(children, low, last)
    list.__setitem__(children, high, first)


def arrange(parent: Parent, nodes: list[TreeNode], start: int, stop: int) -> None:
    """Make `nodes` the children from `start` to `stop`; none of them may be a child of `parent` outside of these places.

    Of those that are children already, as many as are in order stay where they are, and the others move around them.
    A node that is given twice gets the later place. O(n log n) of the places and the nodes.
    """
    nodes = list(dict.fromkeys(reversed(nodes)))[::-1]
    children, owner = _admit(parent, nodes, parent.children[start:stop]), parent.owner
    former = children[start:stop]
    places = {id(node): place for place, node in enumerate(former)}
    fixed = set(longest_increasing([places[id(node)] for node in nodes if id(node) in places]))
    # Each goes before the next fixed one. What stands between them then goes away later, one way or the other.
    followers: list[TreeNode | None] = []
    follower = children[stop] if stop < len(children) else None
    for node in reversed(nodes):
        followers.append(follower)
        if places.get(id(node)) in fixed:
            follower = node
    for node, before in zip(nodes, reversed(followers), strict=True):
        place = places.get(id(node))
        if place is None:
            if owner is not None:
                owner.record(Insert(parent, node, before) if node.owner is None else Move(node, parent, before))
            # At once, as the next Insert may tell of the subtree that the node was in.
            _leave(node)
            node._parent = parent
        elif owner is not None and place not in fixed:
            owner.record(Move(node, parent, before))
    # Last, since a node that stays may have been inside of one that goes.
    staying = set(map(id, nodes))
    for node in former:
        if id(node) not in staying:
            if owner is not None:
                owner.record(Remove(node))
            node._parent = None
    list.__setitem__(children, slice(start, stop), nodes)


def position(children: Sequence[TreeNode], node: TreeNode) -> int:
    """Where `node` itself is; `list.index` would find an equal one before it."""
    if children and children[-1] is node:
        return len(children) - 1
    for index, child in enumerate(children):
        if child is node:
            return index
    raise ValueError(f"{node!r} is not among the children. An equal node is another one: pass the very node.")


def _admit(parent: Parent, nodes: list[TreeNode], former: Sequence[TreeNode] = ()) -> Children:
    """Check that all `nodes` may become children of `parent`, free them from other owners, and return its list of children.

    Of the children `former` those will go that are not among `nodes`.
    """
    if nodes:
        parent.check_takes_children()
    for node in nodes:
        if node._parent is not parent and (node.owner is not None or isinstance(node, Parent)):
            _check_place(parent, node)
    parent.welcome(nodes)
    # First what another owner has to allow, as it may refuse; from then on nothing fails.
    owner = parent.owner
    if owner is not None:
        owner.check_room(nodes, former)
    for node in nodes:
        if node.owner is not None and node.owner is not owner:
            _release(node)
    return _list_of(parent)


def _put_one(parent: Parent, children: Children, node: TreeNode, index: int) -> int:
    """Returns the index behind the node; not `index + 1` when the node stood further left in the same list."""
    owner = parent.owner
    before = children[index] if index < len(children) else None
    if node._parent is parent:
        place = position(children, node)
        if place in (index - 1, index):
            return place + 1
        if place < index:
            index -= 1
    if owner is not None:
        owner.record(Insert(parent, node, before) if node.owner is None else Move(node, parent, before))
    _leave(node)
    node._parent = parent
    list.insert(children, index, node)
    return index + 1


def _take_out(node: TreeNode) -> None:
    parent = node._parent
    assert isinstance(parent, Parent)
    index = position(parent.children, node)
    take(parent, slice(index, index + 1))


def _leave(node: TreeNode) -> None:
    """Strike `node` off its parent's list; it is on its way to another place."""
    parent = node._parent
    if isinstance(parent, Parent):
        list.__delitem__(_list_of(parent), position(parent.children, node))


def _check_place(parent: Parent, node: TreeNode) -> None:
    # Only a node with children can be an ancestor; a fresh leaf, the usual case, costs no walk to the root.
    if node is parent or (isinstance(node, Parent) and node._children):
        ancestor: TreeNode | None = parent
        while ancestor is not None:
            if ancestor is node:
                raise RuntimeError(
                    f"loop detected: {node!r} cannot be put into {parent!r}, which is the same node or inside of it."
                )
            ancestor = ancestor._parent
    if node.owner is not None and node._parent is None and not node.owner.closed:
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
        _take_out(node)


def _list_of(parent: Parent) -> Children:
    """The children, to be changed."""
    if not parent.children:
        parent._children = Children()
    assert isinstance(parent._children, Children)
    return parent._children


def _is_iterable(child: object) -> bool:
    return isinstance(child, Iterable) and not isinstance(child, (Mapping, bytes, bytearray))


def _why_no_child(child: object) -> str:
    found = f"a child must be a node, str, int or float, not {type(child).__name__}: {child!r}. "
    if child is None:
        return found + "To add nothing, leave it out, or give an empty list."
    return found + "To show a dict or a date, convert it with str() first."
