"""`Node`, the base of all elements.

A page has thousands of nodes, and most of them are a tag and a text. So a node is small: everything it may have
(children, attributes, classes, ids, style, events, handlers, state, widget) is None until it is first used.

It is long because it is the one class that users meet everywhere: most of it are properties that hand on to the part that
does the work (`children`, `attributes`, `style`, `selectors`, `state`, `widget_data`), each with its contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from .attributes import Attributes
from .busy import BUSY
from .children import Child, Parent, fill, flatten, position, put, remove, replace, walk
from .classes import ClassList, IdList
from .event_target import HANDLERS, EventTarget
from .mutations import AttributeValue, Owner, TreeNode
from .names import check_tag_name
from .node_list import ChildOperations, NodeList
from .properties import Value
from .rendering import SELF_CLOSING_TAGS, render
from .state import State
from .style import Style, as_style
from .text import Text
from .widget_data import WidgetData, WidgetHost

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
MATH_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
HTML_NAMESPACE = "http://www.w3.org/1999/xhtml"

# How other libraries spell the keywords that Python does not allow, and how they are written here.
_OTHER_WORDS = {"className": "_class", "class_name": "_class", "htmlFor": "_for", "html_for": "_for"}

_STALE = "data-lona-stale"

_NAMESPACE_OF_TAG = {"svg": SVG_NAMESPACE, "math": MATH_NAMESPACE}


class _Markup(str):
    """A text that says itself that it is markup, as markupsafe's: `Markup.format` asks for it a second time."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class Node(EventTarget, ChildOperations):
    """An element. Positional arguments become children; keyword arguments become attributes, `_` in a name meaning `-`.

    Some keywords are more: `_id`, `_class` (string or list), `_style` (string or dict), `attributes`, `events`, `nodes`, `state`,
    `ignore`, `stale`, `widget`, `widget_data`, and `handle_click` with its like (`HANDLERS`), which replace the method of that name
    on this node and make it issue the event.

    Subclasses set the class attributes; a list or dict among them is copied for each node.
    """

    __slots__ = (
        "_attributes", "_class_list", "_id_list", "_namespace", "_state", "_style", "_tag_name", "_widget", "self_closing_tag",
    )

    TAG_NAME: ClassVar[str] = "html"
    NAMESPACE: ClassVar[str] = ""
    SELF_CLOSING_TAG: ClassVar[bool | None] = None           # None: as HTML has it
    ID_LIST: ClassVar[Sequence[str]] = ()
    CLASS_LIST: ClassVar[Sequence[str]] = ()
    STYLE: ClassVar[Mapping[str, Value] | str] = ""
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {}
    WIDGET: ClassVar[str] = ""                                # the name of a class in the browser that the element is bound to
    WIDGET_DATA: ClassVar[dict[str, Any] | list[Any]] = {}    # Any: JSON
    STATIC_FILES: ClassVar[Sequence[Any]] = ()                # Any: the server layer knows what a static file is
    FROZEN: ClassVar[bool] = False                            # True: no children can be added
    JAVASCRIPT_URLS: ClassVar[bool] = False                   # True: `javascript:`, `srcdoc` and `data:` documents are allowed

    def __init__(
        self,
        *children: Child,
        namespace: str | None = None,
        tag_name: str | None = None,
        self_closing_tag: bool | None = None,
        **kwargs: Any,                                        # Any: each keyword has its own type, see the class
    ) -> None:
        self.number = 0
        self.owner = None
        self._parent = None
        self._children = None
        self._attributes: Attributes | None = None
        self._class_list: ClassList | None = None
        self._events = None
        self._handlers = None
        self._id_list: IdList | None = None
        self._namespace = namespace
        self._state: State | None = None
        self._style: Style | None = None
        self._widget: WidgetHost | None = None
        if tag_name is None:
            tag_name = self.TAG_NAME
        else:
            check_tag_name(tag_name)
        self._tag_name = tag_name
        if self_closing_tag is None:
            self_closing_tag = self.SELF_CLOSING_TAG
        self.self_closing_tag: bool = tag_name.lower() in SELF_CLOSING_TAGS if self_closing_tag is None else self_closing_tag
        if self.ID_LIST:
            self.id_list.extend(self.ID_LIST)
        if self.CLASS_LIST:
            self.class_list.extend(self.CLASS_LIST)
        if self.STYLE:
            self.style.update(as_style(self.STYLE))
        if self.ATTRIBUTES:
            self.attributes.update(self.ATTRIBUTES)
        if self.WIDGET:
            self._widget = WidgetHost(self, self.WIDGET, self.WIDGET_DATA)
        if kwargs:
            if "widget" in kwargs:
                self._widget = WidgetHost(self, kwargs.pop("widget"), self.WIDGET_DATA)
            if "nodes" in kwargs:
                children = (*children, kwargs.pop("nodes"))
            for name, value in kwargs.items():
                self._set_keyword(name, value)
        if children:
            fill(self, children)

    def _set_keyword(self, name: str, value: Any) -> None:
        if name in HANDLERS:
            setattr(self, name, value)
            return
        if name.startswith("handle_"):
            raise TypeError(f"there is no {name}; a node has {', '.join(HANDLERS)}")
        if name in _OTHER_WORDS or name.endswith("_"):
            raise TypeError(f"there is no keyword {name}=; write {_OTHER_WORDS.get(name, '_' + name.rstrip('_'))}=")
        name = name.replace("_", "-").removeprefix("-")
        if name == "id":
            self.id_list.extend(value)
        elif name == "class":
            self.class_list.extend(value)
        elif name == "style":
            self.style.update(as_style(value))
        elif name == "attributes":
            self.attributes.update(value)
        elif name == "events":
            self.events.extend(value)
        elif name == "state":
            self.state = value
        elif name == "widget-data":
            self.widget_data = value
        elif name == "ignore":
            self.ignore = value
        elif name == "stale":
            self.stale = value
        elif callable(value):
            raise TypeError(f"{name!r} cannot be a function; those that handle events are {', '.join(HANDLERS)}")
        else:
            self.attributes[name] = value

    # What it is

    @property
    def tag_name(self) -> str:
        return self._tag_name

    @property
    def namespace_own(self) -> str | None:
        """The namespace URI, if it differs from what the tag and the parent make of it by themselves."""
        own = self._namespace or self.NAMESPACE
        return own if own and own != _NAMESPACE_OF_TAG.get(self._tag_name) else None

    @property
    def namespace(self) -> str:
        """The namespace URI, own or inherited; '' is HTML."""
        return self.namespace_in(self.parent)

    def namespace_in(self, parent: TreeNode | None) -> str:
        """The namespace URI that this node has, or would have, as a child of `parent`."""
        node: TreeNode | None = self
        html_inside = False
        while isinstance(node, Node):
            html_inside = html_inside or (node is not self and node._tag_name == "foreignObject")
            own = node._namespace or node.NAMESPACE or _NAMESPACE_OF_TAG.get(node._tag_name)
            if own:
                return "" if own == HTML_NAMESPACE or (html_inside and own == SVG_NAMESPACE) else own
            node = parent if node is self else node.parent
        return ""

    @property
    def attributes(self) -> Attributes:
        if self._attributes is None:
            self._attributes = Attributes(self, javascript_urls=self.JAVASCRIPT_URLS)
        return self._attributes

    @attributes.setter
    def attributes(self, values: Mapping[str, Value]) -> None:
        self.attributes.replace(values)

    @property
    def class_list(self) -> ClassList:
        if self._class_list is None:
            self._class_list = ClassList(self)
        return self._class_list

    @class_list.setter
    def class_list(self, names: Iterable[str] | Mapping[str, object]) -> None:
        self.class_list.replace(names)

    @property
    def id_list(self) -> IdList:
        if self._id_list is None:
            self._id_list = IdList(self)
        return self._id_list

    @id_list.setter
    def id_list(self, names: Iterable[str]) -> None:
        self.id_list.replace(names)

    @property
    def style(self) -> Style:
        if self._style is None:
            self._style = Style(self)
        return self._style

    @style.setter
    def style(self, values: Mapping[str, Value] | str) -> None:
        self.style.replace(as_style(values))

    @property
    def state(self) -> State:
        """A dict for the user's own values, with dicts and lists inside; never sent anywhere. Its lock is the node's."""
        if self._state is None:
            self._state = State({}, lock=lambda: self.lock)
        return self._state

    @state.setter
    def state(self, state: Mapping[Any, Any]) -> None:        # Any: the user's own
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict, not {type(state).__name__}: {state!r}")
        if state is not self._state:                          # as after `node.state |= …`, which has done it
            self._state = State(state, lock=lambda: self.lock)

    @property
    def widget(self) -> str:
        """The name of the class in the browser that the element is bound to; '' is none."""
        return "" if self._widget is None else self._widget.name

    @property
    def widget_data(self) -> Any:                             # Any: a DataDict or a DataList, as whoever gave it knows
        """What the widget in the browser is told: a dict or a list, JSON all the way down. Each change of it is one patch.

        `RuntimeError` when there is no widget, since nobody would hear of it.
        """
        return self._get_widget().data

    @widget_data.setter
    def widget_data(self, data: WidgetData | dict[str, Any] | list[Any]) -> None:
        self._get_widget().replace(data)

    def _get_widget(self) -> WidgetHost:
        if self._widget is None:
            raise RuntimeError(f"{self!r} has no widget. Name it by widget='name', or by WIDGET in the class.")
        return self._widget

    @property
    def ignore(self) -> bool:
        """True: the browser treats the element as in any page; links load a page, events are not reported."""
        return self._flag("data-lona-ignore")

    @ignore.setter
    def ignore(self, value: bool) -> None:
        self._set_flag("data-lona-ignore", value, "ignore")

    @property
    def stale(self) -> str:
        """What becomes of a click, double click or submit that was made before its user saw what the one before had done.

        'deliver' (the default): it counts, like any other. 'drop': it does not, and the browser shows that; two quick clicks on
        "Pay" pay once, also when the connection was lost in between. 'ask': the browser asks the user whether it is meant.
        """
        return "deliver" if self._attributes is None else str(self._attributes.get(_STALE, "deliver"))

    @stale.setter
    def stale(self, policy: str) -> None:
        if policy not in ("deliver", "drop", "ask"):
            raise ValueError(f"stale is 'deliver', 'drop' or 'ask', not {policy!r}")
        if policy != "deliver":
            self.attributes[_STALE] = policy
        elif self._attributes is not None:
            del self._attributes[_STALE]

    def _flag(self, attribute: str) -> bool:
        return self._attributes is not None and self._attributes.wire(attribute) is not False

    def _set_flag(self, attribute: str, value: bool, name: str | None = None) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"{name or attribute} must be True or False, not {type(value).__name__}: {value!r}")
        if value:
            self.attributes[attribute] = True
        elif self._attributes is not None:
            del self._attributes[attribute]

    def has_id(self, name: str) -> bool:
        return self._id_list is not None and name in self._id_list

    def has_class(self, name: str) -> bool:
        return self._class_list is not None and name in self._class_list

    def hide(self) -> None:
        """Take the node out of sight: `display: none`."""
        self.style.hide()

    def show(self) -> None:
        """Undo `hide()`: `display` is again what it was."""
        self.style.show()

    # Its children

    @property
    def _parent_node(self) -> Parent:
        return self

    @property
    def nodes(self) -> NodeList:
        return NodeList(self)

    @nodes.setter
    def nodes(self, children: Child) -> None:
        if isinstance(children, NodeList) and children.of(self):
            return                                            # as after `node.nodes += …`, which has done it
        if isinstance(children, str):
            self.set_text(children)
        else:
            replace(self, slice(None), flatten((children,)))

    @property
    def rendered_children(self) -> Sequence[TreeNode] | str:
        """What HTML text has between the tags; a str: the text of the only child. Only without children is it something else."""
        return self._children or ()

    def remove(self, *nodes: TreeNode) -> None:
        """Take out the children `nodes` (themselves, never equal ones); without any, take this node out of its parent."""
        if nodes:
            remove(self, *nodes)
        elif isinstance(self.parent, Parent):
            remove(self.parent, self)
        else:
            raise RuntimeError(f"node has no parent node: {self!r} cannot be removed from anything")

    def replace_with(self, *children: Child) -> None:
        """Put `children` in this node's place, and take it out. `RuntimeError` without a place, or for a child that contains it."""
        parent, index = self._place("replace")
        nodes = flatten(children)
        if any(node is self for node in nodes):
            raise ValueError(f"{self!r} cannot take its own place. To put others beside it, use insert() of its parent.")
        replace(parent, slice(index, index + 1), nodes)

    def wrap(self, wrapper: Node) -> Node:
        """Put `wrapper` in this node's place and this node at its end; returns `wrapper`. `RuntimeError` without a place."""
        parent, index = self._place("wrap")
        if not isinstance(wrapper, Node):
            raise TypeError(f"wrap() takes the node to wrap in, not {type(wrapper).__name__}: {wrapper!r}")
        wrapper.check_takes_children()
        put(parent, [wrapper], index)
        wrapper.append(self)
        return wrapper

    def _place(self, what: str) -> tuple[Parent, int]:
        if not isinstance(self.parent, Parent):
            raise RuntimeError(f"node has no parent node: there is no place in which to {what} {self!r}")
        return self.parent, position(self.parent.children, self)

    def check_takes_children(self) -> None:
        if self.FROZEN:
            raise RuntimeError(f"Cannot modify frozen NodeList: {self!r} shows raw HTML and cannot have children.")
        if self.self_closing_tag:
            raise ValueError(f"<{self.tag_name}> has no end tag in HTML, so it cannot have children")

    def set_text(self, text: object) -> None:
        """Show `str(text)` and nothing else."""
        if isinstance(text, Node):
            raise TypeError(f"set_text takes a text, not {text!r}. To show a node, set node.nodes = [other].")
        text = str(text)
        children = self.children
        if len(children) == 1 and isinstance(children[0], Text):
            children[0].set(text)
        elif text or children:
            replace(self, slice(None), [Text(text)])

    def get_text(self) -> str:
        """All text in this node and below it, exactly as it is."""
        return "".join([node.data for node in walk(self) if isinstance(node, Text)])

    # What is around it

    @property
    def document(self) -> Owner | None:
        """Whoever shows the tree that the node is in; None: nobody."""
        return self.owner

    def iter_nodes(self) -> Iterator[TreeNode]:
        """All nodes below this one, texts included, in document order."""
        nodes = walk(self)
        next(nodes)
        return nodes

    # Selectors are imported by the first one: most programs have none, and cssselect has much to compile.

    def query_selector(self, selector: str) -> Node | None:
        """The first element below this one that the CSS selector matches; see `query_selector_all`."""
        from .selectors import select

        return next(select(selector, self), None)

    def query_selector_all(self, selector: str) -> list[Node]:
        """All elements below this one that the CSS selector matches, each once, in document order.

        `:scope` is this node: `:scope > li` finds its own items only. As in a browser, what stands further left in a
        selector may be above it. Raises `ValueError` for what is no selector, or asks what only browsers know (`:hover`).
        """
        from .selectors import select

        return list(select(selector, self))

    def closest(self, selector: str) -> Node | None:
        """The nearest ancestor that the CSS selector matches. Unlike a browser's, it is never this node itself."""
        from .selectors import closest

        return closest(selector, self)

    def matches(self, selector: str) -> bool:
        """Whether the CSS selector matches this node."""
        from .selectors import matches

        return matches(selector, self)

    # What the browser does with it

    def call(self, method: str, *args: Any, timeout: float | None = None) -> Any:      # Any: JSON, both ways
        """Call a method of the widget in the browser, or else of the DOM element, and wait for what it returns.

            text = editor.call("getSelection", timeout=5)
            dialog.call("showModal")

        What has changed so far is shown first. Of a promise the browser waits for the result. In several windows the method is
        called in each, and the first answer counts; a browser that comes back after a lost connection still answers.

        The result is JSON, and as little to be trusted as all that a browser sends. Raises `AwaitTimeout` after `timeout` seconds
        without an answer, `BrowserCallError` for what the method threw or when there is none, `RuntimeError` for a node that is
        not shown or when too many calls wait, `ValueError` for arguments that are not JSON. As with all that waits, only in
        greenlets of the view.
        """
        return self._shown_by("call").call(self, method, args, timeout)

    def focus(self) -> None:
        """Give the node the keyboard focus, with the next `show()`. Never waits. `RuntimeError` when no view shows it.

        One that does not take it, since it is hidden or disabled, is counted as `calls.failed`.
        """
        self._shown_by("focus").tell(self, "focus", ())

    def scroll_into_view(self) -> None:
        """Scroll so that the node can be seen, with the next `show()`. Never waits. `RuntimeError` when no view shows it."""
        self._shown_by("scroll_into_view").tell(self, "scrollIntoView", ())

    def _shown_by(self, what: str) -> Owner:
        if self.owner is None or self.owner.closed:
            raise RuntimeError(f"{what}() needs a node that a view shows, and nobody shows {self!r}. Call show() first.")
        return self.owner

    # Its inputs

    @property
    def is_disabled(self) -> bool:
        """Whether the attribute `disabled` is present, and not only while the node is busy; events of such a node do not count."""
        return self._flag("disabled") and self.attributes["disabled"] is not BUSY

    @property
    def is_reported(self) -> bool:
        """Whether browsers name the node in what they report: it issues events, has a widget, or can be dragged."""
        if self._widget is not None or (self.EVENTS if self._events is None else self._events):
            return True
        return self._attributes is not None and self._attributes.wire("draggable") == "true"

    @property
    def bubble_up(self) -> bool:
        """Whether a change of this node is shown to its ancestors, too."""
        return True

    def receive(self, data: object, client: int) -> None:
        """Take over the value that `client` has changed in the browser; inputs do, others have none.

        Raises `ValueError` when `data` is nothing that this input can send.
        """

    # Its forms

    def wire_attributes(self) -> dict[str, AttributeValue]:
        """All that a browser gets of this node besides tag and children, in the form of the wire protocol."""
        wire: dict[str, AttributeValue] = {}
        if self._class_list is not None and self._class_list:
            wire["class"] = str(self._class_list)
        if self._id_list is not None and self._id_list:
            wire["id"] = str(self._id_list)
        if self._style is not None and self._style:
            wire["style"] = str(self._style)
        if self._attributes is not None:
            wire.update(self._attributes.wire_items())
        if self._events or (self._events is None and self.EVENTS):
            wire["@on"] = self.event_tokens
        return wire

    def markup_attributes(self) -> dict[str, AttributeValue]:
        """The same for HTML text; controls have other ones there, where browsers have other rules for what stands in markup."""
        return self.wire_attributes()

    def __str__(self) -> str:
        return render(self)

    def __html__(self) -> str:
        """For templates: this is markup already, and escaped."""
        return _Markup(render(self))

    def __repr__(self) -> str:
        name = "" if self._id_list is None or not self._id_list else f" id={str(self._id_list)!r}"
        return f"<{type(self).__name__} {self._tag_name}{name} with {len(self)} children>"

    def __bool__(self) -> bool:
        """Always True, also without children: `if node:` asks whether there is one."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compares tag, namespace, ids, classes, style, attributes, widget and children; neither place nor events."""
        if not isinstance(other, Node):
            return NotImplemented
        pairs: list[tuple[TreeNode, TreeNode]] = [(self, other)]
        while pairs:
            first, second = pairs.pop()
            if first is second:
                continue
            if not isinstance(first, Node) or not isinstance(second, Node):
                if isinstance(first, Node) or isinstance(second, Node) or first != second:
                    return False
                continue
            if len(first) != len(second) or first._content() != second._content():
                return False
            pairs.extend(zip(first.children, second.children, strict=True))
        return True

    # By identity, although `==` compares content: content changes while a node is in a dict, and whoever keeps nodes in
    # a set means these places in the tree and not equal ones.
    __hash__ = object.__hash__

    def _content(self) -> tuple[object, ...]:
        """What `==` compares, except the children."""
        return (
            self._tag_name,
            self._namespace or self.NAMESPACE,
            set() if self._id_list is None else set(self._id_list),
            set() if self._class_list is None else set(self._class_list),
            {} if self._style is None else dict(self._style),
            {} if self._attributes is None else dict(self._attributes.wire_items()),
            self.widget,
            None if self._widget is None else self._widget.content,
        )
