"""Tables of any length that are sorted and searched."""

from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html import Node, Strong
from lona_sync.html.row_order import filtered, ordered
from lona_sync.html.virtual_table import Column, VirtualTable

PEOPLE = [{"name": "Carla", "age": 31}, {"name": "adam", "age": 58}, {"name": "Bert", "age": 31}]
COLUMNS = [Column("Name", "name"), Column("Age", "age")]


@dataclass
class Person:
    name: str
    age: int


Pair = namedtuple("Pair", "name age")


def cells(table: VirtualTable) -> list[list[str]]:
    rows = table.query_selector_all(".lona-virtual-row")
    return [[cell.get_text() for cell in row.children if isinstance(cell, Node)] for row in rows]


def names(table: VirtualTable) -> list[str]:
    return [row[0] for row in cells(table)]


def sorting(table: VirtualTable) -> list[object]:
    return [header.attributes.get("aria-sort") for header in table.query_selector_all("[role=columnheader]")]


def press(table: VirtualTable, title: str) -> None:
    """Click on a header."""
    button = next(node for node in table.query_selector_all("button") if node.get_text() == title)
    assert button.issues("click")
    assert button.has_handler("click")
    assert button.handle_click(SimpleNamespace(name="click", node=button)) is None


@pytest.mark.parametrize("rows", [
    PEOPLE,
    [Person(**person) for person in PEOPLE],
    [Pair(**person) for person in PEOPLE],
], ids=["dicts", "dataclasses", "named tuples"])
def test_rows_of_all_kinds_have_their_values_by_name(rows: Any):
    table = VirtualTable(COLUMNS, rows)

    assert cells(table) == [["Carla", "31"], ["adam", "58"], ["Bert", "31"]]


def test_a_column_may_be_a_number_a_function_or_its_title():
    columns = [Column("First", 0), Column("Length", lambda row: len(row[0]))]

    assert cells(VirtualTable(columns, [("Adam", 1)])) == [["Adam", "4"]]
    assert cells(VirtualTable([Column("age")], PEOPLE[:1])) == [["31"]]


def test_a_column_renders_its_value():
    table = VirtualTable([Column("Age", "age", lambda age: Strong(f"{age} years"))], PEOPLE)

    assert table.query_selector("strong") is not None
    assert cells(table)[0] == ["31 years"]


def test_nothing_is_shown_as_nothing():
    assert cells(VirtualTable([Column("age")], [{"age": None}])) == [[""]]


@pytest.mark.parametrize("columns", [[], ["name"], [Column("a"), None]])
def test_what_is_no_column_is_refused(columns: Any):
    with pytest.raises(TypeError, match="columns must be a list of Column"):
        VirtualTable(columns)


def test_an_unknown_alignment_is_refused():
    with pytest.raises(ValueError, match="align must be one of start, center, end"):
        Column("a", align="right")


def test_a_header_sorts_up_then_down_then_not_at_all():
    table = VirtualTable(COLUMNS, PEOPLE)
    seen = []

    for title in ("Age", "Age", "Age", "Name", "Age"):
        press(table, title)
        seen.append((names(table), sorting(table)))

    assert seen == [
        (["Carla", "Bert", "adam"], ["none", "ascending"]),
        (["adam", "Bert", "Carla"], ["none", "descending"]),
        (["Carla", "adam", "Bert"], ["none", "none"]),
        (["Bert", "Carla", "adam"], ["ascending", "none"]),
        (["Carla", "Bert", "adam"], ["none", "ascending"]),
    ]


def test_sorting_shows_the_first_rows():
    table = VirtualTable([Column("n", lambda row: -row)], range(1_000))
    table.scroll_to(500)

    press(table, "n")

    assert table.first == 0
    assert names(table)[0] == "-999"


def test_a_column_that_cannot_be_sorted_has_no_button():
    table = VirtualTable([Column("Name", "name", sortable=False), COLUMNS[1]], PEOPLE)

    table.sort(COLUMNS[1])

    assert [button.get_text() for button in table.query_selector_all("button")] == ["Age"]
    assert sorting(table) == [None, "ascending"]


def test_a_column_of_another_table_is_refused():
    with pytest.raises(ValueError, match="expected one of the table's columns"):
        VirtualTable(COLUMNS, PEOPLE).sort(Column("Name", "name"))


def test_a_search_looks_into_all_columns_and_not_at_upper_case():
    table = VirtualTable(COLUMNS, PEOPLE)
    found = []

    for text in ("A", "58", " bert ", "31", "nobody", ""):
        table.search(text)
        found.append(names(table))

    assert found == [["Carla", "adam"], ["adam"], ["Bert"], ["Carla", "Bert"], [], ["Carla", "adam", "Bert"]]


def test_the_search_field_searches_and_says_how_many_were_found():
    table = VirtualTable(COLUMNS, PEOPLE, searchable=True)
    field = table.query_selector("input[type=search]")
    status = table.query_selector("[role=status]")
    assert field is not None and status is not None
    before = status.get_text()

    field.receive("31", client=1)
    field.handle_input_event(SimpleNamespace(name="change", node=field))

    assert names(table) == ["Carla", "Bert"]
    assert (before, status.get_text()) == ("3 rows", "2 rows")
    assert field.attributes["value"] == "31"


def test_without_searchable_there_is_no_field():
    assert VirtualTable(COLUMNS, PEOPLE).query_selector("input") is None


def test_a_filter_a_search_and_a_sort_go_together():
    table = VirtualTable(COLUMNS, PEOPLE, filter=lambda person: person["name"] != "Bert")

    table.search("a")
    press(table, "Name")
    both = names(table)
    table.filter = None
    table.search("r")

    assert both == ["Carla", "adam"]
    assert names(table) == ["Bert", "Carla"]


def test_rows_that_have_changed_are_sorted_and_searched_again():
    people = list(PEOPLE)
    table = VirtualTable(COLUMNS, people)
    table.search("a")
    press(table, "Name")
    people.append({"name": "Anna", "age": 1})

    table.refresh()

    assert names(table) == ["Anna", "Carla", "adam"]


def test_a_single_row_is_refreshed_where_it_is():
    people = [dict(person) for person in PEOPLE]
    table = VirtualTable(COLUMNS, people)
    press(table, "Name")
    people[2]["name"] = "Zoe"

    table.refresh(0)

    assert names(table) == ["Zoe", "Carla", "adam"]


def test_a_database_sorts_and_searches_itself():
    asked: list[tuple[str, str | None, bool]] = []

    def select(text: str, column: Column | None, descending: bool) -> Any:
        asked.append((text, column and column.title, descending))
        return [{"name": text, "age": len(asked)}]

    table = VirtualTable(COLUMNS, select_rows=select)
    press(table, "Age")
    table.search("x")
    press(table, "Age")

    assert asked == [("", None, False), ("", "Age", False), ("x", "Age", False), ("x", "Age", True)]
    assert cells(table) == [["x", "4"]]


def test_the_latest_search_counts_when_a_database_answers_out_of_order():
    def select(text: str, column: Column | None, descending: bool) -> Any:
        if text == "slow":
            table.search("quick")
        return [{"name": text, "age": 0}]

    table = VirtualTable(COLUMNS, select_rows=select)

    table.search("slow")

    assert names(table) == ["quick"]
    assert table.text == "quick"


def test_the_latest_search_says_how_many_were_found_when_rows_come_out_of_order():
    class Slow(list[Any]):
        def __getitem__(self, where: Any) -> Any:
            if len(self) == 7:
                self.append("eighth")
                table.search("quick")
            return super().__getitem__(where)

    def select(text: str, column: Column | None, descending: bool) -> Any:
        return Slow([{"name": text, "age": 0}] * 7) if text == "slow" else [{"name": text, "age": 0}]

    table = VirtualTable(COLUMNS, select_rows=select, searchable=True)

    table.search("slow")

    status = table.query_selector("[role=status]")
    assert names(table) == ["quick"] and status is not None and status.get_text() == "1 rows"


def test_a_click_on_a_row_tells_the_row_and_its_place_on_the_page():
    clicks: list[tuple[Any, int]] = []
    table = VirtualTable(COLUMNS, PEOPLE, handle_row_click=lambda row, index: clicks.append((row, index)))
    press(table, "Name")
    cell = table.query_selector_all("[role=gridcell]")[0]
    grid = table.query_selector("[role=grid]")
    assert grid is not None

    answer = grid.handle_input_event(SimpleNamespace(name="click", node=grid, target_node=cell))

    assert answer is None
    assert clicks == [(PEOPLE[2], 0)]


def test_a_subclass_may_handle_clicks_and_decide_what_a_search_finds():
    class Adults(VirtualTable):
        def handle_row_click(self, row: Any, index: int) -> str:
            return f"went to {row['name']}"

        def row_matches(self, row: Any, text: str) -> bool:
            return bool(row["age"] >= int(text or 0))

    table = Adults(COLUMNS, PEOPLE)
    grid = table.query_selector("[role=grid]")
    assert grid is not None

    table.search("50")
    row = table.query_selector(".lona-virtual-row")
    answer = grid.handle_input_event(SimpleNamespace(name="click", node=grid, target_node=row))

    assert names(table) == ["adam"]
    assert answer == "went to adam"


def test_a_table_is_a_grid_for_screen_readers_and_counts_its_header():
    table = VirtualTable(COLUMNS, PEOPLE, label="People")
    grid = table.query_selector("[role=grid]")
    row = table.query_selector(".lona-virtual-row")
    assert grid is not None and row is not None

    assert grid.attributes["aria-label"] == "People"
    assert grid.attributes["aria-rowcount"] == 4
    assert row.attributes["aria-rowindex"] == 2
    assert [node.get_text() for node in grid.query_selector_all("[role=columnheader]")] == ["Name", "Age"]


def test_only_the_rows_around_the_visible_ones_are_cells():
    table = VirtualTable([Column("n", lambda row: row)], range(1_000_000), height="320px", overscan=10, row_height=32)

    assert len(cells(table)) == 21


keys = st.one_of(st.none(), st.integers(-5, 5), st.floats(-5, 5), st.just(math.nan))


@given(st.lists(keys, max_size=60), st.booleans(), st.booleans())
def test_rows_are_ordered_by_their_keys_and_what_has_none_comes_last(keys: list[Any], descending: bool, steps: bool):
    rows = list(enumerate(keys))
    real = [row for row in rows if row[1] is not None and row[1] == row[1]]
    rest = [row for row in rows if row not in real]

    order = ordered(rows, lambda row: row[1], descending, (lambda: None) if steps else None)

    expected = sorted(real, key=lambda row: row[1])
    assert order[:] == (expected[::-1] if descending else expected) + rest


def test_large_work_is_done_in_steps_and_comes_to_the_same():
    rows = [(number * 7919) % 100_003 for number in range(50_000)]
    pauses: list[None] = []

    def pause() -> None:
        pauses.append(None)

    found = filtered(rows, lambda row: row % 3 == 0, pause)
    order = ordered(found, lambda row: row, False, pause)

    assert order[0:len(order)] == sorted(row for row in rows if row % 3 == 0)
    assert len(pauses) > 50


def test_keys_that_cannot_be_compared_are_an_error():
    with pytest.raises(TypeError):
        ordered([1, "a"], lambda row: row, False, None)
