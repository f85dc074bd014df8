from __future__ import annotations

import pytest

from lona_sync.errors import TreeInUseError, WrongThreadError
from lona_sync.html import HTML, Button, Div, P, Span, Td, Tr
from lona_sync.testing import assert_no_switch
from lona_sync.wire.encoding import encode_string, encode_tree
from tests.wire.documents import Browser, NoHost, make_document


def test_the_first_show_is_told_by_a_snapshot_and_kept_nowhere() -> None:
    document = make_document()
    browser = Browser(document)
    document.show(Div("x"))

    document.close_frame()
    browser.catch_up()

    assert (browser.snapshots, browser.batches, len(document.log)) == (1, 0, 0)
    assert browser.dom.html() == "<div>x</div>"


def test_a_change_is_encoded_when_it_is_made() -> None:
    moved, wrapper = Span("x"), Div()
    root = Div(moved)
    document = make_document()
    document.show(root)
    document.close_frame()
    browser = Browser(document)
    browser.take_snapshot()

    root.append(wrapper)
    wrapper.append(moved)
    document.close_frame()
    browser.catch_up()

    assert browser.dom.html() == "<div><div><span>x</span></div></div>"
    assert browser.shows_the_tree()


def test_a_snapshot_closes_the_open_frame_and_carries_its_number() -> None:
    text = P("0")
    document = make_document()
    document.show(text)
    document.close_frame()
    old, new = Browser(document), Browser(document)
    old.take_snapshot()

    text.set_text("1")
    new.take_snapshot()
    text.set_text("2")
    document.close_frame()
    old.catch_up()
    new.catch_up()

    assert new.cursor.sent == old.cursor.sent == document.log.last == 3
    assert old.dom.text() == new.dom.text() == "2"


def test_many_changes_of_one_property_are_one_patch() -> None:
    text = P("0")
    document = make_document()
    document.show(text)
    document.close_frame()
    browser = Browser(document)
    browser.take_snapshot()

    for number in range(1000):
        text.set_text(str(number))
    document.close_frame()

    assert document.log.bytes < 100
    browser.catch_up()
    assert browser.dom.text() == "999"


def test_an_attribute_that_is_called_like_a_style_is_another_thing() -> None:
    node = P()
    document = make_document()
    document.show(node)
    document.close_frame()
    browser = Browser(document)
    browser.take_snapshot()

    node.attributes[":color"] = "colour"
    node.style["color"] = "red"
    document.close_frame()
    browser.catch_up()

    assert browser.shows_the_tree()


def test_changes_without_show_do_not_fill_the_memory() -> None:
    root = Div()
    document = make_document(log_bytes=10_000)
    document.show(root)
    document.close_frame()
    browser = Browser(document)
    browser.take_snapshot()

    for number in range(5000):
        root.append(P(str(number)))
        root.nodes.pop(0) if number % 2 else None
        assert document._open_bytes <= 10_000
    document.close_frame()
    browser.catch_up()

    assert browser.snapshots == 2
    assert browser.shows_the_tree()


def test_only_interactive_nodes_are_found_and_only_while_they_are_shown() -> None:
    button, text = Button("x"), P("y")
    root = HTML(button, text)
    document = make_document()

    document.show(root)
    found = document.find(button.number), document.find(text.number)
    button.remove()

    assert found == (button, None)
    assert document.find(button.number) is None


def test_a_removed_tree_is_no_longer_recorded() -> None:
    inner = P("x")
    root = Div(Div(inner))
    document = make_document()
    document.show(root)
    document.close_frame()

    root.nodes[0].remove()
    document.close_frame()
    inner.set_text("y")

    assert document.close_frame() is False
    assert inner.owner is None


def test_the_former_root_is_let_go() -> None:
    first, second = Div(P("x")), Div()
    document = make_document()
    document.show(first)

    document.show(second)

    assert first.owner is first.nodes[0].owner is None
    assert second.owner is document


def test_a_tree_of_a_living_view_is_not_shown_twice() -> None:
    tree = Div()
    make_document().show(tree)

    with pytest.raises(TreeInUseError, match="Channel"):
        make_document().show(tree)


def test_a_tree_of_an_ended_view_may_be_shown_again() -> None:
    tree = Div(P("x"))
    ended, fresh = make_document(), make_document()
    ended.show(tree)
    ended.close()

    tree.append(P("meanwhile"))
    fresh.show(tree)
    fresh.close_frame()
    browser = Browser(fresh)
    browser.take_snapshot()

    assert browser.shows_the_tree()


def test_a_part_of_a_tree_is_not_shown() -> None:
    part = P()
    Div(part)

    with pytest.raises(ValueError, match="whole tree"):
        make_document().show(part)


def test_a_refused_change_changes_nothing() -> None:
    def refuse() -> None:
        if refusing:
            raise WrongThreadError("no")

    refusing = False
    text = P("x", _class="a", _style="color: red", title="t")
    root = Div(text)
    document = make_document(host=NoHost(refuse))
    document.show(root)
    document.close_frame()
    before = str(root)
    refusing = True

    for change in (
        lambda: text.set_text("y"),
        lambda: root.append(P()),
        lambda: text.remove(),
        lambda: root.clear(),
        lambda: text.class_list.add("b"),
        lambda: text.class_list.clear(),
        lambda: text.style.update({"color": "blue"}),
        lambda: text.attributes.clear(),
        lambda: text.hide(),
    ):
        with pytest.raises(WrongThreadError):
            change()

    assert str(root) == before
    assert document.close_frame() is False
    assert root.nodes[0] is text and text.owner is document


def test_a_title_is_told_to_those_who_look_and_to_those_who_come() -> None:
    document = make_document()
    document.show(Div())
    document.close_frame()
    early = Browser(document)
    early.take_snapshot()

    document.set_title("one")
    document.close_frame()
    early.catch_up()
    late = Browser(document)
    late.catch_up()
    late.take_snapshot()

    assert early.dom.title == late.dom.title == "one"


def test_nothing_switches_between_a_change_and_the_log() -> None:
    root = Div()
    document = make_document()
    document.show(root)

    with assert_no_switch():
        for number in range(100):
            root.append(Button(str(number), _class="x"))
            document.close_frame()
        document.snapshot()


def test_a_deep_tree_is_encoded_without_recursion() -> None:
    root = node = Div()
    for _ in range(20_000):
        child = Div()
        node.append(child)
        node = child
    document = make_document()

    document.show(root)
    encoded = encode_tree(root)

    assert encoded.count("1") >= 20_000
    assert encoded.endswith("0" + ",0" * 20_000 + "]")


def test_a_text_that_is_made_late_has_the_number_that_the_browser_knows() -> None:
    cell, numbered = Td("1"), Td("2")
    assert numbered.id
    other = Span()
    assert other.id
    document = make_document()
    document.show(Tr(cell, numbered, Td(other)))
    browser = Browser(document)
    browser.take_snapshot()

    cell.set_text("3")
    numbered.set_text("4")
    document.close_frame()
    browser.catch_up()

    assert browser.dom.html() == "<tr><td>3</td><td>4</td><td><span></span></td></tr>"
    assert browser.shows_the_tree()


def test_numbers_of_a_fresh_tree_follow_each_other_and_need_not_be_sent() -> None:
    root = HTML(Div(P("a"), "b"), Span("c"))
    document = make_document()

    document.show(root)

    assert "@id" not in encode_tree(root)
    assert [root.nodes[0].number, root.nodes[1].number] == [root.number + 1, root.number + 5]


@pytest.mark.parametrize("text", ["", "plain", '"\\\n\u2028</script>', "ü€😀", "\ud800 lone", "\x00\x1f\x7f"])
def test_any_text_fits_into_utf8(text: str) -> None:
    import json

    encoded = encode_string(text)

    assert json.loads(encoded.encode()) == text
