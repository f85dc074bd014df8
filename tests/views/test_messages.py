"""What a view says to the scripts of its pages, and they to it: raw messages, notices, JavaScript."""

from __future__ import annotations

import json
from typing import Any

import gevent
import pytest

from lona_sync import App, Channel, Request, View
from lona_sync.errors import AwaitTimeout, BrowserCallError
from lona_sync.html import P
from lona_sync.server.sockets.connection import Connection
from lona_sync.testing import Client, Page, VirtualClock
from lona_sync.wire.protocol import VERSION, Down


def app_of(procedure: Any, **settings: object) -> App:
    """`procedure(view, request)` is the view at `/`."""

    class Speaks(View):
        def handle_request(self, request: Request) -> object:
            return procedure(self, request)

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route("/")(Speaks)
    app.route("/plain", interactive=False)(Speaks)
    return app


def opened(procedure: Any, **settings: object) -> Page:
    return Client(app_of(procedure, **settings)).open("/")


def test_a_notice_comes_to_the_page():
    page = opened(lambda view, request: (view.show(P("x")), view.notify("Saved", "success"))[0])

    assert page.notices == [("success", "Saved")]


def test_what_was_changed_is_shown_with_a_notice():
    def change(view: View, request: Request) -> None:
        text = P("first")
        view.show(text)
        text.set_text("second")
        view.notify("done")
        view.sleep(1000)

    page = opened(change)

    assert (page.text(), page.notices) == ("second", [("info", "done")])


def test_several_notices_are_all_told():
    def tell(view: View, request: Request) -> None:
        view.show(P("x"))
        view.notify("one")
        view.notify("two", "error")

    assert opened(tell).notices == [("info", "one"), ("error", "two")]


def test_a_notice_before_the_first_tree_comes_with_it():
    def tell(view: View, request: Request) -> None:
        view.notify("early")
        view.show(P("x"))

    assert opened(tell).notices == [("info", "early")]


def test_a_notice_waits_for_a_browser_that_was_lost():
    def tell(view: View, request: Request) -> None:
        view.show(P("x"))
        view.sleep(5)
        view.notify("late")
        view.sleep(1000)

    clock = VirtualClock()
    page = Client(app_of(tell), clock=clock).open("/")
    page.lose_connection()
    clock.advance(10)
    page.reconnect()

    assert page.notices == [("info", "late")]


@pytest.mark.parametrize(("args", "error"), [
    (("x", "loud"), ValueError), ((7,), TypeError), (("x", "info", 0), ValueError), (("x", "info", float("inf")), ValueError),
])
def test_a_notice_that_cannot_be_is_refused(args: Any, error: type[Exception]):
    raised: list[type[Exception]] = []

    def tell(view: View, request: Request) -> None:
        try:
            view.notify(*args)
        except Exception as problem:
            raised.append(type(problem))

    opened(tell)

    assert raised == [error]


def test_javascript_runs_in_the_page_and_its_result_comes_back():
    def ask(view: View, request: Request) -> None:
        view.show(P("x"))
        view.show(P(str(view.run_js("return args.a + 1", args={"a": 41}))))

    client = Client(app_of(ask))
    page = client.join(client.paint("/"))
    page.scripts["run_js"] = lambda code, args: [code, args]
    page = Client(app_of(ask)).open("/")

    assert page.called[-1] == ("run", ["return args.a + 1", {"a": 41}])


def test_what_the_page_answers_is_the_result():
    answers: list[object] = []

    def ask(view: View, request: Request) -> None:
        view.show(P("x"))
        view.await_message("go")
        answers.append(view.run_js("return innerWidth", timeout=5))


    page = opened(ask)
    page.scripts["run_js"] = lambda code, args: 800
    Channel("go").send()
    page.settle()

    assert answers == [800]


def test_what_the_code_throws_is_an_error_of_the_browser():
    raised: list[str] = []

    def ask(view: View, request: Request) -> None:
        view.show(P("x"))
        try:
            view.run_js("throw 1")
        except BrowserCallError as error:
            raised.append(error.message)

    opened(ask)

    assert "no JavaScript here" in raised[0]


def test_without_an_answer_the_call_ends_in_time():
    raised: list[type[BaseException]] = []

    def ask(view: View, request: Request) -> None:
        view.show(P("x"))
        view.await_message("go")
        try:
            view.run_js("await new Promise(() => {})", timeout=3)
        except AwaitTimeout as error:
            raised.append(type(error))


    clock = VirtualClock()
    page = Client(app_of(ask), clock=clock).open("/")
    page.reading = False
    Channel("go").send()
    gevent.sleep(0.01)
    clock.advance(4)

    assert raised == [AwaitTimeout]


@pytest.mark.parametrize("call", [
    lambda view: view.notify("x"), lambda view: view.run_js("1"), lambda view: view.send_str("x"), lambda view: view.push_url("/x"),
], ids=["notify", "run_js", "send_str", "push_url"])
def test_a_view_that_is_not_interactive_has_no_page(call: Any):
    app = app_of(lambda view, request: call(view))

    assert Client(app).http.get("/plain").status_code == 500


def test_raw_messages_come_to_the_pages_of_the_view():
    def say(view: View, request: Request) -> None:
        view.show(P("x"))
        view.await_message("go")
        view.send_str("hello")


    client = Client(app_of(say))
    page = client.open("/")
    Channel("go").send()
    page.settle()

    assert page.messages == ["hello"]


def test_a_broadcast_comes_to_all_pages_whose_connection_is_accepted():
    def say(view: View, request: Request) -> None:
        view.show(P("x"))
        if "say" in request.GET:
            mine = request.user
            view.send_str("to others", broadcast=True, filter_connections=lambda connection: connection.user != mine)
            view.send_str("to all", broadcast=True)

    app = app_of(say)
    anna, bert = Client(app), Client(app)
    first = anna.open("/")
    second = bert.open("/?say")
    first.settle()

    assert first.messages == ["to others", "to all"]
    assert second.messages == ["to all"]


def test_raw_messages_of_pages_are_heard_by_middlewares():
    heard: list[str] = []

    class Ears:
        def handle_websocket_message(self, data: Any) -> Any:
            heard.append(data.message)
            return data

    page = opened(lambda view, request: view.show(P("x")), MIDDLEWARES=[Ears])

    page.send("hello")

    assert heard == ["hello"]


def test_a_flood_of_raw_messages_is_dropped_and_counted():
    app = app_of(lambda view, request: view.show(P("x")), EVENT_BURST=10, EVENTS_PER_SECOND=1)
    page = Client(app).open("/")

    for _ in range(30):
        page.send("x")

    assert app.stats()["messages.raw"] + app.stats()["messages.raw.dropped"] == 30
    assert app.stats()["messages.raw.dropped"] >= 15


class Slow:
    """A transport with a peer that reads when it is told to."""

    backlog = None

    def __init__(self) -> None:
        self.unsent = 0
        self.sent: list[list[Any]] = []

    def send(self, message: bytes) -> None:
        self.sent.append(json.loads(message))

    def close(self, code: int, reason: str = "") -> None:
        self.sent.append([-1, code])


def slow(app: App, clock: VirtualClock) -> tuple[Slow, Connection]:
    transport = Slow()
    client = Client(app, clock=clock)
    connection = client.connect(transport)
    for message in ([0, VERSION], [1, 1, "/", None]):
        connection.received(json.dumps(message))
    gevent.sleep(0.01)
    return transport, connection


def saying(wait: bool) -> tuple[Slow, App, VirtualClock]:
    def say(view: View, request: Request) -> None:
        view.show(P("x"))
        view.sleep(1)
        view.send_str("hello", wait=wait)
        view.sleep(1000)

    app, clock = app_of(say), VirtualClock()
    transport, _ = slow(app, clock)
    transport.unsent = 100_000
    clock.advance(2)
    return transport, app, clock


def test_a_message_waits_for_who_reads_slowly():
    transport, app, clock = saying(wait=True)
    before = [each for each in transport.sent if each[0] == Down.MESSAGE]

    transport.unsent = 0
    clock.advance(1)

    assert before == []
    assert [each for each in transport.sent if each[0] == Down.MESSAGE] == [[Down.MESSAGE, 1, "hello"]]
    assert app.stats()["messages.lost"] == 0


def test_a_message_that_nobody_takes_is_counted():
    _, app, clock = saying(wait=True)

    clock.advance(60)

    assert app.stats()["messages.lost"] == 1


def test_a_message_that_may_not_wait_is_lost_at_once():
    transport, app, _ = saying(wait=False)

    assert app.stats()["messages.lost"] == 1
    assert not [each for each in transport.sent if each[0] == Down.MESSAGE]


@pytest.mark.parametrize(("text", "error"), [(b"x", TypeError), ({}, TypeError), ("x" * (1024 * 1024 + 1), ValueError)])
def test_a_message_that_cannot_be_is_refused(text: Any, error: type[Exception]):
    raised: list[type[Exception]] = []

    def say(view: View, request: Request) -> None:
        try:
            view.send_str(text)
        except Exception as problem:
            raised.append(type(problem))

    opened(say)

    assert raised == [error]
