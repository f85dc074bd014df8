"""What is left of a hundred thousand views that were opened and closed.

Each view has a group in a group, tasks that wait for time, messages and each other, a handler in the middle of its work, and is
left by its browser; a hundred are open at the same time. All in one process, over the wire protocol, without sockets. It is `Wrong`
when there are more greenlets, views or subscriptions than before; the memory of the process at the end is compared with that after
the first tenth. One round: what leaks adds up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.processes import ROOT, SERVERS
from benchmarks.results import Result
from benchmarks.tabs.base import Wrong

HUNDREDS = 1000                     # of views; so many are open at the same time


def measure(bench: Bench) -> Iterator[Result]:
    views = 100 * bench.count(HUNDREDS)
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.programs.leftovers", str(views)], cwd=ROOT, capture_output=True, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, SERVERS),
    )
    if ended.returncode:
        raise Wrong(f"the program has ended with {ended.returncode}:\n{ended.stderr}")
    found = json.loads(ended.stdout)
    if any(found["left"].values()):
        raise Wrong(f"of {views} views is left: {found['left']}")
    late, early = found["late"] / 2**20, found["early"] / 2**20
    yield Result(
        f"memory after {views:,} views", "MiB", late, early, late / early, late / early, late / early,
        versus="after a tenth", at_most=1.1,
    )
    yield Result("   to open and close one, CPU", "µs", found["seconds"] / views * 1e6)
