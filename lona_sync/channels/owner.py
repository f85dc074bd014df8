"""To whom a subscription belongs: the running view in one of whose greenlets it was made, or nobody.

Channels know no views. They find an `Owner` in a context variable and ask it through three methods.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol


class Owned(Protocol):
    """What an owner needs of a subscription."""

    @property
    def topic(self) -> str: ...

    @property
    def queued(self) -> int:
        """How many messages wait."""

    def unsubscribe(self) -> None:
        """End it. Never waits; may be called any number of times."""


class Owner(Protocol):
    """All three methods are called in the hub's thread. Owners are told apart by identity and must be hashable."""

    def adopt(self, subscription: Owned) -> None:
        """`subscription` is yours; unsubscribe it when you end. Raise to refuse: then it never existed. Never waits.

        Keep it weakly (in a WeakSet): it may be unsubscribed before, and nobody tells you.
        """

    def run(self, burst: Callable[[], bool]) -> bool | None:
        """Call `burst()` once, in your turn, with `current_owner` set to you. Never waits for the turn.

        If the turn is free, call it now, in this greenlet, and return its result. Otherwise remember it, return None,
        and call it later, in a greenlet of your own. `burst()` returns True if a handler was called, so that
        something may have changed: then show. Who ends meanwhile forgets what he remembered, and returns None without
        calling from then on.

        Handlers may block. `burst()` raises what stopped its handler (`GreenletExit`, so every `StopReason`): let it
        through, so that the greenlet ends. This greenlet may be killed while `burst()` is running in it, not before
        or after: it serves other owners, too.
        """

    def failed(self, subscription: Owned, error: BaseException) -> None:
        """A handler raised `error`; or it is a `SlowSubscriber` for a queue that ran full.

        The first is told within the `burst()` that you are running; what is queued stays and is handled by later
        bursts unless you unsubscribe. The second comes out of turn, already unsubscribed. Asks for a stop rather than
        stops: it does not wait.
        """


#: Set in every greenlet that belongs to an owner, and while it runs a burst. gevent does not copy it into what is
#: spawned.
current_owner: ContextVar[Owner | None] = ContextVar("current_owner", default=None)
