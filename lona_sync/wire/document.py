"""One view's tree as its browsers see it: it owns the tree, hears of each change, and keeps the log of frames.

A change is encoded when it is recorded, not when it is shown. If P is inserted and then the attached X moves into P, a late
encoding of P would already contain X, and the patch "move X into P" after it would meet two of them.

Invariant: a client that has the snapshot of frame n, or has applied all frames up to n, has the tree as it was when frame n was
closed. A snapshot first closes the open frame and carries its number, so nothing is applied twice.

Nothing here waits: from `record` to the end of the append there is no switch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ..errors import TreeInUseError
from ..html.mutations import Insert, Move, Mutation, Remove, SetAttribute, TreeNode, next_number
from ..html.node import Node
from .encoding import EMPTY_TREE, encode_mutation, encode_string, encode_title, encode_tree
from .log import Batch, Cursor, Log, Patches


class TreeLock(AbstractContextManager["TreeLock"], Protocol):
    """What `node.lock` is: re-entrant, and it knows who holds it."""

    def held_elsewhere(self) -> bool:
        """True while another greenlet than the running one holds it."""

@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole tree as it stands after frame `number`; `body` is its title and tree, encoded."""
    number: int
    body: bytes

class Document:
    """The tree of one view, its nodes by number, and its frames.

    `guard` is called before anything changes and raises when the caller may not do so. `make_lock` is called when somebody
    asks for the lock the first time: most documents never need one.
    """

    __slots__ = ("_guard", "_lock", "_make_lock", "_nodes", "_open", "_open_bytes", "_overflow", "_serial", "_snapshot",
                 "closed", "log", "root", "title")

    def __init__(self, *, guard: Callable[[], None], make_lock: Callable[[], TreeLock], log_bytes: int, log_frames: int) -> None:
        self._guard = guard
        self._make_lock = make_lock
        self._lock: TreeLock | None = None
        self._nodes: dict[int, Node] = {}                # those that issue events: others are named by patches, never looked up
        self._open: Patches = {}
        self._open_bytes = 0
        self._overflow = False                           # the open frame was too big; a snapshot will tell it
        self._serial = itertools.count(1)
        self._snapshot: Snapshot | None = None           # shared by clients that need the same one
        self.closed = False
        self.log = Log(log_bytes, log_frames)
        self.root: TreeNode | None = None
        self.title: str | None = None

    @property
    def lock(self) -> TreeLock:
        """Re-entrant; while a greenlet holds it, no other one shows or sends this tree."""
        if self._lock is None:
            self._lock = self._make_lock()
        return self._lock

    @property
    def locked(self) -> bool:
        """True while another greenlet holds the lock, so that nobody may look at the tree now."""
        return self._lock is not None and self._lock.held_elsewhere()

    def show(self, root: TreeNode) -> None:
        """Make `root` the tree. The frame that says so is a snapshot, so all frames before it are forgotten.

        Raises `TreeInUseError` for a tree that another view shows, `ValueError` for a part of a tree.
        """
        self._guard()
        if root is self.root:
            return
        if root.parent is not None:
            raise ValueError(
                f"show() takes a whole tree, and {root!r} is inside of {root.parent!r}. Take it out with remove() first."
            )
        if root.owner is not None and root.owner is not self and not root.owner.closed:
            raise TreeInUseError(
                "this tree is shown in another view that still runs. A tree belongs to one view; "
                "build one for each view and connect them by a Channel."
            )
        if self.root is not None:
            self._let_go(self.root)
        self.root = root
        self._take(root)
        self._open = {}
        self._open_bytes = 0
        self._overflow = True

    def set_title(self, title: str) -> None:
        """The page's title, for those who look now and for those who come later."""
        self._guard()
        if title != self.title:
            self._add("title", encode_title(title))
            self.title = title

    def record(self, mutation: Mutation) -> None:
        """Note a change that is about to happen; see `Owner`."""
        if self.closed:
            return
        self._guard()
        match mutation:
            case Move(node=Node() as moved, parent=parent) if moved.namespace != moved.namespace_in(parent):
                # An element cannot change its namespace: a <g> that leaves its <svg> has to be made anew.
                self.record(Remove(moved))
                self.record(Insert(parent, moved, mutation.before))
                return
            case Insert(node=node):
                self._take(node)
            case SetAttribute(node=node, name="@on"):
                self._index(node, bool(mutation.value))
        if not self._overflow:
            key, patch = encode_mutation(mutation)
            self._add(next(self._serial) if key is None else key, patch)
        self._snapshot = None
        if isinstance(mutation, Remove):
            self._let_go(mutation.node)

    def close_frame(self) -> bool:
        """End the open frame and append it to the log; False when nothing has changed since the last one."""
        if self._overflow:
            self.log.cut()
        elif self._open:
            self.log.append(self._open, self._open_bytes)
        else:
            return False
        self._open = {}
        self._open_bytes = 0
        self._overflow = False
        return True

    def snapshot(self) -> Snapshot:
        """The whole tree, encoded once for all who need it at this moment. Closes the open frame."""
        self.close_frame()
        if self._snapshot is None or self._snapshot.number != self.log.last:
            title = "null" if self.title is None else encode_string(self.title)
            tree = EMPTY_TREE if self.root is None else encode_tree(self.root)
            self._snapshot = Snapshot(self.log.last, f"{title},{tree}".encode())
        snapshot = self._snapshot
        if len(self.log.cursors) < 2:
            self._snapshot = None                        # nobody to share it with: an idle view keeps no copy of its page
        return snapshot

    def since(self, cursor: Cursor, budget: int) -> Batch | None:
        """What `cursor` has to be sent next; None: a snapshot. The caller asks only when it is behind."""
        if not cursor.sent:                              # nothing has a place yet, not even a title that was set before the tree
            return None
        return self.log.since(cursor.sent, budget)

    def find(self, number: int) -> Node | None:
        """The node with this number; None when it is gone or issues no events."""
        return self._nodes.get(number)

    def close(self) -> None:
        """Nobody looks any more. The tree is free to be shown elsewhere; changes to it are no longer recorded."""
        self.closed = True
        self.root = None
        self._nodes = {}
        self._open = {}
        self._snapshot = None
        self.log = Log(1, 1)

    def _add(self, key: tuple[int, str] | int | str, patch: str) -> None:
        replaced = self._open.pop(key, None)
        self._open[key] = patch
        self._open_bytes += len(patch) - (len(replaced) if replaced else 0)
        self._snapshot = None
        if self._open_bytes > self.log.max_bytes:
            # A loop that appends and removes without ever calling show() would fill the memory.
            self._open = {}
            self._open_bytes = 0
            self._overflow = True

    def _take(self, root: TreeNode) -> None:
        """Own `root` and all below it, numbered in document order so that their numbers need not be sent."""
        nodes = self._nodes
        pending = [root]
        while pending:
            node = pending.pop()
            if not node.number:
                node.number = next_number()
            node.owner = self
            if isinstance(node, Node):
                if node.event_tokens:
                    nodes[node.number] = node
                if node.children:
                    pending.extend(reversed(node.children))

    def _let_go(self, root: TreeNode) -> None:
        nodes = self._nodes
        pending = [root]
        while pending:
            node = pending.pop()
            node.owner = None
            if isinstance(node, Node):
                nodes.pop(node.number, None)
                if node.children:
                    pending.extend(node.children)

    def _index(self, node: TreeNode, issues: bool) -> None:
        assert isinstance(node, Node)
        if issues:
            self._nodes[node.number] = node
        else:
            self._nodes.pop(node.number, None)
