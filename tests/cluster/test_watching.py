"""What an operator sees of real servers: `lona-sync ps`, Prometheus' text of all workers, and the log of a blocked hub."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from gevent import Timeout

from lona_sync.server.watching.numbers import BY_NAME
from tests.cluster.processes import ROOT, process, wait_until
from tests.cluster.test_processes import GUNICORN, SERVERS, SITE, Window, free_port, get, notes, site
from tests.server.raw_client import RawClient, connect
from tests.server.test_metrics import samples

WATCHED = SITE.replace("app.settings.STOP_TIMEOUT = 2", """
import time
from gevent import monkey
app.settings.STOP_TIMEOUT = 2
app.settings.METRICS_PATH = "/metrics"
app.settings.WATCHDOG_SECONDS = 0.25
""").replace('if __name__ == "__main__":', """
@app.route("/block", interactive=False)
class Block(View):
    def handle_request(self, request):
        monkey.get_original("time", "sleep")(4.0)
        return "blocked"

@app.route("/busy", interactive=False)
class Busy(View):
    def handle_request(self, request):
        # Turns of a few milliseconds, one after the other, for as long as the process lives: whenever it is stopped, it is in one.
        note("busy")
        while True:
            end = time.monotonic() + 0.005
            while time.monotonic() < end:
                pass
            time.sleep(0.0001)

if __name__ == "__main__":""")

COMMANDS = {name: SERVERS[name] for name in ("lona-sync run", "gunicorn gevent")}


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.cluster.test_processes.SITE", WATCHED)
    monkeypatch.setenv("LONA_SYNC_RUNTIME_DIRECTORY", str(tmp_path / "run"))


def ps(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lona_sync", "ps", *arguments], cwd=folder, capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": str(ROOT), "LONA_SYNC_RUNTIME_DIRECTORY": str(folder / "run")},
    )


def test_ps_lists_the_views_of_all_workers(tmp_path: Path):
    with site(tmp_path, SERVERS["gunicorn with two workers"]) as (_, port), ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(Window(port))
        table = ps(tmp_path)
        listed = ps(tmp_path, "site_under_test:app", "--json")

    assert (table.returncode, table.stderr) == (0, "")
    header, *rows = table.stdout.splitlines()
    assert header.startswith("PID")
    assert len(rows) == 6
    assert all("click of Button '+1'" in row and "site_under_test.py:" in row for row in rows)
    views = [json.loads(line) for line in listed.stdout.splitlines()]
    assert {view["state"] for view in views} == {"waiting"}
    assert {str(view["pid"]) for view in views} == {row.split()[0] for row in rows}
    assert views[0]["application"] == str(tmp_path / "site_under_test.py")


def test_ps_ends_quietly_when_nobody_reads_on(tmp_path: Path):
    with site(tmp_path, SERVERS["lona-sync run"]) as (_, port), Window(port):
        command = f"{sys.executable} -m lona_sync ps 2>errors | true; cat errors"
        result = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={"PYTHONPATH": str(ROOT), "LONA_SYNC_RUNTIME_DIRECTORY": str(tmp_path / "run"), "PATH": "/usr/bin:/bin"},
        )

    assert result.stdout == ""


def test_ps_of_a_script_that_does_not_run_says_so(tmp_path: Path):
    (tmp_path / "site_under_test.py").write_text(WATCHED)

    result = ps(tmp_path, "site_under_test.py")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("lona-sync: no server of site_under_test.py is running")


def test_one_request_of_prometheus_gets_the_numbers_of_all_workers(tmp_path: Path):
    with site(tmp_path, SERVERS["gunicorn with two workers"]) as (_, port), ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(Window(port)).click()
        # A worker that has not had a request yet may still be starting.
        found = wait_until(lambda: of_workers(port, 2))

    events = [value for (name, _), value in found.items() if name == "lona_sync_events_total"]
    assert sum(events) == 4
    assert sum(value for (name, _), value in found.items() if name == "lona_sync_views") == 4
    assert found["lona_sync_workers_silent", ""] == 0
    assert len({name for name, _ in found}) >= len(BY_NAME)


def of_workers(port: int, count: int) -> dict[tuple[str, str], float] | None:
    found = samples(get(port, "/metrics"))
    return found if len({worker for _, worker in found} - {""}) == count else None


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_who_blocks_a_worker_is_named_in_its_log(tmp_path: Path, command: tuple[str, ...]):
    with site(tmp_path, command) as (server, port):
        get(port, "/block")
        wait_until(lambda: "the hub was blocked" in server.output, explain=lambda: server.output)
        blocked = wait_until(lambda: total(port, "lona_sync_hub_blocked_total"))
        output = server.output
        server.signal(signal.SIGTERM)
        status = server.wait()

    assert blocked >= 1
    assert "by Block at '/block' of anonymous-" in output
    assert f"{tmp_path / 'site_under_test.py'}:" in output
    assert status == 0
    assert "Traceback" not in server.output


def total(port: int, name: str) -> float:
    return sum(value for (each, _), value in samples(get(port, "/metrics")).items() if each == name)


def test_a_process_that_was_stopped_for_a_while_has_blocked_nobody(tmp_path: Path):
    port = free_port()
    (tmp_path / "site_under_test.py").write_text(WATCHED)
    with process(tmp_path, "-m", "lona_sync", "run", "site_under_test.py", LONA_SYNC_PORT=str(port)) as server:
        server.wait_for_port(port)
        with ExitStack() as stack:
            client = stack.enter_context(RawClient(connect(("127.0.0.1", port))))
            client.send(b"GET /busy HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: "busy" in notes(tmp_path))
            before = total(port, "lona_sync_hub_blocked_total")
            server.signal(signal.SIGSTOP)
            wait_until(lambda: server.stopped)
            subprocess.run([sys.executable, "-c", "import time; time.sleep(1.5)"], check=True)
            server.signal(signal.SIGCONT)
            busy = total(port, "lona_sync_hub_busy_seconds_total")
            wait_until(lambda: total(port, "lona_sync_hub_busy_seconds_total") > busy + 0.5)
            after = total(port, "lona_sync_hub_blocked_total")

    assert after == before


def test_a_blocked_worker_does_not_keep_the_other_one_from_telling(tmp_path: Path):
    command = (*GUNICORN, "-k", "gevent", "-w", "2", "site_under_test:app")
    with site(tmp_path, command) as (_, port):
        wait_until(lambda: of_workers(port, 2))
        pids = {worker for _, worker in samples(get(port, "/metrics"))} - {""}
        stopped = int(sorted(pids)[0])
        os.kill(stopped, signal.SIGSTOP)
        try:
            found = wait_until(lambda: silent(port))
        finally:
            os.kill(stopped, signal.SIGCONT)

    assert found == 1


def silent(port: int) -> float | None:
    """How many workers are silent, if one that is not has answered."""
    with Timeout(10, False):                                 # the stopped one may have been given the request
        return samples(get(port, "/metrics"))["lona_sync_workers_silent", ""]
    return None
