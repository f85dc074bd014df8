"""Pages: their look, two windows on one, templates of the application's, and what stands in for a view."""

from __future__ import annotations

import os

from lona_sync import App, ForbiddenError, Request, TemplateResponse, View
from lona_sync.html import (
    H1,
    H2,
    HTML,
    A,
    BlockQuote,
    Button,
    CheckBox,
    Code,
    DateInput,
    Details,
    Dialog,
    Div,
    EmailInput,
    FieldSet,
    Form,
    Label,
    Legend,
    Li,
    NumberInput,
    Option,
    P,
    Pre,
    Progress,
    RadioButton,
    RadioGroup,
    RangeInput,
    Select,
    Strong,
    Summary,
    Table,
    TBody,
    Td,
    TextArea,
    TextInput,
    Th,
    THead,
    Tr,
    Ul,
)

app = App(__file__)
app.settings.DEBUG = "DEBUG_PAGES" in os.environ
app.settings.TITLE = "Pages"
if "OWN_PARTS" in os.environ:
    app.add_template("lona/disconnect-message.html", string="<p id=gone>We are offline</p>")
    app.add_template("lona/waiting-for-server-message.html", string="<p id=waits>It takes a while</p>")
    app.add_template("lona/header.html", string="<header>A header</header>")
    app.add_template("lona/frontend.js", string="document.body.dataset.by = lona_context.constructor.name;")
app.add_template("two.html", string="""<!doctype html>
<title>Two windows</title>
{{ Lona.load_scripts() }}
{{ Lona.start(target='#first') }}
<div id="first"></div><div id="second"></div>
<script type="module"{{ Lona.nonce_attribute }}>Lona.open('#second', '/counter');</script>
""")
app.add_template("by_hand.html", string="""<!doctype html>
<title>By hand</title>
<div id="here"></div>
{{ Lona.load_scripts() }}
<script{{ Lona.nonce_attribute }}>
  window.addEventListener('load', () => {
    window.lona_context = new Lona.LonaContext({target: '#here', update_title: false});
    lona_context.setup();
  });
</script>
""")


@app.route("/")
class Look(View):
    def handle_request(self, request: Request) -> object:
        form = Form(
            Label("Name ", TextInput(placeholder="Ada Lovelace", required=True)),
            Label("E-mail ", EmailInput(value="ada@", aria_invalid="true")),
            P("This is no e-mail address", _class="lona-error"),
            Label("Born ", DateInput()),
            Label("Country ", Select(Option("Austria"), Option("Portugal"))),
            Label("Guests ", NumberInput(value=2)),
            Label("How sure ", RangeInput()),
            Label("Remarks ", TextArea(placeholder="Anything we should know")),
            FieldSet(
                Legend("Menu"),
                RadioGroup(Label(RadioButton(value="a"), "Meat"), Label(RadioButton(value="b"), "Vegetarian")),
                Label(CheckBox(value=True), "With coffee"),
            ),
            P(Button("Save", type="submit"), " ", Button("Cancel"), " ", Button("Not now", disabled=True)),
        )
        table = Table(
            THead(Tr(Th("Guest"), Th("Arrives"), Th("Nights"))),
            TBody(*[Tr(Td(name), Td(day), Td(nights)) for name, day, nights in [
                ("Ada Lovelace", "12 December", 3), ("Grace Hopper", "13 December", 1), ("Katherine Johnson", "17 December", 12),
            ]]),
        )
        return HTML(
            H1("A booking for the winter festival"),
            P("Fill in the form. ", A("What happens to my data?", href="/privacy"), " We keep it ", Strong("for a year"), "."),
            form, H2("Guests"), table,
            H2("Other things"), Ul(Li("one"), Li("two, with ", Code("code"))), BlockQuote("We had the best winter festival ever."),
            Pre("for n in range(10):\n    print(n)"), Details(Summary("More"), P("Hidden until it is asked for.")),
            Label("Progress ", Progress(value="0.4")),
        )


@app.route("/template")
class Template(View):
    def handle_request(self, request: Request) -> object:
        self.show(
            template_string="""<h1>{{ name }}</h1>
                <form method="post" action="/template"><input name="name"><button>Send</button></form>
                <a href="/counter">Counter</a><script>window.hasRun = true</script>""",
            template_context={"name": request.POST.get("name", "<nobody>")},
        )
        return None


@app.route("/dialog")
class Asking(View):
    def handle_request(self, request: Request) -> object:
        dialog = Dialog(H2("Delete it?"), P("It cannot be brought back."), Button("Delete", type="submit"), open=True)
        return Div(H1("Behind it"), dialog)


@app.route("/counter")
class Counter(View):
    def handle_request(self, request: Request) -> object:
        text, button = P("0", _class="count"), Button("+1")
        self.show(HTML(text, button))
        for number in range(1, 100):
            self.await_click(button)
            text.set_text(number)
            self.show()
        return None


class TwoWindows(View):
    def handle_request(self, request: Request) -> object:
        return TemplateResponse("two.html")


class ByHand(View):
    def handle_request(self, request: Request) -> object:
        return TemplateResponse("by_hand.html")


app.route("/two", frontend_view=TwoWindows)(Counter)
app.route("/by-hand", frontend_view=ByHand)(Counter)


@app.route("/members")
class Members(View):
    def handle_request(self, request: Request) -> object:
        raise ForbiddenError("members only")


@app.error_403_view
class Login(View):
    def handle_request(self, request: Request, exception: Exception) -> object:
        button = Button("Log in")
        self.show(HTML(H1(str(exception)), button))
        self.await_click(button)
        return H1("Welcome")


@app.route("/crash")
class Crash(View):
    def handle_request(self, request: Request) -> object:
        button = Button("Crash")
        self.show(HTML(H1("It will"), button))
        self.await_click(button)
        guests = 5
        return guests / 0
