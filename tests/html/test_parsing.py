from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html import (
    HTML,
    A,
    B,
    Base,
    Button,
    CheckBox,
    Col,
    Div,
    Em,
    Img,
    Li,
    Node,
    Option,
    P,
    ParseError,
    Pre,
    Script,
    Section,
    Select,
    Span,
    Strong,
    Submit,
    Table,
    TBody,
    Text,
    TextArea,
    TextInput,
    TFoot,
    Tr,
    Ul,
    parse_html,
    render,
)
from lona_sync.html.node import HTML_NAMESPACE, MATH_NAMESPACE, SVG_NAMESPACE
from lona_sync.html.syntax import MAX_CHARACTERS, MAX_DEPTH, MAX_PARTS, Source, parse_fragment
from tests.html.markup import load, read_element, read_nodes

CASES = load()

#: What a browser takes and a node does not: the error that says so.
REFUSED = {
    "<K\u212a>a": "a tag name must be",                     # createElement() throws, so it could not be shown
    "<a<b>c": "a tag name must be",
    "\0a<p\0b c\0=d\0>\0</p>": "a tag name must be",
    "<p =a>x": "an attribute name must be",                 # setAttribute() throws
    "<p a&amp;b=c&amp>x": "an attribute name must be",
    '<p "a">x': "an attribute name must be",
    "<a <b>c</b>": "an attribute name must be",
    "<img src=x onerror=alert(1)>": "'onerror' would run JavaScript",
    "<svg/onload=alert(1)>": "'onload' would run JavaScript",
    "<a href='java&#10;script:alert(1)'>x</a>": "'href' would run JavaScript",
}

#: What a node says in other words than the browser's attributes.
IN_OTHER_WORDS = {
    # A boolean attribute is there or not; its value means nothing.
    "<input disabled readonly=readonly required=''>": [["input", "", {"disabled": "", "readonly": "", "required": ""}, []]],
    # Classes and ids are words: blanks and repetitions mean nothing.
    "<p class='a  b\ta' id=' x '>y": [["p", "", {"class": "a b", "id": "x"}, ["y"]]],
    # Markup cannot pretend to be a node of ours.
    "<p data-lona-node-id=5 data-lona-ignore>a": [["p", "", {"data-lona-ignore": "true"}, ["a"]]],
}


def messages(markups):
    """The mistakes that strict mode sees, each with its place."""
    found = []
    for markup in markups:
        with pytest.raises(ParseError) as error:
            parse_html(markup, strict=True)
        found.append((error.value.line, error.value.column, str(error.value).partition(": ")[2]))
    return found


def read_plainly(markup):
    """The roots, as plain nodes; scripts are taken, too."""
    return parse_html(markup, use_high_level_nodes=False, flat=False, node_classes={"script": Script})


@pytest.mark.parametrize("group", sorted({case.group for case in CASES}))
def test_a_text_is_read_as_chromium_reads_it(group):
    cases = [case for case in CASES if case.group == group]

    trees = [read_element(parse_fragment(Source(case.markup, strict=False))) for case in cases]

    assert trees == [case.tree for case in cases]


def test_nodes_are_what_chromium_has():
    cases = [case for case in CASES if case.markup not in REFUSED]

    trees = [read_nodes(read_plainly(case.markup)) for case in cases]

    assert trees == [IN_OTHER_WORDS.get(case.markup, case.tree) for case in cases]


@pytest.mark.parametrize("markup", REFUSED, ids=ascii)
def test_what_no_node_may_have_is_refused_with_its_name(markup):
    with pytest.raises(ParseError, match=REFUSED[markup]):
        parse_html(markup)


def test_all_that_is_refused_or_said_otherwise_is_in_the_stored_texts():
    assert REFUSED.keys() | IN_OTHER_WORDS.keys() <= {case.markup for case in CASES}


def test_an_error_tells_line_and_column():
    with pytest.raises(ParseError, match="invalid HTML in line 2, column 9: <img>: attribute 'onload' would run") as error:
        parse_html("<p>\r\n   <img onload=x>")

    assert (error.value.line, error.value.column) == (2, 9)


def test_one_node_comes_alone_and_several_in_a_list():
    assert parse_html("<p>a</p>") == P("a") and parse_html("a") == Text("a")
    assert parse_html("<b>a</b> <i>b</i>")[1] == Text(" ") and len(parse_html("<b>a</b> <i>b</i>")) == 3
    assert parse_html("") == [] and parse_html("<p>a</p>", flat=False) == [P("a")]


def test_the_layout_around_a_single_element_does_not_count():
    assert parse_html("\n  <p>a</p>\n") == P("a")
    assert parse_html("\n  <p>a</p>\n", flat=False) == ["\n  ", P("a"), "\n"]
    assert parse_html(" \u00a0<p>a</p>") == [" \u00a0", P("a")]


def test_blanks_between_texts_and_elements_stay():
    node = parse_html("<p>Hello <b>World</b>!\n</p>")

    assert node == P("Hello ", B("World"), "!\n")


def test_html_reads_strings_with_brackets_only():
    assert HTML("<p>a</p>") == P("a") and HTML("\n <p>a</p>\n") == P("a")
    assert HTML("<p>a<p>b") == Div(P("a"), P("b")) and HTML("<b>a</b>", Span(), "c") == Div(B("a"), Span(), "c")
    assert HTML("a &amp; b") == Div("a &amp; b") and HTML("a > b &amp; c") == Div("a > b & c")
    assert HTML("\\<b>") == Div("<b>") and HTML("x", "\\<b>") == Div("x", "<b>")


def test_html_takes_classes_as_parse_html_does():
    class Card(Div):
        pass

    assert type(HTML("<x-card>", node_classes={"x-card": Card})) is Card
    assert type(HTML("<input>", use_high_level_nodes=False)) is Node


def test_inputs_have_their_classes():
    text, check, submit, area, button, other = parse_html(
        "<input value=a disabled><input type=CHECKBOX checked><input type=submit value=go><textarea rows=2>\nx &amp; y</textarea>"
        "<button>ok</button><input type=fantasy>"
    )

    assert isinstance(text, TextInput) and text.value == "a" and text.disabled
    assert isinstance(check, CheckBox) and check.value is True
    assert isinstance(submit, Submit) and submit.attributes["value"] == "go"
    assert isinstance(area, TextArea) and area.value == "x & y" and not len(area)
    assert isinstance(button, Button) and button.interactive
    assert type(other) is Node and other.attributes["type"] == "fantasy"


def test_a_select_knows_its_options():
    select = parse_html(
        "<select><option> A\n b <optgroup label=g><option value=2 selected>B<option selected>C</optgroup></select>"
    )

    assert isinstance(select, Select) and all(isinstance(option, Option) for option in select.options)
    assert select.values == ("A b", "2", "C") and select.value == "C"
    assert [option.selected for option in select.options] == [False, False, True]
    assert "value" not in select.options[0].attributes


def test_a_multiple_select_keeps_all_that_is_selected():
    select = parse_html("<select multiple><option selected>a<option>b<option selected>c</select>")

    assert select.value == ("a", "c")


def test_without_high_level_nodes_everything_is_a_node():
    roots = parse_html("<input><textarea>x</textarea><select><option>a</select><svg></svg>", use_high_level_nodes=False)

    assert all(type(node) is Node for node in roots) and roots[1].get_text() == "x" and not roots[0].interactive


def test_a_class_of_the_user_comes_before_ours():
    class Name(TextInput):
        pass

    class Card(Section):
        CLASS_LIST = ("card",)

    card = parse_html("<section class='big'><input value=x></section>", node_classes={"input": Name, "section": Card})

    assert type(card) is Card and card.class_list == ["card", "big"]
    assert type(card[0]) is Name and card[0].value == "x"


def test_a_class_of_the_user_may_allow_what_nodes_refuse():
    class Bookmarklet(A):
        JAVASCRIPT_URLS = True

    link = parse_html("<a href='javascript:x'>y</a>", node_classes={"a": Bookmarklet})

    assert link.attributes["href"] == "javascript:x"


@pytest.mark.parametrize(("markup", "column"), [
    ("<b>x</b>\n<script>alert(1)</script>", 1), ("\n <SCRIPT src=x>", 2), ("\n<svg><script>x</script></svg>", 6),
    ("\n<template><td><script>", 15), ("\n<noscript><script>", 11), ("\n<select><script>", 9), ("\n<table><script>", 8),
    ("\n<svg><foreignObject><script/>", 21), ("\n<svg><a:script>x</a:script></svg>", 6), ("\n<math><x:SCRIPT>", 7),
], ids=ascii)
@pytest.mark.parametrize("high_level", [True, False])
def test_scripts_in_markup_are_refused_with_their_place_and_the_way_to_allow_them(markup, column, high_level):
    with pytest.raises(ParseError, match=r"scripts in markup are refused.*node_classes=\{'script': Script\}") as error:
        parse_html(markup, high_level)

    assert (error.value.line, error.value.column) == (2, column)
    with pytest.raises(ValueError, match="scripts in markup"):
        HTML(markup)


def test_scripts_of_ones_own_are_allowed_by_naming_their_class():
    script = parse_html("<script src='/a.js' defer>a < b</script>", node_classes={"script": Script})

    assert script == Script("a < b", src="/a.js", defer=True)
    assert HTML("<div><script>x</script></div>", node_classes={"script": Script}) == Div(Script("x"))


def test_a_base_address_in_markup_is_refused_unless_its_class_is_named():
    with pytest.raises(ParseError, match=r"would go there.*node_classes=\{'base': Base\}"):
        parse_html("<p>x</p><base href='//elsewhere/'>")

    assert parse_html("<base href='/here/'>", node_classes={"base": Base}) == Base(href="/here/")


def test_attributes_become_what_nodes_have():
    node = parse_html("<p id='a b' class='c d' style='color: red; margin: 0' hidden title data-x=1 aria-hidden=false>")

    assert node == P(_id="a b", _class="c d", _style="color: red; margin: 0", hidden=True, title="", data_x="1", aria_hidden=False)


def test_hidden_until_found_stays():
    assert parse_html("<p hidden=until-found>").wire_attributes() == {"hidden": "until-found"}


def test_markup_cannot_pretend_to_be_made_by_the_framework():
    link = parse_html("<a href=x data-lona-ignore data-lona-node-id=7 DATA-LONA-WINDOW=1>y</a>")

    assert set(link.attributes) == {"href", "data-lona-ignore"} and link.ignore and not link.interactive


def test_a_textarea_has_no_value_but_its_text():
    assert parse_html("<textarea value=x>y</textarea>").value == "y"
    assert str(parse_html("<textarea value=x>y</textarea>", use_high_level_nodes=False)) == "<textarea>y</textarea>"


def test_table_parts_can_stand_alone():
    row = parse_html("<!-- c --> <tr><td>x</td></tr>")

    assert isinstance(row, Tr) and str(row) == "<tr><td>x</td></tr>"


def test_names_of_svg_get_their_case_and_namespace():
    svg = parse_html("<svg viewbox='0 0 1 1'><lineargradient/><title>a<b>c</b></title><foreignobject><p>d</foreignobject></svg>")
    gradient, title, foreign = svg

    assert svg.attributes["viewBox"] == "0 0 1 1" and svg.namespace_own is None
    assert (gradient.tag_name, gradient.namespace, gradient.namespace_own) == ("linearGradient", SVG_NAMESPACE, None)
    assert title[1].namespace_own == HTML_NAMESPACE and title[1].namespace == "" and type(title) is Node
    assert foreign.tag_name == "foreignObject" and foreign[0].namespace_own is None and foreign[0].namespace == ""


def test_an_element_called_svg_inside_of_mathml_is_none_of_svg():
    math = parse_html("<math><svg><g/></svg><annotation-xml><svg></svg></annotation-xml></math>")

    assert math[0].namespace == math[0][0].namespace == MATH_NAMESPACE
    assert math[1][0].namespace == SVG_NAMESPACE


def test_void_names_of_svg_can_have_children():
    svg = parse_html("<svg><link><g></g></link></svg>")

    assert str(svg) == "<svg><link><g></g></link></svg>"


def test_lone_surrogates_stay():
    assert parse_html("\ud800<b title='\udfff'>", flat=False) == ["\ud800", B(title="\udfff")]


@pytest.mark.parametrize("markup", [
    "<p>a<p>b", "<ul><li>a<li>b</ul>", "<dl><dt>a<dd>b</dl>", "<table><tr><td>a<td>b</table>", "<br><img src=x alt=''/>",
    "<select><option>a<option>b</select>", "<a href='?a=1&copy=2'>x</a>", "a &amp; b", "<!doctype html><p>a",
    "<!-- c --><x-y>a</x-y>", "<svg><path/></svg>", "<pre>\na</pre>", "<style>a < b</style>", "<tr><td>x</td></tr>",
    "<P>a</p>", "<template><td>a</td></template>",
])
def test_strict_mode_takes_what_the_standard_allows(markup):
    assert parse_html(markup, strict=True, flat=False) == parse_html(markup, flat=False)


def test_strict_mode_names_elements_that_are_not_closed_or_overlap():
    assert messages(["<div>a", "<p>\n<b>x</p>", "<b><i>x</b></i>", "<p>a\n <div>b</p>", "<ul><li><b>a</ul>", "<textarea>a"]) == [
        (1, 1, "missing end tag </div>"),
        (2, 5, "</b> expected, </p> received"),
        (1, 8, "</i> expected, </b> received"),
        (2, 8, "missing start tag for </p>"),
        (1, 13, "</b> expected, </ul> received"),
        (1, 11, "missing end tag </textarea>"),
    ]


def test_strict_mode_names_tags_that_cannot_stand_where_they_are():
    assert messages(["a</b>", "<div/>", "<table>x</table>", "<div><td>x</div>", "<svg><p>x", "<h1>a<h2>b"]) == [
        (1, 2, "missing start tag for </b>"),
        (1, 1, "<div/> has content; its end tag </div> is missing"),
        (1, 8, "this cannot stand directly inside of <table>; it is shown in front of the table"),
        (1, 6, "<td> cannot stand here and is left out"),
        (1, 6, "</svg> expected, <p> received"),
        (1, 6, "</h1> expected, <h2> received"),
    ]


def test_strict_mode_names_what_is_wrong_in_the_text_of_a_tag():
    assert messages(["<p a=1\n  A=2>", "<p a='x", "a < b", "<!-- a", "<?php ?>"]) == [
        (2, 3, "attribute 'a' is there twice; browsers take the first one"),
        (1, 1, "'<p' has no '>' at its end"),
        (1, 3, "a '<' that begins no tag is written '&lt;'"),
        (1, 1, "this comment has no '-->' at its end"),
        (1, 1, "'<?php ?>' begins no tag. For the character '<' write '&lt;'."),
    ]


def test_strict_mode_names_bad_references():
    assert messages(["a &nosuch; b", "&copy 2", "<p title='&lt'>", "&#0;", "&#x80;", "&#65 b"]) == [
        (1, 3, "there is no character '&nosuch;'. For the character '&' itself write '&amp;'."),
        (1, 1, "';' is missing after '&copy'. For the character '&' itself write '&amp;'."),
        (1, 11, "';' is missing after '&lt'. For the character '&' itself write '&amp;'."),
        (1, 1, "the number is not that of a character"),
        (1, 1, "128 is a control character; for '€' write that character itself"),
        (1, 1, "';' is missing after '&#65'"),
    ]


@pytest.mark.parametrize("given", [None, b"<p>", 5, P()], ids=repr)
def test_markup_is_a_string(given):
    with pytest.raises(TypeError, match="HTML must be a str"):
        parse_html(given)


@pytest.mark.parametrize(("markup", "message"), [
    ("x" * (MAX_CHARACTERS + 1), "characters are more than"),
    ("<div>" * (MAX_DEPTH + 1), "nested more than"),
    ("<b>" * (MAX_DEPTH + 1), "nested more than"),
    ("<svg>" * (MAX_DEPTH + 1), "nested more than"),
    ("<br>" * (MAX_PARTS + 1), "elements, texts and attributes"),
    ("<p " + " ".join(map("a{}".format, range(MAX_PARTS))) + ">", "elements, texts and attributes"),
    # Repeated by the standard: 100 elements for each <p>, a thousand attributes for each <b>, a long value each time.
    ("<p>" + "".join(map("<b x={}>".format, range(100))) + "<p>x" * 5_000, "elements, texts and attributes"),
    ("<p><b " + " ".join(map("a{}".format, range(1_000))) + ">" + "<p>x" * 1_000, "elements, texts and attributes"),
    ("<p><b title=" + "x" * 1_000_000 + ">" + "<p>x" * 100, "elements, texts and attributes"),
    ("<p class='" + " ".join(map(str, range(1_000))) + "'>", "'class' has 1000 words; 250 are the limit"),
    ("<p id='" + "x " * 1_000 + "'>", "'id' has 1000 words; 250 are the limit"),
], ids=[
    "characters", "depth", "formatting", "svg", "elements", "attributes", "repeated elements", "repeated attributes",
    "repeated values", "classes", "ids",
])
def test_too_much_is_refused(markup, message):
    with pytest.raises(ParseError, match=message):
        parse_html(markup)


def test_the_limits_themselves_are_taken():
    deep = parse_html("<div>" * MAX_DEPTH)
    wide = parse_html("<p " + " ".join(map("a{}".format, range(20_000))) + ">")
    text = parse_html("&" * MAX_CHARACTERS)

    assert render(deep).count("<div>") == MAX_DEPTH and len(wide.attributes) == 20_000 and len(text) == MAX_CHARACTERS


@pytest.mark.parametrize("piece", [
    "<!--", "<textarea>", "<script><!--<script>", "<a b='", "<a =", "&amp", "&#9", "&#" + "9" * 5_000, "</", "<", "</>",
    "<svg><![CDATA[", "<a\n", "</x", "<!", "]]>",
])
def test_what_is_never_closed_is_read_once(piece):
    # Quadratic time would be minutes here, and the run would end with the stacks of all threads.
    parse_fragment(Source(piece * (600_000 // len(piece)), strict=False))


TAGS = st.sampled_from(
    "a b i p div span li ul dd table tr td th tbody caption col colgroup select option optgroup svg math mi foreignObject title "
    "annotation-xml template form button h1 pre textarea script style input br nobr font ruby rt object plaintext html x-y".split()
)
PIECE = st.one_of(
    TAGS.map("<{}>".format), TAGS.map("<{} a=b class='c' id=d/>".format), TAGS.map("</{}>".format),
    st.sampled_from("< > <!-- --> & &amp; &#x ]]> <![CDATA[ ' \" = / </ <! x".split()), st.sampled_from("\0 \n"),
    st.text(max_size=5),
)


@given(st.lists(PIECE, max_size=40), st.booleans())
def test_whatever_it_is_it_is_read_or_refused(pieces, strict):
    markup = "".join(pieces)

    try:
        nodes = parse_html(markup, flat=False, strict=strict)
    except ParseError:
        return

    assert all(node.parent is None for node in nodes)


def elements(children):
    return st.builds(
        lambda make, nodes: make(*nodes), st.sampled_from([Div, Section, Span, Strong, Em, Pre]), st.lists(children, max_size=4)
    )


# NUL is the one character that HTML has no way to write.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
TREES = st.recursive(
    st.one_of(
        TEXTS, st.builds(lambda text: P(text), TEXTS), st.builds(lambda text: Img(alt=text), TEXTS),
        st.builds(lambda text: TextArea(text), TEXTS),
        st.builds(lambda texts: Ul([Li(text) for text in texts]), st.lists(TEXTS, max_size=3)),
    ),
    elements, max_leaves=12,
)


@given(elements(TREES))
def test_what_is_rendered_is_read_again(tree):
    again = parse_html(render(tree))

    assert read_nodes([again]) == read_nodes([tree])


@pytest.mark.parametrize("markup", [
    "<p>a\0b</p>", "a\x01b", "a\ufffeb", "a\ud800", "<p a='b'c='d'></p>", "<p></p a>", "<p></p/>", "<p / a></p>", "<p a=></p>",
    '<p a=b"c></p>', "<p a=b=c></p>", "&#x;", "&#;", "&#1;", "&#13;", "&#xFFFE;", "<!--a<!--b-->",
    "<!doctype x y z>", "<p></p><!doctype html>", "<br/ >",
], ids=ascii)
def test_what_the_standard_calls_wrong_is_an_error_in_strict_mode_only(markup):
    parse_html(markup)

    with pytest.raises(ParseError, match="invalid HTML in line 1, column"):
        parse_html(markup, strict=True)


@pytest.mark.parametrize("markup", [
    "<!doctype html>\n<p a=\"b\" c='d' e=f g>x &amp; &#65; &copy;</p>", "<br/>", "<br />", "<!-- a -->x",
    "<svg><path d='M0 0'/></svg>",
])
def test_what_is_right_is_none(markup):
    assert parse_html(markup, strict=True, flat=False)


def test_a_bad_attribute_is_named_by_its_own_place():
    with pytest.raises(ParseError, match="onclick") as caught:
        parse_html('<div>\n<p class="x"\n title="y"\n onclick="z">')

    assert (caught.value.line, caught.value.column) == (4, 2)


def test_a_style_is_read_as_browsers_read_it_unless_mistakes_are_errors():
    markup = '<p style="/* old */ COLOR: red; *zoom: 1">x</p>'

    assert str(parse_html(markup)) == '<p style="color: red">x</p>'
    with pytest.raises(ParseError, match="comment") as caught:
        parse_html(markup, strict=True)

    assert (caught.value.line, caught.value.column) == (1, 4)


@pytest.mark.parametrize(("markup", "expected"), [
    ("<table>&#13;<tr></table>", [Table("\r", TBody(Tr()))]), ("<tfoot>&#13;", [TFoot("\r")]), ("<col>&#13;", [Col(), "\r"]),
])
def test_a_carriage_return_is_white_space_in_tables(markup, expected):
    assert parse_html(markup, flat=False) == expected


@pytest.mark.parametrize("classes", [{"p": 5}, {"p": "P"}, {"P": P}, ["p"]], ids=["number", "name", "capitals", "list"])
def test_classes_for_tags_are_classes_of_nodes_by_small_names(classes):
    with pytest.raises((TypeError, ValueError), match="node_classes"):
        parse_html("<p>x</p>", node_classes=classes)
