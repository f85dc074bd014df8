"""How a view begins and ends."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import gevent
import pytest

from lona_sync import (
    ForbiddenError,
    NotFoundError,
    ServerStop,
    StopReason,
    UserAbort,
    View,
    ViewCrashed,
)
from lona_sync.html import H1, HTML, Button, P
from lona_sync.testing import Client
from lona_sync.views.visitor import Visitor
from tests.views.apps import app_of, open_view, running


class Recorder(View):
    """Notes its hooks. Subclasses write the procedure."""

    notes: list[Any]

    def __init_subclass__(cls) -> None:
        cls.notes = []

    def on_stop(self, reason: BaseException | None) -> None:
        self.notes.append(("on_stop", type(reason) if reason else None))

    def on_cleanup(self) -> None:
        self.notes.append("on_cleanup")


def test_a_procedure_that_returned_is_told_so_and_the_view_lives_on() -> None:
    class Finished(Recorder):
        def handle_request(self, request: object) -> object:
            return H1("done")

    page = open_view(Finished)

    assert page.text("h1") == "done"
    assert Finished.notes == [("on_stop", None)]
    assert running(page) == 1


def test_a_finished_view_is_cleaned_up_when_its_page_is_closed() -> None:
    class Finished(Recorder):
        def handle_request(self, request: object) -> object:
            return H1("done")

    page = open_view(Finished)
    page.close()

    assert Finished.notes == [("on_stop", None), "on_cleanup"]
    assert running(page) == 0


def test_a_waiting_view_is_aborted_when_its_page_is_closed() -> None:
    class Waiting(Recorder):
        def handle_request(self, request: object) -> None:
            try:
                self.await_click(html=Button("x"))
            except UserAbort:
                self.notes.append("aborted")
                raise
            finally:
                self.notes.append("finally")

    page = open_view(Waiting)
    page.close()

    assert Waiting.notes == ["aborted", "finally", ("on_stop", UserAbort), "on_cleanup"]


def test_closing_twice_ends_a_view_once() -> None:
    class Waiting(Recorder):
        def handle_request(self, request: object) -> None:
            self.sleep(1000)

    page = open_view(Waiting)
    page.close()
    page.close()
    page.client.app.stop()

    assert Waiting.notes == [("on_stop", UserAbort), "on_cleanup"]


@pytest.mark.parametrize("blocked", [
    lambda view: view.await_click(),
    lambda view: view.await_change(),
    lambda view: view.await_input_event(timeout=1000),
    lambda view: view.sleep(1000),
    lambda view: view.spawn(gevent.sleep, 1000).get(),
    lambda view: gevent.sleep(1000),
    lambda view: gevent.event.Event().wait(),
], ids=["click", "change", "any event", "sleep", "child", "gevent.sleep", "gevent.Event"])
def test_the_stop_of_the_server_reaches_a_view_wherever_it_is_blocked(blocked: Callable[[View], object]) -> None:
    class Blocked(Recorder):
        def handle_request(self, request: object) -> None:
            blocked(self)

    page = open_view(Blocked)
    page.client.app.stop()

    assert Blocked.notes == [("on_stop", ServerStop), "on_cleanup"]
    assert running(page) == 0


def test_except_exception_does_not_keep_a_dead_view_alive() -> None:
    class Stubborn(Recorder):
        def handle_request(self, request: object) -> None:
            while True:
                try:
                    self.sleep(1000)
                except Exception:
                    self.notes.append("swallowed")

    page = open_view(Stubborn)
    page.close()

    assert Stubborn.notes == [("on_stop", UserAbort), "on_cleanup"]


def test_every_call_of_a_stopped_view_raises_its_reason() -> None:
    raised: list[type[BaseException]] = []

    class Late(View):
        def handle_request(self, request: object) -> None:
            try:
                self.sleep(1000)
            except StopReason:
                button = Button("x")
                for call in (
                    self.show, self.ping, lambda: self.set_title("x"), lambda: self.sleep(0), lambda: self.await_click(button),
                    lambda: self.spawn(print), lambda: self.run_blocking(int), lambda: self.subscribe("x", print),
                ):
                    try:
                        call()      # type: ignore[operator]
                    except StopReason as reason:
                        raised.append(type(reason))

    page = open_view(Late)
    page.close()

    assert raised == [UserAbort] * 8


def test_a_view_that_does_not_end_is_abandoned_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    release = gevent.event.Event()

    class Deaf(Recorder):
        def handle_request(self, request: object) -> None:
            try:
                self.sleep(1000)
            except UserAbort:
                release.wait()

    page = open_view(Deaf, STOP_TIMEOUT=0.05)
    page.end_connection(clean=True)
    page.wait_for(lambda: not running(page))
    release.set()

    assert Deaf.notes == [("on_stop", UserAbort), "on_cleanup"]
    assert page.client.app.stats()["greenlets.abandoned"] == 1
    assert "abandoned" in caplog.text


def test_a_view_stopped_before_its_procedure_began_is_cleaned_up() -> None:
    class Never(Recorder):
        def handle_request(self, request: object) -> None:
            self.notes.append("began")

    client = Client(app_of(Never))
    parts = client.app.parts
    runtime = parts.entry.open("/", None, Visitor("somebody"))
    runtime.stop(UserAbort())      # type: ignore[union-attr]
    runtime.wait(1.0)              # type: ignore[union-attr]

    assert Never.notes == [("on_stop", UserAbort), "on_cleanup"]
    assert len(parts.registry) == 0


def test_a_crash_shows_the_500_page_and_tells_the_view(caplog: pytest.LogCaptureFixture) -> None:
    class Crash(Recorder):
        def handle_request(self, request: object) -> None:
            self.show(H1("fine so far"))
            raise LookupError("secret detail")

    page = open_view(Crash)

    assert page.text("h1") == "500 Internal Error"
    assert "secret detail" not in page.html()
    assert "secret detail" in caplog.text
    assert Crash.notes == [("on_stop", LookupError)]


def test_a_crashed_view_is_cleaned_up_when_its_page_is_closed() -> None:
    class Crash(Recorder):
        def handle_request(self, request: object) -> None:
            raise LookupError

    page = open_view(Crash)
    page.close()

    assert Crash.notes == [("on_stop", LookupError), "on_cleanup"]
    assert running(page) == 0


def test_a_crash_ends_all_that_runs_in_the_view() -> None:
    class Crash(Recorder):
        def handle_request(self, request: object) -> None:
            self.spawn(self.child)
            self.sleep(0)
            raise LookupError

        def child(self) -> None:
            try:
                self.sleep(1000)
            except ViewCrashed as reason:
                self.notes.append(type(reason.error))
                raise

    open_view(Crash)

    assert Crash.notes == [LookupError, ("on_stop", LookupError)]


def test_the_traceback_is_shown_in_debug_mode_only() -> None:
    class Crash(View):
        def handle_request(self, request: object) -> None:
            raise LookupError("<detail>")

    page = open_view(Crash, DEBUG=True)

    assert "LookupError: <detail>" in page.text("pre")


@pytest.mark.parametrize(("error", "title"), [(NotFoundError, "404 Not Found"), (ForbiddenError, "403 Forbidden")])
def test_an_answer_that_is_an_exception_is_a_page_and_no_failure(
    error: type[Exception], title: str, caplog: pytest.LogCaptureFixture,
) -> None:
    class Answer(View):
        def handle_request(self, request: object) -> None:
            raise error

    page = open_view(Answer)

    assert page.text("h1") == title
    assert "crashed" not in caplog.text


def test_an_error_in_a_hook_is_logged_and_the_next_hook_runs(caplog: pytest.LogCaptureFixture) -> None:
    notes = []

    class Broken(View):
        def on_stop(self, reason: BaseException | None) -> None:
            raise LookupError("in the hook")

        def on_cleanup(self) -> None:
            notes.append("on_cleanup")

    open_view(Broken).close()

    assert notes == ["on_cleanup"]
    assert "in the hook" in caplog.text


def test_an_exception_in_a_child_is_the_views() -> None:
    class Parent(Recorder):
        def handle_request(self, request: object) -> None:
            self.show(H1("fine"))
            self.spawn(self.child)
            self.sleep(1000)

        def child(self) -> None:
            raise LookupError

    page = open_view(Parent)

    assert page.text("h1") == "500 Internal Error"
    assert Parent.notes == [("on_stop", LookupError)]


def test_a_child_returns_its_result_and_ends_with_the_view() -> None:
    ended = []

    class Parent(View):
        def handle_request(self, request: object) -> None:
            self.show(H1(self.spawn(lambda: 6 * 7).get()))
            self.spawn(self.long)
            self.sleep(1000)

        def long(self) -> None:
            try:
                self.sleep(1000)
            finally:
                ended.append(True)

    page = open_view(Parent)
    text = page.text("h1")
    page.close()

    assert text == "42"
    assert ended == [True]


def test_the_result_of_a_killed_child_is_its_reason() -> None:
    raised = []

    class Parent(View):
        def handle_request(self, request: object) -> None:
            child = self.spawn(gevent.sleep, 1000)
            self.sleep(0)
            child.kill(UserAbort())
            try:
                child.get()
            except UserAbort:
                raised.append(True)

    open_view(Parent)

    assert raised == [True]


def test_two_thousand_visits_leave_nothing_behind() -> None:
    class Visited(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.subscribe("news", lambda message: None)
            self.show(HTML(H1("x"), P("y"), button))
            self.await_click(button)

    app = app_of(Visited)
    client = Client(app)
    client.open("/").close()
    gc.collect()
    before = _census()

    for _ in range(2000):
        client.open("/").close()
    gc.collect()

    grown = {name: (before[name], count) for name, count in _census().items() if count > before[name]}
    assert grown == {}                  # fewer are fine: what other tests have left goes at any time
    assert app.stats()["views"] == 0


def test_a_left_view_is_collected() -> None:
    seen: list[weakref.ref[View]] = []

    class Collected(View):
        def handle_request(self, request: object) -> None:
            seen.append(weakref.ref(self))
            self.await_click(html=Button("x"))

    page = open_view(Collected)
    page.close()
    del page
    gc.collect()

    assert seen[0]() is None


def _census() -> dict[str, int]:
    from lona_sync.channels.hub import default_hub
    from lona_sync.html.mutations import TreeNode
    from lona_sync.views.runtime import ViewRuntime

    objects = gc.get_objects()
    return {
        "greenlets": sum(isinstance(each, gevent.Greenlet) and not each.dead for each in objects),
        "nodes": sum(isinstance(each, TreeNode) for each in objects),
        "runtimes": sum(isinstance(each, ViewRuntime) for each in objects),
        "subscriptions": default_hub.stats().subscriptions,
    }


def test_a_timeout_that_nobody_caught_is_a_crash() -> None:
    class Late(Recorder):
        def handle_request(self, request: object) -> None:
            with gevent.Timeout(0.001):
                self.sleep(1000)

    page = open_view(Late)
    page.wait_for(lambda: page.find_all("h1"))

    assert page.text("h1") == "500 Internal Error"
    assert Late.notes == [("on_stop", RuntimeError)]


def test_a_view_knows_whether_a_browser_shows_it():
    class Daemon(View):
        def handle_request(self, request: object) -> None:
            self.is_daemon = True
            self.show(P("x"))
            views.append(self)

    views: list[View] = []
    page = open_view(Daemon)
    said = [views[0].is_watched]
    page.lose_connection()
    said.append(views[0].is_watched)
    page.reconnect()
    said.append(views[0].is_watched)
    page.close()
    said.append(views[0].is_watched)

    assert said == [True, False, True, False]


def test_a_view_may_show_and_sleep_while_it_is_made():
    class Early(View):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.show(P("early"))
            self.sleep(0)

    page = open_view(Early)

    assert page.text("p") == "early"
