"""One wait for several things: what came first is taken, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent
import pytest

from lona_sync import AwaitTimeout, Channel, UserAbort, View
from lona_sync.html import BLUR, CHANGE, FOCUS, HTML, KEY_DOWN, Button, Div, Form, P, TextInput
from lona_sync.testing import Client, Page
from lona_sync.waits import (
    Came,
    Place,
    Source,
    Wake,
    after,
    blur,
    change,
    click,
    ended,
    event,
    focus,
    input_event,
    message,
    submit,
)
from tests.views.apps import app_of


class Stage(View):
    """Shows two buttons and an input, and does what the test says in greenlets of its own."""

    last: Any

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.notes: list[Any] = []
        self.ok, self.cancel = Button("OK", _id="ok"), Button("Cancel", _id="cancel")
        self.name, self.text = TextInput(_id="name", events=[CHANGE(0), FOCUS, BLUR, KEY_DOWN]), P("")
        self.show(HTML(self.ok, self.cancel, self.name, self.text))
        self.sleep(10**6)

    def note(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        try:
            self.notes.append(function(*args, **kwargs))
        except (Exception, gevent.Timeout) as error:
            self.notes.append(error)

    def begin(self, *awaited: Any, **kwargs: Any) -> Any:
        """Await them in a greenlet of the view, and begin to."""
        task = self.spawn(self.note, self.await_any, *awaited, **kwargs)
        rest()
        return task

    def in_turn(self, *steps: Callable[[], object]) -> Any:
        """One greenlet of the view that does this, one step after another."""
        def run() -> None:
            for step in steps:
                self.note(step)

        task = self.spawn(run)
        rest()
        return task


def rest() -> None:
    for _ in range(10):
        gevent.sleep(0)


@pytest.fixture
def page() -> Any:
    page = Client(app_of(Stage)).open("/")
    yield page
    page.close()
    page.client.app.stop()


@pytest.fixture
def view(page: Page) -> Any:
    return Stage.last


# What comes.


def test_a_click_comes_with_its_event_and_node(page: Page, view: Any) -> None:
    wanted = click(view.ok, view.cancel)
    view.begin(wanted, message("chat"))

    page.click("#cancel")

    [came] = view.notes
    assert (came.kind, came.value.name, came.task) == ("click", "click", None)
    assert came.source is wanted
    assert came.node is view.cancel


def test_a_message_comes_from_the_topic_that_was_asked_for(view: Any) -> None:
    first, second = message("chat"), message("jobs.*")
    view.begin(click(view.ok), first, second)

    Channel("jobs.7").send("done")
    rest()

    [came] = view.notes
    assert (came.kind, came.value.data, came.node) == ("message", "done", None)
    assert came.source is second


def test_a_task_comes_with_its_result(view: Any) -> None:
    slow, quick = view.spawn(view.sleep, 100), view.spawn(view.sleep, 0, "result")
    both = ended(slow, quick)

    view.begin(click(view.ok), both)

    [came] = view.notes
    assert (came.kind, came.value) == ("ended", "result")
    assert came.source is both
    assert came.task is quick


def test_a_task_by_itself_is_its_own_source(view: Any) -> None:
    job = view.spawn(view.sleep, 0, "result")

    view.begin(click(view.ok), job)

    assert view.notes[0].source is job is view.notes[0].task


def test_a_time_comes_when_it_is_over(page: Page, view: Any) -> None:
    page.client.clock.stop()
    view.begin(click(view.ok), after(30), timeout=60)

    page.client.clock.advance(29.9)
    before = list(view.notes)
    page.client.clock.advance(0.1)

    assert before == []
    assert (view.notes[0].kind, view.notes[0].value) == ("after", None)


@pytest.mark.parametrize(("wait", "act"), [
    (lambda view: change(view.name), lambda page: page.type("#name", "x")),
    (lambda view: focus(view.name), lambda page: page.focus("#name")),
    (lambda view: blur(view.name), lambda page: page.blur("#name")),
    (lambda view: input_event(view.name), lambda page: page.type("#name", "x")),
    (lambda view: event(KEY_DOWN("Enter"), view.name), lambda page: page.press("#name", "Enter")),
    (lambda view: event("saved"), lambda page: page.fire("saved", 5)),
], ids=["change", "focus", "blur", "input_event", "key", "custom"])
def test_each_kind_of_event_can_be_waited_for(page: Page, view: Any, wait: Any, act: Any) -> None:
    wanted = wait(view)
    view.begin(click(view.ok), wanted)

    act(page)

    assert view.notes[0].source is wanted


def test_a_form_is_reported_from_the_first_wait_for_it_on(page: Page, view: Any) -> None:
    form = Form(TextInput(name="name"), Button("Send", type="submit"))
    view.begin(submit(form), click(view.cancel), html=HTML(form, view.cancel))

    page.type("form input", "Ann")
    page.submit("form")

    assert view.notes[0].kind == "submit"
    assert view.notes[0].value.data == {"name": "Ann"}


def test_what_came_can_be_matched(page: Page, view: Any) -> None:
    def name_of(came: Came) -> str:
        match came:
            case Came("click", node=node) if node is view.ok:
                return "ok"
            case Came("message", message):
                return f"message {message.data}"
            case Came("ended", result):
                return f"result {result}"
        return "?"

    def loop() -> None:
        while True:
            view.notes.append(name_of(view.await_any(click(view.ok, view.cancel), message("a"))))

    view.spawn(loop)
    rest()
    page.click("#ok")
    page.click("#cancel")
    Channel("a").send(1)
    rest()

    assert view.notes == ["ok", "?", "message 1"]


class Bell:
    """Something of a user's own to wait for: each ring is taken once."""

    kind = "bell"
    rests = True

    def __init__(self) -> None:
        self.rings: list[float] = []
        self.wakes: list[Wake] = []

    def open(self, place: Place) -> Source:
        return BellSource(self)

    def __str__(self) -> str:
        return "ring of the bell"

    def ring(self) -> None:
        self.rings.append(time.time())
        for wake in self.wakes:
            wake.wake()


class BellSource:
    def __init__(self, bell: Bell) -> None:
        self.bell = bell

    def begin(self, wake: Wake) -> None:
        self.bell.wakes.append(wake)
        self.wake = wake

    def came(self) -> float | None:
        return self.bell.rings[0] if self.bell.rings else None

    def take(self) -> Came | None:
        self.bell.rings.pop(0)
        return Came("bell", len(self.bell.rings), self.bell)

    def end(self) -> None:
        self.bell.wakes.remove(self.wake)


def test_something_of_a_users_own_can_be_waited_for(page: Page, view: Any) -> None:
    bell = Bell()
    view.in_turn(*[lambda: view.await_any(click(view.ok), bell).kind] * 3, lambda: view.await_any(bell, timeout=0))

    bell.ring()
    bell.ring()
    page.click("#ok")
    page.wait_for(lambda: len(view.notes) == 4)

    assert view.notes[:3] == ["bell", "bell", "click"]
    assert str(view.notes[3]) == "no ring of the bell within 0 seconds"
    assert bell.wakes == []


# What is left for the next wait.


def test_an_event_that_comes_after_something_else_won_is_for_the_next_wait(page: Page, view: Any) -> None:
    view.in_turn(
        lambda: view.await_any(click(view.ok), message("a")).kind, lambda: view.sleep(0.001),
        lambda: view.await_any(click(view.ok), message("a")).node is view.ok,
    )
    Channel("a").send(1)
    rest()

    page.click("#ok")
    page.wait_for(lambda: len(view.notes) == 3)

    assert view.notes == ["message", None, True]


@pytest.mark.parametrize("click_first", [True, False])
def test_of_two_that_come_at_the_same_moment_the_first_is_taken_and_the_other_left(
    page: Page, view: Any, click_first: bool,
) -> None:
    def wait() -> str:
        return str(view.await_any(click(view.ok), message("a")).kind)

    view.in_turn(wait, wait)
    steps = [lambda: page.click_quickly("#ok"), lambda: Channel("a").send(1)]
    for step in steps if click_first else reversed(steps):
        step()
    rest()

    assert view.notes == (["click", "message"] if click_first else ["message", "click"])


def test_a_message_that_lost_is_there_for_await_message(page: Page, view: Any) -> None:
    view.in_turn(lambda: view.await_any(click(view.ok), message("a")).kind, lambda: view.await_message("a").data)

    page.click_quickly("#ok")
    Channel("a").send(7)
    rest()

    assert view.notes == ["click", 7]


def test_a_click_that_lost_is_there_for_await_click(page: Page, view: Any) -> None:
    view.in_turn(
        lambda: view.await_any(click(view.ok), message("a")).kind, lambda: view.await_click(view.ok).node is view.ok,
    )

    Channel("a").send(7)
    page.click_quickly("#ok")
    rest()

    assert view.notes == ["message", True]


def test_a_burst_of_clicks_and_messages_counts_in_full_and_each_in_its_order(page: Page, view: Any) -> None:
    def loop() -> None:
        while True:
            came = view.await_any(message("a"), click(view.ok, view.cancel))
            view.notes.append(came.value.data if came.kind == "message" else came.node.get_text())

    view.spawn(loop)
    rest()
    for number in range(50):
        page.click_quickly("#ok" if number % 2 else "#cancel")
        Channel("a").send(number)
    page.settle()

    assert [note for note in view.notes if isinstance(note, int)] == list(range(50))
    assert [note for note in view.notes if isinstance(note, str)] == ["Cancel", "OK"] * 25


def test_a_click_that_the_next_wait_does_not_ask_for_is_stale(page: Page, view: Any) -> None:
    view.in_turn(
        lambda: view.await_any(click(view.ok), message("a")).kind,
        lambda: view.await_any(click(view.cancel), after(0.001)).kind,
    )
    Channel("a").send(1)
    page.click_quickly("#ok")
    page.wait_for(lambda: len(view.notes) == 2)

    assert view.notes == ["message", "after"]
    assert page.client.app.stats()["events.stale"] == 1


def test_a_kept_click_on_what_is_gone_when_it_would_be_taken_is_stale(page: Page, view: Any) -> None:
    def remove() -> None:
        view.ok.remove()

    view.in_turn(
        lambda: view.await_any(click(view.ok, view.cancel), message("a")).kind, remove,
        lambda: view.await_any(click(view.ok, view.cancel), message("a")).node is view.cancel,
    )
    Channel("a").send(1)
    page.click_quickly("#ok")
    page.click_quickly("#cancel")
    page.settle()

    assert view.notes == ["message", None, True]


def test_a_result_that_lost_is_still_there(page: Page, view: Any) -> None:
    job = view.spawn(view.sleep, 0, "result")
    view.in_turn(
        lambda: view.await_any(click(view.ok), job).value, lambda: view.await_any(click(view.ok), job).value, job.get,
    )

    assert view.notes == ["result"] * 3


def test_what_has_come_already_is_taken_without_any_time(page: Page, view: Any) -> None:
    view.in_turn(lambda: view.await_any(message("a"), timeout=0), lambda: view.sleep(0.001), lambda: view.await_any(
        click(view.ok), message("a"), timeout=0,
    ).value.data)
    page.wait_for(lambda: view.notes)
    Channel("a").send(5)
    page.wait_for(lambda: len(view.notes) == 3)

    assert view.notes[2] == 5


# Time.


def test_a_timeout_names_what_did_not_come(page: Page, view: Any) -> None:
    page.client.clock.stop()
    view.begin(click(view.ok), message("a", "b"), timeout=5)

    page.client.clock.advance(5)

    assert isinstance(view.notes[0], AwaitTimeout)
    assert str(view.notes[0]) == "no click event or message on 'a' or 'b' within 5 seconds"


def test_what_comes_after_a_timeout_is_for_the_next_wait(page: Page, view: Any) -> None:
    page.client.clock.stop()
    view.in_turn(
        lambda: view.await_any(click(view.ok), timeout=5), lambda: view.sleep(5), lambda: view.await_any(click(view.ok)).kind,
    )
    page.client.clock.advance(6)

    page.click("#ok")
    page.client.clock.advance(10)

    assert view.notes[1:] == [None, "click"]


@pytest.mark.parametrize("event_first", [True, False])
def test_what_comes_with_the_timeout_is_taken(page: Page, view: Any, event_first: bool) -> None:
    view.begin(click(view.ok), message("a"), timeout=1000)
    wake = view._runtime.waiting.mailboxes._waits["a"]

    for step in [lambda: page.click_quickly("#ok"), wake._end][::1 if event_first else -1]:
        step()
    rest()

    assert [came.kind for came in view.notes] == ["click"]


@pytest.mark.parametrize("event_first", [True, False])
def test_a_timeout_of_the_users_in_the_moment_of_an_event_loses_nothing(page: Page, view: Any, event_first: bool) -> None:
    def wait() -> str:
        return str(view.await_any(click(view.ok), message("a")).kind)

    timeout = gevent.Timeout()
    task = view.in_turn(wait, wait)
    steps = [lambda: page.click_quickly("#ok"), lambda: gevent.get_hub().loop.run_callback(task.throw, timeout)]
    for step in steps if event_first else reversed(steps):
        step()
    rest()

    assert view.notes == (["click", timeout] if event_first else [timeout, "click"])


def test_a_timeout_of_the_users_while_the_turn_is_not_back_yet_loses_nothing(page: Page, view: Any) -> None:
    timeout = gevent.Timeout()
    waiters: list[Any] = []

    def wait() -> str:
        return str(view.await_any(click(view.cancel), message("a")).kind)

    def ask(event: object) -> None:
        waiters.append(gevent.getcurrent())
        view.note(wait)
        view.note(wait)

    view.ok.handle_click = ask
    view.name.handle_change = lambda event: gevent.sleep(0.01)          # keeps the turn
    page.click("#ok")
    page.type("#name", "x")
    page.click_quickly("#cancel")
    rest()
    gevent.get_hub().loop.run_callback(waiters[0].throw, timeout)
    page.wait_for(lambda: len(view.notes) == 2)

    assert view.notes == [timeout, "click"]


@pytest.mark.parametrize("event_first", [True, False])
def test_who_is_killed_in_the_moment_of_an_event_leaves_it_counted_as_stale(page: Page, view: Any, event_first: bool) -> None:
    task = view.begin(click(view.ok), message("a"))

    steps = [lambda: page.click_quickly("#ok"), lambda: task.kill(block=False)]
    for step in steps if event_first else reversed(steps):
        step()
    rest()
    Channel("a").send(1)
    view.begin(message("a"))
    stale = page.client.app.stats()["events.stale"]

    assert [getattr(came, "kind", came) for came in view.notes] == (["click", "message"] if event_first else ["message"])
    assert stale == (0 if event_first else 1)


# Going wrong.


def test_what_a_task_has_raised_is_raised(view: Any) -> None:
    def work() -> None:
        raise LookupError("gone")

    with_group: list[object] = []

    def run() -> None:
        try:
            with view.group() as group:
                view.await_any(click(view.ok), group.spawn(work))
        except LookupError as error:
            with_group.append(str(error))

    view.spawn(run)
    rest()

    assert with_group == ["gone"]


def test_a_killed_task_raises_that_it_was_killed(view: Any) -> None:
    job = view.spawn(view.sleep, 100)
    killed: list[object] = []

    def run() -> None:
        try:
            view.await_any(click(view.ok), job)
        except gevent.GreenletExit:
            killed.append(True)

    view.spawn(run)
    rest()
    job.kill(block=False)
    rest()

    assert killed == [True]


@pytest.mark.parametrize("wait", [
    lambda view: click(view.ok), lambda view: click(), lambda view: message("a"),
], ids=["node", "any node", "topic"])
def test_two_greenlets_may_not_wait_for_the_same(view: Any, wait: Any) -> None:
    view.begin(click(view.ok), message("a"))

    view.begin(change(view.name), wait(view))

    assert isinstance(view.notes[0], RuntimeError)
    assert "already waiting for" in str(view.notes[0])


def test_two_greenlets_may_wait_for_different_things(page: Page, view: Any) -> None:
    view.begin(click(view.ok), message("a"))
    view.begin(click(view.cancel), message("b"))

    page.click("#cancel")
    Channel("a").send()
    rest()

    assert [came.kind for came in view.notes] == ["click", "message"]


def test_a_wait_that_failed_to_begin_leaves_nothing_behind(page: Page, view: Any) -> None:
    view.begin(message("a"))
    view.begin(click(view.ok), message("a"))
    failed = view.notes.pop()

    view.begin(click(view.ok))
    page.click("#ok")

    assert isinstance(failed, RuntimeError)
    assert [came.kind for came in view.notes] == ["click"]


def test_a_wait_of_a_channels_handler_that_failed_to_begin_leaves_nothing_behind(page: Page, view: Any) -> None:
    def ask(message: object) -> None:
        view.note(view.await_any, click(view.ok), message_of_another)

    message_of_another = message("a")
    view.begin(message_of_another)
    view.in_turn(lambda: Channel("b").subscribe(ask))
    Channel("b").send(1)
    rest()
    failed = view.notes.pop()
    view.in_turn(*[lambda: view.await_click(view.ok).name] * 3)
    for _ in range(3):
        page.click_quickly("#ok")
    page.settle()

    assert isinstance(failed, RuntimeError)
    assert [note for note in view.notes if note == "click"] == ["click"] * 3


def test_one_wait_may_name_a_topic_twice(view: Any) -> None:
    view.begin(message("a"), message("a", "b"))

    Channel("a").send(1)
    rest()

    assert view.notes[0].value.data == 1


def test_a_view_that_stops_raises_its_reason_once(page: Page, view: Any) -> None:
    seen: list[str] = []

    def run() -> None:
        try:
            view.await_any(click(view.ok), message("a"), view.spawn(view.sleep, 1000), after(1000))
        except UserAbort:
            seen.append("reason")
            gevent.sleep(0)
            seen.append("cleaned up")
            raise

    view.spawn(run)
    rest()
    page.close()

    assert seen == ["reason", "cleaned up"]


def test_who_unsubscribes_meanwhile_is_told(view: Any) -> None:
    view.begin(click(view.ok), message("a"))

    view.unsubscribe_from_all_channels()
    rest()

    assert "unsubscribed from 'a'" in str(view.notes[0])


def test_a_handler_gives_its_turn_away(page: Page, view: Any) -> None:
    def ask(event: object) -> None:
        view.notes.append(view.await_any(click(view.cancel), message("a")).kind)

    view.ok.handle_click = ask
    view.name.handle_change = lambda event: view.notes.append("change")
    page.click("#ok")
    page.type("#name", "x")
    page.click("#cancel")

    assert view.notes == ["change", "click"]


@pytest.mark.parametrize(("awaited", "words"), [
    ((), "takes what to wait for"), ((5,), "what lona_sync.waits makes"), ((click,), "what lona_sync.waits makes"),
], ids=["nothing", "number", "function"])
def test_what_cannot_be_waited_for_is_told(view: Any, awaited: tuple[Any, ...], words: str) -> None:
    view.begin(*awaited)

    assert isinstance(view.notes[0], TypeError)
    assert words in str(view.notes[0])


@pytest.mark.parametrize(("make", "words"), [
    (lambda: message(), "the topics or channels"), (lambda: ended(), "expected the tasks"), (lambda: click("x"), "a node"),
    (lambda: ended(gevent.Greenlet()), "what self.spawn"), (lambda: after("1"), "number of seconds"),
    (lambda: event(5), "KEY_DOWN"),
], ids=["topic", "task", "node", "greenlet", "time", "event"])
def test_a_wait_that_cannot_be_meant_is_told_where_it_is_made(make: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_a_node_that_issues_no_such_event_is_told(view: Any) -> None:
    view.begin(click(Div("x")), message("a"))

    assert "issues no click events" in str(view.notes[0])


def test_a_view_without_a_browser_waits_for_messages_and_tasks_only() -> None:
    class Answer(View):
        def handle_request(self, request: object) -> str:
            with pytest.raises(RuntimeError, match="not interactive"):
                self.await_any(click(), message("a"))
            job = self.spawn(lambda: "result")
            return str(self.await_any(message("a"), job, timeout=5).value)

    app = app_of()
    app.route("/answer", interactive=False)(Answer)

    assert Client(app).http.get("/answer").text == "result"


def test_who_looks_at_the_view_sees_what_it_waits_for(page: Page, view: Any) -> None:
    view.begin(click(view.ok), message("a"), view.spawn(view.sleep, 100), after(5))

    [report] = page.client.app.views()

    assert "click of Button 'OK' or message on 'a' or end of " in next(
        each.waits_for for each in report.others if each.waits_for and "click" in each.waits_for
    )
