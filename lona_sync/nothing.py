"""An empty dict for everybody: most objects never put anything into theirs, and the smallest one of its own takes 64 bytes."""

from __future__ import annotations

from typing import Any, NoReturn


class _Nothing(dict[Any, Any]):                          # Any: whatever it might have been for
    """Whoever wants to put something in makes a dict of his own before."""

    __slots__ = ()

    def __setitem__(self, key: object, value: object) -> NoReturn:
        raise TypeError("this is everybody's, and stays empty: put it into a dict of your own")

    def setdefault(self, key: object, default: object = None) -> NoReturn:
        self[key] = default


NOTHING: dict[Any, Any] = _Nothing()
