"""A page that lists the running views of all processes of an application on this machine: a view itself.

    from lona_sync.contrib.inspector import inspector

    app.route('/_views')(inspector(app, allowed=lambda request: request.user in ADMINS))

It shows what users do at the moment, so who may see it has no default.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar

from ..app import App
from ..errors import ForbiddenError
from ..html.children import Child
from ..html.html import HTML
from ..html.node import Node
from ..html.tags import H1, H2, Code, Dd, Div, Dl, Dt, P, Small, Strong, Style
from ..html.virtual_table import Column, VirtualTable
from ..server.watching.listing import ProcessViews
from ..server.watching.view_table import Row, age, rows
from ..views.events import InputEvent
from ..views.report import Activity
from ..views.request import Request
from ..views.view import View

#: Seconds between two looks; more when a look takes long, so that looking costs no more than a twentieth of a processor.
SECONDS = 2.0
_SHARE = 20

_CSS = """
#lona { max-width: 72em; margin: 0 auto; padding: 0 .5em } h1 { margin-block: .5em .2em; font-size: 1.4em }
p { margin-block: .4em } .lona-virtual { border: 1px solid #bbb; border-radius: .4em; font-variant-numeric: tabular-nums }
.lona-virtual-header { background: #eef2f7 } .lona-virtual-row { cursor: pointer } .lona-virtual-row:hover { background: #eef6ff }
.lona-virtual-search { display: flex; flex-wrap: wrap; gap: .6em; align-items: center }
.lona-virtual-search input { flex: 1 1 12em; min-width: 0; padding: .4em .7em; font: inherit; border: 1px solid #bbb }
.two > * { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .two small { color: #555 }
.two .crashed, .two .stopping, .trouble { color: #b91c1c } .two .suspended { color: #92400e }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2em 1em } dt { color: #555 }
dd { margin: 0; overflow-wrap: anywhere } h2 { font-size: 1.1em; overflow-wrap: anywhere }
"""


def inspector(app: App, *, allowed: Callable[[Request], object]) -> type[View]:
    """A view for a route of `app`. Who is not `allowed(request)` gets the 403 page; asked again with each look and event."""
    if not callable(allowed):
        raise TypeError(f"allowed is a function of the request that says who may see the page, not {allowed!r}")
    names = {"app": app, "allowed": staticmethod(allowed), "__module__": __name__, "__doc__": _Inspector.__doc__}
    return type("Inspector", (_Inspector,), names)


class _Inspector(View):
    """The page."""

    app: ClassVar[App]
    allowed: ClassVar[Callable[[Request], object]]

    def handle_request(self, request: Request) -> None:
        self._check()
        summary, trouble, details = P(), P(_class="trouble"), Div()
        table = VirtualTable(
            [
                Column("View", _view, _two, width="minmax(7.5rem, 1fr)"),
                Column("Waits for", _wait, _two, width="minmax(9rem, 1.2fr)"),
                Column("For", _since, _age, searchable=False, width="4.2rem", align="end"),
            ],
            searchable=True, label="Running views", row_height=48, height="min(34rem, 70dvh)", pause=lambda: self.sleep(0),
            handle_row_click=lambda row, index: _show(details, row),
        )
        self.show(HTML(Style(_CSS), H1("Running views"), summary, trouble, table, details), title="Running views")
        while True:
            self._check()
            took = 0.0
            if self.is_watched:                             # a laptop that was closed is waited for, but shown nothing
                began = time.monotonic()
                processes = self.app.parts.listing.everywhere()
                table.rows = rows(processes)
                summary.set_text(_summary(processes))
                trouble.set_text("; ".join([process.trouble for process in processes if process.trouble]))
                self.show()
                took = time.monotonic() - began
            self.sleep(max(SECONDS, _SHARE * took))

    def handle_input_event_root(self, event: InputEvent) -> InputEvent:
        """Between two looks, too: what a click shows is read at the last one, and may be more than is seen."""
        self._check()
        return event

    def _check(self) -> None:
        if not type(self).allowed(self.request):
            raise ForbiddenError


def _summary(processes: Sequence[ProcessViews]) -> str:
    states = Counter([view.state for process in processes for view in process.views])
    count = sum(states.values())
    told = f"{count:,} {'view' if count == 1 else 'views'} in {len(processes)} {'process' if len(processes) == 1 else 'processes'}"
    return ": ".join(filter(None, [told, ", ".join([f"{number:,} {state}" for state, number in states.most_common()])]))


class _Lines(tuple[str, str, str]):
    """Two lines of a cell, and the class of the second one; compared, and found, as their text."""

    __slots__ = ()

    def __str__(self) -> str:
        return " ".join(self)


def _view(row: Row) -> _Lines:
    return _Lines((row.url, f"{row.state}, {row.user}", row.state))


def _wait(row: Row) -> _Lines:
    return _Lines((row.waits_for, row.place, ""))


def _since(row: Row) -> float:
    return row.since


def _two(lines: _Lines) -> Node:
    first, second, kind = lines
    return Div(Strong(first, title=first), Small(second, title=second, _class=kind), _class="two")


def _age(since: float) -> str:
    return age(time.time() - since)


def _show(details: Node, row: Row) -> None:
    view = row.view
    activities = [view.procedure, *view.others] if view.procedure is not None else view.others
    details.nodes = [
        H2(f"{view.view} at {view.url}"),
        Dl(
            *_entry("user", view.user),
            *_entry("state", f"{view.state}{', a daemon' if view.is_daemon else ''}; it began {_age(view.started)} ago"),
            *_entry("process", f"{row.pid}, view {view.id}, route {view.route or 'none'}"),
            *_entry("windows", f"{view.clients} show it, {view.lost} are lost and may come back"),
            *_entry("waiting", f"{view.queued} events for handlers, {view.kept} for the procedure, {view.messages} messages, "
                               f"{view.calls} calls"),
            *_entry("log", f"{view.log_frames} frames, {view.log_bytes:,} bytes"),
            *[node for activity in activities for node in _activity(activity)],
        ),
    ]


def _activity(activity: Activity) -> tuple[Node, Node]:
    waits = f"waits for {activity.waits_for}" if activity.waits_for else "runs"
    place: list[Child] = [", ", Code(str(activity.place))] if activity.place is not None else []
    return Dt(activity.kind), Dd(f"{waits}, for {_age(activity.since)}", *place)


def _entry(name: str, text: str) -> tuple[Node, Node]:
    return Dt(name), Dd(text)
