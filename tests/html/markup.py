"""Texts of HTML and what Chromium makes of them: `markup.json`, which `python -m tests.browser.test_parsing` writes anew.

A tree is a list of texts and elements, an element is `[name, namespace, attributes, children]`. Comments are left out, and
texts that only they divide are one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lona_sync.html import Node, TreeNode
from lona_sync.html.node import MATH_NAMESPACE, SVG_NAMESPACE
from lona_sync.html.syntax import Characters, Element

FILE = Path(__file__).with_suffix(".json")
Tree = list[Any]


@dataclass(frozen=True)
class Case:
    group: str
    markup: str
    tree: Tree


def load() -> list[Case]:
    return [Case(**case) for case in json.loads(FILE.read_text(encoding="utf-8"))]


def save(cases: list[Case]) -> None:
    """A line for each case, so that a difference between two versions can be read."""
    lines = ",\n".join(json.dumps(asdict(case)) for case in cases)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read_element(parent: Element) -> Tree:
    """What is in an element that `parse_fragment` has made."""
    return _joined(
        child.data if isinstance(child, Characters) else [child.name, child.namespace, child.attributes, read_element(child)]
        for child in parent.children
    )


def read_nodes(nodes: Iterable[TreeNode]) -> Tree:
    """The same of nodes, with the attributes as a browser gets them."""
    return _joined(_read_node(node) if isinstance(node, Node) else str(node) for node in nodes)


def _read_node(node: Node) -> Tree:
    names = {"": "", SVG_NAMESPACE: "svg", MATH_NAMESPACE: "math"}
    attributes = {name: "" if value is True else value for name, value in node.wire_attributes().items() if name != "@on"}
    return [node.tag_name, names[node.namespace], attributes, read_nodes(node.children)]


def _joined(children: Iterable[str | Tree]) -> Tree:
    """Texts side by side are one in HTML, and an empty one is none."""
    tree: Tree = []
    for child in children:
        if isinstance(child, str) and tree and isinstance(tree[-1], str):
            tree[-1] += child
        elif child:
            tree.append(child)
    return tree
