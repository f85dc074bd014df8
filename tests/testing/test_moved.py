"""A page whose view goes to another process, as a browser takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from lona_sync import App, View
from lona_sync.html import HTML, Button, CheckBox, Div, Form, Option, P, Select, TextInput
from lona_sync.testing import Client, Page
from tests.views.apps import app_of


class Desk(View):
    """Notes what is done to it; `extra` is a row that stands before the others."""

    extra = False
    notes: list[Any]

    def handle_request(self, request: object) -> None:
        rows = [Div(Button(f"row {number}", handle_click=self.note)) for number in range(3)]
        self.show(HTML(
            Div(Div(Button("another", handle_click=self.note)) if self.extra else "", *rows),
            TextInput(name="name", _id="name", handle_change=self.note, input_delay=0),
            CheckBox(name="box", handle_change=self.note),
            Select(Option("one", value=1), Option("two", value=2), name="select", handle_change=self.note),
            Form(TextInput(name="inner", _id="inner"), Button("Send", type="submit"), handle_submit=self.note),
            P("") if self.extra else Button("only here", _id="here", handle_click=self.note),
        ))

    def note(self, event: Any) -> None:
        self.notes.append((event.name, event.node.get_text() if isinstance(event.node, Button) else event.data))


class Changed(Desk):
    extra = True


@pytest.fixture
def apps() -> Iterator[list[App]]:
    Desk.notes = []
    made = [app_of(Desk, EVENT_BURST=1, EVENTS_PER_SECOND=1, DRAIN_JITTER=0.001), app_of(Desk), app_of(Changed)]
    yield made
    for app in made:
        app.stop()


def leave(app: App, page: Page) -> None:
    """Its process is told to end, and its page has heard that."""
    ending = gevent.spawn(app.drain)
    page.wait_for(lambda: page.loading)
    ending.join(5)


def opened(app: App) -> Page:
    """A page whose further events are refused for the moment: it has done too much."""
    client = Client(app)
    client.clock.stop()
    page = client.open("/")
    page.fire("anything")
    return page


def test_what_was_not_taken_is_done_to_the_next_view(apps: list[App]) -> None:
    page = opened(apps[0])
    page.click_quickly("div:nth-of-type(2) button")
    page.type("#name", "Ann")
    page.check("input[type=checkbox]")
    page.select("select", "two")
    page.submit("form")

    leave(apps[0], page)
    page.client.app = apps[1]
    page.client.clock.advance(1)

    assert Desk.notes == [
        ("click", "row 1"), ("change", "Ann"), ("change", True), ("change", 2), ("submit", {"inner": ""}),
    ]
    assert page.find("#name").value == "Ann"
    assert page.find("select").value == "2"
    assert page.not_taken == []


def test_what_is_done_while_the_page_waits_for_the_next_view_is_done_to_that(apps: list[App]) -> None:
    page = opened(apps[0])
    leave(apps[0], page)

    page.click_quickly("div:nth-of-type(3) button")
    page.type("#name", "Ann")
    page.client.app = apps[1]
    page.client.clock.advance(1)

    assert Desk.notes == [("click", "row 2"), ("change", "Ann")]
    assert page.find("#name").value == "Ann"


def test_a_row_is_known_by_its_text_and_what_is_gone_is_told(apps: list[App]) -> None:
    page = opened(apps[0])
    page.click_quickly("div:nth-of-type(1) button")
    page.click_quickly("#here")

    leave(apps[0], page)
    page.client.app = apps[2]
    page.client.clock.advance(1)

    assert Desk.notes == []
    assert [(name, element.text) for name, element in page.not_taken if element] == [("click", "row 0"), ("click", "only here")]


def test_after_the_end_of_a_view_without_a_successor_nothing_is_done_again(apps: list[App]) -> None:
    page = opened(apps[1])
    page.client.network.down()
    page.click_quickly("div:nth-of-type(2) button")

    page.client.clock.advance(apps[1].settings.RESUME_TIMEOUT + 1)
    page.client.network.up()
    page.client.clock.advance(20)

    assert Desk.notes == []
    assert page.text("#here") == "only here"
