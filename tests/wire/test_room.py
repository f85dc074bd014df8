"""How large a tree may be, at the very edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lona_sync.errors import TreeTooLargeError, WrongThreadError
from lona_sync.html import HTML, Button, Div, Li, Node, P, RawHTML, Span, Stream, Td, Text, TextInput, Tr, Ul
from lona_sync.html.size import measure
from lona_sync.wire.document import Document
from tests.wire.documents import Browser, make_document, make_room

NODES, CHARACTERS = "trees.refused.nodes", "trees.refused.characters"


def shown(root: Node, *, nodes: int = 1000, characters: int = 1000) -> Document:
    """A document that shows `root`, and has room for so many more."""
    already = measure([root])
    room = make_room(max_nodes=already[0] + nodes, max_characters=already[1] + characters)
    document = make_document(room=room)
    document.show(root)
    document.close_frame()
    return document


def refusals(document: Document) -> dict[str, int]:
    return dict(document.room._counters)


def is_right(document: Document) -> bool:
    """What is counted is what is there, and what browsers see."""
    assert document.root is not None
    browser = Browser(document)
    document.close_frame()
    browser.catch_up()
    return (document.room.nodes, document.room.characters) == measure([document.root]) and browser.shows_the_tree()


@pytest.mark.parametrize(("node", "size"), [
    (Div(), (1, 0)),
    (Text("four"), (1, 4)),
    (Td("four"), (2, 4)),
    (Tr(Td("a"), Td("bc")), (5, 3)),
    (Div(_class="ab c", _id="d"), (1, 3 + 2 + 2)),
    (Div(_style="color: red"), (1, 8)),
    (Div(title="abc", hidden=True, tabindex=10, draggable=False), (1, 8 + 6 + 10 + 14)),
    (Div(hidden=False), (1, 0)),
    (Button(events=[]), (1, 0)),
    (RawHTML("<b>x</b>"), (1, 8)),
    (Div(widget="w", widget_data={"ab": [1, "cd", None]}), (1, 1 + 2 + 1 + 1 + 3 + 1)),
    (Stream("item", "item"), (1, 0)),
    (TextInput(value="typed"), (1, 8 + 10)),
], ids=range(13))
def test_nodes_and_characters_are_counted(node: Node, size: tuple[int, int]) -> None:
    assert measure([node]) == size


def test_a_text_is_counted_without_becoming_a_node() -> None:
    cell = Td("text")

    measure([cell])

    assert cell._children == "text"


def test_a_tree_may_have_so_many_nodes_and_not_one_more() -> None:
    items = Ul()
    document = shown(items, nodes=4)
    items.append(Li("one"))

    items.append(Li("two"))
    with pytest.raises(TreeTooLargeError, match=r"would have 7 nodes.* 5 are the limit \(MAX_NODES\)"):
        items.append(Li("three"))

    assert len(items) == 2 and refusals(document) == {NODES: 1}
    assert is_right(document)


def test_what_leaves_makes_room() -> None:
    items = Ul(Li("one"))
    document = shown(items, nodes=0)

    with pytest.raises(TreeTooLargeError):
        items.append(Span())
    items[0].remove()
    items.append(Li("two"))

    assert items.get_text() == "two" and is_right(document)


@pytest.mark.parametrize("change", [
    lambda box: setattr(box, "nodes", [Span("x"), Span("y")]),
    lambda box: box.nodes.__setitem__(slice(None), [Span("x"), Span("y")]),
    lambda box: box.nodes.__setitem__(0, Span("x")),
    lambda box: box.set_text("a text"),
    lambda box: setattr(box, "nodes", [box[1], Span("in the place of another")]),
    lambda box: setattr(box, "nodes", [box[1], box[0]]),
    lambda box: box.nodes.reverse(),
    lambda box: box.insert(0, box[1]),
    lambda box: setattr(box, "nodes", [box[0][0], Span("around what stays")]),
], ids=["all", "slice", "one", "text", "all but one", "order", "reverse", "move", "out of what goes"])
def test_a_full_tree_can_be_exchanged_for_one_that_is_not_larger(change: Callable[[Div], object]) -> None:
    box = Div(P("one"), P("two"))
    document = shown(box, nodes=0, characters=1000)

    change(box)

    assert refusals(document) == {} and is_right(document)


@pytest.mark.parametrize("change", [
    lambda box: setattr(box, "nodes", [Span("x"), Span("y"), Span()]),
    lambda box: box.nodes.extend([Span(), Span()]),
    lambda box: box.nodes.__setitem__(0, Div(Span("x"))),
    lambda box: box.nodes.__setitem__(slice(0, 1), [Span(), Span(), Span()]),
    lambda box: setattr(box, "nodes", [*box.nodes, Span()]),
    lambda box: box.append(Div(Div(Div("deep")))),
    lambda box: box.insert(0, "text"),
], ids=["all", "extend", "one", "slice", "and one more", "deep", "text"])
def test_a_change_for_which_there_is_no_room_changes_nothing(change: Callable[[Div], object]) -> None:
    box = Div(P("one"), P("two"))
    document = shown(box, nodes=0)
    before = list(box.nodes)

    with pytest.raises(TreeTooLargeError):
        change(box)

    assert list(map(id, box.nodes)) == list(map(id, before))
    assert all(node.parent is box and node.owner is document for node in before)
    assert not document.close_frame()
    assert is_right(document)


def test_a_node_of_another_view_stays_there_when_there_is_no_room_for_it() -> None:
    other_box, box = Div(P("mine")), Div()
    other, document = shown(other_box), shown(box, nodes=1)

    with pytest.raises(TreeTooLargeError):
        box.append(other_box[0])

    assert other_box.get_text() == "mine" and is_right(other) and is_right(document)


@pytest.mark.parametrize("grow", [
    lambda node: node[0].set(node[0].data + "12345"),
    lambda node: node.set_text("x" * 15),
    lambda node: node.attributes.__setitem__("lang", "x"),
    lambda node: node.attributes.__setitem__("title", "x" * 15),
    lambda node: node.id_list.add("four"),
    lambda node: node.style.__setitem__("top", "1%"),
    lambda node: node.append("12345"),
    lambda node: node.append(Div(Span(lang="x"))),
], ids=["text", "set_text", "attribute", "longer attribute", "id", "style", "child", "tree"])
def test_it_may_have_so_many_characters_and_not_one_more(grow: Callable[[Any], object]) -> None:
    def node() -> Node:
        return P("x" * 10, title="x" * 10)

    fits, full = node(), node()
    with_room, without = shown(fits, characters=5), shown(full, characters=4)

    grow(fits)
    with pytest.raises(TreeTooLargeError, match="MAX_TREE_CHARACTERS"):
        grow(full)

    assert with_room.room.characters == measure([fits])[1] == 30
    assert full == node() and refusals(without) == {CHARACTERS: 1}
    assert is_right(with_room) and is_right(without)


def test_classes_count_and_are_not_refused_since_some_may_have_come_and_gone_already() -> None:
    node = P(_class="a bc")
    document = shown(node, characters=0)

    node.class_list = ["bc", "longer"]

    assert refusals(document) == {} and is_right(document)


@pytest.mark.parametrize("change", [
    lambda data: data.__setitem__("a", "x"),
    lambda data: data.__setitem__("new", 1),
    lambda data: data.__setitem__("list", [1, "two", {"three": 3}]),
    lambda data: data["list"].append("x" * 50),
    lambda data: data["list"].insert(0, {"a": "b"}),
    lambda data: data["list"].__setitem__(0, "longer"),
    lambda data: data["list"].__setitem__(slice(0, 1), [1, 2, 3]),
    lambda data: data["list"].__delitem__(0),
    lambda data: data["deep"]["deeper"].__setitem__("x", "y"),
    lambda data: data.__delitem__("deep"),
    lambda data: data.clear(),
    lambda data: data.update({"a": "bc", "d": 5}),
], ids=range(12))
def test_what_is_put_into_the_data_of_a_widget_counts(change: Callable[[Any], object]) -> None:
    chart = Div(widget="chart", widget_data={"a": 1, "list": [1, "b"], "deep": {"deeper": {}}})
    document = shown(chart)
    before = document.room.characters

    change(chart.widget_data)

    assert document.room.characters != before
    assert document.room.characters == measure([chart])[1]


def test_data_for_which_there_is_no_room_is_refused() -> None:
    chart = Div(widget="chart", widget_data={"points": []})
    document = shown(chart, characters=3)

    chart.widget_data["points"].extend([1, 2, 3])
    with pytest.raises(TreeTooLargeError):
        chart.widget_data["points"].append(4)

    assert chart.widget_data["points"] == [1, 2, 3] and is_right(document)


def test_raw_html_counts() -> None:
    raw = RawHTML("<b>x</b>")
    document = shown(raw, characters=2)

    raw.inner_html = "<b>xyz</b>"
    with pytest.raises(TreeTooLargeError):
        raw.inner_html = "<b>xyz!</b>"

    assert raw.inner_html == "<b>xyz</b>" and is_right(document)


def test_what_a_user_has_typed_is_counted_and_not_refused_and_the_tree_may_shrink_and_change() -> None:
    field = TextInput(value="")
    box = Div(field, P("hello"))
    document = shown(box, characters=3)

    field.receive("x" * 100, 7)
    box[1].set_text("bye")
    with pytest.raises(TreeTooLargeError):
        box[1].set_text("good bye")
    field.value = ""
    box[1].set_text("hi there")

    assert field.value == "" and box[1].get_text() == "hi there" and is_right(document)


def test_a_first_tree_that_is_too_large_is_not_shown() -> None:
    document = make_document(room=make_room(max_nodes=4))
    root = Ul(Li("one"), Li())
    large = Ul(Li("one"), Li("two"), Stream("kept", limit=5))

    with pytest.raises(TreeTooLargeError, match="6 nodes"):
        document.show(large)
    document.show(root)

    assert all(node.owner is None for node in (large, *large.nodes))
    assert "kept" in str(large)
    assert is_right(document)


def test_a_tree_takes_the_place_of_the_former_one_at_the_limit() -> None:
    first, second, third = Ul(Li("one")), Ul(Li("two")), Ul(Li("three"), Li())
    document = make_document(room=make_room(max_nodes=3))
    document.show(first)

    document.show(second)
    with pytest.raises(TreeTooLargeError):
        document.show(third)

    assert document.root is second and first.owner is None and is_right(document)


def test_a_page_of_ours_is_shown_however_large() -> None:
    document = make_document(room=make_room(max_nodes=3))
    document.show(Ul(Li("one")))

    document.show_last(HTML(P("Internal Server Error"), P("sorry")))

    assert document.room.nodes > 3 and is_right(document)


def test_a_stream_takes_no_room_whatever_is_sent_through_it() -> None:
    log = Stream(keep=5)
    document = shown(log, nodes=0, characters=0)

    for number in range(100):
        log.append(P(f"line {number}"))

    assert is_right(document)


def test_a_tree_that_nobody_shows_any_more_has_no_limit() -> None:
    items = Ul()
    document = shown(items, nodes=0)

    document.close()
    items.append(Li("one"))

    assert items.get_text() == "one"


def test_another_thread_hears_that_it_is_one_before_it_hears_of_room() -> None:
    items = Ul()
    document = shown(items, nodes=0)

    def guard() -> None:
        raise WrongThreadError("not here")

    document._host.guard = guard
    with pytest.raises(WrongThreadError):
        items.append(Li("one"))

    assert len(items) == 0
