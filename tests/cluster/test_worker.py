"""A worker knows that it is one, whoever has taken over its signals, and however many applications it has."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cluster.processes import free_port, process, wait_until
from tests.cluster.test_processes import GUNICORN, QUICKLY, get

APPLICATION = """
import json
from lona_sync import App, View

def application():
    app = App(__file__)

    @app.route("/", interactive=False)
    class Page(View):
        def handle_request(self, request):
            return json.dumps([app.parts.siblings.enlisted, bool(app.parts.watchdog._watchers)])

    return app
"""
HANDLER = """
import signal

former = signal.getsignal(signal.SIGTERM)

def clean_up(number, frame):
    print("my own clean-up", flush=True)
    if callable(former):
        former(number, frame)

signal.signal(signal.SIGTERM, clean_up)
"""
TWO = """
from werkzeug.middleware.dispatcher import DispatcherMiddleware

first, second = application(), application()
app = DispatcherMiddleware(first, {"/second": second})
"""
SITES = {
    "two applications": (APPLICATION + TWO, []),
    "two applications, preloaded": (APPLICATION + TWO, ["--preload"]),
    "a handler of the user's before the application": (APPLICATION + HANDLER + "app = application()", []),
    "a handler of the user's behind the application": (APPLICATION + "app = application()" + HANDLER, []),
}


@pytest.mark.parametrize(("source", "options"), SITES.values(), ids=SITES)
def test_each_application_of_a_worker_is_found_by_others_and_watched(tmp_path: Path, source: str, options: list[str]):
    port = free_port()
    (tmp_path / "site_under_test.py").write_text(source)
    (tmp_path / "run").mkdir(mode=0o700)
    command = [word.format(port) for word in GUNICORN] + ["-k", "gevent", *options, "site_under_test:app"]

    with process(tmp_path, *command, LONA_SYNC_RUNTIME_DIRECTORY=str(tmp_path / "run")) as server:
        server.wait_for_port(port)
        wait_until(lambda: list(tmp_path.glob("run/*/????????")), explain=lambda: server.output)       # before anybody has come
        found = [json.loads(get(port, path)) for path in ("/", "/second" if "second" in source else "/")]
        server.signal(signal.SIGTERM)
        status = server.wait(QUICKLY)
        output = server.output

    assert found == [[True, True]] * 2
    assert status == 0
    assert "no worker of gunicorn was found" not in output
    assert ("my own clean-up" in output) == ("clean_up" in source)
    assert "Traceback" not in output


def test_a_worker_of_no_known_kind_says_that_others_do_not_find_it(tmp_path: Path):
    port = free_port()
    (tmp_path / "site_under_test.py").write_text(APPLICATION + "app = application()")
    (tmp_path / "workers.py").write_text("""if True:
        from gunicorn.workers.ggevent import GeventWorker

        class Foreign:
            def __init__(self, *arguments):
                self._inner = GeventWorker(*arguments)

            def __getattr__(self, name):
                return getattr(self._inner, name)
    """)
    command = [word.format(port) for word in GUNICORN] + ["-k", "workers.Foreign", "site_under_test:app"]

    with process(tmp_path, *command, LONA_SYNC_RUNTIME_DIRECTORY=str(tmp_path / "run")) as server:
        server.wait_for_port(port)
        found = json.loads(get(port, "/"))
        output = server.output

    assert found == [False, False]
    assert output.count("no worker of gunicorn was found") == 1
