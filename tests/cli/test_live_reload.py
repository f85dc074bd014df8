"""`--live-reload`, with real processes: what starts anew, what answers meanwhile, and that all ends together."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.processes import Process, free_port, process, wait_until

SHOP = """
import os
from lona_sync import App, View
app = App(__file__)

@app.route("/", interactive=False)
class Home(View):
    def handle_request(self, request):
        return f"VERSION {os.getpid()}"
"""


class Server:
    """The program `shop.py` under a supervisor."""

    def __init__(self, folder: Path, port: int, running: Process) -> None:
        self._script = folder / "shop.py"
        self.port = port
        self.running = running

    def write(self, version: str, more: str = "") -> None:
        self._script.write_text(SHOP.replace("VERSION", version) + more)

    def get(self, path: str = "/") -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def until(self, status: int, text: str) -> str:
        """The body of the first page that is so."""
        def found() -> str | None:
            told = self.get()
            return told[1] if told[0] == status and text in told[1] else None

        return wait_until(found, explain=lambda: f"no {status} with {text!r} but {self.get()!r}; it wrote\n{self.running.output}")

    def numbers(self) -> dict[str, str]:
        numbers: dict[str, str] = json.loads(self.get("/_lona_sync/live-reload")[1])
        return numbers

    def until_numbers(self, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        return wait_until(lambda: found if wanted(found := self.numbers()) else None)


def process_of(page: str) -> int:
    found = re.search(r"\w+ (\d+)", page)
    assert found
    return int(found[1])


def lives(number: int) -> bool:
    """Not a dead one that nobody has asked for its status either: its parent may have gone first."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


@pytest.fixture(params=["option", "argument", "python", "application"])
def how(request: pytest.FixtureRequest) -> str:
    """How live reload is asked for."""
    return str(request.param)


@contextmanager
def serving(folder: Path, how: str = "option", more: str = "") -> Iterator[Server]:
    port = free_port()
    options = ["--host=127.0.0.1", f"--port={port}"]
    if how in ("argument", "python"):
        more += f"\napp.run('127.0.0.1', {port}, live_reload=True)"
    command = {
        "option": ["-m", "lona_sync", "run", *options, "--live-reload", "shop.py"],
        "argument": ["-m", "lona_sync", "run", "shop.py"],
        "python": ["shop.py"],
        "application": ["-m", "lona_sync", "run", "shop:app", *options, "--live-reload"],
    }[how]
    (folder / "shop.py").write_text(SHOP.replace("VERSION", "one") + more)
    with process(folder, *command) as running:
        server = Server(folder, port, running)
        yield server


def test_a_change_of_the_source_starts_another_process(folder: Path, how: str):
    with serving(folder, how) as server:
        first = server.until(200, "one")
        before = server.numbers()

        text = (folder / "shop.py").read_text()
        (folder / "shop.py").write_text(text.replace("one", "two"))
        second = server.until(200, "two")
        after = server.numbers()

        assert not lives(process_of(first))
        assert lives(process_of(second))
        assert (before["run"], after["run"], after["page"]) == ("1", "2", "1")


def test_a_program_that_does_not_start_is_answered_for_until_it_does(folder: Path):
    with serving(folder) as server:
        server.until(200, "one")

        server.write("two", "\n1 / <0>")
        broken = server.until(503, "The program does not start")
        told = server.numbers()
        server.write("three")
        server.until(200, "three")
        mended = server.numbers()

    assert "SyntaxError: invalid syntax" in broken
    assert "1 / &lt;0&gt;" in broken
    assert "runpy" not in broken, "the frames of ours and of Python's are left out"
    assert told["error"].rstrip().endswith("SyntaxError: invalid syntax")
    assert mended["error"] is None


@pytest.mark.parametrize(("code", "expected"), [
    ("import a_module_that_is_missing", "ModuleNotFoundError"), ("raise SystemExit(7)", "The program has ended itself with 7."),
    ("import os; os._exit(8)", "The program has ended with status 8."), ("app = 5", "holds 0 applications"),
])
def test_whatever_keeps_it_from_starting_is_told(folder: Path, code: str, expected: str):
    with serving(folder) as server:
        server.until(200, "one")

        server.write("two", f"\n{code}")

        assert expected in server.until(503, "The program does not start")


def test_a_program_that_did_not_start_at_first_is_started_when_it_is_mended(folder: Path):
    with serving(folder, more="\n1 / 0") as server:
        server.until(503, "ZeroDivisionError")
        server.write("two")
        server.until(200, "two")


def test_others_than_this_machine_are_not_shown_the_source(folder: Path):
    with serving(folder, more="\n1 / 0") as server:
        server.until(503, "ZeroDivisionError")
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/", headers={"X-Forwarded-For": "1.2.3.4"})

        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)

        with refused.value as error:
            body = error.read().decode()
    assert "The program does not start." in body
    assert "Zero" not in body


def test_a_style_sheet_needs_no_other_process(folder: Path):
    with serving(folder) as server:
        first = server.until(200, "one")

        (folder / "shop.css").write_text("p {}")
        numbers = server.until_numbers(lambda found: found["styles"] == "2")

        assert numbers["run"] == "1"
        assert process_of(server.until(200, "one")) == process_of(first)


def test_a_template_makes_pages_load_again_without_another_process(folder: Path):
    with serving(folder) as server:
        server.until(200, "one")

        (folder / "shop.html").write_text("<p>")
        numbers = server.until_numbers(lambda found: found["page"] == "2")

    assert (numbers["run"], numbers["styles"]) == ("1", "1")


def test_folders_of_templates_elsewhere_are_watched(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with serving(folder, more=f"\napp.settings.TEMPLATE_DIRS = [{str(elsewhere)!r}]") as server:
        server.until(200, "one")

        (elsewhere / "shop.html").write_text("<p>")
        server.until_numbers(lambda found: found["page"] == "2")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_program_ends_with_its_supervisor(folder: Path, number: signal.Signals, status: int):
    with serving(folder) as server:
        inner = process_of(server.until(200, "one"))

        server.running.signal(number)
        ended = server.running.wait()

        assert ended == status
        assert not lives(inner)


def test_the_program_ends_when_its_supervisor_is_killed(folder: Path):
    with serving(folder) as server:
        inner = process_of(server.until(200, "one"))

        os.kill(server.running.number, signal.SIGKILL)

        wait_until(lambda: not lives(inner))


def test_a_program_that_ends_by_itself_ends_the_supervisor(folder: Path):
    with serving(folder, more="\nraise SystemExit") as server:
        assert server.running.wait() == 0


def test_an_address_that_is_taken_is_told_in_one_line(folder: Path):
    with serving(folder) as server:
        server.until(200, "one")
        options = "--live-reload", f"--port={server.port}", "--host=127.0.0.1"
        with process(folder, "-m", "lona_sync", "run", *options, "shop.py") as second:
            status = second.wait()

    assert status == 1
    assert "Traceback" not in second.output
    assert "something else listens there already" in second.output
