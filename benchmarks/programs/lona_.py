"""Lona's pages: `python lona_.py PORT`

Its server is `app.run()`, as its documentation starts it. A view blocks a thread, and six have one by default
(`MAX_RUNTIME_THREADS`); here there is one for each view. Four threads handle messages, as by default (`MAX_WORKER_THREADS`): with
one or with a hundred of them a click costs the same. One thread, instead of four, delivers what channels carry: several change the
order of messages. Only errors are logged.
"""

import sys

from lona import App, Channel, View
from lona.html import HTML, Button, Div, P, Span

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


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="error", parse_command_line=False)
