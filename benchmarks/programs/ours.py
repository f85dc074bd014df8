"""lona_sync's pages: `lona-sync run ours.py --port PORT`, or `gunicorn -k gevent ours:app`."""

from lona_sync import App, Channel, View
from lona_sync.html import HTML, Button, Div, P, Span

app = App(__file__)
news = Channel("news")
# One machine is all visitors, and clicks faster than people.
app.settings.EVENTS_PER_SECOND = 10_000_000
app.settings.EVENT_BURST = 1_000_000
app.settings.MAX_VIEWS_PER_USER = app.settings.MAX_VIEWS_PER_ADDRESS = 100_000
# Tabs here send no pings.
app.settings.PING_INTERVAL = 1000.0
# Nobody comes back to a view, and the program need not wait for that when it ends.
app.settings.DRAIN_TIMEOUT = 0.1


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


if __name__ == "__main__":
    app.run()
