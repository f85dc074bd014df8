"""What it costs that any worker carries any view: `python -m benchmarks.studies.handover`.

One gunicorn with two workers; the client is this process. Figures are the CPU of both workers together (user and system, by the
kernel's own account), for one of each:

* a click and its frame, one after another, on a view
    * whose connection its own worker has accepted: the floor
    * whose connection the other worker has accepted, and handed over
    * whose window is the second one of a page, and relayed; what all would cost if connections were relayed instead of handed over
* a new connection: its handshake and HELLO, and a RESUME, until STARTED has come
    * accepted by the worker that has the view: the floor
    * accepted by the other one, which hands it over

Not in the figures: opening the views, and connections that land in the wrong worker.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import gevent

from benchmarks.results import compare, head, row
from tests.cluster.processes import free_port, process, wait_until
from tests.cluster.windows import Browser, View, elsewhere

#: One to warm up, and five that count.
ROUNDS = 6
CLICKS = 1000
RESUMES = 40
#: Microseconds that no worker needs to say that it lives.
LIVING = 400.0

SITE = """
import os
from lona_sync import App, View
from lona_sync.html import HTML, Button, P

app = App(__file__)
app.settings.EVENTS_PER_SECOND = 1_000_000
app.settings.PING_INTERVAL = 3600

@app.route("/")
class Counter(View):
    def handle_request(self, request):
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button), title=str(os.getpid()))
        for n in range(1, 1_000_000):
            self.await_click(button)
            text.set_text(f"clicked {n}")
            self.show()
"""


def cpu(*pids: str) -> float:
    """Microseconds that these processes have used."""
    tasks = [task for pid in pids for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1000


def clicks(view: View, pids: tuple[str, str]) -> float:
    before = cpu(*pids)
    for _ in range(CLICKS):
        view.click()
    return (cpu(*pids) - before) / CLICKS


def resumes(port: int, view: View, other: str, *, handed: bool) -> float:
    """Of connections that the worker `other` has accepted, or of those that the view's own one has."""
    return sum(wait_until(lambda: one_resume(port, view, other, handed)) for _ in range(RESUMES)) / RESUMES


def one_resume(port: int, view: View, other: str, handed: bool) -> float | None:
    """None: it came to the wrong worker."""
    view.browser.raw.sock.close()
    quiet(view.worker, other)
    before, before_other = cpu(view.worker), cpu(other)
    view.resume(Browser(port))
    quiet(view.worker, other)
    used, used_other = cpu(view.worker) - before, cpu(other) - before_other
    # A worker that has accepted nothing does nothing; but once a second it says that it lives.
    return used + used_other if handed is (used_other > LIVING) else None


def quiet(*pids: str) -> None:
    """Wait until they have done what there was to do."""
    last = -1.0
    while (now := cpu(*pids)) != last:
        last = now
        gevent.sleep(0.005)


def resumes_at_home(port: int, view: View, other: str) -> None:
    """The view's connection is its own worker's again."""
    wait_until(lambda: one_resume(port, view, other, handed=False))


def windows(port: int) -> tuple[View, View, View, str]:
    """A view of one worker, whose connection is its own; one whose connection is handed; one that is relayed; the other worker."""
    direct = Browser(port).open("/")
    browser = elsewhere(port, direct.worker)
    handed = same_worker(port, direct.worker)
    handed.browser.raw.sock.close()
    handed.resume(browser)
    relayed = same_worker(port, direct.worker, window=2)
    relayed.browser.raw.sock.close()
    page = elsewhere(port, direct.worker)
    other = page.open("/").worker
    relayed.resume(page)
    return direct, handed, relayed, other


def same_worker(port: int, worker: str, window: int = 1) -> View:
    def attempt() -> View | None:
        view = Browser(port).open("/", window)
        return view if view.worker == worker else None

    return wait_until(attempt)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "site_under_test.py").write_text(SITE)
        command = "-m", "gunicorn", "-k", "gevent", "-w", "2", "--bind", f"127.0.0.1:{port}", "--no-control-socket"
        with process(folder, *command, "site_under_test:app", TMPDIR=name) as server:
            server.wait_for_port(port)
            measure(port)


def measure(port: int) -> None:
    direct, handed, relayed, other = windows(port)
    pids = direct.worker, other
    figures: dict[str, list[float]] = {name: [] for name in ("direct", "handed", "relayed", "own", "given")}
    for _ in range(ROUNDS):
        for name, view in (("direct", direct), ("handed", handed), ("relayed", relayed)):
            figures[name].append(clicks(view, pids))
        figures["own"].append(resumes(port, direct, other, handed=False))
        figures["given"].append(resumes(port, direct, other, handed=True))
        resumes_at_home(port, direct, other)
    print(head())
    print(row(compare("a click, its connection handed over", "us CPU", figures["handed"], figures["direct"])))
    print(row(compare("a click, its window relayed", "us CPU", figures["relayed"], figures["direct"])))
    print(row(compare("a new connection that resumes, handed over", "us CPU", figures["given"], figures["own"])))


if __name__ == "__main__":
    main()
