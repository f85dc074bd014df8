"""Random trees and random markup, made of what confuses parsers: whatever we write, Chromium reads no script into it.

Attacks of this kind ("mutation XSS") live from an element that one parser takes for text and another one for markup.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from lona_sync.html import Node, Text, TreeNode, parse_html, render
from tests.html.xss import IMG

pytestmark = pytest.mark.js

COUNT = 4_000
TAGS = """
    div p a b table tbody tr td caption colgroup col select option optgroup button form fieldset legend textarea title noscript
    noembed noframes iframe xmp plaintext listing pre template svg math foreignObject desc annotation-xml mtext mi mglyph
    malignmark head body html frameset frame object ruby rt dialog nobr image font style style style style svg math
""".split()
ENDS = "style script select textarea title noscript noembed noframes iframe xmp plaintext svg math template table p".split()
PIECES = [
    f"</style>{IMG}", f"<!--{IMG}-->", f"--!>{IMG}", f"<![CDATA[{IMG}]]>", f"]]>{IMG}", "<!--", "-->", "<![CDATA[", "]]>",
    f"<a title='{IMG}'>", f"<a title='</style>{IMG}'>", f"<p title='</noscript>{IMG}'>", f"<b title='--><{IMG}'>", "<style/>",
    IMG.replace("<", "&lt;"), f"</style>{IMG}".replace("<", "&lt;"), "<annotation-xml encoding='text/html'>", "<svg/>",
]
FIND_SCRIPTS = """(markups) => markups.filter((markup) => {
  const live = document.createElement('div');
  live.innerHTML = markup;
  const inert = new DOMParser().parseFromString(`<!doctype html><title>x</title><body>${markup}`, 'text/html');
  const template = inert.createElement('template');
  template.innerHTML = markup;
  const runs = (root) => root.querySelector('[onerror], script, [href^=java]') !== null
    || [...root.querySelectorAll('template')].some(({content}) => content && runs(content));
  return [live, inert, template.content].some(runs);
})"""


def random_tree(chance: random.Random, depth: int) -> TreeNode:
    if depth == 0 or chance.random() < 0.15:
        return Text(random_text(chance))
    tag = chance.choice(TAGS)
    children = [random_tree(chance, depth - 1) for _ in range(chance.randrange(4))]
    attributes = {"title": random_text(chance)} if chance.random() < 0.3 else {}
    if tag == "annotation-xml":
        attributes["encoding"] = "text/html"
    node = Node(tag_name=tag, attributes=attributes)
    if not node.self_closing_tag:
        node.nodes = [Text(random_text(chance))] if tag == "style" else children
    return node


def random_rendered_tree(chance: random.Random) -> str:
    return render(random_tree(chance, chance.randrange(1, 5)))


def random_text(chance: random.Random) -> str:
    end = chance.choice(ENDS)
    before, after = chance.choice([("", ""), (f"</{end}>", ""), (f"<!--</{end}>", ""), (f"--></{end}>", "<!--"), (f"<{end}>", "")])
    return before + IMG + after


def random_markup(chance: random.Random) -> str:
    pieces = [
        chance.choice([f"<{chance.choice(TAGS)}>", f"<{chance.choice(TAGS)}>", f"</{chance.choice(TAGS)}>", chance.choice(PIECES)])
        for _ in range(chance.randrange(1, 14))
    ]
    return "".join(render(node) for node in parse_html("".join(pieces), flat=False))


@pytest.mark.parametrize("make", [random_rendered_tree, random_markup])
def test_no_script_gets_into_what_we_write(page: Page, make: Callable[[random.Random], str]) -> None:
    chance, markups = random.Random(1), []
    for _ in range(COUNT):
        try:
            markups.append(make(chance))
        except ValueError:
            continue                                            # refused

    found = page.evaluate(FIND_SCRIPTS, markups)

    assert len(markups) > COUNT / 2 and found == []


def test_the_test_finds_scripts(page: Page) -> None:
    hostile = [IMG, f"<b>{IMG}</b>", f"<template>{IMG}</template>", "<svg><script>1</script></svg>", "<a href=javascript:1>x</a>"]

    assert page.evaluate(FIND_SCRIPTS, [*hostile, "<b>x</b>"]) == hostile
