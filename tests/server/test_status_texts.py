"""The words of the status bar."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from lona_sync import App, View
from lona_sync.server.pages.status_texts import NAMES, StatusTexts
from lona_sync.testing import Client

STATUS = Path(__file__).parents[2] / "lona_sync" / "client" / "status.js"


def choose(texts: dict[str, object], header: str) -> dict[str, str]:
    return dict(StatusTexts(texts).choose(parse_accept_header(header, LanguageAccept)))


def test_the_names_are_those_of_the_client():
    table = re.search(r"const TEXTS = \{(.*?)\n\};", STATUS.read_text(), re.DOTALL)

    assert table is not None
    assert set(re.findall(r"^  (\w+):", table[1], re.MULTILINE)) == NAMES


@pytest.mark.parametrize(("header", "lost"), [
    ("de-AT,de;q=0.9,en;q=0.5", "Verbindung verloren"), ("fr", "Connexion perdue"), ("it", None), ("", None),
    ("en, de;q=0.5", "Verbindung verloren"),
])
def test_the_language_that_a_browser_prefers_is_taken(header: str, lost: str | None):
    texts = choose({"de": {"lost": "Verbindung verloren"}, "fr": {"lost": "Connexion perdue"}}, header)

    assert texts.get("lost") == lost


def test_words_without_a_language_are_for_all():
    assert choose({"lost": "Moment…"}, "fr") == {"lost": "Moment…"}


@pytest.mark.parametrize(("texts", "message"), [
    ({"lots": "x"}, "there is no status text 'lots'; there are ask, back"), ({"lost": 5}, "'lost' is a str, not int"),
    ({"de": {"lots": "x"}}, "no status text 'lots' of 'de'"), ({"de": {"lost": "x"}, "fr": "y"}, "of 'fr' are a dict"),
])
def test_words_that_nobody_would_see_are_told_at_the_start(texts: dict[str, object], message: str):
    app = App(__file__)
    app.settings.STATUS_TEXTS = texts

    with pytest.raises(ValueError, match=message):
        _ = app.parts


def test_the_page_brings_them_along():
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STATUS_TEXTS": {"de": {"lost": "</script>weg"}}})
    app.route("/")(View)

    text = Client(app).http.get("/", headers={"Accept-Language": "de"}).get_data(as_text=True)

    config = re.search(r'id="lona-sync">(.*?)</script>', text)
    assert config is not None
    assert json.loads(config[1])["texts"] == {"lost": "</script>weg"}
