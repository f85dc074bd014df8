"""Streams on their way to browsers: sent once, kept as text for who comes later, and counted where something was missed."""

from __future__ import annotations

import gc
import json
import tracemalloc

import pytest

from lona_sync.html import Div, P, Stream
from lona_sync.testing.dom import DOMError, ModelDOM, ModelElement
from lona_sync.wire.document import Document
from tests.wire.documents import Browser, make_document


def shown(stream: Stream, log_bytes: int = 1_000_000, log_frames: int = 1000) -> Document:
    """A document that shows the stream beside something else."""
    document = make_document(log_bytes, log_frames)
    document.show(Div(P("head"), stream))
    document.close_frame()
    return document


def late(document: Document) -> Browser:
    """A browser that has everything up to now."""
    browser = Browser(document)
    browser.catch_up()
    return browser


def element(browser: Browser, stream: Stream) -> ModelElement:
    found = browser.dom.get(stream.number)
    assert isinstance(found, ModelElement)
    return found


def items(browser: Browser, stream: Stream) -> list[str]:
    """What the browser shows of the stream."""
    return [node.text if isinstance(node, ModelElement) else node.data for node in element(browser, stream).children]


def missed(browser: Browser, stream: Stream) -> str:
    return str(element(browser, stream).attributes.get("data-lona-missed", ""))


def test_an_item_is_sent_once_and_no_node_of_it_is_kept() -> None:
    stream = Stream()
    document = shown(stream)
    browser = late(document)
    item = Div(P("a"), "b")

    stream.append(item)
    document.close_frame()
    browser.catch_up()

    assert (browser.snapshots, browser.batches) == (1, 1)
    assert items(browser, stream) == ["ab"]
    assert item.owner is item.parent is None
    assert [type(kept) for _, kept in stream.tail.values()] == [str]


def test_who_made_an_item_may_use_it_once_more() -> None:
    stream, item = Stream(), P("again")
    root = Div(stream)
    document = make_document()
    document.show(root)
    document.close_frame()
    browser = late(document)

    stream.append(item)
    stream.append(item)
    root.append(item)
    document.close_frame()
    browser.catch_up()
    newcomer = late(document)

    assert browser.dom.text() == newcomer.dom.text() == "again" * 3
    assert browser.shows_the_tree()


def test_an_item_that_was_put_twice_before_the_first_show_is_two() -> None:
    stream, item = Stream(), Div(P("x"))
    numbers = [stream.append(item), stream.append(item)]
    document = shown(stream)
    browser = late(document)

    stream.update(numbers[0], P("y"))
    document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == ["y", "x"]


def test_ten_thousand_items_are_one_frame() -> None:
    stream = Stream(limit=20_000)
    document = shown(stream)
    browser = late(document)

    stream.extend(P(str(number)) for number in range(10_000))
    document.close_frame()
    browser.catch_up()

    assert (browser.snapshots, browser.batches) == (1, 1)
    assert items(browser, stream) == list(map(str, range(10_000)))


def test_a_browser_shows_the_limit_and_forgets_the_rest() -> None:
    stream = Stream(limit=3)
    document = shown(stream)
    browser = late(document)

    stream.extend("abcde")
    document.close_frame()
    browser.catch_up()
    stream.prepend("z")
    document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == ["z", "c", "d"]
    assert len(browser.dom.ids) == 3 + 3 + 1          # root, head and its text; the stream


def test_a_late_window_gets_the_last_ones() -> None:
    stream = Stream(keep=2)
    document = shown(stream)
    early = late(document)

    stream.extend("abcde")
    document.close_frame()
    early.catch_up()
    newcomer = late(document)

    assert items(early, stream) == list("abcde")
    assert items(newcomer, stream) == ["d", "e"]
    assert missed(newcomer, stream) == ""


@pytest.mark.parametrize("waits", [False, True], ids=["not there yet", "there and not read yet"])
def test_the_first_window_misses_nothing_however_late_it_comes(waits: bool) -> None:
    stream = Stream("0", keep=2)
    document = shown(stream, log_frames=2)
    browser = Browser(document) if waits else None

    for number in range(1, 200):
        stream.append(str(number))
        document.close_frame()
    browser = browser or Browser(document)
    browser.catch_up()

    assert items(browser, stream) == list(map(str, range(200)))


def test_a_window_that_shows_something_else_still_misses_nothing_of_the_next_tree() -> None:
    document = make_document(log_frames=2)
    document.show(Div("before"))
    document.close_frame()
    browser = late(document)
    stream = Stream(keep=2)

    document.show(Div(stream))
    for number in range(50):
        stream.append(str(number))
        document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == list(map(str, range(50)))


def test_a_stream_that_was_inserted_behind_a_slow_windows_back_has_all_its_items() -> None:
    root, stream = Div(), Stream(keep=2)
    document = make_document(log_frames=2)
    document.show(root)
    document.close_frame()
    browser = late(document)

    root.append(stream)
    for number in range(50):
        stream.append(str(number))
        document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == list(map(str, range(50)))


def test_items_that_older_ones_push_out_at_the_end_are_told_as_missed() -> None:
    stream = Stream(limit=4)
    document = shown(stream)
    browser = late(document)

    stream.extend("1234")
    stream.prepend("b")
    stream.prepend("a")
    stream.append("5")
    document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == ["b", "1", "2", "5"]
    assert missed(browser, stream) == "2"


def test_a_slow_window_is_told_how_many_it_has_missed() -> None:
    stream = Stream(keep=3)
    document = shown(stream, log_frames=2)
    browser = late(document)

    for number in range(10):
        stream.append(str(number))
        document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == ["7", "8", "9"]
    assert missed(browser, stream) == "7"


def test_what_was_missed_before_and_what_is_missed_now_are_added_up() -> None:
    stream = Stream(keep=3)
    document = shown(stream, log_frames=2)
    browser = late(document)

    for round in range(2):
        for number in range(10):
            stream.append(f"{round}.{number}")
            document.close_frame()
        browser.catch_up()

    assert items(browser, stream) == ["0.7", "0.8", "0.9", "1.7", "1.8", "1.9"]
    assert missed(browser, stream) == "14"


def test_a_window_that_was_away_for_less_than_is_kept_has_missed_nothing() -> None:
    stream = Stream(keep=3)
    document = shown(stream)
    browser = late(document)
    stream.extend("abc")
    document.close_frame()
    browser.catch_up()

    stream.extend("de")
    browser.take_snapshot()

    assert items(browser, stream) == list("abcde")
    assert missed(browser, stream) == ""


def test_a_page_that_grew_at_both_ends_keeps_its_order() -> None:
    stream = Stream(keep=4)
    document = shown(stream)
    browser = late(document)
    stream.extend("mno")
    document.close_frame()
    browser.catch_up()

    stream.prepend("l")
    stream.append("p")
    stream.prepend("k")
    browser.take_snapshot()

    assert items(browser, stream) == list("klmnop")
    assert items(late(document), stream) == list("klop")


def test_updates_and_removals_that_a_window_missed_are_made_up_for() -> None:
    stream = Stream(keep=3)
    document = shown(stream)
    browser = late(document)
    numbers = [stream.append(letter) for letter in "abcde"]
    document.close_frame()
    browser.catch_up()

    stream.update(numbers[3], "D")
    stream.remove(numbers[0], numbers[4])
    browser.take_snapshot()

    assert items(browser, stream) == ["b", "c", "D"]
    assert missed(browser, stream) == ""


def test_what_was_cleared_while_a_window_was_away_is_gone_there_too() -> None:
    stream = Stream()
    document = shown(stream)
    browser = late(document)
    stream.extend("abc")
    document.close_frame()
    browser.catch_up()

    stream.extend("missed")
    stream.clear()
    stream.append("d")
    browser.take_snapshot()

    assert items(browser, stream) == ["d"]
    assert missed(browser, stream) == ""


def test_who_clears_a_stream_has_not_missed_anything_any_more() -> None:
    stream = Stream(keep=1)
    document = shown(stream)
    present, away = late(document), late(document)
    stream.extend("abc")
    for browser in (present, away):
        browser.take_snapshot()
    before = missed(present, stream)

    stream.clear()
    document.close_frame()
    present.catch_up()
    stream.extend("de")
    away.take_snapshot()

    assert before == "2"
    assert (missed(present, stream), items(present, stream)) == ("", [])
    assert (missed(away, stream), items(away, stream)) == ("1", ["e"])


def test_removals_and_updates_of_what_a_browser_has_trimmed_are_fine() -> None:
    stream = Stream(limit=2)
    document = shown(stream)
    browser = late(document)
    numbers = [stream.append(letter) for letter in "abc"]
    document.close_frame()

    stream.update(numbers[0], "A")
    stream.remove(numbers[0])
    stream.update(numbers[1], "B")
    document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == ["B", "c"]


def test_a_stream_that_leaves_and_comes_back_has_what_was_kept_and_what_it_got_meanwhile() -> None:
    stream = Stream(keep=2)
    root = Div(stream)
    document = make_document()
    document.show(root)
    document.close_frame()
    browser = late(document)
    stream.extend("abc")

    stream.remove()
    stream.append("d")
    root.append(stream)
    stream.append("e")
    document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == list("bcde")
    stream.append("f")
    assert items(late(document), stream) == list("ef")


def test_a_stream_that_moves_keeps_all_that_its_browsers_have() -> None:
    stream, inner = Stream(keep=1), Div()
    root = Div(stream, inner)
    document = make_document()
    document.show(root)
    document.close_frame()
    browser = late(document)
    stream.extend("abc")

    inner.append(stream)
    stream.append("d")
    document.close_frame()
    browser.catch_up()

    assert items(browser, stream) == list("abcd")
    assert browser.shows_the_tree()


def test_a_stream_of_an_ended_view_goes_on_in_the_next() -> None:
    stream = Stream()
    ended = shown(stream)
    stream.extend("ab")
    ended.close()

    stream.append("c")
    browser = late(shown(stream))

    assert items(browser, stream) == list("abc")


def test_no_more_is_kept_once_everybody_has_seen_it() -> None:
    stream = Stream(limit=1000, keep=10)
    document = shown(stream)
    stream.extend(map(str, range(500)))
    waiting = len(stream.tail)
    browser = late(document)

    for number in range(500):
        stream.append(str(number))
        document.close_frame()
        assert len(stream.tail) == 10
        browser.catch_up()
        browser.acknowledge()

    assert waiting == 500


def test_a_hundred_thousand_items_cost_the_memory_of_the_last_ones() -> None:
    stream = Stream(keep=100)
    document = shown(stream)
    cursor = document.log.add_cursor(0)
    cursor.sent = document.snapshot().number

    def append(number: int) -> None:
        for _ in range(number):
            stream.append(P("a line of a log"))
            document.close_frame()
            cursor.sent = document.log.last
            document.log.acknowledge(cursor, cursor.sent)

    append(1000)
    tracemalloc.start()
    try:
        append(99_000)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert stream.total == 100_000
    assert (len(stream.tail), len(document.log)) == (100, 0)
    assert grown < 100_000


def test_more_than_the_log_holds_is_told_by_a_snapshot() -> None:
    stream = Stream(keep=5)
    document = shown(stream, log_bytes=2000)
    browser = late(document)

    for number in range(100):
        stream.append(P("x" * 100, str(number)))
    document.close_frame()
    browser.catch_up()

    assert browser.snapshots == 2
    assert [text.lstrip("x") for text in items(browser, stream)] == ["95", "96", "97", "98", "99"]
    assert missed(browser, stream) == "95"


def test_the_wire_form_is_that_of_the_protocol_page() -> None:
    stream = Stream(limit=5, keep=2)
    document = make_document()
    document.show(stream)
    first, second, third = stream.append(P("a")), stream.prepend("b"), stream.append(P("c"))
    stream.remove(third)

    _, _, _, [_, attributes, _] = json.loads(b"[" + document.snapshot().body + b"]")

    assert attributes["@items"] == [5, 3, 0, 0, [third], [[0, first, ["p"], [1, "a", 0]], [-1, second, [], ["b"]]]]


@pytest.mark.parametrize("patch", [
    [9, 1, 0, 5, [], ["x"]], [9, 2, -2, 5, [], ["x"]], [9, 2, 0, 5, [], ["x", "y"]], [9, 2, 0, 5, [], []], [9, 2, 1, 1, [], ["x"]],
    [9, 2, 3, 4, [], ["x"]], [10, 1, 0], [9, 2, 0, 2, [], ["x"]],
], ids=repr)
def test_the_model_refuses_what_no_server_sends(patch: list[object]) -> None:
    dom = ModelDOM()
    dom.apply_snapshot(1, ["div"], [1, 1, {"@items": [2, 1, 0, 0, [], [[0, 3, [], ["a"]]]]}, 0, 0])

    with pytest.raises(DOMError):
        dom.apply_patches([patch])

    assert dom.text() == "a"
