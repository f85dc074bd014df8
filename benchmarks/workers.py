"""Processes that get orders and answer, each a line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.processes import ROOT


class Worker:
    """A process of `programs/channels.py`; it is ended with the block."""

    def __init__(self, role: str, argument: str) -> None:
        command = ["-m", "gevent.monkey", "--module", "benchmarks.programs.channels", role, argument]
        self._process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self._role = role

    def order(self, do: str, **arguments: object) -> None:
        assert self._process.stdin is not None
        print(json.dumps({"do": do, **arguments}), file=self._process.stdin, flush=True)

    def answer(self) -> dict[str, Any]:
        """The next one; SystemExit when it has failed: its traceback stands above."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"the process {self._role!r} has ended with {self._process.wait()}, and should have answered")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
