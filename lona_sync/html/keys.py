"""One entry of a key filter: `Enter`, `a`, `Ctrl+S`, `Mod+Shift+ArrowUp`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple
from urllib.parse import quote, unquote

#: What the browser adds up; `Mod` is Meta on a Mac and Ctrl elsewhere.
MODIFIERS = {"Alt": 1, "Ctrl": 2, "Shift": 4, "Meta": 8, "Mod": 16}

#: All that `KeyboardEvent.key` says of a key that types no character, the rarest left out.
NAMED_KEYS = frozenset([
    *"Enter Tab Backspace Delete Insert Escape ArrowUp ArrowDown ArrowLeft ArrowRight Home End PageUp PageDown Clear".split(),
    *"Alt AltGraph CapsLock Control Fn Meta NumLock ScrollLock Shift ContextMenu Pause PrintScreen Help Undo Redo".split(),
    *"Copy Cut Paste Find Select Execute Cancel Accept Again Props ZoomIn ZoomOut Power WakeUp Eject Convert".split(),
    *"MediaPlayPause MediaPlay MediaPause MediaStop MediaTrackNext MediaTrackPrevious MediaFastForward MediaRewind".split(),
    *"AudioVolumeUp AudioVolumeDown AudioVolumeMute BrowserBack BrowserForward BrowserHome BrowserRefresh".split(),
    *"BrowserSearch BrowserStop BrowserFavorites Call EndCall GoBack GoHome ChannelUp ChannelDown".split(),
    *(f"F{number}" for number in range(1, 25)),
])

# The modifier that a key is. At its own keydown a browser says that it is held already.
_OWN_MODIFIERS = {"Alt": 1, "Control": 2, "AltGraph": 3, "Shift": 4, "Meta": 8}
_LETTER_OR_DIGIT = re.compile("[a-zA-Z0-9]")
_PLACE = re.compile("(?:Key|Digit)(.)")

_MODIFIERS_ELSEWHERE = {
    "control": "Ctrl", "ctl": "Ctrl", "strg": "Ctrl", "cmd": "Meta", "command": "Meta", "win": "Meta", "windows": "Meta",
    "super": "Meta", "option": "Alt", "opt": "Alt", "cmdorctrl": "Mod", "commandorcontrol": "Mod", "primary": "Mod",
}
_KEYS_ELSEWHERE = {
    "esc": "Escape", "return": "Enter", "del": "Delete", "ins": "Insert", "up": "ArrowUp", "down": "ArrowDown",
    "left": "ArrowLeft", "right": "ArrowRight", "pgup": "PageUp", "pgdn": "PageDown", "pgdown": "PageDown",
    "spacebar": "Space", "ctrl": "Control", "cmd": "Meta", "option": "Alt", "altgr": "AltGraph", "plus": "+", "minus": "-",
}


class Key(NamedTuple):
    """`key` is one character or a name of `KeyboardEvent.key`; `modifiers` a sum of `MODIFIERS`, which have to be held."""
    key: str
    modifiers: int = 0

    @classmethod
    def from_token(cls, token: str) -> Key:
        """`token` backwards."""
        modifiers, _, key = token.partition("+")
        return cls(unquote(key), int(modifiers))

    @classmethod
    def parse(cls, text: str) -> Key:
        """The key that `text` names. Raises `ValueError`, which says how it is written."""
        if not isinstance(text, str) or not text:
            raise ValueError(f"a key is a text like 'Enter', 'a' or 'Ctrl+S', not {text!r}")
        key = "+" if text == "+" or text.endswith("++") else text.rpartition("+")[2]
        modifiers = 0
        for word in text[:-len(key)].split("+")[:-1] if key else text[:-1].split("+"):
            modifiers |= _modifier(word, text, modifiers)
        if not key:
            raise ValueError(f"{text!r} ends without a key; write {text + 'S'!r}, or {text + '+'!r} for the key '+'")
        key = _key(key, text)
        # With a modifier it is the key that counts, and Caps Lock must not matter; alone it is what was typed.
        return cls(key.lower() if modifiers and len(key) == 1 else key, modifiers)

    def matches(self, key: str, code: str, held: int, mod: tuple[int, ...] = (2, 8)) -> bool:
        """Whether it is this one, by `key` and `code` of a `KeyboardEvent` and the sum of the modifiers that are held.

        `mod`: what counts as Mod. client/keys.js is its twin, but it knows a Mac when it sees one; here either is taken.
        """
        held &= ~_OWN_MODIFIERS.get(key, 0)
        types = len(self.key) == 1
        if types and not self.modifiers:
            return key == self.key and not held & 8 and held & 3 != 2           # AltGr is Ctrl and Alt in Windows
        # Shift+1 types '!', Ctrl+S 'ы' on a Cyrillic keyboard, Alt+A 'å' on a Mac; but where S is elsewhere, an 'o' is no S.
        place = None if _LETTER_OR_DIGIT.fullmatch(key) else _PLACE.fullmatch(code)
        if key != self.key and not (types and self.key in (key.lower(), place[1].lower() if place is not None else "")):
            return False
        either = 4 if types and not self.key.isalnum() else 0                   # '?' is typed with Shift, somewhere
        wanted = self.modifiers & 15 | either
        return held | either in ([wanted | bit for bit in mod] if self.modifiers & 16 else [wanted])

    @property
    def token(self) -> str:
        """Its form on the wire: the modifiers' sum, a plus, and the key, quoted."""
        return f"{self.modifiers}+{quote(self.key, safe='')}"

    def __str__(self) -> str:
        words = [word for word, bit in MODIFIERS.items() if self.modifiers & bit]
        return "+".join([*words, "Space" if self.key == " " else self.key.upper() if words and len(self.key) == 1 else self.key])


def _modifier(word: str, text: str, before: int) -> int:
    bit = MODIFIERS.get(word)
    if bit is None:
        right = _MODIFIERS_ELSEWHERE.get(word.lower()) or next((name for name in MODIFIERS if name.lower() == word.lower()), None)
        hint = f"write {right}+" if right else f"there are {', '.join(MODIFIERS)}"
        raise ValueError(f"{word + '+'!r} in {text!r} is no modifier; {hint}")
    if before & bit:
        raise ValueError(f"{text!r} names {word} twice")
    return bit


def _key(key: str, text: str) -> str:
    if key in NAMED_KEYS or (len(key) == 1 and key.isprintable()):
        return key
    if key == "Space":
        return " "
    right = _KEYS_ELSEWHERE.get(key.lower()) or next((name for name in NAMED_KEYS if name.lower() == key.lower()), None)
    if right is None:
        close = get_close_matches(key, NAMED_KEYS, n=1, cutoff=0.75)
        right = close[0] if close else None
    hint = f"write {right!r}" if right else "it is one character, or a name that KeyboardEvent.key has in browsers, like 'Enter'"
    raise ValueError(f"there is no key {key!r}{'' if key == text else f' as in {text!r}'}; {hint}")
