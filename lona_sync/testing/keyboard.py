"""What Chromium reports when somebody presses keys on a US keyboard."""

from __future__ import annotations

from dataclasses import dataclass

from ..html.keys import MODIFIERS, Key

_LOWER, _UPPER = "`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?'
_SHIFTED = dict(zip(_LOWER, _UPPER, strict=True))
_UNSHIFTED = dict(zip(_UPPER, _LOWER, strict=True))
_CODES = {
    " ": "Space", "`": "Backquote", "-": "Minus", "=": "Equal", "[": "BracketLeft", "]": "BracketRight", "\\": "Backslash",
    ";": "Semicolon", "'": "Quote", ",": "Comma", ".": "Period", "/": "Slash",
    "Alt": "AltLeft", "Control": "ControlLeft", "Shift": "ShiftLeft", "Meta": "MetaLeft", "AltGraph": "AltRight",
}
_NAMES = {"Ctrl": "Control"}


@dataclass(frozen=True, slots=True)
class Stroke:
    """`event` is key_down or key_up; `key` and `code` as in `KeyboardEvent`; `held` the sum of the modifiers that are held then."""
    event: str
    key: str
    code: str
    held: int


def strokes(wanted: Key) -> tuple[list[Stroke], list[Stroke]]:
    """All that is reported when `wanted` is pressed with its modifiers (Mod is Ctrl), and of that what concerns the key itself."""
    words = [word for word, bit in MODIFIERS.items() if word != "Mod" and (wanted.modifiers | wanted.modifiers >> 3 & 2) & bit]
    held = 0
    down: list[Stroke] = []
    up: list[Stroke] = []
    for word in words:
        name = _NAMES.get(word, word)
        up.insert(0, Stroke("key_up", name, _code(name), held))
        held |= MODIFIERS[word]
        down.append(Stroke("key_down", name, _code(name), held))
    key = wanted.key
    if held & 4 and len(key) == 1:
        key = _SHIFTED.get(key, key.upper())
    own = MODIFIERS.get("Ctrl" if key == "Control" else key, 0)
    itself = [Stroke("key_down", key, _code(key), held | own), Stroke("key_up", key, _code(key), held)]
    return [*down, *itself, *up], itself


def _code(key: str) -> str:
    """Where it is on the keyboard; '' where it has no place."""
    key = _UNSHIFTED.get(key, key)
    if len(key) == 1 and key.isascii() and key.isalnum():
        return f"{'Digit' if key.isdigit() else 'Key'}{key.upper()}"
    return _CODES.get(key, key if len(key) > 1 else "")
