"""View events: what views of one process tell each other."""

from __future__ import annotations

from typing import Any

import pytest

from lona_sync import HttpRedirectResponse, RedirectResponse, Request, View, ViewEvent
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client, Page
from tests.views.apps import app_of


class Listener(View):
    """Shows what it hears. Its button tells others of its class."""

    def handle_request(self, request: Request) -> object:
        self.heard: list[ViewEvent] = []
        self.text = P("")
        button = Button("tell", handle_click=lambda event: self.fire_view_event("told", {"by": request.path}))
        return HTML(self.text, button)

    def on_view_event(self, view_event: ViewEvent) -> object:
        self.heard.append(view_event)
        self.text.set_text(f"{view_event.name} {view_event.data}")
        return None


class Other(Listener):
    pass


class Deaf(View):
    def handle_request(self, request: Request) -> object:
        return "deaf"


class Refuses(Listener):
    answer: object = None

    def on_view_event(self, view_event: ViewEvent) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def open_all(*views: type[View], **settings: Any) -> list[Page]:
    app = app_of(*views, **settings)
    return [Client(app).open(f"/{number or ''}") for number in range(len(views))]


def fire(page: Page, *what: Any) -> None:
    page.client.app.parts.facade.fire_view_event(*what)


def view_of(page: Page) -> Any:
    return page.client.app.parts.facade.get_views(url=page.url)[0]


def test_all_views_of_a_class_hear_it_those_that_have_finished_and_the_sender_too():
    first, other = open_all(Listener, Other)
    second = Client(first.client.app).open("/")

    first.click("button")
    for page in (second, other):
        page.settle()

    assert [page.text("p") for page in (first, second, other)] == ["told {'by': '/'}", "told {'by': '/'}", ""]


@pytest.mark.parametrize(("classes", "texts"), [
    (None, ["x 1", "x 1"]), (Listener, ["x 1", ""]), ([Listener, Other], ["x 1", "x 1"]), ((Other, Other), ["", "x 1"]),
    ([], ["", ""]), (Deaf, ["", ""]),
])
def test_the_server_tells_these_classes_or_all(classes: Any, texts: list[str]):
    pages = open_all(Listener, Other, Deaf)

    fire(pages[0], "x", 1, classes)
    for page in pages:
        page.settle()

    assert [page.text("p") for page in pages[:2]] == texts


def test_each_gets_data_of_its_own():
    first, second = open_all(Listener, Other)
    data = {"list": [1]}

    fire(first, "x", data)
    data["list"].append(2)
    first.settle()
    view_of(first).heard[0].data["list"].append(3)

    assert (view_of(first).heard[0].data, view_of(second).heard[0].data) == ({"list": [1, 3]}, {"list": [1]})


def test_what_cannot_be_copied_fails_at_the_sender():
    (page,) = open_all(Listener)

    with pytest.raises(TypeError):
        fire(page, "x", (number for number in range(3)))


def test_a_name_is_a_string():
    (page,) = open_all(Listener)

    with pytest.raises(TypeError, match="a view event is named by a str"):
        fire(page, 3)


def test_an_event_says_who_was_meant():
    (page,) = open_all(Listener)

    fire(page, "x", None, Listener)
    page.settle()

    event = view_of(page).heard[0]
    assert (event.name, event.data, event.view_classes) == ("x", None, (Listener,))


def test_events_come_in_their_order_and_in_the_views_turn():
    class Slow(Listener):
        def on_view_event(self, view_event: ViewEvent) -> object:
            self.heard.append(view_event)
            self.text.set_text(str([event.data for event in self.heard]))
            return None

    (page,) = open_all(Slow)

    for number in range(5):
        fire(page, "x", number)
    page.settle()

    assert page.text("p") == "[0, 1, 2, 3, 4]"


def test_an_exception_is_logged_and_the_view_goes_on(caplog: pytest.LogCaptureFixture):
    (page,) = open_all(Refuses)
    view_of(page).answer = LookupError("own")

    fire(page, "x")
    page.settle()

    assert page.text("button") == "tell"
    assert "error in on_view_event('x')" in caplog.text


@pytest.mark.parametrize("response", [RedirectResponse("/1"), HttpRedirectResponse("/1"), "<p>own</p>", P("own")])
def test_a_response_is_executed(response: object):
    page, _ = open_all(Refuses, Deaf)
    view_of(page).answer = response

    fire(page, "x", None, Refuses)
    page.wait_for(lambda: page.text() in ("deaf", "own"))


def test_a_wrong_answer_ends_the_view(caplog: pytest.LogCaptureFixture):
    (page,) = open_all(Refuses)
    view_of(page).answer = 3

    fire(page, "x")
    page.settle()

    assert "500" in page.text()


def test_too_many_are_dropped_and_counted():
    (page,) = open_all(Listener, CALL_SOON_QUEUE=3)

    for number in range(5):
        fire(page, "x", number)
    page.settle()

    assert page.text("p") == "x 2"
    assert page.client.app.stats()["view_events.dropped"] == 2


def test_a_view_that_has_ended_hears_nothing():
    first, second = open_all(Listener, Other)
    view = view_of(second)
    second.close()
    second.wait_for(lambda: first.client.app.stats()["views"] == 1)

    fire(first, "x")
    first.settle()

    assert view.heard == []
