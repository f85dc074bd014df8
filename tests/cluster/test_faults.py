"""A line that is cut every second: no input is lost, none counts twice, every page shows its view's tree, and nothing is left over.

`python -m benchmarks.faults` does the same for minutes, with hundreds of visitors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.crowd import Crowd
from tests.cluster.processes import Process, free_port, process, wait_until
from tests.cluster.test_handover import stats_of_all

GUNICORN = (
    "-m", "gunicorn", "-k", "gevent", "-w", "{workers}", "--bind", "127.0.0.1:{port}", "--no-control-socket",
    "tests.cluster.books:app",
)
SERVERS = {
    "lona-sync run": (1, ("-m", "lona_sync", "run", "--port", "{port}", "tests.cluster.books:app")),
    "four workers": (4, GUNICORN),
}


@contextmanager
def site(folder: Path, workers: int, command: tuple[str, ...]) -> Iterator[tuple[Process, int]]:
    port = free_port()
    words = (word.format(port=port, workers=workers) for word in command)
    with process(folder, *words, LONA_SYNC_RUNTIME_DIRECTORY=str(folder)) as server:
        server.wait_for_port(port)
        yield server, port


def visit(port: int, folder: Path, name: str, count: int, seconds: float) -> Crowd:
    """So many visitors come, live through cuts, and leave; AssertionError when one of them has a complaint."""
    crowd = Crowd(port, folder, count, name=name)
    crowd.live(seconds, pause=0.2, every=0.8, gap=0.2, online=0.7)
    complaints = crowd.settle()
    crowd.leave()
    assert complaints == []
    return crowd


def held(port: int, workers: int) -> dict[tuple[int, str], float] | None:
    """What each worker holds without any visitor, by process; None while there is still one."""
    found = stats_of_all(port, workers)
    # One view is the one that tells this.
    if any(each["connections"] or each["views"] > 1 or each["clients.lost"] for each in found.values()):
        return None
    return {(pid, what): each[what] for pid, each in found.items() for what in ("files", "greenlets")}


@pytest.mark.parametrize(("workers", "command"), SERVERS.values(), ids=SERVERS)
def test_cuts_cost_no_input_and_no_tree_and_leave_nothing_over(tmp_path: Path, workers: int, command: tuple[str, ...]) -> None:
    with site(tmp_path, workers, command) as (server, port):
        visit(port, tmp_path, "first", 12, seconds=1)            # what is made once and kept is there then
        before = wait_until(lambda: held(port, workers), explain=lambda: str(stats_of_all(port, workers)))

        crowd = visit(port, tmp_path, "visitor", 40, seconds=5)
        wait_until(lambda: is_within(held(port, workers), before), explain=lambda: f"{before} became {held(port, workers)}")
        output = server.output

    assert all(visitor.page.resumes for visitor in crowd.visitors)
    assert min(crowd.line.ways.values()) > 0
    assert "Traceback" not in output


def is_within(now: dict[tuple[int, str], float] | None, before: dict[tuple[int, str], float]) -> bool:
    return now is not None and all(now[what] <= count for what, count in before.items())
