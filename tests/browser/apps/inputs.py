"""Forms and typed inputs, for real browsers."""

from __future__ import annotations

from lona_sync import App, InputEvent, View
from lona_sync.html import (
    HTML,
    Button,
    CheckBox,
    ColorInput,
    DataList,
    DateInput,
    Form,
    Label,
    Legend,
    Node,
    NumberInput,
    Option,
    P,
    RadioButton,
    RadioGroup,
    RangeInput,
    Select,
    Submit,
    TextInput,
)

app = App(__file__)


class Person(Form):
    """Half of it is checked by the browser, half by the server only."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            Label("Name", TextInput(name="name", required=True, validators=[self._check_name])),
            Label("Age", NumberInput(name="age", validators=[lambda age: "Too young." if (age or 0) < 18 else None])),
            Label("Born", DateInput(name="born")),
            RadioGroup(Legend("Size"), Label(RadioButton("S"), "Small"), Label(RadioButton("L"), "Large"), name="size"),
            RadioGroup(Legend("Taste"), Label(RadioButton("sweet"), "Sweet"), Label(RadioButton("sour"), "Sour"), name="taste"),
            Label("Country", Select(Option("France", value=("fr", 33)), Option("Italy", value=("it", 39)), name="country")),
            Label("Terms", CheckBox(name="terms")),
            Submit("Save"),
            **kwargs,
        )

    def _check_name(self, name: str) -> str | None:
        return "This name is reserved." if name == "root" else None


@app.route("/person")
class PersonView(View):
    def handle_request(self, request: object) -> None:
        form, said = Person(), P(_id="said")
        count = 0
        self.show(HTML(form, said))
        while True:
            self.await_submit(form)
            count += 1
            said.set_text(f"{count}: {form.values!r}")
            self.show()


@app.route("/draft")
class DraftView(View):
    def handle_request(self, request: object) -> None:
        form, said = Form(TextInput(name="a", required=True), Submit("Save"), Submit("Draft", formnovalidate=True)), P(_id="said")
        self.show(HTML(form, said))
        while True:
            event = self.await_submit(form)
            said.set_text(f"{event.target_node.value} {form.values}")      # type: ignore[union-attr]  # a Submit
            self.show()


def fixed() -> Node:
    return HTML(
        Label("Box", CheckBox(True, readonly=True)), Label("Slider", RangeInput(30, readonly=True)),
        Label("Color", ColorInput("#ff0000", readonly=True)),
        Label("Select", Select(Option("A", value=1), Option("B", value=2, selected=True), Option("C", value=3), readonly=True)),
        Label("None", Select(Option("A", value=1), Option("B", value=2), readonly=True)),
        Label("Many", Select(Option("A", value=1, selected=True), Option("B", value=2), multiple=True, readonly=True)),
        RadioGroup(Label(RadioButton(1, checked=True), "One"), Label(RadioButton(2), "Two"), readonly=True),
        RadioGroup(Label(RadioButton(3), "Three"), Label(RadioButton(4), "Four"), readonly=True),
    )


@app.route("/fixed")
class FixedView(View):
    def handle_request(self, request: object) -> object:
        return fixed()


@app.route("/fixed-markup", interactive=False)
class FixedMarkupView(View):
    def handle_request(self, request: object) -> object:
        return fixed()


@app.route("/slow")
class SlowView(View):
    def handle_request(self, request: object) -> None:
        form, said, go_on = Form(TextInput(name="a"), Submit("Send")), P("0", _id="said"), Button("go on")
        count = 0
        self.show(HTML(form, said, go_on))
        while True:
            self.await_submit(form)
            count += 1
            said.set_text(str(count))
            self.show()
            self.await_click(go_on)


@app.route("/half")
class HalfView(View):
    """Tells what the server makes of a number while it is typed, and patches the field around it."""

    def handle_request(self, request: object) -> object:
        self.number = NumberInput(input_delay=10, handle_change=self.tell, _id="number")
        self.date = DateInput(input_delay=10, handle_change=self.tell, _id="date")
        self.said = P(_id="said")
        clear = Button("Clear", handle_click=self.clear)
        return HTML(Label("Number", self.number), Label("Date", self.date), self.said, clear)

    def tell(self, event: InputEvent) -> None:
        self.said.set_text(f"{self.number.value!r} {self.number.error} {self.date.value!r} {self.date.error}")
        self.number.attributes["title"] = self.said.get_text()
        self.number.attributes["aria-invalid"] = not self.number.valid

    def clear(self, event: InputEvent) -> None:
        self.number.value = self.date.value = None
        self.said.set_text("cleared")


@app.route("/labels")
class LabelsView(View):
    def handle_request(self, request: object) -> object:
        cities = DataList(options=["Paris", "Rome"])
        name = TextInput(_id="name")
        self.more = P()
        return HTML(
            Label("Your name", label_for=name), name, Label("City", TextInput(datalist=cities)), cities,
            Label("Animal", TextInput(datalist=DataList(options=["Cat", "Dog"]))), self.more,
            Button("More", handle_click=self.show_more),
            RadioGroup(Legend("Color"), Label(RadioButton("red"), "Red"), Label(RadioButton("blue"), "Blue")),
        )


    def show_more(self, event: InputEvent) -> None:
        self.more.append(TextInput(_id="late", datalist=DataList(options=["Late"])))


@app.route("/suggestions", interactive=False)
class SuggestionsView(View):
    def handle_request(self, request: object) -> object:
        return Form(Label("Animal", TextInput(datalist=DataList(options=["Cat", "Dog"]))))


@app.route("/leaving")
class LeavingView(View):
    def handle_request(self, request: object) -> object:
        return Form(Label("Name", TextInput(name="name")), Submit("Go"), action="/plain", ignore=True)


@app.route("/plain", interactive=False)
class PlainView(View):
    def handle_request(self, request: object) -> object:
        form = Person(novalidate=True)
        if request.POST and form.fill(request.POST):         # type: ignore[attr-defined]  # a Request
            return P(repr(form.values), _id="said")
        return form


if __name__ == "__main__":
    app.run()
