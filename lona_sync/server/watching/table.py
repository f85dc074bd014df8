"""Rows of texts in columns, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """A line for each row, all of one length. Nothing in it breaks a line or moves the cursor."""
    cells = [["".join([sign if sign.isprintable() else "\ufffd" for sign in text]) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join([text.ljust(width) for text, width in zip(line, widths, strict=True)]).rstrip() for line in cells]
