"""`VirtualTable`: a table of any length that users sort and search; `Column` says what it shows.

It is a `VirtualList` whose rows have cells, with a header and a search field around it. What sorting and searching do is decided in
one place, `VirtualTable.select_rows`: in memory, unless you override it and ask a database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, ClassVar

from .children import Child
from .inputs.buttons import Button
from .inputs.text import SearchInput
from .node import Node
from .row_order import filtered, ordered
from .virtual_list import Rows, VirtualList

SelectRows = Callable[[str, "Column | None", bool], Rows]

_ALIGNMENTS = ("start", "center", "end")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column: the `value` of each row, shown as text, or as `render(value)`, a node or text.

    `value`: a key or the name of an attribute (a dict, a dataclass), a number (a tuple), or a function of the row. Without it the
    title is the key. `width` is a track of a CSS grid, but not one that depends on the content, as each row is a grid for itself.
    """

    title: str
    value: str | int | Callable[[Any], Any] | None = None     # Any: the user's row and value, here and below
    render: Callable[[Any], Child] | None = None
    sortable: bool = True
    searchable: bool = True                                   # by its value, not by what is rendered
    width: str = "minmax(6rem, 1fr)"
    align: str = "start"                                      # or "center", "end"
    value_of: Callable[[Any], Any] = field(init=False, repr=False)
    """The value in a row: what is sorted by, and searched."""

    def __post_init__(self) -> None:
        if self.align not in _ALIGNMENTS:
            raise ValueError(f"align must be one of {', '.join(_ALIGNMENTS)}, not {self.align!r}")
        key = self.title if self.value is None else self.value
        object.__setattr__(self, "value_of", key if callable(key) else itemgetter(key) if isinstance(key, int) else _by_name(key))

    def content(self, row: Any) -> Child:
        """What is shown."""
        value = self.value_of(row)
        if self.render is not None:
            return self.render(value)
        return "" if value is None else str(value)


def _by_name(name: str) -> Callable[[Any], Any]:
    return lambda row: row[name] if hasattr(type(row), "keys") else getattr(row, name)


class VirtualTable(Node):
    """Shows `rows` (see `VirtualList`) in `columns`. Headers sort: ascending, descending, not at all. `searchable`: with a field.

        VirtualTable([Column("Name", "name"), Column("Age", "age", align="end")], people, searchable=True)

    `filter(row)` says which rows are there at all. `handle_row_click(row, index)` is called with a click on a row, `index` counting
    the rows as they are shown; `render_row` of the list is the columns' business here. `label` is for screen readers.

    In memory nothing is copied: sorted and filtered is a list of numbers. A million rows take about a second for each, on which
    nothing else in the process runs, unless `pause` is given: it is called every few milliseconds of that. In a view:

        VirtualTable(columns, rows, pause=lambda: self.sleep(0))

    A database does this itself: give `select_rows(text, column, descending)`, which returns rows, or override the method.
    """

    __slots__ = (
        "_column", "_columns", "_descending", "_filter", "_headers", "_list", "_pause", "_rows", "_search", "_select", "_selection",
        "_status", "_text",
    )
    TAG_NAME = "div"
    CLASS_LIST = ("lona-virtual-table",)

    SEARCH_LABEL: ClassVar[str] = "Search"
    STATUS: ClassVar[str] = "{:,} rows"

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Rows = (),
        *,
        searchable: bool = False,
        filter: Callable[[Any], bool] | None = None,          # Any: the user's row, here and below
        select_rows: SelectRows | None = None,
        pause: Callable[[], object] | None = None,
        handle_row_click: Callable[[Any, int], Any] | None = None,
        row_height: int = 36,
        height: str | None = "24rem",
        overscan: int = 20,
        label: str = "",
        **kwargs: Any,                                        # Any: as for Node
    ) -> None:
        if not columns or not all(isinstance(column, Column) for column in columns):
            raise TypeError(f"columns must be a list of Column, at least one, not {columns!r:.200}")
        if handle_row_click is None and self._is_overridden("handle_row_click"):
            handle_row_click = self.handle_row_click
        self._columns = tuple(columns)
        self._rows = rows
        self._filter = filter
        self._select = select_rows
        self._pause = pause
        self._column: Column | None = None
        self._descending = False
        self._text = ""
        self._selection: object = None
        self._headers = [self._header(column) for column in columns]
        self._list = _Grid(
            self._columns, self._headers,
            row_height=row_height, height=height, overscan=overscan, handle_row_click=handle_row_click,
        )
        if label:
            self._list.attributes["aria-label"] = label
        self._status = Node(tag_name="span", role="status")
        self._search = SearchInput(placeholder=self.SEARCH_LABEL, aria_label=self.SEARCH_LABEL, handle_change=self._handle_search)
        top = Node(self._search, " ", self._status, tag_name="div", _class="lona-virtual-search")
        super().__init__([top] if searchable else [], self._list, **kwargs)
        self.refresh()

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._columns

    @property
    def rows(self) -> Rows:
        """All rows, as they were given."""
        return self._rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._rows = rows
        self.refresh()

    @property
    def shown_rows(self) -> Rows:
        """The rows that the table shows, in its order."""
        return self._list.rows

    @property
    def filter(self) -> Callable[[Any], bool] | None:
        """Which rows are there, besides the search; None: all of them."""
        return self._filter

    @filter.setter
    def filter(self, filter: Callable[[Any], bool] | None) -> None:
        self._filter = filter
        self.refresh()

    @property
    def sorted_by(self) -> Column | None:
        """The column that the rows are sorted by; None: as they are."""
        return self._column

    @property
    def descending(self) -> bool:
        """Whether the greatest come first."""
        return self._descending

    @property
    def text(self) -> str:
        """What is searched; '' is all."""
        return self._text

    @property
    def first(self) -> int:
        """The index of the first visible row; see `VirtualList`."""
        return self._list.first

    @property
    def last(self) -> int:
        """The index of the last visible row; -1 when there are no rows."""
        return self._list.last

    def sort(self, column: Column | None, descending: bool = False) -> None:
        """Sort by one of the columns, as its header does; None: the rows as they are."""
        if column is not None and column not in self._columns:
            raise ValueError(f"expected one of the table's columns, not {column!r}")
        self._column, self._descending = column, descending
        for header, each in zip(self._headers, self._columns, strict=True):
            if each.sortable:
                header.attributes["aria-sort"] = "none" if each is not column else "descending" if descending else "ascending"
        self._select_again(self._list.show_from_start)

    def search(self, text: str) -> None:
        """Show the rows with `text` in them, as the search field does."""
        self._text = text.strip()
        self._search.value = text
        self._select_again(self._list.show_from_start)

    def refresh(self, index: int | None = None) -> None:
        """Show what the rows are now; with an `index` only the row shown there has changed, and keeps its place."""
        if index is None:
            self._select_again(self._list.show_in_place)
        else:
            self._list.refresh(index)

    def scroll_to(self, index: int) -> None:
        """Scroll so that the row shown at `index` is the first visible one."""
        self._list.scroll_to(index)

    def select_rows(self, text: str, column: Column | None, descending: bool) -> Rows:
        """The rows to show: those that have `text` in them, sorted by `column`. Called for each search, sort and `refresh()`.

        To be overridden, or given as `select_rows`, where a database knows better. It may wait: the latest call counts.
        """
        rows, accepts, text = self._rows, self._filter, text.casefold()
        if text or accepts is not None:
            rows = filtered(rows, lambda row: (accepts is None or accepts(row)) and self.row_matches(row, text), self._pause)
        if column is not None:
            rows = ordered(rows, column.value_of, descending, self._pause)
        return rows

    def row_matches(self, row: Any, text: str) -> bool:
        """Whether a search for `text`, which is in lower case, finds this row: in the value of any column that is searchable."""
        return not text or any(text in str(column.value_of(row)).casefold() for column in self._columns if column.searchable)

    def handle_row_click(self, row: Any, index: int) -> Any:
        """Called with a click on a row, or Enter; to be overridden, or given as a keyword. Return None: handled."""
        raise NotImplementedError

    def _select_again(self, show: Callable[[Rows], None]) -> None:
        selection = self._selection = object()
        select = self.select_rows if self._select is None else self._select
        rows = select(self._text, self._column, self._descending)
        if self._selection is selection:                      # else it has waited, and somebody wanted something else meanwhile
            show(rows)
            count = len(rows)
            if self._selection is selection:                  # these have waited, too
                self._status.set_text(self.STATUS.format(count))

    def _handle_search(self, event: object) -> None:
        self.search(self._search.value)

    def _header(self, column: Column) -> Node:
        if not column.sortable:
            return Node(column.title, tag_name="span", role="columnheader", _class=f"lona-{column.align}")
        button = Button(column.title, type="button", handle_click=lambda event: self._sort_further(column))
        return Node(button, tag_name="span", role="columnheader", aria_sort="none", _class=f"lona-{column.align}")

    def _sort_further(self, column: Column) -> None:
        if self._column is not column:
            self.sort(column)
        elif self._descending:
            self.sort(None)
        else:
            self.sort(column, descending=True)


class _Grid(VirtualList):
    """The list inside of a table."""

    __slots__ = ("_columns", "_headers")
    _HEADER_ROWS = 1
    _INDEX_MATTERS = False

    def __init__(self, columns: Sequence[Column], headers: list[Node], **kwargs: Any) -> None:      # Any: as for VirtualList
        self._columns = columns
        self._headers = headers
        super().__init__(**kwargs)
        self.style["--lona-columns"] = " ".join([column.width for column in columns])

    def show_in_place(self, rows: Rows) -> None:
        self.rows = rows

    def show_from_start(self, rows: Rows) -> None:
        self._jump(0)
        self.rows = rows

    def _frame(self, body: Node) -> Node:
        header = Node(self._headers, tag_name="div", role="row", aria_rowindex=1, _class="lona-virtual-header")
        return Node(header, body, tag_name="div", role="presentation", _class="lona-virtual-frame")

    def _cells(self, row: Any, index: int) -> list[Node]:
        return [
            Node(column.content(row), tag_name="span", role="gridcell", _class=f"lona-{column.align}") for column in self._columns
        ]

