"""`node.call()`: a procedure that waits for a browser's answer as for anything else."""

from __future__ import annotations

from typing import Any, ClassVar

import gevent
import gevent.event
import greenlet
import pytest
from gevent import monkey

from lona_sync import AwaitTimeout, BrowserCallError, UserAbort, View
from lona_sync.errors import StopReason, WrongThreadError
from lona_sync.html import HTML, Button, Div, P, TextInput
from lona_sync.testing import Client, Page
from lona_sync.wire.protocol import Down
from tests.server.test_connection import Wire
from tests.views.apps import app_of, open_view, running, wait_until

ThreadEvent: Any = monkey.get_original("threading", "Event")
NEVER = 1000.0


class Asker(View):
    """Asks with each click on `#ask`, in its procedure, and shows what came."""

    last: ClassVar[Any] = None

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.button = Button("Ask", _id="ask")
        self.other = Button("Other", _id="other", handle_click=lambda event: self.said.set_text("handled"))
        self.field, self.answer, self.said = Div(_id="field"), P(_id="answer"), P(_id="said")
        self.show(HTML(self.button, self.other, self.field, self.answer, self.said))
        while True:
            self.await_click(self.button)
            self.answer.set_text(self.ask())
            self.show()

    def ask(self) -> object:
        """What to show."""
        try:
            return repr(self.field.call("value", timeout=NEVER))
        except (BrowserCallError, AwaitTimeout) as error:
            return f"{type(error).__name__}: {error}"


class Daemon(Asker):
    def handle_request(self, request: object) -> None:
        self.is_daemon = True
        super().handle_request(request)


def counters(page: Page) -> dict[str, int]:
    return page.client.app.stats()


def answer_of(page: Page) -> str:
    return page.text("#answer")


def test_what_the_method_returns_is_the_result() -> None:
    page = open_view(Asker)
    page.scripts["value"] = lambda element: {"id": element.attributes["id"], "list": [1, None]}

    page.click("#ask")

    assert answer_of(page) == "{'id': 'field', 'list': [1, None]}"
    assert page.called == [("value", [])]


def test_what_has_changed_is_shown_before_the_method_is_called() -> None:
    class Showing(Asker):
        def ask(self) -> object:
            self.field.set_text("shown")
            return self.field.call("read", 1, "two")

    page = open_view(Showing)
    page.scripts["read"] = lambda element, *args: f"{element.text} {args}"

    page.click("#ask")

    assert answer_of(page) == "shown (1, 'two')"


def test_each_call_gets_the_answer_that_is_its_own() -> None:
    class Many(Asker):
        def ask(self) -> object:
            tasks = [self.spawn(self.field.call, "double", number) for number in range(20)]
            return [task.get() for task in tasks]

    page = open_view(Many)
    page.scripts["double"] = lambda element, number: 2 * number

    page.click("#ask")

    assert answer_of(page) == str([2 * number for number in range(20)])


def test_what_the_method_has_thrown_is_raised() -> None:
    page = open_view(Asker)

    def value(element: object) -> object:
        raise ValueError("not today\x1b[31m")

    page.scripts["value"] = value
    page.click("#ask")

    assert answer_of(page) == "BrowserCallError: not today\x1b[31m"


def test_a_method_that_is_not_there_is_an_error_and_the_view_goes_on() -> None:
    page = open_view(Asker)

    page.click("#ask")
    first = answer_of(page)
    page.scripts["value"] = lambda element: "now"
    page.click("#ask")

    assert first == "BrowserCallError: there is no method value"
    assert answer_of(page) == "'now'"


def test_a_browser_that_does_not_answer_in_time() -> None:
    class Hasty(Asker):
        def ask(self) -> object:
            try:
                return self.field.call("value", timeout=0.01)
            except AwaitTimeout as error:
                return str(error)

    page = open_view(Hasty)
    page.scripts["value"] = lambda element: "late"
    page.click_quickly("#ask")
    page.reading = False
    wait_until(lambda: not Hasty.last._runtime.document._calls and Hasty.last.answer.get_text(), page)
    page.resume_reading()

    assert answer_of(page) == "no browser has answered within 0.01 seconds"
    assert page.called == [("value", [])]
    assert counters(page)["calls.late"] == 1


def test_the_first_answer_of_two_windows_counts_and_the_other_one_is_counted() -> None:
    client = Client(app_of(Daemon))
    first, second = client.open("/"), client.open("/")
    first.scripts["value"] = lambda element: "first"
    second.scripts["value"] = lambda element: "second"
    second.reading = False

    first.click("#ask")
    second.resume_reading()

    assert answer_of(first) == answer_of(second) == "'first'"
    assert (first.called, second.called) == ([("value", [])], [("value", [])])
    assert client.app.stats()["calls.late"] == 1
    client.app.stop()


def test_a_window_that_comes_while_nobody_has_answered_is_asked_too() -> None:
    client = Client(app_of(Daemon))
    deaf = client.open("/")
    deaf.click_quickly("#ask")
    deaf.reading = False
    deaf.settle()

    page = client.open("/")
    late = page.called

    assert late == [("value", [])]
    assert answer_of(page) == "BrowserCallError: there is no method value"
    client.app.stop()


def test_a_call_that_was_lost_on_its_way_is_made_once_after_a_reconnect() -> None:
    page = open_view(Asker)
    page.scripts["value"] = lambda element: "after all"
    page.click_quickly("#ask")
    page.reading = False
    page.settle()

    page.reading = True
    page.lose_connection()
    page.reconnect()

    assert answer_of(page) == "'after all'"
    assert page.called == [("value", [])]


def test_an_answer_that_was_lost_on_its_way_comes_once_after_a_reconnect() -> None:
    page = open_view(Asker)

    def value(element: object) -> object:
        page.end_connection(clean=False)              # in the middle of it
        return "kept"

    page.scripts["value"] = value
    page.click("#ask")
    waiting = page.unacknowledged
    page.reconnect()

    assert waiting == 1
    assert answer_of(page) == "'kept'"
    assert page.called == [("value", [])]


def test_a_snapshot_after_a_reconnect_asks_nobody_twice() -> None:
    class Twice(Asker):
        def ask(self) -> object:
            first = self.spawn(self.field.call, "first")
            second = self.spawn(self.field.call, "second")
            return [first.get(), second.get()]

    page = open_view(Twice, LOG_FRAMES=1)
    page.scripts.update({"first": lambda element: 1, "second": lambda element: 2})

    page.click_quickly("#ask")
    page.reading = False
    page.settle()
    page.reading = True
    page.lose_connection()
    page.reconnect()

    assert answer_of(page) == "[1, 2]"
    assert sorted(page.called) == [("first", []), ("second", [])]


def test_a_handler_that_asks_gives_its_turn_away() -> None:
    class Handling(Asker):
        def handle_request(self, request: object) -> None:
            type(self).last = self
            self.field, self.said = Div(_id="field"), P(_id="said")
            self.ask_button = Button("Ask", _id="ask", handle_click=self.handle_ask)
            other = Button("Other", _id="other", handle_click=lambda event: self.said.set_text("handled"))
            self.show(HTML(self.ask_button, other, self.field, self.said))

        def handle_ask(self, event: object) -> None:
            self.said.set_text(f"answer {self.field.call('value', timeout=NEVER)}")

    client = Client(app_of(Handling))
    wire = Wire(client)
    wire.open()
    view = Handling.last

    def click(number: int, node: Button) -> list[Any]:
        return [4, 1, number, 1, 1, node.number, [1, 1, 1, 1, 0, node.number]]

    wire.say(click(1, view.ask_button), click(2, view.ask_button.parent.nodes[1]))
    meanwhile = view.said.get_text()
    wire.say([4, 1, 3, 1, 0, 0, [1, True, 42]])

    assert meanwhile == "handled"
    assert view.said.get_text() == "answer 42"
    client.app.stop()


def test_an_answer_comes_through_when_the_queue_is_full_of_events_for_who_waits_for_it() -> None:
    client = Client(app_of(Asker, EVENT_QUEUE=3))
    wire = Wire(client)
    wire.open()
    view = Asker.last

    def click(number: int) -> list[Any]:
        return [4, 1, number, 1, 1, view.button.number, [1, 1, 1, 1, 0, view.button.number]]

    wire.say(*[click(number) for number in range(1, 5)])             # the first one asks, the others wait for the answer
    wire.say([4, 1, 5, 1, 0, 0, [1, True, "through"]])

    assert view.answer.get_text() == "'through'"
    client.app.stop()


def test_a_view_that_is_stopped_while_it_waits_gets_the_reason() -> None:
    reasons: list[object] = []

    class Stopped(Asker):
        def ask(self) -> object:
            try:
                return self.field.call("value")
            except StopReason as reason:
                reasons.append(reason)
                raise

    page = open_view(Stopped)
    page.click_quickly("#ask")
    page.reading = False
    page.settle()
    page.close()
    wait_until(lambda: not running(page), page)

    assert [type(reason) for reason in reasons] == [UserAbort]
    assert not Stopped.last._runtime.answers._waiting
    with pytest.raises(UserAbort):
        Stopped.last._runtime.answers.ask(lambda: 1, None)


def test_a_node_that_leaves_while_its_answer_is_awaited() -> None:
    page = open_view(Asker)
    page.click_quickly("#ask")
    page.reading = False
    page.settle()

    Asker.last.field.remove()
    page.resume_reading()

    assert answer_of(page).startswith("BrowserCallError: <Div div id='field'")
    assert answer_of(page).endswith("has left the page")


def test_the_timeout_counts_while_somebody_else_holds_the_lock() -> None:
    class Locked(Asker):
        def handle_request(self, request: object) -> None:
            self.free, self.told = gevent.event.Event(), ""
            super().handle_request(request)

        def ask(self) -> object:
            holder = self.spawn(self.hold)
            gevent.sleep(0)
            try:
                self.field.call("value", timeout=0.01)
            except AwaitTimeout as error:
                self.told = f"{error}, {holder.ready()}"
            self.free.set()
            return self.told

        def hold(self) -> None:
            with self.field.lock:
                self.free.wait(10)

    page = open_view(Locked)
    page.click("#ask")
    wait_until(lambda: answer_of(page), page)


    assert answer_of(page) == "no browser has answered within 0.01 seconds, False"


@pytest.mark.parametrize(("wrong", "words"), [
    ("5", "a number of seconds, or None to wait for ever, not str: '5'"), (float("nan"), "must be finite, not nan"),
    (float("inf"), "leave it out"),
], ids=["text", "nan", "inf"])
def test_a_timeout_that_is_none_is_refused_with_a_sentence(wrong: Any, words: str) -> None:
    class Wrong(Asker):
        def ask(self) -> object:
            told = []
            for wait in (
                lambda: self.field.call("value", timeout=wrong), lambda: self.await_click(self.button, timeout=wrong),
                lambda: self.await_message("topic", timeout=wrong),
            ):
                with pytest.raises((TypeError, ValueError)) as caught:
                    wait()
                told.append(str(caught.value))
            return told

    page = open_view(Wrong)

    page.click("#ask")

    assert answer_of(page).count(words) == 3


def test_a_timeout_of_the_users_ends_the_wait() -> None:
    class Own(Asker):
        def ask(self) -> object:
            with gevent.Timeout(0.01, False):
                return self.field.call("value", timeout=NEVER)
            return f"given up, {len(self._runtime.document._calls)} left"

    page = open_view(Own)
    page.click_quickly("#ask")
    page.reading = False
    wait_until(lambda: Own.last.answer.get_text(), page)
    page.resume_reading()

    assert answer_of(page) == "given up, 0 left"


def test_only_greenlets_of_the_view_may_wait() -> None:
    page = open_view(Asker)

    with pytest.raises(RuntimeError, match=r"may await its browser's answers.*view\.spawn\(function\)"):
        Asker.last.field.call("value")

    assert greenlet.getcurrent() not in Asker.last._runtime._greenlets
    assert page.called == []


def test_a_thread_is_told_what_to_do_instead() -> None:
    page = open_view(Asker)

    def work() -> list[str]:
        errors = []
        for ask in (lambda: Asker.last.field.call("value"), Asker.last.field.focus, Asker.last.field.scroll_into_view):
            try:
                ask()
            except WrongThreadError as error:
                errors.append(str(error))
        return errors

    errors = gevent.get_hub().threadpool.apply(work)

    assert len(errors) == 3
    assert all("view.call_soon(function, …)" in error for error in errors)
    assert not Asker.last._runtime.document._calls
    assert page.called == []


def test_a_thread_may_have_it_done() -> None:
    page = open_view(Asker)

    gevent.get_hub().threadpool.apply(lambda: Asker.last.call_soon(Asker.last.field.focus))
    page.wait_for(lambda: page.called or Asker.last.show())

    assert page.called == [("focus", [])]


def test_a_view_that_nobody_shows_yet_cannot_ask() -> None:
    class Early(View):
        def handle_request(self, request: object) -> object:
            field = TextInput()
            try:
                field.focus()
            except RuntimeError as error:
                return P(str(error))
            return None

    page = open_view(Early)

    assert page.text("p").endswith("Call show() first.")


def test_focus_right_behind_the_first_show() -> None:
    class Form(View):
        def handle_request(self, request: object) -> object:
            field = TextInput()
            self.show(HTML(P("Name"), field))
            field.focus()
            self.show()
            return self.sleep(NEVER)

    page = open_view(Form)

    assert page.called == [("focus", [])]
    assert page.unacknowledged == 1
    page.client.app.stop()


def test_focus_needs_a_show() -> None:
    page = open_view(Asker)

    Asker.last.field.focus()
    page.settle()
    before = list(page.called)
    Asker.last.show()
    page.settle()

    assert before == []
    assert page.called == [("focus", [])]


def test_a_focus_that_fails_is_counted_and_hurts_nobody() -> None:
    page = open_view(Asker)
    del page.scripts["focus"]

    Asker.last.field.focus()
    Asker.last.show()
    page.settle()

    assert counters(page)["calls.failed"] == 1
    assert page.text("#said") == ""


@pytest.mark.parametrize("data", [
    None, True, 1, "1", [], [1], [1, True], [1, True, 2, 3], {"call": 1}, ["1", True, 2], [1.0, True, 2], [True, True, 2],
    [1, 1, 2], [1, "yes", 2], [None, True, 2], [[1], True, 2], [{}, True, 2],
], ids=repr)
def test_an_answer_of_the_wrong_shape_is_dropped_and_counted(data: object) -> None:
    client = Client(app_of(Asker))
    wire = Wire(client)
    wire.open()
    view = Asker.last
    wire.say([4, 1, 1, 1, 1, view.button.number, [1, 1, 1, 1, 0, 0]])

    wire.say([4, 1, 2, 1, 0, 0, data])
    waiting = view.answer.get_text()
    wire.say([4, 1, 3, 1, 0, 0, [1, True, "right"]])

    assert (waiting, view.answer.get_text()) == ("", "'right'")
    assert client.app.stats()["events.malformed"] == 1
    client.app.stop()


@pytest.mark.parametrize("call", [0, 2, -1, 10**300, 2**53], ids=repr)
def test_an_answer_to_no_call_is_dropped_and_counted(call: int) -> None:
    client = Client(app_of(Asker))
    wire = Wire(client)
    wire.open()
    view = Asker.last
    wire.say([4, 1, 1, 1, 1, view.button.number, [1, 1, 1, 1, 0, 0]])

    wire.say([4, 1, 2, 1, 0, 0, [call, True, "wrong"]], [4, 1, 3, 1, 0, 0, [call, False, "wrong"]])
    wire.say([4, 1, 4, 1, 0, 0, [1, True, "right"]], [4, 1, 5, 1, 0, 0, [1, True, "once more"]])

    assert view.answer.get_text() == "'right'"
    assert client.app.stats()["calls.late"] == 3
    client.app.stop()


def test_an_answer_names_a_call_of_its_own_view_only() -> None:
    client = Client(app_of(Asker, Asker))
    wire = Wire(client)
    wire.open("/", window=1)
    victim = Asker.last
    wire.open("/1", window=2)
    wire.say([4, 1, 1, 1, 1, victim.button.number, [1, 1, 1, 1, 0, 0]])

    wire.say([4, 2, 1, 1, 0, 0, [1, True, "from elsewhere"]])

    assert victim.answer.get_text() == ""
    assert client.app.stats()["calls.late"] == 1
    client.app.stop()


def test_an_error_of_a_browser_is_a_text_of_bounded_length() -> None:
    client = Client(app_of(Asker))
    wire = Wire(client)
    wire.open()
    view = Asker.last

    for number, error in enumerate([{"deep": ["x"] * 10_000}, None]):
        wire.say([4, 1, 2 * number + 1, 1, 1, view.button.number, [1, 1, 1, 1, 0, 0]])
        wire.say([4, 1, 2 * number + 2, 1, 0, 0, [number + 1, False, error]])
        assert view.answer.get_text().startswith("BrowserCallError: ")
        assert len(view.answer.get_text()) <= 2000 + len("BrowserCallError: ")

    assert view.answer.get_text() == "BrowserCallError: None"
    client.app.stop()


def test_an_answer_is_acknowledged_and_counted_as_an_event() -> None:
    client = Client(app_of(Asker, ACK_DELAY=0.001))
    wire = Wire(client)
    wire.open()

    wire.say([4, 1, 1, 1, 0, 0, [7, True, "to nobody"]])

    assert wire.wait_for(Down.ACK) == [Down.ACK, 1, 1]
    assert client.app.stats()["events"] == 1
    client.app.stop()


def test_who_waits_in_a_view_that_crashes_gets_that_reason_and_no_other() -> None:
    reasons: list[str] = []

    class Crashing(Asker):
        def ask(self) -> object:
            self.spawn(self.wait)
            self.sleep(0)
            raise ZeroDivisionError("the procedure's")

        def wait(self) -> None:
            try:
                self.field.call("value")
            except BaseException as reason:
                reasons.append(type(reason).__name__)
                raise

    page = open_view(Crashing)
    page.click_quickly("#ask")
    page.reading = False
    wait_until(lambda: reasons, page)

    assert reasons == ["ViewCrashed"]
    page.client.app.stop()
