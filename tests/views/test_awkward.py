"""Orders of events that are rare, and that nobody tries by hand."""

from __future__ import annotations

import threading
from typing import Any

import gevent
import pytest
from gevent import monkey

from lona_sync import RedirectResponse, UserAbort, View
from lona_sync.channels import Channel
from lona_sync.channels.hub import default_hub
from lona_sync.html import H1, HTML, Button, Div, P, TextInput
from lona_sync.testing import Client
from lona_sync.wire import protocol
from lona_sync.wire.protocol import Down
from tests.server.test_connection import Wire
from tests.views.apps import app_of, open_view, running

ThreadEvent: Any = monkey.get_original("threading", "Event")


class Stage(View):
    """Does what the test says, in greenlets of the test."""

    last: Any

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.text = P("0")
        self.show(HTML(H1("Stage"), self.text))
        self.sleep(1000)


class Daemon(Stage):
    def handle_request(self, request: object) -> None:
        self.is_daemon = True
        super().handle_request(request)


# What browsers are sent.


def test_a_snapshot_for_one_window_keeps_no_frame_from_another() -> None:
    client = Client(app_of(Daemon))
    first = client.open("/")
    Daemon.last.text.set_text("1")
    second = client.open("/")               # its snapshot closes the frame that show() would have closed
    Daemon.last.show()
    first.settle()

    assert first.text("p") == second.text("p") == "1"
    client.app.stop()


def test_a_title_before_the_first_tree_comes_as_a_snapshot() -> None:
    class Titled(View):
        def handle_request(self, request: object) -> None:
            self.set_title("early")
            self.sleep(1000)

    client = Client(app_of(Titled))
    wire = Wire(client)
    wire.open()

    assert [message[4] for message in wire.of(Down.SNAPSHOT)] == ["early"]
    assert wire.of(Down.FRAME) == []
    client.app.stop()


def test_a_large_tree_is_not_kept_out_by_many_small_changes_beside_it() -> None:
    class Large(Stage):
        pass

    class Ticker(Stage):
        pass

    client = Client(app_of(Large, Ticker, WINDOW=2000))
    wire = Wire(client, acknowledging=False)
    wire.open("/1", window=1)
    wire.open("/", window=2)
    wire.say([5, 1, 1], [5, 2, 1])
    Ticker.last.text.set_text("tick 0")
    Ticker.last.show()
    Large.last.show(Div("y" * 3000))

    for number in range(1, 50):             # there is always a tick under way
        shown = [message for message in wire.messages if message[0] in (Down.SNAPSHOT, Down.FRAME) and message[1] == 1][-1]
        Ticker.last.text.set_text(f"tick {number}")
        Ticker.last.show()
        wire.say([5, 1, shown[2]])
    snapshots = wire.of(Down.SNAPSHOT, window=2)

    assert len(snapshots) == 2
    wire.say([5, 2, snapshots[1][2]])
    assert "tick 49" in wire.text(window=1)
    client.app.stop()


def test_events_acknowledge_what_was_sent_once_more() -> None:
    class Counter(View):
        def handle_request(self, request: object) -> None:
            button, text = Button("x"), P("y" * 3000)
            self.show(HTML(button, text))
            type(self).number = button.number
            self.await_click(button)
            text.set_text("clicked")
            self.show()
            self.sleep(1000)

        number = 0

    client = Client(app_of(Counter, WINDOW=2000))
    wire = Wire(client)                                # it acknowledges the first snapshot …
    _, _, view, secret, _, _ = wire.open()
    wire.acknowledging = False
    wire.say([2, 1, view, secret, 0])                  # … and wants the same one again
    frame = wire.of(Down.SNAPSHOT)[1][2]
    event = protocol.Event(1, 1, frame, "click", Counter.number, [1, 1, 1, 1, 0, Counter.number])
    wire.connection.received(protocol.encode(event))
    wire.settle()

    assert "clicked" in wire.text()
    client.app.stop()


def test_a_redirect_that_nobody_heard_is_told_again_at_the_resume() -> None:
    go = gevent.event.Event()

    class Leaving(View):
        def handle_request(self, request: object) -> object:
            self.show(P("old"))
            go.wait()
            return RedirectResponse("/1")

    class New(View):
        def handle_request(self, request: object) -> object:
            return P("new")

    page = Client(app_of(Leaving, New)).open("/")
    page.lose_connection()
    go.set()
    gevent.sleep(0)
    page.reconnect()

    assert page.text("p") == "new"


def test_a_redirect_that_was_lost_on_its_way_is_told_again_at_the_resume() -> None:
    class Leaving(View):
        def handle_request(self, request: object) -> object:
            button = Button("x")
            self.await_click(button, html=button)
            return RedirectResponse("/1")

    class New(View):
        def handle_request(self, request: object) -> object:
            return P("new")

    page = Client(app_of(Leaving, New)).open("/")
    page.reading = False
    page.click("button")
    page.lose_connection()
    page.reading = True
    page.reconnect()

    assert page.text("p") == "new"


def test_a_value_typed_while_the_tree_is_locked_is_shown_to_others_afterwards() -> None:
    class Shared(View):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            field = TextInput()
            self.show(field)
            go.wait()
            with field.lock:
                done.wait()
            self.sleep(1000)

    go, done = gevent.event.Event(), gevent.event.Event()
    client = Client(app_of(Shared))
    first, second = client.open("/"), client.open("/")
    go.set()
    first.settle()
    first.type("input", "typed")
    during = second.find("input").value
    done.set()
    second.settle()

    assert (during, second.find("input").value) == ("", "typed")
    client.app.stop()


# Turns, waits and the lock.


def test_two_handlers_that_hold_the_lock_across_a_wait_do_not_wait_for_each_other() -> None:
    class Locking(View):
        def handle_request(self, request: object) -> None:
            self.text, self.clicks = P("0"), 0
            self.show(HTML(self.text, Button("x", handle_click=self.handle)))

        def handle(self, event: object) -> None:
            with self.text.lock:
                self.clicks += 1
                self.sleep(0.001)                      # the turn is free meanwhile; who gets it waits for the lock
                self.text.set_text(str(self.clicks))

    page = open_view(Locking)
    page.click_quickly("button")
    page.click_quickly("button")

    page.wait_for(lambda: page.text("p") == "2")


def test_the_show_after_a_handler_does_not_keep_the_lock_of_another() -> None:
    class Locking(View):
        def handle_request(self, request: object) -> None:
            self.text = P("0")
            locking = Button("x", _id="locking", handle_click=self.handle)
            self.show(HTML(self.text, locking, Button("y", _id="plain", handle_click=lambda event: None)))

        def handle(self, event: object) -> None:
            with self.text.lock:
                self.sleep(0.001)
                self.text.set_text("done")

    page = open_view(Locking)
    page.click_quickly("#locking")
    page.click_quickly("#plain")

    page.wait_for(lambda: page.text("p") == "done")


def test_who_gives_up_waiting_for_the_lock_has_its_turn_again_and_may_try_once_more() -> None:
    notes: list[object] = []

    class Locked(View):
        def handle_request(self, request: object) -> None:
            self.text = P("0")
            self.show(HTML(self.text, Button("x", handle_click=self.handle)))
            with self.text.lock:
                while not notes:
                    self.sleep(0.001)

        def handle(self, event: object) -> None:
            try:
                with gevent.Timeout(0.001), self.text.lock:
                    notes.append("too early")
            except gevent.Timeout:
                notes.append("given up")
            with self.text.lock:
                notes.append("got it")

    page = open_view(Locked)
    page.click("button")
    page.wait_for(lambda: len(notes) == 2)

    assert notes == ["given up", "got it"]


def test_a_stop_frees_the_lock_and_those_who_wait_for_it() -> None:
    class Locking(Stage):
        def handle_request(self, request: object) -> None:
            for _ in range(3):
                self.spawn(self.hold)
            super().handle_request(request)

        def hold(self) -> None:
            with self.text.lock:
                self.sleep(1000)

    page = open_view(Locking)
    lock = Locking.last.text.lock
    page.close()

    assert running(page) == 0
    assert page.client.app.stats().get("greenlets.abandoned", 0) == 0
    assert not lock.held_elsewhere()


def test_a_timeout_while_the_turn_comes_back_is_raised_in_the_turn() -> None:
    notes: list[str] = []

    class Patient(View):
        def handle_request(self, request: object) -> None:
            self.show(HTML(Button("a", _id="a", handle_click=self.wait), Button("b", _id="b", handle_click=self.work)))

        def wait(self, event: object) -> None:
            self.waiting = gevent.getcurrent()
            try:
                self.sleep(0)
            except gevent.Timeout:
                notes.append("timeout")

        def work(self, event: object) -> None:
            gevent.sleep(0.02)                         # the other one has slept, and waits for the turn
            gevent.kill(self.waiting, gevent.Timeout())
            gevent.sleep(0.02)
            notes.append("worked")

    page = open_view(Patient)
    page.click_quickly("#a")
    page.click_quickly("#b")
    page.wait_for(lambda: len(notes) == 2)

    assert notes == ["worked", "timeout"]


def test_a_click_that_comes_before_a_timeout_of_the_users_is_kept_while_the_turn_comes_back() -> None:
    notes: list[str] = []
    clicked = gevent.event.Event()

    class Patient(View):
        def handle_request(self, request: object) -> None:
            self.wanted = Button("c", _id="c")
            self.show(HTML(
                Button("a", _id="a", handle_click=self.wait), Button("b", _id="b", handle_click=self.work), self.wanted,
            ))

        def wait(self, event: object) -> None:
            self.waiting = gevent.getcurrent()
            try:
                self.await_click(self.wanted)
            except gevent.Timeout:
                notes.append("timeout")
            self.await_click(self.wanted)
            notes.append("clicked")

        def work(self, event: object) -> None:
            clicked.wait()
            gevent.kill(self.waiting, gevent.Timeout())
            gevent.sleep(0.02)
            notes.append("worked")

    page = open_view(Patient)
    page.click("#a")
    page.click("#b")
    page.click("#c")                                   # in time; but the turn is not free before the timeout
    clicked.set()
    page.wait_for(lambda: len(notes) == 3)

    assert notes == ["worked", "timeout", "clicked"]


def test_what_a_handler_awaited_is_not_kept_for_the_next_one() -> None:
    notes: list[str] = []
    first_may_end, second_may_end = gevent.event.Event(), gevent.event.Event()

    class Asking(View):
        def handle_request(self, request: object) -> None:
            self.yes = Button("yes", _id="yes")
            self.show(HTML(Button("ask", _id="ask", handle_click=self.ask), self.yes))

        def ask(self, event: object) -> None:
            if not notes:
                notes.append("asked")
                self.await_click(self.yes)
                first_may_end.wait()                   # the next handler is waiting already when this one ends
            else:
                second_may_end.wait()
                notes.append("second")

        def handle_input_event(self, event: object) -> None:
            notes.append("nobody asked")

    page = open_view(Asking)
    page.click("#ask")
    page.click("#yes")
    page.click("#ask")
    first_may_end.set()
    page.settle()
    page.click("#yes")
    second_may_end.set()
    page.wait_for(lambda: len(notes) == 3)

    assert notes == ["asked", "second", "nobody asked"]


def test_only_greenlets_of_the_view_may_await_its_events() -> None:
    page = open_view(Stage)

    with pytest.raises(RuntimeError, match=r"view\.spawn"):
        Stage.last.await_click()
    page.close()


# The end.


def test_a_daemon_that_crashes_with_nobody_looking_leaves() -> None:
    class Crashing(Daemon):
        def handle_request(self, request: object) -> None:
            self.subscribe("awkward", lambda message: 1 / 0)
            super().handle_request(request)

    page = open_view(Crashing)
    page.close()
    before = running(page)
    Channel("awkward").send()
    page.wait_for(lambda: running(page) == 0)

    assert before == 1


def test_a_view_that_crashed_is_not_disturbed_in_its_cleaning_up_when_its_page_is_closed() -> None:
    notes: list[str] = []

    class Crashing(View):
        def handle_request(self, request: object) -> None:
            self.spawn(self.child)
            self.sleep(0)
            raise LookupError

        def child(self) -> None:
            try:
                self.sleep(1000)
            finally:
                gevent.sleep(0.02)
                notes.append("cleaned up")

        def on_stop(self, reason: BaseException | None) -> None:
            notes.append(type(reason).__name__)

        def on_cleanup(self) -> None:
            notes.append("on_cleanup")

    page = open_view(Crashing)
    page.close()
    page.wait_for(lambda: not running(page))

    assert notes == ["cleaned up", "LookupError", "on_cleanup"]


def test_a_procedure_that_is_killed_alone_has_ended_and_its_view_is_told() -> None:
    notes: list[type] = []

    class Killed(View):
        def handle_request(self, request: object) -> None:
            child = self.spawn(gevent.sleep, 1000)
            child.kill()
            child.get()                                # raises what the child was killed with

        def on_stop(self, reason: BaseException | None) -> None:
            notes.append(type(reason))

    page = open_view(Killed)
    page.close()

    assert notes == [gevent.GreenletExit]


def test_a_page_whose_procedure_was_killed_is_an_error() -> None:
    class Killed(View):
        def handle_request(self, request: object) -> None:
            raise gevent.GreenletExit

    app = app_of()
    app.route("/", interactive=False)(Killed)

    assert Client(app).http.get("/").status_code == 500


@pytest.mark.parametrize("hook", ["on_stop", "on_cleanup"])
def test_a_hook_that_raises_no_exception_keeps_no_view(hook: str, caplog: pytest.LogCaptureFixture) -> None:
    class Strange(BaseException):
        pass

    def fail(*args: object) -> None:
        raise Strange

    class Failing(Stage):
        pass

    setattr(Failing, hook, fail)
    page = open_view(Failing)
    page.close()

    assert running(page) == 0
    assert "Strange" in caplog.text


def test_a_timeout_of_the_users_in_a_hook_is_not_taken_for_ours(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Stage):
        def on_cleanup(self) -> None:
            with gevent.Timeout(0.001):
                gevent.sleep(1)

    page = open_view(Failing, STOP_TIMEOUT=5)
    page.close()
    page.wait_for(lambda: not running(page))

    assert "error in on_cleanup" in caplog.text
    assert page.client.app.stats()["hooks.abandoned"] == 0


@pytest.mark.parametrize("error", [LookupError, ValueError])
def test_an_error_while_a_view_is_made_is_its_crash(error: type[Exception]) -> None:
    class Unmade(View):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.subscribe("awkward", print)
            raise error

    before = default_hub.stats().subscriptions
    page = open_view(Unmade)

    assert page.text("h1") == "500 Internal Error"
    assert default_hub.stats().subscriptions == before


def test_a_view_that_becomes_a_daemon_while_it_waits_for_its_browser_is_not_evicted() -> None:
    class Becoming(Stage):
        pass

    client = Client(app_of(Becoming, Stage, MAX_SUSPENDED_VIEWS=1))
    client.open("/").lose_connection()
    Becoming.last.is_daemon = True
    client.open("/1").lose_connection()

    assert len(client.app.parts.registry) == 2
    Becoming.last.is_daemon = False
    assert client.app.stats()["views.evicted"] == 1        # now it waits as any other, and is one too many
    client.app.stop()


def test_a_view_stopped_while_a_handler_of_its_channel_is_deaf_delays_no_other_view() -> None:
    release = gevent.event.Event()

    class Deaf(Stage):
        def handle_request(self, request: object) -> None:
            self.subscribe("awkward", self.handle)
            super().handle_request(request)

        def handle(self, message: object) -> None:
            try:
                gevent.sleep(1000)
            except UserAbort:
                release.wait()

    class Hearing(Stage):
        def handle_request(self, request: object) -> None:
            self.subscribe("awkward", lambda message: self.text.set_text(str(message.data)))
            super().handle_request(request)

    others = default_hub.stats().drainers                  # of tests before, if they left a deaf one
    client = Client(app_of(Deaf, Hearing, STOP_TIMEOUT=0.02))
    deaf, hearing = client.open("/"), client.open("/1")
    Channel("awkward").send(1)
    deaf.settle()
    deaf.close()
    Channel("awkward").send(2)
    hearing.settle()
    text = hearing.text("p")
    hearing.wait_for(lambda: running(hearing) == 1)
    release.set()
    hearing.wait_for(lambda: default_hub.stats().drainers <= others)

    assert text == "2"
    assert client.app.stats()["greenlets.abandoned"] == 1
    client.app.stop()


# Calls of threads.


def test_a_call_that_comes_while_the_hub_empties_the_queue_is_not_forgotten() -> None:
    page = open_view(Stage)
    view, notes = Stage.last, []
    before_append, emptied = ThreadEvent(), ThreadEvent()

    class Slow(list[Any]):
        def append(self, call: Any) -> None:
            if call[1] == ("late",):
                before_append.set()
                emptied.wait()
            super().append(call)

    view._runtime._calls._waiting = Slow()
    view.call_soon(notes.append, "first")
    thread = threading.Thread(target=view.call_soon, args=(notes.append, "late"))
    thread.start()
    before_append.wait()
    page.settle()
    emptied.set()
    thread.join()
    page.settle()
    view.call_soon(notes.append, "last")
    page.settle()

    assert notes == ["first", "late", "last"]


def test_calls_that_wait_do_not_get_into_each_others_way() -> None:
    page = open_view(Stage)
    view, notes = Stage.last, []

    def wait(name: str, seconds: float) -> None:
        view.sleep(seconds)
        notes.append(name)

    view.call_soon(wait, "first", 0.01)
    page.settle()
    view.call_soon(wait, "second", 0.03)
    view.call_soon(notes.append, "third")
    view.call_soon(notes.append, "fourth")
    page.wait_for(lambda: len(notes) == 4)

    assert page.text("h1") == "Stage"
    assert notes == ["first", "third", "fourth", "second"]


def test_a_call_that_ends_its_greenlet_ends_no_other_call() -> None:
    page = open_view(Stage)
    notes: list[int] = []

    def leave() -> None:
        raise gevent.GreenletExit

    Stage.last.call_soon(leave)
    Stage.last.call_soon(notes.append, 1)
    page.settle()
    Stage.last.call_soon(notes.append, 2)
    page.settle()

    assert notes == [1, 2]
