"""NiceGUI's pages: `python nicegui_.py PORT`

As its documentation shows it: pages are functions that make elements, and a handler for each click changes a label. It has no view
that blocks. `reload` is off, nothing looks for changes of bound values (there are none), and nothing is logged. uvicorn runs on
uvloop. So that pages live on while others are measured, it sends no pings, and Socket.IO one in 48 minutes (0.8 ×
`reconnect_timeout`).

There are two pages with a table. `/table` has an element for each cell, so that one can change alone; `/rows` has `ui.table`, which
is made of data, and sends all of it for each change.
"""

import sys

from nicegui import Event, app, ui
from nicegui.elements.mixins.text_element import TextElement

news = Event[int]()
last = 0


def counter(lines: int) -> None:
    text = ui.label("0")
    count = 0

    def click() -> None:
        nonlocal count
        count += 1
        text.set_text(str(count))

    ui.button("+1", on_click=click)
    for number in range(lines):
        with ui.element("div"):
            ui.label(f"line {number}")


@ui.page("/")
def one() -> None:
    counter(0)


@ui.page("/fifty")
def fifty() -> None:
    """A counter with fifty nodes."""
    counter(15)


@ui.page("/news")
def show_news() -> None:
    """Shows what is published."""
    text = ui.label("0")
    news.subscribe(lambda number: text.set_text(str(number)))


@app.get("/publish")
async def publish(count: int) -> str:
    """Sends the next numbers, `count` of them."""
    global last
    for _ in range(count):
        last += 1
        news.emit(last)
    return "sent"


class Cell(TextElement):
    """As labels are made, of another tag."""

    def __init__(self, text: str) -> None:
        super().__init__(tag="td", text=text)


def row_of(number: int) -> ui.element:
    with ui.element("tr") as row:
        for column in range(10):
            Cell(f"{number}.{column}")
    return row


@ui.page("/table")
def table() -> None:
    """A table of 1,000×10, and below it four buttons: `cell` changes a text to the count of its clicks, `out` takes
    the row in the middle out, `in` puts a new one there, `sort` turns the order of the rows.
    """
    with ui.element("table") as table:
        rows = [row_of(number) for number in range(1000)]
    text = rows[100].default_slot.children[4]              # of a row that stays
    rows = table.default_slot.children
    count, made, descending = 0, 1000, False

    def change_cell() -> None:
        nonlocal count
        count += 1
        text.set_text(str(count))

    def take_out() -> None:
        table.remove(len(rows) // 2)

    def put_in() -> None:
        nonlocal made
        with table:
            row_of(made).move(target_index=len(rows) // 2)
        made += 1

    def sort() -> None:
        nonlocal descending
        descending = not descending
        rows.sort(key=lambda row: int(row.default_slot.children[0].text.partition(".")[0]), reverse=descending)
        table.update()

    ui.button("cell", on_click=change_cell)
    ui.button("out", on_click=take_out)
    ui.button("in", on_click=put_in)
    ui.button("sort", on_click=sort)


@ui.page("/rows")
def rows() -> None:
    """The same with `ui.table`."""
    def data_of(number: int) -> dict[str, object]:
        return {"id": number, **{str(column): f"{number}.{column}" for column in range(10)}}

    columns = [{"name": str(column), "label": "", "field": str(column)} for column in range(10)]
    table = ui.table(columns=columns, rows=[data_of(number) for number in range(1000)], row_key="id")
    changing = table.rows[100]
    count, made, descending = 0, 1000, False

    def change_cell() -> None:
        nonlocal count
        count += 1
        changing["4"] = str(count)
        table.update()

    def take_out() -> None:
        table.rows.pop(len(table.rows) // 2)
        table.update()

    def put_in() -> None:
        nonlocal made
        table.rows.insert(len(table.rows) // 2, data_of(made))
        made += 1
        table.update()

    def sort() -> None:
        nonlocal descending
        descending = not descending
        table.rows.sort(key=lambda row: row["id"], reverse=descending)
        table.update()

    ui.button("cell", on_click=change_cell)
    ui.button("out", on_click=take_out)
    ui.button("in", on_click=put_in)
    ui.button("sort", on_click=sort)


if __name__ == "__main__":
    ui.run(
        host="127.0.0.1", port=int(sys.argv[1]), reload=False, show=False, show_welcome_message=False, access_log=False,
        binding_refresh_interval=None, reconnect_timeout=3600, ws_ping_interval=None,
    )
