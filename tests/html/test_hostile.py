"""What somebody may try who can choose a text, a name or a value, but not the program."""

from __future__ import annotations

import pytest

from lona_sync.html import SVG, Div, IFrame, Math, Node, RawHTML, Script, Style

MARKUP = "<img src=x onerror=alert(1)>"


def foreign_object(*nodes: Node) -> Node:
    return Node(*nodes, tag_name="foreignObject")


@pytest.mark.parametrize("raw_text", [Style, Script])
@pytest.mark.parametrize("outer", [
    lambda node: Math(SVG(foreign_object(node))),
    lambda node: Math(SVG(foreign_object(Node(node, tag_name="title")))),
    lambda node: SVG(foreign_object(Math(SVG(foreign_object(node))))),
    lambda node: SVG(Node(Math(foreign_object(node)), tag_name="title")),
    lambda node: SVG(Node(Math(foreign_object(node)), tag_name="p")),
    lambda node: Math(foreign_object(SVG(foreign_object(node)))),
    lambda node: SVG(foreign_object(Math(node))),
], ids=["math svg", "math svg title", "svg math svg", "title", "p", "two", "math in html"])
def test_what_a_parser_takes_for_an_ordinary_element_is_escaped(outer, raw_text):
    # An <svg> inside of <math> is an element of MathML with this name, and its <foreignObject> does not lead back to HTML.
    html = str(outer(raw_text(MARKUP)))

    assert "&lt;img" in html and "<img" not in html


@pytest.mark.parametrize("outer", [
    lambda node: SVG(foreign_object(node)),
    lambda node: SVG(SVG(foreign_object(Div(node)))),
    lambda node: SVG(foreign_object(SVG(foreign_object(node)))),
    lambda node: foreign_object(node),
], ids=["svg", "nested svg", "twice", "no svg"])
def test_what_a_parser_takes_for_raw_text_stays_as_it_is(outer):
    assert "<style>a > b</style>" in str(outer(Style("a > b")))


@pytest.mark.parametrize("name", ["srcdoc", "SRCDOC"])
def test_a_document_in_an_attribute_is_markup(name):
    frame = IFrame()

    with pytest.raises(ValueError, match="RawHTML"):
        frame.attributes.update({name: "<script>alert(1)</script>"})

    assert not frame.attributes


def test_a_class_may_ask_for_a_document_in_an_attribute():
    class Preview(IFrame):
        JAVASCRIPT_URLS = True

    assert Preview(srcdoc="<b>").attributes["srcdoc"] == "<b>"


@pytest.mark.parametrize("value", [
    "url(a\"b);background:red;x:\")",
    "url(a'b);background:red;x:')",
    "url( a \"b);background:red;x:\")",
    "URL(a'b);background:red;x:')",
    "url(a(b);background:red;x:url(b)c)",
    "\\75 rl(a'b);background:red;x:')",
    "u\\72l(a\"b);background:red;x:\")",
    "\\55\\52\\4C(a'b);background:red;x:')",
    "url(a[\"b);background:red;x:\"])",
    "url(a[b]\"c);background:red;x:\")",
    "url(a\nb\"c);background:red;x:\")",
])
def test_an_address_without_quotes_ends_at_its_bracket(value):
    # CSS does not know quotes inside of it, so what looks like a string to the end brings in a second declaration.
    with pytest.raises(ValueError, match="style"):
        Div().style["color"] = value
    with pytest.raises(ValueError, match="style"):
        Div(_style=f"color: {value}")


@pytest.mark.parametrize("value", [
    "url(data:image/png;base64,AA==)", "url('a\"b(c;d')", "url( \"a)b\" ) no-repeat", "myurl('a')", "calc(1px + (2px * 3))",
    "\"\\201C\" counter(x)", "url(a\\)b;c)", "rgb(1, 2, 3)", "url()", "image-set(url('a') 1x, url(b) 2x)",
])
def test_addresses_and_functions_of_css_are_taken(value):
    node = Div()

    node.style["background"] = value

    assert node.style["background"] == value


@pytest.mark.parametrize("name", ["a:", "a:b:c", "xml:a", "xmlns:a", "xmlns", "a:1"])
def test_a_tag_that_no_namespace_may_have_is_refused(name):
    # createElementNS() throws in the middle of a patch.
    with pytest.raises(ValueError, match="tag name"):
        Node(tag_name=name)


@pytest.mark.parametrize("name", ["xlink:", "xlink:a:b", "xlink:1"])
def test_an_attribute_that_no_namespace_may_have_is_refused(name):
    with pytest.raises(ValueError, match="attribute name"):
        Div(attributes={name: "x"})


def test_names_with_a_prefix_are_taken():
    assert str(Node(tag_name="x:y", attributes={"xlink:title": "t", "xml:lang": "en"})) \
        == '<x:y xlink:title="t" xml:lang="en"></x:y>'


@pytest.mark.parametrize("show", [
    lambda text: Div(text), lambda text: Div(title=text), lambda text: Div(_class=[text]), lambda text: Div(_id=[text]),
    lambda text: Div(data_x=text), lambda text: Node(text, tag_name="textarea"), lambda text: Node(text, tag_name="title"),
    lambda text: Node(text, tag_name="xmp"), lambda text: Node(text, tag_name="noscript"),
], ids=["text", "attribute", "class", "id", "data", "textarea", "title", "xmp", "noscript"])
def test_no_text_is_ever_markup(show):
    hostile = "\"'></textarea></title></xmp></noscript><script>alert(1)</script>"

    html = str(show(hostile))

    assert "<script" not in html and '"\'' not in html


def test_only_raw_html_is_markup():
    assert MARKUP in str(RawHTML(MARKUP))
