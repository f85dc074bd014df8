"""Views that count clicks and read typed text."""

from __future__ import annotations

from lona_sync import App, InputEvent, View
from lona_sync.html import H1, HTML, A, Button, CheckBox, Div, Option, P, Select, TextArea, TextInput

app = App(__file__)


@app.route("/counter")
class CounterView(View):
    def handle_request(self, request: object) -> None:
        text, button = P("0"), Button("+1")
        self.show(HTML(H1("Counter"), text, button), title="Counter")
        number = 0
        while True:
            self.await_click(button)
            number += 1
            text.set_text(str(number))
            self.show()


@app.route("/send")
class SendView(View):
    def handle_request(self, request: object) -> None:
        field, button, sent = TextInput(input_delay=2000, _id="field"), Button("Send"), P("nothing yet", _id="sent")
        self.show(HTML(field, button, sent))
        while True:
            self.await_click(button)
            sent.set_text(field.value)
            self.show()


@app.route("/echo")
class EchoView(View):
    """Answers each change slowly by changing the text around the field."""

    def handle_request(self, request: object) -> object:
        self.said = P("", _id="said")
        self.field = TextInput(input_delay=50, handle_change=self.handle_change, _id="field")
        return HTML(self.said, self.field)

    def handle_change(self, event: InputEvent) -> None:
        self.sleep(0.05)
        self.said.set_text(self.field.value)


@app.route("/shout")
class ShoutView(View):
    def handle_request(self, request: object) -> object:
        self.field = TextInput(input_delay=50, handle_change=self.handle_change, _id="field")
        return Div(self.field)

    def handle_change(self, event: InputEvent) -> None:
        self.field.value = self.field.value.upper()


@app.route("/inputs")
class InputsView(View):
    def handle_request(self, request: object) -> object:
        area, box = TextArea(input_delay=10, bubble_up=True), CheckBox(bubble_up=True)
        select = Select(Option("A", value="a"), Option("B", value="b"), bubble_up=True)
        said = P("", _id="said")
        self.show(HTML(area, box, select, said, A("to the counter", href="/counter")))
        while True:
            self.await_change(area, box, select)
            said.set_text(f"{area.value}|{box.value}|{select.value}")
            self.show()


@app.route("/shared")
class SharedView(View):
    def handle_request(self, request: object) -> None:
        self.is_daemon = True
        field, button, text = TextInput(input_delay=10, _id="field"), Button("+1"), P("0")
        self.show(HTML(field, button, text))
        number = 0
        while True:
            self.await_click(button)
            number += 1
            text.set_text(str(number))
            self.show()


if __name__ == "__main__":
    app.run()
