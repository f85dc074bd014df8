"""Sends somebody away: ends his live views and connections, in all processes of the application on this machine."""

from __future__ import annotations

import time
from collections.abc import Hashable
from typing import Any

from ...errors import UserAbort
from ...siblings import Siblings, Talk
from ...views.crowd import Crowd
from ...views.joining import is_shared
from ...views.runtime import ViewRuntime
from ...views.users import identity_of
from ..sockets.presence import Dismissed, Presence
from .revocations import Revocations

KIND = "dismiss"


class Dismissal:
    """Each method waits until the other processes have done it, too, at most `SIBLING_TIMEOUT`.

    Those of other machines are not asked. What has to reach them goes over a channel (docs/users.md).
    """

    def __init__(self, *, crowd: Crowd, presence: Presence, revocations: Revocations, siblings: Siblings) -> None:
        self._crowd = crowd
        self._presence = presence
        self._revocations = revocations
        self._siblings = siblings
        siblings.on(KIND, self._answer)

    def disconnect(self, user: Hashable) -> None:
        """This user's views end with `UserAbort`, daemons and those that wait for a lost browser included, and his connections.

        His browsers come back at once, and are who they are by then.
        """
        identity = identity_of(user)
        if identity:
            self._tell(user=identity)
        else:
            self._end(_own(self._crowd.of_user(user)), self._presence.of_user(user))

    def log_out(self, user: Hashable) -> None:
        """Who has logged in as this user, in whichever browser, has to do it again; and `disconnect`."""
        identity = identity_of(user)
        if not identity:
            raise ValueError(f"{user!r} has not logged in anywhere: he is known in this process only")
        now = time.time()
        self._revocations.publish(identity, now)
        self._tell(void=identity, at=now, user=identity)

    def void(self, key: str, *, had_user: bool) -> None:
        """The session is worth nothing from now on. What it has opened goes on, until `end`. `had_user`: somebody had logged in."""
        self._tell(void=_session(key), at=time.time(), minor=not had_user)

    def end(self, key: str) -> None:
        """The views end that were opened in this session, daemons excepted, and the connections that came with it."""
        self._tell(session=key)

    def is_void(self, key: str, since: float = 0.0) -> bool:
        """Whether this process has heard that the session has ended, after `since` (POSIX time). Never waits."""
        return self._revocations.is_known(_session(key), since)

    def _tell(self, **what: object) -> None:
        self._act(what)
        if self._siblings.enlisted:
            self._siblings.ask_all(KIND, **what)

    def _answer(self, request: dict[str, Any], talk: Talk) -> dict[str, Any]:      # Any: JSON
        self._act(request)
        return {"ok": True}

    def _act(self, what: dict[str, Any]) -> None:
        match what:
            case {"void": str(name), "at": float() | int() as at}:
                self._revocations.note(name, float(at), minor=what.get("minor") is True)
        match what:
            case {"user": str(identity)}:
                self._end(_own(self._crowd.of_identity(identity)), self._presence.of_identity(identity))
            case {"session": str(key)}:
                views = [runtime for runtime in self._crowd.of_session(key) if not runtime.is_daemon]
                self._end(views, self._presence.of_session(key))

    def _end(self, views: list[ViewRuntime], connections: list[Dismissed]) -> None:
        for runtime in views:
            runtime.stop(UserAbort())
        for connection in connections:
            connection.dismiss()


def _own(views: list[ViewRuntime]) -> list[ViewRuntime]:
    """Those that are nobody else's as well."""
    return [runtime for runtime in views if not (runtime.is_daemon and is_shared(type(runtime.view)))]


def _session(key: str) -> str:
    return f"session {key}"
