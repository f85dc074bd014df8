"""Views that go on while their browser is away; what happens to them is told by plain HTTP."""

from __future__ import annotations

from lona_sync import App, Channel, View
from lona_sync.html import H1, HTML, Button, Div, Node, P, TextArea, TextInput

app = App(__file__)
app.settings.STATUS_TEXTS = {"de": {"lost": "Verbindung verloren", "back": "Wieder da"}}
changes = Channel("changes")


@app.route("/page")
class PageView(View):
    """Has all that a user may have begun, and shows how often it was changed."""

    def handle_request(self, request: object) -> None:
        lines = Div([P(f"line {number}") for number in range(100)], _id="lines", _style="height: 100px; overflow: auto")
        number = P("0", _id="number")
        tree = HTML(
            H1("Page"), number, TextInput(_id="field", input_delay=0), TextArea(_id="area", input_delay=0),
            Node(tag_name="input", type="file", _id="file"), lines,
        )
        self.show(tree)
        while True:
            size = self.await_message(changes).data
            number.set_text(int(number.get_text()) + 1)
            tree.attributes["title"] = "x" * size          # more than the log of a view without browser holds: a snapshot
            self.show()


@app.route("/shop")
class ShopView(View):
    def handle_request(self, request: object) -> None:
        text = P("nothing", _id="paid")
        self.paid = 0

        def pay(event: object) -> None:
            self.paid += 1
            text.set_text(f"paid {self.paid}")

        self.show(HTML(
            H1("Shop"), text, Button("Pay", _id="pay", stale="drop", handle_click=pay),
            Button("Order", _id="order", stale="ask", handle_click=pay), Button("Tip", _id="tip", handle_click=pay),
        ))


@app.route("/order")
class OrderView(View):
    """Notes which of its buttons was clicked, in order."""

    def handle_request(self, request: object) -> None:
        text, buttons = P(_id="said"), [Button(name) for name in "abc"]
        self.show(HTML(H1("Order"), text, *buttons))
        while True:
            text.append(self.await_click(buttons).node.get_text())          # type: ignore[union-attr]
            self.show()


@app.route("/daemon")
class DaemonView(View):
    def handle_request(self, request: object) -> None:
        self.is_daemon = True
        text, button = P("0", _id="number"), Button("+1")
        self.show(HTML(H1("Daemon"), text, button))
        for number in range(1, 1000):
            self.await_click(button)
            text.set_text(number)
            self.show()


@app.route("/change/<size>", interactive=False)
class ChangeView(View):
    def handle_request(self, request):                                      # type: ignore[no-untyped-def]
        changes.send(int(request.match_info["size"]))
        return "done"


@app.route("/views", interactive=False)
class ViewsView(View):
    def handle_request(self, request: object) -> str:
        return str(app.stats()["views"] - 1)                                # this one is none
