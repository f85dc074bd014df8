"""How many events one browser may send, and what becomes of those that are too many."""

from __future__ import annotations

from typing import Any

import pytest

from lona_sync import Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.server.sockets.allowance import Allowance
from lona_sync.testing import Client, VirtualClock
from lona_sync.wire.protocol import Down
from tests.server.test_connection import Wire, app_of, button_of, resume


class Notes(View):
    """Notes the order in which its clicks come, by where they hit."""

    hits: list[int]

    def handle_request(self, request: Request) -> None:
        type(self).hits = []
        button, self.text = Button("x", handle_click=self.note), P("")
        self.show(HTML(button, self.text))
        self.sleep(600)

    def note(self, event: Any) -> None:
        type(self).hits.append(event.data["x"])


def notes() -> type[Notes]:
    return type("NotesHere", (Notes,), {"hits": []})


def numbered(node: int, *numbers: int, window: int = 1) -> list[list[Any]]:
    """Clicks that can be told from each other."""
    return [[4, window, number, 0, 1, node, [number, 0, 10, 10, 0, node]] for number in numbers]


def limited(clock: VirtualClock, *views: type[View], burst: int = 4, rate: float = 2.0) -> tuple[Client, Wire]:
    client = Client(app_of(*views, EVENT_BURST=burst, EVENTS_PER_SECOND=rate), clock=clock)
    wire = Wire(client)
    wire.open()
    return client, wire


@pytest.fixture
def clock() -> VirtualClock:
    clock = VirtualClock()
    clock.stop()
    return clock


def test_a_burst_is_taken_and_then_so_many_a_second(clock: VirtualClock):
    allowance = Allowance(rate=2.0, burst=3, clock=clock)

    first = [allowance.take() for _ in range(4)]
    clock.advance(0.5)
    second = [allowance.take() for _ in range(2)]
    clock.advance(3600)
    third = [allowance.take() for _ in range(4)]

    assert (first, second, third) == ([True, True, True, False], [True, False], [True, True, True, False])


def test_it_knows_when_there_will_be_more(clock: VirtualClock):
    allowance = Allowance(rate=2.0, burst=4, clock=clock)

    waits = [allowance.seconds_until(4)]
    for _ in range(4):
        allowance.take()
    waits += [allowance.seconds_until(count) for count in (0, 1, 4)]

    assert waits == [0.0, 0.0, 0.5, 2.0]


def test_as_many_events_as_allowed_are_taken_and_the_next_one_is_refused_and_not_lost(clock: VirtualClock):
    view = notes()
    client, wire = limited(clock, view)
    button = button_of(wire)

    wire.say(*numbered(button, 1, 2, 3, 4))
    before = dict(client.app.stats())
    wire.say(*numbered(button, 5, 6))

    assert view.hits == [1, 2, 3, 4]
    assert before.get("events.throttled", 0) == 0
    assert client.app.stats()["events.throttled"] == 1                # 6 only followed it
    assert wire.of(Down.RESEND) == [] and wire.closed is None


def test_the_browser_is_told_when_to_send_again_and_the_order_is_kept(clock: VirtualClock):
    view = notes()
    _, wire = limited(clock, view)
    button = button_of(wire)
    wire.say(*numbered(button, 1, 2, 3, 4, 5, 6, 7))

    clock.advance(0.99)
    wire.settle()
    early = wire.of(Down.RESEND)
    clock.advance(0.01)
    wire.settle()
    wire.say(*numbered(button, 5, 6, 7))
    clock.advance(1)
    wire.settle()
    wire.say(*numbered(button, 7))

    assert early == []
    assert wire.of(Down.RESEND) == [[Down.RESEND, 1, 4], [Down.RESEND, 1, 6]]
    assert view.hits == [1, 2, 3, 4, 5, 6, 7]


def test_a_page_does_all_this_by_itself(clock: VirtualClock):
    view = notes()
    app = app_of(view, EVENT_BURST=10, EVENTS_PER_SECOND=5.0)
    page = Client(app, clock=clock).open("/")

    for _ in range(60):
        page.click_quickly("button")
    page.settle()
    at_once = len(view.hits)
    clock.advance(60)
    page.settle()

    assert (at_once, len(view.hits), page.unacknowledged) == (10, 60, 0)
    assert 10 <= app.stats()["events.throttled"] <= 11                  # half a burst is taken each time


def test_all_windows_of_a_connection_share_what_is_allowed(clock: VirtualClock):
    first, second = notes(), notes()
    _, wire = limited(clock, first, second)
    wire.open("/1", window=2)

    wire.say(*numbered(button_of(wire), 1, 2, 3), *numbered(button_of(wire, 2), 1, 2, 3, window=2))
    clock.advance(1)
    wire.settle()

    assert (first.hits, second.hits) == ([1, 2, 3], [1])
    assert wire.of(Down.RESEND) == [[Down.RESEND, 2, 1]]


def test_another_connection_has_its_own(clock: VirtualClock):
    view = notes()
    client, flooding = limited(clock, view)
    flooding.say(*numbered(button_of(flooding), *range(1, 100)))
    other = Wire(client)
    other.open()

    other.say(*numbered(button_of(other), 1, 2, 3, 4))

    assert view.hits == [1, 2, 3, 4]                                   # noted by the second view, which began anew


def test_who_floods_costs_no_more_than_the_reading(clock: VirtualClock):
    view = notes()
    client, wire = limited(clock, view)

    wire.say(*numbered(button_of(wire), *range(1, 5000)))

    assert len(view.hits) == 4
    assert wire.kinds == [Down.WELCOME, Down.STARTED, Down.SNAPSHOT]    # and nothing for each event
    assert client.app.stats()["events.gap"] == 4994


def test_an_event_that_was_seen_already_takes_nothing_of_what_is_allowed(clock: VirtualClock):
    view = notes()
    _, wire = limited(clock, view)
    button = button_of(wire)

    wire.say(*numbered(button, *[1] * 100, 2, 3, 4))

    assert view.hits == [1, 2, 3, 4]


def test_frames_are_acknowledged_by_events_that_are_refused(clock: VirtualClock):
    view = notes()
    _, wire = limited(clock, view)
    wire.acknowledging = False
    button = button_of(wire)
    wire.say(*numbered(button, 1, 2, 3, 4))

    wire.say([4, 1, 5, 1, 1, button, [5, 0, 10, 10, 0, button]])

    assert view.hits == [1, 2, 3, 4]
    assert wire.connection.in_flight == 0


def test_a_window_that_has_left_is_not_told(clock: VirtualClock):
    _, wire = limited(clock, notes())
    wire.say(*numbered(button_of(wire), 1, 2, 3, 4, 5), [3, 1])

    clock.advance(10)
    wire.settle()

    assert wire.of(Down.RESEND) == []


def test_a_connection_that_has_ended_tells_nobody(clock: VirtualClock):
    _, wire = limited(clock, notes())
    wire.say(*numbered(button_of(wire), 1, 2, 3, 4, 5))

    wire.connection.ended(clean=False)
    clock.advance(10)
    wire.settle()

    assert wire.of(Down.RESEND) == []


def test_who_was_held_back_and_lost_the_socket_goes_on_where_he_was(clock: VirtualClock):
    view = notes()
    client, wire = limited(clock, view)
    button, started = button_of(wire), wire.of(Down.STARTED)[0]
    wire.say(*numbered(button, 1, 2, 3, 4, 5, 6))
    wire.connection.ended(clean=False)
    again = Wire(client)

    again.say(resume(started, 1))
    again.say(*numbered(button, 5, 6))

    assert again.of(Down.STARTED)[0][5] == 4
    assert view.hits == [1, 2, 3, 4, 5, 6]


def test_a_full_queue_and_too_many_events_at_once_lose_nothing_together(clock: VirtualClock):
    view = notes()
    app = app_of(view, EVENT_BURST=8, EVENTS_PER_SECOND=4.0, EVENT_QUEUE=3)
    page = Client(app, clock=clock).open("/")

    for _ in range(50):
        page.click_quickly("button")
    page.settle()
    clock.advance(60)
    page.settle()

    assert (len(view.hits), page.unacknowledged) == (50, 0)
    assert app.stats()["events.refused"] > 0 and app.stats()["events.throttled"] > 0


def test_the_default_takes_all_that_a_browser_has_kept_while_it_was_offline(clock: VirtualClock):
    view = notes()
    client = Client(app_of(view), clock=clock)
    wire = Wire(client)
    wire.open()

    wire.say(*numbered(button_of(wire), *range(1, 1001)))

    assert client.app.stats().get("events.throttled", 0) == 0
    assert client.app.stats()["events"] == 1000
    wire.say(*numbered(button_of(wire), 1001))
    assert client.app.stats()["events.throttled"] == 1
