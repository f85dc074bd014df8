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
    assert recorder.recorded == [Insert(node, node[0], None), Remove(child)]


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


@pytest.mark.parametrize(("method", "arguments"), [
    ("upper", ()), ("replace", ("a", "b")), ("strip", ()), ("center", (9, "-")), ("format", (1,)), ("removeprefix", (" ",)),
])
def test_a_text_has_the_methods_of_str_and_they_make_texts(method, arguments):
    text = Text(" a{}")

    made = getattr(text, method)(*arguments)

    assert type(made) is Text and made.data == getattr(" a{}", method)(*arguments)
    assert made.parent is None and text.data == " a{}"


def test_methods_of_str_that_make_no_string_return_what_they_return():
    text = Text("a b")

    assert text.split() == ["a", "b"] and text.find("b") == 2 and text.count(" ") == 1 and text.startswith(Text("a"))
    assert text.encode() == b"a b" and text.isdigit() is False
    with pytest.raises(AttributeError, match="no attribute 'uper'"):
        text.uper()


def test_a_text_can_be_joined_cut_searched_and_counted_with():
    text = Text("12.5")

    made = [text + "x", text + Text("y"), "z" + text, text[0], text[-2:]]

    assert [type(each) for each in made] == [Text] * 5
    assert [str(each) for each in made] == ["12.5x", "12.5y", "z12.5", "1", ".5"]
    assert float(text) == 12.5 and int(Text("12")) == 12 and "2." in text and "25" not in text
    assert f"{text:>6}" == "  12.5" and "%s" % text == "12.5"          # noqa: UP031 (one of the ways to show it)
    for wrong in (lambda: text + 1, lambda: 1 + text):
        with pytest.raises(TypeError):
            wrong()


def test_adding_to_a_text_in_place_says_how_to_change_what_is_shown():
    node = P("a")

    with pytest.raises(TypeError, match=r"text\.set"):
        node[0] += "b"

    assert node.get_text() == "a"


def test_pre_writes_into_its_last_text():
    pre = Pre()
    recorder = Recorder(pre)

    pre.write_line("a")
    pre.write("b")
    pre.append(Span("c"))
    pre.write("d")

    assert [str(child) for child in pre] == ["a\nb", "<span>c</span>", "d"]
    assert recorder.recorded[1] == SetText(pre[0], "a\nb")


def test_a_line_in_a_long_pre_costs_a_line():
    pre = Pre()
    recorder = Recorder(pre)

    for number in range(2000):
        pre.write_line(f"line {number}")

    sent = [len(change.text) for change in recorder.recorded if isinstance(change, SetText)]
    assert max(sent) < 2 * Pre.PIECE and pre.get_text() == "".join(f"line {number}\n" for number in range(2000))
