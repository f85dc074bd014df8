"""What do visitors lose when their line is cut?

    python -m benchmarks.endurance.faults [--clients N] [--seconds N] [--json PATH] [server …]

500 browsers, each of another user, come to a server through a line. Each user clicks, or types, once a second on average, whether
there is a connection or not. Every 15 s the line ends all connections (a third each: both sides learn it; both do, by a reset, and
what they had not read is lost; only the browser learns it), and for 2 s it lets nobody in. That goes on for three minutes for each
server: `lona-sync run`, gunicorn with one worker, gunicorn with four.

Each view writes down what it sees; some of its inputs are awaited by a procedure, some handled, some slowly. It changes by itself
every 0.7 s. Its browser (`tests/cluster/scripted.py`) numbers events, keeps them, comes back after a back-off with jitter (none is
told that there is a network again), resumes, sends again, and applies each frame to a model of the DOM. At the end all rest.

Asserted: each view has seen every input of its user, once, and in order; each page shows its view's tree; when all have left,
the server holds no more files and greenlets than before they came. Printed:

* catching up: from the moment when a browser's new socket is open to the one when it has what it had missed, and its inputs are
  accepted. The handshake is in it, and so are the browsers and the line, all of them in this one process;
* away: from the moment when the line is mended to the same one: the browser's back-off is in it, too;
* at once: catching up after the last cut, when all browsers are told in the same moment that there is a network again. That takes
  what their handshakes and resumes cost together, so each of them waits nearly as long as the last one. In neither of the above;
* busy: how much of a processor this process took while the slowest hundredth caught up, and how much the server did. This one
  stands for 500 machines: where it computes nearly all the time, it is what they have waited for, and that is said. So it is where
  both together have nearly all of the machine.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import resource
import tempfile
from bisect import bisect_right
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from benchmarks.endurance.occupation import Occupation
from tests.cluster.crowd import Crowd
from tests.cluster.scripted import Return
from tests.cluster.servers import FOUR_WORKERS, ONE_WORKER, RUN, Server, served, stats_of_all, wait_until_empty, wait_until_held

CLIENTS = 500
SECONDS = 180.0
EVERY, GAP = 15.0, 2.0               # seconds between two cuts, and until the line is mended
PAUSE = 1.0                          # seconds between two inputs of one user, on average
WARM_UP = 20                         # visitors
LIMIT = 0.8                          # of a processor; who takes more of it is what the others wait for
SERVERS = {server.name: server for server in (RUN, ONE_WORKER, FOUR_WORKERS)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one server. Times are in milliseconds."""
    server: str
    inputs: int
    cuts: int                        # of connections
    resumes: int
    repeated: int                    # events that came twice, since the socket had died before they were acknowledged
    given: int                       # connections that were handed to another worker
    catching_up: list[float]
    away: list[float]
    at_once: list[float]
    busy: tuple[float, float]        # this process and the server, while the slowest caught up; 1: one processor
    busy_at_once: tuple[float, float]

    def lines(self) -> list[str]:
        return [
            f"{self.server:16}{self.inputs:8} inputs: 0 lost, 0 twice; 0 trees differ; nothing is left over",
            f"{'':16}{self.cuts:8} connections cut, {self.resumes} times resumed, {self.given} of them handed over; "
            f"{self.repeated} events came twice",
            f"{'':16}{'catching up':12} {_spread(self.catching_up)}   {_tell(*self.busy)}",
            f"{'':16}{'away':12} {_spread(self.away)}",
            f"{'':16}{'at once':12} {_spread(self.at_once)}   {_tell(*self.busy_at_once)}",
        ]


def measure(server: Server, clients: int, seconds: float) -> Outcome:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(folder, server) as (running, port):
            _visit(Crowd(port, folder, WARM_UP, name="first"), 2.0, 1.0, 0.2)
            before = wait_until_empty(folder, port, server.workers)
            crowd = Crowd(port, folder, clients)
            gc.collect()
            gc.freeze()              # 500 models of a DOM, which live to the end: Python would look at them again and again
            occupation = Occupation({process for process, _ in before})
            occupation.start()
            _visit(crowd, seconds, EVERY, GAP)
            occupation.stop()
            gc.unfreeze()
            wait_until_held(before, folder, port, server.workers)
            assert "Traceback" not in running.output, running.output
            numbers = list(stats_of_all(port, server.workers).values())
    everything = [back for visitor in crowd.visitors for back in visitor.page.returns]
    returns = [back for back in everything if back.opened < crowd.told]
    at_once = [back for back in everything if back.opened >= crowd.told]
    return Outcome(
        server=server.name,
        inputs=sum(len(made) for visitor in crowd.visitors for made in visitor.made.values()),
        cuts=sum(crowd.line.ways.values()),
        resumes=sum(visitor.page.resumes for visitor in crowd.visitors),
        repeated=int(sum(each["events.repeated"] for each in numbers)),
        given=int(sum(each["handovers.given"] for each in numbers)),
        catching_up=[_milliseconds(back) for back in returns],
        away=[1000 * (back.caught_up - _mended(crowd, back.caught_up)) for back in returns],
        at_once=[_milliseconds(back) for back in at_once],
        busy=_busy(returns, occupation),
        busy_at_once=_busy(at_once, occupation),
    )


def _visit(crowd: Crowd, seconds: float, every: float, gap: float) -> None:
    crowd.live(seconds, pause=PAUSE, every=every, gap=gap, online=0.0)
    complaints = crowd.settle()
    assert not complaints, "\n".join(complaints)
    crowd.leave()


def _milliseconds(back: Return) -> float:
    return 1000 * (back.caught_up - back.opened)


def _busy(returns: list[Return], occupation: Occupation) -> tuple[float, float]:
    """How much of a processor this process, and the server, took while the slowest hundredth caught up."""
    slowest = sorted(returns, key=_milliseconds)[-math.ceil(len(returns) / 100):]
    total = sum(back.caught_up - back.opened for back in slowest)
    own, server = zip(*(occupation.between(back.opened, back.caught_up) for back in slowest), strict=True)
    return sum(own) / total, sum(server) / total


def _tell(own: float, server: float) -> str:
    told = f"busy: browsers {own:.0%}, server {server:.0%}"
    if own > LIMIT:
        return f"{told}; THIS PROGRAM IS THE LIMIT, not the server"
    return f"{told}; the machine is the limit" if own + server > LIMIT * (os.cpu_count() or 1) else told


def _mended(crowd: Crowd, moment: float) -> float:
    """When the line was mended the last time before."""
    return crowd.mended[bisect_right(crowd.mended, moment) - 1]


def _spread(milliseconds: list[float]) -> str:
    cuts = quantiles(milliseconds, n=100)
    return f"p50 {cuts[49]:7.0f} ms   p99 {cuts[98]:7.0f} ms   max {max(milliseconds):7.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description="What visitors lose when their line is cut.")
    parser.add_argument("servers", nargs="*", metavar="server", help=f"of {', '.join(map(repr, SERVERS))}; default: each")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    # For each client one socket here, and two at the line.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 1024 + 6 * options.clients)), hard))
    outcomes = []
    for name in options.servers or SERVERS:
        outcomes.append(measure(SERVERS[name], options.clients, options.seconds))
        print("\n".join(outcomes[-1].lines()), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes]))


if __name__ == "__main__":
    main()
