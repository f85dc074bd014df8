"""lona_sync's pages: `lona-sync run ours.py --port PORT`, or `gunicorn -k gevent ours:app`."""

from lona_sync import App, Channel, View
from lona_sync.html import H1, HTML, A, Button, Div, Li, P, Span, Table, Td, Tr, Ul

app = App(__file__)
news = Channel("news")
# One machine is all visitors, and clicks faster than people.
app.settings.EVENTS_PER_SECOND = 10_000_000
app.settings.EVENT_BURST = 1_000_000
app.settings.MAX_VIEWS_PER_USER = app.settings.MAX_VIEWS_PER_ADDRESS = 100_000
app.settings.STATIC_DIRS = ["static"]
# Tabs here send no pings.
app.settings.PING_INTERVAL = 1000.0
# Nobody comes back to a view, and the program need not wait for that when it ends.
app.settings.DRAIN_TIMEOUT = 0.1


@app.route("/")
class Counter(View):
    lines = 0                        # below the button

    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button, *(Div(Span(f"line {number}")) for number in range(self.lines))))
        count = 0
        while True:
            self.await_click(button)
            count += 1
            text.set_text(str(count))
            self.show()


@app.route("/fifty")
class Fifty(Counter):
    """A counter with fifty nodes."""

    lines = 15


@app.route("/news")
class News(View):
    """Shows what is published."""

    def handle_request(self, request):
        self.text = P("0")
        self.show(HTML(self.text))
        news.subscribe(self.handle_news)

    def handle_news(self, message):
        self.text.set_text(message.data)


@app.route("/publish", interactive=False)
class Publish(View):
    """Sends the next numbers, `count` of them."""

    last = 0

    def handle_request(self, request):
        for _ in range(int(request.GET["count"])):
            Publish.last += 1
            news.send(Publish.last)
        return "sent"


@app.route("/plain", interactive=False)
class Plain(View):
    def handle_request(self, request):
        return HTML(H1("Plain"), P("Ten nodes, and some ", A("more", href="/more"), "."), Ul(Li("one"), Li("two"), Li("three")))


@app.route("/table")
class TablePage(View):
    """A table of 1,000×10, and below it four buttons: `cell` changes a text to the count of its clicks, `out` takes
    the row in the middle out, `in` puts a new one there, `sort` turns the order of the rows.
    """

    def handle_request(self, request):
        table = Table([Tr([Td(f"{row}.{column}") for column in range(10)]) for row in range(1000)])
        cell, out, into, sort = Button("cell"), Button("out"), Button("in"), Button("sort")
        self.show(HTML(table, cell, out, into, sort))
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
                table.nodes.sort(key=lambda row: int(row.nodes[0].get_text().partition(".")[0]), reverse=descending)
            self.show()


if __name__ == "__main__":
    app.run()
