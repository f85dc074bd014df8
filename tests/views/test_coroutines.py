"""`View.await_sync`: coroutines of asyncio in views."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest

from lona_sync import View
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client, Page
from lona_sync.views.coroutines import Coroutines
from tests.views.apps import app_of


class Stage(View):
    last: Any

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.notes: list[Any] = []
        self.ok, self.other = Button("OK", _id="ok"), Button("Other", _id="other")
        self.show(HTML(self.ok, self.other, P("x")))
        self.sleep(10**6)

    def begin(self, make: Callable[[], Any]) -> Any:
        def run() -> None:
            try:
                self.notes.append(self.await_sync(make()))
            except BaseException as error:
                self.notes.append(error)
                if isinstance(error, gevent.GreenletExit):
                    raise

        return self.spawn(run)


@pytest.fixture
def page() -> Any:
    page = Client(app_of(Stage)).open("/")
    yield page
    page.client.app.stop()


@pytest.fixture
def view(page: Page) -> Any:
    return Stage.last


def test_a_coroutine_returns_its_result(page: Page, view: Any) -> None:
    async def load() -> int:
        await asyncio.sleep(0.001)
        return 7

    view.begin(load)
    page.wait_for(lambda: view.notes)

    assert view.notes == [7]


def test_what_a_coroutine_raises_is_raised(page: Page, view: Any) -> None:
    async def load() -> None:
        raise LookupError("gone")

    view.begin(load)
    page.wait_for(lambda: view.notes)

    assert repr(view.notes) == "[LookupError('gone')]"


def test_an_exit_in_a_coroutine_is_the_views_and_ends_no_other(page: Page, view: Any) -> None:
    async def leave() -> None:
        sys.exit(3)

    async def load() -> int:
        return 7

    view.begin(leave)
    page.wait_for(lambda: view.notes)
    view.begin(load)
    page.wait_for(lambda: len(view.notes) == 2)

    assert isinstance(view.notes[0], SystemExit)
    assert view.notes[1] == 7


def test_several_run_at_once_in_one_loop(page: Page, view: Any) -> None:
    loops: list[object] = []
    met: list[asyncio.Event] = []

    async def first() -> str:
        loops.append(asyncio.get_running_loop())
        met.append(asyncio.Event())
        await met[0].wait()
        return "first"

    async def second() -> str:
        loops.append(asyncio.get_running_loop())
        met[0].set()
        return "second"

    view.begin(first)
    page.wait_for(lambda: met)
    view.begin(second)
    page.wait_for(lambda: len(view.notes) == 2)

    assert sorted(view.notes) == ["first", "second"]
    assert loops[0] is loops[1]


def test_it_runs_in_another_thread(page: Page, view: Any) -> None:
    async def where() -> int:
        return threading.get_native_id()

    view.begin(where)
    page.wait_for(lambda: view.notes)

    assert view.notes != [threading.get_native_id()]


def test_it_is_cancelled_when_the_view_stops(page: Page, view: Any) -> None:
    steps: list[str] = []

    async def wait() -> None:
        steps.append("begun")
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            steps.append("cancelled")
            raise

    view.begin(wait)
    page.wait_for(lambda: steps)
    page.close()
    page.wait_for(lambda: len(steps) == 2)

    assert steps == ["begun", "cancelled"]
    assert type(view.notes[0]).__name__ == "UserAbort"


def test_a_timeout_of_the_users_cancels_it(page: Page, view: Any) -> None:
    steps: list[str] = []

    async def wait() -> None:
        steps.append("begun")
        try:
            await asyncio.sleep(1000)
        finally:
            steps.append("cancelled")

    def run() -> None:
        limit = gevent.Timeout(None, False)
        gevent.spawn(ring, gevent.getcurrent(), limit)
        with limit:
            view.await_sync(wait())
        view.notes.append("went on")

    def ring(sleeper: gevent.Greenlet[..., Any], limit: gevent.Timeout) -> None:
        while not steps:                                 # it runs in another thread
            gevent.sleep(0.001)
        sleeper.kill(limit, block=False)

    view.spawn(run)
    page.wait_for(lambda: len(steps) == 2 and view.notes)

    assert (steps, view.notes) == (["begun", "cancelled"], ["went on"])


def test_one_that_was_cancelled_by_somebody_else_is_an_error(page: Page, view: Any) -> None:
    async def cancel_itself() -> None:
        raise asyncio.CancelledError

    view.begin(cancel_itself)
    page.wait_for(lambda: view.notes)

    assert "was cancelled" in str(view.notes[0])


def test_a_handler_gives_its_turn_away(page: Page, view: Any) -> None:
    clicked: list[str] = []

    async def wait() -> None:
        while not clicked:
            await asyncio.sleep(0.001)

    view.ok.handle_click = lambda event: (view.await_sync(wait()), clicked.append("first"))[0]
    view.other.handle_click = lambda event: clicked.append("second")
    page.click("#ok")
    page.click("#other")
    page.wait_for(lambda: len(clicked) == 2)

    assert clicked == ["second", "first"]


def test_a_stopped_view_starts_nothing_and_python_does_not_complain(page: Page, view: Any) -> None:
    begun: list[bool] = []

    async def load() -> None:
        begun.append(True)

    page.close()
    with pytest.raises(gevent.GreenletExit):
        view.await_sync(load())

    assert begun == []


def test_one_that_is_cancelled_before_it_begins_makes_python_complain_no_more() -> None:
    coroutines = Coroutines()
    async def work() -> None:
        await asyncio.sleep(0)

    coroutines.run(asyncio.sleep(0))                     # the thread is there
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        for _ in range(20):
            waiter = gevent.spawn(coroutines.run, work())
            gevent.idle()
            waiter.kill()
            coroutines.run(asyncio.sleep(0))
        gc.collect()
    coroutines.stop(5)

    assert [str(each.message) for each in complaints] == []


@pytest.mark.parametrize(("value", "words"), [(5, "not int"), (asyncio.sleep, "call the function")], ids=["number", "function"])
def test_what_cannot_be_awaited_is_told(view: Any, value: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        view.await_sync(value)


def test_after_a_stop_the_application_begins_another_loop(page: Page, view: Any) -> None:
    async def load() -> int:
        return 7

    view.begin(load)
    page.wait_for(lambda: view.notes)
    page.client.app.parts.coroutines.stop(5)
    view.begin(load)
    page.wait_for(lambda: len(view.notes) == 2)

    assert view.notes == [7, 7]


PROGRAM = """
from gevent import monkey; monkey.patch_all()
import asyncio
import sys
from lona_sync import App, View
from lona_sync.testing import Client

async def load():
    server = await asyncio.start_server(lambda reader, writer: (writer.write(b'hello'), writer.close())[1], '127.0.0.1', 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    text = await reader.read()
    writer.close()
    server.close()
    await asyncio.sleep(0.01)
    return text, await asyncio.to_thread(lambda: 'thread')

class Load(View):
    def handle_request(self, request):
        return str(self.await_sync(load()))

app = App(sys.argv[1])
app.settings.SECRET_KEY = 'k' * 32
app.route('/')(Load)
page = Client(app).open('/')
page.wait_for(lambda: 'hello' in page.html(), timeout=10)
print(page.text())
app.stop()
"""


@pytest.mark.parametrize("stops", [True, False])
def test_it_works_where_gevent_has_patched_the_process_and_keeps_no_process_from_its_end(tmp_path: Path, stops: bool) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM if stops else PROGRAM.replace("app.stop()\n", ""))

    done = subprocess.run([sys.executable, program, program], capture_output=True, text=True, timeout=60)

    assert (done.stdout, done.stderr) == ("(b'hello', 'thread')\n", "")


def test_daemonize_is_what_it_was(page: Page, view: Any) -> None:
    with pytest.warns(DeprecationWarning, match="is_daemon = True"):
        view.daemonize()

    assert view.is_daemon
