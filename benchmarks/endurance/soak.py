"""Does anything leak? `python -m benchmarks.endurance.soak [--seconds N] [--size N] [--json PATH] [server]`

Everything at once, for ten minutes, in rounds of half a minute (`tests/cluster/soak.py`): 50 visitors click and type, 10 of them
at views that change a hundred times a second, and 10 more of those behind a slow line; tabs open, close and vanish; two pages
share a daemon view; views crash; messages come in bursts of 200; and all lines are cut every two seconds. Uploads are not in it.

After each round all have left, and the server has collected its garbage: then its resident memory, files, greenlets, views and
what it has logged are read; memory also each second in between. The verdict compares medians: those of an early third of the
rounds, the first one left out, with those of the last third. Files, greenlets and views may not grow at all, memory by 3 % and
1 MiB at most: what an allocator does not give back. Asserted as well: no input was lost, none counted twice, no tree differs.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median

import gevent

from tests.cluster.processes import Process
from tests.cluster.servers import FOUR_WORKERS, ONE_WORKER, RUN, Server, served, wait_until_empty
from tests.cluster.soak import DAEMONS, Soak

SECONDS = 600.0
ROUND = 30.0
SIZE = 10
SERVERS = {server.name: server for server in (RUN, ONE_WORKER, FOUR_WORKERS)}
MEBIBYTE = 1024 * 1024
LARGEST_GROWTH = 0.03, 1 * MEBIBYTE          # of resident memory: a part of it, and bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """After a round, of all processes together. `peak`: of resident memory in it. `log`: what it has written. In bytes."""
    resident: int
    peak: int
    files: int
    greenlets: int
    views: int
    log: int


class Observer:
    """Reads what the processes of one server hold."""

    def __init__(self, running: Process, folder: Path, port: int, workers: int) -> None:
        self._running = running
        self._folder = folder
        self._port = port
        self._workers = workers
        self._pids: set[int] = set()
        self._peak = self._logged = 0

    def watch(self) -> None:
        """For ever."""
        while True:
            gevent.sleep(1)
            self._peak = max(self._peak, self._resident())

    def sample(self) -> Sample:
        """Once nobody is there."""
        found = wait_until_empty(self._folder, self._port, self._workers, DAEMONS)
        self._pids = {pid for pid, _ in found}
        resident, logged = self._resident(), len(self._running.output)
        files, greenlets, views = (_sum(found, what) for what in ("files", "greenlets", "views"))
        sample = Sample(resident, max(self._peak, resident), files, greenlets, views, logged - self._logged)
        self._peak, self._logged = 0, logged
        return sample

    def _resident(self) -> int:
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._pids)
        return pages * os.sysconf("SC_PAGE_SIZE")


def _sum(found: dict[tuple[int, str], float], what: str) -> int:
    return int(sum(number for (_, name), number in found.items() if name == what))


def measure(server: Server, seconds: float, size: int) -> list[Sample]:
    with tempfile.TemporaryDirectory() as name, served(Path(name), server) as (running, port):
        soak, observer = Soak(port, Path(name), size), Observer(running, Path(name), port, server.workers)
        samples: list[Sample] = []
        watching = gevent.spawn(observer.watch)
        over = time.monotonic() + seconds
        print(f"{server.name}\nround {'resident':>12} {'peak':>12} {'files':>6} {'greenlets':>10} {'views':>6} {'log':>8}")
        while time.monotonic() < over:
            complaints = soak.round(min(ROUND, seconds / 6))
            assert not complaints, "\n".join(complaints)
            samples.append(observer.sample())
            print(_line(str(len(samples)), samples[-1]), flush=True)
        watching.kill()
        expected = running.output.count("RuntimeError: somebody has clicked")
        assert running.output.count("Traceback") == expected > 0, running.output
    return samples


def _line(name: str, sample: Sample) -> str:
    return (
        f"{name:5} {sample.resident / MEBIBYTE:8.1f} MiB {sample.peak / MEBIBYTE:8.1f} MiB {sample.files:6} {sample.greenlets:10} "
        f"{sample.views:6} {sample.log:8}"
    )


def verdict(samples: list[Sample]) -> list[str]:
    """What has grown; nothing: no leak. At least four rounds."""
    count = math.ceil((len(samples) - 1) / 3)
    early, late = _middle(samples[1:1 + count]), _middle(samples[-count:])
    print(_line("early", early))
    print(_line("late", late))
    part, more = LARGEST_GROWTH
    found = [what for what in ("files", "greenlets", "views") if getattr(late, what) > getattr(early, what)]
    return found + ["resident memory"] * (late.resident > early.resident * (1 + part) + more)


def _middle(samples: list[Sample]) -> Sample:
    return Sample(*(int(median(getattr(sample, field.name) for sample in samples)) for field in fields(Sample)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Whether anything leaks.")
    parser.add_argument("server", nargs="?", default=RUN.name, choices=SERVERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--size", type=int, default=SIZE, help=f"visitors are five times as many (default: {SIZE})")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 1024 + 60 * options.size)), hard))
    samples = measure(SERVERS[options.server], options.seconds, options.size)
    if options.json:
        options.json.write_text(json.dumps([asdict(sample) for sample in samples]))
    grown = verdict(samples)
    if grown:
        sys.exit(f"LEAK: {', '.join(grown)}")
    print("no leak: no input lost, none counted twice, no tree differs, nothing is left over")


if __name__ == "__main__":
    main()
