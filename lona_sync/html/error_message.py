"""`ErrorMessage`: the sentence beside a field that says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .mutations import TreeNode
from .node import Node
from .properties import Value

_MARK, _DESCRIPTION = "aria-invalid", "aria-describedby"


class ErrorMessage(Node):
    """Stands behind the last of `controls` (and the label around it), or first in `form` when there are none.

    Screen readers say it when it appears (`role="alert"`), and again when the user comes to one of the controls, which point to it
    and are marked as invalid until it is taken away. How it looks is up to the page: `.lona-error`, `[aria-invalid]`.
    """

    __slots__ = ("_controls",)
    TAG_NAME = "span"                                         # a <p> would end a paragraph in which the field stands
    CLASS_LIST = ("lona-error",)
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"role": "alert"}

    def __init__(self, sentence: str, controls: Sequence[Node], form: Node, **kwargs: Any) -> None:       # Any: as for Node
        super().__init__(sentence, **kwargs)
        self._controls = tuple(controls)
        for control in self._controls:
            control.attributes[_MARK] = "true"
            control.attributes[_DESCRIPTION] = " ".join([*_words(control), self.id_list.refer(control, _DESCRIPTION)])
        place = _outermost_label(self._controls[-1], form) if self._controls else None
        parent = place.parent if place is not None else None
        if place is not None and isinstance(parent, Node):
            parent.insert(parent.index(place) + 1, self)
        else:
            form.insert(0, self)

    def is_for(self, controls: Sequence[Node]) -> bool:
        """Whether these are the controls that it was made for, and it still stands somewhere."""
        return self.parent is not None and list(map(id, self._controls)) == list(map(id, controls))

    def take_away(self) -> None:
        """Leave the page, and take the marks off the controls."""
        for control in self._controls:
            words = [word for word in _words(control) if word not in self.id_list]
            del control.attributes[_MARK]
            if words:
                control.attributes[_DESCRIPTION] = " ".join(words)
            else:
                del control.attributes[_DESCRIPTION]
        if self.parent is not None:
            self.remove()


def _words(control: Node) -> list[str]:
    return str(control.attributes.get(_DESCRIPTION, "")).split()


def _outermost_label(control: Node, form: Node) -> TreeNode:
    """The label around the control, else the control. What stands inside of a label would be read as the field's name."""
    place: TreeNode = control
    above = control.parent
    while isinstance(above, Node) and above is not form:
        if above.tag_name == "label":
            place = above
        above = above.parent
    return place
