"""Inputs: what each of them has for a value; forms: what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from typing_extensions import assert_type

from lona_sync import App, InputEvent, Request, View
from lona_sync.html import (
    CHANGE,
    CLICK,
    HTML,
    Button,
    CheckBox,
    Child,
    ColorInput,
    DateInput,
    DateTimeInput,
    EmailInput,
    FieldList,
    Form,
    FormError,
    Label,
    NumberInput,
    Option,
    P,
    RadioButton,
    RadioGroup,
    RangeInput,
    Select,
    Submit,
    TextArea,
    TextInput,
    TimeInput,
)

app = App(__file__)


def not_taken(name: str) -> str | None:
    return "This name is taken." if name == "root" else None


class Amount(NumberInput):
    def check(self, value: int | float) -> str | None:
        return "Only even numbers." if value % 2 else None


@app.route("/")
class Order(View):
    def handle_request(self, request: Request) -> None:
        self.name = TextInput("Ada", required=True, maxlength=40, pattern="[A-Z].*", validators=[not_taken])
        note = TextArea(input_delay=0, handle_change=self.changed)
        mail = EmailInput(multiple=True)
        amount, price = Amount(1, min=0, max=10), NumberInput(Decimal("9.99"), step=0.01)
        share = RangeInput(min=0, max=1, step="any")
        day, moment, hour = DateInput(date(2030, 1, 31), min=date.today()), DateTimeInput(datetime.now()), TimeInput()
        express, color = CheckBox(True), ColorInput("#ff8000")
        size = Select(Option("small", value=1), Option("large", value=2, selected=True))
        pay = RadioGroup(Label(RadioButton("cash", checked=True), "Cash"))
        pay.add_button("Card", "card")
        send = Button("Send", events=[CLICK])
        numbers: list[Child] = [amount, price, share, " in all"]
        self.show(HTML(Label("Name", self.name), note, mail, numbers, [day, moment, hour], [express, color, size], pay, send))

        assert_type(self.name.value, str)
        assert_type(self.name.maxlength, int | None)
        assert_type(self.name.error, str)
        assert_type(note.value, str)
        assert_type(mail.addresses, tuple[str, ...])
        assert_type(amount.value, int | float | None)
        assert_type(price.decimal, Decimal | None)
        assert_type(share.value, int | float | None)
        assert_type(day.value, date | None)
        assert_type(day.min, date | None)
        assert_type(moment.value, datetime | None)
        assert_type(hour.value, time | None)
        assert_type(express.value, bool)
        assert_type(color.value, str | None)
        assert_type(size.value, Any)
        assert_type(size.selected_options, tuple[Option, ...])
        assert_type(pay.checked_radio_button, RadioButton | None)

        while not self.name.valid:
            assert_type(self.await_change(self.name, note, timeout=30), InputEvent)
        if price.decimal is not None and day.value is not None:
            price.value = price.decimal * 2
            day.value = day.value.replace(year=day.value.year + 1)
        self.name.value = 42
        self.name.events = [CHANGE(200)]
        self.name.disabled = True
        express.value = False

    def changed(self, event: InputEvent) -> None:
        self.show(P(event.data, " from ", self.name.value))


@dataclass
class Person:
    name: str
    age: int


@app.route("/person")
class PersonView(View):
    def handle_request(self, request: Request) -> None:
        form = Form(
            Label("Name", TextInput(name="name", required=True)), Label("Age", NumberInput(name="age", min=0)), Submit("Save"),
            validators=[self.check],
        )
        event = self.await_submit(form, html=HTML(form), timeout=60)
        assert_type(event, InputEvent)
        assert_type(form.values, dict[str, Any])
        assert_type(form.errors, dict[str, str])
        try:
            assert_type(form.into(Person), Person)
        except FormError as error:
            assert_type(error.errors, dict[str, str])
        if isinstance(form.fields["name"], FieldList):
            assert_type(form.fields["name"].valid, bool)

    def check(self, values: dict[str, Any]) -> dict[str, str] | None:
        return {"age": "Too young."} if values["age"] < 18 else None
