"""What a page carries over when its view goes to another process: what its user has done, and nobody has taken.

Ids mean nothing to the new view. An element is the same when it stands at the same place and looks the same; see docs/protocol.md.
A browser carries over besides what was typed into fields that report nothing; this does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from ..wire import protocol
from .dom import ModelDOM
from .elements import ModelElement, ModelNode

#: What a user means to do, custom events besides; all others tell how things are, and the next view is told anew.
_MEANT = frozenset({"click", "change", "double_click", "submit", "key_down", "key_up"})
_TYPED = frozenset({"input", "textarea", "select"})

Issue = Callable[[str, ModelElement | None, Any], None]          # Any: an event's data


class Misses(Protocol):
    """Hears of an event that has no element any more."""

    def __call__(self, name: str, element: ModelElement | None) -> None: ...


class Past:
    """A page as it was when its view had gone; events may still be added to what was not taken."""

    def __init__(self, dom: ModelDOM, events: Iterable[protocol.Event]) -> None:
        self.events = list(events)
        self._nodes: Mapping[int, ModelNode] = {id: dom.get(id) for id in dom.ids}
        self._root = dom.root

    def restore(self, dom: ModelDOM, issue: Issue, missed: Misses) -> None:
        """Do to `dom` what was done and not taken; `missed` is told what cannot be."""
        for event in self.events:
            custom = event.type not in protocol.EVENT_NUMBERS
            if not custom and event.type not in _MEANT:
                continue
            old = self._nodes.get(event.node) if event.node else None
            element = self._twin(old, dom)
            data = self._translate(event, element, dom) if element is not None or not event.node else None
            if event.node and (element is None or data is _LOST):
                missed(event.type, old if isinstance(old, ModelElement) else None)
                continue
            if event.type == "change" and element is not None:
                _fill(element, event.data, [self._twin(self._nodes.get(id), dom) for id in event.data]
                      if isinstance(event.data, list) else [])
            issue(event.type, element, data)

    def _translate(self, event: protocol.Event, element: ModelElement | None, dom: ModelDOM) -> Any:
        """The event's data with the ids of the new tree; `_LOST`: what it names is not there."""
        def named(id: int) -> int:
            found = self._twin(self._nodes.get(id), dom)
            return 0 if found is None else found.id

        data: Any = event.data
        if event.type in ("click", "double_click") and element is not None:
            return [*data[:5], named(data[5]) or element.id]
        if event.type == "submit" and data[1]:
            return [data[0], named(data[1])] if named(data[1]) else _LOST
        if event.type != "change" or not isinstance(data, list):
            return data
        options = [named(id) for id in data]
        return _LOST if 0 in options else options

    def _twin(self, old: ModelNode | None, dom: ModelDOM) -> ModelElement | None:
        """What `old` is in the new tree; None: there is nothing like it."""
        if not isinstance(old, ModelElement) or not isinstance(dom.root, ModelElement):
            return None
        found = _counterpart(old, self._root, dom.root, dom)
        same = found is not None and found.tag == old.tag and _is_like(old, found) and all(
            old.attributes.get(name) == found.attributes.get(name) for name in ("id", "name", "type")
        )
        return found if same else None


_LOST = object()


def _counterpart(old: ModelElement, root: ModelNode | None, new_root: ModelElement, dom: ModelDOM) -> ModelElement | None:
    """What stands where `old` stood. Among several of its kind an element is known by its text: the first row may have gone."""
    path = [old]
    while path[-1] is not root and path[-1].parent is not None and "id" not in path[-1].attributes:
        path.append(path[-1].parent)
    top = path.pop()
    found: ModelElement | None = new_root
    if "id" in top.attributes:
        found = next((each for each in dom.find_all("*") if each.attributes.get("id") == top.attributes["id"]), None)
    for each in reversed(path):
        if found is None or each.parent is None:
            return None
        before, after = _kin(each.parent, each.tag), _kin(found, each.tag)
        place = next(place for place, other in enumerate(before) if other is each)
        if place >= len(after) or (len(before) + len(after) > 2 and not _is_like(each, after[place])):
            return None
        found = after[place]
    return found


def _kin(parent: ModelElement, tag: str) -> list[ModelElement]:
    return [node for node in parent.children if isinstance(node, ModelElement) and node.tag == tag]


def _is_like(one: ModelElement, other: ModelElement) -> bool:
    return one.tag in _TYPED or one.text == other.text


def _fill(element: ModelElement, value: object, options: list[ModelElement | None]) -> None:
    if isinstance(value, list):
        for option in element.options:
            option.set_property("selected", any(option is chosen for chosen in options))
    elif isinstance(value, bool):
        element.checked = value
    elif isinstance(value, str):
        element.value = value
