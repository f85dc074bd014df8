"""Streams in views: what they show, and whom a click on an item reaches."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from lona_sync import View
from lona_sync.html import CLICK, HTML, Button, Div, P, RawHTML, Span, Stream
from lona_sync.testing import Client
from lona_sync.wire.protocol import Down
from tests.server.test_connection import Wire
from tests.views.apps import app_of, open_view


class Log(View):
    """A daemon whose log grows by a line with each click on the button."""

    last: ClassVar[Any] = None

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.is_daemon = True
        self.log, self.said, self.button = Stream(keep=2, events=[CLICK], _id="log"), P(_id="said"), Button("More")
        self.show(HTML(self.button, self.said, self.log))
        number = 0
        while True:
            self.await_click(self.button)
            number += 1
            self.log.append(Div(Span(f"line {number}")))
            self.show()

    def handle_input_event(self, event: Any) -> None:
        self.said.set_text(f"{event.name} {event.item}")


def test_a_late_window_shows_the_last_lines() -> None:
    client = Client(app_of(Log))
    first = client.open("/")
    for _ in range(5):
        first.click("button")

    second = client.open("/")
    first.click("button")

    assert [line.text for line in first.find_all("#log span")] == [f"line {number}" for number in range(1, 7)]
    assert [line.text for line in second.find_all("#log span")] == ["line 4", "line 5", "line 6"]
    client.app.stop()


def test_a_window_that_reads_too_slowly_is_told_how_much_it_has_missed() -> None:
    client = Client(app_of(Log, LOG_FRAMES=3))
    fast, slow = client.open("/"), client.open("/")
    fast.click("button")
    slow.reading = False
    slow.lose_connection()

    for _ in range(10):
        fast.click("button")
    slow.reading = True
    slow.reconnect()

    assert [line.text for line in slow.find_all("#log span")] == ["line 1", "line 10", "line 11"]
    assert slow.find("#log").attributes["data-lona-missed"] == "8"
    assert "data-lona-missed" not in fast.find("#log").attributes
    client.app.stop()


def test_a_click_inside_of_an_item_tells_the_items_number() -> None:
    page = open_view(Log)
    page.click("button")
    number = next(iter(Log.last.log.tail))

    page.click("#log span")
    said = page.text("#said")
    page.click("#log")

    assert said == f"click {number}"
    assert page.text("#said") == "click 0"
    page.client.app.stop()


@pytest.mark.parametrize("target", [0, 1, 2**53 - 1])
def test_a_browser_may_name_any_item_and_hurts_nobody(target: int) -> None:
    class Updating(Log):
        def handle_input_event(self, event: Any) -> None:
            if event.item:
                self.log.update(event.item, P("clicked"))
                self.log.remove(event.item)

    client = Client(app_of(Updating))
    wire = Wire(client)
    wire.open()
    view = Updating.last
    view.log.append("a line")
    view.show()

    wire.say([4, 1, 1, 1, 1, view.log.number, [1, 1, 1, 1, 0, target]])

    assert [kept for _, (_, kept) in view.log.tail.items()] == [f'{next(iter(view.log.tail))},[],["a line"]']
    assert client.app.stats()["views"] == 1
    assert not wire.of(Down.GONE)
    client.app.stop()


def test_a_page_without_a_browser_has_the_items() -> None:
    class Plain(View):
        def handle_request(self, request: object) -> object:
            return HTML(P("log"), Stream(P("one"), RawHTML("<b>two</b>")))

    app = app_of()
    app.route("/", interactive=False)(Plain)

    text = Client(app).http.get("/").text

    assert text == "<div><p>log</p><div><p>one</p><div><b>two</b></div></div></div>"
