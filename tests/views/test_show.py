"""What a view shows, and who may change it when."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import gevent
import pytest

from lona_sync import View
from lona_sync.errors import WrongThreadError
from lona_sync.html import H1, HTML, Button, Div, Node, P, render
from lona_sync.testing import Client, assert_no_switch, structure_of
from tests.views.apps import app_of, open_view


class Stage(View):
    """Does what the test says, in a greenlet of its own."""

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.text = P("0")
        self.tree = HTML(H1("Stage"), self.text)
        self.show(self.tree)
        self.sleep(1000)

    last: Any


def test_show_without_arguments_sends_what_has_changed() -> None:
    page = open_view(Stage)
    Stage.last.text.set_text("1")
    before = page.text("p")

    Stage.last.show()
    page.settle()

    assert (before, page.text("p")) == ("0", "1")


def test_show_of_another_tree_replaces_the_first() -> None:
    page = open_view(Stage)

    Stage.last.show(Div("other"))
    page.settle()

    assert page.html() == "<div>other</div>"


def test_a_string_is_raw_html() -> None:
    page = open_view(Stage)

    Stage.last.show("<b>bold</b> & more")
    page.settle()

    assert page.text("b") == "bold"


def test_show_takes_nothing_else() -> None:
    open_view(Stage)

    with pytest.raises(TypeError, match="node or a string"):
        Stage.last.show(5)


def test_a_title_is_set_alone_and_with_a_tree() -> None:
    page = open_view(Stage)

    Stage.last.set_title("one")
    page.settle()
    first = page.title
    Stage.last.show(title="two")
    page.settle()

    assert (first, page.title) == ("one", "two")


def test_show_never_switches() -> None:
    page = open_view(Stage)

    with assert_no_switch():
        for number in range(100):
            Stage.last.text.set_text(str(number))
            Stage.last.show()
    page.settle()

    assert page.text("p") == "99"


def test_show_waits_while_another_greenlet_holds_the_lock() -> None:
    page = open_view(Stage)
    view = Stage.last
    go = gevent.event.Event()

    def change_in_steps() -> None:
        with view.tree.lock:
            view.text.set_text("half")
            go.wait()
            view.text.set_text("whole")

    view.spawn(change_in_steps)
    page.settle()
    shower = gevent.spawn(view.show)
    page.settle()
    during = page.text("p")
    go.set()
    shower.join()
    page.settle()

    assert (during, page.text("p")) == ("0", "whole")


@pytest.mark.parametrize("as_text", [str, render, lambda node: node.__html__()], ids=["str", "render", "template"])
def test_to_render_a_tree_waits_while_another_greenlet_holds_its_lock(as_text: Callable[[Node], str]) -> None:
    page = open_view(Stage)
    view = Stage.last
    go = gevent.event.Event()
    own: list[str] = []

    def change_in_steps() -> None:
        with view.tree.lock:
            view.text.set_text("half")
            own.append(as_text(view.text))
            go.wait()
            view.text.set_text("whole")

    view.spawn(change_in_steps)
    page.settle()
    other = gevent.spawn(as_text, view.text)
    page.settle()
    early = other.ready()
    go.set()

    assert (own, early, other.get(timeout=5)) == (["<p>half</p>"], False, "<p>whole</p>")


def test_to_render_a_tree_that_nobody_has_locked_never_waits() -> None:
    open_view(Stage)

    with assert_no_switch(), Stage.last.tree.lock:
        text = str(Stage.last.text)

    assert text == "<p>0</p>"


def test_who_joins_during_a_locked_change_sees_it_when_it_is_whole() -> None:
    class Daemon(Stage):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            super().handle_request(request)

    client = Client(app_of(Daemon))
    first = client.open("/")
    view = Daemon.last
    go = gevent.event.Event()

    def change_in_steps() -> None:
        with view.tree.lock, view.tree.lock:
            view.text.set_text("half")
            go.wait()
            view.text.set_text("whole")
            view.show()

    view.spawn(change_in_steps)
    first.settle()
    second = client.open("/")
    during = second.html()
    go.set()
    second.settle()

    assert during == ""
    assert second.text("p") == first.text("p") == "whole"


def test_a_real_thread_may_not_touch_a_shown_tree() -> None:
    page = open_view(Stage)
    view = Stage.last
    caught: list[BaseException] = []

    def touch() -> None:
        for change in (
            lambda: view.text.set_text("x"), lambda: view.tree.append(P()), view.show, view.ping,
            lambda: view.text.lock.__enter__(),
        ):
            try:
                change()
            except WrongThreadError as error:
                caught.append(error)

    thread = threading.Thread(target=touch)
    thread.start()
    thread.join()
    page.settle()

    assert len(caught) == 5
    assert "call_soon" in str(caught[0])
    assert page.text("p") == "0"


def test_a_real_thread_changes_a_tree_by_call_soon() -> None:
    page = open_view(Stage)
    view = Stage.last

    def work() -> None:
        for number in range(1, 1001):
            view.call_soon(view.text.set_text, str(number))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    page.wait_for(lambda: page.text("p") == "1000")

    assert page.text("p") == "1000"


def test_calls_of_threads_are_bounded() -> None:
    open_view(Stage, CALL_SOON_QUEUE=10)
    refused: list[str] = []

    def work() -> None:
        for _ in range(20):
            try:
                Stage.last.call_soon(int)
            except RuntimeError as error:
                refused.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert len(refused) == 10


def test_an_error_in_a_call_of_a_thread_is_the_views() -> None:
    page = open_view(Stage)

    thread = threading.Thread(target=Stage.last.call_soon, args=(lambda: 1 / 0,))
    thread.start()
    thread.join()
    page.wait_for(lambda: page.text("h1").startswith("500"))

    assert page.text("h1") == "500 Internal Error"


def test_blocking_work_runs_in_a_real_thread() -> None:
    class Working(View):
        def handle_request(self, request: object) -> object:
            return P(str(self.run_blocking(pow, 2, 10)))

    page = open_view(Working)

    page.wait_for("p")
    assert page.text("p") == "1024"


def test_an_error_of_blocking_work_is_raised_in_the_view() -> None:
    class Working(View):
        def handle_request(self, request: object) -> object:
            try:
                self.run_blocking(int, "x")
            except ValueError:
                return P("caught")
            return P("not")

    page = open_view(Working)

    page.wait_for("p")
    assert page.text("p") == "caught"


def test_a_browser_that_does_not_read_neither_blocks_the_view_nor_fills_memory() -> None:
    page = open_view(Stage, WINDOW=10_000, LOG_BYTES=50_000)
    view = Stage.last
    page.reading = False

    for number in range(5000):
        view.text.set_text(f"{number} " + "x" * 100)
        view.show()
    sent = sum(map(len, page._inbox))
    log = view._runtime.document.log

    assert sent <= 10_000
    assert log.bytes <= 50_000
    page.resume_reading()
    page.wait_for(lambda: page.text("p").startswith("4999"))
    assert page.dom.to_structure() == structure_of(view.tree)


def test_a_large_snapshot_goes_alone() -> None:
    class Large(View):
        def handle_request(self, request: object) -> object:
            return Div("x" * 100_000)

    page = open_view(Large, WINDOW=1000)

    assert len(page.text()) == 100_000


def test_a_lost_connection_is_resumed_where_it_was() -> None:
    page = open_view(Stage)
    view = Stage.last
    page.lose_connection()

    for number in range(10):
        view.text.set_text(str(number))
        view.show()
    page.reconnect()

    assert page.text("p") == "9"
    assert page.client.app.stats()["views"] == 1
    assert page.client.app.stats()["resumes"] == 1


def test_events_that_were_lost_with_the_socket_are_sent_again_and_count_once() -> None:
    class Counter(View):
        def handle_request(self, request: object) -> None:
            text, button = P("0"), Button("x")
            self.show(HTML(text, button))
            for number in range(1, 1000):
                self.await_click(button)
                text.set_text(str(number))
                self.show()

    page = open_view(Counter)
    page.click("button")
    page.reading = False                 # the acknowledgement of the next click gets lost
    page.click_quickly("button")
    page.lose_connection()
    page.click_quickly("button")         # made while there is no connection
    page.reading = True
    page.reconnect()
    page.click("button")

    assert page.text("p") == "4"
    assert page.unacknowledged <= 1


def test_a_view_that_is_not_resumed_in_time_ends() -> None:
    page = open_view(Stage, RESUME_TIMEOUT=0.01)
    page.lose_connection()

    page.wait_for(lambda: page.client.app.stats()["views"] == 0)
    page.reconnect()

    assert page.text("h1") == "Stage"          # gone, so it was started anew
    assert page.client.app.stats()["resumes.gone"] == 1


def test_a_daemon_goes_on_without_windows_and_is_joined() -> None:
    class Daemon(Stage):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            super().handle_request(request)

    client = Client(app_of(Daemon))
    client.open("/").close()
    view = Daemon.last
    view.text.set_text("went on")
    view.show()
    page = client.open("/?another=query")

    assert page.text("p") == "went on"
    assert Daemon.last is view
    view.is_daemon = False
    page.close()
    assert client.app.stats()["views"] == 0


def test_another_user_does_not_join_a_daemon() -> None:
    class Daemon(Stage):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            super().handle_request(request)

    app = app_of(Daemon)
    Client(app).open("/")
    first = Daemon.last
    Client(app).open("/")

    assert Daemon.last is not first
    app.stop()


def test_two_tabs_of_a_daemon_show_the_same_and_both_are_heard() -> None:
    class Shared(View):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            text, button = P("0"), Button("x")
            self.show(HTML(text, button))
            for number in range(1, 1000):
                self.await_click(button)
                text.set_text(str(number))
                self.show()

    client = Client(app_of(Shared))
    first, second = client.open("/"), client.open("/")
    first.click("button")
    second.click("button")
    first.settle()

    assert first.text("p") == second.text("p") == "2"
    client.app.stop()


def test_a_value_typed_in_one_tab_is_shown_in_the_other_and_not_sent_back() -> None:
    from lona_sync.html import TextInput

    class Shared(View):
        def handle_request(self, request: object) -> object:
            self.is_daemon = True
            self.show(TextInput())
            self.sleep(1000)
            return None

    client = Client(app_of(Shared))
    first, second = client.open("/"), client.open("/")
    first.type("input", "typed")
    second.settle()

    assert second.find("input").value == "typed"
    assert first.find("input").value == "typed"
    client.app.stop()


def test_a_finished_daemon_leaves_with_its_last_window() -> None:
    class Finished(View):
        def handle_request(self, request: object) -> object:
            self.is_daemon = True
            return P("x")

    page = open_view(Finished)
    page.close()

    assert page.client.app.stats()["views"] == 0


def test_a_thousand_views_block_and_one_more_still_answers() -> None:
    class Counter(View):
        def handle_request(self, request: object) -> None:
            text, button = P("0"), Button("x")
            self.show(HTML(text, button))
            self.await_click(button)
            text.set_text("1")
            self.show()

    client = Client(app_of(Counter, MAX_VIEWS_PER_USER=1001))
    pages = [client.open("/") for _ in range(1000)]
    last = client.open("/")
    last.click("button")

    assert last.text("p") == "1"
    assert client.app.stats()["views"] == 1001
    assert {page.text("p") for page in pages} == {"0"}
    client.app.stop()


def test_a_tree_of_another_running_view_is_refused_with_advice(caplog: pytest.LogCaptureFixture) -> None:
    shared = P("shared")

    class Sharing(View):
        def handle_request(self, request: object) -> object:
            return shared

    client = Client(app_of(Sharing))
    client.open("/")
    second = client.open("/")

    assert second.text("h1") == "500 Internal Error"
    assert "Channel" in caplog.text
    client.app.stop()


def test_the_same_snapshot_is_encoded_once_for_many() -> None:
    class Daemon(Stage):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            super().handle_request(request)

    client = Client(app_of(Daemon))
    pages = [client.open("/") for _ in range(3)]
    for page in pages:
        page.reading = False
    Daemon.last.show(Div("new"))
    bodies = [json.loads(page._inbox[-1])[4:] for page in pages]
    for page in pages:
        page.resume_reading()

    assert bodies[0] == bodies[1] == bodies[2]
    assert [page.text() for page in pages] == ["new"] * 3
    client.app.stop()


def test_of_too_many_lost_windows_of_one_view_the_one_that_waits_longest_is_forgotten() -> None:
    class Daemon(Stage):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            super().handle_request(request)

    client = Client(app_of(Daemon, MAX_SUSPENDED_WINDOWS=2))
    pages = [client.open("/") for _ in range(4)]
    for page in pages:
        page.lose_connection()
    Daemon.last.text.set_text("1")
    Daemon.last.show()
    waiting = len(Daemon.last._runtime.clients)
    pages[3].reconnect()
    pages[0].reconnect()

    assert waiting == 2
    assert client.app.stats()["resumes"] == 1
    assert pages[0].text("p") == pages[3].text("p") == "1"      # the first one opened the daemon anew
    client.app.stop()


def test_a_view_that_nobody_looks_at_keeps_little_for_those_who_may_come_back() -> None:
    page = open_view(Stage, WINDOW=10_000)
    page.lose_connection()

    for number in range(1000):
        Stage.last.tree.append(P(f"{number} " + "x" * 1000))
        Stage.last.show()
    kept = Stage.last._runtime.document.log.bytes
    page.reconnect()

    assert kept <= 10_000
    assert page.dom.to_structure() == structure_of(Stage.last.tree)


def test_a_title_that_is_none_is_refused_on_the_users_line(caplog: pytest.LogCaptureFixture) -> None:
    class Two(View):
        def handle_request(self, request: object) -> None:
            self.show(P("a"), P("b"))      # type: ignore[arg-type]

    page = open_view(Two)

    assert page.text("h1") == "500 Internal Error"
    assert "HTML(a, b)" in caplog.text


def test_an_error_of_blocking_work_that_was_caught_is_printed_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    class Working(View):
        def handle_request(self, request: object) -> object:
            try:
                self.run_blocking(int, "x")
            except ValueError:
                return P("caught")
            return None

    page = open_view(Working)
    page.wait_for("p")

    assert capfd.readouterr().err == ""


def test_a_view_may_say_itself_how_long_it_waits_for_its_browser() -> None:
    class Patient(View):
        resume_timeout = 7200

        def handle_request(self, request: object) -> None:
            self.show(P("here"))
            self.sleep(100_000)

    class Hasty(Patient):
        resume_timeout = 60.0

    client = Client(app_of(Patient, Hasty))
    pages = [client.open("/"), client.open("/1")]
    for page in pages:
        page.lose_connection()
    running = []

    for seconds in (59, 2, 7138, 2):
        client.clock.advance(seconds)
        running.append(client.app.stats()["views"])

    assert running == [2, 1, 1, 0]


@pytest.mark.parametrize("seconds", [0, -1, True, "60", float("inf"), float("nan")])
def test_a_time_that_is_none_is_told_where_the_view_is_written(seconds: object) -> None:
    with pytest.raises(ValueError, match=r"Wrong\.resume_timeout is a number of seconds greater than 0, or None, not"):
        class Wrong(View):
            resume_timeout = seconds        # type: ignore[assignment]
