"""What does a deploy cost those who work meanwhile?

    python -m benchmarks.endurance.deploys [--browsers N] [--restarts N] [--json PATH]

Two workers of gunicorn and 500 browsers (`tests/cluster/clicker.py`), each of which clicks once a second on average, whatever
becomes of the server. A view counts, and keeps its count (`state_to_keep`). Three times, ten seconds apart, the workers are
replaced by SIGHUP. The server has processes of its own; the browsers share another one, and compete with it for the cores.

Asserted: each browser has another worker after each restart; at the end each view shows as many clicks as its browser has made;
no view was cut off. Printed: the gap, from the goodbye of a view to the sight of the next one, in which clicks wait. The back-off
of the browser (up to 100 ms), the new connection and the first show are in it.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from typing import Any

import gevent

from tests.cluster.clicker import Clicker
from tests.cluster.processes import wait_until
from tests.cluster.test_deploys import GUNICORN, site

BROWSERS = 500
RESTARTS = 3
PAUSE = 10.0                         # seconds between two restarts
CLICK = 1.0                          # seconds between two clicks of one user, on average
MOVED = 2


def measure(browsers: int, restarts: int, pause: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name, site(Path(name), *GUNICORN) as (server, port), ExitStack() as stack:
        clickers = []
        for _ in range(browsers):
            clickers.append(Clicker(port))
            stack.callback(clickers[-1].close)
            gevent.sleep(0.005)
        wait_until(lambda: all(clicker.shown for clicker in clickers))
        users = [gevent.spawn(_use, clicker) for clicker in clickers]
        for _ in range(restarts):
            gevent.sleep(pause)
            before = {clicker.title for clicker in clickers}
            server.signal(signal.SIGHUP)
            wait_until(_all_left(clickers, before))
        gevent.sleep(pause)
        gevent.killall(users)
        for clicker in clickers:
            clicker.settle(lambda clicker: str(clicker.made))
        assert {how for clicker in clickers for how in clicker.goodbyes} == {MOVED}
        assert not any(clicker.dropped for clicker in clickers)
        assert "cut off" not in server.output, server.output
        assert "Traceback" not in server.output, server.output
    gaps = [1000 * gap for clicker in clickers for gap in clicker.gaps]
    assert len(gaps) == browsers * restarts
    return {"browsers": browsers, "restarts": restarts, "clicks": sum(clicker.made for clicker in clickers), "gaps": gaps}


def _use(clicker: Clicker) -> None:
    """For ever."""
    while True:
        gevent.sleep(random.expovariate(1 / CLICK))
        clicker.click()


def _all_left(clickers: list[Clicker], before: set[str]) -> Callable[[], bool]:
    return lambda: all(clicker.shown and clicker.title not in before for clicker in clickers)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a deploy costs those who work meanwhile.")
    parser.add_argument("--browsers", type=int, default=BROWSERS)
    parser.add_argument("--restarts", type=int, default=RESTARTS)
    parser.add_argument("--pause", type=float, default=PAUSE)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 1024 + 2 * options.browsers)), hard))
    outcome = measure(options.browsers, options.restarts, options.pause)
    cuts = quantiles(outcome["gaps"], n=100)
    print("{browsers} browsers, {restarts} restarts, {clicks} clicks: 0 lost, 0 twice, nobody missing".format_map(outcome))
    print(f"gap p50 {cuts[49]:.0f} ms   p99 {cuts[98]:.0f} ms   max {max(outcome['gaps']):.0f} ms")
    if options.json:
        options.json.write_text(json.dumps(outcome))


if __name__ == "__main__":
    main()
