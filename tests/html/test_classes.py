from __future__ import annotations

from typing import ClassVar

import pytest

from lona_sync.html import Div
from lona_sync.html.mutations import SetAttribute, SetClass
from tests.html.owners import Recorder


def test_a_class_list_is_a_small_set():
    node = Div(_class="a b\tc")

    node.class_list.add("d")
    node.class_list.append("d")
    node.class_list.remove("a")
    node.class_list.remove("never there")
    node.class_list.toggle("b")
    node.class_list.toggle("e")
    node.class_list.extend([1, "f"])

    assert list(node.class_list) == ["c", "d", "e", "1", "f"]
    assert node.class_list == {"1", "c", "d", "e", "f"} == set(node.class_list)
    assert node.class_list == ["f", "e", "d", "c", 1] and node.class_list != ["c"] and node.class_list != 5
    assert "c" in node.class_list and 1 in node.class_list and "a" not in node.class_list
    assert node.has_class("c") and not node.has_class("a") and len(node.class_list) == 5
    node.class_list.clear()
    assert not node.class_list and node.wire_attributes() == {}


@pytest.mark.parametrize("word", ["", "a b", "a\n", None, [], b"x"], ids=repr)
def test_a_wrong_word_is_a_value_error_and_changes_nothing(word):
    node = Div(_class="a", _id="b")

    for words in (node.class_list, node.id_list):
        with pytest.raises(ValueError, match="an id or class must"):
            words.add(word)
        with pytest.raises(ValueError, match="an id or class must"):
            words.extend(["new", word])
    with pytest.raises(ValueError):
        node.class_list = ["new", word]

    assert node.class_list == ["a"] and node.id_list == ["b"]


def test_each_class_is_recorded_by_itself():
    node = Div(_class="a b")
    recorder = Recorder(node)

    node.class_list.add("a")
    node.class_list = ["b", "c"]

    assert recorder.recorded == [SetClass(node, "a", False), SetClass(node, "c", True)]


def test_ids_are_recorded_as_the_attribute():
    node = Div(_id="a")
    recorder = Recorder(node)

    node.id_list.add("b")
    node.id_list.remove("a")
    node.id_list.clear()

    assert recorder.recorded == [
        SetAttribute(node, "id", "a b"), SetAttribute(node, "id", "b"), SetAttribute(node, "id", False),
    ]
    assert not node.has_id("a")


def test_defaults_of_a_class_are_copied():
    class Card(Div):
        CLASS_LIST: ClassVar = ["card"]
        ID_LIST: ClassVar = ["one"]
        STYLE: ClassVar = {"color": "red"}
        ATTRIBUTES: ClassVar = {"title": "x"}

    first, second = Card(_class=["big"], _id="two", _style="margin: 0", lang="en"), Card()
    first.class_list.remove("card")

    assert first.wire_attributes() == {
        "class": "big", "id": "one two", "style": "color: red; margin: 0", "title": "x", "lang": "en",
    }
    assert second.wire_attributes() == {"class": "card", "id": "one", "style": "color: red", "title": "x"}


def test_a_class_list_has_the_operators_of_a_set():
    node = Div(_class="a b")
    recorder = Recorder(node)

    node.class_list |= {"c", "a"}
    node.class_list -= {"a"}
    node.class_list &= {"b", "x", "c"}
    node.class_list.update(["d"])
    node.class_list.discard("never there")

    assert list(node.class_list) == ["b", "c", "d"]
    assert recorder.recorded == [SetClass(node, "c", True), SetClass(node, "a", False), SetClass(node, "d", True)]
    assert node.class_list & {"b"} == {"b"} and node.class_list | {"x"} == {"b", "c", "d", "x"} and node.class_list >= {"c"}


def test_a_class_list_set_to_itself_stays():
    node = Div(_class="a b", _id="i")
    recorder = Recorder(node)

    node.class_list = node.class_list
    node.id_list = ["i", "i"]

    assert recorder.recorded == [] and list(node.class_list) == ["a", "b"]


def test_a_dict_names_the_classes_that_are_meant():
    node = Div(_class={"active": True, "large wide": 1, "off": False, "none": None})

    node.class_list |= {"more": "yes", "less": ""}

    assert list(node.class_list) == ["active", "large", "wide", "more"]


def test_a_number_is_an_id():
    assert str(Div(_id=5)) == '<div id="5"></div>'


@pytest.mark.parametrize("words", [None, True, b"x", 5j], ids=repr)
def test_what_is_no_list_of_words_is_refused_with_the_way_to_have_none(words):
    node = Div(_class="a")

    with pytest.raises(ValueError, match="For none of them give ''"):
        node.class_list = words
    with pytest.raises(ValueError, match="ids or classes are a string or a list"):
        Div(_id=words)

    assert node.class_list == ["a"]


def test_toggle_may_be_told_which_way():
    node = Div(_class="a")

    node.class_list.toggle("a", True)
    node.class_list.toggle("b", False)
    node.class_list.toggle("c", True)
    node.class_list.toggle("a", False)

    assert node.class_list == ["c"]
