"""Where nodes are put, moved and taken out, and what the owner hears of it."""

from __future__ import annotations

import datetime

import pytest

from lona_sync.errors import WrongThreadError
from lona_sync.html import Div, Li, Node, P, Span, Text, Ul
from lona_sync.html.mutations import Insert, Move, Remove
from tests.html.owners import Recorder


def same(first, second):
    return list(map(id, first)) == list(map(id, second))


def named(**functions):
    return [pytest.param(function, id=name) for name, function in functions.items()]


def test_children_are_nodes_texts_numbers_and_lists_of_them():
    node = Div("a", 1, 2.5, True, [Span("b"), ("c", [Span("d")])], (str(n) for n in range(2)))

    children = list(node)

    assert [str(child) for child in children] == [
        "a", "1", "2.5", "True", "<span>b</span>", "c", "<span>d</span>", "0", "1",
    ]
    assert all(child.parent is node for child in children)


@pytest.mark.parametrize(
    "wrong", [None, {"a": 1}, b"bytes", object(), datetime.date(2024, 1, 1)], ids=lambda wrong: type(wrong).__name__,
)
@pytest.mark.parametrize("add", named(
    append=lambda node, wrong: node.append(wrong),
    insert=lambda node, wrong: node.insert(0, wrong),
    extend=lambda node, wrong: node.extend([Span("new"), [wrong]]),
    nodes=lambda node, wrong: setattr(node, "nodes", [Span("new"), wrong]),
    item=lambda node, wrong: node.__setitem__(0, wrong),
))
def test_a_wrong_child_is_explained_and_changes_nothing(wrong, add):
    node = Div("a", "b")
    before = list(node)

    with pytest.raises(TypeError, match="a child must be a node, str, int or float, not"):
        add(node, wrong)

    assert same(node, before)


def test_a_list_that_contains_itself_is_refused():
    endless = ["x"]
    endless.append(endless)

    with pytest.raises(ValueError, match="does one contain itself"):
        Div(endless)


def test_remove_takes_the_node_given_not_an_equal_one():
    first, second = Span("x"), Span("x")
    parent = Div(first, second)

    parent.remove(second)

    assert same(parent, [first])
    assert second.parent is None


def test_index_and_in_are_by_identity():
    first, second = Span("x"), Span("x")
    parent = Div(first, second)

    assert parent.index(second) == 1
    assert parent.nodes.index(second) == 1
    assert second in parent and second in parent.nodes
    assert Span("x") not in parent and "x" not in parent


@pytest.mark.parametrize("stranger", [Span("x"), Text("x"), None, "x"], ids=repr)
def test_removing_what_is_not_there_is_a_value_error(stranger):
    parent = Div(Span("x"))

    with pytest.raises(ValueError, match="is not a child of"):
        parent.nodes.remove(stranger)
    with pytest.raises(ValueError, match="is not a child of"):
        parent.remove(stranger)

    assert len(parent) == 1


def test_a_node_can_take_itself_out_once():
    child = Span()
    parent = Div(child)

    child.remove()

    assert len(parent) == 0
    with pytest.raises(RuntimeError, match="node has no parent node"):
        child.remove()


def test_list_operations_work_on_the_node_and_on_its_nodes():
    a, b, c, d = (Span(letter) for letter in "abcd")
    parent = Div()

    parent.append(a)
    parent.nodes.extend([b, d])
    parent.insert(2, c)

    assert same(parent, [a, b, c, d])
    assert same(reversed(parent), [d, c, b, a])
    assert same(parent[1:3], [b, c]) and parent[-1] is d and parent.nodes[0] is a
    assert parent.pop() is d and parent.pop(0) is a and len(parent) == 2
    del parent[0]
    assert same(parent, [c])
    parent.clear()
    assert len(parent) == 0 and parent.nodes == [] and bool(parent)


@pytest.mark.parametrize("index", [-5, -1, 0, 1, 3, 9])
def test_insert_takes_the_same_index_as_a_list_does(index):
    model = [Span(letter) for letter in "abc"]
    parent, new = Div(model), Span("new")

    parent.insert(index, new)

    model.insert(index, new)
    assert same(parent, model)


@pytest.mark.parametrize("operation", named(
    pop=lambda node: node.pop(5), item=lambda node: node[5], negative=lambda node: node.pop(-9),
))
def test_a_wrong_index_is_an_index_error(operation):
    with pytest.raises(IndexError):
        operation(Div("a"))


def test_an_item_can_be_replaced():
    a, b, c = (Span(letter) for letter in "abc")
    parent = Div(a, b)

    parent[0] = c
    parent[1] = "text"

    assert parent[0] is c and str(parent[1]) == "text" and len(parent) == 2
    assert a.parent is None and b.parent is None


def test_a_loop_over_the_children_survives_their_removal():
    parent = Ul([Li(n) for n in range(5)])

    for child in parent:
        parent.remove(child)

    assert len(parent) == 0


def test_extending_by_the_children_of_another_node_moves_them():
    source, target = Div(Span("a"), Span("b")), Div()

    target.extend(source.nodes)

    assert len(source) == 0 and target.get_text() == "ab"


def test_adding_a_node_twice_leaves_it_at_the_later_place():
    a, b = Span("a"), Span("b")

    parent = Div(a, b, a)

    assert same(parent, [b, a])


def test_adding_a_node_elsewhere_moves_it():
    child = Span()
    first, second = Div(child), Div()

    second.append(child)

    assert len(first) == 0 and same(second, [child]) and child.parent is second


def test_adding_itself_or_an_ancestor_is_a_loop():
    inner = Span()
    outer = Div(P(inner))

    for node in (inner, inner.parent, outer):
        with pytest.raises(RuntimeError, match="loop detected"):
            inner.append(node)
        with pytest.raises(RuntimeError, match="loop detected"):
            inner.nodes = ["x", node]

    assert len(inner) == 0 and inner.root is outer


def test_lists_compare_by_content():
    parent = Div("a", Span("b"))

    assert parent.nodes == ["a", Span("b")]
    assert parent.nodes == Div("a", Span("b")).nodes
    assert parent.nodes != ["a"] and parent.nodes != ["a", Span("c")] and parent.nodes != 5


def test_nodes_can_be_set_and_what_stays_keeps_its_place():
    a, b, c, d = (Span(letter) for letter in "abcd")
    parent = Div(a, b, c)
    recorder = Recorder(parent)

    parent.nodes = [c, d, a]

    assert same(parent, [c, d, a]) and b.parent is None
    assert recorder.recorded == [Move(c, parent, a), Insert(parent, d, a), Remove(b)]


def test_setting_the_same_nodes_records_nothing():
    parent = Div("a", Span("b"))
    recorder = Recorder(parent)

    parent.nodes = list(parent)

    assert recorder.recorded == []


def test_an_unshown_tree_records_nothing_and_a_shown_one_names_the_next_sibling():
    a, b, c = (Span(letter) for letter in "abc")
    parent = Div(a)
    recorder = Recorder(parent)

    parent.append(c)
    parent.insert(1, b)
    parent.remove(a)

    assert recorder.recorded == [Insert(parent, c, None), Insert(parent, b, c), Remove(a)]
    assert a.owner is None and b.owner is recorder


def test_moving_inside_of_one_shown_tree_is_one_move():
    a, b, c = (Span(letter) for letter in "abc")
    other = P()
    root = Div(a, b, c, other)
    recorder = Recorder(root)

    root.insert(2, a)
    other.append(c)

    assert recorder.recorded == [Move(a, root, c), Move(c, other, None)]
    assert same(root, [b, a, other]) and same(other, [c])


def test_putting_a_node_where_it_is_records_nothing():
    a, b = Span("a"), Span("b")
    root = Div(a, b)
    recorder = Recorder(root)

    root.append(b)
    root.insert(0, a)
    root.insert(1, a)

    assert recorder.recorded == [] and same(root, [a, b])


def test_moving_between_two_shown_trees_is_a_remove_and_an_insert():
    child = Span(Text("x"))
    first, second = Div(child), Div()
    one, two = Recorder(first), Recorder(second)

    second.append(child)

    assert one.recorded == [Remove(child)] and two.recorded == [Insert(second, child, None)]
    assert child.owner is two and child[0].owner is two


def test_moving_out_of_a_shown_tree_into_a_free_one_is_a_remove():
    child = Span("x")
    shown, free = Div(child), Div()
    recorder = Recorder(shown)

    free.append(child)

    assert recorder.recorded == [Remove(child)]
    assert child.owner is None and child.parent is free and len(shown) == 0


def test_moving_from_a_free_tree_into_a_shown_one_is_an_insert():
    child = Span("x")
    free, shown = Div("y", child), Div()
    recorder = Recorder(shown)

    shown.append(child)

    assert recorder.recorded == [Insert(shown, child, None)]
    assert len(free) == 1 and child.owner is recorder


def test_the_root_of_a_running_view_cannot_become_a_child():
    root, other = Div(Span()), Div()
    recorder = Recorder(root)

    with pytest.raises(RuntimeError, match="what a view shows as a whole"):
        other.append(root)
    with pytest.raises(RuntimeError, match="what a view shows as a whole"):
        Div("x", root)

    assert len(other) == 0 and root.owner is recorder


def test_a_tree_whose_owner_is_closed_is_free():
    child = Span("x")
    root = Div(child)
    Recorder(root).closed = True

    other = Div(root)

    assert same(other, [root]) and root.owner is None and child.owner is None and child[0].owner is None


def test_a_child_of_a_closed_tree_moves_without_a_word():
    child = Span("x")
    old, shown = Div(child), Div()
    closed, recorder = Recorder(old), Recorder(shown)
    closed.closed = True

    shown.append(child)

    assert closed.recorded == [] and recorder.recorded == [Insert(shown, child, None)]
    assert len(old) == 0 and child[0].owner is recorder


def test_a_closed_tree_can_still_be_changed():
    child, new = Span("x"), Span("new")
    root = Div(child, P())
    closed = Recorder(root)
    closed.closed = True

    root[1].append(child)
    root.append(new)
    root.remove(new)
    Div(new)

    assert closed.recorded == [] and new.owner is None and child.parent is root[0]


@pytest.mark.parametrize("change", named(
    append=lambda root: root.append("x"),
    extend=lambda root: root.extend([Span("new"), root[0]]),
    insert=lambda root: root.insert(0, root[1]),
    remove=lambda root: root.remove(root[0]),
    remove_itself=lambda root: root[0].remove(),
    pop=lambda root: root.pop(),
    clear=lambda root: root.clear(),
    nodes=lambda root: setattr(root, "nodes", ["x", root[0]]),
    item=lambda root: root.__setitem__(0, "x"),
    other_item=lambda root: root.__setitem__(0, root[1]),
    slice=lambda root: root.__setitem__(slice(1, 2), ["x", root[0]]),
    deletion=lambda root: root.__delitem__(slice(None)),
    sort=lambda root: root.nodes.sort(key=lambda node: node.get_text(), reverse=True),
    reverse=lambda root: root.nodes.reverse(),
    set_text=lambda root: root.set_text("x"),
    constructor=lambda root: Div("x", root[0]),
    elsewhere=lambda root: Div(Span("x")).insert(0, [Span("y"), root[0]]),
))
def test_an_owner_that_refuses_leaves_the_tree_as_it_was(change):
    root = Div(Span("a"), Span("b"))
    recorder = Recorder(root)
    recorder.refusing = True
    before = list(root)

    with pytest.raises(WrongThreadError):
        change(root)

    assert same(root, before) and all(child.parent is root and child.owner is recorder for child in root)


def test_a_refused_move_leaves_the_other_tree_as_it_was_too():
    root, free = Div(Span("a")), Div("b")
    Recorder(root).refusing = True

    with pytest.raises(WrongThreadError):
        free.extend(["c", root[0]])

    assert str(free) == "<div>b</div>" and len(root) == 1


def test_appending_does_not_look_at_the_tree_around():
    class Watched(Node):
        asked = 0

        def __getattribute__(self, name):
            Watched.asked += 1
            return super().__getattribute__(name)

    root = node = Watched()
    for _ in range(200):
        node.append(Watched())
        node = node[0]
    Watched.asked = 0

    node.append(Div())

    assert Watched.asked < 20 and root.parent is None


def test_a_node_is_made_of_nodes_that_have_a_place_and_of_one_twice():
    free, placed = Span("free"), Span("placed")
    former = Div(placed, "rest")

    node = Div(free, placed, "text", free)

    assert same(node, [placed, node[1], free]) and str(node[1]) == "text"
    assert all(child.parent is node for child in node)
    assert [str(child) for child in former] == ["rest"]


def test_a_node_that_cannot_be_made_leaves_its_children_free():
    child, root = Span("child"), Div()
    root.owner = Recorder()

    with pytest.raises(RuntimeError, match="shows as a whole"):
        Div(child, root)
    with pytest.raises(TypeError, match="a child must be"):
        Div(child, None)

    assert child.parent is None and root.parent is None


def test_the_text_of_a_node_is_made_once():
    node = Div("text")

    text = node[0]

    assert isinstance(text, Text) and text.parent is node and text.owner is None
    assert node[0] is text and node.children[0] is text and len(node) == 1
    assert [str(child) for child in Div("")] == [""] and len(Div("")) == 1
