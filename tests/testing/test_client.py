"""The test client itself."""

from __future__ import annotations

import pytest

from lona_sync import JsonResponse, View
from lona_sync.html import HTML, A, Button, Div, Form, P, TextInput
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
