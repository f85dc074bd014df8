"""What a browser would hold: elements and texts, read and typed into by tests.

Nothing here recurses: how deep a tree is, is the server's choice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

HTML = "http://www.w3.org/1999/xhtml"
SVG = "http://www.w3.org/2000/svg"
MATHML = "http://www.w3.org/1998/Math/MathML"

PROPERTIES = frozenset({"value", "checked", "selected", "indeterminate", "muted"})
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})
CONTROLS = frozenset({"button", "fieldset", "input", "select", "textarea"})       # what a disabled fieldset disables

_DEEPEST_INDENT = 40             # levels; without a bound, ten thousand of them take 100 MB of blanks

Attributes = Mapping[str, str | bool]

#: Depth, id, tag (or "#text"), and what it carries, sorted by name.
StructureItem = tuple[int, int, str, tuple[tuple[str, str | bool], ...]]


class ModelText:
    """A text node. `id` is 0 inside of raw HTML."""

    __slots__ = ("data", "id", "parent")

    def __init__(self, id: int, data: str, parent: ModelElement | None) -> None:
        self.id = id
        self.data = data
        self.parent = parent

    def __repr__(self) -> str:
        return f"<#text {self.id} {self.data!r:.60}>"


class ModelElement:
    """An element. `id` is 0 inside of raw HTML, whose elements can be found but not be named by patches.

    `properties` holds what the DOM keeps apart from attributes: `value` as a string, the others only while they are
    True. `raw` is the source of `@html`, None without. `widget` is the name of its widget and the data, None without. `limit` is
    how many items a stream shows, 0 for what is none; `seen` how many it was sent; `floor` that of its last snapshot. `pending`
    is the number of the last change event that the user caused here and the server has not acknowledged, 0 without.
    """

    __slots__ = (
        "attributes", "children", "events", "floor", "id", "limit", "namespace", "parent", "pending", "properties", "raw", "seen",
        "tag", "widget",
    )

    def __init__(self, id: int, tag: str, parent: ModelElement | None) -> None:
        self.id = id
        self.tag = tag
        self.namespace = inherited_namespace(tag, parent)
        self.attributes: dict[str, str | bool] = {}
        self.properties: dict[str, str | bool] = {}
        self.events = ""
        self.raw: str | None = None
        self.widget: tuple[str, Any] | None = None         # Any: JSON
        self.limit = 0
        self.seen = 0
        self.floor = 0
        self.children: list[ModelNode] = []
        self.parent = parent
        self.pending = 0

    def __repr__(self) -> str:
        return f"<{self.tag} {self.id}>"

    @property
    def text(self) -> str:
        """The DOM's `textContent`: every character below, blanks included."""
        return "".join(node.data for _, node in walk(self) if isinstance(node, ModelText))

    def html(self) -> str:
        """HTML without added blanks. Unlike a browser's `outerHTML` it shows properties like attributes."""
        return render(self)

    def pretty_html(self) -> str:
        """The element as indented HTML, for eyes and error messages."""
        return render_indented(self)

    @property
    def ancestors(self) -> Iterator[ModelElement]:
        """From the parent up to the root."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    @property
    def is_disabled(self) -> bool:
        """True when the user cannot use it: by its own attribute, its fieldset's or its option group's."""
        if "disabled" in self.attributes:
            return True
        if self.tag == "option":
            return self.parent is not None and self.parent.tag == "optgroup" and "disabled" in self.parent.attributes
        if self.tag not in CONTROLS:
            return False
        below: ModelElement = self
        for above in self.ancestors:
            # What stands in its first legend stays usable: the checkbox that switches the rest on is put there.
            if above.tag == "fieldset" and "disabled" in above.attributes and below is not _first_legend(above):
                return True
            below = above
        return False

    def set_property(self, name: str, value: str | bool) -> None:
        """What the script `element.name = value` does; False removes."""
        if name == "value" and value is not False:
            self.properties[name] = value
        elif name != "value" and value not in (False, ""):
            self.properties[name] = True
        else:
            self.properties.pop(name, None)

    @property
    def value(self) -> str:
        """What the DOM's `value` gives: of a select that of its first selected option, '' without any.

        Setting it is what the user's typing does. A select selects the option of this value, and raises `ValueError`
        when there is none.
        """
        if self.tag == "select":
            selected = self.selected_options
            return selected[0].value if selected else ""
        given = self.properties.get("value")
        if given is not None:
            return str(given)
        if self.tag == "option":
            return " ".join(self.text.split())
        if self.tag == "textarea":
            return self.text
        return "on" if self.attributes.get("type") in ("checkbox", "radio") else ""

    @value.setter
    def value(self, value: str) -> None:
        if self.tag != "select":
            self.properties["value"] = value
            return
        offered = [option.value for option in self.options]
        if value not in offered:
            raise ValueError(f"{self!r} has no option of the value {value!r}; it offers {offered!r}")
        self.selected_indexes = [offered.index(value)]

    @property
    def checked(self) -> bool:
        """Setting it is what the user's click does: a checked radio button unchecks the others of its group."""
        return "checked" in self.properties

    @checked.setter
    def checked(self, checked: bool) -> None:
        if checked and self.attributes.get("type") == "radio":
            for other in self._radio_group():
                other.set_property("checked", False)
        self.set_property("checked", checked)
        self.set_property("indeterminate", False)

    @property
    def options(self) -> list[ModelElement]:
        """A select's options in document order, those in groups included."""
        return [node for _, node in walk(self) if isinstance(node, ModelElement) and node.tag == "option"]

    @property
    def selected_options(self) -> list[ModelElement]:
        """What a browser shows as selected.

        A drop-down list shows the last of several selected options, and without one the first that is not disabled.
        """
        options = self.options
        selected = [option for option in options if "selected" in option.properties]
        if "multiple" in self.attributes:
            return selected
        if not selected and self.attributes.get("size", "1") in ("", "0", "1"):
            selected = [option for option in options if not option.is_disabled][:1]
        return selected[-1:]

    @property
    def selected_indexes(self) -> list[int]:
        """The places of `selected_options` among `options`: a change event's data. Setting it is the user's choice."""
        selected = self.selected_options
        return [index for index, option in enumerate(self.options) if option in selected]

    @selected_indexes.setter
    def selected_indexes(self, indexes: Iterable[int]) -> None:
        chosen = set(indexes)
        options = self.options
        if not chosen <= set(range(len(options))):
            raise ValueError(f"{self!r} has {len(options)} options, counted from 0; got the indexes {sorted(chosen)}")
        for index, option in enumerate(options):
            option.set_property("selected", index in chosen)

    def _radio_group(self) -> list[ModelElement]:
        name = self.attributes.get("name")
        if not name:
            return []
        form = self.form
        root = form or next((above for above in self.ancestors if above.parent is None), self)
        return [
            node for _, node in walk(root)
            if isinstance(node, ModelElement) and node.tag == "input" and node.attributes.get("type") == "radio"
            and node.attributes.get("name") == name and node.form is form
        ]

    @property
    def form(self) -> ModelElement | None:
        """The form that a control belongs to: the one that its attribute `form` names, else the nearest around it."""
        name = self.attributes.get("form")
        if name is None or self.tag not in CONTROLS:
            return next((above for above in self.ancestors if above.tag == "form"), None)
        root = list(self.ancestors)[-1] if self.parent is not None else self
        named = (node for _, node in walk(root) if isinstance(node, ModelElement) and node.attributes.get("id") == name)
        found = next(named, None)
        return found if found is not None and found.tag == "form" else None


ModelNode = ModelElement | ModelText


def inherited_namespace(tag: str, parent: ModelElement | None) -> str:
    """The namespace of an element that names none."""
    if tag == "svg":
        return SVG
    if tag == "math":
        return MATHML
    return HTML if parent is None or parent.tag == "foreignObject" else parent.namespace


def walk(node: ModelNode) -> Iterator[tuple[int, ModelNode]]:
    """The node and all below it in document order, each with its depth, counted from 0."""
    todo: list[tuple[int, ModelNode]] = [(0, node)]
    while todo:
        depth, node = todo.pop()
        yield depth, node
        if isinstance(node, ModelElement):
            todo.extend((depth + 1, child) for child in reversed(node.children))


def structure_item(depth: int, id: int, tag: str, namespace: str, attributes: Attributes) -> StructureItem:
    """A comparable value for one element. `attributes`: all that the wire gives, properties and `@` names included.

    What looks different but means the same becomes the same: the order of classes, styles and attributes; an empty
    class, style or value and none at all; a property that is false and one that was never set.
    """
    carried: dict[str, str | bool] = {"@ns": namespace} if namespace != HTML else {}
    for name, value in attributes.items():
        if name == "class":
            value = " ".join(sorted(set(str(value).split())))
        elif name == "style":
            value = format_style(dict(sorted(parse_style(str(value)).items())))
        elif name == "@on":
            value = " ".join(sorted(str(value).split()))
        elif name in PROPERTIES and name != "value":
            value = value not in (False, "")
        if value is not False and not (value == "" and name in ("class", "style", "value", "@on")):
            carried[name] = value
    return depth, id, tag, tuple(sorted(carried.items()))


def text_item(depth: int, id: int, data: str) -> StructureItem:
    """A comparable value for one text node."""
    return depth, id, "#text", (("data", data),)


def structure_of_model(root: ModelNode | None) -> list[StructureItem]:
    """The tree as one flat list in document order. What stands in raw HTML appears as its `@html` only; items of streams do not."""
    items: list[StructureItem] = []
    item_depth = 0                                 # of the items of the stream that was passed last; 0: none
    for depth, node in walk(root) if root is not None else ():
        if item_depth and depth >= item_depth:
            continue
        item_depth = depth + 1 if isinstance(node, ModelElement) and node.limit else 0
        if isinstance(node, ModelText):
            if node.id:
                items.append(text_item(depth, node.id, node.data))
        elif node.id:
            carried = {**node.attributes, **node.properties, "@on": node.events}
            if node.raw is not None:
                carried["@html"] = node.raw
            if node.widget is not None:
                carried["@widget"] = json.dumps(node.widget, sort_keys=True)
            if node.limit:
                carried.pop("data-lona-missed", None)
                carried["@items"] = str(node.limit)
            items.append(structure_item(depth, node.id, node.tag, node.namespace, carried))
    return items


# A semicolon may stand in quotes or in url(data:image/png;base64,…).
_DECLARATION = re.compile(r"""(?:[^;"'(]|"[^"]*"|'[^']*'|\([^)]*\)|["'(])+""")


def parse_style(style: str) -> dict[str, str]:
    """The declarations of a `style` attribute; what has no colon is left out, as a browser does."""
    pairs = (declaration.partition(":") for declaration in _DECLARATION.findall(style))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def format_style(declarations: Mapping[str, str]) -> str:
    """`parse_style` backwards."""
    return "; ".join(f"{name}: {value}" for name, value in declarations.items())


def render(node: ModelNode) -> str:
    """HTML without added blanks; what raw HTML there is stands in it as it was sent."""
    parts: list[str] = []
    todo: list[ModelNode | str] = [node]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            parts.append(item)
        elif isinstance(item, ModelText):
            parts.append(_text_html(item))
        else:
            parts.append(_start_tag(item))
            todo.append(_end_tag(item))
            if item.raw is not None:
                parts.append(item.raw)
            else:
                todo.extend(reversed(item.children))
    return "".join(parts)


def render_indented(node: ModelNode) -> str:
    """One line for each node, for eyes: blanks are not those of the tree. An element with one text takes one line."""
    lines: list[str] = []
    todo: list[tuple[int, ModelNode | str]] = [(0, node)]
    while todo:
        depth, item = todo.pop()
        indent = "  " * min(depth, _DEEPEST_INDENT)
        if isinstance(item, ModelElement) and not (item.raw is not None or _fits_one_line(item)):
            lines.append(indent + _start_tag(item))
            todo.append((depth, _end_tag(item)))
            todo.extend((depth + 1, child) for child in reversed(item.children))
        else:
            lines.append(indent + (item if isinstance(item, str) else render(item)))
    return "\n".join(lines)


def _fits_one_line(element: ModelElement) -> bool:
    return not element.children or (len(element.children) == 1 and isinstance(element.children[0], ModelText))


def _text_html(text: ModelText) -> str:
    # The text of a script is not escaped in HTML: "a &lt; b" would be a syntax error there.
    verbatim = text.parent is not None and text.parent.tag in ("script", "style") and text.parent.namespace == HTML
    return text.data if verbatim else escape(text.data, quote=False)


def _start_tag(element: ModelElement) -> str:
    carried = {**element.attributes, **element.properties}
    shown = (f" {name}" if value is True else f' {name}="{escape(str(value))}"' for name, value in carried.items())
    return f"<{element.tag}{''.join(shown)}>"


def _end_tag(element: ModelElement) -> str:
    return "" if element.tag in VOID and element.namespace == HTML else f"</{element.tag}>"


def _first_legend(fieldset: ModelElement) -> ModelElement | None:
    elements = (child for child in fieldset.children if isinstance(child, ModelElement))
    return next((child for child in elements if child.tag == "legend"), None)
