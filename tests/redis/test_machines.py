"""Two machines behind a balancer: haproxy with the configuration that the documentation recommends, and Redis between them.

A machine is a gunicorn whose processes have a runtime directory of their own, so that they cannot find those of the other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.cluster.processes import ROOT, Process, free_port, process, wait_until
from tests.cluster.windows import Browser, View, cookie_of
from tests.provision import find
from tests.redis.server import RedisServer

#: A view that counts clicks, whichever machine they are made on; its title names the machine.
SITE = """
import os
from lona_sync import App, Channel, View
from lona_sync.html import HTML, Button, P

app = App(__file__)
app.settings.SECRET_KEY = "k" * 32
app.settings.TRUSTED_PROXIES = ("127.0.0.1",)

@app.route("/")
class Counter(View):
    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button), title=os.environ["MACHINE"])
        clicks = Channel(f"clicks.{request.GET.get('name', '')}")
        self.subscribe(clicks.topic, lambda message: text.set_text(f"clicked {message.data}"))
        for n in range(1, 1000):
            self.await_click(button)
            clicks.send(n)
"""


def configuration(port: int, machines: dict[str, int]) -> str:
    """That of docs/deployment.md, with our addresses."""
    text = re.search(r"```haproxy\n(.*?)```", (ROOT / "docs" / "deployment.md").read_text(), re.DOTALL)
    assert text is not None
    configured = text[1].replace("bind :80", f"bind 127.0.0.1:{port}")
    for name, machine in machines.items():
        configured, count = re.subn(rf"server {name} \S+", f"server {name} 127.0.0.1:{machine}", configured)
        assert count == 1
    return configured


@contextmanager
def machine(folder: Path, name: str, broker: str) -> Iterator[tuple[Process, int]]:
    """Two workers, and their port."""
    port = free_port()
    home = folder / name
    home.mkdir()
    (home / "site_under_test.py").write_text(SITE)
    (home / "run").mkdir(mode=0o700)
    command = (
        "-m", "gunicorn", "-k", "gevent", "-w", "2", "--bind", f"127.0.0.1:{port}", "--no-control-socket", "site_under_test:app",
    )
    environment = {"LONA_SYNC_BROKER": broker, "LONA_SYNC_RUNTIME_DIRECTORY": str(home / "run"), "MACHINE": name}
    with process(home, *command, **environment) as server:
        server.wait_for_page(port)
        yield server, port


@pytest.fixture
def balanced(tmp_path: Path, redis_server: RedisServer) -> Iterator[tuple[int, dict[str, Process]]]:
    """The balancer's port, and the machines behind it."""
    haproxy = find("haproxy")
    assert haproxy is not None, "haproxy is missing: python tests/provision.py haproxy"
    port = free_port()
    with ExitStack() as stack:
        machines = {name: stack.enter_context(machine(tmp_path, name, redis_server.url)) for name in ("one", "two")}
        (tmp_path / "haproxy.cfg").write_text(configuration(port, {name: each[1] for name, each in machines.items()}))
        balancer = Process([haproxy, "-db", "-f", "haproxy.cfg"], tmp_path, {})
        stack.callback(balancer.kill)
        balancer.wait_for_port(port)
        yield port, {name: each[0] for name, each in machines.items()}


def test_a_browser_comes_back_to_its_machine_and_any_worker_there_carries_its_view(balanced: tuple[int, dict[str, Process]]):
    port, _ = balanced

    for cookies in (cookie_of(port), cookie_of(port)):
        view = Browser(port, cookies).open(f"/?name={hash(cookies)}")       # else it hears of the clicks before, some of them late
        for number in range(1, 7):
            assert view.resume(Browser(port, cookies))[:3] == [1, 1, view.id]
            assert view.click() == f"clicked {number}"


def test_a_machine_that_dies_takes_its_views_along_and_its_browsers_begin_anew_on_the_other_one(
    balanced: tuple[int, dict[str, Process]],
):
    port, machines = balanced
    cookies = cookie_of(port)
    view = Browser(port, cookies).open("/")
    other = next(name for name in machines if name != view.worker)

    machines[view.worker].kill()
    code = view.browser.close_code()
    browser = wait_until(lambda: let_in(port, cookies))
    answer = view.resume(browser)
    anew = browser.open("/")

    assert code is None
    assert answer == [7, 1, 1]
    assert anew.worker == other


def test_what_happens_on_one_machine_is_seen_on_the_other(balanced: tuple[int, dict[str, Process]], redis_server: RedisServer):
    port, machines = balanced
    views: dict[str, View] = {}

    def both() -> bool:
        view = Browser(port, cookie_of(port)).open("/")
        views.setdefault(view.worker, view)
        return len(views) == len(machines)

    wait_until(both)
    redis_server.await_readers(2)
    texts = [views["one"].click(), views["two"].changed()]

    assert texts == ["clicked 1", "clicked 1"]


def let_in(port: int, cookies: str) -> Browser | None:
    """The balancer says 503 until it has noticed."""
    try:
        return Browser(port, cookies)
    except ConnectionError:
        return None
