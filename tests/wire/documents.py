"""A document and model browsers that read it, joined by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from lona_sync.testing.dom import ModelDOM, structure_of
from lona_sync.wire.document import Document
from lona_sync.wire.log import Cursor
from lona_sync.wire.room import Room


class NoLock(nullcontext[Any]):
    def held_elsewhere(self) -> bool:
        return False


class NoAnswers:
    """No browser answers calls here."""

    def __init__(self) -> None:
        self.lost_calls: list[int] = []

    def ask(self, begin: Callable[[], int], timeout: float | None) -> Any:
        return begin()

    def lost(self, call: int, reason: str) -> None:
        self.lost_calls.append(call)


def make_room(max_nodes: int = 1_000_000, max_characters: int = 1_000_000_000) -> Room:
    return Room(max_nodes=max_nodes, max_characters=max_characters, counters=Counter())


class NoHost:
    """Has no browsers, and keeps nobody out. `guard`: what raises for who may not change anything."""

    make_lock = NoLock

    def __init__(self, guard: Callable[[], None] = lambda: None) -> None:
        self.guard = guard
        self.answers = NoAnswers()


def make_document(
    log_bytes: int = 1_000_000, log_frames: int = 1000, room: Room | None = None, host: NoHost | None = None,
) -> Document:
    return Document(host=host or NoHost(), room=room or make_room(), log_bytes=log_bytes, log_frames=log_frames)


class Browser:
    """Reads a document as a connection does: frames while they last, else a snapshot."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.cursor: Cursor = document.log.add_cursor(0)
        self.dom = ModelDOM()
        self.snapshots = 0
        self.batches = 0

    def catch_up(self, budget: int = 1_000_000) -> None:
        """Take everything up to the last closed frame."""
        while self.cursor.sent < self.document.log.last:
            patches = self.document.since(self.cursor, budget)
            if patches is None:
                self.take_snapshot()
            else:
                self.dom.apply_patches(json.loads(b"[" + patches + b"]"))
                self.cursor.sent = self.document.log.last
                self.batches += 1

    def take_snapshot(self) -> None:
        snapshot = self.document.snapshot()
        title, first, tags, stream, *_ = json.loads(b"[" + snapshot.body + b"]")
        self.dom.apply_snapshot(first, tags, stream, title)
        self.cursor.sent = snapshot.number
        self.snapshots += 1

    def acknowledge(self) -> None:
        self.document.log.acknowledge(self.cursor, self.cursor.sent)

    def shows_the_tree(self) -> bool:
        return self.dom.to_structure() == structure_of(self.document.root)
