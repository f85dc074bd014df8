"""Events of all kinds, widgets, and nodes with a life of their own."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from lona_sync import App, InputEvent, Request, View
from lona_sync.html import (
    CHANGE,
    CUSTOM,
    HTML,
    KEY_DOWN,
    POINTER_ENTER,
    THROTTLE,
    Div,
    KeyData,
    Li,
    LiveRegion,
    Node,
    State,
    Stream,
    TextInput,
    VirtualList,
)

app = App(__file__)


class Chart(Div):
    WIDGET = "chart"

    def handle_key_down(self, event: InputEvent) -> InputEvent | None:
        data: KeyData = event.data
        assert_type(data["key"], str)
        return event if data["shift_key"] else None


class Names(VirtualList):
    def render_row(self, row: str, index: int) -> Node:
        return Li(f"{index}: {row}")


@app.route("/")
class Board(View):
    def handle_request(self, request: Request) -> None:
        chart = Chart(widget_data={"points": [1, 2]}, events=[KEY_DOWN("Enter", "Ctrl+S", prevent_default=True), POINTER_ENTER])
        search = TextInput(events=[THROTTLE(200), CUSTOM("picked")], handle_focus=lambda event: event)
        search.events.append(CHANGE(300, stop_propagation=True))
        log, names, region = Stream(limit=100), Names(["Ada", "Bob"], row_height=20), LiveRegion(assertive=True, hidden=True)
        self.show(HTML(chart, search, log, names, region))
        assert_type(self.await_event(KEY_DOWN, chart, timeout=1), InputEvent)
        assert_type(self.await_event("picked", search), InputEvent)
        assert_type(chart.call("getZoom", 1, timeout=5), Any)
        assert_type(chart.state, State)
        assert_type(log.append("a line"), int)
        assert_type(names.first, int)
        assert_type(region.announcement, str)
        assert_type(chart.widget, str)
        chart.widget_data["points"].append(3)
        chart.focus()
        region.announce(3)
