"""The "adoption agency algorithm": what becomes of `<b>1<p>2</b>3</p>`, whose elements overlap.

The part of <b> that is inside of <p> becomes an element of its own: `<b>1</b><p><b>2</b>3</p>`.
"""

from __future__ import annotations

from .elements import Element
from .tokens import EndTag
from .tree import SPECIAL, Tree


def adopt(tree: Tree, token: EndTag) -> None:
    """Process the end tag of a formatting element."""
    name = token.name
    if tree.current.kind == name and not _is_in(tree.current, tree.formatting):
        tree.open.pop()
        return
    for _ in range(8):
        formatting = tree.last_formatting(name)
        if formatting is None:
            tree.any_other_end(token)
            return
        if not _is_in(formatting, tree.open):
            tree.ignore(token)
            tree.forget(formatting)
            return
        if not tree.in_scope(name):
            tree.ignore(token)
            return
        if formatting is not tree.current:
            tree.mistake(token, f"</{tree.current.name}> expected, </{name}> received")
        place = _index(tree.open, formatting)
        furthest = next((index for index in range(place + 1, len(tree.open)) if tree.open[index].kind in SPECIAL), None)
        if furthest is None:
            del tree.open[place:]
            tree.forget(formatting)
            return
        _divide(tree, place, furthest)


def _divide(tree: Tree, place: int, furthest: int) -> None:
    """The formatting element at `place` ends; another one begins inside of the block at `furthest`."""
    formatting, block = tree.open[place], tree.open[furthest]
    bookmark = _index(tree.formatting, formatting)
    last = block
    for counter, index in enumerate(range(furthest - 1, place, -1), 1):
        node = tree.open[index]
        if _is_in(node, tree.formatting) and counter > 3:
            if _index(tree.formatting, node) < bookmark:
                bookmark -= 1
            tree.forget(node)
        if not _is_in(node, tree.formatting):
            del tree.open[index]
            continue
        copy = tree.copy(node)
        tree.open[index] = copy
        entry = _index(tree.formatting, node)
        tree.formatting[entry] = copy
        if last is block:
            bookmark = entry + 1
        copy.append(last)
        last = copy
    tree.put(last, tree.open[place - 1])
    copy = tree.copy(formatting)
    copy.take_children(block)
    block.append(copy)
    if _index(tree.formatting, formatting) < bookmark:
        bookmark -= 1
    tree.forget(formatting)
    tree.formatting.insert(bookmark, copy)
    del tree.open[place]
    tree.open.insert(_index(tree.open, block) + 1, copy)


def _index(elements: list[Element] | list[Element | None], element: Element) -> int:
    return next(index for index, other in enumerate(elements) if other is element)


def _is_in(element: Element, elements: list[Element] | list[Element | None]) -> bool:
    return any(other is element for other in elements)
