"""Which keys a filter takes: the same cases as in the browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lona_sync.html.keys import Key

CASES = json.loads((Path(__file__).resolve().parents[1] / "client" / "keys.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_a_filter_takes_what_the_browser_takes(name: str):
    for token, key, code, held, wanted in CASES[name]:
        assert Key.from_token(token).matches(key, code, held) is wanted, f"{token} at {key} ({code}, {held})"


@pytest.mark.parametrize("text", ["Enter", "a", "A", "Ctrl+S", "Mod+Shift+ArrowUp", "Alt++", "%", "Ctrl+:", "Space"])
def test_a_key_is_the_one_that_its_token_says(text: str):
    key = Key.parse(text)

    assert Key.from_token(key.token) == key


def test_mod_is_either_where_nobody_knows_the_keyboard():
    key = Key.parse("Mod+S")

    assert [key.matches("s", "KeyS", held) for held in (2, 8, 10, 0)] == [True, True, False, False]
    assert [key.matches("s", "KeyS", held, mod=(2,)) for held in (2, 8)] == [True, False]
