from __future__ import annotations

import pytest

from lona_sync.html import RawHTML, Span
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder


def test_inner_html_is_recorded_when_it_changes():
    node = RawHTML("<b>a</b>")
    recorder = Recorder(node)

    node.inner_html = "<b>a</b>"
    node.inner_html = "<i>b</i>"

    assert node.inner_html == "<i>b</i>" and node.wire_attributes() == {"@html": "<i>b</i>"}
    assert recorder.recorded == [SetAttribute(node, "@html", "<i>b</i>")]


@pytest.mark.parametrize("change", [
    pytest.param(lambda node: node.append("x"), id="append"),
    pytest.param(lambda node: node.nodes.insert(0, Span()), id="insert"),
    pytest.param(lambda node: setattr(node, "nodes", ["x"]), id="nodes"),
    pytest.param(lambda node: node.set_text("x"), id="set_text"),
    pytest.param(lambda node: RawHTML(nodes=["x"]), id="constructor"),
])
def test_its_children_are_frozen(change):
    node = RawHTML("x")

    with pytest.raises(RuntimeError, match="Cannot modify frozen NodeList"):
        change(node)

    assert len(node) == 0


@pytest.mark.parametrize("inner_html", [None, b"x", 5, Span()], ids=repr)
def test_inner_html_is_a_string(inner_html):
    with pytest.raises(TypeError, match="inner_html must be a str"):
        RawHTML(inner_html)
    with pytest.raises(TypeError, match="inner_html must be a str"):
        RawHTML().inner_html = inner_html
