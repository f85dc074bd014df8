"""A model of what a browser shows, fed by wire messages (docs/protocol.md, section 4) and read by tests.

It is strict where a browser is lenient: what the protocol does not allow raises `DOMError`, since a wrong patch is an
error of the server. A browser would show something plausible and be wrong a minute later.

It is long because each verb of the protocol is checked before it changes anything, in a short method of its own.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeGuard

from ..html.mutations import AT_END, AT_START
from ..wire.protocol import Verb
from .elements import (
    PROPERTIES,
    ModelElement,
    ModelNode,
    ModelText,
    StructureItem,
    format_style,
    parse_style,
    render,
    render_indented,
    structure_of_model,
    walk,
)
from .items import change_data, count_missed, restore, trim
from .mirror import Mirror, parse_raw
from .structure import structure_of

__all__ = ["DOMError", "ModelDOM", "ModelElement", "ModelNode", "ModelText", "StructureItem", "structure_of"]

# What `createElement` and `setAttribute` of every browser take.
_TAG = re.compile(r"[A-Za-z][^\s\0/<>\"'=]*")
_NAME = re.compile(r"[^\s\0/<>\"'=@][^\s\0/<>\"'=]*")

_SHOWN_LINES = 60                # of the tree in an error message


class DOMError(AssertionError):
    """The server sent a tree or a patch that does not fit what the browser shows."""


class ModelDOM:
    """One window's content. `title` is None until the server sets one; `root` is None while the window is empty."""

    def __init__(self) -> None:
        self.title: str | None = None
        #: What the view has told the window to keep for the next one; '' is nothing.
        self.kept = ""
        self.root: ModelNode | None = None
        self._nodes: dict[int, ModelNode] = {}
        self._pending: list[ModelElement] = []
        self._mirror: Mirror | None = None
        self._verbs: dict[int, tuple[Callable[..., None], tuple[int, ...]]] = {
            Verb.TEXT: (self._text, (3,)),
            Verb.SET: (self._set, (4, 5)),
            Verb.CLASS: (self._class, (4,)),
            Verb.STYLE: (self._style, (4,)),
            Verb.INSERT: (self._insert, (6,)),
            Verb.REMOVE: (self._remove, (2,)),
            Verb.MOVE: (self._move, (4,)),
            Verb.TITLE: (self._set_title, (2,)),
            Verb.KEEP: (self._keep, (2,)),
            Verb.DATA: (self._data, (4, 5)),
            Verb.PUT: (self._put, (6,)),
            Verb.DROP: (self._drop, (3,)),
            Verb.CALL: (self._call, (5,)),
            Verb.URL: (self._go, (4, 5)),
        }
        #: Where the view says that it is: URL and how (protocol 4.2), those that nobody has taken from here yet.
        self.places: deque[tuple[str, int]] = deque()
        self._went = 0
        self._is_fresh = True                    # there was no snapshot of this view
        self._client = 0
        #: Calls that nobody has answered yet: number, element (None: it is gone, 'page': of the page itself), method, arguments.
        self.calls: deque[tuple[int, ModelElement | Literal["page"] | None, str, list[Any]]] = deque()
        self._last_call = 0

    def apply_snapshot(
        self, first: int, tags: Sequence[str], stream: Sequence[Any], title: str | None = None, kept: str = "",
        place: Sequence[Any] = (),
    ) -> None:
        """Show this tree instead of whatever is shown; a `title` of None leaves the title as it is.

        `Any`: what JSON holds. Raises `DOMError`, and goes on to show what it showed before, when this is not a tree of
        protocol 4.1.
        """
        nodes, items = _read_stream(first, tags, stream, None)
        roots = [node for node in nodes if node.parent is None]
        if len(roots) > 1:
            raise DOMError(f"a snapshot has one root or none, not these: {roots!r:.200}")
        index = _index(nodes, {})
        self._restore(items, index)
        self._keep_changes(index)
        self._nodes = index
        self.root = nodes[0] if nodes else None
        self._mirror = None
        if title is not None:
            self.title = title
        self.kept = kept
        if place:
            number, url, how = place
            self._go(number, url, how | self._is_fresh)
        self._is_fresh = False

    def _keep_changes(self, index: dict[int, ModelNode]) -> None:
        """What the user has changed, and the server does not know yet, is newer than the tree that has come."""
        kept = []
        for old in self._pending:
            new = index.get(old.id)
            if isinstance(new, ModelElement) and new.tag == old.tag:
                new.pending = old.pending
                kept.append(new)
                for before in [old, *old.options]:
                    after = index.get(before.id)
                    if isinstance(after, ModelElement):
                        for name in ("value", "checked") if before is old else ("selected",):
                            after.set_property(name, before.properties.get(name, False))
        self._pending = kept

    def apply_patches(self, patches: Iterable[Sequence[Any]], client: int = 0) -> None:
        """Apply the patches of one frame. `client`: this window's number, whose own values are not set once more.

        Raises `DOMError` that names the patch. The patches before it stay applied, and it has changed nothing.
        """
        self._client = client
        self._mirror = None
        for number, patch in enumerate(patches):
            try:
                apply, lengths = self._verbs[_number(patch[0])]
                if len(patch) not in lengths:
                    raise DOMError(f"this verb takes {lengths[0]} items, not {len(patch)}")
                apply(*patch[1:])
            except KeyError:
                raise DOMError(f"unknown verb {patch[0]!r}, in patch {number}: {patch!r:.300}") from None
            except DOMError as error:
                raise DOMError(f"{error}, in patch {number}: {patch!r:.300}") from None

    def user_changed(self, element: ModelElement, event: int) -> None:
        """The user changed this element, and the change event of this number tells the server.

        Until `acknowledge`, the server's values for it are older than what it shows, and are not applied.
        """
        element.pending = event
        self._pending.append(element)

    def acknowledge(self, event: int) -> None:
        """The server has accepted all events up to this one. Call it before applying the frame that says so."""
        for element in self._pending:
            if element.pending <= event:
                element.pending = 0
        self._pending = [element for element in self._pending if element.pending]

    def get(self, id: int) -> ModelNode:
        """The node of this id. Raises `LookupError` when there is none."""
        try:
            return self._nodes[id]
        except KeyError:
            raise LookupError(f"no node has the id {id!r}; {self._contents()}") from None

    @property
    def ids(self) -> frozenset[int]:
        """All ids that are taken."""
        return frozenset(self._nodes)

    def find(self, selector: str) -> ModelElement:
        """The first element that the CSS selector matches. Raises `LookupError`, which shows what there is."""
        found = self.find_all(selector)
        if not found:
            raise LookupError(f"no element matches {selector!r}; {self._contents()}")
        return found[0]

    def find_all(self, selector: str) -> list[ModelElement]:
        """All elements that the CSS selector matches, the root included, in document order.

        Besides CSS there is cssselect's `:contains("text")`. Properties count as attributes. Raises
        `cssselect.SelectorError` for what is not a selector.
        """
        if not isinstance(self.root, ModelElement):
            return []
        if self._mirror is None or not self._mirror.shows(self.root):
            self._mirror = Mirror(self.root)
        return self._mirror.find_all(selector)

    def text(self, selector: str | None = None) -> str:
        """The exact `textContent` of the window, or of the first element that `selector` matches."""
        if selector is not None:
            return self.find(selector).text
        if isinstance(self.root, ModelText):
            return self.root.data
        return self.root.text if self.root is not None else ""

    def html(self) -> str:
        """The window's content as HTML without added blanks; properties look like attributes."""
        return render(self.root) if self.root is not None else ""

    def pretty_html(self) -> str:
        """The window's content as indented HTML, for eyes."""
        return render_indented(self.root) if self.root is not None else ""

    def to_structure(self) -> list[StructureItem]:
        """The tree as a flat list: equal to `structure_of(node)` of the tree on the server when both show the same."""
        return structure_of_model(self.root)

    def _contents(self) -> str:
        lines = self.pretty_html().splitlines()
        if not lines:
            return "the window is empty"
        more = [f"… and {len(lines) - _SHOWN_LINES} lines more"] if len(lines) > _SHOWN_LINES else []
        return "the window shows\n" + "\n".join(lines[:_SHOWN_LINES] + more)

    # Each verb checks first and changes then. `Any`: they are here to find out.

    def _text(self, id: Any, data: Any) -> None:
        node = self._node(id)
        if not isinstance(node, ModelText):
            raise DOMError(f"id {id} is not a text node but {node!r}")
        node.data = _string(data, "a text")

    def _set(self, id: Any, name: Any, value: Any, client: Any = 0) -> None:
        element = self._element(id)
        checked = _attribute(name, value, removable=True)
        if _number(client) and client == self._client:
            return
        if name in ("value", "checked", "selected") and _is_pending(element):
            return
        _assign(element, name, checked)

    def _class(self, id: Any, name: Any, on: Any) -> None:
        element = self._element(id)
        if not re.fullmatch(r"\S+", _string(name, "a class")):
            raise DOMError(f"a class is one word, not {name!r}")
        if not isinstance(on, bool):
            raise DOMError(f"a class is on (true) or off (false), not {on!r}")
        names = [other for other in str(element.attributes.get("class", "")).split() if other != name or on]
        element.attributes["class"] = " ".join(dict.fromkeys([*names, name] if on else names))

    def _style(self, id: Any, name: Any, value: Any) -> None:
        element = self._element(id)
        declarations = parse_style(str(element.attributes.get("style", "")))
        if value is None:
            declarations.pop(_string(name, "a style property"), None)
        else:
            declarations[_string(name, "a style property")] = _string(value, "a style")
        element.attributes["style"] = format_style(declarations)

    def _insert(self, parent: Any, before: Any, first: Any, tags: Any, stream: Any) -> None:
        above = self._container(parent)
        place = self._place(above, before)
        nodes, items = _read_stream(first, tags, stream, above)
        root = _only_root(nodes, above)
        self._nodes.update(_index(nodes, self._nodes))
        self._restore(items, self._nodes)
        above.children.insert(place, root)

    def _remove(self, id: Any) -> None:
        node = self._node(id)
        self._detach(node)
        for _, below in walk(node):
            self._nodes.pop(below.id, None)          # 0, inside of raw HTML, is never there

    def _move(self, id: Any, parent: Any, before: Any) -> None:
        node = self._node(id)
        above = self._container(parent)
        if node is above or (isinstance(node, ModelElement) and any(node is higher for higher in above.ancestors)):
            raise DOMError(f"{node!r} cannot move into {above!r}, which is itself or below it")
        if before == id:
            raise DOMError(f"{node!r} cannot move before itself")
        self._place(above, before)
        self._detach(node)
        above.children.insert(self._place(above, before), node)
        node.parent = above

    def _keep(self, token: Any) -> None:
        self.kept = _string(token, "what is kept")

    def _set_title(self, title: Any) -> None:
        self.title = _string(title, "a title")

    def _data(self, id: Any, operation: Any, path: Any, value: Any = None) -> None:
        element = self._element(id)
        if element.widget is None:
            raise DOMError(f"{element!r} has no widget")
        name, data = element.widget
        try:
            element.widget = name, change_data(data, operation, path, value)
        except (LookupError, TypeError, ValueError) as error:
            raise DOMError(f"the data of {element!r}, {data!r:.200}: {error!r}") from error

    def _put(self, id: Any, place: Any, first: Any, tags: Any, stream: Any) -> None:
        above = self._stream(id)
        if not _is_int(place) or place < -1:
            raise DOMError(f"an item's place is -1, 0 or an id, not {place!r}")
        nodes, items = _read_stream(first, tags, stream, above)
        root = _only_root(nodes, above)
        if items:
            raise DOMError("an item of a stream holds no stream")
        fresh = _index([node for node in nodes if node.id != place], self._nodes)
        if place > 0:
            old = self._nodes.get(place)
            if root.id != place:
                raise DOMError(f"the item that replaces {place} has the id {root.id}")
            if old is None:
                return                             # trimmed
            if old.parent is not above:
                raise DOMError(f"{old!r} is no item of {above!r}")
            index = above.children.index(old)
            self._forget(old)
            above.children[index] = root
        else:
            above.children.insert(len(above.children) if place == 0 else 0, root)
            above.seen += 1
        self._nodes.update({**fresh, root.id: root})
        if place < 0:
            count_missed(above, len(above.children) - above.limit)
        for gone in trim(above, newest_first=place < 0):
            self._nodes.pop(gone.id, None)

    def _drop(self, id: Any, item: Any) -> None:
        above = self._stream(id)
        for node in [child for child in above.children if item in (0, child.id)]:
            self._forget(node)
            above.children.remove(node)
        if item == 0:
            above.attributes.pop("data-lona-missed", None)

    def _call(self, call: Any, id: Any, method: Any, args: Any) -> None:
        if not isinstance(args, list):
            raise DOMError(f"the arguments of a call are an array, not {args!r}")
        if _number(call) > self._last_call:
            self._last_call = call
            element = self._nodes.get(_number(id))
            target: ModelElement | Literal["page"] | None = element if isinstance(element, ModelElement) else None
            if id == 0:
                target = "page"
            self.calls.append((call, target, _string(method, "a method"), args))

    def _go(self, number: Any, url: Any, how: Any, client: Any = 0) -> None:
        if _number(number) > self._went:
            self._went = number
            if not client or client != self._client:
                self.places.append((_string(url, "a URL"), _number(how)))

    def clear(self) -> None:
        """Another view begins: nothing is shown yet, and its calls count from 1."""
        self.root = None
        self.title = None
        self._nodes = {}
        self._pending.clear()
        self._mirror = None
        self.calls.clear()
        self.places.clear()
        self._last_call = self._went = 0
        self._is_fresh = True

    def _stream(self, id: Any) -> ModelElement:
        element = self._element(id)
        if not element.limit:
            raise DOMError(f"{element!r} is no stream")
        return element

    def _forget(self, node: ModelNode) -> None:
        for _, below in walk(node):
            self._nodes.pop(below.id, None)

    def _restore(self, items: dict[ModelElement, Sequence[Any]], index: dict[int, ModelNode]) -> None:
        """Fill the streams of a snapshot, or of a subtree; `index` gets what stays in them."""
        for element, spec in items.items():
            roots: list[tuple[int, ModelNode]] = []
            for place, first, tags, stream in spec[5]:
                nodes, inner = _read_stream(first, tags, stream, element)
                if inner:
                    raise DOMError("an item of a stream holds no stream")
                if place not in (AT_END, AT_START):
                    raise DOMError(f"an item of a snapshot stands at one of the ends, not at {place!r}")
                roots.append((place, _only_root(nodes, element)))
            old = self._nodes.get(element.id)
            restore(element, old if isinstance(old, ModelElement) and old is not element and old.limit else None, spec, roots)
            for child in element.children:
                index.update(_index([node for _, node in walk(child) if node.id], index))

    def _node(self, id: Any) -> ModelNode:
        node = self._nodes.get(_number(id))
        if node is None:
            raise DOMError(f"unknown id {id}")
        return node

    def _element(self, id: Any) -> ModelElement:
        node = self._node(id)
        if not isinstance(node, ModelElement):
            raise DOMError(f"id {id} is not an element but {node!r}")
        return node

    def _container(self, id: Any) -> ModelElement:
        element = self._element(id)
        if element.raw is not None:
            raise DOMError(f"{element!r} shows raw HTML and takes no children")
        return element

    def _place(self, parent: ModelElement, before: Any) -> int:
        if _number(before) == 0:
            return len(parent.children)
        node = self._node(before)
        if node.parent is not parent:
            raise DOMError(f"{node!r} is not a child of {parent!r} but of {node.parent!r}")
        return parent.children.index(node)

    def _detach(self, node: ModelNode) -> None:
        if node.parent is None:
            self.root = None
        else:
            node.parent.children.remove(node)
            node.parent = None


def _only_root(nodes: list[ModelNode], above: ModelElement) -> ModelNode:
    roots = [node for node in nodes if node.parent is above]
    if len(roots) != 1:
        raise DOMError(f"a stream that is inserted has one root, not {len(roots)}")
    return roots[0]


def _spelled_out(stream: Sequence[Any]) -> Iterator[Any]:
    """Elements with one text as all others: `-3, "x"` is `3, "x", 0`."""
    is_leaf = False
    for item in stream:
        if is_leaf and not isinstance(item, dict):
            if not isinstance(item, str):
                raise DOMError(f"behind a number below 0 stands a text, not {item!r:.100}")
            yield from (item, 0)
            is_leaf = False
        elif _is_int(item) and item < 0:
            is_leaf = True
            yield -item
        else:
            yield item
    if is_leaf:
        raise DOMError("the stream ends where the text of an element is to stand")


def _read_stream(
    first: Any, tags: Any, stream: Any, parent: ModelElement | None,
) -> tuple[list[ModelNode], dict[ModelElement, Sequence[Any]]]:
    """The nodes of a stream in document order, and what `@items` says of them. Those at its top name `parent` but are not its
    children yet.
    """
    if not (isinstance(tags, list | tuple) and isinstance(stream, list | tuple)):
        raise DOMError(f"tags and stream are arrays, not {tags!r:.60} and {stream!r:.60}")
    following = _number(first)
    nodes: list[ModelNode] = []
    items: dict[ModelElement, Sequence[Any]] = {}
    open_elements: list[ModelElement] = []
    opened: ModelElement | None = None               # by the item just before
    for position, item in enumerate(_spelled_out(stream)):
        above = open_elements[-1] if open_elements else parent
        just_opened, opened = opened, None
        if isinstance(item, dict):
            if just_opened is None:
                raise DOMError(f"item {position} of the stream: attributes not after an opening number: {item!r:.100}")
            if "@items" in item:
                items[just_opened] = _items(item.pop("@items"))
            _assign_all(just_opened, item)
            following = just_opened.id + 1
            continue
        if _is_int(item) and item == 0:
            if not open_elements:
                raise DOMError(f"item {position} of the stream closes an element, and none is open")
            open_elements.pop()
            continue
        if above is not None and above.raw is not None:
            raise DOMError(f"item {position} of the stream: {above!r} shows raw HTML and takes no children")
        node: ModelNode
        if _is_int(item) and 1 <= item <= len(tags):
            tag = _string(tags[item - 1], "a tag")
            if not _TAG.fullmatch(tag):
                raise DOMError(f"no browser makes an element of the tag {tag!r}")
            node = opened = ModelElement(following, tag, above)
        elif isinstance(item, str):
            node = ModelText(following, item, above)
        elif isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[1], str):
            node = ModelText(_number(item[0]), item[1], above)
        else:
            raise DOMError(
                f"item {position} of the stream is no tag number (of {len(tags)}), attributes, text or 0: {item!r:.100}"
            )
        following = node.id + 1
        nodes.append(node)
        if open_elements:
            open_elements[-1].children.append(node)
        if opened is not None:
            open_elements.append(opened)
    if open_elements:
        raise DOMError(f"the stream ends with open elements: {open_elements!r:.200}")
    return nodes, items


def _items(spec: Any) -> Sequence[Any]:
    if not isinstance(spec, list) or len(spec) != 6 or not all(isinstance(item, list) and len(item) == 4 for item in spec[5]):
        raise DOMError(f"@items is [limit, total, cleared, floor, gone, items], not {spec!r:.100}")
    return spec


def _index(nodes: Iterable[ModelNode], taken: dict[int, ModelNode]) -> dict[int, ModelNode]:
    index: dict[int, ModelNode] = {}
    for node in nodes:
        if node.id < 1:
            raise DOMError(f"an id is a number from 1, not that of {node!r}")
        other = taken.get(node.id) or index.get(node.id)
        if other is not None:
            raise DOMError(f"the id of {node!r} is taken by {other!r}")
        index[node.id] = node
    return index


def _assign_all(element: ModelElement, attributes: dict[Any, Any]) -> None:
    for name, value in attributes.items():
        if name == "@id":
            element.id = _number(value)
        elif name == "@widget":
            if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], dict | list):
                raise DOMError(f"@widget is [name, data], not {value!r:.100}")
            element.widget = _string(value[0], "a widget's name"), value[1]
        elif name == "@ns":
            element.namespace = _string(value, "a namespace")
        else:
            _assign(element, name, _attribute(name, value, removable=False))


def _assign(element: ModelElement, name: str, value: str | bool) -> None:
    if name == "@on":
        element.events = str(value or "")
    elif name == "@html":
        _assign_raw(element, value if isinstance(value, str) else None)
    elif name in PROPERTIES:
        element.set_property(name, value)
    elif value is False:
        element.attributes.pop(name, None)
    else:
        element.attributes[name] = value


def _assign_raw(element: ModelElement, html: str | None) -> None:
    if element.raw is None and element.children:
        raise DOMError(f"{element!r} has children, which raw HTML would destroy: {element.children!r:.200}")
    try:
        element.children = parse_raw(html, element) if html is not None else []
    except ValueError as error:
        raise DOMError(f"{element!r}: {error}") from error
    element.raw = html


def _attribute(name: Any, value: Any, *, removable: bool) -> str | bool:
    known = isinstance(name, str) and (name in ("@on", "@html") or _NAME.fullmatch(name))
    if not known:
        raise DOMError(f"no browser sets an attribute of the name {name!r}")
    if isinstance(value, str) or (value is False and removable):
        return value
    if value is True and name not in ("value", "@on", "@html"):
        return True
    raise DOMError(f"{name!r} cannot be {value!r:.100}")


def _is_pending(element: ModelElement) -> bool:
    if element.tag == "option":          # its select issues the change event
        return any(above.pending for above in element.ancestors if above.tag == "select")
    return element.pending > 0


def _is_int(value: object) -> TypeGuard[int]:
    return type(value) is int            # `True` is an int to Python, not to JSON


def _number(value: object) -> int:
    if not _is_int(value) or value < 0:
        raise DOMError(f"a number is needed, not {value!r:.100}")
    return value


def _string(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise DOMError(f"{what} is a string, not {value!r:.100}")
    return value
