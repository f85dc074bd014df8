"""A search in the tree: the steps of a selector, and which nodes fit them.

A selector is `Step`s, one for each part between two combinators, and is read from right to left: does the node fit the
last part, is there an ancestor that fits the part before it, and so on.

Read plainly, `a b c` asks all ancestors of all ancestors of each node. Here each question is asked once for each node and
step: "some ancestor fits" is true of a node if its parent fits, or if it is true of the parent, and a `Query` remembers the
answers on the way. So a query costs the number of nodes times that of the steps, in deep trees as in long lists, and no
function calls itself over the tree. `:has` looks the other way: it takes all nodes that fit at the right and goes from
them to the left, once for the whole tree.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from .children import Parent, walk
from .mutations import AttributeValue, TreeNode

Answer = TypeVar("Answer", bool, str)


class Element(Protocol):
    """What this page needs of a node."""

    @property
    def tag_name(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def namespace_own(self) -> str | None: ...
    @property
    def parent(self) -> TreeNode | None: ...
    @property
    def children(self) -> Sequence[TreeNode]: ...
    @property
    def is_disabled(self) -> bool: ...
    def has_id(self, name: str) -> bool: ...
    def has_class(self, name: str) -> bool: ...
    def wire_attributes(self) -> Mapping[str, AttributeValue]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One part of a selector, as `li.done`, and what must be to its left. Knows no node, so that it can be kept."""

    tests: tuple[Test, ...]
    combinator: str
    left: Step | None               # None: nothing must, or, in a `:has()`, what is being looked for


class Query:
    """One search, and what it has found out. Not to be kept: the tree changes."""

    def __init__(self, scope: Element) -> None:
        self.scope = scope
        self._related: dict[Step, dict[Element, bool]] = {}
        self._holders: dict[Step, set[Element]] = {}
        self._places: dict[bool, dict[Element, tuple[int, int]]] = {False: {}, True: {}}
        self._previous: dict[Element, Element | None] = {}
        self._choices: dict[Element, Element | None] = {}
        self._namespaces: dict[Element, str] = {}
        self._languages: dict[Element, str] = {}
        self._barred: dict[Element, bool] = {}

    def matches(self, alternatives: Iterable[Step], node: Element) -> bool:
        return any(self.fits(step, node) and self._is_related(step, node) for step in alternatives)

    def has(self, step: Step, node: Element) -> bool:
        """Whether to the right of `node` is what `step` describes."""
        if step not in self._holders:
            root = cast(TreeNode, node).root
            found: Iterable[Element] = [cast(Element, each) for each in walk(root) if isinstance(each, Parent)]
            each_step: Step | None = step
            while each_step is not None:
                found = self._left_of(each_step.combinator, [each for each in found if self.fits(each_step, each)])
                each_step = each_step.left
            self._holders[step] = set(found)
        return node in self._holders[step]

    def place(self, node: Element, *, of_type: bool) -> tuple[int, int]:
        """The place of `node` among its siblings, from 1, counted from both ends."""
        places = self._places[of_type]
        if node not in places:
            groups: dict[Hashable, list[Element]] = {}
            for sibling in _siblings(node):
                groups.setdefault(self._type(sibling) if of_type else None, []).append(sibling)
            for group in groups.values():
                places.update((sibling, (index + 1, len(group) - index)) for index, sibling in enumerate(group))
        return places[node]

    def namespace(self, node: Element) -> str:
        """`node.namespace`, without a walk to the root for each node."""
        def decide(each: Element) -> str | None:
            above = parent_of(each)
            decides = above is None or each.namespace_own or each.tag_name in ("svg", "math")
            return each.namespace if decides or (above and above.tag_name == "foreignObject") else None

        return _first_answer(node, parent_of, decide, self._namespaces, "")

    def language(self, node: Element) -> str:
        """What `lang` says, on the node or around it; '' when nobody says anything."""
        def decide(each: Element) -> str | None:
            attributes = each.wire_attributes()
            value = attributes.get("xml:lang", attributes.get("lang"))
            return None if value is None else as_text(value)

        return _first_answer(node, parent_of, decide, self._languages, "")

    def is_barred(self, node: Element) -> bool:
        """Whether a disabled fieldset disables what is in it; it does not inside of its first legend."""
        def decide(each: Element) -> bool | None:
            above = parent_of(each)
            if above is None or tag_of(above) != "fieldset" or not above.is_disabled:
                return None
            return True if tag_of(each) != "legend" or self.place(each, of_type=True)[0] > 1 else None

        return _first_answer(node, parent_of, decide, self._barred, False)

    def is_choice(self, option: Element) -> bool:
        """Whether a selected option counts: of several in a select that is not `multiple`, only the last one does."""
        select = parent_of(option)
        while select is not None and tag_of(select) != "select":
            select = parent_of(select)
        if select is None or "multiple" in select.wire_attributes():
            return True
        if select not in self._choices:
            below = [cast(Element, node) for node in walk(cast(TreeNode, select)) if isinstance(node, Parent)]
            selected = [node for node in below if tag_of(node) == "option" and "selected" in node.wire_attributes()]
            self._choices[select] = selected[-1]
        return self._choices[select] is option

    def fits(self, step: Step, node: Element) -> bool:
        return all(test(node, self) for test in step.tests)

    def _is_related(self, step: Step, node: Element) -> bool:
        """Whether what must be to the left of `node` is there."""
        left = step.left
        if left is None:
            return True
        outward, far = self._direction(step.combinator)

        def decide(each: Element) -> bool | None:
            next_one = outward(each)
            if next_one is not None and self.fits(left, next_one) and self._is_related(left, next_one):
                return True
            return None if far else False

        return _first_answer(node, outward, decide, self._related.setdefault(step, {}), False)

    def _left_of(self, combinator: str, nodes: Iterable[Element]) -> set[Element]:
        """All nodes that have one of `nodes` at the right side of `combinator`."""
        outward, far = self._direction(combinator)
        found: set[Element] = set()
        for node in nodes:
            left = outward(node)
            while left is not None and left not in found:
                found.add(left)
                left = outward(left) if far else None
        return found

    def _direction(self, combinator: str) -> tuple[Callable[[Element], Element | None], bool]:
        """The way from right to left, and whether it may be gone several times."""
        return parent_of if combinator in " >" else self._previous_sibling, combinator in " ~"

    def _previous_sibling(self, node: Element) -> Element | None:
        if node not in self._previous:
            before = None
            for sibling in _siblings(node):
                self._previous[sibling] = before
                before = sibling
        return self._previous[node]

    def _type(self, node: Element) -> Hashable:
        namespace = self.namespace(node)
        return namespace, node.tag_name if namespace else tag_of(node)


Test = Callable[[Element, Query], bool]


def _first_answer(
    node: Element,
    outward: Callable[[Element], Element | None],
    decide: Callable[[Element], Answer | None],
    known: dict[Element, Answer],
    default: Answer,
) -> Answer:
    """What the first node on the way outward decides that decides anything; `known` to all on this way from then on."""
    passed: list[Element] = []
    answer: Answer | None = None
    each: Element | None = node
    while each is not None and answer is None:
        answer = known.get(each)
        if answer is None:
            passed.append(each)
            answer = decide(each)
            each = outward(each)
    answer = default if answer is None else answer
    known.update(dict.fromkeys(passed, answer))
    return answer


def parent_of(node: Element) -> Element | None:
    return cast("Element | None", node.parent)


def _siblings(node: Element) -> list[Element]:
    """All elements beside `node`, itself included."""
    above = parent_of(node)
    return [node] if above is None else [cast(Element, each) for each in above.children if isinstance(each, Parent)]


def as_text(value: AttributeValue) -> str:
    return "" if value is True else str(value)


# HTML ignores the case of ASCII letters only: the Kelvin sign is no "k", although `str.lower` makes it one.
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def lower(text: str) -> str:
    return text.translate(_LOWER)


def tag_of(node: Element) -> str:
    return lower(node.tag_name)


