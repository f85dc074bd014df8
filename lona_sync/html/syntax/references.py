"""Character references: `&amp;`, `&#8364;`, `&#x20ac;`.

`html.unescape` of the standard library knows the names, too, but neither the rule for attributes, by which the link
`?a=1&copy=2` stays as it is, nor the control characters, which it drops.
"""

from __future__ import annotations

import re
from html.entities import html5

from .source import UNWANTED, Source

_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9A-Fa-f]+)|([0-9]+))|([A-Za-z][A-Za-z0-9]*));?")
_NO_DIGITS = re.compile(r"&#(?![0-9]|[xX][0-9A-Fa-f])")
_LONGEST_WITHOUT_SEMICOLON = max(len(name) for name in html5 if not name.endswith(";"))
_UNKNOWN = "\ufffd"
# Numbers that mean a character of Windows-1252, as they did in the 1990s.
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}


def decode(source: Source, start: int, end: int, *, attribute: bool = False) -> str:
    """The text from `start` to `end` with its references replaced."""
    text = source.text[start:end]
    if "&" not in text:
        return text
    broken = _NO_DIGITS.search(text) if source.strict else None
    if broken is not None:
        source.mistake(start + broken.start(), "the number of a character is missing behind '&#'")

    def replace(match: re.Match[str]) -> str:
        offset = start + match.start()
        hexadecimal, number, name = match.groups()
        if name is None:
            if not match[0].endswith(";"):
                source.mistake(offset, f"';' is missing after {match[0]!r}")
            return _number(source, offset, hexadecimal or number, 16 if hexadecimal else 10)
        return _named(source, offset, match[0], name, attribute, text[match.end():match.end() + 1])

    return _REFERENCE.sub(replace, text)


def _number(source: Source, offset: int, digits: str, base: int) -> str:
    digits = digits.lstrip("0")
    # Python takes its time for very long numbers, or refuses them.
    code = int(digits, base) if 0 < len(digits) <= 8 else 0
    if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        source.mistake(offset, "the number is not that of a character")
        return _UNKNOWN
    if code in _WINDOWS:
        source.mistake(offset, f"{code} is a control character; for {_WINDOWS[code]!r} write that character itself")
        return _WINDOWS[code]
    if code == 13 or UNWANTED.match(chr(code)):
        source.mistake(offset, f"the character number {code} has no place in a text")
    return chr(code)


def _named(source: Source, offset: int, whole: str, name: str, attribute: bool, after: str) -> str:
    if whole[1:] in html5 and whole.endswith(";"):
        return html5[whole[1:]]
    # `&notit;` begins with `&not`, one of the names that once could be written without a semicolon.
    for length in range(min(len(name), _LONGEST_WITHOUT_SEMICOLON), 1, -1):
        character = html5.get(name[:length])
        if character is not None:
            rest = whole[1 + length:]
            following = (rest or after)[:1]
            if attribute and (following == "=" or (following.isascii() and following.isalnum())):
                return whole
            source.mistake(offset, f"';' is missing after '&{name[:length]}'. For the character '&' itself write '&amp;'.")
            return character + rest
    if whole.endswith(";"):
        source.mistake(offset, f"there is no character {whole!r}. For the character '&' itself write '&amp;'.")
    return whole
