"""Programs that time themselves: one piece of work at a time, when they are asked, on the processor of the servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, SERVERS


class Stopwatch:
    """A program that reads a line of JSON for each piece of work, and answers each by one: what it has measured."""

    def __init__(self, python: Path | str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [str(python), *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            preexec_fn=lambda: os.sched_setaffinity(0, SERVERS),
        )

    def __enter__(self) -> Stopwatch:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def ask(self, *work: Any) -> Any:                        # Any: JSON
        """What it answers; waits for it. SystemExit when it ends instead."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(work) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit(f"{self._process.args!r} has ended with {self._process.wait()}")
        return json.loads(answer)


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> float:
    """Run a program to its end: seconds of processors that it has used. SystemExit when it fails."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, SERVERS),
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command!r} has ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
