"""`lona-sync shell`, with a real server: whom it finds, and what it says when it cannot."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.commands import failure
from tests.cluster.processes import PATIENCE, ROOT, Process, free_port, process, wait_until

SHOP = """
from lona_sync import App, View
app = App(__file__)
app.state["orders"] = 3
"""
#: Ctrl-C. Python's `input` does not hear one that comes between its prompt and its wait for a key (53 of 20,000 that were typed as
#: soon as the prompt was there), until another key comes. People press it again, and so does `typing`.
INTERRUPT = "\x03"


@pytest.fixture(autouse=True)
def runtime_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONA_SYNC_RUNTIME_DIRECTORY", str(folder / "run"))


@contextmanager
def server(folder: Path, *options: str) -> Iterator[Process]:
    port = free_port()
    (folder / "shop.py").write_text(SHOP)
    with process(folder, "-m", "lona_sync", "run", "--host=127.0.0.1", f"--port={port}", "shop.py", *options) as running:
        # It listens before the others on the machine can find it.
        wait_until(lambda: "serving shop.py" in running.output, explain=lambda: running.output)
        yield running


def shell(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    with process(folder, "-m", "lona_sync", "shell", *arguments) as command:
        return command.wait(), command.output.splitlines()


def test_lines_run_in_the_server(folder: Path):
    with server(folder, "--shell"):
        found = shell(folder, "shop.py", "-c", "orders = app.state['orders']", "-c", "orders + 1")

    assert found == (0, ["4"])


def test_a_line_that_fails_ends_with_1(folder: Path):
    with server(folder, "--shell"):
        status, lines = shell(folder, "shop.py", "-c", "1 / 0", "-c", "2")

    assert (status, lines[-2:]) == (1, ["ZeroDivisionError: division by zero", "2"])


def test_a_server_that_was_not_started_with_it_lets_nobody_in(folder: Path):
    with server(folder):
        told = failure("shell", "shop.py")

    assert told == "lona-sync: the server did not open a shell: it lets nobody in: start it with --shell, or set SHELL = True"


@contextmanager
def typing(folder: Path, *arguments: str) -> Iterator[Callable[[str, str], None]]:
    """`lona-sync shell` in a terminal: a function that types a text and waits until what it wants is shown."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lona_sync", "shell", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    running = subprocess.Popen(
        command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),             # else Ctrl-C is a sign like others
    )
    os.close(theirs)
    shown = ""

    def type_in(text: str, wanted: str) -> None:
        nonlocal shown
        os.write(ours, text.encode())
        deadline = time.monotonic() + PATIENCE
        while wanted not in shown:
            if not select.select([ours], [], [], 1.0)[0]:
                assert time.monotonic() < deadline, shown
                if text == INTERRUPT:
                    os.write(ours, text.encode())
                continue
            try:
                shown += os.read(ours, 4096).decode()
            except OSError:
                raise AssertionError(f"it has ended, and has shown\n{shown}") from None
        shown = shown.partition(wanted)[2]

    try:
        yield type_in
    finally:
        os.close(ours)
        running.kill()
        running.wait()


def test_a_person_is_asked_and_may_interrupt(folder: Path):
    with server(folder, "--shell"), typing(folder, "shop.py") as type_in:
        type_in("", ">>> ")
        type_in("import time; print('began'); time.sleep(1000)\n", "began\r\n")
        type_in(INTERRUPT, "interrupted\r\n>>> ")
        type_in("if True:\n", "... ")
        type_in(INTERRUPT, ">>> ")
        type_in("app.state['orders'] * 14\n", "42\r\n>>> ")
        type_in("app.script_pa\t\n", "PosixPath(")
        type_in("", ">>> ")                               # until then the terminal itself would take Ctrl-D
        type_in("\x04", "\n")


def test_without_a_server_this_is_told(folder: Path):
    assert failure("shell") == "lona-sync: no server of this user is running on this machine"


def test_a_worker_of_gunicorn_lets_in_by_the_setting(folder: Path):
    port = free_port()
    (folder / "shop.py").write_text(SHOP + "app.settings.SHELL = True\n")
    command = "-m", "gunicorn", "-k", "gevent", "-w", "1", "--no-control-socket", "-b", f"127.0.0.1:{port}", "shop:app"
    with process(folder, *command) as running:
        running.wait_for_port(port)
        wait_until(lambda: shell(folder, "shop.py", "-c", "1")[0] == 0, explain=lambda: running.output)

        status, lines = shell(folder, "shop.py", "-c", "app.parts.worker is not None")

    assert (status, lines) == (0, ["True"])


def test_of_several_processes_one_has_to_be_named(folder: Path):
    with server(folder, "--shell") as one, server(folder, "--shell"):
        told = failure("shell")
        status, lines = shell(folder, "--pid", str(one.number), "-c", "import os; os.getpid()")
        wrong = failure("shell", "--pid", "1")

    assert told.startswith("lona-sync: several processes run: ")
    assert (status, lines) == (0, [str(one.number)])
    assert wrong.startswith("lona-sync: process 1 is no server of this user; there are [")
