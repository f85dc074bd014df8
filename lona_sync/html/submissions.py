"""`Submissions`: which forms were sent already, so that who clicks twice over plain HTTP orders once.

A form that is given one has a hidden input with a token of its own. `Form.fill` takes the token when all is valid, and refuses
what comes with one that was taken. It is no guard against forgery: whoever makes up a token makes up a form of his own.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from .node import Node
from .properties import Value

#: What is said of a form that was sent twice.
SENT_ALREADY = "This was sent already. Send it again only if you mean to."
#: What the token is posted as.
TOKEN_NAME = "lona-once"
_LONGEST = 64                                                 # characters


class Once(Protocol):
    """Who remembers what was sent: a `Submissions`, or something of yours with a table that all processes share."""

    def take(self, token: str) -> bool:
        """Whether nobody has asked for this token before: True once, False ever after. Of two at a time one gets True."""


class Submissions:
    """Remembers the last `limit` forms that were taken over in this process, about 200 bytes each; the oldest are forgotten.

    `repeated` counts the forms that were refused, `forgotten` those that could be sent once more by now.
    """

    def __init__(self, limit: int = 10_000) -> None:
        if type(limit) is not int or limit < 1:
            raise ValueError(f"limit must be a number of forms, at least 1, not {limit!r}")
        self.limit = limit
        self.repeated = 0
        self.forgotten = 0
        self._taken: dict[str, None] = {}                     # the oldest first

    def take(self, token: str) -> bool:
        """See `Once`. Never waits."""
        if token in self._taken:
            self.repeated += 1
            return False
        self._taken[token] = None
        if len(self._taken) > self.limit:
            del self._taken[next(iter(self._taken))]
            self.forgotten += 1
        return True


class Token(Node):
    """What a form is known by when it comes back; no field of it."""

    __slots__ = ()
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "hidden", "name": TOKEN_NAME}

    def __init__(self, **kwargs: Any) -> None:                # Any: as for Node
        super().__init__(**kwargs)
        self.attributes["value"] = secrets.token_urlsafe(16)


def take(once: Once, texts: Sequence[str]) -> bool:
    """Take what was posted as the token. False: it came before, or is none."""
    return len(texts) == 1 and 0 < len(texts[0]) <= _LONGEST and once.take(texts[0])
