"""`Control`: what can be disabled."""

from __future__ import annotations

from typing import Any, ClassVar

from ..children import Child
from ..mutations import TreeNode
from ..node import Node


class Control(Node):
    """A node that can be disabled."""

    __slots__ = ("__weakref__", "_bubble_up")

    #: Whether screen readers have to be told that it is read-only, since the browser does not know it.
    ARIA_READONLY: ClassVar[bool] = False

    def __init__(
        self, *nodes: Child, disabled: bool = False, readonly: bool = False, bubble_up: bool = False, **kwargs: Any
    ) -> None:                                                # Any: as for Node
        super().__init__(*nodes, **kwargs)
        self._bubble_up = bubble_up
        if disabled is not False:
            self.disabled = disabled
        if readonly is not False:
            self.readonly = readonly

    @property
    def disabled(self) -> bool:
        """True: the user cannot use it, and what a browser claims he did is dropped."""
        return self._flag("disabled")

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self._set_flag("disabled", value)

    @property
    def is_disabled(self) -> bool:
        """Whether it is disabled, by itself or by a `FieldSet` around it, in whose legend alone it would be free."""
        if super().is_disabled:
            return True
        below: Node = self
        while isinstance(above := below._parent, Node):
            if above._tag_name == "fieldset" and above._flag("disabled") and below is not _legend(above):
                return True
            below = above
        return False

    @property
    def readonly(self) -> bool:
        """True: the user can read and copy, but not change.

        HTML has this for what is typed. Of the others a browser shows the change until the server has put the value back; markup,
        which nobody would put back, has them disabled.
        """
        return self._flag("readonly")

    @readonly.setter
    def readonly(self, value: bool) -> None:
        self._set_flag("readonly", value)
        if self.ARIA_READONLY:
            self._set_aria_readonly(value)

    def _set_aria_readonly(self, value: bool) -> None:
        if value:
            self.attributes["aria-readonly"] = "true"
        else:
            del self.attributes["aria-readonly"]

    @property
    def bubble_up(self) -> bool:
        return self._bubble_up

    @bubble_up.setter
    def bubble_up(self, value: bool) -> None:
        self._set_bubble_up(value)

    def _set_bubble_up(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"bubble_up must be True or False, not {type(value).__name__}: {value!r}")
        self._bubble_up = value


def _legend(fieldset: Node) -> TreeNode | None:
    return next((child for child in fieldset.children if isinstance(child, Node) and child.tag_name == "legend"), None)
