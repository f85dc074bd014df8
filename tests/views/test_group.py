"""Groups of tasks: none outlives its block, and the block ends as one."""

from __future__ import annotations

from typing import Any

import gevent
import pytest

from lona_sync import AwaitTimeout, UserAbort, View
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client, Page
from lona_sync.waits import click
from tests.views.apps import app_of


class Stage(View):
    last: Any

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.notes: list[Any] = []
        self.ok, self.other, self.text = Button("OK", _id="ok"), Button("Other", _id="other"), P("")
        self.show(HTML(self.ok, self.other, self.text))
        self.sleep(10**6)

    def run(self, function: Any) -> Any:
        """`function` in a greenlet of the view; what it raises is noted."""
        def body() -> None:
            try:
                function()
            except BaseException as error:
                self.notes.append(repr(error) if isinstance(error, Exception) else type(error).__name__)
                if isinstance(error, gevent.GreenletExit):
                    raise

        task = self.spawn(body)
        rest()
        return task

    def sleeper(self, name: str, seconds: float = 100) -> str:
        """Sleeps, and notes its end if it does not come to it."""
        try:
            self.sleep(seconds)
        except BaseException as error:
            self.notes.append(f"{name} {type(error).__name__}")
            raise
        return name

    def failing(self, after: float = 0) -> None:
        self.sleep(after)
        raise LookupError("gone")


def rest() -> None:
    for _ in range(20):
        gevent.sleep(0)


@pytest.fixture
def page() -> Any:
    client = Client(app_of(Stage))
    client.clock.stop()
    page = client.open("/")
    yield page
    page.close()
    client.app.stop()


@pytest.fixture
def view(page: Page) -> Any:
    return Stage.last


def test_the_block_waits_for_its_tasks(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            tasks = [group.spawn(view.sleep, seconds, seconds) for seconds in (3, 1, 2)]
        view.notes.append([task.get() for task in tasks])

    view.run(body)
    page.client.clock.advance(2.9)
    before = list(view.notes)
    page.client.clock.advance(0.1)

    assert (before, view.notes) == ([], [[3, 1, 2]])


def test_a_group_without_tasks_ends_at_once(view: Any) -> None:
    def body() -> None:
        with view.group():
            pass
        view.notes.append("ended")

    view.run(body)

    assert view.notes == ["ended"]


def test_a_task_may_spawn_others_into_its_group(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            def first() -> None:
                view.sleep(1)
                group.spawn(second)

            def second() -> None:
                view.sleep(1)
                view.notes.append("second")

            group.spawn(first)
        view.notes.append("ended")

    view.run(body)
    page.client.clock.advance(2)

    assert view.notes == ["second", "ended"]


# Failing.


def test_the_first_failure_ends_the_others_and_is_raised_as_it_is(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleeper, "a")
            group.spawn(view.failing, 1)
            group.spawn(view.sleeper, "b")

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["a GreenletExit", "b GreenletExit", "LookupError('gone')"]


def test_a_failure_leaves_the_view_alive(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.failing)

    view.run(body)
    view.text.set_text("alive")
    view.show()
    page.settle()

    assert view.notes == ["LookupError('gone')"]
    assert page.text("p") == "alive"


def test_a_failure_interrupts_the_body_where_it_waits(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.failing, 1)
            try:
                view.await_click(view.ok)
            except Exception:
                view.notes.append("this is not for `except Exception`")
            finally:
                view.notes.append("cleaned up")

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["cleaned up", "LookupError('gone')"]


def test_the_block_ends_when_the_slowest_has_cleaned_up(page: Page, view: Any) -> None:
    def slow() -> None:
        try:
            view.sleep(100)
        finally:
            view.sleep(5)
            view.notes.append("cleaned up")

    def body() -> None:
        with view.group() as group:
            group.spawn(slow)
            group.spawn(view.failing, 1)

    view.run(body)
    page.client.clock.advance(5.9)
    before = list(view.notes)
    page.client.clock.advance(0.1)

    assert (before, view.notes) == ([], ["cleaned up", "LookupError('gone')"])


def test_what_others_raise_while_they_are_ended_is_logged(
    page: Page, view: Any, caplog: pytest.LogCaptureFixture,
) -> None:
    def clumsy() -> None:
        try:
            view.sleep(100)
        finally:
            raise ValueError("clumsy")

    def body() -> None:
        with view.group() as group:
            group.spawn(clumsy)
            group.spawn(view.failing)

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["LookupError('gone')"]
    assert "ValueError: clumsy" in caplog.text


def test_an_error_of_the_body_ends_the_tasks_and_is_raised(view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleeper, "a")
            view.sleep(0)
            raise KeyError("body")

    view.run(body)
    view._runtime.clock.advance(0)
    rest()

    assert view.notes == ["a GreenletExit", "KeyError('body')"]


def test_a_task_that_never_began_is_not_begun_when_the_body_fails(view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.notes.append, "begun")
            raise KeyError("body")

    view.run(body)

    assert view.notes == ["KeyError('body')"]


def test_a_failure_that_the_body_has_seen_is_raised_once(page: Page, view: Any, caplog: pytest.LogCaptureFixture) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.failing, 1).get()

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["LookupError('gone')"]
    assert "gone" not in caplog.text


def test_a_timeout_that_a_task_lets_out_is_its_failure(view: Any) -> None:
    def late() -> None:
        raise gevent.Timeout(5)

    def body() -> None:
        with view.group() as group:
            group.spawn(late)

    view.run(body)

    assert "caught nowhere" in view.notes[0]


def test_a_task_that_was_killed_has_not_failed(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleeper, "a").kill(block=False)
            group.spawn(view.sleep, 2)
        view.notes.append("ended")

    view.run(body)
    page.client.clock.advance(2)

    assert view.notes == ["ended"]


# Cancelling, time.


def test_cancel_ends_tasks_and_body_without_an_error(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            task = group.spawn(view.sleeper, "a")
            view.await_click(view.ok)
            group.cancel()
            view.notes.append("not reached")
        view.notes.append(f"ended {group.cancelled}")
        task.get()

    view.run(body)
    page.click("#ok")

    assert view.notes == ["a GreenletExit", "ended True", "GreenletExit"]


def test_a_task_cancels_its_group(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            def watch() -> None:
                view.await_click(view.ok)
                group.cancel()
                group.cancel()
                view.sleep(1)
                view.notes.append("not reached")

            group.spawn(watch)
            group.spawn(view.sleeper, "a")
            view.sleep(100)
        view.notes.append("ended")

    view.run(body)
    page.click("#ok")

    assert view.notes == ["a GreenletExit", "ended"]


def test_a_handler_cancels_a_group(page: Page, view: Any) -> None:
    groups: list[Any] = []

    def body() -> None:
        with view.group() as group:
            groups.append(group)
            group.spawn(view.sleeper, "a")
        view.notes.append("ended")

    view.ok.handle_click = lambda event: groups[0].cancel()
    view.run(body)
    page.click("#ok")

    assert view.notes == ["a GreenletExit", "ended"]


def test_what_is_spawned_into_a_cancelled_group_never_begins(view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            try:
                group.cancel()
            finally:
                group.spawn(view.notes.append, "begun")
        view.notes.append("ended")

    view.run(body)

    assert view.notes == ["ended"]


def test_a_group_has_its_time(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group(timeout=5) as group:
            group.spawn(view.sleeper, "a")
            view.await_click(view.ok)

    view.run(body)
    page.client.clock.advance(5)

    assert view.notes == ["a GreenletExit", "AwaitTimeout('the tasks of a group have not ended within 5 seconds')"]


def test_a_group_that_is_ready_in_time_is_not_disturbed_later(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group(timeout=5) as group:
            group.spawn(view.sleep, 4)
        view.sleep(10)
        view.notes.append("ended")

    view.run(body)
    page.client.clock.advance(20)

    assert view.notes == ["ended"]


def test_a_timeout_of_the_users_around_the_block_ends_the_tasks_and_passes(view: Any) -> None:
    timeout = gevent.Timeout()

    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleeper, "a")

    task = view.run(body)
    gevent.get_hub().loop.run_callback(task.throw, timeout)
    rest()

    assert view.notes == ["a GreenletExit", "Timeout"]


# Groups in groups.


def test_an_inner_group_ends_with_the_outer_one(page: Page, view: Any) -> None:
    def inner() -> None:
        with view.group() as group:
            group.spawn(view.sleeper, "inner")

    def body() -> None:
        with view.group() as group:
            group.spawn(inner)
            group.spawn(view.failing, 1)

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["inner GreenletExit", "LookupError('gone')"]


def test_the_outer_group_interrupts_the_inner_block_in_its_body(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as outer:
            outer.spawn(view.failing, 1)
            with view.group() as inner:
                inner.spawn(view.sleeper, "inner")
                view.sleep(100)
            view.notes.append("not reached")

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["inner GreenletExit", "LookupError('gone')"]


def test_the_outer_group_interrupts_the_end_of_the_inner_block(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as outer:
            outer.spawn(view.failing, 1)
            with view.group() as inner:
                inner.spawn(view.sleeper, "inner")
            view.notes.append("not reached")

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["inner GreenletExit", "LookupError('gone')"]


def test_a_failure_of_an_inner_group_can_be_handled_in_the_outer_one(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as outer:
            quick = outer.spawn(view.sleeper, "outer", 2)
            try:
                with view.group() as inner:
                    inner.spawn(view.failing, 1)
            except LookupError:
                view.notes.append("handled")
        view.notes.append(quick.get())

    view.run(body)
    page.client.clock.advance(2)

    assert view.notes == ["handled", "outer"]


def test_the_inner_block_cancels_the_outer_one(view: Any) -> None:
    def body() -> None:
        with view.group() as outer:
            outer.spawn(view.sleeper, "outer")
            with view.group() as inner:
                inner.spawn(view.sleeper, "inner")
                view.sleep(0)
                outer.cancel()
            view.notes.append("not reached")
        view.notes.append("ended")

    view.run(body)
    view._runtime.clock.advance(0)

    assert sorted(view.notes[:2]) == ["inner GreenletExit", "outer GreenletExit"]
    assert view.notes[2:] == ["ended"]


# The end of the view.


def test_a_view_that_stops_raises_its_reason_in_all_of_them_once(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleeper, "a")
            view.sleeper("body")

    view.run(body)
    page.close()

    assert sorted(view.notes) == ["UserAbort", "a UserAbort", "body UserAbort"]


def test_the_block_of_a_stopped_view_ends_after_its_tasks(page: Page, view: Any) -> None:
    def slow() -> None:
        try:
            view.sleep(100)
        finally:
            gevent.sleep(0.01)
            view.notes.append("task")

    def body() -> None:
        try:
            with view.group() as group:
                group.spawn(slow)
        finally:
            view.notes.append("block")

    view.run(body)
    view._runtime.stop(UserAbort())
    view._runtime.wait(5)

    assert view.notes == ["task", "block", "UserAbort"]


def test_a_killed_owner_ends_its_tasks(view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleeper, "a")

    task = view.run(body)
    task.kill(block=False)
    rest()

    assert view.notes == ["a GreenletExit", "GreenletExit"]


def test_nothing_of_a_group_is_left_when_it_has_ended(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleep, 1)
            group.spawn(view.failing, 2)

    before = len(view._runtime._greenlets)
    view.run(body)
    page.client.clock.advance(2)

    assert len(view._runtime._greenlets) == before


# In a handler.


def test_a_handler_gives_its_turn_away_at_the_end_of_the_block(page: Page, view: Any) -> None:
    def handle(event: object) -> None:
        with view.group() as group:
            group.spawn(view.sleep, 5)
        view.notes.append("first")

    view.ok.handle_click = handle
    view.other.handle_click = lambda event: view.notes.append("second")
    page.click("#ok")
    page.click("#other")
    page.client.clock.advance(5)

    assert view.notes == ["second", "first"]


@pytest.mark.parametrize("wait", ["get", "join", "kill"])
def test_a_handler_gives_its_turn_away_while_it_waits_for_a_task(page: Page, view: Any, wait: str) -> None:
    def slow() -> None:
        try:
            view.sleep(5)
        finally:
            gevent.sleep(0.01)

    task = view.spawn(slow)
    rest()

    def handle(event: object) -> None:
        getattr(task, wait)()
        view.notes.append(view._runtime.turn.mine)

    view.ok.handle_click = handle
    view.other.handle_click = lambda event: view.notes.append("second")
    page.click_quickly("#ok")
    page.click_quickly("#other")
    page.settle()
    page.client.clock.advance(5)
    page.client.clock.advance(0)
    gevent.sleep(0.02)
    rest()

    assert view.notes == ["second", True]


def test_the_result_of_a_task_is_awaited_for_a_time_of_the_views_clock(page: Page, view: Any) -> None:
    task = view.spawn(view.sleep, 100)
    view.run(lambda: task.get(timeout=5))

    page.client.clock.advance(5)

    assert view.notes[0].startswith("AwaitTimeout('lona_sync.views.view.View.sleep has not ended within 5 seconds")


# What cannot be meant.


def test_a_group_is_used_once(view: Any) -> None:
    def body() -> None:
        group = view.group()
        with group:
            pass
        with group:
            pass

    view.run(body)

    assert "used once" in view.notes[0]


def test_tasks_are_spawned_inside_of_the_block(view: Any) -> None:
    def body() -> None:
        group = view.group()
        with group:
            pass
        group.cancel()
        group.spawn(view.sleep, 1)

    view.run(body)

    assert "inside of its `with` block" in view.notes[0]


def test_a_group_belongs_to_a_greenlet_of_the_view(view: Any) -> None:
    with pytest.raises(RuntimeError, match="only a greenlet of the view"):
        with view.group():
            pass


def test_who_looks_at_the_view_sees_what_the_block_waits_for(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            group.spawn(view.sleep, 1)
            group.spawn(view.sleep, 2)

    view.run(body)

    [report] = page.client.app.views()
    assert "its group of 2 tasks" in [each.waits_for for each in report.others]


def test_the_end_of_a_task_can_be_awaited_with_a_click(page: Page, view: Any) -> None:
    def body() -> None:
        with view.group() as group:
            task = group.spawn(view.sleeper, "a", 5)
            came = view.await_any(click(view.ok), task)
            view.notes.append((came.kind, came.value))

    view.run(body)
    page.client.clock.advance(5)

    assert view.notes == [("ended", "a")]


def test_a_group_is_an_await_timeout_that_is_no_timeout_of_gevents(page: Page, view: Any) -> None:
    def body() -> None:
        try:
            with view.group(timeout=1) as group:
                group.spawn(view.sleep, 5)
        except AwaitTimeout:
            view.notes.append("in time")

    view.run(body)
    page.client.clock.advance(1)

    assert view.notes == ["in time"]
