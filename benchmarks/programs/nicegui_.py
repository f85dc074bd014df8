"""NiceGUI's pages: `python nicegui_.py PORT`

As its documentation shows it: pages are functions that make elements, and a handler for each click changes a label. It has no view
that blocks. `reload` is off, nothing looks for changes of bound values (there are none), and nothing is logged. uvicorn runs on
uvloop. So that pages live on while others are measured, it sends no pings, and Socket.IO one in 48 minutes (0.8 ×
`reconnect_timeout`).
"""

import sys

from nicegui import Event, app, ui

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


if __name__ == "__main__":
    ui.run(
        host="127.0.0.1", port=int(sys.argv[1]), reload=False, show=False, show_welcome_message=False, access_log=False,
        binding_refresh_interval=None, reconnect_timeout=3600, ws_ping_interval=None,
    )
