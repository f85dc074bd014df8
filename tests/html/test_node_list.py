"""The children as a Python list, and what a list of places cannot be."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html import Br, Div, Hr, Img, Li, Node, NodeList, P, RawHTML, Span, Table, Td, Text, TextInput, Tr, Ul
from lona_sync.html.mutations import Insert, Move, Remove, SetText
from tests.html.owners import Copy, Recorder, texts


def same(first, second):
    return list(map(id, first)) == list(map(id, second))


def spans(letters):
    return [Span(letter) for letter in letters]


def text_of(node):
    return node.get_text()


BOUND = st.none() | st.integers(-9, 9)
SLICE = st.builds(slice, BOUND, BOUND, st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]))


@given(SLICE, st.integers(0, 6))
def test_a_slice_is_read_and_deleted_as_of_a_list(where, size):
    model = spans("abcdefg"[:size])
    parent = Div(model)

    assert same(parent[where], model[where]) and same(parent.nodes[where], model[where])
    del parent.nodes[where]

    del model[where]
    assert same(parent, model)


@given(SLICE, st.integers(0, 6), st.integers(0, 4))
def test_a_slice_is_set_as_of_a_list(where, size, count):
    model, new = spans("abcdefg"[:size]), spans("wxyz"[:count])
    parent = Div(model)
    copy = Copy(parent)
    try:
        model[where] = new
    except ValueError:
        with pytest.raises(ValueError, match="extended slice"):
            parent[where] = new
    else:
        parent[where] = new

    assert same(parent, model)
    copy.check(parent)


def test_a_slice_takes_what_the_children_may_be():
    parent = Div(spans("abc"))

    parent[1:2] = ("x", [1, 2.5], (str(n) for n in range(2)))

    assert texts(parent) == "ax12.501c"


def test_a_node_that_was_elsewhere_among_the_children_leaves_that_place():
    a, b, c, d = spans("abcd")
    parent = Div(a, b, c, d)
    recorder = Recorder(parent)

    parent[0:1] = [d]

    assert same(parent, [d, b, c]) and a.parent is None
    assert recorder.recorded == [Move(d, parent, b), Remove(a)]


def test_a_slice_that_keeps_its_nodes_moves_only_those_that_must():
    a, b, c, d, e = spans("abcde")
    parent = Div(a, b, c, d, e)
    recorder = Recorder(parent)

    parent[1:4] = [c, d, b]

    assert same(parent, [a, c, d, b, e]) and recorder.recorded == [Move(b, parent, e)]


def test_a_node_that_is_given_twice_gets_the_later_place():
    a, b = spans("ab")
    first, second = Div(), Div("x")

    first.nodes = [a, b, a]
    assert same(first, [b, a])
    second[0:1] = [a, b, a]

    assert same(second, [b, a]) and len(first) == 0


def test_what_stays_keeps_its_element_when_it_comes_from_inside_of_what_goes():
    row = Li("row")
    parent = Div(Ul(row))
    wrapper = parent[0]
    recorder = Recorder(parent)

    parent.nodes = list(wrapper)

    assert same(parent, [row]) and len(wrapper) == 0 and wrapper.owner is None
    assert recorder.recorded == [Move(row, parent, None), Remove(wrapper)]


def test_two_nodes_may_be_exchanged_as_in_a_list():
    a, b, c, d = spans("abcd")
    parent = Div(a, b, c, d)
    recorder = Recorder(parent)

    parent[0], parent[2] = parent[2], parent[0]
    parent.nodes[-1], parent.nodes[0] = parent.nodes[0], parent.nodes[-1]

    assert same(parent, [d, b, a, c]) and all(isinstance(change, Move) for change in recorder.recorded)


def test_a_node_that_is_put_where_it_is_does_not_move():
    a, b = spans("ab")
    parent = Div(a, b)
    recorder = Recorder(parent)

    parent[0] = a
    parent[:] = [a, b]
    parent.nodes = parent.nodes
    parent.nodes += []
    parent.nodes.sort(key=text_of)

    assert same(parent, [a, b]) and recorder.recorded == []


def test_shuffling_loses_nothing():
    model = spans("abcdefghij")
    parent = Div(model)
    copy = Copy(parent)

    random.Random(1).shuffle(parent.nodes)

    random.Random(1).shuffle(model)
    assert same(parent, model)
    copy.check(parent)


def test_children_are_added_in_place():
    a, b, c, d = spans("abcd")
    parent, other = Div(a), Div(d)
    kept = parent

    parent += [b, "x"]
    parent.nodes += (c,)
    parent.nodes += other.nodes

    assert parent is kept and texts(parent) == "abxcd" and len(other) == 0


@pytest.mark.parametrize("wrong", ["text", b"bytes", Span("x"), Text("x"), {"a": 1}, 5, None], ids=repr)
def test_one_child_is_no_list_of_children(wrong):
    parent = Div("a")

    for add in (parent.extend, parent.nodes.__iadd__, lambda wrong: parent.__setitem__(slice(0, 1), wrong)):
        with pytest.raises(TypeError, match="expected a list of children"):
            add(wrong)

    assert texts(parent) == "a"


@pytest.mark.parametrize("multiply", [
    lambda node: node * 2, lambda node: 2 * node.nodes, lambda node: node.nodes.__imul__(2), lambda node: node.__imul__(2),
], ids=["node", "list", "in place, list", "in place, node"])
def test_nodes_cannot_be_multiplied(multiply):
    with pytest.raises(TypeError, match="a node has one place"):
        multiply(Div("a"))


def test_sums_and_copies_are_plain_lists_of_the_same_nodes():
    a, b, c = spans("abc")
    first, second = Div(a, b), Div(c)

    assert same(first.nodes + second.nodes, [a, b, c]) and same([c] + first.nodes, [c, a, b])       # noqa: RUF005
    assert type(first.nodes.copy()) is list and same(first.nodes.copy(), [a, b])
    assert len(first) == 2 and len(second) == 1


def test_counting_and_searching_are_by_identity():
    first, second, third = Span("x"), Span("x"), Span("x")
    parent = Div(first, second)
    nodes = parent.nodes

    assert isinstance(nodes, NodeList) and nodes.count(second) == 1 and nodes.count(third) == 0 and nodes.count("x") == 0
    assert nodes.index(second) == nodes.index(second, 1) == nodes.index(second, -1, 9) == parent.index(second, 0, 2) == 1
    with pytest.raises(ValueError, match="not in the range from 0 to 1"):
        nodes.index(second, 0, 1)
    with pytest.raises(ValueError, match="pass the very node"):
        nodes.index(third)


def test_equal_nodes_are_moved_inserted_and_popped_each_by_itself():
    first, second, third = Span("x"), Span("x"), Span("x")
    parent, other = Div(first, second), Div(Span("x"))

    parent.insert(0, third)
    assert same(parent, [third, first, second])
    other.append(second)
    assert same(parent, [third, first]) and other[1] is second
    assert parent.pop(1) is first and same(parent, [third])


@pytest.mark.parametrize("index", [-3, 2, 9])
def test_a_place_that_is_not_there_is_an_index_error(index):
    parent = Div(spans("ab"))

    for operation in (lambda: parent.pop(index), lambda: parent.__delitem__(index), lambda: parent.__setitem__(index, "x")):
        with pytest.raises(IndexError):
            operation()

    assert texts(parent) == "ab"


@given(st.lists(st.integers(0, 5), max_size=12), st.booleans())
def test_sorting_is_that_of_lists_and_stable(numbers, reverse):
    model = [Li(number) for number in numbers]
    parent = Ul(model)
    copy = Copy(parent)

    parent.nodes.sort(key=text_of, reverse=reverse)

    model.sort(key=text_of, reverse=reverse)
    assert same(parent, model)
    copy.check(parent)


def test_reversing_is_that_of_lists():
    model = spans("abcde")
    parent = Div(model)
    recorder = Recorder(parent)

    parent.nodes.reverse()

    assert same(parent, model[::-1]) and len(recorder.recorded) == 4


def test_sorting_a_thousand_rows_moves_only_those_that_must():
    rows = [Tr(Td(number)) for number in range(1000)]
    table = Table(rows)
    table.append(rows[500])
    table.insert(10, rows[900])
    table.insert(999, rows[0])
    recorder = Recorder(table)

    table.nodes.sort(key=lambda row: int(row.get_text()))

    assert same(table, rows)
    assert sorted(change.node.get_text() for change in recorder.recorded) == ["0", "500", "900"]
    assert all(isinstance(change, Move) for change in recorder.recorded)


def test_new_rows_are_sorted_in_among_the_old_ones():
    rows = [Li(number) for number in range(0, 10, 2)]
    menu = Ul(rows)
    recorder = Recorder(menu)
    new = Li(5)

    menu.nodes = sorted([*menu, new], key=text_of)

    assert recorder.recorded == [Insert(menu, new, rows[3])] and texts(menu) == "024568"


def test_nodes_have_no_order_of_their_own():
    parent = Div(spans("ba"))

    with pytest.raises(TypeError, match=r"give sort\(\) a key"):
        parent.nodes.sort()

    assert texts(parent) == "ba"


def raising(*children):
    yield from children
    raise KeyError("in the middle")


def test_an_error_in_the_middle_changes_nothing():
    a, b, inner = Span("a"), Span("b"), Span("inner")
    parent, other = Div(a, b, P(inner)), Div("o", Span("other"))
    before, recorder = str(parent) + str(other), Recorder(parent)

    def failing_key(node):
        if node is b:
            raise KeyError("in the middle")
        return 0

    operations = [
        (KeyError, lambda: parent.extend(raising("x", other[0]))),
        (KeyError, lambda: parent.append(raising("x", b))),
        (KeyError, lambda: parent.__setitem__(slice(0, 2), raising(b, a))),
        (KeyError, lambda: parent.__setitem__(0, raising(b, a))),
        (KeyError, lambda: setattr(parent, "nodes", raising(other[1], a))),
        (KeyError, lambda: Div(raising(other[1], a))),
        (KeyError, lambda: parent.nodes.sort(key=failing_key)),
        (TypeError, lambda: parent.nodes.sort(key=lambda node: node)),
        (TypeError, lambda: parent.__setitem__(slice(1, None), [other[1], None])),
        (ValueError, lambda: parent.__setitem__(slice(None, None, 2), [other[1]])),
        (RuntimeError, lambda: inner.extend([other[1], parent])),
        (RuntimeError, lambda: inner.__setitem__(slice(None), [other[1], a, inner])),
        (RuntimeError, lambda: setattr(other, "nodes", [a, parent])),
        (ValueError, lambda: parent.remove(a, other[1])),
        (ValueError, lambda: parent.remove(a, None)),
        (ValueError, lambda: Div(other[1], a, data_x=None)),
    ]

    for error, operation in operations:
        with pytest.raises(error):
            operation()

    assert str(parent) + str(other) == before and recorder.recorded == []
    assert same(parent[:2], [a, b]) and inner.owner is recorder and other[1].parent is other


def test_a_key_that_changes_the_children_is_found_out():
    parent = Div(spans("cab"))

    def key(node):
        if len(parent) == 3:
            parent.append("d")
        return node.get_text()

    with pytest.raises(ValueError, match="changed while they were sorted"):
        parent.nodes.sort(key=key)

    assert texts(parent) == "cabd"


def test_a_generator_may_change_the_children_before_they_are_added_to():
    parent = Div("a", "b")

    def changing():
        parent.clear()
        yield "c"

    parent[0:1] = changing()
    parent.insert(1, changing())
    parent.extend(changing())

    assert texts(parent) == "c"


@pytest.mark.parametrize("node_class", [Br, Hr, Img, TextInput, RawHTML])
@pytest.mark.parametrize("add", [
    lambda node: node.append("x"), lambda node: node.insert(0, Span()), lambda node: node.extend(["x"]),
    lambda node: setattr(node, "nodes", ["x"]), lambda node: node.__setitem__(slice(0, 0), ["x"]), lambda node: node.set_text("x"),
    lambda node: node.nodes.append("x"),
], ids=["append", "insert", "extend", "nodes", "slice", "set_text", "list"])
def test_what_cannot_have_children_says_so_at_once(node_class, add):
    node = node_class()

    with pytest.raises((ValueError, RuntimeError), match="cannot have children"):
        add(node)

    assert len(node) == 0


def test_a_void_element_is_not_even_made_with_children():
    child = Span()
    parent = Div(child)

    with pytest.raises(ValueError, match="<img> has no end tag in HTML, so it cannot have children"):
        Img(child)

    assert child.parent is parent and Img([]).nodes == [] and Node("x", tag_name="img", self_closing_tag=False).nodes == ["x"]


def test_a_cell_is_changed_without_a_look_at_its_neighbours():
    class Watched(Node):
        asked = 0

        def __getattribute__(self, name):
            Watched.asked += 1
            return super().__getattribute__(name)

    table = Watched([Watched("x") for _ in range(1000)])
    recorder = Recorder(table)
    cell = table[500]
    Watched.asked = 0

    cell.set_text("y")
    table[501] = "z"
    table.insert(0, "first")
    del table[0], table[700]
    table.pop()

    assert Watched.asked < 300 and isinstance(recorder.recorded[0], SetText)


def test_a_node_is_wrapped_where_it_is_and_the_others_stay():
    root = Ul(Li("x"), Li("y"), Li("z"))
    second, copy = root[1], Copy(root)

    for item in root:
        wrapper = item.wrap(Div("item "))

    copy.check(root)
    assert str(root) == "<ul><div>item <li>x</li></div><div>item <li>y</li></div><div>item <li>z</li></div></ul>"
    assert root[1].nodes[1] is second
    assert root[-1] is wrapper
    assert [type(mutation) for mutation in copy.recorded] == [Insert, Move] * 3      # the element stays the same in the browser


def test_a_node_gives_its_place_to_others():
    root, other = Ul(Li("x"), Li("y")), Ul(Li("other"))
    first, copy = root[0], Copy(root)

    first.replace_with(Li("1"), ["2", other[0]])

    copy.check(root)
    assert (texts(root), len(other), first.parent, first.owner) == ("12othery", 0, None, None)


def test_two_nodes_of_two_parents_are_exchanged_by_replacing():
    here, there = Div(Span("1"), "x"), Div(Span("2"), "y")
    first, second, gap = here[0], there[0], Span()

    first.replace_with(gap)
    second.replace_with(first)
    gap.replace_with(second)

    assert (texts(here), texts(there)) == ("2x", "1y")


def test_who_has_no_place_cannot_give_it_and_nobody_takes_his_own():
    node = Div(Span("x"))

    with pytest.raises(RuntimeError, match="no place in which to wrap"):
        node.wrap(Div())
    with pytest.raises(RuntimeError, match="no place in which to replace"):
        node.replace_with("x")
    with pytest.raises(ValueError, match="cannot take its own place"):
        node[0].replace_with(Span(), node[0])
    with pytest.raises(RuntimeError, match="loop detected"):
        node[0].wrap(node)
    with pytest.raises(RuntimeError, match="loop detected"):
        node[0].replace_with(node)
    with pytest.raises(ValueError, match="no end tag"):
        node[0].wrap(Br())
    with pytest.raises(TypeError, match="the node to wrap in, not str"):
        node[0].wrap("x")

    assert str(node) == "<div><span>x</span></div>"


def test_what_was_put_into_the_new_node_is_no_more_to_be_replaced_and_the_error_says_how():
    root = Div(Span("x"))

    with pytest.raises(IndexError, match=r"child\.wrap\(new\)"):
        root[0] = Div(root[0])


def test_the_list_is_a_sequence_to_python():
    root = Ul(Li("a"), Li("b"), Li("c"))

    match root.nodes:
        case [first, *rest]:
            found = text_of(first), len(rest)

    assert found == ("a", 2)
    assert random.Random(1).sample(root.nodes, 3)
    with pytest.raises(IndexError, match="there is no child at -1"):
        Ul().nodes.pop()


@pytest.mark.parametrize("change", [
    lambda children: children.append(Span()), lambda children: children.sort(key=text_of), lambda children: children.clear(),
    lambda children: children.__setitem__(0, Span()), lambda children: children.__delitem__(0), lambda children: children.pop(),
    lambda children: children.extend([]), lambda children: children.insert(0, Span()), lambda children: children.reverse(),
    lambda children: children.remove(1), lambda children: children.__iadd__([]), lambda children: children.__imul__(2),
], ids=range(12))
def test_children_are_there_to_be_read(change):
    root = Div(Span("x"), Span("y"))

    with pytest.raises(TypeError, match="there to be read"):
        change(root.children)

    assert texts(root) == "xy"
