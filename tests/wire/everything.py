"""Anything that can be done to a tree: one random change at a time, and what a browser has to show of the controls then.

Two places use it: test_tree_property.py, where Hypothesis is the chance and a model the browser, and
tests/browser/test_random_changes.py, where a seed is the chance and Chromium the browser. No change here may raise: what is
refused has tests of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

from lona_sync.html import (
    CLICK,
    FOCUS,
    SVG,
    A,
    Button,
    CheckBox,
    ColorInput,
    DateInput,
    Details,
    Div,
    EmailInput,
    Li,
    Math,
    Node,
    NumberInput,
    OptGroup,
    Option,
    P,
    Progress,
    RadioButton,
    RadioGroup,
    RangeInput,
    RawHTML,
    Select,
    Span,
    Stream,
    Summary,
    Table,
    TBody,
    Td,
    Template,
    TextArea,
    TextInput,
    Tr,
    Ul,
)
from lona_sync.html.children import walk
from lona_sync.html.inputs.field import Field
from lona_sync.html.mutations import TreeNode
from lona_sync.html.overlay import DataDict
from lona_sync.html.text import Text

# Whose children have changes of their own below: a moved option or button may take the choice with it.
_CHOICES = (Select, RadioGroup)
_PARENTS = frozenset("div ul li p span details summary td svg g foreignObject math mi fieldset".split())
_LETTERS = "abcdefgh"


def make_tree(chance: random.Random) -> Node:
    return chance.choice([
        lambda: Div(P("one"), "two", _class="a b"),
        lambda: Ul(Li("1"), Li("2", Span("deep")), _style="color: red"),
        lambda: P(Span("x", title="t"), A("link", href="#")),
        lambda: Table(TBody(Tr(Td("1"), Td("2")))),
        lambda: Details(Summary("more"), "body", open=True),
        lambda: SVG(Node("label", tag_name="g"), Node(Div("html"), tag_name="foreignObject"), viewBox="0 0 1 1"),
        lambda: Math(Node("x", tag_name="mi")),
        lambda: RawHTML("<b>raw</b>"),
        lambda: Template("x"),
        lambda: Progress(value=0.5, max=1),
        lambda: Div("w", widget="w", widget_data={"a": 1, "b": [1, {"c": []}]}),
        lambda: Stream(P("a"), "b", keep=1000),
        lambda: Button("push", _id="b"),
        lambda: make_field(chance),
        lambda: make_select(chance),
        lambda: make_radio_group(chance),
    ])()


def make_field(chance: random.Random) -> Node:
    return chance.choice([
        lambda: TextInput("typed"), lambda: TextArea("a\nb"), lambda: CheckBox(chance.random() < 0.5), lambda: NumberInput(3),
        lambda: RangeInput(4, max=10), lambda: DateInput(date(2026, 1, 2)), lambda: ColorInput(), lambda: EmailInput(" a@b ,c"),
    ])()


def make_select(chance: random.Random) -> Select:
    options: list[Node] = [make_option(chance) for _ in range(chance.randrange(4))]
    if chance.random() < 0.3:
        options.insert(0, Option("Choose…", value="", disabled=True, selected=chance.random() < 0.5))
    if chance.random() < 0.4:
        options.append(OptGroup(make_option(chance), make_option(chance), label="group", disabled=chance.random() < 0.3))
    return Select(*options, multiple=chance.random() < 0.3)


def make_option(chance: random.Random) -> Option:
    letter = chance.choice(_LETTERS)
    return Option(letter.upper(), value=letter, selected=chance.random() < 0.2, disabled=chance.random() < 0.2)


def make_radio_group(chance: random.Random) -> RadioGroup:
    group = RadioGroup()
    for letter in chance.sample(_LETTERS, chance.randrange(4)):
        group.add_button(letter.upper(), letter, checked=chance.random() < 0.3)
    return group


def find(root: TreeNode, of: type[Any] | tuple[type[Any], ...] = Node) -> list[Any]:       # Any: nodes of these classes
    return [node for node in walk(root) if isinstance(node, of)]


def _is_inside(node: TreeNode, above: TreeNode | tuple[type[Any], ...]) -> bool:
    """Whether `above`, or a node of these classes, is around the node."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, above) if isinstance(above, tuple) else node is above:
            return True
    return False


class Page:
    """A tree, and what was taken out of it and may come back."""

    def __init__(self, root: Node, chance: random.Random, detached: list[Node]) -> None:
        self.root = root
        self.chance = chance
        self.detached = detached
        self.parents = [
            node for node in find(root)
            if node.tag_name in _PARENTS and not node.FROZEN and not isinstance(node, (*_CHOICES, Stream))
            and not _is_inside(node, _CHOICES)
        ]

    def parent(self) -> Node:
        return self.chance.choice(self.parents)

    def one(self, of: type[Any] | tuple[type[Any], ...] = Node) -> Any:
        """A node of these classes; None without one."""
        found = find(self.root, of)
        return self.chance.choice(found) if found else None

    def movable(self) -> Node | None:
        found = [node for node in find(self.root) if node is not self.root and not _is_inside(node, _CHOICES)]
        return self.chance.choice(found) if found else None

    def place(self, parent: Node) -> int:
        return self.chance.randint(0, len(parent))

    def keep(self, before: list[TreeNode]) -> None:
        self.detached += [node for node in before if isinstance(node, Node) and node.parent is None]


def insert(page: Page) -> None:
    parent = page.parent()
    parent.insert(page.place(parent), make_tree(page.chance))


def append_text(page: Page) -> None:
    page.parent().append(page.chance.choice(["", "plain", "<&>", "ä\n"]))


def remove(page: Page) -> None:
    node = page.movable()
    if node is not None:
        node.remove()
        page.detached.append(node)


def put_back(page: Page) -> None:
    if page.detached:
        parent = page.parent()
        parent.insert(page.place(parent), page.detached.pop(page.chance.randrange(len(page.detached))))


def move(page: Page) -> None:
    node, parent = page.movable(), page.parent()
    if node is not None and parent is not node and not _is_inside(parent, node):
        parent.insert(page.place(parent), node)


def wrap(page: Page) -> None:
    """The case that late encoding gets wrong."""
    node, parent, wrapper = page.movable(), page.parent(), Div("around")
    parent.append(wrapper)
    if node is not None and not _is_inside(wrapper, node):
        wrapper.append(node)


def arrange(page: Page) -> None:
    parent = page.parent()
    match page.chance.randrange(3):
        case 0:
            parent.nodes.sort(key=lambda node: page.chance.random())
        case 1:
            parent.nodes.reverse()
        case _ if len(parent) > 1:
            parent[0], parent[-1] = parent[-1], parent[0]


def replace_some(page: Page) -> None:
    parent = page.parent()
    before, start = list(parent.children), page.place(parent)
    match page.chance.randrange(4):
        case 0:
            parent[start:page.place(parent)] = [make_tree(page.chance), "text", *before[:1]]
        case 1:
            del parent.nodes[start::page.chance.choice([1, 2])]
        case 2:
            parent.nodes = [*before[1:], make_tree(page.chance)]
        case _ if before:
            parent.pop(page.chance.randrange(len(before)))
    page.keep(before)


def clear(page: Page) -> None:
    parent = page.parent()
    if parent is not page.root or page.chance.random() < 0.2:
        before = list(parent.children)
        parent.clear()
        page.keep(before)


def set_text(page: Page) -> None:
    parent = page.parent()
    if parent is not page.root:
        before = list(parent.children)
        parent.set_text(page.chance.choice(["", "text", "<&>"]))
        page.keep(before)


def change_text(page: Page) -> None:
    text = page.one(Text)
    if text is not None:
        text.set(page.chance.choice(["", "changed", "ü"]))


def set_attribute(page: Page) -> None:
    node, name = page.one(), page.chance.choice(["title", "lang", "dir", "hidden", "open", "disabled", "data-x", "viewBox"])
    if page.chance.random() < 0.3:
        del node.attributes[name]
    else:
        node.attributes[name] = page.chance.choice(["x", "y\"<", True, False, 5])


def set_attributes(page: Page) -> None:
    node = page.parent()
    if page.chance.random() < 0.5 and not isinstance(node, RadioGroup):
        node.attributes = {"title": "all"}
    else:
        node.attributes |= {"lang": "en", "hidden": page.chance.random() < 0.5}


def set_words(page: Page) -> None:
    node = page.one()
    match page.chance.randrange(3):
        case 0:
            node.class_list.toggle(page.chance.choice("abc"))
        case 1:
            node.class_list = page.chance.sample("abc", 2)
        case _:
            node.id_list = page.chance.sample("xyz", page.chance.randrange(2))


def set_style(page: Page) -> None:
    node = page.one()
    match page.chance.randrange(5):
        case 0:
            node.style = page.chance.choice(["color: red", "color: red !important; left: 1px", "--x: y", ""])
        case 1:
            name, value = page.chance.choice([("color", "red"), ("color", "blue"), ("left", "1px"), ("--x", "z")])
            node.style[name] = value
        case 2:
            del node.style["color"]
        case 3:
            node.hide()
        case _:
            node.show()


def set_events(page: Page) -> None:
    page.parent().events = page.chance.choice([[], [CLICK], [FOCUS, CLICK]])


def set_raw(page: Page) -> None:
    node = page.one(RawHTML)
    if node is not None:
        node.inner_html = page.chance.choice(["<i>new</i> raw", "", "t&amp;", "<p>a<p>b", "<select><option>x"])


def set_value(page: Page) -> None:
    node = page.one((Field, Progress))
    chance = page.chance
    match node:
        case CheckBox():
            node.value = not node.value
        case TextArea() | TextInput():
            node.value = chance.choice(["", "new", "\nx", "a\r\nb", " a , b "])
        case NumberInput():
            node.value = chance.choice([None, 1, 9, 50, 2.5])
        case DateInput():
            node.value = chance.choice([None, date(2020, 2, 29)])
        case ColorInput():
            node.value = chance.choice(["#ff0000", "#00ff00"])
        case Select() if node.multiple:
            node.value = [value for value in dict.fromkeys(node.values) if chance.random() < 0.5]
        case Select() | RadioGroup() if node.values:
            node.value = chance.choice(node.values)
        case Progress():
            node.attributes["value"] = chance.choice([0, 0.7])


def set_limits(page: Page) -> None:
    node, chance = page.one((NumberInput, EmailInput)), page.chance
    match node:
        case NumberInput():
            setattr(node, chance.choice(["min", "max"]), chance.choice([None, 0, 7, 20, 100]))
            node.step = chance.choice([None, 1, 3, 0.5, "any"])
        case EmailInput():
            node.multiple = not node.multiple


def take_value(page: Page) -> None:
    """As an attribute: what an input is then, it says itself."""
    node = page.one((CheckBox, TextInput, Progress))
    if node is not None and page.chance.random() < 0.3:
        del node.attributes["value"]
    elif isinstance(node, CheckBox):
        node.attributes["value"] = "yes"
        node.attributes["indeterminate"] = page.chance.random() < 0.5


def change_options(page: Page) -> None:
    select, chance = page.one(Select), page.chance
    if select is None:
        return
    options = select.options
    match chance.randrange(11):
        case 0:
            select.add_option(make_option(chance))
        case 1:
            select.insert(page.place(select), chance.choice([make_option(chance), OptGroup(make_option(chance), label="new")]))
        case 2:
            select.nodes.reverse()
        case 3:
            select.nodes.sort(key=lambda node: node.get_text())
        case 4 if options:
            select.remove_option(chance.choice(options))
        case 5:
            chance.choice(find(select, (Option, OptGroup)) or [select]).attributes["disabled"] = chance.random() < 0.5
        case 6:
            select.multiple = not select.multiple
        case 7:
            select.attributes["size"] = chance.choice([1, 2, 5])
        case 8:
            select.options = [make_option(chance), *options[:2]]
        case 9 if options:
            option = chance.choice(options)
            option.selected = not option.selected
        case 10:
            other = page.one(Select)
            if options and other is not select:
                other.insert(page.place(other), options[0])


def change_many_options(page: Page) -> None:
    select = page.one(Select)
    match page.chance.randrange(3):
        case 0 if select is not None:
            select.select_none()
        case 1 if select is not None and select.multiple:
            select.select_all()
        case 2 if select is not None and page.chance.random() < 0.3:
            select.clear_options()


def change_buttons(page: Page) -> None:
    group, chance = page.one(RadioGroup), page.chance
    if group is None:
        return
    match chance.randrange(6):
        case 0:
            group.insert(page.place(group), Div(RadioButton(chance.choice(_LETTERS), checked=chance.random() < 0.5)))
        case 1:
            group.add_button("new", chance.choice(_LETTERS), checked=chance.random() < 0.5)
        case 2:
            group.nodes.reverse()
        case 3 if len(group):
            other = page.one(RadioGroup)
            other.insert(page.place(other), group[0])
        case 4 if len(group):
            child = group.pop()
            group.insert(page.place(group), child)
        case 5 if group.radio_buttons:
            button = chance.choice(group.radio_buttons)
            button.checked = not button.checked


def change_data(page: Page) -> None:
    widgets = [node for node in find(page.root) if node.widget]
    if not widgets:
        return
    widget = page.chance.choice(widgets)
    if page.chance.randrange(8) == 0:
        widget.widget_data = page.chance.choice([[1], {"a": {"new": 1}}])
    else:
        random_data(page.chance, widget)


def change_items(page: Page) -> None:
    stream = page.one(Stream)
    if stream is not None:
        random_item(page.chance, stream)


def random_data(chance: random.Random, widget: Node) -> None:
    """One change somewhere in the data of a widget."""
    place: Any = widget.widget_data
    while inner := [value for value in (place.values() if isinstance(place, DataDict) else place) if hasattr(value, "to_python")]:
        if chance.randrange(3) == 0:
            break
        place = chance.choice(inner)
    value = chance.choice([None, True, 7, 1.5, "ü", [], {"d": [1]}])
    if isinstance(place, DataDict):
        place[chance.choice("abc")] = value
    elif chance.randrange(2) or not place:
        place.insert(chance.randint(0, len(place)), value)
    else:
        del place[chance.randrange(len(place))]


def random_item(chance: random.Random, stream: Stream) -> None:
    """One change of a stream."""
    kept = list(stream.tail)
    item = chance.choice([lambda: P("item", Span("deep")), lambda: "text", lambda: Li("ä")])()
    match chance.randrange(8):
        case 0:
            stream.prepend(item)
        case 1 if kept:
            stream.update(chance.choice(kept), item)
        case 2 if kept:
            stream.remove(chance.choice(kept))
        case 3 if chance.randrange(3) == 0:
            stream.clear()
        case _:
            stream.append(item)


CHANGES: list[Callable[[Page], None]] = [
    insert, insert, insert, append_text, remove, put_back, move, move, wrap, arrange, replace_some, clear, set_text, change_text,
    set_attribute, set_attributes, set_words, set_style, set_events, set_raw, set_value, set_value, set_limits, take_value,
    set_limits, change_options, change_options, change_options, change_many_options, change_buttons, change_data, change_items,
]


def make_page(chance: random.Random) -> Node:
    """A page that has some controls from the beginning."""
    return Div("root", P("a"), Div(), make_select(chance), RangeInput(4, max=10), make_radio_group(chance), make_field(chance))


def change(root: Node, chance: random.Random, detached: list[Node], but: Callable[[Page], None] | None = None) -> None:
    """One change of any kind, `but` this; what it takes out goes into `detached`, and may come back from there."""
    chance.choice([each for each in CHANGES if each is not but])(Page(root, chance, detached))


def controls(root: TreeNode) -> dict[str, Any]:
    """What each control of the page has to show, by its number: the value as the server has it."""
    shown: dict[str, Any] = {}
    for node in find(root, Field):
        if node.namespace:                                    # an <input> in a picture is none
            continue
        match node:
            case Select():
                shown[node.id] = list(node.value) if node.multiple else [] if node.value is None else [node.value]
            case RadioGroup():
                shown[node.id] = [] if node.value is None else [node.value]
            case RangeInput() | CheckBox() | TextArea() | TextInput() | ColorInput():
                shown[node.id] = node.value
            case NumberInput() | DateInput():
                shown[node.id] = node.raw_value
    return shown


def outline(root: TreeNode) -> list[tuple[int, int, str, str]]:
    """Each node that the server knows, in document order: its number and its parent's, namespace, tag or text."""
    lines: list[tuple[int, int, str, str]] = []
    for node in walk(root):
        what = ("", node.data) if isinstance(node, Text) else ("", "")
        if isinstance(node, Node):
            what = node.namespace, node.tag_name if node.namespace else node.tag_name.lower()
        lines.append((node.number, node.parent.number if node.parent is not None else 0, *what))
    return lines
