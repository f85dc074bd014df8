"""The package is typed for those who use it: mypy finds in tests/typing what is wrong there, and nothing else.

Each file is checked as a user's own, with `mypy --strict` and no configuration. A line that mypy has to complain about ends with
`# error:` and the codes that it gives; what it has to understand stands in an `assert_type`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.types

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(__file__).parent / "typing"

# As in an environment where the package is installed: mypy takes its types, since it has a py.typed, and is silent about it.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
COMMAND = [
    sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(ROOT / ".mypy_cache" / "users"),
    "--no-error-summary", "--no-pretty", "--show-error-codes",
]

FOUND = re.compile(r"^(\w+\.py):(\d+): error: .*\[([-a-z]+)\]$", re.MULTILINE)
EXPECTED = re.compile(r"# error: (.+)$")


def test_mypy_finds_every_mistake_in_programs_of_users_and_no_other() -> None:
    """Without mypy it fails: nobody would notice that it was skipped."""
    files = sorted(PROGRAMS.glob("*.py"))
    expected = {
        f"{file.name}:{number} {code}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if (match := EXPECTED.search(line))
        for code in match[1].split(", ")
    }

    mypy = subprocess.run(
        [*COMMAND, *[file.name for file in files]], cwd=PROGRAMS, env=ENVIRONMENT, capture_output=True, text=True, timeout=600,
    )

    found = {f"{name}:{line} {code}" for name, line, code in FOUND.findall(mypy.stdout)}
    assert mypy.returncode == 1 and not mypy.stderr, f"mypy has failed:\n{mypy.stdout}{mypy.stderr}"
    assert found == expected, mypy.stdout
