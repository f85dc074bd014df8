"""Calls into browsers: each client gets each one once, however frames, snapshots and resumes follow each other."""

from __future__ import annotations

from typing import Any

import pytest

from lona_sync.errors import WrongThreadError
from lona_sync.html import SVG, Div, Node, P
from lona_sync.wire.document import MAX_CALLS, Document
from tests.wire.documents import Browser, NoAnswers, NoHost, make_document


def shown(root: Node, log_bytes: int = 1_000_000, log_frames: int = 1000) -> tuple[Document, Browser]:
    """A document that shows `root`, and a browser that has read it."""
    document = make_document(log_bytes, log_frames)
    document.show(root)
    document.close_frame()
    browser = Browser(document)
    browser.catch_up()
    return document, browser


def call(node: Node, method: str = "f", *args: Any) -> int:
    """The number of the call."""
    number: int = node.call(method, *args)
    return number


def called(browser: Browser) -> list[tuple[int, str, list[Any]]]:
    """What the browser was asked to do since the last look."""
    calls = [(number, method, args) for number, _, method, args in browser.dom.calls]
    browser.dom.calls.clear()
    return calls


def lost(document: Document) -> list[int]:
    assert isinstance(document._host.answers, NoAnswers)
    return document._host.answers.lost_calls


def test_a_call_goes_with_the_next_frame_behind_the_changes_before_it() -> None:
    text = P("old")
    document, browser = shown(Div(text))

    text.set_text("new")
    number = call(text, "select", 1, {"a": [None, True]})
    document.close_frame()
    browser.catch_up()

    assert called(browser) == [(number, "select", [1, {"a": [None, True]}])]
    assert (browser.snapshots, browser.batches, browser.dom.text()) == (1, 1, "new")


def test_calls_are_counted_for_each_document() -> None:
    first, second = P(), P()
    shown(first)
    shown(second)

    assert [call(first), call(first), call(second)] == [1, 2, 1]


def test_every_browser_that_reads_gets_every_call() -> None:
    node = P()
    document, first = shown(node)
    second = Browser(document)
    second.catch_up()

    numbers = [call(node), call(node)]
    document.close_frame()
    first.catch_up()
    second.catch_up(budget=1)

    assert [number for number, _, _ in called(first)] == [number for number, _, _ in called(second)] == numbers


def test_a_call_that_nobody_has_answered_follows_a_snapshot() -> None:
    node = P()
    document, early = shown(node)
    number = call(node)
    document.close_frame()
    early.catch_up()

    late = Browser(document)
    late.catch_up()
    early.catch_up()

    assert called(late) == called(early) == [(number, "f", [])]
    assert late.shows_the_tree()


def test_a_call_that_is_over_follows_no_snapshot() -> None:
    node = P()
    document, _ = shown(node)
    answered, waiting = call(node), call(node)

    first = document.end_call(answered)
    second = document.end_call(answered)
    late = Browser(document)
    late.catch_up()

    assert (first, second) == (True, False)
    assert called(late) == [(waiting, "f", [])]


def test_no_client_gets_a_call_twice_whatever_it_reads() -> None:
    node = P()
    document, browser = shown(node, log_frames=2)

    for _ in range(5):
        call(node)
        document.close_frame()
        browser.take_snapshot()
        browser.catch_up()
        browser.cursor.sent = 0                       # as after RESUME with frame 0
        browser.catch_up()

    assert [number for number, _, _ in called(browser)] == [1, 2, 3, 4, 5]


def test_a_resume_in_the_middle_brings_what_was_lost_on_its_way() -> None:
    node = P()
    document, browser = shown(node)
    read = browser.cursor.sent

    first = call(node)
    document.close_frame()
    browser.cursor.sent = document.log.last           # sent, and never arrived
    second = call(node)
    document.close_frame()
    browser.cursor.sent = read
    browser.catch_up()

    assert [number for number, _, _ in called(browser)] == [first, second]
    assert browser.snapshots == 1


def test_a_call_right_behind_the_first_show_follows_its_snapshot() -> None:
    node = P()
    document = make_document()
    browser = Browser(document)

    document.show(Div(node))
    node.focus()
    document.close_frame()
    browser.catch_up()

    assert called(browser) == [(1, "focus", [])]
    assert browser.shows_the_tree()


def test_a_frame_that_is_too_large_loses_no_call() -> None:
    text = P()
    document, browser = shown(Div(text), log_bytes=1000)

    number = call(text)
    for _ in range(100):
        text.append("x" * 100)
    document.close_frame()
    browser.catch_up()

    assert called(browser) == [(number, "f", [])]
    assert browser.snapshots == 2
    assert browser.shows_the_tree()


def test_a_call_larger_than_the_log_arrives_behind_one_snapshot() -> None:
    node = P()
    document, browser = shown(node, log_bytes=1000)

    number = call(node, "show", "x" * 5000)
    document.close_frame()
    browser.catch_up()
    browser.acknowledge()

    assert called(browser) == [(number, "show", ["x" * 5000])]
    assert (browser.snapshots, len(document.log)) == (2, 0)


@pytest.mark.parametrize("leave", [
    pytest.param(lambda root, inner: inner.remove(), id="removed"),
    pytest.param(lambda root, inner: inner.parent.remove(), id="with its parent"),
    pytest.param(lambda root, inner: root.clear(), id="cleared"),
    pytest.param(lambda root, inner: root.owner.show(P("another tree")), id="another tree"),
])
def test_a_call_is_lost_when_its_node_leaves(leave: Any) -> None:
    inner, other = P(), P()
    root = Div(Div(inner), other)
    document, _ = shown(root)
    number, staying = call(inner), call(root)

    leave(root, inner)
    late = Browser(document)
    late.catch_up()

    assert lost(document)[0] == number
    assert called(late) == ([] if staying in lost(document) else [(staying, "f", [])])
    assert document.end_call(number) is False


def test_a_node_that_moves_keeps_its_calls() -> None:
    inner, target = P(), Div()
    document, browser = shown(Div(inner, target))
    number = call(inner)

    target.append(inner)
    document.close_frame()
    browser.catch_up()

    assert called(browser) == [(number, "f", [])]
    assert lost(document) == []


def test_an_element_that_has_to_be_made_anew_loses_its_calls() -> None:
    inside = Node(tag_name="g")
    root = Div(SVG(inside))
    document, _ = shown(root)
    number = call(inside)

    root.append(inside)

    assert lost(document) == [number]


def test_a_call_to_what_is_gone_when_it_arrives_finds_no_element() -> None:
    inner = P()
    document, browser = shown(Div(inner))
    inner.remove()

    document.tell(inner, "focus", ())                 # what `focus` itself refuses
    document.close_frame()
    browser.catch_up()

    assert [(number, element) for number, element, _, _ in browser.dom.calls] == [(1, None)]


def test_too_many_calls_that_nobody_answers_are_refused() -> None:
    node = P()
    document, _ = shown(node)
    for _ in range(MAX_CALLS):
        call(node)
    document.close_frame()

    with pytest.raises(RuntimeError, match="1000 calls wait"):
        call(node)

    assert document.close_frame() is False
    document.end_call(1)
    assert call(node) == MAX_CALLS + 1


def test_focus_and_its_like_are_never_refused_and_the_oldest_is_lost() -> None:
    nodes = [P() for _ in range(MAX_CALLS + 5)]
    document, _ = shown(Div(nodes))

    for node in nodes:
        node.scroll_into_view()

    assert lost(document) == [1, 2, 3, 4, 5]
    assert len(document._calls) == MAX_CALLS


def test_focus_once_more_takes_the_place_of_a_focus_that_nobody_has_heard_of() -> None:
    node, other = P(), P()
    document, _ = shown(Div(node, other))

    for _ in range(5000):
        node.focus()
        document.close_frame()
    node.scroll_into_view()
    other.focus()
    number = call(node, "focus")
    late = Browser(document)
    late.catch_up()

    assert called(late) == [(5000, "focus", []), (5001, "scrollIntoView", []), (5002, "focus", []), (number, "focus", [])]


@pytest.mark.parametrize(("method", "args"), [
    ("", ()), ("x" * 129, ()), (3, ()), ("f", (object(),)), ("f", (float("nan"),)), ("f", ({1: 2},)), ("f", (2**53,)),
])
def test_what_no_browser_can_be_told_is_refused_and_begins_nothing(method: Any, args: tuple[Any, ...]) -> None:
    node = P()
    document, _ = shown(node)

    with pytest.raises(ValueError):
        node.call(method, *args)

    assert document.close_frame() is False
    assert call(node) == 1


def test_a_refused_call_changes_nothing() -> None:
    def refuse() -> None:
        if refusing:
            raise WrongThreadError("no")

    refusing = False
    node = P()
    document = make_document(host=NoHost(refuse))
    document.show(node)
    node.focus()
    document.close_frame()
    refusing = True

    for change in (node.focus, lambda: node.call("f")):
        with pytest.raises(WrongThreadError):
            change()

    assert list(document._calls) == [1]
    assert document.close_frame() is False


def test_a_node_that_nobody_shows_cannot_be_called() -> None:
    node = P()
    document, _ = shown(Div(node))
    document.close()

    for nobody in (P(), node):
        with pytest.raises(RuntimeError, match=r"focus\(\) needs a node that a view shows"):
            nobody.focus()
        with pytest.raises(RuntimeError, match=r"call\(\) needs a node that a view shows"):
            nobody.call("f")
