"""How the rules of one insertion mode are written down: a function for each name of a start tag or an end tag."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .tokens import Comment, EndTag, StartTag, Text, Token
from .tree import Tree

StartRule = Callable[[Tree, StartTag], None]
EndRule = Callable[[Tree, EndTag], None]
AnyStartRule = TypeVar("AnyStartRule", bound=StartRule)
AnyEndRule = TypeVar("AnyEndRule", bound=EndRule)


class Mode:
    """`text`, `other_start` and `other_end` are what happens to everything else."""

    def __init__(
        self, *, text: Callable[[Tree, Text], None], other_start: StartRule, other_end: EndRule,
    ) -> None:
        self._starts: dict[str, StartRule] = {}
        self._ends: dict[str, EndRule] = {}
        self._text = text
        self._other_start = other_start
        self._other_end = other_end

    def start(self, names: str) -> Callable[[AnyStartRule], AnyStartRule]:
        """Decorates the rule for the start tags `names`, divided by blanks."""
        def add(rule: AnyStartRule) -> AnyStartRule:
            self._starts.update(dict.fromkeys(names.split(), rule))
            return rule
        return add

    def end(self, names: str) -> Callable[[AnyEndRule], AnyEndRule]:
        def add(rule: AnyEndRule) -> AnyEndRule:
            self._ends.update(dict.fromkeys(names.split(), rule))
            return rule
        return add

    def apply(self, tree: Tree, token: Token) -> None:
        match token:
            case StartTag():
                self._starts.get(token.name, self._other_start)(tree, token)
            case EndTag():
                self._ends.get(token.name, self._other_end)(tree, token)
            case Text():
                self._text(tree, token)
            case Comment():
                pass
