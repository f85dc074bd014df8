"""What reading HTML makes: elements and texts, as small as possible and without any opinion of what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NOWHERE: Mapping[str, int] = MappingProxyType({})            # the places of attributes that nobody wrote
# Scope boundaries and "special" elements belong to a namespace: an SVG <title> is one, an SVG <p> is none.
_KIND_PREFIX = {"": "", "svg": "svg ", "math": "math "}


class Characters:
    """A text that grows: as a string it would be copied for each piece that is added."""

    __slots__ = ("parent", "parts")

    def __init__(self, data: str) -> None:
        self.parent: Element | None = None
        self.parts = [data]

    @property
    def data(self) -> str:
        return "".join(self.parts)


class Element:
    """`namespace` is "svg", "math", or "" for HTML; `kind` is the name with its namespace, if it is not HTML.

    `attributes` is shared by copies: never changed. `offset` is where the start tag stands, `places` where its attributes do.
    """

    __slots__ = ("attributes", "children", "kind", "name", "namespace", "offset", "parent", "places")

    def __init__(
        self, name: str, attributes: dict[str, str], offset: int, namespace: str = "", places: Mapping[str, int] = NOWHERE,
    ) -> None:
        self.name = name
        self.attributes = attributes
        self.offset = offset
        self.places = places
        self.namespace = namespace
        self.kind = _KIND_PREFIX[namespace] + name
        self.parent: Element | None = None
        self.children: list[Element | Characters] = []

    def copy(self) -> Element:
        """The same start tag once more."""
        return Element(self.name, self.attributes, self.offset, self.namespace, self.places)

    def append(self, child: Element | Characters) -> None:
        """Put `child` at the end, out of the place that it had."""
        self.insert(len(self.children), child)

    def insert(self, index: int, child: Element | Characters) -> None:
        """Put `child`, which is not among these children, before the one at `index`."""
        if child.parent is not None:
            del child.parent.children[child.parent.index(child)]
        child.parent = self
        self.children.insert(index, child)

    def insert_text(self, index: int, data: str) -> None:
        """Put a text before the child at `index`, joined with one that ends there."""
        before = self.children[index - 1] if index else None
        if isinstance(before, Characters):
            before.parts.append(data)
        else:
            self.insert(index, Characters(data))

    def index(self, child: Element | Characters) -> int:
        """From the end: what is looked for has just been added."""
        index = len(self.children) - 1
        while self.children[index] is not child:
            index -= 1
        return index

    def take_children(self, other: Element) -> None:
        """Move all children of `other` to the end."""
        for child in other.children:
            child.parent = self
        self.children.extend(other.children)
        other.children = []
