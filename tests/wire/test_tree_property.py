"""Whatever happens to a tree, and however its browsers lag, they end up with the tree."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lona_sync.html import Button, Div, Li, Node, Option, P, Select, Span, TextInput, Ul
from lona_sync.html.mutations import TreeNode
from lona_sync.html.text import Text
from tests.wire.documents import Browser, make_document

NAMES = st.sampled_from(["title", "data-x", "lang", "href"])
VALUES = st.sampled_from(["", "a", "b\"<&>'", "ü\u2028", "\ud800", True, False, 0, 1.5])
TEXTS = st.sampled_from(["", "x", " two ", "<b>&amp;</b>", "ä\n\t", "\udcff"])
PICK = st.integers(0, 10_000)


def small_tree(kind: int) -> Node:
    match kind % 6:
        case 0:
            return Div(P("one"), "two", _class="a b")
        case 1:
            return Ul(Li("1"), Li("2", Span("deep")), _style="color: red")
        case 2:
            return Button("push", _id="b")
        case 3:
            return TextInput(value="typed")
        case 4:
            return Select(Option("A", value="a"), Option("B", value="b"))
        case _:
            return Span("x")


class TreeMachine(RuleBasedStateMachine):
    """Random changes to one tree that several browsers show, each with its own lag."""

    @initialize(frames=st.sampled_from([2, 8, 1000]), size=st.sampled_from([400, 1_000_000]))
    def begin(self, frames: int, size: int) -> None:
        self.document = make_document(size, frames)
        self.document.show(Div("root"))
        self.document.close_frame()
        self.browsers = [Browser(self.document)]
        self.detached: list[TreeNode] = []

    def nodes(self) -> list[TreeNode]:
        found: list[TreeNode] = []
        pending = [self.document.root]
        while pending:
            node = pending.pop()
            assert node is not None
            found.append(node)
            if isinstance(node, Node):
                pending.extend(node.children)
        return found

    def elements(self, of: type[Node] = Node) -> list[Node]:
        return [node for node in self.nodes() if isinstance(node, of)]

    def parent(self, pick: int) -> Node:
        parents = self.elements((Div, Ul, Li, P, Span))      # type: ignore[arg-type]
        return parents[pick % len(parents)]

    @rule(where=PICK, place=PICK, kind=PICK)
    def insert(self, where: int, place: int, kind: int) -> None:
        parent = self.parent(where)
        parent.insert(place % (len(parent.children) + 1), small_tree(kind))

    @rule(where=PICK, text=TEXTS)
    def append_text(self, where: int, text: str) -> None:
        self.parent(where).append(text)

    @rule(which=PICK)
    def remove(self, which: int) -> None:
        inner = [node for node in self.nodes() if isinstance(node, Node) and node.parent is not None]
        if inner:
            node = inner[which % len(inner)]
            node.remove()
            self.detached.append(node)

    @rule(which=PICK, where=PICK, place=PICK)
    def insert_again(self, which: int, where: int, place: int) -> None:
        if self.detached:
            node = self.detached.pop(which % len(self.detached))
            parent = self.parent(where)
            parent.insert(place % (len(parent.children) + 1), node)

    @rule(which=PICK, where=PICK, place=PICK)
    def move(self, which: int, where: int, place: int) -> None:
        inner = [node for node in self.nodes() if node.parent is not None]
        parent = self.parent(where)
        if inner:
            node = inner[which % len(inner)]
            above: TreeNode | None = parent
            while above is not None and above is not node:
                above = above.parent
            if above is None:
                parent.insert(place % (len(parent.children) + 1), node)

    @rule(which=PICK, where=PICK)
    def wrap(self, which: int, where: int) -> None:
        """An attached node moves into a fresh one that is then attached: the case that late encoding gets wrong."""
        inner = [node for node in self.nodes() if isinstance(node, Node) and node.parent is not None]
        if inner:
            wrapper = Div("around")
            self.parent(where).append(wrapper)
            node = inner[which % len(inner)]
            if node is not wrapper and wrapper.root is not node:
                above: TreeNode | None = wrapper
                while above is not None and above is not node:
                    above = above.parent
                if above is None:
                    wrapper.append(node)

    @rule(which=PICK, text=TEXTS)
    def set_text(self, which: int, text: str) -> None:
        self.parent(which).set_text(text)

    @rule(which=PICK, text=TEXTS)
    def change_text(self, which: int, text: str) -> None:
        texts = [node for node in self.nodes() if isinstance(node, Text)]
        if texts:
            texts[which % len(texts)].set(text)

    @rule(which=PICK, name=NAMES, value=VALUES)
    def set_attribute(self, which: int, name: str, value: object) -> None:
        elements = self.elements()
        elements[which % len(elements)].attributes[name] = value

    @rule(which=PICK, name=NAMES)
    def delete_attribute(self, which: int, name: str) -> None:
        elements = self.elements()
        del elements[which % len(elements)].attributes[name]

    @rule(which=PICK, name=st.sampled_from(["a", "b", "c"]))
    def toggle_class(self, which: int, name: str) -> None:
        elements = self.elements()
        elements[which % len(elements)].class_list.toggle(name)

    @rule(which=PICK, name=st.sampled_from(["color", "margin-top"]), value=st.sampled_from(["red", "1px", None]))
    def set_style(self, which: int, name: str, value: str | None) -> None:
        elements = self.elements()
        style = elements[which % len(elements)].style
        if value is None:
            del style[name]
        else:
            style[name] = value

    @rule(which=PICK, value=TEXTS)
    def set_value(self, which: int, value: str) -> None:
        inputs = self.elements(TextInput)
        if inputs:
            node = inputs[which % len(inputs)]
            assert isinstance(node, TextInput)
            node.value = value

    @rule()
    def hide_and_show(self) -> None:
        self.elements()[-1].hide()
        self.elements()[0].show()

    @rule(title=st.sampled_from(["one", "two \u2028"]))
    def set_title(self, title: str) -> None:
        self.document.set_title(title)

    @rule(kind=PICK)
    def show_another_tree(self, kind: int) -> None:
        self.document.show(Div(small_tree(kind)))

    @rule()
    def close_frame(self) -> None:
        self.document.close_frame()

    @rule()
    def join(self) -> None:
        """In the middle of changes: the snapshot closes the open frame."""
        if len(self.browsers) < 4:
            browser = Browser(self.document)
            browser.take_snapshot()
            self.browsers.append(browser)

    @rule(which=PICK)
    def leave(self, which: int) -> None:
        if len(self.browsers) > 1:
            self.document.log.remove_cursor(self.browsers.pop(which % len(self.browsers)).cursor)

    @rule(which=PICK, budget=st.sampled_from([1, 60, 1_000_000]))
    def read(self, which: int, budget: int) -> None:
        self.browsers[which % len(self.browsers)].catch_up(budget)

    @rule(which=PICK)
    def acknowledge(self, which: int) -> None:
        self.browsers[which % len(self.browsers)].acknowledge()

    @rule()
    def compare(self) -> None:
        self.document.close_frame()
        for browser in self.browsers:
            browser.catch_up()
            assert browser.shows_the_tree()
            assert browser.dom.title == self.document.title

    @invariant()
    def log_is_bounded(self) -> None:
        log = self.document.log
        assert len(log) <= log.max_frames
        assert log.bytes <= log.max_bytes
        assert len(log) == log.last - log.floor

    def teardown(self) -> None:
        if hasattr(self, "document"):
            self.compare()


TestTree = TreeMachine.TestCase
TestTree.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
