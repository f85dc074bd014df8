"""A registration: typed values, checks by the browser and by the server, errors beside the fields, a dataclass at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lona_sync import App, View
from lona_sync.html import (
    H1,
    HTML,
    CheckBox,
    DateInput,
    Dd,
    Dl,
    Dt,
    EmailInput,
    Form,
    Label,
    Legend,
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

CSS = "dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1rem } dd { margin: 0 }"


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

accounts = {}


def of_age(born):
    today = date.today()
    is_child = (today.year - born.year, (today.month, today.day)) < (18, (born.month, born.day))
    return "You must be at least 18 years old." if is_child else None


class Registration(Form):
    def __init__(self):
        super().__init__(
            Label("Name", TextInput(name="name", required=True, maxlength=50, autocomplete="name")),
            Label("Email", EmailInput(name="email", required=True, autocomplete="email")),
            Label("Date of birth", DateInput(name="born", required=True, max=date.today(), validators=[of_age])),
            RadioGroup(
                Legend("Plan"),
                [Label(RadioButton(plan), f"{plan.name}, ", Small(f"{plan.price} € a month and seat")) for plan in PLANS],
                name="plan", required=True,
            ),
            Label("Seats", NumberInput(1, name="seats", required=True, min=1, max=500)),
            Label("Country", Select(
                Option("Choose one", value=""), [Option(name, value=code) for code, name in COUNTRIES.items()],
                name="country", required=True,
            )),
            Label(CheckBox(name="news"), "Write to me when there is something new"),
            Submit("Create the account"),
        )

    def check(self, values):
        if values["plan"].price == 0 and values["seats"] > 3:
            return {"seats": "The free plan has 3 seats at most."}


@app.route("/")
class RegistrationView(View):
    def handle_request(self, request):
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


def page(title, *nodes):
    return HTML(Style(CSS), H1(title), *nodes)


if __name__ == "__main__":
    app.run()
