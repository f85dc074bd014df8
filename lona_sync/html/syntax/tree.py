"""The tree while it grows: which elements are open, where the next one goes, which formatting has to be repeated."""

from __future__ import annotations

from collections.abc import Callable, Collection

from .elements import Characters, Element
from .source import MAX_DEPTH, Source
from .tokenizer import Tokenizer
from .tokens import EndTag, StartTag, Token

BLANKS = "\t\n\f\r "            # a carriage return comes as `&#13;` only
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
TABLE_PARTS = frozenset("table tbody tfoot thead tr".split())

_FOREIGN_MARKS = "math mi,math mo,math mn,math ms,math mtext,math annotation-xml,svg foreignObject,svg desc,svg title".split(",")
# What a search for an open element does not go beyond.
SCOPE = frozenset("applet caption html marquee object select table td template th".split()).union(_FOREIGN_MARKS)
LIST_SCOPE = SCOPE | {"ol", "ul"}
BUTTON_SCOPE = SCOPE | {"button"}
TABLE_SCOPE = frozenset(["html", "table", "template"])
# What an end tag without a rule of its own does not reach beyond.
SPECIAL = frozenset((
    "address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd "
    "details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header "
    "hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript object "
    "ol p param plaintext pre script search section select source style summary table tbody td template textarea tfoot "
    "th thead title tr track ul wbr xmp"
).split()).union(_FOREIGN_MARKS)
# Their end tags may be left out.
IMPLIED_END = frozenset("dd dt li optgroup option p rb rp rt rtc".split())
IMPLIED_END_IN_TABLES = IMPLIED_END | frozenset("caption colgroup tbody td tfoot th thead tr".split())

Apply = Callable[["Tree", str, Token], None]


class Tree:
    """Rules call its methods; `apply` processes a token by the rules of the mode that they name.

    The lowest element is an `html` that stands for the inside of the `<template>` that the text is read for.
    """

    def __init__(self, source: Source, apply: Apply) -> None:
        self._apply = apply
        self._foster = False
        self.source = source
        self.tokenizer = Tokenizer(source)
        self.root = Element("html", {}, 0)
        #: From the outermost to the current one.
        self.open = [self.root]
        #: Formatting elements in the order of their start tags; None where a cell, a template, … begins.
        self.formatting: list[Element | None] = []
        self.form: Element | None = None
        self.mode = "in template"
        self.template_modes = ["in template"]
        self.skip_line_break = False

    @property
    def current(self) -> Element:
        return self.open[-1]

    def mistake(self, token: Token | Element, message: str) -> None:
        self.source.mistake(token.offset, message)

    def apply(self, mode: str, token: Token) -> None:
        """Process `token` as in `mode`, without going there."""
        self._apply(self, mode, token)

    def again(self, mode: str, token: Token) -> None:
        """Go to `mode`, and process `token` there."""
        self.mode = mode
        self._apply(self, mode, token)

    def apply_fostered(self, token: Token) -> None:
        """Process what cannot stand between rows and cells: it goes in front of the table."""
        self.mistake(token, f"this cannot stand directly inside of <{self.current.name}>; it is shown in front of the table")
        self._foster = True
        self._apply(self, "in body", token)
        self._foster = False

    # Putting in

    def _place(self, target: Element) -> tuple[Element, int]:
        """Where something goes that belongs into `target`: the parent and the index."""
        if not self._foster or target.kind not in TABLE_PARTS:
            return target, len(target.children)
        for above, element in zip(self.open[-2::-1], self.open[:0:-1], strict=True):
            if element.kind == "template":
                return element, len(element.children)
            if element.kind == "table":
                if element.parent is None:
                    return above, len(above.children)
                return element.parent, element.parent.index(element)
        return self.root, len(self.root.children)

    def put(self, element: Element, target: Element) -> None:
        """Make `element`, which may have a place already, a child of `target`, or foster it."""
        if element.parent is not None:
            del element.parent.children[element.parent.index(element)]
            element.parent = None
        parent, index = self._place(target)
        parent.insert(index, element)

    def insert(self, token: StartTag, namespace: str = "") -> Element:
        """Make an element of `token` and open it."""
        element = Element(token.name, token.attributes, token.offset, namespace, token.places)
        self._open(element)
        return element

    def insert_void(self, token: StartTag) -> None:
        """Make an element of `token`, which has no content and no end tag."""
        self.put(Element(token.name, token.attributes, token.offset, places=token.places), self.current)
        token.self_closing = False

    def insert_implied(self, name: str, offset: int) -> None:
        """Open an element that has no tag in the text."""
        self._open(Element(name, {}, offset))

    def insert_raw(self, token: StartTag, *, references: bool = False) -> None:
        """Make an element that holds nothing but text: script, style, textarea, …"""
        element = self.insert(token)
        text = self.tokenizer.read_raw(token.name, references=references).data
        if token.name == "textarea":
            text = text.removeprefix("\n")
        if text:
            element.append(Characters(text))
        self.open.pop()

    def insert_text(self, data: str) -> None:
        if data:
            parent, index = self._place(self.current)
            parent.insert_text(index, data)

    def _open(self, element: Element) -> None:
        if len(self.open) > MAX_DEPTH:
            raise self.source.error(element.offset, f"elements are nested more than {MAX_DEPTH} levels deep")
        self.put(element, self.current)
        self.open.append(element)

    # Taking out

    def in_scope(self, names: str | Collection[str], scope: Collection[str] = SCOPE) -> bool:
        """Whether an element called one of `names` is open and can be closed from here."""
        wanted = (names,) if isinstance(names, str) else names
        for element in reversed(self.open):
            if element.kind in wanted:
                return True
            if element.kind in scope:
                return False
        return False

    def is_open(self, name: str) -> bool:
        return any(element.kind == name for element in self.open)

    def pop_until(self, names: str | Collection[str]) -> None:
        """Close elements up to and with the first of `names`, which is open."""
        wanted = (names,) if isinstance(names, str) else names
        while self.open.pop().kind not in wanted:
            pass

    def pop_to(self, names: Collection[str]) -> None:
        """Close elements until the current one is one of `names` or of what surrounds all."""
        while self.current.kind not in names and self.current.kind not in ("html", "template"):
            self.open.pop()

    def imply_ends(self, *, but: str = "", names: Collection[str] = IMPLIED_END) -> None:
        """Close what needs no end tag."""
        while self.current.kind in names and self.current.kind != but:
            self.open.pop()

    def close(self, name: str | Collection[str], token: Token, *, but: str = "") -> None:
        """Close the open element `name` and all that is inside of it."""
        self.imply_ends(but=but)
        wanted = (name,) if isinstance(name, str) else name
        if self.current.kind not in wanted:
            self.mistake(token, f"</{self.current.name}> expected, {_written(token)} received")
        self.pop_until(wanted)

    def close_p(self, token: Token) -> None:
        """Close a paragraph, which cannot contain what begins here."""
        if self.in_scope("p", BUTTON_SCOPE):
            self.close("p", token, but="p")

    def ignore(self, token: StartTag | EndTag) -> None:
        if isinstance(token, EndTag):
            self.mistake(token, f"missing start tag for </{token.name}>")
        else:
            self.mistake(token, f"<{token.name}> cannot stand here and is left out")

    def any_other_end(self, token: EndTag) -> None:
        """Close the element of this name, unless that would close something important."""
        for element in reversed(self.open):
            if element.kind == token.name:
                self.close(token.name, token, but=token.name)
                return
            if element.kind in SPECIAL:
                break
        self.ignore(token)

    def reset_mode(self) -> None:
        """The mode in which the content of the current element is read."""
        for element in self.open[:0:-1]:
            if element.kind == "template":
                break
            if element.kind in _MODES:
                self.mode = _MODES[element.kind]
                return
        self.mode = self.template_modes[-1]

    # Formatting: <b>, <i>, <a>, … go on in the next paragraph, cell or row until they are closed

    def insert_formatting(self, token: StartTag) -> None:
        """Open an element that is repeated where it is cut off; of three equal ones the first is forgotten."""
        self.reconstruct()
        element = self.insert(token)
        equal = 0
        for other in reversed(self.formatting):
            if other is None:
                break
            equal += other.name == element.name and other.attributes == element.attributes
            if equal == 3:
                self.forget(other)
                break
        self.formatting.append(element)

    def reconstruct(self) -> None:
        """Open again what has been cut off."""
        formatting = self.formatting
        start = len(formatting)
        while start and (element := formatting[start - 1]) is not None and not _has(self.open, element):
            start -= 1
        for index in range(start, len(formatting)):
            element = formatting[index]
            assert element is not None
            formatting[index] = copy = self.copy(element)
            self._open(copy)

    def copy(self, element: Element) -> Element:
        """An equal element, which costs what its attributes cost."""
        size = sum(map(len, element.attributes.values())) // 100
        self.source.count(element.offset, 1 + len(element.attributes) + size)
        return element.copy()

    def last_formatting(self, name: str) -> Element | None:
        """The latest one called `name` in this cell, template, …"""
        for element in reversed(self.formatting):
            if element is None or element.name == name:
                return element
        return None

    def forget(self, element: Element) -> None:
        """Do not open `element` again."""
        self.formatting = [other for other in self.formatting if other is not element]

    def mark(self) -> None:
        """From here on no formatting from outside."""
        self.formatting.append(None)

    def clear_to_mark(self) -> None:
        while self.formatting and self.formatting.pop() is not None:
            pass


_MODES = {
    **dict.fromkeys(["td", "th"], "in cell"),
    "tr": "in row",
    **dict.fromkeys(["tbody", "thead", "tfoot"], "in table body"),
    "caption": "in caption",
    "colgroup": "in column group",
    "table": "in table",
}


def _has(elements: list[Element], element: Element) -> bool:
    return any(other is element for other in reversed(elements))


def _written(token: Token) -> str:
    match token:
        case StartTag(name=name):
            return f"<{name}>"
        case EndTag(name=name):
            return f"</{name}>"
        case _:
            return "text"
