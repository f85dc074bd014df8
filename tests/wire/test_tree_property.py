"""Whatever happens to a tree, and however its browsers lag, they end up with the tree.

Changes of children are made to a plain list, too, which says what the children are afterwards. So are those of streams: of one
that is kept as a whole every browser shows every item; of a small one the last ones, and nothing that was removed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lona_sync.html import (
    BLUR,
    CHANGE,
    CLICK,
    FOCUS,
    Button,
    CheckBox,
    Div,
    Li,
    Node,
    Option,
    P,
    RadioGroup,
    Select,
    Span,
    Stream,
    TextInput,
    Ul,
)
from lona_sync.html.event_types import EventType
from lona_sync.html.inputs.field import StringField
from lona_sync.html.mutations import TreeNode
from lona_sync.html.overlay import DataDict, DataList, Overlay
from lona_sync.html.size import measure
from lona_sync.html.text import Text
from lona_sync.testing.dom import ModelElement, ModelNode, structure_of
from tests.wire import everything
from tests.wire.documents import Browser, make_document

NAMES = st.sampled_from(["title", "data-x", "lang", ":color"])
VALUES = st.sampled_from(["", "a", "b\"<&>'", "ü\u2028", "\ud800", True, False, 0, 1.5])
TEXTS = st.sampled_from(["", "x", " two ", "<b>&amp;</b>", "ä\n\t", "\udcff"])
PICK = st.integers(0, 10_000)
PICKS = st.lists(PICK, max_size=4)
EVENTS = st.lists(st.sampled_from([CLICK, FOCUS, BLUR, CHANGE(300)]), unique_by=lambda event: event.name)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a\u2028"])
KEYS = st.sampled_from("abc")
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5)
DATA = JSON.filter(lambda data: isinstance(data, (list, dict)))
BOUND = st.none() | st.integers(-6, 6)
SLICE = st.builds(slice, BOUND, BOUND, st.none() | st.sampled_from([1, -1, 2, -2]))


def small_tree(kind: int) -> Node:
    match kind % 9:
        case 6:
            return Div(P("chart"), widget="chart", widget_data={"a": 1, "b": [1, {"c": 2}]})
        case 7:
            return Div(Stream(P("first"), limit=1000, keep=1000), Stream("x", limit=3, keep=2))
        case 8:
            return Stream(limit=1000, keep=1000, widget="log", widget_data=[])
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


def same(first: Sequence[TreeNode], second: Sequence[TreeNode]) -> bool:
    return list(map(id, first)) == list(map(id, second))


def is_inside(node: TreeNode, above: TreeNode) -> bool:
    current: TreeNode | None = node
    while current is not None and current is not above:
        current = current.parent
    return current is above


def assigned(children: Sequence[TreeNode], where: slice, nodes: Sequence[TreeNode]) -> list[TreeNode]:
    """What a list becomes by `children[where] = nodes`, if each of `nodes` is kept at the last of its new places only."""
    model = [(node, False) for node in children]
    model[where] = [(node, True) for node in nodes]
    last = {id(node): place for place, (node, new) in enumerate(model) if new}
    return [node for place, (node, _) in enumerate(model) if last.get(id(node), place) == place]


def text_of(node: ModelNode) -> str:
    return node.text if isinstance(node, ModelElement) else node.data


def kept_text(stream: Stream, number: int) -> str:
    """What the server knows of an item."""
    _, item = stream.tail[number]
    _, _, wire = json.loads(f"[{item}]")
    return "".join(part if isinstance(part, str) else part[1] if isinstance(part, list) else "" for part in wire)


class TreeMachine(RuleBasedStateMachine):
    """Random changes to one tree that several browsers show, each with its own lag."""

    @initialize(
        frames=st.sampled_from([2, 8, 1000]), size=st.sampled_from([400, 1_000_000]), kinds=st.lists(st.integers(5, 8), max_size=2),
    )
    def begin(self, frames: int, size: int, kinds: list[int]) -> None:
        self.first = int(Text("").id)
        self.document = make_document(size, frames)
        self.document.show(Div("root", [small_tree(kind) for kind in kinds]))
        self.document.close_frame()
        self.browsers = [Browser(self.document)]
        self.detached: list[TreeNode] = []
        self.items: dict[Stream, list[int]] = {}
        self.removed = 0                 # items; one that came and went is told as missed

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
        parents = [node for node in self.elements((Div, Ul, Li, P, Span)) if not node.FROZEN]      # type: ignore[arg-type]
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
            if not is_inside(parent, node):
                parent.insert(place % (len(parent.children) + 1), node)

    @rule(which=PICK, where=PICK)
    def wrap(self, which: int, where: int) -> None:
        """An attached node moves into a fresh one that is then attached: the case that late encoding gets wrong."""
        inner = [node for node in self.nodes() if isinstance(node, Node) and node.parent is not None]
        if inner:
            wrapper = Div("around")
            self.parent(where).append(wrapper)
            node = inner[which % len(inner)]
            if not is_inside(wrapper, node):
                wrapper.append(node)

    def children_for(self, parent: Node, picks: list[int]) -> list[TreeNode]:
        """New nodes, nodes from everywhere in the tree, nodes that were taken out: whatever `parent` may take."""
        shown = [node for node in self.nodes() if not is_inside(parent, node)]
        mine = list(parent.children)
        found: list[TreeNode] = []
        for pick in picks:
            kind, pick = pick % 4, pick // 4
            match kind:
                case 0 if mine:
                    found.append(mine[pick % len(mine)])
                case 1 if shown:
                    found.append(shown[pick % len(shown)])
                case 2 if self.detached:
                    found.append(self.detached.pop(pick % len(self.detached)))
                case 3 if pick % 2:
                    found.append(Div(Span("around"), Li("it")))
                case _:
                    found.append(Text(f"new {pick % 10}"))
        return found

    def remember(self, parent: Node, before: list[TreeNode]) -> None:
        self.detached += [node for node in before if isinstance(node, Node) and node.parent is None]

    @rule(where=PICK, part=SLICE, picks=PICKS)
    def set_slice(self, where: int, part: slice, picks: list[int]) -> None:
        parent = self.parent(where)
        before = list(parent.children)
        nodes = self.children_for(parent, picks)
        try:
            model = assigned(before, part, nodes)
        except ValueError:
            with pytest.raises(ValueError, match="extended slice"):
                parent[part] = nodes
            self.remember(parent, nodes)
            return
        parent[part] = nodes
        assert same(parent.children, model)
        self.remember(parent, before)

    @rule(where=PICK, picks=PICKS)
    def set_nodes(self, where: int, picks: list[int]) -> None:
        parent = self.parent(where)
        before = list(parent.children)
        nodes = self.children_for(parent, picks)
        parent.nodes = nodes
        assert same(parent.children, assigned(before, slice(None), nodes))
        self.remember(parent, before)

    @rule(where=PICK, part=SLICE)
    def delete_slice(self, where: int, part: slice) -> None:
        parent = self.parent(where)
        before = list(parent.children)
        model = list(before)
        del model[part]
        del parent.nodes[part]
        assert same(parent.children, model)
        self.remember(parent, before)

    @rule(where=PICK, place=PICK, picks=st.lists(PICK, min_size=1, max_size=1))
    def set_item(self, where: int, place: int, picks: list[int]) -> None:
        parent = self.parent(where)
        before = list(parent.children)
        if not before:
            return
        [node] = self.children_for(parent, picks)
        index = place % len(before)
        model = list(before)
        if node.parent is parent:
            other = next(index for index, child in enumerate(before) if child is node)
            model[index], model[other] = model[other], model[index]
        else:
            model[index] = node
        parent[index] = node
        assert same(parent.children, model)
        self.remember(parent, before)

    @rule(where=PICK, picks=PICKS)
    def add_in_place(self, where: int, picks: list[int]) -> None:
        parent = self.parent(where)
        nodes = self.children_for(parent, picks)
        model = assigned(parent.children, slice(len(parent), None), nodes)
        parent += nodes
        assert same(parent.children, model)

    @rule(where=PICK, other=PICK)
    def add_the_children_of_another(self, where: int, other: int) -> None:
        parent, source = self.parent(where), self.parent(other)
        if not is_inside(parent, source):
            model = [*parent.children, *(child for child in source.children if not is_inside(parent, child))]
            parent.extend([child for child in source if not is_inside(parent, child)])
            assert same(parent.children, model)

    @rule(where=PICK, salt=PICK, reverse=st.booleans())
    def sort(self, where: int, salt: int, reverse: bool) -> None:
        parent = self.parent(where)

        def key(node: TreeNode) -> int:
            # Not by the id itself, which differs when Hypothesis runs the same steps once more: the same changes would not follow.
            return ((int(node.id) - self.first) * 7919 + salt) % 13

        model = sorted(parent.children, key=key, reverse=reverse)
        parent.nodes.sort(key=key, reverse=reverse)
        assert same(parent.children, model)

    @rule(where=PICK)
    def reverse(self, where: int) -> None:
        parent = self.parent(where)
        model = list(parent.children)[::-1]
        parent.nodes.reverse()
        assert same(parent.children, model)

    @rule(where=PICK, place=PICK)
    def pop(self, where: int, place: int) -> None:
        parent = self.parent(where)
        if len(parent):
            model = list(parent.children)
            index = place % len(model)
            taken = parent.pop(index)
            assert taken is model.pop(index) and same(parent.children, model)
            self.remember(parent, [taken])

    @rule(where=PICK)
    def clear(self, where: int) -> None:
        parent = self.parent(where)
        before = list(parent.children)
        parent.clear()
        assert len(parent) == 0
        self.remember(parent, before)

    @rule(where=PICK, which=PICK)
    def fail(self, where: int, which: int) -> None:
        """What is wrong is refused as a whole: the frame that is open does not grow."""
        parent, everything = self.parent(where), self.nodes()
        assert self.document.root is not None
        before, title = structure_of(self.document.root), self.document.title
        open_frame = dict(self.document._open)
        with pytest.raises((RuntimeError, TypeError)):
            parent[0:which % 3] = [everything[which % len(everything)], self.document.root, None]
        with pytest.raises(ZeroDivisionError):
            parent.extend(1 // 0 if node is everything[-1] else node for node in everything)
        assert structure_of(self.document.root) == before and self.document.title == title
        assert self.document._open == open_frame

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

    @rule(which=PICK, names=st.dictionaries(NAMES, VALUES), reset=st.booleans())
    def set_attributes(self, which: int, names: dict[str, str | int | float], reset: bool) -> None:
        elements = self.elements()
        node = elements[which % len(elements)]
        if reset:
            node.attributes = {**names, **({"value": "kept"} if isinstance(node, TextInput) else {})}
        else:
            node.attributes |= names

    @rule(which=PICK, names=st.lists(st.sampled_from(["a", "b", "c"])), ids=st.booleans())
    def set_words(self, which: int, names: list[str], ids: bool) -> None:
        elements = self.elements()
        if ids:
            elements[which % len(elements)].id_list = names
        else:
            elements[which % len(elements)].class_list = names

    @rule(which=PICK, names=st.dictionaries(st.sampled_from(["color", "left"]), st.sampled_from(["", "red", 0])))
    def set_styles(self, which: int, names: dict[str, str | int]) -> None:
        elements = self.elements()
        elements[which % len(elements)].style = names

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

    @rule(which=PICK, events=EVENTS)
    def set_events(self, which: int, events: list[EventType]) -> None:
        self.parent(which).events = events

    def data(self, which: int, path: list[int]) -> Any:
        """Some dict or list in the data of some widget; None without one."""
        widgets = [node for node in self.elements() if node.widget]
        if not widgets:
            return None
        place: Any = widgets[which % len(widgets)].widget_data
        for pick in path:
            inner = [value for value in (place.values() if isinstance(place, DataDict) else place) if isinstance(value, Overlay)]
            if inner:
                place = inner[pick % len(inner)]
        return place

    @rule(which=PICK, path=PICKS, key=KEYS, pick=PICK, value=JSON)
    def set_data(self, which: int, path: list[int], key: str, pick: int, value: object) -> None:
        place = self.data(which, path)
        if isinstance(place, DataDict):
            place[key] = value
        elif place:
            place[pick % len(place)] = value

    @rule(which=PICK, path=PICKS, pick=PICK, value=JSON)
    def insert_or_delete_data(self, which: int, path: list[int], pick: int, value: object) -> None:
        place = self.data(which, path)
        if isinstance(place, DataDict) and place:
            del place[sorted(place)[pick % len(place)]]
        elif isinstance(place, DataList) and pick % 3:
            place.insert(pick % (len(place) + 1), value)
        elif isinstance(place, DataList) and place:
            del place[pick % len(place)]

    @rule(which=PICK, data=DATA, pick=PICK)
    def replace_data(self, which: int, data: Any, pick: int) -> None:
        widgets = [node for node in self.elements() if node.widget]
        if widgets:
            widgets[which % len(widgets)].widget_data = data
            if pick % 2 and isinstance(data, list):
                widgets[which % len(widgets)].widget_data.reverse()

    def stream(self, which: int) -> tuple[Stream, list[int]] | None:
        """Some stream, in the tree or out of it, and the numbers of its items as somebody shows them who was always there."""
        streams = [node for node in [*self.nodes(), *self.detached] if isinstance(node, Stream)]
        if not streams:
            return None
        stream = streams[which % len(streams)]
        return stream, self.items.setdefault(stream, list(stream.tail))

    @rule(which=PICK, count=st.integers(1, 5), text=TEXTS)
    def append_items(self, which: int, count: int, text: str) -> None:
        found = self.stream(which)
        for number in range(count if found else 0):
            assert found is not None
            stream, numbers = found
            numbers.append(stream.append(P(text, str(number)) if number % 2 else text))
            if stream.owner is not None and all(browser.cursor.sent >= stream.since for browser in self.browsers):
                assert len(stream.tail) <= stream.keep

    @rule(which=PICK, text=TEXTS)
    def prepend_item(self, which: int, text: str) -> None:
        found = self.stream(which)
        if found and found[0].keep == 1000:
            found[1].insert(0, found[0].prepend(Div(P(text))))

    @rule(which=PICK, pick=PICK, text=TEXTS)
    def update_item(self, which: int, pick: int, text: str) -> None:
        found = self.stream(which)
        if found and found[1]:
            found[0].update(found[1][pick % len(found[1])], Li(Span("new"), text) if pick % 2 else text)

    @rule(which=PICK, pick=PICK)
    def remove_item(self, which: int, pick: int) -> None:
        found = self.stream(which)
        if found and found[1]:
            found[0].remove(found[1].pop(pick % len(found[1])))
            self.removed += 1

    @rule(which=PICK)
    def clear_items(self, which: int) -> None:
        found = self.stream(which)
        if found:
            found[0].clear()
            found[1].clear()

    @rule(which=PICK)
    def call(self, which: int) -> None:
        elements = self.elements()
        elements[which % len(elements)].call("method")

    @rule(which=PICK)
    def focus(self, which: int) -> None:
        elements = self.elements()
        elements[which % len(elements)].focus()

    @rule(which=PICK)
    def answer(self, which: int) -> None:
        waiting = list(self.document._calls)
        if waiting:
            assert self.document.end_call(waiting[which % len(waiting)])

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

    @rule(chance=st.randoms(use_true_random=False))
    def change_anything(self, chance: random.Random) -> None:
        """Pictures, formulas, raw HTML, all inputs, what they hold, their limits and choices."""
        everything.change(self.document.root, chance, self.detached, but=everything.change_items)       # they are counted here

    @rule(chance=st.randoms(use_true_random=False), where=PICK)
    def insert_anything(self, chance: random.Random, where: int) -> None:
        self.parent(where).append(everything.make_tree(chance))

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
            self.compare_items(browser)
            self.compare_controls(browser)
            called = [number for number, *_ in browser.dom.calls]
            assert called == sorted(set(called))
            assert set(called).issuperset(self.document._calls)

    def compare_items(self, browser: Browser) -> None:
        for stream in self.elements(Stream):
            assert isinstance(stream, Stream)
            element = browser.dom.get(stream.number)
            assert isinstance(element, ModelElement)
            shown = [node.id for node in element.children]
            numbers = self.items.get(stream, list(stream.tail))
            if stream.keep == 1000:
                assert shown == numbers
                assert int(element.attributes.get("data-lona-missed", 0)) <= self.removed
                assert [text_of(node) for node in element.children] == [kept_text(stream, number) for number in numbers]
            else:
                assert len(shown) <= stream.limit
                assert shown == [number for number in numbers if number in shown]
                assert shown[len(shown) - len(stream.tail):] == list(stream.tail)

    def compare_controls(self, browser: Browser) -> None:
        """What controls hold, as who asks the nodes is told, and as who looks at the page sees it."""
        for node in self.elements((CheckBox, StringField, Select, RadioGroup)):         # type: ignore[arg-type]
            element = browser.dom.get(node.number)
            assert isinstance(element, ModelElement)
            match node:
                case CheckBox():
                    assert element.checked is node.value
                case StringField():
                    assert element.properties.get("value", "") == node.raw_value
                case Select():
                    options = {option.number: option for option in node.options}
                    shown = [options[option.id].value for option in element.selected_options if option.id in options]
                    assert shown == (list(node.value) if node.multiple else [] if node.value is None else [node.value])
                case RadioGroup():
                    buttons = [browser.dom.get(button.number) for button in node.radio_buttons]
                    checked = [isinstance(button, ModelElement) and button.checked for button in buttons]
                    assert checked == [button.checked for button in node.radio_buttons]

    @invariant()
    def each_node_knows_its_place(self) -> None:
        for node in self.nodes():
            assert node.owner is self.document and node.number
            for child in node.children if isinstance(node, Node) else ():
                assert child.parent is node
        for node in self.detached:
            assert node.owner is None and node.parent is None

    @invariant()
    def what_it_takes_up_is_what_is_there(self) -> None:
        assert self.document.root is not None
        assert (self.document.room.nodes, self.document.room.characters) == measure([self.document.root])

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
