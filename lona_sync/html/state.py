"""`State`: values that several views or greenlets share, with a lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .overlay import Container, DataDict, Path, plain

# Any below: the values are the user's own.


class State(DataDict):
    """A dict, with dicts and lists inside at any depth. `with state.lock:` makes several accesses one step.

    A state with a `guard` may be used by several threads: each access holds it, so it waits while another one has the lock.
    Dicts and lists are copied when they are put in; other objects are kept as they are. `to_json()` needs values that JSON has.
    It is never sent anywhere, and forgotten when the process ends.
    """

    __slots__ = ()

    def __init__(
        self, content: Mapping[Any, Any], *, lock: Callable[[], AbstractContextManager[object]],
        guard: AbstractContextManager[object] | None = None,
    ) -> None:
        super().__init__(plain(dict(content)), _Free(lock, guard or nullcontext()))


class _Free:
    """A host that allows everything."""

    __slots__ = ("_lock", "guard")

    def __init__(self, lock: Callable[[], AbstractContextManager[object]], guard: AbstractContextManager[object]) -> None:
        self._lock = lock
        self.guard = guard

    @property
    def lock(self) -> AbstractContextManager[object]:
        return self._lock()

    def admit(self, value: Any) -> Any:
        return plain(value)

    def admit_key(self, key: Any) -> None:
        """Any will do."""

    def is_top(self, content: Container) -> bool:
        return True                        # a state is its own top

    def setting(self, path: Path, value: Any, former: Any) -> None:
        """Nobody is told."""

    def inserting(self, path: Path, value: Any) -> None:
        """Nobody is told."""

    def deleting(self, path: Path) -> None:
        """Nobody is told."""
