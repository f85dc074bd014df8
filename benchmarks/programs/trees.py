"""Builds trees with one library, and times itself: `python trees.py ours|lona|htpy|dominate|lxml|slots`, see `stopwatch.py`.

`["table", rows]`: seconds to build a table of ten columns, and to render it. `["html", rows]`: that table as text.
`["memory", cells]`: bytes of each cell of a row with that many.
"""

import gc
import html
import json
import sys
import time
import tracemalloc

COLUMNS = 10


def tags(library):
    """How a table is made of it, by a function for each tag; and how it is rendered."""
    if library == "ours":
        from lona_sync.html import Table, Td, Tr

        return Table, Tr, Td, str
    if library == "lona":
        from lona.html import Table, Td, Tr

        return Table, Tr, Td, str
    if library == "htpy":
        import htpy

        return (lambda rows: htpy.table[rows]), (lambda cells: htpy.tr[cells]), (lambda text: htpy.td[text]), str
    if library == "dominate":
        from dominate.tags import table, td, tr

        return table, tr, td, lambda tree: tree.render(pretty=False)
    if library == "lxml":
        from lxml.builder import E
        from lxml.etree import tostring

        return (lambda rows: E.table(*rows)), (lambda cells: E.tr(*cells)), E.td, lambda tree: tostring(tree, encoding="unicode")
    return *[lambda children, name=name: Bare(name, children) for name in ("table", "tr", "td")], render_bare


class Bare:
    """The least that a node can be: a name and what is in it."""

    __slots__ = ("children", "name")

    def __init__(self, name, children):
        self.name = name
        self.children = children


def render_bare(node):
    children = node.children
    inner = html.escape(children) if isinstance(children, str) else "".join([render_bare(child) for child in children])
    return f"<{node.name}>{inner}</{node.name}>"


def main():
    make_table, make_row, make_cell, render = tags(sys.argv[1])

    def build(rows):
        return make_table([make_row([make_cell(f"{row}.{column}") for column in range(COLUMNS)]) for row in range(rows)])

    def table(rows):
        gc.collect()
        started = time.process_time()
        tree = build(rows)
        built = time.process_time()
        text = render(tree)
        rendered = time.process_time()
        assert f"{rows - 1}.{COLUMNS - 1}" in text
        return built - started, rendered - built

    def memory(cells):
        gc.collect()
        tracemalloc.start()
        row = make_row([make_cell("text") for _ in range(cells)])
        gc.collect()
        traced, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del row
        return traced / cells

    works = {"table": table, "html": lambda rows: render(build(rows)), "memory": memory}
    for line in sys.stdin:
        name, count = json.loads(line)
        print(json.dumps(works[name](count)), flush=True)


main()
