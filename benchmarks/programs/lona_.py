"""Lona's pages: `python lona_.py PORT`

Its server is `app.run()`, as its documentation starts it. A view blocks a thread, and six have one by default
(`MAX_RUNTIME_THREADS`); here there is one for each view. Four threads handle messages, as by default (`MAX_WORKER_THREADS`): with
one or with a hundred of them a click costs the same. One thread, instead of four, delivers what channels carry: several change the
order of messages. Only errors are logged.

Its table has the buttons above it, and not below as others do: whatever is clicked is looked for from the beginning of the tree on,
which takes it a hundred times as long when the table comes first.
"""

import sys

from lona import App, Channel, View
from lona.html import HTML, Button, Div, P, Span, Table, Td, Tr

#: For each view that waits.
THREADS = 20_000

app = App(__file__)
app.settings.MAX_RUNTIME_THREADS = THREADS
app.settings.MAX_CHANNEL_TASK_WORKER_THREADS = 1
news = Channel("news")


@app.route("/")
class Counter(View):
    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button))
        count = 0
        while True:
            self.await_click(button)
            count += 1
            text.set_text(str(count))
            self.show()


@app.route("/fifty")
class Fifty(View):
    """A counter with fifty nodes."""

    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button, *(Div(Span(f"line {number}")) for number in range(15))))
        count = 0
        while True:
            self.await_click(button)
            count += 1
            text.set_text(str(count))
            self.show()


@app.route("/news")
class News(View):
    """Shows what is published."""

    def handle_request(self, request):
        self.text = P("0")
        self.show(HTML(self.text))
        self.subscribe("news", self.handle_news)

    def handle_news(self, message):
        self.text.set_text(str(message.data["number"]))


@app.route("/publish", interactive=False)
class Publish(View):
    """Sends the next numbers, `count` of them."""

    last = 0

    def handle_request(self, request):
        for _ in range(int(request.GET["count"])):
            Publish.last += 1
            news.send({"number": Publish.last})
        return "sent"


@app.route("/table")
class TablePage(View):
    """A table of 1,000×10, and above it four buttons: `cell` changes a text to the count of its clicks, `out` takes
    the row in the middle out, `in` puts a new one there, `sort` turns the order of the rows.
    """

    def handle_request(self, request):
        table = Table([Tr([Td(f"{row}.{column}") for column in range(10)]) for row in range(1000)])
        cell, out, into, sort = Button("cell"), Button("out"), Button("in"), Button("sort")
        self.show(HTML(cell, out, into, sort, table))
        text = table.nodes[100].nodes[4]                   # of a row that stays
        count, made, descending = 0, 1000, False
        while True:
            button = self.await_click(cell, out, into, sort).node
            middle = len(table.nodes) // 2
            if button is cell:
                count += 1
                text.set_text(str(count))
            elif button is out:
                table.nodes.pop(middle)
            elif button is into:
                table.nodes.insert(middle, Tr([Td(f"{made}.{column}") for column in range(10)]))
                made += 1
            else:
                descending = not descending
                rows = sorted(table.nodes, key=lambda row: int(row.nodes[0].get_text().partition(".")[0]), reverse=descending)
                table.nodes.clear()                        # or each one would be looked for, and removed, where it is
                table.nodes = rows
            self.show()


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="error", parse_command_line=False)
