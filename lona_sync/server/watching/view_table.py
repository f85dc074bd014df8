"""Running views as a table: the words of its cells, and lines for a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from ...views.report import RunningView
from .listing import ProcessViews
from .table import aligned

_HEADER = ("PID", "URL", "USER", "STATE", "FOR", "WAITS FOR", "AT", "WINDOWS", "QUEUED")


@dataclass(frozen=True, slots=True)
class Row:
    """What people read of one view. `since`: POSIX seconds; when it began what it does now."""
    pid: int
    url: str
    user: str
    state: str
    since: float
    waits_for: str
    place: str                       # its file is named from the application's folder on, if it lies below
    windows: str
    queued: int
    view: RunningView


def rows(processes: Iterable[ProcessViews]) -> list[Row]:
    """One for each view; who has waited longest is the first."""
    return sorted((_row(process, view) for process in processes for view in process.views), key=lambda row: row.since)


def lines(table: Iterable[Row], now: float) -> list[str]:
    """For a terminal: nothing in it breaks a line or moves the cursor."""
    cells: list[tuple[str, ...]] = [_HEADER]
    for row in table:
        pid, since, queued = str(row.pid), age(now - row.since), str(row.queued)
        texts = pid, row.url, row.user, row.state, since, row.waits_for, row.place, row.windows, queued
        cells.append(texts)
    return aligned(cells)


def age(seconds: float) -> str:
    """'4 s', '12 min', '3 h', '2 d'."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds / size)} {unit}"
    return f"{max(0, int(seconds))} s"


def _row(process: ProcessViews, view: RunningView) -> Row:
    at_work = view.procedure
    place = "" if at_work is None or at_work.place is None else str(at_work.place)
    return Row(
        pid=process.pid,
        url=view.url,
        user=view.user,
        state=view.state,
        since=view.started if at_work is None else at_work.since,
        waits_for="" if at_work is None else at_work.waits_for or "nothing: it runs",
        place=place.removeprefix(os.path.join(os.path.dirname(process.application), "")),
        windows=f"{view.clients}+{view.lost}" if view.lost else str(view.clients),
        queued=view.queued + view.kept + view.messages + view.calls,
        view=view,
    )
