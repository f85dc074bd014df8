"""Plain HTTP: a view that is not interactive, which builds and returns ten nodes, and a static file of two kilobytes.

Ten connections that are kept, each of which asks again when it has its answer. Beside it, on the same server with the same
options, a WSGI callable that returns the same headers and the same body from a dict: under `lona-sync run` the server that this
starts, under gunicorn its gevent worker. The user has a session's cookie already, as from the second page on.

What is compared: requests for each second, and the processor's time of the server for one.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.http_load import Answer, HTTPLoad, ask, load
from benchmarks.load import LIMIT
from benchmarks.processes import Program
from benchmarks.results import Result, compare
from benchmarks.sites import GUNICORN, OURS

PATHS = {"/plain": "a view that is not interactive", "/static/site.css": "a static file"}
CONNECTIONS = 10
WINDOW = 2.0                        # seconds
#: Of the bare callable's requests.
SHARE = 0.6
#: What each server says by itself.
_NOT_OURS = ("connection", "date", "server", "set-cookie", "transfer-encoding")


def measure(bench: Bench) -> Iterator[Result]:
    with ExitStack() as stack:
        ours = {"lona-sync run": stack.enter_context(OURS.start()), "gunicorn": stack.enter_context(GUNICORN.start())}
        first = next(iter(ours.values()))
        answers = {path: ask(first.port, path) for path in PATHS}
        cookies = {server: _cookie(program) for server, program in ours.items()}
        environment = {"BENCHMARK_ANSWERS": str(stack.enter_context(_kept(answers)))}
        bare = {
            "lona-sync run": stack.enter_context(
                Program((sys.executable, "benchmarks/programs/wsgi.py", "{port}"), environment=environment),
            ),
            "gunicorn": stack.enter_context(
                Program((sys.executable, *GUNICORN.command[:-1], "benchmarks.programs.wsgi:application"), environment=environment),
            ),
        }
        for path, what in PATHS.items():
            for server in ours:
                rounds: tuple[list[HTTPLoad], list[HTTPLoad]] = [], []
                for _ in range(bench.rounds):
                    for program, loads in zip((ours[server], bare[server]), rounds, strict=True):
                        loads.append(load(
                            program, path, answers[path].body, cookie=cookies[server], connections=CONNECTIONS,
                            seconds=bench.seconds(WINDOW),
                        ))
                busy = max(each.busy for loads in rounds for each in loads)
                remark = f"the load was the limit ({busy:.0%} busy)" if busy > LIMIT else ""
                rates = [[each.rate for each in loads] for loads in rounds]
                yield compare(f"{what}, {server}", "/s", *rates, versus="bare WSGI", at_least=SHARE, remark=remark)
                cpus = [[each.cpu * 1e6 for each in loads] for loads in rounds]
                yield compare("   CPU of one", "µs", *cpus, versus="bare WSGI", at_most=round(1 / SHARE, 2))


def _cookie(program: Program) -> str:
    """As an interactive page sets it; a view that is not interactive, and does not ask who the user is, sets none."""
    cookie = "; ".join(value.partition(";")[0] for name, value in ask(program.port, "/").headers if name.lower() == "set-cookie")
    assert cookie, "expected the page at / to set a session's cookie"
    return cookie


def _kept(answers: dict[str, Answer]) -> Answers:
    return Answers({
        path: [
            [header for header in answer.headers if header[0].lower() not in _NOT_OURS], answer.body.decode("latin-1"),
        ]
        for path, answer in answers.items()
    })


class Answers:
    """A file that has them, as `programs/wsgi.py` reads it, until the end of the block."""

    def __init__(self, answers: dict[str, list[object]]) -> None:
        self._file = tempfile.NamedTemporaryFile("w", suffix=".json")      # noqa: SIM115    (closed by `__exit__`)
        json.dump(answers, self._file)
        self._file.flush()

    def __enter__(self) -> Path:
        return Path(self._file.name)

    def __exit__(self, *_: object) -> None:
        self._file.close()
