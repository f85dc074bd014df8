"""`Option`: one of the choices of a select."""

from __future__ import annotations

from typing import Any

from ..children import Child, walk
from ..node import Node
from .choice import Choice


class Option(Choice):
    """One choice of a `Select`, or one suggestion of a `DataList`.

    `value` may be any object; a browser sees `str(value)`, or nothing with `render_value=False`.
    """

    __slots__ = ("_render", "_value")
    TAG_NAME = "option"

    def __init__(self, *label: Child, value: Any = "", selected: bool = False, **kwargs: Any) -> None:    # Any: as for Choice
        super().__init__(*label, value=value, **kwargs)
        if selected is not False:
            self.selected = selected

    @property
    def selected(self) -> bool:
        return self._flag("selected")

    @selected.setter
    def selected(self, value: bool) -> None:
        if value is True:
            for option in self._others():
                option.selected = False
        self._set_flag("selected", value)

    @property
    def is_disabled(self) -> bool:
        """Whether it is disabled, by itself or with its group."""
        return is_disabled(self)

    def _others(self) -> list[Option]:
        """The selected options that cannot be selected together with this one."""
        select = self.parent
        while isinstance(select, Node) and select.tag_name != "select":
            select = select.parent
        if not isinstance(select, Node) or select.attributes.wire("multiple") is not False:
            return []
        return [node for node in walk(select) if isinstance(node, Option) and node is not self and node.selected]

    def _default_wire_value(self) -> str:
        return " ".join(self.get_text().split())


def is_disabled(option: Node) -> bool:
    """Whether an `<option>` of any class is disabled, by itself or with its group."""
    group = option.parent
    if isinstance(group, Node) and group.tag_name == "optgroup" and group.is_disabled:
        return True
    return option.attributes.wire("disabled") is not False
