"""HTML that was not made of nodes."""

from __future__ import annotations

from typing import Any

from .mutations import AttributeValue, SetAttribute
from .node import Node
from .tags import Div


class RawHTML(Div):
    """A div with `inner_html` as its content, unchecked. It has no children.

    Only for markup of your own, never for what somebody has typed or another program has sent: whoever writes it runs
    what he wants in the browser of everybody who sees it. The client sets it as `innerHTML`: scripts in it do not run, but
    `onerror="…"`, `javascript:` links and the like do. In the page of a route that is not interactive it is part of the
    page, and its scripts run, too. `parse_html` takes the same markup, and refuses all of this.
    """

    __slots__ = ("_inner_html",)
    FROZEN = True

    def __init__(self, inner_html: str = "", **kwargs: Any) -> None:      # Any: as for Node
        self._inner_html = _checked(inner_html)
        super().__init__(**kwargs)

    @property
    def inner_html(self) -> str:
        return self._inner_html

    @inner_html.setter
    def inner_html(self, inner_html: str) -> None:
        if _checked(inner_html) == self._inner_html:
            return
        if self.owner is not None:
            self.owner.record(SetAttribute(self, "@html", inner_html))
        self._inner_html = inner_html

    def wire_attributes(self) -> dict[str, AttributeValue]:
        return {**super().wire_attributes(), "@html": self._inner_html}

    def _content(self) -> tuple[object, ...]:
        return (*super()._content(), self._inner_html)


def as_tree(html: Node | str) -> Node:
    """What a view is given to show, as a tree: a string is raw HTML."""
    if isinstance(html, Node):
        return html
    if isinstance(html, str):
        return RawHTML(html)
    raise TypeError(f"show() takes a node or a string of HTML, not {type(html).__name__}: {html!r}")


def _checked(inner_html: str) -> str:
    if not isinstance(inner_html, str):
        raise TypeError(f"inner_html must be a str, not {type(inner_html).__name__}: {inner_html!r}")
    return inner_html
