"""`parse_html()`: nodes from a string of HTML, read as a browser reads it.

How it is read is in `syntax/`. This page is about what becomes of it: which class an element gets, and where our nodes
want something else than a browser has. That is:

* comments and the doctype are dropped, and texts that they divided are one text;
* boolean attributes are True; blanks and repetitions in `class` and `id` and the layout of `style` are not kept;
* `data-lona-…` is dropped, except `data-lona-ignore`: markup cannot pretend to be what the framework has made;
* scripts and `<base href>` are refused, unless `node_classes` has a class for them, and what no node may have is refused here, too:
  event handlers, `javascript:`, documents in attributes, impossible names; in strict mode a style that is none, too;
* the text of a `<textarea>` is its `value`, and an `<option>` without a value has its text as value;
* `<noscript>` contains elements, as in a browser without scripts: for others it is invisible anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Literal, overload

from .attributes import BOOLEAN_ATTRIBUTES
from .form import Form
from .inputs.option import Option
from .inputs.radio import RadioButton
from .inputs.select import Select
from .inputs.text import TextArea
from .mutations import TreeNode
from .names import split_words
from .node import HTML_NAMESPACE, MATH_NAMESPACE, SVG_NAMESPACE, Node
from .node_classes import INPUT_NODE_CLASSES, NODE_CLASSES
from .rendering import SELF_CLOSING_TAGS
from .style import as_style, read_style
from .syntax import Characters, Element, ParseError, Source, parse_fragment
from .text import Text

#: Classes or ids of one element. More are somebody's attack: each is compared with all before it.
MAX_WORDS = 250

_NAMESPACES = {"": HTML_NAMESPACE, "svg": SVG_NAMESPACE, "math": MATH_NAMESPACE}
_BLANKS = "\t\n\f\r "


@overload
def parse_html(
    string: str, use_high_level_nodes: bool = ..., node_classes: Mapping[str, type[Node]] | None = ..., *,
    flat: Literal[False], strict: bool = ...,
) -> list[TreeNode]: ...
@overload
def parse_html(
    string: str, use_high_level_nodes: bool = ..., node_classes: Mapping[str, type[Node]] | None = ...,
    flat: bool = ..., strict: bool = ...,
) -> TreeNode | list[TreeNode]: ...
def parse_html(
    string: str,
    use_high_level_nodes: bool = True,
    node_classes: Mapping[str, type[Node]] | None = None,
    flat: bool = True,
    strict: bool = False,
) -> TreeNode | list[TreeNode]:
    """The node in `string`; a list if there are several, or none. Blank text around a single element does not count.

    It is read like `template.innerHTML = string`, so the first tag decides where we are: `<tr>…` gives a row, `<td>…` a
    cell, and everything else what it would be in a `<div>`. Broken markup is repaired as browsers do it. Only for
    markup of your own, for it may still look like anything, and ask for anything: what users have typed is shown by `Text`.

    `use_high_level_nodes=False`: all elements are plain `Node`s. `node_classes` has the class for a tag; it is called
    without arguments and then gets its attributes and children; `{"script": Script}` lets the scripts in your markup run.
    `flat=False`: always the list of all roots.

    `strict`: a mistake is an error. That is whatever the HTML standard calls a parse error, among them elements that
    are not closed, overlap or were never opened, an attribute given twice, an unknown `&name;`.

    Raises `ParseError`, a `ValueError` with `line` and `column`, for mistakes in strict mode, for what no node may have,
    and when there is too much: longer than 2 million characters, deeper than 256 elements, more than 200,000
    tags, texts and attributes.
    """
    _check_classes(node_classes)
    source = Source(string, strict=strict)
    roots = _Maker(source, use_high_level_nodes, node_classes or {}).make(parse_fragment(source))
    if not flat:
        return roots
    elements = [node for node in roots if not isinstance(node, Text) or node.data.strip(_BLANKS)]
    if len(elements) == 1 and isinstance(elements[0], Node):
        return elements[0]
    return roots[0] if len(roots) == 1 else roots


def _check_classes(node_classes: Mapping[str, type[Node]] | None) -> None:
    """Raise what a table deserves that would be of no use, or fail later where nobody looks for it."""
    if not isinstance(node_classes, Mapping | None):
        raise TypeError(f"node_classes is a dict of classes by tags, not {type(node_classes).__name__}: {node_classes!r}")
    for tag, node_class in (node_classes or {}).items():
        if not (isinstance(node_class, type) and issubclass(node_class, Node)):
            raise TypeError(f"node_classes names a class of nodes for each tag; for {tag!r} it has {node_class!r}")
        if isinstance(tag, str) and tag.isupper():
            raise ValueError(f"node_classes has {tag!r}; the tags of HTML are written in small letters")


class _Maker:
    """Makes nodes of elements."""

    def __init__(self, source: Source, high_level: bool, classes: Mapping[str, type[Node]]) -> None:
        self._source = source
        self._high_level = high_level
        self._classes = classes

    def make(self, root: Element) -> list[TreeNode]:
        """The children of `root`, never recursive."""
        nodes: dict[int, Node] = {}
        elements = list(_walk(root))
        for element in elements:
            try:
                nodes[id(element)] = self._make_one(element)
            except ParseError:
                raise
            except ValueError as error:
                raise self._source.error(element.offset, f"<{element.name}>: {error}") from error
        for element in reversed(elements):
            _fill(nodes[id(element)], element, _children(element, nodes))
        return _children(root, nodes)

    def _make_one(self, element: Element) -> Node:
        node_class = self._class_of(element)
        options: dict[str, Any] = {}                          # Any: keywords of Node have different types
        if node_class is Node:
            options["tag_name"] = element.name
            if element.namespace and element.name in SELF_CLOSING_TAGS:
                options["self_closing_tag"] = False           # <link> is void in HTML, but not in SVG
        if element.namespace != _inherited_namespace(element):
            options["namespace"] = _NAMESPACES[element.namespace]
        if issubclass(node_class, (Option, RadioButton)) and "value" not in element.attributes:
            options["render_value"] = False
        if issubclass(node_class, RadioButton):
            options["value"] = "on"                           # what HTML has for one without a value
        node = node_class(**options)
        if isinstance(node, RadioButton):
            del node.attributes["name"]                       # ours has a name by itself
        elif isinstance(node, Form):
            del node.attributes["method"]                     # ours posts by itself
        for name, value in element.attributes.items():
            try:
                self._set_attribute(node, name, value)
            except ValueError as error:
                raise self._source.error(element.places.get(name.lower(), element.offset), f"<{element.name}>: {error}") from error
        return node

    def _set_attribute(self, node: Node, name: str, value: str) -> None:
        if name == "style":
            node.style.update(as_style(value) if self._source.strict else read_style(value))
        else:
            _set_attribute(node, name, value)

    def _class_of(self, element: Element) -> type[Node]:
        if element.name in self._classes:
            return self._classes[element.name]
        # With a prefix, too: HTML has none, but `createElementNS()` makes a script of SVG from `a:script`.
        if element.name.rpartition(":")[2].lower() == "script":
            raise ValueError(
                "scripts in markup are refused, since they would run in the browser. If the markup is your own and no user's, "
                "allow them: parse_html(…, node_classes={'script': Script})."
            )
        if element.name == "base" and "href" in element.attributes:
            raise ValueError(
                "a base address in markup is refused, since links, forms and files of the whole page would go there. If the markup "
                "is your own and no user's, allow it: parse_html(…, node_classes={'base': Base})."
            )
        if not self._high_level:
            return Node
        if element.kind == "input":
            # What a browser does not know is a text input to it, too; but then there may be a script that does.
            return INPUT_NODE_CLASSES.get(element.attributes.get("type", "").lower() or "text", Node)
        if element.namespace in ("", element.name):           # an <a> or <style> of SVG is another one
            return NODE_CLASSES.get(element.name, Node)
        return Node


def _set_attribute(node: Node, name: str, value: str) -> None:
    if name in ("class", "id"):
        words = split_words(value)
        if len(words) > MAX_WORDS:
            raise ValueError(f"attribute {name!r} has {len(words)} words; {MAX_WORDS} are the limit")
        (node.class_list if name == "class" else node.id_list).extend(words)
    elif name == "data-lona-ignore":
        node.ignore = True
    elif name.startswith("data-lona-") or (name == "value" and node.tag_name == "textarea"):
        return                                                # HTML does not know a `value` of a textarea, but our nodes do
    elif name == "value" and isinstance(node, (Option, RadioButton)):
        node.value = value
    elif name in BOOLEAN_ATTRIBUTES and (name, value) != ("hidden", "until-found"):
        node.attributes[name] = True
    else:
        node.attributes[name] = value


def _fill(node: Node, element: Element, children: list[TreeNode]) -> None:
    if isinstance(node, TextArea):
        node.value = "".join([str(child) for child in children])
        return
    if isinstance(node, Select):
        node.options = children
    else:
        node.extend(children)
    if isinstance(node, Option) and "value" not in element.attributes:
        node.value = " ".join(split_words(node.get_text()))


def _children(element: Element, nodes: Mapping[int, Node]) -> list[TreeNode]:
    children: list[TreeNode] = []
    for is_text, group in groupby(element.children, lambda child: isinstance(child, Characters)):
        if is_text:
            children.append(Text("".join([child.data for child in group if isinstance(child, Characters)])))
        else:
            children.extend([nodes[id(child)] for child in group])
    return children


def _walk(root: Element) -> Iterator[Element]:
    """All elements below `root` in document order."""
    waiting: list[Element | Characters] = root.children[::-1]
    while waiting:
        element = waiting.pop()
        if isinstance(element, Element):
            yield element
            waiting.extend(reversed(element.children))


def _inherited_namespace(element: Element) -> str:
    """What `Node.namespace` makes of the tag and the parent alone."""
    if element.name in ("svg", "math"):
        return element.name
    parent = element.parent
    return "" if parent is None or parent.kind == "svg foreignObject" else parent.namespace
