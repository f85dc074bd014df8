"""The numbers of one process: what they are called, what they mean, and how they are had.

What happens is counted on the way, where it happens, in one `Counter`. What is, is asked of the parts. Only how much has piled up
in views, and in which state they are, takes a look at each of them: three milliseconds for each thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import NamedTuple

from ...channels.hub import HubStats
from ...uploads import Store
from ...views.report import STATES, state_of
from ...views.runtime import ViewRuntime
from .watchdog import Watchdog


class Counters(Counter[str]):
    """What is counted. The library's `Counter` has a `__delitem__` in Python, for which CPython goes a long way at each `+= 1`,
    too: it takes 1.7 times as long as here.
    """

    __delitem__ = dict.__delitem__          # type: ignore[assignment]    # it takes anything, and this what it has


class Number(NamedTuple):
    """One of `App.stats`. `grows`: it counts what has happened since the process began; else it is how much there is now."""
    name: str
    grows: bool
    meaning: str
    unit: str = ""                   # where the name does not tell


#: All of them, but for those of a broker (`channels.broker.…`, see docs/channels.md).
NUMBERS = (
    Number("connections", False, "WebSockets that are open"),
    Number("connections.adopted", False, "of these, those that came from other processes"),
    Number("connections.opened", True, "WebSockets that were opened"),
    Number("connections.lost", True, "WebSockets that ended without a goodbye; their views wait for them"),
    Number("connections.foreign", True, "WebSockets refused for their Origin"),
    Number("connections.refused.user", True, "WebSockets refused because their user, or address, has too many"),
    Number("connections.refused.full", True, "WebSockets refused: MAX_CONNECTIONS are open, or three quarters of `ulimit -n`"),
    Number("connections.refused.middleware", True, "WebSockets refused by a middleware"),
    Number("connections.dismissed", True, "WebSockets ended because their session had, or their user was sent away"),
    Number("connections.deaf", True, "connections ended because answers were not read"),
    Number("connections.stalled", True, "connections ended because nothing was read or acknowledged for SEND_TIMEOUT"),
    Number("requests", True, "requests over HTTP"),
    Number("requests.foreign_host", True, "requests for a host that is not among ALLOWED_HOSTS, which were refused"),
    Number("requests.forged", True, "forms and the like that were sent by pages of others, which were refused"),
    Number("sessions.tickets.redeemed", True, "browsers that got another session: logins and logouts of views"),
    Number("sessions.tickets.refused", True, "browsers that came with a ticket for that which was not theirs, used or old"),
    Number("sessions.tickets.dropped", True, "tickets that were void before their time, because there were too many"),
    Number("sessions.evicted", True, "sessions that SESSION_STORE memory: has forgotten, because there were too many"),
    Number("sessions.revocations.dropped", True, "ended sessions that this process has forgotten, for the same reason"),
    Number("sessions.unavailable", True, "requests and WebSockets refused because the session store did not answer"),
    Number("paints", True, "pages that were asked of a view that was to be shown in them"),
    Number("paints.late", True, "of these, those whose view had nothing to show within FIRST_PAINT_SECONDS"),
    Number("paints.failed", True, "of these, those whose tree is too large, or cannot be said as markup"),
    Number("paints.joined", True, "pages that have joined the view that was shown in them"),
    Number("paints.refused", True, "pages without their view because too many views waited for their pages (MAX_UNJOINED…)"),
    Number("windows.refused", True, "windows refused by MAX_WINDOWS"),
    Number("views", False, "views that run"),
    *(Number(f"views.state.{state}", False, f"views in the state {state!r}") for state in STATES),
    Number("views.started", True, "views that were started"),
    Number("views.left", True, "views that have ended and left"),
    Number("views.crashed", True, "views that an unexpected exception has ended"),
    Number("views.moved", True, "views at rest that were let go because the process was to end"),
    Number("views.cut", True, "views that were not at rest within DRAIN_TIMEOUT when the process was to end"),
    Number("views.refused", True, "views refused by MAX_VIEWS, or because the server stops"),
    Number("views.refused.user", True, "views refused because their user, or address, has too many"),
    Number("views.evicted", True, "suspended views ended by MAX_SUSPENDED_VIEWS"),
    Number("views.evicted.user", True, "suspended views ended for a new one of their user"),
    Number("trees.nodes", False, "nodes of the trees of all views, texts included"),
    Number("trees.characters", False, "characters of these: texts, attributes, raw HTML, widget data"),
    Number("trees.refused.nodes", True, "changes refused by MAX_NODES"),
    Number("trees.refused.characters", True, "changes refused by MAX_TREE_CHARACTERS"),
    Number("clients", False, "windows that show a view"),
    Number("clients.lost", False, "windows that were lost and may come back"),
    Number("resumes", True, "windows that came back and went on with their view"),
    Number("resumes.snapshot", True, "of these, those that needed the whole tree, since what they had missed was no longer there"),
    Number("resumes.gone", True, "windows that came back and whose view was gone, or not theirs"),
    Number("resumes.throttled", True, "connections closed since they had asked for too many views that were gone"),
    Number("states.restored", True, "windows that brought what a view that had ended wanted kept"),
    Number("states.refused", True, "windows whose state was not sealed here, or too long ago, or by a view that runs"),
    Number("frames", True, "frames sent, snapshots included; several shows may be merged into one"),
    Number("snapshots", True, "whole trees sent"),
    Number("messages", True, "messages from browsers"),
    Number("messages.refused", True, "messages from browsers that broke the protocol; their connections were closed"),
    Number("messages.raw", True, "of these, raw ones of scripts in pages"),
    Number("messages.raw.dropped", True, "raw messages not heard because their browser sent too many"),
    Number("messages.lost", True, "raw messages of views that browsers did not take within SEND_TIMEOUT"),
    Number("bytes.in", True, "bytes of messages from browsers"),
    Number("bytes.out", True, "bytes of messages to browsers"),
    Number("events", True, "events accepted"),
    Number("events.queued", False, "events that wait for their handlers, large ones counting more"),
    Number("events.kept", False, "events that wait for a procedure's next wait, large ones counting more"),
    Number("events.stale", True, "events accepted and dropped: node gone, disabled or read-only; nobody waited; or too early"),
    Number("events.dropped", True, "of the stale ones, those that were early for a node with `stale='drop'`"),
    Number("events.asked", True, "of the stale ones, those whose user was asked whether he meant it"),
    Number("events.stray", True, "events of windows that show nothing"),
    Number("events.held", True, "events not taken because their view had been let go; the one in its place may get them"),
    Number("events.repeated", True, "events that came twice, and were dropped the second time"),
    Number("events.gap", True, "events dropped because one before them is missing; they come again"),
    Number("events.refused", True, "events not taken because the view's queue was full; they come again"),
    Number("events.throttled", True, "events not taken because their browser sent too many; they come again"),
    Number("events.malformed", True, "events with data that no browser of ours sends"),
    Number("calls.queued", False, "calls of call_soon that wait"),
    Number("messages.dropped", True, "messages of pages' scripts dropped because too many waited for handle_websocket_message"),
    Number("view_events.dropped", True, "view events dropped because too many waited in their view"),
    Number("calls.refused", True, "calls of call_soon refused by CALL_SOON_QUEUE"),
    Number("calls.late", True, "browsers' answers to a call that was answered or given up already"),
    Number("calls.lost", True, "calls into browsers that none can answer any more, and that nobody waits for"),
    Number("calls.failed", True, "calls into browsers that failed there, and that nobody waits for"),
    Number("errors.browser", True, "errors that scripts in browsers reported"),
    Number("greenlets.abandoned", True, "greenlets of stopped views that did not end within STOP_TIMEOUT"),
    Number("hooks.abandoned", True, "on_stop and on_cleanup that took longer than STOP_TIMEOUT"),
    Number("log.frames", False, "frames kept for browsers that are behind"),
    Number("log.bytes", False, "bytes of these"),
    Number("hub.blocked", True, "times that the hub did not turn for longer than WATCHDOG_SECONDS"),
    Number("hub.lag", False, "longest turn of the hub in the last ten to twenty seconds: so long may some have waited", "seconds"),
    Number("hub.lag_max", False, "longest turn of the hub since the process began", "seconds"),
    Number("hub.busy", True, "time in which the hub was not idle; a second in each second is all there is", "seconds"),
    Number("metrics.refused", True, "requests for METRICS_PATH that were not allowed"),
    Number("handovers.given", True, "connections handed to the process that has their view"),
    Number("handovers.adopted", True, "connections taken from other processes"),
    Number("handovers.gone", True, "connections not handed over: the view, or its process, had ended"),
    Number("handovers.full", True, "connections not handed over: the other process had no room"),
    Number("handovers.no_room", True, "connections not taken: this process had no room"),
    Number("handovers.silent", True, "connections not handed over: the other process did not answer in time"),
    Number("handovers.away", True, "connections not handed over: the other process ended the exchange"),
    Number("handovers.crowded", True, "connections not handed over: too many were on their way to that process"),
    Number("handovers.broken", True, "connections lost on their way; their browsers come back"),
    Number("shell.opened", True, "shells that `lona-sync shell` has opened in this process"),
    Number("shell.refused", True, "shells refused by SHELL, or because ten are open"),
    Number("relays", True, "windows whose messages went through this process to another one"),
    Number("relays.deaf", True, "of these, those ended because too much waited"),
    Number("relays.lost", True, "of these, those whose other end was lost; their browsers come back"),
    Number("uploads", False, "files that browsers have announced and that have not come whole"),
    Number("uploads.stored", False, "bytes of files that lie here, whole or not"),
    Number("uploads.started", True, "uploads that were begun; a form with several files for a bucket is one"),
    Number("uploads.completed", True, "files that have come whole"),
    Number("uploads.resumed", True, "files that were chosen once more and went on where they were"),
    Number("uploads.cancelled", True, "selections that were given up, by their user, by the view, or because it has ended"),
    Number("uploads.expired", True, "uploads given up because nothing came for UPLOAD_RESUME_TIMEOUT"),
    Number("uploads.bytes", True, "bytes of files that have come"),
    Number("uploads.slow", True, "requests with files that were ended by UPLOAD_TIMEOUT; they may go on"),
    Number("uploads.cut", True, "requests with files whose connection was lost; they may go on"),
    Number("uploads.refused.size", True, "files refused because they are too large"),
    Number("uploads.refused.files", True, "files refused because they are too many for their input or bucket"),
    Number("uploads.refused.type", True, "files refused by what their input accepts"),
    Number("uploads.refused.session", True, "files refused by UPLOAD_BYTES_PER_SESSION"),
    Number("uploads.refused.server", True, "files refused by UPLOAD_BYTES"),
    Number("uploads.refused.disk", True, "files refused by UPLOAD_DISK_RESERVE"),
    Number("uploads.refused.open", True, "files refused by UPLOADS_OPEN"),
    Number("uploads.refused.busy", True, "requests with files refused by UPLOADS_AT_ONCE"),
    Number("files.foreign", True, "requests to uploads and buckets by pages of others, which were refused"),
    Number("files.unanswered", True, "requests for files that another process did not answer in time"),
    Number("downloads", True, "downloads of what a view offers that were begun"),
    Number("downloads.forbidden", True, "downloads that may_download has refused"),
    Number("downloads.failed", True, "downloads whose view has failed to make them"),
    Number("downloads.broken", True, "downloads whose browser has gone while they were made"),
    Number("siblings.refused", True, "exchanges with other processes that were ended: nonsense, another user's, too slow"),
    Number("siblings.failed", True, "answers to other processes that raised an exception"),
    Number("siblings.unusable", True, "times that the folder of the processes could not be used"),
    Number("siblings.mended", True, "times that the folder had vanished and this process has listened anew"),
    Number("channels.sent", True, "messages sent"),
    Number("channels.delivered", True, "messages handed to handlers, or taken"),
    Number("channels.queued", False, "messages that wait for views"),
    Number("channels.dropped", True, "messages dropped because a subscription's queue was full"),
    Number("channels.expired", True, "messages that expired before their handler came to them"),
    Number("channels.given_up", True, "droppable messages dropped because a subscription's queue was full"),
    Number("channels.errors", True, "handlers that raised an exception"),
    Number("channels.gaps", True, "gaps on the way from other processes"),
    Number("channels.inbox", False, "messages of threads that wait for the hub"),
    Number("channels.inbox_dropped", True, "messages of threads dropped because the hub did not come to them"),
    Number("channels.subscriptions", False, "subscriptions"),
    Number("channels.topics", False, "topics that somebody has subscribed to"),
    Number("channels.ready", False, "subscriptions that wait for their turn"),
    Number("channels.drainers", False, "greenlets that work for subscriptions, or are blocked in a handler"),
)

_VIEWS_AT_ONCE = 500             # one and a half milliseconds

BY_NAME = {number.name: number for number in NUMBERS}


class Numbers:
    """Reads them off the parts of one application. `channels` are those of the whole process, whatever applications run in it."""

    def __init__(
        self, *, counters: Counter[str], runtimes: Iterable[ViewRuntime], connections: Sized, channels: Callable[[], HubStats],
        watchdog: Watchdog, store: Store,
    ) -> None:
        self._counters = counters
        self._runtimes = runtimes
        self._connections = connections
        self._channels = channels
        self._watchdog = watchdog
        self._store = store

    def read(self, pause: Callable[[], object] = lambda: None) -> dict[str, float]:
        """All of `NUMBERS` by name, also those that are 0, and those of the broker.

        `pause()` is called after each few hundred views; it may wait, and the sums are then of slightly different moments.
        """
        numbers: dict[str, float] = dict.fromkeys(BY_NAME, 0)
        numbers.update(self._of_views(pause))
        numbers.update(self._counters)
        numbers.update(self._of_channels())
        numbers["connections"] = len(self._connections)
        numbers["uploads"] = self._store.open
        numbers["uploads.stored"] = self._store.quota.total
        numbers.update({"hub.lag": self._watchdog.lag, "hub.lag_max": self._watchdog.lag_max, "hub.busy": self._watchdog.busy})
        return numbers

    def _of_views(self, pause: Callable[[], object]) -> Mapping[str, int]:
        views = lost = clients = queued = kept = messages = calls = log_frames = log_bytes = nodes = characters = 0
        states: Counter[str] = Counter()
        for runtime in self._runtimes:
            views += 1
            if views % _VIEWS_AT_ONCE == 0:
                pause()
            states[state_of(runtime)] += 1
            clients += len(runtime.clients)
            lost += runtime.clients.lost
            load = runtime.load
            queued += load.queued
            kept += load.kept
            messages += load.messages
            calls += load.calls
            log_frames += load.log_frames
            log_bytes += load.log_bytes
            nodes += runtime.document.room.nodes
            characters += runtime.document.room.characters
        return {
            "views": views, "clients": clients - lost, "clients.lost": lost, "events.queued": queued, "events.kept": kept,
            "channels.queued": messages, "calls.queued": calls, "log.frames": log_frames, "log.bytes": log_bytes,
            "trees.nodes": nodes, "trees.characters": characters,
            **{f"views.state.{state}": count for state, count in states.items()},
        }

    def _of_channels(self) -> dict[str, int]:
        stats = self._channels()._asdict()
        broker = stats.pop("broker")
        return {
            **{f"channels.{name}": value for name, value in stats.items()},
            **{f"channels.broker.{name}": value for name, value in broker.items()},
        }
