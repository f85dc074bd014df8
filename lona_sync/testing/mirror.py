"""The model as an lxml tree, so that CSS selectors find in it, and raw HTML from lxml into the model."""

from __future__ import annotations

import re

from cssselect import HTMLTranslator
from lxml import etree

from .elements import ModelElement, ModelNode, ModelText, walk

_SWALLOWS_LINE_BREAK = ("pre", "textarea", "listing")
# lxml takes no string with one of these.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Mirror:
    """A copy of one tree as it is now, searched by CSS selectors.

    Names are lower-cased on both sides, as cssselect does: `foreignobject` and `foreignObject` find the same.
    Namespaces play no role, and properties count as attributes: `option[value="x"]`, `input:checked`.
    """

    def __init__(self, root: ModelElement) -> None:
        self._root = root
        self._models: dict[etree._Element, ModelElement] = {}
        # Elements made by an HTML parser accept any attribute name; those of XML refuse "@click" and "xlink:href".
        self._mirrored_root = etree.HTMLParser().makeelement(root.tag.lower())
        mirrors: dict[ModelElement, etree._Element] = {}
        for _, node in walk(root):
            above = mirrors[node.parent] if node is not root and node.parent is not None else None
            if isinstance(node, ModelText):
                if above is not None:
                    _append_text(above, node.data)
                continue
            mirror = self._mirrored_root if above is None else etree.SubElement(above, node.tag.lower())
            for name, value in {**node.attributes, **node.properties}.items():
                mirror.set(name.lower(), "" if isinstance(value, bool) else _fit(value))
            mirrors[node] = mirror
            self._models[mirror] = node
        # The user's typing changes properties between two patches.
        self._properties = [(element, dict(element.properties)) for element in mirrors]

    def shows(self, root: ModelElement) -> bool:
        """True while it is a copy of `root`, as far as properties go: whoever patches the tree makes a new mirror."""
        return root is self._root and all(element.properties == properties for element, properties in self._properties)

    def find_all(self, selector: str) -> list[ModelElement]:
        """In document order. Raises `cssselect.SelectorError` for what is not a selector."""
        found = self._mirrored_root.xpath(HTMLTranslator().css_to_xpath(selector))
        return [self._models[mirror] for mirror in found]


def parse_raw(html: str, host: ModelElement) -> list[ModelNode]:
    """What a browser makes of `host.innerHTML = html`, without ids; comments are left out.

    Raises `ValueError` for what is nested deeper than lxml reads (2,048 levels).
    """
    # Not "<div>", which a stray "</div>" in the raw HTML would close; without any, lxml puts leading text into a <p>.
    source = f"<html><body><lona-raw>{_fit(html)}</lona-raw></body></html>"
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    document = etree.fromstring(source.encode(), parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ValueError("this raw HTML is nested too deep for lxml, which would drop a part of it silently")
    wrapper = document.find("body/lona-raw")
    assert wrapper is not None, "lxml keeps unknown elements"
    models: dict[etree._Element, ModelElement] = {wrapper: host}
    roots: list[ModelNode] = []
    for event, source_node in etree.iterwalk(wrapper, events=("start", "end", "comment", "pi")):
        if event == "start":
            if source_node is not wrapper:
                above = models[source_node.getparent()]
                models[source_node] = element = _read_element(source_node, above)
                (roots if above is host else above.children).append(element)
            text = source_node.text
            if source_node.tag in _SWALLOWS_LINE_BREAK:
                text = (text or "").removeprefix("\n")        # a browser does, lxml does not
            owner = models[source_node]
        elif source_node is not wrapper:
            text = source_node.tail
            owner = models[source_node.getparent()]
        else:
            break
        if text:
            (roots if owner is host else owner.children).append(ModelText(0, text, owner))
    return roots


def _read_element(source: etree._Element, above: ModelElement) -> ModelElement:
    element = ModelElement(0, source.tag, above)
    for name, value in source.attrib.items():
        if name == "value":
            element.set_property(name, value)
        elif name in ("checked", "selected", "muted"):
            element.set_property(name, True)
        else:
            element.attributes[name] = value
    return element


def _append_text(above: etree._Element, text: str) -> None:
    if len(above):
        last = above[-1]
        last.tail = (last.tail or "") + _fit(text)
    else:
        above.text = (above.text or "") + _fit(text)


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)
