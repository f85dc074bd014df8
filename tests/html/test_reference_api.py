"""What a program that was written for Lona does with nodes, one promise after another, in the order of its documentation."""

from __future__ import annotations

import copy

import pytest

import lona_sync.html
from lona_sync.html import (
    BLUR,
    CHANGE,
    CLICK,
    FOCUS,
    HTML,
    SVG,
    A,
    B,
    Button,
    CheckBox,
    Div,
    I,
    Img,
    Li,
    Node,
    NumberInput,
    P,
    Pre,
    RawHTML,
    Span,
    Strong,
    Submit,
    Text,
    TextArea,
    TextInput,
    TextNode,
    Ul,
    parse_html,
)
from lona_sync.html.mutations import SetStyle
from tests.html.owners import Recorder

NODE_CLASSES = """
    A Abbr Address Area Article Aside Audio B Base Bdi Bdo BlockQuote Body Br Button Canvas Caption Cite Code Col ColGroup Data
    DataList Datalist Dd Del Details Dfn Dialog Div Dl Dt Em Embed FieldSet Fieldset FigCaption Figure Footer Form H1 H2 H3 H4 H5
    H6 HGroup Head Header Hr I IFrame Img Ins Kbd Label Legend Li Link Main Map Mark Math Menu Meta Meter Nav NoScript Object Ol
    OptGroup Option Option2 Output P Picture Portal Pre Progress Q Rp Rt Ruby S SVG Samp Script Section Select Select2 Slot Small
    Source Span Strong Style Sub Submit Summary Sup TBody TFoot THead Table Td Template TextArea Th Time Title Tr Track U Ul Var
    Video Wbr
""".split()


def test_a_node_is_made_of_nodes_texts_numbers_and_lists():
    node = Node(Span("a"), "b", 1, 2.5, True, [P("c"), "d"], namespace="urn:x", tag_name="x-y", self_closing_tag=False)

    assert node.get_text() == "ab12.5Truecd" and len(node) == 7
    assert (node.namespace, node.tag_name, node.self_closing_tag) == ("urn:x", "x-y", False)


@pytest.mark.parametrize("wrong", [None, object(), {}])
def test_another_child_is_refused(wrong):
    with pytest.raises(TypeError, match="a child must be a node, str, int or float"):
        Div(wrong)


def test_keywords_are_attributes_with_minus_for_underscore():
    node = Div(_class="a b", _id=["c"], _style="left: 0", data_foo="x", _for="y", tabindex=1)

    assert node.class_list == ["a", "b"] and node.id_list == ["c"] and node.style == {"left": "0"}
    assert node.attributes == {"data-foo": "x", "for": "y", "tabindex": 1}


def test_special_keywords():
    def handle(event):
        return None

    node = Div(
        attributes={"lang": "en"}, events=[FOCUS], nodes=Span("x"), state={"a": 1}, ignore=True, handle_click=handle,
        handle_change=handle, handle_blur=handle,
    )

    assert node.attributes["lang"] == "en" and node.nodes == [Span("x")] and node.state == {"a": 1} and node.ignore
    assert node.events == [FOCUS, CLICK, CHANGE, BLUR] and node.handle_click is handle
    with pytest.raises(TypeError, match="handle_click must be a function"):
        Div(handle_click=5)
    with pytest.raises(ValueError, match="a style must be"):
        Div(_style="left")


@pytest.mark.parametrize(("keyword", "right"), [
    ("class_", "_class="), ("className", "_class="), ("class_name", "_class="), ("id_", "_id="), ("for_", "_for="),
    ("html_for", "_for="), ("htmlFor", "_for="), ("type_", "_type="), ("async_", "_async="),
])
def test_keywords_as_other_libraries_spell_them_name_the_right_one(keyword, right):
    with pytest.raises(TypeError, match=f"write {right}"):
        Div(**{keyword: "x"})


@pytest.mark.parametrize("keyword", ["on_click", "onclick", "action"])
def test_a_function_in_an_attribute_names_the_handlers(keyword):
    with pytest.raises(TypeError, match="handle_click"):
        Button(**{keyword: print})


def test_one_event_needs_no_list():
    node = Div(events=CLICK)
    node.events = CHANGE(100)

    assert Div(events=CHANGE).events == [CHANGE] and node.events == [CHANGE(100)]
    for wrong in ("click", 301, None, [301]):
        with pytest.raises(ValueError, match="an event must be CLICK"):
            node.events = wrong
    assert node.events == [CHANGE(100)]


def test_class_attributes_are_the_defaults():
    class Card(Node):
        TAG_NAME = "x-card"
        NAMESPACE = "urn:x"
        SELF_CLOSING_TAG = True
        ID_LIST = ("one",)
        CLASS_LIST = ("card",)
        STYLE = "left: 0"
        ATTRIBUTES = {"lang": "en"}                          # noqa: RUF012 (as programs write it)
        EVENTS = (CLICK,)

    card = Card(_id="two", _class="big", _style={"top": 1}, events=[BLUR], title="x")

    assert Node().tag_name == "html" and Card.STATIC_FILES == ()
    assert (card.tag_name, card.namespace, card.self_closing_tag) == ("x-card", "urn:x", True)
    assert card.id_list == ["one", "two"] and card.class_list == ["big", "card"] and card.style == {"left": "0", "top": 1}
    assert card.attributes == {"lang": "en", "title": "x"} and card.events == [CLICK, BLUR]
    assert Card().class_list == ["card"] and Card().attributes == {"lang": "en"}


def test_what_a_node_is_can_be_read_but_not_set():
    child = Span()
    node = Div(child)

    assert child.parent is node and child.root is node and int(child.id) != int(node.id)
    for name in ("id", "tag_name", "namespace", "root", "lock", "document", "widget"):
        with pytest.raises(AttributeError):
            setattr(node, name, "x")


def test_ids_classes_style_attributes_events_and_nodes_can_be_reset():
    node = Div("x", _id="a", _class="a", _style="left: 0", title="a", events=[CLICK])

    node.id_list, node.class_list, node.events = ["b"], ["c", "d"], [BLUR]
    node.style, node.attributes, node.nodes = {"top": 0}, {"lang": "en"}, [Span("y")]

    assert str(node) == '<div class="c d" id="b" style="top: 0" lang="en"><span>y</span></div>' and node.events == [BLUR]


@pytest.mark.parametrize("name", ["id_list", "class_list"])
def test_id_and_class_lists(name):
    node = Div()
    words = getattr(node, name)

    words.add("a")
    words.append("a")
    words.extend(["b", 1, 2.5, True])
    words.remove("b")
    words.remove("b")
    words.toggle("c")
    words.toggle("a")

    assert len(words) == 4 and "c" in words and sorted(words) == ["1", "2.5", "True", "c"]
    assert words == ["c", "1", "2.5", "True"] and words == {"c", "1", "2.5", "True"} and words == ("1", "2.5", "True", "c")
    for wrong in (None, [], object()):
        with pytest.raises(ValueError, match="an id or class must be"):
            words.add(wrong)
    words.clear()
    assert words == [] and node.wire_attributes() == {}


@pytest.mark.parametrize("name", ["attributes", "style"])
def test_attributes_and_style_are_dicts(name):
    node = Div()
    values = getattr(node, name)

    values["left"] = 1
    values.update({"top": "2", "right": 3.5})
    del values["nothing"]

    assert values["left"] == 1 and values.get("nothing", 5) == 5 and values.pop("right") == 3.5 and values.pop("nothing", 5) == 5
    assert list(values) == list(values.keys()) == ["left", "top"] and list(values.items()) == [("left", 1), ("top", "2")]
    assert values == {"left": 1, "top": "2"} and "left" in values and values and len(values) == 2
    for wrong in (None, [], object()):
        with pytest.raises(ValueError, match="must be a str, int, float or bool"):
            values["left"] = wrong
        with pytest.raises(ValueError):
            values.update(wrong)
    values.clear()
    assert not values


def test_setting_the_same_value_makes_no_patch():
    node = Div("text", _id="a", _class="b", _style="left: 0", title="t", events=[CLICK], ignore=True)
    recorder = Recorder(node)

    node.attributes["title"] = "t"
    node.attributes.update({"title": "t"})
    node.attributes = dict(node.attributes)
    node.style["left"] = "0"
    node.style = "left: 0"
    node.class_list.add("b")
    node.id_list = ["a"]
    node.events = [CLICK]
    node.nodes = list(node)
    node.ignore = True
    node.set_text("text")
    node.show()

    assert recorder.recorded == []


@pytest.mark.parametrize(("name", "right"), [("id", "node.id_list"), ("class", "node.class_list"), ("style", "node.style")])
def test_attributes_that_have_their_own_property_name_it(name, right):
    with pytest.raises(RuntimeError, match=right):
        Div().attributes[name] = "x"


@pytest.mark.parametrize("of", [lambda node: node, lambda node: node.nodes], ids=["node", "nodes"])
def test_the_children_as_a_list(of):
    a, b, c, d = (Span(letter) for letter in "abcd")
    node = Div()

    of(node).append(a)
    of(node).extend([c, d])
    of(node).insert(1, b)
    of(node).remove(c)
    popped = of(node).pop(2)
    of(node)[1] = c

    assert popped is d and list(of(node)) == [a, c] and of(node).index(c) == 1 and of(node)[0] is a
    assert type(of(node)[0:1]) is list and c in of(node) and Span("c") not in of(node) and len(of(node)) == 2 and bool(Div())
    of(node).clear()
    assert node == Div() and node.nodes == []


def test_all_common_list_interfaces():
    node = Ul([Li(letter) for letter in "cab"])

    node.nodes.sort(key=lambda item: item.get_text())
    node.nodes.reverse()
    node.nodes += [Li("x"), Li("y"), Li("z")]
    node.nodes[1:3] = [Li("B")]
    del node.nodes[0], node.nodes[-2:]

    assert node.get_text() == "Bx" and node.nodes.count(node[0]) == 1


def test_a_node_has_one_parent():
    child = Span()
    first, second = Div(child), Div("x")

    second.append(child)
    second.insert(0, child)

    assert len(first) == 0 and second.nodes == [child, "x"] and child.parent is second
    child.remove()
    with pytest.raises(RuntimeError, match="node has no parent node"):
        child.remove()
    for add in (lambda: second.append(second), lambda: Div(second)[0].append(second.root)):
        with pytest.raises(RuntimeError, match="loop detected"):
            add()


def test_texts_are_text_nodes_with_the_methods_of_str():
    node = P("some", 1, 2.5, True)
    text = node[0]

    assert all(isinstance(child, TextNode) for child in node) and TextNode is Text
    assert text.upper() == Text("SOME") and text + "!" == "some!" and text[1:] == "ome" and len(text) == 4 and int(node[1]) == 1
    with pytest.raises(TypeError):
        text += "!"


def test_set_text_and_get_text():
    node = P(Span("a"), "b")

    node.set_text(5)

    assert node.nodes == ["5"] and node.get_text() == "5"


def test_text_that_ends_in_a_blank_is_more_than_its_first_letter():
    assert Div("Hello ").get_text() == "Hello " and Div("a ", Span(" b\n")).get_text() == "a  b\n"


def test_hide_and_show():
    plain, flex = Div(), Div(_style={"display": "flex"})
    recorder = Recorder(flex)

    for node in (plain, flex):
        node.hide()
    assert plain.style == flex.style == {"display": "none"}
    for node in (plain, flex):
        node.show()

    assert plain.style == {} and flex.style == {"display": "flex"}
    assert recorder.recorded == [SetStyle(flex, "display", "none"), SetStyle(flex, "display", "flex")]


def test_has_class_has_id_and_ignore():
    node = Div(_class="a", _id="b")

    node.ignore = True

    assert node.has_class("a") and not node.has_class("b") and node.has_id("b") and not node.has_id("a")
    assert "data-lona-ignore" in node.attributes
    with pytest.raises(TypeError):
        node.ignore = 1


def test_nodes_compare_by_content_and_are_not_copied():
    first, second = Div(Span("x"), _class="a", title="t"), Div(Span("x"), _class="a", title="t")

    assert first == second and first.id != second.id and first != Div()
    for copying in (copy.copy, copy.deepcopy):
        with pytest.raises(RuntimeError):
            copying(first)


def test_html_is_escaped_and_boolean_attributes_are_bare_names():
    assert str(Button('"<b>"', disabled=True, title='"', hidden=False)) \
        == '<button title="&quot;" disabled>&quot;&lt;b&gt;&quot;</button>'


@pytest.mark.parametrize("name", NODE_CLASSES)
def test_there_is_a_class_for_every_element(name):
    node_class = getattr(lona_sync.html, name)

    assert name in lona_sync.html.__all__ and issubclass(node_class, Node)
    tag = node_class.TAG_NAME
    assert tag == {"Option2": "option", "Select2": "select", "Submit": "input"}.get(name, name.lower())


def test_a_link_may_be_followed_by_the_browser():
    link = A("x", href="/a", interactive=False)

    link.set_href("/b")

    assert link.ignore and not link.interactive and A().interactive and link.attributes["href"] == "/b"


def test_pre_joins_what_is_written():
    pre = Pre("a")

    pre.write("b")
    pre.write_line("c")

    assert pre.nodes == ["abc\n"]


def test_children_inherit_the_namespace_of_a_picture():
    path = Node(tag_name="path")

    picture = SVG(Node(path, tag_name="g"))

    assert path.namespace == picture.namespace == "http://www.w3.org/2000/svg" and Div().namespace == Img().namespace == ""


def test_adding_a_node_costs_the_same_at_any_depth_and_size():
    class Watched(Node):
        asked = 0

        def __getattribute__(self, name):
            Watched.asked += 1
            return super().__getattribute__(name)

    def cost(parent, node):
        Watched.asked = 0
        parent.append(node)
        return Watched.asked

    deep = Watched()
    for _ in range(1000):
        deep.append(Watched())
        deep = deep[0]

    assert cost(deep, Watched()) == cost(Watched(), Watched())
    assert cost(Watched(), deep.root) == cost(Watched(), Watched(Watched()))


def test_a_tree_that_one_view_shows_cannot_get_into_another_as_a_whole():
    shown, other = Div(Span("x")), Div()
    recorder, other_recorder = Recorder(shown), Recorder(other)

    with pytest.raises(RuntimeError, match="what a view shows as a whole"):
        other.append(shown)

    assert shown.owner is recorder and len(other) == 0 and other_recorder.recorded == []


def test_a_node_knows_who_shows_it():
    leaf = Span()
    node = Div(leaf)
    assert node.document is None and leaf.document is None

    recorder = Recorder(node)

    assert node.document is leaf.document is recorder and node.lock is not None


def test_iter_nodes_goes_depth_first_through_all_below():
    inner, text = Span("b"), Text("c")
    outer = Div(P("a", inner), text)

    found = list(outer.iter_nodes())

    assert [type(node) for node in found] == [P, Text, Span, Text, Text]
    assert found[2] is inner and found[-1] is text and list(inner.iter_nodes()) == ["b"]


def test_a_widget_is_named_by_the_keyword_or_the_class_and_has_data():
    class Chart(Div):
        WIDGET = "chart"
        WIDGET_DATA = {"points": [1]}                        # noqa: RUF012 (as programs write it)

    first, second, plain = Chart(), Chart(widget_data={"points": []}), Div(widget="map", widget_data=[1, 2])

    first.widget_data["points"].append(2)
    second.widget_data = {"points": [9]}
    plain.widget_data.append(3)

    assert (first.widget, plain.widget, Div().widget) == ("chart", "map", "")
    assert first.widget_data == {"points": [1, 2]} and second.widget_data == {"points": [9]} and plain.widget_data == [1, 2, 3]
    assert Chart().widget_data == {"points": [1]}


def test_widgets_and_their_data_count_when_nodes_are_compared():
    assert Div(widget="a", widget_data={"b": 1}) == Div(widget="a", widget_data={"b": 1})
    assert Div(widget="a") != Div(widget="b") and Div(widget="a") != Div()
    assert Div(widget="a", widget_data={"b": 1}) != Div(widget="a", widget_data={"b": 2})


def test_equality_looks_at_all_that_is_shown_and_not_at_the_id():
    def make(**kwargs):
        return Div(Span("x"), **kwargs)

    same = {"_id": "a", "_class": ["b", "c"], "_style": {"top": 1}, "title": "t", "namespace": "urn:x"}
    assert make(**same) == make(**{**same, "_class": ["c", "b"]})
    for name, other in (("_id", "b"), ("_class", "b"), ("_style", "top: 2"), ("title", "u"), ("namespace", "urn:y")):
        assert make(**same) != make(**{**same, name: other})
    assert Div() != P() and Div("a") != Div("b") and Div() != Node(tag_name="p") and Div() == Node(tag_name="div")


def test_selectors():
    item = Li("a", _id="one", _class="item big", data_name="x y")
    root = Div(Ul(item, Li("b", _class="item"), _id="list"), P())

    assert root.query_selector("li") is item and root.query_selector("#one") is item and root.query_selector("nav") is None
    assert root.query_selector("li.item.big#one[data-name='x y']") is item and root.query_selector('[data-name="x y"]') is item
    assert root.query_selector_all(".item,p") == [item, Li("b", _class="item"), P()]
    assert item.closest("div") is root and item.closest("ul, div") is root[0] and item.closest("li") is None
    assert root.query_selector("ul > li") is item and item.matches("ul .big")
    with pytest.raises(ValueError, match="selector"):
        root.query_selector("li $ a")


def test_self_closing_tag_is_a_plain_attribute():
    node = Node(tag_name="x-y")

    node.self_closing_tag = True

    assert str(node) == "<x-y>" and Img().self_closing_tag and not Div().self_closing_tag


def test_html_is_one_node():
    node = P("x")

    assert HTML(node) is node
    assert HTML(node, "text", 5) == Div(P("x"), "text", 5) and HTML("plain") == Div("plain")
    assert HTML("\\<b>") == Div("<b>") and HTML("<b>x</b>") == B("x") and HTML("<b>x</b><i>y</i>") == Div(B("x"), I("y"))
    assert type(HTML("<b>x</b>", use_high_level_nodes=False)) is Node
    assert type(HTML("<b>x</b>", node_classes={"b": Strong})) is Strong


def test_parse_html_gives_a_node_or_a_list():
    assert parse_html("<p>a</p>") == P("a") and parse_html("<p>a</p>", flat=False) == [P("a")]
    assert parse_html("<p>a</p><p>b</p>") == [P("a"), P("b")]
    assert type(parse_html("<p>a</p>", False)) is Node


def test_parse_html_chooses_classes_by_tag_and_type():
    for markup, node_class in (
        ("<input>", TextInput), ("<input type=text>", TextInput), ("<input type=number>", NumberInput),
        ("<input type=submit>", Submit), ("<input type=checkbox>", CheckBox), ("<input type=x-other>", Node),
        ("<textarea></textarea>", TextArea), ("<button></button>", Button), ("<a></a>", A), ("<x-y></x-y>", Node),
    ):
        assert type(parse_html(markup)) is node_class
    assert type(parse_html("<p></p>", node_classes={"p": Pre})) is Pre


def test_parse_html_reads_attributes_entities_and_areas():
    node = parse_html("<p title='&lt;a&gt; &amp; &quot;' data-x hidden data-lona-node-id=5>a &amp; b &nbsp;<!-- no --></p>")

    assert node == P("a & b \u00a0", title='<a> & "', data_x="", hidden=True)
    assert parse_html("<textarea>a\n b</textarea>").value == "a\n b"
    assert parse_html("<!doctype html><p>a</p>") == P("a") and parse_html("<pre> a </pre>") == Pre(" a ")


@pytest.mark.parametrize("markup", ["<p><b>a</p>", "<p>a</b></p>", "</a>", "<div>"])
def test_parse_html_refuses_broken_markup_if_it_shall(markup):
    with pytest.raises(ValueError, match="invalid HTML in line 1"):
        parse_html(markup, strict=True)


def test_raw_html_is_a_div_without_nodes_of_ours():
    node = RawHTML("<b>x</b>", _class="raw")

    node.inner_html = "<i>y</i>"

    assert node.tag_name == "div" and node.inner_html == "<i>y</i>" and str(node) == '<div class="raw"><i>y</i></div>'
    assert RawHTML().inner_html == "" and len(node) == 0
    for change in (lambda: node.append("x"), lambda: node.nodes.insert(0, P()), lambda: node.set_text("x")):
        with pytest.raises(RuntimeError, match="Cannot modify frozen NodeList"):
            change()
