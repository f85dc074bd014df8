"""The words of the status bar, which an application may choose, in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import LanguageAccept

#: What the bar says, and when: `client/status.js` has the words in English.
NAMES = frozenset("ask back busy crowded ended full gone lost refused restarted stale".split())


class StatusTexts:
    """`texts`: see the setting `STATUS_TEXTS`. Raises `ValueError` for words that nobody would ever see."""

    def __init__(self, texts: Mapping[str, Any]) -> None:        # Any: it is looked at here
        by_language = texts if any(isinstance(value, Mapping) for value in texts.values()) else {"": texts}
        for language, words in by_language.items():
            _check(words, f" of {language!r}" if language else "")
        self._texts = by_language

    def choose(self, languages: LanguageAccept) -> Mapping[str, str]:
        """The words for a browser with these languages; none, when it wants none of ours."""
        if "" in self._texts:
            return self._texts[""]
        return self._texts.get(languages.best_match(self._texts) or "", {})


def _check(words: object, whose: str) -> None:
    if not isinstance(words, Mapping):
        raise ValueError(f"the status texts{whose} are a dict of words by name, not {type(words).__name__}: {words!r}")
    for name, text in words.items():
        if name not in NAMES:
            raise ValueError(f"there is no status text {name!r}{whose}; there are {', '.join(sorted(NAMES))}")
        if not isinstance(text, str):
            raise ValueError(f"the status text {name!r}{whose} is a str, not {type(text).__name__}: {text!r}")
