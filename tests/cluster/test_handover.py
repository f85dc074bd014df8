"""Any worker carries any view: real workers of gunicorn, without sticky sessions."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.cluster.processes import Process, free_port, process, wait_until
from tests.cluster.servers import stats_of_all
from tests.cluster.windows import Browser, View, cookie_of, elsewhere, text_frame
from tests.server.test_websocket_tls import CERTIFICATE

#: Seconds within which servers have to end by themselves; gunicorn would wait 30 for those who stay.
QUICKLY = 15.0

#: Views whose title is the number of their process.
SITE = """
import os, signal, json
from lona_sync import App, View
from lona_sync.html import HTML, Button, P

app = App(__file__)
app.settings.STOP_TIMEOUT = 2
app.settings.SIBLING_TIMEOUT = 1

class Counter(View):
    daemon = False

    def handle_request(self, request):
        self.is_daemon = self.daemon
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button), title=str(os.getpid()))
        for n in range(1, 100_000):
            self.await_click(button)
            text.set_text(f"clicked {n}")
            self.show()

    def on_stop(self, reason):
        with open(os.path.join(os.path.dirname(__file__), "notes"), "a") as file:
            file.write(f"{type(reason).__name__}\\n")

@app.route("/")
class Single(Counter):
    pass

@app.route("/daemon/<name>")
class Shared(Counter):
    daemon = True

@app.route("/stats", interactive=False)
class Stats(View):
    def handle_request(self, request):
        return json.dumps({"pid": os.getpid(), **app.stats(), "files": len(os.listdir("/proc/self/fd"))})

if __name__ == "__main__":
    app.run("127.0.0.1")
"""

GUNICORN = ("-m", "gunicorn", "--bind", "127.0.0.1:{}", "--graceful-timeout", "30", "--no-control-socket", "-w", "4")
GEVENT = (*GUNICORN, "-k", "gevent", "site_under_test:app")
SERVERS = {
    "gevent": GEVENT,
    "gevent --preload": (*GUNICORN, "-k", "gevent", "--preload", "site_under_test:app"),
    "gevent_pywsgi": (*GUNICORN, "-k", "gevent_pywsgi", "site_under_test:app"),
    "geventwebsocket": (*GUNICORN, "-k", "geventwebsocket.gunicorn.workers.GeventWebSocketWorker", "site_under_test:app"),
}


@contextmanager
def site(folder: Path, command: tuple[str, ...] = GEVENT) -> Iterator[tuple[Process, int]]:
    """Four workers; all of them have started."""
    port = free_port()
    (folder / "site_under_test.py").write_text(SITE)
    environment = {"LONA_SYNC_RUNTIME_DIRECTORY": str(folder / "run"), "LONA_SYNC_PORT": str(port)}
    (folder / "run").mkdir(mode=0o700)
    with process(folder, *(word.format(port) for word in command), **environment) as server:
        if "--certfile" in command:
            server.wait_for_port(port)
        else:
            server.wait_for_page(port)
        wait_until(lambda: len(sockets(folder)) == 4, explain=lambda: server.output)
        yield server, port


def sockets(folder: Path) -> list[Path]:
    return [path for path in folder.glob("run/*/*") if re.fullmatch(r"[A-Za-z0-9_-]{8}", path.name)]


def lose(view: View) -> None:
    """The connection ends without a goodbye."""
    view.browser.raw.sock.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of four workers that no test harms."""
    with site(tmp_path_factory.mktemp("site")) as (server, port):
        yield port
        assert "Traceback" not in server.output


@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)
def test_a_view_is_resumed_through_any_worker(tmp_path: Path, command: tuple[str, ...]):
    with site(tmp_path, command) as (server, port):
        cookie = cookie_of(port)
        view = Browser(port, cookie).open("/")
        texts = [view.click(), view.click()]
        lose(view)

        with elsewhere(port, view.worker, cookie) as other:
            answer = view.resume(other)
            texts += [view.click(), view.click()]
        output = server.output

    assert answer[:4] == [1, 1, view.id, view.secret]
    assert texts == ["clicked 1", "clicked 2", "clicked 3", "clicked 4"]
    assert "Traceback" not in output
    assert "Error" not in output


def test_what_follows_the_handshake_at_once_travels_to_the_owner(shared: int):
    view = Browser(shared).open("/")

    def attempt() -> str | None:
        """Everything in one piece: handshake, a window that tells which worker it is, the resume, and a hundred clicks."""
        lose(view)
        clicks = b"".join(view.click_frame() for _ in range(100))
        probe = text_frame([1, 999, "/", None]) + text_frame([3, 999])
        view.browser = Browser(shared, then=probe + view.resume_frame() + clicks)
        accepted = view.browser.hear_kind(1, 999)[2].partition(".")[0]
        assert view.browser.hear_kind(1)[2] == view.id
        wait_until(lambda: view.changed() == f"clicked {view.events}")
        return accepted if accepted != view.tag else None

    accepted = wait_until(attempt)

    assert accepted != view.tag
    lose(view)


def test_two_tabs_join_one_daemon_view_through_two_workers(shared: int):
    cookie = cookie_of(shared)
    first = Browser(shared, cookie).open("/daemon/joined")

    with first.browser, elsewhere(shared, first.worker, cookie) as other:
        second = other.open("/daemon/joined")
        texts = [first.click(), second.changed(), second.click(), first.changed()]
        alone = other.open("/daemon/another", window=2)

    assert (second.id, second.worker) == (first.id, first.worker)
    assert texts == ["clicked 1", "clicked 1", "clicked 2", "clicked 2"]
    assert alone.id != first.id


def test_many_who_begin_one_daemon_at_once_agree_on_one_afterwards(shared: int):
    cookie = cookie_of(shared)

    with ExitStack() as stack:
        browsers = [stack.enter_context(Browser(shared, cookie)) for _ in range(12)]
        for browser in browsers:
            browser.say(1, 1, "/daemon/raced", None)
        begun = {View.shown(browser, 1).id for browser in browsers}
        later = {stack.enter_context(Browser(shared, cookie)).open("/daemon/raced").id for _ in range(12)}

    assert len(later) == 1
    assert later <= begun


def test_a_page_with_windows_of_several_workers_resumes_all_of_them_on_one_connection(shared: int):
    cookie = cookie_of(shared)
    first = Browser(shared, cookie).open("/", window=1)
    second = elsewhere(shared, first.worker, cookie).open("/", window=2)
    for view in (first, second):
        view.click()
        lose(view)

    for turn in range(4):                           # whichever worker accepts it
        with Browser(shared, cookie) as browser:
            answers = [view.resume(browser)[0] for view in (first, second)]
            texts = [view.click() for view in (first, second)]

        assert answers == [1, 1]
        assert texts == [f"clicked {turn + 2}"] * 2


def test_hundreds_of_hand_overs_leave_no_file_open(shared: int):
    views = [Browser(shared).open("/") for _ in range(8)]

    def lose_and_resume_all(times: int) -> None:
        for _ in range(times):
            for view in views:
                lose(view)
                assert view.resume(Browser(shared))[0] == 1

    def files() -> dict[int, int]:
        for view in views:
            lose(view)
        wait_until(lambda: all(each["connections"] == 0 for each in stats_of_all(shared).values()))
        return {pid: each["files"] for pid, each in stats_of_all(shared).items()}

    lose_and_resume_all(2)
    before = files()
    given = sum(each.get("handovers.given", 0) for each in stats_of_all(shared).values())
    lose_and_resume_all(30)
    after = files()

    assert sum(each.get("handovers.given", 0) for each in stats_of_all(shared).values()) > given
    assert all(abs(after[pid] - before[pid]) <= 1 for pid in before)        # the very request that counts may be two at a time


def test_a_connection_that_ends_its_tls_in_a_worker_is_relayed(tmp_path: Path):
    command = (*GEVENT[:-1], "--certfile", str(CERTIFICATE), "--keyfile", str(CERTIFICATE), GEVENT[-1])
    with site(tmp_path, command) as (server, port):
        cookie = cookie_of(port, tls=True)
        view = Browser(port, cookie, tls=True).open("/")
        texts = [view.click()]
        lose(view)

        with elsewhere(port, view.worker, cookie, tls=True) as other:
            answer = view.resume(other)
            texts += [view.click(), view.click()]
        found = stats_of_all(port, tls=True)
        output = server.output

    assert answer[:4] == [1, 1, view.id, view.secret]
    assert texts == ["clicked 1", "clicked 2", "clicked 3"]
    assert sum(each.get("relays", 0) for each in found.values()) == 1
    assert "lona_sync/" not in output             # who only looks whether the port is open fails gevent's handshake


def test_a_worker_that_is_killed_takes_only_its_own_views_along(tmp_path: Path):
    with site(tmp_path) as (server, port), ExitStack() as stack:
        cookie = cookie_of(port)
        views = [stack.enter_context(Browser(port, cookie)).open("/") for _ in range(12)]
        daemon = Browser(port, cookie).open("/daemon/d")
        handed = View(views[0].browser, 1, views[0].id, views[0].secret)
        doomed = views[0].worker
        lose(views[0])
        views[0].resume(elsewhere(port, doomed, cookie))         # a socket that another worker has accepted is doomed, too
        mine = [view for view in views if view.worker == doomed]
        others = [view for view in views if view.worker != doomed]

        os.kill(int(doomed), signal.SIGKILL)
        codes = [view.browser.close_code() for view in mine]
        texts = [view.click() for view in others]
        answers = [view.resume(Browser(port, cookie)) for view in mine for _ in range(3)]
        anew = Browser(port, cookie).open("/")
        text = anew.click()
        joined = Browser(port, cookie).open("/daemon/d")
        wait_until(lambda: len(sockets(tmp_path)) == 4)          # a new worker, and the old one's socket is gone
        output = server.output

    assert handed.id == views[0].id
    assert codes == [None] * len(mine)
    assert texts == ["clicked 1"] * len(others)
    assert answers == [[7, 1, 1]] * len(answers)                  # restarted
    assert text == "clicked 1"
    assert (joined.id == daemon.id) == (daemon.worker != doomed)
    assert "Traceback" not in output


def test_a_worker_that_is_stopped_for_a_while_costs_its_browsers_time_and_no_view(tmp_path: Path):
    with site(tmp_path) as (_, port):
        cookie = cookie_of(port)
        view = Browser(port, cookie).open("/")
        other = elsewhere(port, view.worker, cookie)
        beside = elsewhere(port, view.worker, cookie).open("/")
        lose(view)

        os.kill(int(view.worker), signal.SIGSTOP)
        other.raw.send(view.resume_frame())
        texts = [beside.click() for _ in range(20)]
        code = other.close_code()
        os.kill(int(view.worker), signal.SIGCONT)
        answer = view.resume(Browser(port, cookie))
        text = view.click()

    assert texts == [f"clicked {number}" for number in range(1, 21)]
    assert code == 4001
    assert answer[:3] == [1, 1, view.id]
    assert text == "clicked 1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_workers_that_end_tell_browsers_whose_sockets_others_have_accepted(tmp_path: Path, number: signal.Signals):
    with site(tmp_path) as (server, port):
        cookie = cookie_of(port)
        views = [Browser(port, cookie).open("/") for _ in range(12)]
        for view in views:
            lose(view)
            view.resume(elsewhere(port, view.worker, cookie))

        server.signal(number)
        codes = [view.browser.close_code() for view in views]
        status = server.wait(QUICKLY)
        output = server.output
        left = sockets(tmp_path)

    assert codes == [1012] * 12
    assert status == 0
    assert (tmp_path / "notes").read_text().count("ServerStop") == 12
    assert "Traceback" not in output
    assert left == []
