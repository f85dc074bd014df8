"""A registration: typed values, checks by the browser and by the server, errors beside the fields, a dataclass at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from lona_sync import App, View
from lona_sync.html import (
    H1,
    HTML,
    CheckBox,
    Child,
    DateInput,
    Dd,
    Div,
    Dl,
    Dt,
    EmailInput,
    Form,
    Label,
    Legend,
    Main,
    Node,
    NumberInput,
    Option,
    RadioButton,
    RadioGroup,
    Select,
    Small,
    Style,
    Submit,
    TextInput,
)

app = App(__file__)

CSS = """
    * { box-sizing: border-box }
    body { margin: 0; background: #f3f4f7; color: #1c2030; font: 16px/1.5 system-ui, sans-serif }
    main { max-width: 30rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
    h1 { margin: 0 0 1rem; font-size: 1.6rem }
    form, dl { display: grid; gap: 1rem; margin: 0; padding: 1.25rem; border-radius: .75rem; background: #fff }
    form > div, label { display: block; font-weight: 600 }
    fieldset { margin: 0; padding: 0; border: 0 }
    legend { padding: 0; font-weight: 600 }
    small { color: #5b6275; font-weight: 400 }
    fieldset label, .check { display: flex; gap: .6rem; align-items: baseline; padding: .3rem 0; font-weight: 400 }
    input:not([type=radio], [type=checkbox]), select {
        width: 100%; margin-top: .25rem; padding: .6rem .7rem; border: 1px solid #b6bccb; border-radius: .5rem; background: #fff;
        color: inherit; font: inherit; font-weight: 400
    }
    input[type=submit] { border-color: #2450d3; background: #2450d3; color: #fff; font-weight: 600; cursor: pointer }
    [aria-busy] input[type=submit] { opacity: .5 }
    [aria-invalid] { border-color: #c3262e !important }
    .lona-error { display: block; margin-top: .25rem; color: #b3131c; font-size: .9rem; font-weight: 400 }
    fieldset + .lona-error { margin-top: -1rem }
    dl { grid-template-columns: auto 1fr; gap: .5rem 1rem }
    dt { color: #5b6275 }
    dd { margin: 0; overflow-wrap: anywhere; font-weight: 600 }
"""


@dataclass(frozen=True)
class Plan:
    name: str
    price: int


@dataclass
class Account:
    """What the program works with."""
    name: str
    email: str
    born: date
    seats: int
    plan: Plan
    country: str
    news: bool


PLANS = [Plan("Free", 0), Plan("Team", 9), Plan("Company", 29)]
COUNTRIES = {"de": "Germany", "fr": "France", "it": "Italy", "es": "Spain"}

accounts: dict[str, Account] = {}


def of_age(born: date) -> str | None:
    today = date.today()
    is_child = (today.year - born.year, (today.month, today.day)) < (18, (born.month, born.day))
    return "You must be at least 18 years old." if is_child else None


class Registration(Form):
    def __init__(self) -> None:
        super().__init__(
            Div(Label("Name", TextInput(name="name", required=True, maxlength=50, autocomplete="name"))),
            Div(Label("Email", EmailInput(name="email", required=True, autocomplete="email"))),
            Div(Label("Date of birth", DateInput(name="born", required=True, max=date.today(), validators=[of_age]))),
            RadioGroup(
                Legend("Plan"),
                [Label(RadioButton(plan), f"{plan.name}, ", Small(f"{plan.price} € a month and seat")) for plan in PLANS],
                name="plan", required=True,
            ),
            Div(Label("Seats", NumberInput(1, name="seats", required=True, min=1, max=500))),
            Div(Label("Country", Select(
                Option("Choose one", value=""), [Option(name, value=code) for code, name in COUNTRIES.items()],
                name="country", required=True,
            ))),
            Label(CheckBox(name="news"), "Write to me when there is something new", _class="check"),
            Submit("Create the account"),
        )

    def check(self, values: dict[str, Any]) -> dict[str, str] | None:
        if values["plan"].price == 0 and values["seats"] > 3:
            return {"seats": "The free plan has 3 seats at most."}
        return None


@app.route("/")
class RegistrationView(View):
    def handle_request(self, request: object) -> object:
        form = Registration()
        self.show(page("Create an account", form), title="Create an account")
        while True:
            self.await_submit(form)
            account = form.into(Account)
            if account.email not in accounts:
                break
            form.set_error("email", "There is an account with this address already.")
            self.show()
        accounts[account.email] = account
        return page(f"Welcome, {account.name}", Dl(
            Dt("Email"), Dd(account.email),
            Dt("Born"), Dd(account.born.isoformat()),
            Dt("Plan"), Dd(f"{account.plan.name}, {account.seats * account.plan.price} € a month"),
            Dt("Country"), Dd(COUNTRIES[account.country]),
            Dt("News"), Dd("yes" if account.news else "no"),
        ))


def page(title: str, *nodes: Child) -> Node:
    return HTML(Style(CSS), Main(H1(title), *nodes))


if __name__ == "__main__":
    app.run()
