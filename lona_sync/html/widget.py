"""`Widget`: how widgets were written before every node could be one. Still supported."""

from __future__ import annotations

from typing import Any, ClassVar

from .children import Child
from .node import Node
from .widget_data import WidgetData


class Widget(Node):
    """Several nodes that belong to one script. `FRONTEND_WIDGET_CLASS` names it, `data` is its data, `nodes` are the nodes.

    It is an element without a box of its own (`display: contents`). New code gives any node a `WIDGET`.
    """

    __slots__ = ()
    TAG_NAME = "div"
    STYLE = "display: contents"
    FRONTEND_WIDGET_CLASS: ClassVar[str] = ""

    # Any: JSON, and as for Node
    def __new__(cls, *_: Any, **__: Any) -> Widget:
        # Those of that time fill `nodes` in an `__init__` of their own that calls no other.
        self = super().__new__(cls)
        Widget.__init__(self)
        return self

    def __init__(self, *nodes: Child, data: dict[str, Any] | list[Any] | None = None, **kwargs: Any) -> None:
        if self.FRONTEND_WIDGET_CLASS:
            kwargs.setdefault("widget", self.FRONTEND_WIDGET_CLASS)
        super().__init__(*nodes, **kwargs)
        if data is not None:
            self.data = data

    @property
    def data(self) -> Any:                                    # Any: as for Node.widget_data
        return self.widget_data

    @data.setter
    def data(self, data: WidgetData | dict[str, Any] | list[Any]) -> None:
        self.widget_data = data
