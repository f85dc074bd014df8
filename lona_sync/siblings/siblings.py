"""Finds and asks the other processes of the application on this machine.

Each process has a tag, which stands in the ids of its views (`view_id`): who reads an id knows whom to ask, without any table.
"""

from __future__ import annotations

import logging
import math
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Group, Pool

from ..pause import pause
from ..tokens import new_token
from .control import Answer, Control, can_listen
from .directory import TAG, Directory, Unusable
from .talk import Away, Gone, Refused, Silent, Talk, Trouble, call

logger = logging.getLogger("lona_sync.siblings")

#: How many are asked at one time.
_ASKED_AT_ONCE = 32
#: Seconds between two looks whether the socket of this process is still in its place. One look is one system call.
_LOOK_SECONDS = 2.0


class Siblings:
    """This process among its like. Until `enlist`, and where it failed, there are no others.

    The folder may vanish while it is in use (`rm -r`, or what cleans up temporary files): each process then makes it anew when it
    notices, listens, and claims what it had claimed. Until all have noticed nobody is said to be gone.

    `timeout`: seconds that another process has to answer.
    """

    def __init__(self, directory: Directory, *, timeout: float, counters: Counter[str]) -> None:
        #: The name of this process, which no other has had.
        self.tag = secrets.token_urlsafe(6)
        self._directory = directory
        self._timeout = timeout
        self._counters = counters
        self._control = Control(directory, self.tag, counters)
        self._claimed: dict[str, str] = {}               # by key: the views of this process that have it
        self._logged = False                             # that the folder cannot be used
        self._mended = -math.inf                         # when this process has listened anew
        self._greenlets = Group()
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
            self._unusable(error)
            return
        self._greenlets.spawn(self._look_after_socket)
        self._greenlets.spawn(self._give_up_dead_claims)         # who was to do it may have died over it

    def leave(self) -> None:
        """The others find this process no longer. What it is doing for them goes on."""
        self._greenlets.kill(block=False)
        try:
            self._control.stop()
        except OSError as error:
            self._unusable(error)
        self._directory.leave()

    def on(self, kind: str, answer: Answer) -> None:
        """`answer` answers requests of this kind."""
        self._control.on(kind, answer)

    # Names.

    def view_id(self) -> str:
        """A new name for a view of this process."""
        return f"{self.tag}.{new_token()}"

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
        except Gone as gone:
            if gone.left_socket:
                self._forget(tag)
            elif self._is_mending():
                raise Away("the folder had vanished, and not all have noticed") from None
            raise
        except Away:
            self._mend()
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
        try:
            tags = [tag for tag in self._directory.tags() if tag != self.tag]
        except OSError as error:
            self._unusable(error)
            tags = []

        def ask(tag: str) -> dict[str, Any] | Trouble:
            try:
                return self.ask(tag, kind, **fields)
            except Trouble as error:
                return error

        answers: Iterable[dict[str, Any] | Trouble] = Pool(_ASKED_AT_ONCE).map(ask, tags)
        return {tag: said for tag, said in zip(tags, answers, strict=True) if not isinstance(said, Gone)}

    # Claims.

    def claim(self, key: str, view_id: str) -> bool:
        """Whether the view has what `key` names from now on: the first one wins, in whichever process it is. Never waits.

        While the folder cannot be used it is the first one of each process.
        """
        if not self.enlisted:
            return True
        try:
            try:
                has_it = self._claim(key, view_id)
            except FileNotFoundError:                    # the folder
                self._mend()
                has_it = self._claim(key, view_id)
        except OSError as error:
            self._unusable(error)
            has_it = True
        if has_it:
            self._claimed[key] = view_id
        return has_it

    def _claim(self, key: str, view_id: str) -> bool:
        if self._directory.claim(key, view_id):
            return True
        holder = self._directory.holder(key)
        owner = self.owner_of(holder) if holder is not None else None
        if holder is None or owner is None or self._lives(owner):
            return holder == view_id
        self._directory.disclaim(key, holder)
        return self._directory.claim(key, view_id)

    def disclaim(self, key: str, view_id: str) -> None:
        """The view has it no longer."""
        if self._claimed.get(key) == view_id:
            del self._claimed[key]
        if self.enlisted:
            try:
                self._directory.disclaim(key, view_id)
            except OSError as error:
                self._unusable(error)

    def holder(self, key: str) -> str | None:
        """The id of the view that has it, when that is one of another process."""
        if not self.enlisted:
            return None
        view_id = self._directory.holder(key)
        return view_id if view_id is not None and self.owner_of(view_id) is not None else None

    def _lives(self, tag: str) -> bool:
        """False: certainly not. Never waits."""
        try:
            call(self._directory.socket_path(tag), 0.0).close()
        except Gone as gone:
            if gone.left_socket:
                self._forget(tag)
            return not gone.left_socket and self._is_mending()
        except Trouble:
            return True
        return True

    def _forget(self, tag: str) -> None:
        """It is dead, and its socket refuses: nobody shall knock there again. Never waits.

        Any visitor can name a process that never was, as often as he likes. So only who removes a real one's socket, that is one
        for each that died, looks for what it had claimed, and lets others run meanwhile. A claim that is found before goes at once.
        """
        try:
            removed = self._directory.remove(tag)
        except OSError as error:
            self._unusable(error)
            return
        if removed:
            self._greenlets.spawn(self._give_up_dead_claims)

    def _give_up_dead_claims(self) -> None:
        try:
            for _ in self._directory.disclaim_dead():
                pause()
        except OSError as error:
            self._unusable(error)

    # When the folder vanishes.

    def _look_after_socket(self) -> None:
        while True:
            gevent.sleep(_LOOK_SECONDS)
            if not self.enlisted:                        # a child: the socket is its parent's
                return
            self._mend()

    def _mend(self) -> bool:
        """Listen anew if the socket of this process is not in its place. Whether this was necessary, and done. Never waits."""
        if not self.enlisted or self._directory.has(self.tag):
            return False
        try:
            self._directory.make()
            self._control.start()
            self._mended = time.monotonic()
            for key, view_id in self._claimed.items():
                self._directory.claim(key, view_id)      # not if somebody was faster: then there are two, as without a folder
        except (OSError, Unusable) as error:
            self._unusable(error)
            return False
        self._logged = False
        self._counters["siblings.mended"] += 1
        logger.warning("the folder in which processes find each other had vanished (%s): made anew", self._directory.path)
        return True

    def _is_mending(self) -> bool:
        """Whether a living process may be missing, since it has not noticed yet that the folder had vanished."""
        return self._mend() or time.monotonic() - self._mended < 2 * _LOOK_SECONDS

    def _unusable(self, error: Exception) -> None:
        """The log hears it once: where the folder cannot be used it cannot for long, and each view would say so."""
        self._counters["siblings.unusable"] += 1
        if not self._logged:
            self._logged = True
            logger.error("the processes of this application cannot find each other: %s", error)

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
