"""The numbers as Prometheus reads them: its text format, version 0.0.4.

Written here, in forty lines, rather than by `prometheus_client`: that keeps values of its own, and for several processes in files
that they all map; ours are counted already, and the processes can be asked. Its parser reads what we write in our tests.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

import gevent
from werkzeug.wrappers import Request, Response

from ...settings import Settings
from ...siblings.talk import Trouble
from ..http.networks import is_own_browser, peer_in
from .numbers import BY_NAME, Numbers

logger = logging.getLogger("lona_sync.server.metrics")

KIND = "stats"
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STATE = "views.state."


class Others(Protocol):
    """Who asks the other processes: `siblings.Siblings`."""

    def ask_all(self, kind: str, **fields: object) -> dict[str, dict[str, Any] | Trouble]: ...


class Metrics:
    """Answers the requests for `METRICS_PATH`. Raises ValueError for settings that cannot work."""

    def __init__(self, *, settings: Settings, numbers: Numbers, others: Others, counters: Counter[str]) -> None:
        self._settings = settings
        self._numbers = numbers
        self._others = others
        self._counters = counters
        if settings.METRICS_PATH and not settings.METRICS_PATH.startswith("/"):
            raise ValueError(f"METRICS_PATH begins with '/', as '/metrics', or is '' for none; not {settings.METRICS_PATH!r}")
        peer_in({}, settings.METRICS_NETWORKS, "METRICS_NETWORKS")
        if not settings.METRICS_TOKEN.isascii():
            raise ValueError("METRICS_TOKEN holds a character that is not ASCII; headers have no common way to send one")

    def own(self) -> dict[str, Any]:                         # Any: JSON
        """What this process says to the others, and to itself. May wait."""
        return {"pid": os.getpid(), "numbers": self._numbers.read(pause=partial(gevent.sleep, 0))}

    def owns(self, path: str) -> bool:
        """Whether it is where they are."""
        return path == self._settings.METRICS_PATH != ""

    def respond(self, request: Request) -> Response:
        """The numbers of all processes of the application on this machine. May wait."""
        if not self._allowed(request):
            self._counters["metrics.refused"] += 1
            logger.info(
                "refused %r to %r, who asked it of %r: neither its address nor a bearer token allows it", request.path,
                request.remote_addr, request.headers.get("Host"),
            )
            response = Response("not allowed\n", 401, content_type="text/plain")
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        said = [self.own(), *self._others.ask_all(KIND).values()]
        workers = {str(answer["pid"]): answer["numbers"] for answer in said if not isinstance(answer, Trouble)}
        text = exposition(workers, silent=sum(isinstance(answer, Trouble) for answer in said))
        return Response(text, content_type=_CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    def _allowed(self, request: Request) -> bool:
        token = self._settings.METRICS_TOKEN
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if token and kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
            return True
        return is_own_browser(request.environ, self._settings.METRICS_NETWORKS, "METRICS_NETWORKS")


def exposition(workers: Mapping[str, Mapping[str, float]], silent: int) -> str:
    """The text. `workers`: numbers by the name of the process; `silent`: how many processes did not answer."""
    lines = []
    described = set()
    names = dict.fromkeys(name for numbers in workers.values() for name in numbers)
    for name in names:
        metric, state = _metric(name)
        if metric not in described:
            described.add(metric)
            number = BY_NAME.get(name)
            meaning = "views by state" if state else number.meaning if number else "of the broker: see docs/channels.md"
            lines.append(f"# HELP {metric} {_escaped(meaning)}")
            lines.append(f"# TYPE {metric} {'untyped' if number is None else 'counter' if number.grows else 'gauge'}")
        for worker, numbers in workers.items():
            if name in numbers:
                labels = f'worker="{_escaped(worker)}"' + (f',state="{state}"' if state else "")
                lines.append(f"{metric}{{{labels}}} {numbers[name]!r}")
    lines.append("# HELP lona_sync_workers_silent processes that did not answer in time")
    lines.append("# TYPE lona_sync_workers_silent gauge")
    lines.append(f"lona_sync_workers_silent {silent}")
    return "\n".join(lines) + "\n"


def _metric(name: str) -> tuple[str, str]:
    """What Prometheus calls it, and the value of the label `state`, if it has that."""
    if name.startswith(_STATE):
        return "lona_sync_views_by_state", name.removeprefix(_STATE)
    number = BY_NAME.get(name)
    metric = "lona_sync_" + name.replace(".", "_")
    if number is not None and number.unit:
        metric += f"_{number.unit}"
    return metric + ("_total" if number is not None and number.grows else ""), ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
