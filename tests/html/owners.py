"""Owners of trees for tests: one that remembers, one that refuses, one that keeps a copy."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from lona_sync.errors import TreeTooLargeError, WrongThreadError
from lona_sync.html import Node, Text, TreeNode
from lona_sync.html.children import walk
from lona_sync.html.mutations import Insert, Move, Mutation, Remove, next_number


class Recorder:
    """Shows a tree and remembers what it is told."""

    def __init__(self, root: TreeNode | None = None) -> None:
        self.closed = False
        self.refusing = False
        self.locked = False
        self.full = False
        self.recorded: list[Mutation] = []
        self.called: list[tuple[TreeNode, str, list[Any]]] = []
        if root is not None:
            self.take(root)

    @property
    def lock(self) -> AbstractContextManager[object]:
        return nullcontext(self)

    def record(self, mutation: Mutation) -> None:
        if self.closed:
            return
        if self.refusing:
            raise WrongThreadError("not here")
        self.recorded.append(mutation)
        if isinstance(mutation, Insert):
            self.take(mutation.node)
        elif isinstance(mutation, Remove):
            for node in walk(mutation.node):
                node.owner = None

    def check_room(self, nodes: Sequence[TreeNode], former: Sequence[TreeNode]) -> None:
        if self.full:
            raise TreeTooLargeError("no room")

    def call(self, node: TreeNode, method: str, args: Sequence[Any], timeout: float | None) -> Any:
        self.called.append((node, method, list(args)))
        return timeout

    def tell(self, node: TreeNode, method: str, args: Sequence[Any]) -> None:
        self.called.append((node, method, list(args)))

    def take(self, root: TreeNode) -> None:
        for node in walk(root):
            node.owner = self
            node.number = node.number or next_number()


class Copy(Recorder):
    """Keeps the tree as somebody sees it who knows the mutations only."""

    def __init__(self, root: Node) -> None:
        super().__init__()
        self.children: dict[TreeNode, list[TreeNode]] = {}
        self.take(root)

    def take(self, root: TreeNode) -> None:
        super().take(root)
        for node in walk(root):
            assert node not in self.children, "inserted twice"
            self.children[node] = list(node.children) if isinstance(node, Node) else []

    def record(self, mutation: Mutation) -> None:
        below = list(walk(mutation.node)) if isinstance(mutation, Remove) else []
        if isinstance(mutation, (Remove, Move)):
            self._take_out(mutation.node)
        super().record(mutation)
        for node in below:
            del self.children[node]
        if isinstance(mutation, (Insert, Move)):
            siblings = self.children[mutation.parent]
            before = mutation.before
            siblings.insert(len(siblings) if before is None else self._index(siblings, before), mutation.node)

    def check(self, root: Node) -> None:
        """The copy is the tree, node for node, and all of it is owned."""
        nodes = list(walk(root))
        assert set(nodes) == set(self.children)
        for node in nodes:
            assert node.owner is self
            real = list(node.children) if isinstance(node, Node) else []
            assert list(map(id, real)) == list(map(id, self.children[node]))

    def _take_out(self, node: TreeNode) -> None:
        for siblings in self.children.values():
            for index, sibling in enumerate(siblings):
                if sibling is node:
                    del siblings[index]
                    return
        raise AssertionError(f"{node!r} is not shown")

    @staticmethod
    def _index(siblings: list[TreeNode], node: TreeNode) -> int:
        return next(index for index, sibling in enumerate(siblings) if sibling is node)


def texts(node: Node) -> str:
    """The texts of the children, one after another, as a short form of their order."""
    return "".join(child.data if isinstance(child, Text) else str(child.get_text()) for child in node.nodes)  # type: ignore[attr-defined]
