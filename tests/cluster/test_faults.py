"""A line that is cut every second: no input is lost, none counts twice, every page shows its view's tree, and nothing is left over.

`python -m benchmarks.endurance.faults` does the same for minutes, with hundreds of visitors.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.crowd import Crowd
from tests.cluster.servers import FOUR_WORKERS, RUN, Server, served, wait_until_empty, wait_until_held


def visit(port: int, folder: Path, name: str, count: int, seconds: float) -> Crowd:
    """So many visitors come, live through cuts, and leave; AssertionError when one of them has a complaint."""
    crowd = Crowd(port, folder, count, name=name)
    crowd.live(seconds, pause=0.2, every=0.8, gap=0.2, online=0.7)
    complaints = crowd.settle()
    crowd.leave()
    assert complaints == []
    return crowd


@pytest.mark.parametrize("server", [RUN, FOUR_WORKERS], ids=lambda server: server.name)
def test_cuts_cost_no_input_and_no_tree_and_leave_nothing_over(tmp_path: Path, server: Server) -> None:
    with served(tmp_path, server) as (running, port):
        visit(port, tmp_path, "first", 12, seconds=1)            # what is made once and kept is there then
        before = wait_until_empty(tmp_path, port, server.workers)

        crowd = visit(port, tmp_path, "visitor", 40, seconds=5)
        wait_until_held(before, tmp_path, port, server.workers)
        output = running.output

    assert all(visitor.page.resumes for visitor in crowd.visitors)
    assert min(crowd.line.ways.values()) > 0
    assert "Traceback" not in output
