"""Long lists and tables, under a policy that allows no styles of a page's own."""

from __future__ import annotations

from lona_sync import App, View
from lona_sync.html import H1, HTML, Button, P, Span, TextInput
from lona_sync.html.virtual_list import VirtualList
from lona_sync.html.virtual_table import Column, VirtualTable

app = App(__file__)
app.settings.CONTENT_SECURITY_POLICY = "style-src 'self'; script-src 'self'"

MANY = 1_000_000


class Numbers(View):
    """`count` rows, each with its number, and below them what happens."""

    count = MANY

    def handle_request(self, request: object) -> object:
        self.said = P("nothing yet", _id="said")
        self.list = VirtualList(
            range(self.count), lambda number, index: f"row {number:,}", handle_row_click=self.handle_row_click,
            _id="list", aria_label="Numbers", _style="border: 1px solid #999",
        )
        middle = Button("To the middle", handle_click=lambda event: self.list.scroll_to(self.count // 2))
        fewer = Button("Fewer", handle_click=lambda event: self.show_fewer())
        state = Button("State", handle_click=lambda event: self.said.set_text(f"{self.list.first} to {self.list.last}"))
        return HTML(H1("Numbers"), middle, fewer, state, self.said, self.list)

    def handle_row_click(self, number: int, index: int) -> None:
        self.said.set_text(f"clicked {number} at {index}")

    def show_fewer(self) -> None:
        self.list.rows = range(30)


@app.route("/million")
class Million(Numbers):
    pass


@app.route("/billion")
class Billion(Numbers):
    count = 1_000_000_000


@app.route("/hundred")
class Hundred(Numbers):
    count = 100


@app.route("/shared")
class Shared(Numbers):
    def handle_request(self, request: object) -> object:
        self.is_daemon = True
        return super().handle_request(request)


@app.route("/fields")
class Fields(View):
    """A field in each row."""

    def handle_request(self, request: object) -> object:
        rows = VirtualList(range(1000), lambda number, index: Span(f"{number} ", TextInput(_class=f"n{number}")), _id="list")
        return HTML(rows, Button("Refresh", handle_click=lambda event: rows.refresh()))


@app.route("/table")
class Table(View):
    def handle_request(self, request: object) -> object:
        said = P("nothing yet", _id="said")
        rows = [{"name": f"sensor {number % 1000:03}", "value": number * 7919 % 100_003, "unit": "mm"} for number in range(100_000)]
        columns = [
            Column("Name", "name"), Column("Value", "value", lambda value: f"{value:,}", align="end"),
            Column("Unit", "unit", sortable=False, width="5rem"),
        ]
        table = VirtualTable(
            columns, rows, searchable=True, label="Measurements", pause=lambda: self.sleep(0),
            handle_row_click=lambda row, index: said.set_text(f"{row['name']} {row['value']} at {index}"),
        )

        def remove(event: object) -> None:
            del rows[:3]
            table.refresh()

        return HTML(H1("Table"), said, table, Button("Remove", handle_click=remove))
