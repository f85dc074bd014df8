"""What an upload costs, and what it does to others: `python -m benchmarks.studies.uploads`.

One gunicorn with two workers; the client is this process. For 64 MiB in requests of 8 MiB:

* CPU of both workers per MiB (user and system, by the kernel's own account), and the rate
    * read by a view that is not interactive and thrown away: the floor
    * for a view whose own worker has the connection
    * for a view whose other worker has it
* how long a plain GET takes at the worker that takes four uploads at one time, as fast as they come; beside the same without any
* 256 KiB written into the system's memory: in the hub's thread, and in one of the pool's, which is how it is done

Not in the figures: disks that cannot keep up; the folder is where temporary files are.
"""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import gevent
from gevent import monkey

from benchmarks.results import compare, head, row
from benchmarks.studies.handover import cpu
from tests.cluster.processes import free_port, process, wait_until
from tests.cluster.windows import Browser, View, cookie_of

MIB = 1024 * 1024
SIZE, PIECE = 64 * MIB, 8 * MIB
#: One to warm up, and five that count.
ROUNDS = 6
GETS = 200

SITE = """
import json, os
from lona_sync import App, View
from lona_sync.html import HTML, Button, FileInput, P

app = App(__file__)
app.settings.FORM_BYTES = 100_000_000

@app.route("/")
class Files(View):
    def handle_request(self, request):
        upload = FileInput()
        self.show(HTML(P(upload.secret), Button("+1"), upload), title=str(os.getpid()))

@app.route("/lag", interactive=False)
class Lag(View):
    def handle_request(self, request):
        return str(app.stats()["hub.lag"])

@app.route("/pid", interactive=False, csrf_exempt=True)
class Pid(View):
    def handle_request(self, request):
        if request.method == "PATCH":
            while request.http_request.stream.read(65_536):
                pass
        return str(os.getpid())
"""


class Line:
    """A connection to the worker that has the view, or to another one."""

    def __init__(self, port: int, cookie: str, view: View, *, own: bool) -> None:
        self.cookie, self.view = cookie, view

        def attempt() -> http.client.HTTPConnection | None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/pid")
            if (connection.getresponse().read().decode() == view.worker) is own:
                return connection
            connection.close()
            return None

        self.http = wait_until(attempt)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        sent = {"Cookie": self.cookie, **{name.replace("_", "-"): text for name, text in headers.items()}}
        self.http.request(method, path, body, sent)
        response = self.http.getresponse()
        data = response.read()
        assert response.status < 300, (response.status, data)
        return data

    def upload(self, data: bytes) -> None:
        files = f"/_lona_sync/files/{self.view.id}/"
        claim = json.dumps([["a", SIZE, "", time.monotonic_ns()]]).encode()
        [[upload, _]] = json.loads(self.ask("POST", files + self.view.text, claim, Content_Type="application/json"))["files"]
        for offset in range(0, SIZE, PIECE):
            self.ask("PATCH", files + upload, data, Upload_Offset=str(offset))

    def throw_away(self, data: bytes) -> None:
        for _ in range(0, SIZE, PIECE):
            self.ask("PATCH", "/pid", data)


def measured(pids: tuple[str, str], action: Callable[[], None]) -> tuple[float, float]:
    """Microseconds of CPU per MiB, and MiB per second."""
    before, began = cpu(*pids), time.monotonic()
    action()
    passed = time.monotonic() - began
    return (cpu(*pids) - before) / (SIZE / MIB), SIZE / MIB / passed


def waits(line: Line) -> float:
    """Milliseconds that a GET takes, of the slowest in a hundred."""
    found = []
    for _ in range(GETS):
        began = time.monotonic()
        line.ask("GET", "/pid")
        found.append((time.monotonic() - began) * 1000)
    return sorted(found)[len(found) * 99 // 100]


def writes(folder: Path, write: Callable[[int, bytearray, int], None]) -> float:
    """Microseconds for each 256 KiB."""
    data = bytearray(256 * 1024)
    path = folder / "file"
    path.touch()
    descriptor = os.open(path, os.O_WRONLY)
    began = time.perf_counter()
    for number in range(256):
        write(descriptor, data, number * len(data))
    os.close(descriptor)
    path.unlink()
    return (time.perf_counter() - began) / 256 * 1e6


def apart(descriptor: int, data: bytearray, offset: int) -> None:
    gevent.get_hub().threadpool.apply(os.pwrite, (descriptor, data, offset))


def main() -> None:
    data = os.urandom(PIECE)
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "site_under_test.py").write_text(SITE)
        command = "-m", "gunicorn", "-k", "gevent", "-w", "2", "--keep-alive", "60", "--bind", f"127.0.0.1:{port}"
        with process(folder, *command, "--no-control-socket", "site_under_test:app", LONA_SYNC_RUNTIME_DIRECTORY=name) as server:
            server.wait_for_port(port)
            cookie = cookie_of(port)
            view = Browser(port, cookie).open("/")
            own, other = Line(port, cookie, view, own=True), Line(port, cookie, view, own=False)
            pids = view.worker, other.ask("GET", "/pid").decode()
            floor, mine, others = [], [], []
            for _ in range(ROUNDS):
                floor.append(measured(pids, lambda: own.throw_away(data)))
                mine.append(measured(pids, lambda: own.upload(data)))
                others.append(measured(pids, lambda: other.upload(data)))
            print(head())
            for title, found in (("at the view's worker", mine), ("at the other one", others)):
                ours, theirs = list(zip(*found, strict=True)), list(zip(*floor, strict=True))
                print(row(compare(f"CPU of an upload, {title}", "µs/MiB", list(ours[0]), list(theirs[0]))))
                print(row(compare(f"rate of an upload, {title}", "MiB/s", list(ours[1]), list(theirs[1]))))
            quiet, busy = [], []
            # Two lines of one user's view would take each other's place: four views.
            lines = [Line(port, cookie, Browser(port, cookie).open("/"), own=True) for _ in range(4)]
            for _ in range(ROUNDS):
                quiet.append(waits(own))
                uploading = [gevent.spawn(line.upload, data) for line in lines]
                busy.append(waits(own))
                gevent.joinall(uploading, raise_error=True)
            print(f"the longest turn of that worker's hub was {float(own.ask('GET', '/lag')) * 1000:.0f} ms")
            print(row(compare("a GET beside four uploads, slowest in a hundred", "ms", busy, quiet)))
        inline, pooled = [], []
        for _ in range(ROUNDS):
            inline.append(writes(folder, os.pwrite))      # type: ignore[arg-type]  # returns how much
            pooled.append(writes(folder, apart))
        print(row(compare("256 KiB written in another thread; floor: in the hub's", "µs", pooled, inline)))


if __name__ == "__main__":
    monkey.patch_all()
    main()
