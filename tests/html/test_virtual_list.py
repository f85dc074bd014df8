"""Lists of which only the rows around the visible ones exist."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lona_sync.html import Button, Node, Span, TextInput
from lona_sync.html.virtual_list import MAX_PLACES, MAX_WINDOW, VirtualList
from tests.html.owners import Copy, Recorder


class CountingRows:
    """Numbers, and how many of them were asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.lengths = 0
        self.slices: list[slice] = []

    def __len__(self) -> int:
        self.lengths += 1
        return self.count

    def __getitem__(self, where: slice) -> range:
        self.slices.append(where)
        return range(self.count)[where]

    @property
    def read(self) -> int:
        return sum(where.stop - where.start for where in self.slices)


def see(shown: VirtualList, first: object, last: object, client: int = 1) -> object:
    """As a browser reports it."""
    event = SimpleNamespace(name="range", node=shown, data=[first, last], client=client)
    return shown.handle_input_event(event)


def click(shown: VirtualList, node: Node) -> object:
    event = SimpleNamespace(name="click", node=shown, target_node=node)
    answer = shown.handle_input_event(event)
    return "not handled" if answer is event else answer


def rows_of(shown: VirtualList) -> dict[int, Node]:
    """The rows on the page by the index that the browser reads."""
    body = shown.query_selector("[role=rowgroup]")
    assert body is not None
    return {int(str(row.id_list).split("-")[2]): row for row in body.nodes}      # type: ignore[attr-defined]


def texts_of(shown: VirtualList) -> dict[int, str]:
    return {index: row.get_text() for index, row in rows_of(shown).items()}


def test_before_a_browser_has_come_the_rows_that_fit_into_the_height_are_there():
    rows = VirtualList(range(1_000_000), height="320px", row_height=32, overscan=5)

    assert list(rows_of(rows)) == list(range(16))
    assert rows.first == 0
    assert rows.last == 10


@pytest.mark.parametrize(("height", "visible"), [("16rem", 9), ("50vh", 16), ("calc(100% - 3px)", 26), (None, 26), ("1e9px", 26)])
def test_any_height_gives_a_sensible_first_window(height: str | None, visible: int):
    rows = VirtualList(range(1_000_000), height=height, overscan=0)

    assert len(rows_of(rows)) == visible


def test_the_first_window_of_very_low_rows_is_bounded():
    rows = VirtualList(range(1_000_000), height="9999px", row_height=1)

    assert len(rows_of(rows)) == MAX_WINDOW


def test_a_million_rows_cost_what_a_thousand_cost():
    thousand, million = CountingRows(1_000), CountingRows(1_000_000)

    for rows in (thousand, million):
        shown = VirtualList(rows, height="320px", overscan=5)
        for first in (0, 3, 500, 510, 900):
            see(shown, first, first + 10)
        shown.scroll_to(700)
        shown.refresh(703)
        shown.refresh()

    assert million.slices == thousand.slices
    assert million.lengths == thousand.lengths == 2
    assert million.read < 200


def test_rows_that_stay_keep_their_nodes_and_are_not_asked_for_again():
    rows = CountingRows(1_000)
    shown = VirtualList(rows, height="320px", overscan=5)
    see(shown, 100, 110)
    before = rows_of(shown)
    rows.slices.clear()

    see(shown, 103, 113)

    after = rows_of(shown)
    assert list(after) == list(range(98, 119))
    assert all(after[index] is before[index] for index in range(98, 116))
    assert rows.slices == [slice(116, 119)]


def test_a_step_tells_the_browser_of_the_rows_that_come_and_go_only():
    shown = VirtualList(range(1_000), height="320px", overscan=5)
    see(shown, 100, 110)
    owner = Recorder(shown)

    see(shown, 102, 112)

    kinds = [type(mutation).__name__ for mutation in owner.recorded]
    assert kinds == ["Insert", "Insert", "Remove", "Remove", "SetData"]


@pytest.mark.parametrize("data", [
    None, "range", [], [1], [1, 2, 3], [-1, 5], [5, 4], [0, 1_000_000], [0.0, 5], [True, False], ["0", "9"], [[0], [9]],
    {"first": 0},
])
def test_a_report_that_does_not_fit_changes_nothing(data: object):
    shown = VirtualList(range(1_000_000))
    before = rows_of(shown)

    answer = shown.handle_input_event(SimpleNamespace(name="range", node=shown, data=data, client=1))

    assert answer is None
    assert rows_of(shown) == before


def test_a_browser_that_asks_for_all_rows_gets_a_bounded_number():
    rows = CountingRows(1_000_000)
    shown = VirtualList(rows, overscan=100)

    see(shown, 0, 999_999)

    assert len(rows_of(shown)) == MAX_WINDOW
    assert rows.read <= 2 * MAX_WINDOW


def test_windows_at_different_places_all_have_their_rows():
    shown = VirtualList(range(1_000_000), overscan=2)

    see(shown, 10, 20, client=1)
    see(shown, 5_000, 5_010, client=2)
    see(shown, 15, 25, client=1)

    assert list(rows_of(shown)) == [*range(13, 28), *range(4_998, 5_013)]
    assert (shown.first, shown.last) == (15, 25)


def test_many_windows_share_what_there_is_and_the_latest_comes_first():
    shown = VirtualList(range(1_000_000), overscan=20)

    for client in range(1, 100):
        see(shown, client * 1_000, client * 1_000 + 99, client=client)

    assert list(rows_of(shown)) == [*range(96_980, 97_120), *range(97_980, 98_120), *range(98_980, 99_120)]
    assert len(shown._places) == MAX_PLACES


def test_without_an_index_refresh_reads_all_rows_that_are_there_anew():
    rows = ["a", "b"]
    shown = VirtualList(rows)
    before = rows_of(shown)
    rows[1:] = ["B", "c"]

    shown.refresh()

    assert texts_of(shown) == {0: "a", 1: "B", 2: "c"}
    assert rows_of(shown)[0] is before[0]
    assert rows_of(shown)[1] is not before[1]
    assert shown.attributes["aria-rowcount"] == 3


def rows_with_fields() -> tuple[list[dict[str, str]], VirtualList]:
    rows = [{"name": name} for name in "abcd"]
    return rows, VirtualList(rows, lambda row, index: Span(row["name"], TextInput()))


def test_what_was_typed_into_a_row_survives_a_refresh():
    rows, shown = rows_with_fields()
    field = rows_of(shown)[1].query_selector("input")
    field.receive("typed", 1)
    rows[2]["name"] = "C"

    shown.refresh()

    assert texts_of(shown) == {0: "a", 1: "b", 2: "C", 3: "d"}
    assert rows_of(shown)[1].query_selector("input") is field and field.value == "typed"


def test_a_row_that_has_changed_its_place_is_the_same_row_and_is_rendered_for_its_place():
    rows, shown = rows_with_fields()
    before = rows_of(shown)
    field = before[2].query_selector("input")
    owner = Copy(shown)
    del rows[0]

    shown.refresh()

    after = rows_of(shown)
    assert [after[index] is before[index + 1] for index in range(3)] == [True, True, True]
    assert after[1].query_selector("input") is not field
    assert after[1].attributes["aria-rowindex"] == 2
    assert shown.row_of(after[1]).row_index == 1
    owner.check(shown)


def test_an_equal_row_that_is_another_one_is_made_anew():
    rows, shown = rows_with_fields()
    before = rows_of(shown)
    rows[1] = dict(rows[1])

    shown.refresh()

    assert [rows_of(shown)[index] is before[index] for index in range(4)] == [True, False, True, True]


def test_what_is_refreshed_by_its_index_is_made_anew_although_it_looks_the_same():
    _, shown = rows_with_fields()
    fields = [row.query_selector("input") for row in rows_of(shown).values()]

    shown.refresh(1)

    assert [row.query_selector("input") is field for row, field in zip(rows_of(shown).values(), fields, strict=True)] == [
        True, False, True, True,
    ]


def test_nodes_that_a_function_keeps_for_its_rows_stay_in_them():
    rows = [{"name": name} for name in "ab"]
    kept = {row["name"]: Span(row["name"]) for row in rows}
    shown = VirtualList(rows, lambda row, index: kept[row["name"]])

    shown.refresh()

    assert texts_of(shown) == {0: "a", 1: "b"}


def test_the_same_object_may_be_there_twice():
    row = {"name": "x"}
    shown = VirtualList([row, row, row], lambda row, index: f"{row['name']}{index}")

    shown.rows = [row, {"name": "y"}, row, row]

    assert texts_of(shown) == {0: "x0", 1: "y1", 2: "x2", 3: "x3"}


def test_with_an_index_refresh_makes_this_row_anew_and_leaves_the_others():
    rows = ["a", "b", "c"]
    shown = VirtualList(rows)
    before = rows_of(shown)
    rows[1] = "B"

    shown.refresh(1)

    after = rows_of(shown)
    assert texts_of(shown) == {0: "a", 1: "B", 2: "c"}
    assert after[0] is before[0]
    assert after[1] is not before[1]


def test_a_row_that_is_not_on_the_page_is_not_read_to_be_refreshed():
    rows = CountingRows(1_000)
    shown = VirtualList(rows)
    rows.slices.clear()

    shown.refresh(999)

    assert rows.slices == []


def test_other_rows_keep_the_place_unless_there_are_too_few():
    shown = VirtualList(range(1_000), overscan=0)
    see(shown, 500, 510)

    shown.rows = range(2_000, 3_000)
    kept = texts_of(shown)
    shown.rows = range(20)

    assert next(iter(kept.items())) == (500, "2500")
    assert list(texts_of(shown)) == list(range(9, 20))
    assert (shown.first, shown.last) == (9, 19)


def test_no_rows_are_fine():
    shown = VirtualList()

    see(shown, 0, 0)
    shown.refresh()

    assert rows_of(shown) == {}
    assert (shown.first, shown.last) == (0, -1)
    assert shown.attributes["aria-rowcount"] == 0


@pytest.mark.parametrize("rows", [{"a": 1}, (number for number in range(3)), 5, None])
def test_what_has_no_slices_is_refused(rows: Any):
    with pytest.raises(TypeError, match="rows must have a length and slices"):
        VirtualList(rows)


def test_a_slice_may_be_shorter_than_the_length_has_promised():
    class Vanishing(CountingRows):
        def __getitem__(self, where: slice) -> range:
            return range(where.start, min(where.stop, 7))

    shown = VirtualList(Vanishing(1_000))

    assert list(rows_of(shown)) == list(range(7))


def test_scroll_to_has_the_rows_ready_and_tells_the_browser_each_time():
    shown = VirtualList(range(1_000), overscan=2)
    see(shown, 0, 9)

    shown.scroll_to(500)
    shown.scroll_to(500)

    assert list(rows_of(shown)) == list(range(498, 512))
    assert (shown.first, shown.last) == (500, 509)
    assert shown.widget_data["target"] == 500          # type: ignore[index]
    assert shown.widget_data["jumps"] == 2             # type: ignore[index]


def test_scroll_to_the_last_row_shows_the_last_rows():
    shown = VirtualList(range(1_000), overscan=2)
    see(shown, 0, 9)

    shown.scroll_to(999)

    assert list(rows_of(shown)) == list(range(988, 1_000))


@pytest.mark.parametrize("index", [-1, 1_000])
def test_scroll_to_refuses_a_row_that_does_not_exist(index: int):
    shown = VirtualList(range(1_000))

    with pytest.raises(IndexError, match="the list has 1000"):
        shown.scroll_to(index)


def test_render_gets_row_and_index_and_returns_a_node_or_text():
    shown = VirtualList(["a", "b"], lambda row, index: Span(f"{row}{index}") if index else "first")

    assert texts_of(shown) == {0: "first", 1: "b1"}
    assert shown.query_selector("span") is not None


def test_a_click_on_a_row_or_inside_of_it_is_the_rows():
    clicks: list[tuple[object, int]] = []
    shown = VirtualList("ab", lambda row, index: Span(row), handle_row_click=lambda row, index: clicks.append((row, index)))
    span = shown.query_selector_all("span")[1]

    answer = click(shown, span)

    assert answer is None
    assert clicks == [("b", 1)]
    assert shown.issues("click")
    assert shown.has_handler("click")


def test_a_subclass_may_handle_clicks_and_render():
    class Names(VirtualList):
        def render_row(self, row: Any, index: int) -> str:
            return f"name {row}"

        def handle_row_click(self, row: Any, index: int) -> str:
            return f"went to {row}"

    shown = Names(["a"])

    assert texts_of(shown) == {0: "name a"}
    assert click(shown, rows_of(shown)[0]) == "went to a"


def test_without_a_handler_no_click_is_issued_and_reports_still_come_in():
    shown = VirtualList(range(100))

    assert not shown.issues("click")
    assert not shown.has_handler("click")
    assert shown.issues("range")
    assert shown.has_handler("range")


def test_a_click_beside_the_rows_is_nobodys():
    shown = VirtualList(range(3), handle_row_click=lambda row, index: None)

    assert click(shown, shown) == "not handled"


def test_the_row_of_a_node_is_found_for_those_who_wait_for_clicks():
    shown = VirtualList("ab", lambda row, index: Button(row))
    button = shown.query_selector_all("button")[1]

    row = shown.row_of(button)

    assert row is not None
    assert (row.row, row.row_index) == ("b", 1)
    assert shown.row_of(shown) is None


def test_a_list_inside_of_a_row_has_reports_of_its_own():
    shown = VirtualList(range(50), lambda row, index: VirtualList(range(1_000), overscan=0))
    inner = shown.query_selector(".lona-virtual")
    before = rows_of(shown)
    event = SimpleNamespace(name="range", node=inner, data=[10, 12], client=1)

    answer = shown.handle_input_event(event)

    assert answer is event
    assert rows_of(shown) == before


class WaitingRows(CountingRows):
    """While these are read, something else happens once."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.meanwhile: list[Any] = []

    def __getitem__(self, where: slice) -> range:
        rows = super().__getitem__(where)
        if self.meanwhile:
            self.meanwhile.pop()()
        return rows


def test_who_scrolls_on_while_rows_are_fetched_gets_the_rows_of_the_later_place():
    rows = WaitingRows(1_000)
    shown = VirtualList(rows, overscan=0)
    rows.meanwhile.append(lambda: see(shown, 700, 709))

    see(shown, 300, 309)

    assert list(rows_of(shown)) == list(range(700, 710))
    assert (shown.first, shown.last) == (700, 709)


def test_rows_that_are_set_while_others_are_counted_count():
    class Counted(CountingRows):
        def __len__(self) -> int:
            if self.lengths == 1:
                self.lengths += 1
                shown.rows = range(3)
            return super().__len__()

    shown = VirtualList()
    slow = Counted(1_000)
    slow.lengths = 1

    shown.rows = slow

    assert shown.rows == range(3) and shown.last == 2
    assert shown.attributes["aria-rowcount"] == 3


def test_a_row_that_changes_while_it_is_fetched_is_fetched_again():
    values = {305: "old"}

    class Values(WaitingRows):
        def __getitem__(self, where: slice) -> Any:
            found = [values.get(number, "") for number in range(where.start, where.stop)]
            super().__getitem__(where)
            return found

    rows = Values(1_000)
    shown = VirtualList(rows, overscan=0)

    def change() -> None:
        values[305] = "new"
        shown.refresh(305)

    rows.meanwhile.append(change)

    see(shown, 300, 309)

    assert texts_of(shown)[305] == "new"


def test_what_fails_leaves_the_rows_that_are_there():
    rows = CountingRows(1_000)
    shown = VirtualList(rows, lambda row, index: 1 / 0 if row == 505 else str(row))
    before = texts_of(shown)

    with pytest.raises(ZeroDivisionError):
        see(shown, 500, 510)

    assert texts_of(shown) == before


@pytest.mark.parametrize("keywords", [{"row_height": 0}, {"row_height": 1.5}, {"overscan": -1}, {"overscan": True}])
def test_numbers_that_make_no_sense_are_refused(keywords: Any):
    with pytest.raises(ValueError, match="must be a whole number from"):
        VirtualList(range(3), **keywords)


places = st.tuples(st.integers(0, 300), st.integers(0, 60), st.integers(1, 3))
steps = st.one_of(
    st.tuples(st.just("see"), places),
    st.tuples(st.just("change"), st.integers(0, 300)),
    st.tuples(st.just("refresh"), st.none()),
    st.tuples(st.just("replace"), st.integers(0, 300)),
    st.tuples(st.just("jump"), st.integers(0, 300)),
)


@given(st.integers(0, 300), st.integers(0, 30), st.lists(steps, max_size=20))
def test_whatever_happens_the_page_shows_the_rows_as_they_are_and_keeps_the_nodes_of_those_that_stay(
    count: int, overscan: int, actions: list[tuple[str, Any]],
):
    rows = [f"row {number}" for number in range(count)]
    shown = VirtualList(rows, lambda row, index: Span(row, f" at {index}"), overscan=overscan)
    owner = Copy(shown)

    for action, argument in actions:
        before = rows_of(shown)
        changed: set[int] = set()
        if action == "see":
            first, more, client = argument
            see(shown, first, first + more, client)
            if first + more < len(rows):
                assert set(range(first, first + more + 1)) <= rows_of(shown).keys()
        elif action == "change" and argument < len(rows):
            rows[argument] += "'"
            changed = {argument}
            shown.refresh(argument)
        elif action == "refresh":
            changed = set(range(1_000))
            shown.refresh()
        elif action == "replace":
            rows = [f"other {number}" for number in range(argument)]
            changed = set(range(1_000))
            shown.rows = rows
        elif action == "jump" and argument < len(rows):
            shown.scroll_to(argument)
            assert argument in rows_of(shown)

        after = rows_of(shown)
        assert texts_of(shown) == {index: f"{rows[index]} at {index}" for index in after}
        assert list(after) == sorted(after)
        assert len(after) <= MAX_WINDOW
        assert set(range(shown.first, shown.last + 1)) <= after.keys()
        assert all(after[index] is before[index] for index in after.keys() & before.keys() - changed)
        owner.check(shown)
