"""What was true and is not any more: sessions that have ended, logins of users who are to log in again.

A cookie stays signed, whatever happens. So what ends before its time is written down here, for as long as a cookie is good for, in
each process of this machine; and in the session store, if there is one, for those of others and for those that start later. Without
a store a process that starts later does not know it: whoever has kept the cookie of a session that has ended can use it there.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from ...settings import Settings
from .session_store import SessionStore

#: How many of each kind are remembered; beyond it the oldest go. A logout is a hundred bytes.
MAX_REVOCATIONS = 100_000


class Revocations:
    """By name: identities as `users.identity_of` makes them, of users ('user ann') and of sessions ('session …')."""

    def __init__(
        self, settings: Settings, store: SessionStore | None, counters: Counter[str], *, clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._store = store
        self._counters = counters
        self._clock = clock
        self._times: OrderedDict[str, float] = OrderedDict()
        # Of sessions in which nobody had logged in. Anybody can begin and end any number of them, and thus push the others out.
        self._minor: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times) + len(self._minor)

    def note(self, name: str, at: float, *, minor: bool = False) -> None:
        """What began before `at` (POSIX time) is void. In this process; never waits. `minor`: nobody had logged in."""
        times = self._minor if minor else self._times
        times[name] = max(at, times.pop(name, 0.0))
        horizon = self._clock() - self._settings.SESSION_LIFETIME
        while times and (len(times) > MAX_REVOCATIONS or next(iter(times.values())) < horizon):
            _, oldest = times.popitem(last=False)
            if oldest >= horizon:
                self._counters["sessions.revocations.dropped"] += 1

    def publish(self, name: str, at: float) -> None:
        """The same, for whoever asks the session store. May wait, and raise `StoreUnavailable`."""
        if self._store is not None:
            self._store.save(f"revoked {name}", {"at": at}, self._settings.SESSION_LIFETIME)

    def is_void(self, name: str, since: float) -> bool:
        """Whether what has begun at `since` is void. May wait, and raise `StoreUnavailable`."""
        if self.is_known(name, since):
            return True
        said = self._store.load(f"revoked {name}") if self._store is not None else None
        at = said.get("at") if said is not None else None
        return isinstance(at, (int, float)) and since <= at

    def is_known(self, name: str, since: float) -> bool:
        """The same, as far as this process knows. Never waits."""
        return since <= max(self._times.get(name, -1.0), self._minor.get(name, -1.0))
