from __future__ import annotations

import copy
import pickle
from contextlib import nullcontext

import pytest

from lona_sync.html import H1, HTML, SVG, A, Button, Div, Li, Math, Node, P, RawHTML, Span, Text, Ul
from lona_sync.html.mutations import SetAttribute, next_number
from tests.html.owners import Recorder

SVG_URI = "http://www.w3.org/2000/svg"


def test_keywords_become_attributes_and_some_mean_more():
    child = Span()
    node = Node(
        "text", tag_name="x-card", _id="a b", _class=["c", "d"], _style={"margin": 0}, data_long_name=1, _for="x",
        attributes={"viewBox": "0"}, nodes=[child], state={"key": "value"}, ignore=True,
    )

    assert node.tag_name == "x-card"
    assert node.id_list == ["a", "b"] and node.class_list == ["c", "d"] and node.style == {"margin": 0}
    assert list(node.attributes) == ["data-long-name", "for", "viewBox", "data-lona-ignore"]
    assert node.nodes == ["text", child] and node[1] is child
    assert node.state == {"key": "value"} and node.ignore


def test_wire_attributes_stand_in_a_fixed_order():
    node = Div(title="x", _style="a: b", _id="c", _class="d", handle_click=print)

    assert list(node.wire_attributes().items()) == [
        ("class", "d"), ("id", "c"), ("style", "a: b"), ("title", "x"), ("@on", "click"),
    ]
    assert Div().wire_attributes() == {}


@pytest.mark.parametrize("tag", ["", "1a", "a b", "a>", "<a", "a/", "é", "a\n", "a\x00"], ids=ascii)
def test_a_tag_name_must_be_one(tag):
    with pytest.raises(ValueError, match="a tag name must be"):
        Node(tag_name=tag)


def test_a_node_is_true_even_without_children():
    assert bool(Div()) is True and len(Div()) == 0


def test_ids_are_given_when_asked_for_and_stay():
    first, second = Div(), Text("x")

    assert first.number == 0
    assert first.id == str(first.number) and first.id == first.id
    assert int(second.id) > int(first.id) and next_number() > second.number


def test_root_and_parent():
    leaf = Span()
    root = Div(P(leaf))

    assert leaf.root is root and leaf.parent.parent is root and root.root is root and root.parent is None


def test_the_lock_is_the_owners_or_free():
    node = Div(Text("x"))

    with node.lock, node[0].lock:
        pass
    recorder = Recorder(node)

    with node.lock as held:
        assert held is recorder
    assert isinstance(Div().lock, nullcontext)


def test_nodes_compare_by_content():
    def make(**kwargs):
        return Div("a", Ul(Li("b"), Li("c")), _class="x y", _id="i", _style="a: b", title="t", **kwargs)

    other_class, other_style = make(), make()
    other_class.class_list.add("z")
    other_style.style["c"] = "d"

    assert make() == make() and make() == make(handle_click=print)
    assert make() != make(lang="en") and make() != make(dir="rtl") and make() != make(nodes="more")
    assert make() != other_class and make() != other_style
    assert Div() == Node(tag_name="div") and Div() != Span() and Div("a") != Div("b") and Div("a") != Div(Span("a"))
    assert Div(_class="a b") == Div(_class="b a") and Div(tabindex=1) == Div(tabindex="1") and Div(x=False) == Div()
    assert Div(namespace=SVG_URI) != Div() and Div() != "div" and Div() != None  # noqa: E711
    assert RawHTML("a") == RawHTML("a") and RawHTML("a") != RawHTML("b") and RawHTML("") != Div() and Div() != RawHTML("")


def test_what_was_looked_at_is_still_equal_to_what_was_not():
    looked, fresh = Div(), Div()

    assert not looked.attributes and not looked.style and not looked.class_list and not looked.id_list

    assert looked == fresh and fresh == looked


def test_nodes_are_keys_by_identity():
    first, second = Div(), Div()

    found = {first: 1, second: 2}

    assert found[first] == 1 and found[second] == 2 and first in {first} and first not in {second}


@pytest.mark.parametrize("node", [Div("a"), Text("a"), Button()], ids=repr)
def test_copying_is_refused(node):
    with pytest.raises(RuntimeError, match="cannot be copied"):
        copy.copy(node)
    with pytest.raises(RuntimeError, match="cannot be copied"):
        copy.deepcopy([node])


def test_state_is_a_dict_of_ones_own():
    node = Div()
    recorder = Recorder(node)

    node.state["a"] = 1

    assert node.state == {"a": 1} and recorder.recorded == []
    with pytest.raises(TypeError, match="state must be a dict"):
        node.state = 5


def test_ignore_is_a_flag():
    node = Div()
    recorder = Recorder(node)

    node.ignore = True
    node.ignore = True
    node.ignore = False

    assert recorder.recorded == [SetAttribute(node, "data-lona-ignore", x) for x in ("true", False)]
    with pytest.raises(TypeError, match="ignore must be True or False"):
        node.ignore = "yes"


def test_a_link_is_interactive_unless_ignored():
    link = A("x", interactive=False)

    assert link.ignore and not link.interactive and A().interactive
    link.interactive = True
    assert not link.ignore
    with pytest.raises(TypeError):
        link.interactive = None


def test_namespaces_are_inherited():
    path, inner, html = Node(tag_name="path"), SVG(), Div()
    foreign = Node(html, inner, tag_name="foreignObject")
    root = Div(SVG(Node(path, tag_name="g"), foreign), Math(Node(tag_name="mi")))

    assert root.namespace == html.namespace == ""
    assert path.namespace == foreign.namespace == inner.namespace == SVG_URI
    assert root[1][0].namespace == "http://www.w3.org/1998/Math/MathML"
    path.remove()
    assert path.namespace == ""


def test_only_an_unexpected_namespace_is_the_nodes_own():
    class Shape(Node):
        TAG_NAME = "path"
        NAMESPACE = SVG_URI

    assert SVG().namespace_own is None and Div().namespace_own is None
    assert Shape().namespace_own == SVG_URI
    assert Node(namespace="urn:x").namespace_own == Node(namespace="urn:x").namespace == "urn:x"


def test_html_makes_one_node_of_whatever_there_is():
    node = P()

    assert HTML(node) is node
    assert HTML(H1("a"), "b") == Div(H1("a"), "b")
    assert HTML("a < b") == Div("a < b") and HTML("\\<b>", "\\\\") == Div("<b>", "\\")
    assert HTML([node]) is node and HTML() == Div() and HTML(5) == Div("5")


def test_subclasses_may_have_attributes_of_their_own():
    class Counter(Div):
        def __init__(self, start):
            self.count = start
            super().__init__(str(start), _class="counter")

    counter = Counter(5)

    assert counter.count == 5 and str(counter) == '<div class="counter">5</div>'


def test_repr_is_short():
    assert repr(Div("x" * 100, _id="a")) == "<Div div id='a' with 1 children>"
    assert len(repr(Text("x" * 100))) < 60


def test_a_parent_is_read_and_not_set():
    node, other = Div(Span()), Div()

    with pytest.raises(AttributeError, match="parent"):
        node[0].parent = other

    assert node[0].parent is node


def test_a_node_is_not_pickled():
    with pytest.raises(RuntimeError, match="cannot be copied"):
        pickle.dumps(Div("x"))


def test_the_same_text_and_the_same_ids_change_nothing():
    empty, text, named = P(), P("a"), P(_id="a b")
    recorders = [Recorder(node) for node in (empty, text, named)]

    empty.set_text("")
    text.nodes = "a"
    named.id_list = ["a", "b"]

    assert [recorder.recorded for recorder in recorders] == [[], [], []]


def test_other_ids_are_one_change():
    node = P(_id="a b")
    recorder = Recorder(node)

    node.id_list = "c b"

    assert recorder.recorded == [SetAttribute(node, "id", "b c")]
    assert list(node.id_list) == ["b", "c"]


def test_a_tag_is_void_in_any_case():
    assert str(Node(tag_name="IMG", src="x")) == '<IMG src="x">'
