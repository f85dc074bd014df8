from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html import (
    SELF_CLOSING_TAGS,
    SVG,
    Br,
    Button,
    CheckBox,
    Div,
    Form,
    IFrame,
    Img,
    Math,
    Node,
    NoScript,
    Option,
    P,
    PasswordInput,
    Pre,
    RawHTML,
    Script,
    Select,
    Span,
    Style,
    Text,
    TextArea,
    TextInput,
    render,
)

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'><svg/onload=alert(1)>", "&lt;b&gt;", "<!-- ",
    "</div></textarea></title></style></script>", "]]>", "\x00<", "`${x}`", "\ufffd<b>",
]


class Read(HTMLParser):
    """What a parser makes of HTML: tags with attributes, and texts."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_a_tree_is_rendered_without_adding_anything():
    node = Div(P("a", Span(" b "), Br()), "c", _class="x y", _id="i", _style="color: red", title='"q"', hidden=True)

    assert str(node) == node.__html__() == render(node) == (
        '<div class="x y" id="i" style="color: red" title="&quot;q&quot;" hidden>'
        "<p>a<span> b </span><br></p>c</div>"
    )


def test_what_is_only_for_the_wire_does_not_appear():
    assert str(Button("x", handle_focus=print)) == "<button>x</button>"


def test_false_attributes_do_not_appear():
    assert str(Div(hidden=False, title=False, data_x=False)) == '<div data-x="false"></div>'


def test_every_void_element_has_no_end_tag_and_no_children():
    for tag in SELF_CLOSING_TAGS:
        assert str(Node(tag_name=tag)) == f"<{tag}>"
        with pytest.raises(ValueError, match="cannot have children"):
            str(Node("x", tag_name=tag))


def test_inputs_show_their_values():
    select = Select(Option("a", value=1), Option("b", value=2, selected=True), disabled=True)

    assert str(TextInput('"')) == '<input type="text" value="&quot;">'
    assert str(CheckBox(True)) == '<input type="checkbox" checked>'
    assert str(TextArea("</textarea>", rows=2)) == '<textarea rows="2">&lt;/textarea&gt;</textarea>'
    assert str(select) == '<select disabled><option value="1">a</option><option value="2" selected>b</option></select>'


def test_a_carriage_return_stays_one():
    assert str(P("a\r\nb")) == "<p>a&#13;\nb</p>"


def test_a_lone_surrogate_is_shown_as_what_cannot_be_shown():
    assert str(P("a\ud800b", title="\udfff")) == '<p title="\ufffd">a\ufffdb</p>'


def test_a_line_break_at_the_start_is_not_swallowed():
    assert str(Pre("\na")) == "<pre>\n\na</pre>" and str(TextArea("\na")) == "<textarea>\n\na</textarea>"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_text(text):
    read = Read(str(Div(text, title=text, data_x=text)))

    assert read.tags == [("div", {"title": text, "data-x": text})] and read.text == text


@given(st.text(), st.text())
def test_any_text_comes_back_from_a_parser(text, value):
    read = Read(str(P(text, Span(lang=value), TextInput(value))))

    expected = [("p", {}), ("span", {"lang": value}), ("input", {"type": "text", "value": value})]
    assert read.tags == expected and read.text == text


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_classes_and_ids_and_styles_stay_values(text):
    words = "".join(text.split())
    node = Div(_class=[words], _id=[words])
    node.style["content"] = '"' + text.replace('"', '\\"') + '"'

    (tag, attributes), = Read(str(node)).tags

    assert tag == "div" and attributes["class"] == attributes["id"] == words and set(attributes) == {"class", "id", "style"}


def test_script_and_style_are_not_escaped():
    assert str(Script("if (a < b && c) {}")) == "<script>if (a < b && c) {}</script>"
    assert str(Style("a > b", " {}")) == "<style>a > b {}</style>"


@pytest.mark.parametrize("node", [
    pytest.param(Script("x</script>"), id="script"),
    pytest.param(Script("x</ScRiPt "), id="mixed case"),
    pytest.param(Script("</scr", "ipt>"), id="in two texts"),
    pytest.param(Script("<!-- <script>"), id="comment"),
    pytest.param(Style("</style>"), id="style"),
    pytest.param(Node("</script>", tag_name="SCRIPT"), id="upper case tag"),
    pytest.param(NoScript(Style("</noscript><img>")), id="inside of noscript"),
    pytest.param(IFrame(Div(Style("</iframe>"))), id="inside of iframe"),
    pytest.param(Node(Node(Style("<img>"), tag_name="option"), tag_name="select"), id="inside of select"),
    pytest.param(Node(Style("</frameset>"), tag_name="frameset"), id="inside of frameset"),
])
def test_what_would_end_a_script_early_is_refused(node):
    with pytest.raises(ValueError, match="which HTML cannot escape there"):
        str(node)


def test_a_refused_style_names_how_css_writes_it():
    with pytest.raises(ValueError, match=r"contains '</style', .* Write '<' as '\\3c ' in CSS"):
        str(Style("a::after { content: '</style>' }"))
    assert str(Style(r"a::after { content: '\3c /style>' }")) == r"<style>a::after { content: '\3c /style>' }</style>"


def test_a_script_contains_text_only():
    with pytest.raises(ValueError, match="can only contain text"):
        str(Script(Span("x")))


@pytest.mark.parametrize("outer", [
    SVG, Math, lambda node: Node(node, tag_name="SVG"), lambda node: Math(Node(node, tag_name="foreignObject")),
], ids=["svg", "math", "upper case", "no foreignObject"])
def test_inside_of_svg_a_style_is_an_ordinary_element(outer):
    html = str(outer(Style("<img>")))

    assert "<style>&lt;img&gt;</style>" in html


def test_inside_of_foreign_object_a_style_is_raw_again():
    assert "<style>a > b</style>" in str(SVG(Node(Div(Style("a > b")), tag_name="foreignObject")))


def test_raw_html_is_as_it_is():
    assert str(Div(RawHTML("<b>&nbsp;</b>", _class="x"))) == '<div><div class="x"><b>&nbsp;</b></div></div>'


def test_a_text_renders_escaped():
    assert render(Text("<b>")) == "&lt;b&gt;" and str(Text("<b>")) == "<b>"


def test_an_image_needs_no_value_for_its_flags():
    assert str(Img(src="a.png", ismap=True, alt="")) == '<img src="a.png" ismap alt="">'


def test_a_password_is_not_written_into_a_page():
    field = PasswordInput(value="secret", name="password")

    page = render(Form(field))

    assert "secret" not in page
    assert 'type="password"' in page
