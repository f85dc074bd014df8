"""How one node names another: by its id, which it gets when it has none, and as long as both are there.

For HTML the whole attribute `id` is the id, also with a blank in it, and an attribute as `for` holds it as it is now. So whoever is
named keeps a list of who names him, and when his id changes, theirs follow.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Protocol
from weakref import ref


class Referrer(Protocol):
    """Who names another node. It can be referred to weakly: an input outlives many a label."""

    @property
    def attributes(self) -> MutableMapping[str, Any]: ...     # Any: `Value`


class Reference:
    """The attribute `name` of `referrer` is an id, or a list of ids in which it is one."""

    __slots__ = ("_name", "_referrer")

    def __init__(self, referrer: Referrer, name: str) -> None:
        self._referrer = ref(referrer)
        self._name = name

    def holds(self, identity: str) -> bool:
        """False: the referrer is gone, or somebody has set the attribute to something else."""
        return self._words(identity) is not None

    def follow(self, former: str, identity: str) -> None:
        referrer, words = self._referrer(), self._words(former)
        if referrer is not None and words is not None:
            referrer.attributes[self._name] = " ".join([identity if word == former else word for word in words])

    def _words(self, identity: str) -> list[str] | None:
        referrer = self._referrer()
        text = "" if referrer is None else str(referrer.attributes.get(self._name, ""))
        words = [text] if text == identity else text.split()
        return words if identity in words else None
