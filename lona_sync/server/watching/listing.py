"""The running views of all processes of an application on this machine: who asks, and who answers.

An answer is as long as there are views, so it comes in lines of a few each, and the loop turns between them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple, Protocol

import gevent

from ...pause import pause
from ...siblings.siblings import answer_of
from ...siblings.talk import Away, Silent, Talk, Trouble
from ...views.places import Place
from ...views.report import Activity, RunningView, report
from ...views.runtime import ViewRuntime

KIND = "views"
#: Views and greenlets of one line, but for its last view: about 60 KB, and a millisecond to make.
LINE_ITEMS = 100
#: Seconds that one process may take to tell of all its views.
SECONDS = 10.0


class ProcessViews(NamedTuple):
    """What one process has said. `trouble`: why it has not; then the rest is unknown."""
    pid: int                         # 0: unknown
    application: str                 # the file of its module
    views: Sequence[RunningView]
    trouble: str = ""


class Askable(Protocol):
    """Who reaches the other processes: `siblings.Siblings`."""

    def open(self, tag: str, kind: str, **fields: object) -> Talk: ...

    def ask_all(self, kind: str, **fields: object) -> dict[str, dict[str, Any] | Trouble]: ...      # Any: JSON


class Listing:
    """Of the process that makes it, and of the others."""

    def __init__(self, *, runtimes: Iterable[ViewRuntime], application: str, others: Askable) -> None:
        self._runtimes = runtimes
        self._application = application
        self._others = others

    def answer(self, request: dict[str, Any], talk: Talk) -> dict[str, Any]:        # Any: JSON
        """What another process is told. Waits."""
        for some in self._parts():
            talk.send({"views": list(map(asdict, some))})
        return {"pid": os.getpid(), "application": self._application}

    def everywhere(self) -> list[ProcessViews]:
        """Those of this process, and of all others. Waits."""
        own = [view for some in self._parts() for view in some]
        return [ProcessViews(os.getpid(), self._application, own), *elsewhere(self._others)]

    def _parts(self) -> Iterator[list[RunningView]]:
        """Some at a time; the loop turns between them."""
        some: list[RunningView] = []
        weight = 0
        for runtime in self._runtimes:
            view = report(runtime)
            some.append(view)
            weight += 1 + len(view.others)
            if weight >= LINE_ITEMS:
                yield some
                some, weight = [], 0
                pause()
        if some:
            yield some


def elsewhere(others: Askable) -> list[ProcessViews]:
    """What the others say, one after the other. Waits."""
    found = []
    for tag, about in others.ask_all("about").items():
        if isinstance(about, Trouble):
            found.append(ProcessViews(0, "", (), f"process {tag}: {about}"))
            continue
        try:
            found.append(_ask(others, tag))
        except Trouble as error:
            found.append(ProcessViews(int(about["pid"]), "", (), f"process {about['pid']}: {error}"))
    return found


def _ask(others: Askable, tag: str) -> ProcessViews:
    views: list[RunningView] = []
    with gevent.Timeout(SECONDS, Silent(f"its answer is not complete within {SECONDS:g} s")), others.open(tag, KIND) as talk:
        while "views" in (answer := answer_of(talk)):
            views.extend(map(_decode, answer["views"]))
    return ProcessViews(answer["pid"], answer["application"], views)


def _decode(view: dict[str, Any]) -> RunningView:
    try:
        return RunningView(**{
            **view,
            "procedure": None if view["procedure"] is None else _activity(view["procedure"]),
            "others": tuple(map(_activity, view["others"])),
        })
    except (KeyError, TypeError):
        raise Away("it runs another version of lona_sync") from None


def _activity(activity: dict[str, Any]) -> Activity:
    place = activity["place"]
    return Activity(**{**activity, "place": None if place is None else Place(**place)})
