"""What a live region has in the tree; what a screen reader gets of it stands in tests/browser/test_live_region.py."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lona_sync.html import Span, Text, render
from lona_sync.html.live_region import VISUALLY_HIDDEN, LiveRegion
from lona_sync.html.mutations import SetText
from tests.html.owners import Recorder


def test_it_is_polite_unless_it_is_told_otherwise():
    polite, assertive = LiveRegion(), LiveRegion(assertive=True)

    assert render(polite) == '<div role="status" aria-live="polite" aria-atomic="true"></div>'
    assert render(assertive) == '<div role="alert" aria-live="assertive" aria-atomic="true"></div>'
    assert (polite.assertive, assertive.assertive) == (False, True)


def test_what_is_given_for_it_is_kept():
    region = LiveRegion(Span("3 rows"), assertive=True, _role="log", _id="said", _class="box")

    assert region.attributes["role"] == "log" and region.has_id("said") and region.has_class("box")
    assert region.announcement == "3 rows"


def test_hidden_is_out_of_sight_and_not_silent():
    region = LiveRegion(hidden=True, _style="color: red")

    assert "hidden" not in region.attributes
    assert region.style == {"color": "red", **VISUALLY_HIDDEN}
    assert "display" not in region.style and "visibility" not in region.style


def test_an_announcement_is_all_that_stands_in_it():
    region = LiveRegion(Span("loading"), "…")

    region.announce(3)

    assert region.get_text() == region.announcement == "3"
    assert len(region) == 1


def test_the_same_words_are_another_text_each_time():
    text = Text("Saved")
    region = LiveRegion(text)
    recorder = Recorder(region)

    for _ in range(3):
        region.announce("Saved")

    assert recorder.recorded == [SetText(text, "Saved" + "\u00a0" * blanks) for blanks in (1, 2, 3)]
    assert region.announcement == "Saved"


def test_the_same_words_for_ever_do_not_grow_for_ever():
    region = LiveRegion()
    texts = []

    for _ in range(100):
        region.announce("Saved")
        texts.append(region.get_text())

    assert all(before != after for before, after in pairwise(texts))
    assert max(map(len, texts)) < len("Saved") + 10


@pytest.mark.parametrize("words", ["Saved!", "Save", "Saved\u00a0now", ""])
def test_other_words_stand_there_as_they_are(words):
    region = LiveRegion()
    region.announce("Saved")
    region.announce("Saved")

    region.announce(words)

    assert region.get_text() == words


def test_a_node_cannot_be_announced():
    region = LiveRegion("before")

    with pytest.raises(TypeError, match="set_text takes a text"):
        region.announce(Span("markup"))

    assert region.announcement == "before"


