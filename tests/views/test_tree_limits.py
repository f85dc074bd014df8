"""A view whose tree grows too large hears of it where it lets it grow."""

from __future__ import annotations

import traceback

import pytest

from lona_sync import Request, View
from lona_sync.errors import TreeTooLargeError
from lona_sync.html import Button, Div, P, TextInput, Ul
from lona_sync.testing import Client
from tests.views.apps import app_of


def test_the_users_own_line_is_the_one_that_is_told(caplog: pytest.LogCaptureFixture) -> None:
    lines: list[str] = []

    class Grows(View):
        def handle_request(self, request: Request) -> None:
            box = Div()
            self.show(box)
            try:
                while True:
                    box.append(P("one more"))             # here
            except TreeTooLargeError as error:
                lines.append(traceback.extract_tb(error.__traceback__)[0].line or "")
            self.show(P(f"{len(box)} were enough"))

    client = Client(app_of(Grows, MAX_NODES=21))
    page = client.open("/")

    assert lines == ['box.append(P("one more"))             # here']
    assert page.text() == "10 were enough"
    assert client.app.stats()["trees.refused.nodes"] == 1


def test_a_view_that_does_not_care_ends_with_the_error_page(caplog: pytest.LogCaptureFixture) -> None:
    class Lengthens(View):
        def handle_request(self, request: Request) -> None:
            text = P("x")
            self.show(text)
            while True:
                text.set_text(text.get_text() * 2)

    client = Client(app_of(Lengthens, MAX_TREE_CHARACTERS=1000))
    page = client.open("/")

    assert "500" in page.text()
    assert client.app.stats()["trees.refused.characters"] == 1
    assert "MAX_TREE_CHARACTERS" in caplog.text


def test_a_page_that_is_too_large_from_the_beginning_is_an_error_of_show(caplog: pytest.LogCaptureFixture) -> None:
    class Large(View):
        def handle_request(self, request: Request) -> None:
            self.show(Ul([P() for _ in range(10)]))

    page = Client(app_of(Large, MAX_NODES=10, MAX_TREE_CHARACTERS=1)).open("/")

    assert "500" in page.text()                           # although that page has more than one character, too
    assert "would have 11 nodes" in caplog.text


def test_who_types_more_than_there_is_room_for_is_not_the_one_to_hear_of_it() -> None:
    class Types(View):
        def handle_request(self, request: Request) -> None:
            field, button = TextInput(), Button("send")
            self.show(Div(field, button))
            self.await_click(button)
            self.show(P(f"{len(field.value)} characters"))

    page = Client(app_of(Types, MAX_TREE_CHARACTERS=100)).open("/")
    page.type("input", "x" * 900)
    page.click("button")

    assert page.text() == "900 characters"
