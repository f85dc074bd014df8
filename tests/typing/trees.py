"""Nodes, texts and lists of them."""

from __future__ import annotations

from typing_extensions import assert_type

from lona_sync.html import HTML, A, Div, Li, Node, NodeList, Table, Td, Text, Tr, TreeNode, Ul, parse_html, render


def table(rows: list[tuple[str, float]]) -> Table:
    return Table([Tr([Td(name), Td(number, _class="number", data_key=name)]) for name, number in rows])


def by_text(node: Node) -> str:
    return node.get_text()


items = Ul(Li("b"), (Li(letter) for letter in "cd"), [[Li(1), Li(2.5)], "text", Text("more")])
items.append("a text")
items.extend([Li("e"), Li("f")])
items.insert(0, [Li("x"), "y"])
items.nodes.sort(key=by_text, reverse=True)
items.nodes = [Li("z")]
items[0] = Li("w")
items[1:] = [Li("v"), Li("u")]
items += [Li("t")]

assert_type(items.nodes, NodeList)
assert_type(items[0], TreeNode)
assert_type(items[1:], list[TreeNode])
assert_type([item for item in items if item.parent], list[TreeNode])
assert_type(items.nodes.copy(), list[TreeNode])
assert_type(items.pop(), TreeNode)
assert_type(items.query_selector("li"), Node | None)
assert_type(items.query_selector_all("li.big"), list[Node])
assert_type(items.closest("div"), Node | None)
assert_type(items.root, TreeNode)
assert_type(parse_html("<b>1</b>"), TreeNode | list[TreeNode])
assert_type(HTML("<b>1</b>"), Node)
assert_type(render(items), str)

box = Div(items, A("home", _href="/", target="_blank"), table([("one", 1.5)]), _id="box", _class=["a", "b"], hidden=True)
box.class_list.add("c")
box.class_list |= {"d"}
box.attributes["title"] = "t"
box.attributes.update({"tabindex": 0, "hidden": False})
box.style["color"] = "red"
box.style = "color: blue; top: 0"
box.state["anything"] = object()
assert_type(list(box.class_list), list[str])
assert_type(box.attributes.get("title"), str | int | float | None)
with box.lock:
    box.clear()
