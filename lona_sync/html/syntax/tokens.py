"""What the text of HTML consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class StartTag:
    """`<name attributes>`; `self_closing` with a `/` before the end, which HTML ignores and SVG does not."""
    name: str
    attributes: dict[str, str]
    self_closing: bool
    offset: int


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
