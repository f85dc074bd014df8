"""Servers that are replaced while people use them: real processes, ended by real signals."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import gevent

from tests.cluster.clicker import Clicker
from tests.cluster.processes import PATIENCE, Process, free_port, process, wait_until

#: A counter that goes on where the one before has ended. What it does after a click takes as long as its address says, and
#: then a thread, which Python makes no more when it exits.
SITE = """
import os
from concurrent.futures import ThreadPoolExecutor
from lona_sync import App, View
from lona_sync.html import HTML, Button, P

app = App(__file__)
app.settings.STOP_TIMEOUT = 2
app.settings.DRAIN_TIMEOUT = {drain_timeout}
app.settings.DRAIN_JITTER = 0.3

@app.route("/")
@app.route("/works/<seconds>")
class Counter(View):
    def handle_request(self, request):
        state = request.restored or {{"count": 0}}
        text, button = P(state["count"]), Button("+1")
        self.show(HTML(text, button), title=str(os.getpid()))
        while True:
            self.await_click(button)
            self.sleep(float(request.match_info.get("seconds", 0)))
            with ThreadPoolExecutor() as threads:
                state["count"] = threads.submit(state["count"].__add__, 1).result()
            self.state_to_keep = state
            text.set_text(state["count"])
            self.show()

    def on_stop(self, reason):
        with open(os.path.join(os.path.dirname(__file__), "notes"), "a") as file:
            file.write(type(reason).__name__ + "\\n")

if __name__ == "__main__":
    app.run("127.0.0.1")
"""

GUNICORN = (
    "-m", "gunicorn", "--bind", "127.0.0.1:{}", "--graceful-timeout", "90", "--no-control-socket", "-k", "gevent", "-w", "2",
    "site_under_test:app",
)
RUN = ("-m", "lona_sync", "run", "site_under_test.py")


@contextmanager
def site(folder: Path, *command: str, port: int = 0, drain_timeout: float = PATIENCE) -> Iterator[tuple[Process, int]]:
    """The application behind this command, and its port; it answers already."""
    port = port or free_port()
    (folder / "site_under_test.py").write_text(SITE.format(drain_timeout=drain_timeout))
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    environment = {"LONA_SYNC_RUNTIME_DIRECTORY": str(folder / "run"), "LONA_SYNC_PORT": str(port)}
    with process(folder, *(word.format(port) for word in command), **environment) as server:
        server.wait_for_page(port)
        yield server, port


@contextmanager
def browsers(port: int, number: int = 1, url: str = "/") -> Iterator[list[Clicker]]:
    """So many, each with a view."""
    with ExitStack() as stack:
        clickers = [Clicker(port, url) for _ in range(number)]
        for clicker in clickers:
            stack.callback(clicker.close)
        for clicker in clickers:
            wait_until(lambda clicker=clicker: clicker.shown)              # type: ignore[misc]
        yield clickers


def all_clicks(clicker: Clicker) -> str:
    return str(clicker.made)


def notes(folder: Path) -> list[str]:
    file = folder / "notes"
    return file.read_text().splitlines() if file.exists() else []


def test_forty_browsers_that_click_through_a_rolling_restart_lose_no_click_and_count_none_twice(tmp_path: Path):
    with site(tmp_path, *GUNICORN) as (server, port), browsers(port, 40) as clickers:
        before = {clicker.title for clicker in clickers}

        def use(clicker: Clicker) -> None:
            while clicker.title in before or clicker.made < 30:
                clicker.click()
                gevent.sleep(random.random() * 0.2)

        using = [gevent.spawn(use, clicker) for clicker in clickers]
        wait_until(lambda: all(clicker.made > 3 for clicker in clickers))
        server.signal(signal.SIGHUP)
        gevent.joinall(using, timeout=2 * PATIENCE, raise_error=True)
        for clicker in clickers:
            clicker.settle(all_clicks)
        after = {clicker.title for clicker in clickers}
        goodbyes = [how for clicker in clickers for how in clicker.goodbyes]

    assert before.isdisjoint(after)
    assert {clicker.text for clicker in clickers} == {all_clicks(clicker) for clicker in clickers}
    assert [clicker.dropped for clicker in clickers] == [0] * 40
    assert set(goodbyes) == {2}
    assert "cut off" not in server.output
    assert "Traceback" not in server.output


def test_a_single_server_that_is_replaced_gives_its_views_to_the_one_after_it(tmp_path: Path):
    with site(tmp_path, *RUN) as (server, port), browsers(port, 5) as clickers:
        for clicker in clickers:
            clicker.click()
            clicker.settle(all_clicks)

        server.signal(signal.SIGTERM)
        status = server.wait()
        for clicker in clickers:
            clicker.click()                                       # nobody is there
        with site(tmp_path, *RUN, port=port):
            for clicker in clickers:
                clicker.settle(all_clicks)

    assert status == 0
    assert notes(tmp_path)[:5] == ["ServerStop"] * 5
    assert [clicker.text for clicker in clickers] == ["2"] * 5


def test_a_view_in_the_middle_of_something_is_let_go_when_that_is_done(tmp_path: Path):
    with site(tmp_path, *GUNICORN) as (server, port), browsers(port, url="/works/3") as [clicker]:
        before = clicker.title
        clicker.click()
        wait_until(lambda: not clicker.pending)                   # it has begun

        server.signal(signal.SIGHUP)
        wait_until(lambda: clicker.title != before)
        clicker.settle(all_clicks)

    assert clicker.text == "1"
    assert clicker.goodbyes == [2]


def test_one_that_is_not_done_in_time_begins_anew_with_what_it_had_kept(tmp_path: Path):
    with site(tmp_path, *GUNICORN, drain_timeout=1.0) as (server, port), browsers(port, url="/works/60") as [slow]:
        slow.click()
        wait_until(lambda: not slow.pending)

        server.signal(signal.SIGHUP)
        wait_until(lambda: slow.goodbyes)
        slow.settle()
        output = server.output

    assert slow.text == "0"
    assert "1 views did not come to rest within 1.0 s and are cut off" in output


def test_what_a_killed_worker_had_shown_is_kept(tmp_path: Path):
    with site(tmp_path, *GUNICORN) as (_, port), browsers(port, 6) as clickers:
        for clicker in clickers:
            clicker.click()
            clicker.click()
            clicker.settle(all_clicks)

        victim = clickers[0].title
        victims = [clicker for clicker in clickers if clicker.title == victim]
        os.kill(int(victim), signal.SIGKILL)
        for clicker in victims:
            wait_until(lambda clicker=clicker: clicker.title != victim)    # type: ignore[misc]
        for clicker in clickers:
            clicker.click()
            clicker.settle(all_clicks)

    assert [clicker.text for clicker in clickers] == ["3"] * 6
    assert {how for clicker in victims for how in clicker.goodbyes} == {1}


def test_a_worker_that_has_served_its_last_request_lets_its_views_go(tmp_path: Path):
    command = (*GUNICORN[:-1], "--max-requests", "12", GUNICORN[-1])

    with site(tmp_path, *command) as (server, port), browsers(port, 4) as clickers:
        before = {clicker.title for clicker in clickers}
        for clicker in clickers:
            clicker.click()
            clicker.settle(all_clicks)

        with ExitStack() as stack:
            def more() -> bool:
                visitor = Clicker(port)
                stack.callback(visitor.close)
                wait_until(lambda: visitor.shown)
                return before.isdisjoint(clicker.title for clicker in clickers)

            wait_until(more)
            for clicker in clickers:
                clicker.click()
                clicker.settle(all_clicks)
        output = server.output

    assert [clicker.text for clicker in clickers] == ["2"] * 4
    assert {how for clicker in clickers for how in clicker.goodbyes} == {2}
    assert "cut off" not in output


def test_a_connection_that_is_lost_during_a_deploy_costs_nothing(tmp_path: Path):
    with site(tmp_path, *GUNICORN) as (server, port), browsers(port, 10) as clickers:
        before = {clicker.title for clicker in clickers}
        server.signal(signal.SIGHUP)

        def use(clicker: Clicker) -> None:
            while clicker.title in before:
                clicker.click()
                gevent.sleep(random.random() * 0.1)
                if random.random() < 0.1:
                    clicker.lose()

        gevent.joinall([gevent.spawn(use, clicker) for clicker in clickers], timeout=2 * PATIENCE, raise_error=True)
        for clicker in clickers:
            clicker.settle(all_clicks)

    assert [clicker.text for clicker in clickers] == [all_clicks(clicker) for clicker in clickers]
    assert [clicker.dropped for clicker in clickers] == [0] * 10
