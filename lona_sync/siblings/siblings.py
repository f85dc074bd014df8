"""Finds and asks the other processes of the application on this machine.

Each process has a tag, which stands in the ids of its views (`view_id`): who reads an id knows whom to ask, without any table.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Pool

from .control import Answer, Control, can_listen
from .directory import TAG, Directory, Unusable
from .talk import Gone, Refused, Silent, Talk, Trouble, call

logger = logging.getLogger("lona_sync.siblings")

#: How many are asked at one time.
_ASKED_AT_ONCE = 32


class Siblings:
    """This process among its like. Until `enlist`, and where it failed, there are no others.

    `timeout`: seconds that another process has to answer.
    """

    def __init__(self, directory: Directory, *, timeout: float, counters: Counter[str]) -> None:
        #: The name of this process, which no other has had.
        self.tag = secrets.token_urlsafe(6)
        self._directory = directory
        self._timeout = timeout
        self._counters = counters
        self._control = Control(directory, self.tag, counters)
        self.on("about", self._about)

    @property
    def enlisted(self) -> bool:
        return self._control.listening

    def enlist(self) -> None:
        """From now on the others find this process. Where that is impossible, an error in the log says so: all else works."""
        if self.enlisted or not can_listen():
            return
        try:
            self._directory.make()
            self._control.start()
        except (OSError, Unusable) as error:
            self._directory.leave()
            self._counters["siblings.unusable"] += 1
            logger.error("the processes of this application cannot find each other: %s", error)

    def leave(self) -> None:
        """The others find this process no longer. What it is doing for them goes on."""
        self._control.stop()
        self._directory.leave()

    def on(self, kind: str, answer: Answer) -> None:
        """`answer` answers requests of this kind."""
        self._control.on(kind, answer)

    # Names.

    def view_id(self) -> str:
        """A new name for a view of this process."""
        return f"{self.tag}.{secrets.token_urlsafe(16)}"

    def owner_of(self, view_id: str) -> str | None:
        """The tag of the other process that had given out this id; None: nobody is to be asked. Whether it lives is not known."""
        tag, dot, _ = view_id.partition(".")
        if not dot or not self.enlisted or tag == self.tag or not TAG.fullmatch(tag):
            return None
        return tag

    # Asking.

    def open(self, tag: str, kind: str, **fields: object) -> Talk:
        """Begin an exchange with a request; the caller receives, and closes. Waits to be let in. Raises a `Trouble`."""
        try:
            talk = call(self._directory.socket_path(tag), self._timeout)
        except Gone:
            self._forget(tag)
            raise
        try:
            talk.send({"kind": kind, **fields})
        except BaseException:
            talk.close()
            raise
        return talk

    def ask(self, tag: str, kind: str, **fields: object) -> dict[str, Any]:
        """What the process answers. Waits. Raises a `Trouble`."""
        with gevent.Timeout(self._timeout, Silent(f"no answer within {self._timeout} s")):
            with self.open(tag, kind, **fields) as talk:
                return answer_of(talk)

    def ask_all(self, kind: str, **fields: object) -> dict[str, dict[str, Any] | Trouble]:
        """What each other process answers, by tag, or why it did not. Waits, not longer than for the slowest one of each 32."""
        tags = [tag for tag in self._directory.tags() if tag != self.tag]

        def ask(tag: str) -> dict[str, Any] | Trouble:
            try:
                return self.ask(tag, kind, **fields)
            except Trouble as error:
                return error

        answers: Iterable[dict[str, Any] | Trouble] = Pool(_ASKED_AT_ONCE).map(ask, tags)
        return {tag: said for tag, said in zip(tags, answers, strict=True) if not isinstance(said, Gone)}

    # Claims.

    def claim(self, key: str, view_id: str) -> bool:
        """Whether the view has what `key` names from now on: the first one wins, in whichever process it is. Never waits."""
        if not self.enlisted or self._directory.claim(key, view_id):
            return True
        holder = self._directory.holder(key)
        owner = self.owner_of(holder) if holder is not None else None
        if owner is None or self._lives(owner):
            return holder == view_id
        self._forget(owner)
        return self._directory.claim(key, view_id)

    def disclaim(self, key: str, view_id: str) -> None:
        """The view has it no longer."""
        if self.enlisted:
            self._directory.disclaim(key, view_id)

    def holder(self, key: str) -> str | None:
        """The id of the view that has it, when that is one of another process."""
        if not self.enlisted:
            return None
        view_id = self._directory.holder(key)
        return view_id if view_id is not None and self.owner_of(view_id) is not None else None

    def _lives(self, tag: str) -> bool:
        """Never waits."""
        try:
            call(self._directory.socket_path(tag), 0.0).close()
        except Gone:
            return False
        except Silent:
            return True
        return True

    def _forget(self, tag: str) -> None:
        """It is dead: nobody shall knock there again."""
        self._directory.remove(tag)
        self._directory.disclaim_all(tag)

    def _about(self, _: dict[str, Any], __: Talk) -> dict[str, Any]:
        return {"tag": self.tag, "pid": os.getpid()}


def answer_of(talk: Talk) -> dict[str, Any]:
    """The next line, unless it says no: then `Refused` is raised."""
    answer = talk.receive()
    if "error" in answer:
        raise Refused(str(answer["error"])[:40])
    return answer


def siblings_in(directory: Path, timeout: float) -> Siblings:
    """For a command: asks, and is not asked."""
    return Siblings(Directory(directory), timeout=timeout, counters=Counter())
