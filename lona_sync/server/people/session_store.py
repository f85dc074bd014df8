"""Where the data of sessions is, if not in their cookies."""

from __future__ import annotations

import importlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

# Any below: JSON.

#: Sessions that `MemoryStore` keeps: at a KiB each, a hundred megabytes.
MEMORY_SESSIONS = 100_000


class StoreUnavailable(Exception):
    """The session store does not answer, so nobody knows who comes."""


class SessionStore(Protocol):
    """Data by key. Keys are secrets: whoever knows one is its user. Each method may wait, and raise `StoreUnavailable`.

    All processes of the application have to see the same. One that can do so in one step may have `replace`, too: see `Replacing`.
    """

    def load(self, key: str) -> dict[str, Any] | None:
        """What was saved last, until its time is over or it is deleted; None: nothing."""

    def save(self, key: str, data: dict[str, Any], seconds: float) -> None:
        """Keep `data`, which JSON can say, for so many seconds from now on."""

    def delete(self, key: str) -> None:
        """Forget it. Nothing when there is none."""


@runtime_checkable
class Replacing(Protocol):
    """What a store may have besides, so that a session which ends at the same moment somewhere else is not brought back."""

    def replace(self, key: str, data: dict[str, Any], seconds: float) -> bool:
        """As `save`, in one step, if there is something to be replaced; False: there is nothing, and nothing is kept."""


class MemoryStore:
    """In this process, so for one worker, and until it ends. At most `limit` are kept; of more, those go that were saved first."""

    def __init__(
        self, limit: int = MEMORY_SESSIONS, *, counters: Counter[str] | None = None, clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._counters = Counter() if counters is None else counters
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def load(self, key: str) -> dict[str, Any] | None:
        until, data = self._kept.get(key, (0.0, {}))
        if until <= self._clock():
            self._kept.pop(key, None)
            return None
        return data

    def save(self, key: str, data: dict[str, Any], seconds: float) -> None:
        self._kept.pop(key, None)
        self._kept[key] = self._clock() + seconds, dict(data)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
            self._counters["sessions.evicted"] += 1

    def replace(self, key: str, data: dict[str, Any], seconds: float) -> bool:
        if self.load(key) is None:
            return False
        self.save(key, data, seconds)
        return True

    def delete(self, key: str) -> None:
        self._kept.pop(key, None)


def store_from_url(url: str, counters: Counter[str]) -> SessionStore | None:
    """`cookie:` (None: there is no store), `memory:`, `redis://…`, `rediss://…` or `unix://…`. Connects nothing.

    ValueError for anything else; ModuleNotFoundError that says what to install when redis-py is missing.
    """
    if url == "cookie:":
        return None
    if url == "memory:":
        return MemoryStore(counters=counters)
    if not url.startswith(("redis://", "rediss://", "unix://")):
        # Without the URL: there may be a password in it.
        raise ValueError(
            "SESSION_STORE is cookie:, memory:, redis://host:6379/0, rediss://… or unix:///path; it begins otherwise: "
            f"{url[:url.find(':') + 1]!r}. A store of your own is assigned to app.session_store."
        )
    try:
        importlib.import_module("redis")
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        raise ModuleNotFoundError("sessions on Redis need redis-py: pip install 'lona-sync[redis]'") from None
    store: SessionStore = importlib.import_module(".redis_sessions", __package__).RedisStore(url)
    return store
