"""All workloads, each beside a floor or a peer in the same run: `python -m benchmarks [--brief] [--only NAME …] [--no-peers]`

Prints a table and writes `benchmarks/results.json`, of each workload when it has ended; `python -m benchmarks.report` then makes
the table of docs/performance.md of it. How figures are made stands in `results.py`, and what is measured in the heads of
`workloads/`. The first run makes environments for the peers, from PyPI. `--brief` does a little of everything, and its figures
mean nothing: it is there to see whether everything works.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import resource
import sys
from pathlib import Path

from benchmarks import processes, workloads
from benchmarks.bench import Bench
from benchmarks.environments import versions_in
from benchmarks.results import Result, head, keep, row
from benchmarks.sites import PEERS

#: Sockets of both ends, and some.
DESCRIPTORS = 12_000


def main() -> None:
    names = [module.name for module in pkgutil.iter_modules(workloads.__path__)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--brief", action="store_true", help="a little of everything, to see whether it works")
    parser.add_argument("--no-peers", action="store_true", help="the floors only")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"some of: {', '.join(names)}")
    parser.add_argument("--json", type=Path, default=Path(__file__).parent / "results.json", metavar="PATH")
    arguments = parser.parse_args()
    _allow_descriptors()
    processes.become_the_loader()
    if processes.SHARED:
        print("This machine has one processor: whoever loads a server shares it, and no figure means anything.")

    bench = Bench(brief=arguments.brief, peers=not arguments.no_peers)
    peers = {site.name: versions_in(Path(site.python())) for site in PEERS} if bench.peers else {}
    print(head(), flush=True)
    for name in arguments.only or names:
        results: list[Result] = []
        for result in importlib.import_module(f"benchmarks.workloads.{name}").measure(bench):
            results.append(result)
            print(row(result), flush=True)
        if not arguments.brief:
            keep(name, results, arguments.json, peers)


def _allow_descriptors() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        sys.exit(f"expected that a process may open {DESCRIPTORS} files, and it may {hard}; see `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
