from __future__ import annotations

import pytest

from lona_sync.html import A, Div, Form, IFrame, Img, Node
from lona_sync.html.mutations import SetAttribute
from tests.html.owners import Recorder


def test_attributes_are_a_dict():
    node = Div(title="a", data_x=1)

    node.attributes["title"] = "b"
    node.attributes.update({"lang": "en", "dir": "ltr"})
    del node.attributes["dir"], node.attributes["never there"]

    assert node.attributes == {"title": "b", "data-x": 1, "lang": "en"}
    assert node.attributes.get("nothing") is None and node.attributes.pop("lang") == "en"
    assert list(node.attributes) == ["title", "data-x"] and "title" in node.attributes and len(node.attributes) == 2
    with pytest.raises(KeyError):
        node.attributes["nothing"]
    node.attributes.clear()
    assert not node.attributes


@pytest.mark.parametrize(("name", "value", "wire"), [
    ("title", "a", "a"),
    ("tabindex", 1, "1"),
    ("width", 1.5, "1.5"),
    ("title", True, True),
    ("title", False, None),
    ("disabled", "disabled", True),
    ("checked", "", True),
    ("hidden", "until-found", "until-found"),
    ("disabled", False, None),
    ("aria-hidden", True, "true"),
    ("aria-hidden", False, "false"),
    ("data-open", False, "false"),
    ("draggable", False, "false"),
    ("contenteditable", True, "true"),
    ("translate", False, "no"),
    ("autocomplete", False, "off"),
    ("value", 5, "5"),
    ("value", False, "False"),
])
def test_a_value_reaches_the_browser_as_html_has_it(name, value, wire):
    node = Div(attributes={name: value})

    assert node.attributes[name] == value
    assert node.wire_attributes().get(name) == wire


def test_changes_are_recorded_and_equal_values_are_not():
    node = Div(title="5")
    recorder = Recorder(node)

    node.attributes["title"] = 5
    node.attributes["lang"] = False
    node.attributes["title"] = True
    node.attributes["title"] = False
    del node.attributes["title"]
    node.attributes["lang"] = "en"
    del node.attributes["lang"]

    assert recorder.recorded == [
        SetAttribute(node, "title", True),
        SetAttribute(node, "title", False),
        SetAttribute(node, "lang", "en"),
        SetAttribute(node, "lang", False),
    ]


def test_attributes_can_be_set_as_a_whole():
    node = Div(title="a", lang="en")
    recorder = Recorder(node)

    node.attributes = {"title": "a", "dir": "rtl"}

    assert node.attributes == {"title": "a", "dir": "rtl"}
    assert recorder.recorded == [SetAttribute(node, "lang", False), SetAttribute(node, "dir", "rtl")]
    with pytest.raises(ValueError):
        node.attributes = [("title", "b")]
    with pytest.raises(ValueError):
        node.attributes = {"title": "b", "a b": "c"}
    assert node.attributes == {"title": "a", "dir": "rtl"}


@pytest.mark.parametrize("value", [None, [], {}, b"x", object], ids=repr)
def test_a_value_without_an_obvious_text_is_a_value_error(value):
    node = Div(title="a")

    with pytest.raises(ValueError, match="must be a str, int, float or bool"):
        node.attributes["title"] = value

    assert node.attributes["title"] == "a"


@pytest.mark.parametrize("name", [
    "", " ", "a b", "a\tb", "a\nb", 'a"', "a'", "a>", "a<", "a/", "a=", "@on", "@", "a\x00", "\x7f", "1a", "-a", "a\ud800",
], ids=ascii)
def test_a_name_that_no_browser_takes_is_a_value_error(name):
    node = Div()

    with pytest.raises(ValueError, match="an attribute name must be"):
        node.attributes[name] = "x"

    assert len(node.attributes) == 0


@pytest.mark.parametrize("name", ["viewBox", "xlink:href", "data-größe", "x-on", "_x", "accept-charset"])
def test_other_names_are_fine(name):
    assert Div(attributes={name: "x"}).attributes == {name: "x"}


@pytest.mark.parametrize("name", ["onclick", "ONLOAD", "onError"])
def test_script_in_handler_attributes_is_refused_with_the_way_to_do_it(name):
    with pytest.raises(ValueError, match="handle_click"):
        Div(**{name: "alert(1)"})


@pytest.mark.parametrize(("name", "right"), [
    ("id", "id_list"), ("class", "class_list"), ("style", "style"), ("CLASS", "class_list"),
])
def test_ids_classes_and_style_have_their_own_properties(name, right):
    with pytest.raises(RuntimeError, match=f"node.{right}"):
        Div().attributes[name] = "x"


@pytest.mark.parametrize("url", [
    "javascript:alert(1)", "JavaScript:alert(1)", " \x00\x1fjavascript:alert(1)", "java\nscr\tipt:alert(1)", "vbscript:x",
], ids=ascii)
@pytest.mark.parametrize(("node_class", "name"), [
    (A, "href"), (IFrame, "src"), (Form, "action"), (Node, "formaction"), (Node, "xlink:href"), (Img, "SRC"),
])
def test_javascript_urls_are_refused(node_class, name, url):
    node = node_class()

    with pytest.raises(ValueError, match="would run JavaScript"):
        node.attributes[name] = url

    assert name not in node.attributes


def test_other_urls_and_other_attributes_may_say_javascript():
    node = A(href="/javascript:", title="javascript:")
    node.set_href("https://example.org/?q=javascript:")

    assert node.attributes == {"href": "https://example.org/?q=javascript:", "title": "javascript:"}


def test_a_class_of_ones_own_may_allow_javascript_urls():
    class Bookmarklet(A):
        JAVASCRIPT_URLS = True

    assert Bookmarklet(href="javascript:x").attributes["href"] == "javascript:x"


def test_attributes_have_the_rest_of_a_dict():
    node = Div(title="a")

    node.attributes |= {"lang": "en"}
    found = node.attributes.setdefault("lang", "de"), node.attributes.setdefault("dir", "ltr"), node.attributes.pop("x", None)

    assert found == ("en", "ltr", None) and node.attributes == {"title": "a", "lang": "en", "dir": "ltr"}
    assert list(node.attributes.items()) == [("title", "a"), ("lang", "en"), ("dir", "ltr")]
    with pytest.raises(KeyError):
        node.attributes.pop("x")


@pytest.mark.parametrize("wrong", [{"lang": "en", "dir": None}, {"lang": "en", "a b": 1}, [("lang", "en")], 5, None], ids=repr)
def test_an_update_with_something_wrong_in_it_changes_nothing(wrong):
    node = Div(title="a")
    recorder = Recorder(node)

    with pytest.raises(ValueError):
        node.attributes.update(wrong)

    assert node.attributes == {"title": "a"} and recorder.recorded == []


def test_clearing_attributes_records_those_that_were_present():
    node = Div(title="a", hidden=False, lang="en")
    recorder = Recorder(node)

    node.attributes.clear()

    assert recorder.recorded == [SetAttribute(node, "title", False), SetAttribute(node, "lang", False)]


@pytest.mark.parametrize(("before", "after", "allowed"), [
    ("password", "text", True), ("text", "email", True), ("checkbox", "checkbox", True), ("text", "checkbox", False),
    ("range", "number", False), ("hidden", "text", False), ("number", True, False),
])
def test_an_input_that_is_shown_stays_the_control_that_it_is(before, after, allowed):
    node = Node(tag_name="input", type=before)
    node.attributes["type"] = "file"
    node.attributes["type"] = before
    Recorder(node)

    if allowed:
        node.attributes["type"] = after
    else:
        with pytest.raises(ValueError, match="Put a new input in its place"):
            node.attributes["type"] = after

    assert node.attributes["type"] == (after if allowed else before)


def test_the_type_of_what_is_no_input_is_a_word_like_any_other():
    node = Node(tag_name="ol", type="1")
    Recorder(node)

    node.attributes["type"] = "a"

    assert node.attributes["type"] == "a"


@pytest.mark.parametrize("name", ["Title", "tabIndex", "data-rowId", "srcSet"])
def test_capitals_that_a_browser_would_make_small_are_refused(name):
    with pytest.raises(ValueError, match=f"as '{name.lower()}', not '{name}'"):
        Div(attributes={name: "x"})


def test_the_capitals_of_svg_are_kept():
    assert str(Node(tag_name="svg", viewBox="0 0 1 1")) == '<svg viewBox="0 0 1 1"></svg>'


def test_zero_is_false_to_a_boolean_attribute():
    assert str(Div(hidden=0, inert=0.0, itemscope=1)) == "<div itemscope></div>"


def test_none_is_no_value_and_the_error_says_what_to_write():
    with pytest.raises(ValueError, match="leave it out or give False"):
        Div(title=None)
