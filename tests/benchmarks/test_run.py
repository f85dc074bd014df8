"""The command that runs the benchmarks. `tox -e bench-brief` runs all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_brief_run_of_one_workload_prints_its_rows():
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--brief", "--no-peers", "--only", "clicks"],
        cwd=ROOT, capture_output=True, text=True,
    )

    assert ended.returncode == 0, ended.stderr
    rows = ended.stdout.splitlines()
    assert any(row.startswith("click → patch, 10 clients, CPU of one / minimal frames over gevent") for row in rows)
