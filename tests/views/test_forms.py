"""Forms in views: awaited, handled, followed as links are, and posted as plain HTTP."""

from __future__ import annotations

from dataclasses import dataclass

import gevent
import pytest
from gevent.event import Event

from lona_sync import InputEvent, RedirectResponse, View
from lona_sync.html import (
    HTML,
    Button,
    CheckBox,
    Form,
    FormError,
    Label,
    NumberInput,
    Option,
    P,
    RadioButton,
    RadioGroup,
    Select,
    Submissions,
    Submit,
    TextArea,
    TextInput,
)
from lona_sync.testing import Client
from lona_sync.testing.form_data import submission
from tests.views.apps import app_of, open_view


@dataclass
class User:
    name: str
    age: int | None


class UserForm(Form):
    def __init__(self, **kwargs):
        super().__init__(
            Label("Name", TextInput(name="name", required=True)), Label("Age", NumberInput(name="age", min=0)), Submit("Save"),
            **kwargs,
        )

    def check(self, values):
        return {"name": "This name is reserved."} if values["name"] == "root" else None


class Registering(View):
    """Shows what was sent; a name that is taken is asked for again."""

    def handle_request(self, request):
        form, said = UserForm(), P()
        self.show(HTML(form, said))
        while True:
            self.await_submit(form)
            if form.values["name"] == "Ann":
                form.set_error("name", "This name is taken.")
            else:
                said.set_text(repr(form.into(User)))
            self.show()


def test_a_form_that_is_awaited_brings_its_values():
    page = open_view(Registering)
    page.type("[name=name]", "Bob")
    page.type("[name=age]", "42")

    page.submit()

    assert page.text("p") == "User(name='Bob', age=42)"
    page.type("[name=age]", "")
    page.click("[type=submit]")
    assert page.text("p") == "User(name='Bob', age=None)"


def test_what_is_not_valid_is_answered_beside_the_field_and_leads_the_user_there():
    page = open_view(Registering)
    page.type("[name=age]", "-1")

    page.submit()

    assert [error.text for error in page.find_all("[role=alert]")] == ["This field is required.", "The least value allowed is 0."]
    assert page.find("[name=name]").attributes["aria-invalid"] == "true" and page.called == [("focus", [])]
    assert page.text("p") == ""
    page.type("[name=name]", "root")
    page.type("[name=age]", "1")
    page.submit()
    assert [error.text for error in page.find_all("[role=alert]")] == ["This name is reserved."]
    page.type("[name=name]", "Ann")
    page.submit()
    assert [error.text for error in page.find_all("[role=alert]")] == ["This name is taken."]
    page.submit()
    assert [error.text for error in page.find_all("[role=alert]")] == ["This name is taken."]
    page.type("[name=name]", "Bob")
    page.submit()
    assert page.text("p") == "User(name='Bob', age=1)" and not page.find_all("[role=alert], [aria-invalid], [aria-describedby]")


def test_a_second_submit_is_dropped_while_the_first_one_is_handled():
    handled = []

    class Slow(View):
        def handle_request(self, request):
            def handle_submit(event):
                handled.append(form.values["a"])
                gate.await_click_of(self)

            form = Form(TextInput("x", name="a"), Submit(), handle_submit=handle_submit)
            gate = Gate()
            return HTML(form, gate)

    class Gate(Button):
        def await_click_of(self, view):
            view.await_click(self)

    page = open_view(Slow)

    page.submit()
    assert page.find("form").attributes["aria-busy"]
    page.submit()
    page.click("button")
    assert handled == ["x"] and "aria-busy" not in page.find("form").attributes
    page.submit()

    assert handled == ["x", "x"]


def test_a_form_whose_submit_was_not_valid_can_be_sent_again_at_once():
    page = open_view(Registering)

    page.submit()
    assert "aria-busy" not in page.find("form").attributes
    page.type("[name=name]", "Bob")
    page.submit()

    assert page.text("p") == "User(name='Bob', age=None)"


@pytest.mark.parametrize("leaving", ["field", "form"])
def test_what_leaves_the_page_while_it_is_checked_needs_no_message(leaving):
    checked = []

    class Slow(View):
        def handle_request(self, request):
            def check(values):
                self.sleep(0.01)
                nodes[leaving].remove()
                checked.append(leaving)
                return {"name": "This name is taken."}

            field = TextInput(name="name")
            form = Form(field, Submit(), validators=[check])
            nodes = {"field": field, "form": form}
            self.show(HTML(form, P("still here")))
            self.await_submit(form)

    page = open_view(Slow)

    page.submit()
    page.wait_for(lambda: checked)
    page.settle()

    assert page.text("p") == "still here" and page.called == []


def test_with_novalidate_the_view_decides():
    class Draft(View):
        def handle_request(self, request):
            form = UserForm(novalidate=True)
            self.show(form)
            self.await_submit(form)
            try:
                form.into(User)
            except FormError as error:
                self.show(P(repr(error.errors)))

    page = open_view(Draft)

    page.submit()

    assert page.text("p") == "{'name': 'This field is required.'}"


class Drafts(View):
    def handle_request(self, request):
        form = Form(
            TextInput(name="name", required=True), Submit("Save"), Submit("Draft", formnovalidate=True),
            Submit("Off", formnovalidate=True, disabled=True), _id="f",
        )
        self.show(HTML(
            form, Submit("Later", form="f", formnovalidate=True), Form(Submit("Other", formnovalidate=True)),
        ))
        event = self.await_submit(form)
        return P(f"{event.target_node.value} {event.data} {form.errors}")


@pytest.mark.parametrize("button", ["Draft", "Later"])
def test_a_button_may_send_what_is_not_valid(button):
    page = open_view(Drafts)

    page.click(f"[value={button}]")

    assert page.text("p") == button + " {'name': ''} {'name': 'This field is required.'}"


@pytest.mark.parametrize("button", ["Save", "Off", "Other", None])
def test_no_other_button_does_whatever_a_browser_says(button):
    page = open_view(Drafts)

    page._send_event("submit", page.find("#f"), [{}, None if button is None else page.find(f"[value={button}]").id])
    page.settle()

    assert page.text("[role=alert]") == "This field is required."


class Search(View):
    def handle_request(self, request):
        form = Form(TextInput(request.GET.get("q", ""), name="q"), Submit("Go", name="by"), method="get")
        return HTML(form, P(repr(dict(request.GET))))


def test_a_form_that_nobody_handles_goes_where_it_says():
    page = open_view(Search)
    page.type("[name=q]", "a b&c")

    page.submit()
    assert page.text("p") == "{'q': 'a b&c', 'by': 'Go'}" and page.url == "/?q=a+b%26c&by=Go"
    page.type("[name=q]", "x")
    page.submit()

    assert page.text("p") == "{'q': 'x', 'by': 'Go'}" and page.find("[name=q]").value == "x"


@pytest.mark.parametrize("interactive", [True, False])
def test_a_field_outside_of_its_form_is_sent_with_it(interactive):
    class Outside(View):
        def handle_request(self, request):
            form = Form(TextInput("1", name="a"), _id="f")
            page = HTML(form, TextInput("2", name="b", form="f"), Submit("Save", form="f", name="by"), TextInput("3", name="c"))
            return P(repr(form.values) + repr(dict(request.POST))) if request.POST and form.fill(request.POST) else page

    app = app_of()
    app.route("/", interactive=interactive)(Outside)
    page = Client(app).open("/")
    page.type("[name=b]", "x")

    page.click("[type=submit]")

    assert page.text("p") == "{'a': '1', 'b': 'x'}" + "{'a': '1', 'b': 'x', 'by': 'Save'}"


class Posting(View):
    """The same on both kinds of route, with and without JavaScript."""

    def handle_request(self, request):
        form = UserForm()
        form.append(TextArea(name="note"))
        form.append(RadioGroup(RadioButton(1), RadioButton(2, checked=True), name="size"))
        form.append(Select(Option("a", value="a"), Option("b", value="b"), name="tags", multiple=True))
        form.append(CheckBox(True, name="news"))
        if request.POST and form.fill(request.POST):
            return P(repr(form.values))
        return form


@pytest.mark.parametrize("interactive", [True, False])
def test_a_posted_form_fills_itself(interactive):
    app = app_of()
    app.route("/", interactive=interactive)(Posting)
    page = Client(app).open("/")
    page.type("[name=name]", "Bob")
    page.type("[name=age]", "-1")
    page.type("textarea", "one\ntwo")
    page.check("[value='1']")
    page.check("[name=news]", False)
    page.select("select", 0, 1)

    page.submit()
    assert page.text("[role=alert]") == "The least value allowed is 0." and page.find("[name=name]").value == "Bob"
    page.type("[name=age]", "7")
    page.submit()

    assert page.text("p") == repr(
        {"name": "Bob", "age": 7, "note": "one\ntwo", "size": 1, "tags": ("a", "b"), "news": False}
    )


def test_a_post_may_end_in_a_redirect():
    class Thanks(View):
        def handle_request(self, request):
            return P(f"Thanks, {request.GET['name']}.")

    class Asking(View):
        def handle_request(self, request):
            form = UserForm()
            if request.POST and form.fill(request.POST):
                return RedirectResponse(f"/thanks?name={form.values['name']}")
            return form

    app = app_of()
    app.route("/", interactive=False)(Asking)
    app.route("/thanks", interactive=False)(Thanks)
    page = Client(app).open("/")
    page.type("[name=name]", "Bob")

    page.click("[type=submit]")

    assert page.text("p") == "Thanks, Bob." and page.url == "/thanks?name=Bob"


def test_half_a_number_is_an_error_and_nobody_overwrites_it():
    class Numbers(View):
        def handle_request(self, request):
            field = NumberInput(5, name="a", handle_change=lambda event: said.set_text(f"{event.data} {field.value} {field.error}"))
            said, clear = P(), Button("clear", handle_click=lambda event: setattr(field, "value", None))
            return HTML(field, said, clear)

    page = open_view(Numbers)

    page.type_half("input", "1e")
    assert page.text("p") == "None None This is no number." and page.find("input").value == "1e"
    page.click("button")

    assert page.find("input").value == ""


def test_a_button_that_is_disabled_sends_nothing():
    class Disabled(View):
        def handle_request(self, request):
            return HTML(Form(Submit(disabled=True)), P())

    page = open_view(Disabled)

    with pytest.raises(ValueError, match="is disabled"):
        page.submit()
    with pytest.raises(LookupError, match="stands in no form"):
        page.submit("p")


def test_what_is_read_only_is_put_back_in_every_browser():
    class Fixed(View):
        def handle_request(self, request):
            note = {"handle_change": lambda event: said.set_text("changed")}
            said = P()
            return HTML(
                CheckBox(True, readonly=True, **note),
                Select(Option(value=1), Option(value=2, selected=True), readonly=True, **note),
                RadioGroup(RadioButton(1, checked=True), RadioButton(2), readonly=True, **note), said,
            )

    page = open_view(Fixed)

    page.check("[type=checkbox]", False)
    page.select("select", 0)
    page.check("[value='2'][type=radio]")

    assert page.find("[type=checkbox]").checked and page.find("select").selected_indexes == [1] and page.text("p") == ""
    assert page.find("[value='1'][type=radio]").checked and not page.find("[value='2'][type=radio]").checked
    assert (page.client.app.stats()["events.stale"], page.client.app.stats()["events.malformed"]) == (3, 0)


def test_two_posts_of_one_form_are_one_order():
    submissions, orders, go = Submissions(), [], Event()

    class Order(View):
        def handle_request(self, request):
            form = Form(TextInput("tea", name="what"), Submit("Order"), once=submissions)
            if request.POST and form.fill(request.POST):
                orders.append(form.values["what"])
                go.wait()
                return P("Thanks.")
            return form

    app = app_of()
    app.route("/", interactive=False)(Order)
    client = Client(app)
    page = client.open("/")
    fields = submission(page.find("form"), None).post
    first = gevent.spawn(client.http.post, "/", data=fields)
    for _ in range(1000):
        if orders or first.ready():
            break
        gevent.sleep(0)

    second = Client(app).http.post("/", data=fields)
    go.set()

    assert "This was sent already." in second.get_data(as_text=True) and "Thanks." in first.get(timeout=5).get_data(as_text=True)
    assert orders == ["tea"]


def test_a_plain_button_in_a_form_is_clicked_and_one_that_says_so_sends_it() -> None:
    told: list[str] = []

    class Buttons(View):
        def handle_request(self, request: object) -> None:
            def note(event: InputEvent) -> None:
                told.append(event.name)

            self.show(Form(
                TextInput(name="name"), Button("a", _id="plain", handle_click=note), Button("b", type="submit", _id="sends"),
                Button("c", type="submit", _id="both", handle_click=note), handle_submit=note,
            ))

    page = open_view(Buttons)
    for button in ("#plain", "#sends", "#both"):
        page.click(button)

    assert told == ["click", "submit", "click", "submit"]
