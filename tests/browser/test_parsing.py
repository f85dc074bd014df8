"""What `parse_html` takes a text for is what Chromium takes it for.

`tests/html/test_parsing.py` compares our reading with the same file, so a browser is not needed for that half.
"""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import Page, sync_playwright

from lona_sync.html import render
from lona_sync.html.node import MATH_NAMESPACE, SVG_NAMESPACE
from tests.html.markup import Tree, load, read_nodes, save
from tests.html.test_parsing import REFUSED, read_plainly

pytestmark = pytest.mark.js

# The template belongs to a document without scripts, so that <noscript> has content.
READ = """([texts, names]) => {
  const inert = document.implementation.createHTMLDocument('');
  const read = (parent) => {
    const tree = [];
    for (const node of (parent instanceof HTMLTemplateElement ? parent.content : parent).childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (typeof tree.at(-1) === 'string') tree[tree.length - 1] += node.data;
        else tree.push(node.data);
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        const attributes = Object.fromEntries([...node.attributes].map(({name, value}) => [name, value]));
        tree.push([node.localName, names[node.namespaceURI] ?? '', attributes, read(node)]);
      }
    }
    return tree;
  };
  return texts.map((text) => {
    const template = inert.createElement('template');
    template.innerHTML = text;
    return read(template);
  });
}"""


#: What our renderer refuses or writes in its own way, each time on the safe side.
RENDERED_OTHERWISE = {
    # HTML has no way to write it so that it is always read again.
    "<script><!-- <script>a</script> --></script>b", "<script><!--</script>a", "<script><!--><script></script>a",
    # A style contains text only, in SVG too.
    "<svg><style>a > b { c: '<d>' }</style><a href='#x'><text>t</text></a></svg>",
    # In doubt text is escaped, although browsers do not decode it in these elements.
    "<iframe><p>a</iframe>b", "<xmp><b>a</xmp>b", "<noembed><b></noembed><noframes><i></noframes>c", "<p>a<plaintext><b>c</p>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src>",
}


def chromium_reads(page: Page, texts: list[str]) -> list[Tree]:
    trees: list[Tree] = page.evaluate(READ, [texts, {SVG_NAMESPACE: "svg", MATH_NAMESPACE: "math"}])
    return trees


def test_chromium_reads_the_stored_texts_as_it_is_stored(page: Page) -> None:
    cases = load()

    trees = chromium_reads(page, [case.markup for case in cases])

    differing = [(case.markup, case.tree, tree) for case, tree in zip(cases, trees, strict=True) if tree != case.tree]
    assert len(cases) >= 120 and not differing


def test_what_we_have_read_and_rendered_chromium_reads_the_same(page: Page) -> None:
    markups = [case.markup for case in load() if case.markup not in REFUSED and case.markup not in RENDERED_OTHERWISE]
    nodes = [read_plainly(markup) for markup in markups]

    trees = chromium_reads(page, ["".join(map(render, each)) for each in nodes])

    differing = [(markup, tree) for markup, each, tree in zip(markups, nodes, trees, strict=True) if read_nodes(each) != tree]
    assert not differing


if __name__ == "__main__":
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        stored = load()
        found = chromium_reads(page, [case.markup for case in stored])
        save([replace(case, tree=tree) for case, tree in zip(stored, found, strict=True)])
        browser.close()
