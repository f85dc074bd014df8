"""Widgets with scripts of their own, calls into the browser, and a log that follows its end."""

from __future__ import annotations

from lona_sync import App, BrowserCallError, InputEvent, View
from lona_sync.html import CLICK, H1, HTML, A, Button, Div, P, Span, Stream, TextInput
from lona_sync.static_files import Script, StyleSheet

app = App(__file__)
app.settings.LOG_FRAMES = 10           # whoever is away for more than that gets a snapshot


class Chart(Div):
    WIDGET = "test-chart"
    CLASS_LIST = ("chart",)
    STATIC_FILES = (Script("test chart", "chart.js", module=True), StyleSheet("test chart style", "chart.css"))

    def handle_input_event(self, event: InputEvent) -> object:
        if event.name != "picked":
            return super().handle_input_event(event)
        self.widget_data["values"][event.data["index"]]["height"] += 1
        return None


class Clock(Div):
    WIDGET = "test-clock"
    STATIC_FILES = (Script("test clock", "clock.js"),)


@app.route("/chart")
class ChartView(View):
    def handle_request(self, request: object) -> None:
        self.chart = Chart(P("below", _id="below"), widget_data={"values": [{"height": 1}, {"height": 2}]})
        self.clock = Clock("…", widget_data={"zone": "UTC", "hour": 1})
        ask, said = Button("Ask", _id="ask"), P("nothing yet", _id="said")
        self.show(HTML(
            H1("Chart"), self.chart, self.clock, ask, said, A("Log", href="/log"),
            Button("Add", _id="add", handle_click=self.handle_add), Button("Remove", _id="remove", handle_click=self.handle_remove),
        ))
        while True:
            self.await_click(ask)
            try:
                said.set_text(f"total {self.chart.call('total', 10, timeout=10)}")
                self.chart.call("fail")
            except BrowserCallError as error:
                said.append(Span(f", {error}"))
            self.show()

    def handle_add(self, event: InputEvent) -> None:
        self.chart.widget_data["values"].extend([{"height": 3}, {"height": 4}])
        self.chart.append(P("another", _class="added"))
        self.clock.widget_data["hour"] += 1

    def handle_remove(self, event: InputEvent) -> None:
        self.chart.remove()
        self.clock.remove()


@app.route("/log")
class LogView(View):
    def handle_request(self, request: object) -> None:
        self.is_daemon = True
        self.lines = 0
        self.said = P("nothing yet", _id="said")
        self.log = Stream(limit=100, keep=20, events=[CLICK], _id="log", _style="height: 200px; overflow: auto")
        self.log.handle_click = self.handle_line
        more = Button("More", _id="more")
        self.show(HTML(H1("Log"), more, self.said, self.log))
        while True:
            self.await_click(more)
            self.add(50)
            self.show()

    def add(self, count: int) -> None:
        for _ in range(count):
            self.lines += 1
            self.log.append(P(Span(f"line {self.lines}")))

    def handle_line(self, event: InputEvent) -> None:
        self.said.set_text(f"item {event.item}" if event.item in self.log.tail else "another item")
        self.log.update(event.item, P("clicked"))


@app.route("/focus")
class FocusView(View):
    def handle_request(self, request: object) -> None:
        fields = [TextInput(_id=f"field{number}") for number in range(50)]
        there = Button("There", _id="there", handle_click=lambda event: fields[-1].scroll_into_view())
        self.show(HTML(H1("Focus"), there, [P(field, _style="height: 50px") for field in fields]))
        fields[1].focus()
        self.show()


if __name__ == "__main__":
    app.run()
