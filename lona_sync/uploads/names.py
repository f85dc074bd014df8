"""What a file may be called here, whatever somebody claims that it is called.

A name that comes with a file is a text from a stranger: `../../etc/cron.d/x`, `C:\\fakepath\\a.txt`, `.htaccess`, `CON.txt`, one
with a line break for the log, one that reads `gnp.exe` from right to left. What comes out is one flat name that every file system
takes, that hides nothing, and that looks like what it is. It is still no reason to believe what the ending says.
"""

from __future__ import annotations

import itertools
import re
import secrets
import unicodedata
from collections.abc import Container

#: Bytes of a name in UTF-8; file systems take 255, and a number may have to be added.
LONGEST = 200
#: Bytes of what stands behind the last dot, so that `x.<300 letters>` is cut as well.
_LONGEST_ENDING = 30
#: What a file is called when nothing is left of its name.
NAMELESS = "file"

# Of Windows, whatever stands behind the dot.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_FORBIDDEN = frozenset('/\\:*?"<>|')
#: Unicode's categories of what is not seen: controls, formats (among them those that turn the order of reading), halves of pairs,
#: private and unassigned ones, and separators of lines.
_UNSEEN = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])


def safe_name(claimed: str) -> str:
    """A flat name for a file that is said to be called `claimed`. Never empty, never longer than `LONGEST`, never hidden.

    Of a path it is the last part, as browsers cut it. What is fine stays as it is: `safe_name(safe_name(x)) == safe_name(x)`.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", claimed))[-1]
    name = "".join(map(_safe, name))
    name = _trim(name)
    if _RESERVED.match(name):
        name = f"_{name}"
    return _trim(_shorten(name)) or NAMELESS


def free_name(name: str, taken: Container[str]) -> str:
    """`name`, or the first of `name (2)`, `name (3)`, … that is not taken; after a hundred, one with any number that is not.

    `taken` knows names by their `key`.
    """
    if key(name) not in taken:
        return name
    stem, ending = _split(name)
    # Counted on, a thousand files of one name would take seconds.
    numbers = itertools.chain(range(2, 101), (secrets.randbelow(10**9) for _ in itertools.repeat(None)))
    return next(each for number in numbers if key(each := f"{stem} ({number}){ending}") not in taken)


def key(name: str) -> str:
    """Equal for names that some file system, or some reader, takes for the same one."""
    return unicodedata.normalize("NFKC", name).casefold()


def _safe(character: str) -> str:
    if unicodedata.category(character) in _UNSEEN:
        return ""
    # Also what only looks so, as U+2215 and the fullwidth solidus; somebody who normalizes would get a path of it.
    plain = unicodedata.normalize("NFKC", character)
    if (character != "." and ("." in plain or not _FORBIDDEN.isdisjoint(plain))) or character in "\u2215\u29f8\u2216\u29f5\u29f9":
        return "_"
    return " " if character.isspace() else character


def _trim(name: str) -> str:
    """Without blanks around it; without dots before it, which hide it, and behind it, which Windows drops."""
    return name.strip(" .")


def _split(name: str) -> tuple[str, str]:
    """Stem and ending; of `a.tar.gz` the ending is `.tar.gz`."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _LONGEST_ENDING:
        return name, ""
    if stem.endswith(".tar"):
        return stem[:-4], f".tar.{ending}"
    return stem, dot + ending


def _shorten(name: str) -> str:
    stem, ending = _split(name)
    # Cut between characters, and before a mark that belongs to the one before it.
    return stem.encode()[:LONGEST - len(ending.encode())].decode(errors="ignore") + ending
