"""What a view has to do yet, and what lies there for it."""

from __future__ import annotations

from typing import NamedTuple

from ..wire.log import Log
from .calls import Calls
from .dispatch import Dispatcher
from .files import ViewFiles
from .greenlets import Greenlets
from .ownership import Ownership
from .waiting import rests


class Load(NamedTuple):
    """What waits for one view, or lies there: events by the measure of `EVENT_QUEUE`, messages, calls, and the log."""
    queued: int
    kept: int
    messages: int
    calls: int
    log_frames: int
    log_bytes: int


class Workload:
    """Asks those parts of one view at which something can wait. `files`: None: it has none."""

    __slots__ = ("_calls", "_dispatcher", "_files", "_greenlets", "_log", "_ownership")

    def __init__(
        self, *, dispatcher: Dispatcher, ownership: Ownership, calls: Calls, files: ViewFiles | None, greenlets: Greenlets,
        log: Log,
    ) -> None:
        self._dispatcher = dispatcher
        self._ownership = ownership
        self._calls = calls
        self._files = files
        self._greenlets = greenlets
        self._log = log

    @property
    def load(self) -> Load:
        """What has piled up. Never waits."""
        dispatcher, log = self._dispatcher, self._log
        return Load(dispatcher.queued, dispatcher.waits.kept, self._ownership.queued, len(self._calls), len(log), log.bytes)

    @property
    def is_done(self) -> bool:
        """Whether all that was begun is done, or waits for a browser or a message. What was spawned may sleep, as clocks do."""
        if self._files is not None and self._files.busy:
            return False
        load = self.load
        if load.queued or load.kept or load.messages or load.calls or not self._dispatcher.waits.settled:
            return False
        return all(
            rests(work.waits_for) or (work.kind == "spawned" and isinstance(work.waits_for, (int, float)))
            for _, work in self._greenlets.work()
        )
