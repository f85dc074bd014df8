"""A class for each element of HTML. Inputs are in `inputs/`, what shows a number in `measures.py`.

It is long because HTML is: one class after another, in the order of the alphabet, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .children import Child
from .form import Form
from .inputs.label import Label
from .inputs.option import Option
from .node import MATH_NAMESPACE, SVG_NAMESPACE, Node
from .rendering import SELF_CLOSING_TAGS
from .text import Text, as_text

__all__ = [  # noqa: RUF022 (a line for each would be a page)
    "A", "Abbr", "Address", "Area", "Article", "Aside", "Audio", "B", "Base", "Bdi", "Bdo", "BlockQuote", "Body",
    "Br", "Canvas", "Caption", "Cite", "Code", "Col", "ColGroup", "Data", "DataList", "Datalist", "Dd", "Del", "Details", "Dfn",
    "Dialog", "Div", "Dl", "Dt", "Em", "Embed", "FieldSet", "Fieldset", "FigCaption", "Figure", "Footer", "Form", "H1", "H2",
    "H3", "H4", "H5", "H6", "HGroup", "Head", "Header", "Hr", "I", "IFrame", "Img", "Ins", "Kbd", "Label", "Legend",
    "Li", "Link", "Main", "Map", "Mark", "Math", "Menu", "Meta", "Nav", "NoScript", "Object", "Ol",
    "OptGroup", "P", "Picture", "Portal", "Pre", "Q", "Rp", "Rt", "Ruby", "S", "SVG", "Samp",
    "Script", "Section", "Slot", "Small", "Source", "Span", "Strong", "Style", "Sub", "Summary", "Sup", "TBody",
    "TFoot", "THead", "Table", "Td", "Template", "Th", "Time", "Title", "Tr", "Track", "U", "Ul", "Var", "Video",
    "Wbr", "SELF_CLOSING_TAGS",
]


class A(Node):
    """A link. It starts the view at `href` in this window; with `interactive=False` it is followed as in any page."""

    __slots__ = ()
    TAG_NAME = "a"

    def __init__(self, *nodes: Child, interactive: bool | None = None, **kwargs: Any) -> None:   # Any: as for Node
        super().__init__(*nodes, **kwargs)
        if interactive is not None:
            self.interactive = interactive

    @property
    def interactive(self) -> bool:
        return not self.ignore

    @interactive.setter
    def interactive(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"interactive must be True or False, not {type(value).__name__}: {value!r}")
        self.ignore = not value

    def set_href(self, href: str) -> None:
        self.attributes["href"] = href


class Abbr(Node):
    __slots__ = ()
    TAG_NAME = "abbr"


class Address(Node):
    __slots__ = ()
    TAG_NAME = "address"


class Area(Node):
    __slots__ = ()
    TAG_NAME = "area"


class Article(Node):
    __slots__ = ()
    TAG_NAME = "article"


class Aside(Node):
    __slots__ = ()
    TAG_NAME = "aside"


class Audio(Node):
    __slots__ = ()
    TAG_NAME = "audio"


class B(Node):
    __slots__ = ()
    TAG_NAME = "b"


class Base(Node):
    __slots__ = ()
    TAG_NAME = "base"


class Bdi(Node):
    __slots__ = ()
    TAG_NAME = "bdi"


class Bdo(Node):
    __slots__ = ()
    TAG_NAME = "bdo"


class BlockQuote(Node):
    __slots__ = ()
    TAG_NAME = "blockquote"


class Body(Node):
    __slots__ = ()
    TAG_NAME = "body"


class Br(Node):
    __slots__ = ()
    TAG_NAME = "br"


class Canvas(Node):
    __slots__ = ()
    TAG_NAME = "canvas"


class Caption(Node):
    __slots__ = ()
    TAG_NAME = "caption"


class Cite(Node):
    __slots__ = ()
    TAG_NAME = "cite"


class Code(Node):
    __slots__ = ()
    TAG_NAME = "code"


class Col(Node):
    __slots__ = ()
    TAG_NAME = "col"


class ColGroup(Node):
    __slots__ = ()
    TAG_NAME = "colgroup"


class Data(Node):
    __slots__ = ()
    TAG_NAME = "data"


class DataList(Node):
    """Suggestions for an input, which takes it along: `TextInput(datalist=DataList(options=["Ada"]))`.

    `options`: the texts to suggest.
    """

    __slots__ = ()
    TAG_NAME = "datalist"

    def __init__(self, *nodes: Child, options: Iterable[str | int | float] = (), **kwargs: Any) -> None:   # Any: as for Node
        if isinstance(options, str):
            raise TypeError(f"options must be a list of texts, not a str: {options!r}")
        super().__init__(*nodes, *[Option(value=value) for value in options], **kwargs)


class Dd(Node):
    __slots__ = ()
    TAG_NAME = "dd"


class Del(Node):
    __slots__ = ()
    TAG_NAME = "del"


class Details(Node):
    __slots__ = ()
    TAG_NAME = "details"


class Dfn(Node):
    __slots__ = ()
    TAG_NAME = "dfn"


class Dialog(Node):
    __slots__ = ()
    TAG_NAME = "dialog"


class Div(Node):
    __slots__ = ()
    TAG_NAME = "div"


class Dl(Node):
    __slots__ = ()
    TAG_NAME = "dl"


class Dt(Node):
    __slots__ = ()
    TAG_NAME = "dt"


class Em(Node):
    __slots__ = ()
    TAG_NAME = "em"


class Embed(Node):
    __slots__ = ()
    TAG_NAME = "embed"


class FieldSet(Node):
    __slots__ = ()
    TAG_NAME = "fieldset"


class FigCaption(Node):
    __slots__ = ()
    TAG_NAME = "figcaption"


class Figure(Node):
    __slots__ = ()
    TAG_NAME = "figure"


class Footer(Node):
    __slots__ = ()
    TAG_NAME = "footer"


class H1(Node):
    __slots__ = ()
    TAG_NAME = "h1"


class H2(Node):
    __slots__ = ()
    TAG_NAME = "h2"


class H3(Node):
    __slots__ = ()
    TAG_NAME = "h3"


class H4(Node):
    __slots__ = ()
    TAG_NAME = "h4"


class H5(Node):
    __slots__ = ()
    TAG_NAME = "h5"


class H6(Node):
    __slots__ = ()
    TAG_NAME = "h6"


class HGroup(Node):
    __slots__ = ()
    TAG_NAME = "hgroup"


class Head(Node):
    __slots__ = ()
    TAG_NAME = "head"


class Header(Node):
    __slots__ = ()
    TAG_NAME = "header"


class Hr(Node):
    __slots__ = ()
    TAG_NAME = "hr"


class I(Node):                                               # noqa: E742 (that is its name)
    __slots__ = ()
    TAG_NAME = "i"


class IFrame(Node):
    __slots__ = ()
    TAG_NAME = "iframe"


class Img(Node):
    __slots__ = ()
    TAG_NAME = "img"


class Ins(Node):
    __slots__ = ()
    TAG_NAME = "ins"


class Kbd(Node):
    __slots__ = ()
    TAG_NAME = "kbd"


class Legend(Node):
    __slots__ = ()
    TAG_NAME = "legend"


class Li(Node):
    __slots__ = ()
    TAG_NAME = "li"


class Link(Node):
    __slots__ = ()
    TAG_NAME = "link"


class Main(Node):
    __slots__ = ()
    TAG_NAME = "main"


class Map(Node):
    __slots__ = ()
    TAG_NAME = "map"


class Mark(Node):
    __slots__ = ()
    TAG_NAME = "mark"


class Math(Node):
    __slots__ = ()
    TAG_NAME = "math"
    NAMESPACE = MATH_NAMESPACE


class Menu(Node):
    __slots__ = ()
    TAG_NAME = "menu"


class Meta(Node):
    __slots__ = ()
    TAG_NAME = "meta"


class Nav(Node):
    __slots__ = ()
    TAG_NAME = "nav"


class NoScript(Node):
    __slots__ = ()
    TAG_NAME = "noscript"


class Object(Node):
    __slots__ = ()
    TAG_NAME = "object"


class Ol(Node):
    __slots__ = ()
    TAG_NAME = "ol"


class OptGroup(Node):
    __slots__ = ()
    TAG_NAME = "optgroup"


class P(Node):
    __slots__ = ()
    TAG_NAME = "p"


class Picture(Node):
    __slots__ = ()
    TAG_NAME = "picture"


class Portal(Node):
    __slots__ = ()
    TAG_NAME = "portal"


class Pre(Node):
    """Text as it is; `write` makes it a small terminal."""

    __slots__ = ()
    TAG_NAME = "pre"

    # A changed text is sent as a whole: a line more in a log of a megabyte must not cost a megabyte.
    PIECE = 4096

    def write(self, text: str) -> None:
        """Add `text` at the end; to the last text, if there is one of less than `PIECE` characters."""
        last = self.children[-1] if self.children else None
        if isinstance(last, Text) and len(last) < self.PIECE:
            last.set(last.data + as_text(text))
        else:
            self.append(as_text(text))

    def write_line(self, text: str) -> None:
        """Add `text` and a line break."""
        self.write(as_text(text) + "\n")


class Q(Node):
    __slots__ = ()
    TAG_NAME = "q"


class Rp(Node):
    __slots__ = ()
    TAG_NAME = "rp"


class Rt(Node):
    __slots__ = ()
    TAG_NAME = "rt"


class Ruby(Node):
    __slots__ = ()
    TAG_NAME = "ruby"


class S(Node):
    __slots__ = ()
    TAG_NAME = "s"


class SVG(Node):
    """A drawing. What is inside of it belongs to SVG, too, except inside of `foreignObject`."""

    __slots__ = ()
    TAG_NAME = "svg"
    NAMESPACE = SVG_NAMESPACE


class Samp(Node):
    __slots__ = ()
    TAG_NAME = "samp"


class Script(Node):
    """JavaScript of your own, never with anything in it that users have typed.

    The browser runs it when it gets it, once: neither again when its text changes, nor when the window is connected anew.
    """

    __slots__ = ()
    TAG_NAME = "script"


class Section(Node):
    __slots__ = ()
    TAG_NAME = "section"


class Slot(Node):
    __slots__ = ()
    TAG_NAME = "slot"


class Small(Node):
    __slots__ = ()
    TAG_NAME = "small"


class Source(Node):
    __slots__ = ()
    TAG_NAME = "source"


class Span(Node):
    __slots__ = ()
    TAG_NAME = "span"


class Strong(Node):
    __slots__ = ()
    TAG_NAME = "strong"


class Style(Node):
    __slots__ = ()
    TAG_NAME = "style"


class Sub(Node):
    __slots__ = ()
    TAG_NAME = "sub"


class Summary(Node):
    __slots__ = ()
    TAG_NAME = "summary"


class Sup(Node):
    __slots__ = ()
    TAG_NAME = "sup"


class TBody(Node):
    __slots__ = ()
    TAG_NAME = "tbody"


class TFoot(Node):
    __slots__ = ()
    TAG_NAME = "tfoot"


class THead(Node):
    __slots__ = ()
    TAG_NAME = "thead"


class Table(Node):
    __slots__ = ()
    TAG_NAME = "table"


class Td(Node):
    __slots__ = ()
    TAG_NAME = "td"


class Template(Node):
    __slots__ = ()
    TAG_NAME = "template"


class Th(Node):
    __slots__ = ()
    TAG_NAME = "th"


class Time(Node):
    __slots__ = ()
    TAG_NAME = "time"


class Title(Node):
    __slots__ = ()
    TAG_NAME = "title"


class Tr(Node):
    __slots__ = ()
    TAG_NAME = "tr"


class Track(Node):
    __slots__ = ()
    TAG_NAME = "track"


class U(Node):
    __slots__ = ()
    TAG_NAME = "u"


class Ul(Node):
    __slots__ = ()
    TAG_NAME = "ul"


class Var(Node):
    __slots__ = ()
    TAG_NAME = "var"


class Video(Node):
    __slots__ = ()
    TAG_NAME = "video"


class Wbr(Node):
    __slots__ = ()
    TAG_NAME = "wbr"


# Other spellings that programs use.
Datalist = DataList
Fieldset = FieldSet
