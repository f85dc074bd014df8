"""`Stream`: items that go to the browser and are kept here for a while only."""

from __future__ import annotations

from typing import Any

import pytest

from lona_sync.html import CLICK, Button, Div, P, Stream, TextInput
from lona_sync.html.mutations import AT_END, AT_START, DropItem, PutItem
from tests.html.owners import Recorder


def texts(stream: Stream) -> list[str]:
    """The items that are kept, in the order of the page."""
    return [item.get_text() for item in stream.rendered_children]      # type: ignore[attr-defined]


def test_items_are_no_children():
    stream = Stream(P("a"), P("b"))

    stream.append(P("c"))

    assert (len(stream), list(stream.nodes), stream.get_text()) == (0, [], "")
    assert texts(stream) == ["a", "b", "c"]


def test_an_appended_item_is_last_and_a_prepended_one_first():
    stream = Stream()

    stream.extend([P("b"), P("c")])
    stream.prepend(P("a"))
    stream.append(P("d"))

    assert texts(stream) == ["a", "b", "c", "d"]


def test_texts_and_numbers_are_items_too():
    stream = Stream("one", 2)

    stream.append(3.5)

    assert str(stream) == "<div>one23.5</div>"


def test_each_item_has_a_number_of_its_own():
    stream = Stream()

    numbers = [stream.append("x"), stream.prepend("x"), stream.append("x")]

    assert len(set(numbers)) == 3
    assert sorted(stream.tail) == sorted(numbers)


def test_an_item_is_updated_in_its_place():
    stream = Stream()
    first, _ = stream.append(P("a")), stream.append(P("b"))

    stream.update(first, P("A"))

    assert texts(stream) == ["A", "b"]
    assert stream.total == 2


def test_items_are_removed_by_number_and_one_that_is_gone_is_fine():
    stream = Stream()
    first, second, _ = (stream.append(P(text)) for text in "abc")

    stream.remove(first, second)
    stream.remove(first)
    stream.update(second, P("B"))

    assert texts(stream) == ["c"]


def test_remove_without_a_number_takes_the_stream_out_of_its_parent():
    stream = Stream("x")
    parent = Div(stream)

    stream.remove()

    assert len(parent) == 0
    assert str(stream) == "<div>x</div>"


def test_clear_takes_out_all_items_and_later_ones_are_above_the_floor():
    stream = Stream("a", "b")
    former = max(stream.tail)

    stream.clear()
    number = stream.append("c")

    assert str(stream) == "<div>c</div>"
    assert former < stream.floor < number


def test_until_somebody_looks_as_many_are_kept_as_a_browser_would_show():
    stream = Stream(limit=3, keep=1)

    for number in range(5):
        stream.append(str(number))

    assert str(stream) == "<div>234</div>"


def test_what_was_put_last_is_kept_whichever_end_it_was_put_at():
    stream = Stream(limit=3)

    stream.extend("abc")
    stream.prepend("z")

    assert str(stream) == "<div>zbc</div>"
    assert stream.total == 4


def test_the_one_who_shows_it_is_told_of_each_item_and_decides_what_is_kept():
    stream = Stream()
    recorder = Recorder(stream)
    first, second = P("a"), P("b")

    numbers = [stream.append(first), stream.prepend(second)]
    stream.update(numbers[0], first)
    stream.remove(*numbers)

    assert recorder.recorded == [
        PutItem(stream, first, AT_END, numbers[0]), PutItem(stream, second, AT_START, numbers[1]),
        PutItem(stream, first, numbers[0], numbers[0]), DropItem(stream, numbers[0]), DropItem(stream, numbers[1]),
    ]
    assert not stream.tail


def test_a_stream_whose_view_has_ended_keeps_its_items_itself():
    stream = Stream("a")
    owner = Recorder(stream)
    owner.closed = True

    stream.append("b")

    assert str(stream) == "<div>ab</div>"


def test_a_refused_change_changes_nothing():
    stream = Stream("a", "b")
    owner = Recorder(stream)
    owner.refusing = True

    for change in (lambda: stream.append("c"), lambda: stream.remove(*stream.tail), stream.clear):
        with pytest.raises(RuntimeError, match="not here"):
            change()

    assert str(stream) == "<div>ab</div>"
    assert (stream.total, stream.floor, len(stream.gone)) == (2, 0, 0)


def test_clearing_an_empty_stream_tells_nobody():
    stream = Stream()
    recorder = Recorder(stream)

    stream.clear()

    assert recorder.recorded == []


@pytest.mark.parametrize("item", [
    Button("x"), TextInput(), P("x", events=[CLICK]), Div(P(Button("deep"))), P(widget="clock"), Stream(), Div(Stream()),
], ids=["button", "input", "events", "deep", "widget", "stream", "stream inside"])
def test_what_needs_the_server_cannot_be_an_item(item: Any):
    stream = Stream("a")

    with pytest.raises(ValueError, match=r"needs the server.*event\.item"):
        stream.extend([P("before"), item])

    assert str(stream) == "<div>a</div>"


def test_a_node_that_is_in_a_tree_cannot_be_an_item():
    inside = P("x")
    Div(inside)

    with pytest.raises(ValueError, match="in a tree already"):
        Stream().append(inside)


def test_a_node_that_a_view_shows_cannot_be_an_item():
    shown = P("x")
    Recorder(shown)

    with pytest.raises(ValueError, match="in a tree already"):
        Stream().append(shown)


@pytest.mark.parametrize("wrong", [[], ["a", "b"], [P(), P()]])
def test_an_item_is_one_node(wrong: Any):
    with pytest.raises(ValueError, match=r"one node or text.*extend"):
        Stream().append(wrong)


@pytest.mark.parametrize("wrong", [None, {"a": 1}, b"x", object()])
def test_what_is_no_child_is_no_item(wrong: Any):
    with pytest.raises(TypeError, match="a child must be"):
        Stream().append(wrong)


@pytest.mark.parametrize("change", [
    pytest.param(lambda stream: stream.insert(0, P()), id="insert"),
    pytest.param(lambda stream: stream.nodes.append(P()), id="nodes.append"),
    pytest.param(lambda stream: stream.nodes.insert(0, P()), id="nodes.insert"),
    pytest.param(lambda stream: stream.set_text("x"), id="set_text"),
    pytest.param(lambda stream: setattr(stream, "nodes", [P()]), id="nodes ="),
    pytest.param(lambda stream: stream.__setitem__(slice(0, 0), [P()]), id="slice"),
    pytest.param(lambda stream: Stream(nodes=[P()]), id="nodes=[]"),
])
def test_what_makes_children_says_how_items_come(change: Any):
    stream = Stream("a")

    with pytest.raises(RuntimeError, match=r"append\(\), prepend\(\) and extend\(\)"):
        change(stream)

    assert str(stream) == "<div>a</div>"


def test_a_stream_can_be_added_to_in_place():
    stream = Stream("a")

    stream += ["b", P("c")]

    assert str(stream) == "<div>ab<p>c</p></div>"


@pytest.mark.parametrize("wrong", [P("x"), "1", 0, -1, True, 1.0, None])
def test_items_are_named_by_their_numbers(wrong: Any):
    stream = Stream("a")

    with pytest.raises(TypeError, match=r"the number that append\(\) returned"):
        stream.remove(max(stream.tail), wrong)
    with pytest.raises(TypeError, match=r"the number that append\(\) returned"):
        stream.update(wrong, "b")

    assert str(stream) == "<div>a</div>"


@pytest.mark.parametrize(("limit", "keep"), [(0, 1), (-1, 1), (1_000_001, 1), (True, 1), (1, -1), (1, 1.0), ("9", 1)])
def test_limits_are_whole_numbers(limit: Any, keep: Any):
    with pytest.raises(ValueError, match="must be a whole number"):
        Stream(limit=limit, keep=keep)


def test_no_more_is_kept_than_a_browser_shows():
    stream = Stream(limit=10, keep=100)

    assert (stream.limit, stream.keep) == (10, 10)


def test_a_page_without_a_browser_shows_the_items():
    stream = Stream(P("a"), "<b>", limit=2, keep=0, _id="log")

    page = str(Div(stream))

    assert page == '<div><div id="log"><p>a</p>&lt;b&gt;</div></div>'


def test_streams_are_equal_when_their_items_are():
    assert Stream(P("a"), "b") == Stream(P("a"), "b")
    assert Stream(P("a")) != Stream(P("b"))
    assert Stream("a") != Stream("a", keep=1)
    assert Stream() != Div()
