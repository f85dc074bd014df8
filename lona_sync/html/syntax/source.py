"""The text that is read, its limits, and where in it something is wrong."""

from __future__ import annotations

import re

#: Text that is longer is refused before anything else is done. It holds an image of 1.5 MB as a `data:` URL.
MAX_CHARACTERS = 2_000_000
#: Open elements. Browsers flatten what is deeper than 512; half of that keeps the search for an open element short.
MAX_DEPTH = 256
#: Tags, texts, comments, attributes, and elements that the standard has repeated: `<b><p></b>` makes two <b>. A table
#: of 6,000 rows and 10 columns has 200,000. Without it, 1 MB of `<p>x` behind `<p>` and 200 open <b> would make 50 million.
MAX_PARTS = 200_000


# What no text may contain: control characters besides white space, halves of surrogate pairs, and noncharacters.
UNWANTED = re.compile(
    "[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join([chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)]) + "]"
)


class ParseError(ValueError):
    """Markup that cannot be taken: too much of it, an attribute that no node may have, or in strict mode a mistake.

    `line` and `column` begin with 1.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"invalid HTML in line {line}, column {column}: {message}")
        self.line = line
        self.column = column


class Source:
    """`text` is what was given, with all line breaks as browsers see them: a line feed."""

    def __init__(self, markup: str, *, strict: bool) -> None:
        if not isinstance(markup, str):
            raise TypeError(f"HTML must be a str, not {type(markup).__name__}: {markup!r}")
        if len(markup) > MAX_CHARACTERS:
            raise ParseError(f"{len(markup):,} characters are more than {MAX_CHARACTERS:,}. Parse it in parts.", 1, 1)
        self.text = markup.replace("\r\n", "\n").replace("\r", "\n")
        self.strict = strict
        self._parts = 0
        unwanted = UNWANTED.search(self.text) if strict else None
        if unwanted is not None:
            raise self.error(unwanted.start(), f"{unwanted[0]!r} has no place in a text")

    def error(self, offset: int, message: str) -> ParseError:
        """What to raise for the character at `offset`."""
        line_start = self.text.rfind("\n", 0, offset) + 1
        return ParseError(message, self.text.count("\n", 0, offset) + 1, offset - line_start + 1)

    def mistake(self, offset: int, message: str) -> None:
        """The standard calls this wrong and says how to go on: an error in strict mode only."""
        if self.strict:
            raise self.error(offset, message)

    def count(self, offset: int, parts: int) -> None:
        """Raise `ParseError` when it is more than anybody wants to show."""
        self._parts += parts
        if self._parts > MAX_PARTS:
            raise self.error(offset, f"more than {MAX_PARTS:,} elements, texts and attributes. Parse it in parts.")
