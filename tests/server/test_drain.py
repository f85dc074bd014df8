"""How a process that is to end lets its views go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import gevent.event
import pytest

from lona_sync import App, Channel, View
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client
from lona_sync.wire.protocol import Down, Verb
from tests.server.test_connection import Wire
from tests.views.apps import app_of

MOVED = 2


class Counter(View):
    """Counts clicks; `work` is done after each of them, and its end is shown."""

    ended: list[str]

    def handle_request(self, request: Any) -> None:
        count = (request.restored or {"count": 0})["count"]
        text, button = P(count), Button("+1")
        self.show(HTML(text, button))
        while True:
            self.await_click(button)
            self.work()
            count += 1
            self.state_to_keep = {"count": count}
            text.set_text(count)
            self.show()

    def work(self) -> None:
        return None

    def on_stop(self, reason: BaseException | None) -> None:
        self.ended.append(type(reason).__name__)


class Slow(Counter):
    """Works until it may go on."""

    done: gevent.event.Event

    def work(self) -> None:
        self.run_blocking(lambda: None)
        self.done.wait()


class Busy(Counter):
    def work(self) -> None:
        self.sleep(0.012)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    Counter.ended = []
    Slow.done = gevent.event.Event()
    yield
    gevent.killall(_ending)
    _ending.clear()


_ending: list[gevent.Greenlet[..., None]] = []


def draining(app: App) -> gevent.Greenlet[..., None]:
    """It is told to end."""
    _ending.append(gevent.spawn(app.drain))
    return _ending[-1]


def wait_for(condition: Callable[[], object]) -> None:
    with gevent.Timeout(10):
        while not condition():
            gevent.sleep(0.005)


def end(ending: gevent.Greenlet[..., None], app: App) -> None:
    """It has been told, and its views have ended, for which it does not wait once they are about to."""
    ending.join(10)
    wait_for(lambda: not app.stats()["views"])


def quick(*views: type[View], **settings: object) -> App:
    return app_of(*views, **{"DRAIN_JITTER": 0.001, **settings})


def click_message(wire: Wire, number: int = 1, window: int = 1) -> list[Any]:
    snapshot = wire.of(Down.SNAPSHOT, window)[-1]
    nodes = [item for item in snapshot[7] if item != 0 and not isinstance(item, dict)]
    button = snapshot[5] + nodes.index("+1") - 1
    return [4, window, number, snapshot[2], 1, button, [1, 1, 10, 10, 0, button]]


def click(wire: Wire, number: int = 1, window: int = 1) -> None:
    wire.say(click_message(wire, number, window))


def test_a_view_at_rest_is_sent_away_with_all_that_it_has_done_and_ends_when_that_was_heard():
    app = quick(Counter)
    wire = Wire(Client(app))
    wire.open()
    click(wire)

    ending = draining(app)
    wait_for(lambda: wire.closed)
    running = len(app.parts.registry)
    wire.connection.parted(answered=True)
    end(ending, app)

    assert wire.closed == 1012
    assert wire.messages[-1] == [Down.GONE, 1, MOVED]
    assert wire.of(Down.FRAME)[-1][3] == 1
    assert any(patch[0] == Verb.KEEP for frame in wire.of(Down.FRAME) for patch in frame[4])
    assert running == 1
    assert ending.ready()
    assert Counter.ended == ["ServerStop"]
    assert app.stats()["views.moved"] == 1


def test_it_goes_to_a_browser_that_had_not_heard_that_its_events_were_taken():
    class Deaf(View):
        def handle_request(self, request: Any) -> None:
            self.show(HTML(Button("+1", handle_click=lambda event: None)))

    app = quick(Deaf, ACK_DELAY=1000)
    wire = Wire(Client(app))
    wire.open()
    click(wire)

    draining(app)
    wait_for(lambda: wire.closed)

    assert wire.messages[-2:] == [[Down.ACK, 1, 1], [Down.GONE, 1, MOVED]]


def test_a_view_in_the_middle_of_something_is_sent_away_when_it_waits_again():
    app = quick(Slow)
    wire = Wire(Client(app))
    wire.open()
    click(wire)

    draining(app)
    gevent.sleep(0.2)                                     # many looks
    before = wire.closed
    Slow.done.set()
    wait_for(lambda: wire.closed)

    assert before is None
    assert wire.of(Down.FRAME)[-1][4][-1][2] == "1"
    assert Counter.ended == []


def test_clicks_that_were_taken_are_counted_before_it_goes():
    app = quick(Slow)
    wire = Wire(Client(app))
    wire.open()
    for number in range(1, 6):
        click(wire, number)

    draining(app)
    gevent.sleep(0.1)
    Slow.done.set()
    wait_for(lambda: wire.closed)

    assert wire.of(Down.FRAME)[-1][3] == 5
    assert wire.of(Down.FRAME)[-1][4][-1][2] == "5"


def test_one_that_gets_more_and_more_to_do_takes_no_more_in_the_end():
    app = quick(Busy, DRAIN_TIMEOUT=4.0)
    wire = Wire(Client(app))
    wire.open()
    for clicks in range(1, 21):
        click(wire, clicks)

    draining(app)
    with gevent.Timeout(10):
        while not wire.closed:
            clicks += 1
            click(wire, clicks)
            gevent.sleep(0.01)

    counted = wire.of(Down.FRAME)[-1]
    assert counted[3] == int(counted[4][-1][2]) < clicks
    assert app.stats()["views.moved"] == 1
    assert app.stats()["views.cut"] == 0
    assert app.stats()["events.held"] == clicks - counted[3]


def test_one_that_takes_too_long_is_cut_off():
    app = quick(Slow, DRAIN_TIMEOUT=0.1)
    wire = Wire(Client(app))
    wire.open()
    click(wire)

    ending = draining(app)
    ending.join(10)
    before = wire.closed
    app.stop()

    assert ending.ready()
    assert before is None
    assert Counter.ended == ["ServerStop"]
    assert app.stats()["views.cut"] == 1
    assert app.stats()["views.moved"] == 0


def sleeps(view: View) -> None:
    view.sleep(1000)


def waits_for_a_message(view: View) -> None:
    view.await_message(Channel("drain"))


def returns(view: View) -> None:
    return None


def spawns(view: View) -> None:
    view.spawn(view.sleep, 1000)
    waits_for_a_message(view)


def waits_with_a_handler(view: View) -> None:
    view.subscribe("drain", lambda message: None)


@pytest.mark.parametrize(("what", "rests"), [
    (sleeps, False), (waits_for_a_message, True), (returns, True), (spawns, True), (waits_with_a_handler, True),
])
def test_what_is_rest(what: Callable[[View], None], rests: bool):
    class Some(View):
        def handle_request(self, request: Any) -> None:
            self.show(HTML(P("x")))
            what(self)

    app = quick(Some)
    Wire(Client(app)).open()
    runtime = next(iter(app.parts.registry))

    assert runtime.at_rest is rests


def test_a_click_that_was_handed_over_and_not_yet_looked_at_is_no_rest():
    app = quick(Counter)
    wire = Wire(Client(app))
    wire.open()
    runtime = next(iter(app.parts.registry))

    wire.connection.received(json.dumps(click_message(wire)))
    at_once = runtime.at_rest
    wire.settle()

    assert at_once is False
    assert runtime.at_rest is True


def test_who_did_not_answer_comes_back_and_is_told_what_was_taken():
    app = quick(Counter)
    client = Client(app)
    wire = Wire(client)
    _, _, view, secret, *_ = wire.open()
    click(wire)
    draining(app)
    wait_for(lambda: wire.closed)
    wire.connection.parted(answered=False)

    again = Wire(client)
    again.say([2, 5, view, secret, wire.of(Down.FRAME)[-1][2]])

    assert [message[:3] for message in again.messages[1:]] == [[Down.STARTED, 5, view], [Down.GONE, 5, MOVED]]
    assert again.of(Down.STARTED)[0][5] == 1
    assert Counter.ended == []                            # this may have been lost, too


def test_who_had_not_got_the_last_frame_gets_it_first():
    app = quick(Counter)
    client = Client(app)
    wire = Wire(client)
    _, _, view, secret, *_ = wire.open()
    click(wire)
    seen = wire.of(Down.SNAPSHOT)[-1][2]
    ending = draining(app)
    wait_for(lambda: wire.closed)
    wire.connection.parted(answered=False)

    again = Wire(client)
    again.say([2, 5, view, secret, seen])
    message = click_message(wire, 2)
    again.say([message[0], 5, *message[2:]])                             # nothing is taken any more
    wait_for(lambda: again.closed)
    again.connection.parted(answered=True)
    end(ending, app)

    kinds = [message[0] for message in again.messages[1:]]
    assert kinds[0] == Down.STARTED
    assert kinds[1] in (Down.FRAME, Down.SNAPSHOT)
    assert again.messages[-1] == [Down.GONE, 5, MOVED]
    assert again.messages[2][3] == 1
    assert Counter.ended == ["ServerStop"]


def test_all_windows_of_a_view_go_together():
    class Daemon(Counter):
        def handle_request(self, request: Any) -> None:
            self.is_daemon = True
            super().handle_request(request)

    app = quick(Daemon)
    client = Client(app)
    client.http.get("/")                                  # the cookie by which both are one user
    first, second = Wire(client), Wire(client)
    first.open()
    second.open()
    assert len(app.parts.registry) == 1

    ending = draining(app)
    wait_for(lambda: first.closed or second.closed)
    closed = first.closed, second.closed
    first.connection.parted(answered=True)
    early = list(Counter.ended)
    second.connection.parted(answered=True)
    end(ending, app)

    assert closed == (1012, 1012)
    assert early == []
    assert Counter.ended == ["ServerStop"]


def test_a_connection_goes_when_all_of_its_views_can():
    app = quick(Counter, Slow)
    wire = Wire(Client(app))
    wire.open("/", window=1)
    wire.open("/1", window=2)
    click(wire, window=2)

    draining(app)
    gevent.sleep(0.2)
    before = wire.closed
    Slow.done.set()
    wait_for(lambda: wire.closed)

    assert before is None
    assert wire.of(Down.GONE) == [[Down.GONE, 1, MOVED], [Down.GONE, 2, MOVED]]


def test_a_daemon_without_a_window_ends():
    class Daemon(Counter):
        def handle_request(self, request: Any) -> None:
            self.is_daemon = True
            super().handle_request(request)

    app = quick(Daemon)
    wire = Wire(Client(app))
    wire.open()
    wire.say([3, 1])

    end(draining(app), app)

    assert Counter.ended == ["ServerStop"]


def test_a_view_whose_browser_is_away_is_kept_for_it_as_long_as_there_is_time():
    app = quick(Counter, DRAIN_TIMEOUT=0.3)
    client = Client(app)
    wire, other = Wire(client), Wire(client)
    _, _, view, secret, *_ = wire.open()
    other.open()
    other.connection.ended(clean=False)
    click(wire)
    wire.connection.ended(clean=False)

    ending = draining(app)
    wait_for(lambda: app.stats()["views.moved"] == 2)
    again = Wire(client)
    again.say([2, 1, view, secret, wire.of(Down.FRAME)[-1][2]])
    ending.join(10)
    app.stop()

    assert again.messages[-2:] == [[Down.STARTED, 1, view, secret, 1, 1], [Down.GONE, 1, MOVED]]
    assert Counter.ended == ["ServerStop"] * 2
    assert app.stats()["views.cut"] == 0


def test_new_views_are_for_others():
    app = quick(Slow, Counter)
    client = Client(app)
    bare, busy = Wire(client), Wire(client)
    busy.open()
    click(busy)
    draining(app)
    gevent.sleep(0.05)

    bare.say([1, 1, "/1", None])
    busy.say([1, 2, "/1", None])

    assert bare.closed == 1012
    assert busy.of(Down.REFUSED) == [[Down.REFUSED, 2, "busy"]]
    assert busy.closed is None


def test_plain_http_is_answered_to_the_end():
    app = quick(Slow)

    @app.route("/plain", interactive=False)
    class Plain(View):
        def handle_request(self, request: Any) -> str:
            return "plain"

    client = Client(app)
    wire = Wire(client)
    wire.open()
    click(wire)
    draining(app)
    gevent.sleep(0.05)

    assert client.http.get("/plain").get_data(as_text=True) == "plain"


def test_without_views_nothing_is_waited_for():
    app = quick(Counter, DRAIN_JITTER=1000.0)
    ending = draining(app)

    ending.join(5)

    assert ending.ready()


def test_views_go_spread_over_the_jitter():
    app = quick(Counter, DRAIN_JITTER=1.0)
    chances = iter([0.0, 0.2])
    app.parts.drain._jitter = lambda: next(chances)
    client = Client(app)
    first, second = Wire(client), Wire(client)
    first.open()
    second.open()

    draining(app)
    wait_for(lambda: first.closed or second.closed)
    closed = {first.closed, second.closed}
    wait_for(lambda: first.closed and second.closed)

    assert closed == {1012, None}
