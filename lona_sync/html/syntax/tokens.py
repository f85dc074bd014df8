"""What the text of HTML consists of."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class StartTag:
    """`<name attributes>`; `self_closing` with a `/` before the end, which HTML ignores and SVG does not.

    `places` tells where each attribute stands.
    """
    name: str
    attributes: dict[str, str]
    self_closing: bool
    offset: int
    places: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class EndTag:
    name: str
    offset: int


@dataclass(slots=True)
class Text:
    """Everything between two tags or comments, character references decoded."""
    data: str
    offset: int


@dataclass(slots=True)
class Comment:
    """A comment or a doctype. What it says is dropped, but it divides texts, which matters in `<table>` and `<pre>`."""
    offset: int


Token = StartTag | EndTag | Text | Comment
