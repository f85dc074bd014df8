"""How much room the tree of one document takes up, and how much it may."""

from __future__ import annotations

from collections import Counter

from ..errors import TreeTooLargeError


class Room:
    """Nodes and characters (`html/size.py`) of one tree. What would exceed a limit is refused at the user's line that asks for it.

    Only what grows is refused: a tree that is too large already, since users have typed much, may shrink and change.
    """

    __slots__ = ("_counters", "_max_characters", "_max_nodes", "characters", "nodes")

    def __init__(self, *, max_nodes: int, max_characters: int, counters: Counter[str]) -> None:
        self._max_nodes = max_nodes
        self._max_characters = max_characters
        self._counters = counters
        self.nodes = 0
        self.characters = 0

    def has(self, nodes: int, characters: int) -> bool:
        """Whether the tree may grow by so much."""
        return self.nodes + nodes <= self._max_nodes and self.characters + characters <= self._max_characters

    def check(self, nodes: int, characters: int) -> None:
        """Raise `TreeTooLargeError` when the tree must not grow by so much."""
        if nodes > 0 and self.nodes + nodes > self._max_nodes:
            self._counters["trees.refused.nodes"] += 1
            raise TreeTooLargeError(
                f"this view's tree would have {self.nodes + nodes} nodes, texts included, and {self._max_nodes} are the limit "
                "(MAX_NODES). Show a long list as a VirtualList, what grows for ever as a Stream, or remove what is old."
            )
        if characters > 0 and self.characters + characters > self._max_characters:
            self._counters["trees.refused.characters"] += 1
            raise TreeTooLargeError(
                f"this view's tree would have {self.characters + characters} characters of text, attributes and data, and "
                f"{self._max_characters} are the limit (MAX_TREE_CHARACTERS). Show less of it, or what grows for ever as a Stream."
            )

    def check_all(self, nodes: int, characters: int) -> None:
        """The same for a tree of this size, in place of all that is there."""
        self.check(nodes - self.nodes, characters - self.characters)

    def take(self, nodes: int, characters: int) -> None:
        """The tree grows by so much, or shrinks. Never refuses: `check` has been asked."""
        self.nodes += nodes
        self.characters += characters
