"""The test client itself."""

from __future__ import annotations

import pytest

from lona_sync import Channel, JsonResponse, Request, View
from lona_sync.html import HTML, A, Button, Div, Form, Option, P, Select, TextInput
from lona_sync.testing import Client, DOMError
from tests.views.apps import app_of, open_view


class Shown(View):
    def handle_request(self, request: object) -> object:
        return HTML(P("text"), Button("off", disabled=True), Div("silent"), TextInput(disabled=True), Form(A("link", href="/1")))


def test_what_is_not_there_is_told_with_what_is() -> None:
    page = open_view(Shown)

    with pytest.raises(LookupError, match="off"):
        page.find("table")


def test_a_click_that_does_nothing_is_an_error() -> None:
    page = open_view(Shown)

    with pytest.raises(LookupError, match="issues no clicks"):
        page.click("p")


def test_what_is_disabled_cannot_be_used() -> None:
    page = open_view(Shown)

    with pytest.raises(ValueError, match="disabled"):
        page.click("button")
    with pytest.raises(ValueError, match="disabled"):
        page.type("input", "x")


def test_nobody_types_into_what_is_read_only() -> None:
    class ReadOnly(View):
        def handle_request(self, request: object) -> object:
            return TextInput("x", readonly=True)

    page = open_view(ReadOnly)

    with pytest.raises(ValueError, match="read-only"):
        page.type("input", "y")

    assert page.find("input").value == "x"


def test_waiting_for_what_never_comes_fails_with_the_page() -> None:
    page = open_view(Shown)

    with pytest.raises(AssertionError, match="silent"):
        page.wait_for("table", timeout=0.01)


def test_a_wrong_patch_of_the_server_fails_the_test() -> None:
    page = open_view(Shown)
    page.take(b"[3,1,99,0,[[5,123456789]]]")

    with pytest.raises(DOMError):
        page.settle()


def test_a_route_that_is_not_interactive_is_read_as_it_is() -> None:
    class Plain(View):
        def handle_request(self, request: object) -> object:
            return "<h1>plain</h1>"

    class Data(View):
        def handle_request(self, request: object) -> object:
            return JsonResponse({"a": 1})

    app = app_of()
    app.route("/", interactive=False)(Plain)
    app.route("/data", interactive=False)(Data)
    client = Client(app)

    assert client.open("/").text("h1") == "plain"
    assert client.http.get("/data").json == {"a": 1}


def test_pages_of_one_client_belong_to_one_user() -> None:
    users = []

    class Who(View):
        def handle_request(self, request: object) -> None:
            users.append(request.user)      # type: ignore[attr-defined]

    app = app_of(Who)
    client = Client(app)
    client.open("/")
    client.open("/")
    Client(app).open("/")

    assert users[0] == users[1] != users[2]


def test_nobody_types_into_a_paragraph() -> None:
    page = open_view(Shown)

    with pytest.raises(LookupError, match="type into"):
        page.type("p", "x")


def test_a_page_that_the_server_has_no_room_for_says_so_and_asks_again() -> None:
    class Quiet(View):
        def handle_request(self, request: object) -> object:
            return P("here")

    client = Client(app_of(Quiet, MAX_VIEWS=1))
    client.clock.stop()
    first, second = client.open("/"), client.open("/")
    refused = second.refused
    first.close()

    client.clock.advance(1)

    assert refused == "busy"
    assert (second.refused, second.text("p")) == (None, "here")


class Choice(View):
    def handle_request(self, request: object) -> object:
        self.chosen = P("")

        def note(event: object) -> None:
            self.chosen.set_text(str(select.value))

        select = Select(
            Option("Red", value="r"), Option("Green", value="Blue"), Option("Blue", value="b"),
            Option("Off", value="o", disabled=True), handle_change=note,
        )
        return HTML(select, self.chosen)


@pytest.mark.parametrize(("named", "value"), [(0, "r"), ("Red", "r"), ("Blue", "b"), (1, "Blue")])
def test_an_option_is_chosen_by_its_place_or_its_text(named: int | str, value: str) -> None:
    page = open_view(Choice)
    page.select("select", 1 if value != "Blue" else 0)

    page.select("select", named)

    assert page.text("p") == value


def test_an_option_is_chosen_by_its_value_where_no_text_says_the_same() -> None:
    class Plain(View):
        def handle_request(self, request: object) -> object:
            return HTML("<select><option value='x'>One</option><option value='y'>Two</option></select>")

    page = open_view(Plain)

    page.select("select", "y")

    assert page.find("select").selected_indexes == [1]


@pytest.mark.parametrize(("named", "error"), [(4, LookupError), ("Pink", LookupError), ("Off", ValueError)])
def test_an_option_that_nobody_can_choose_is_an_error(named: int | str, error: type[Exception]) -> None:
    page = open_view(Choice)

    with pytest.raises(error):
        page.select("select", named)


class Herald(View):
    """Sends twenty messages with each click, and shows the last one that has come."""

    def handle_request(self, request):
        text, button = P("nothing"), Button("send")
        for number in range(20):
            self.subscribe(f"herald {number}", lambda message: text.set_text(message.topic))
        self.show(HTML(text, button))
        while True:
            self.await_click(button)
            for number in range(20):
                Channel(f"herald {number}").send()


def test_a_click_waits_for_channel_messages_also_where_each_takes_long(monkeypatch):
    monkeypatch.setattr("lona_sync.channels.drainer.ROUND_SECONDS", 0.0)         # after each, others have their turn
    page = Client(app_of(Herald)).open("/")

    page.click("button")

    assert page.text("p") == "herald 19"


class Greeting(View):
    def handle_request(self, request: Request) -> object:
        text, button = P(f"hello {request.POST.get('name', 'nobody')}"), Button("go")
        self.await_click(button, html=HTML(text, button))
        return HTML(P("gone"))


def test_a_page_can_be_seen_as_it_is_without_scripts() -> None:
    painted = Client(app_of(Greeting)).paint("/")

    assert (painted.status, painted.text("#lona p"), painted.join is not None) == (200, "hello nobody", True)


def test_a_form_that_is_posted_without_scripts_is_answered() -> None:
    painted = Client(app_of(Greeting)).paint("/", {"name": "Ann"})

    assert painted.text("#lona p") == "hello Ann"


def test_the_scripts_of_a_page_join_the_view_that_it_shows() -> None:
    app = app_of(Greeting)
    client = Client(app)
    page = client.join(client.paint("/", {"name": "Ann"}))

    page.click("button")

    assert (page.text(), app.stats()["views.started"]) == ("gone", 1)


def test_a_page_that_nobody_joins_leaves_by_the_clock_of_the_client() -> None:
    app = app_of(Greeting)
    client = Client(app)
    client.paint("/")

    client.clock.advance(30)

    assert app.stats()["views"] == 0


def test_the_end_of_the_history_is_an_error() -> None:
    page = open_view(Shown)

    with pytest.raises(LookupError, match="history"):
        page.back()
