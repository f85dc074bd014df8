"""One connection, driven message by message over a transport in memory."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import pytest

from lona_sync import App, HttpRedirectResponse, RedirectResponse, Request, ServerStop, UserAbort, View
from lona_sync.errors import StopReason
from lona_sync.html import H1, HTML, Button, Div, P
from lona_sync.server.sockets.connection import Connection
from lona_sync.testing import Client
from lona_sync.wire.protocol import VERSION, Down

HELLO = [0, VERSION]
LOG = "lona_sync.server.connection"


class Wire:
    """A transport that keeps what it is given, and the browser's end of it: `send` messages, read what came.

    `acknowledging`: it confirms each frame at once, as a browser that keeps up does.
    """

    def __init__(self, client: Client, *, greet: bool = True, acknowledging: bool = True) -> None:
        self.unsent = 0
        self.backlog: int | None = 0
        self.messages: list[list[Any]] = []
        self.sizes: list[int] = []
        self.closed: int | None = None
        self.acknowledging = acknowledging
        self.connection: Connection = client.connect(self)
        if greet:
            self.say(HELLO)

    # For the connection.

    def send(self, message: bytes) -> None:
        self.messages.append(json.loads(message))
        self.sizes.append(len(message))

    def close(self, code: int, reason: str = "") -> None:
        self.closed = code

    # For the tests.

    def say(self, *messages: list[Any]) -> None:
        """Send these, and let the server come to rest."""
        for message in messages:
            self.connection.received(json.dumps(message))
        self.settle()

    def settle(self) -> None:
        seen = 0
        for _ in range(20):
            gevent.sleep(0)
            for message in self.messages[seen:]:
                if self.acknowledging and message[0] in (Down.SNAPSHOT, Down.FRAME):
                    self.connection.received(json.dumps([5, message[1], message[2]]))
            seen = len(self.messages)

    def wait_for(self, kind: int) -> list[Any]:
        """The first message of this kind, when it has come."""
        with gevent.Timeout(5):
            while not self.of(kind):
                gevent.sleep(0.001)
        return self.of(kind)[0]

    def open(self, url: str = "/", window: int = 1) -> list[Any]:
        """Open a window; its STARTED."""
        self.say([1, window, url, None])
        return self.of(Down.STARTED, window)[-1]

    def of(self, kind: int, window: int | None = None) -> list[list[Any]]:
        return [each for each in self.messages if each[0] == kind and (window is None or each[1] == window)]

    @property
    def kinds(self) -> list[int]:
        return [message[0] for message in self.messages]

    def text(self, window: int = 1) -> str:
        """Everything that the window was sent, as JSON."""
        return json.dumps([each for each in self.messages if each[0] in (Down.SNAPSHOT, Down.FRAME) and each[1] == window])


class Counter(View):
    """Counts clicks, each in a frame of its own."""

    def handle_request(self, request: Request) -> None:
        text, button = P("count 0"), Button("+1")
        self.show(HTML(text, button))
        for n in range(1, 1000):
            self.await_click(button)
            text.set_text(f"count {n}")
            self.show()


class Quiet(View):
    """Takes clicks and shows nothing for them."""

    def handle_request(self, request: Request) -> None:
        button = Button("x")
        self.show(button)
        while True:
            self.await_click(button)


class Ends(View):
    """Notes how it ends."""

    reasons: list[BaseException | None]

    def handle_request(self, request: Request) -> None:
        self.show(H1("runs"))
        self.sleep(600)

    def on_stop(self, reason: BaseException | None) -> None:
        self.reasons.append(reason)


class Talker(View):
    """Shows what it is told to: `say` appends text and shows."""

    current: Talker

    def handle_request(self, request: Request) -> None:
        type(self).current = self
        self.box = Div()
        self.show(self.box)
        self.sleep(600)

    def say(self, *texts: str) -> None:
        for text in texts:
            self.call_soon(self._say, text)
        for _ in range(5):
            gevent.sleep(0)

    def _say(self, text: str) -> None:
        self.box.append(P(text))
        self.show()


def app_of(*views: type[View], **settings: object) -> App:
    """The first view at '/', the others at '/1', '/2', …"""
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    for number, view in enumerate(views):
        app.route(f"/{number or ''}")(view)
    return app


class Leaving(View):
    """Pays, and goes to another page."""

    def handle_request(self, request: Request) -> None:
        self.show(HTML(Button("Pay", stale="drop", handle_click=lambda event: HttpRedirectResponse("/there"))))


def client_of(*views: type[View], **settings: object) -> Client:
    return Client(app_of(*views, **settings))


def visitor(app: App) -> Client:
    """A browser that has the session cookie of a page."""
    client = Client(app)
    client.http.head("/")
    return client


def ending() -> type[Ends]:
    """A class of its own, with notes of its own."""
    return type("EndsHere", (Ends,), {"reasons": []})


def reasons(view: type[Ends]) -> list[type[BaseException]]:
    return [type(reason) for reason in view.reasons]


def click(node: int, number: int = 1, frame: int = 0, window: int = 1) -> list[Any]:
    return [4, window, number, frame, 1, node, [1, 1, 10, 10, 0, node]]


def button_of(wire: Wire, window: int = 1) -> int:
    """The id of the one interactive element in the window's snapshot."""
    _, _, _, _, _, first, _, stream = wire.of(Down.SNAPSHOT, window)[-1]
    number = first - 1
    for index, item in enumerate(stream):
        if isinstance(item, str) or (isinstance(item, int) and item != 0):
            number += 1
            attributes = stream[index + 1] if index + 1 < len(stream) else None
            if isinstance(item, int) and isinstance(attributes, dict) and "@on" in attributes:
                return number
    raise LookupError(stream)


def resume(started: list[Any], frame: int, window: int = 1) -> list[Any]:
    """The message that goes on where `started` began."""
    return [2, window, started[2], started[3], frame]


def wait_until(condition: Callable[[], object]) -> None:
    with gevent.Timeout(5):
        while not condition():
            gevent.sleep(0.001)


def test_a_greeting_is_answered_with_the_options():
    wire = Wire(client_of(Counter, WINDOW=5000, PING_INTERVAL=7.0))

    assert wire.messages == [[Down.WELCOME, VERSION, {"window": 5000, "ping": 7}]]


def test_greeting_and_opening_may_be_sent_together():
    wire = Wire(client_of(Counter), greet=False)

    wire.say(HELLO, [1, 1, "/", None])

    assert wire.kinds == [Down.WELCOME, Down.STARTED, Down.SNAPSHOT]


@pytest.mark.parametrize("message", [
    [1, 1, "/", None], [6], [5, 1, 1], [3, 1], [2, 1, "v", "s", 0], [7, 1, "x"], click(1),
], ids=str)
def test_who_does_not_greet_first_is_sent_away(message: list[Any]):
    client = client_of(Counter)
    wire = Wire(client, greet=False)

    wire.say(message)

    assert wire.closed == 4500
    assert wire.messages == []
    assert client.app.stats()["views"] == 0


def test_who_greets_twice_is_sent_away():
    wire = Wire(client_of(Counter))

    wire.say(HELLO)

    assert wire.closed == 4500


@pytest.mark.parametrize("version", [0, VERSION + 1, 2**53 - 1])
def test_another_version_is_told_so(version: int):
    wire = Wire(client_of(Counter), greet=False)

    wire.say([0, version])

    assert wire.closed == 4501


@pytest.mark.parametrize("text", [
    "", "x", "{}", "[]", "null", "5", '"x"', "[null]", '["0"]', "[true]", "[-1]", "[99]", "[0]", "[0,1,2]", "[6,1]",
    "[1,1,null,null]", "[" * 10_000, "[" * 10_000 + "]" * 10_000, "[1" + ",[" * 70 + "]" * 71, '{"a":' * 100, "[NaN]", "[1e999]",
    "[" + "9" * 5000 + "]", '[1,1,"http://example.org/",null]', '[1,1,"x",null]', '[1,1,"",null]', '[1,0,"/",null]',
    '[1,1,"/",5]', '[1,1,"/",{"a":5}]', '[1,1,"http://[",null]', '[1,1,"/' + "x" * 8192 + '",null]',
    '[2,1,"v","s",-1]', "[4,1,1,0,1,1]", '[4,1,1,0,99,1,null]',
    "[5,1,1.5]", "[5,1,true]", "[0" + " " * 1000, "\x00", "[\ud800]", "[7,1,5]",
], ids=lambda text: f"{text[:24]!r} {len(text)}")
def test_a_bad_message_ends_the_connection_with_one_line(text: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    client = client_of(Counter)
    wire = Wire(client)
    wire.open()
    caplog.clear()

    wire.connection.received(text)
    wire.settle()

    assert wire.closed == 4500
    assert client.app.stats()["messages.refused"] == 1
    [record] = [record for record in caplog.records if record.name == LOG]
    assert record.exc_info is None
    assert "\n" not in record.getMessage()
    assert len(record.getMessage()) < 400
    assert client.app.stats()["views"] == 0


def test_a_message_after_the_end_is_not_heard():
    client = client_of(Counter)
    wire = Wire(client)
    wire.connection.close(1012)

    wire.say([1, 1, "/", None], [6])

    assert wire.kinds == [Down.WELCOME]
    assert client.app.stats()["views"] == 0


def test_a_second_end_changes_nothing():
    view = ending()
    client = client_of(view)
    wire = Wire(client)
    wire.open()
    wire.connection.ended(clean=False)

    wire.connection.ended(clean=True)
    wire.settle()

    assert view.reasons == []


def test_ping_is_answered():
    wire = Wire(client_of(Counter))

    wire.say([6], [6])

    assert wire.kinds == [Down.WELCOME, Down.PONG, Down.PONG]


def test_pings_of_a_peer_that_does_not_read_are_not_answered():
    wire = Wire(client_of(Counter))
    wire.unsent = 1

    wire.say(*[[6]] * 1000)

    assert wire.kinds == [Down.WELCOME]
    assert wire.closed is None


def test_an_error_of_a_script_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture):
    client = client_of(Counter)
    wire = Wire(client)
    wire.open()

    wire.say([7, 1, "line\nfeed \x1b[31m" + "x" * 5000])

    [record] = [record for record in caplog.records if record.name == LOG]
    assert record.levelno == logging.WARNING
    assert r"line\nfeed \x1b[31m" in record.getMessage()
    assert len(record.getMessage()) < 2200
    assert wire.closed is None
    assert client.app.stats()["views"] == 1


def test_a_window_gets_its_view():
    wire = Wire(client_of(Counter))

    kind, window, view, secret, number, event = wire.open(window=7)

    assert (kind, window, number, event) == (Down.STARTED, 7, 1, 0)
    assert len(view) >= 16
    assert len(secret) >= 16
    assert "count 0" in wire.text(7)


def test_a_window_that_opens_another_url_leaves_its_view():
    view = ending()
    wire = Wire(client_of(view, Counter))
    wire.open("/")

    wire.open("/1")

    assert reasons(view) == [UserAbort]
    assert wire.of(Down.GONE) == []
    assert "count 0" in wire.text()


def test_closing_a_window_ends_its_view():
    view = ending()
    wire = Wire(client_of(view))
    wire.open()

    wire.say([3, 1], [3, 1], [3, 99])

    assert reasons(view) == [UserAbort]
    assert wire.closed is None


def test_more_windows_than_allowed_are_refused():
    client = client_of(Counter, MAX_WINDOWS=2)
    wire = Wire(client)
    wire.open(window=1)
    wire.open(window=2)

    wire.say([1, 3, "/", None])

    assert wire.messages[-1] == [Down.REFUSED, 3, "windows"]
    assert client.app.stats()["views"] == 2
    assert client.app.stats()["windows.refused"] == 1


def test_a_window_that_opens_again_is_not_one_more():
    wire = Wire(client_of(Counter, MAX_WINDOWS=1))
    wire.open()

    started = wire.open()

    assert started[0] == Down.STARTED
    assert wire.of(Down.REFUSED) == []


def test_when_too_many_views_run_the_browser_is_told_busy():
    client = client_of(Counter, MAX_VIEWS=1)
    Wire(client).open()
    wire = Wire(client)

    wire.say([1, 1, "/", None])

    assert wire.messages[-1] == [Down.REFUSED, 1, "busy"]
    assert wire.closed is None


def test_who_has_too_many_views_is_told_so_and_the_others_are_not():
    app = app_of(Counter, MAX_VIEWS_PER_USER=2)
    anna, bert = visitor(app), visitor(app)
    for client in (anna, anna, bert):
        Wire(client).open()
    wire = Wire(anna)

    wire.say([1, 1, "/", None])

    assert wire.messages[-1] == [Down.REFUSED, 1, "crowded"]
    assert wire.closed is None
    assert (app.stats()["views"], app.stats()["views.refused.user"]) == (3, 1)
    assert Wire(bert).open()[0] == Down.STARTED


def test_an_address_that_is_not_interactive_is_to_be_loaded_as_a_page():
    app = app_of(Counter)
    app.route("/plain", interactive=False)(Counter)
    wire = Wire(Client(app))

    wire.say([1, 1, "/plain?a=b", None])

    assert wire.messages[-1] == [Down.REDIRECT, 1, "/plain?a=b", 1]
    assert app.stats()["views"] == 0


def test_a_redirect_of_the_view_is_told_to_the_window():
    class Redirected(View):
        def handle_request(self, request: Request) -> object:
            return RedirectResponse('/"there"')

    wire = Wire(client_of(Redirected))

    wire.open(window=3)

    assert wire.messages[-1] == [Down.REDIRECT, 3, '/"there"', 0]


def test_a_click_that_was_on_its_way_does_not_end_a_redirect_that_gets_lost():
    wire = Wire(client := client_of(Leaving), acknowledging=False)
    started = wire.open()
    pay = button_of(wire)
    wire.say(click(pay, frame=1), click(pay, number=2, frame=1))

    wire.connection.ended(clean=False)
    again = Wire(client, acknowledging=False)
    again.say(resume(started, 1))

    assert [message[:3] for message in again.of(Down.REDIRECT)] == [[Down.REDIRECT, 1, "/there"]]
    assert client.app.stats()["events.dropped"] == 1


def test_who_was_told_of_a_redirect_and_stays_is_not_told_again():
    wire = Wire(client := client_of(Leaving))
    started = wire.open()
    wire.say(click(button_of(wire), frame=1))

    wire.connection.ended(clean=False)
    again = Wire(client)
    again.say(resume(started, wire.of(Down.FRAME)[-1][2]))

    assert len(wire.of(Down.REDIRECT)) == 1
    assert again.of(Down.REDIRECT) == []


def test_a_page_that_leaves_slowly_pays_once_and_one_that_stays_may_pay_again():
    wire = Wire(client := client_of(Leaving))
    wire.open()
    pay = button_of(wire)
    wire.say(click(pay, frame=1))
    seen = wire.of(Down.FRAME)[-1][2]

    wire.say(click(pay, number=2, frame=seen))
    at_once = client.app.stats()["events.dropped"]
    client.clock.advance(seconds=31)
    wire.say(click(pay, number=3, frame=seen))

    assert at_once == client.app.stats()["events.dropped"] == 1
    assert len(wire.of(Down.REDIRECT)) == 2


def test_a_redirect_before_anything_was_shown_shows_nothing():
    class Redirected(View):
        def handle_request(self, request: Request) -> object:
            return RedirectResponse("/there")

    wire = Wire(client_of(Redirected))

    wire.open()

    assert wire.kinds == [Down.WELCOME, Down.STARTED, Down.REDIRECT]


def test_events_of_a_window_that_shows_nothing_are_counted():
    client = client_of(Counter)
    wire = Wire(client)

    wire.say(click(1), click(1, window=2), [5, 3, 7])

    assert client.app.stats()["events.stray"] == 2
    assert wire.closed is None


def test_events_do_not_cross_windows():
    client = client_of(Counter)
    wire = Wire(client)
    wire.open(window=1)
    wire.open(window=2)

    wire.say(click(button_of(wire, 1), window=2))

    assert "count 1" not in wire.text(1) + wire.text(2)
    assert client.app.stats()["events.stale"] == 1


def test_an_event_is_acknowledged_by_the_frame_that_it_causes():
    wire = Wire(client_of(Counter, ACK_DELAY=60))
    wire.open()

    wire.say(click(button_of(wire)))

    frame = wire.messages[-1]
    assert (frame[0], frame[3]) == (Down.FRAME, 1)
    assert wire.of(Down.ACK) == []


def test_an_event_that_changes_nothing_is_acknowledged_after_a_moment():
    client = client_of(Quiet)
    client.clock.stop()
    wire = Wire(client)
    wire.open()
    button = button_of(wire)

    wire.say(click(button, 1), click(button, 2))
    before = wire.of(Down.ACK)
    client.clock.advance(1)

    assert before == []
    assert wire.of(Down.ACK) == [[Down.ACK, 1, 2]]


def test_an_event_is_acknowledged_while_its_handler_is_still_at_work():
    go = gevent.event.Event()

    class Slow(View):
        def handle_request(self, request: Request) -> Button:
            return Button("slow", handle_click=lambda event: go.wait())

    wire = Wire(client_of(Slow))
    wire.open()
    wire.say(click(button_of(wire)))

    wire.wait_for(Down.ACK)

    assert wire.of(Down.ACK) == [[Down.ACK, 1, 1]]
    go.set()


def test_a_later_event_is_acknowledged_too():
    wire = Wire(client_of(Quiet, ACK_DELAY=0.001))
    wire.open()
    button = button_of(wire)
    wire.say(click(button, 1))
    wire.wait_for(Down.ACK)

    wire.say(click(button, 2))
    wait_until(lambda: len(wire.of(Down.ACK)) == 2)

    assert wire.messages[-1] == [Down.ACK, 1, 2]


def test_an_event_that_was_seen_already_is_not_seen_again():
    client = client_of(Counter)
    wire = Wire(client)
    wire.open()
    button = button_of(wire)

    wire.say(click(button, 1), click(button, 1), click(button, 3))

    assert "count 1" in wire.text()
    assert "count 2" not in wire.text()
    assert client.app.stats()["events.repeated"] == 1
    assert client.app.stats()["events.gap"] == 1


def test_a_missing_event_is_asked_for_once():
    wire = Wire(client_of(Counter))
    wire.open()
    button = button_of(wire)

    wire.say(*[click(button, number) for number in range(2, 100)])
    asked = wire.of(Down.RESEND)
    wire.say(*[click(button, number) for number in range(1, 100)])

    assert asked == [[Down.RESEND, 1, 0]]
    assert wire.of(Down.RESEND) == asked
    assert "count 99" in wire.text()


def test_events_that_are_missing_at_two_places_are_asked_for_at_both():
    wire = Wire(client_of(Counter))
    wire.open()
    button = button_of(wire)

    wire.say(click(button, 2), click(button, 1), click(button, 3))

    assert wire.of(Down.RESEND) == [[Down.RESEND, 1, 0], [Down.RESEND, 1, 1]]


def test_who_was_held_back_is_not_asked_for_what_is_missing():
    wire = Wire(client_of(Counter, EVENT_BURST=2, EVENTS_PER_SECOND=0.001))
    wire.open()
    button = button_of(wire)

    wire.say(*[click(button, number) for number in range(1, 10)])

    assert wire.of(Down.RESEND) == []


def test_the_frame_number_of_an_event_is_an_acknowledgement():
    wire = Wire(client_of(Talker, WINDOW=400), acknowledging=False)
    wire.open()
    Talker.current.say("a" * 300)
    Talker.current.say("b" * 300)
    before = wire.text()

    wire.say([4, 1, 1, wire.messages[-1][2], "custom", 0, None])

    assert "a" * 300 in before
    assert "b" * 300 not in before
    assert "b" * 300 in wire.text()


def test_no_more_than_the_window_is_sent_without_acknowledgement():
    wire = Wire(client_of(Talker, WINDOW=2000), acknowledging=False)
    wire.open()
    begin = len(wire.sizes)

    for number in range(100):
        Talker.current.say(f"{number:04}" * 25)

    under_way = sum(wire.sizes[begin - 1:])                   # with the snapshot, which was not acknowledged either
    assert 1500 < under_way <= 2000


def test_what_was_held_back_comes_merged_after_an_acknowledgement():
    wire = Wire(client_of(Talker, WINDOW=2000), acknowledging=False)
    wire.open()
    for number in range(40):
        Talker.current.say(f"<{number:04}>" * 10)
    held_back = len(wire.messages)

    wire.acknowledging = True
    for _ in range(10):
        wire.say([5, 1, wire.messages[-1][2]])

    assert all(f"<{number:04}>" in wire.text() for number in range(40))
    assert len(wire.messages) - held_back < 10
    numbers = [message[2] for message in wire.of(Down.FRAME)]
    assert numbers == sorted(set(numbers))


def test_a_snapshot_larger_than_the_window_goes_alone():
    class Large(View):
        def handle_request(self, request: Request) -> None:
            self.show(P("x" * 10_000))
            self.sleep(600)

    wire = Wire(client_of(Large, WINDOW=1000), acknowledging=False)

    wire.open()

    assert "x" * 10_000 in wire.text()


def test_a_frame_larger_than_the_window_waits_until_nothing_is_under_way():
    wire = Wire(client_of(Talker, WINDOW=1000), acknowledging=False)
    wire.open()
    Talker.current.say("x" * 10_000)
    before = wire.text()

    wire.say([5, 1, wire.messages[-1][2]])

    assert "x" * 10_000 not in before
    assert "x" * 10_000 in wire.text()


def test_all_windows_of_a_connection_share_the_room():
    class Other(Talker):
        """With an instance of its own."""

    wire = Wire(client_of(Talker, Other, WINDOW=1000), acknowledging=False)
    wire.open("/", window=1)
    wire.open("/1", window=2)
    Talker.current.say("x" * 900)
    number = wire.of(Down.SNAPSHOT, 1)[-1][2]
    wire.say([5, 1, number], [5, 2, wire.of(Down.SNAPSHOT, 2)[-1][2]])

    Other.current.say("y" * 900)
    before = wire.text(2)
    wire.say([5, 1, wire.of(Down.FRAME, 1)[-1][2]])

    assert "x" * 900 in wire.text(1)
    assert "y" * 900 not in before
    assert "y" * 900 in wire.text(2)


def test_a_window_that_leaves_gives_its_room_back():
    wire = Wire(client_of(Talker, Counter, WINDOW=1000), acknowledging=False)
    wire.open("/", window=1)
    wire.say([5, 1, wire.messages[-1][2]])
    Talker.current.say("x" * 900)
    wire.open("/1", window=2)
    before = wire.text(2)

    wire.say([3, 1])

    assert "count 0" not in before
    assert "count 0" in wire.text(2)


def test_nothing_is_sent_while_the_transport_has_not_sent_what_it_has():
    wire = Wire(client_of(Talker))
    wire.open()
    wire.unsent = 100
    Talker.current.say("one", "two")
    before = wire.text()

    wire.unsent = 0
    wire.connection.drained()

    assert "one" not in before
    assert "one" in wire.text()
    assert "two" in wire.text()
    assert len(wire.of(Down.FRAME)) == 1


def test_an_acknowledgement_of_what_was_never_sent_confirms_what_was():
    wire = Wire(client_of(Talker, WINDOW=1000), acknowledging=False)
    wire.open()

    wire.say([5, 1, 2**53 - 1])
    for letter in "abc":
        Talker.current.say(letter * 600)

    assert "a" * 600 in wire.text()
    assert "b" * 600 not in wire.text()


def test_a_peer_that_asks_and_never_reads_is_sent_away():
    class Unread(Wire):
        """Its peer takes nothing."""

        def send(self, message: bytes) -> None:
            super().send(message)
            self.unsent += len(message)

    client = client_of(Counter, MESSAGE_BYTES=2000)
    wire = Unread(client)

    for _ in range(200):
        wire.say([1, 1, "/", None])

    assert wire.closed == 4000
    assert wire.unsent < 2500
    assert client.app.stats()["connections.deaf"] == 1
    assert client.app.stats()["views"] <= 1                  # the one that may be resumed


def test_a_view_goes_on_after_its_socket_was_lost():
    view = ending()
    client = client_of(view)
    wire = Wire(client)
    started = wire.open()

    wire.connection.ended(clean=False)
    again = Wire(client)
    again.say(resume(started, 1))

    assert view.reasons == []
    assert again.messages[-1] == started


@pytest.mark.parametrize(("code", "lives"), [
    (1000, False), (1011, True), (1012, True), (4000, True), (4500, False), (4501, False),
])
def test_a_view_lives_on_when_the_close_code_invites_the_browser_back(code: int, lives: bool):
    client = client_of(Counter)
    wire = Wire(client)
    wire.open()

    wire.connection.close(code)
    wire.settle()

    assert client.app.stats()["views"] == int(lives)
    assert wire.closed == code


def test_only_the_missing_frames_come_after_a_resume():
    client = client_of(Talker)
    wire = Wire(client, acknowledging=False)
    started = wire.open()
    Talker.current.say("one")
    Talker.current.say("two")
    applied = wire.of(Down.FRAME)[0][2]                      # the second one is lost with the socket
    wire.connection.ended(clean=False)
    Talker.current.say("three")

    again = Wire(client)
    again.say(resume(started, applied))

    assert again.kinds == [Down.WELCOME, Down.STARTED, Down.FRAME]
    assert '"one"' not in again.text()
    assert again.text().count('"two"') == 1
    assert again.text().count('"three"') == 1


def test_frames_that_were_acknowledged_and_are_asked_for_again_come_as_a_snapshot():
    client = client_of(Talker)
    wire = Wire(client)
    started = wire.open()
    Talker.current.say("one")
    Talker.current.say("two")
    wire.settle()
    wire.connection.ended(clean=False)

    again = Wire(client)
    again.say(resume(started, wire.of(Down.FRAME)[0][2]))

    assert again.kinds == [Down.WELCOME, Down.STARTED, Down.SNAPSHOT]
    assert again.text().count('"two"') == 1


def test_frames_that_were_sent_and_lost_are_sent_again():
    client = client_of(Talker)
    wire = Wire(client, acknowledging=False)
    started = wire.open()
    wire.say([5, 1, 1])
    Talker.current.say("lost")
    wire.connection.ended(clean=False)

    again = Wire(client)
    again.say(resume(started, 1))

    assert "lost" in wire.text()
    assert again.kinds == [Down.WELCOME, Down.STARTED, Down.FRAME]
    assert again.text().count('"lost"') == 1


def test_a_resume_with_frame_0_gives_a_snapshot():
    client = client_of(Talker)
    wire = Wire(client)
    started = wire.open()
    Talker.current.say("one")
    wire.connection.ended(clean=False)

    again = Wire(client)
    again.say(resume(started, 0))

    assert again.kinds == [Down.WELCOME, Down.STARTED, Down.SNAPSHOT]
    assert '"one"' in again.text()


def test_a_window_may_ask_for_a_fresh_start_on_the_same_connection():
    view = ending()
    client = client_of(view)
    wire = Wire(client)
    started = wire.open()

    wire.say(resume(started, 0))

    assert wire.kinds == [Down.WELCOME, Down.STARTED, Down.SNAPSHOT, Down.STARTED, Down.SNAPSHOT]
    assert view.reasons == []


def test_a_resume_in_another_window_of_the_same_connection_moves_the_view():
    view = ending()
    client = client_of(view, WINDOW=1000)
    wire = Wire(client, acknowledging=False)
    started = wire.open(window=1)

    wire.say(resume(started, 0, window=2))
    wire.say([3, 1])
    moved = wire.of(Down.SNAPSHOT, 2)
    before = list(view.reasons)
    wire.say([3, 2])

    assert len(moved) == 1
    assert before == []
    assert reasons(view) == [UserAbort]


def test_moving_a_view_between_windows_costs_no_room():
    client = client_of(Talker, WINDOW=1000)
    wire = Wire(client, acknowledging=False)
    started = wire.open(window=1)
    window = 1
    for _ in range(50):
        window = 3 - window
        wire.say(resume(started, 0, window=window))
    wire.say([5, window, wire.messages[-1][2]])

    Talker.current.say("x" * 900)

    assert "x" * 900 in wire.text(window)


def test_events_accepted_before_the_loss_are_not_taken_twice():
    client = client_of(Counter)
    wire = Wire(client)
    started = wire.open()
    button = button_of(wire)
    wire.say(click(button, 1))
    wire.connection.ended(clean=False)

    again = Wire(client)
    again.say(resume(started, 1), click(button, 1), click(button, 2))

    assert again.of(Down.STARTED)[0][5] == 1
    assert "count 2" in again.text()
    assert "count 3" not in again.text()


def test_a_browser_that_comes_back_before_the_old_socket_was_missed_takes_over():
    view = ending()
    client = client_of(view)
    old = Wire(client)
    started = old.open()

    new = Wire(client)
    new.say(resume(started, 1))
    old.connection.ended(clean=True)
    old.settle()

    assert new.messages[-1] == started
    assert view.reasons == []


@pytest.mark.parametrize("change", [
    lambda message: [*message[:3], "x" * 22, message[4]],
    lambda message: [*message[:3], "", message[4]],
    lambda message: [*message[:3], "\ud800", message[4]],
    lambda message: [*message[:3], "ü", message[4]],
    lambda message: [*message[:2], "x" * 22, *message[3:]],
    lambda message: [*message[:2], "\ud800", *message[3:]],
    lambda message: [*message[:2], "", *message[3:]],
], ids=["secret", "no secret", "surrogate in secret", "secret not ASCII", "view", "surrogate in view", "no view"])
def test_a_resume_of_what_one_does_not_know_is_gone(change: Callable[[list[Any]], list[Any]]):
    view = ending()
    client = client_of(view)
    wire = Wire(client)
    started = wire.open()
    wire.connection.ended(clean=False)

    again = Wire(client)
    again.say(change(resume(started, 1, window=5)))

    assert again.messages[-1] == [Down.GONE, 5]
    assert again.closed is None
    assert view.reasons == []


def test_a_view_of_another_user_is_gone():
    app = app_of(Counter)
    wire = Wire(visitor(app))
    started = wire.open()
    wire.connection.ended(clean=False)

    found = []
    for thief in (visitor(app), Client(app)):                # another user; somebody without a cookie
        again = Wire(thief)
        again.say(resume(started, 1))
        found.append(again.messages[-1])

    assert found == [[Down.GONE, 1], [Down.GONE, 1]]


def test_a_view_that_has_ended_is_gone():
    client = client_of(Counter)
    wire = Wire(client)
    started = wire.open()
    wire.connection.ended(clean=True)
    wire.settle()

    again = Wire(client)
    again.say(resume(started, 1))

    assert again.messages[-1] == [Down.GONE, 1]


def test_a_resume_of_another_view_leaves_the_one_that_the_window_showed():
    view = ending()
    client = client_of(view)
    wire = Wire(client)
    wire.open()

    wire.say([2, 1, "x", "y", 0])

    assert reasons(view) == [UserAbort]
    assert wire.messages[-1] == [Down.GONE, 1]


def test_two_visitors_without_a_cookie_are_not_the_same_user():
    class Daemon(View):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            self.show(H1("mine"))
            self.sleep(600)

    client = client_of(Daemon)
    first, second = Wire(client), Wire(client)

    views = [first.open()[2], second.open()[2]]

    assert views[0] != views[1]


def test_a_view_that_nobody_comes_back_to_ends():
    view = ending()
    client = client_of(view, RESUME_TIMEOUT=0.01)
    wire = Wire(client)
    wire.open()

    wire.connection.ended(clean=False)
    wait_until(lambda: client.app.stats()["views"] == 0)

    assert reasons(view) == [UserAbort]


def test_a_view_that_was_come_back_to_does_not_end_later():
    view = ending()
    client = client_of(view, RESUME_TIMEOUT=0.02)
    wire = Wire(client)
    started = wire.open()
    wire.connection.ended(clean=False)
    again = Wire(client)
    again.say(resume(started, 1))

    other = Wire(client)                                     # lost later than the first, ended before it would have
    other.open()
    other.connection.ended(clean=False)
    wait_until(lambda: view.reasons)

    assert client.app.stats()["views"] == 1
    assert again.of(Down.GONE) == []


def test_of_too_many_lost_views_the_one_that_waits_longest_ends():
    view = ending()
    client = client_of(view, MAX_SUSPENDED_VIEWS=2)
    started = []
    for _ in range(3):
        wire = Wire(client)
        started.append(wire.open())
        wire.connection.ended(clean=False)
        wire.settle()

    answers = []
    for each in started:
        again = Wire(client)
        again.say(resume(each, 1))
        answers.append(again.messages[1][0])

    assert answers == [Down.GONE, Down.STARTED, Down.STARTED]
    assert reasons(view) == [UserAbort]
    assert client.app.stats()["views.evicted"] == 1


def test_a_connection_without_windows_leaves_nothing_behind():
    client = client_of(Counter)
    wire = Wire(client)

    wire.connection.ended(clean=False)

    assert client.app.stats()["views"] == 0


def test_the_view_that_leaves_by_itself_is_told_to_its_window():
    client = client_of(Ends)
    Ends.reasons = []
    wire = Wire(client)
    wire.open()

    client.app.stop()

    assert wire.messages[-1] == [Down.GONE, 1]
    assert reasons(Ends) == [ServerStop]
    assert issubclass(ServerStop, StopReason)
