"""How long until a program is there: its imports, and its start until it has answered a first GET.

*Import*: a process that does nothing else, from its start to its end, the interpreter's own included. Flask-SocketIO is imported
with gevent, patched, as its documentation has it; we patch when a program starts, which is in its *start*: from the start of the
process until its page was answered, looked for fifty times a second.

CPU times are those of all processes of the program. All have been started before, so that their bytecode is there. They run in
turn.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.environments import python_with
from benchmarks.http_load import ask
from benchmarks.results import Result, compare
from benchmarks.sites import OURS, PEERS, Site
from benchmarks.stopwatch import run

#: What the others are imported by; ours is in the environment of this process.
IMPORTS = {
    "Flask-SocketIO": "from gevent import monkey; monkey.patch_all(); import flask_socketio",
    "lona": "import lona",
    "nicegui": "import nicegui",
}
#: The one that we are to be as quick as.
USUAL = "Flask-SocketIO"
#: Wherever this is run: Python compiles once.
BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}


def measure(bench: Bench) -> Iterator[Result]:
    peers = tuple(site for site in PEERS if bench.peers and site.name in IMPORTS)
    sites = (OURS, *peers)
    imports: dict[Site, list[tuple[float, float]]] = {site: [] for site in sites}
    starts: dict[Site, list[tuple[float, float]]] = {site: [] for site in sites}
    for _ in range(bench.rounds):
        for site in sites:
            imports[site].append(_import(site))
            starts[site].append(_start(site))
    for name, measured in (("import", imports), ("start to the first answer", starts)):
        for site in peers:
            at_most = 1.0 if site.name == USUAL else None
            for what, place in ((name, 0), ("   CPU", 1)):
                ours, theirs = ([values[place] * 1e3 for values in measured[each]] for each in (OURS, site))
                yield compare(what, "ms", ours, theirs, versus=site.name, at_most=at_most)
        if not peers:
            yield compare(name, "ms", *[[values[place] * 1e3 for values in measured[OURS]] for place in (0, 1)], versus="its CPU")


def _import(site: Site) -> tuple[float, float]:
    """Seconds, and those of a processor."""
    python = str(python_with(site.packages)) if site.packages else sys.executable
    started = time.perf_counter()
    cpu = run((python, "-c", IMPORTS.get(site.name, "import lona_sync")), BYTECODE)
    return time.perf_counter() - started, cpu


def _start(site: Site) -> tuple[float, float]:
    started = time.perf_counter()
    with replace(site, environment=(*site.environment, *BYTECODE.items())).start() as program:
        ask(program.port, "/")
        return time.perf_counter() - started, program.cpu()
