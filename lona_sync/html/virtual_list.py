"""`VirtualList`: a list of any length, of which only the rows around the visible ones exist as nodes.

The browser's part (client/virtual.js) reports which rows can be seen when it needs others, and where it came to rest. The rows
around these are rendered; rows that were there already keep their nodes, so that focus and typed text inside of them stay.
Where on the screen a row stands, and what the scrollbar says, is the browser's business.

Several windows may show one view, each at a place of its own. So the rows are those around all places that were reported, as many
of the latest as fit into `MAX_WINDOW` rows.

Rows may come from a database, and who asks one may wait; meanwhile others may scroll, or put other rows in. So nothing is changed
before all rows are there, and whoever finds then that somebody else has begun later leaves it to him.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol, cast

from .children import Child, walk
from .event_types import CLICK
from .mutations import TreeNode
from .node import Node
from .overlay import DataDict
from .properties import Value

#: As many rows exist as nodes at most, whatever browsers ask for.
MAX_WINDOW = 500

#: As many windows of one view are remembered; the others show their rows again when they scroll.
MAX_PLACES = 50

# The browser's part adopts it: neither a page nor its Content-Security-Policy has to allow for it. Any rule of yours beats these.
_CSS = """
:where(.lona-virtual) { isolation: isolate }
:where(.lona-virtual [role=rowgroup]) { position: relative; overflow: clip }
:where(.lona-virtual-row) {
  position: absolute; inset-inline: 0; height: var(--lona-row-height); align-content: center; overflow: hidden; contain: strict;
  box-sizing: border-box; border-block-end: 1px solid #7f7f7f4d
}
:where(.lona-virtual-row > *) { padding-inline: .5em }
:where(.lona-virtual-row[data-active]) { background: #7f7f7f2e }
:where(.lona-virtual:focus-visible .lona-virtual-row[data-active]) { outline: 2px solid Highlight; outline-offset: -2px }
:where(.lona-virtual-frame) { width: max-content; min-width: 100% }
:where(.lona-virtual-frame [role=row]) { display: grid; grid-template-columns: var(--lona-columns); align-items: center }
:where(.lona-virtual-frame [role=row] > *) { padding-inline: .5em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
:where(.lona-virtual-header) {
  position: sticky; top: 0; z-index: 1; background: Canvas; font-weight: bold; border-block-end: 1px solid #7f7f7f
}
:where(.lona-virtual-header button) {
  width: 100%; padding: .5em 0; border: 0; background: none; font: inherit; color: inherit; text-align: inherit; cursor: pointer
}
:where(.lona-virtual [aria-sort=ascending] button)::after { content: " ▲" }
:where(.lona-virtual [aria-sort=descending] button)::after { content: " ▼" }
:where(.lona-virtual .lona-end) { text-align: end }
:where(.lona-virtual .lona-center) { text-align: center }
:where(.lona-virtual-search) { margin-block-end: .5em }
"""

_GUESSED_PIXELS = 800
_LENGTH = re.compile(r"(\d+|\d*\.\d+)(px|rem|em|vh|dvh)")
_PIXELS = {"px": 1, "rem": 16, "em": 16, "vh": 10, "dvh": 10}


class Rows(Protocol):
    """What a list shows: a `list`, a `range`, or a class of your own that asks a database.

    Both methods may wait. Neither is called for each scrolled pixel: the length when the rows are set and by `refresh()`, slices
    for the rows that are not there yet.
    """

    def __len__(self) -> int:
        """How many rows there are."""

    def __getitem__(self, where: slice, /) -> Sequence[Any]:          # Any: the user's own rows
        """The rows from `where.start` to `where.stop`, two numbers within the length; fewer when there are fewer by now."""


class Row(Node):
    """One row on the page; `row` is what it shows, `row_index` its place among all."""

    __slots__ = ("_rendered", "row", "row_index")
    TAG_NAME = "div"
    CLASS_LIST = ("lona-virtual-row",)

    def __init__(self, row: Any, row_index: int, cells: list[Node]) -> None:      # Any: the user's row, here and below
        super().__init__(cells, role="row")
        self.row = row
        self.row_index = row_index
        self._rendered = _Rendered.of(cells)

    def become(self, row: Any, row_index: int, cells: list[Node], *, keeps: bool) -> None:
        """Become the row of the same object, rendered anew. `keeps`: as it is, when the cells are those that it got last time."""
        rendered = _Rendered.of(cells)
        # With cached nodes a function that renders has taken them out of here by now.
        if not keeps or rendered != self._rendered or rendered.nodes != _count(self.nodes):
            self.nodes = cells
            self._rendered = rendered
        self.row = row
        self.row_index = row_index


class _Rendered(NamedTuple):
    """What cells were when they were made; meanwhile a user may have typed into them."""
    html: str
    nodes: int

    @classmethod
    def of(cls, cells: list[Node]) -> _Rendered:
        return cls("".join(map(str, cells)), _count(cells))


def _count(nodes: Iterable[TreeNode]) -> int:
    return sum(1 for node in nodes for _ in walk(node))


def _key(row: Any) -> tuple[type, object]:
    """Equal for the same object, and for equal ones of which nobody expects a change, as numbers."""
    try:
        hash(row)
    except TypeError:
        return type(row), id(row)
    return type(row), row


class VirtualList(Node):
    """Shows `rows`, each by `render(row, index)` (a node or text; without it `str(row)`) in a row `row_height` CSS pixels high.

        VirtualList(range(1_000_000), lambda number, index: f"number {number}", handle_row_click=show_number)

    `rows` is neither copied nor read as a whole; when it has changed, call `refresh()`. It renders what is on the page anew, but
    what comes out as last time, of the same object in the same place, stays as it is, with all that a user has typed into it.

    `overscan`: as many rows are rendered
    before the first and behind the last visible one. `height` is a length of CSS; set None when your own CSS gives the list one.

    `handle_row_click(row, index)`, a function or a method of a subclass, is called with a click on a row; returning None
    means handled, as in all handlers. Up, Down, Page Up, Page Down, Home and End walk through all rows, Enter clicks.

    For screen readers it is a grid: give it an `aria_label=`.
    """

    __slots__ = (
        "_body", "_count", "_overscan", "_places", "_refresh_at_work", "_render", "_renewed", "_row_handler", "_row_height",
        "_rows", "_rows_shown", "_update_at_work",
    )
    TAG_NAME = "div"
    WIDGET = "lona-virtual"
    CLASS_LIST = ("lona-virtual",)
    STYLE: ClassVar[Mapping[str, Value]] = {"overflow": "auto", "position": "relative", "overflow-anchor": "none"}
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"role": "grid", "tabindex": 0}

    def __init__(
        self,
        rows: Rows = (),
        render: Callable[[Any, int], Child] | None = None,    # Any: the user's row
        *,
        row_height: int = 32,
        height: str | None = "24rem",
        overscan: int = 20,
        handle_row_click: Callable[[Any, int], Any] | None = None,      # Any: the user's row, and as for Handler
        **kwargs: Any,                                        # Any: as for Node
    ) -> None:
        for name, number, least in (("row_height", row_height, 1), ("overscan", overscan, 0)):
            if type(number) is not int or not least <= number <= 10_000:
                raise ValueError(f"{name} must be a whole number from {least} to 10000, not {number!r}")
        self._body = Node(tag_name="div", role="rowgroup")
        super().__init__(self._frame(self._body), **kwargs)
        self.style["--lona-row-height"] = f"{row_height}px"
        if height is not None:
            self.style.setdefault("height", height)
        self._render = render
        self._row_height = row_height
        self._overscan = overscan
        self._row_handler = handle_row_click
        if handle_row_click is None and self._is_overridden("handle_row_click"):
            self._row_handler = self.handle_row_click
        if self._row_handler is not None:
            self.events.append(CLICK)
        # What each client sees, the latest report last.
        self._places: dict[int, range] = {0: range(min(_guess(height) // row_height + 1, MAX_WINDOW))}
        self._rows_shown: dict[int, Row] = {}
        self._renewed: set[int] = set()                       # rows on the page that are to be made anew, by id()
        self._refresh_at_work: object = None
        self._update_at_work: object = None
        self.widget_data = {
            "css": _CSS, "height": row_height, "overscan": overscan, "count": 0, "version": 0, "target": 0, "jumps": 0,
        }
        self.rows = rows

    @property
    def rows(self) -> Rows:
        """All rows. Setting other ones keeps the place that the list was scrolled to."""
        return self._rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        if isinstance(rows, Mapping) or not hasattr(rows, "__len__") or not hasattr(rows, "__getitem__"):
            raise TypeError(f"rows must have a length and slices, as a list has, not {type(rows).__name__}: {rows!r:.200}")
        self._rows = rows
        self.refresh()

    @property
    def row_height(self) -> int:
        """CSS pixels."""
        return self._row_height

    @property
    def first(self) -> int:
        """The index of the first row that can be seen, as a browser reported it last. Guessed before the first browser has come."""
        return self._visible.start

    @property
    def last(self) -> int:
        """The index of the last row that can be seen; -1 when there are no rows."""
        return self._visible.stop - 1

    def refresh(self, index: int | None = None) -> None:
        """Show what the rows are now; with an `index` (from 0) only this one has changed, and their number has not.

        A row that was asked for by its index is made anew in any case, and loses what was typed into it.
        """
        if index is None:
            refresh = self._refresh_at_work = object()
            count = len(self._rows)
            if self._refresh_at_work is refresh:              # else that has waited, and there is a later answer
                self._count = count
                self._rows_shown = {}
                self._update()
            return
        refreshed = self._rows_shown.pop(operator.index(index), None)
        if refreshed is not None or self._update_at_work is not None:
            self._renewed.add(id(refreshed))
            self._update()

    def scroll_to(self, index: int) -> None:
        """Scroll so that the row at `index` is the first visible one, or as near to it as the end allows; in all windows."""
        if not 0 <= operator.index(index) < self._count:
            raise IndexError(f"there is no row {index}: the list has {self._count}")
        self._jump(index)
        self._update()

    def render_row(self, row: Any, index: int) -> Child:      # Any: the user's row
        """The content of a row, a node or text; to be overridden, or given as `render`."""
        return str(row) if self._render is None else self._render(row, index)

    def handle_row_click(self, row: Any, index: int) -> Any:
        """Called with a click on a row, or Enter; to be overridden, or given as a keyword. Return None: handled."""
        raise NotImplementedError

    def row_of(self, node: TreeNode | None) -> Row | None:
        """The row of this list that `node` is or is inside of, with its `row` and `row_index`: for `await_click` and the like."""
        while node is not None and not (isinstance(node, Row) and node.parent is self._body):
            node = node.parent
        return node

    def has_handler(self, event_name: str) -> bool:
        return event_name == "range" or (event_name == "click" and self._row_handler is not None) or super().has_handler(event_name)

    def handle_input_event(self, event: Any) -> Any:          # Any: see Handler
        """Takes the browser's reports, and makes clicks on rows `handle_row_click`."""
        if event.name == "range" and event.node is self:
            self._see(event.client, event.data)
            return None
        row = self.row_of(event.target_node) if event.name == "click" and self._row_handler is not None else None
        answer = super().handle_input_event(event)
        if row is None or self._row_handler is None or answer is not event:
            return answer
        return self._row_handler(row.row, row.row_index)

    # For subclasses in this package: what is around the body, and in a row.

    _HEADER_ROWS: ClassVar[int] = 0
    _INDEX_MATTERS: ClassVar[bool] = True          # for what a row shows and does: `render` is given it

    def _frame(self, body: Node) -> Node:
        """The one child; the browser finds the body in it by its role."""
        return body

    def _cells(self, row: Any, index: int) -> list[Node]:
        return [Node(self.render_row(row, index), tag_name="div", role="gridcell")]

    @property
    def _data(self) -> DataDict:
        return cast(DataDict, self.widget_data)

    def _jump(self, index: int) -> None:
        self._places = {client: range(index, index + len(seen)) for client, seen in self._places.items()}
        data = self._data
        data["target"] = index
        data["jumps"] += 1

    @property
    def _visible(self) -> range:
        return self._within(next(reversed(self._places.values())))

    def _within(self, seen: range) -> range:
        """What is seen there, now that there may be fewer rows: a browser that is beyond the end goes to the end."""
        first = max(0, min(seen.start, self._count - len(seen)))
        return range(first, min(self._count, first + len(seen)))

    def _see(self, client: int, data: object) -> None:
        """A browser's report: the first and the last row that can be seen. One that does not fit is dropped."""
        if not isinstance(data, list) or len(data) != 2 or not all(type(index) is int for index in data):
            return
        first, last = data
        if not 0 <= first <= last < self._count:
            return
        self._places.pop(0, None)                             # that was a guess
        self._places.pop(client, None)
        self._places[client] = range(first, min(last + 1, first + MAX_WINDOW))
        if len(self._places) > MAX_PLACES:
            del self._places[next(iter(self._places))]
        self._update()

    def _wanted(self) -> list[int]:
        """The indexes of the rows to be there, ascending: around the latest places."""
        wanted: set[int] = set()
        for seen in map(self._within, reversed(self._places.values())):
            extra = min(self._overscan, (MAX_WINDOW - len(seen)) // 2)
            more = wanted.union(range(max(0, seen.start - extra), min(self._count, seen.stop + extra)))
            if len(more) > MAX_WINDOW:
                break
            wanted = more
        return sorted(wanted)

    def _update(self) -> None:
        """Make the nodes those of the rows that are wanted."""
        update = self._update_at_work = object()
        wanted = self._wanted()
        fresh: dict[int, tuple[Any, list[Node]]] = {}          # Any: the user's row
        for start, stop in _runs(index for index in wanted if index not in self._rows_shown):
            for index, row in zip(range(start, stop), self._rows[start:stop], strict=False):
                fresh[index] = row, self._cells(row, index)
        if self._update_at_work is not update:
            return
        self._update_at_work = None
        made = self._rows_shown | self._rows_of(fresh)
        self._rows_shown = {index: made[index] for index in wanted if index in made}
        self._body.nodes = list(self._rows_shown.values())
        self.attributes["aria-rowcount"] = self._count + self._HEADER_ROWS
        data = self._data
        data["count"] = self._count
        data["version"] += 1                      # the browser waits for it, also when no row has changed


    def _rows_of(self, fresh: Mapping[int, tuple[Any, list[Node]]]) -> dict[int, Row]:      # Any: the user's rows
        """Nodes for rows by index, with their cells; those on the page that show the same row are taken again."""
        known = {id(row) for row in self._rows_shown.values()}
        old = {row.row_index: row for row in self._body.children if isinstance(row, Row) and id(row) not in known}
        in_place = {index for index, (row, _) in fresh.items() if index in old and _key(old[index].row) == _key(row)}
        elsewhere = {_key(row.row): row for index, row in old.items() if index not in in_place}
        made: dict[int, Row] = {}
        for index, (row, cells) in fresh.items():
            node = old[index] if index in in_place else elsewhere.pop(_key(row), None)
            if node is None:
                node = Row(row, index, cells)
            else:
                is_at_home = index in in_place or not self._INDEX_MATTERS
                node.become(row, index, cells, keeps=is_at_home and id(node) not in self._renewed)
            node.id_list = [f"lona-{self.id}-{index}"]
            node.attributes["aria-rowindex"] = index + 1 + self._HEADER_ROWS
            made[index] = node
        self._renewed.clear()
        return made


def _runs(indexes: Iterator[int]) -> Iterator[tuple[int, int]]:
    """Start and stop of each run of neighbours in ascending `indexes`."""
    start = stop = -1
    for index in indexes:
        if index != stop:
            if stop > 0:
                yield start, stop
            start = index
        stop = index + 1
    if stop > 0:
        yield start, stop


def _guess(height: str | None) -> int:
    """About how many pixels a length of CSS may be."""
    found = _LENGTH.fullmatch(height or "")
    return min(int(float(found[1]) * _PIXELS[found[2]]), 2000) if found else _GUESSED_PIXELS
