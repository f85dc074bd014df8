"""Makes tests/wire/cases/*.json: a tree, frames of patches as Python encodes and merges them, and the tree after each.

The browser's client applies the same files in tests/browser/test_wire_cases.py. After a change that is meant to change
them: `python -m tests.wire.scenarios`.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lona_sync.html import (
    CLICK,
    FOCUS,
    SVG,
    Button,
    CheckBox,
    Div,
    Li,
    Node,
    Option,
    P,
    RawHTML,
    Select,
    Span,
    Stream,
    TextArea,
    TextInput,
    Ul,
)
from lona_sync.html.mutations import TreeNode
from lona_sync.html.text import Text
from lona_sync.wire.document import Document
from tests.wire.documents import make_document
from tests.wire.everything import controls, outline, random_data, random_item

FOLDER = Path(__file__).parent / "cases"
RANDOM_CASES = 25
RANDOM_FRAMES = 6                # of ten changes each


def text(root: Node) -> None:
    root[1].set_text("<b>not bold</b> & ü\u2028")      # type: ignore[union-attr]
    root[0].extend([" more", Span("!")])               # type: ignore[union-attr]
    root.nodes[2].set("changed")                       # type: ignore[union-attr]


def attributes(root: Node) -> None:
    first, second = root.nodes[0], root.nodes[1]
    assert isinstance(first, Node) and isinstance(second, Node)
    first.attributes.update({"title": "a\"b'<c>", "hidden": True, "data-x": "1"})
    del first.attributes["lang"]
    first.class_list.add("new")
    first.class_list.remove("old")
    first.id_list.add("me")
    second.style.update({"color": "red", "margin-top": "1px"})
    del second.style["left"]
    second.hide()


def shorthands(root: Node) -> None:
    """Style properties that contain each other: what one sets, another one takes away."""
    first, second, third = root.nodes
    assert isinstance(first, Node) and isinstance(second, Node) and isinstance(third, Node)
    first.style["margin-top"] = "50px"
    del first.style["margin-top"]
    second.style["margin"] = "1px"
    third.style["border-left-color"] = "red"
    del third.style["border"]


def inputs(root: Node) -> None:
    field, area, box, select = root.nodes
    field.value = "new"               # type: ignore[union-attr]
    area.value = "line 1\nline 2"     # type: ignore[union-attr]
    box.value = True                  # type: ignore[union-attr]
    select.value = "b"                # type: ignore[union-attr]
    field.disabled = True             # type: ignore[union-attr]


def late_encoding(root: Node) -> None:
    """An attached node moves into one that was inserted in the same frame."""
    wrapper = Div("around")
    moved = root.nodes[0]
    root.append(wrapper)
    wrapper.append(moved)


def removed_and_back(root: Node) -> None:
    first = root.nodes[0]
    assert isinstance(first, Node)
    first.set_text("before")
    first.remove()
    first.append(Span("while away"))
    root.append(first)
    first.attributes["title"] = "after"


def sort(root: Node) -> None:
    for child in sorted(root.nodes, key=lambda child: child.get_text(), reverse=True):      # type: ignore[union-attr]
        root.insert(0, child)


def lists(root: Node) -> None:
    """Children sorted, replaced by slices, and pulled out of what goes."""
    first, second = root.nodes
    assert isinstance(first, Node) and isinstance(second, Node)
    first.nodes.sort(key=lambda item: item.get_text())
    second[1:3] = [first[0], "new", second[0]]
    second[::2] = reversed(second[::2])
    del first[::2]
    second[0], second[1] = second[1], second[0]
    root.nodes = [*first, second, Li("last")]


def raw_html(root: Node) -> None:
    root.nodes[0].inner_html = "<i>new</i> raw"        # type: ignore[union-attr]
    root.append(RawHTML("<u>added</u>"))


def svg(root: Node) -> None:
    picture = root.nodes[0]
    assert isinstance(picture, Node)
    picture.extend([Node(tag_name="circle", r=5), Node(tag_name="foreignObject", nodes=[Div("html again")])])
    picture.attributes["viewBox"] = "0 0 20 20"


def svg_border(root: Node) -> None:
    """Elements that go into a picture and out of it."""
    picture, outside = root.nodes
    assert isinstance(picture, Node) and isinstance(outside, Node)
    inside = picture.nodes[0]
    root.append(inside)
    picture.append(outside)


def events(root: Node) -> None:
    first, second, third = root.nodes
    first.events = [CLICK, FOCUS]                      # type: ignore[union-attr]
    second.events.add(FOCUS)                           # type: ignore[union-attr]
    third.events.clear()                               # type: ignore[union-attr]


def widgets(root: Node) -> None:
    """Data at any depth, replaced as a whole, and of a widget that comes in the same frame."""
    chart, table = root.nodes
    assert isinstance(chart, Node) and isinstance(table, Node)
    chart.widget_data["title"] = "a\u2028</script>"
    chart.widget_data["points"].insert(1, {"x": 9, "y": [None]})
    chart.widget_data["points"][1]["y"].append(True)
    del chart.widget_data["points"][0]
    chart.widget_data["constructor"] = {"length": 1.5}
    table.widget_data = {"rows": [[1, 2], [3]]}
    table.widget_data["rows"][0][1] = "two"
    fresh = Div(P("inside"), widget="clock", widget_data={"zone": "UTC"})
    chart.append(fresh)
    fresh.widget_data["zone"] = "CET"
    root.append(chart)


def items(root: Node) -> None:
    """A stream that grows at both ends, loses items, and moves."""
    log, target = root.nodes
    assert isinstance(log, Stream) and isinstance(target, Node)
    first = log.append(P("one", _class="x"))
    second = log.append("two")
    log.extend([Li("three", Span("deep")), Div(Node(tag_name="input", value="typed"))])
    log.prepend(P("zero"))
    log.update(first, Div("ONE", Span("new")))
    log.remove(second)
    target.append(log)
    log.append(RawHTML("<b>raw</b>"))


def full_streams(root: Node) -> None:
    """What is beyond the limit goes, and so does all that there was when one is cleared."""
    log, chat = root.nodes
    assert isinstance(log, Stream) and isinstance(chat, Stream)
    log.extend(P(str(number)) for number in range(5))
    chat.extend("abc")
    chat.clear()
    chat.prepend(P("after"))
    root.append(Stream(P("inserted"), limit=2, keep=2))


SCENARIOS: dict[str, tuple[Callable[[], Node], Callable[[Node], None]]] = {
    "text": (lambda: Div(P("one"), P("two", Span("three")), "tail"), text),
    "attributes": (lambda: Div(P("x", _class="old a", lang="en"), P("y", _style="left: 1px; top: 2px")), attributes),
    "shorthands": (
        lambda: Div(P(_style="margin: 10px; color: red"), P(_style="margin: 0; margin-top: 5px"),
                    P(_style="border: 1px solid; border-left-color: blue")),
        shorthands,
    ),
    "inputs": (
        lambda: Div(
            TextInput(value="old"), TextArea(value="old"), CheckBox(), Select(Option("A", value="a"), Option("B", value="b")),
        ),
        inputs,
    ),
    "late-encoding": (lambda: Div(Span("x"), Span("y")), late_encoding),
    "removed-and-back": (lambda: Div(P("one"), P("two")), removed_and_back),
    "sort": (lambda: Ul(*(Li(str(number)) for number in (3, 1, 5, 2, 4))), sort),
    "lists": (lambda: Div(Ul(*(Li(letter) for letter in "dbeca")), Ul(*(Li(letter) for letter in "vwxyz"))), lists),
    "raw-html": (lambda: Div(RawHTML("<b>old</b>"), P("x")), raw_html),
    "events": (lambda: Div(P(), P("x", events=[CLICK]), Button("y")), events),
    "widgets": (
        lambda: Div(
            Div(widget="chart", widget_data={"title": "", "points": [{"x": 1}, {"x": 2}]}),
            Ul(Li(), widget="table", widget_data=[1]),
        ),
        widgets,
    ),
    "items": (lambda: Div(Stream(P("first")), Div("target")), items),
    "full-streams": (lambda: Div(Stream(P("a"), limit=3, keep=3), Stream("x", "y")), full_streams),
    "svg-border": (lambda: Div(SVG(Node("label", tag_name="g")), Span("x", P("y"))), svg_border),
    "svg": (lambda: Div(SVG(Node(tag_name="rect"), viewBox="0 0 10 10")), svg),
}


def random_tree(chance: random.Random) -> Node:
    return chance.choice([
        lambda: Div(P("one"), "two", _class="a b"), lambda: Ul(Li("1"), Li("2", Span("deep")), _style="color: red"),
        lambda: Button("push", _id="b"), lambda: TextInput(value="typed"), lambda: Span("x", title="t"),
        lambda: Stream(P("a"), "b", keep=1000), lambda: Div("w", widget="w", widget_data={"a": 1, "b": [1, {"c": []}]}),
    ])()


def random_changes(seed: int) -> list[Callable[[Node], None]]:
    """Sixty changes of all kinds; the same ones for the same seed."""
    chance = random.Random(seed)
    detached: list[Node] = []

    def change(root: Node) -> None:
        for _ in range(10):
            nodes = _walk(root)
            elements = [node for node in nodes if isinstance(node, Node)]
            parents = [node for node in elements if node.tag_name in ("div", "ul", "li", "p", "span") and not node.FROZEN]
            target, parent = chance.choice(elements), chance.choice(parents)
            match chance.randrange(13):
                case 0:
                    parent.insert(chance.randint(0, len(parent.children)), random_tree(chance))
                case 1:
                    parent.append(chance.choice(["", "plain", "<&>", "ä\n"]))
                case 2 if target is not root:
                    target.remove()
                    detached.append(target)
                case 3 if detached:
                    parent.insert(0, detached.pop(chance.randrange(len(detached))))
                case 4 if target is not root and not _is_inside(parent, target):
                    parent.insert(chance.randint(0, len(parent.children)), target)
                case 5:
                    parent.set_text(str(chance.random()))
                case 6:
                    target.attributes[chance.choice(["title", "lang"])] = chance.choice(["x", "y\"<", True, False])
                case 7:
                    target.class_list.toggle(chance.choice("abc"))
                case 8:
                    name, value = chance.choice([("color", "red"), ("color", "blue"), ("left", "1px")])
                    target.style[name] = value
                case 9:
                    for widget in [node for node in elements if node.widget][:2]:
                        random_data(chance, widget)
                case 10:
                    for stream in [node for node in elements if isinstance(node, Stream)][:2]:
                        random_item(chance, stream)
                case 11 if target.widget:
                    target.widget_data = chance.choice([[1], {"a": {"new": 1}}])
                case 12 if target in parents:
                    target.events = chance.choice([[], [CLICK], [FOCUS, CLICK]])

    return [change] * RANDOM_FRAMES


def _walk(root: Node) -> list[TreeNode]:
    found: list[TreeNode] = []
    pending: list[TreeNode] = [root]
    while pending:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, Text):
            pending.extend(node.children)      # type: ignore[attr-defined]
    return found


def _is_inside(node: TreeNode, above: TreeNode) -> bool:
    current: TreeNode | None = node
    while current is not None:
        if current is above:
            return True
        current = current.parent
    return False


def make_case(name: str, build: Callable[[], Node], *changes: Callable[[Node], None]) -> dict[str, Any]:
    """One case, with ids counted from 1 and a frame for each of `changes`."""
    count = itertools.count(1).__next__
    with ExitStack() as stack:
        for module in ("html.mutations", "html.children", "wire.encoding", "html.stream"):
            stack.enter_context(patch(f"lona_sync.{module}.next_number", count))
        return record_case(name, build(), *changes)


def record_case(name: str, root: Node, *changes: Callable[[Node], object]) -> dict[str, Any]:
    """The same with whatever ids there are. Frames have `controls` and `outline`, too: what the server knows, not what it sends."""
    document = make_document()
    document.show(root)
    cursor = document.log.add_cursor(0)
    before, frames = _spec(document), []
    for change in changes:
        cursor.sent = document.log.last
        change(root)
        document.close_frame()
        since = document.since(cursor, 10**9) if cursor.sent < document.log.last else None
        patches = [] if since is None else json.loads(b"[" + since + b"]")
        frames.append({"patches": patches, "after": _spec(document), "controls": controls(root), "outline": outline(root)})
    return {"name": name, "before": before, "frames": frames}


def _spec(document: Document) -> dict[str, Any]:
    _, first, tags, stream = json.loads(b"[" + document.snapshot().body + b"]")
    return {"first": first, "tags": tags, "stream": stream}


def make_cases() -> dict[str, dict[str, Any]]:
    """All cases by the name of their file."""
    cases = {f"{name}.json": make_case(name, *scenario) for name, scenario in SCENARIOS.items()}
    for seed in range(RANDOM_CASES):
        cases[f"random-{seed:02}.json"] = make_case(
            f"random changes, seed {seed}", lambda: Div("root", P("a"), Ul(Li("1"), Li("2"))), *random_changes(seed),
        )
    return cases


def encode(case: dict[str, Any]) -> str:
    text = json.dumps
    frames = [f'  {{"patches": {text(frame["patches"])},\n   "after": {text(frame["after"])}}}' for frame in case["frames"]]
    lines = [f'"name": {text(case["name"])}', f'"before": {text(case["before"])}', '"frames": [\n' + ",\n".join(frames) + "\n ]"]
    return "{\n " + ",\n ".join(lines) + "\n}\n"


if __name__ == "__main__":
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for file, case in make_cases().items():
        (FOLDER / file).write_text(encode(case))
