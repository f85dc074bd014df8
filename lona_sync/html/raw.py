"""HTML that was not made of nodes."""

from __future__ import annotations

from typing import Any

from .mutations import AttributeValue, SetAttribute
from .tags import Div


class RawHTML(Div):
    """A div with `inner_html` as its content, unchecked: never give it what somebody has typed. It has no children."""

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


def _checked(inner_html: str) -> str:
    if not isinstance(inner_html, str):
        raise TypeError(f"inner_html must be a str, not {type(inner_html).__name__}: {inner_html!r}")
    return inner_html
