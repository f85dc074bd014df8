"""Everything at once for some seconds. `python -m benchmarks.endurance.soak` does it for ten minutes, and looks at memory, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.servers import FOUR_WORKERS, RUN, Server, served, wait_until_empty, wait_until_held
from tests.cluster.soak import DAEMONS, Soak


@pytest.mark.parametrize("server", [RUN, FOUR_WORKERS], ids=lambda server: server.name)
def test_everything_at_once_costs_no_input_and_no_tree_and_leaves_nothing_over(tmp_path: Path, server: Server) -> None:
    with served(tmp_path, server) as (running, port):
        soak = Soak(port, tmp_path, 2)
        first = soak.round(2)                                    # what is made once and kept is there then
        before = wait_until_empty(tmp_path, port, server.workers, DAEMONS)

        second = soak.round(5)
        wait_until_held(before, tmp_path, port, server.workers, DAEMONS)
        output = running.output

    assert first + second == []
    assert output.count("Traceback") == output.count("RuntimeError: somebody has clicked") > 0
