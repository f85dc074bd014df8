"""The command itself: which parts of the framework a program that starts has to wait for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import run_command

#: Is ready to serve, and says which of the modules named it has loaded.
PROGRAM = """
import sys
from lona_sync import App
from lona_sync.server.http.serving import Server

def tell(server):
    print(*sorted({name for name in sys.modules if name.startswith("lona_sync.")} & set(sys.argv[1:])))
    raise SystemExit

app = App(__file__)
if __name__ == "__main__":
    Server.start = tell
    app.run(parse_command_line=False)
"""


def test_a_program_that_starts_loads_no_room_that_nobody_has_entered(tmp_path: Path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    optional = [
        "lona_sync.cli.supervisor", "lona_sync.cli.ps", "lona_sync.server.watching.shell_session",
        "lona_sync.server.watching.shell_commands", "lona_sync.html.parsing", "lona_sync.html.virtual_table",
    ]

    found = subprocess.run(
        [sys.executable, "-m", "lona_sync", "run", str(program), "lona_sync.app", *optional],
        capture_output=True, text=True, timeout=60,
    )

    assert found.stdout == "lona_sync.app\n", found.stderr


def test_all_commands_are_named_to_who_asks(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        run_command("--help")

    assert "{run,routes,collect-static,channel,ps,shell}" in capsys.readouterr().out
