"""The attribute `pattern`: a regular expression of JavaScript, compiled by Python's `re`.

The two languages mean nearly the same. `compile_pattern` rewrites what is spelled otherwise (`(?<name>…)`, `\\k<name>`,
`\\u{1f600}`, `\\d` and `\\w` for ASCII only, what `.`, `$` and `\\s` match), and refuses the rest: what Python does not
know (`\\p{…}`, sets within sets) and what a browser does not (`(?i)`, `\\Z`, `a++`), which would ignore the whole pattern.

As in a browser the pattern must match the value as a whole. A pattern that backtracks without end, as `(a+)+b`, does so here,
too, and then holds up all views: take care with repetitions inside of repetitions.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_TOKEN = re.compile(
    r"""\\u\{(?P<point>[0-9a-fA-F]{1,6})\} | \\k<(?P<back>\w+)> | \(\?<(?P<name>[^\W\d]\w*)> | (?P<escape>\\.)
    | (?P<python>\(\?(?![:=!]|<[=!]) | [*+?}]\+) | (?P<char>.)""",
    re.VERBOSE | re.DOTALL,
)
_OUTSIDE = {".": r"[^\n\r\u2028\u2029]", "$": r"\Z", r"\s": f"[{_SPACE}]", r"\S": f"[^{_SPACE}]", r"\/": "/"}
_INSIDE = {r"\s": _SPACE, r"\b": r"\b"}
_ESCAPES = frozenset("bBdDsSwWtnrvfxu0123456789")


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The expression whose `fullmatch` is the browser's. `ValueError` when the two cannot be made to agree."""
    try:
        return re.compile(_translate(pattern), re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(
            f"pattern {pattern!r} cannot be checked on the server: {error}. Use a simpler one, or validators."
        ) from error


def _translate(pattern: str) -> str:
    parts: list[str] = []
    inside = False                                            # of a set: [a-z]
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if token["point"] is not None:
            text = _code_point(token["point"])
        elif inside:
            if text == "[" or pattern.startswith(("--", "&&", "||", "~~"), token.start()):
                raise re.error("sets within sets are not known")
            inside = text != "]"
            text = _INSIDE.get(text, text)
        elif token["python"] is not None:
            raise re.error(f"{text!r} is no JavaScript")
        elif token["name"] is not None:
            text = f"(?P<{token['name']}>"
        elif token["back"] is not None:
            text = f"(?P={token['back']})"
        elif text == "[":
            inside = True
            if pattern.startswith(("[]", "[^]"), token.start()):
                raise re.error("an empty set is not known")
        else:
            text = _OUTSIDE.get(text, text)
        if token["escape"] is not None and token[0][1].isalnum() and token[0][1] not in _ESCAPES:
            raise re.error(f"{token[0]!r} is not known")
        parts.append(text)
    return "".join(parts)


def _code_point(digits: str) -> str:
    number = int(digits, 16)
    if number > 0x10FFFF:
        raise re.error(f"there is no character {digits}")
    return f"\\U{number:08x}"
