"""A shop whose running views are listed at `/_views`."""

from lona_sync import App, View
from lona_sync.contrib.inspector import inspector
from lona_sync.html import HTML, Button, P

app = App(__file__)
app.route("/_views")(inspector(app, allowed=lambda request: True))


@app.route("/checkout/<number>")
class Checkout(View):
    def handle_request(self, request: object) -> None:
        button = Button("Pay for the order with a very long name that is wider than any phone")
        self.show(HTML(P("3 items"), button))
        self.await_click(button)


if __name__ == "__main__":
    app.run()
