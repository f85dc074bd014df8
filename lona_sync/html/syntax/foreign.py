"""SVG and MathML inside of HTML: the case of their names, and where HTML begins again."""

from __future__ import annotations

from ..names import SVG_ATTRIBUTES
from .elements import Element
from .tokens import Comment, EndTag, StartTag, Text, Token
from .tree import Tree

# HTML does not tell `viewBox` from `viewbox`, SVG does. The table is that of the standard.
_SVG_TAGS = {name.lower(): name for name in (
    "altGlyph altGlyphDef altGlyphItem animateColor animateMotion animateTransform clipPath feBlend feColorMatrix "
    "feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow "
    "feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset "
    "fePointLight feSpecularLighting feSpotLight feTile feTurbulence foreignObject glyphRef linearGradient "
    "radialGradient textPath"
).split()}
_ATTRIBUTES = {"svg": {name.lower(): name for name in SVG_ATTRIBUTES}, "math": {"definitionurl": "definitionURL"}}

# No SVG has these: whoever writes one has forgotten `</svg>`.
_HTML_TAGS = frozenset((
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta "
    "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"
).split())
_FONT = ("color", "face", "size")
_MATH_TEXTS = frozenset("math mi,math mo,math mn,math ms,math mtext".split(","))
_SVG_HTML = frozenset("svg foreignObject,svg desc,svg title".split(","))
_HTML_ENCODINGS = ("text/html", "application/xhtml+xml")


def is_foreign(current: Element, token: Token) -> bool:
    """Whether `token` inside of `current` follows the rules of SVG and MathML."""
    if not current.namespace:
        return False
    if isinstance(token, (StartTag, Text)):
        if current.kind in _MATH_TEXTS:
            return isinstance(token, StartTag) and token.name in ("mglyph", "malignmark")
        if _contains_html(current):
            return False
    return not (current.kind == "math annotation-xml" and isinstance(token, StartTag) and token.name == "svg")


def _contains_html(element: Element) -> bool:
    if element.kind == "math annotation-xml":
        return element.attributes.get("encoding", "").lower() in _HTML_ENCODINGS
    return element.kind in _SVG_HTML


def apply(tree: Tree, token: Token) -> None:
    """Process a token inside of SVG or MathML."""
    match token:
        case StartTag():
            if token.name in _HTML_TAGS or (token.name == "font" and not token.attributes.keys().isdisjoint(_FONT)):
                _back_to_html(tree, token)
            else:
                _start(tree, token)
        case EndTag(name="br" | "p"):
            _back_to_html(tree, token)
        case EndTag():
            _end(tree, token)
        case Text():
            tree.insert_text(token.data.replace("\0", "\ufffd"))
        case Comment():
            pass


def adjust(token: StartTag, namespace: str) -> None:
    """Give the names of `token` the case that they have in `namespace`."""
    if namespace == "svg":
        token.name = _SVG_TAGS.get(token.name, token.name)
    names = _ATTRIBUTES[namespace]
    token.attributes = {names.get(name, name): value for name, value in token.attributes.items()}


def _start(tree: Tree, token: StartTag) -> None:
    namespace = tree.current.namespace
    adjust(token, namespace)
    tree.insert(token, namespace)
    if token.self_closing:
        token.self_closing = False
        tree.open.pop()


def _back_to_html(tree: Tree, token: StartTag | EndTag) -> None:
    tree.mistake(token, f"</{tree.current.name}> expected, <{'/' * isinstance(token, EndTag)}{token.name}> received")
    while tree.current.namespace and tree.current.kind not in _MATH_TEXTS and not _contains_html(tree.current):
        tree.open.pop()
    tree.apply(tree.mode, token)


def _end(tree: Tree, token: EndTag) -> None:
    if tree.current.name.lower() != token.name:
        tree.mistake(token, f"</{tree.current.name}> expected, </{token.name}> received")
    for index in range(len(tree.open) - 1, 0, -1):
        element = tree.open[index]
        if not element.namespace:
            tree.apply(tree.mode, token)
            return
        if element.name.lower() == token.name:
            del tree.open[index:]
            return
