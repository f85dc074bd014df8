"""`App.views`: what an operator sees of running views."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import gevent
import gevent.event
import pytest

from lona_sync import Activity, AnonymousUser, Channel, RunningView, View
from lona_sync.html import HTML, Button, CheckBox, P, TextInput
from lona_sync.testing import Client, Page
from lona_sync.views.report import user_name, words
from lona_sync.views.visitor import Visitor
from lona_sync.views.waits import Wait
from tests.views.apps import app_of, open_view, wait_until


def only(page: Page) -> RunningView:
    """The page's view; no other runs."""
    [view] = page.client.app.views()
    return view


def procedure(page: Page) -> Activity:
    found = only(page).procedure
    assert found is not None
    return found


def line_of(text: str) -> int:
    """The number of the one line of this file that ends with this comment."""
    [number] = [n for n, line in enumerate(Path(__file__).read_text().splitlines(), 1) if line.endswith(f"# {text}")]
    return number


def test_a_waiting_view_is_shown_with_the_users_line_and_what_it_waits_for():
    class Shop(View):
        def handle_request(self, request: object) -> None:
            button = Button("Pay")
            self.show(HTML(P("3 items"), button))
            self.await_click(button)                         # the wait

    page = open_view(Shop)

    found = procedure(page)

    assert found.waits_for == "click of Button 'Pay'"
    assert found.place is not None
    assert (found.place.file, found.place.line) == (__file__, line_of("the wait"))
    assert found.place.function.endswith("handle_request")


def wait_for_answer(view: View) -> object:
    button = Button("x")
    view.show(button)
    return button.call("size")


def wait_for_lock(view: View) -> None:
    button = Button("x")
    view.show(button)

    def hold() -> None:
        with button.lock:
            view.sleep(1000)

    view.spawn(hold)
    view.sleep(0)
    with button.lock:
        return


@pytest.mark.parametrize(("wait", "expected"), [
    (lambda view: view.await_click(html=Button("x")), "click"),
    (lambda view: view.await_input_event(html=Button("x")), "any event"),
    (lambda view: view.sleep(1000), "sleep of 1000 s"),
    (lambda view: view.await_message("chat", "news.*"), "message on 'chat' or 'news.*'"),
    (wait_for_answer, "an answer of the browser"),
    (wait_for_lock, "the lock of the tree"),
], ids=["click", "any event", "sleep", "message", "answer", "lock"])
def test_each_wait_of_a_view_has_its_words(wait: Callable[[View], object], expected: str):
    class Waiting(View):
        def handle_request(self, request: object) -> None:
            wait(self)

    app = app_of(Waiting)
    app.parts.entry.open("/", None, Visitor("ann"))                   # without a browser, which would answer
    deadline = time.monotonic() + 10
    while True:
        [view] = app.views()
        found = view.state, view.procedure and view.procedure.waits_for
        if found == ("waiting", expected) or time.monotonic() > deadline:
            break
        gevent.sleep(0.01)

    assert found == ("waiting", expected)
    app.stop()


def test_a_thread_that_a_view_waits_for_is_named():
    opened = gevent.event.Event()

    class Waiting(View):
        def handle_request(self, request: object) -> None:
            self.run_blocking(compute)

    def compute() -> None:
        while not opened.is_set():
            time.sleep(0.001)

    page = open_view(Waiting)
    found = procedure(page)
    opened.set()

    assert found.waits_for is not None
    assert found.waits_for.endswith("compute in a thread")


@pytest.mark.parametrize(("wait", "expected"), [
    (lambda: gevent.sleep(1000), "gevent.hub.sleep()"), (gevent.event.Event().wait, "code that is not ours"),
], ids=["with a stack", "without one"])
def test_a_wait_that_is_not_ours_takes_its_time_from_when_our_code_was_left(wait: Callable[[], object], expected: str):
    class Waiting(View):
        def handle_request(self, request: object) -> None:
            wait()                                           # a wait of gevent's

    before = time.time()
    page = open_view(Waiting)

    view = only(page)

    assert view.state == "running"
    assert view.procedure is not None and view.procedure.place is not None
    assert view.procedure.waits_for == expected
    assert before - 0.01 <= view.procedure.since <= time.time() + 0.01


def test_since_is_when_the_wait_began():
    class Waiting(View):
        def handle_request(self, request: object) -> None:
            button = Button("x")
            self.show(button)
            while True:
                self.await_click(button)

    page = open_view(Waiting)
    [runtime] = page.client.app.parts.registry
    [(_, work)] = runtime.work()
    first = work.since
    gevent.sleep(0.01)
    unchanged = work.since
    page.click("button")

    assert unchanged == first
    assert work.since >= first + 0.01


def test_a_helper_of_the_users_is_where_it_waits_not_the_library_that_calls_it():
    class Waiting(View):
        def handle_request(self, request: object) -> None:
            max([1, 2], key=self.ask)

        def ask(self, number: int) -> int:
            self.sleep(1000)                                 # in a helper
            return number

    page = open_view(Waiting)

    found = procedure(page)

    assert found.place is not None
    assert (found.place.line, found.place.function.rpartition(".")[2]) == (line_of("in a helper"), "ask")


def test_handlers_and_what_was_spawned_are_listed_beside_the_procedure():
    class Busy(View):
        def handle_request(self, request: object) -> None:
            self.spawn(self.work)
            self.subscribe("news", lambda message: self.sleep(300))
            self.show(Button("x", handle_click=lambda event: self.sleep(200)))
            self.await_input_event()

        def work(self) -> None:
            self.sleep(100)

    page = open_view(Busy)
    page.click("button")
    Channel("news").send(1)
    page.settle()

    found = [(each.kind, each.waits_for) for each in only(page).others]

    assert sorted(found) == [("handler", "sleep of 200 s"), ("messages", "sleep of 300 s"), ("spawned", "sleep of 100 s")]


def test_the_greenlet_that_asks_runs():
    found: list[RunningView] = []

    class Asking(View):
        def handle_request(self, request: object) -> None:
            found.extend(app.views())                        # who asks

    app = app_of(Asking)
    Client(app).open("/")

    assert found[0].procedure is not None and found[0].procedure.place is not None
    assert (found[0].state, found[0].procedure.waits_for) == ("running", None)
    assert found[0].procedure.place.line == line_of("who asks")


def test_one_that_has_not_begun_says_so():
    class New(View):
        pass

    app = app_of(New)
    app.parts.entry.open("/", None, Visitor("ann"))

    [view] = app.views()

    assert view.procedure is not None
    assert (view.procedure.place, view.procedure.waits_for) == (None, "its start")
    app.stop()


class Quiet(View):
    def handle_request(self, request: object) -> object:
        return "done"


class Broken(View):
    def handle_request(self, request: object) -> None:
        raise RuntimeError("broken")


class Sleeper(View):
    def handle_request(self, request: object) -> None:
        self.sleep(1000)


def lose(page: Page) -> None:
    page.lose_connection()


@pytest.mark.parametrize(("view", "act", "state"), [
    (Sleeper, lambda page: None, "waiting"),
    (Quiet, lambda page: None, "finished"),
    (Broken, lambda page: None, "crashed"),
    (Sleeper, lose, "suspended"),
    (Quiet, lose, "suspended"),
], ids=["waiting", "finished", "crashed", "suspended", "finished and suspended"])
def test_a_view_has_a_state(view: type[View], act: Callable[[Page], None], state: str):
    page = open_view(view)
    act(page)

    assert only(page).state == state


def test_a_view_that_cleans_up_is_stopping():
    class Slow(View):
        def on_stop(self, reason: BaseException | None) -> None:
            gevent.sleep(0.05)

        def handle_request(self, request: object) -> None:
            self.sleep(1000)

    app = app_of(Slow)
    page = Client(app).open("/")
    page.close()
    gevent.sleep(0.01)

    assert [each.state for each in app.views()] == ["stopping"]
    wait_until(lambda: not app.views(), page)


def test_clients_and_queues_are_counted():
    class Busy(View):
        def handle_request(self, request: object) -> None:
            first, second = Button("first", handle_click=lambda event: gevent.sleep(1000)), Button("second")
            self.subscribe("news", lambda message: None)
            self.show(HTML(first, second))
            self.await_click(second)
            self.sleep(1000)

    page = open_view(Busy)
    for text in "first", "second", "second", "second", "first", "first":
        page.click_quickly(page.find("button") if text == "first" else page.find_all("button")[1])
    Channel("news").send(1)
    Channel("news").send(2)
    page.settle()

    view = only(page)

    assert (view.clients, view.lost) == (1, 0)
    assert (view.queued, view.kept, view.messages) == (2, 2, 2)


def test_a_lost_window_is_counted_as_lost():
    page = open_view(Sleeper)
    page.lose_connection()

    view = only(page)

    assert (view.clients, view.lost) == (0, 1)


def test_route_and_url_are_shown():
    app = app_of(Sleeper)
    app.route("/orders/<number>")(Sleeper)
    Client(app).open("/orders/7?page=2")

    [view] = app.views()

    assert (view.route, view.url, view.view) == ("/orders/<number>", "/orders/7?page=2", f"{__name__}.Sleeper")


def test_the_name_of_an_anonymous_user_tells_visitors_apart_and_is_not_their_key():
    one, other = AnonymousUser("a" * 22), AnonymousUser("b" * 22)

    assert user_name(one) == user_name(AnonymousUser("a" * 22)) != user_name(other)
    assert "aaa" not in user_name(one)


def test_a_user_whose_name_fails_does_not_hide_the_others():
    class Odd:
        def __str__(self) -> str:
            raise LookupError("the database is away")

    assert user_name(Odd()) == "<Odd, whose str() raised LookupError>"


@pytest.mark.parametrize(("nodes", "expected"), [
    ((Button("Pay"),), "click of Button 'Pay'"),
    ((Button(P("Pay"), " now"),), "click of Button 'Pay now'"),
    ((Button("x" * 50),), "click of Button '" + "x" * 40 + "…'"),
    ((TextInput(name="street"),), "click of TextInput 'street'"),
    ((CheckBox(_id="agree"),), "click of CheckBox 'agree'"),
    ((P(),), "click of P"),
    (tuple(Button(n) for n in range(5)), "click of Button '0', Button '1', Button '2' and 2 more"),
])
def test_nodes_are_named_as_the_user_of_the_page_would(nodes: tuple, expected: str):
    assert words(Wait("click", nodes)) == expected


def test_a_view_that_is_installed_as_a_library_is_the_users_all_the_same(tmp_path: Path):
    # Its package lies where libraries lie, and is told from them by the name of the view's module.
    script = tmp_path / "ask.py"
    script.write_text(
        "import sysconfig, gevent\n"
        "from lona_sync import App, View\n"
        "from lona_sync.testing import Client\n"
        "source = 'from lona_sync import View\\nclass Installed(View):\\n'\n"
        "source += '    def handle_request(self, request):\\n        self.sleep(99)\\n'\n"
        "module = type(gevent)('installed')\n"
        "exec(compile(source, sysconfig.get_paths()['purelib'] + '/installed.py', 'exec'), module.__dict__)\n"
        "app = App(__file__)\n"
        "app.settings.SECRET_KEY = 'x' * 32\n"
        "app.route('/')(module.Installed)\n"
        "Client(app).open('/')\n"
        "print(app.views()[0].procedure.place.line, app.views()[0].procedure.place.file)\n"
    )

    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert result.stdout.startswith("4 "), result.stderr
    assert result.stdout.strip().endswith("installed.py")
