from __future__ import annotations

import enum

import pytest

from lona_sync.html import Div, P, Pre, Span, Text, TextNode
from lona_sync.html.mutations import Insert, Remove, SetText
from tests.html.owners import Recorder


def test_a_text_is_its_string():
    text = Text("some text")

    assert str(text) == text.data == text.text == "some text"
    assert len(text) == 9 and bool(Text("")) is True
    assert text == Text("some text") and text == "some text" and text != "other" and text != 5
    assert TextNode is Text


def test_equal_texts_are_two_keys():
    first, second = Text("x"), Text("x")

    assert len({first, second}) == 2


def test_numbers_become_their_text_and_other_objects_are_refused():
    class Color(str, enum.Enum):
        RED = "red"

    assert [str(Text(value)) for value in (1, 2.5, True, Color.RED)] == ["1", "2.5", "True", "red"]
    with pytest.raises(TypeError, match=r"Convert it with str\(\) first"):
        Text(None)
    with pytest.raises(TypeError):
        Text("x").data = [1]


def test_a_changed_text_is_recorded_and_an_equal_one_is_not():
    text = Text("a")
    recorder = Recorder(Div(text))

    text.data = "a"
    text.set("b")
    text.text = 3

    assert recorder.recorded == [SetText(text, "b"), SetText(text, "3")]
    assert text.data == "3"


def test_set_text_changes_the_only_text_in_place():
    node = P("a")
    text = node[0]
    recorder = Recorder(node)

    node.set_text("a")
    node.set_text(5)

    assert node[0] is text and recorder.recorded == [SetText(text, "5")]


def test_set_text_replaces_other_children():
    child = Span("a")
    node = P(child)
    recorder = Recorder(node)

    node.set_text("b")

    assert node.get_text() == "b" and child.parent is None
    assert recorder.recorded == [Remove(child), Insert(node, node[0], None)]


def test_set_text_shows_anything_as_str_but_no_node():
    node = P()

    node.set_text({"a": 1})
    assert node.get_text() == "{'a': 1}"
    node.set_text(Text("<x>"))
    assert node.get_text() == "<x>"

    with pytest.raises(TypeError, match=r"node\.nodes = "):
        node.set_text(Span())


@pytest.mark.parametrize("text", ["", " ", "x ", "\n a \t", "<b>&amp;</b>", "a\x00\ud800"])
def test_get_text_is_exact(text):
    assert P(text).get_text() == text
    assert Div(" ", P(text), Span(P(text), "!")).get_text() == f" {text}{text}!"


def test_pre_writes_into_its_last_text():
    pre = Pre()
    recorder = Recorder(pre)

    pre.write_line("a")
    pre.write("b")
    pre.append(Span("c"))
    pre.write("d")

    assert [str(child) for child in pre] == ["a\nb", "<span>c</span>", "d"]
    assert recorder.recorded[1] == SetText(pre[0], "a\nb")
