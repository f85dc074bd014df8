from __future__ import annotations

import pytest

from lona_sync.html import Node, RawHTML, parse_html, render
from lona_sync.html.children import walk
from lona_sync.html.syntax import Characters, Element, Source, parse_fragment
from tests.html.xss import IMG, TEXTS, cases

CASES = {case.name: case for case in cases()}


def elements(root: Element) -> list[Element]:
    found, waiting = [], [root]
    while waiting:
        element = waiting.pop()
        found.append(element)
        waiting.extend(child for child in element.children if not isinstance(child, Characters))
    return found


def test_there_are_enough_and_no_two_have_one_name():
    names = [case.name for case in cases()]

    assert len(names) == len(set(names)) > 400


@pytest.mark.parametrize("name", CASES, ids=ascii)
def test_an_attack_is_refused_or_only_shown(name):
    case = CASES[name]

    if case.refused:
        with pytest.raises(ValueError, match="invalid HTML in line" if name.startswith("markup") else None):
            case.build()
        return
    node = case.build()

    assert all(not isinstance(each, RawHTML) and each.tag_name != "script" for each in walk(node) if isinstance(each, Node))
    try:
        markup = render(node)
    except ValueError as error:
        assert "which HTML cannot escape there" in str(error)
        return
    for element in elements(parse_fragment(Source(markup, strict=False))):
        assert element.name != "script" and not any(each.startswith("on") for each in element.attributes)
        assert not any(value.startswith("javascript:") for name, value in element.attributes.items() if name in ("href", "src"))


@pytest.mark.parametrize("text", [*TEXTS, IMG * 100], ids=ascii)
def test_a_text_is_no_selector_that_runs_or_crashes(text):
    root = parse_html("<div><p class='a'>x</p></div>")

    for selector in (text, f"[title='{text}']", f"#{text}", f".a:not({text})", f"p{text}"):
        try:
            assert root.query_selector_all(selector) is not None
        except ValueError as error:
            assert "selector" in str(error)
