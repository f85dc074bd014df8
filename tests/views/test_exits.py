"""`sys.exit()` in a view ends the view."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lona_sync import Channel, Request, View
from lona_sync.html import Button
from lona_sync.testing import Client, Page
from lona_sync.views.exits import is_of_process
from tests.browser.servers import RunningServer, free_port
from tests.views.apps import app_of


class Quiet(View):
    def handle_request(self, request: Request) -> object:
        return "quiet"


class InProcedure(View):
    def handle_request(self, request: Request) -> object:
        sys.exit(3)


class InInit(View):
    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        sys.exit("no")


class InHandler(View):
    def handle_request(self, request: Request) -> object:
        return Button("leave", handle_click=lambda event: sys.exit())


class InSpawned(View):
    def handle_request(self, request: Request) -> object:
        self.spawn(sys.exit)
        self.sleep(600)


class InChannel(View):
    def handle_request(self, request: Request) -> object:
        self.subscribe("exit", lambda message: sys.exit())
        return "subscribed"


def check(page: Page, other: Page) -> None:
    page.wait_for(lambda: "500" in page.text())
    other.settle()
    assert other.text() == "quiet"


@pytest.mark.parametrize("view", [InProcedure, InInit, InHandler, InSpawned, InChannel])
def test_it_is_an_error_of_this_view_alone(view: type[View], caplog: pytest.LogCaptureFixture):
    client = Client(app_of(view, Quiet))
    other = client.open("/1")
    page = client.open("/")
    if view is InHandler:
        page.click("button")
    Channel("exit").send()

    check(page, other)

    assert "a view ends by returning, not by sys.exit()" in caplog.text


@pytest.mark.parametrize("hook", ["on_stop", "on_cleanup"])
def test_a_hook_cannot_end_the_server_either(hook: str, caplog: pytest.LogCaptureFixture):
    def leave(self: View, *args: object) -> None:
        sys.exit(3)

    leave.__name__ = hook
    view = type("Own", (Quiet,), {hook: leave})
    page = Client(app_of(view)).open("/")

    page.close()
    page.wait_for(lambda: page.client.app.stats()["views"] == 0)

    assert f"error in {hook}" in caplog.text


def test_over_plain_http_it_is_an_internal_error():
    app = app_of(Quiet)
    app.route("/plain", interactive=False)(InProcedure)

    status = Client(app).http.get("/plain").status_code

    assert status == 500


@pytest.mark.parametrize(("module", "expected"), [("gunicorn.workers.base", True), ("gunicorns", False), ("shop.views", False)])
def test_a_signal_that_ends_the_process_in_the_middle_of_a_view_ends_it(module: str, expected: bool):
    handler: dict[str, object] = {"__name__": module}
    exec("import sys\ndef handle_abort(): sys.exit(1)", handler)              # as gunicorn's, for a view that blocks for too long

    with pytest.raises(SystemExit) as raised:
        handler["handle_abort"]()

    assert is_of_process(raised.value) is expected


SCRIPT = """
import sys
from lona_sync import App, View
app = App(__file__)

@app.route('/', interactive=False)
class Leaves(View):
    def handle_request(self, request):
        sys.exit(7)

if __name__ == '__main__':
    app.run()
"""


def test_a_real_server_goes_on(tmp_path: Path):
    script = tmp_path / "leaves.py"
    script.write_text(SCRIPT)
    port = free_port()
    server = RunningServer(
        [sys.executable, "-m", "lona_sync", "run", "--host", "127.0.0.1", "--port", str(port), str(script)], port, tmp_path / "log",
    )

    for _ in range(2):
        with pytest.raises(OSError, match="500"):
            server.get("/")

    assert server.process.poll() is None
    assert server.stop() == 0
